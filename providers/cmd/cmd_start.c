/* offboard plan, offboard start: what would end, and ending it. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/buf.h"
#include "../engine/guard.h"
#include "../record/json.h"
#include "../record/wake.h"
#include "cmd.h"

struct options {
	struct offboarding o;
	const char	*at;
	int		 yes, wait;
};

enum { OPT_AT = 1, OPT_EMERGENCY, OPT_REASON, OPT_HANDOVER, OPT_LOGIN,
    OPT_EMPLOYEE, OPT_NAME, OPT_YES, OPT_WAIT, OPT_JSON };

static const struct option long_options[] = {
	{ "at", required_argument, NULL, OPT_AT },
	{ "emergency", no_argument, NULL, OPT_EMERGENCY },
	{ "reason", required_argument, NULL, OPT_REASON },
	{ "handover", required_argument, NULL, OPT_HANDOVER },
	{ "login", required_argument, NULL, OPT_LOGIN },
	{ "employee-id", required_argument, NULL, OPT_EMPLOYEE },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "yes", no_argument, NULL, OPT_YES },
	{ "wait", no_argument, NULL, OPT_WAIT },
	{ "json", no_argument, NULL, OPT_JSON },
	{ NULL, 0, NULL, 0 },
};

/* A value that would be cut is refused: half a name is another name. */
static int
take(char *out, size_t size, const char *name)
{
	if (text_copy(out, size, optarg) == 0)
		return 0;
	cmd_fail(EXIT_USAGE, "--%s is too long (at most %zu characters)", name,
	    size - 1);
	return -1;
}

