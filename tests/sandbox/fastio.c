/*
 * fastio.c: the paths of the file service as its own client knows them, the
 * envelope of its answers and the tokens; it must not keep state of its own.
 */
#include "fastio.h"

#include <string.h>

#define C "/current"

static const struct route fastio_routes[] = {
	{ "GET", C "/user/auth/check/", NULL, 0, self_check },
	{ "GET", C "/auth/scopes/", NULL, 0, self_scopes },
	{ "GET", C "/user/me/details/", NULL, 0, self_details },
	{ "GET", C "/user/auth/keys/", NULL, 0, self_keys },
	{ "DELETE", C "/user/auth/key/{}/", NULL, ROUTE_WRITE,
	    self_key_delete },
	{ "GET", C "/oauth/sessions/", NULL, 0, self_sessions },
	{ "DELETE", C "/oauth/sessions/", NULL, ROUTE_WRITE,
	    self_invalidate },
	{ "DELETE", C "/oauth/sessions/{}/", NULL, ROUTE_WRITE,
	    self_session_delete },
	{ "POST", C "/user/auth/invalidate-all/", NULL, ROUTE_WRITE,
	    self_invalidate },
	{ "POST", C "/user/auth/sign-out/", NULL, ROUTE_WRITE,
	    self_invalidate },
	{ "POST", C "/user/close/", NULL, ROUTE_WRITE, self_close },
	{ "GET", C "/user/{}/details/", NULL, 0, self_user },
	{ "GET", C "/users/search/", NULL, 0, self_search },
	{ "GET", C "/orgs/list/", NULL, 0, place_orgs },
	{ "GET", C "/orgs/list/external/", NULL, 0, place_orgs_external },
	{ "GET", C "/org/{}/list/workspaces/", NULL, 0, place_workspaces },
	{ "GET", C "/workspaces/all/", NULL, 0, place_all_workspaces },
	{ "GET", C "/shares/all/", NULL, 0, place_shares },
	{ "GET", C "/events/search/", NULL, 0, trail_search },
	{ "GET", C "/{}/{}/details/", NULL, 0, place_details },
	{ "GET", C "/{}/{}/members/list/", NULL, 0, members_list },
	{ "GET", C "/{}/{}/members/invitations/list/", NULL, 0,
	    invites_list },
	{ "GET", C "/{}/{}/members/invitations/list/{}/", NULL, 0,
	    invites_list },
	{ "DELETE", C "/{}/{}/members/invitation/{}/", NULL, ROUTE_WRITE,
	    invites_delete },
	{ "GET", C "/{}/{}/member/{}/details/", NULL, 0, members_details },
	{ "POST", C "/{}/{}/member/{}/update/", NULL, ROUTE_WRITE,
	    members_update },
	{ "POST", C "/{}/{}/member/{}/transfer_ownership/", NULL,
	    ROUTE_WRITE, members_transfer },
	{ "POST", C "/{}/{}/members/{}/", NULL, ROUTE_WRITE, members_add },
	{ "DELETE", C "/{}/{}/members/{}/", NULL, ROUTE_WRITE,
	    members_remove },
};

static bool
fastio_is_flat(const struct ctx *c)
{
	return js_bool(c->root, "fastio_flat", false);
}

/* Success: o is released, and becomes the response or is the answer. */
void
fastio_yes(struct ctx *c, json_object *o)
{
	json_object *top;

	if (fastio_is_flat(c)) {
		js_set_bool(o, "result", true);
		reply_json(c, 200, o);
		return;
	}
	top = json_object_new_object();
	js_set_str(top, "result", "yes");
	js_set(top, "response", o);
	js_set_str(top, "current_api_version", "1.0");
	reply_json(c, 200, top);
}

/* A refusal, which may well come with the status 200. */
void
fastio_no(struct ctx *c, unsigned int status, int code, const char *text)
{
	json_object *o = json_object_new_object(), *e;

	if (fastio_is_flat(c)) {
		js_set_bool(o, "result", false);
		js_set_str(o, "error_message", text);
		js_set_int(o, "error_id", code);
	} else {
		e = json_object_new_object();
		js_set_int(e, "code", code);
		js_set_str(e, "text", text);
		js_set_str(o, "result", "no");
		js_set(o, "error", e);
		js_set_str(o, "current_api_version", "1.0");
	}
	reply_json(c, status, o);
}

