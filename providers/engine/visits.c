/* One step from intent to result: find the account, let the provider do the
 * phase, have kept what it says. Makes no decision of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "../base/log.h"
#include "../record/case.h"
#include "../visit.h"
#include "inside.h"

static struct engine *
engine_of(struct visit *v)
{
	struct baggage *b = v->arg;

	return b->worker->lane->engine;
}

const char *
visits_image(struct json_object *image)
{
	return image == NULL ? "" : json_object_to_json_string_ext(image,
	    JSON_C_TO_STRING_PLAIN);
}

int
visits_flush(struct store *s, struct baggage *b, struct err *e)
{
	int rc = b->call == 0 ? STORE_OK : call_end(s, b->call, b->outcome, e);

	if (rc == STORE_OK)
		b->call = 0;
	return rc;
}

/*
 * Before a call that changes something: the intent, and the before-image as
 * far as it is known. Without the image on disk a crash after the call would
 * take the changed state for the original one.
 */
static int
hook_before(struct visit *v, const char *what, struct err *e)
{
	struct baggage *b = v->arg;
	struct engine *en = engine_of(v);
	const char *image = visits_image(v->before);
	int rc;

	pthread_mutex_lock(&en->lock);
	rc = store_begin(en->store, e);
	if (rc == STORE_OK) {
		rc = visits_flush(en->store, b, e);
		if (rc == STORE_OK)
			rc = call_begin(en->store, b->step, what, &b->call,
			    e);
		if (rc == STORE_OK && strcmp(image, b->saved) != 0)
			rc = account_before(en->store, b->offboarding,
			    v->sys->name, image, e);
		if (rc == STORE_OK)
			rc = store_commit(en->store, e);
		else
			store_rollback(en->store);
	}
	pthread_mutex_unlock(&en->lock);
	if (rc != STORE_OK)
		return -1;
	free(b->saved);
	b->saved = strdup(image);
	return b->saved == NULL ? err_set(e, "out of memory") : 0;
}

/* Kept with the next intent or the step's result: half the commits, and a
 * crash in between leaves the intent, which is read back first. */
static void
hook_after(struct visit *v, const char *outcome)
{
	struct baggage *b = v->arg;

	(void)text_copy(b->outcome, sizeof(b->outcome), outcome);
}

/* One request after the other, no sooner than the rate allows. */
static void
hook_pace(struct visit *v)
{
	struct baggage *b = v->arg;
	struct lane *l = b->worker->lane;
	int64_t now, wait = 0;

	if (l->interval == 0)
		return;
	pthread_mutex_lock(&l->engine->lock);
	now = when_mono() * 1000;
	if (l->next_call > now)
		wait = l->next_call - now;
	l->next_call = now + wait + l->interval;
	pthread_mutex_unlock(&l->engine->lock);
	if (wait == 0)
		return;
	http_pause((wait + 999) / 1000);
	/* Whoever slept too long must not be followed too soon. */
	pthread_mutex_lock(&l->engine->lock);
	now = when_mono() * 1000;
	if (l->next_call < now + l->interval)
		l->next_call = now + l->interval;
	pthread_mutex_unlock(&l->engine->lock);
}

static struct store *
hook_lock(struct visit *v)
{
	pthread_mutex_lock(&engine_of(v)->lock);
	return engine_of(v)->store;
}

static void
hook_unlock(struct visit *v)
{
	pthread_mutex_unlock(&engine_of(v)->lock);
}

const struct visit_hooks visits_hooks = {
	hook_before, hook_after, hook_pace, hook_lock, hook_unlock,
};

struct system *
visits_system(struct worker *w, struct err *e)
{
	struct system *sys = &w->sys;

	if (w->open)
		return sys;
	memset(sys, 0, sizeof(*sys));
	sys->name = w->lane->conf->name;
	sys->section = w->lane->conf->section;
	sys->provider = w->lane->provider;
	sys->settings = w->lane->engine->set;
	sys->data_dir = w->lane->engine->set->data_dir;
	sys->token = &w->lane->token;
	if (sys->provider->open(sys, e) == 0) {
		w->open = 1;
		return sys;
	}
	if (sys->provider->close != NULL)
		sys->provider->close(sys);
	http_free(sys->http);
	sys->http = NULL;
	return NULL;
}

/* ---- the phase itself ---- */

/* The account that this offboarding has found is there no more, perhaps
 * because it was removed: that is not the same as never having been there. */
static enum outcome
match_gone(struct visit *v)
{
	if (v->before != NULL)
		return visit_end(v, OUT_VERIFIED, "was found as %s, which is "
		    "gone now; what it held was read before", v->account);
	visit_task(v, "Account %s in %s went before anybody could read what it "
	    "held: see in its own log whether something of it is missed.",
	    v->account, v->sys->name);
	return visit_end(v, OUT_MANUAL, "was found as %s, which went before "
	    "what it held could be read", v->account);
}

