/*
 * Forms: application/x-www-form-urlencoded with a fixed list of fields.
 * Whatever is not in the list, comes twice, or is not clean text is refused.
 */
#ifndef FORM_H
#define FORM_H

#include <stddef.h>

#include "../providers/base/err.h"

#define FORM_FIELDS 24

enum form_kind {
	FORM_LINE,	/* no control bytes at all */
	FORM_LINES,	/* a textarea: new lines too */
};

struct form_field {
	const char	*name;	/* NULL ends a list */
	size_t		 max;	/* bytes */
	enum form_kind	 kind;
};

struct form {
	const struct form_field	*fields;
	char			*values[FORM_FIELDS];	/* NULL: not sent */
	int			 too_long[FORM_FIELDS];
};

/*
 * Reads TEXT of SIZE bytes. STRICT refuses unknown fields (a form); else they
 * are passed over (a query). 0, or -1 with a sentence. A value that is too
 * long is kept and marked. Caller frees with form_clear() in both cases.
 */
int	 form_parse(struct form *, const struct form_field *, const char *,
	    size_t, struct err *) __attribute__((warn_unused_result));
int	 form_query(struct form *, const struct form_field *, const char *,
	    struct err *) __attribute__((warn_unused_result));
void	 form_clear(struct form *);

/* The value, "" when it was not sent. The name must be in the list. */
const char *form_get(const struct form *, const char *);
/* Was it sent, with whatever value? */
int	 form_has(const struct form *, const char *);
/* The first field that is too long, NULL when none is. */
const struct form_field *form_long(const struct form *);

/* Is this the media type of a form? */
int	 form_type_ok(const char *);

#endif
