/*
 * DoorFlow's doors as all threads of the system see them: one reading of the
 * account and its channels serves everybody who waits, and what each door has
 * taken since is remembered. Only reads; asks for no sync.
 */
#include "doorflow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/when.h"

/* While the service says that it is still at it. */
#define BUSY_MS		180000
/* Nobody waits longer than this, not even for somebody else's sync. */
#define STUCK_MS	1800000
/* A sync that was accepted but has not begun by then is asked for again. */
#define AGAIN_MS	3000

int
doorflow_join(struct system *sys, struct err *e)
{
	struct doorflow *own = sys->own;
	struct doors *d;

	pthread_mutex_lock(&sys->token->lock);
	if (sys->token->shared == NULL) {
		d = calloc(1, sizeof(*d));
		if (d != NULL)
			d->id = when_now();
		sys->token->shared = d;
	}
	d = sys->token->shared;
	if (d != NULL) {
		d->users++;
		own->counted = 1;
	}
	pthread_mutex_unlock(&sys->token->lock);
	return d == NULL ? err_set(e, "out of memory") : 0;
}

void
doorflow_leave(struct system *sys)
{
	struct doorflow *own = sys->own;
	struct doors *d;

	if (own == NULL || own->counted == 0)
		return;
	pthread_mutex_lock(&sys->token->lock);
	d = sys->token->shared;
	if (--d->users == 0) {
		free(d->door);
		free(d);
		sys->token->shared = NULL;
	}
	pthread_mutex_unlock(&sys->token->lock);
	own->counted = 0;
}

struct doors *
doorflow_lock(const struct visit *v)
{
	pthread_mutex_lock(&v->sys->token->lock);
	return v->sys->token->shared;
}

void
doorflow_unlock(const struct visit *v)
{
	pthread_mutex_unlock(&v->sys->token->lock);
}

int64_t
doorflow_instant(const char *text)
{
	char zone[WHEN_ZONE];
	int64_t at;

	if (text[0] == '\0' || strcmp(text, "now") == 0 ||
	    when_parse(text, when_now(), &at, zone, NULL) == -1)
		return 0;
	return at;
}

/* ---- one reading ---- */

static enum door_state
state_of_door(const char *word)
{
	return strcmp(word, "ok") == 0 ? DOOR_OK :
	    strcmp(word, "fail") == 0 ? DOOR_FAIL :
	    strcmp(word, "syncing") == 0 ? DOOR_SYNCING :
	    strcmp(word, "pending") == 0 ? DOOR_PENDING : DOOR_ODD;
}

static void
door_read(struct door *d, struct json_object *row)
{
	struct json_object *sync = visit_member(row, "sync", json_type_object);
	const char *status = visit_text(row, "status");

	memset(d, 0, sizeof(*d));
	visit_id(row, "id", d->id);
	(void)text_copy(d->name, sizeof(d->name), visit_text(row, "name"));
	d->state = state_of_door(visit_text(sync, "status"));
	d->online = strcmp(status, "online") == 0;
	if (d->online == 0 && strcmp(status, "offline") != 0 &&
	    strcmp(status, "pending_encryption") != 0)
		d->state = DOOR_ODD;
	d->taken = doorflow_instant(visit_text(sync,
	    "last_sync_completed_at"));
	d->before = INT64_MAX;
}

/* What is known of a door outlasts a reading. One that has completed a sync
 * since, which began after everything of that count was seen, holds it. */
static void
door_follow(struct door *d, const struct doors *old, size_t at)
{
	size_t i;

	for (i = 0; i < old->n; i++, at++)
		if (strcmp(old->door[at % old->n].id, d->id) == 0)
			break;
	if (i == old->n || d->id[0] == '\0')
		return;
	at %= old->n;
	d->before = old->door[at].before;
	d->has = old->door[at].has;
	if (d->taken > d->before && old->asked > d->has)
		d->has = old->asked;
}

static int
doors_take(struct doors *d, struct json_object *sync,
    struct json_object *rows)
{
	size_t i, n = json_object_array_length(rows);
	struct door *list = calloc(n == 0 ? 1 : n, sizeof(*list));

