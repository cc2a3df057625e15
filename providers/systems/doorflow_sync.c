/*
 * DoorFlow's sync: a change of a person reaches the controllers with POST
 * /api/3/sync, and an offline controller keeps the old state. One sync serves
 * everybody who was changed before it. Decides from the service's own
 * instants and from the order of our readings, never from this machine's
 * clock.
 */
#include "doorflow.h"

#include <stdio.h>
#include <string.h>

#include "../base/when.h"

/* As long as this a thread that asks for a sync keeps the others from it. */
#define CLAIM_MS	500
#define FRESH_MS	50

/* ---- what is kept ---- */

static void
wait_key(const struct visit *v, char key[32])
{
	(void)snprintf(key, 32, "sync_%s", phase_word(v->phase));
}

static int64_t
number(struct json_object *o, const char *key)
{
	return json_object_get_int64(visit_member(o, key, json_type_int));
}

/* The wait KEY of this very run of the worker: counts end with it. */
static int
wait_read(struct visit *v, const char *key, struct door_wait *w)
{
	struct json_object *o = v->after == NULL ? NULL :
	    visit_member(v->after, key, json_type_object);
	struct doors *d;
	int same;

	memset(w, 0, sizeof(*w));
	if (o == NULL)
		return 0;
	w->changed = number(o, "changed");
	w->seen = number(o, "seen");
	w->first = number(o, "first");
	w->ours = (int)number(o, "ours");
	d = doorflow_lock(v);
	same = d->id == number(o, "run");
	doorflow_unlock(v);
	return same;
}

static struct json_object *
wait_image(const struct visit *v, const struct door_wait *w, int all)
{
	struct json_object *o = json_object_new_object();
	struct doors *d = doorflow_lock(v);

	json_object_object_add(o, "run", json_object_new_int64(d->id));
	doorflow_unlock(v);
	json_object_object_add(o, "changed",
	    json_object_new_int64(w->changed));
	json_object_object_add(o, "seen", json_object_new_int64(w->seen));
	json_object_object_add(o, "first", json_object_new_int64(w->first));
	json_object_object_add(o, "ours", json_object_new_int(w->ours));
	json_object_object_add(o, "all", json_object_new_int(all));
	return o;
}

static void
wait_keep(struct visit *v, const struct door_wait *w)
{
	char key[32];

	wait_key(v, key);
	visit_after(v, key, wait_image(v, w, 0));
}

static void
wait_forget(struct visit *v)
{
	char key[32];

	wait_key(v, key);
	if (v->after != NULL)
		json_object_object_del(v->after, key);
}

void
doorflow_changed(struct visit *v)
{
	wait_forget(v);
	if (v->after != NULL)
		json_object_object_del(v->after, "doors_have");
}

static int64_t
between(int64_t ms, int64_t low, int64_t high)
{
	return ms < low ? low : ms > high ? high : ms;
}

/* Looks again soon at first, then calmly: a tenth of the time waited. Who
 * only rides along with somebody else's sync is calmer still. */
static int64_t
wait_pace(const struct visit *v, const struct door_wait *w)
{
	int64_t ms = w->first == 0 ? v->waited : doorflow_ago(w->first);

	return between(ms / 10, w->ours ? 20 : 100, 1000);
}

/* How old a reading may be: old enough for a thousand people to share. */
static int64_t
look_age(const struct visit *v)
{
	struct doors *d = doorflow_lock(v);
	int64_t ms = d->asked_at == 0 ? 2000 : when_mono() - d->asked_at;

	doorflow_unlock(v);
	return between(ms / 10, 10, 500);
}

/* Is the last reading of this moment, and later than the sight of a change?
 * Only on such a one a sync is asked for. */
static int
look_is_fresh(const struct visit *v, const struct door_wait *w)
{
	struct doors *d = doorflow_lock(v);
	int fresh = d->read_count > w->seen &&
	    when_mono() - d->read_at < FRESH_MS;

	doorflow_unlock(v);
	return fresh;
}

/* Was a sync asked for since the change was seen? */
static int
wait_is_served(const struct visit *v, const struct door_wait *w)
{
	struct doors *d = doorflow_lock(v);
	int served = d->asked > w->seen;

	doorflow_unlock(v);
	return served;
}

/* ---- the turn ---- */

/* ms until a sync may be asked for; 0: now, and it is ours if CLAIM. */
static int64_t
turn_wait(const struct visit *v, int claim)
{
	struct shared_token *t = v->sys->token;
	int64_t now = when_mono(), wait;

	pthread_mutex_lock(&t->lock);
	wait = t->turn > now ? t->turn - now : 0;
	if (wait == 0 && claim)
		t->turn = now + CLAIM_MS;
	pthread_mutex_unlock(&t->lock);
	return wait;
}

