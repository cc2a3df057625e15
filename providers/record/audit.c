/* The append-only, hash-chained log. Each row's hash covers the row before
 * it and every field, length first, so that no two rows read alike. */
#include "store.h"

#include <openssl/evp.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/buf.h"
#include "case.h"
#include "db.h"

#define GENESIS "0000000000000000000000000000000000000000000000000000000000000000"

static void
chain_field(struct buf *b, const char *text)
{
	buf_fmt(b, "%zu:%s,", strlen(text), text);
}

/* hash = SHA-256("offboard-audit 1\n" seq at actor event offboarding system
 * phase detail prev), numbers in decimal, each field as "length:bytes,". */
static int
chain_hash(const struct audit *a, const char *prev, char out[72])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int i, n = 0;
	struct buf b;
	int ok;

	buf_init(&b, 8192);
	buf_fmt(&b, "offboard-audit 1\n%" PRId64 " %" PRId64 " %" PRId64 " ",
	    a->seq, a->at, a->offboarding);
	chain_field(&b, a->actor);
	chain_field(&b, a->event);
	chain_field(&b, a->system);
	chain_field(&b, a->phase);
	chain_field(&b, a->detail);
	chain_field(&b, prev);
	ok = b.failed == 0 &&
	    EVP_Digest(b.s, b.len, md, &n, EVP_sha256(), NULL) == 1;
	buf_clear(&b);
	if (!ok)
		return -1;
	for (i = 0; i < n; i++)
		(void)snprintf(out + (size_t)i * 2, 3, "%02x", md[i]);
	return 0;
}

int
audit_append(struct store *s, struct audit *a, struct err *e)
{
	char prev[72] = GENESIS, head[128];
	int rc, own = s->depth == 0;

	if (own && store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	a->seq = 1;
	rc = db_run(s, SQL_AUDIT_LAST, e, "");
	if (rc == SQLITE_ROW) {
		a->seq = db_int(s, SQL_AUDIT_LAST, 0) + 1;
		db_text(s, SQL_AUDIT_LAST, 1, prev, sizeof(prev));
		db_done(s, SQL_AUDIT_LAST);
	} else if (rc != SQLITE_DONE)
		goto fail;
	a->at = when_now();
	if (chain_hash(a, prev, a->hash) == -1) {
		err_set(e, "the audit: SHA-256 failed");
		goto fail;
	}
	(void)snprintf(head, sizeof(head), "%" PRId64 " %s", a->seq, a->hash);
	if (db_do(s, NULL, SQL_AUDIT_ADD, e, "iississsss", a->seq, a->at,
	    a->actor, a->event, a->offboarding, a->system, a->phase,
	    a->detail, prev, a->hash) != STORE_OK ||
	    meta_set(s, "audit_head", head, e) != STORE_OK)
		goto fail;
	return own ? store_commit(s, e) : STORE_OK;
fail:
	if (own)
		store_rollback(s);
	return STORE_FAIL;
}

static void
audit_row(struct store *s, enum sql id, struct audit *a)
{
	memset(a, 0, sizeof(*a));
	a->seq = db_int(s, id, 0);
	a->at = db_int(s, id, 1);
	db_text(s, id, 2, a->actor, sizeof(a->actor));
	db_text(s, id, 3, a->event, sizeof(a->event));
	a->offboarding = db_int(s, id, 4);
	db_text(s, id, 5, a->system, sizeof(a->system));
	db_text(s, id, 6, a->phase, sizeof(a->phase));
	db_text(s, id, 7, a->detail, sizeof(a->detail));
}

int
audit_list(struct store *s, int64_t ob, unsigned offset, struct audit *rows,
    unsigned max, unsigned *count, struct err *e)
{
	enum sql id = ob != 0 ? SQL_AUDIT_CASE : SQL_AUDIT_ALL;
	int rc;

	*count = 0;
	if (ob != 0)
		rc = db_run(s, id, e, "iii", ob, (int64_t)max, (int64_t)offset);
	else
		rc = db_run(s, id, e, "ii", (int64_t)max, (int64_t)offset);
	while (rc == SQLITE_ROW) {
		audit_row(s, id, &rows[*count]);
		db_text(s, id, 8, rows[*count].hash, sizeof(rows->hash));
		(*count)++;
		rc = db_next(s, id, e);
	}
	return rc == SQLITE_DONE ? STORE_OK : STORE_FAIL;
}

int
audit_hash(struct store *s, int64_t seq, char *hash, struct err *e)
{
	int rc = db_run(s, SQL_AUDIT_ROW, e, "i", seq);

	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	db_text(s, SQL_AUDIT_ROW, 0, hash, 72);
	db_done(s, SQL_AUDIT_ROW);
	return STORE_OK;
}

int64_t
audit_backs(struct store *s, const struct step *st, int64_t since,
    struct err *e)
{
	int64_t n = -1;

	if (db_run(s, SQL_AUDIT_BACK, e, "isi", st->offboarding, st->system,
	    since) == SQLITE_ROW) {
		n = db_int(s, SQL_AUDIT_BACK, 0);
		db_done(s, SQL_AUDIT_BACK);
	}
	return n;
}

/* Text that is longer than this program ever writes, or goes on behind a NUL,
 * would not be seen whole by the hash: it is a change. */
static int
walk_is_whole(struct store *s)
{
	static const int columns[] = { 2, 3, 5, 6, 7, 8, 9 };
	static const int limits[] = { WORD_MAX, 64, WORD_MAX, 16, TEXT_MAX, 72,
	    72 };
	sqlite3_stmt *st = s->stmts[SQL_AUDIT_WALK];
	const unsigned char *text;
	size_t i;
	int n;

	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		text = sqlite3_column_text(st, columns[i]);
		n = sqlite3_column_bytes(st, columns[i]);
		if (text == NULL || n >= limits[i] ||
		    strlen((const char *)text) != (size_t)n)
			return 0;
	}
	return 1;
}

