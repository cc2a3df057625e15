/* The order of phases and the status of an offboarding. Pure. */
#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "../base/buf.h"

int
plan_tried(const struct step *st)
{
	if (!state_is_open(st->state))
		return 1;
	/* A retry or a crash starts over: first_at is 0 again. One that waits
	 * has been tried, also while it runs once more. */
	return st->first_at > 0 && (st->state != STATE_RUNNING ||
	    st->waiting_since > 0);
}

static const struct step *
find_step(const struct plan *p, const char *system, enum phase phase)
{
	unsigned i;

	for (i = 0; i < p->nsteps; i++)
		if (p->steps[i].phase == phase &&
		    strcmp(p->steps[i].system, system) == 0)
			return &p->steps[i];
	return NULL;
}

/* A phase that the system does not have is no hindrance. */
static int
phase_tried(const struct plan *p, const char *system, enum phase phase)
{
	const struct step *st = find_step(p, system, phase);

	return st == NULL || plan_tried(st);
}

static int
all_contained_once(const struct plan *p)
{
	unsigned i;

	for (i = 0; i < p->nsteps; i++)
		if (p->steps[i].phase == PHASE_CONTAIN &&
		    !plan_tried(&p->steps[i]))
			return 0;
	return 1;
}

static enum gate
later(struct gate_answer *a, int64_t until)
{
	a->until = until;
	return GATE_LATER;
}

/*
 * A login that was only derived from the address could be a colleague's when
 * the address is mistyped. So the denial waits until some other system knows
 * the address; when all have answered that they do not, it is not made.
 */
static enum gate
gate_login(const struct plan *p, const struct step *st, int64_t now,
    struct gate_answer *a)
{
	unsigned i, others = 0, absent = 0;

	for (i = 0; i < p->naccounts; i++) {
		if ((p->by_login >> i & 1) != 0)
			continue;
		others++;
		if (strcmp(p->accounts[i].found, "found") == 0)
			return GATE_GO;
		if (strcmp(p->accounts[i].found, "absent") == 0)
			absent++;
	}
	if (others == 0)
		return GATE_GO;
	if (absent == others) {
		a->state = STATE_MANUAL;
		a->task = st->phase == PHASE_CONTAIN;
		(void)snprintf(a->detail, sizeof(a->detail), "the login %.64s "
		    "was only guessed from the address, and no other system "
		    "knows that address: nothing was denied. If the login is "
		    "right, start again and name it.", p->who->login);
		return GATE_NEVER;
	}
	if (now >= p->who->opened_at + PLAN_CONFIRM_MS)
		return GATE_GO;
	return later(a, p->who->opened_at + PLAN_CONFIRM_MS);
}

static int
is_by_login(const struct plan *p, const char *system)
{
	unsigned i;

	for (i = 0; i < p->naccounts; i++)
		if (strcmp(p->accounts[i].system, system) == 0)
			return (p->by_login >> i & 1) != 0;
	return 0;
}

static enum gate
gate_remove(const struct plan *p, const struct step *st,
    struct gate_answer *a)
{
	const struct step *h = find_step(p, st->system, PHASE_HANDOVER);
	const struct step *c = find_step(p, st->system, PHASE_CONTAIN);
	const struct step *r = find_step(p, st->system, PHASE_REVOKE);
	const struct step *d = find_step(p, st->system, PHASE_DOCUMENT);

	/* What is deleted can no longer be read, nor proven to be shut. */
	if ((d != NULL && state_is_open(d->state)) ||
	    (c != NULL && state_is_open(c->state)) ||
	    (r != NULL && state_is_open(r->state)))
		return later(a, 0);
	if (h == NULL || h->state == STATE_VERIFIED ||
	    h->state == STATE_ABSENT)
		return GATE_GO;
	if (state_is_open(h->state))
		return later(a, 0);
	a->state = STATE_FAILED;
	(void)snprintf(a->detail, sizeof(a->detail), "nothing is removed "
	    "before the handover is verified: hand over, then retry %.100s",
	    st->system);
	return GATE_NEVER;
}

static enum gate
gate_verify(const struct plan *p, const struct step *st,
    struct gate_answer *a)
{
	unsigned i;

	for (i = 0; i < p->nsteps; i++)
		if (&p->steps[i] != st && p->steps[i].phase < PHASE_VERIFY &&
		    strcmp(p->steps[i].system, st->system) == 0 &&
		    state_is_open(p->steps[i].state))
			return later(a, 0);
	return GATE_GO;
}

