/*
 * vanta_groups.c: groups of the compliance service; membership is written
 * at the person, and this file must not keep a second copy of it.
 */
#include "vanta.h"

#include <string.h>

static json_object *
teams_want(struct ctx *c)
{
	json_object *g = js_find(js_arr(c->t, "groups"), "id", c->arg[0]);

	if (g == NULL)
		vanta_no(c, 404, "Group not found");
	return g;
}

static void
teams_paged(struct ctx *c, json_object *rows)
{
	json_object *info = json_object_new_object();
	json_object *o = json_object_new_object(), *top;

	js_set_bool(info, "hasNextPage", false);
	js_set_bool(info, "hasPreviousPage", false);
	js_set(info, "startCursor", NULL);
	js_set(info, "endCursor", NULL);
	js_set(o, "data", rows);
	js_set(o, "pageInfo", info);
	top = json_object_new_object();
	js_set(top, "results", o);
	reply_json(c, 200, top);
}

void
teams_list(struct ctx *c)
{
	teams_paged(c, js_copy(js_arr(c->t, "groups")));
}

void
teams_get(struct ctx *c)
{
	json_object *g = teams_want(c);

	if (g != NULL)
		reply_json(c, 200, js_public(g));
}

/* The contract of record shows a bare array here. */
void
teams_people(struct ctx *c)
{
	struct json_object_iter it;
	json_object *a;

	if (teams_want(c) == NULL)
		return;
	a = json_object_new_array();
	json_object_object_foreachC(js_obj(c->t, "people"), it) {
		if (js_list_has_str(js_get(it.val, "groupIds"), c->arg[0]))
			js_add(a, person_view(it.val));
	}
	if (js_bool(c->root, "group_people_paged", false))
		teams_paged(c, a);
	else
		reply_json(c, 200, a);
}

static bool
teams_leave(json_object *p, const char *group)
{
	json_object *ids = js_arr(p, "groupIds");
	size_t i;

	for (i = 0; i < js_len(ids); i++) {
		if (strcmp(json_object_get_string(js_at(ids, i)), group) != 0)
			continue;
		json_object_array_del_idx(ids, i, 1);
		return true;
	}
	return false;
}

static const char *
teams_change(struct ctx *c, json_object *p, bool join)
{
	if (p == NULL)
		return "Person not found";
	if (!join)
		return teams_leave(p, c->arg[0]) ? NULL :
		    "Person is not in the group";
	if (!js_list_has_str(js_arr(p, "groupIds"), c->arg[0]))
		js_add(js_arr(p, "groupIds"),
		    json_object_new_string(c->arg[0]));
	return NULL;
}

static void
teams_bulk(struct ctx *c, bool join)
{
	json_object *in = js_get(c->in, "updates"), *a;
	const char *id;
	size_t i;

	if (teams_want(c) == NULL)
		return;
	if (js_len(in) == 0 || !js_all(in, json_type_object)) {
		vanta_no(c, 400, "updates has to hold objects");
		return;
	}
	a = json_object_new_array();
	for (i = 0; i < js_len(in); i++) {
		id = js_str(js_at(in, i), "id");
		vanta_result(a, id, teams_change(c, vanta_person(c->t, id),
		    join));
	}
	vanta_results(c, a);
}

void
teams_remove(struct ctx *c)
{
	teams_bulk(c, false);
}

void
teams_add(struct ctx *c)
{
	teams_bulk(c, true);
}

void
teams_drop(struct ctx *c)
{
	json_object *p = vanta_person(c->t, c->arg[1]);

	if (teams_want(c) == NULL)
		return;
	if (p == NULL || !teams_leave(p, c->arg[0]))
		vanta_no(c, 404, "Person not found in the group");
	else
		reply_json(c, 200, person_view(p));
}
