/*
 * fastio_events.c: the record of who changed what in the file service, and
 * the search in it, which may be asked only so often; it must not forget.
 */
#include "fastio.h"

#include <string.h>

/* Writes down that the owner of the token did this about the user. */
void
trail_note(struct ctx *c, const char *what, json_object *place,
    const char *user)
{
	json_object *o = json_object_new_object();
	const char *kind = js_str(place, "_kind");
	char id[FASTIO_ID];

	js_set_str(o, "event_id", files_id(c->t, "event", id));
	js_set_str(o, "event", what);
	js_set_str(o, "category", "members");
	clock_plain(o, "created", c->now);
	js_set_str(o, "user_id", user);
	js_set_str(o, "calling_user_id", fastio_self(c));
	js_set_str(o, "org_id", js_str(place,
	    strcmp(kind, "org") == 0 ? "id" : "org_id"));
	if (strcmp(kind, "workspace") == 0)
		js_set_str(o, "workspace_id", js_str(place, "id"));
	else if (strcmp(kind, "share") == 0)
		js_set_str(o, "share_id", js_str(place, "id"));
	js_add(js_arr(c->t, "events"), o);
}

static bool
trail_fit(struct ctx *c, json_object *o)
{
	static const char *const keys[] = {
		"org_id", "user_id", "workspace_id", "share_id", "event",
		"calling_user_id", "category"
	};
	const char *s;
	long long at = clock_parse_plain(js_str(o, "created"));
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if ((s = req_query(c, keys[i])) != NULL &&
		    strcmp(js_str(o, keys[i]), s) != 0)
			return false;
	if ((s = req_query(c, "created-min")) != NULL &&
	    at < clock_parse_plain(s))
		return false;
	s = req_query(c, "created-max");
	return s == NULL || at <= clock_parse_plain(s);
}

/* Is the search about something, and are its times any? */
static bool
trail_asked(struct ctx *c)
{
	static const char *const one[] = {
		"org_id", "user_id", "workspace_id", "share_id"
	};
	static const char *const times[] = { "created-min", "created-max" };
	const char *s;
	bool found = false;
	size_t i;

	for (i = 0; i < 4; i++)
		found = found || req_query(c, one[i]) != NULL;
	for (i = 0; i < 2; i++)
		if ((s = req_query(c, times[i])) != NULL &&
		    clock_parse_plain(s) < 0)
			found = false;
	if (!found)
		fastio_no(c, 400, FASTIO_INPUT,
		    "Name an org_id, user_id, workspace_id or share_id");
	return found;
}

static bool
trail_rate(struct ctx *c)
{
	json_object *t = js_get(c->root, "fastio");
	long long max = js_int(c->root, "events_limit", 5), free_at;
	bool fine = clock_window(t, "_searches", 3000, max, &free_at);
	long long left = max - (long long)js_len(js_arr(t, "_searches"));

	if (!fine)
		fastio_no(c, 429, FASTIO_RATE, "Too many requests");
	if (max > 0) {
		reply_head_int(c->r, "x-ve-limit-avail", left);
		reply_head_int(c->r, "x-ve-limit-max", max);
		reply_head_int(c->r, "x-ve-limit-expires",
		    (free_at + 999) / 1000);
	}
	return fine;
}

/* The newest first. */
void
trail_search(struct ctx *c)
{
	json_object *all = js_arr(c->t, "events");
	struct page p;
	size_t i;

	if (!trail_rate(c) || !trail_asked(c))
		return;
	page_open(&p, req_query_int(c, "limit", 100, 1, 250),
	    req_query_int(c, "offset", 0, 0, 1000000));
	for (i = js_len(all); i-- > 0;)
		if (trail_fit(c, js_at(all, i)) && page_takes(&p))
			js_add(p.rows, js_ref(js_at(all, i)));
	fastio_list(c, &p, "events");
}
