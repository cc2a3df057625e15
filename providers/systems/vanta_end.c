/*
 * Vanta: confirming that an offboarding is over, for many people in one
 * request, and reading it back. A 200 says nothing: every person has a result
 * in it, and the person's own entry decides. It is an acknowledgement that
 * ends no access, and never counts as containment.
 */
#include "vanta.h"

#include <stdio.h>
#include <string.h>

#define WHAT "confirm the offboarding"
#define AGAIN_MS 2000

/* Visits that go together. One whose outcome is OUT_OK goes on. */
struct batch {
	struct visit	**v;
	enum outcome	 *out;
	unsigned	  n;
};

/* What befell one befell all that are still on their way. */
static void
batch_end(struct batch *b, const struct visit *from, enum outcome out)
{
	unsigned i;

	for (i = 0; i < b->n; i++) {
		if (b->out[i] != OUT_OK)
			continue;
		b->out[i] = out;
		b->v[i]->wait = from->wait;
		b->v[i]->status = from->status;
		if (b->v[i] != from)
			(void)text_copy(b->v[i]->detail,
			    sizeof(b->v[i]->detail), from->detail);
	}
}

static struct visit *
batch_first(const struct batch *b)
{
	unsigned i;

	for (i = 0; i < b->n; i++)
		if (b->out[i] == OUT_OK)
			return b->v[i];
	return NULL;
}

/* ---- the request ---- */

static struct json_object *
batch_body(const struct batch *b)
{
	const struct system *sys = b->v[0]->sys;
	const char *boss = visit_setting(sys, "acknowledger");
	int legacy = strcmp(visit_setting(sys, "offboard_body"),
	    "legacy") == 0;
	struct json_object *body = json_object_new_object(), *o;
	struct json_object *list = json_object_new_array();
	unsigned i;

	for (i = 0; i < b->n; i++) {
		if (b->out[i] != OUT_OK)
			continue;
		if (legacy) {
			json_object_array_add(list, json_object_new_string(
			    b->v[i]->account));
			continue;
		}
		o = json_object_new_object();
		json_object_object_add(o, "id",
		    json_object_new_string(b->v[i]->account));
		json_object_object_add(o, "acknowledgerId",
		    json_object_new_string(boss));
		json_object_array_add(list, o);
	}
	json_object_object_add(body, legacy ? "employeeIds" : "updates", list);
	if (legacy)
		json_object_object_add(body, "offboardingAcknowledgerId",
		    json_object_new_string(boss));
	return body;
}

/* The first one's intent is kept with the call itself; the others' here. */
static void
batch_intents(struct batch *b, const struct visit *first)
{
	struct visit *v;
	struct err e;
	unsigned i;

	for (i = 0; i < b->n; i++) {
		v = b->v[i];
		if (b->out[i] == OUT_OK && v != first &&
		    v->hooks->before(v, WHAT, &e) == -1)
			b->out[i] = visit_end(v, OUT_RETRY, "%s", e.text);
	}
}

static enum outcome
batch_post(struct batch *b, struct json_object **j)
{
	struct visit *first = batch_first(b);
	struct visit_call c;
	char result[200];
	struct buf path;
	enum outcome out;
	unsigned i;

	batch_intents(b, first);
	buf_init(&path, 512);
	http_path(&path, "v1", "people", "offboard", NULL);
	memset(&c, 0, sizeof(c));
	c.method = "POST";
	c.path = &path;
	c.body = batch_body(b);
	c.what = WHAT;
	c.out = j;
	/* An answer that got lost is no loss: everybody is read back. */
	c.may_be_empty = 1;
	out = vanta_call(first, &c);
	json_object_put(c.body);
	if (out == OUT_OK)
		(void)snprintf(result, sizeof(result), "answered %ld",
		    first->status);
	else
		(void)text_copy(result, sizeof(result), first->detail);
	for (i = 0; i < b->n; i++)
		if (b->out[i] == OUT_OK && b->v[i] != first)
			b->v[i]->hooks->after(b->v[i], result);
	return out;
}

/* ---- the answer ---- */

/* The person's own entry, once: the others of the batch wait for it, too. If
 * it comes late, the next try finds it, or confirms once more in vain. */
static enum outcome
read_back(struct visit *v, const char *trouble)
{
	struct vanta_person p;
	enum outcome out = vanta_person(v, &p);

	if (out != OUT_OK)
		return out;
	if (vanta_is_complete(&p))
		return visit_end(v, OUT_VERIFIED, "the offboarding is "
		    "complete there");
	return visit_end(v, OUT_RETRY, "%s %s, and shows the tasks as %s",
	    v->sys->name, trouble, p.tasks);
}