	if (list == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		door_read(&list[i], json_object_array_get_idx(rows, i));
		door_follow(&list[i], d, i);
	}
	free(d->door);
	d->door = list;
	d->n = n;
	(void)text_copy(d->status, sizeof(d->status),
	    visit_text(sync, "status"));
	(void)text_copy(d->last, sizeof(d->last),
	    visit_text(sync, "last_sync"));
	return 0;
}

static enum outcome
row_each(struct visit *v, struct json_object *row, void *arg)
{
	(void)v;
	json_object_array_add(arg, json_object_get(row));
	return OUT_OK;
}

static void
owner_take(struct doors *d, struct json_object *account)
{
	struct json_object *user = visit_member(account, "user",
	    json_type_object);

	(void)text_copy(d->owner, sizeof(d->owner), visit_text(user, "email"));
	d->owner_read = 1;
}

static enum outcome
doors_read(struct visit *v, struct json_object **account,
    struct json_object **sync, struct json_object *rows)
{
	struct doorflow_pages p = { "/api/3/channels", NULL, NULL, "channels",
	    "list the doors", row_each, rows, NULL };
	enum outcome out = visit_get(v, account, "api", "3", "account", NULL);

	if (out != OUT_OK)
		return out;
	*sync = visit_member(*account, "sync", json_type_object);
	if (*sync == NULL)
		return visit_end(v, OUT_GARBLED, "%s does not show its sync "
		    "state", v->sys->name);
	return doorflow_pages(v, &p);
}

enum outcome
doorflow_look(struct visit *v, int64_t age)
{
	struct json_object *account = NULL, *sync = NULL, *rows;
	struct doors *d = doorflow_lock(v);
	int64_t now = when_mono(), count;
	enum outcome out;
	int young = d->read_at != 0 && now - d->read_at < age;

	if (young == 0)
		d->count++;
	count = d->count;
	doorflow_unlock(v);
	if (young)
		return OUT_OK;
	rows = json_object_new_array();
	out = doors_read(v, &account, &sync, rows);
	if (out == OUT_GONE)
		out = visit_end(v, OUT_FAILED, "%s shows no sync state or no "
		    "doors: check url and the key's permissions",
		    v->sys->name);
	d = doorflow_lock(v);
	/* Another thread's later reading is newer than this one. */
	if (out == OUT_OK && count > d->read_count) {
		if (doors_take(d, sync, rows) == -1)
			out = visit_end(v, OUT_RETRY, "out of memory");
		else {
			d->read_at = now;
			d->read_count = count;
		}
	}
	if (out == OUT_OK)
		owner_take(d, account);
	doorflow_unlock(v);
	json_object_put(account);
	json_object_put(rows);
	return out;
}

void
doorflow_asked(struct visit *v, int64_t count)
{
	struct doors *d = doorflow_lock(v);
	size_t i;

	d->asked = count;
	d->asked_at = when_mono();
	(void)text_copy(d->asked_last, sizeof(d->asked_last), d->last);
	/* A door that is away, or takes an older sync just now, may complete
	 * that one first: its next instant proves nothing. */
	for (i = 0; i < d->n; i++)
		d->door[i].before = d->door[i].online != 0 &&
		    (d->door[i].state == DOOR_OK ||
		    d->door[i].state == DOOR_PENDING ||
		    d->door[i].state == DOOR_FAIL) ? d->door[i].taken :
		    INT64_MAX;
	doorflow_unlock(v);
}

enum outcome
doorflow_owner(struct visit *v, char owner[EMAIL_MAX])
{
	struct json_object *account = NULL;
	struct doors *d = doorflow_lock(v);
	enum outcome out;
	int known = d->owner_read;

	(void)text_copy(owner, EMAIL_MAX, d->owner);
	doorflow_unlock(v);
	if (known)
		return OUT_OK;
	out = visit_get(v, &account, "api", "3", "account", NULL);
	if (out == OUT_OK) {
		d = doorflow_lock(v);
		owner_take(d, account);
		(void)text_copy(owner, EMAIL_MAX, d->owner);
		doorflow_unlock(v);
	}
	json_object_put(account);
	return out;
}

int64_t
doorflow_ago(int64_t at)
{
	int64_t ms = at == 0 ? 0 : when_now() - at;

	return ms > 0 ? ms : 0;
}

/* ---- judging a reading ---- */

