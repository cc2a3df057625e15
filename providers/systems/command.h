/* Shared by command.c (the phases), command_run.c (running a program),
 * command_say.c (what it says) and command_phases.c (which phases it has). */
#ifndef COMMAND_H
#define COMMAND_H

#include "../visit.h"

#define COMMAND_OUT_MAX	(64u * 1024)	/* of what a program prints */

enum command_end {
	COMMAND_ENDED,		/* by itself: see status */
	COMMAND_LATE,		/* not in time: it was killed */
	COMMAND_LOUD,		/* printed more than COMMAND_OUT_MAX: killed */
	COMMAND_STOPPED,	/* we are to end ourselves: killed */
	COMMAND_NOT_RUN,	/* the sentence says why */
};

struct command_run {
	const char	*program;
	const char	*phase;		/* its only argument */
	const char	*in;		/* what it reads */
	int64_t		 timeout;	/* ms */
	struct buf	 out;		/* what it printed */
	char		 last[200];	/* the last line of its stderr */
	int		 status;	/* of waitpid() */
};

/* May this file be run by us: ours or root's, and changed by nobody else?
 * 0 or -1 with the sentence, which begins with the path. */
int	 command_is_safe(const char *, struct err *) MUST_USE;

/* Runs it to its end, whatever that is. The caller clears OUT. */
enum command_end command_run(struct command_run *, struct err *);

/* The outcome of a run with its sentence, tasks and images; WHY is the
 * sentence of one that could not be run. */
enum outcome command_outcome(struct visit *, const struct command_run *,
	    enum command_end, const char *);

/* The whole text as one JSON value, or NULL. Caller puts. */
struct json_object *command_json(const struct buf *);

/* Which phases the program has, as bits of 1 << phase; asked of it once, and
 * again when the file has changed. */
unsigned command_phases(const struct system *);

#endif
