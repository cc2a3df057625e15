/* offboard list, show, retry, cancel, restore, approve: cases that exist. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/buf.h"
#include "../record/json.h"
#include "../record/wake.h"
#include "cmd.h"

#define PAGE 100

int64_t
cmd_ob(const char *text)
{
	int64_t id = ob_number(text);

	if (id == -1)
		cmd_fail(EXIT_USAGE, "\"%.40s\" is no offboarding: write "
		    "OB-000001", text);
	return id;
}

/* ID and flags of the simple commands. -1: usage. */
static int64_t
one_case(struct cmd *c, int argc, char **argv, int *wait)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "wait", no_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	int opt, w = 0;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 'j')
			c->json = 1;
		else if (opt == 'w')
			w = 1;
		else
			return -1;
	}
	if (wait == NULL && w)
		return -1;
	if (wait != NULL)
		*wait = w;
	return optind < argc ? cmd_ob(argv[optind]) : -1;
}

static int
no_such(int64_t id)
{
	return cmd_fail(EXIT_REFUSED, "there is no offboarding OB-%06lld: see "
	    "\"offboard list\"", (long long)id);
}

static int
print_rows(struct cmd *c, const struct offboarding *rows, unsigned n)
{
	struct json_object *j;
	char ob[OB_TEXT], at[WHEN_TEXT];
	struct err e;
	unsigned i;

	for (i = 0; i < n; i++) {
		if (c->json) {
			j = json_case(c->store, rows[i].id, NULL, &e);
			if (j == NULL)
				return cmd_fail(EXIT_LATER, "%s", e.text);
			cmd_print_json(j);
			json_object_put(j);
			continue;
		}
		ob_text(rows[i].id, ob);
		when_text(rows[i].effective_at, at);
		printf("%s  %-17s  %-24s  %s\n", ob,
		    status_word(rows[i].status), at, rows[i].email);
	}
	return EXIT_DONE;
}

int
cmd_list(struct cmd *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "status", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	struct case_filter f = { -1, "", 0, PAGE, 0 };
	struct offboarding *rows;
	int64_t total = 1;
	struct err e;
	unsigned n;
	int opt, status = EXIT_DONE;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 'j')
			c->json = 1;
		else if (opt != 's')
			return cmd_usage("list");
		else if ((f.status = status_of(optarg)) == -1)
			return cmd_fail(EXIT_USAGE, "--status takes scheduled, "
			    "awaiting_approval, cancelled, restored, running, "
			    "attention or complete");
	}
	if (optind != argc)
		return cmd_usage("list");
	rows = calloc(PAGE, sizeof(*rows));
	if (rows == NULL)
		return cmd_fail(EXIT_LATER, "out of memory");
	while ((int64_t)f.offset < total && status == EXIT_DONE) {
		if (case_list(c->store, &f, rows, &n, &total, &e) != STORE_OK)
			status = cmd_fail(EXIT_LATER, "%s", e.text);
		else if (n == 0)
			break;
		else
			status = print_rows(c, rows, n);
		f.offset += PAGE;
	}
	free(rows);
	return status;
}

static int
print_case(struct cmd *c, int64_t id)
{
	struct json_object *j;
	struct err e;
	int rc;

	j = json_case(c->store, id, &rc, &e);
	if (j == NULL)
		return cmd_fail(rc == STORE_NONE ? EXIT_REFUSED : EXIT_LATER,
		    "%s", e.text);
	if (c->json)
		cmd_print_json(j);
	else
		cmd_print_case(j);
	json_object_put(j);
	return EXIT_DONE;
}

int
cmd_show(struct cmd *c, int argc, char **argv)
{
	int64_t id = one_case(c, argc, argv, NULL);

	if (id == -1 || optind != argc - 1)
		return cmd_usage("show");
	return print_case(c, id);
}

/* After a wish was recorded: ring, and wait where that was asked for. */
static int
wished(struct cmd *c, int64_t id, int wait, const char *said)
{
	int status = EXIT_DONE, printed;

	wake_send(c->set.data_dir);
	if (c->json == 0)
		printf("OB-%06lld: %s\n", (long long)id, said);
	if (wait)
		status = cmd_wait(c, id);
	if (wait || c->json) {
		printed = print_case(c, id);
		if (printed != EXIT_DONE)
			return printed;
	}
	return status;
}

