/*
 * users.c: users of the data service; it must not change anybody whom an
 * identity provider manages.
 */
#include "sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static json_object *
users_groups(struct ctx *c, json_object *u)
{
	json_object *ids = js_arr(u, "groups"), *a, *g;
	size_t i;

	a = json_object_new_array();
	for (i = 0; i < js_len(ids); i++) {
		g = js_find(js_arr(c->t, "groups"), "id",
		    json_object_get_string(js_at(ids, i)));
		if (g == NULL)
			continue;
		js_add(a, reply_is_guide(c) ?
		    json_object_new_string(js_str(g, "name")) :
		    groups_short(g));
	}
	return a;
}

static json_object *
users_roles(struct ctx *c, json_object *u)
{
	json_object *ids = js_arr(u, "roles"), *a, *r;
	size_t i;

	a = json_object_new_array();
	for (i = 0; i < js_len(ids); i++) {
		r = js_find_int(js_arr(c->t, "roles"), "id",
		    json_object_get_int64(js_at(ids, i)));
		if (r != NULL)
			js_add(a, roles_view(r));
	}
	return a;
}

/* The user as this dialect shows it. */
json_object *
users_view(struct ctx *c, json_object *u)
{
	json_object *o = js_public(u);

	js_set(o, "groups", users_groups(c, u));
	js_set(o, "roles", users_roles(c, u));
	if (!reply_is_guide(c))
		return o;
	js_set(o, "id", js_ref(js_get(u, "userId")));
	js_set(o, "emailVerified", js_ref(js_get(u, "isEmailVerified")));
	json_object_object_del(o, "userId");
	json_object_object_del(o, "isEmailVerified");
	json_object_object_del(o, "scimManaged");
	return o;
}

static bool
users_match(struct ctx *c, json_object *u)
{
	const char *s = req_query(c, "searchString");
	const char *ids = req_query(c, "ids");
	const char *on = req_query(c, "enabled");
	const char *hit;
	char name[256];

	snprintf(name, sizeof(name), "%s %s", js_str(u, "firstName"),
	    js_str(u, "lastName"));
	if (s != NULL && strcasestr(name, s) == NULL &&
	    strcasestr(js_str(u, "email"), s) == NULL)
		return false;
	if (on != NULL && *on != '\0' && (strcmp(on, "true") == 0) !=
	    js_bool(u, "enabled", false))
		return false;
	if (ids == NULL || *ids == '\0')
		return true;
	for (hit = ids; (hit = strstr(hit, js_str(u, "userId"))) != NULL;
	    hit++)
		if ((hit == ids || hit[-1] == ',') &&
		    strchr(",", hit[strlen(js_str(u, "userId"))]) != NULL)
			return true;
	return false;
}

static json_object *
users_hits(struct ctx *c)
{
	json_object *all = js_arr(c->t, "users");
	json_object *a = json_object_new_array();
	size_t i;

	for (i = 0; i < js_len(all); i++)
		if (users_match(c, js_at(all, i)))
			js_add(a, js_ref(js_at(all, i)));
	return a;
}

/* An empty page is null: the contract allows it, and clients must too. */
void
users_list(struct ctx *c)
{
	json_object *hits = users_hits(c), *a, *o, *meta;
	long long first = req_query_int(c, "first", 0, 0, 1000000);
	long long max = req_query_int(c, "max", 10, 1, 1000);
	size_t i, total = js_len(hits);

	a = json_object_new_array();
	for (i = (size_t)first; i < total &&
	    i < (size_t)(first + max); i++)
		js_add(a, users_view(c, js_at(hits, i)));
	json_object_put(hits);
	meta = json_object_new_object();
	js_set_int(meta, "page", first / max);
	js_set_int(meta, "size", max);
	js_set_int(meta, "total", (long long)total);
	o = json_object_new_object();
	js_set_str(o, "message", "Users fetched");
	js_set_bool(o, "status", true);
	js_set(o, "meta", meta);
	if (js_len(a) == 0) {
		json_object_put(a);
		a = NULL;
	}
	js_set(o, "users", a);
	reply_json(c, 200, o);
}

