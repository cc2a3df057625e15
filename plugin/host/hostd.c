/* offboard-hostd: takes the published list, puts it in force on this host,
 * ends live sessions and reports. This file is its loop and its start. */
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include <curl/curl.h>

#include "../../providers/base/conf.h"
#include "../../providers/base/log.h"
#include "../../providers/base/when.h"
#include "../../providers/base/durable.h"
#include "host.h"

#define DEFAULT_CONF "/etc/offboard/host.conf"

struct loop {
	struct report	*report;
	int		 signals, notify, watch, lock;
	int64_t		 poll_next;	/* ms, monotonic */
	char		 state[16];	/* logged last */
};

struct arguments {
	const char	*conf;
	int		 once, init;
};

static int
usage(void)
{
	(void)fprintf(stderr, "usage: offboard-hostd [-c FILE] [--once | "
	    "--init]\n");
	return EX_USAGE;
}

static int
arguments_read(int argc, char **argv, struct arguments *a)
{
	int i;

	memset(a, 0, sizeof(*a));
	a->conf = DEFAULT_CONF;
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-c") == 0 && i + 1 < argc)
			a->conf = argv[++i];
		else if (strcmp(argv[i], "--once") == 0)
			a->once = 1;
		else if (strcmp(argv[i], "--init") == 0)
			a->init = 1;
		else
			return -1;
	}
	return a->once != 0 && a->init != 0 ? -1 : 0;
}

static int
folder_make(const char *path, struct err *e)
{
	if (mkdir(path, 0755) == -1 && errno != EEXIST)
		return err_set(e, "cannot create %s: %s", path,
		    strerror(errno));
	return 0;
}

/* Makes the host's key if there is none, and prints the line to enroll. */
static int
host_init(const struct hostconf *c, struct err *e)
{
	char public[SIGN_BASE64_TEXT];
	struct sign_key *k = NULL;
	int rc = -1;

	if (folder_make(c->state_dir, e) == -1)
		return -1;
	if (access(c->key, F_OK) == 0)
		k = sign_load(c->key, e);
	else if (errno == ENOENT) {
		k = sign_generate(e);
		if (k != NULL && sign_save(k, c->key, e) == -1)
			goto out;
	} else
		err_set(e, "%s: %s", c->key, strerror(errno));
	if (k == NULL)
		goto out;
	sign_base64(sign_public(k), SIGN_PUBLIC, public);
	(void)printf("%s %s %s\n", c->name, sign_keyid(k), public);
	rc = fflush(stdout) == 0 ? 0 : err_set(e, "cannot write the line: %s",
	    strerror(errno));
out:
	sign_free(k);
	return rc;
}

/* Two of them would fight over one denylist. */
static int
lock_take(const struct host *h, struct loop *l, struct err *e)
{
	char path[HOST_PATH + 16];

	(void)snprintf(path, sizeof(path), "%s/lock", h->conf.state_dir);
	l->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (l->lock == -1)
		return err_set(e, "cannot open %s: %s", path, strerror(errno));
	if (flock(l->lock, LOCK_EX | LOCK_NB) == -1)
		return err_set(e, "%s is locked: offboard-hostd runs already",
		    path);
	return 0;
}

static int
loop_open(const struct host *h, struct loop *l, struct err *e)
{
	sigset_t set;

	if (lock_take(h, l, e) == -1)
		return -1;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (l->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) ==
	    -1)
		return err_set(e, "cannot take signals: %s", strerror(errno));
	l->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (l->notify == -1)
		log_event(LOG_WARNING, "no_inotify", "detail",
		    strerror(errno), NULL);
	l->report = report_new(h, e);
	return l->report == NULL ? -1 : 0;
}

static void
loop_close(struct loop *l)
{
	report_free(l->report);
	if (l->notify != -1)
		close(l->notify);
	if (l->signals != -1)
		close(l->signals);
	if (l->lock != -1)
		close(l->lock);
}

/* The poll is the backstop: a watch lost with its folder comes back here. */
static void
watch_folder(const struct host *h, struct loop *l)
{
	if (l->notify == -1)
		return;
	/* Adding the same folder again gives the same watch. */
	l->watch = inotify_add_watch(l->notify, h->conf.publication,
	    IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR);
}

static void
notify_drain(const struct loop *l)
{
	char events[4096];

	while (read(l->notify, events, sizeof(events)) > 0)
		continue;
}