static void
name_add(struct door_judgement *j, const char *name)
{
	size_t used = strlen(j->behind);

	(void)snprintf(j->behind + used, sizeof(j->behind) - used, "%s%.60s",
	    used == 0 ? "" : ", ", name);
	j->nbehind++;
}

/* What is to be said of the doors beside their names. */
struct tally {
	int	 synced;	/* all is quiet, and newer than the change */
	unsigned awaited;	/* may still take it by themselves */
	unsigned odd;		/* described in words that we do not know */
	unsigned unsure;	/* up to date by their own word only */
};

static void
judge_doors(const struct doors *d, const struct door_wait *w,
    struct door_judgement *j, struct tally *t)
{
	const struct door *o;
	size_t i;
	int fresh;

	for (i = 0; i < d->n; i++) {
		o = &d->door[i];
		fresh = o->state == DOOR_OK && o->taken >= w->changed;
		if (o->state == DOOR_ODD)
			t->odd++;
		/* It completed a sync that began after we had seen the
		 * change; or all is quiet and newer than the change. An
		 * offline door that took it before it went away has it. */
		else if (o->has > w->seen || (t->synced && fresh)) {
			if (o->taken > j->latest)
				j->latest = o->taken;
			continue;
		} else if (fresh && w->first != 0) {
			/* By a sync that may have begun before the change. */
			t->unsure++;
			continue;
		} else if (o->online != 0 && o->state != DOOR_FAIL)
			t->awaited++;
		name_add(j, o->name);
	}
}

static enum door_verdict
judge_rest(const struct visit *v, const struct doors *d,
    const struct door_wait *w, const struct tally *t)
{
	int served = w->first != 0, synced = t->synced;
	int quiet = strcmp(d->status, "complete") == 0 ||
	    strcmp(d->status, "failing") == 0;
	int busy = strcmp(d->status, "syncing") == 0;
	int64_t spent = served ? doorflow_ago(w->first) : synced ? v->waited :
	    0;

	if (spent > (busy ? BUSY_MS : DOORFLOW_PATIENCE_MS) ||
	    v->waited > STUCK_MS)
		return quiet && synced == 0 ? DOORS_UNPROVEN : DOORS_LEFT;
	if (busy)
		return DOORS_WAIT;
	if (served == 0 && synced == 0)
		return DOORS_ASK;
	/* Only doors that are away or failing are left: no use to wait. */
	if (t->awaited + t->odd == 0 && d->n > t->unsure &&
	    (synced || quiet == 0) && (t->unsure == 0 || spent > AGAIN_MS))
		return DOORS_LEFT;
	if (synced)
		return DOORS_WAIT;
	return when_mono() - d->asked_at > AGAIN_MS ? DOORS_ASK : DOORS_WAIT;
}

int64_t
doorflow_judge(struct visit *v, struct door_wait *w, struct door_judgement *j)
{
	const struct doors *d = doorflow_lock(v);
	int64_t count = d->read_count;
	int quiet = strcmp(d->status, "complete") == 0 ||
	    strcmp(d->status, "failing") == 0;
	int64_t last = doorflow_instant(d->last);
	int served = d->asked > w->seen;
	struct tally t;

	memset(j, 0, sizeof(*j));
	memset(&t, 0, sizeof(t));
	if (served && w->first == 0)
		w->first = when_now();
	/* A sync counts when it is newer than the change; of the same
	 * second it counts only when it came after one that we asked for. */
	t.synced = quiet && (last > w->changed || (served &&
	    last == w->changed && strcmp(d->last, d->asked_last) != 0));
	judge_doors(d, w, j, &t);
	if (quiet == 0 && strcmp(d->status, "syncing") != 0 &&
	    strcmp(d->status, "pending") != 0)
		j->verdict = DOORS_ODD_SYNC;
	else if (j->nbehind + t.unsure == 0 && last != 0 &&
	    (d->n > 0 || t.synced))
		j->verdict = DOORS_HAVE_IT;
	else if (t.odd > 0 && quiet)
		j->verdict = DOORS_ODD_DOOR;
	else
		j->verdict = judge_rest(v, d, w, &t);
	if (j->verdict == DOORS_LEFT && j->nbehind == 0)
		j->verdict = DOORS_UNPROVEN;
	doorflow_unlock(v);
	return count;
}
