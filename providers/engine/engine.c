/* The engine's own loop: open, ask, give out, publish, sleep. Knows no
 * vendor and no phase. */
#include "engine.h"

#include <sys/eventfd.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "../base/log.h"
#include "../linux/publisher.h"
#include "../record/case.h"
#include "../record/wake.h"
#include "inside.h"

#define POLL_MAX_MS	2000	/* a lost datagram costs this much */
#define STAMP_MS	10000	/* the stamp is signed again this often */
#define PRUNE_MS	(3600LL * 1000)
#define TROUBLE_MAX	4	/* failures in a row before a one-off run ends */

static atomic_int stop_asked;

void
engine_stop(void)
{
	stop_asked = 1;
	http_stop();
}

static int
lanes_start(struct engine *en, struct err *e)
{
	struct lane *l;
	long long rate;
	unsigned i, k;

	for (i = 0; i < en->set->nsystems; i++) {
		l = &en->lanes[i];
		l->engine = en;
		pthread_mutex_init(&l->token.lock, NULL);
		buf_init(&l->token.access, 8192);
		l->index = i;
		l->conf = &en->set->systems[i];
		l->provider = registry_find(l->conf->kind);
		rate = conf_number(en->set->conf, l->conf->section,
		    l->provider->keys, "rate");
		/* Rounded up: never faster than what was asked for. */
		l->interval = rate > 0 ? (60000000 + rate - 1) / rate : 0;
		l->nworkers = (unsigned)conf_number(en->set->conf,
		    l->conf->section, l->provider->keys, "concurrency");
		if (l->nworkers == 0 || l->nworkers > THREADS_MAX)
			l->nworkers = 1;
		en->nlanes = i + 1;
		for (k = 0; k < l->nworkers; k++) {
			l->workers[k].lane = l;
			if (pthread_create(&l->workers[k].thread, NULL,
			    lane_main, &l->workers[k]) != 0) {
				l->nworkers = k;
				return err_set(e, "cannot start a thread: %s",
				    strerror(errno));
			}
		}
	}
	return 0;
}

int
engine_open(struct engine **out, const struct settings *set, struct err *e)
{
	struct engine *en = calloc(1, sizeof(*en));
	int rc = STORE_FAIL;

	*out = NULL;
	if (en == NULL)
		return err_set(e, "out of memory");
	en->set = set;
	en->lock_fd = en->wake_fd = en->done_fd = -1;
	pthread_mutex_init(&en->lock, NULL);
	pthread_cond_init(&en->cond, NULL);
	if (registry_check(set, e) == -1 || http_init(e) == -1 ||
	    store_open(&en->store, set->data_dir, e) != STORE_OK)
		goto out;
	en->lock_fd = lock_take(set->data_dir, e);
	if (en->lock_fd == -2) {
		rc = STORE_CONFLICT;
		err_set(e, "another worker holds %s/record/worker.lock: this "
		    "one is not needed", set->data_dir);
	}
	if (en->lock_fd < 0)
		goto out;
	en->wake_fd = wake_open(set->data_dir, e);
	en->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (en->wake_fd == -1 || en->done_fd == -1 ||
	    system_clear(en->store, NULL, e) != STORE_OK ||
	    step_interrupted(en->store, e) != STORE_OK ||
	    post_start(en, e) == -1 || lanes_start(en, e) == -1)
		goto out;
	*out = en;
	return STORE_OK;
out:
	engine_close(en);
	return rc;
}

void
engine_close(struct engine *en)
{
	unsigned i, k;

	if (en == NULL)
		return;
	pthread_mutex_lock(&en->lock);
	for (i = 0; i < en->nlanes; i++)
		for (k = 0; k < en->lanes[i].nworkers; k++)
			en->lanes[i].workers[k].job.kind = JOB_QUIT;
	pthread_cond_broadcast(&en->cond);
	pthread_mutex_unlock(&en->lock);
	for (i = 0; i < en->nlanes; i++) {
		for (k = 0; k < en->lanes[i].nworkers; k++)
			lane_join(&en->lanes[i].workers[k]);
		buf_clear(&en->lanes[i].token.access);
	}
	post_end(en);
	store_close(en->store);
	if (en->wake_fd != -1)
		close(en->wake_fd);
	if (en->done_fd != -1)
		close(en->done_fd);
	if (en->lock_fd >= 0)
		close(en->lock_fd);
	free(en);
}

/* Hosts take silence for staleness, so the stamp is signed again and again,
 * but only while the record can be read. */
static void
publish(struct engine *en)
{
	int64_t now = when_mono();
	struct err e;

	/* The wall clock may be set back: the sign of life goes on. */
	if (en->only_request || (en->signed_at != 0 &&
	    now - en->signed_at < STAMP_MS))
		return;
	en->signed_at = now;
	e.text[0] = '\0';
	if (publisher_refresh(en->set->data_dir, en->store, &e) == -1 &&
	    strcmp(en->said, e.text) != 0)
		log_event(LOG_WARNING, "publication", "error", e.text, NULL);
	(void)text_copy(en->said, sizeof(en->said), e.text);
}

/* Waits are kept as instants of the wall clock. When that is set back they
 * would last as much longer. */
static int
follow_clock(struct engine *en, struct err *e)
{
	int64_t offset = when_now() - when_mono(), back = en->offset - offset;
	unsigned i;

	if (en->offset == 0 || (back < 2000 && back > -2000)) {
		if (en->offset == 0)
			en->offset = offset;
		return STORE_OK;
	}
	en->offset = offset;
	if (back < 0)
		return STORE_OK;
	for (i = 0; i < en->nlanes; i++)
		if (en->lanes[i].not_before > 0)
			en->lanes[i].not_before -= back;
	return step_shift(en->store, back, e);
}

