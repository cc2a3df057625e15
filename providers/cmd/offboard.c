/* offboard: the command. Reads the configuration, opens the record, calls
 * the subcommand. Does no work itself. */
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "../base/buf.h"
#include "../base/log.h"
#include "../provider.h"
#include "cmd.h"
#include "cmd_denylist.h"

static const struct {
	const char *name;
	int (*run)(struct cmd *, int, char **);
	const char *usage;
} commands[] = {
	{ "plan", cmd_plan, "plan EMAIL [--login NAME] [--handover EMAIL] "
	    "[--json]" },
	{ "start", cmd_start, "start EMAIL [--at WHEN] [--emergency] "
	    "[--reason TEXT] [--handover EMAIL] [--login NAME] "
	    "[--employee-id ID] [--name NAME] [--yes] [--wait] [--json]" },
	{ "list", cmd_list, "list [--status STATUS] [--json]" },
	{ "show", cmd_show, "show ID [--json]" },
	{ "retry", cmd_retry, "retry ID [SYSTEM[/PHASE]] [--wait] [--json]" },
	{ "cancel", cmd_cancel, "cancel ID" },
	{ "restore", cmd_restore, "restore ID [--wait] [--json]" },
	{ "approve", cmd_approve, "approve ID" },
	{ "task", cmd_task, "task list [ID] [--json] | task done NUMBER "
	    "--note TEXT" },
	{ "import", cmd_import, "import FILE.csv [--dry-run] [--json]" },
	{ "certificate", cmd_certificate, "certificate ID [-o FILE] | "
	    "certificate --verify FILE" },
	{ "run", cmd_run, "run [--until-idle]" },
	{ "audit", cmd_audit, "audit verify [--json]" },
	{ "check", cmd_check, "check [--json]" },
	{ "keys", cmd_keys, "keys init" },
	{ "epoch", cmd_epoch, "epoch raise" },
	{ "host", cmd_host, "host list [--json] | host enroll NAME KEYID KEY "
	    "| host retire NAME" },
};
#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

int
cmd_fail(int status, const char *fmt, ...)
{
	char text[ERR_MAX + 200];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "offboard: %s\n", text);
	return status;
}

int
cmd_usage(const char *name)
{
	size_t i;

	for (i = 0; i < NCOMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			fprintf(stderr, "usage: offboard [-c FILE] %s\n",
			    commands[i].usage);
	return EXIT_USAGE;
}

static int
usage_all(FILE *f, int status)
{
	size_t i;

	fprintf(f, "usage: offboard [-c FILE] COMMAND ...\n\n");
	for (i = 0; i < NCOMMANDS; i++)
		fprintf(f, "  %s\n", commands[i].usage);
	fprintf(f, "  denylist build LIST -o FILE | denylist check FILE "
	    "LOGIN|uid:N | denylist show FILE\n"
	    "\nEnds one person's access everywhere. See offboard(1).\n");
	return status;
}

static void
caller(char *out, size_t size)
{
	struct passwd pw, *p = NULL;
	char buf[8192];

	if (getpwuid_r(getuid(), &pw, buf, sizeof(buf), &p) == 0 && p != NULL)
		(void)text_copy(out, size, p->pw_name);
	else
		(void)snprintf(out, size, "uid:%u", (unsigned)getuid());
}

static int
run_command(size_t i, const char *path, int argc, char **argv)
{
	struct cmd c;
	struct err e;
	int status;

	memset(&c, 0, sizeof(c));
	if (settings_load(&c.set, path, &e) == -1)
		return cmd_fail(EXIT_CONFIG, "%s", e.text);
	log_open("offboard", c.set.syslog);
	/* A person at a terminal sees the steps; `run` is a service. */
	if (commands[i].run != cmd_run)
		log_limit(LOG_ERR);
	caller(c.actor, sizeof(c.actor));
	if (registry_check(&c.set, &e) == -1)
		status = cmd_fail(EXIT_CONFIG, "%s", e.text);
	else if (store_open(&c.store, c.set.data_dir, &e) != STORE_OK)
		status = cmd_fail(EXIT_LATER, "%s", e.text);
	else
		status = commands[i].run(&c, argc, argv);
	store_close(c.store);
	settings_clear(&c.set);
	if (fflush(stdout) != 0)
		return cmd_fail(EXIT_REFUSED, "standard output cannot be "
		    "written");
	return status;
}

int
main(int argc, char **argv)
{
	const char *path = NULL;
	size_t i;
	int at = 1;

	if (argc > 2 && strcmp(argv[1], "-c") == 0) {
		path = argv[2];
		at = 3;
	}
	if (at >= argc)
		return usage_all(stderr, EXIT_USAGE);
	if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0)
		return usage_all(stdout, EXIT_DONE);
	if (strcmp(argv[at], "--version") == 0) {
		puts("offboard " VERSION);
		return EXIT_DONE;
	}
	if (strcmp(argv[at], "denylist") == 0)
		return cmd_denylist(argc - at, argv + at);
	for (i = 0; i < NCOMMANDS; i++)
		if (strcmp(commands[i].name, argv[at]) == 0)
			return run_command(i, path, argc - at, argv + at);
	cmd_fail(EXIT_USAGE, "there is no command \"%.60s\"", argv[at]);
	return usage_all(stderr, EXIT_USAGE);
}
