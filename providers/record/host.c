/* Linux hosts, the denied logins, and the head of what is published. */
#include "store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/buf.h"
#include "db.h"

static int
host_row(struct store *s, enum sql id, struct host *h)
{
	memset(h, 0, sizeof(*h));
	db_text(s, id, 0, h->name, sizeof(h->name));
	db_text(s, id, 1, h->scope, sizeof(h->scope));
	db_text(s, id, 2, h->keyid, sizeof(h->keyid));
	db_text(s, id, 3, h->key, sizeof(h->key));
	h->enrolled_at = db_int(s, id, 4);
	h->retired_at = db_int(s, id, 5);
	h->reported_at = db_int(s, id, 6);
	h->host_time = db_int(s, id, 7);
	h->epoch = db_int(s, id, 8);
	h->serial = db_int(s, id, 9);
	h->report = db_dup(s, id, 10);
	return h->report == NULL ? -1 : 0;
}

int
host_list(struct store *s, int all, struct host *rows, unsigned max,
    unsigned *count, struct err *e)
{
	int rc = db_run(s, SQL_HOST_LIST, e, "ii", (int64_t)all, (int64_t)max);

	*count = 0;
	while (rc == SQLITE_ROW) {
		if (host_row(s, SQL_HOST_LIST, &rows[*count]) == -1) {
			db_done(s, SQL_HOST_LIST);
			err_set(e, "out of memory");
			rc = SQLITE_NOMEM;
			break;
		}
		(*count)++;
		rc = db_next(s, SQL_HOST_LIST, e);
	}
	if (rc == SQLITE_DONE)
		return STORE_OK;
	while (*count > 0)
		host_clear(&rows[--*count]);
	return STORE_FAIL;
}

int
host_each(struct store *s, int all, int (*each)(void *, const struct host *),
    void *arg, struct err *e)
{
	int rc = db_run(s, SQL_HOST_LIST, e, "ii", (int64_t)all, INT64_MAX);
	struct host h;
	int bad;

	while (rc == SQLITE_ROW) {
		bad = host_row(s, SQL_HOST_LIST, &h) == -1 || each(arg, &h);
		host_clear(&h);
		if (bad) {
			db_done(s, SQL_HOST_LIST);
			return err_set(e, "out of memory");
		}
		rc = db_next(s, SQL_HOST_LIST, e);
	}
	return rc == SQLITE_DONE ? STORE_OK : STORE_FAIL;
}

int
host_by_key(struct store *s, const char *keyid, struct host *h, struct err *e)
{
	int rc = db_run(s, SQL_HOST_BY_KEY, e, "s", keyid);

	memset(h, 0, sizeof(*h));
	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	rc = host_row(s, SQL_HOST_BY_KEY, h);
	db_done(s, SQL_HOST_BY_KEY);
	return rc == 0 ? STORE_OK : err_set(e, "out of memory");
}

void
host_clear(struct host *h)
{
	if (h == NULL)
		return;
	free(h->report);
	h->report = NULL;
}

/* A change of one row with its audit row, in one transaction. */
static int
host_change(struct store *s, int rc, const char *actor, const char *event,
    const char *name, struct err *e)
{
	if (rc == STORE_OK)
		rc = db_event(s, actor, event, 0, name, e);
	if (rc == STORE_OK)
		return store_commit(s, e);
	store_rollback(s);
	return rc;
}

int
host_enroll(struct store *s, const struct host *h, const char *actor,
    struct err *e)
{
	int n = 0, rc;

	if (store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	/* A retired host may come back with a new key: it proves itself from
	 * the beginning. */
	rc = db_do(s, &n, SQL_HOST_ADD, e, "ssssi", h->name, h->scope,
	    h->keyid, h->key, when_now());
	if (rc == STORE_OK && n == 0)
		rc = STORE_CONFLICT;
	return host_change(s, rc, actor, "host-enrolled", h->name, e);
}

int
host_retire(struct store *s, const char *name, const char *actor,
    struct err *e)
{
	int n = 0, rc;

