/*
 * DoorFlow's doors: a change of a person reaches the controllers with a sync
 * (POST /api/3/sync), and an offline controller keeps the old state. Decides
 * from the service's own instants only, never from this machine's clock.
 */
#include "doorflow.h"

#include <stdio.h>
#include <string.h>

#include "../base/when.h"

/* After this long a door that has not taken the sync is named, not awaited. */
#define PATIENCE_MS	45000
/* A sync that was accepted but has not begun by then is asked for again. */
#define AGAIN_MS	3000

struct doors {
	int64_t	 changed;	/* the person's updated_at */
	int	 syncing;	/* doors that still take it */
	int	 unknown;	/* a word we do not know */
	unsigned nbehind;
	char	 behind[300];	/* names of doors that have not got it */
};

/* An RFC 3339 instant of an answer in ms; 0 when absent or not one. */
static int64_t
instant(struct json_object *o, const char *key)
{
	char zone[WHEN_ZONE];
	int64_t at;
	const char *text = visit_text(o, key);

	if (text[0] == '\0' || strcmp(text, "now") == 0 ||
	    when_parse(text, when_now(), &at, zone, NULL) == -1)
		return 0;
	return at;
}

static enum outcome
door_each(struct visit *v, struct json_object *row, void *arg)
{
	static const char *const known[] = { "online", "offline",
	    "pending_encryption" };
	struct json_object *sync = visit_member(row, "sync", json_type_object);
	const char *status = visit_text(row, "status");
	const char *state = visit_text(sync, "status");
	struct doors *d = arg;
	int fresh = instant(sync, "last_sync_completed_at") >= d->changed;
	size_t used = strlen(d->behind);
	size_t i;

	(void)v;
	for (i = 0; i < 3; i++)
		if (strcmp(status, known[i]) == 0)
			break;
	if (strcmp(state, "ok") == 0 && fresh && i == 0)
		return OUT_OK;
	if (i == 3 || (strcmp(state, "ok") != 0 && strcmp(state, "fail") != 0 &&
	    strcmp(state, "syncing") != 0 && strcmp(state, "pending") != 0))
		d->unknown = 1;
	else if (i == 0 && strcmp(state, "fail") != 0)
		d->syncing++;
	/* An offline door that took this very change before it went away has
	 * it; any other keeps what it had. */
	if (strcmp(state, "ok") == 0 && fresh)
		return OUT_OK;
	(void)snprintf(d->behind + used, sizeof(d->behind) - used, "%s%.60s",
	    used == 0 ? "" : ", ", visit_text(row, "name"));
	d->nbehind++;
	return OUT_OK;
}

static int64_t
sync_ago(const struct visit *v, const char *key)
{
	struct json_object *m = v->after == NULL ? NULL :
	    visit_member(v->after, key, json_type_int);
	int64_t ago = m == NULL ? 0 : when_now() - json_object_get_int64(m);

	return ago > 0 ? ago : 0;
}

/* How long we have been asking for the sync on record; 0: we have not. */
static int64_t
sync_waited(const struct visit *v)
{
	return sync_ago(v, "sync_first");
}

/* Looks again soon at first, then calmly: a tenth of the time waited. */
static int64_t
sync_pace(const struct visit *v)
{
	int64_t wait = sync_waited(v) / 10;

	return wait < 20 ? 20 : wait > 1000 ? 1000 : wait;
}

/* What last_sync was when we asked for this change; NULL: not yet asked. */
static const char *
sync_asked(struct visit *v, const struct doors *d)
{
	const char *text = v->after == NULL ? "" :
	    visit_text(v->after, "sync_since");
	char prefix[WHEN_TEXT];
	int n = snprintf(prefix, sizeof(prefix), "%lld ",
	    (long long)d->changed);

	return strncmp(text, prefix, (size_t)n) == 0 ? text + n : NULL;
}

