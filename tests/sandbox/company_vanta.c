/*
 * company_vanta.c: people of the compliance service out of the short form;
 * it must not finish anybody's tasks that the form leaves open.
 */
#include "staff.h"

#include <stdio.h>
#include <string.h>

#define VANTA_ACKNOWLEDGER "5df91759d463fd48218e9f15"

static void
vanta_employment(struct hire *h, json_object *p)
{
	json_object *o = json_object_new_object();
	const char *s = js_str(h->part, "employment");
	bool former = strcmp(s, "FORMER") == 0;

	js_set_str(o, "status", s[0] == '\0' ? "CURRENT" : s);
	js_set_str(o, "jobTitle", NULL);
	clock_set(o, "startDate", h->now - 86400000LL * 700);
	js_set(o, "endDate", NULL);
	if (former)
		clock_set(o, "endDate", h->now - 86400000LL * 2);
	js_set(p, "employment", o);
	o = json_object_new_object();
	js_set(o, "completionDate", NULL);
	js_set(o, "dueDate", NULL);
	js_set_str(o, "status", former ? "OFFBOARDING_DUE_SOON" : "COMPLETE");
	js_set(p, "tasksSummary", o);
}

static void
vanta_name(struct hire *h, json_object *p)
{
	json_object *o = json_object_new_object();
	char text[256];

	snprintf(text, sizeof(text), "%s %s", js_str(h->entry, "first"),
	    js_str(h->entry, "last"));
	js_set_str(o, "display", text);
	js_set_str(o, "first", js_str(h->entry, "first"));
	js_set_str(o, "last", js_str(h->entry, "last"));
	js_set(p, "name", o);
}

/* A list of texts under our own name, to be shown in another shape. */
static int
vanta_texts(struct hire *h, json_object *p, const char *from, const char *to)
{
	json_object *v = js_get(h->part, from);

	if (v != NULL && !js_all(v, json_type_string)) {
		snprintf(h->err, h->size, "%s: %s is no list of names",
		    staff_email(h), from);
		return -1;
	}
	js_set(p, to, v == NULL ? json_object_new_array() : js_copy(v));
	return 0;
}

int
vanta_hire(struct hire *h)
{
	json_object *p = json_object_new_object();
	bool boss = js_bool(h->part, "acknowledger", false);
	char id[32];

	snprintf(id, sizeof(id), "%s%08llx", h->filler ? "635c369a274dff28" :
	    "635c369a274dff27", staff_seq(h->t, h->filler ? "_next_filler" :
	    "_next_person", 1));
	if (boss)
		snprintf(id, sizeof(id), VANTA_ACKNOWLEDGER);
	js_set_str(p, "id", id);
	if (boss)
		js_set_str(p, "userId", "65f0aa10c3d2b1e4a5968701");
	js_set_str(p, "emailAddress", staff_email(h));
	vanta_employment(h, p);
	vanta_name(h, p);
	js_set(js_obj(h->t, "people"), id, p);
	if (vanta_texts(h, p, "accounts", "_accounts") != 0 ||
	    vanta_texts(h, p, "tasks_open", "_tasks_open") != 0 ||
	    vanta_texts(h, p, "tasks_done", "_tasks_done") != 0)
		return -1;
	if (staff_list(h, p, "groups") != 0)
		return -1;
	js_set(p, "groupIds", js_ref(js_get(p, "groups")));
	json_object_object_del(p, "groups");
	if (js_bool(h->part, "complete", false))
		js_set_str(js_get(p, "tasksSummary"), "status",
		    "OFFBOARDING_COMPLETE");
	return 0;
}
