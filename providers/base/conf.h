/*
 * Strict INI configuration: [section] or [section "name"], key = value, ";"
 * and "#" comments. An unknown or doubled key, an unknown section and a bad
 * value are errors that name file and line. A file is read once, at start.
 */
#ifndef CONF_H
#define CONF_H

#include <stdint.h>

#include "err.h"

#define CONF_BAD_EXIT 78	/* EX_CONFIG */

enum conf_type {
	CONF_TEXT,	/* any text; LIMIT names a fixed choice "a|b" if set */
	CONF_NAMES,	/* a, b, @c */
	CONF_NUMBER,	/* MIN to MAX */
	CONF_SPAN,	/* 30s, 10m, 1h, 7d */
	CONF_PATH,	/* absolute path */
	CONF_URL,	/* https://host[:port][/path]; http:// to loopback */
	CONF_SECRET,	/* absolute path of a file that others cannot read */
	CONF_SWITCH,	/* on or off */
	CONF_ANY_KEY,	/* the section takes any key; name is NULL */
};

struct conf_key {
	const char	*name;	/* NULL ends a table (or CONF_ANY_KEY) */
	enum conf_type	 type;
	const char	*initial;	/* value when absent; NULL: none */
	const char	*limit;		/* "a|b|c" for CONF_TEXT, else NULL */
	long long	 min, max;	/* of CONF_NUMBER */
};

struct conf;

/* Reads and parses the file. NULL with the sentence (file:line). Caller frees
 * with conf_free(). */
struct conf *conf_load(const char *, struct err *);
void	 conf_free(struct conf *);

/* Checks every key of SECTION ("web", "system doors") against KEYS (ended by
 * a NULL name). A section that is absent is fine. 0 or -1. */
int	 conf_check(const struct conf *, const char *, const struct conf_key *,
	    struct err *) __attribute__((warn_unused_result));

/* The value as written, or NULL. */
const char *conf_get(const struct conf *, const char *, const char *);

/* The value, or what the table says for an absent one. */
const char *conf_text(const struct conf *, const char *,
	    const struct conf_key *, const char *);
long long conf_number(const struct conf *, const char *,
	    const struct conf_key *, const char *);
int64_t	 conf_span(const struct conf *, const char *,
	    const struct conf_key *, const char *);
int	 conf_switch(const struct conf *, const char *,
	    const struct conf_key *, const char *);

/* Section number I, in file order; NULL past the last. */
const char *conf_section(const struct conf *, unsigned);
/* Key number I of a section, in file order; NULL past the last. */
const char *conf_key_at(const struct conf *, const char *, unsigned);

/* "file:line: " of a key (or of its section when KEY is NULL), for errors. */
int	 conf_fail(const struct conf *, const char *, const char *,
	    struct err *, const char *, ...)
	    __attribute__((format(printf, 5, 6)));

/* The path that was read. */
const char *conf_path(const struct conf *);

/* NAME is in the list "a, b , @c"? Compares case-folded ASCII. */
int	 conf_list_has(const char *, const char *);

#endif