static enum outcome
sync_ask(struct visit *v, const struct doors *d, struct json_object *sync)
{
	struct doorflow *own = v->sys->own;
	char since[WHEN_TEXT + 100];
	struct visit_call c;
	struct buf path;
	enum outcome out;

	/* The turn is the account's, not one person's. */
	v->wait = own->sync_not_before - when_now();
	if (v->wait > 0)
		return visit_end(v, OUT_WAIT, "waiting for a turn to bring "
		    "the doors up to date (one sync at a time)");
	v->wait = 0;

	buf_init(&path, 512);
	http_path(&path, "api", "3", "sync", NULL);
	memset(&c, 0, sizeof(c));
	c.method = "POST";
	c.path = &path;
	c.what = "bring the doors up to date";
	out = visit_call(v, &c);
	if (out == OUT_BUSY) {
		/* One sync at a time: wait for our turn, calmly. */
		if (v->wait <= 0)
			v->wait = 30000;
		own->sync_not_before = when_now() + v->wait;
		return visit_end(v, OUT_WAIT, "waiting for a turn to bring "
		    "the doors up to date (one sync at a time)");
	}
	if (out == OUT_GONE)
		return visit_end(v, OUT_FAILED, "%s offers no sync at its url: "
		    "check url", v->sys->name);
	if (out != OUT_OK)
		return out;
	/* For this very change, only a sync newer than that one counts. */
	(void)snprintf(since, sizeof(since), "%lld %.60s",
	    (long long)d->changed, visit_text(sync, "last_sync"));
	visit_after(v, "sync_since", json_object_new_string(since));
	if (sync_waited(v) == 0 || sync_asked(v, d) == NULL)
		visit_after(v, "sync_first",
		    json_object_new_int64(when_now()));
	visit_after(v, "sync_asked", json_object_new_int64(when_now()));
	visit_after(v, "sync_phase",
	    json_object_new_string(phase_word(v->phase)));
	v->wait = sync_pace(v);
	return visit_end(v, OUT_WAIT, "the doors are being brought up to date");
}

/* The person's updated_at, and the account's sync object (borrowed of J). */
static enum outcome
sync_read(struct visit *v, struct doors *d, struct json_object **j,
    struct json_object **sync)
{
	struct doorflow_pages p = { "/api/3/channels", NULL, NULL, "channels",
	    "list the doors", door_each, d };
	struct json_object *person = NULL;
	enum outcome out = doorflow_person(v, &person);

	if (out != OUT_OK)
		return out;
	d->changed = instant(person, "updated_at");
	json_object_put(person);
	out = visit_get(v, j, "api", "3", "account", NULL);
	if (out != OUT_OK)
		return out;
	*sync = visit_member(*j, "sync", json_type_object);
	if (*sync == NULL)
		return visit_end(v, OUT_GARBLED, "%s does not show its sync "
		    "state", v->sys->name);
	return doorflow_pages(v, &p);
}

static void
sync_forget(struct visit *v)
{
	if (v->after != NULL) {
		json_object_object_del(v->after, "sync_since");
		json_object_object_del(v->after, "sync_first");
		json_object_object_del(v->after, "sync_asked");
		json_object_object_del(v->after, "sync_phase");
	}
}

/* Asked for again and again, and never seen to happen. */
static enum outcome
sync_unproven(struct visit *v, const struct doors *d, const char *words)
{
	sync_forget(v);
	visit_task(v, "DoorFlow never confirmed that the doors took the "
	    "change: check on site that they stay shut%s%s, or retry.",
	    d->nbehind > 0 ? ", above all " : "", d->behind);
	return visit_end(v, OUT_DONE, "%s, but no sync of the doors was "
	    "confirmed", words);
}

/* The last word when everything was asked for and awaited. */
static enum outcome
sync_result(struct visit *v, const struct doors *d, const char *words)
{
	sync_forget(v);
	if (d->nbehind == 0)
		return visit_end(v, OUT_VERIFIED, "%s, and every door has it",
		    words);
	visit_task(v, "These doors had not taken the change and may still "
	    "open: %s. Check them on site, or bring them online and retry.",
	    d->behind);
	return visit_end(v, OUT_DONE, "%s, but %u door(s) may still open: %s",
	    words, d->nbehind, d->behind);
}

/* Time to ask for a sync: not yet asked, asked in an earlier try that a
 * person has begun anew, or asked and nothing came of it. */