static void
turn_set(const struct visit *v, int64_t ms)
{
	pthread_mutex_lock(&v->sys->token->lock);
	v->sys->token->turn = ms == 0 ? 0 : when_mono() + ms;
	pthread_mutex_unlock(&v->sys->token->lock);
}

static enum outcome
turn_later(struct visit *v, int64_t ms)
{
	v->wait = ms;
	return visit_end(v, OUT_WAIT, "waiting for a turn to bring the doors "
	    "up to date (one sync at a time)");
}

/* Asks, after the reading COUNT. */
static enum outcome
sync_ask(struct visit *v, struct door_wait *w, int64_t count)
{
	struct visit_call c;
	struct buf path;
	enum outcome out;

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
		turn_set(v, v->wait);
		wait_keep(v, w);
		return turn_later(v, v->wait);
	}
	turn_set(v, 0);
	if (out == OUT_GONE)
		return visit_end(v, OUT_FAILED, "%s offers no sync at its url: "
		    "check url", v->sys->name);
	if (out != OUT_OK)
		return out;
	doorflow_asked(v, count);
	if (w->first == 0)
		w->first = when_now();
	w->ours = 1;
	wait_keep(v, w);
	v->wait = wait_pace(v, w);
	return visit_end(v, OUT_WAIT, "the doors are being brought up to date");
}

/* ---- what comes of it ---- */

static enum outcome
sync_later(struct visit *v, const struct door_wait *w,
    const struct door_judgement *j)
{
	wait_keep(v, w);
	v->wait = wait_pace(v, w);
	if (w->ours || w->first != 0)
		return visit_end(v, OUT_WAIT, "the doors are being brought up "
		    "to date");
	return visit_end(v, OUT_WAIT, "waiting for the doors to take the "
	    "change%s%s", j->nbehind > 0 ? ": " : "", j->behind);
}

static enum outcome
sync_odd(struct visit *v, const struct door_judgement *j)
{
	char status[40];
	struct doors *d = doorflow_lock(v);

	(void)text_copy(status, sizeof(status), d->status);
	doorflow_unlock(v);
	if (j->verdict == DOORS_ODD_SYNC)
		return visit_end(v, OUT_UNCLEAR, "%s calls the sync of its "
		    "doors \"%s\", which is no word of its contract: check "
		    "the doors there", v->sys->name, status);
	return visit_end(v, OUT_UNCLEAR, "%s describes a door in words that "
	    "are not of its contract (%s): check it there", v->sys->name,
	    j->behind);
}

/* The last word when everything was asked for and awaited. */
static enum outcome
sync_result(struct visit *v, const struct door_wait *w,
    const struct door_judgement *j, const char *words)
{
	wait_forget(v);
	/* A later phase needs no sync of its own for this state. */
	visit_after(v, "doors_have", wait_image(v, w,
	    j->verdict == DOORS_HAVE_IT));
	if (j->verdict == DOORS_HAVE_IT) {
		/* From then on nobody was to be let in, by their clock. */
		if (v->phase == PHASE_CONTAIN && j->latest > 0 &&
		    visit_member(v->after, "doors_at", json_type_int) == NULL)
			visit_after(v, "doors_at",
			    json_object_new_int64(j->latest));
		return visit_end(v, OUT_VERIFIED, "%s, and every door has it",
		    words);
	}
	if (j->verdict == DOORS_ODD_SYNC || j->verdict == DOORS_ODD_DOOR)
		return sync_odd(v, j);
	if (j->verdict == DOORS_UNPROVEN) {
		visit_task(v, "DoorFlow never confirmed that the doors took "
		    "the change: check on site that they stay shut%s%s, or "
		    "retry.", j->nbehind > 0 ? ", above all " : "", j->behind);
		return visit_end(v, OUT_DONE, "%s, but no sync of the doors "
		    "was confirmed", words);
	}
	visit_task(v, "These doors had not taken the change and may still "
	    "open: %s. Check them on site, or bring them online and retry.",
	    j->behind);
	return visit_end(v, OUT_DONE, "%s, but %u door(s) may still open: %s",
	    words, j->nbehind, j->behind);
}

/* Since when we know of that change: from this step's own wait, or from the
 * step before it, when nothing has changed since. */
