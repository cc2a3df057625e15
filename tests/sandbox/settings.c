/*
 * settings.c: every switch of the simulated company with its default and
 * the values it may take; it must not know what a switch does.
 */
#include "sandbox.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	enum json_type type;
	long long number;	/* default of a number or a switch */
	const char *words;	/* values of a string, the default first */
} settings_all[] = {
	{ "dialect", json_type_string, 0, "found guide" },
	{ "sync_limit_ms", json_type_int, 30000, NULL },
	{ "sync_time_ms", json_type_int, 300, NULL },
	{ "sync_always", json_type_boolean, 0, NULL },
	{ "revoke_ms", json_type_int, 300, NULL },
	{ "token_ttl_s", json_type_int, 3600, NULL },
	{ "fastio_email_address", json_type_boolean, 0, NULL },
	{ "fastio_flat", json_type_boolean, 0, NULL },
	{ "fastio_page_max", json_type_int, 500, NULL },
	{ "fastio_rate", json_type_int, 0, NULL },
	{ "events_limit", json_type_int, 5, NULL },
	{ "guide_page_max", json_type_int, 25, NULL },
	{ "bare_lists", json_type_boolean, 0, NULL },
	{ "webhooks_ignore_filter", json_type_boolean, 0, NULL },
	{ "relogin", json_type_boolean, 1, NULL },
	{ "vanta_token_limit", json_type_int, 5, NULL },
	{ "vanta_rate", json_type_int, 0, NULL },
	{ "group_people_paged", json_type_boolean, 0, NULL },
	{ "scim_style", json_type_string, 0,
	    "patch patch_no_path put ignore entra string_active" },
	{ "scim_filter", json_type_string, 0,
	    "normal ignored substring no_emails" },
	{ "scim_config", json_type_string, 0, "full absent no_patch" },
	{ "scim_etag", json_type_boolean, 0, NULL },
	{ "scim_page_max", json_type_int, 100, NULL },
};

enum { SETTINGS_COUNT = sizeof(settings_all) / sizeof(settings_all[0]) };

static size_t
settings_index(const char *name)
{
	size_t i;

	for (i = 0; i < SETTINGS_COUNT; i++)
		if (strcmp(settings_all[i].name, name) == 0)
			break;
	return i;
}

bool
settings_knows(const char *name)
{
	return settings_index(name) < SETTINGS_COUNT;
}

/* Is s one of the words, which are parted by spaces? */
static bool
settings_word(const char *words, const char *s)
{
	size_t n = strlen(s);
	const char *p;

	for (p = words; n > 0 && p != NULL; p = strchr(p, ' ')) {
		p += *p == ' ';
		if (strncmp(p, s, n) == 0 && (p[n] == ' ' || p[n] == '\0'))
			return true;
	}
	return false;
}

static json_object *
settings_default(size_t i)
{
	const char *s = settings_all[i].words;

	if (settings_all[i].type == json_type_int)
		return json_object_new_int64(settings_all[i].number);
	if (settings_all[i].type == json_type_boolean)
		return json_object_new_boolean(settings_all[i].number != 0);
	return json_object_new_string_len(s, (int)strcspn(s, " "));
}

static int
settings_one(json_object *root, size_t i, json_object *v, char *err,
    size_t size)
{
	if (!json_object_is_type(v, settings_all[i].type) ||
	    (settings_all[i].type == json_type_string &&
	    !settings_word(settings_all[i].words,
	    json_object_get_string(v)))) {
		snprintf(err, size, "%s is one of: %s", settings_all[i].name,
		    settings_all[i].words != NULL ? settings_all[i].words :
		    json_type_to_name(settings_all[i].type));
		return -1;
	}
	js_set(root, settings_all[i].name, js_ref(v));
	return 0;
}

/*
 * Takes over what the form says, all of it or nothing; with fill the rest
 * gets its default. Members that are no settings are not looked at.
 */
int
settings_apply(json_object *root, json_object *form, bool fill, char *err,
    size_t size)
{
	json_object *o = json_object_new_object();
	struct json_object_iter it;
	size_t i;
	int rc = 0;

	for (i = 0; i < SETTINGS_COUNT && rc == 0; i++) {
		if (js_has(form, settings_all[i].name))
			rc = settings_one(o, i, js_get(form,
			    settings_all[i].name), err, size);
		else if (fill)
			js_set(o, settings_all[i].name, settings_default(i));
	}
	if (rc == 0) {
		json_object_object_foreachC(o, it)
			js_set(root, it.key, js_ref(it.val));
	}
	json_object_put(o);
	return rc;
}

bool
settings_is(const struct ctx *c, const char *name, const char *word)
{
	return strcmp(js_str(c->root, name), word) == 0;
}