static int
read_options(struct cmd *c, struct options *op, int argc, char **argv)
{
	struct offboarding *o = &op->o;
	int opt, bad = 0;

	memset(op, 0, sizeof(*op));
	op->at = "now";
	while ((opt = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		switch (opt) {
		case OPT_AT:
			op->at = optarg;
			break;
		case OPT_EMERGENCY:
			o->emergency = 1;
			break;
		case OPT_REASON:
			bad |= take(o->reason, sizeof(o->reason), "reason");
			break;
		case OPT_HANDOVER:
			bad |= take(o->handover, sizeof(o->handover),
			    "handover");
			break;
		case OPT_LOGIN:
			bad |= take(o->login, sizeof(o->login), "login");
			break;
		case OPT_EMPLOYEE:
			bad |= take(o->employee_id, sizeof(o->employee_id),
			    "employee-id");
			break;
		case OPT_NAME:
			bad |= take(o->name, sizeof(o->name), "name");
			break;
		case OPT_YES:
			op->yes = 1;
			break;
		case OPT_WAIT:
			op->wait = 1;
			break;
		case OPT_JSON:
			c->json = 1;
			break;
		default:
			return -1;
		}
	if (bad != 0 || optind != argc - 1)
		return -1;
	if (text_copy(o->email, sizeof(o->email), argv[optind]) == -1) {
		cmd_fail(EXIT_USAGE, "the address is too long");
		return -1;
	}
	return 0;
}

static int
complete(struct cmd *c, struct options *op)
{
	struct offboarding *o = &op->o;
	char field[32];
	struct err e;

	if (guard_fields(&c->set, o, field, &e) == -1)
		return cmd_fail(EXIT_USAGE, "%s: %s", field, e.text);
	o->requested_at = when_now();
	if (when_parse(op->at, o->requested_at, &o->effective_at, o->zone,
	    &e) == -1)
		return cmd_fail(EXIT_USAGE, "--at: %s", e.text);
	(void)text_copy(o->source, sizeof(o->source), "command");
	(void)text_copy(o->requested_by, sizeof(o->requested_by), c->actor);
	return EXIT_DONE;
}

static struct json_object *
dry_run(struct cmd *c, const struct offboarding *o, int *status)
{
	struct json_object *arg = json_object_new_object(), *j;

	json_object_object_add(arg, "email",
	    json_object_new_string(o->email));
	json_object_object_add(arg, "login",
	    json_object_new_string(o->login_given ? o->login : ""));
	json_object_object_add(arg, "handover",
	    json_object_new_string(o->handover));
	json_object_object_add(arg, "emergency",
	    json_object_new_boolean(o->emergency));
	j = cmd_ask(c, "plan", json_object_to_json_string_ext(arg,
	    JSON_C_TO_STRING_PLAIN), status);
	json_object_put(arg);
	return j;
}

int
cmd_plan(struct cmd *c, int argc, char **argv)
{
	struct json_object *j;
	struct options op;
	int status;

	if (read_options(c, &op, argc, argv) == -1)
		return cmd_usage("plan");
	status = complete(c, &op);
	if (status != EXIT_DONE)
		return status;
	j = dry_run(c, &op.o, &status);
	if (j == NULL)
		return status;
	if (c->json)
		cmd_print_json(j);
	else
		cmd_print_plan(j);
	if (!cmd_all_answered(j))
		status = cmd_fail(EXIT_REFUSED, "not every system answered");
	json_object_put(j);
	return status;
}

/* Shows what will end and asks for a plain yes. */
static int
confirmed(struct cmd *c, const struct offboarding *o)
{
	struct json_object *j;
	char line[32];
	int status;

	if (isatty(STDIN_FILENO) == 0) {
		cmd_fail(EXIT_USAGE, "nobody is there to confirm: add --yes");
		return 0;
	}
	j = dry_run(c, o, &status);
	if (j == NULL)
		return 0;
	cmd_print_plan(j);
	json_object_put(j);
	printf("End all access for %s? Type yes: ", o->email);
	fflush(stdout);
	return fgets(line, sizeof(line), stdin) != NULL &&
	    strcmp(line, "yes\n") == 0;
}

static int
record(struct cmd *c, struct offboarding *o)
{
	char ob[OB_TEXT];
	struct offboarding old;
	struct err e;
	int rc;

	if (guard_person(&c->set, o, c->actor, &e) == -1)
		return cmd_fail(EXIT_REFUSED, "%s", e.text);
	if (guard_hold(&c->set, c->store, o, &e) != STORE_OK)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	rc = case_add(c->store, o, &e);
	if (rc == STORE_OK)
		return EXIT_DONE;
	if (rc != STORE_CONFLICT)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	ob_text(o->id, ob);
	if (case_get(c->store, o->id, &old, &e) != STORE_OK)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	return cmd_fail(EXIT_REFUSED, "%s is being offboarded already, as %s "
	    "(%s): see \"offboard show %s\", and retry or cancel that one",
	    o->email, ob, status_word(old.status), ob);
}

static void
say_recorded(const struct offboarding *o)
{
	char ob[OB_TEXT], at[160];

	ob_text(o->id, ob);
	when_local(o->effective_at, o->zone, at, sizeof(at));
	if (o->hold[0] != '\0')
		printf("%s recorded. It waits for a second person: %s\n"
		    "Approve it with: offboard approve %s\n", ob, o->hold, ob);
	else if (o->effective_at > when_now())
		printf("%s recorded. All access of %s ends on %s.\n", ob,
		    o->email, at);
	else
		printf("%s recorded. All access of %s ends now.\n", ob,
		    o->email);
}

int
cmd_start(struct cmd *c, int argc, char **argv)
{
	struct json_object *j;
	struct options op;
	struct err e;
	int status;

	if (read_options(c, &op, argc, argv) == -1)
		return cmd_usage("start");
	status = complete(c, &op);
	if (status == EXIT_DONE && op.yes == 0 && !confirmed(c, &op.o))
		status = cmd_fail(EXIT_REFUSED, "not confirmed: nothing was "
		    "recorded");
	if (status == EXIT_DONE)
		status = record(c, &op.o);
	if (status != EXIT_DONE)
		return status;
	wake_send(c->set.data_dir);
	if (c->json == 0)
		say_recorded(&op.o);
	if (op.wait)
		status = cmd_wait(c, op.o.id);
	if (c->json || op.wait) {
		j = json_case(c->store, op.o.id, NULL, &e);
		if (j == NULL)
			return cmd_fail(EXIT_LATER, "%s", e.text);
		if (c->json)
			cmd_print_json(j);
		else
			cmd_print_case(j);
		json_object_put(j);
	}
	return status;
}
