/* Messages to people and to the HR system: queued in the transaction that
 * they tell of, ended by whoever sends them. Sends nothing itself. */
#include <stdlib.h>
#include <string.h>

#include "../base/buf.h"
#include "case.h"
#include "db.h"

int
message_add(struct store *s, const struct message *m, struct err *e)
{
	return db_do(s, NULL, SQL_MESSAGE_ADD, e, "isssssi", m->offboarding,
	    m->kind, m->topic, m->recipient, m->subject, m->body, when_now());
}

/* Three texts in one piece of memory. */
static int
message_words(struct store *s, enum sql id, struct message *m, struct err *e)
{
	const char **words[] = { &m->recipient, &m->subject, &m->body };
	size_t room[3], i;
	char *at;

	for (i = 0; i < 3; i++)
		room[i] = (size_t)sqlite3_column_bytes(s->stmts[id],
		    4 + (int)i) + 1;
	m->own = at = malloc(room[0] + room[1] + room[2]);
	if (m->own == NULL)
		return err_set(e, "out of memory");
	for (i = 0; i < 3; i++) {
		db_text(s, id, 4 + (int)i, at, room[i]);
		*words[i] = at;
		at += room[i];
	}
	return STORE_OK;
}

static int
message_row(struct store *s, enum sql id, struct message *m, struct err *e)
{
	memset(m, 0, sizeof(*m));
	m->id = db_int(s, id, 0);
	m->offboarding = db_int(s, id, 1);
	db_text(s, id, 2, m->kind, sizeof(m->kind));
	db_text(s, id, 3, m->topic, sizeof(m->topic));
	db_text(s, id, 7, m->state, sizeof(m->state));
	m->attempts = db_int(s, id, 8);
	m->created_at = db_int(s, id, 9);
	m->due_at = db_int(s, id, 10);
	m->ended_at = db_int(s, id, 11);
	db_text(s, id, 12, m->last_error, sizeof(m->last_error));
	return message_words(s, id, m, e);
}

int
message_next_at(struct store *s, const char *kind, int64_t *at,
    struct err *e)
{
	if (db_run(s, SQL_MESSAGE_NEXT_AT, e, "s", kind) != SQLITE_ROW)
		return STORE_FAIL;
	*at = db_int(s, SQL_MESSAGE_NEXT_AT, 0);
	db_done(s, SQL_MESSAGE_NEXT_AT);
	return STORE_OK;
}

int
message_since(struct store *s, int64_t ob, const char *topic,
    const char *kind, int64_t at, struct err *e)
{
	int rc = db_run(s, SQL_MESSAGE_SINCE, e, "issi", ob, topic, kind, at);

	if (rc == SQLITE_ROW)
		db_done(s, SQL_MESSAGE_SINCE);
	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : -1;
}

int
message_next(struct store *s, const char *kind, struct message *m,
    struct err *e)
{
	int rc = db_run(s, SQL_MESSAGE_NEXT, e, "is", when_now(), kind);

	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	rc = message_row(s, SQL_MESSAGE_NEXT, m, e);
	db_done(s, SQL_MESSAGE_NEXT);
	return rc;
}

int
message_list(struct store *s, int64_t ob, struct message *rows, unsigned max,
    unsigned *count, struct err *e)
{
	int rc = db_run(s, SQL_MESSAGE_CASE, e, "ii", ob, (int64_t)max);

	*count = 0;
	while (rc == SQLITE_ROW) {
		if (message_row(s, SQL_MESSAGE_CASE, &rows[*count], e) !=
		    STORE_OK) {
			db_done(s, SQL_MESSAGE_CASE);
			break;
		}
		(*count)++;
		rc = db_next(s, SQL_MESSAGE_CASE, e);
	}
	if (rc == SQLITE_DONE)
		return STORE_OK;
	while (*count > 0)
		message_clear(&rows[--*count]);
	return STORE_FAIL;
}

int
message_end(struct store *s, const struct message *m, struct err *e)
{
	int queued = strcmp(m->state, "queued") == 0;

	return db_do(s, NULL, SQL_MESSAGE_END, e, "isiis", m->id, m->state,
	    m->due_at, queued ? (int64_t)0 : when_now(), m->last_error);
}

void
message_clear(struct message *m)
{
	if (m == NULL)
		return;
	free(m->own);
	m->own = NULL;
	m->recipient = m->subject = m->body = NULL;
}
