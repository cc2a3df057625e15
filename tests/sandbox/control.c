/*
 * control.c: the port on which tests look at the company and disturb it; it
 * must not be offered to anything but tests, there is no lock on this door.
 */
#include "sandbox.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void
control_fine(struct ctx *c)
{
	json_object *o = json_object_new_object();

	js_set_bool(o, "ok", true);
	reply_json(c, 200, o);
}

static void
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
	const char *sys = js_str(c->in, "system");
	long long ms = js_int(c->in, "ms", 0);
	bool both = sys[0] == '\0' || strcmp(sys, "*") == 0;

	if (both || strcmp(sys, "doorflow") == 0)
		server_latency(SYS_DOORFLOW, ms);
	if (both || strcmp(sys, "acceldata") == 0)
		server_latency(SYS_ACCELDATA, ms);
	control_fine(c);
}

/* Changes the times and the dialect of a running company. */
static void
control_settings(struct ctx *c)
{
	struct json_object_iter it;
	json_object *old;

	json_object_object_foreachC(c->in, it) {
		old = js_get(c->root, it.key);
		if (old == NULL || !json_object_is_type(it.val,
		    json_object_get_type(old)) ||
		    json_object_is_type(old, json_type_object)) {
			control_refuse(c, 422, "no such setting");
			return;
		}
		js_set(c->root, it.key, js_ref(it.val));
	}
	control_fine(c);
}

/* The rows of one table with this address, in any case of letters. */
static int
control_rows(struct ctx *c, json_object *t, const char *table)
{
	json_object *all = js_arr(t, table), *set = js_get(c->in, "set");
	struct json_object_iter it;
	int n = 0;
	size_t i;

	for (i = 0; i < js_len(all); i++) {
		if (strcasecmp(js_str(js_at(all, i), "email"),
		    js_str(c->in, "email")) != 0)
			continue;
		n++;
		if (js_has(c->in, "enabled"))
			js_set_bool(js_at(all, i), "enabled",
			    js_bool(c->in, "enabled", true));
		if (json_object_is_type(set, json_type_object)) {
			json_object_object_foreachC(set, it)
				js_set(js_at(all, i), it.key,
				    js_copy(it.val));
		}
	}
	return n;
}

/* POST /change: somebody else edits an account behind our back. */
static void
control_change(struct ctx *c)
{
	const char *sys = js_str(c->in, "system");
	json_object *o;
	int n = 0, k;

	if (strcmp(sys, "acceldata") != 0) {
		k = control_rows(c, c->t, "people");
		if (k > 0)
			doorflow_touch(c->t);
		n += k;
	}
	if (strcmp(sys, "doorflow") != 0)
		n += control_rows(c, js_get(c->root, "acceldata"), "users");
	o = json_object_new_object();
	js_set_int(o, "changed", n);
	reply_json(c, n > 0 ? 200 : 404, o);
}

static void
control_reset(struct ctx *c)
{
	json_object *form = NULL;
	char err[256] = "cannot copy the start state";

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
		server_latency(SYS_DOORFLOW, 0);
		server_latency(SYS_ACCELDATA, 0);
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
	{ "POST", "/change", NULL, ROUTE_BODY, control_change },
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
