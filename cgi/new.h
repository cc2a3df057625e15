/* The pages that start an offboarding, among themselves. */
#ifndef NEW_H
#define NEW_H

#include "answers.h"
#include "page.h"

/* One page of the flow: what is known, and what is wrong with it. */
struct ask_page {
	struct entry		*entry;
	struct problems		 problems;
	int			 expired;	/* the token was too old */
};

/* Frame, progress, problems and the person; ends before the headline. */
void	new_begin(struct web *, const struct ask_page *, enum ask);
/* <form> with its hidden fields. */
void	new_form(struct web *, const struct ask_page *, enum ask);

void	new_who(struct web *, const struct ask_page *);
void	new_when(struct web *, const struct ask_page *);
void	new_heir(struct web *, const struct ask_page *);
int	new_found(struct web *, const struct ask_page *, struct err *);
int	new_check(struct web *, const struct ask_page *, struct err *);

/* Asks the worker for the dry run of this entry, and saves it. */
int	found_ask(struct web *, struct entry *, struct err *) MUST_USE;

/* Did the systems answer? 1, 0, or -1 when the record failed. */
int	found_is_known(struct web *, const struct entry *, struct err *)
	    MUST_USE;

/* What the dry run found, in a line or two, for the last page. */
int	found_summary(struct web *, const struct entry *, struct err *)
	    MUST_USE;

#endif
