/* The denylist command: builds, asks and shows a denylist file. Reads no
 * configuration and touches no other file. */
#include "cmd_denylist.h"

#include <sys/types.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "../base/buf.h"
#include "../base/err.h"
#include "../base/when.h"
#include "../linux/denylist.h"
#include "../linux/denylist_build.h"
#include "../base/sign.h"

/* Entries of one table while the list is read. */
struct entries {
	struct denylist_record *r;
	size_t		 n, room;
};

struct list {
	const char	*name;		/* for messages */
	unsigned long	 line;
	struct entries	 names, uids;
	uint8_t		 salt[DENYLIST_SALT];
};

static int
usage(void)
{
	(void)fprintf(stderr, "usage: offboard denylist build LIST -o FILE\n"
	    "       offboard denylist check FILE LOGIN|uid:N\n"
	    "       offboard denylist show FILE\n");
	return EX_USAGE;
}

static struct denylist_record *
entries_next(struct entries *t)
{
	struct denylist_record *grown;
	size_t room;

	if (t->n == t->room) {
		room = t->room == 0 ? 1024 : t->room * 2;
		grown = realloc(t->r, room * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		t->r = grown;
		t->room = room;
	}
	return &t->r[t->n++];
}

/* "uid:N": 1 and the number; 0 when it is no uid at all; -1 when a bad one. */
static int
uid_read(const char *text, uid_t *uid)
{
	long long v;

	if (strncmp(text, "uid:", 4) != 0)
		return 0;
	if (text_int(text + 4, 1, 0xfffffffeLL, &v) == -1)
		return -1;
	*uid = (uid_t)v;
	return 1;
}

/* OB-000001 or 1. 0 or -1. */
static int
reference_read(const char *text, uint32_t *number)
{
	long long v;

	if (strncmp(text, "OB-", 3) == 0)
		text += 3;
	if (text[0] < '0' || text[0] > '9' ||
	    text_int(text, 0, UINT32_MAX, &v) == -1)
		return -1;
	*number = (uint32_t)v;
	return 0;
}

static int
list_fail(const struct list *l, const char *what, struct err *e)
{
	return err_set(e, "%s:%lu: %s", l->name, l->line, what);
}

static int
list_line(struct list *l, char *line, struct err *e)
{
	char *tab = strchr(line, '\t');
	struct denylist_record *r;
	uint32_t number = 0;
	uid_t uid = 0;
	size_t n;
	int kind;

	if (tab != NULL) {
		*tab = '\0';
		if (reference_read(tab + 1, &number) == -1)
			return list_fail(l, "behind the tab stands no "
			    "reference such as OB-000001", e);
	}
	n = strlen(line);
	if (n > 0 && strchr(line, ' ') != NULL)
		return list_fail(l, "a login holds no blank; a reference "
		    "stands behind a tab", e);
	kind = uid_read(line, &uid);
	if (kind == -1)
		return list_fail(l, "uid: takes a number from 1 up; uid 0 "
		    "cannot be listed", e);
	r = entries_next(kind == 1 ? &l->uids : &l->names);
	if (r == NULL)
		return list_fail(l, "out of memory", e);
	if (kind == 1)
		return denylist_record_uid(r, l->salt, uid, number);
	if (denylist_record_name(r, l->salt, line, number) == -1)
		return list_fail(l, "a login has 1 to 256 bytes and no "
		    "control bytes", e);
	return 0;
}

static int
list_read(struct list *l, FILE *f, struct err *e)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = getline(&line, &room, f)) != -1) {
		l->line++;
		if (n > 0 && line[n - 1] == '\n')
			line[--n] = '\0';
		if (strlen(line) != (size_t)n)
			rc = list_fail(l, "the line holds a NUL byte", e);
		else if (n > 0 && line[0] != '#')
			rc = list_line(l, line, e);
	}
	if (rc == 0 && ferror(f) != 0)
		rc = err_set(e, "%s: cannot be read: %s", l->name,
		    strerror(errno));
	free(line);
	return rc;
}

/* A list that replaces another counts on from it: generations never go
 * back. */
static void
next_generation(struct denylist_build *b)
{
	const struct denylist_where w = { b->path, 0, geteuid(), 1 };
	const uint64_t now = b->generated;
	uint64_t next = now;
	struct denylist d;

	if (denylist_open(&d, &w) == DENYLIST_USABLE &&
	    d.facts.generation >= now)
		next = d.facts.generation + 1;
	denylist_close(&d);
	b->epoch = (uint32_t)(next >> 32);
	b->serial = (uint32_t)next;
}

static int
list_build(struct list *l, const char *path, struct err *e)
{
	struct denylist_build b;
	int64_t names, uids;

	names = denylist_sort(l->names.r, l->names.n);
	uids = denylist_sort(l->uids.r, l->uids.n);
	if (names == -1 || uids == -1)
		return err_set(e, "%s: out of memory", l->name);
	memset(&b, 0, sizeof(b));
	b.path = path;
	b.generated = (uint64_t)time(NULL);
	memcpy(b.salt, l->salt, sizeof(b.salt));
	b.names = l->names.r;
	b.n_names = (size_t)names;
	b.uids = l->uids.r;
	b.n_uids = (size_t)uids;
	next_generation(&b);
	return denylist_build(&b, e);
}

