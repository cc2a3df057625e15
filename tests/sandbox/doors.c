/*
 * doors.c: controllers, which act on their own copy of the people, and the
 * sync that brings them a new one; a door must never look at a live record.
 */
#include "sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	BIT_ENABLED = 1,
	BIT_GRANT = 2,
	BIT_CREDENTIAL = 4,
	BIT_ALL = 7
};

/* What a controller learns of everybody: three bits a person. */
static json_object *
doors_snapshot(json_object *t, long long now)
{
	json_object *all = js_arr(t, "people"), *o, *p, *holders;
	char key[32];
	int bits;
	size_t i;

	o = json_object_new_object();
	holders = credentials_holders(t);
	for (i = 0; i < js_len(all); i++) {
		p = js_at(all, i);
		if (js_bool(p, "_deleted", false))
			continue;
		bits = 0;
		if (js_bool(p, "enabled", false))
			bits |= BIT_ENABLED;
		if (grants_any(t, p, now))
			bits |= BIT_GRANT;
		snprintf(key, sizeof(key), "%lld", js_int(p, "id", 0));
		if (js_has(holders, key))
			bits |= BIT_CREDENTIAL;
		js_set_int(o, key, bits);
	}
	json_object_put(holders);
	return o;
}

/* At the start every controller that has no copy of its own is up to date. */
void
doors_init(json_object *t, long long now)
{
	json_object *all = js_arr(t, "channels"), *copy, *sync;
	size_t i;

	copy = doors_snapshot(t, now);
	for (i = 0; i < js_len(all); i++) {
		if (js_has(js_at(all, i), "_copy"))
			continue;
		sync = json_object_new_object();
		clock_set(sync, "last_sync_completed_at", now - 3600000);
		js_set(js_at(all, i), "sync", sync);
		js_set(js_at(all, i), "_copy", js_ref(copy));
		js_set_int(js_at(all, i), "_version",
		    js_int(t, "_version", 0));
	}
	json_object_put(copy);
	if (!js_has(t, "_last_sync_ms"))
		js_set_int(t, "_last_sync_ms", now - 3600000);
}

static bool
doors_online(json_object *ch)
{
	return strcmp(js_str(ch, "status"), "online") == 0;
}

static const char *
doors_word(json_object *t, json_object *ch)
{
	if (js_bool(ch, "_failed", false))
		return "fail";
	if (js_has(ch, "_next") && doors_online(ch))
		return "syncing";
	return js_int(ch, "_version", 0) < js_int(t, "_version", 0) ?
	    "pending" : "ok";
}

static void
doors_adopt(json_object *t, json_object *ch, long long due)
{
	json_object *sync = js_get(ch, "sync");

	js_set(ch, "_copy", js_ref(js_get(ch, "_next")));
	js_set_int(ch, "_version", js_int(ch, "_next_version", 0));
	json_object_object_del(ch, "_next");
	clock_set(sync, "last_sync_completed_at", due);
	if (js_int(t, "_last_sync_ms", 0) < due)
		js_set_int(t, "_last_sync_ms", due);
}

/* Delivers what is due; a controller that is offline starts on return. */
void
doors_tick(json_object *root, json_object *t, long long now)
{
	json_object *all = js_arr(t, "channels"), *ch;
	long long due;
	size_t i;

	for (i = 0; i < js_len(all); i++) {
		ch = js_at(all, i);
		if (!js_has(ch, "_next") || js_bool(ch, "_failed", false))
			continue;
		if (!doors_online(ch)) {
			js_set_int(ch, "_due_ms", 0);
			continue;
		}
		due = js_int(ch, "_due_ms", 0);
		if (due == 0) {
			due = now + js_int(root, "sync_time_ms", 300);
			js_set_int(ch, "_due_ms", due);
		}
		if (due > now)
			continue;
		if (js_bool(ch, "_fails", false))
			js_set_bool(ch, "_failed", true);
		else
			doors_adopt(t, ch, due);
	}
	for (i = 0; i < js_len(all); i++)
		js_set_str(js_get(js_at(all, i), "sync"), "status",
		    doors_word(t, js_at(all, i)));
}