int
cmd_retry(struct cmd *c, int argc, char **argv)
{
	char system[WORD_MAX] = "", *slash;
	struct offboarding o;
	int64_t id;
	unsigned n;
	struct err e;
	int phase = -1, wait = 0, rc;

	id = one_case(c, argc, argv, &wait);
	if (id == -1 || argc - optind > 2)
		return cmd_usage("retry");
	if (argc - optind == 2) {
		if (text_copy(system, sizeof(system), argv[optind + 1]) == -1)
			return cmd_usage("retry");
		slash = strchr(system, '/');
		if (slash != NULL) {
			*slash = '\0';
			phase = phase_of(slash + 1);
			if (phase == -1)
				return cmd_fail(EXIT_USAGE, "\"%.40s\" is no "
				    "phase", slash + 1);
		}
	}
	rc = case_get(c->store, id, &o, &e);
	if (rc == STORE_NONE)
		return no_such(id);
	if (rc == STORE_OK && (o.status == STATUS_CANCELLED ||
	    o.status == STATUS_RESTORED))
		return cmd_fail(EXIT_REFUSED, "OB-%06lld is %s: start the "
		    "person's offboarding again instead", (long long)id,
		    status_word(o.status));
	if (rc == STORE_OK)
		rc = step_retry(c->store, id, system[0] == '\0' ? NULL :
		    system, phase, c->actor, &n, &e);
	if (rc == STORE_NONE)
		return cmd_fail(EXIT_REFUSED, "OB-%06lld has nothing to retry "
		    "there: every such step is verified, or there is none",
		    (long long)id);
	if (rc != STORE_OK)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	return wished(c, id, wait, "will be tried again");
}

int
cmd_cancel(struct cmd *c, int argc, char **argv)
{
	int64_t id = one_case(c, argc, argv, NULL);
	struct offboarding o;
	struct err e;
	int rc;

	if (id == -1 || optind != argc - 1)
		return cmd_usage("cancel");
	rc = case_cancel(c->store, id, c->actor, &e);
	if (rc == STORE_NONE)
		return no_such(id);
	if (rc == STORE_CONFLICT && case_get(c->store, id, &o, &e) == STORE_OK)
		return cmd_fail(EXIT_REFUSED, "OB-%06lld is %s and cannot be "
		    "cancelled; \"offboard restore\" undoes what was done",
		    (long long)id, status_word(o.status));
	if (rc != STORE_OK)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	return wished(c, id, 0, "cancelled; what had been done stays done");
}

int
cmd_restore(struct cmd *c, int argc, char **argv)
{
	int wait = 0, rc;
	int64_t id = one_case(c, argc, argv, &wait);
	struct err e;

	if (id == -1 || optind != argc - 1)
		return cmd_usage("restore");
	rc = case_restore(c->store, id, c->actor, &e);
	if (rc == STORE_NONE)
		return no_such(id);
	if (rc == STORE_CONFLICT)
		return cmd_fail(EXIT_REFUSED, "OB-%06lld has nothing to put "
		    "back: nothing was done yet, or it is being restored "
		    "already", (long long)id);
	if (rc == STORE_REPLAY)
		return cmd_fail(EXIT_REFUSED, "another offboarding of this "
		    "person is open: cancel that one first");
	if (rc != STORE_OK)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	return wished(c, id, wait, "access is being put back");
}

int
cmd_approve(struct cmd *c, int argc, char **argv)
{
	int64_t id = one_case(c, argc, argv, NULL);
	struct offboarding o;
	unsigned roles;
	struct err e;
	int rc;

	if (id == -1 || optind != argc - 1)
		return cmd_usage("approve");
	rc = case_get(c->store, id, &o, &e);
	if (rc == STORE_NONE)
		return no_such(id);
	/* A brake is let go by a second operator, too. */
	roles = settings_roles(&c->set, c->actor);
	if ((roles & ROLE_APPROVER) == 0 && ((roles & ROLE_OPERATOR) == 0 ||
	    strncmp(o.hold, "brake:", 6) != 0))
		return cmd_fail(EXIT_REFUSED, "%s may not approve this: it "
		    "takes the role approver in [web]", c->actor);
	rc = case_approve(c->store, id, c->actor, &e);
	if (rc == STORE_NONE)
		return no_such(id);
	if (rc == STORE_CONFLICT)
		return cmd_fail(EXIT_REFUSED, "OB-%06lld waits for no "
		    "approval", (long long)id);
	if (rc == STORE_REPLAY)
		return cmd_fail(EXIT_REFUSED, "who asked for an offboarding "
		    "cannot approve it: ask a colleague");
	if (rc != STORE_OK)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	return wished(c, id, 0, "approved");
}
