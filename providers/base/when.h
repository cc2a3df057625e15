/* Instants: milliseconds since 1970-01-01T00:00:00Z, and what people write. */
#ifndef WHEN_H
#define WHEN_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define WHEN_TEXT 32	/* room for an RFC 3339 instant */
#define WHEN_ZONE 64	/* room for a zone name */

int64_t	when_now(void);		/* wall clock, ms */
int64_t	when_mono(void);	/* monotonic, ms */

/* RFC 3339 in UTC with milliseconds; "" for 0, which means never. */
void	when_text(int64_t, char [WHEN_TEXT]);

/*
 * Reads `now`, RFC 3339, or `2026-11-27 17:00 Europe/Berlin`. A local time
 * that does not exist or happens twice, and an instant more than five years
 * ahead, is refused with a sentence that says what to write. ZONE becomes the
 * zone that was named ("UTC" when none was). 0 or -1.
 */
int	when_parse(const char *, int64_t, int64_t *, char [WHEN_ZONE],
	    struct err *) __attribute__((warn_unused_result));

/* Reads 500ms, 30s, 10m, 4h or 7d into ms. 0 or -1. */
int	when_span(const char *, int64_t *)
	    __attribute__((warn_unused_result));

/* An IANA zone that this machine knows? */
int	when_zone_known(const char *);

/*
 * The wall clock of ZONE at an instant: "31 March 2026, 17:00
 * (Europe/London, UTC+1)". An unknown zone is shown in UTC. OUT gets at most
 * SIZE bytes.
 */
void	when_local(int64_t, const char *, char *, size_t);

#endif
