/*
 * groups.c: groups of the data service and who is in them; it must not
 * take the body of the other dialect.
 */
#include "sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The group as it stands inside a user; every member is required. */
json_object *
groups_short(json_object *g)
{
	json_object *o = json_object_new_object();
	char path[128];

	snprintf(path, sizeof(path), "/%s", js_str(g, "name"));
	js_set_str(o, "id", js_str(g, "id"));
	js_set_str(o, "name", js_str(g, "name"));
	js_set_str(o, "description", js_str(g, "description"));
	js_set_str(o, "path", path);
	js_set_str(o, "parentId", "");
	js_set_int(o, "subGroupCount", 0);
	js_set(o, "subGroups", json_object_new_array());
	js_set(o, "attributes", json_object_new_object());
	js_set(o, "realmRoles", json_object_new_array());
	js_set(o, "clientRoles", json_object_new_object());
	js_set(o, "access", json_object_new_object());
	return o;
}

void
groups_of_user(struct ctx *c)
{
	json_object *u = acceldata_user(c, c->arg[0]), *a, *g, *o;
	size_t i;

	if (u == NULL)
		return;
	a = json_object_new_array();
	for (i = 0; i < js_len(js_arr(u, "groups")); i++) {
		g = js_find(js_arr(c->t, "groups"), "id",
		    json_object_get_string(js_at(js_arr(u, "groups"), i)));
		if (g != NULL)
			js_add(a, groups_short(g));
	}
	if (reply_is_guide(c)) {
		o = json_object_new_object();
		js_set(o, "groups", a);
		a = o;
	}
	reply_json(c, 200, a);
}

/* The ids in the body, borrowed; NULL after an answer of 422. */
static json_object *
groups_ids(struct ctx *c)
{
	json_object *a;

	if (reply_is_guide(c))
		a = js_get(c->in, "groupIds");
	else
		a = js_get(js_get(c->in, "data"), "groups");
	if (js_all(a, json_type_string))
		return a;
	reply_status(c, 422, reply_is_guide(c) ? "groupIds is required" :
	    "data.groups is required");
	return NULL;
}

/* 200 when the change may be made; anything else was answered already. */
static int
groups_check(struct ctx *c, json_object *u, json_object *ids,
    const char *failed)
{
	json_object *g;
	size_t i;

	if (js_bool(u, "scimManaged", false)) {
		reply_status(c, 403, "Cannot modify SCIM-managed user");
		return 403;
	}
	for (i = 0; i < js_len(ids); i++) {
		g = js_find(js_arr(c->t, "groups"), "id",
		    json_object_get_string(js_at(ids, i)));
		if (g == NULL) {
			reply_status(c, 500, failed);
			return 500;
		}
		if (js_bool(g, "scimManaged", false)) {
			reply_status(c, 403,
			    "Cannot modify group assignments");
			return 403;
		}
	}
	return 200;
}

void
groups_remove(struct ctx *c)
{
	json_object *u = acceldata_user(c, c->arg[0]), *ids, *has, *keep;
	size_t i;

	if (u == NULL || (ids = groups_ids(c)) == NULL ||
	    groups_check(c, u, ids, "Failed to remove groups") != 200)
		return;
	has = js_arr(u, "groups");
	keep = json_object_new_array();
	for (i = 0; i < js_len(has); i++)
		if (!js_list_has_str(ids,
		    json_object_get_string(js_at(has, i))))
			js_add(keep, js_ref(js_at(has, i)));
	js_set(u, "groups", keep);
	users_done(c, u, "Groups removed successfully");
}

void
groups_assign(struct ctx *c)
{
	json_object *u = acceldata_user(c, c->arg[0]), *ids, *has;
	size_t i;

	if (u == NULL || (ids = groups_ids(c)) == NULL ||
	    groups_check(c, u, ids, "Failed to assign groups") != 200)
		return;
	has = js_arr(u, "groups");
	for (i = 0; i < js_len(ids); i++)
		if (!js_list_has_str(has,
		    json_object_get_string(js_at(ids, i))))
			js_add(has, js_ref(js_at(ids, i)));
	users_done(c, u, "Groups assigned successfully");
}

static json_object *
groups_view(struct ctx *c, json_object *g)
{
	json_object *o = js_public(g), *ids = js_arr(g, "roles");
	json_object *users = js_arr(c->t, "users"), *a, *r;
	long long members = 0;
	size_t i;

	a = json_object_new_array();
	for (i = 0; i < js_len(ids); i++) {
		r = js_find_int(js_arr(c->t, "roles"), "id",
		    json_object_get_int64(js_at(ids, i)));
		if (r != NULL)
			js_add(a, roles_view(r));
	}
	for (i = 0; i < js_len(users); i++)
		members += js_list_has_str(js_arr(js_at(users, i), "groups"),
		    js_str(g, "id"));
	js_set(o, "domainRoleMappings", json_object_new_array());
	js_set_int(o, "membersCount", members);
	js_set_int(o, "rolesCount", (long long)js_len(a));
	js_set(o, "roles", a);
	return o;
}

void
groups_list(struct ctx *c)
{
	json_object *all = js_arr(c->t, "groups"), *hits, *o, *meta;
	long long first = req_query_int(c, "first", 0, 0, 1000000);
	long long last = req_query_int(c, "last", 10, 1, 1000);
	const char *s = req_query(c, "search");
	size_t i;

	hits = json_object_new_array();
	for (i = 0; i < js_len(all); i++)
		if (s == NULL ||
		    strcasestr(js_str(js_at(all, i), "name"), s) != NULL)
			js_add(hits, groups_view(c, js_at(all, i)));
	meta = json_object_new_object();
	js_set_int(meta, "page", first / last);
	js_set_int(meta, "size", last);
	js_set_int(meta, "total", (long long)js_len(hits));
	o = json_object_new_object();
	js_set(o, "groups", js_slice(hits, (size_t)first, (size_t)last));
	js_set(o, "meta", meta);
	json_object_put(hits);
	reply_json(c, 200, o);
}

void
groups_get(struct ctx *c)
{
	json_object *g = js_find(js_arr(c->t, "groups"), "id", c->arg[0]);

	if (g == NULL)
		reply_status(c, 404, "Group not found");
	else
		reply_json(c, 200, groups_view(c, g));
}
