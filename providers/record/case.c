/* Offboardings in the record: one person leaving each. */
#include "store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/buf.h"
#include "case.h"
#include "db.h"

static void
case_row(struct store *s, enum sql id, struct offboarding *o)
{
	char status[24];
	int i = 0;

	/* Every member is set: a list of these is too large to clear first. */
	o->id = db_int(s, id, i++);
	db_text(s, id, i++, o->email, sizeof(o->email));
	db_text(s, id, i++, o->name, sizeof(o->name));
	db_text(s, id, i++, o->login, sizeof(o->login));
	o->login_given = (int)db_int(s, id, i++);
	db_text(s, id, i++, o->employee_id, sizeof(o->employee_id));
	db_text(s, id, i++, o->handover, sizeof(o->handover));
	db_text(s, id, i++, o->reason, sizeof(o->reason));
	db_text(s, id, i++, o->zone, sizeof(o->zone));
	db_text(s, id, i++, o->source, sizeof(o->source));
	db_text(s, id, i++, o->requested_by, sizeof(o->requested_by));
	o->requested_at = db_int(s, id, i++);
	o->effective_at = db_int(s, id, i++);
	o->emergency = (int)db_int(s, id, i++);
	db_text(s, id, i++, status, sizeof(status));
	o->status = (enum status)status_of(status);
	db_text(s, id, i++, o->hold, sizeof(o->hold));
	db_text(s, id, i++, o->approved_by, sizeof(o->approved_by));
	o->opened_at = db_int(s, id, i++);
	o->contained_at = db_int(s, id, i++);
	o->completed_at = db_int(s, id, i++);
	o->cancelled_at = db_int(s, id, i++);
	o->restore_at = db_int(s, id, i++);
	o->recheck_at = db_int(s, id, i++);
	o->recheck_nth = db_int(s, id, i++);
	db_text(s, id, i, o->idempotency, sizeof(o->idempotency));
}

/* Columns of CASE_BRIEF. */
static void
case_row_brief(struct store *s, enum sql id, struct offboarding *o)
{
	char status[24];
	int i = 0;

	o->login_given = 0;
	o->recheck_at = o->recheck_nth = 0;
	o->employee_id[0] = o->handover[0] = o->reason[0] = '\0';
	o->source[0] = o->requested_by[0] = o->hold[0] = '\0';
	o->approved_by[0] = o->idempotency[0] = '\0';
	o->id = db_int(s, id, i++);
	db_text(s, id, i++, o->email, sizeof(o->email));
	db_text(s, id, i++, o->name, sizeof(o->name));
	db_text(s, id, i++, o->login, sizeof(o->login));
	db_text(s, id, i++, o->zone, sizeof(o->zone));
	o->requested_at = db_int(s, id, i++);
	o->effective_at = db_int(s, id, i++);
	o->emergency = (int)db_int(s, id, i++);
	db_text(s, id, i++, status, sizeof(status));
	o->status = (enum status)status_of(status);
	o->opened_at = db_int(s, id, i++);
	o->contained_at = db_int(s, id, i++);
	o->completed_at = db_int(s, id, i++);
	o->cancelled_at = db_int(s, id, i++);
	o->restore_at = db_int(s, id, i);
}

/* Is there one that this would double? Its id, 0 for none, -1 on failure. */
static int64_t
case_same(struct store *s, enum sql id, const char *key, struct err *e)
{
	int rc = db_run(s, id, e, "s", key);
	int64_t same = 0;

	if (rc == SQLITE_ROW) {
		same = db_int(s, id, 0);
		db_done(s, id);
	}
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? same : -1;
}