	if (store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	rc = db_do(s, &n, SQL_HOST_RETIRE, e, "si", name, when_now());
	if (rc == STORE_OK && n == 0)
		rc = STORE_NONE;
	/* The hosts that are left may all have confirmed. */
	if (rc == STORE_OK)
		rc = db_do(s, NULL, SQL_STEP_HOSTS, e, "i", when_now());
	return host_change(s, rc, actor, "host-retired", name, e);
}

int
host_report(struct store *s, const struct host *h, struct err *e)
{
	int n = 0, rc;

	if (store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	rc = db_do(s, &n, SQL_HOST_REPORT, e, "siiiis", h->keyid, when_now(),
	    h->host_time, h->epoch, h->serial, h->report);
	if (rc == STORE_OK && n == 0)
		rc = STORE_CONFLICT;
	if (rc == STORE_OK)
		rc = db_do(s, NULL, SQL_STEP_HOSTS, e, "i", when_now());
	if (rc == STORE_OK)
		return store_commit(s, e);
	store_rollback(s);
	return rc;
}

static int
head_number(struct store *s, const char *key, int64_t *out, struct err *e)
{
	char text[32];
	long long v = 0;
	int rc = meta_get(s, key, text, sizeof(text), e);

	if (rc == STORE_OK && text_int(text, 0, INT64_MAX, &v) == -1)
		return err_set(e, "the record's %s is no number", key);
	*out = v;
	return rc;
}

int
head_get(struct store *s, struct head *h, struct err *e)
{
	int rc;

	memset(h, 0, sizeof(*h));
	rc = meta_get(s, "fleet", h->fleet, sizeof(h->fleet), e);
	if (rc == STORE_OK)
		rc = meta_get(s, "salt", h->salt, sizeof(h->salt), e);
	if (rc == STORE_OK)
		rc = head_number(s, "epoch", &h->epoch, e);
	if (rc == STORE_OK)
		rc = head_number(s, "serial", &h->serial, e);
	return rc;
}

static int
head_serial(struct store *s, int64_t serial, struct err *e)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%" PRId64, serial);
	return meta_set(s, "serial", text, e);
}

int
head_init(struct store *s, const struct head *h, struct err *e)
{
	struct head now;
	char epoch[32];
	int rc;

	if (store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	rc = head_get(s, &now, e);
	if (rc == STORE_OK)
		rc = STORE_CONFLICT;
	else if (rc == STORE_NONE) {
		(void)snprintf(epoch, sizeof(epoch), "%" PRId64, h->epoch);
		rc = meta_set(s, "fleet", h->fleet, e);
		if (rc == STORE_OK)
			rc = meta_set(s, "salt", h->salt, e);
		if (rc == STORE_OK)
			rc = meta_set(s, "epoch", epoch, e);
		if (rc == STORE_OK)
			rc = head_serial(s, h->serial, e);
	}
	return host_change(s, rc, "offboard", "fleet-created", h->fleet, e);
}

int
denial_get(struct store *s, const char *login, int64_t ob, struct denial *d,
    struct err *e)
{
	int rc = db_run(s, SQL_DENIAL_GET, e, "si", login, ob);

	memset(d, 0, sizeof(*d));
	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	db_text(s, SQL_DENIAL_GET, 0, d->login, sizeof(d->login));
	d->offboarding = db_int(s, SQL_DENIAL_GET, 1);
	d->serial = db_int(s, SQL_DENIAL_GET, 2);
	d->lifted_serial = db_int(s, SQL_DENIAL_GET, 3);
	db_done(s, SQL_DENIAL_GET);
	return STORE_OK;
}

int
denial_other(struct store *s, const char *login, int64_t ob, int64_t *other,
    struct err *e)
{
	int rc = db_run(s, SQL_DENIAL_OTHER, e, "si", login, ob);

	*other = 0;
	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	*other = db_int(s, SQL_DENIAL_OTHER, 0);
	db_done(s, SQL_DENIAL_OTHER);
	return STORE_OK;
}

/* The serial is a log position: it rises under the same lock as the row. */
static int
denial_change(struct store *s, const char *login, int64_t ob, int lift,
    struct err *e)
{
	struct head h;
	int rc = head_get(s, &h, e);

	if (rc == STORE_NONE)
		return err_set(e, "there is no fleet yet: run \"offboard keys "
		    "init\" first");
	if (rc == STORE_OK)
		rc = head_serial(s, h.serial + 1, e);
	if (rc == STORE_OK && lift != 0)
		rc = db_do(s, NULL, SQL_DENIAL_LIFT, e, "siii", login, ob,
		    when_now(), h.serial + 1);
	else if (rc == STORE_OK)
		rc = db_do(s, NULL, SQL_DENIAL_ADD, e, "siii", login, ob,
		    h.serial + 1, when_now());
	if (rc == STORE_OK)
		rc = db_event(s, "offboardd", lift != 0 ? "denial-lifted" :
		    "denial-listed", ob, login, e);
	return rc;
}

/* To the state that is wanted, once; STORE_NONE: there is nothing to lift. */
static int
denial_settle(struct store *s, struct denial *d, int lift, struct err *e)
{
	char login[LOGIN_MAX];
	int64_t ob = d->offboarding;
	int rc, change;

	(void)text_copy(login, sizeof(login), d->login);
	if (store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	rc = denial_get(s, login, ob, d, e);
	change = lift ? rc == STORE_OK && d->lifted_serial == 0 :
	    rc == STORE_NONE || (rc == STORE_OK && d->lifted_serial != 0);
	if (change)
		rc = denial_change(s, login, ob, lift, e);
	if (change && rc == STORE_OK)
		rc = denial_get(s, login, ob, d, e);
	if (rc == STORE_OK)
		return store_commit(s, e);
	store_rollback(s);
	return rc;
}

int
denial_add(struct store *s, const char *login, int64_t ob, struct denial *d,
    struct err *e)
{
	(void)text_copy(d->login, sizeof(d->login), login);
	d->offboarding = ob;
	return denial_settle(s, d, 0, e);
}

int
denial_lift(struct store *s, const char *login, int64_t ob, struct denial *d,
    struct err *e)
{
	(void)text_copy(d->login, sizeof(d->login), login);
	d->offboarding = ob;
	return denial_settle(s, d, 1, e);
}

int
denial_each(struct store *s, int (*each)(void *, const struct denial *),
    void *arg, struct err *e)
{
	struct denial d;
	int rc = db_run(s, SQL_DENIAL_EACH, e, "");

	while (rc == SQLITE_ROW) {
		memset(&d, 0, sizeof(d));
		db_text(s, SQL_DENIAL_EACH, 0, d.login, sizeof(d.login));
		d.offboarding = db_int(s, SQL_DENIAL_EACH, 1);
		d.serial = db_int(s, SQL_DENIAL_EACH, 2);
		if (each(arg, &d) != 0) {
			db_done(s, SQL_DENIAL_EACH);
			return err_set(e, "out of memory");
		}
		rc = db_next(s, SQL_DENIAL_EACH, e);
	}
	return rc == SQLITE_DONE ? STORE_OK : STORE_FAIL;
}
