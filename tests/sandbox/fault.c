/*
 * fault.c: the faults asked for on the control port, when they strike and
 * on what; it must not touch the company itself.
 */
#include "sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FAULTS_MAX = 64 };

static struct fault faults[FAULTS_MAX];
static size_t nfaults;

static const struct {
	const char *name;
	enum fault_kind kind;
	bool done;		/* whether the request is carried out */
} fault_kinds[] = {
	{ "status", FAULT_STATUS, false },
	{ "done_then_status", FAULT_DONE_THEN_STATUS, true },
	{ "nothing", FAULT_NOTHING, false },
	{ "false", FAULT_FALSE, false },
	{ "truncate", FAULT_TRUNCATE, true },
	{ "half", FAULT_HALF, true },
	{ "garbage", FAULT_GARBAGE, true },
	{ "empty", FAULT_EMPTY, true },
	{ "slow", FAULT_SLOW, true },
	{ "delay", FAULT_DELAY, true },
	{ "reset", FAULT_RESET, false },
	{ "hang", FAULT_HANG, false },
	{ "stale", FAULT_STALE, true },
	{ "unauthorized", FAULT_UNAUTHORIZED, false },
	{ "forbidden", FAULT_FORBIDDEN, false },
	{ "rate", FAULT_RATE, false },
	{ "redirect", FAULT_REDIRECT, false },
	{ "huge", FAULT_HUGE, true },
	{ "unknown_word", FAULT_UNKNOWN_WORD, true },
	{ "missing", FAULT_MISSING, false },
};

const char *
fault_name(enum fault_kind kind)
{
	size_t i;

	for (i = 0; i < sizeof(fault_kinds) / sizeof(fault_kinds[0]); i++)
		if (fault_kinds[i].kind == kind)
			return fault_kinds[i].name;
	return "none";
}

static int
fault_set_kind(struct fault *f, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(fault_kinds) / sizeof(fault_kinds[0]); i++) {
		if (strcmp(fault_kinds[i].name, name) == 0) {
			f->kind = fault_kinds[i].kind;
			f->done = fault_kinds[i].done;
			return 0;
		}
	}
	return -1;
}

/* Adds the fault described; -1 and a message when it makes no sense. */
int
fault_add(json_object *o, char *err, size_t size)
{
	struct fault f;
	const char *s;

	memset(&f, 0, sizeof(f));
	if (fault_set_kind(&f, js_str(o, "kind")) != 0) {
		snprintf(err, size, "unknown kind \"%s\"", js_str(o, "kind"));
		return -1;
	}
	if ((f.sys = server_sys(js_str(o, "system"))) < -1) {
		snprintf(err, size, "no such system");
		return -1;
	}
	if (nfaults == FAULTS_MAX) {
		snprintf(err, size, "too many faults");
		return -1;
	}
	s = js_str(o, "method");
	snprintf(f.method, sizeof(f.method), "%s", s[0] == '\0' ? "*" : s);
	snprintf(f.path, sizeof(f.path), "%s", js_str(o, "path"));
	snprintf(f.body, sizeof(f.body), "%s", js_str(o, "body"));
	f.times = js_int(o, "times", 0);
	f.after = js_int(o, "after", 0);
	f.status = (unsigned int)js_int(o, "status",
	    f.sys == SYS_SMTP ? 451 : 503);
	f.retry_after = js_int(o, "retry_after", -1);
	f.ms = js_int(o, "ms", 1000);
	f.done = js_bool(o, "done", f.done);
	faults[nfaults++] = f;
	return 0;
}

void
fault_drop_all(void)
{
	nfaults = 0;
}

json_object *
fault_list(void)
{
	json_object *a = json_object_new_array(), *o;
	size_t i;

	for (i = 0; i < nfaults; i++) {
		o = json_object_new_object();
		js_set_str(o, "kind", fault_name(faults[i].kind));
		js_set_str(o, "method", faults[i].method);
		js_set_str(o, "path", faults[i].path);
		js_set_int(o, "times", faults[i].times);
		js_set_int(o, "hits", faults[i].hits);
		js_add(a, o);
	}
	return a;
}

static bool
fault_fits(const struct fault *f, const struct req *q)
{
	if (f->sys >= 0 && f->sys != (int)q->sys)
		return false;
	if (strcmp(f->method, "*") != 0 ? strcmp(f->method, q->method) != 0 :
	    q->named_only)
		return false;
	/* These lie about writes; a read must not use them up. */
	if ((f->kind == FAULT_STALE || f->kind == FAULT_NOTHING ||
	    f->kind == FAULT_MISSING) && (strcmp(q->method, "GET") == 0 ||
	    (q->sys == SYS_VANTA && strcmp(q->uri, "/oauth/token") == 0)))
		return false;
	return strstr(q->uri, f->path) != NULL;
}

/* The fault this request meets, by value; its kind is FAULT_NONE if none. */
struct fault
fault_pick(const struct req *q)
{
	struct fault none;
	size_t i;

	memset(&none, 0, sizeof(none));
	for (i = 0; i < nfaults; i++) {
		if (!fault_fits(&faults[i], q))
			continue;
		if (faults[i].after > 0) {
			faults[i].after--;
			continue;
		}
		if (faults[i].times > 0 && faults[i].hits >= faults[i].times)
			continue;
		faults[i].hits++;
		return faults[i];
	}
	return none;
}

/* Is the request put through to the handlers at all? */
bool
fault_runs(const struct fault *f)
{
	return f->kind == FAULT_NONE || f->kind == FAULT_NOTHING ||
	    f->kind == FAULT_MISSING || f->done;
}

/* Is it put through on a copy that is thrown away? */
bool
fault_pretends(const struct fault *f)
{
	return f->kind == FAULT_NOTHING ||
	    (f->kind == FAULT_MISSING && !f->done);
}
