/*
 * fault_say.c: what a fault answers, each service in its own words; it must
 * not decide when one strikes.
 */
#include "sandbox.h"

#include <stdio.h>
#include <string.h>

static void
fault_retry(struct ctx *c, const struct fault *f)
{
	if (f->retry_after >= 0)
		reply_head_int(c->r, "Retry-After", f->retry_after);
}

/* A refusal as this service words it. */
static void
fault_refusal(struct ctx *c, unsigned int status, const char *word,
    const char *text)
{
	json_object *o, *e;
	char num[16];

	if (c->q->sys == SYS_DOORFLOW) {
		reply_doorflow(c, status, word, text);
		return;
	}
	if (c->q->sys == SYS_ACCELDATA) {
		reply_status(c, status, text);
		return;
	}
	o = json_object_new_object();
	if (c->q->sys == SYS_FASTIO && !reply_is_guide(c)) {
		e = json_object_new_object();
		js_set_int(e, "code", status == 401 ? 10011 : 1670);
		js_set_str(e, "text", text);
		js_set_str(o, "result", "no");
		js_set(o, "error", e);
	} else if (c->q->sys == SYS_SCIM) {
		snprintf(num, sizeof(num), "%u", status);
		js_add(js_arr(o, "schemas"), json_object_new_string(
		    "urn:ietf:params:scim:api:messages:2.0:Error"));
		js_set_str(o, "status", num);
		js_set_str(o, "detail", text);
	} else
		js_set_str(o, status == 401 ? "error" : "message", text);
	reply_json(c, status, o);
	if (c->q->sys == SYS_SCIM)
		c->r->type = "application/scim+json";
}

/* 429: everybody says in another place how long to wait. */
static void
fault_rate(struct ctx *c, const struct fault *f)
{
	json_object *o;
	long long wait = f->retry_after < 0 ? 1 : f->retry_after;

	switch (c->q->sys) {
	case SYS_DOORFLOW:
		o = json_object_new_object();
		js_set_str(o, "error", "rate_limited");
		js_set_str(o, "description", "Too many requests.");
		js_set_int(o, "retry_in", wait);
		reply_json(c, 429, o);
		break;
	case SYS_ACCELDATA:
		reply_text(c, 429, "");
		fault_retry(c, f);
		break;
	case SYS_FASTIO:
		fault_refusal(c, 429, "", "Too many requests");
		reply_head(c->r, "x-ve-limit-avail", "0");
		reply_head(c->r, "x-ve-limit-max", "5");
		reply_head_int(c->r, "x-ve-limit-expires",
		    (c->now + 999) / 1000 + wait);
		break;
	default:
		fault_refusal(c, 429, "", "Too many requests");
		reply_head_int(c->r, "Retry-After", wait);
		break;
	}
}

static void
fault_status(struct ctx *c, const struct fault *f)
{
	if (f->body[0] != '\0') {
		reply_text(c, f->status, f->body);
		if (f->body[0] == '{' || f->body[0] == '[')
			c->r->type = "application/json; charset=utf-8";
	} else if (c->q->sys == SYS_DOORFLOW)
		reply_doorflow(c, f->status, "simulated_fault",
		    "This answer was asked for on the control port");
	else
		fault_refusal(c, f->status, "", "Simulated fault");
	fault_retry(c, f);
}

static void
fault_refuse(struct ctx *c, const struct fault *f)
{
	bool who = f->kind == FAULT_UNAUTHORIZED, df;

	df = c->q->sys == SYS_DOORFLOW;
	if (who)
		fault_refusal(c, 401, "unauthorized",
		    df ? "The access token is invalid" : "Unauthorized");
	else
		fault_refusal(c, 403, "forbidden", df ?
		    "You are not authorized to access this resource" :
		    "Insufficient permissions");
}

/* 200 and, in the body, that it did not work. */
static void
fault_false(struct ctx *c)
{
	json_object *o = json_object_new_object();

	if (c->q->sys == SYS_FASTIO || c->q->sys == SYS_VANTA ||
	    c->q->sys == SYS_SCIM) {
		json_object_put(o);
		fault_refusal(c, 500, "", "Failed to carry out the request");
		c->r->status = 200;
		return;
	}
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

/* Overwrites the word under key, if there is one. */
static void
fault_put_word(json_object *o, const char *key, const char *word)
{
	if (js_has(o, key))
		js_set_str(o, key, word);
}

/* One record: whatever tells whether somebody is in or out. */
static void
fault_word_row(struct ctx *c, json_object *o)
{
	bool vanta = c->q->sys == SYS_VANTA;
	const char *word = vanta ? "QUANTUM" : "quantum";

	if (c->q->sys == SYS_SCIM) {
		fault_put_word(o, "active", "maybe");
		return;
	}
	fault_put_word(o, "status", word);
	fault_put_word(js_get(o, "employment"), "status", word);
	fault_put_word(js_get(o, "tasksSummary"), "status", word);
}

/* Finds the records in an answer of the three later services. */
static void
fault_word_rows(struct ctx *c, json_object *o)
{
	static const char *const inside[] = {
		"response", "users", "member", "members", "Resources",
		"resources", "results", "data"
	};
	json_object *v;
	size_t i;

	for (i = 0; i < js_len(o); i++)
		fault_word_row(c, js_at(o, i));
	fault_word_row(c, o);
	for (i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if ((v = js_get(o, inside[i])) != NULL)
			fault_word_rows(c, v);
}

/* Overwrites sync.status wherever the answer has one. */
static void
fault_word_sync(json_object *o)
{
	json_object *list, *sync;
	size_t i;

	if ((sync = js_get(o, "sync")) != NULL)
		js_set_str(sync, "status", "quantum");
	list = json_object_is_type(o, json_type_array) ? o :
	    js_get(o, "channels");
	for (i = 0; i < js_len(list); i++)
		if ((sync = js_get(js_at(list, i), "sync")) != NULL)
			js_set_str(sync, "status", "quantum");
}

/* Changes the finished answer: a word nobody knows, or a result less. */
static void
fault_rewrite(struct ctx *c, const struct fault *f)
{
	json_object *o = js_parse(c->r->body, c->r->len), *a;
	const char *type = c->r->type;

	if (o == NULL)
		return;
	if (f->kind == FAULT_MISSING) {
		a = js_get(o, reply_is_guide(c) && c->q->sys == SYS_VANTA ?
		    "offboardedPeople" : "results");
		if (js_len(a) > 0)
			json_object_array_del_idx(a, 0, 1);
	} else if (c->q->sys == SYS_DOORFLOW || c->q->sys == SYS_ACCELDATA)
		fault_word_sync(o);
	else
		fault_word_rows(c, o);
	reply_json(c, c->r->status, o);
	c->r->type = type;
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
	case FAULT_MISSING:
		fault_rewrite(c, f);
		return DELIVER_PLAIN;
	default:
		return DELIVER_PLAIN;
	}
}
