/* route.c: finds the handler of a path; it must not run it. */
#include "sandbox.h"

#include <string.h>

/* Does the path of the request fit the pattern? Fills in the captures. */
static bool
route_fits(struct ctx *c, const char *pattern)
{
	const char *p = pattern + 1;
	size_t i, n, args = 0;

	for (i = 0; i < c->q->nseg; i++) {
		n = strcspn(p, "/");
		if (n == 2 && strncmp(p, "{}", 2) == 0) {
			if (c->q->seg[i][0] == '\0' || args == ARG_MAX)
				return false;
			c->arg[args++] = c->q->seg[i];
		} else if (strlen(c->q->seg[i]) != n ||
		    strncmp(p, c->q->seg[i], n) != 0)
			return false;
		p += n;
		if (*p == '\0')
			return i + 1 == c->q->nseg;
		p++;
	}
	return false;
}

/*
 * 200 and the route, 405 when the path exists under another method, or 404.
 * Literal routes come before capturing ones in the tables.
 */
int
route_find(struct ctx *c, const struct route *table, size_t n,
    const struct route **found)
{
	int rc = 404;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!route_fits(c, table[i].path))
			continue;
		if (strcmp(table[i].method, c->q->method) == 0) {
			*found = &table[i];
			return 200;
		}
		rc = 405;
	}
	return rc;
}
