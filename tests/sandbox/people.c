/*
 * people.c: person records of the door service; it must not decide whether
 * a door opens, only controllers do.
 */
#include "sandbox.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	enum json_type type;
	bool null;		/* may be null */
} people_fields[] = {
	{ "first_name", json_type_string, false },
	{ "last_name", json_type_string, false },
	{ "salutation", json_type_string, true },
	{ "job_title", json_type_string, true },
	{ "email", json_type_string, true },
	{ "department", json_type_string, true },
	{ "enabled", json_type_boolean, false },
	{ "valid_from", json_type_string, true },
	{ "valid_to", json_type_string, true },
	{ "image_base64", json_type_string, true },
	{ "image_remote_url", json_type_string, true },
	{ "telephone", json_type_string, true },
	{ "mobile", json_type_string, true },
	{ "notes", json_type_string, true },
	{ "barcode", json_type_string, true },
	{ "system_id", json_type_string, true },
	{ "organisation_id", json_type_int, true },
	{ "custom_1", json_type_string, true },
	{ "custom_2", json_type_string, true },
	{ "custom_3", json_type_string, true },
	{ "custom_4", json_type_string, true },
	{ "custom_5", json_type_string, true },
	{ "group_ids", json_type_array, false },
	{ "role_ids", json_type_array, false },
	{ "deleted", json_type_boolean, false },
};

/* The person behind a path segment, or NULL; deleted ones are gone. */
json_object *
people_find(json_object *t, const char *id)
{
	json_object *p;
	char *end;
	long long n = strtoll(id, &end, 10);

	if (*id == '\0' || *end != '\0')
		return NULL;
	p = js_find_int(js_arr(t, "people"), "id", n);
	return js_bool(p, "_deleted", false) ? NULL : p;
}

static json_object *
people_view(struct ctx *c, json_object *p)
{
	json_object *o = js_public(p);

	credentials_slugs(c->t, o, js_int(p, "id", 0));
	return o;
}

static bool
people_match(struct ctx *c, json_object *p)
{
	const char *email = req_query(c, "email");
	const char *system_id = req_query(c, "system_id");
	const char *since = req_query(c, "since_utc");

	if (js_bool(p, "_deleted", false))
		return false;
	if (email != NULL && strcasestr(js_str(p, "email"), email) == NULL)
		return false;
	if (system_id != NULL && strcmp(js_str(p, "system_id"), system_id) != 0)
		return false;
	if (since == NULL)
		since = req_query(c, "since");
	return since == NULL ||
	    clock_parse(js_str(p, "updated_at")) >= clock_parse(since);
}

void
people_list(struct ctx *c)
{
	json_object *a = json_object_new_array();
	json_object *all = js_arr(c->t, "people");
	struct rows how = { "people", 50, 100, people_view };
	size_t i;

	for (i = 0; i < js_len(all); i++)
		if (people_match(c, js_at(all, i)))
			js_add(a, js_ref(js_at(all, i)));
	reply_rows(c, a, &how);
}

static json_object *
people_want(struct ctx *c)
{
	json_object *p = people_find(c->t, c->arg[0]);

	if (p == NULL)
		reply_doorflow(c, 404, "not_found",
		    "The requested resource was not found");
	return p;
}

void
people_get(struct ctx *c)
{
	json_object *p = people_want(c);

	if (p != NULL)
		reply_json(c, 200, people_view(c, p));
}

/* Some strings have a form to keep to as well. */
static bool
people_form(struct ctx *c, const char *key, const char *s)
{
	bool fine = true;

	if (strcmp(key, "email") == 0)
		fine = *s == '\0' || strchr(s, '@') != NULL;
	else if (strncmp(key, "valid_", 6) == 0)
		fine = clock_parse(s) >= 0;
	else if (strcmp(key, "first_name") == 0 ||
	    strcmp(key, "last_name") == 0)
		fine = *s != '\0';
	if (!fine)
		reply_field(c, key, "is invalid");
	return fine;
}

/* Is the value of the right type for the field? */
static bool
people_field(struct ctx *c, const char *key, json_object *v)
{
	size_t i, n = sizeof(people_fields) / sizeof(people_fields[0]);

	for (i = 0; i < n; i++) {
		if (strcmp(people_fields[i].name, key) != 0)
			continue;
		if (v == NULL && people_fields[i].null)
			return true;
		if (json_object_is_type(v, people_fields[i].type))
			return people_fields[i].type != json_type_string ||
			    people_form(c, key, json_object_get_string(v));
		reply_field(c, key, "has the wrong type");
		return false;
	}
	/* What is left may only be the slug of a credential type. */
	if (js_find(js_arr(c->t, "credential_types"), "slug", key) == NULL) {
		reply_field(c, key, "is not a known field");
		return false;
	}
	if (v != NULL && !json_object_is_type(v, json_type_string)) {
		reply_field(c, key, "has the wrong type");
		return false;
	}
	return true;
}

