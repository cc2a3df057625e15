/*
 * Which phases a program has: asked with the argument "phases", and kept for
 * as long as the file is the same. Whether a step is made at all hangs on the
 * answer, so it is wanted where nothing but the configuration is at hand:
 * hence one table for the whole process.
 */
#include "command.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../base/when.h"

#define ASK_MS		5000	/* an answer that needs no looking up */
#define FAILED_MS	10000	/* a program that cannot be asked: again then */
#define ASSUMED	(1u << PHASE_DOCUMENT | 1u << PHASE_CONTAIN | \
	    1u << PHASE_REVOKE | 1u << PHASE_VERIFY)

/* One for each program that is configured. */
static struct known {
	char		*path;		/* kept for good */
	dev_t		 dev;
	ino_t		 ino;
	struct timespec	 changed;
	int64_t		 until;		/* ms monotonic; 0: while the same */
	unsigned	 phases;
} table[SETTINGS_SYSTEMS];
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

struct json_object *
command_json(const struct buf *b)
{
	struct json_tokener *t = json_tokener_new_ex(32);
	struct json_object *j = NULL;
	size_t end;

	if (t != NULL && b->len > 0 && b->failed == 0) {
		j = json_tokener_parse_ex(t, b->s, (int)b->len + 1);
		end = json_tokener_get_parse_end(t);
		if (end > b->len)
			end = b->len;
		if (json_tokener_get_error(t) != json_tokener_success ||
		    end + strspn(b->s + end, " \t\r\n") != b->len) {
			json_object_put(j);
			j = NULL;
		}
	}
	json_tokener_free(t);
	return j;
}

static unsigned
phases_read(struct json_object *j)
{
	struct json_object *list = visit_list(j, "phases"), *row;
	unsigned has = 0;
	size_t i;
	int phase;

	/* Anything but a list: a program that knows only the four. */
	if (list == NULL)
		return ASSUMED;
	for (i = 0; i < visit_length(list); i++) {
		row = json_object_array_get_idx(list, i);
		phase = row == NULL ? -1 : phase_of(
		    json_object_get_string(row));
		if (phase != -1)
			has |= 1u << phase;
	}
	return has;
}

/* Under the lock. Whoever else wants to know waits for the one answer. */
static void
phases_ask(struct known *k, const struct system *sys)
{
	int64_t timeout = conf_span(sys->settings->conf, sys->section,
	    sys->provider->keys, "timeout");
	struct json_object *j = NULL;
	struct command_run r;
	enum command_end end = COMMAND_NOT_RUN;
	struct err e;

	memset(&r, 0, sizeof(r));
	r.program = k->path;
	r.phase = "phases";
	r.in = "{}";
	r.timeout = timeout < ASK_MS ? timeout : ASK_MS;
	if (command_is_safe(k->path, &e) == 0) {
		end = command_run(&r, &e);
		j = command_json(&r.out);
		buf_clear(&r.out);
	}
	/* A program that ends in an error has not given a list. */
	if (end == COMMAND_ENDED && (!WIFEXITED(r.status) ||
	    WEXITSTATUS(r.status) != 0)) {
		json_object_put(j);
		j = NULL;
	}
	k->phases = phases_read(j);
	k->until = end == COMMAND_ENDED ? 0 : when_mono() + FAILED_MS;
	json_object_put(j);
}

/* The place of a path, or a free one, or the first: never none. */
static struct known *
known_find(const char *path)
{
	size_t i;

	for (i = 0; i < SETTINGS_SYSTEMS; i++)
		if (table[i].path != NULL && strcmp(table[i].path, path) == 0)
			return &table[i];
	for (i = 0; i < SETTINGS_SYSTEMS; i++)
		if (table[i].path == NULL)
			return &table[i];
	free(table[0].path);
	table[0].path = NULL;
	return &table[0];
}

unsigned
command_phases(const struct system *sys)
{
	const char *path = visit_setting(sys, "command");
	struct known *k;
	struct stat st;
	unsigned phases = ASSUMED;

	if (path == NULL)
		return ASSUMED;
	memset(&st, 0, sizeof(st));
	(void)stat(path, &st);
	pthread_mutex_lock(&table_lock);
	k = known_find(path);
	if (k->path == NULL || k->dev != st.st_dev || k->ino != st.st_ino ||
	    k->changed.tv_sec != st.st_mtim.tv_sec ||
	    k->changed.tv_nsec != st.st_mtim.tv_nsec ||
	    (k->until != 0 && when_mono() > k->until)) {
		if (k->path == NULL)
			k->path = strdup(path);
		k->dev = st.st_dev;
		k->ino = st.st_ino;
		k->changed = st.st_mtim;
		if (k->path != NULL)
			phases_ask(k, sys);
	}
	if (k->path != NULL)
		phases = k->phases;
	pthread_mutex_unlock(&table_lock);
	return phases;
}
