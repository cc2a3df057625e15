/*
 * pipelines.c: pipelines of the data service, written whole or spoiled; it
 * must not be kinder than an upsert is.
 */
#include "sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The guide's dialect nests each item one level deeper. */
void
pipelines_summary(struct ctx *c)
{
	json_object *all = js_arr(c->t, "pipelines"), *page, *o, *meta, *w;
	long long at = req_query_int(c, "page", 0, 0, 1000000);
	long long size = req_query_int(c, "size", 25, 1, 1000);
	size_t i, from = (size_t)(at * size);

	page = json_object_new_array();
	for (i = from; i < js_len(all) && i - from < (size_t)size; i++) {
		o = js_public(js_at(all, i));
		json_object_object_del(o, "context");
		if (reply_is_guide(c)) {
			w = json_object_new_object();
			js_set(w, "pipelineSummary", o);
			o = w;
		}
		js_add(page, o);
	}
	meta = json_object_new_object();
	js_set_int(meta, "count", (long long)js_len(all));
	js_set_int(meta, "size", size);
	js_set_int(meta, "page", at);
	o = json_object_new_object();
	js_set(o, "pipelines", page);
	js_set(o, "meta", meta);
	reply_json(c, 200, o);
}

static json_object *
pipelines_find(struct ctx *c, const char *name)
{
	json_object *all = js_arr(c->t, "pipelines"), *p;
	char *end;
	long long id = strtoll(name, &end, 10);

	p = js_find(all, "uid", name);
	if (p == NULL && *name != '\0' && *end == '\0')
		p = js_find_int(all, "id", id);
	return p;
}

static void
pipelines_reply(struct ctx *c, json_object *p)
{
	json_object *o = json_object_new_object();

	js_set(o, "pipeline", js_public(p));
	reply_json(c, 200, o);
}

void
pipelines_get(struct ctx *c)
{
	json_object *p = pipelines_find(c, c->arg[0]);

	if (p == NULL)
		reply_status(c, 404, "Pipeline not found");
	else
		pipelines_reply(c, p);
}

/* What came with no known uid becomes a new pipeline, and is remembered. */
static json_object *
pipelines_create(struct ctx *c, json_object *in)
{
	long long id = js_int(c->t, "_next_pipeline", 900);
	json_object *p = js_copy(in), *note;
	char uid[48];

	js_set_int(c->t, "_next_pipeline", id + 1);
	js_set_int(p, "id", id);
	if (js_str(p, "uid")[0] == '\0') {
		snprintf(uid, sizeof(uid), "unnamed-%lld", id);
		js_set_str(p, "uid", uid);
	}
	js_set_int(p, "createdAt", c->now);
	js_set_bool(p, "_junk", true);
	js_add(js_arr(c->t, "pipelines"), p);
	note = json_object_new_object();
	js_set_int(note, "at_ms", c->now);
	js_set_str(note, "uid", js_str(p, "uid"));
	js_set(note, "body", js_ref(in));
	js_add(js_arr(c->t, "junk_pipelines"), note);
	return p;
}

/* Puts the new object where the old one, which is released, stood. */
static void
pipelines_swap(json_object *all, json_object *old, json_object *new)
{
	size_t i;

	for (i = 0; i < js_len(all); i++) {
		if (js_at(all, i) == old) {
			json_object_array_put_idx(all, i, new);
			return;
		}
	}
}

/*
 * Replaces the pipeline with this uid by the body: id and time of birth
 * belong to the server, everything else that was left out is lost.
 */
void
pipelines_put(struct ctx *c)
{
	json_object *in = js_get(c->in, "pipeline"), *p, *copy;

	if (!json_object_is_type(in, json_type_object))
		in = c->in;
	p = js_find(js_arr(c->t, "pipelines"), "uid", js_str(in, "uid"));
	if (p == NULL) {
		pipelines_reply(c, pipelines_create(c, in));
		return;
	}
	copy = js_copy(in);
	js_set(copy, "id", js_ref(js_get(p, "id")));
	js_set(copy, "createdAt", js_ref(js_get(p, "createdAt")));
	js_set_int(copy, "updatedAt", c->now);
	js_set_str(copy, "updatedBy", js_str(c->who, "email"));
	pipelines_swap(js_arr(c->t, "pipelines"), p, copy);
	pipelines_reply(c, copy);
}
