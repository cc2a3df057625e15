/* Instants as people read them, for pages that show many of them. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#include "../providers/base/buf.h"

/* As when_local(), with seconds if asked for; zones stay in memory. */
void	clock_text(struct buf *, int64_t, const char *, int);

/* Gives the zones of this thread back. */
void	clock_forget(void);

/* <time> with the UTC instant and what clock_text() says; "never" for 0. */
void	clock_html(struct buf *, int64_t, const char *, int);

/* "42 s", "3 min 20 s", "2 h 5 min", "3 days". */
void	clock_span(struct buf *, int64_t);

#endif
