/* Steps, accounts and calls in the record. */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/buf.h"
#include "case.h"
#include "db.h"

static void
step_row(struct store *s, enum sql id, struct step *st)
{
	char word[32];
	int i = 0;

	memset(st, 0, sizeof(*st));
	st->id = db_int(s, id, i++);
	st->offboarding = db_int(s, id, i++);
	db_text(s, id, i++, st->system, sizeof(st->system));
	db_text(s, id, i++, st->kind, sizeof(st->kind));
	db_text(s, id, i++, word, sizeof(word));
	st->phase = (enum phase)phase_of(word);
	db_text(s, id, i++, word, sizeof(word));
	st->state = (enum state)state_of(word);
	st->attempts = (int)db_int(s, id, i++);
	st->due_at = db_int(s, id, i++);
	st->waiting_since = db_int(s, id, i++);
	st->first_at = db_int(s, id, i++);
	st->at = db_int(s, id, i++);
	db_text(s, id, i++, st->detail, sizeof(st->detail));
	st->failures = (int)db_int(s, id, i++);
	st->asked_again = (int)db_int(s, id, i);
}

static int
step_event(struct store *s, const struct step *st, const char *event,
    const char *detail, struct err *e)
{
	struct audit a;

	memset(&a, 0, sizeof(a));
	(void)text_copy(a.actor, sizeof(a.actor), "offboardd");
	(void)text_copy(a.event, sizeof(a.event), event);
	a.offboarding = st->offboarding;
	(void)text_copy(a.system, sizeof(a.system), st->system);
	(void)text_copy(a.phase, sizeof(a.phase), phase_word(st->phase));
	(void)text_copy(a.detail, sizeof(a.detail), detail);
	return audit_append(s, &a, e);
}

int
step_list(struct store *s, int64_t ob, struct step *rows, unsigned max,
    unsigned *count, struct err *e)
{
	int rc = db_run(s, SQL_STEP_LIST, e, "i", ob);

	*count = 0;
	while (rc == SQLITE_ROW) {
		if (*count == max) {
			db_done(s, SQL_STEP_LIST);
			return err_set(e, "OB-%06lld has more than %u steps",
			    (long long)ob, max);
		}
		step_row(s, SQL_STEP_LIST, &rows[(*count)++]);
		rc = db_next(s, SQL_STEP_LIST, e);
	}
	return rc == SQLITE_DONE ? STORE_OK : STORE_FAIL;
}

static int
account_row(struct store *s, enum sql id, struct account *a)
{
	memset(a, 0, sizeof(*a));
	db_text(s, id, 0, a->system, sizeof(a->system));
	db_text(s, id, 1, a->kind, sizeof(a->kind));
	db_text(s, id, 2, a->account, sizeof(a->account));
	db_text(s, id, 3, a->label, sizeof(a->label));
	db_text(s, id, 4, a->found, sizeof(a->found));
	a->before = db_dup(s, id, 5);
	a->after = db_dup(s, id, 6);
	if (a->before != NULL && a->after != NULL)
		return STORE_OK;
	account_clear(a);
	return STORE_FAIL;
}

int
account_list(struct store *s, int64_t ob, struct account *rows, unsigned max,
    unsigned *count, struct err *e)
{
	int rc = db_run(s, SQL_ACCOUNT_LIST, e, "i", ob);

	*count = 0;
	while (rc == SQLITE_ROW) {
		if (*count == max ||
		    account_row(s, SQL_ACCOUNT_LIST, &rows[*count]) != 0) {
			db_done(s, SQL_ACCOUNT_LIST);
			err_set(e, "out of memory or too many systems");
			goto fail;
		}
		(*count)++;
		rc = db_next(s, SQL_ACCOUNT_LIST, e);
	}
	if (rc == SQLITE_DONE)
		return STORE_OK;
fail:
	while (*count > 0)
		account_clear(&rows[--*count]);
	return STORE_FAIL;
}

int
account_get(struct store *s, int64_t ob, const char *system,
    struct account *a, struct err *e)
{
	int rc = db_run(s, SQL_ACCOUNT_GET, e, "is", ob, system);

	memset(a, 0, sizeof(*a));
	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	rc = account_row(s, SQL_ACCOUNT_GET, a);
	db_done(s, SQL_ACCOUNT_GET);
	return rc == STORE_OK ? rc : err_set(e, "out of memory");
}

void
account_clear(struct account *a)
{
	if (a == NULL)
		return;
	free(a->before);
	free(a->after);
	a->before = NULL;
	a->after = NULL;
}