static void
sync_since(struct visit *v, struct door_wait *w, int64_t changed)
{
	struct door_wait had;
	struct doors *d;
	char key[32];
	int kept;

	wait_key(v, key);
	kept = wait_read(v, key, w);
	if (kept && w->changed == changed)
		return;
	/* Patience goes on over a restart of ours, not over a change. */
	if (w->changed != changed)
		memset(w, 0, sizeof(*w));
	w->changed = changed;
	d = doorflow_lock(v);
	w->seen = d->count;
	doorflow_unlock(v);
	if (wait_read(v, "doors_have", &had) && had.changed == changed)
		w->seen = had.seen;
}

/* The person's updated_at now. */
static enum outcome
sync_person(struct visit *v, struct door_wait *w)
{
	struct json_object *person = NULL;
	enum outcome out = doorflow_person(v, &person);
	int64_t changed;

	if (out == OUT_GONE)
		return visit_end(v, OUT_RETRY, "%s no longer shows person %s",
		    v->sys->name, v->account);
	if (out != OUT_OK)
		return out;
	changed = doorflow_instant(visit_text(person, "updated_at"));
	json_object_put(person);
	if (changed == 0)
		return visit_end(v, OUT_GARBLED, "%s does not say when the "
		    "person was changed", v->sys->name);
	sync_since(v, w, changed);
	return OUT_OK;
}

/* Judges the last reading; *COUNT is its number. */
static enum door_verdict
sync_judge(struct visit *v, struct door_wait *w, struct door_judgement *j,
    int64_t *count)
{
	struct json_object *have = v->after == NULL ? NULL :
	    visit_member(v->after, "doors_have", json_type_object);

	*count = doorflow_judge(v, w, j);
	/* Every door had this very state already; what others have changed
	 * since makes them busy, not old. */
	if (number(have, "all") != 0 &&
	    number(have, "changed") == w->changed &&
	    j->verdict != DOORS_ODD_SYNC && j->verdict != DOORS_ODD_DOOR)
		j->verdict = DOORS_HAVE_IT;
	return j->verdict;
}

enum outcome
doorflow_sync(struct visit *v, const char *words)
{
	struct door_judgement j;
	struct door_wait w;
	enum outcome out;
	int64_t count, wait;
	int again, fresh;

	if (strcmp(visit_setting(v->sys, "sync"), "off") == 0)
		return visit_end(v, OUT_VERIFIED, "%s; the doors' own copies "
		    "are not looked at (sync = off)", words);
	out = sync_person(v, &w);
	for (again = 0; out == OUT_OK; again = 1) {
		out = doorflow_look(v, again ? 0 : look_age(v));
		if (out != OUT_OK)
			break;
		fresh = again || look_is_fresh(v, &w);
		switch (sync_judge(v, &w, &j, &count)) {
		case DOORS_ASK:
			wait = turn_wait(v, fresh);
			if (wait > 0) {
				wait_keep(v, &w);
				return turn_later(v, wait);
			}
			if (fresh)
				return sync_ask(v, &w, count);
			break;
		case DOORS_WAIT:
			return sync_later(v, &w, &j);
		case DOORS_HAVE_IT:
			return sync_result(v, &w, &j, words);
		default:
			/* No bad news of a moment ago, either. */
			if (again)
				return sync_result(v, &w, &j, words);
			break;
		}
	}
	return out;
}

enum outcome
doorflow_waiting(struct visit *v)
{
	struct door_judgement j;
	struct door_wait w;
	enum outcome out;
	int64_t count, wait = 0;
	char key[32];
	int known;

	wait_key(v, key);
	known = wait_read(v, key, &w);
	if (known == 0 || strcmp(visit_setting(v->sys, "sync"), "off") == 0)
		return OUT_OK;
	if (w.first == 0)
		wait = turn_wait(v, 0);
	/* Until the turn there is nothing to be seen, unless a sync that was
	 * asked for meanwhile serves this one, too. */
	if (wait > 0 && wait_is_served(v, &w) == 0)
		return turn_later(v, wait);
	out = doorflow_look(v, look_age(v));
	if (out != OUT_OK)
		return out;
	if (sync_judge(v, &w, &j, &count) == DOORS_WAIT)
		return sync_later(v, &w, &j);
	wait = j.verdict == DOORS_ASK ? turn_wait(v, 0) : 0;
	return wait > 0 ? turn_later(v, wait) : OUT_OK;
}

/* A further change now would make the doors wait for one more sync, so it
 * waits instead, for a while. While a turn is awaited it need not. */
int
doorflow_syncing(struct visit *v)
{
	struct door_wait w;

	return wait_read(v, "sync_contain", &w) != 0 &&
	    wait_is_served(v, &w) != 0 && doorflow_ago(w.first) <
	    DOORFLOW_PATIENCE_MS;
}
