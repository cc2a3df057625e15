/* offboard run, audit, check, task: the worker by hand, the proof, the
 * doctor, and what humans have to do. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../base/buf.h"
#include "../engine/engine.h"
#include "../record/wake.h"
#include "cmd.h"

#define TASKS_MAX 500

static void
on_signal(int sig)
{
	(void)sig;
	engine_stop();
}

int
cmd_run(struct cmd *c, int argc, char **argv)
{
	enum engine_until until = ENGINE_FOREVER;
	struct engine *en = NULL;
	struct sigaction sa;
	struct err e;
	int rc;

	if (argc == 2 && strcmp(argv[1], "--until-idle") == 0)
		until = ENGINE_IDLE;
	else if (argc != 1)
		return cmd_usage("run");
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	rc = engine_open(&en, &c->set, &e);
	if (rc != STORE_OK)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	rc = engine_run(en, until, 0, &e);
	engine_close(en);
	return rc == 0 ? EXIT_DONE : cmd_fail(EXIT_LATER, "%s", e.text);
}

int
cmd_audit(struct cmd *c, int argc, char **argv)
{
	struct json_object *j;
	char head[72];
	struct err e;
	int64_t rows;
	int rc;

	if (argc == 3 && strcmp(argv[2], "--json") == 0)
		c->json = 1;
	else if (argc != 2)
		return cmd_usage("audit");
	if (strcmp(argv[1], "verify") != 0)
		return cmd_usage("audit");
	rc = audit_verify(c->store, &rows, head, &e);
	if (rc == STORE_FAIL)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	if (c->json) {
		j = json_object_new_object();
		json_object_object_add(j, "good",
		    json_object_new_boolean(rc == STORE_OK));
		json_object_object_add(j, "rows",
		    json_object_new_int64(rows));
		json_object_object_add(j, "head",
		    json_object_new_string(head));
		json_object_object_add(j, "error",
		    json_object_new_string(rc == STORE_OK ? "" : e.text));
		cmd_print_json(j);
		json_object_put(j);
	}
	if (rc != STORE_OK)
		return cmd_fail(EXIT_REFUSED, "%s", e.text);
	if (c->json == 0)
		printf("The audit is whole: %lld rows, head %s\n",
		    (long long)rows, head);
	return EXIT_DONE;
}

static int
check_systems(struct cmd *c)
{
	struct json_object *j, *systems, *sys;
	int status, bad = 0;
	size_t i, n;

	j = cmd_ask(c, "check", "{}", &status);
	if (j == NULL)
		return status;
	json_object_object_get_ex(j, "systems", &systems);
	n = json_object_array_length(systems);
	for (i = 0; i < n; i++) {
		sys = json_object_array_get_idx(systems, i);
		if (strcmp(cmd_text(sys, "state"), "ok") != 0)
			bad = 1;
		if (c->json)
			cmd_print_json(sys);
		else
			printf("%-9s  %s (%s): %s\n", cmd_text(sys, "state"),
			    cmd_text(sys, "system"), cmd_text(sys, "kind"),
			    cmd_text(sys, "detail"));
	}
	json_object_put(j);
	return bad ? EXIT_REFUSED : EXIT_DONE;
}

int
cmd_check(struct cmd *c, int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--json") == 0)
		c->json = 1;
	else if (argc != 1)
		return cmd_usage("check");
	if (c->json == 0)
		printf("ok         %s: %u system(s)\n",
		    conf_path(c->set.conf), c->set.nsystems);
	return check_systems(c);
}

static int
task_print(struct cmd *c, int64_t ob)
{
	struct task tasks[TASKS_MAX];
	struct json_object *j;
	char id[OB_TEXT];
	struct err e;
	unsigned n, i;

	if (task_list(c->store, ob, tasks, TASKS_MAX, &n, &e) != STORE_OK)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	for (i = 0; i < n; i++) {
		ob_text(tasks[i].offboarding, id);
		if (c->json == 0) {
			printf("%6lld  %s  %-6s  %s\n",
			    (long long)tasks[i].id, id, tasks[i].open ?
			    "open" : "closed", tasks[i].text);
			continue;
		}
		j = json_object_new_object();
		json_object_object_add(j, "id",
		    json_object_new_int64(tasks[i].id));
		json_object_object_add(j, "offboarding",
		    json_object_new_string(id));
		json_object_object_add(j, "system",
		    json_object_new_string(tasks[i].system));
		json_object_object_add(j, "text",
		    json_object_new_string(tasks[i].text));
		json_object_object_add(j, "state",
		    json_object_new_string(tasks[i].open ? "open" :
		    "closed"));
		cmd_print_json(j);
		json_object_put(j);
	}
	return EXIT_DONE;
}

static int
task_done(struct cmd *c, const char *number, const char *note)
{
	long long id;
	struct err e;
	int rc;

	if (text_int(number, 1, INT64_MAX, &id) == -1)
		return cmd_usage("task");
	if (strlen(note) < 3 || strlen(note) >= TEXT_MAX ||
	    text_is_plain(note) == 0)
		return cmd_fail(EXIT_USAGE, "--note must say in a few words "
		    "what was done");
	rc = task_close(c->store, id, c->actor, note, &e);
	if (rc == STORE_NONE)
		return cmd_fail(EXIT_REFUSED, "there is no task %lld: see "
		    "\"offboard task list\"", id);
	if (rc == STORE_CONFLICT)
		return cmd_fail(EXIT_REFUSED, "task %lld is closed already",
		    id);
	if (rc != STORE_OK)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	wake_send(c->set.data_dir);
	printf("task %lld is closed\n", id);
	return EXIT_DONE;
}

int
cmd_task(struct cmd *c, int argc, char **argv)
{
	int64_t ob = 0;

	if (argc > 2 && strcmp(argv[argc - 1], "--json") == 0) {
		c->json = 1;
		argc--;
	}
	if (argc >= 2 && argc <= 3 && strcmp(argv[1], "list") == 0) {
		if (argc == 3 && (ob = cmd_ob(argv[2])) == -1)
			return EXIT_USAGE;
		return task_print(c, ob);
	}
	if (argc == 5 && strcmp(argv[1], "done") == 0 &&
	    strcmp(argv[3], "--note") == 0)
		return task_done(c, argv[2], argv[4]);
	return cmd_usage("task");
}