static enum gate
gate_restore(const struct plan *p, struct gate_answer *a)
{
	unsigned i;

	for (i = 0; i < p->nsteps; i++)
		if (p->steps[i].phase < PHASE_RESTORE &&
		    p->steps[i].state == STATE_RUNNING)
			return later(a, 0);
	return GATE_GO;
}

static enum gate
gate_revoke(const struct plan *p, const struct step *st, int64_t now,
    struct gate_answer *a)
{
	if (!phase_tried(p, st->system, PHASE_CONTAIN) ||
	    !phase_tried(p, st->system, PHASE_DOCUMENT))
		return later(a, 0);
	if (all_contained_once(p) ||
	    now >= p->who->opened_at + PLAN_OTHERS_MS)
		return GATE_GO;
	return later(a, p->who->opened_at + PLAN_OTHERS_MS);
}

static int
is_held(const struct offboarding *o)
{
	return o->hold[0] != '\0' && o->approved_by[0] == '\0';
}

/* What stops the whole system before the single phase is looked at. */
static enum gate
gate_case(const struct plan *p, const struct step *st, struct gate_answer *a)
{
	const struct offboarding *o = p->who;

	if (o->status == STATUS_CANCELLED || o->status == STATUS_RESTORED)
		return later(a, 0);
	if ((o->restore_at > 0) != (st->phase == PHASE_RESTORE))
		return later(a, 0);
	/* What is held is the ending of access, not putting it back, and not
	 * looking. */
	if (st->phase < PHASE_RESTORE && is_held(o) &&
	    (strncmp(o->hold, "irreversible:", 13) != 0 || (st->phase != PHASE_DOCUMENT && st->phase != PHASE_CONTAIN)))
		return later(a, 0);
	return GATE_GO;
}

enum gate
plan_gate(const struct plan *p, unsigned i, int64_t now,
    struct gate_answer *a)
{
	const struct step *st = &p->steps[i];
	enum gate g;

	memset(a, 0, sizeof(*a));
	g = gate_case(p, st, a);
	if (g != GATE_GO)
		return g;
	if (st->phase > PHASE_DOCUMENT && st->phase < PHASE_RESTORE &&
	    is_by_login(p, st->system) && p->who->login_given == 0 &&
	    p->who->login[0] != '\0') {
		g = gate_login(p, st, now, a);
		if (g != GATE_GO)
			return g;
	}
	switch (st->phase) {
	case PHASE_DOCUMENT:
		/* In an emergency only the match comes before the contain. */
		if (p->who->emergency != 0 &&
		    !phase_tried(p, st->system, PHASE_CONTAIN))
			return later(a, 0);
		return GATE_GO;
	case PHASE_CONTAIN:
		if (p->who->emergency == 0 &&
		    !phase_tried(p, st->system, PHASE_DOCUMENT))
			return later(a, 0);
		return GATE_GO;
	case PHASE_REVOKE:
		return gate_revoke(p, st, now, a);
	case PHASE_HANDOVER:
		return phase_tried(p, st->system, PHASE_REVOKE) ? GATE_GO :
		    later(a, 0);
	case PHASE_REMOVE:
		return gate_remove(p, st, a);
	case PHASE_VERIFY:
		return gate_verify(p, st, a);
	case PHASE_RESTORE:
		return gate_restore(p, a);
	case PHASE_RECHECK:
		/* What is being ended again is looked at when it is ended. */
		return gate_verify(p, st, a);
	case PHASES:
		break;
	}
	return GATE_GO;
}

/* ---- what it amounts to ---- */

static int
is_short_wait(const struct step *st)
{
	return st->state == STATE_WAITING && st->due_at > 0 &&
	    st->due_at - st->waiting_since < PLAN_SHORT_MS;
}

static int
counts(const struct plan *p, const struct step *st)
{
	/* A later look makes nothing unfinished, but what it could not prove
	 * needs somebody. */
	if (st->phase == PHASE_RECHECK && st->state != STATE_FAILED &&
	    st->state != STATE_UNCLEAR)
		return 0;
	return (p->who->restore_at > 0) == (st->phase == PHASE_RESTORE);
}

/* A task of a step that no longer counts (undone) does not hold it up. */
static int
has_open_task(const struct plan *p, const struct step *st)
{
	unsigned i;

	for (i = 0; i < p->ntasks; i++)
		if (p->tasks[i].open != 0 && (st == NULL ||
		    (strcmp(p->tasks[i].system, st->system) == 0 &&
		    strcmp(p->tasks[i].phase, phase_word(st->phase)) == 0)))
			return 1;
	return 0;
}

int
plan_found_nowhere(const struct plan *p)
{
	unsigned i;

	for (i = 0; i < p->naccounts; i++)
		if (strcmp(p->accounts[i].found, "absent") != 0 &&
		    !((p->by_login >> i & 1) != 0 &&
		    strcmp(p->accounts[i].found, "unknown") == 0))
			return 0;
	return 1;
}

