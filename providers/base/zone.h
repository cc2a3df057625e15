/* Time zones as IANA's compiled files describe them (RFC 9636). */
#ifndef ZONE_H
#define ZONE_H

#include <stdint.h>

struct zone;

/* Reads a zone by its IANA name; NULL when unknown or damaged.
 * Caller frees with zone_free(). */
struct zone *zone_load(const char *);
void	 zone_free(struct zone *);

/* Seconds east of UTC at an instant (seconds). */
int	 zone_offset(const struct zone *, int64_t);

/*
 * The instants at which the wall clock shows LOCAL (seconds, as if UTC):
 * none in a gap, two in a repeated hour. Fills at most 2; returns the count.
 */
int	 zone_instants(const struct zone *, int64_t, int64_t [2]);

#endif
