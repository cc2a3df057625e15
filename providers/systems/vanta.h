/* Shared by vanta.c (table, doctor), vanta_token.c (the one live token),
 * vanta_find.c (find, read, document), vanta_ready.c (is it time?) and
 * vanta_end.c (the acknowledgement, verify, look again). */
#ifndef VANTA_H
#define VANTA_H

#include "../visit.h"

extern const struct conf_key vanta_keys[];

/* The provider's own. */
struct vanta {
	unsigned	generation;	/* of the token in our header */
	int64_t		expires;	/* ms: it is good until then */
};

/* ---- vanta_token.c ---- */

/* The header from what is in memory or on disk, if that is still good. */
int	 vanta_token_open(struct system *, struct err *) MUST_USE;
/* A new one after a 401. */
enum outcome vanta_token_renew(struct system *, int64_t *, struct err *);
/* visit_call() with a token that has not run out. */
enum outcome vanta_call(struct visit *, const struct visit_call *);

/* ---- vanta_find.c ---- */

enum outcome vanta_match(struct visit *);
enum outcome vanta_document(struct visit *);
/* Is the acknowledger somebody there who has not left, and not the person?
 * OUT_OK. */
enum outcome vanta_acknowledger(struct visit *);

/* What counts of a person. */
struct vanta_person {
	char	employment[32];
	char	tasks[40];		/* "OFFBOARDING_COMPLETE" ... */
	char	user[WORD_MAX];		/* id of a login; "" */
	char	ended[WHEN_TEXT];	/* endDate; "" */
	char	open[300];		/* offboarding tasks not done yet */
	size_t	groups;
};
/* OUT_GONE: there is none with that id. */
enum outcome vanta_person(struct visit *, struct vanta_person *);
int	 vanta_is_complete(const struct vanta_person *);

/* ---- vanta_ready.c ---- */

/* OUT_OK: may be confirmed now; OUT_VERIFIED: has been; OUT_WAIT ... */
enum outcome vanta_ready(struct visit *);
/* Waits for that, or has waited too long. */
enum outcome vanta_wait(struct visit *, const char *);

/* ---- vanta_end.c ---- */

enum outcome vanta_remove(struct visit *);
void	 vanta_together(struct visit **, enum outcome *, unsigned);
enum outcome vanta_verify(struct visit *);
enum outcome vanta_recheck(struct visit *);
int	 vanta_makes(const struct system *, enum phase);

#endif
