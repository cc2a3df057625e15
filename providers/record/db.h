/* Inside the record only: prepared statements of one connection. */
#ifndef DB_H
#define DB_H

#include <sqlite3.h>

#include "sql.h"
#include "store.h"

struct store {
	sqlite3		*db;
	sqlite3_stmt	*stmts[SQL_COUNT];
	char		 path[512];
	uint64_t	 dev, ino;	/* of the file as it was opened */
	int		 depth;		/* of begin */
	int		 looking;	/* a read transaction is open */
};

/* The statement, prepared once and reset; NULL with the sentence. */
sqlite3_stmt *db_get(struct store *, enum sql, struct err *);

/*
 * Binds by letter: i int64_t, s const char * (never NULL). Then runs it to
 * its first row or end. SQLITE_ROW, SQLITE_DONE, or another code with the
 * sentence set. After SQLITE_ROW the caller calls db_done().
 */
int	db_run(struct store *, enum sql, struct err *, const char *, ...);
/* The next row of a statement that gave one. */
int	db_next(struct store *, enum sql, struct err *);
/* Ends reading: an un-reset SELECT would hold the lock. */
void	db_done(struct store *, enum sql);
/* For statements without rows: STORE_OK, STORE_CONFLICT on a constraint,
 * STORE_FAIL. CHANGES (may be NULL) gets the rows changed. */
int	db_do(struct store *, int *, enum sql, struct err *, const char *, ...);

int64_t	db_int(struct store *, enum sql, int);
/* Copies a text column, cut to fit. */
void	db_text(struct store *, enum sql, int, char *, size_t);
/* A copy the caller frees, NULL without memory. */
char	*db_dup(struct store *, enum sql, int);

/* The sentence for SQLite's last error of this connection. */
int	db_error(struct store *, struct err *);

/* audit_append() of one event in one line. */
int	db_event(struct store *, const char *, const char *, int64_t,
	    const char *, struct err *);

#endif
