/*
 * Which step may run when, and what the whole amounts to. Pure: reads the
 * case as it is in memory, writes nothing, knows no clock of its own.
 */
#ifndef PLAN_H
#define PLAN_H

#include "../record/store.h"

#define PLAN_OTHERS_MS	60000	/* revoke waits that long for all contains */
#define PLAN_CONFIRM_MS	5000	/* a guessed login waits that long for proof */
#define PLAN_SHORT_MS	60000	/* a wait shorter than this is "running" */

struct plan {
	const struct offboarding *who;
	const struct step	*steps;
	unsigned		 nsteps;
	const struct account	*accounts;
	unsigned		 naccounts;
	const struct task	*tasks;
	unsigned		 ntasks;
	/* Systems whose match rests on a derived login, bit by account. */
	uint32_t		 by_login;
};

enum gate {
	GATE_GO,
	GATE_LATER,	/* not before *UNTIL, or 0: when something ends */
	GATE_NEVER,	/* ends in *STATE with the sentence */
};

struct gate_answer {
	int64_t		 until;
	enum state	 state;
	char		 detail[TEXT_MAX];
	int		 task;	/* open a task with the sentence */
};

/* May step number I run now? */
enum gate plan_gate(const struct plan *, unsigned, int64_t,
	    struct gate_answer *);

/* Tried once at least, whatever came of it? */
int	 plan_tried(const struct step *);

/* The status of the whole; contained and completed instants (0: not yet) of
 * the struct are the case's own, and are set here once they are reached. */
enum status plan_status(const struct plan *, int64_t *, int64_t *);

/* "Found in no system": every system has answered, and none knows him. */
int	 plan_found_nowhere(const struct plan *);

/* Is everything that is left waiting for long, for a human, or for nothing? */
int	 plan_is_idle(const struct plan *);

#endif
