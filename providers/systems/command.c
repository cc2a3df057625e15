/*
 * Any system that a program of the company's own can reach: the phase is its
 * only argument, it reads the person as JSON and prints the outcome as JSON.
 * How it is run stands in command_run.c, what it says in command_say.c.
 */
#include "command.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/when.h"

static const struct conf_key command_keys[] = {
	PROVIDER_KEYS,
	{ "command", CONF_PATH, NULL, NULL, 0, 0 },
	PROVIDER_KEYS_END
};

/* The provider's own: what the document phase came to, for match() runs it
 * and the phase itself follows at once. */
struct command {
	enum outcome documented;
};

static int
command_open(struct system *sys, struct err *e)
{
	const char *path = visit_setting(sys, "command");
	struct err why;

	sys->own = calloc(1, sizeof(struct command));
	if (sys->own == NULL)
		return err_set(e, "out of memory");
	if (path == NULL)
		return conf_fail(sys->settings->conf, sys->section, NULL, e,
		    "[%s] needs a command", sys->section);
	if (command_is_safe(path, &why) == -1)
		return conf_fail(sys->settings->conf, sys->section, "command",
		    e, "%s", why.text);
	(void)command_phases(sys);
	return 0;
}

static void
command_close(struct system *sys)
{
	free(sys->own);
	sys->own = NULL;
}

/* ---- what the program reads ---- */

static void
put_text(struct json_object *o, const char *key, const char *value)
{
	if (value[0] != '\0')
		json_object_object_add(o, key, json_object_new_string(value));
}

/* What is not known is left out. Caller puts. */
static struct json_object *
person_json(const struct visit *v, const char *phase)
{
	struct json_object *o = json_object_new_object();
	char ob[OB_TEXT], at[WHEN_TEXT];

	put_text(o, "phase", phase);
	put_text(o, "system", v->sys->name);
	if (v->who->id > 0) {
		ob_text(v->who->id, ob);
		put_text(o, "id", ob);
	}
	put_text(o, "email", v->who->email);
	put_text(o, "name", v->who->name);
	put_text(o, "login", v->who->login);
	put_text(o, "employee_id", v->who->employee_id);
	put_text(o, "handover", v->who->handover);
	put_text(o, "reason", v->who->reason);
	put_text(o, "account", v->account);
	when_text(v->who->effective_at, at);
	put_text(o, "effective_at", at);
	json_object_object_add(o, "emergency",
	    json_object_new_boolean(v->emergency));
	json_object_object_add(o, "dry_run", json_object_new_boolean(v->dry));
	if (v->before != NULL)
		json_object_object_add(o, "before",
		    json_object_get(v->before));
	if (v->after != NULL)
		json_object_object_add(o, "after", json_object_get(v->after));
	return o;
}

/* ---- one phase ---- */

static int
phase_changes(enum phase phase)
{
	return phase != PHASE_DOCUMENT && phase != PHASE_VERIFY &&
	    phase != PHASE_RECHECK;
}

/* Runs the program for PHASE; what changes something is written down. */
static enum outcome
phase_run(struct visit *v, enum phase phase)
{
	struct json_object *person = person_json(v, phase_word(phase));
	int changes = phase_changes(phase);
	char what[128], result[200];
	struct command_run r;
	enum command_end end;
	enum outcome out;
	struct err e;

	assert(changes == 0 || v->dry == 0);
	memset(&r, 0, sizeof(r));
	r.program = visit_setting(v->sys, "command");
	r.phase = phase_word(phase);
	r.in = json_object_to_json_string_ext(person,
	    JSON_C_TO_STRING_PLAIN);
	r.timeout = conf_span(v->sys->settings->conf, v->sys->section,
	    command_keys, "timeout");
	v->hooks->pace(v);
	(void)snprintf(what, sizeof(what), "run %.80s %s", r.program, r.phase);
	/* It may have been changed since it was looked at. */
	if (command_is_safe(r.program, &e) == -1)
		out = visit_end(v, OUT_FAILED, "%s: %s", v->sys->name, e.text);
	else if (changes && v->hooks->before(v, what, &e) == -1)
		out = visit_end(v, OUT_RETRY, "%s", e.text);
	else {
		end = command_run(&r, &e);
		out = command_outcome(v, &r, end, e.text);
		if (changes) {
			(void)text_copy(result, sizeof(result), v->detail);
			v->hooks->after(v, result);
		}
	}
	json_object_put(person);
	buf_clear(&r.out);
	return out;
}