static int
command_build(const char *name, const char *path)
{
	const int standard = strcmp(name, "-") == 0;
	int rc = 1;
	FILE *f = NULL;
	struct list l;
	struct err e;

	memset(&l, 0, sizeof(l));
	l.name = standard ? "standard input" : name;
	f = standard ? stdin : fopen(name, "re");
	if (f == NULL) {
		err_set(&e, "%s: cannot be read: %s", name, strerror(errno));
		goto out;
	}
	if (sign_random(l.salt, sizeof(l.salt)) == -1) {
		err_set(&e, "no random bytes for the salt");
		goto out;
	}
	if (list_read(&l, f, &e) == -1) {
		rc = EX_DATAERR;
		goto out;
	}
	if (list_build(&l, path, &e) == -1)
		goto out;
	rc = 0;
out:
	if (rc != 0)
		(void)fprintf(stderr, "offboard: %s\n", e.text);
	if (f != NULL && standard == 0)
		fclose(f);
	free(l.names.r);
	free(l.uids.r);
	return rc;
}

/* Files of root and of whoever asks; also in a folder such as /tmp. */
static enum denylist_result
file_open(struct denylist *d, const char *path)
{
	const struct denylist_where w = { path, 0, geteuid(), 1 };

	return denylist_open(d, &w);
}

static int
file_bad(const struct denylist *d, const char *path)
{
	(void)fprintf(stderr, "offboard: %s %s%s%s\n", path, d->reason,
	    d->error != 0 ? ": " : "",
	    d->error != 0 ? strerror(d->error) : "");
	return EX_DATAERR;
}

static int
command_check(const char *path, const char *who)
{
	enum denylist_result rc;
	struct denylist d;
	uid_t uid = 0;
	int kind = uid_read(who, &uid), status = EX_DATAERR;

	if (kind == -1 || (kind == 0 && denylist_name_ok(who) == 0)) {
		(void)fprintf(stderr, "offboard: this is neither a login nor "
		    "uid:N with N from 1 up\n");
		return EX_USAGE;
	}
	rc = file_open(&d, path);
	if (rc == DENYLIST_USABLE)
		rc = kind == 1 ? denylist_has_uid(&d, uid) :
		    denylist_has_name(&d, who);
	if (rc == DENYLIST_LISTED) {
		if (d.number != 0)
			(void)printf("%s: listed OB-%06" PRIu32 "\n", who,
			    d.number);
		else
			(void)printf("%s: listed\n", who);
		status = 0;
	} else if (rc == DENYLIST_NOT_LISTED) {
		(void)printf("%s: not listed\n", who);
		status = 1;
	} else
		status = file_bad(&d, path);
	denylist_close(&d);
	return status;
}

static void
show_facts(const struct denylist_facts *f)
{
	char when[WHEN_TEXT], fleet[2 * DENYLIST_FLEET + 1];

	when_text((int64_t)f->generated * 1000, when);
	sign_hex(f->fleet, sizeof(f->fleet), fleet);
	(void)printf("format: 1\ngeneration: %" PRIu64 "\nepoch: %" PRIu32
	    "\nserial: %" PRIu32 "\ngenerated: %s\nfleet: %s\n",
	    f->generation, f->epoch, f->serial, when, fleet);
	(void)printf("names: %" PRIu64 "\nuids: %" PRIu64 "\npages: %" PRIu32
	    "\nsize: %" PRIu64 "\n", f->names, f->uids, f->pages,
	    (uint64_t)f->pages * 4096);
}

static int
command_show(const char *path)
{
	enum denylist_result rc;
	struct denylist d;
	int status = 0;

	rc = file_open(&d, path);
	if (rc != DENYLIST_USABLE)
		return file_bad(&d, path);
	show_facts(&d.facts);
	rc = denylist_verify(&d);
	(void)printf("state: %s\n", rc == DENYLIST_USABLE ? "ok" : "damaged");
	if (rc != DENYLIST_USABLE)
		status = file_bad(&d, path);
	denylist_close(&d);
	return status;
}

int
cmd_denylist(int argc, char **argv)
{
	int status;

	if (argc == 5 && strcmp(argv[1], "build") == 0 &&
	    strcmp(argv[3], "-o") == 0)
		status = command_build(argv[2], argv[4]);
	else if (argc == 5 && strcmp(argv[1], "build") == 0 &&
	    strcmp(argv[2], "-o") == 0)
		status = command_build(argv[4], argv[3]);
	else if (argc == 4 && strcmp(argv[1], "check") == 0)
		status = command_check(argv[2], argv[3]);
	else if (argc == 3 && strcmp(argv[1], "show") == 0)
		status = command_show(argv[2]);
	else
		return usage();
	if (fflush(stdout) != 0) {
		(void)fprintf(stderr, "offboard: cannot write the answer: "
		    "%s\n", strerror(errno));
		return 1;
	}
	return status;
}
