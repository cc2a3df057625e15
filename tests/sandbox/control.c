/*
 * control.c: the port on which tests look at the company and disturb it; it
 * must not be offered to anything but tests, there is no lock on this door.
 */
#include "fastio.h"

#include <stdio.h>
#include <string.h>

void
control_fine(struct ctx *c)
{
	json_object *o = json_object_new_object();

	js_set_bool(o, "ok", true);
	reply_json(c, 200, o);
}

void
control_refuse(struct ctx *c, unsigned int status, const char *text)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "error", text);
	reply_json(c, status, o);
}

static void
control_requests(struct ctx *c)
{
	reply_json(c, 200, server_requests());
}

static void
control_forget(struct ctx *c)
{
	server_forget();
	control_fine(c);
}

static void
control_state(struct ctx *c)
{
	json_object *o = json_object_new_object();
	struct json_object_iter it;

	json_object_object_foreachC(c->root, it)
		js_set(o, it.key, js_ref(it.val));
	js_set(o, "doors", doors_openers(c->t));
	reply_json(c, 200, o);
}

static void
control_fault(struct ctx *c)
{
	char err[128];

	if (fault_add(c->in, err, sizeof(err)) != 0)
		control_refuse(c, 422, err);
	else
		control_fine(c);
}

static void
control_faults(struct ctx *c)
{
	reply_json(c, 200, fault_list());
}

static void
control_heal(struct ctx *c)
{
	fault_drop_all();
	control_fine(c);
}

static void
control_latency(struct ctx *c)
{
	int sys = server_sys(js_str(c->in, "system")), i;
	long long ms = js_int(c->in, "ms", 0);

	if (sys < -1) {
		control_refuse(c, 422, "no such system");
		return;
	}
	for (i = 0; i < SYS_CONTROL; i++)
		if (sys < 0 || sys == i)
			server_latency((enum sys)i, ms);
	control_fine(c);
}

/* Changes the times, the dialect and the manners of a running company. */
static void
control_settings(struct ctx *c)
{
	struct json_object_iter it;
	char err[128];

	json_object_object_foreachC(c->in, it) {
		if (!settings_knows(it.key)) {
			control_refuse(c, 422, "no such setting");
			return;
		}
	}
	if (settings_apply(c->root, c->in, false, err, sizeof(err)) != 0)
		control_refuse(c, 422, err);
	else
		control_fine(c);
}

/* What a sink has received, or nothing any more. */
static void
control_sink(struct ctx *c, const char *sys, const char *list)
{
	json_object *t = js_get(c->root, sys);

	if (strcmp(c->q->method, "GET") == 0) {
		reply_json(c, 200, js_ref(js_arr(t, list)));
		return;
	}
	js_set(t, list, json_object_new_array());
	control_fine(c);
}

static void
control_mails(struct ctx *c)
{
	control_sink(c, "smtp", "mails");
}

static void
control_hooks(struct ctx *c)
{
	control_sink(c, "hook", "hooks");
}

static void
control_reset(struct ctx *c)
{
	json_object *form = NULL;
	char err[256] = "cannot copy the start state";
	int i;

	if (c->q->len > 0 &&
	    (form = js_parse(c->q->body, c->q->len)) == NULL) {
		control_refuse(c, 400, "the body is not JSON");
		return;
	}
	if (server_reset(form, err, sizeof(err)) != 0)
		control_refuse(c, 422, err);
	else {
		fault_drop_all();
		server_forget();
		for (i = 0; i < SYS_CONTROL; i++)
			server_latency((enum sys)i, 0);
		control_fine(c);
	}
	json_object_put(form);
}

static const struct route control_routes[] = {
	{ "GET", "/requests", NULL, 0, control_requests },
	{ "DELETE", "/requests", NULL, 0, control_forget },
	{ "GET", "/state", NULL, 0, control_state },
	{ "POST", "/door", NULL, ROUTE_BODY, doors_try },
	{ "POST", "/channel", NULL, ROUTE_BODY, doors_set },
	{ "GET", "/faults", NULL, 0, control_faults },
	{ "POST", "/fault", NULL, ROUTE_BODY, control_fault },
	{ "DELETE", "/faults", NULL, 0, control_heal },
	{ "POST", "/latency", NULL, ROUTE_BODY, control_latency },
	{ "POST", "/settings", NULL, ROUTE_BODY, control_settings },
	{ "POST", "/change", NULL, ROUTE_BODY, change_post },
	{ "POST", "/accept", NULL, ROUTE_BODY, invites_accept },
	{ "GET", "/mails", NULL, 0, control_mails },
	{ "DELETE", "/mails", NULL, 0, control_mails },
	{ "GET", "/hooks", NULL, 0, control_hooks },
	{ "DELETE", "/hooks", NULL, 0, control_hooks },
	{ "POST", "/reset", NULL, 0, control_reset },
};

void
control_handle(struct ctx *c)
{
	const struct route *r = NULL;
	int status;

	status = route_find(c, control_routes, sizeof(control_routes) /
	    sizeof(control_routes[0]), &r);
	if (status != 200) {
		control_refuse(c, (unsigned int)status, "no such path");
		return;
	}
	if ((r->flags & ROUTE_BODY) != 0) {
		c->in = js_parse(c->q->body, c->q->len);
		if (!json_object_is_type(c->in, json_type_object)) {
			control_refuse(c, 400, "the body is no JSON object");
			json_object_put(c->in);
			return;
		}
	}
	r->fn(c);
	json_object_put(c->in);
	c->in = NULL;
}