static bool
people_ids(struct ctx *c, const char *key, const char *table)
{
	json_object *a = js_get(c->in, key);
	size_t i;

	if (a == NULL)
		return true;
	if (!js_all(a, json_type_int)) {
		reply_field(c, key, "has to hold integers");
		return false;
	}
	for (i = 0; i < js_len(a); i++) {
		if (js_find_int(js_arr(c->t, table), "id",
		    json_object_get_int64(js_at(a, i))) == NULL) {
			reply_field(c, key, "Not found for this account");
			return false;
		}
	}
	return true;
}

static bool
people_email_free(struct ctx *c, json_object *self)
{
	const char *email = js_str(c->in, "email");
	json_object *all = js_arr(c->t, "people"), *p;
	size_t i;

	if (email[0] == '\0' || strcasecmp(email, js_str(self, "email")) == 0)
		return true;
	for (i = 0; i < js_len(all); i++) {
		p = js_at(all, i);
		if (p != self && !js_bool(p, "_deleted", false) &&
		    strcasecmp(js_str(p, "email"), email) == 0) {
			reply_field(c, "email", "has already been taken");
			return false;
		}
	}
	return true;
}

static bool
people_valid(struct ctx *c, json_object *self)
{
	struct json_object_iter it;

	json_object_object_foreachC(c->in, it)
		if (!people_field(c, it.key, it.val))
			return false;
	return people_ids(c, "group_ids", "groups") &&
	    people_ids(c, "role_ids", "roles") && people_email_free(c, self);
}

/* Writes the checked body into p; only a real change counts as one. */
static void
people_apply(struct ctx *c, json_object *p)
{
	json_object *before = js_copy(p);
	struct json_object_iter it;
	long long id = js_int(p, "id", 0);
	json_object *type;

	json_object_object_foreachC(c->in, it) {
		type = js_find(js_arr(c->t, "credential_types"), "slug",
		    it.key);
		if (strcmp(it.key, "group_ids") == 0)
			js_set(p, "groups", js_copy(it.val));
		else if (strcmp(it.key, "role_ids") == 0)
			js_set(p, "roles", js_copy(it.val));
		else if (strcmp(it.key, "deleted") == 0)
			js_set(p, "_deleted", js_ref(it.val));
		else if (strncmp(it.key, "image_", 6) == 0)
			continue;
		else if (type != NULL)
			credentials_set_slug(c->t, id, type, it.val);
		else
			js_set(p, it.key, js_ref(it.val));
	}
	if (before == NULL || !json_object_equal(before, p)) {
		clock_set(p, "updated_at", c->now);
		doorflow_touch(c->t);
	}
	json_object_put(before);
}

void
people_put(struct ctx *c)
{
	json_object *p = people_want(c);

	if (p == NULL || !people_valid(c, p))
		return;
	people_apply(c, p);
	reply_json(c, reply_is_guide(c) ? 200 : 201, people_view(c, p));
}

void
people_post(struct ctx *c)
{
	json_object *p;
	long long id;

	if (js_str(c->in, "first_name")[0] == '\0' ||
	    js_str(c->in, "last_name")[0] == '\0') {
		reply_field(c, js_str(c->in, "first_name")[0] == '\0' ?
		    "first_name" : "last_name", "can't be blank");
		return;
	}
	if (!people_valid(c, NULL))
		return;
	id = js_int(c->t, "_next_id", 90000);
	js_set_int(c->t, "_next_id", id + 1);
	p = json_object_new_object();
	js_set_int(p, "id", id);
	js_set_bool(p, "enabled", true);
	js_arr(p, "groups");
	js_arr(p, "roles");
	clock_set(p, "created_at", c->now);
	js_add(js_arr(c->t, "people"), p);
	people_apply(c, p);
	reply_json(c, 201, people_view(c, p));
}

/* The record stays for the audit trail, but nobody can see it any more. */
void
people_delete(struct ctx *c)
{
	json_object *p = people_want(c);

	if (p == NULL)
		return;
	js_set_bool(p, "_deleted", true);
	doorflow_touch(c->t);
	reply_result_ok(c);
}
