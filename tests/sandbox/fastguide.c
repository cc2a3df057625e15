/*
 * fastguide.c: the file service as the offboarding guide shows it, which is
 * another API on the same people; it must not answer in the other one's
 * envelope.
 */
#include "fastio.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define V "/api/v1"

void
fastguide_no(struct ctx *c, unsigned int status, const char *text)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "error", text);
	reply_json(c, status, o);
}

/* A page takes no more rows than the service likes, whatever was asked. */
void
fastguide_page(struct ctx *c, struct page *p)
{
	long long max = js_int(c->root, "guide_page_max", 25);

	page_open(p, req_query_int(c, "limit", max, 1, max),
	    req_query_int(c, "offset", 0, 0, 1000000));
}

void
fastguide_list(struct ctx *c, struct page *p, const char *name)
{
	json_object *o;

	if (js_bool(c->root, "bare_lists", false)) {
		reply_json(c, 200, p->rows);
		return;
	}
	o = json_object_new_object();
	js_set(o, name, p->rows);
	reply_json(c, 200, o);
}

/* The user in the path; one who was removed is gone. */
json_object *
fastguide_user(struct ctx *c, const char *id)
{
	json_object *u = fastio_user(c->t, id);

	if (u != NULL && !js_bool(u, "_gone", false))
		return u;
	fastguide_no(c, 404, "user not found");
	return NULL;
}

static json_object *
fastguide_view(json_object *u)
{
	json_object *o = json_object_new_object();
	char name[256];

	snprintf(name, sizeof(name), "%s %s", js_str(u, "first_name"),
	    js_str(u, "last_name"));
	js_set_str(o, "id", js_str(u, "id"));
	js_set_str(o, "email", js_str(u, "email"));
	js_set_str(o, "name", name);
	js_set_str(o, "status", js_has(u, "_status") ?
	    js_str(u, "_status") : "active");
	return o;
}

void
fastguide_note(struct ctx *c, const char *event, const char *user)
{
	json_object *o = json_object_new_object();
	char id[FASTIO_ID];

	js_set_str(o, "id", files_id(c->t, "event", id));
	js_set_str(o, "event", event);
	js_set_str(o, "user_id", user);
	js_set_str(o, "actor_id", fastio_self(c));
	clock_set(o, "created_at", c->now);
	js_add(js_arr(c->t, "logs"), o);
}

/* The address is looked for as a part, so more than one may turn up. */
static void
fastguide_users(struct ctx *c)
{
	const char *email = req_query(c, "email");
	struct json_object_iter it;
	struct page p;

	fastguide_page(c, &p);
	json_object_object_foreachC(js_obj(c->t, "users"), it) {
		if (!js_bool(it.val, "_gone", false) && (email == NULL ||
		    strcasestr(js_str(it.val, "email"), email) != NULL) &&
		    page_takes(&p))
			js_add(p.rows, fastguide_view(it.val));
	}
	fastguide_list(c, &p, "users");
}

static void
fastguide_get(struct ctx *c)
{
	json_object *u = fastguide_user(c, c->arg[0]);

	if (u != NULL)
		reply_json(c, 200, fastguide_view(u));
}

static void
fastguide_status(struct ctx *c)
{
	json_object *u = fastguide_user(c, c->arg[0]);
	const char *s = js_str(c->in, "status");

	if (u == NULL)
		return;
	if (strcmp(s, "suspended") != 0 && strcmp(s, "active") != 0) {
		fastguide_no(c, 422, "status is active or suspended");
		return;
	}
	js_set_str(u, "_status", s);
	fastguide_note(c, strcmp(s, "active") == 0 ? "user.reactivated" :
	    "user.suspended", c->arg[0]);
	reply_json(c, 200, fastguide_view(u));
}

static const char *
fastguide_role(json_object *ws, const char *user)
{
	return js_str(js_get(js_get(ws, "_members"), user), "permissions");
}

/* The owner of a workspace, or NULL since there is none. */
static const char *
fastguide_owner(json_object *ws)
{
	struct json_object_iter it;

	json_object_object_foreachC(js_obj(ws, "_members"), it) {
		if (strcmp(js_str(it.val, "permissions"), "owner") == 0)
			return it.key;
	}
	return NULL;
}

static json_object *
fastguide_ws_view(json_object *ws)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "id", js_str(ws, "id"));
	js_set_str(o, "name", js_str(ws, "name"));
	js_set_str(o, "owner_id", fastguide_owner(ws));
	return o;
}

/* All the workspaces the user is in, not only those owned. */
static void
fastguide_user_ws(struct ctx *c)
{
	json_object *all = js_arr(c->t, "workspaces");
	struct page p;
	size_t i;

	if (fastguide_user(c, c->arg[0]) == NULL)
		return;
	fastguide_page(c, &p);
	for (i = 0; i < js_len(all); i++)
		if (fastguide_role(js_at(all, i), c->arg[0])[0] != '\0' &&
		    page_takes(&p))
			js_add(p.rows, fastguide_ws_view(js_at(all, i)));
	fastguide_list(c, &p, "workspaces");
}

static void
fastguide_ws(struct ctx *c)
{
	json_object *ws = place_get(c->t, "workspace", c->arg[0]);

	if (ws == NULL)
		fastguide_no(c, 404, "workspace not found");
	else
		reply_json(c, 200, fastguide_ws_view(ws));
}

