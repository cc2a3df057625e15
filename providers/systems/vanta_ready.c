/*
 * Vanta: may this person's offboarding be confirmed now? Only when what ends
 * access elsewhere is through, because the confirmation says so; when Vanta
 * itself has seen the end of the employment; and when nothing there is left
 * for a human to do. Everything else is a wait, and has an end. Changes
 * nothing.
 */
#include "vanta.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_MS	60000
#define MOST_MS		3600000

/* Calmly: a tenth of the time waited, from a minute to an hour. */
enum outcome
vanta_wait(struct visit *v, const char *what)
{
	int64_t limit = conf_span(v->sys->settings->conf, v->sys->section,
	    vanta_keys, "wait_for_former");

	if (v->waited > limit) {
		visit_task(v, "The offboarding of %s in %s still waits for "
		    "%.250s. See to that, or confirm the offboarding there by "
		    "hand; then retry.", v->who->email, v->sys->name, what);
		return visit_end(v, OUT_MANUAL, "waited %s in vain for %.300s",
		    visit_setting(v->sys, "wait_for_former"), what);
	}
	v->wait = v->waited / 10;
	v->wait = v->wait < LEAST_MS ? LEAST_MS : v->wait > MOST_MS ? MOST_MS :
	    v->wait;
	if (v->wait > limit - v->waited)
		v->wait = limit - v->waited + 1000;
	return visit_end(v, OUT_WAIT, "waiting for %.400s", what);
}

/* ---- the other systems of this offboarding ---- */

static int
ends_access(const struct step *st)
{
	return strcmp(st->kind, "vanta") != 0 && (st->phase == PHASE_CONTAIN ||
	    st->phase == PHASE_REVOKE || st->phase == PHASE_REMOVE ||
	    st->phase == PHASE_VERIFY);
}

/* The step that is furthest from being through; NULL: all are. */
static const struct step *
hindrance(const struct step *steps, unsigned n)
{
	const struct step *open = NULL;
	unsigned i;

	for (i = 0; i < n; i++) {
		if (!ends_access(&steps[i]))
			continue;
		if (steps[i].state == STATE_FAILED ||
		    steps[i].state == STATE_UNCLEAR)
			return &steps[i];
		if (state_is_open(steps[i].state))
			open = &steps[i];
	}
	return open;
}

/* "Once an employee's offboarding admin tasks are complete": the call marks
 * accounts as deactivated that Vanta does not watch, so they must be. */
static enum outcome
others_first(struct visit *v)
{
	struct step *steps = calloc(CASE_STEPS_MAX, sizeof(*steps));
	const struct step *st = NULL;
	enum outcome out = OUT_OK;
	struct err e;
	unsigned n = 0;
	char what[300];
	int rc;

	if (steps == NULL)
		return visit_end(v, OUT_RETRY, "out of memory");
	rc = step_list(v->hooks->lock(v), v->who->id, steps, CASE_STEPS_MAX,
	    &n, &e);
	v->hooks->unlock(v);
	if (rc == STORE_FAIL)
		out = visit_end(v, OUT_RETRY, "%s", e.text);
	else
		st = hindrance(steps, n);
	if (st != NULL) {
		(void)snprintf(what, sizeof(what), "%.100s to be through "
		    "first (%s: %s)", st->system, phase_word(st->phase),
		    state_word(st->state));
		out = vanta_wait(v, what);
		/* What runs elsewhere is soon over, and costs no request. */
		if (out == OUT_WAIT && state_is_open(st->state))
			v->wait = v->waited < 10000 ? 1000 : v->waited <
			    600000 ? v->waited / 10 : LEAST_MS;
	}
	free(steps);
	return out;
}

/* ---- the person there ---- */

static int
is_word(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(word, *words) == 0)
			return 1;
	return 0;
}

static enum outcome
person_ready(struct visit *v, const struct vanta_person *p)
{
	static const char *const employments[] = { "UPCOMING", "CURRENT",
	    "ON_LEAVE", "INACTIVE", "FORMER", NULL };
	static const char *const tasks[] = { "NONE", "DUE_SOON", "OVERDUE",
	    "COMPLETE", "PAUSED", "OFFBOARDING_DUE_SOON",
	    "OFFBOARDING_OVERDUE", "OFFBOARDING_COMPLETE", NULL };
	const char *boss = visit_setting(v->sys, "acknowledger");
	char what[400];

	if (vanta_is_complete(p))
		return OUT_VERIFIED;
	if (strcmp(boss, v->account) == 0 || strcmp(boss, p->user) == 0)
		return visit_end(v, OUT_FAILED, "this person is the "
		    "acknowledger of %s, and nobody confirms their own "
		    "offboarding: name somebody else, then retry",
		    v->sys->name);
	if (!is_word(p->employment, employments))
		return visit_end(v, OUT_UNCLEAR, "%s calls the employment "
		    "\"%.30s\", which is no word of its contract: look there",
		    v->sys->name, p->employment);
	if (!is_word(p->tasks, tasks))
		return visit_end(v, OUT_UNCLEAR, "%s calls the tasks "
		    "\"%.38s\", which is no word of its contract: look there",
		    v->sys->name, p->tasks);
	if (strcmp(p->employment, "FORMER") != 0) {
		(void)snprintf(what, sizeof(what), "Vanta to see that the "
		    "employment has ended (now %s)", p->employment);
		return vanta_wait(v, what);
	}
	if (p->open[0] != '\0') {
		(void)snprintf(what, sizeof(what), "offboarding tasks in "
		    "Vanta to be done: %s", p->open);
		return vanta_wait(v, what);
	}
	return OUT_OK;
}

enum outcome
vanta_ready(struct visit *v)
{
	struct vanta_person p;
	enum outcome out = others_first(v);

	if (out != OUT_OK)
		return out;
	out = vanta_person(v, &p);
	if (out == OUT_GONE)
		return visit_end(v, OUT_FAILED, "%s no longer shows person %s: "
		    "somebody removed it; check it there", v->sys->name,
		    v->account);
	if (out == OUT_OK)
		out = person_ready(v, &p);
	return out == OUT_VERIFIED ? visit_end(v, out, "the offboarding is "
	    "complete there") : out;
}
