/* When to try again. Pure: no clock, no dice, no I/O. */
#ifndef RETRY_H
#define RETRY_H

#include <stdint.h>

#define RETRY_GIVE_UP_MS	(24LL * 3600 * 1000)

/*
 * Milliseconds until the next try after the ATTEMPTS-th (1..) has failed.
 * VENDOR_MS is what the service itself asked for (0: nothing), and is never
 * undercut. DICE is a random number that spreads the tries ("full jitter").
 */
int64_t	retry_wait(int, int64_t, uint32_t);

#endif
