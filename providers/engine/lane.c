/* The threads of one system, and giving them what is due. */
#include <sys/eventfd.h>

#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "../base/log.h"
#include "../record/case.h"
#include "inside.h"

void *
lane_main(void *arg)
{
	struct worker *w = arg;
	struct engine *en = w->lane->engine;
	uint64_t one = 1;
	struct job job;

	for (;;) {
		pthread_mutex_lock(&en->lock);
		while (w->job.kind == JOB_NONE)
			pthread_cond_wait(&en->cond, &en->lock);
		job = w->job;
		w->job.steps = NULL;
		pthread_mutex_unlock(&en->lock);
		if (job.kind == JOB_QUIT)
			break;
		if (job.kind == JOB_STEP)
			visits_step(w, &job.step);
		else if (job.kind == JOB_TOGETHER) {
			visits_together(w, job.steps, job.nsteps);
			free(job.steps);
		} else
			inquiry_run(w, job.inquiry);
		pthread_mutex_lock(&en->lock);
		if (w->job.kind != JOB_QUIT)
			w->job.kind = JOB_NONE;
		pthread_mutex_unlock(&en->lock);
		(void)!write(en->done_fd, &one, sizeof(one));
	}
	if (w->open) {
		if (w->sys.provider->close != NULL)
			w->sys.provider->close(&w->sys);
		http_free(w->sys.http);
	}
	return NULL;
}

void
lane_join(struct worker *w)
{
	pthread_join(w->thread, NULL);
	/* Given, but never begun. */
	free(w->job.steps);
	w->job.steps = NULL;
}

/* A step that is ended, or put off, without a call. */
static int
put_off(struct lane *l, struct step *st, struct err *e)
{
	struct engine *en = l->engine;
	int rc, tried = 0;

	st->at = when_now();
	if (l->stopped[0] != '\0') {
		st->state = STATE_FAILED;
		st->due_at = 0;
		st->waiting_since = 0;
		(void)text_copy(st->detail, sizeof(st->detail), l->stopped);
	} else {
		/* A system that cannot be reached counts as tried: the others
		 * need not wait for it. */
		tried = st->first_at == 0;
		st->state = STATE_WAITING;
		if (st->waiting_since == 0)
			st->waiting_since = st->at;
		st->due_at = l->not_before;
		(void)text_copy(st->detail, sizeof(st->detail),
		    l->unreached_why);
	}
	rc = store_begin(en->store, e);
	if (rc != STORE_OK)
		return rc;
	rc = step_skip(en->store, st, tried, e);
	if (rc == STORE_OK)
		rc = view_settle(en, st->offboarding, e);
	if (rc == STORE_OK)
		return store_commit(en->store, e);
	store_rollback(en->store);
	return rc;
}

/* Somebody asked for a retry: a stop is over once the record says so. */
static void
stop_look(struct lane *l)
{
	struct system_row rows[SETTINGS_SYSTEMS];
	unsigned n = 0, i;

	if (l->stopped[0] == '\0' || system_list(l->engine->store, rows,
	    SETTINGS_SYSTEMS, &n, NULL) != STORE_OK)
		return;
	for (i = 0; i < n; i++)
		if (strcmp(rows[i].name, l->conf->name) == 0 &&
		    rows[i].stopped[0] == '\0') {
			struct worker *w;

			l->stopped[0] = '\0';
			/* Credentials are read again. */
			for (w = l->workers; w < l->workers + l->nworkers; w++)
				if (w->job.kind == JOB_NONE && w->open) {
					if (w->sys.provider->close != NULL)
						w->sys.provider->close(
						    &w->sys);
					http_free(w->sys.http);
					w->open = 0;
				}
		}
}

