/* Asking the worker something, or being the worker for as long as it takes. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "../base/buf.h"
#include "../engine/engine.h"
#include "../record/json.h"
#include "../record/wake.h"
#include "cmd.h"

#define ANSWER_MS 120000

static void
on_signal(int sig)
{
	(void)sig;
	engine_stop();
}

static void
catch_signals(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* A worker runs: wait for its answer. */
static int
ask_worker(struct cmd *c, int64_t id, struct request *r)
{
	int64_t until = when_mono() + ANSWER_MS;
	struct err e;

	wake_send(c->set.data_dir);
	while (when_mono() < until) {
		if (request_get(c->store, id, r, &e) != STORE_OK)
			return cmd_fail(EXIT_LATER, "%s", e.text);
		if (r->answered_at != 0)
			return EXIT_DONE;
		request_clear(r);
		(void)poll(NULL, 0, 20);
	}
	return cmd_fail(EXIT_LATER, "the worker did not answer within %d s: "
	    "see its log, then try again", ANSWER_MS / 1000);
}

static int
ask_self(struct cmd *c, struct engine *en, int64_t id, struct request *r)
{
	struct err e;

	catch_signals();
	if (engine_run(en, ENGINE_REQUEST, id, &e) == -1)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	if (request_get(c->store, id, r, &e) != STORE_OK)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	if (r->answered_at != 0)
		return EXIT_DONE;
	request_clear(r);
	return cmd_fail(EXIT_LATER, "interrupted");
}

struct json_object *
cmd_ask(struct cmd *c, const char *kind, const char *argument, int *status)
{
	struct engine *en = NULL;
	struct json_object *j = NULL;
	struct request r;
	struct err e;
	int64_t id;
	int rc;

	memset(&r, 0, sizeof(r));
	if (request_add(c->store, kind, argument, c->actor, &id, &e) !=
	    STORE_OK) {
		*status = cmd_fail(EXIT_LATER, "%s", e.text);
		return NULL;
	}
	rc = engine_open(&en, &c->set, &e);
	if (rc == STORE_CONFLICT)
		*status = ask_worker(c, id, &r);
	else if (rc == STORE_OK)
		*status = ask_self(c, en, id, &r);
	else
		*status = cmd_fail(EXIT_LATER, "%s", e.text);
	engine_close(en);
	if (*status == EXIT_DONE) {
		j = json_tokener_parse(r.answer);
		if (j == NULL)
			*status = cmd_fail(EXIT_REFUSED, "the worker's answer "
			    "is damaged");
		else if (cmd_text(j, "error")[0] != '\0') {
			*status = cmd_fail(EXIT_REFUSED, "%s",
			    cmd_text(j, "error"));
			json_object_put(j);
			j = NULL;
		}
	}
	request_clear(&r);
	return j;
}

/* ---- waiting for a case ---- */

struct own_worker {
	struct engine	*engine;
	int64_t		 id;
	struct err	 err;
	int		 rc;
	atomic_int	 over;
};

static void *
own_main(void *arg)
{
	struct own_worker *w = arg;

	w->rc = engine_run(w->engine, ENGINE_CASE, w->id, &w->err);
	w->over = 1;
	return NULL;
}

struct watched {
	int64_t		began;
	struct { int64_t step; enum state state; } shown[CASE_STEPS_MAX];
};

/* The last state shown of a step; steps may be added in between. */
static enum state *
watch_state(struct watched *w, int64_t step)
{
	unsigned i;

	for (i = 0; i < CASE_STEPS_MAX - 1; i++)
		if (w->shown[i].step == step || w->shown[i].step == 0)
			break;
	w->shown[i].step = step;
	return &w->shown[i].state;
}

/* The earliest step whose state has changed; N for none. */
static unsigned
watch_next(const struct step *steps, unsigned n, struct watched *w)
{
	unsigned i, first = n;

	for (i = 0; i < n; i++)
		if (steps[i].state != *watch_state(w, steps[i].id) &&
		    steps[i].state != STATE_RUNNING &&
		    (first == n || steps[i].at < steps[first].at))
			first = i;
	return first;
}

/* Prints steps whose state has changed since the last look. */
static int
watch_once(struct cmd *c, int64_t id, struct watched *w)
{
	struct step steps[CASE_STEPS_MAX];
	struct err e;
	unsigned n, i;

	if (step_list(c->store, id, steps, CASE_STEPS_MAX, &n, &e) != STORE_OK)
		return -1;
	while (c->json == 0 && (i = watch_next(steps, n, w)) < n) {
		*watch_state(w, steps[i].id) = steps[i].state;
		if (steps[i].state == STATE_PENDING)
			continue;
		printf("%7.2f s  %-12s %-9s %-9s %s\n",
		    (double)(steps[i].at - w->began) / 1000, steps[i].system,
		    phase_word(steps[i].phase), state_word(steps[i].state),
		    steps[i].detail);
	}
	fflush(stdout);
	return 0;
}

static void
watch_begin(struct cmd *c, int64_t id, struct watched *w)
{
	struct step steps[CASE_STEPS_MAX];
	struct err e;
	unsigned n, i;

	if (step_list(c->store, id, steps, CASE_STEPS_MAX, &n, &e) == STORE_OK)
		for (i = 0; i < n; i++)
			*watch_state(w, steps[i].id) = steps[i].state;
}

static int
wait_status(struct cmd *c, int64_t id)
{
	struct offboarding o;
	struct err e;

	if (case_get(c->store, id, &o, &e) != STORE_OK)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	if (o.status == STATUS_COMPLETE || o.status == STATUS_RESTORED)
		return EXIT_DONE;
	return o.status == STATUS_CANCELLED ? EXIT_REFUSED : EXIT_OPEN;
}

static void
watch(struct cmd *c, int64_t id, struct own_worker *own)
{
	struct offboarding o;
	struct watched w;
	struct err e;
	int idle = 0;

	memset(&w, 0, sizeof(w));
	w.began = when_now();
	if (case_get(c->store, id, &o, &e) == STORE_OK)
		w.began = o.opened_at > 0 ? when_now() : o.requested_at;
	/* What had ended before is no news. */
	if (o.opened_at > 0)
		watch_begin(c, id, &w);
	while (idle == 0) {
		(void)poll(NULL, 0, 50);
		if (watch_once(c, id, &w) == -1)
			break;
		if (own != NULL)
			idle = own->over;
		else if (engine_case_idle(c->store, id, &idle, &e) !=
		    STORE_OK)
			break;
	}
	(void)watch_once(c, id, &w);
}

int
cmd_wait(struct cmd *c, int64_t id)
{
	struct own_worker own;
	pthread_t thread;
	struct err e;
	int rc;

	memset(&own, 0, sizeof(own));
	own.id = id;
	rc = engine_open(&own.engine, &c->set, &e);
	if (rc == STORE_CONFLICT) {
		wake_send(c->set.data_dir);
		watch(c, id, NULL);
		return wait_status(c, id);
	}
	if (rc != STORE_OK)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	catch_signals();
	if (pthread_create(&thread, NULL, own_main, &own) != 0) {
		engine_close(own.engine);
		return cmd_fail(EXIT_LATER, "cannot start a thread");
	}
	watch(c, id, &own);
	pthread_join(thread, NULL);
	engine_close(own.engine);
	if (own.rc == -1)
		return cmd_fail(EXIT_LATER, "%s", own.err.text);
	return wait_status(c, id);
}
