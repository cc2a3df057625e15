/* What came of a visit: the only place where an outcome becomes a state, with
 * its waits, tasks and evidence, in one transaction. Makes no call. */
#include <openssl/rand.h>

#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "../base/log.h"
#include "../record/case.h"
#include "inside.h"
#include "retry.h"

#define GARBLED_MAX 4		/* tries before "unclear" */

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
outcome_stop(struct lane *l, const char *why)
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
		outcome_stop(l, v->detail);
		st->state = STATE_FAILED;
		break;
	case OUT_AMBIGUOUS:
	case OUT_FAILED:
	case OUT_OPEN:
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
		    o->phase >= PHASE_RESTORE)
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

	/* A later look changes nothing of what was found and done. */
	if (st->phase == PHASE_RECHECK)
		return STORE_OK;
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
		    visits_image(v->before), e);
	if (rc == STORE_OK && v->after != NULL)
		rc = account_after(en->store, st->offboarding, st->system,
		    visits_image(v->after), e);
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
		/* What somebody has looked into is not asked every month. */
		if (st->phase == PHASE_RECHECK && task_seen(en->store, &t,
		    e) != 0)
			continue;
		rc = task_open(en->store, &t, "offboardd", e);
	}
	return rc;
}

/* Result, evidence, tasks and what may run next: one transaction. */
int
outcome_keep(struct worker *w, struct step *st, struct visit *v,
    enum outcome out, struct err *e)
{
	struct engine *en = w->lane->engine;
	int rc = store_begin(en->store, e);

	if (rc != STORE_OK)
		return rc;
	step_judge(w->lane, st, v, out);
	rc = visits_flush(en->store, v->arg, e);
	if (rc == STORE_OK && v->sys != NULL)
		rc = keep_account(en, st, v, e);
	if (rc == STORE_OK)
		rc = keep_tasks(en, st, v, e);
	if (rc == STORE_OK && st->phase == PHASE_RECHECK && out == OUT_OPEN)
		rc = recheck_back(en, st, e);
	if (rc == STORE_OK)
		rc = step_end(en->store, st, e);
	if (rc == STORE_OK && st->phase < PHASE_RESTORE &&
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
