/* offboard import: many people from one CSV file, a result for every line.
 * A line that is refused leaves the others as they are. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/buf.h"
#include "../base/csv.h"
#include "../engine/guard.h"
#include "../record/wake.h"
#include "cmd.h"

#define FILE_MAX_BYTES	(16u << 20)
#define LINES_MAX	20000

enum column { COL_EMAIL, COL_NAME, COL_EMPLOYEE, COL_LOGIN, COL_AT,
    COL_HANDOVER, COL_REASON, COL_EMERGENCY, COLUMNS };

static const char *const names[COLUMNS] = { "email", "name", "employee_id",
	"login", "at", "handover", "reason", "emergency" };

struct import {
	struct cmd	*cmd;
	int		 dry;
	int		 where[COLUMNS];	/* field of a column, or -1 */
	/* What this very file has said so far: a dry run records nothing. */
	char		(*seen)[EMAIL_MAX];
	unsigned	 nseen;
	unsigned	 good, bad;
};

/* ---- the first line ---- */

static int
read_head(struct import *im, const char *const *fields, unsigned n,
    struct err *e)
{
	char name[64];
	unsigned i, k;

	for (k = 0; k < COLUMNS; k++)
		im->where[k] = -1;
	for (i = 0; i < n; i++) {
		(void)text_copy(name, sizeof(name), fields[i]);
		text_clean(name);
		text_lower(name);
		for (k = 0; k < COLUMNS; k++)
			if (strcmp(name, names[k]) == 0)
				break;
		if (k == COLUMNS)
			return err_set(e, "line 1: there is no column "
			    "\"%.60s\": known are email, name, employee_id, "
			    "login, at, handover, reason, emergency", name);
		if (im->where[k] != -1)
			return err_set(e, "line 1: the column %s stands there "
			    "twice", names[k]);
		im->where[k] = (int)i;
	}
	if (im->where[COL_EMAIL] == -1)
		return err_set(e, "line 1 must name the columns, email among "
		    "them, for example: email,name,at,handover");
	return 0;
}

/* ---- a line ---- */

static const char *
field(const struct import *im, enum column c, const char *const *fields)
{
	return im->where[c] == -1 ? "" : fields[im->where[c]];
}

static int
take(char *out, size_t size, const char *text, const char *name,
    struct err *e)
{
	while (*text == ' ')
		text++;
	if (text_copy(out, size, text) == -1)
		return err_set(e, "%s is too long (at most %zu characters)",
		    name, size - 1);
	while (out[0] != '\0' && out[strlen(out) - 1] == ' ')
		out[strlen(out) - 1] = '\0';
	return 0;
}

static int
take_yes(const char *text, int *yes, struct err *e)
{
	if (text[0] == '\0' || strcmp(text, "no") == 0 ||
	    strcmp(text, "0") == 0 || strcmp(text, "false") == 0)
		*yes = 0;
	else if (strcmp(text, "yes") == 0 || strcmp(text, "1") == 0 ||
	    strcmp(text, "true") == 0)
		*yes = 1;
	else
		return err_set(e, "emergency is yes or no, not \"%.40s\"",
		    text);
	return 0;
}

static int
read_line(struct import *im, const char *const *f, struct offboarding *o,
    struct err *e)
{
	char at[128], column[32];
	struct err why;

	memset(o, 0, sizeof(*o));
	if (take(o->email, sizeof(o->email), field(im, COL_EMAIL, f), "email",
	    e) == -1 || take(o->name, sizeof(o->name),
	    field(im, COL_NAME, f), "name", e) == -1 ||
	    take(o->employee_id, sizeof(o->employee_id),
	    field(im, COL_EMPLOYEE, f), "employee_id", e) == -1 ||
	    take(o->login, sizeof(o->login), field(im, COL_LOGIN, f), "login",
	    e) == -1 || take(o->handover, sizeof(o->handover),
	    field(im, COL_HANDOVER, f), "handover", e) == -1 ||
	    take(o->reason, sizeof(o->reason), field(im, COL_REASON, f),
	    "reason", e) == -1 ||
	    take(at, sizeof(at), field(im, COL_AT, f), "at", e) == -1 ||
	    take_yes(field(im, COL_EMERGENCY, f), &o->emergency, e) == -1)
		return -1;
	if (guard_fields(&im->cmd->set, o, column, &why) == -1)
		return err_set(e, "%s: %.400s", column, why.text);
	o->requested_at = when_now();
	if (when_parse(at[0] == '\0' ? "now" : at, o->requested_at,
	    &o->effective_at, o->zone, &why) == -1)
		return err_set(e, "at: %.400s", why.text);
	(void)text_copy(o->source, sizeof(o->source), "command");
	(void)text_copy(o->requested_by, sizeof(o->requested_by),
	    im->cmd->actor);
	return 0;
}

static int
seen_before(struct import *im, const char *email)
{
	unsigned i;

	for (i = 0; i < im->nseen; i++)
		if (strcmp(im->seen[i], email) == 0)
			return 1;
	(void)text_copy(im->seen[im->nseen++], EMAIL_MAX, email);
	return 0;
}

/* Would, or does, this line get into the record? STORE_* with the sentence. */
static int
record_line(struct import *im, struct offboarding *o, struct err *e)
{
	struct cmd *c = im->cmd;
	char ob[OB_TEXT];
	int rc;

	if (guard_person(&c->set, o, c->actor, e) == -1)
		return STORE_NONE;
	if (seen_before(im, o->email)) {
		err_set(e, "this person stands in the file twice");
		return STORE_NONE;
	}
	/* In a dry run those before count for the brake as if recorded. */
	rc = guard_hold_after(&c->set, c->store, o,
	    im->dry ? im->good : 0, e);
	if (rc == STORE_OK)
		rc = im->dry ? case_open_of(c->store, o->email, &o->id, e) :
		    case_add(c->store, o, e);
	if (rc == STORE_CONFLICT) {
		ob_text(o->id, ob);
		err_set(e, "is being offboarded already, as %s", ob);
	}
	return rc;
}

