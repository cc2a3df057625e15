/* What the subcommands of `offboard` share. Each has a file of its own,
 * cmd_NAME.c; each function takes its own arguments, argv[0] being its name,
 * and returns an exit status. */
#ifndef CMD_H
#define CMD_H

#include <json-c/json.h>

#include "../base/settings.h"
#include "../record/store.h"

enum {				/* exit statuses of the design */
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,
	EXIT_OPEN = 2,		/* with --wait: something is open */
	EXIT_USAGE = 64,
	EXIT_DAMAGED = 65,
	EXIT_LATER = 75,
	EXIT_CONFIG = 78,
};

/* What every subcommand that has a configuration works with. */
struct cmd {
	struct settings	 set;
	struct store	*store;
	char		 actor[WORD_MAX];	/* the calling Unix user */
	int		 json;
};

int	cmd_plan(struct cmd *, int, char **);
int	cmd_start(struct cmd *, int, char **);
int	cmd_list(struct cmd *, int, char **);
int	cmd_show(struct cmd *, int, char **);
int	cmd_retry(struct cmd *, int, char **);
int	cmd_cancel(struct cmd *, int, char **);
int	cmd_restore(struct cmd *, int, char **);
int	cmd_approve(struct cmd *, int, char **);
int	cmd_task(struct cmd *, int, char **);
int	cmd_run(struct cmd *, int, char **);
int	cmd_audit(struct cmd *, int, char **);
int	cmd_check(struct cmd *, int, char **);
int	cmd_keys(struct cmd *, int, char **);
int	cmd_epoch(struct cmd *, int, char **);
int	cmd_host(struct cmd *, int, char **);
int	cmd_import(struct cmd *, int, char **);
int	cmd_certificate(struct cmd *, int, char **);

/* "offboard: " and the sentence on stderr; returns STATUS. */
int	cmd_fail(int, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
/* Usage of one subcommand; EXIT_USAGE. */
int	cmd_usage(const char *);

/* Records a question and gets its answer: from the worker, or by taking its
 * place. NULL with the exit status in the int. Caller puts. */
struct json_object *cmd_ask(struct cmd *, const char *, const char *, int *);

/* Waits until the case is idle, as worker if there is none, printing each
 * step as it ends unless json. Exit status. */
int	cmd_wait(struct cmd *, int64_t);

/* One object, one line, on stdout. */
void	cmd_print_json(struct json_object *);
/* The case as text. */
void	cmd_print_case(struct json_object *);
/* A plan as text; returns 1 when the person was found nowhere. */
int	cmd_print_plan(struct json_object *);
/* A member as text, "" when absent. */
const char *cmd_text(struct json_object *, const char *);
/* Did every system of a plan answer? */
int	cmd_all_answered(struct json_object *);

/* OB-000001 of an argument, or -1 after a message. */
int64_t	cmd_ob(const char *);

#endif
