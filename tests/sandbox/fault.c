/*
 * fault.c: the faults asked for on the control port, when they strike and
 * what they answer; it must not touch the company itself.
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

static int
fault_set_system(struct fault *f, const char *name)
{
	if (name[0] == '\0' || strcmp(name, "*") == 0)
		f->sys = -1;
	else if (strcmp(name, "doorflow") == 0)
		f->sys = SYS_DOORFLOW;
	else if (strcmp(name, "acceldata") == 0)
		f->sys = SYS_ACCELDATA;
	else
		return -1;
	return 0;
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
	if (fault_set_system(&f, js_str(o, "system")) != 0) {
		snprintf(err, size, "system is doorflow, acceldata or *");
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
	f.status = (unsigned int)js_int(o, "status", 503);
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
	if (strcmp(f->method, "*") != 0 && strcmp(f->method, q->method) != 0)
		return false;
	/* These two lie about writes; a read must not use them up. */
	if ((f->kind == FAULT_STALE || f->kind == FAULT_NOTHING) &&
	    strcmp(q->method, "GET") == 0)
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
	return f->kind == FAULT_NONE || f->kind == FAULT_NOTHING || f->done;
}

static void
fault_rate(struct ctx *c, const struct fault *f)
{
	json_object *o;
	char num[32];

	if (c->q->sys == SYS_DOORFLOW) {
		o = json_object_new_object();
		js_set_str(o, "error", "rate_limited");
		js_set_str(o, "description", "Too many requests.");
		js_set_int(o, "retry_in",
		    f->retry_after < 0 ? 1 : f->retry_after);
		reply_json(c, 429, o);
		return;
	}
	reply_text(c, 429, "");
	if (f->retry_after >= 0) {
		snprintf(num, sizeof(num), "%lld", f->retry_after);
		reply_head(c->r, "Retry-After", num);
	}
}

static void
fault_status(struct ctx *c, const struct fault *f)
{
	char num[32];

	if (f->body[0] != '\0') {
		reply_text(c, f->status, f->body);
		if (f->body[0] == '{' || f->body[0] == '[')
			c->r->type = "application/json; charset=utf-8";
	} else if (c->q->sys == SYS_DOORFLOW)
		reply_doorflow(c, f->status, "simulated_fault",
		    "This answer was asked for on the control port");
	else
		reply_status(c, f->status, "Simulated fault");
	if (f->retry_after >= 0) {
		snprintf(num, sizeof(num), "%lld", f->retry_after);
		reply_head(c->r, "Retry-After", num);
	}
}

static void
fault_refuse(struct ctx *c, const struct fault *f)
{
	bool who = f->kind == FAULT_UNAUTHORIZED;
	unsigned int status = who ? 401 : 403;

	if (c->q->sys == SYS_DOORFLOW)
		reply_doorflow(c, status, who ? "unauthorized" : "forbidden",
		    who ? "The access token is invalid" :
		    "You are not authorized to access this resource");
	else
		reply_status(c, status, who ? "Unauthorized" :
		    "Insufficient permissions");
}

static void
fault_false(struct ctx *c)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "message", "Failed to carry out the request");
	js_set_bool(o, reply_is_guide(c) ? "success" : "status", false);
	reply_json(c, 200, o);
}

/* Puts the answer of the fault in place of whatever was there. */
void
fault_answer(struct ctx *c, const struct fault *f)
{
	switch (f->kind) {
	case FAULT_STATUS:
	case FAULT_DONE_THEN_STATUS:
		reply_clear(c->r);
		fault_status(c, f);
		break;
	case FAULT_FALSE:
		reply_clear(c->r);
		fault_false(c);
		break;
	case FAULT_UNAUTHORIZED:
	case FAULT_FORBIDDEN:
		reply_clear(c->r);
		fault_refuse(c, f);
		break;
	case FAULT_RATE:
		reply_clear(c->r);
		fault_rate(c, f);
		break;
	case FAULT_REDIRECT:
		reply_clear(c->r);
		reply_text(c, 302, "");
		reply_head(c->r, "Location", f->body[0] != '\0' ? f->body :
		    "http://elsewhere.example/");
		break;
	default:
		break;
	}
}

/* Overwrites sync.status wherever the answer has one. */
static void
fault_word(struct ctx *c)
{
	json_object *o = js_parse(c->r->body, c->r->len), *list, *sync;
	size_t i;

	if (o == NULL)
		return;
	if ((sync = js_get(o, "sync")) != NULL)
		js_set_str(sync, "status", "quantum");
	list = json_object_is_type(o, json_type_array) ? o :
	    js_get(o, "channels");
	for (i = 0; i < js_len(list); i++)
		if ((sync = js_get(js_at(list, i), "sync")) != NULL)
			js_set_str(sync, "status", "quantum");
	reply_json(c, c->r->status, o);
}

/* Spoils a finished answer, and says how it has to leave. */
enum deliver
fault_spoil(struct ctx *c, const struct fault *f)
{
	unsigned int status = c->r->status;

	switch (f->kind) {
	case FAULT_TRUNCATE:
		return DELIVER_CUT;
	case FAULT_HALF:
		c->r->len /= 2;
		return DELIVER_PLAIN;
	case FAULT_GARBAGE:
		reply_text(c, status, "<html><body>%&$ not what you asked"
		    "\x01\xff</body>");
		return DELIVER_PLAIN;
	case FAULT_EMPTY:
		reply_text(c, status, "");
		return DELIVER_PLAIN;
	case FAULT_SLOW:
		return DELIVER_SLOW;
	case FAULT_RESET:
		return DELIVER_RESET;
	case FAULT_HANG:
		return DELIVER_HANG;
	case FAULT_HUGE:
		return DELIVER_HUGE;
	case FAULT_UNKNOWN_WORD:
		fault_word(c);
		return DELIVER_PLAIN;
	default:
		return DELIVER_PLAIN;
	}
}
