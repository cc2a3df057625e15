/* Putting a verified state in force: the denylist, the copy it can be rebuilt
 * from, and the wait for a human when it would lock out too many. */
#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "../../providers/base/buf.h"
#include "../../providers/base/log.h"
#include "../../providers/base/when.h"
#include "../../providers/linux/denylist_build.h"
#include "../../providers/base/durable.h"
#include "host.h"

#define REFRESH 3600		/* s: how old a file in force may become */
#define SMALL (1 << 20)		/* bytes: read whole at every poll */
#define WHOLE 600000		/* ms between whole reads of a large one */

static void
list_path(const struct host *h, char path[HOST_PATH + 16])
{
	(void)snprintf(path, HOST_PATH + 16, "%s/denylist",
	    h->conf.state_dir);
}

static enum denylist_result
list_open(const struct host *h, struct denylist *d)
{
	char path[HOST_PATH + 16];
	const struct denylist_where w = { path, h->conf.owner, h->conf.owner,
	    0 };

	list_path(h, path);
	return denylist_open(d, &w);
}

static int
stat_differs(struct stat_seen *seen, const struct stat *st)
{
	const int same = seen->ino == st->st_ino &&
	    seen->size == st->st_size &&
	    seen->changed.tv_sec == st->st_ctim.tv_sec &&
	    seen->changed.tv_nsec == st->st_ctim.tv_nsec;

	seen->ino = st->st_ino;
	seen->size = st->st_size;
	seen->changed = st->st_ctim;
	return same == 0;
}

static int
passwd_changed(struct host *h)
{
	struct stat st;

	return stat("/etc/passwd", &st) == 0 &&
	    stat_differs(&h->passwd, &st) != 0;
}

/* May this account's uid be in the uid table? Not when an exempt name has
 * the same one. */
static int
uid_listable(const struct accounts *l, const struct account *a)
{
	size_t i;

	if (a->listed == 0 || a->exempt != 0 || a->uid == 0)
		return 0;
	for (i = 0; i < l->n; i++)
		if (l->a[i].exempt != 0 && l->a[i].uid == a->uid)
			return 0;
	return 1;
}

static int64_t
list_uids(const struct accounts *l, const struct base *b,
    struct denylist_record **out, struct err *e)
{
	struct denylist_record *r = malloc((l->n + 1) * sizeof(*r));
	size_t i, n = 0;
	int64_t kept;

	*out = r;
	if (r == NULL)
		return err_set(e, "out of memory for the uids");
	for (i = 0; i < l->n; i++)
		if (uid_listable(l, &l->a[i]) != 0 &&
		    denylist_record_uid(&r[n], b->salt, l->a[i].uid,
		    l->a[i].number) == 0)
			n++;
	kept = denylist_sort(r, n);
	if (kept == -1)
		err_set(e, "out of memory for the uids");
	return kept;
}

/* Takes note of the file just written, so that any other is noticed: also an
 * older one, when this one cannot be used. 0 or -1. */
static int
list_remember(struct host *h)
{
	struct denylist d;
	struct stat st;

	h->build = 0;
	h->usable = 0;
	if (list_open(h, &d) == DENYLIST_USABLE && fstat(d.fd, &st) == 0) {
		(void)stat_differs(&h->list, &st);
		h->build = d.facts.build;
		h->generated = (int64_t)d.facts.generated;
		h->verified = when_mono();
		h->usable = 1;
	}
	denylist_close(&d);
	return h->usable != 0 ? 0 : -1;
}

static int
list_write(struct host *h, const struct state *s, const struct accounts *l,
    struct err *e)
{
	char path[HOST_PATH + 16];
	struct denylist_record *uids = NULL;
	struct denylist_build b;
	int64_t n;
	int rc = -1;

	n = list_uids(l, &s->base, &uids, e);
	if (n == -1)
		goto out;
	list_path(h, path);
	memset(&b, 0, sizeof(b));
	b.path = path;
	b.epoch = s->base.epoch;
	b.serial = s->base.serial;
	b.generated = (uint64_t)time(NULL);
	b.issued = (uint64_t)h->floor.issued;
	memcpy(b.salt, s->base.salt, sizeof(b.salt));
	memcpy(b.fleet, s->base.fleet, sizeof(b.fleet));
	memcpy(b.source, s->stamp.state, sizeof(b.source));
	b.names = s->base.records;
	b.n_names = s->base.n;
	b.uids = uids;
	b.n_uids = (size_t)n;
	rc = denylist_build(&b, e);
	/* What logins cannot use is not in force, and must not be reported
	 * as if it were. */
	if (rc == 0 && list_remember(h) == -1)
		rc = err_set(e, "the list was written, but cannot be used: "
		    "see that %s and its folder belong to this user and that "
		    "nobody else can change them", path);
out:
	free(uids);
	return rc;
}

