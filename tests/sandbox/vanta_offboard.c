/*
 * vanta_offboard.c: finishes the offboarding of people who are ready for
 * it; it must not finish it for anybody who is not.
 */
#include "vanta.h"

#include <stdio.h>
#include <string.h>

enum { OFFBOARD_MAX = 1000 };

/* Is there a person or a user of this id to take responsibility? */
static bool
offboard_vouches(json_object *t, const char *id)
{
	struct json_object_iter it;

	if (id[0] == '\0')
		return false;
	if (vanta_person(t, id) != NULL)
		return true;
	json_object_object_foreachC(js_obj(t, "people"), it) {
		if (strcmp(js_str(it.val, "userId"), id) == 0)
			return true;
	}
	return false;
}

/* Why the person is not to be offboarded yet; false when nothing is. */
static bool
offboard_blocked(json_object *p, char *why, size_t size)
{
	json_object *open = js_get(p, "_accounts");
	const char *s = js_str(js_get(p, "employment"), "status");
	size_t i, n;

	if (p == NULL)
		snprintf(why, size, "Person not found");
	else if (strcmp(s, "FORMER") != 0)
		snprintf(why, size, "Not eligible for offboarding: the "
		    "employment status is %s", s);
	else if (js_len(open) > 0) {
		snprintf(why, size, "Monitored accounts are not deactivated:");
		for (i = 0; i < js_len(open); i++) {
			n = strlen(why);
			snprintf(why + n, size - n, "%s %s", i == 0 ? "" : ",",
			    json_object_get_string(js_at(open, i)));
		}
	} else if (js_len(js_get(p, "_tasks_open")) > 0)
		snprintf(why, size, "Custom offboarding tasks are not "
		    "complete: %zu", js_len(js_get(p, "_tasks_open")));
	else
		return false;
	return true;
}

/* NULL when the person is offboarded now, or was before. */
static const char *
offboard_one(struct ctx *c, const char *id, char *why, size_t size)
{
	json_object *p = vanta_person(c->t, id), *sum;

	sum = js_get(p, "tasksSummary");
	if (strcmp(js_str(sum, "status"), "OFFBOARDING_COMPLETE") == 0)
		return NULL;
	if (offboard_blocked(p, why, size))
		return why;
	js_set_str(sum, "status", "OFFBOARDING_COMPLETE");
	clock_set(sum, "completionDate", c->now);
	return NULL;
}

/* The published body; one bad acknowledger fails the whole of it. */
static void
offboard_updates(struct ctx *c)
{
	json_object *in = js_get(c->in, "updates"), *a, *o;
	const char *seen = "";
	char why[512];
	size_t i;

	if (json_object_object_length(c->in) != 1 || js_len(in) == 0 ||
	    js_len(in) > OFFBOARD_MAX || !js_all(in, json_type_object)) {
		vanta_no(c, 400, "updates has to hold 1 to 1000 objects");
		return;
	}
	for (i = 0; i < js_len(in); i++) {
		o = js_at(in, i);
		if (js_str(o, "id")[0] == '\0') {
			vanta_no(c, 400, "id is required");
			return;
		}
		if (strcmp(js_str(o, "acknowledgerId"), seen) != 0 ||
		    seen[0] == '\0') {
			seen = js_str(o, "acknowledgerId");
			if (!offboard_vouches(c->t, seen)) {
				vanta_no(c, 422, "acknowledgerId is nobody");
				return;
			}
		}
	}
	a = json_object_new_array();
	for (i = 0; i < js_len(in); i++) {
		seen = js_str(js_at(in, i), "id");
		vanta_result(a, seen, offboard_one(c, seen, why,
		    sizeof(why)));
	}
	vanta_results(c, a);
}

/* The guide's body; who could not be offboarded is just not in the answer. */
static void
offboard_legacy(struct ctx *c)
{
	json_object *in = js_get(c->in, "employeeIds"), *a, *o;
	const char *id;
	char why[512];
	size_t i;

	if (json_object_object_length(c->in) != 2 || js_len(in) == 0 ||
	    js_len(in) > OFFBOARD_MAX || !js_all(in, json_type_string) ||
	    !js_has(c->in, "offboardingAcknowledgerId")) {
		vanta_no(c, 400, "offboardingAcknowledgerId and employeeIds "
		    "are required");
		return;
	}
	if (!offboard_vouches(c->t, js_str(c->in,
	    "offboardingAcknowledgerId"))) {
		vanta_no(c, 422, "offboardingAcknowledgerId is nobody");
		return;
	}
	a = json_object_new_array();
	for (i = 0; i < js_len(in); i++) {
		id = json_object_get_string(js_at(in, i));
		if (offboard_one(c, id, why, sizeof(why)) == NULL)
			js_add(a, json_object_new_string(id));
	}
	o = json_object_new_object();
	js_set(o, "offboardedPeople", a);
	reply_json(c, 200, o);
}

void
offboard_post(struct ctx *c)
{
	if (reply_is_guide(c))
		offboard_legacy(c);
	else
		offboard_updates(c);
}