/* Looks again for whom this offboarding has found already. */
static enum outcome
match_again(struct visit *v)
{
	char account[WORD_MAX], label[PERSON_MAX], other[WORD_MAX];
	enum outcome out;

	(void)text_copy(account, sizeof(account), v->account);
	(void)text_copy(label, sizeof(label), v->label);
	v->found = FOUND_YES;
	out = v->sys->provider->match(v);
	text_clean(v->label);
	if (out != OUT_ABSENT && out != OUT_AMBIGUOUS && (out != OUT_OK ||
	    strcmp(v->account, account) == 0))
		return out;
	(void)text_copy(other, sizeof(other), v->account);
	(void)text_copy(v->account, sizeof(v->account), account);
	(void)text_copy(v->label, sizeof(v->label), label);
	v->found = FOUND_YES;
	if (out == OUT_ABSENT)
		return match_gone(v);
	if (out == OUT_AMBIGUOUS)
		return visit_end(v, OUT_FAILED, "%s had account %.60s for this "
		    "person, and now shows several at the address: nothing is "
		    "done to the others; see there whose they are",
		    v->sys->name, account);
	/* Somebody else's, for all we know: never ours to end. */
	return visit_end(v, OUT_FAILED, "%s had account %.60s for this person, "
	    "and now shows %.60s at the address: nothing more is done to it; "
	    "if it is theirs, too, start another offboarding", v->sys->name,
	    account, other);
}

static enum outcome
visit_match(struct visit *v)
{
	enum outcome out;

	/* The dated match of this offboarding stays, except where it is the
	 * phase's own business to look who there is. */
	if (v->account[0] != '\0' && v->phase != PHASE_DOCUMENT)
		return OUT_OK;
	if (v->phase == PHASE_RESTORE)
		return visit_end(v, OUT_ABSENT, "nothing was done there");
	if (v->account[0] != '\0' && v->sys->provider->by_login == 0)
		return match_again(v);
	v->found = FOUND_YES;
	out = v->sys->provider->match(v);
	text_clean(v->label);
	if (out == OUT_ABSENT)
		v->found = FOUND_ABSENT;
	else if (out == OUT_AMBIGUOUS)
		v->found = FOUND_AMBIGUOUS;
	else if (out != OUT_OK)
		v->found = FOUND_UNKNOWN;
	return out;
}

/* Helpers' own words must not end a step. */
static enum outcome
visit_outcome(struct visit *v, enum outcome out)
{
	if (out == OUT_OK || out == OUT_GONE)
		out = visit_end(v, OUT_RETRY, "%s lost the account while it "
		    "was being changed", v->sys->name);
	return out;
}

static enum outcome
visit_phase(struct visit *v)
{
	enum outcome out;

	if (v->phase == PHASE_RECHECK)
		return recheck_visit(v);
	out = visit_match(v);
	return out != OUT_OK ? out :
	    visit_outcome(v, v->sys->provider->phases[v->phase](v));
}

static void
step_log(const struct step *st, int64_t began)
{
	char ob[OB_TEXT], ms[24];

	ob_text(st->offboarding, ob);
	(void)snprintf(ms, sizeof(ms), "%lld", (long long)(when_mono() - began));
	log_event(st->state == STATE_FAILED || st->state == STATE_UNCLEAR ?
	    LOG_WARNING : LOG_INFO, "step", "case", ob, "system", st->system, "phase",
	    phase_word(st->phase), "state", state_word(st->state), "ms", ms,
	    "detail", st->detail, NULL);
}

/* The record is written by others, too: anything but an object is none. */
static struct json_object *
image_read(const char *text)
{
	struct json_object *j = text[0] == '\0' ? NULL :
	    json_tokener_parse(text);

	if (j == NULL || json_object_is_type(j, json_type_object))
		return j;
	json_object_put(j);
	return NULL;
}

/* One step on its way: what it is about, and what has come of it. */
struct trip {
	struct worker	*worker;
	struct step	*step;
	struct offboarding who;
	struct baggage	 baggage;
	struct visit	 visit;
	char		 was[TEXT_MAX];
	int64_t		 began;
	enum outcome	 out;
};

static int
trip_read(struct trip *t, struct account *a, struct err *e)
{
	struct engine *en = t->worker->lane->engine;
	int rc;

	memset(a, 0, sizeof(*a));
	pthread_mutex_lock(&en->lock);
	rc = case_get(en->store, t->step->offboarding, &t->who, e);
	if (rc == STORE_OK)
		rc = account_get(en->store, t->step->offboarding,
		    t->step->system, a, e);
	if (rc == STORE_OK)
		rc = step_contained_at(en->store, t->step->offboarding,
		    t->step->system, &t->visit.contained_at, e);
	pthread_mutex_unlock(&en->lock);
	return rc == STORE_OK ? 0 : -1;
}

