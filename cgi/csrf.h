/* Proof that a form came from one of our own pages, for this very user. */
#ifndef CSRF_H
#define CSRF_H

#include <stdint.h>

#include "../providers/base/err.h"

#define CSRF_KEY 32
#define CSRF_TEXT 96		/* room for a token */
#define CSRF_SLOT 600000	/* ms */
#define CSRF_SLOTS 6		/* how many older slots still count: an hour */

enum csrf_result { CSRF_OK, CSRF_EXPIRED, CSRF_BAD };

/* The key in DATA_DIR/record/csrf.key; makes one when there is none. */
int	csrf_load(const char *, unsigned char [CSRF_KEY], struct err *)
	    __attribute__((warn_unused_result));

struct csrf {
	const unsigned char	*key;
	const char		*user;
	const char		*form;	/* which form, and for which thing */
};

void	csrf_token(const struct csrf *, int64_t, char [CSRF_TEXT]);

/* EXPIRED: it is ours, but older than an hour. */
enum csrf_result csrf_check(const struct csrf *, int64_t, const char *);

/* 32 hex digits that nobody can guess. 0 or -1. */
int	csrf_random(char [33], struct err *)
	    __attribute__((warn_unused_result));

#endif