static void
say_problem(struct host *h, const char *text)
{
	if (strcmp(h->problem, text) != 0)
		log_event(LOG_CRIT, "denylist_problem", "detail", text, NULL);
	(void)text_copy(h->problem, sizeof(h->problem), text);
}

/* Writes the state in force again, accounts read anew. */
static void
list_again(struct host *h, const char *why)
{
	struct accounts l;
	struct err e;

	if (account_walk(&h->conf, &h->now.base, &l, &e) == -1) {
		say_problem(h, e.text);
		/* An older walk is better than a damaged list. */
		if (h->usable == 0 &&
		    list_write(h, &h->now, &h->accounts, &e) == -1)
			say_problem(h, e.text);
		memset(&h->passwd, 0, sizeof(h->passwd));
		return;
	}
	account_clear(&h->accounts);
	h->accounts = l;
	if (list_write(h, &h->now, &h->accounts, &e) == -1) {
		h->usable = 0;
		say_problem(h, e.text);
		return;
	}
	if (h->usable != 0)
		log_event(LOG_NOTICE, "denylist_written", "why", why, NULL);
}

/* 1 when every page is as we wrote it, else 0 and the reason. */
static int
list_is_good(struct host *h, const char **reason)
{
	enum denylist_result rc;
	struct denylist d;
	struct stat st;

	rc = list_open(h, &d);
	if (rc == DENYLIST_USABLE && d.facts.build != h->build) {
		rc = DENYLIST_UNUSABLE;
		d.reason = "is not the one that was installed";
	}
	if (rc == DENYLIST_USABLE && fstat(d.fd, &st) == 0 &&
	    (stat_differs(&h->list, &st) != 0 || st.st_size <= SMALL ||
	    when_mono() - h->verified > WHOLE)) {
		rc = denylist_verify(&d);
		h->verified = when_mono();
	}
	*reason = d.reason;
	denylist_close(&d);
	/* Short of descriptors is no reason to write. */
	return rc != DENYLIST_UNUSABLE;
}

void
install_check(struct host *h)
{
	const int changed = passwd_changed(h);
	const int64_t age = fetch_age(h);
	const char *reason = NULL;

	if (h->now.bytes == NULL) {
		h->usable = h->floor.set != 0 && list_is_good(h, &reason);
		return;
	}
	if (list_is_good(h, &reason) == 0) {
		h->usable = 0;
		say_problem(h, reason);
		list_again(h, "damaged");
		return;
	}
	h->problem[0] = '\0';
	h->usable = 1;
	if (changed != 0)
		list_again(h, "passwd changed");
	else if (age >= 0 && age <= HOST_FRESH &&
	    time(NULL) - (int64_t)h->generated > REFRESH)
		list_again(h, "an hour old");
}

/* How many accounts of this host would newly be refused. */
static size_t
count_new(const struct host *h, const struct accounts *l)
{
	enum denylist_result open, has;
	struct denylist d;
	uint32_t number;
	size_t i, n = 0;

	open = list_open(h, &d);
	for (i = 0; i < l->n; i++) {
		if (l->a[i].listed == 0 || l->a[i].exempt != 0)
			continue;
		has = DENYLIST_UNUSABLE;
		if (open == DENYLIST_USABLE)
			has = denylist_has_name(&d, l->a[i].name);
		if (has == DENYLIST_LISTED || (has != DENYLIST_NOT_LISTED &&
		    h->now.bytes != NULL &&
		    base_has(&h->now.base, l->a[i].name, &number) != 0))
			continue;
		n++;
	}
	denylist_close(&d);
	return n;
}

/* The administrator's word: a file "accept" with "EPOCH SERIAL". */
static int
is_accepted(const struct host *h, const struct stamp *s)
{
	struct durable_data f = { 64, NULL, 0 };
	char path[HOST_PATH + 16], want[32];
	struct err e;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/accept", h->conf.state_dir);
	(void)snprintf(want, sizeof(want), "%" PRIu32 " %" PRIu32, s->epoch,
	    s->serial);
	if (durable_read(path, &f, &e) == -1)
		return 0;
	f.data[strcspn(f.data, "\n")] = '\0';
	rc = strcmp(f.data, want) == 0;
	free(f.data);
	if (rc != 0)
		unlink(path);
	return rc;
}

