/*
 * grants.c: reservations, the door access that is not a group; it must not
 * be changed by disabling a person, since they outlive that.
 */
#include "sandbox.h"

#include <stdlib.h>
#include <string.h>

static bool
grants_since(struct ctx *c, json_object *o)
{
	const char *since = req_query(c, "since_utc");

	if (since == NULL)
		since = req_query(c, "since");
	return since == NULL ||
	    clock_parse(js_str(o, "updated_at")) >= clock_parse(since);
}

/* What is over does not count, and is not listed. */
static bool
grants_ahead(json_object *o, long long now)
{
	long long end = clock_parse(js_str(o, "end_time"));

	return end < 0 || end > now;
}

static void
grants_list(struct ctx *c, const char *table)
{
	json_object *a = json_object_new_array();
	json_object *all = js_arr(c->t, table);
	size_t i;

	for (i = 0; i < js_len(all); i++)
		if (grants_ahead(js_at(all, i), c->now) &&
		    grants_since(c, js_at(all, i)))
			js_add(a, js_public(js_at(all, i)));
	reply_list(c, a, table, 500, 1000);
}

static void
grants_delete(struct ctx *c, const char *table)
{
	json_object *all = js_arr(c->t, table), *o = NULL;
	char *end;
	long long id = strtoll(c->arg[0], &end, 10);

	if (*end == '\0')
		o = js_find_int(all, "id", id);
	if (o == NULL) {
		reply_doorflow(c, 404, "not_found",
		    "The requested resource was not found");
		return;
	}
	js_drop(all, o);
	doorflow_touch(c->t);
	reply_result_ok(c);
}

void
grants_reservations(struct ctx *c)
{
	grants_list(c, "reservations");
}

void
grants_reservation_delete(struct ctx *c)
{
	grants_delete(c, "reservations");
}

void
grants_group_reservations(struct ctx *c)
{
	grants_list(c, "group_reservations");
}

void
grants_group_reservation_delete(struct ctx *c)
{
	grants_delete(c, "group_reservations");
}

/* Has the person a group, a role or a reservation of either kind? */
bool
grants_any(json_object *t, json_object *person, long long now)
{
	static const char *const tables[] = {
		"reservations", "group_reservations"
	};
	long long id = js_int(person, "id", 0);
	json_object *all;
	size_t i, k;

	if (js_len(js_get(person, "groups")) > 0 ||
	    js_len(js_get(person, "roles")) > 0)
		return true;
	for (k = 0; k < 2; k++) {
		all = js_arr(t, tables[k]);
		for (i = 0; i < js_len(all); i++)
			if (js_int(js_at(all, i), "person_id", 0) == id &&
			    grants_ahead(js_at(all, i), now) &&
			    strcmp(js_str(js_at(all, i), "state"),
			    "deactivated") != 0)
				return true;
	}
	return false;
}
