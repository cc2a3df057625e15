/*
 * Acceldata: who owns a pipeline, and giving it to somebody else. The PUT
 * replaces the complete object by its uid, so the whole pipeline is read, one
 * field changed, and the whole written back; then it is read once more.
 */
#include "acceldata.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PAGES_MAX 1000

/* The pipeline itself, wherever a summary or an answer keeps it. */
static struct json_object *
inner(struct json_object *row)
{
	static const char *const keys[] = { "pipelineSummary", "pipeline" };
	struct json_object *m;
	size_t i;

	for (i = 0; i < 2; i++) {
		m = visit_member(row, keys[i], json_type_object);
		if (m != NULL)
			return m;
	}
	return row;
}

static const char *
owner_of(struct json_object *pipeline)
{
	return visit_text(visit_member(pipeline, "meta", json_type_object),
	    "owner");
}

static void
pipeline_id(struct json_object *p, char id[WORD_MAX])
{
	visit_id(p, "uid", id);
	if (id[0] == '\0')
		visit_id(p, "id", id);
}

static enum outcome
pipeline_get(struct visit *v, const char *id, struct json_object **j,
    struct json_object **pipeline)
{
	enum outcome out = visit_get(v, j, "torch-pipeline", "api",
	    "pipelines", id, NULL);
	char got[WORD_MAX];

	*pipeline = out == OUT_OK ? inner(*j) : NULL;
	if (out == OUT_GONE)
		return visit_end(v, OUT_RETRY, "%s no longer shows pipeline "
		    "%.60s", v->sys->name, id);
	if (out != OUT_OK)
		return out;
	pipeline_id(*pipeline, got);
	if (strcmp(got, id) == 0)
		return OUT_OK;
	json_object_put(*j);
	*j = *pipeline = NULL;
	return visit_end(v, OUT_GARBLED, "%s sent something that is not "
	    "pipeline %.60s", v->sys->name, id);
}

static enum outcome
owned_row(struct visit *v, struct json_object *row, const char *email,
    struct json_object *list)
{
	struct json_object *p = inner(row), *o, *j = NULL, *whole;
	char id[WORD_MAX];
	const char *owner = owner_of(p);
	enum outcome out = OUT_OK;

	pipeline_id(p, id);
	if (id[0] == '\0')
		return visit_end(v, OUT_GARBLED, "%s sent a pipeline without a "
		    "uid", v->sys->name);
	/* A summary need not carry meta: then the pipeline itself is asked. */
	if (visit_member(p, "meta", json_type_object) == NULL) {
		out = pipeline_get(v, id, &j, &whole);
		if (out != OUT_OK)
			return out;
		owner = owner_of(whole);
	}
	if (strcasecmp(owner, email) == 0) {
		o = json_object_new_object();
		json_object_object_add(o, "id", json_object_new_string(id));
		json_object_object_add(o, "name", visit_name(p, "name"));
		json_object_array_add(list, o);
	}
	json_object_put(j);
	return out;
}

static enum outcome
owned_page(struct visit *v, int page, struct json_object **j)
{
	struct visit_call c;
	struct buf path;
	char number[16];

	(void)snprintf(number, sizeof(number), "%d", page);
	buf_init(&path, 1024);
	http_path(&path, "torch-pipeline", "api", "pipelines", "summary",
	    NULL);
	http_query(&path, "page", number);
	http_query(&path, "size", "50");
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "list the pipelines";
	c.out = j;
	return visit_call(v, &c);
}

enum outcome
acceldata_owned(struct visit *v, const char *email, struct json_object **list)
{
	struct json_object *j = NULL, *rows;
	char first[WORD_MAX], last[WORD_MAX] = "";
	enum outcome out = OUT_OK;
	size_t i, n = 1;
	int page;

	*list = json_object_new_array();
	for (page = 0; page < PAGES_MAX && out == OUT_OK && n > 0; page++) {
		out = owned_page(v, page, &j);
		/* Not every tenant has pipelines. */
		if (out == OUT_GONE && page == 0)
			return OUT_OK;
		rows = visit_list(j, "pipelines");
		if (out == OUT_OK && rows == NULL)
			out = visit_end(v, OUT_GARBLED, "%s sent no list of "
			    "pipelines", v->sys->name);
		n = visit_length(rows);
		first[0] = '\0';
		if (n > 0)
			pipeline_id(inner(json_object_array_get_idx(rows, 0)),
			    first);
		if (n > 0 && strcmp(first, last) == 0)
			n = 0;
		(void)text_copy(last, sizeof(last), first);
		for (i = 0; out == OUT_OK && i < n; i++)
			out = owned_row(v, json_object_array_get_idx(rows, i),
			    email, *list);
		json_object_put(j);
		j = NULL;
	}
	if (out == OUT_OK)
		return OUT_OK;
	json_object_put(*list);
	*list = NULL;
	return out;
}

/* Everything but what the service stamps itself must be as it was. */
static int
same_but_stamps(struct json_object *a, struct json_object *b)
{
	static const char *const stamps[] = { "updatedAt", "updatedBy",
	    "lastUpdatedAt", "updatedOn" };
	struct json_object *x = NULL, *y = NULL;
	size_t i;
	int same;

	if (json_object_deep_copy(a, &x, NULL) == -1 ||
	    json_object_deep_copy(b, &y, NULL) == -1)
		return 0;
	for (i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
		json_object_object_del(x, stamps[i]);
		json_object_object_del(y, stamps[i]);
	}
	same = json_object_equal(x, y);
	json_object_put(x);
	json_object_put(y);
	return same;
}