static int64_t
contained_at(const struct plan *p)
{
	const struct step *st;
	int64_t last = 0;
	unsigned i;

	for (i = 0; i < p->nsteps; i++) {
		st = &p->steps[i];
		if (st->phase != PHASE_CONTAIN || st->state == STATE_ABSENT)
			continue;
		if (st->state != STATE_VERIFIED)
			return 0;
		if (st->at > last)
			last = st->at;
	}
	return plan_found_nowhere(p) ? 0 : last;
}

/* An approval that was used up needs nobody who still may give it. */
static int
has_open_step(const struct plan *p)
{
	unsigned i;

	for (i = 0; i < p->nsteps; i++)
		if (p->steps[i].phase < PHASE_RESTORE &&
		    state_is_open(p->steps[i].state))
			return 1;
	return p->nsteps == 0;
}

struct tally {
	int	running, attention, waiting;
	int64_t	last;
};

static void
tally_step(const struct plan *p, const struct step *st, struct tally *t)
{
	if (st->at > t->last && st->phase != PHASE_RECHECK)
		t->last = st->at;
	switch (st->state) {
	case STATE_RUNNING:
		/* One more look at what waits for long is no new movement. */
		if (st->waiting_since > 0 &&
		    st->due_at - st->waiting_since >= PLAN_SHORT_MS)
			t->waiting = 1;
		else
			t->running = 1;
		break;
	case STATE_PENDING:
		t->running = 1;
		break;
	case STATE_WAITING:
		if (is_short_wait(st))
			t->running = 1;
		else
			t->waiting = 1;
		break;
	case STATE_FAILED:
	case STATE_UNCLEAR:
		t->attention = 1;
		break;
	case STATE_DONE:
	case STATE_MANUAL:
		if (has_open_task(p, st))
			t->attention = 1;
		break;
	case STATE_VERIFIED:
	case STATE_ABSENT:
	case STATES:
		break;
	}
}

/* Its steps are made once nothing is on its way any more: before that nothing
 * is put back, whatever else has ended. */
static int
has_restore_step(const struct plan *p)
{
	unsigned i;

	for (i = 0; i < p->nsteps; i++)
		if (p->steps[i].phase == PHASE_RESTORE)
			return 1;
	return 0;
}

enum status
plan_status(const struct plan *p, int64_t *contained, int64_t *completed)
{
	const struct offboarding *o = p->who;
	struct tally t;
	unsigned i;

	memset(&t, 0, sizeof(t));
	if (o->status == STATUS_CANCELLED || o->status == STATUS_RESTORED ||
	    o->opened_at == 0)
		return o->status;
	if (*contained == 0 && o->restore_at == 0)
		*contained = contained_at(p);
	for (i = 0; i < p->nsteps; i++)
		if (counts(p, &p->steps[i]))
			tally_step(p, &p->steps[i], &t);
	if (o->restore_at > 0 && !has_restore_step(p))
		return STATUS_RUNNING;
	if (o->restore_at > 0)
		return t.running ? STATUS_RUNNING : t.attention &&
		    !t.waiting ? STATUS_ATTENTION : t.waiting ?
		    STATUS_RUNNING : STATUS_RESTORED;
	if (is_held(o) && has_open_step(p))
		return STATUS_APPROVAL;
	if (t.running)
		return STATUS_RUNNING;
	if (t.attention || has_open_task(p, NULL) || p->nsteps == 0 ||
	    (plan_found_nowhere(p) && !t.waiting))
		return STATUS_ATTENTION;
	if (t.waiting)
		return STATUS_RUNNING;
	if (*completed == 0) {
		*completed = t.last;
		for (i = 0; i < p->ntasks; i++)
			if (p->tasks[i].closed_at > *completed)
				*completed = p->tasks[i].closed_at;
	}
	return STATUS_COMPLETE;
}

int
plan_is_idle(const struct plan *p)
{
	const struct step *st;
	unsigned i;

	if (p->who->opened_at == 0)
		return p->who->status != STATUS_SCHEDULED;
	if (p->who->restore_at > 0 && p->who->status == STATUS_RUNNING &&
	    !has_restore_step(p))
		return 0;
	for (i = 0; i < p->nsteps; i++) {
		st = &p->steps[i];
		if (st->state == STATE_RUNNING)
			return 0;
		if (!counts(p, st))
			continue;
		if (is_short_wait(st) ||
		    (st->state == STATE_PENDING && st->due_at > 0))
			return 0;
	}
	return 1;
}