static int
case_insert(struct store *s, struct offboarding *o, struct err *e)
{
	char at[WHEN_TEXT], detail[256];

	if (db_do(s, NULL, SQL_CASE_ADD, e, "sssissssssiiisss", o->email,
	    o->name, o->login, (int64_t)o->login_given, o->employee_id,
	    o->handover, o->reason, o->zone, o->source, o->requested_by,
	    o->requested_at, o->effective_at, (int64_t)o->emergency,
	    status_word(o->status), o->hold, o->idempotency) != STORE_OK)
		return STORE_FAIL;
	o->id = sqlite3_last_insert_rowid(s->db);
	when_text(o->effective_at, at);
	(void)snprintf(detail, sizeof(detail), "effective %s%s%s", at,
	    o->emergency != 0 ? ", emergency" : "",
	    o->hold[0] != '\0' ? ", waits for approval" : "");
	return db_event(s, o->requested_by, "requested", o->id, detail, e);
}

int
case_add(struct store *s, struct offboarding *o, struct err *e)
{
	int64_t same = 0;
	int rc = STORE_FAIL;

	o->status = o->hold[0] != '\0' &&
	    strncmp(o->hold, "irreversible:", 13) != 0 ? STATUS_APPROVAL :
	    STATUS_SCHEDULED;
	if (store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	if (o->idempotency[0] != '\0')
		same = case_same(s, SQL_CASE_BY_KEY, o->idempotency, e);
	if (same != 0)
		rc = same > 0 ? STORE_REPLAY : STORE_FAIL;
	else {
		same = case_same(s, SQL_CASE_BY_PERSON, o->email, e);
		if (same != 0)
			rc = same > 0 ? STORE_CONFLICT : STORE_FAIL;
		else
			rc = case_insert(s, o, e);
	}
	if (rc == STORE_OK)
		return store_commit(s, e);
	store_rollback(s);
	if (same > 0)
		o->id = same;
	return rc;
}

int
case_open_of(struct store *s, const char *email, int64_t *id, struct err *e)
{
	*id = case_same(s, SQL_CASE_BY_PERSON, email, e);
	return *id == 0 ? STORE_OK : *id > 0 ? STORE_CONFLICT : STORE_FAIL;
}

int
case_get(struct store *s, int64_t id, struct offboarding *o, struct err *e)
{
	int rc = db_run(s, SQL_CASE_GET, e, "i", id);

	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	case_row(s, SQL_CASE_GET, o);
	db_done(s, SQL_CASE_GET);
	return STORE_OK;
}

int
case_list(struct store *s, const struct case_filter *f,
    struct offboarding *rows, unsigned *count, int64_t *total, struct err *e)
{
	const char *status = f->status < 0 ? "" :
	    status_word((enum status)f->status);
	const char *text = f->text == NULL ? "" : f->text;
	int all = status[0] == '\0' && text[0] == '\0', rc;
	int brief = all && f->brief;
	enum sql list = brief ? SQL_CASE_LIST_BRIEF :
	    all ? SQL_CASE_LIST_ALL : SQL_CASE_LIST;
	enum sql sum = all ? SQL_CASE_COUNT_ALL : SQL_CASE_COUNT;

	*count = 0;
	*total = 0;
	rc = all ? db_run(s, sum, e, "") : db_run(s, sum, e, "ss", status, text);
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	*total = db_int(s, sum, 0);
	db_done(s, sum);
	if (all)
		rc = db_run(s, list, e, "ii", (int64_t)f->limit,
		    (int64_t)f->offset);
	else
		rc = db_run(s, list, e, "ssii", status, text,
		    (int64_t)f->limit, (int64_t)f->offset);
	while (rc == SQLITE_ROW) {
		if (brief)
			case_row_brief(s, list, &rows[(*count)++]);
		else
			case_row(s, list, &rows[(*count)++]);
		rc = db_next(s, list, e);
	}
	return rc == SQLITE_DONE ? STORE_OK : STORE_FAIL;
}

/* Begins, reads the case; on anything but STORE_OK it has ended again. */
static int
case_take(struct store *s, int64_t id, struct offboarding *o, struct err *e)
{
	int rc;

	if (store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	rc = case_get(s, id, o, e);
	if (rc != STORE_OK)
		store_rollback(s);
	return rc;
}

static int
case_end(struct store *s, int rc, struct err *e)
{
	if (rc == STORE_OK)
		return store_commit(s, e);
	store_rollback(s);
	return rc;
}

int
case_cancel(struct store *s, int64_t id, const char *actor, struct err *e)
{
	struct offboarding o;
	int rc = case_take(s, id, &o, e);

	if (rc != STORE_OK)
		return rc;
	if (o.status == STATUS_CANCELLED || o.status == STATUS_RESTORED ||
	    o.status == STATUS_COMPLETE)
		return case_end(s, STORE_CONFLICT, e);
	rc = db_do(s, NULL, SQL_CASE_CANCEL, e, "ii", id, when_now());
	if (rc == STORE_OK)
		rc = db_do(s, NULL, SQL_STEP_STOP, e, "is", id,
		    "cancelled before it was done");
	/* Whoever is to be told of it is told by the worker. */
	if (rc == STORE_OK)
		rc = db_do(s, NULL, SQL_CASE_UNSETTLE, e, "i", id);
	if (rc == STORE_OK)
		rc = db_event(s, actor, "cancelled", id, o.restore_at > 0 ?
		    "what was put back stays; the rest was stopped" :
		    o.opened_at == 0 ?
		    "nothing had been done" :
		    "what was done stays; later steps were stopped", e);
	return case_end(s, rc, e);
}

int
case_restore(struct store *s, int64_t id, const char *actor, struct err *e)
{
	struct offboarding o;
	int rc = case_take(s, id, &o, e);

	if (rc != STORE_OK)
		return rc;
	if (o.opened_at == 0 || o.status == STATUS_RESTORED ||
	    (o.restore_at > 0 && o.status != STATUS_CANCELLED))
		return case_end(s, STORE_CONFLICT, e);
	rc = db_do(s, NULL, SQL_STEP_STOP, e, "is", id,
	    "stopped: the person's access is put back");
	if (rc == STORE_OK)
		rc = db_do(s, NULL, SQL_CASE_RESTORE, e, "ii", id, when_now());
	/* One that was cancelled on the way goes on where it was. */
	if (rc == STORE_OK)
		rc = db_do(s, NULL, SQL_STEP_REGATE_RESTORE, e, "ii", id,
		    when_now());
	if (rc == STORE_CONFLICT)
		/* Another offboarding of the person is open. */
		return case_end(s, STORE_REPLAY, e);
	if (rc == STORE_OK)
		rc = db_event(s, actor, "restore-requested", id, "", e);
	return case_end(s, rc, e);
}

int
case_approve(struct store *s, int64_t id, const char *actor, struct err *e)
{
	struct offboarding o;
	int rc = case_take(s, id, &o, e);

	if (rc != STORE_OK)
		return rc;
	/* One that waits although somebody approved it waits because that one
	 * may not, or no longer. */
	if (o.hold[0] == '\0' || (o.approved_by[0] != '\0' &&
	    o.status != STATUS_APPROVAL) || (o.status != STATUS_APPROVAL && o.status != STATUS_RUNNING &&
	    o.status != STATUS_SCHEDULED && o.status != STATUS_ATTENTION))
		return case_end(s, STORE_CONFLICT, e);
	if (strcmp(o.requested_by, actor) == 0)
		return case_end(s, STORE_REPLAY, e);
	rc = db_do(s, NULL, SQL_CASE_APPROVE, e, "is", id, actor);
	/* Gated steps are looked at again; the worker judges each. */
	if (rc == STORE_OK)
		rc = db_do(s, NULL, SQL_STEP_REGATE, e, "ii", id, when_now());
	if (rc == STORE_OK)
		rc = db_event(s, actor, "approved", id, o.hold, e);
	return case_end(s, rc, e);
}

int
case_count_recent(struct store *s, const struct offboarding *o,
    int64_t *count, struct err *e)
{
	if (db_run(s, SQL_CASE_RECENT, e, "siii", o->source,
	    o->requested_at - 3600LL * 1000, o->requested_at, o->id) !=
	    SQLITE_ROW)
		return STORE_FAIL;
	*count = db_int(s, SQL_CASE_RECENT, 0);
	db_done(s, SQL_CASE_RECENT);
	return STORE_OK;
}

/* ---- for the worker alone ---- */

static int
case_id(struct store *s, enum sql id, int rc, int64_t *out)
{
	*out = 0;
	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	*out = db_int(s, id, 0);
	db_done(s, id);
	return STORE_OK;
}

int
case_due(struct store *s, int64_t now, int64_t *id, struct err *e)
{
	return case_id(s, SQL_CASE_DUE, db_run(s, SQL_CASE_DUE, e, "i", now),
	    id);
}

int
case_restorable(struct store *s, int64_t *id, struct err *e)
{
	return case_id(s, SQL_CASE_RESTORABLE,
	    db_run(s, SQL_CASE_RESTORABLE, e, ""), id);
}

int
case_unsettled(struct store *s, int64_t *id, struct err *e)
{
	return case_id(s, SQL_CASE_UNSETTLED,
	    db_run(s, SQL_CASE_UNSETTLED, e, ""), id);
}

int
case_uncertified(struct store *s, int64_t id, struct err *e)
{
	return db_do(s, NULL, SQL_CASE_CERTIFIED, e, "i", id);
}

int
case_settled(struct store *s, int64_t id, struct err *e)
{
	return db_do(s, NULL, SQL_CASE_SETTLED, e, "i", id);
}

int
case_next_at(struct store *s, int64_t *at, struct err *e)
{
	return case_id(s, SQL_CASE_NEXT_AT, db_run(s, SQL_CASE_NEXT_AT, e, ""),
	    at);
}

int
case_opened(struct store *s, const struct offboarding *o, struct err *e)
{
	return db_do(s, NULL, SQL_CASE_OPENED, e, "iis", o->id, o->opened_at,
	    o->login);
}

int
case_held(struct store *s, int64_t id, const char *why, struct err *e)
{
	return db_do(s, NULL, SQL_CASE_HOLD, e, "is", id, why);
}

int
case_named(struct store *s, int64_t id, const char *name, struct err *e)
{
	return db_do(s, NULL, SQL_CASE_NAME, e, "is", id, name);
}

int
case_status(struct store *s, const struct offboarding *o, struct err *e)
{
	return db_do(s, NULL, SQL_CASE_STATUS, e, "isiiii", o->id,
	    status_word(o->status), o->contained_at, o->completed_at,
	    o->recheck_at, o->recheck_nth);
}

int
case_recheckable(struct store *s, int64_t now, int64_t *id, struct err *e)
{
	return case_id(s, SQL_CASE_RECHECKABLE,
	    db_run(s, SQL_CASE_RECHECKABLE, e, "i", now), id);
}

int
case_recheck(struct store *s, int64_t id, int64_t at, int64_t nth,
    struct err *e)
{
	return db_do(s, NULL, SQL_CASE_RECHECK, e, "iii", id, at, nth);
}

int
case_newer(struct store *s, const struct offboarding *o, int64_t *id,
    struct err *e)
{
	return case_id(s, SQL_CASE_NEWER, db_run(s, SQL_CASE_NEWER, e, "is",
	    o->id, o->email), id);
}

int
case_certifiable(struct store *s, int64_t *id, struct err *e)
{
	return case_id(s, SQL_CASE_CERTIFIABLE,
	    db_run(s, SQL_CASE_CERTIFIABLE, e, ""), id);
}

int
case_login_other(struct store *s, const struct offboarding *o, char *email,
    struct err *e)
{
	int rc = db_run(s, SQL_CASE_LOGIN_OTHER, e, "ss", o->login, o->email);

	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	db_text(s, SQL_CASE_LOGIN_OTHER, 0, email, EMAIL_MAX);
	db_done(s, SQL_CASE_LOGIN_OTHER);
	return STORE_OK;
}
