/* Questions to the worker with their answers, and drafts of the form. */
#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "case.h"
#include "db.h"

#define KEEP_MS	(24LL * 3600 * 1000)

static int
request_row(struct store *s, enum sql id, struct request *r, struct err *e)
{
	memset(r, 0, sizeof(*r));
	r->id = db_int(s, id, 0);
	db_text(s, id, 1, r->kind, sizeof(r->kind));
	r->argument = db_dup(s, id, 2);
	r->asked_at = db_int(s, id, 3);
	r->answered_at = db_int(s, id, 4);
	r->answer = db_dup(s, id, 5);
	db_done(s, id);
	if (r->argument != NULL && r->answer != NULL)
		return STORE_OK;
	request_clear(r);
	return err_set(e, "out of memory");
}

int
request_add(struct store *s, const char *kind, const char *argument,
    const char *actor, int64_t *id, struct err *e)
{
	int rc = db_do(s, NULL, SQL_REQUEST_ADD, e, "sssi", kind, argument,
	    actor, when_now());

	*id = rc == STORE_OK ? sqlite3_last_insert_rowid(s->db) : 0;
	return rc;
}

int
request_get(struct store *s, int64_t id, struct request *r, struct err *e)
{
	int rc = db_run(s, SQL_REQUEST_GET, e, "i", id);

	memset(r, 0, sizeof(*r));
	if (rc == SQLITE_DONE)
		return STORE_NONE;
	return rc == SQLITE_ROW ? request_row(s, SQL_REQUEST_GET, r, e) :
	    STORE_FAIL;
}

int
request_next(struct store *s, int64_t after, struct request *r,
    struct err *e)
{
	int rc = db_run(s, SQL_REQUEST_NEXT, e, "i", after);

	memset(r, 0, sizeof(*r));
	if (rc == SQLITE_DONE)
		return STORE_NONE;
	return rc == SQLITE_ROW ? request_row(s, SQL_REQUEST_NEXT, r, e) :
	    STORE_FAIL;
}

int
request_answer(struct store *s, int64_t id, const char *answer, struct err *e)
{
	return db_do(s, NULL, SQL_REQUEST_ANSWER, e, "iis", id, when_now(),
	    answer);
}

void
request_clear(struct request *r)
{
	if (r == NULL)
		return;
	free(r->argument);
	free(r->answer);
	r->argument = NULL;
	r->answer = NULL;
}

int
request_prune(struct store *s, struct err *e)
{
	int64_t before = when_now() - KEEP_MS;

	if (db_do(s, NULL, SQL_REQUEST_PRUNE, e, "i", before) != STORE_OK)
		return STORE_FAIL;
	return db_do(s, NULL, SQL_DRAFT_PRUNE, e, "i", before);
}

int
draft_put(struct store *s, const struct draft *d, struct err *e)
{
	int n = 0, rc;

	rc = db_do(s, &n, SQL_DRAFT_PUT, e, "sssii", d->token, d->owner,
	    d->fields, d->request, when_now());
	return rc == STORE_OK && n == 0 ? STORE_CONFLICT : rc;
}

int
draft_get(struct store *s, const char *token, struct draft *d, struct err *e)
{
	int rc = db_run(s, SQL_DRAFT_GET, e, "s", token);

	memset(d, 0, sizeof(*d));
	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	db_text(s, SQL_DRAFT_GET, 0, d->token, sizeof(d->token));
	db_text(s, SQL_DRAFT_GET, 1, d->owner, sizeof(d->owner));
	d->fields = db_dup(s, SQL_DRAFT_GET, 2);
	d->request = db_int(s, SQL_DRAFT_GET, 3);
	d->changed_at = db_int(s, SQL_DRAFT_GET, 4);
	db_done(s, SQL_DRAFT_GET);
	return d->fields != NULL ? STORE_OK : err_set(e, "out of memory");
}

void
draft_clear(struct draft *d)
{
	if (d == NULL)
		return;
	free(d->fields);
	d->fields = NULL;
}
