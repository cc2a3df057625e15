/* What a Linux host says of itself, read strictly. */
#ifndef REPORT_H
#define REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "../providers/base/err.h"

struct report {
	char	fleet[40];
	char	host[129];
	int64_t	time;		/* seconds */
	int64_t	epoch;
	int64_t	serial;
};

/*
 * Reads one JSON object of SIZE bytes with exactly the members of a report,
 * of the right types and within bounds. CLEAN gets it written anew, as a
 * string for the caller to free. 0, or -1 with the sentence.
 */
int	report_read(const char *, size_t, struct report *, char **,
	    struct err *) __attribute__((warn_unused_result));

#endif