int
step_retry(struct store *s, int64_t ob, const char *system, int phase,
    const char *actor, unsigned *count, struct err *e)
{
	const char *sys = system == NULL ? "" : system;
	const char *ph = phase < 0 ? "" : phase_word((enum phase)phase);
	char detail[200];
	int n = 0, rc;

	*count = 0;
	if (store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	rc = db_do(s, &n, SQL_STEP_RETRY, e, "issis", ob, sys, ph, when_now(),
	    actor);
	if (rc == STORE_OK && n == 0)
		rc = STORE_NONE;
	/* Whatever is done again must be read back again afterwards. */
	if (rc == STORE_OK && (phase < 0 || (phase != PHASE_VERIFY &&
	    phase != PHASE_RESTORE)))
		rc = db_do(s, NULL, SQL_STEP_RETRY_VERIFY, e, "i", ob);
	if (rc == STORE_OK)
		rc = system_clear(s, system, e);
	if (rc == STORE_OK) {
		(void)snprintf(detail, sizeof(detail), "%s%s%s",
		    sys[0] == '\0' ? "all open steps" : sys,
		    ph[0] == '\0' ? "" : "/", ph);
		rc = db_event(s, actor, "retry-requested", ob, detail, e);
	}
	if (rc != STORE_OK) {
		store_rollback(s);
		return rc;
	}
	*count = (unsigned)n;
	return store_commit(s, e);
}

/* ---- for the worker alone ---- */

int
step_add(struct store *s, const struct step *st, struct err *e)
{
	if (db_do(s, NULL, SQL_ACCOUNT_ADD, e, "iss", st->offboarding,
	    st->system, st->kind) != STORE_OK)
		return STORE_FAIL;
	return db_do(s, NULL, SQL_STEP_ADD, e, "isssi", st->offboarding,
	    st->system, st->kind, phase_word(st->phase), st->due_at);
}

int
step_get(struct store *s, int64_t id, struct step *st, struct err *e)
{
	int rc = db_run(s, SQL_STEP_GET, e, "i", id);

	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	step_row(s, SQL_STEP_GET, st);
	db_done(s, SQL_STEP_GET);
	return STORE_OK;
}

static int
step_first(struct store *s, int rc, struct step *st)
{
	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	step_row(s, SQL_STEP_CANDIDATES, st);
	db_done(s, SQL_STEP_CANDIDATES);
	return STORE_OK;
}

int
step_candidate(struct store *s, const char *system, int64_t now,
    struct step *st, struct err *e)
{
	return step_first(s, db_run(s, SQL_STEP_CANDIDATES, e, "sis", system,
	    now, ""), st);
}

int
step_candidate_of(struct store *s, const char *system, enum phase phase,
    struct step *st, struct err *e)
{
	return step_first(s, db_run(s, SQL_STEP_CANDIDATES, e, "sis", system,
	    when_now(), phase_word(phase)), st);
}

int
step_system(struct store *s, unsigned nth, char name[WORD_MAX],
    struct err *e)
{
	int rc = db_run(s, SQL_STEP_SYSTEMS, e, "ii", (int64_t)1,
	    (int64_t)nth);

	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	db_text(s, SQL_STEP_SYSTEMS, 0, name, WORD_MAX);
	db_done(s, SQL_STEP_SYSTEMS);
	return STORE_OK;
}

int
step_open_of(struct store *s, const char *system, struct step *st,
    struct err *e)
{
	int rc = db_run(s, SQL_STEP_OPEN_OF, e, "s", system);

	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	step_row(s, SQL_STEP_OPEN_OF, st);
	db_done(s, SQL_STEP_OPEN_OF);
	return STORE_OK;
}

int
step_rearm(struct store *s, const struct step *st, struct err *e)
{
	return db_do(s, NULL, SQL_STEP_REARM, e, "isssi", st->offboarding,
	    st->system, st->kind, phase_word(st->phase), st->due_at);
}

int
step_again(struct store *s, int64_t ob, const char *system, struct err *e)
{
	return db_do(s, NULL, SQL_STEP_AGAIN, e, "is", ob, system);
}

int
step_contained_at(struct store *s, int64_t ob, const char *system,
    int64_t *at, struct err *e)
{
	int rc = db_run(s, SQL_STEP_CONTAINED, e, "is", ob, system);

	*at = 0;
	if (rc == SQLITE_ROW) {
		*at = db_int(s, SQL_STEP_CONTAINED, 0);
		db_done(s, SQL_STEP_CONTAINED);
	}
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? STORE_OK : STORE_FAIL;
}

int
step_next_at(struct store *s, const char *system, int64_t *at, struct err *e)
{
	if (db_run(s, SQL_STEP_NEXT_AT, e, "s", system) != SQLITE_ROW)
		return STORE_FAIL;
	*at = db_int(s, SQL_STEP_NEXT_AT, 0);
	db_done(s, SQL_STEP_NEXT_AT);
	return STORE_OK;
}

int
step_claim(struct store *s, struct step *st, struct err *e)
{
	char detail[64];
	int64_t now = when_now();
	int n = 0, rc, look;

	if (store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	rc = db_do(s, &n, SQL_STEP_CLAIM, e, "ii", st->id, now);
	if (rc == STORE_OK && n == 0)
		rc = STORE_CONFLICT;
	look = st->waiting_since > 0 && st->failures == 0;
	st->state = STATE_RUNNING;
	st->attempts += look ? 0 : 1;
	st->at = now;
	if (st->first_at == 0)
		st->first_at = now;
	if (rc == STORE_OK && !look) {
		(void)snprintf(detail, sizeof(detail), "attempt %d",
		    st->attempts);
		rc = step_event(s, st, "step-started", detail, e);
	}
	if (rc == STORE_OK)
		return store_commit(s, e);
	store_rollback(s);
	return rc;
}

int
step_end(struct store *s, const struct step *st, struct err *e)
{
	struct step was;
	char event[64];
	int rc, quiet;

	(void)snprintf(event, sizeof(event), "step-%s", state_word(st->state));
	if (store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	/* The audit tells what is new: that it waits on is not. */
	rc = step_get(s, st->id, &was, e);
	quiet = rc == STORE_OK && st->state == STATE_WAITING &&
	    was.waiting_since > 0 && strcmp(was.detail, st->detail) == 0;
	if (rc == STORE_OK)
		rc = db_do(s, NULL, SQL_STEP_END, e, "isisiii", st->id,
	    state_word(st->state), st->at, st->detail, st->due_at,
	    st->waiting_since, (int64_t)st->failures);
	if (rc == STORE_OK && !quiet)
		rc = step_event(s, st, event, st->detail, e);
	if (rc == STORE_OK)
		return store_commit(s, e);
	store_rollback(s);
	return rc;
}

int
step_skip(struct store *s, const struct step *st, int tried, struct err *e)
{
	return db_do(s, NULL, SQL_STEP_SKIPPED, e, "isisiii", st->id,
	    state_word(st->state), st->at, st->detail, st->due_at,
	    (int64_t)tried, st->waiting_since);
}

int
step_due(struct store *s, int64_t id, int64_t at, struct err *e)
{
	return db_do(s, NULL, SQL_STEP_DUE, e, "ii", id, at);
}

int
step_shift(struct store *s, int64_t ms, struct err *e)
{
	int rc = db_do(s, NULL, SQL_STEP_SHIFT, e, "i", ms);

	if (rc == STORE_OK)
		rc = db_do(s, NULL, SQL_CASE_SHIFT, e, "i", ms);
	return rc == STORE_OK ? db_do(s, NULL, SQL_MESSAGE_SHIFT, e, "i", ms) :
	    rc;
}

int
step_interrupted(struct store *s, struct err *e)
{
	return db_do(s, NULL, SQL_STEP_INTERRUPTED, e, "i", when_now());
}

int
step_busy(struct store *s, int64_t ob, int64_t now, int64_t *count,
    struct err *e)
{
	if (db_run(s, SQL_STEP_BUSY, e, "ii", now, ob) != SQLITE_ROW)
		return STORE_FAIL;
	*count = db_int(s, SQL_STEP_BUSY, 0);
	db_done(s, SQL_STEP_BUSY);
	return STORE_OK;
}

int
call_begin(struct store *s, int64_t step, const char *what, int64_t *id,
    struct err *e)
{
	if (db_do(s, NULL, SQL_CALL_ADD, e, "isi", step, what, when_now()) !=
	    STORE_OK)
		return STORE_FAIL;
	*id = sqlite3_last_insert_rowid(s->db);
	return STORE_OK;
}

int
call_end(struct store *s, int64_t id, const char *outcome, struct err *e)
{
	return db_do(s, NULL, SQL_CALL_END, e, "iis", id, when_now(), outcome);
}

int
account_found(struct store *s, int64_t ob, const struct account *a,
    struct err *e)
{
	return db_do(s, NULL, SQL_ACCOUNT_FOUND, e, "issss", ob, a->system,
	    a->account, a->label, a->found);
}

int
account_before(struct store *s, int64_t ob, const char *system,
    const char *json, struct err *e)
{
	return db_do(s, NULL, SQL_ACCOUNT_BEFORE, e, "iss", ob, system, json);
}

int
account_after(struct store *s, int64_t ob, const char *system,
    const char *json, struct err *e)
{
	return db_do(s, NULL, SQL_ACCOUNT_AFTER, e, "iss", ob, system, json);
}