static int
trip_pack(struct trip *t, struct err *e)
{
	struct visit *v = &t->visit;
	struct account a;

	if (trip_read(t, &a, e) == -1) {
		account_clear(&a);
		return -1;
	}
	v->who = &t->who;
	v->phase = t->step->phase;
	v->emergency = t->who.emergency;
	v->hooks = &visits_hooks;
	v->waited = t->step->waiting_since == 0 ? 0 : when_now() -
	    t->step->waiting_since;
	(void)text_copy(v->account, sizeof(v->account), a.account);
	(void)text_copy(v->label, sizeof(v->label), a.label);
	v->found = strcmp(a.found, "found") == 0 ? FOUND_YES :
	    strcmp(a.found, "absent") == 0 ? FOUND_ABSENT :
	    strcmp(a.found, "ambiguous") == 0 ? FOUND_AMBIGUOUS :
	    FOUND_UNKNOWN;
	v->before = image_read(a.before);
	v->after = image_read(a.after);
	t->baggage.saved = strdup(a.before);
	account_clear(&a);
	return t->baggage.saved == NULL ? err_set(e, "out of memory") : 0;
}

/* OUT_OK: ready for the phase; else what has come of it already. */
static void
trip_begin(struct trip *t, struct worker *w, struct step *st)
{
	struct visit *v = &t->visit;
	struct err e;

	memset(t, 0, sizeof(*t));
	t->worker = w;
	t->step = st;
	t->began = when_mono();
	(void)text_copy(t->was, sizeof(t->was), st->detail);
	t->baggage.worker = w;
	t->baggage.step = st->id;
	t->baggage.offboarding = st->offboarding;
	v->arg = &t->baggage;
	buf_init(&v->holds, 16384);
	t->out = OUT_OK;
	if (trip_pack(t, &e) == -1)
		t->out = OUT_RETRY;
	else if ((v->sys = visits_system(w, &e)) == NULL)
		t->out = OUT_FAILED;
	if (t->out != OUT_OK)
		(void)text_copy(v->detail, sizeof(v->detail), e.text);
}

static void
trip_end(struct trip *t)
{
	struct engine *en = t->worker->lane->engine;
	struct step *st = t->step;
	struct visit *v = &t->visit;
	struct err e;
	int rc;

	pthread_mutex_lock(&en->lock);
	/* Stopped in the middle: the step stays "running" and is read back at
	 * the next start, as after a crash. */
	rc = http_stopped() && t->out != OUT_VERIFIED ? STORE_NONE :
	    outcome_keep(t->worker, st, v, t->out, &e);
	/* What was done must get into the record, however long it takes. */
	while (rc == STORE_FAIL && !http_stopped()) {
		pthread_mutex_unlock(&en->lock);
		log_event(LOG_ERR, "record", "error", e.text, NULL);
		http_pause(1000);
		pthread_mutex_lock(&en->lock);
		rc = outcome_keep(t->worker, st, v, t->out, &e);
	}
	pthread_mutex_unlock(&en->lock);
	/* That it waits on is no news. */
	if (rc == STORE_OK && (st->state != STATE_WAITING ||
	    strcmp(t->was, st->detail) != 0))
		step_log(st, t->began);
	json_object_put(v->before);
	json_object_put(v->after);
	buf_clear(&v->holds);
	free(t->baggage.saved);
}

void
visits_step(struct worker *w, struct step *st)
{
	struct trip t;

	trip_begin(&t, w, st);
	if (t.out == OUT_OK)
		t.out = visit_phase(&t.visit);
	trip_end(&t);
}

/* Those that are matched go together; each ends by itself. */
static void
together_run(struct trip *trips, unsigned n)
{
	struct visit **visits = calloc(n, sizeof(*visits));
	enum outcome *outs = calloc(n, sizeof(*outs));
	unsigned *which = calloc(n, sizeof(*which));
	unsigned i, m = 0;

	for (i = 0; visits != NULL && outs != NULL && which != NULL && i < n;
	    i++) {
		if (trips[i].out == OUT_OK)
			trips[i].out = visit_match(&trips[i].visit);
		if (trips[i].out != OUT_OK)
			continue;
		which[m] = i;
		outs[m] = OUT_RETRY;
		visits[m++] = &trips[i].visit;
	}
	if (m > 0)
		visits[0]->sys->provider->together.run(visits, outs, m);
	for (i = 0; i < m; i++)
		trips[which[i]].out = visit_outcome(visits[i], outs[i]);
	free(visits);
	free(outs);
	free(which);
}

void
visits_together(struct worker *w, struct step *steps, unsigned n)
{
	struct trip *trips = calloc(n, sizeof(*trips));
	unsigned i;

	/* Without the memory for all, one after the other will do. */
	if (trips == NULL) {
		for (i = 0; i < n; i++)
			visits_step(w, &steps[i]);
		return;
	}
	for (i = 0; i < n; i++)
		trip_begin(&trips[i], w, &steps[i]);
	together_run(trips, n);
	for (i = 0; i < n; i++)
		trip_end(&trips[i]);
	free(trips);
}