/* What keeps it from being complete is named by its message only. */
static enum outcome
result_error(struct visit *v, const char *message)
{
	static const char *const passing[] = { "account", "task", "eligible",
	    "employ", "former" };
	char what[400];
	size_t i;

	for (i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (strcasestr(message, passing[i]) != NULL) {
			(void)snprintf(what, sizeof(what), "what Vanta still "
			    "misses: %.300s", message);
			return vanta_wait(v, what);
		}
	return visit_end(v, OUT_FAILED, "%s answered 200 but did not confirm "
	    "the offboarding: %.300s", v->sys->name, message[0] != '\0' ?
	    message : "it gives no reason");
}

/* The guide's answer names those who are through, and nobody else. */
static enum outcome
result_legacy(struct visit *v, struct json_object *list)
{
	struct vanta_person p;
	enum outcome out;
	const char *id;
	size_t i;

	for (i = 0; i < visit_length(list); i++) {
		id = json_object_get_string(json_object_array_get_idx(list,
		    i));
		if (id != NULL && strcmp(id, v->account) == 0)
			return read_back(v, "confirmed the offboarding");
	}
	out = vanta_person(v, &p);
	if (out != OUT_OK)
		return out;
	if (vanta_is_complete(&p))
		return visit_end(v, OUT_VERIFIED, "the offboarding is "
		    "complete there");
	out = vanta_wait(v, "what Vanta still misses: accounts that it "
	    "watches, or offboarding tasks (it does not say which)");
	/* Or it has only slipped: then once more will do. */
	if (out == OUT_WAIT && v->waited == 0)
		v->wait = AGAIN_MS;
	return out;
}

static enum outcome
result_of(struct visit *v, struct json_object *j)
{
	struct json_object *list = visit_list(j, "results"), *row;
	struct json_object *legacy = visit_list(j, "offboardedPeople");
	char id[WORD_MAX], message[TEXT_MAX];
	const char *status;
	size_t i;

	if (legacy != NULL && !json_object_is_type(j, json_type_array))
		return result_legacy(v, legacy);
	for (i = 0; i < visit_length(list); i++) {
		row = json_object_array_get_idx(list, i);
		visit_id(row, "id", id);
		if (strcmp(id, v->account) != 0)
			continue;
		status = visit_text(row, "status");
		(void)text_copy(message, sizeof(message), visit_text(row,
		    "message"));
		if (strcmp(status, "SUCCESS") == 0)
			return read_back(v, "confirmed the offboarding");
		if (strcmp(status, "ERROR") == 0)
			return result_error(v, message);
		return visit_end(v, OUT_UNCLEAR, "%s answered \"%.40s\" for "
		    "this person, which is no word of its contract: look "
		    "there", v->sys->name, status);
	}
	return read_back(v, "said nothing about this person");
}

/* ---- remove ---- */

static void
batch_alone(struct batch *b, unsigned i)
{
	struct batch one = { &b->v[i], &b->out[i], 1 };
	struct json_object *j = NULL;
	enum outcome out = batch_post(&one, &j);

	if (out != OUT_OK)
		batch_end(&one, b->v[i], out);
	else
		b->out[i] = result_of(b->v[i], j);
	json_object_put(j);
}

static void
batch_run(struct batch *b)
{
	struct visit *first = batch_first(b);
	struct json_object *j = NULL;
	enum outcome out;
	unsigned i;

	out = vanta_acknowledger(first);
	if (out != OUT_OK) {
		batch_end(b, first, out);
		return;
	}
	out = batch_post(b, &j);
	/* One that it cannot stomach must not keep the others. */
	for (i = 0; i < b->n; i++)
		if (b->out[i] == OUT_OK && out == OUT_FAILED && b->n > 1 &&
		    first->status != 403)
			batch_alone(b, i);
		else if (b->out[i] == OUT_OK && out == OUT_OK)
			b->out[i] = result_of(b->v[i], j);
	if (out != OUT_OK)
		batch_end(b, first, out);
	json_object_put(j);
}

void
vanta_together(struct visit **v, enum outcome *outs, unsigned n)
{
	struct batch b = { v, outs, n };
	unsigned i;

	for (i = 0; i < n; i++)
		outs[i] = OUT_OK;
	for (i = 0; i < n; i++) {
		outs[i] = vanta_ready(v[i]);
		/* No answer for one is none for the rest. */
		if (visit_is_over(outs[i])) {
			enum outcome out = outs[i];

			batch_end(&b, v[i], out);
			return;
		}
	}
	if (batch_first(&b) != NULL)
		batch_run(&b);
}

enum outcome
vanta_remove(struct visit *v)
{
	enum outcome out;

	vanta_together(&v, &out, 1);
	return out;
}

/* ---- verify, and look again later ---- */

static void
person_after(struct visit *v, const struct vanta_person *p)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "employment",
	    json_object_new_string(p->employment));
	json_object_object_add(o, "ended", json_object_new_string(p->ended));
	json_object_object_add(o, "tasks", json_object_new_string(p->tasks));
	json_object_object_add(o, "open", json_object_new_string(p->open));
	visit_after(v, "person", o);
}

enum outcome
vanta_verify(struct visit *v)
{
	struct vanta_person p;
	enum outcome out = vanta_person(v, &p);

	if (out == OUT_GONE)
		return visit_end(v, OUT_FAILED, "%s no longer shows person %s: "
		    "somebody removed it; check it there", v->sys->name,
		    v->account);
	if (out != OUT_OK)
		return out;
	person_after(v, &p);
	if (vanta_is_complete(&p))
		return visit_end(v, OUT_VERIFIED, "the employment is FORMER "
		    "and the tasks are OFFBOARDING_COMPLETE");
	if (vanta_makes(v->sys, PHASE_REMOVE))
		return visit_end(v, OUT_FAILED, "%s shows the employment as %s "
		    "and the tasks as %s: retry %s to confirm the offboarding",
		    v->sys->name, p.employment, p.tasks, v->sys->name);
	visit_task(v, "Confirm the offboarding of %s in %s by hand, then retry "
	    "(remove = off).", v->who->email, v->sys->name);
	return visit_end(v, OUT_MANUAL, "the employment is %s and the tasks "
	    "are %s", p.employment, p.tasks);
}

enum outcome
vanta_recheck(struct visit *v)
{
	struct vanta_person p;
	enum outcome out = vanta_person(v, &p);

	if (out == OUT_GONE)
		return visit_end(v, OUT_ABSENT, "%s lists the person no more",
		    v->sys->name);
	if (out != OUT_OK)
		return out;
	if (vanta_is_complete(&p))
		return visit_end(v, OUT_VERIFIED, "the offboarding is still "
		    "complete there");
	return visit_end(v, OUT_OPEN, "%s shows the employment as %s and the "
	    "tasks as %s again", v->sys->name, p.employment, p.tasks);
}
