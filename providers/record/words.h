/* The words of the record: phases, step states, statuses, and OB numbers. */
#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>
#include <stdint.h>

enum phase {
	PHASE_DOCUMENT,
	PHASE_CONTAIN,
	PHASE_REVOKE,
	PHASE_HANDOVER,
	PHASE_REMOVE,
	PHASE_VERIFY,
	PHASE_RESTORE,
	PHASE_RECHECK,	/* later: is it still over? */
	PHASES
};

enum state {
	STATE_PENDING,	/* not tried, or to be tried again */
	STATE_RUNNING,	/* a call is under way, or was when we were killed */
	STATE_WAITING,	/* until due, for what the detail says */
	STATE_VERIFIED,	/* read back */
	STATE_DONE,	/* accepted, not provable: a task says what to check */
	STATE_MANUAL,	/* no API for it: a task */
	STATE_ABSENT,	/* no such account, at that time */
	STATE_FAILED,	/* the reason and what to do */
	STATE_UNCLEAR,	/* an answer that the contract does not know */
	STATES
};

enum status {
	STATUS_SCHEDULED,
	STATUS_APPROVAL,
	STATUS_CANCELLED,
	STATUS_RESTORED,
	STATUS_RUNNING,
	STATUS_ATTENTION,
	STATUS_COMPLETE,
	STATUSES
};

/* The word as it stands in the record, the JSON and the commands. */
const char *phase_word(enum phase);
const char *state_word(enum state);
const char *status_word(enum status);

/* The other way; -1 for a word that is none. */
int	phase_of(const char *);
int	state_of(const char *);
int	status_of(const char *);

/* pending, running or waiting? */
int	state_is_open(enum state);

#define OB_TEXT 24
/* "OB-000001". */
void	ob_text(int64_t, char [OB_TEXT]);
/* Reads OB-000001 (any case) or 1. The number, or -1. */
int64_t	ob_number(const char *);

#endif