static void
say_line(struct import *im, unsigned line, const struct offboarding *o,
    const char *error)
{
	struct json_object *j;
	char ob[OB_TEXT] = "", at[160];
	struct err clean;
	struct offboarding shown = *o;
	const char *result = error[0] != '\0' ? "refused" :
	    o->hold[0] != '\0' && strncmp(o->hold, "irreversible:", 13) != 0 ?
	    "awaiting_approval" : "scheduled";

	/* What is refused may be anything. */
	(void)text_copy(clean.text, sizeof(clean.text), error);
	text_clean(clean.text);
	text_clean(shown.email);
	error = clean.text;
	o = &shown;
	if (error[0] == '\0' && im->dry == 0)
		ob_text(o->id, ob);
	if (im->cmd->json) {
		j = json_object_new_object();
		json_object_object_add(j, "line",
		    json_object_new_int((int)line));
		json_object_object_add(j, "email",
		    json_object_new_string(o->email));
		json_object_object_add(j, "result",
		    json_object_new_string(result));
		json_object_object_add(j, "id", ob[0] == '\0' ? NULL :
		    json_object_new_string(ob));
		json_object_object_add(j, "hold",
		    json_object_new_string(o->hold));
		json_object_object_add(j, "error",
		    json_object_new_string(error));
		cmd_print_json(j);
		json_object_put(j);
		return;
	}
	if (error[0] != '\0') {
		printf("line %u  refused  %s: %s\n", line, o->email, error);
		return;
	}
	when_local(o->effective_at, o->zone, at, sizeof(at));
	printf("line %u  %s  %s: access ends %s%s%s%s\n", line,
	    im->dry ? "would be recorded" : ob, o->email,
	    o->emergency != 0 ? "(emergency) " : "", at,
	    o->hold[0] != '\0' ? "; it waits for a second person: " : "",
	    o->hold);
}

static int
import_line(struct import *im, unsigned line, const char *const *fields,
    struct err *e)
{
	struct offboarding o;
	int rc;

	if (read_line(im, fields, &o, e) == -1)
		rc = STORE_NONE;
	else
		rc = record_line(im, &o, e);
	if (rc == STORE_FAIL)
		return -1;
	say_line(im, line, &o, rc == STORE_OK ? "" : e->text);
	if (rc == STORE_OK)
		im->good++;
	else
		im->bad++;
	return 0;
}

static int
import_rows(struct import *im, struct csv *csv, struct err *e)
{
	const char *fields[CSV_FIELDS];
	struct offboarding nobody;
	unsigned n, head, line;
	struct err why;
	int rc;

	rc = csv_row(csv, fields, &head, &line, e);
	if (rc == 0)
		return err_set(e, "the file is empty");
	if (rc == -1 || read_head(im, fields, head, e) == -1)
		return -1;
	memset(&nobody, 0, sizeof(nobody));
	while ((rc = csv_row(csv, fields, &n, &line, &why)) != 0) {
		if (im->good + im->bad >= LINES_MAX)
			return err_set(e, "line %u: more than %d people: cut "
			    "the file in two", line, LINES_MAX);
		if (rc == 1 && n != head) {
			err_set(&why, "%u fields, but line 1 names %u", n,
			    head);
			rc = -1;
		}
		if (rc == -1) {
			say_line(im, line, &nobody, why.text);
			im->bad++;
		} else if (import_line(im, line, fields, e) == -1)
			return -1;
	}
	return 0;
}

static int
import_file(struct import *im, const char *path)
{
	struct csv *csv = NULL;
	struct buf text;
	struct err e;
	int status = EXIT_DONE;

	buf_init(&text, FILE_MAX_BYTES);
	im->seen = calloc(LINES_MAX, sizeof(*im->seen));
	if (im->seen == NULL)
		status = cmd_fail(EXIT_LATER, "out of memory");
	else if (buf_file(&text, path, &e) == -1 ||
	    (csv = csv_open(buf_cstr(&text), text.len, &e)) == NULL ||
	    import_rows(im, csv, &e) == -1)
		status = cmd_fail(EXIT_REFUSED, "%s: %s", path, e.text);
	csv_free(csv);
	buf_clear(&text);
	free(im->seen);
	if (im->good > 0 && im->dry == 0)
		wake_send(im->cmd->set.data_dir);
	if (im->cmd->json == 0 && im->good + im->bad > 0)
		printf("%u %s, %u refused\n", im->good, im->dry ?
		    "would be recorded" : "recorded", im->bad);
	return status != EXIT_DONE ? status : im->bad > 0 ? EXIT_REFUSED :
	    EXIT_DONE;
}

int
cmd_import(struct cmd *c, int argc, char **argv)
{
	const char *path = NULL;
	struct import im;
	int i;

	memset(&im, 0, sizeof(im));
	im.cmd = c;
	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "--dry-run") == 0)
			im.dry = 1;
		else if (strcmp(argv[i], "--json") == 0)
			c->json = 1;
		else if (path == NULL && argv[i][0] != '-')
			path = argv[i];
		else
			return cmd_usage("import");
	return path == NULL ? cmd_usage("import") : import_file(&im, path);
}