static int
engine_lost(struct engine *en, const char *what, struct err *e)
{
	en->lost = 1;
	return err_set(e, "%s under %s: this worker ends, so that a new one "
	    "can look at what is there", what, en->set->data_dir);
}

/* Everything that can be done now; under the lock. */
static int
turn(struct engine *en, struct err *e)
{
	int64_t now = when_now();
	unsigned i;
	int rc;

	/* What others can take away from under us ends this worker: two must
	 * never work, and none on a record that nobody else sees. */
	if (lock_is_ours(en->set->data_dir, en->lock_fd) == 0)
		return engine_lost(en, "worker.lock was replaced", e);
	if (store_is_there(en->store) == 0)
		return engine_lost(en, "the record was replaced", e);
	if (en->pruned_at == 0 || when_mono() - en->pruned_at > PRUNE_MS) {
		en->pruned_at = when_mono();
		if (request_prune(en->store, e) != STORE_OK)
			return STORE_FAIL;
	}
	rc = follow_clock(en, e);
	if (rc == STORE_OK && en->orphaned == 0 && !en->only_request) {
		rc = orphan_steps(en, e);
		en->orphaned = rc == STORE_OK;
	}
	if (rc == STORE_OK)
		rc = open_due(en, e);
	if (rc == STORE_OK)
		rc = inquiry_take(en, e);
	for (i = 0; i < en->nlanes && rc == STORE_OK; i++)
		rc = lane_feed(&en->lanes[i], now, e);
	if (rc == STORE_OK)
		rc = post_feed(en, e);
	if (rc == STORE_OK)
		publish(en);
	return rc;
}

static int
any_busy(const struct engine *en)
{
	unsigned i, k;

	for (i = 0; i < en->nlanes; i++) {
		if (en->lanes[i].nwaiting > 0)
			return 1;
		for (k = 0; k < en->lanes[i].nworkers; k++)
			if (en->lanes[i].workers[k].job.kind != JOB_NONE)
				return 1;
	}
	return 0;
}

/* Is what the caller waits for reached? Under the lock. 1, 0, or -1. */
static int
reached(struct engine *en, enum engine_until until, int64_t id,
    struct err *e)
{
	struct request r;
	struct view v;
	int64_t busy = 0, at = 0;
	int done;

	switch (until) {
	case ENGINE_FOREVER:
		return 0;
	case ENGINE_REQUEST:
		if (request_get(en->store, id, &r, e) != STORE_OK)
			return -1;
		done = r.answered_at != 0;
		request_clear(&r);
		return done;
	case ENGINE_CASE:
		if (view_load(en, id, &v, e) != STORE_OK)
			return -1;
		done = plan_is_idle(&v.plan);
		view_clear(&v);
		return done && !any_busy(en) && !post_is_busy(en);
	case ENGINE_IDLE:
		if (any_busy(en) || post_is_busy(en))
			return 0;
		if (step_busy(en->store, 0, when_now(), &busy, e) != STORE_OK ||
		    case_next_at(en->store, &at, e) != STORE_OK)
			return -1;
		return busy == 0 && (at == 0 || at > when_now());
	}
	return 0;
}

/* Until when there is nothing to do, as far as is known; under the lock. */
static int
sleep_ms(struct engine *en)
{
	int64_t now = when_now(), at, next = now + POLL_MAX_MS;
	struct err e;
	unsigned i, k;

	if (!en->only_request && case_next_at(en->store, &at, &e) ==
	    STORE_OK && at > 0 && at < next)
		next = at;
	at = en->only_request ? 0 : post_next_at(en);
	if (at > 0 && at < next)
		next = at;
	for (i = 0; i < en->nlanes && !en->only_request; i++) {
		/* Without an idle thread nothing can be given out anyway. */
		for (k = 0; k < en->lanes[i].nworkers; k++)
			if (en->lanes[i].workers[k].job.kind == JOB_NONE)
				break;
		if (k < en->lanes[i].nworkers && step_next_at(en->store,
		    en->lanes[i].conf->name, &at, &e) == STORE_OK && at > 0 &&
		    at < next)
			next = at;
	}
	return next <= now ? 0 : (int)(next - now);
}

static void
drain(int fd)
{
	char junk[256];

	while (read(fd, junk, sizeof(junk)) > 0)
		;
}

/* Sleeps until a bell, a finished worker, or the time. */
static void
nap(struct engine *en, int ms)
{
	struct pollfd p[2] = {
		{ .fd = en->wake_fd, .events = POLLIN },
		{ .fd = en->done_fd, .events = POLLIN },
	};

	if (poll(p, 2, ms) > 0) {
		drain(en->wake_fd);
		drain(en->done_fd);
	}
}

int
engine_run(struct engine *en, enum engine_until until, int64_t id,
    struct err *e)
{
	int done = 0, ms = 0, rc, trouble = 0;

	en->only_request = until == ENGINE_REQUEST;
	while (!stop_asked && done == 0) {
		pthread_mutex_lock(&en->lock);
		rc = turn(en, e);
		if (rc == STORE_OK)
			done = reached(en, until, id, e);
		if (rc == STORE_OK && done != -1) {
			ms = sleep_ms(en);
			trouble = 0;
		}
		pthread_mutex_unlock(&en->lock);
		if (rc != STORE_OK || done == -1) {
			if (trouble++ == 0)
				log_event(LOG_ERR, "record", "error", e->text, NULL);
			if (en->lost || (until != ENGINE_FOREVER &&
			    trouble >= TROUBLE_MAX))
				return -1;
			done = 0;
			ms = 1000;
		}
		if (done == 0)
			nap(en, ms);
	}
	return 0;
}
