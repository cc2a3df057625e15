/* The frame of every page, its tags, and the pages that say no. */
#ifndef PAGE_H
#define PAGE_H

#include "csrf.h"
#include "html.h"
#include "web.h"

enum page_nav {
	NAV_NONE, NAV_LIST, NAV_NEW, NAV_TASKS, NAV_SYSTEMS, NAV_HOSTS,
	NAV_AUDIT
};

struct page {
	const char	*title;
	enum page_nav	 nav;
	unsigned	 refresh;	/* seconds; 0: stays */
	int		 error;		/* something typed was refused */
};

void	 page_begin(struct web *, const struct page *);
void	 page_end(struct web *);

/* A whole page with a headline and one sentence. Returns 0. */
int	 page_say(struct web *, int, const char *, const char *);

/* The same for an offboarding that the record does not have. Returns 0. */
int	 page_missing(struct web *);

/* What somebody must do again because the page was open for too long. */
void	 page_expired(struct web *);

/* Words for people. */
const char *page_phase(enum phase);
const char *page_state(enum state);
const char *page_status(enum status);
void	 page_state_tag(struct buf *, enum state);
void	 page_status_tag(struct buf *, enum status);

/* The hidden field that proves a form to be ours, and its check. */
void	 page_csrf(struct web *, const char *);
enum csrf_result page_csrf_check(const struct web *, const char *,
	    const char *);

/* "viewer, operator" */
void	 page_roles(unsigned, struct buf *);

#endif
