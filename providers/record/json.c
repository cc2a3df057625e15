/* Turns an offboarding of the record into JSON. Reads only. */
#include "json.h"

#include <stdlib.h>
#include <string.h>

#include "../base/buf.h"

#define TASKS_MAX 500
#define MESSAGES_MAX 500

static void
put_text(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

/* An instant, or null for "not yet". */
static void
put_when(struct json_object *o, const char *key, int64_t at)
{
	char text[WHEN_TEXT];

	when_text(at, text);
	json_object_object_add(o, key, text[0] == '\0' ? NULL :
	    json_object_new_string(text));
}

static struct json_object *
json_case_row(const struct offboarding *o)
{
	struct json_object *j = json_object_new_object();
	struct json_object *p = json_object_new_object();
	char id[OB_TEXT];

	ob_text(o->id, id);
	put_text(j, "id", id);
	put_text(j, "status", status_word(o->status));
	put_text(p, "email", o->email);
	put_text(p, "name", o->name);
	put_text(p, "login", o->login);
	if (o->employee_id[0] != '\0')
		put_text(p, "employee_id", o->employee_id);
	json_object_object_add(j, "person", p);
	put_when(j, "requested_at", o->requested_at);
	put_text(j, "requested_by", o->requested_by);
	put_when(j, "effective_at", o->effective_at);
	put_text(j, "zone", o->zone);
	put_when(j, "contained_at", o->contained_at);
	put_when(j, "completed_at", o->completed_at);
	json_object_object_add(j, "emergency",
	    json_object_new_boolean(o->emergency));
	put_text(j, "handover", o->handover);
	if (o->approved_by[0] != '\0')
		put_text(j, "approved_by", o->approved_by);
	if (o->recheck_at != 0)
		put_when(j, "recheck_at", o->recheck_at);
	if (o->hold[0] != '\0')
		put_text(j, "hold", o->hold);
	return j;
}

static struct json_object *
json_step(const struct step *st)
{
	struct json_object *j = json_object_new_object();

	put_text(j, "phase", phase_word(st->phase));
	put_text(j, "state", state_word(st->state));
	json_object_object_add(j, "attempts",
	    json_object_new_int(st->attempts));
	put_when(j, "at", st->at);
	put_text(j, "detail", st->detail);
	if (st->state == STATE_WAITING)
		put_when(j, "due_at", st->due_at);
	return j;
}

static struct json_object *
json_systems(const struct account *accounts, unsigned n,
    const struct step *steps, unsigned nsteps)
{
	struct json_object *all = json_object_new_array(), *j, *list, *image;
	unsigned i, k;

	for (i = 0; i < n; i++) {
		j = json_object_new_object();
		list = json_object_new_array();
		put_text(j, "system", accounts[i].system);
		put_text(j, "kind", accounts[i].kind);
		json_object_object_add(j, "account",
		    accounts[i].account[0] == '\0' ? NULL :
		    json_object_new_string(accounts[i].account));
		put_text(j, "found", accounts[i].found);
		put_text(j, "label", accounts[i].label);
		for (k = 0; k < nsteps; k++)
			if (strcmp(steps[k].system, accounts[i].system) == 0)
				json_object_array_add(list,
				    json_step(&steps[k]));
		json_object_object_add(j, "steps", list);
		image = json_tokener_parse(accounts[i].before);
		if (image != NULL)
			json_object_object_add(j, "before", image);
		image = json_tokener_parse(accounts[i].after);
		if (image != NULL)
			json_object_object_add(j, "after", image);
		json_object_array_add(all, j);
	}
	return all;
}

static struct json_object *
json_tasks(const struct task *tasks, unsigned n)
{
	struct json_object *all = json_object_new_array(), *j;
	unsigned i;

	for (i = 0; i < n; i++) {
		j = json_object_new_object();
		json_object_object_add(j, "id",
		    json_object_new_int64(tasks[i].id));
		put_text(j, "system", tasks[i].system);
		put_text(j, "phase", tasks[i].phase);
		put_text(j, "text", tasks[i].text);
		put_text(j, "state", tasks[i].open != 0 ? "open" : "closed");
		if (tasks[i].open == 0) {
			put_when(j, "closed_at", tasks[i].closed_at);
			put_text(j, "closed_by", tasks[i].closed_by);
			put_text(j, "note", tasks[i].note);
		}
		json_object_array_add(all, j);
	}
	return all;
}

static int
json_messages(struct store *s, int64_t id, struct json_object *j,
    struct err *e)
{
	struct message *rows = calloc(MESSAGES_MAX, sizeof(*rows));
	struct json_object *all = json_object_new_array(), *m;
	unsigned n = 0, i;
	int rc = rows == NULL ? err_set(e, "out of memory") :
	    message_list(s, id, rows, MESSAGES_MAX, &n, e);

	for (i = 0; i < n; i++) {
		m = json_object_new_object();
		put_text(m, "kind", rows[i].kind);
		put_text(m, "topic", rows[i].topic);
		put_text(m, "to", rows[i].recipient);
		put_text(m, "state", rows[i].state);
		put_when(m, "at", rows[i].ended_at != 0 ? rows[i].ended_at :
		    rows[i].created_at);
		put_text(m, "error", rows[i].last_error);
		json_object_array_add(all, m);
		message_clear(&rows[i]);
	}
	free(rows);
	json_object_object_add(j, "messages", all);
	return rc;
}

struct json_object *
json_case(struct store *s, int64_t id, int *rcp, struct err *e)
{
	struct account accounts[CASE_SYSTEMS_MAX];
	struct step *steps = calloc(CASE_STEPS_MAX, sizeof(*steps));
	struct task *tasks = calloc(TASKS_MAX, sizeof(*tasks));
	unsigned n = 0, nsteps = 0, ntasks = 0;
	struct json_object *j = NULL;
	struct offboarding o;
	int rc = STORE_FAIL;

	if (steps == NULL || tasks == NULL) {
		err_set(e, "out of memory");
		goto out;
	}
	rc = case_get(s, id, &o, e);
	if (rc == STORE_NONE)
		err_set(e, "there is no offboarding OB-%06lld", (long long)id);
	if (rc == STORE_OK)
		rc = step_list(s, id, steps, CASE_STEPS_MAX, &nsteps, e);
	if (rc == STORE_OK)
		rc = task_list(s, id, tasks, TASKS_MAX, &ntasks, e);
	if (rc == STORE_OK)
		rc = account_list(s, id, accounts, CASE_SYSTEMS_MAX, &n, e);
	if (rc != STORE_OK)
		goto out;
	j = json_case_row(&o);
	json_object_object_add(j, "systems",
	    json_systems(accounts, n, steps, nsteps));
	json_object_object_add(j, "tasks", json_tasks(tasks, ntasks));
	rc = json_messages(s, id, j, e);
	if (rc != STORE_OK) {
		json_object_put(j);
		j = NULL;
	}
out:
	while (n > 0)
		account_clear(&accounts[--n]);
	free(tasks);
	free(steps);
	if (rcp != NULL)
		*rcp = rc;
	return j;
}
