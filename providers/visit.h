/*
 * What providers share: calls that keep intent and result, JSON answers,
 * images of what a person holds. Everything takes the visit and returns an
 * outcome; anything but OUT_OK is to be returned at once, its sentence is
 * in visit->detail.
 */
#ifndef VISIT_H
#define VISIT_H

#include "provider.h"

/* Sets the sentence and returns the outcome. */
enum outcome visit_end(struct visit *, enum outcome, const char *, ...)
	    __attribute__((format(printf, 3, 4)));
/* Adds a task for a human. */
void	 visit_task(struct visit *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
/* What is now somebody else's ("workspace Plans"), and what its new owner has
 * to renew ("the integration key Nightly"): both are told to the heir. Kept
 * in the after-image under "handed_over" and "renew", once each. */
void	 visit_handed(struct visit *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
void	 visit_renew(struct visit *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
/* Adds a line to what the person holds. */
void	 visit_holds(struct visit *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

/*
 * One call. GET changes nothing; anything else is written down before and
 * after, and is a bug in a dry run. BODY may be NULL. OUT (may be NULL) gets
 * the JSON of the answer, to be put by the caller; an answer without JSON
 * where OUT is given is OUT_GARBLED. 404 and 410 are OUT_GONE. TOTAL (may be
 * NULL) gets the header Total or -1. The path buffer is cleared.
 */
struct visit_call {
	const char		*method;
	struct buf		*path;
	struct json_object	*body;		/* borrowed */
	struct buf		*form;		/* instead: made by http_query(),
						 * cleared */
	const char		*type;		/* of BODY, if not JSON's own */
	const char		*header;	/* one more header line */
	char			*etag;		/* WORD_MAX bytes, or NULL */
	const char		*what;		/* for people: "disable Anna" */
	struct json_object	**out;
	long long		*total;
	int			 may_be_empty;	/* OUT may stay NULL */
};
enum outcome visit_call(struct visit *, const struct visit_call *);

/* GET of a path made of segments (ended by NULL) into *OUT. */
enum outcome visit_get(struct visit *, struct json_object **, ...)
	    __attribute__((sentinel));

/* No use to go on with other parts: no answer, or not for us. */
int	 visit_is_over(enum outcome);

/* A member of an object, NULL unless it is there and of that type. */
struct json_object *visit_member(struct json_object *, const char *,
	    enum json_type);
const char *visit_text(struct json_object *, const char *);	/* "" */
/* A member that people will read: cleaned and cut. Caller puts. */
struct json_object *visit_name(struct json_object *, const char *);
/* A text or number id as text, into a buffer of WORD_MAX; "" when absent. */
void	 visit_id(struct json_object *, const char *, char [WORD_MAX]);
/* The list itself, or under KEY: vendors do both. NULL: neither. */
struct json_object *visit_list(struct json_object *, const char *);

/* Is the account that was read still the one whose address was matched?
 * OUT_OK also where the answer names no address. */
enum outcome visit_is_them(struct visit *, struct json_object *);

/* How far another phase of this person in this very system is; pending also
 * where it cannot be read. */
enum state visit_step_state(struct visit *, enum phase);

/* Entries of a list; 0 for NULL. */
size_t	 visit_length(struct json_object *);

/* Puts VALUE (taken over) into the before-image unless the key is there. */
void	 visit_before(struct visit *, const char *, struct json_object *);
/* Puts VALUE (taken over) into the after-image. */
void	 visit_after(struct visit *, const char *, struct json_object *);
struct json_object *visit_was(const struct visit *, const char *);

/* The client for the section's url and timeout. 0 or -1. */
int	 visit_client(struct system *, struct err *) MUST_USE;
/* The content of the file that KEY names, without its line end, for the
 * caller to buf_clear(). 0 or -1. */
int	 visit_secret(const struct system *, const char *, struct buf *,
	    struct err *) MUST_USE;
/* What the configuration says, or the kind's default. */
const char *visit_setting(const struct system *, const char *);

/* Milliseconds to wait before reading again, for try number 0..; 0: enough
 * tried. For services that show the old state for a moment after a write. */
int64_t	 visit_reread(int);

#endif
