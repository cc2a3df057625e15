/* Dry runs and the doctor: questions from the record, asked of every system
 * side by side, answered into the record. Never changes anything out there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "../base/log.h"
#include "../visit.h"
#include "guard.h"
#include "inside.h"

#define ANSWERS_MAX 64

/* A changing call in a dry run is a bug; this makes sure that it is not one
 * that anybody out there notices. */
static int
hook_never(struct visit *v, const char *what, struct err *e)
{
	(void)v;
	return err_set(e, "a dry run must not %s", what);
}

static void
hook_nothing(struct visit *v, const char *what)
{
	(void)v;
	(void)what;
}

static void
hook_pace(struct visit *v)
{
	visits_hooks.pace(v);
}

static struct store *
hook_lock(struct visit *v)
{
	return visits_hooks.lock(v);
}

static void
hook_unlock(struct visit *v)
{
	visits_hooks.unlock(v);
}

static const struct visit_hooks hooks = {
	hook_never, hook_nothing, hook_pace, hook_lock, hook_unlock,
};

static void
put_text(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

static void
add_lines(struct json_object *o, const char *key, const char *text)
{
	struct json_object *list = json_object_new_array();
	const char *end;

	for (; *text != '\0'; text = *end == '\0' ? end : end + 1) {
		end = text + strcspn(text, "\n");
		json_object_array_add(list, json_object_new_string_len(text,
		    (int)(end - text)));
	}
	json_object_object_add(o, key, list);
}

/* What each phase would do, for a person who is there. */
static struct json_object *
plan_steps(struct system *sys, const struct visit *v, enum outcome out)
{
	struct json_object *list = json_object_new_array(), *j;
	const struct provider *p = sys->provider;
	unsigned phase;
	int there = out == OUT_VERIFIED || out == OUT_DONE;

	for (phase = 0; phase < PHASE_RESTORE; phase++) {
		if (registry_has(sys, (enum phase)phase) == 0)
			continue;
		j = json_object_new_object();
		put_text(j, "phase", phase_word((enum phase)phase));
		put_text(j, "state", phase == PHASE_DOCUMENT && there ?
		    "verified" : v->found == FOUND_ABSENT ? "absent" :
		    v->found == FOUND_AMBIGUOUS || out == OUT_FAILED ||
		    out == OUT_REFUSED ? "failed" : out == OUT_MANUAL ?
		    "manual" : "pending");
		json_object_object_add(j, "attempts",
		    json_object_new_int(0));
		json_object_object_add(j, "at", NULL);
		put_text(j, "detail", phase == PHASE_DOCUMENT || !there ?
		    v->detail : p->would[phase] == NULL ? "" :
		    p->would[phase]);
		json_object_object_add(j, "irreversible",
		    json_object_new_boolean((p->irreversible >> phase & 1) !=
		    0));
		json_object_array_add(list, j);
	}
	return list;
}

static const char *
outcome_word(enum outcome out)
{
	switch (out) {
	case OUT_VERIFIED:
		return "ok";
	case OUT_REFUSED:
		return "refused";
	case OUT_UNREACHED:
	case OUT_BUSY:
	case OUT_RETRY:
		return "unreached";
	default:
		return "failed";
	}
}

static struct json_object *
answer_one(struct worker *w, struct inquiry *q, struct visit *v,
    enum outcome out)
{
	static const char *const found[] = { "unknown", "found", "absent",
	    "ambiguous" };
	struct json_object *j = json_object_new_object();

	put_text(j, "system", w->lane->conf->name);
	put_text(j, "kind", w->lane->conf->kind);
	put_text(j, "detail", v->detail);
	if (q->kind == JOB_CHECK) {
		put_text(j, "state", outcome_word(out));
		return j;
	}
	json_object_object_add(j, "account", v->account[0] == '\0' ||
	    v->found == FOUND_ABSENT || v->found == FOUND_AMBIGUOUS ? NULL :
	    json_object_new_string(v->account));
	put_text(j, "found", found[v->found]);
	put_text(j, "label", v->label);
	json_object_object_add(j, "answered", json_object_new_boolean(
	    out == OUT_VERIFIED || out == OUT_ABSENT || out == OUT_AMBIGUOUS ||
	    out == OUT_MANUAL));
	add_lines(j, "holds", buf_cstr(&v->holds));
	if (v->before != NULL)
		json_object_object_add(j, "before",
		    json_object_get(v->before));
	json_object_object_add(j, "steps", v->sys == NULL ?
	    json_object_new_array() : plan_steps(v->sys, v, out));
	return j;
}

static enum outcome
inquire(struct worker *w, struct inquiry *q, struct visit *v)
{
	enum outcome out;
	struct err e;

	v->sys = visits_system(w, &e);
	if (v->sys == NULL)
		return visit_end(v, OUT_FAILED, "%s", e.text);
	if (q->kind == JOB_CHECK)
		return v->sys->provider->check(v);
	v->found = FOUND_YES;
	out = v->sys->provider->match(v);
	text_clean(v->label);
	if (out == OUT_OK)
		return v->sys->provider->phases[PHASE_DOCUMENT](v);
	v->found = out == OUT_ABSENT ? FOUND_ABSENT : out == OUT_AMBIGUOUS ?
	    FOUND_AMBIGUOUS : FOUND_UNKNOWN;
	return out;
}

/* ---- the whole answer ---- */

static const char *
first_label(const struct inquiry *q, unsigned n)
{
	const char *label;
	unsigned i;

	for (i = 0; i < n; i++) {
		label = visit_text(q->systems[i], "label");
		if (label[0] != '\0' && strcmp(visit_text(q->systems[i],
		    "kind"), "linux") != 0)
			return label;
	}
	return "";
}

static struct json_object *
answer_whole(struct engine *en, struct inquiry *q)
{
	struct json_object *j = json_object_new_object(), *p, *list;
	char now[WHEN_TEXT];
	unsigned i;

	list = json_object_new_array();
	if (q->kind == JOB_PLAN) {
		p = json_object_new_object();
		put_text(p, "email", q->who.email);
		put_text(p, "name", q->who.name[0] != '\0' ? q->who.name :
		    first_label(q, en->nlanes));
		put_text(p, "login", q->who.login);
		json_object_object_add(j, "person", p);
		/* The keys of a case, so that one reader reads both. */
		when_text(q->who.effective_at, now);
		put_text(j, "requested_at", now);
		put_text(j, "effective_at", now);
		json_object_object_add(j, "contained_at", NULL);
		json_object_object_add(j, "completed_at", NULL);
		json_object_object_add(j, "emergency",
		    json_object_new_boolean(q->who.emergency));
		put_text(j, "handover", q->who.handover);
	}
	put_text(j, "error", "");
	for (i = 0; i < en->nlanes; i++) {
		json_object_array_add(list, q->systems[i]);
		q->systems[i] = NULL;
	}
	json_object_object_add(j, "systems", list);
	json_object_object_add(j, "tasks", json_object_new_array());
	return j;
}

/* The doctor's word on [notify], where it is used: sends nothing. */
static void
check_notify(struct engine *en, struct json_object *whole)
{
	const struct settings_notify *n = &en->set->notify;
	struct json_object *j, *list;
	struct err e;
	int ok;

	if (n->smtp_url == NULL && n->webhook_url == NULL)
		return;
	ok = post_check(n, &e) == 0;
	j = json_object_new_object();
	put_text(j, "system", "notify");
	put_text(j, "kind", "notify");
	put_text(j, "state", ok ? "ok" : "failed");
	put_text(j, "detail", ok ? "its secrets can be used; nothing was sent"
	    : e.text);
	if (json_object_object_get_ex(whole, "systems", &list))
		json_object_array_add(list, j);
	else
		json_object_put(j);
}

/* Under the lock. */
static int
inquiry_end(struct engine *en, struct inquiry *q, struct err *e)
{
	struct json_object *j = answer_whole(en, q);
	int rc;

	if (q->kind == JOB_CHECK)
		check_notify(en, j);
	rc = request_answer(en->store, q->request,
	    json_object_to_json_string_ext(j, JSON_C_TO_STRING_PLAIN), e);

	json_object_put(j);
	free(q);
	return rc;
}

void
inquiry_run(struct worker *w, struct inquiry *q)
{
	struct engine *en = w->lane->engine;
	struct { struct worker *worker; } baggage = { w };
	struct json_object *answer;
	enum outcome out;
	struct visit v;
	struct err e;

	memset(&v, 0, sizeof(v));
	v.who = &q->who;
	v.hooks = &hooks;
	v.arg = &baggage;
	v.dry = 1;
	v.emergency = q->who.emergency;
	buf_init(&v.holds, 16384);
	out = inquire(w, q, &v);
	answer = answer_one(w, q, &v, out);
	json_object_put(v.before);
	json_object_put(v.after);
	buf_clear(&v.holds);
	pthread_mutex_lock(&en->lock);
	/* The doctor's word counts for the steps, too. */
	if (q->kind == JOB_CHECK && out == OUT_REFUSED)
		outcome_stop(w->lane, v.detail);
	else if (q->kind == JOB_CHECK && out == OUT_VERIFIED &&
	    w->lane->stopped[0] != '\0' &&
	    system_clear(en->store, w->lane->conf->name, &e) == STORE_OK)
		w->lane->stopped[0] = '\0';
	q->systems[w->lane->index] = answer;
	if (--q->left == 0 && inquiry_end(en, q, &e) != STORE_OK)
		log_event(LOG_ERR, "record", "error", e.text, NULL);
	pthread_mutex_unlock(&en->lock);
}

/* ---- taking questions ---- */

static int
answer_error(struct engine *en, int64_t id, const char *text, struct err *e)
{
	struct json_object *j = json_object_new_object();
	int rc;

	put_text(j, "error", text);
	json_object_object_add(j, "systems", json_object_new_array());
	rc = request_answer(en->store, id, json_object_to_json_string_ext(j,
	    JSON_C_TO_STRING_PLAIN), e);
	json_object_put(j);
	return rc;
}

/* Made at once: it takes the record and the key, no system. */
static int
answer_certificate(struct engine *en, const struct request *r, struct err *e)
{
	struct json_object *arg = json_tokener_parse(r->argument), *j;
	int64_t id = ob_number(visit_text(arg, "id"));
	struct certificate c;
	struct err why;
	int rc;

	json_object_put(arg);
	if (id <= 0 || certify_case(en, id, &c, &why) != STORE_OK)
		return answer_error(en, r->id, id <= 0 ? "there is no such "
		    "offboarding" : why.text, e);
	j = json_object_new_object();
	put_text(j, "error", "");
	put_text(j, "text", c.text);
	put_text(j, "signature", c.signature);
	rc = request_answer(en->store, r->id, json_object_to_json_string_ext(
	    j, JSON_C_TO_STRING_PLAIN), e);
	json_object_put(j);
	certificate_clear(&c);
	return rc;
}

static int
inquiry_who(struct engine *en, const struct request *r,
    struct offboarding *o, struct err *why)
{
	struct json_object *j = json_tokener_parse(r->argument), *m;
	char field[32];

	memset(o, 0, sizeof(*o));
	(void)text_copy(o->email, sizeof(o->email), visit_text(j, "email"));
	(void)text_copy(o->login, sizeof(o->login), visit_text(j, "login"));
	(void)text_copy(o->handover, sizeof(o->handover),
	    visit_text(j, "handover"));
	m = visit_member(j, "emergency", json_type_boolean);
	o->emergency = m != NULL && json_object_get_boolean(m);
	o->effective_at = when_now();
	json_object_put(j);
	/* The doctor asks for an address that nobody has. */
	if (strcmp(r->kind, "check") == 0) {
		(void)text_copy(o->email, sizeof(o->email),
		    "nobody@doctor.invalid");
		return 0;
	}
	return guard_fields(en->set, o, field, why);
}

static int
inquiry_give(struct engine *en, struct inquiry *q)
{
	unsigned i;

	for (i = 0; i < en->nlanes; i++)
		if (en->lanes[i].nwaiting == ANSWERS_MAX)
			return -1;
	for (i = 0; i < en->nlanes; i++)
		en->lanes[i].waiting[en->lanes[i].nwaiting++] = q;
	return 0;
}

int
inquiry_take(struct engine *en, struct err *e)
{
	struct inquiry *q;
	struct request r;
	struct err why;
	int rc;

	for (;;) {
		rc = request_next(en->store, en->asked, &r, e);
		if (rc != STORE_OK)
			return rc == STORE_NONE ? STORE_OK : rc;
		en->asked = r.id;
		if (strcmp(r.kind, "certificate") == 0) {
			rc = answer_certificate(en, &r, e);
			request_clear(&r);
			if (rc != STORE_OK)
				return rc;
			continue;
		}
		q = calloc(1, sizeof(*q));
		if (q == NULL) {
			request_clear(&r);
			return err_set(e, "out of memory");
		}
		q->request = r.id;
		q->kind = strcmp(r.kind, "check") == 0 ? JOB_CHECK : JOB_PLAN;
		q->left = en->nlanes;
		if (inquiry_who(en, &r, &q->who, &why) == -1)
			rc = answer_error(en, r.id, why.text, e);
		else if (en->nlanes == 0)
			rc = answer_error(en, r.id, "no system is configured: "
			    "add one to the configuration", e);
		else if (inquiry_give(en, q) == 0)
			q = NULL;
		else
			rc = answer_error(en, r.id, "too many dry runs at "
			    "once: try again in a moment", e);
		request_clear(&r);
		free(q);
		if (rc != STORE_OK)
			return rc;
	}
}
