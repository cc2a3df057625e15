/*
 * roles.c: roles given to users directly or through groups; removing a
 * group must not touch a direct role.
 */
#include "sandbox.h"

#include <stdio.h>
#include <string.h>

json_object *
roles_view(json_object *r)
{
	return js_public(r);
}

static json_object *
roles_by_id(struct ctx *c, json_object *id)
{
	return js_find_int(js_arr(c->t, "roles"), "id",
	    json_object_get_int64(id));
}

void
roles_list(struct ctx *c)
{
	json_object *all = js_arr(c->t, "roles");
	json_object *o = json_object_new_object();
	json_object *a = json_object_new_array();
	size_t i;

	for (i = 0; i < js_len(all); i++)
		js_add(a, roles_view(js_at(all, i)));
	js_set(o, "roles", a);
	reply_json(c, 200, o);
}

static void
roles_add(struct ctx *c, json_object *out, json_object *ids,
    const char *source)
{
	json_object *r, *o;
	size_t i;

	for (i = 0; i < js_len(ids); i++) {
		if ((r = roles_by_id(c, js_at(ids, i))) == NULL)
			continue;
		o = roles_view(r);
		js_set_str(o, "source", source);
		js_add(out, o);
	}
}

/* All roles of a user, each with where it comes from. */
static json_object *
roles_collect(struct ctx *c, json_object *u)
{
	json_object *a = json_object_new_array(), *g;
	char source[128];
	size_t i;

	roles_add(c, a, js_arr(u, "roles"), "direct");
	for (i = 0; i < js_len(js_arr(u, "groups")); i++) {
		g = js_find(js_arr(c->t, "groups"), "id",
		    json_object_get_string(js_at(js_arr(u, "groups"), i)));
		snprintf(source, sizeof(source), "group:%s",
		    js_str(g, "name"));
		if (g != NULL)
			roles_add(c, a, js_arr(g, "roles"), source);
	}
	return a;
}

void
roles_of_user(struct ctx *c)
{
	json_object *u = acceldata_user(c, c->arg[0]), *o;

	if (u == NULL)
		return;
	o = json_object_new_object();
	js_set(o, "roles", roles_collect(c, u));
	reply_json(c, 200, o);
}

/* What the roles amount to; empty once no role is left. */
void
roles_permissions(struct ctx *c)
{
	const char *id = req_query(c, "userId");
	json_object *u, *o, *out, *got, *perms;
	size_t i, k;

	if (id == NULL || *id == '\0') {
		reply_status(c, 400, "userId is required");
		return;
	}
	if ((u = acceldata_user(c, id)) == NULL)
		return;
	out = json_object_new_array();
	got = roles_collect(c, u);
	for (i = 0; i < js_len(got); i++) {
		perms = js_get(roles_by_id(c, js_get(js_at(got, i), "id")),
		    "_permissions");
		for (k = 0; k < js_len(perms); k++)
			if (!js_list_has_str(out,
			    json_object_get_string(js_at(perms, k))))
				js_add(out, js_ref(js_at(perms, k)));
	}
	json_object_put(got);
	o = json_object_new_object();
	js_set_str(o, "userId", id);
	js_set(o, "permissions", out);
	reply_json(c, 200, o);
}

static bool
roles_client(struct ctx *c, const char *id)
{
	if (id == NULL || *id == '\0')
		reply_status(c, 400, "clientId is required");
	else if (strcmp(id, js_str(c->t, "client_id")) != 0)
		reply_status(c, 404, "Client not found");
	else
		return true;
	return false;
}

void
roles_assigned(struct ctx *c)
{
	json_object *u, *a, *o, *ids;
	size_t i;

	if (!roles_client(c, req_query(c, "clientId")) ||
	    (u = acceldata_user(c, c->arg[0])) == NULL)
		return;
	ids = js_arr(u, "roles");
	a = json_object_new_array();
	for (i = 0; i < js_len(ids); i++)
		if (roles_by_id(c, js_at(ids, i)) != NULL)
			js_add(a, roles_view(roles_by_id(c, js_at(ids, i))));
	if (reply_is_guide(c)) {
		o = json_object_new_object();
		js_set(o, "roles", a);
		a = o;
	}
	reply_json(c, 200, a);
}

/* Five required members, all of them inside data. */
static const char *
roles_complaint(json_object *d)
{
	if (!json_object_is_type(d, json_type_object))
		return "data is required";
	if (js_str(d, "clientId")[0] == '\0')
		return "data.clientId is required";
	if (js_str(d, "userId")[0] == '\0')
		return "data.userId is required";
	if (!js_all(js_get(d, "roles"), json_type_int))
		return "data.roles has to hold integers";
	if (!js_all(js_get(d, "domainRoleMapping"), json_type_object))
		return "data.domainRoleMapping is required";
	if (!js_all(js_get(d, "serviceUserDomainRoleMappings"),
	    json_type_object))
		return "data.serviceUserDomainRoleMappings is required";
	return NULL;
}

/* The ids meant by the body, released by the caller; NULL once answered. */
static json_object *
roles_wanted(struct ctx *c, const char **user, const char *failed)
{
	json_object *d = js_get(c->in, "data"), *in, *a, *r;
	const char *bad;
	size_t i;
	bool guide = reply_is_guide(c);

	if (guide) {
		d = c->in;
		bad = js_str(d, "userId")[0] == '\0' ||
		    !js_all(js_get(d, "roles"), json_type_string) ?
		    "userId and roles are required" : NULL;
	} else
		bad = roles_complaint(d);
	if (bad != NULL) {
		reply_status(c, 422, bad);
		return NULL;
	}
	in = js_get(d, "roles");
	a = json_object_new_array();
	for (i = 0; i < js_len(in); i++) {
		r = guide ? js_find(js_arr(c->t, "roles"), "name",
		    json_object_get_string(js_at(in, i))) :
		    roles_by_id(c, js_at(in, i));
		if (r != NULL)
			js_add(a, js_ref(js_get(r, "id")));
	}
	*user = js_str(d, "userId");
	if (js_len(a) != js_len(in) || (!guide && strcmp(js_str(d,
	    "clientId"), js_str(c->t, "client_id")) != 0)) {
		reply_status(c, 500, failed);
		json_object_put(a);
		a = NULL;
	}
	return a;
}

static void
roles_change(struct ctx *c, bool give)
{
	const char *failed = give ? "Failed to assign roles" :
	    "Failed to remove roles", *id = "";
	json_object *ids = roles_wanted(c, &id, failed), *u, *has, *next;
	long long n;
	size_t i;

	if (ids == NULL)
		return;
	u = js_find(js_arr(c->t, "users"), "userId", id);
	if (u == NULL || js_bool(u, "scimManaged", false)) {
		reply_status(c, u == NULL ? 500 : 403, failed);
		json_object_put(ids);
		return;
	}
	has = js_arr(u, "roles");
	next = json_object_new_array();
	for (i = 0; i < js_len(has); i++) {
		n = json_object_get_int64(js_at(has, i));
		if (give || !js_list_has_int(ids, n))
			js_add(next, json_object_new_int64(n));
	}
	for (i = 0; give && i < js_len(ids); i++) {
		n = json_object_get_int64(js_at(ids, i));
		if (!js_list_has_int(next, n))
			js_add(next, json_object_new_int64(n));
	}
	js_set(u, "roles", next);
	json_object_put(ids);
	users_done(c, u, give ? "Roles assigned successfully" :
	    "Roles removed successfully");
}

void
roles_remove(struct ctx *c)
{
	roles_change(c, false);
}

void
roles_assign(struct ctx *c)
{
	roles_change(c, true);
}
