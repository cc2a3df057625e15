/*
 * scim_write.c: makes, replaces and deletes users of the SCIM service; it
 * must not keep anything of a user that a replacement leaves out.
 */
#include "scim.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What belongs to the service, whatever a client sends. */
static const char *const accounts_fixed[] = {
	"id", "meta", "groups", "_groups", "_version"
};

static bool
accounts_is_fixed(const char *key)
{
	size_t i;

	for (i = 0; i < sizeof(accounts_fixed) / sizeof(accounts_fixed[0]);
	    i++)
		if (strcasecmp(accounts_fixed[i], key) == 0)
			return true;
	return key[0] == '_';
}

/* Is the name somebody else's already? */
bool
accounts_taken(struct ctx *c, const char *name, json_object *self)
{
	struct json_object_iter it;

	json_object_object_foreachC(js_obj(c->t, "users"), it) {
		if (it.val != self &&
		    strcasecmp(js_str(it.val, "userName"), name) == 0)
			return true;
	}
	return false;
}

/* What is wrong with a user, or NULL. */
const char *
accounts_wrong(json_object *u)
{
	json_object *active = js_get(u, "active");
	json_object *mails = js_get(u, "emails");

	if (js_str(u, "userName")[0] == '\0')
		return "userName is required";
	if (active != NULL &&
	    !json_object_is_type(active, json_type_boolean))
		return "active is a boolean";
	if (mails != NULL && !js_all(mails, json_type_object))
		return "emails holds objects";
	if (js_has(u, "name") &&
	    !json_object_is_type(js_get(u, "name"), json_type_object))
		return "name is an object";
	return NULL;
}

/* Is the body a user that could be stored? Answers if not. */
static bool
accounts_fit(struct ctx *c, json_object *self)
{
	const char *bad = accounts_wrong(c->in);

	if (!js_list_has_str(js_get(c->in, "schemas"), SCIM_CORE)) {
		scim_no(c, 400, "invalidSyntax", "schemas is required");
		return false;
	}
	if (bad != NULL) {
		scim_no(c, 400, "invalidValue", bad);
		return false;
	}
	if (accounts_taken(c, js_str(c->in, "userName"), self)) {
		scim_no(c, 409, "uniqueness", "userName is taken");
		return false;
	}
	return true;
}

static void
accounts_fill(struct ctx *c, json_object *u)
{
	struct json_object_iter it;

	json_object_object_foreachC(c->in, it) {
		if (!accounts_is_fixed(it.key))
			js_set(u, it.key, js_copy(it.val));
	}
	/* Who does not say that a user is inactive makes it active. */
	if (!js_has(u, "active"))
		js_set_bool(u, "active", true);
}

void
accounts_post(struct ctx *c)
{
	json_object *u, *meta;
	long long n = js_int(c->t, "_next_new", 1);
	char id[64];

	if (!accounts_fit(c, NULL))
		return;
	js_set_int(c->t, "_next_new", n + 1);
	snprintf(id, sizeof(id), "5f0e3a10-0000-4000-a000-%012lld", n);
	u = json_object_new_object();
	js_set_str(u, "id", id);
	accounts_fill(c, u);
	meta = js_obj(u, "meta");
	js_set_str(meta, "resourceType", "User");
	clock_set(meta, "created", c->now);
	clock_set(meta, "lastModified", c->now);
	js_set_int(u, "_version", 1);
	js_set(js_obj(c->t, "users"), id, u);
	accounts_answer(c, 201, u);
}

/* Takes everything out of the user that is not the service's own. */
static void
accounts_clear(json_object *u)
{
	json_object *keep = json_object_new_object();
	struct json_object_iter it;

	json_object_object_foreachC(u, it) {
		if (!accounts_is_fixed(it.key))
			js_set(keep, it.key, NULL);
	}
	json_object_object_foreachC(keep, it)
		json_object_object_del(u, it.key);
	json_object_put(keep);
}

void
accounts_put(struct ctx *c)
{
	json_object *u = accounts_want(c);

	if (u == NULL)
		return;
	if (scim_style(c, "entra")) {
		scim_no(c, 501, NULL, "PUT is not implemented");
		return;
	}
	if (!accounts_matches(c, u, true) || !accounts_fit(c, u))
		return;
	if (!scim_style(c, "ignore")) {
		accounts_clear(u);
		accounts_fill(c, u);
		accounts_touch(c, u);
	}
	accounts_answer(c, 200, u);
}

void
accounts_delete(struct ctx *c)
{
	json_object *u = accounts_want(c);

	if (u == NULL || !accounts_matches(c, u, false))
		return;
	if (!scim_style(c, "ignore"))
		json_object_object_del(js_get(c->t, "users"), c->arg[0]);
	reply_empty(c, 204);
}