static int
must_wait(struct host *h, const struct state *s, const struct accounts *l)
{
	const struct stamp *t = &s->stamp;
	char serial[32], count[32], path[HOST_PATH + 16];
	size_t n;

	/* What is in force already is only being fetched again. */
	if (h->floor.set != 0 && h->floor.epoch == t->epoch &&
	    h->floor.serial == t->serial)
		return 0;
	n = count_new(h, l);
	if (n <= (size_t)h->conf.max_new || is_accepted(h, t) != 0)
		return 0;
	if (h->held == 0 || h->held_epoch != t->epoch ||
	    h->held_serial != t->serial) {
		(void)snprintf(serial, sizeof(serial), "%" PRIu32 " %" PRIu32,
		    t->epoch, t->serial);
		(void)snprintf(count, sizeof(count), "%zu", n);
		(void)snprintf(path, sizeof(path), "%s/accept",
		    h->conf.state_dir);
		log_event(LOG_CRIT, "held", "epoch_serial", serial,
		    "accounts", count, "detail", "more accounts than max_new "
		    "would be locked out; to go on, write epoch and serial "
		    "into the file", "file", path, NULL);
	}
	h->held = 1;
	h->held_epoch = t->epoch;
	h->held_serial = t->serial;
	return 1;
}

/* The denial is in force by now: a copy that cannot be kept is only said. */
static void
keep_copy(const struct host *h, const struct state *s)
{
	char path[HOST_PATH + 16];
	struct err e;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/base", h->conf.state_dir);
	rc = durable_write(&(struct durable_new){ path, 0600, s->bytes,
	    s->size }, &e);
	(void)snprintf(path, sizeof(path), "%s/stamp", h->conf.state_dir);
	if (rc == 0)
		rc = durable_write(&(struct durable_new){ path, 0600,
		    s->text, s->length }, &e);
	if (rc == -1)
		log_event(LOG_ERR, "copy_failed", "detail", e.text, NULL);
}

static void
floor_raise(struct host *h, const struct stamp *s)
{
	h->floor.set = 1;
	h->floor.epoch = s->epoch;
	h->floor.serial = s->serial;
	memcpy(h->floor.state, s->state, sizeof(h->floor.state));
}

int
install_apply(struct host *h, struct state *s)
{
	char serial[32], entries[32];
	struct accounts l;
	struct err e;

	if (account_walk(&h->conf, &s->base, &l, &e) == -1)
		goto fail;
	if (must_wait(h, s, &l) != 0) {
		account_clear(&l);
		fetch_clear(s);
		return 0;
	}
	if (list_write(h, s, &l, &e) == -1)
		goto fail;
	h->problem[0] = '\0';
	keep_copy(h, s);
	floor_raise(h, &s->stamp);
	account_clear(&h->accounts);
	h->accounts = l;
	fetch_clear(&h->now);
	h->now = *s;
	h->held = 0;
	(void)snprintf(serial, sizeof(serial), "%" PRIu32 " %" PRIu32,
	    h->floor.epoch, h->floor.serial);
	(void)snprintf(entries, sizeof(entries), "%zu", h->now.base.n);
	log_event(LOG_NOTICE, "applied", "epoch_serial", serial, "entries",
	    entries, NULL);
	return 1;
fail:
	say_problem(h, e.text);
	account_clear(&l);
	fetch_clear(s);
	h->last_length = 0;
	return -1;
}

static void
floor_read(struct host *h)
{
	enum denylist_result rc;
	struct denylist d;

	rc = list_open(h, &d);
	if (rc == DENYLIST_USABLE)
		rc = denylist_verify(&d);
	if (rc == DENYLIST_USABLE && memcmp(d.facts.fleet, h->trust.fleet,
	    sizeof(d.facts.fleet)) == 0) {
		h->floor.set = 1;
		h->floor.epoch = d.facts.epoch;
		h->floor.serial = d.facts.serial;
		memcpy(h->floor.state, d.facts.source,
		    sizeof(h->floor.state));
		fetch_seen(h, (int64_t)d.facts.issued);
	}
	denylist_close(&d);
	if (h->floor.set != 0)
		(void)list_remember(h);
}

void
install_start(struct host *h)
{
	struct state s;
	uint64_t have, saved;

	h->age = -1;
	(void)passwd_changed(h);
	floor_read(h);
	if (fetch_saved(h, &s) == -1)
		return;
	have = (uint64_t)h->floor.epoch << 32 | h->floor.serial;
	saved = (uint64_t)s.stamp.epoch << 32 | s.stamp.serial;
	if (h->floor.set != 0 && (saved < have || (saved == have &&
	    memcmp(s.stamp.state, h->floor.state, SIGN_HASH) != 0))) {
		fetch_clear(&s);
		return;
	}
	fetch_seen(h, s.stamp.issued);
	floor_raise(h, &s.stamp);
	h->now = s;
	list_again(h, "started");
}
