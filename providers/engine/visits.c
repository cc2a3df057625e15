/*
 * One step from intent to result: find the account, let the provider do the
 * phase, keep what it says. The only place where an outcome becomes a state.
 */
#include <openssl/rand.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "../base/log.h"
#include "../record/case.h"
#include "../visit.h"
#include "inside.h"
#include "retry.h"

#define GARBLED_MAX 4		/* tries before "unclear" */

/* What a visit of a step carries for its hooks. */
struct baggage {
	struct worker	*worker;
	int64_t		 step;
	int64_t		 offboarding;
	int64_t		 call;		/* made, its end not yet kept; or 0 */
	char		 outcome[200];
	char		*saved;		/* the before-image as it is on disk */
};

static const char *
image_text(struct json_object *image)
{
	return image == NULL ? "" : json_object_to_json_string_ext(image,
	    JSON_C_TO_STRING_PLAIN);
}

static struct engine *
engine_of(struct visit *v)
{
	struct baggage *b = v->arg;

	return b->worker->lane->engine;
}

static int
call_flush(struct store *s, struct baggage *b, struct err *e)
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
	const char *image = image_text(v->before);
	int rc;

	pthread_mutex_lock(&en->lock);
	rc = store_begin(en->store, e);
	if (rc == STORE_OK) {
		rc = call_flush(en->store, b, e);
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
	now = when_mono();
	if (l->next_call > now)
		wait = l->next_call - now;
	l->next_call = now + wait + l->interval;
	pthread_mutex_unlock(&l->engine->lock);
	if (wait > 0)
		http_pause(wait);
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

static enum outcome
visit_phase(struct visit *v)
{
	enum outcome out = visit_match(v);

	if (out != OUT_OK)
		return out;
	out = v->sys->provider->phases[v->phase](v);
	/* Helpers' own words must not end a step. */
	if (out == OUT_OK || out == OUT_GONE)
		out = visit_end(v, OUT_RETRY, "%s lost the account while it "
		    "was being changed", v->sys->name);
	return out;
}

/* ---- what came of it ---- */

static void
wait_for(struct step *st, int64_t ms, int64_t now)
{
	st->state = STATE_WAITING;
	if (st->waiting_since == 0)
		st->waiting_since = now;
	st->due_at = now + ms;
}

static void
try_again(struct lane *l, struct step *st, const struct visit *v,
    enum outcome out)
{
	uint32_t dice = 0;
	int64_t now = when_now(), wait;

	(void)RAND_bytes((unsigned char *)&dice, sizeof(dice));
	if (now - st->first_at > RETRY_GIVE_UP_MS) {
		st->state = STATE_FAILED;
		(void)snprintf(st->detail, sizeof(st->detail), "gave up after "
		    "24 hours: %.400s", v->detail);
		return;
	}
	if (out == OUT_UNREACHED || out == OUT_BUSY) {
		wait = retry_wait(++l->unreached, v->wait, dice);
		l->not_before = now + wait;
		l->slowed = out == OUT_BUSY;
		(void)text_copy(l->unreached_why, sizeof(l->unreached_why),
		    v->detail);
	} else
		wait = retry_wait(st->failures, v->wait, dice);
	wait_for(st, wait, now);
}

void
visits_stop(struct lane *l, const char *why)
{
	struct engine *en = l->engine;
	struct err e;

	(void)text_copy(l->stopped, sizeof(l->stopped), why);
	log_event(LOG_ALERT, "system-stopped", "system", l->conf->name, "why", why,
	    NULL);
	if (system_stop(en->store, l->conf->name, why, &e) != STORE_OK)
		log_event(LOG_ERR, "record", "error", e.text, NULL);
}

/* Outcome into state; under the lock. */
static void
step_judge(struct lane *l, struct step *st, struct visit *v,
    enum outcome out)
{
	int64_t now = when_now();

	st->at = now;
	st->due_at = 0;
	(void)text_copy(st->detail, sizeof(st->detail), v->detail);
	if (out != OUT_UNREACHED && out != OUT_BUSY)
		l->unreached = 0;
	/* Looking at something that is under way is no failure. */
	st->failures = out == OUT_RETRY || out == OUT_GARBLED ||
	    out == OUT_UNREACHED || out == OUT_BUSY ? st->failures + 1 : 0;
	switch (out) {
	case OUT_VERIFIED:
		st->state = STATE_VERIFIED;
		break;
	case OUT_DONE:
		st->state = STATE_DONE;
		break;
	case OUT_MANUAL:
		st->state = STATE_MANUAL;
		break;
	case OUT_ABSENT:
		st->state = STATE_ABSENT;
		break;
	case OUT_UNCLEAR:
		st->state = STATE_UNCLEAR;
		break;
	case OUT_WAIT:
		wait_for(st, v->wait > 0 ? v->wait : 1000, now);
		break;
	case OUT_GARBLED:
		if (st->failures >= GARBLED_MAX) {
			st->state = STATE_UNCLEAR;
			break;
		}
		try_again(l, st, v, out);
		break;
	case OUT_RETRY:
	case OUT_UNREACHED:
	case OUT_BUSY:
		try_again(l, st, v, out);
		break;
	case OUT_REFUSED:
		visits_stop(l, v->detail);
		st->state = STATE_FAILED;
		break;
	case OUT_AMBIGUOUS:
	case OUT_FAILED:
	case OUT_OK:
	case OUT_GONE:
		st->state = STATE_FAILED;
		break;
	}
	if (st->state != STATE_WAITING)
		st->waiting_since = 0;
}

/* A missing or ambiguous match ends the other steps of that system too. */
static int
end_system(struct engine *en, const struct step *st, enum state state,
    struct err *e)
{
	struct view v;
	unsigned i;
	int rc = view_load(en, st->offboarding, &v, e);

	if (rc != STORE_OK)
		return rc;
	for (i = 0; i < v.plan.nsteps && rc == STORE_OK; i++) {
		struct step *o = &v.steps[i];

		if (o->id == st->id || strcmp(o->system, st->system) != 0 ||
		    !state_is_open(o->state) || o->state == STATE_RUNNING ||
		    o->phase == PHASE_RESTORE)
			continue;
		o->state = state;
		o->at = when_now();
		o->due_at = 0;
		o->waiting_since = 0;
		(void)text_copy(o->detail, sizeof(o->detail), st->detail);
		rc = step_end(en->store, o, e);
	}
	view_clear(&v);
	return rc;
}

static int
keep_account(struct engine *en, const struct step *st, const struct visit *v,
    struct err *e)
{
	static const char *const words[] = { "unknown", "found", "absent",
	    "ambiguous" };
	struct account a;
	int rc;

	memset(&a, 0, sizeof(a));
	(void)text_copy(a.system, sizeof(a.system), st->system);
	(void)text_copy(a.account, sizeof(a.account),
	    v->found == FOUND_YES || v->found == FOUND_UNKNOWN ? v->account :
	    "");
	(void)text_copy(a.label, sizeof(a.label), v->label);
	(void)text_copy(a.found, sizeof(a.found), words[v->found]);
	rc = account_found(en->store, st->offboarding, &a, e);
	if (rc == STORE_OK && v->before != NULL)
		rc = account_before(en->store, st->offboarding, st->system,
		    image_text(v->before), e);
	if (rc == STORE_OK && v->after != NULL)
		rc = account_after(en->store, st->offboarding, st->system,
		    image_text(v->after), e);
	if (rc == STORE_OK && v->found == FOUND_YES && v->label[0] != '\0' &&
	    !v->sys->provider->by_login)
		rc = case_named(en->store, st->offboarding, v->label, e);
	return rc;
}

static int
keep_tasks(struct engine *en, const struct step *st, const struct visit *v,
    struct err *e)
{
	struct task t;
	unsigned i;
	int rc = STORE_OK;

	/* A step that is proven since makes its old task pointless. */
	if (st->state == STATE_VERIFIED && v->ntasks == 0)
		return task_moot(en->store, st, e);
	if (state_is_open(st->state))
		return STORE_OK;
	for (i = 0; i < v->ntasks && rc == STORE_OK; i++) {
		memset(&t, 0, sizeof(t));
		t.offboarding = st->offboarding;
		(void)text_copy(t.system, sizeof(t.system), st->system);
		(void)text_copy(t.phase, sizeof(t.phase),
		    phase_word(st->phase));
		(void)text_copy(t.text, sizeof(t.text), v->tasks[i]);
		rc = task_open(en->store, &t, "offboardd", e);
	}
	return rc;
}

/* Result, evidence, tasks and what may run next: one transaction. */
static int
step_keep(struct worker *w, struct step *st, struct visit *v,
    enum outcome out, struct err *e)
{
	struct engine *en = w->lane->engine;
	int rc = store_begin(en->store, e);

	if (rc != STORE_OK)
		return rc;
	step_judge(w->lane, st, v, out);
	rc = call_flush(en->store, v->arg, e);
	if (rc == STORE_OK && v->sys != NULL)
		rc = keep_account(en, st, v, e);
	if (rc == STORE_OK)
		rc = keep_tasks(en, st, v, e);
	if (rc == STORE_OK)
		rc = step_end(en->store, st, e);
	if (rc == STORE_OK && st->phase != PHASE_RESTORE &&
	    (out == OUT_ABSENT || out == OUT_AMBIGUOUS))
		rc = end_system(en, st, st->state, e);
	if (rc == STORE_OK)
		rc = system_saw(en->store, w->lane->conf->name,
		    w->lane->conf->kind, out != OUT_UNREACHED &&
		    out != OUT_REFUSED && out != OUT_GARBLED && out !=
		    OUT_RETRY, v->detail, e);
	if (rc == STORE_OK)
		rc = view_settle(en, st->offboarding, e);
	if (rc == STORE_OK)
		return store_commit(en->store, e);
	store_rollback(en->store);
	return rc;
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

static int
visit_begin(struct worker *w, struct step *st, struct visit *v,
    struct offboarding *who, struct err *e)
{
	struct engine *en = w->lane->engine;
	struct baggage *b = v->arg;
	struct account a;
	int rc;

	pthread_mutex_lock(&en->lock);
	rc = case_get(en->store, st->offboarding, who, e);
	if (rc == STORE_OK)
		rc = account_get(en->store, st->offboarding, st->system, &a,
		    e);
	pthread_mutex_unlock(&en->lock);
	if (rc != STORE_OK)
		return -1;
	v->who = who;
	v->phase = st->phase;
	v->emergency = who->emergency;
	v->hooks = &visits_hooks;
	v->waited = st->waiting_since == 0 ? 0 : when_now() -
	    st->waiting_since;
	buf_init(&v->holds, 16384);
	(void)text_copy(v->account, sizeof(v->account), a.account);
	(void)text_copy(v->label, sizeof(v->label), a.label);
	v->found = strcmp(a.found, "found") == 0 ? FOUND_YES :
	    strcmp(a.found, "absent") == 0 ? FOUND_ABSENT :
	    strcmp(a.found, "ambiguous") == 0 ? FOUND_AMBIGUOUS :
	    FOUND_UNKNOWN;
	if (a.before[0] != '\0')
		v->before = json_tokener_parse(a.before);
	if (a.after[0] != '\0')
		v->after = json_tokener_parse(a.after);
	b->saved = strdup(a.before);
	account_clear(&a);
	return b->saved == NULL ? err_set(e, "out of memory") : 0;
}

void
visits_step(struct worker *w, struct step *st)
{
	struct engine *en = w->lane->engine;
	struct offboarding who;
	struct baggage b;
	struct visit v;
	struct err e;
	enum outcome out;
	int64_t began = when_mono();
	int rc;

	memset(&v, 0, sizeof(v));
	memset(&b, 0, sizeof(b));
	b.worker = w;
	b.step = st->id;
	b.offboarding = st->offboarding;
	v.arg = &b;
	if (visit_begin(w, st, &v, &who, &e) == -1)
		out = OUT_RETRY;
	else if ((v.sys = visits_system(w, &e)) == NULL)
		out = OUT_FAILED;
	else
		out = visit_phase(&v);
	if (v.sys == NULL)
		(void)text_copy(v.detail, sizeof(v.detail), e.text);
	pthread_mutex_lock(&en->lock);
	/* Stopped in the middle: the step stays "running" and is read back at
	 * the next start, as after a crash. */
	rc = http_stopped() && out != OUT_VERIFIED ? STORE_NONE :
	    step_keep(w, st, &v, out, &e);
	/* What was done must get into the record, however long it takes. */
	while (rc == STORE_FAIL && !http_stopped()) {
		pthread_mutex_unlock(&en->lock);
		log_event(LOG_ERR, "record", "error", e.text, NULL);
		http_pause(1000);
		pthread_mutex_lock(&en->lock);
		rc = step_keep(w, st, &v, out, &e);
	}
	pthread_mutex_unlock(&en->lock);
	if (rc == STORE_OK)
		step_log(st, began);
	json_object_put(v.before);
	json_object_put(v.after);
	buf_clear(&v.holds);
	free(b.saved);
}
