/* events.c: the access log of the doors; it must not be written over. */
#include "sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CODE_ADMIT = 10, CODE_REJECT = 20 };

/* Somebody tried a door. The live log shows card numbers, so this does. */
void
events_add(json_object *t, json_object *ch, json_object *person, bool admit,
    long long now)
{
	json_object *e = json_object_new_object(), *view;
	long long id = js_int(t, "_next_id", 90000);
	char name[256];

	js_set_int(t, "_next_id", id + 1);
	snprintf(name, sizeof(name), "%s %s", js_str(person, "first_name"),
	    js_str(person, "last_name"));
	view = json_object_new_object();
	credentials_slugs(t, view, js_int(person, "id", 0));
	js_set_int(e, "id", id);
	js_set_int(e, "event_id", id);
	js_set_int(e, "event_code", admit ? CODE_ADMIT : CODE_REJECT);
	js_set_str(e, "event_label", admit ? "Admit Card" : "Reject Card");
	js_set(e, "door_controller_id", js_ref(js_get(ch, "id")));
	js_set_str(e, "door_controller_name", js_str(ch, "name"));
	js_set(e, "channel_id", js_ref(js_get(ch, "id")));
	js_set_str(e, "channel_name", js_str(ch, "name"));
	js_set(e, "person_id", js_ref(js_get(person, "id")));
	js_set_str(e, "person_name", name);
	js_set(e, "credentials_number", js_ref(js_get(view, "card_number")));
	clock_set(e, "created_at", now);
	clock_set(e, "updated_at", now);
	json_object_put(view);
	js_add(js_arr(t, "events"), e);
}

static bool
events_code_is_known(long long n)
{
	return (n >= 1 && n <= 3) || (n >= 10 && n <= 18) ||
	    (n >= 20 && n <= 42 && n != 38 && n != 39) ||
	    (n >= 70 && n <= 73) || n == 90 || n == 91 ||
	    (n >= 100 && n <= 107) || n == 220 || (n >= 223 && n <= 225);
}

/* Is n in the comma-separated list? */
static bool
events_in_list(const char *list, long long n)
{
	const char *p = list;
	char *end;

	while (p != NULL && *p != '\0') {
		if (strtoll(p, &end, 10) == n && end != p)
			return true;
		p = strchr(p, ',');
		p = p == NULL ? NULL : p + 1;
	}
	return false;
}

static bool
events_codes_valid(struct ctx *c, const char *list)
{
	const char *p = list;
	char text[160], *end;
	long long n;

	while (p != NULL && *p != '\0') {
		n = strtoll(p, &end, 10);
		if (end == p || (*end != ',' && *end != '\0') ||
		    !events_code_is_known(n)) {
			snprintf(text, sizeof(text), "The following event "
			    "codes are not valid for this method: %.*s",
			    (int)strcspn(p, ","), p);
			reply_doorflow(c, 400, "bad_request", text);
			return false;
		}
		p = *end == ',' ? end + 1 : NULL;
	}
	return true;
}

static bool
events_name_is(struct ctx *c, json_object *e)
{
	json_object *p;
	const char *first = req_query(c, "first_name");
	const char *last = req_query(c, "last_name");

	if (first == NULL && last == NULL)
		return true;
	p = js_find_int(js_arr(c->t, "people"), "id",
	    js_int(e, "person_id", 0));
	return (first == NULL ||
	    strcasecmp(js_str(p, "first_name"), first) == 0) &&
	    (last == NULL || strcasecmp(js_str(p, "last_name"), last) == 0);
}

static bool
events_match(struct ctx *c, json_object *e, long long since)
{
	const char *codes = req_query(c, "event_codes");
	const char *doors = req_query(c, "channels");
	long long code = js_int(e, "event_code", 0);

	if (doors == NULL)
		doors = req_query(c, "door_controllers");
	if (codes != NULL && *codes != '\0') {
		if (!events_in_list(codes, code))
			return false;
	} else if (code < CODE_ADMIT || code > 29)
		return false;
	if (doors != NULL &&
	    !events_in_list(doors, js_int(e, "channel_id", 0)))
		return false;
	return clock_parse(js_str(e, "created_at")) >= since &&
	    events_name_is(c, e);
}

void
events_list(struct ctx *c)
{
	json_object *all = js_arr(c->t, "events"), *a, *e, *page;
	const char *s = req_query(c, "since"), *sort = req_query(c, "sort");
	long long since = c->now - 90LL * 86400000, n, at;
	bool up = sort != NULL && strcasecmp(sort, "ASC") == 0;
	char num[32];
	size_t i, len = js_len(all);

	if (!events_codes_valid(c, req_query(c, "event_codes")))
		return;
	if (s != NULL && (since = clock_parse(s)) < 0) {
		reply_doorflow(c, 400, "bad_request", "since is not a time");
		return;
	}
	a = json_object_new_array();
	for (i = 0; i < len; i++) {
		e = js_at(all, up ? i : len - 1 - i);
		if (events_match(c, e, since))
			js_add(a, js_ref(e));
	}
	n = req_query_int(c, "n", 50, 1, 1000);
	at = req_query_int(c, "page", 1, 1, 1000000) - 1;
	snprintf(num, sizeof(num), "%zu", js_len(a));
	reply_head(c->r, "Total", num);
	snprintf(num, sizeof(num), "%lld", n);
	reply_head(c->r, "Per-Page", num);
	page = js_slice(a, (size_t)(at * n), (size_t)n);
	json_object_put(a);
	if (reply_is_guide(c)) {
		a = json_object_new_object();
		js_set(a, "events", page);
		page = a;
	}
	reply_json(c, 200, page);
}

void
events_get(struct ctx *c)
{
	char *end;
	long long id = strtoll(c->arg[0], &end, 10);
	json_object *e = NULL;

	if (*end == '\0')
		e = js_find_int(js_arr(c->t, "events"), "id", id);
	if (e == NULL)
		reply_doorflow(c, 404, "not_found",
		    "The requested resource was not found");
	else
		reply_json(c, 200, js_ref(e));
}