void
users_count(struct ctx *c)
{
	json_object *hits = users_hits(c);
	size_t n = js_len(hits);

	json_object_put(hits);
	reply_json(c, 200, json_object_new_int64((long long)n));
}

void
users_get(struct ctx *c)
{
	json_object *u = acceldata_user(c, c->arg[0]);

	if (u != NULL)
		reply_json(c, 200, users_view(c, u));
}

/* Success as the dialect says it; u may be NULL. */
void
users_done(struct ctx *c, json_object *u, const char *text)
{
	json_object *o;

	if (!reply_is_guide(c)) {
		reply_status(c, 200, text);
		return;
	}
	o = json_object_new_object();
	js_set_bool(o, "success", true);
	if (u != NULL)
		js_set(o, "user", users_view(c, u));
	reply_json(c, 200, o);
}

static bool
users_attributes_valid(json_object *map)
{
	struct json_object_iter it;

	if (map == NULL)
		return true;
	if (!json_object_is_type(map, json_type_object))
		return false;
	json_object_object_foreachC(map, it) {
		if (!js_all(it.val, json_type_string))
			return false;
	}
	return true;
}

/* Groups come as objects with an id and a name, roles likewise. */
static bool
users_refs_valid(json_object *a)
{
	size_t i;

	if (a == NULL)
		return true;
	if (!js_all(a, json_type_object))
		return false;
	for (i = 0; i < js_len(a); i++)
		if (!js_has(js_at(a, i), "id") ||
		    !js_has(js_at(a, i), "name"))
			return false;
	return true;
}

static const char *
users_complaint(struct ctx *c)
{
	static const char *const strings[] = {
		"email", "firstName", "lastName", "userId"
	};
	json_object *v;
	size_t i;

	if (!reply_is_guide(c) && !json_object_is_type(
	    js_get(c->in, "scimManaged"), json_type_boolean))
		return "scimManaged is required";
	if (js_has(c->in, "enabled") && !json_object_is_type(
	    js_get(c->in, "enabled"), json_type_boolean))
		return "enabled has to be a boolean";
	if (!users_attributes_valid(js_get(c->in, "attributes")))
		return "attributes has to map names to arrays of strings";
	if (!reply_is_guide(c) &&
	    (!users_refs_valid(js_get(c->in, "groups")) ||
	    !users_refs_valid(js_get(c->in, "roles"))))
		return "groups and roles have to be objects";
	for (i = 0; i < 4; i++) {
		v = js_get(c->in, strings[i]);
		if (v != NULL && !json_object_is_type(v, json_type_string))
			return "a name or address has to be a string";
	}
	return NULL;
}

/* Groups and roles have their own calls; what is sent of them is ignored. */
void
users_put(struct ctx *c)
{
	static const char *const taken[] = {
		"enabled", "attributes", "email", "firstName", "lastName"
	};
	json_object *u = acceldata_user(c, c->arg[0]), *id;
	const char *bad;
	size_t i;

	if (u == NULL)
		return;
	if ((bad = users_complaint(c)) != NULL) {
		reply_status(c, 422, bad);
		return;
	}
	id = js_get(c->in, "userId");
	if (id != NULL && strcmp(json_object_get_string(id), c->arg[0]) != 0) {
		reply_status(c, 422, "userId does not fit the path");
		return;
	}
	if (js_bool(u, "scimManaged", false)) {
		reply_status(c, 403, "Cannot modify SCIM-managed user");
		return;
	}
	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (js_has(c->in, taken[i]))
			js_set(u, taken[i], js_copy(js_get(c->in, taken[i])));
	js_set_int(u, "updatedOn", c->now);
	js_set_str(u, "updatedBy", js_str(c->who, "email"));
	users_done(c, u, "User updated successfully");
}

void
users_remove(struct ctx *c)
{
	json_object *u = acceldata_user(c, c->arg[0]);

	if (u == NULL)
		return;
	if (js_bool(u, "scimManaged", false))
		reply_status(c, 403, "Cannot modify SCIM-managed user");
	else if (strcmp(c->arg[0], js_str(c->who, "userId")) == 0)
		reply_status(c, 403, "Users cannot remove themselves");
	else {
		js_drop(js_arr(c->t, "users"), u);
		users_done(c, NULL, "User removed successfully");
	}
}