/* Compares one row with what the chain says it must be. */
static int
walk_row(struct store *s, int64_t seq, const char *prev, char hash[72],
    struct err *e)
{
	char stored_prev[80], stored[80];
	struct audit a;

	audit_row(s, SQL_AUDIT_WALK, &a);
	db_text(s, SQL_AUDIT_WALK, 8, stored_prev, sizeof(stored_prev));
	db_text(s, SQL_AUDIT_WALK, 9, stored, sizeof(stored));
	if (a.seq != seq)
		return err_set(e, "audit row %" PRId64 " is missing: the chain "
		    "is broken there", seq);
	if (strcmp(stored_prev, prev) != 0)
		return err_set(e, "audit row %" PRId64 " does not follow row %"
		    PRId64 ": the chain is broken there", seq, seq - 1);
	if (walk_is_whole(s) == 0 ||
	    chain_hash(&a, prev, hash) == -1 || strcmp(hash, stored) != 0)
		return err_set(e, "audit row %" PRId64 " was changed: its "
		    "content does not fit its hash", seq);
	return 0;
}

int
audit_verify(struct store *s, int64_t *rows, char *head, struct err *e)
{
	char prev[72] = GENESIS, hash[72], kept[128] = "", want[128];
	int rc, broken = 0;

	*rows = 0;
	if (store_begin(s, e) != STORE_OK)
		return STORE_FAIL;
	rc = db_run(s, SQL_AUDIT_WALK, e, "");
	while (rc == SQLITE_ROW) {
		if (walk_row(s, *rows + 1, prev, hash, e) == -1) {
			broken = 1;
			db_done(s, SQL_AUDIT_WALK);
			rc = SQLITE_DONE;
			break;
		}
		(*rows)++;
		memcpy(prev, hash, sizeof(prev));
		rc = db_next(s, SQL_AUDIT_WALK, e);
	}
	if (rc == SQLITE_DONE && broken == 0) {
		/* Rows cut off the end leave a good chain behind. */
		(void)snprintf(want, sizeof(want), "%" PRId64 " %s", *rows,
		    prev);
		if (meta_get(s, "audit_head", kept, sizeof(kept), e) ==
		    STORE_FAIL)
			rc = SQLITE_ERROR;
		else if (*rows > 0 ? strcmp(kept, want) != 0 :
		    kept[0] != '\0') {
			broken = 1;
			err_set(e, "the audit ends at row %" PRId64 ", but its "
			    "head says %.20s: rows are missing at the end",
			    *rows, kept);
		}
	}
	store_rollback(s);
	(void)text_copy(head, 72, prev);
	if (rc != SQLITE_DONE)
		return STORE_FAIL;
	return broken != 0 ? STORE_CONFLICT : STORE_OK;
}