static void
fastguide_transfer(struct ctx *c)
{
	json_object *ws = place_get(c->t, "workspace", c->arg[0]), *u;
	const char *to = js_str(c->in, "new_owner_id"), *old;

	if (ws == NULL) {
		fastguide_no(c, 404, "workspace not found");
		return;
	}
	u = fastio_user(c->t, to);
	if (u == NULL || js_bool(u, "_gone", false) ||
	    strcmp(js_str(u, "_status"), "suspended") == 0) {
		fastguide_no(c, 422, "new_owner_id is no active user");
		return;
	}
	if ((old = fastguide_owner(ws)) != NULL && strcmp(old, to) != 0)
		js_set_str(js_get(js_get(ws, "_members"), old),
		    "permissions", "admin");
	(void)members_row(ws, to, "owner", c->now);
	fastguide_note(c, "workspace.transferred", to);
	reply_json(c, 200, fastguide_ws_view(ws));
}

static json_object *
fastguide_org(struct ctx *c)
{
	json_object *o = place_get(c->t, "org", c->arg[0]);

	if (o != NULL && js_has(js_get(o, "_members"), fastio_self(c)))
		return o;
	fastguide_no(c, 404, "organization not found");
	return NULL;
}

static void
fastguide_members(struct ctx *c)
{
	json_object *org = fastguide_org(c), *o;
	struct json_object_iter it;
	struct page p;

	if (org == NULL)
		return;
	fastguide_page(c, &p);
	json_object_object_foreachC(js_obj(org, "_members"), it) {
		if (!page_takes(&p))
			continue;
		o = fastguide_view(fastio_user(c->t, it.key));
		js_set_str(o, "role", js_str(it.val, "permissions"));
		js_add(p.rows, o);
	}
	fastguide_list(c, &p, "members");
}

/* What a removed user owned is left without an owner. */
static void
fastguide_leave(json_object *t, const char *user)
{
	static const char *const tables[] = { "workspaces", "shares" };
	json_object *all, *m;
	size_t i, k;

	for (k = 0; k < 2; k++) {
		all = js_arr(t, tables[k]);
		for (i = 0; i < js_len(all); i++) {
			m = js_get(js_at(all, i), "_members");
			if (js_has(m, user))
				json_object_object_del(m, user);
		}
	}
	(void)fastguide_purge(js_arr(t, "sessions"), user);
	(void)fastguide_purge(js_arr(t, "api_tokens"), user);
}

static void
fastguide_remove(struct ctx *c)
{
	json_object *org = fastguide_org(c);
	const char *id = c->arg[1], *role;

	if (org == NULL)
		return;
	role = fastguide_role(org, id);
	if (role[0] == '\0' || strcmp(role, "owner") == 0) {
		fastguide_no(c, role[0] == '\0' ? 404 : 409,
		    role[0] == '\0' ? "member not found" :
		    "the owner cannot be removed");
		return;
	}
	json_object_object_del(js_get(org, "_members"), id);
	fastguide_leave(c->t, id);
	js_set_bool(fastio_user(c->t, id), "_gone", true);
	fastguide_note(c, "user.deleted", id);
	reply_empty(c, 204);
}

static const struct route fastguide_routes[] = {
	{ "GET", V "/users", NULL, 0, fastguide_users },
	{ "GET", V "/users/{}", NULL, 0, fastguide_get },
	{ "PUT", V "/users/{}/status", "users:manage", ROUTE_BODY,
	    fastguide_status },
	{ "GET", V "/users/{}/workspaces", NULL, 0, fastguide_user_ws },
	{ "GET", V "/users/{}/sessions", NULL, 0, fastguide_sessions },
	{ "POST", V "/users/{}/sessions/revoke-all", "users:manage", 0,
	    fastguide_revoke },
	{ "GET", V "/users/{}/tokens", NULL, 0, fastguide_tokens },
	{ "DELETE", V "/users/{}/tokens", "users:manage", 0,
	    fastguide_tokens_delete },
	{ "GET", V "/workspaces/{}", NULL, 0, fastguide_ws },
	{ "POST", V "/workspaces/{}/transfer", "org:admin", ROUTE_BODY,
	    fastguide_transfer },
	{ "GET", V "/orgs/{}/members", NULL, 0, fastguide_members },
	{ "DELETE", V "/orgs/{}/members/{}", "org:admin", 0,
	    fastguide_remove },
	{ "GET", V "/audit-logs", NULL, 0, fastguide_logs },
	{ "GET", V "/webhooks", NULL, 0, fastguide_hooks },
	{ "DELETE", V "/webhooks/{}", "org:admin", 0,
	    fastguide_hook_delete },
};

static bool
fastguide_body(struct ctx *c)
{
	if (!req_type(c, "application/json")) {
		fastguide_no(c, 415, "send JSON");
		return false;
	}
	c->in = js_parse(c->q->body, c->q->len);
	if (!json_object_is_type(c->in, json_type_object)) {
		fastguide_no(c, 400, "malformed JSON");
		return false;
	}
	return true;
}

void
fastguide_handle(struct ctx *c)
{
	const struct route *r = NULL;
	int status;

	c->who = js_find(js_arr(c->t, "tokens"), "token", req_bearer(c));
	if (c->who == NULL || js_bool(c->who, "_revoked", false)) {
		fastguide_no(c, 401, "invalid token");
		return;
	}
	status = route_find(c, fastguide_routes, sizeof(fastguide_routes) /
	    sizeof(fastguide_routes[0]), &r);
	if (status != 200)
		fastguide_no(c, (unsigned int)status, "not found");
	else if (r->scope != NULL &&
	    !js_list_has_str(js_get(c->who, "_guide_scopes"), r->scope))
		fastguide_no(c, 403, "insufficient scope");
	else if ((r->flags & ROUTE_BODY) == 0 || fastguide_body(c))
		r->fn(c);
	json_object_put(c->in);
	c->in = NULL;
}
