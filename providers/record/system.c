/* What each configured system said last, and whether it may be called. */
#include "store.h"

#include <string.h>

#include "../base/buf.h"
#include "db.h"

int
system_list(struct store *s, struct system_row *rows, unsigned max,
    unsigned *count, struct err *e)
{
	int rc = db_run(s, SQL_SYSTEM_LIST, e, "i", (int64_t)max);
	struct system_row *r;

	*count = 0;
	while (rc == SQLITE_ROW) {
		r = &rows[(*count)++];
		memset(r, 0, sizeof(*r));
		db_text(s, SQL_SYSTEM_LIST, 0, r->name, sizeof(r->name));
		db_text(s, SQL_SYSTEM_LIST, 1, r->kind, sizeof(r->kind));
		db_text(s, SQL_SYSTEM_LIST, 2, r->stopped, sizeof(r->stopped));
		r->last_ok_at = db_int(s, SQL_SYSTEM_LIST, 3);
		db_text(s, SQL_SYSTEM_LIST, 4, r->last_error,
		    sizeof(r->last_error));
		r->last_error_at = db_int(s, SQL_SYSTEM_LIST, 5);
		rc = db_next(s, SQL_SYSTEM_LIST, e);
	}
	return rc == SQLITE_DONE ? STORE_OK : STORE_FAIL;
}

int
system_saw(struct store *s, const char *name, const char *kind, int ok,
    const char *text, struct err *e)
{
	if (ok != 0)
		return db_do(s, NULL, SQL_SYSTEM_OK, e, "ssi", name, kind,
		    when_now());
	return db_do(s, NULL, SQL_SYSTEM_ERROR, e, "ssis", name, kind,
	    when_now(), text);
}

int
system_stop(struct store *s, const char *name, const char *why, struct err *e)
{
	int rc;

	if (store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	rc = db_do(s, NULL, SQL_SYSTEM_STOP, e, "ss", name, why);
	if (rc == STORE_OK) {
		struct audit a;

		memset(&a, 0, sizeof(a));
		(void)text_copy(a.actor, sizeof(a.actor), "offboardd");
		(void)text_copy(a.event, sizeof(a.event), "system-stopped");
		(void)text_copy(a.system, sizeof(a.system), name);
		(void)text_copy(a.detail, sizeof(a.detail), why);
		rc = audit_append(s, &a, e);
	}
	if (rc == STORE_OK)
		return store_commit(s, e);
	store_rollback(s);
	return rc;
}

int
system_clear(struct store *s, const char *name, struct err *e)
{
	return db_do(s, NULL, SQL_SYSTEM_CLEAR, e, "s",
	    name == NULL ? "" : name);
}