static int
sync_is_due(const struct visit *v, int asked)
{
	if (!asked)
		return 1;
	return sync_ago(v, "sync_asked") > AGAIN_MS;
}

/* The service is busy with a sync, or says that one is needed. */
static enum outcome
sync_under_way(struct visit *v, const struct doors *d,
    struct json_object *sync, const char *words)
{
	int pending = strcmp(visit_text(sync, "status"), "pending") == 0;
	int asked = sync_asked(v, d) != NULL;

	if (asked && sync_waited(v) > PATIENCE_MS)
		return sync_result(v, d, words);
	/* Only doors that are offline are left: no use to wait. */
	if (asked && pending && d->syncing == 0 && d->unknown == 0)
		return sync_result(v, d, words);
	if (pending && sync_is_due(v, asked))
		return sync_ask(v, d, sync);
	v->wait = sync_pace(v);
	return visit_end(v, OUT_WAIT, "the doors are being brought up to date");
}

static enum outcome
sync_decide(struct visit *v, const struct doors *d, struct json_object *sync,
    const char *words)
{
	const char *status = visit_text(sync, "status");
	int64_t at = instant(sync, "last_sync");
	const char *since = sync_asked(v, d);
	int asked = since != NULL, ours;

	if (strcmp(status, "syncing") == 0 || strcmp(status, "pending") == 0)
		return sync_under_way(v, d, sync, words);
	if (strcmp(status, "complete") != 0 && strcmp(status, "failing") != 0)
		return visit_end(v, OUT_UNCLEAR, "%s calls the sync of its "
		    "doors \"%.40s\", which is no word of its contract: check "
		    "the doors there", v->sys->name, status);
	if (d->unknown != 0)
		return visit_end(v, OUT_UNCLEAR, "%s describes a door in "
		    "words that are not of its contract (%s): check it there",
		    v->sys->name, d->behind);
	/* A sync counts when it is newer than the change; of the same
	 * second it counts only when it came after we asked for it. */
	ours = at > d->changed || (asked && at >= d->changed &&
	    strcmp(visit_text(sync, "last_sync"), since) != 0);
	if (ours == 0 && asked && sync_waited(v) > PATIENCE_MS)
		return sync_unproven(v, d, words);
	if (ours == 0 && sync_is_due(v, asked))
		return sync_ask(v, d, sync);
	/* Doors also take syncs that somebody else asked for. */
	if ((ours == 0 || d->syncing > 0) &&
	    (asked ? sync_waited(v) : v->waited) <= PATIENCE_MS) {
		v->wait = sync_pace(v);
		return visit_end(v, OUT_WAIT, "waiting for the doors to take "
		    "the change%s%s", d->nbehind > 0 ? ": " : "", d->behind);
	}
	return sync_result(v, d, words);
}

enum outcome
doorflow_sync(struct visit *v, const char *words)
{
	struct json_object *j = NULL, *sync = NULL;
	struct doors d;
	enum outcome out;

	if (strcmp(visit_setting(v->sys, "sync"), "off") == 0)
		return visit_end(v, OUT_VERIFIED, "%s; the doors' own copies "
		    "are not looked at (sync = off)", words);
	memset(&d, 0, sizeof(d));
	out = sync_read(v, &d, &j, &sync);
	if (out == OUT_GONE)
		out = visit_end(v, OUT_FAILED, "%s shows no sync state or no "
		    "doors: check url and the key's permissions",
		    v->sys->name);
	if (out == OUT_OK && d.changed == 0)
		out = visit_end(v, OUT_GARBLED, "%s does not say when the "
		    "person was changed", v->sys->name);
	if (out == OUT_OK)
		out = sync_decide(v, &d, sync, words);
	json_object_put(j);
	return out;
}

/* Is a sync for the containment still on its way? A further change now would
 * make the doors wait for one more sync, so it waits instead, for a while. */
int
doorflow_syncing(const struct visit *v)
{
	return v->after != NULL && sync_waited(v) < PATIENCE_MS &&
	    visit_member(v->after, "sync_since", json_type_string) != NULL;
}
