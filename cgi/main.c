/* offboard.fcgi: reads the configuration, opens the record once a thread,
 * and answers. Holds no secrets of vendors and opens no network. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "../providers/base/log.h"
#include "../providers/base/when.h"
#include "clock.h"
#include "csrf.h"
#include "routes.h"
#include "web.h"

#define THREADS 4

struct thread {
	const struct site	*site;
	struct store		*store;
	struct buf		 out;
};

static void *
thread_begin(void *arg, struct err *e)
{
	struct site *site = arg;
	struct thread *t = calloc(1, sizeof(*t));

	if (t == NULL) {
		err_set(e, "out of memory");
		return NULL;
	}
	t->site = site;
	buf_init(&t->out, WEB_OUT);
	if (store_open(&t->store, site->settings->data_dir, e) != STORE_OK) {
		free(t);
		return NULL;
	}
	return t;
}

static void
thread_end(void *state)
{
	struct thread *t = state;

	clock_forget();
	store_close(t->store);
	buf_clear(&t->out);
	free(t);
}

static void
thread_answer(void *state, const struct fcgi_in *in, struct buf *reply)
{
	struct thread *t = state;
	struct store *now;
	struct err e;
	struct web w;

	/* A record that was put in its place is the record from now on. */
	if (store_is_there(t->store) == 0 && store_open(&now,
	    t->site->settings->data_dir, &e) == STORE_OK) {
		store_close(t->store);
		t->store = now;
	}
	memset(&w, 0, sizeof(w));
	web_open(&w, in);
	w.site = t->site;
	w.store = t->store;
	w.out = &t->out;
	w.now = when_now();
	buf_reset(&t->out);
	routes_answer(&w);
	web_head(&w, reply);
	if (w.status != 204 && strcmp(w.method, "HEAD") != 0)
		buf_put(reply, buf_cstr(w.out), w.out->len);
}

static int
usage(void)
{
	fputs("usage: offboard.fcgi [-c FILE]\n", stderr);
	return 64;
}

int
main(int argc, char **argv)
{
	static struct settings settings;
	static struct site site = { .settings = &settings };
	const struct fcgi_app app = { &site, THREADS, thread_begin,
	    thread_end, thread_answer };
	const char *file = NULL;
	struct err e = { "" };
	struct store *first = NULL;
	int c, fd, own;

	while ((c = getopt(argc, argv, "c:")) != -1) {
		if (c != 'c')
			return usage();
		file = optarg;
	}
	if (optind != argc)
		return usage();
	if (settings_load(&settings, file, &e) == -1) {
		fprintf(stderr, "offboard.fcgi: %s\n", e.text);
		return CONF_BAD_EXIT;
	}
	log_open("offboard.fcgi", settings.syslog);
	/* A page's rows are a little over the size from which every
	 * allocation would be a mapping of its own. */
	(void)mallopt(M_MMAP_THRESHOLD, 4 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, 4 << 20);
	fd = fcgi_listen(settings.socket, &own, &e);
	if (fd == -1)
		goto fail;
	/* Makes the folder that the key lives in, too. */
	if (store_open(&first, settings.data_dir, &e) != STORE_OK ||
	    csrf_load(settings.data_dir, site.csrf_key, &e) == -1)
		goto fail;
	store_close(first);
	log_event(LOG_INFO, "start", "socket", settings.socket, NULL);
	if (fcgi_serve(fd, own, &app, &e) == -1)
		goto fail;
	log_event(LOG_INFO, "stop", NULL);
	settings_clear(&settings);
	return 0;
fail:
	log_event(LOG_CRIT, "start", "why", e.text, NULL);
	return 1;
}
