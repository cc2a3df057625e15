/* What every form that is sent must pass before anybody reads it. */
#ifndef POST_H
#define POST_H

#include "form.h"
#include "web.h"

/* Reads the body as a form with these fields. 0: the form is there, the
 * caller clears it; 1: it was refused and the answer is made. */
int	post_form(struct web *, const struct form_field *, struct form *);

/* The value of one field of a body that was not checked yet, cut to SIZE:
 * only to choose which list of fields to check it against. */
void	post_peek(const struct web *, const char *, char *, size_t);

#endif
