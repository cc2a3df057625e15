/*
 * Comma-separated values, RFC 4180: quoted fields may hold commas, quotes
 * (doubled) and line ends; lines end with LF or CRLF. A semicolon separates,
 * too, when the first line has no comma (as spreadsheets write it in many
 * countries). Strict: what is not CSV is refused with its line.
 */
#ifndef CSV_H
#define CSV_H

#include <stddef.h>

#include "err.h"

#define CSV_FIELDS 32

struct csv;

/* Takes a copy of LEN bytes of UTF-8 (a byte order mark is skipped). NULL
 * with the sentence. Caller frees with csv_free(). */
struct csv *csv_open(const char *, size_t, struct err *);
void	csv_free(struct csv *);

/*
 * The next row that is not empty: its fields, valid until the next call, and
 * how many. LINE gets the number of its first line. 1, 0 at the end, or -1
 * with the sentence; the rest of the text can be read on after that.
 */
int	csv_row(struct csv *, const char **, unsigned *, unsigned *,
	    struct err *);

#endif
