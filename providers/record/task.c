/* Tasks: what a human must do or check, and who said it is done. */
#include "store.h"

#include <stdio.h>
#include <string.h>

#include "../base/buf.h"
#include "case.h"
#include "db.h"

static void
task_row(struct store *s, enum sql id, struct task *t)
{
	memset(t, 0, sizeof(*t));
	t->id = db_int(s, id, 0);
	t->offboarding = db_int(s, id, 1);
	db_text(s, id, 2, t->system, sizeof(t->system));
	db_text(s, id, 3, t->phase, sizeof(t->phase));
	db_text(s, id, 4, t->text, sizeof(t->text));
	t->open = (int)db_int(s, id, 5);
	t->opened_at = db_int(s, id, 6);
	t->closed_at = db_int(s, id, 7);
	db_text(s, id, 8, t->closed_by, sizeof(t->closed_by));
	db_text(s, id, 9, t->note, sizeof(t->note));
}

int
task_open(struct store *s, const struct task *t, const char *actor,
    struct err *e)
{
	struct audit a;
	int n = 0, rc;

	if (store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	rc = db_do(s, &n, SQL_TASK_ADD, e, "isssi", t->offboarding, t->system,
	    t->phase, t->text, when_now());
	if (rc == STORE_OK && n > 0) {
		memset(&a, 0, sizeof(a));
		(void)text_copy(a.actor, sizeof(a.actor), actor);
		(void)text_copy(a.event, sizeof(a.event), "task-opened");
		a.offboarding = t->offboarding;
		(void)text_copy(a.system, sizeof(a.system), t->system);
		(void)text_copy(a.phase, sizeof(a.phase), t->phase);
		(void)text_copy(a.detail, sizeof(a.detail), t->text);
		rc = audit_append(s, &a, e);
	}
	if (rc == STORE_OK)
		return store_commit(s, e);
	store_rollback(s);
	return rc;
}

int
task_list(struct store *s, int64_t ob, struct task *rows, unsigned max,
    unsigned *count, struct err *e)
{
	enum sql id = ob != 0 ? SQL_TASK_CASE : SQL_TASK_OPEN;
	int rc;

	*count = 0;
	rc = ob != 0 ? db_run(s, id, e, "ii", ob, (int64_t)max) :
	    db_run(s, id, e, "i", (int64_t)max);
	while (rc == SQLITE_ROW) {
		task_row(s, id, &rows[(*count)++]);
		rc = db_next(s, id, e);
	}
	return rc == SQLITE_DONE ? STORE_OK : STORE_FAIL;
}

int
task_get(struct store *s, int64_t id, struct task *t, struct err *e)
{
	int rc = db_run(s, SQL_TASK_GET, e, "i", id);

	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	task_row(s, SQL_TASK_GET, t);
	db_done(s, SQL_TASK_GET);
	return STORE_OK;
}

int
task_close(struct store *s, int64_t id, const char *actor, const char *note,
    struct err *e)
{
	struct task t;
	char detail[TEXT_MAX];
	int n = 0, rc;

	if (store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	rc = task_get(s, id, &t, e);
	if (rc == STORE_OK)
		rc = db_do(s, &n, SQL_TASK_CLOSE, e, "iiss", id, when_now(),
		    actor, note);
	if (rc == STORE_OK && n == 0)
		rc = STORE_CONFLICT;
	if (rc == STORE_OK)
		rc = db_do(s, NULL, SQL_CASE_UNSETTLE, e, "i", t.offboarding);
	if (rc == STORE_OK) {
		(void)snprintf(detail, sizeof(detail), "task %lld: %s",
		    (long long)id, note);
		rc = db_event(s, actor, "task-closed", t.offboarding, detail,
		    e);
	}
	if (rc == STORE_OK)
		return store_commit(s, e);
	store_rollback(s);
	return rc;
}

int
task_moot(struct store *s, const struct step *st, struct err *e)
{
	return db_do(s, NULL, SQL_TASK_CLOSE_STEP, e, "issis", st->offboarding,
	    st->system, phase_word(st->phase), when_now(),
	    "the step was verified since");
}

int
task_seen(struct store *s, const struct task *t, struct err *e)
{
	int rc = db_run(s, SQL_TASK_SEEN, e, "isss", t->offboarding, t->system,
	    t->phase, t->text);

	if (rc == SQLITE_ROW)
		db_done(s, SQL_TASK_SEEN);
	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : -1;
}

int
task_settled(struct store *s, const struct task *t, const char *note,
    struct err *e)
{
	return db_do(s, NULL, SQL_TASK_SETTLED, e, "isis", t->offboarding,
	    t->text, when_now(), note);
}
