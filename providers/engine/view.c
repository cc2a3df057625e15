/* A case in memory, and settling it: what may run next, what it amounts to.
 * All under the engine's lock. */
#include <stdlib.h>
#include <string.h>

#include "../record/case.h"
#include "guard.h"
#include "inside.h"

#define TASKS_MAX 500

static int
view_fill(struct store *s, int64_t id, struct view *v, struct err *e)
{
	int rc;

	memset(v, 0, sizeof(*v));
	v->steps = calloc(CASE_STEPS_MAX, sizeof(*v->steps));
	v->tasks = calloc(TASKS_MAX, sizeof(*v->tasks));
	if (v->steps == NULL || v->tasks == NULL)
		rc = err_set(e, "out of memory");
	else
		rc = case_get(s, id, &v->who, e);
	if (rc == STORE_OK)
		rc = step_list(s, id, v->steps, CASE_STEPS_MAX,
		    &v->plan.nsteps, e);
	if (rc == STORE_OK)
		rc = task_list(s, id, v->tasks, TASKS_MAX,
		    &v->plan.ntasks, e);
	if (rc == STORE_OK)
		rc = account_list(s, id, v->accounts,
		    CASE_SYSTEMS_MAX, &v->plan.naccounts, e);
	if (rc != STORE_OK) {
		view_clear(v);
		return rc;
	}
	v->plan.who = &v->who;
	v->plan.steps = v->steps;
	v->plan.tasks = v->tasks;
	v->plan.accounts = v->accounts;
	return STORE_OK;
}

int
engine_case_idle(struct store *s, int64_t id, int *idle, struct err *e)
{
	struct view v;
	int rc = view_fill(s, id, &v, e);

	if (rc != STORE_OK)
		return rc;
	*idle = plan_is_idle(&v.plan);
	view_clear(&v);
	return STORE_OK;
}

int
view_load(struct engine *en, int64_t id, struct view *v, struct err *e)
{
	unsigned i, k;
	int rc = view_fill(en->store, id, v, e);

	if (rc != STORE_OK)
		return rc;
	/* A name in the record is no approval: its role is. */
	if (guard_approved(en->set, &v->who) == 0)
		v->who.approved_by[0] = '\0';
	for (i = 0; i < v->plan.naccounts; i++)
		for (k = 0; k < en->nlanes; k++)
			if (strcmp(en->lanes[k].conf->name,
			    v->accounts[i].system) == 0 &&
			    en->lanes[k].provider->by_login)
				v->plan.by_login |= 1u << i;
	return STORE_OK;
}

void
view_clear(struct view *v)
{
	while (v->plan.naccounts > 0)
		account_clear(&v->accounts[--v->plan.naccounts]);
	free(v->steps);
	free(v->tasks);
	v->steps = NULL;
	v->tasks = NULL;
}

static int
never_run(struct engine *en, struct step *st, const struct gate_answer *a,
    struct err *e)
{
	struct task t;
	int rc = STORE_OK;

	st->state = a->state;
	st->at = when_now();
	st->due_at = 0;
	st->waiting_since = 0;
	(void)text_copy(st->detail, sizeof(st->detail), a->detail);
	if (a->task) {
		memset(&t, 0, sizeof(t));
		t.offboarding = st->offboarding;
		(void)text_copy(t.system, sizeof(t.system), st->system);
		(void)text_copy(t.phase, sizeof(t.phase),
		    phase_word(st->phase));
		(void)text_copy(t.text, sizeof(t.text), a->detail);
		rc = task_open(en->store, &t, "offboardd", e);
	}
	return rc == STORE_OK ? step_end(en->store, st, e) : rc;
}

/* Every gated step is asked once more. Returns how many were ended. */
static int
settle_steps(struct engine *en, struct view *v, int *ended, struct err *e)
{
	struct gate_answer a;
	struct step *st;
	enum gate g;
	int64_t now = when_now();
	unsigned i;
	int rc = STORE_OK;

	*ended = 0;
	for (i = 0; i < v->plan.nsteps && rc == STORE_OK; i++) {
		st = &v->steps[i];
		if (st->state != STATE_PENDING && st->state != STATE_WAITING)
			continue;
		g = plan_gate(&v->plan, i, now, &a);
		/* What waits runs when it is due, unless its gate has closed
		 * for good meanwhile. */
		if (st->state == STATE_WAITING && g != GATE_NEVER)
			continue;
		if (g == GATE_NEVER) {
			rc = never_run(en, st, &a, e);
			(*ended)++;
		} else if (g == GATE_GO && (st->due_at == 0 ||
		    st->due_at > now)) {
			st->due_at = now;
			rc = step_due(en->store, st->id, now, e);
		} else if (g == GATE_LATER && st->due_at != a.until) {
			st->due_at = a.until;
			rc = step_due(en->store, st->id, a.until, e);
		}
	}
	return rc;
}

static int
settle_status(struct engine *en, struct view *v, struct err *e)
{
	struct offboarding o = v->who;
	enum status was = o.status;
	struct audit a;
	int rc;

	o.status = plan_status(&v->plan, &o.contained_at, &o.completed_at);
	if (o.status != STATUS_COMPLETE && o.status != STATUS_RESTORED)
		o.completed_at = 0;
	if (o.status != STATUS_COMPLETE)
		o.recheck_at = 0;
	else if (was != STATUS_COMPLETE) {
		o.recheck_nth = 0;
		o.recheck_at = recheck_at(en->set, o.completed_at, 0);
	}
	if (o.status == was && o.contained_at == v->who.contained_at &&
	    o.completed_at == v->who.completed_at)
		return STORE_OK;
	rc = case_status(en->store, &o, e);
	/* A later offboarding of the person is open: that one speaks now. */
	if (rc == STORE_CONFLICT)
		return STORE_OK;
	if (rc != STORE_OK || o.status == was)
		return rc;
	memset(&a, 0, sizeof(a));
	(void)text_copy(a.actor, sizeof(a.actor), "offboardd");
	(void)text_copy(a.event, sizeof(a.event), "status");
	a.offboarding = o.id;
	(void)text_copy(a.detail, sizeof(a.detail), status_word(o.status));
	if (o.status == STATUS_ATTENTION && plan_found_nowhere(&v->plan))
		(void)text_copy(a.detail, sizeof(a.detail), "attention: found "
		    "nowhere; check the address for a typing error, then "
		    "cancel this and start again");
	rc = audit_append(en->store, &a, e);
	return rc == STORE_OK ? notice_status(en, &o, e) : rc;
}

int
view_settle(struct engine *en, int64_t id, struct err *e)
{
	struct view v;
	int ended = 1, rc, turn;

	/* Ending one step may let another end: a few turns, never many. */
	for (turn = 0; turn < PHASES + 1 && ended > 0; turn++) {
		rc = view_load(en, id, &v, e);
		if (rc != STORE_OK)
			return rc;
		rc = settle_steps(en, &v, &ended, e);
		if (rc == STORE_OK && ended == 0)
			rc = settle_status(en, &v, e);
		view_clear(&v);
		if (rc != STORE_OK)
			return rc;
	}
	return STORE_OK;
}