/* Is the candidate still to run? 1: claimed; 0: dealt with otherwise. */
static int
claim(struct lane *l, struct step *st, struct err *e)
{
	struct gate_answer a;
	struct view v;
	enum gate g = GATE_LATER;
	unsigned i;
	int rc;

	stop_look(l);
	rc = view_load(l->engine, st->offboarding, &v, e);
	if (rc != STORE_OK)
		return -1;
	for (i = 0; i < v.plan.nsteps; i++)
		if (v.steps[i].id == st->id)
			g = plan_gate(&v.plan, i, when_now(), &a);
	view_clear(&v);
	if (g == GATE_LATER) {
		/* Pending again, so that settling the case releases it. */
		st->state = STATE_PENDING;
		st->due_at = a.until;
		return step_skip(l->engine->store, st, 0, e) == STORE_OK ? 0 :
		    -1;
	}
	/* A person has mended something: no use to wait longer, unless the
	 * service itself has asked for it. */
	if (st->asked_again && l->slowed == 0)
		l->not_before = l->unreached = 0;
	if (g == GATE_NEVER || l->stopped[0] != '\0' ||
	    l->not_before > when_now()) {
		if (g == GATE_NEVER)
			rc = view_settle(l->engine, st->offboarding, e);
		else
			rc = put_off(l, st, e);
		return rc == STORE_OK ? 0 : -1;
	}
	rc = step_claim(l->engine->store, st, e);
	return rc == STORE_OK ? 1 : rc == STORE_CONFLICT ? 0 : -1;
}

/* Others of the same phase that one request can serve with this one. */
static int
lane_gather(struct lane *l, struct worker *w, const struct step *first,
    struct err *e)
{
	unsigned most = l->provider->together.most;
	struct step *more;
	int rc;

	w->job.step = *first;
	w->job.kind = JOB_STEP;
	if (most == 0 || first->phase != l->provider->together.phase)
		return STORE_OK;
	w->job.steps = calloc(most, sizeof(*w->job.steps));
	if (w->job.steps == NULL)
		return STORE_OK;
	w->job.steps[0] = *first;
	w->job.nsteps = 1;
	w->job.kind = JOB_TOGETHER;
	while (w->job.nsteps < most) {
		more = &w->job.steps[w->job.nsteps];
		rc = step_candidate_of(l->engine->store, l->conf->name,
		    first->phase, more, e);
		if (rc != STORE_OK)
			return rc == STORE_NONE ? STORE_OK : rc;
		rc = claim(l, more, e);
		if (rc == -1)
			return STORE_FAIL;
		w->job.nsteps += rc == 1;
	}
	return STORE_OK;
}

int
lane_feed(struct lane *l, int64_t now, struct err *e)
{
	struct worker *w;
	struct step st;
	int64_t last;
	int rc, given = 0;

	for (w = l->workers; w < l->workers + l->nworkers; w++) {
		if (w->job.kind != JOB_NONE)
			continue;
		if (l->nwaiting > 0) {
			w->job.inquiry = l->waiting[0];
			w->job.kind = w->job.inquiry->kind;
			memmove(l->waiting, l->waiting + 1,
			    --l->nwaiting * sizeof(l->waiting[0]));
			given = 1;
			continue;
		}
		if (l->engine->only_request)
			continue;
		last = 0;
		for (;;) {
			rc = step_candidate(l->engine->store, l->conf->name,
			    now, &st, e);
			if (rc == STORE_NONE)
				break;
			if (rc != STORE_OK)
				return STORE_FAIL;
			/* Dealt with, and there again: it is looked at with
				 * the next turn, or nothing else ever would be. */
			if (st.id == last)
				break;
			last = st.id;
			rc = claim(l, &st, e);
			if (rc == -1)
				return STORE_FAIL;
			if (rc == 1) {
				given = 1;
				/* What was claimed runs even if no more can
				 * be read. */
				if (lane_gather(l, w, &st, e) != STORE_OK)
					log_event(LOG_ERR, "record", "error",
					    e->text, NULL);
				break;
			}
		}
	}
	if (given)
		pthread_cond_broadcast(&l->engine->cond);
	return STORE_OK;
}
