/* What has been typed into the pages that start an offboarding. */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "field.h"
#include "form.h"
#include "web.h"

enum ask {		/* the pages, in order */
	ASK_WHO, ASK_WHEN, ASK_HEIR, ASK_FOUND, ASK_CHECK, ASKS
};

struct answers {
	char	email[EMAIL_MAX];
	char	name[PERSON_MAX];
	char	employee_id[WORD_MAX];
	char	login[LOGIN_MAX];
	char	when[8];		/* "", now, at */
	char	day[8];
	char	month[16];
	char	year[8];
	char	time[8];
	char	zone[WHEN_ZONE];
	char	emergency[4];		/* "", yes */
	char	heir[8];		/* "", person, nobody */
	char	handover[EMAIL_MAX];
	char	reason[TEXT_MAX];
	char	seen[8];		/* "", seen, unseen: what will end */
	char	started[OB_TEXT];	/* the offboarding that came of it */
};

/* One person's draft: its row and what it says. */
struct entry {
	char		token[WORD_MAX];
	int64_t		request;	/* the dry run; 0: none */
	struct answers	a;
};

const char *ask_word(enum ask);
int	 ask_of(const char *);		/* -1: none */

/* The fields of one page (csrf, draft and step among them). */
const struct form_field *answers_fields(enum ask);

/* Takes the form's values over; what is too long becomes a problem. */
void	 answers_take(struct answers *, const struct form *,
	    struct problems *);

/*
 * The offboarding that the answers mean, checked as far as they were given
 * (up to page UPTO). Problems name the fields.
 */
int	 answers_case(const struct web *, const struct answers *, enum ask,
	    struct offboarding *, struct problems *);

/* The first page that has not been answered. */
enum ask answers_next(const struct entry *);

/* "31 March 2026, 17:00 (Europe/London, UTC+1) = 31 March 2026, 16:00 (UTC)" */
void	 answers_when(const struct offboarding *, struct buf *);

/* STORE_OK; STORE_NONE: no such draft; STORE_CONFLICT: another's. */
int	 entry_load(struct web *, const char *, struct entry *, struct err *)
	    MUST_USE;
/* A new entry gets its token here. */
int	 entry_save(struct web *, struct entry *, struct err *) MUST_USE;

#endif