static void
take_publication(struct host *h, struct loop *l)
{
	struct state s;
	int held = h->held, applied = 0;

	if (fetch_look(h, &s) == 1)
		applied = install_apply(h, &s);
	if (applied == 1)
		sweep_begin(h);
	if (applied == 1 || h->held != held)
		report_soon(l->report);
}

static void
say_state(const struct host *h, struct loop *l)
{
	const char *state = report_state(h);

	if (strcmp(state, l->state) == 0)
		return;
	log_event(strcmp(state, "FRESH") == 0 ? LOG_NOTICE : LOG_WARNING,
	    "state", "state", state, "before", l->state, NULL);
	(void)snprintf(l->state, sizeof(l->state), "%s", state);
}

static void
poll_due(struct host *h, struct loop *l)
{
	if (when_mono() < l->poll_next)
		return;
	watch_folder(h, l);
	take_publication(h, l);
	install_check(h);
	say_state(h, l);
	l->poll_next = when_mono() + h->conf.poll;
}

static int64_t
time_left(const struct host *h, const struct loop *l)
{
	int64_t next = l->poll_next;

	if (h->conf.sweep != 0 && h->now.bytes != NULL &&
	    h->sweep.next < next)
		next = h->sweep.next;
	next -= when_mono();
	return next < 0 ? 0 : next;
}

/* Returns 1 when a signal asks to end. */
static int
loop_turn(struct host *h, struct loop *l)
{
	struct curl_waitfd fds[2] = { { l->signals, CURL_WAIT_POLLIN, 0 },
	    { l->notify, CURL_WAIT_POLLIN, 0 } };

	poll_due(h, l);
	if (sweep_step(h) != 0)
		report_soon(l->report);
	if (report_wait(l->report, fds, l->notify == -1 ? 1 : 2,
	    time_left(h, l)) == -1)
		usleep(100000);
	if (fds[0].revents != 0)
		return 1;
	if (fds[1].revents != 0) {
		notify_drain(l);
		take_publication(h, l);
	}
	return 0;
}

static int
run(struct host *h, struct loop *l, int once)
{
	durable_tidy(h->conf.state_dir);
	install_start(h);
	if (h->now.bytes != NULL)
		sweep_begin(h);
	log_event(LOG_NOTICE, "started", "host", h->conf.name, NULL);
	if (once == 0) {
		while (loop_turn(h, l) == 0)
			continue;
		log_event(LOG_NOTICE, "ended", NULL);
		return 0;
	}
	poll_due(h, l);
	(void)sweep_step(h);
	while (report_busy(l->report) != 0)
		if (report_wait(l->report, NULL, 0, 1000) == -1)
			break;
	return h->held == 0 && h->refusal[0] == '\0' && h->usable != 0 ? 0 :
	    1;
}

static int
start(struct host *h, struct loop *l, const struct arguments *a,
    struct err *e)
{
	if (hostconf_read(a->conf, &h->conf, e) == -1)
		return CONF_BAD_EXIT;
	if (a->init != 0)
		return host_init(&h->conf, e) == 0 ? 0 : 1;
	if (trust_read(h->conf.trust, &h->trust, e) == -1)
		return CONF_BAD_EXIT;
	if (folder_make(h->conf.state_dir, e) == -1)
		return 1;
	h->key = sign_load(h->conf.key, e);
	if (h->key == NULL) {
		err_add(e, "no host key: run offboard-hostd --init");
		return CONF_BAD_EXIT;
	}
	if (loop_open(h, l, e) == -1)
		return 1;
	e->text[0] = '\0';
	return run(h, l, a->once);
}

int
main(int argc, char **argv)
{
	struct host *h = calloc(1, sizeof(*h));
	struct loop l = { NULL, -1, -1, -1, -1, 0, "" };
	struct arguments a;
	struct err e = { "" };
	int rc;

	log_open("offboard-hostd", 0);
	umask(022);
	if (arguments_read(argc, argv, &a) == -1 || h == NULL) {
		free(h);
		return usage();
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	rc = start(h, &l, &a, &e);
	if (e.text[0] != '\0')
		log_event(LOG_ERR, "stopped", "detail", e.text, NULL);
	loop_close(&l);
	account_clear(&h->accounts);
	fetch_clear(&h->now);
	sign_free(h->key);
	free(h);
	curl_global_cleanup();
	return rc;
}
