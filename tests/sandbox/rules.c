/*
 * rules.c: notification rules, and the read-only lists of groups and roles;
 * it must not call anybody back.
 */
#include "sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* These two lists have no pages in the contract. */
static void
rules_plain(struct ctx *c, const char *table)
{
	json_object *a = js_ref(js_arr(c->t, table)), *o;

	if (!reply_is_guide(c)) {
		reply_json(c, 200, a);
		return;
	}
	o = json_object_new_object();
	js_set(o, table, a);
	reply_json(c, 200, o);
}

void
rules_groups(struct ctx *c)
{
	rules_plain(c, "groups");
}

void
rules_roles(struct ctx *c)
{
	rules_plain(c, "roles");
}

void
rules_list(struct ctx *c)
{
	rules_plain(c, "notification_rules");
}

static json_object *
rules_want(struct ctx *c)
{
	json_object *o = NULL;
	char *end;
	long long id = strtoll(c->arg[0], &end, 10);

	if (*end == '\0')
		o = js_find_int(js_arr(c->t, "notification_rules"), "id", id);
	if (o == NULL)
		reply_doorflow(c, 404, "not_found",
		    "The requested resource was not found");
	return o;
}

static bool
rules_valid(struct ctx *c)
{
	const char *url = js_str(c->in, "call_back_url");
	json_object *codes = js_get(c->in, "match_event_codes");
	json_object *doors = js_get(c->in, "match_controller_ids");

	if (js_str(c->in, "name")[0] == '\0')
		reply_field(c, "name", "can't be blank");
	else if (strncmp(url, "http://", 7) != 0 &&
	    strncmp(url, "https://", 8) != 0)
		reply_field(c, "call_back_url", "has to be a URL");
	else if (js_len(codes) == 0 || !js_all(codes, json_type_int))
		reply_field(c, "match_event_codes", "can't be blank");
	else if (doors != NULL && !js_all(doors, json_type_int))
		reply_field(c, "match_controller_ids",
		    "has to hold integers");
	else if (js_has(c->in, "active") && !json_object_is_type(
	    js_get(c->in, "active"), json_type_boolean))
		reply_field(c, "active", "has the wrong type");
	else
		return true;
	return false;
}

static void
rules_fill(struct ctx *c, json_object *o)
{
	json_object *list, *e, *in;
	char num[32];
	size_t i;

	js_set_str(o, "name", js_str(c->in, "name"));
	js_set_bool(o, "active", js_bool(c->in, "active", true));
	list = json_object_new_array();
	in = js_get(c->in, "match_controller_ids");
	for (i = 0; i < js_len(in); i++) {
		snprintf(num, sizeof(num), "%lld",
		    (long long)json_object_get_int64(js_at(in, i)));
		e = json_object_new_object();
		js_set_str(e, "type", "door_controller_id");
		js_set_str(e, "type_description", "Door Controller");
		js_set_str(e, "value", num);
		js_add(list, e);
	}
	js_set(o, "conditions", list);
	list = json_object_new_array();
	in = js_get(c->in, "match_event_codes");
	for (i = 0; i < js_len(in); i++) {
		e = json_object_new_object();
		js_set(e, "code", js_ref(js_at(in, i)));
		js_set_str(e, "name", "Event");
		js_add(list, e);
	}
	js_set(o, "events", list);
	list = json_object_new_array();
	e = json_object_new_object();
	js_set_int(e, "type", 0);
	js_set_str(e, "type_description", "Callback URL");
	js_set_str(e, "data", js_str(c->in, "call_back_url"));
	js_add(list, e);
	js_set(o, "actions", list);
}

void
rules_get(struct ctx *c)
{
	json_object *o = rules_want(c);

	if (o != NULL)
		reply_json(c, 200, js_ref(o));
}

void
rules_post(struct ctx *c)
{
	long long id = js_int(c->t, "_next_id", 90000);
	json_object *o;

	if (!rules_valid(c))
		return;
	js_set_int(c->t, "_next_id", id + 1);
	o = json_object_new_object();
	js_set_int(o, "id", id);
	rules_fill(c, o);
	js_add(js_arr(c->t, "notification_rules"), o);
	reply_json(c, 200, js_ref(o));
}

void
rules_put(struct ctx *c)
{
	json_object *o = rules_want(c);

	if (o == NULL || !rules_valid(c))
		return;
	rules_fill(c, o);
	reply_json(c, 200, js_ref(o));
}

void
rules_delete(struct ctx *c)
{
	json_object *o = rules_want(c);

	if (o == NULL)
		return;
	js_drop(js_arr(c->t, "notification_rules"), o);
	reply_result_ok(c);
}
