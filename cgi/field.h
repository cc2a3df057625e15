/* The fields of a form, and what is wrong with them. */
#ifndef FIELD_H
#define FIELD_H

#include "../providers/base/buf.h"
#include "../providers/base/err.h"

#define PROBLEMS_MAX 8

struct problems {
	unsigned n;
	struct {
		char	field[32];	/* id of the field it links to */
		char	text[ERR_MAX];
	} p[PROBLEMS_MAX];
};

/* One sentence about one field; the first one of a field counts. */
void	problem_add(struct problems *, const char *, const char *, ...)
	    __attribute__((format(printf, 3, 4)));
/* The sentence about a field, NULL when it is fine. */
const char *problem_of(const struct problems *, const char *);
/* The box above the headline; nothing when all is well. */
void	problem_box(struct buf *, const struct problems *);

struct field {
	const char	*name;		/* also its id */
	const char	*label;
	const char	*hint;		/* NULL: none */
	const char	*value;
	const char	*type;		/* NULL: text */
	const char	*complete;	/* autocomplete; NULL: off */
	const char	*list;		/* id of a datalist, or NULL */
	int		 narrow;
};

void	field_text(struct buf *, const struct field *,
	    const struct problems *);
void	field_area(struct buf *, const struct field *,
	    const struct problems *);

struct choice {
	const char	*name;
	const char	*value;
	const char	*id;
	const char	*label;
	int		 checked;
	int		 many;		/* a checkbox, not a radio button */
};

void	field_choice(struct buf *, const struct choice *);
/* The sentence about a group of choices, if there is one. */
void	field_error(struct buf *, const struct problems *, const char *);

/* One row of a list of facts; the third cell is the link to change it. */
void	fact_text(struct buf *, const char *, const char *);

#endif
