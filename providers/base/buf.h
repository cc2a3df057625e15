/*
 * A bounded, append-only byte buffer. The maximum is given at the start; an
 * append that would pass it, or a failed allocation, makes the buffer fail
 * for good, so that callers check once, at the end.
 * Invariant: unless empty, s[len] is NUL and len <= max.
 */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>

#include "err.h"

struct buf {
	char	*s;
	size_t	 len;
	size_t	 cap;
	size_t	 max;
	int	 failed;
};

/* Starts empty; nothing is allocated. MAX in bytes, without the NUL. */
void	 buf_init(struct buf *, size_t);

/* Zeroes what it held and frees it; the buffer may be used again. */
void	 buf_clear(struct buf *);

/* Forgets the content (zeroed) and the failure, keeps the memory. */
void	 buf_reset(struct buf *);

void	 buf_put(struct buf *, const void *, size_t);
void	 buf_str(struct buf *, const char *);
void	 buf_char(struct buf *, char);
void	 buf_fmt(struct buf *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

/* The content as a string, "" when empty; valid until the next append. */
const char *buf_cstr(const struct buf *);

/* Appends a whole file. 0, or -1 with the sentence. */
int	 buf_file(struct buf *, const char *, struct err *)
	    __attribute__((warn_unused_result));

/*
 * A fixed-size text field: copies SRC into DST, cut to fit at a letter's
 * border, with a NUL.
 * Returns 0, or -1 when it had to cut.
 */
int	 text_copy(char *, size_t, const char *);

/* A whole number between MIN and MAX and nothing else. 0, or -1. */
int	 text_int(const char *, long long, long long, long long *)
	    __attribute__((warn_unused_result));

/* Valid UTF-8 without NUL, control bytes or direction overrides? */
int	 text_is_plain(const char *);

/* Makes it plain, in place: what a stranger's text must not do to a terminal
 * or a page becomes "?". Never longer than before. */
void	 text_clean(char *);

/* ASCII lower case, in place. */
void	 text_lower(char *);

/* An e-mail address in the plain form local@domain that this product takes:
 * ASCII, no spaces or quotes, at most 254 bytes. */
int	 text_is_email(const char *);

#endif