/* Codes are numbers, except where they are words. */
void
fastio_no_member(struct ctx *c)
{
	json_object *o = json_object_new_object(), *e;

	if (fastio_is_flat(c)) {
		json_object_put(o);
		fastio_no(c, 200, FASTIO_NOWHERE, "No such member");
		return;
	}
	e = json_object_new_object();
	js_set_str(e, "code", "member_not_found");
	js_set_str(e, "text", "No such member");
	js_set_str(o, "result", "no");
	js_set(o, "error", e);
	js_set_str(o, "current_api_version", "1.0");
	reply_json(c, 200, o);
}

void
fastio_page(struct ctx *c, struct page *p)
{
	long long max = js_int(c->root, "fastio_page_max", 500);

	page_open(p, req_query_int(c, "limit", max < 100 ? max : 100, 1, max),
	    req_query_int(c, "offset", 0, 0, 1000000));
}

/* Answers with the rows of p, which goes away, under their name. */
void
fastio_list(struct ctx *c, struct page *p, const char *name)
{
	json_object *o = json_object_new_object();
	json_object *n = json_object_new_object();

	js_set_int(n, "total", p->total);
	js_set_int(n, "limit", p->limit);
	js_set_int(n, "offset", p->offset);
	js_set_bool(n, "has_more", page_more(p));
	js_set(o, name, p->rows);
	js_set(o, "pagination", n);
	fastio_yes(c, o);
}

json_object *
fastio_user(json_object *t, const char *id)
{
	return js_get(js_get(t, "users"), id);
}

/* The id of the person whose token this is. */
const char *
fastio_self(const struct ctx *c)
{
	return js_str(c->who, "user_id");
}

static bool
fastio_token(struct ctx *c)
{
	const char *s = req_bearer(c);

	c->who = js_find(js_arr(c->t, "tokens"), "token", s);
	if (c->who != NULL && !js_bool(c->who, "_revoked", false))
		return true;
	fastio_no(c, 401, FASTIO_AUTH, "The token is not valid");
	return false;
}

/* Writes are forms; what else is sent is refused, in a friendly 200. */
static bool
fastio_form(struct ctx *c)
{
	const char *type = req_header(c, "Content-Type");

	if (type == NULL ? c->q->len == 0 :
	    req_type(c, "application/x-www-form-urlencoded"))
		return true;
	fastio_no(c, 200, FASTIO_INPUT, "Send the fields as a form");
	return false;
}

/* All calls but the search of events, which counts for itself. */
static bool
fastio_rate(struct ctx *c)
{
	long long free_at, max = js_int(c->root, "fastio_rate", 0);

	if (max <= 0 ||
	    clock_window(js_get(c->root, "fastio"), "_calls", 60000, max,
	    &free_at))
		return true;
	fastio_no(c, 429, FASTIO_RATE, "Too many requests");
	reply_head(c->r, "x-ve-limit-avail", "0");
	reply_head_int(c->r, "x-ve-limit-max", max);
	reply_head_int(c->r, "x-ve-limit-expires", (free_at + 999) / 1000);
	return false;
}

void
fastio_handle(struct ctx *c)
{
	const struct route *r = NULL;
	int status;

	if (!fastio_token(c) || !fastio_rate(c))
		return;
	status = route_find(c, fastio_routes, sizeof(fastio_routes) /
	    sizeof(fastio_routes[0]), &r);
	if (status != 200) {
		fastio_no(c, (unsigned int)status, FASTIO_NOWHERE,
		    status == 405 ? "No such method" : "No such path");
		return;
	}
	if ((r->flags & ROUTE_WRITE) != 0 &&
	    js_bool(c->who, "_readonly", false)) {
		fastio_no(c, 403, FASTIO_READ_ONLY,
		    "The token may only read");
		return;
	}
	if (strcmp(c->q->method, "POST") == 0 && !fastio_form(c))
		return;
	r->fn(c);
}
