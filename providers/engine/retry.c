/* Full-jitter backoff: a failed system is asked again soon, then calmly. */
#include "retry.h"

#define RETRY_LEAST_MS	100

int64_t
retry_wait(int attempts, int64_t vendor_ms, uint32_t dice)
{
	static const int64_t ceilings[] = { 1000, 5000, 20000, 60000, 240000,
	    900000 };
	int64_t top, wait;
	int n = attempts < 1 ? 0 : attempts - 1;

	top = ceilings[n > 5 ? 5 : n];
	wait = RETRY_LEAST_MS + (int64_t)((uint64_t)dice % (uint64_t)top);
	return wait < vendor_ms ? vendor_ms : wait;
}
