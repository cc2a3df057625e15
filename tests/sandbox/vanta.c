/*
 * vanta.c: the paths of the compliance service and who may use them; it
 * must not keep state of its own.
 */
#include "vanta.h"

#include <string.h>

#define V "/v1"
#define READ "vanta-api.all:read"
#define WRITE "vanta-api.all:write"

static const struct route vanta_routes[] = {
	{ "GET", V "/people", READ, 0, person_list },
	{ "POST", V "/people/offboard", WRITE, ROUTE_BODY, offboard_post },
	{ "GET", V "/people/{}", READ, 0, person_get },
	{ "GET", V "/groups", READ, 0, teams_list },
	{ "GET", V "/groups/{}", READ, 0, teams_get },
	{ "GET", V "/groups/{}/people", READ, 0, teams_people },
	{ "POST", V "/groups/{}/remove-people", WRITE, ROUTE_BODY,
	    teams_remove },
	{ "POST", V "/groups/{}/add-people", WRITE, ROUTE_BODY, teams_add },
	{ "DELETE", V "/groups/{}/people/{}", WRITE, 0, teams_drop },
};

/* Refusals come under one of two names. */
void
vanta_no(struct ctx *c, unsigned int status, const char *text)
{
	json_object *o = json_object_new_object();

	js_set_str(o, status == 401 || status == 403 ? "error" : "message",
	    text);
	reply_json(c, status, o);
}

json_object *
vanta_person(json_object *t, const char *id)
{
	return js_get(js_get(t, "people"), id);
}

/* One line of a bulk answer; text is NULL when it went well. */
void
vanta_result(json_object *a, const char *id, const char *text)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "id", id);
	js_set_str(o, "status", text == NULL ? "SUCCESS" : "ERROR");
	if (text != NULL)
		js_set_str(o, "message", text);
	js_add(a, o);
}

/* 200 whatever the lines say; a is released. */
void
vanta_results(struct ctx *c, json_object *a)
{
	json_object *o = json_object_new_object();

	js_set(o, "results", a);
	reply_json(c, 200, o);
}

static bool
vanta_rate(struct ctx *c)
{
	long long max = js_int(c->root, "vanta_rate", 0), free_at;

	if (max <= 0 || clock_window(js_get(c->root, "vanta"), "_calls",
	    60000, max, &free_at))
		return true;
	vanta_no(c, 429, "Too many requests");
	reply_head_int(c->r, "Retry-After", (free_at - c->now) / 1000 + 1);
	return false;
}

static bool
vanta_body(struct ctx *c)
{
	if (!req_type(c, "application/json")) {
		vanta_no(c, 415, "Send JSON");
		return false;
	}
	c->in = js_parse(c->q->body, c->q->len);
	if (!json_object_is_type(c->in, json_type_object)) {
		vanta_no(c, 400, "Malformed JSON");
		return false;
	}
	return true;
}

static void
vanta_route(struct ctx *c)
{
	const struct route *r = NULL;
	int status;

	status = route_find(c, vanta_routes, sizeof(vanta_routes) /
	    sizeof(vanta_routes[0]), &r);
	if (status != 200)
		vanta_no(c, (unsigned int)status, "Not found");
	else if (!js_list_has_str(js_get(c->who, "scopes"), r->scope))
		vanta_no(c, 403, "Insufficient scope");
	else if ((r->flags & ROUTE_BODY) == 0 || vanta_body(c))
		r->fn(c);
	json_object_put(c->in);
	c->in = NULL;
}

void
vanta_handle(struct ctx *c)
{
	if (strcmp(c->q->uri, "/oauth/token") == 0) {
		token_issue(c);
		return;
	}
	if (token_good(c) && vanta_rate(c))
		vanta_route(c);
}