static void
doors_push(struct ctx *c)
{
	json_object *all = js_arr(c->t, "channels"), *ch, *copy;
	long long v = js_int(c->t, "_version", 0);
	size_t i;

	/* Changes made from here on have to wait for the next sync. */
	copy = doors_snapshot(c->t, c->now);
	for (i = 0; i < js_len(all); i++) {
		ch = js_at(all, i);
		js_set(ch, "_next", js_ref(copy));
		js_set_int(ch, "_next_version", v);
		js_set_int(ch, "_due_ms", 0);
		js_set_bool(ch, "_failed", false);
	}
	json_object_put(copy);
	js_set_int(c->t, "_pushed", v);
	doors_tick(c->root, c->t, c->now);
}

/* Is there a change that no sync has taken along, or one that failed? */
static bool
doors_behind(json_object *t)
{
	json_object *all = js_arr(t, "channels");
	size_t i;

	if (js_int(t, "_pushed", 0) < js_int(t, "_version", 0))
		return true;
	for (i = 0; i < js_len(all); i++)
		if (js_bool(js_at(all, i), "_failed", false))
			return true;
	return false;
}

void
doors_sync(struct ctx *c)
{
	long long last = js_int(c->t, "_sync_at_ms", 0);
	long long limit = js_int(c->root, "sync_limit_ms", 30000);
	json_object *o;

	if (last != 0 && c->now - last < limit) {
		o = json_object_new_object();
		js_set_str(o, "error", "rate_limited");
		js_set_str(o, "description",
		    "Sync rate limit exceeded. Please wait before trying.");
		js_set_int(o, "retry_in",
		    (limit - (c->now - last) + 999) / 1000);
		reply_json(c, 429, o);
		return;
	}
	js_set_int(c->t, "_sync_at_ms", c->now);
	if (doors_behind(c->t) || js_bool(c->root, "sync_always", false))
		doors_push(c);
	reply_result_ok(c);
}

/* The worst word of all controllers is the word of the account. */
static json_object *
doors_account_sync(json_object *t)
{
	json_object *all = js_arr(t, "channels"), *o;
	bool fail = false, syncing = false, pending = false;
	const char *w;
	char text[96];
	size_t i, n = 0;

	for (i = 0; i < js_len(all); i++) {
		w = doors_word(t, js_at(all, i));
		fail = fail || strcmp(w, "fail") == 0;
		syncing = syncing || strcmp(w, "syncing") == 0;
		pending = pending || strcmp(w, "pending") == 0;
		n += strcmp(w, "ok") != 0;
	}
	o = json_object_new_object();
	js_set_str(o, "status", syncing ? "syncing" : fail ? "failing" :
	    pending ? "pending" : "complete");
	clock_set(o, "last_sync", js_int(t, "_last_sync_ms", 0));
	snprintf(text, sizeof(text), "%zu controllers are not up to date", n);
	js_set_str(o, "description", n == 0 ? NULL : text);
	return o;
}

void
doors_account(struct ctx *c)
{
	json_object *o = js_public(js_get(c->t, "account"));

	js_set(o, "sync", doors_account_sync(c->t));
	reply_json(c, 200, o);
}

void
doors_channels(struct ctx *c)
{
	json_object *all = js_arr(c->t, "channels");
	json_object *a = json_object_new_array();
	long long site = req_query_int(c, "site_id", 0, 0, 1000000);
	size_t i;

	for (i = 0; i < js_len(all); i++)
		if (site == 0 || js_int(js_at(all, i), "site_id", 0) == site)
			js_add(a, js_public(js_at(all, i)));
	reply_list(c, a, "channels", 500, 1000);
}

