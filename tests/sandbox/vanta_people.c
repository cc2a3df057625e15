/*
 * vanta_people.c: people of the compliance service and how far they are; it
 * must not show more of that than the published answer has members for.
 */
#include "vanta.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What the published example shows of tasks that are not our subject. */
static const char person_tasks[] =
"{\"completeTrainings\":{\"taskType\":\"COMPLETE_TRAININGS\","
"\"status\":\"COMPLETE\",\"dueDate\":null,\"completionDate\":null,"
"\"disabled\":null,\"incompleteTrainings\":[],\"completedTrainings\":"
"[{\"name\":\"GENERAL_SECURITY_TRAINING\"}]},"
"\"completeCustomTasks\":{\"taskType\":\"COMPLETE_CUSTOM_TASKS\","
"\"incompleteCustomTasks\":[{\"name\":\"CUSTOM_CHECKLIST_TASK\"}],"
"\"completedCustomTasks\":[],\"status\":\"OVERDUE\","
"\"completionDate\":null,\"dueDate\":\"2022-12-09T07:00:00.000Z\","
"\"disabled\":null},"
"\"completeBackgroundChecks\":{\"taskType\":"
"\"COMPLETE_BACKGROUND_CHECKS\",\"status\":\"NONE\","
"\"completionDate\":null,\"dueDate\":null,\"disabled\":null},"
"\"acceptPolicies\":{\"taskType\":\"ACCEPT_POLICIES\","
"\"status\":\"COMPLETE\",\"dueDate\":null,\"completionDate\":null,"
"\"disabled\":null,\"unacceptedPolicies\":[],\"acceptedPolicies\":"
"[{\"name\":\"01-ISMS Scope of the ISMS\"}]},"
"\"installDeviceMonitoring\":{\"taskType\":"
"\"INSTALL_DEVICE_MONITORING\",\"status\":\"NONE\","
"\"completionDate\":null,\"dueDate\":null,\"disabled\":null}}";

static json_object *
person_named(json_object *names)
{
	json_object *a = json_object_new_array(), *o;
	size_t i;

	for (i = 0; i < js_len(names); i++) {
		o = json_object_new_object();
		js_set(o, "name", js_ref(js_at(names, i)));
		js_add(a, o);
	}
	return a;
}

static json_object *
person_offboarding(json_object *p)
{
	json_object *o = json_object_new_object();
	json_object *open = js_get(p, "_tasks_open");
	json_object *done = js_get(p, "_tasks_done");

	js_set_str(o, "taskType", "COMPLETE_CUSTOM_OFFBOARDING_TASKS");
	js_set(o, "incompleteCustomOffboardingTasks", person_named(open));
	js_set(o, "completedCustomOffboardingTasks", person_named(done));
	js_set_str(o, "status", js_len(open) > 0 ? "DUE_SOON" :
	    js_len(done) > 0 ? "COMPLETE" : "NONE");
	js_set(o, "completionDate", NULL);
	js_set(o, "dueDate", NULL);
	js_set(o, "disabled", NULL);
	return o;
}

static json_object *
person_sources(void)
{
	static const char text[] = "{\"emailAddress\":{\"type\":\"VANTA\"},"
	    "\"employment\":{\"startDate\":{\"type\":\"VANTA\"},"
	    "\"endDate\":{\"type\":\"VANTA\"}}}";

	return js_parse(text, sizeof(text) - 1);
}

json_object *
person_view(json_object *p)
{
	json_object *o = js_public(p), *sum = js_get(p, "tasksSummary"), *n;
	struct json_object_iter it;

	js_set(o, "leaveInfo", NULL);
	js_set(o, "sources", person_sources());
	js_set(o, "employment", js_copy(js_get(p, "employment")));
	n = json_object_new_object();
	if (json_object_is_type(sum, json_type_object)) {
		json_object_object_foreachC(sum, it)
			js_set(n, it.key, js_ref(it.val));
	}
	sum = js_parse(person_tasks, sizeof(person_tasks) - 1);
	js_set(sum, "completeOffboardingCustomTasks", person_offboarding(p));
	js_set(n, "details", sum);
	js_set(o, "tasksSummary", n);
	return o;
}

static bool
person_fits(struct ctx *c, json_object *p)
{
	const char *s = req_query(c, "emailAndNameFilter");
	const char *status = req_query(c, "employmentStatusMatchesAny");

	if (status != NULL && strcmp(js_str(js_get(p, "employment"),
	    "status"), status) != 0)
		return false;
	return s == NULL || strcasestr(js_str(p, "emailAddress"), s) != NULL ||
	    strcasestr(js_str(js_get(p, "name"), "display"), s) != NULL;
}

static void
person_answer(struct ctx *c, json_object *rows, bool before, bool after)
{
	json_object *info = json_object_new_object();
	json_object *o = json_object_new_object(), *top;
	size_t n = js_len(rows);

	js_set_bool(info, "hasNextPage", after);
	js_set_bool(info, "hasPreviousPage", before);
	js_set_str(info, "startCursor",
	    n == 0 ? NULL : js_str(js_at(rows, 0), "id"));
	js_set_str(info, "endCursor",
	    n == 0 ? NULL : js_str(js_at(rows, n - 1), "id"));
	js_set(o, "data", rows);
	js_set(o, "pageInfo", info);
	top = json_object_new_object();
	js_set(top, "results", o);
	reply_json(c, 200, top);
}

/* The page size asked for; 0 after an answer. */
static long long
person_size(struct ctx *c)
{
	const char *s = req_query(c, "pageSize");
	long long n = req_query_int(c, "pageSize", s == NULL ? 10 : 0, 0, 101);

	if (n >= 1 && n <= 100)
		return n;
	vanta_no(c, 400, "pageSize is from 1 to 100");
	return 0;
}

/* A cursor is the id of the last one seen. */
void
person_list(struct ctx *c)
{
	const char *cursor = req_query(c, "pageCursor");
	json_object *all = js_obj(c->t, "people"), *rows;
	struct json_object_iter it;
	long long size = person_size(c);
	bool after = false, on = cursor == NULL || *cursor == '\0';
	bool before = !on;

	if (size == 0)
		return;
	if (!on && !js_has(all, cursor)) {
		vanta_no(c, 400, "pageCursor is not valid");
		return;
	}
	rows = json_object_new_array();
	json_object_object_foreachC(all, it) {
		if (on && person_fits(c, it.val)) {
			after = (long long)js_len(rows) == size;
			if (after)
				break;
			js_add(rows, person_view(it.val));
		}
		on = on || strcmp(it.key, cursor) == 0;
	}
	person_answer(c, rows, before, after);
}

void
person_get(struct ctx *c)
{
	json_object *p = vanta_person(c->t, c->arg[0]);

	if (p == NULL)
		vanta_no(c, 404, "Person not found");
	else
		reply_json(c, 200, person_view(p));
}
