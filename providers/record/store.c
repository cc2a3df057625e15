/*
 * Opens the record, keeps its schema, runs its prepared statements. Rollback
 * journal PERSIST with synchronous FULL, never WAL: Debian 12's SQLite
 * carries the WAL-reset bug, and two processes write here.
 */
#include "store.h"

#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/buf.h"
#include "db.h"

#define APPLICATION_ID	0x0ffb0a4d
#define SCHEMA_VERSION	2

/* Made from schema.sql by the Makefile. */
extern const char schema_sql[];

static const char *const sql_texts[SQL_COUNT] = {
#define X(name, text) text,
	SQL_LIST(X)
#undef X
};

int
db_error(struct store *s, struct err *e)
{
	int code = sqlite3_errcode(s->db);

	switch (code) {
	case SQLITE_FULL:
		return err_set(e, "the record %s: the disk is full; nothing of "
		    "this was kept: free some space and do it again", s->path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(e, "the record %s is busy: try again in a "
		    "moment", s->path);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(e, "the record %s is damaged (%s): stop the "
		    "services and restore it from a backup", s->path,
		    sqlite3_errmsg(s->db));
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return err_set(e, "the record %s: %s: this user must be able "
		    "to write the file and its folder", s->path,
		    sqlite3_errmsg(s->db));
	default:
		return err_set(e, "the record %s: %s", s->path,
		    sqlite3_errmsg(s->db));
	}
}

sqlite3_stmt *
db_get(struct store *s, enum sql id, struct err *e)
{
	if (s->stmts[id] == NULL &&
	    sqlite3_prepare_v3(s->db, sql_texts[id], -1,
	    SQLITE_PREPARE_PERSISTENT, &s->stmts[id], NULL) != SQLITE_OK) {
		db_error(s, e);
		return NULL;
	}
	return s->stmts[id];
}

static int
db_bind(struct store *s, sqlite3_stmt *st, struct err *e, const char *types,
    va_list ap)
{
	int i, rc = SQLITE_OK;

	for (i = 0; types[i] != '\0' && rc == SQLITE_OK; i++) {
		if (types[i] == 'i')
			rc = sqlite3_bind_int64(st, i + 1, va_arg(ap, int64_t));
		else {
			assert(types[i] == 's');
			rc = sqlite3_bind_text(st, i + 1,
			    va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
		}
	}
	if (rc != SQLITE_OK)
		db_error(s, e);
	return rc;
}

static int
db_step(struct store *s, sqlite3_stmt *st, struct err *e)
{
	int rc = sqlite3_step(st);

	if (rc != SQLITE_ROW) {
		if (rc != SQLITE_DONE)
			db_error(s, e);
		sqlite3_reset(st);
		sqlite3_clear_bindings(st);
	}
	return rc;
}

static int
db_vrun(struct store *s, enum sql id, struct err *e, const char *types,
    va_list ap)
{
	sqlite3_stmt *st = db_get(s, id, e);

	/* A write inside a look would be undone with it. */
	if (st != NULL && s->looking != 0 && sqlite3_stmt_readonly(st) == 0)
		store_look_end(s);
	if (st == NULL || db_bind(s, st, e, types, ap) != SQLITE_OK)
		return SQLITE_ERROR;
	return db_step(s, st, e);
}

int
db_run(struct store *s, enum sql id, struct err *e, const char *types, ...)
{
	va_list ap;
	int rc;

	va_start(ap, types);
	rc = db_vrun(s, id, e, types, ap);
	va_end(ap);
	return rc;
}

int
db_next(struct store *s, enum sql id, struct err *e)
{
	return db_step(s, s->stmts[id], e);
}

void
db_done(struct store *s, enum sql id)
{
	sqlite3_reset(s->stmts[id]);
	sqlite3_clear_bindings(s->stmts[id]);
}

int
db_do(struct store *s, int *changes, enum sql id, struct err *e,
    const char *types, ...)
{
	va_list ap;
	int rc;

	va_start(ap, types);
	rc = db_vrun(s, id, e, types, ap);
	va_end(ap);
	if (rc == SQLITE_ROW) {
		db_done(s, id);
		rc = SQLITE_DONE;
	}
	if (rc == SQLITE_DONE) {
		if (changes != NULL)
			*changes = sqlite3_changes(s->db);
		return STORE_OK;
	}
	return (rc & 0xff) == SQLITE_CONSTRAINT ? STORE_CONFLICT : STORE_FAIL;
}

int64_t
db_int(struct store *s, enum sql id, int column)
{
	return sqlite3_column_int64(s->stmts[id], column);
}

void
db_text(struct store *s, enum sql id, int column, char *out, size_t size)
{
	const unsigned char *t = sqlite3_column_text(s->stmts[id], column);

	(void)text_copy(out, size, t == NULL ? "" : (const char *)t);
}

char *
db_dup(struct store *s, enum sql id, int column)
{
	const unsigned char *t = sqlite3_column_text(s->stmts[id], column);

	return strdup(t == NULL ? "" : (const char *)t);
}

int
db_event(struct store *s, const char *actor, const char *event, int64_t ob,
    const char *detail, struct err *e)
{
	struct audit a;

	memset(&a, 0, sizeof(a));
	(void)text_copy(a.actor, sizeof(a.actor), actor);
	(void)text_copy(a.event, sizeof(a.event), event);
	(void)text_copy(a.detail, sizeof(a.detail), detail);
	a.offboarding = ob;
	return audit_append(s, &a, e);
}

static int
store_pragma(struct store *s, const char *text, struct err *e)
{
	if (sqlite3_exec(s->db, text, NULL, NULL, NULL) != SQLITE_OK)
		return db_error(s, e);
	return 0;
}

static int64_t
store_pragma_int(struct store *s, const char *text)
{
	sqlite3_stmt *st = NULL;
	int64_t v = -1;

	if (sqlite3_prepare_v2(s->db, text, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return v;
}

static int
store_settings(struct store *s, struct err *e)
{
	sqlite3_extended_result_codes(s->db, 0);
	sqlite3_busy_timeout(s->db, 5000);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	return store_pragma(s, "PRAGMA journal_mode=PERSIST;"
	    "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
	    "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;", e);
}

/* In one IMMEDIATE transaction: two programs may start at the same time. */
static int
store_migrate(struct store *s, struct err *e)
{
	char set[96];
	int64_t version;

	version = store_pragma_int(s, "PRAGMA user_version");
	if (version == SCHEMA_VERSION)
		return 0;
	if (version < 0)
		return db_error(s, e);
	if (version > SCHEMA_VERSION)
		return err_set(e, "the record %s was written by a newer "
		    "version (schema %lld, this one knows %d): install that "
		    "version", s->path, (long long)version, SCHEMA_VERSION);
	if (version > 0)
		return err_set(e, "the record %s has the schema %lld of a "
		    "version that was never released, and this one knows %d: "
		    "put it aside, so that a new one is made", s->path,
		    (long long)version, SCHEMA_VERSION);
	if (store_pragma(s, "BEGIN IMMEDIATE", e) == -1)
		return -1;
	(void)snprintf(set, sizeof(set), "PRAGMA application_id=%d;"
	    "PRAGMA user_version=%d; COMMIT", APPLICATION_ID, SCHEMA_VERSION);
	if (store_pragma_int(s, "PRAGMA user_version") == SCHEMA_VERSION)
		return store_pragma(s, "COMMIT", e);
	if (store_pragma(s, schema_sql, e) == -1 ||
	    store_pragma(s, set, e) == -1) {
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	return 0;
}

static int
store_folder(const char *dir, struct err *e)
{
	char path[480];

	if (snprintf(path, sizeof(path), "%s/record", dir) >=
	    (int)sizeof(path))
		return err_set(e, "%s: the path is too long", dir);
	/* A mode with set-group-id may be forbidden to services: only a
	 * folder that is new here gets it. */
	if (mkdir(path, 0770) == 0) {
		(void)chmod(path, 02770);
		return 0;
	}
	if (errno == EEXIST)
		return 0;
	return err_set(e, "%s: %s: make the folder (see INSTALL) or correct "
	    "data_dir", path, strerror(errno));
}

int
store_open(struct store **out, const char *dir, struct err *e)
{
	struct store *s;
	struct stat st;
	int fd, rc;

	*out = NULL;
	if (store_folder(dir, e) == -1)
		return STORE_FAIL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return err_set(e, "out of memory");
	(void)snprintf(s->path, sizeof(s->path), "%s/record/offboard.db", dir);
	/* The journal takes over the file's mode, so that is set before the
	 * first write, whatever the umask; an empty file is an empty record. */
	fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (fd != -1) {
		(void)fchmod(fd, 0660);
		if (fstat(fd, &st) == 0) {
			s->dev = st.st_dev;
			s->ino = st.st_ino;
		}
		close(fd);
	}
	rc = sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK || store_settings(s, e) == -1 ||
	    store_migrate(s, e) == -1) {
		if (rc != SQLITE_OK)
			db_error(s, e);
		store_close(s);
		return STORE_FAIL;
	}
	*out = s;
	return STORE_OK;
}

void
store_close(struct store *s)
{
	int i;

	if (s == NULL)
		return;
	for (i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(s->stmts[i]);
	sqlite3_close(s->db);
	free(s);
}

int
store_is_there(struct store *s)
{
	struct stat st;

	return stat(s->path, &st) == 0 && st.st_dev == s->dev &&
	    st.st_ino == s->ino;
}

/* Nested: only the outermost pair reaches SQLite, so that functions which
 * are transactions by themselves can stand in a caller's. */
int
store_begin(struct store *s, struct err *e)
{
	if (s->depth > 0) {
		s->depth++;
		return STORE_OK;
	}
	/* A look that turns into a write would be refused when busy. */
	store_look_end(s);
	if (db_do(s, NULL, SQL_BEGIN, e, "") != STORE_OK)
		return STORE_FAIL;
	s->depth = 1;
	return STORE_OK;
}

int
store_commit(struct store *s, struct err *e)
{
	assert(s->depth > 0);
	if (--s->depth > 0)
		return STORE_OK;
	if (db_do(s, NULL, SQL_COMMIT, e, "") == STORE_OK)
		return STORE_OK;
	s->depth = 1;
	store_rollback(s);
	return STORE_FAIL;
}

void
store_rollback(struct store *s)
{
	if (s->depth == 0)
		return;
	s->depth = 0;
	/* SQLite may have rolled back by itself (full disk, I/O error). */
	if (sqlite3_get_autocommit(s->db) == 0)
		(void)db_do(s, NULL, SQL_ROLLBACK, NULL, "");
}

void
store_look(struct store *s)
{
	if (s->depth == 0 && db_do(s, NULL, SQL_BEGIN_READ, NULL, "") ==
	    STORE_OK)
		s->looking = 1;
}

void
store_look_end(struct store *s)
{
	if (s->looking == 0)
		return;
	s->looking = 0;
	/* A read has nothing to lose. */
	if (sqlite3_get_autocommit(s->db) == 0)
		(void)db_do(s, NULL, SQL_ROLLBACK, NULL, "");
}

int
meta_get(struct store *s, const char *key, char *out, size_t size,
    struct err *e)
{
	int rc = db_run(s, SQL_META_GET, e, "s", key);

	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	db_text(s, SQL_META_GET, 0, out, size);
	db_done(s, SQL_META_GET);
	return STORE_OK;
}

int
meta_set(struct store *s, const char *key, const char *value, struct err *e)
{
	return db_do(s, NULL, SQL_META_SET, e, "ss", key, value);
}