static int
has_phase(const struct system *sys, enum phase phase)
{
	return (command_phases(sys) >> phase & 1) != 0;
}

/* The document phase finds the account, too. A program that has none leaves
 * it to the other phases to find whom it means. */
static enum outcome
command_match(struct visit *v)
{
	struct command *own = v->sys->own;

	own->documented = OUT_VERIFIED;
	if (has_phase(v->sys, PHASE_DOCUMENT))
		own->documented = phase_run(v, PHASE_DOCUMENT);
	else {
		v->found = FOUND_UNKNOWN;
		(void)visit_end(v, OUT_OK, "the program has no document "
		    "phase");
	}
	if (own->documented != OUT_VERIFIED && own->documented != OUT_DONE &&
	    own->documented != OUT_MANUAL)
		return own->documented;
	if (v->account[0] == '\0' && text_copy(v->account, sizeof(v->account),
	    v->who->email) == -1)
		(void)text_copy(v->account, sizeof(v->account), "the person");
	return OUT_OK;
}

static enum outcome
command_document(struct visit *v)
{
	return ((struct command *)v->sys->own)->documented;
}

static enum outcome
command_phase(struct visit *v)
{
	return phase_run(v, v->phase);
}

static enum outcome
command_restore(struct visit *v)
{
	if (has_phase(v->sys, PHASE_RESTORE))
		return phase_run(v, PHASE_RESTORE);
	visit_task(v, "Give %s back what was taken away in %s: its program "
	    "has no restore phase.", v->who->email, v->sys->name);
	return visit_end(v, OUT_MANUAL, "the program of %s has no restore "
	    "phase", v->sys->name);
}

/* A verify phase only reads: it serves for the later look as well. */
static enum outcome
command_recheck(struct visit *v)
{
	if (has_phase(v->sys, PHASE_RECHECK))
		return phase_run(v, PHASE_RECHECK);
	if (has_phase(v->sys, PHASE_VERIFY))
		return phase_run(v, PHASE_VERIFY);
	return visit_end(v, OUT_MANUAL, "the program of %s has neither a "
	    "recheck nor a verify phase", v->sys->name);
}

static enum outcome
command_check(struct visit *v)
{
	unsigned has = command_phases(v->sys), i;
	const char *path = visit_setting(v->sys, "command");
	char list[200] = "";
	struct err e;
	size_t used;

	if (command_is_safe(path, &e) == -1)
		return visit_end(v, OUT_FAILED, "%s", e.text);
	for (i = 0; i < PHASES; i++) {
		used = strlen(list);
		if ((has >> i & 1) != 0)
			(void)snprintf(list + used, sizeof(list) - used,
			    "%s%s", used == 0 ? "" : ", ",
			    phase_word((enum phase)i));
	}
	return visit_end(v, OUT_VERIFIED, "%s can be run, and has %s", path,
	    list[0] == '\0' ? "no phase" : list);
}

static int
command_makes(const struct system *sys, enum phase phase)
{
	return has_phase(sys, phase) && (phase != PHASE_REMOVE ||
	    conf_switch(sys->settings->conf, sys->section, command_keys,
	    "remove"));
}

const struct provider provider_command = {
	.kind = "command",
	.keys = command_keys,
	.open = command_open,
	.close = command_close,
	.match = command_match,
	.phases = {
		[PHASE_DOCUMENT] = command_document,
		[PHASE_CONTAIN] = command_phase,
		[PHASE_REVOKE] = command_phase,
		[PHASE_HANDOVER] = command_phase,
		[PHASE_REMOVE] = command_phase,
		[PHASE_VERIFY] = command_phase,
		[PHASE_RESTORE] = command_restore,
		[PHASE_RECHECK] = command_recheck,
	},
	.would = {
		[PHASE_CONTAIN] = "would run the program's contain",
		[PHASE_REVOKE] = "would run the program's revoke",
		[PHASE_HANDOVER] = "would run the program's handover",
		[PHASE_REMOVE] = "would run the program's remove",
		[PHASE_VERIFY] = "would run the program's verify",
	},
	/* What it does nobody here can know. */
	.irreversible = 1u << PHASE_REVOKE | 1u << PHASE_REMOVE,
	.makes = command_makes,
	.check = command_check,
};