static enum outcome
give_one(struct visit *v, const char *id, const char *from, const char *to)
{
	struct json_object *j = NULL, *p = NULL, *wanted = NULL, *meta, *body;
	struct buf path;
	enum outcome out = pipeline_get(v, id, &j, &p);

	if (out != OUT_OK)
		return out;
	/* Given away already, by us or by somebody else: not ours to take. */
	if (strcasecmp(owner_of(p), from) != 0) {
		json_object_put(j);
		return OUT_OK;
	}
	meta = visit_member(p, "meta", json_type_object);
	json_object_object_add(meta, "owner", json_object_new_string(to));
	if (json_object_deep_copy(p, &wanted, NULL) == -1) {
		json_object_put(j);
		return visit_end(v, OUT_RETRY, "out of memory");
	}
	body = json_object_new_object();
	json_object_object_add(body, "pipeline", json_object_get(p));
	buf_init(&path, 512);
	http_path(&path, "torch-pipeline", "api", "pipelines", NULL);
	out = acceldata_put(v, "PUT", &path, body, "hand a pipeline over");
	json_object_put(j);
	j = NULL;
	if (out == OUT_OK)
		out = pipeline_get(v, id, &j, &p);
	if (out == OUT_OK && strcasecmp(owner_of(p), to) != 0)
		out = visit_end(v, OUT_RETRY, "%s accepted the change but "
		    "pipeline %.60s still belongs to %.100s", v->sys->name, id,
		    owner_of(p));
	else if (out == OUT_OK && !same_but_stamps(p, wanted))
		out = visit_end(v, OUT_UNCLEAR, "pipeline %.60s belongs to "
		    "%.100s now, but %s shows other changes in it too: compare "
		    "it there", id, to, v->sys->name);
	json_object_put(j);
	json_object_put(wanted);
	return out;
}

enum outcome
acceldata_give(struct visit *v, struct json_object *list, const char *from,
    const char *to)
{
	enum outcome out, first = OUT_OK;
	char why[TEXT_MAX] = "";
	size_t i;

	for (i = 0; i < visit_length(list); i++) {
		out = give_one(v, visit_text(json_object_array_get_idx(list,
		    i), "id"), from, to);
		if (visit_is_over(out))
			return out;
		if (out != OUT_OK && first == OUT_OK) {
			first = out;
			(void)text_copy(why, sizeof(why), v->detail);
		}
	}
	if (first == OUT_GONE)
		first = OUT_RETRY;
	return first == OUT_OK ? OUT_OK : visit_end(v, first, "%s", why);
}

static void
names(struct json_object *list, char *out, size_t size)
{
	size_t i, used = 0;

	out[0] = '\0';
	for (i = 0; i < visit_length(list) && used + 8 < size; i++) {
		(void)snprintf(out + used, size - used, "%s%.40s", i == 0 ?
		    "" : ", ", visit_text(json_object_array_get_idx(list, i),
		    "name"));
		used = strlen(out);
	}
}

/* Those of the before-image that belong to the heir by now, also when an
 * earlier try has given them: the heir hears of all of them. */
static enum outcome
tell_heir(struct visit *v)
{
	struct json_object *was = visit_was(v, "pipelines"), *row, *j, *p;
	enum outcome out;
	size_t i;

	for (i = 0; i < visit_length(was); i++) {
		row = json_object_array_get_idx(was, i);
		j = p = NULL;
		out = pipeline_get(v, visit_text(row, "id"), &j, &p);
		if (out != OUT_OK)
			return out;
		if (strcasecmp(owner_of(p), v->who->handover) == 0)
			visit_handed(v, "pipeline %.100s in %s",
			    visit_text(row, "name"), v->sys->name);
		json_object_put(j);
	}
	return OUT_OK;
}

static enum outcome
handover_to(struct visit *v, struct json_object *owned)
{
	char id[WORD_MAX], label[PERSON_MAX];
	const char *heir = v->who->handover;
	enum outcome out = acceldata_find(v, heir, id, label);

	if (out == OUT_ABSENT)
		return visit_end(v, OUT_FAILED, "%s has no account in %s, so "
		    "nothing can be handed over to that person: make one "
		    "there, then retry", heir, v->sys->name);
	if (out != OUT_OK)
		return out;
	out = acceldata_give(v, owned, v->who->email, heir);
	if (out == OUT_OK)
		out = tell_heir(v);
	if (out != OUT_OK)
		return out;
	return visit_end(v, OUT_VERIFIED, "%zu pipeline(s) belong to %s now",
	    visit_length(owned), heir);
}

enum outcome
acceldata_handover(struct visit *v)
{
	struct json_object *owned = NULL;
	char list[300];
	enum outcome out;

	out = acceldata_owned(v, v->who->email, &owned);
	if (out != OUT_OK)
		return out;
	visit_before(v, "pipelines", json_object_get(owned));
	if (visit_length(owned) == 0) {
		if (v->who->handover[0] != '\0')
			out = tell_heir(v);
		if (out == OUT_OK)
			out = visit_end(v, OUT_VERIFIED, "owns no pipelines");
	}
	else if (v->who->handover[0] == '\0') {
		names(owned, list, sizeof(list));
		visit_task(v, "Nobody is named to take over, and these "
		    "pipelines still belong to %s: %s. Give them to somebody "
		    "in %s.", v->who->email, list, v->sys->name);
		out = visit_end(v, OUT_MANUAL, "owns %zu pipeline(s), and "
		    "nobody is named to take them over", visit_length(owned));
	} else
		out = handover_to(v, owned);
	json_object_put(owned);
	return out;
}