void
doors_channel(struct ctx *c)
{
	char *end;
	long long id = strtoll(c->arg[0], &end, 10);
	json_object *o = NULL;

	if (*end == '\0')
		o = js_find_int(js_arr(c->t, "channels"), "id", id);
	if (o == NULL)
		reply_doorflow(c, 404, "not_found",
		    "The requested resource was not found");
	else
		reply_json(c, 200, js_public(o));
}

static int
doors_bits(json_object *ch, json_object *person)
{
	char key[32];

	snprintf(key, sizeof(key), "%lld", js_int(person, "id", 0));
	return (int)js_int(js_get(ch, "_copy"), key, -1);
}

static const char *
doors_why(int bits)
{
	if (bits < 0)
		return "the controller does not know this person";
	if ((bits & BIT_ENABLED) == 0)
		return "the controller's copy says disabled";
	if ((bits & BIT_GRANT) == 0)
		return "the controller's copy has no group or reservation";
	if ((bits & BIT_CREDENTIAL) == 0)
		return "the controller's copy has no credential";
	return "the controller's copy says enabled";
}

/* POST /door: somebody with this address stands before a door. */
void
doors_try(struct ctx *c)
{
	json_object *all = js_arr(c->t, "people"), *ch, *p = NULL, *o;
	const char *email = js_str(c->in, "email");
	int bits = -1, best = -2;
	size_t i;

	ch = js_find(js_arr(c->t, "channels"), "name",
	    js_str(c->in, "door"));
	/* A deleted record may still be in the copy, so all are tried. */
	for (i = 0; i < js_len(all) && best != BIT_ALL; i++) {
		if (strcasecmp(js_str(js_at(all, i), "email"), email) != 0)
			continue;
		bits = doors_bits(ch, js_at(all, i));
		if (bits > best) {
			best = bits;
			p = js_at(all, i);
		}
	}
	o = json_object_new_object();
	if (ch == NULL || p == NULL) {
		js_set_str(o, "error", ch == NULL ? "no such door" :
		    "no such person");
		reply_json(c, 404, o);
		return;
	}
	events_add(c->t, ch, p, best == BIT_ALL, c->now);
	js_set_bool(o, "opens", best == BIT_ALL);
	js_set_str(o, "why", doors_why(best));
	reply_json(c, 200, o);
}

/* POST /channel: unplugs a controller, plugs it in, makes its syncs fail. */
void
doors_set(struct ctx *c)
{
	json_object *ch, *o = json_object_new_object();
	const char *status = js_str(c->in, "status");

	ch = js_find(js_arr(c->t, "channels"), "name",
	    js_str(c->in, "name"));
	if (ch == NULL) {
		js_set_str(o, "error", "no such channel");
		reply_json(c, 404, o);
		return;
	}
	if (status[0] != '\0' && strcmp(status, "online") != 0 &&
	    strcmp(status, "offline") != 0 &&
	    strcmp(status, "pending_encryption") != 0) {
		js_set_str(o, "error", "no such status");
		reply_json(c, 422, o);
		return;
	}
	if (status[0] != '\0')
		js_set_str(ch, "status", status);
	if (js_has(c->in, "fails")) {
		js_set_bool(ch, "_fails", js_bool(c->in, "fails", false));
		if (!js_bool(c->in, "fails", false))
			js_set_bool(ch, "_failed", false);
	}
	doors_tick(c->root, c->t, c->now);
	js_set_bool(o, "ok", true);
	reply_json(c, 200, o);
}

/* For the state dump: by door, the ids of those it opens for now. */
json_object *
doors_openers(json_object *t)
{
	json_object *all = js_arr(t, "channels"), *people, *o, *a;
	size_t i, k;

	people = js_arr(t, "people");
	o = json_object_new_object();
	for (i = 0; i < js_len(all); i++) {
		a = json_object_new_array();
		for (k = 0; k < js_len(people); k++)
			if (doors_bits(js_at(all, i), js_at(people, k)) ==
			    BIT_ALL)
				js_add(a, js_ref(js_get(js_at(people, k),
				    "email")));
		js_set(o, js_str(js_at(all, i), "name"), a);
	}
	return o;
}
