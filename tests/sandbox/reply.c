/* reply.c: answers in the shapes of the services; it must not send them. */
#include "sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
reply_is_guide(const struct ctx *c)
{
	return strcmp(js_str(c->root, "dialect"), "guide") == 0;
}

void
reply_clear(struct reply *r)
{
	free(r->body);
	memset(r, 0, sizeof(*r));
}

void
reply_head(struct reply *r, const char *name, const char *value)
{
	struct reply_head *h;

	if (r->nhead == HEAD_MAX)
		return;
	h = &r->head[r->nhead++];
	snprintf(h->name, sizeof(h->name), "%s", name);
	snprintf(h->value, sizeof(h->value), "%s", value);
}

static void
reply_take(struct reply *r, unsigned int status, const char *type,
    const char *text)
{
	free(r->body);
	r->body = strdup(text);
	r->len = r->body == NULL ? 0 : strlen(r->body);
	r->status = status;
	r->type = type;
}

/* Answers with o, and lets go of it. */
void
reply_json(struct ctx *c, unsigned int status, json_object *o)
{
	reply_take(c->r, status, "application/json; charset=utf-8",
	    json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
	    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

void
reply_text(struct ctx *c, unsigned int status, const char *text)
{
	reply_take(c->r, status, "text/plain; charset=utf-8", text);
}

/* No body, and no word about its type. */
void
reply_empty(struct ctx *c, unsigned int status)
{
	reply_take(c->r, status, NULL, "");
}

void
reply_head_int(struct reply *r, const char *name, long long v)
{
	char num[32];

	snprintf(num, sizeof(num), "%lld", v);
	reply_head(r, name, num);
}

/* As reply_list, but only what is on the page is turned into its view. */
void
reply_rows(struct ctx *c, json_object *a, const struct rows *how)
{
	const char *skip = req_query(c, "skip_pagination");
	json_object *page, *o;
	char num[32];
	long long n, at;
	size_t i;

	n = req_query_int(c, "per_page", how->size, 1, how->max);
	at = req_query_int(c, "page", 1, 1, 1000000) - 1;
	if (skip != NULL && strcmp(skip, "true") == 0) {
		n = (long long)js_len(a);
		at = 0;
	}
	snprintf(num, sizeof(num), "%zu", js_len(a));
	reply_head(c->r, "Total", num);
	snprintf(num, sizeof(num), "%lld", n);
	reply_head(c->r, "Per-Page", num);
	page = js_slice(a, (size_t)(at * n), (size_t)n);
	json_object_put(a);
	for (i = 0; how->view != NULL && i < js_len(page); i++)
		json_object_array_put_idx(page, i,
		    how->view(c, js_at(page, i)));
	if (!reply_is_guide(c)) {
		reply_json(c, 200, page);
		return;
	}
	o = json_object_new_object();
	js_set(o, how->name, page);
	reply_json(c, 200, o);
}

/*
 * A page of a, which is released. The contract has bare arrays with the
 * counts in headers; the guide reads the list under its name.
 */
void
reply_list(struct ctx *c, json_object *a, const char *name, long long size,
    long long max)
{
	struct rows how = { name, size, max, NULL };

	reply_rows(c, a, &how);
}

void
reply_doorflow(struct ctx *c, unsigned int status, const char *error,
    const char *text)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "error", error);
	js_set_str(o, "error_description", text);
	reply_json(c, status, o);
}

/* 422 that blames one field; like the contract, without a description. */
void
reply_field(struct ctx *c, const char *field, const char *text)
{
	json_object *o = json_object_new_object();
	json_object *e = json_object_new_object();
	json_object *a = json_object_new_array();

	js_add(a, json_object_new_string(text));
	js_set(e, field, a);
	js_set_str(o, "error", "unprocessable_entity");
	js_set(o, "errors", e);
	reply_json(c, 422, o);
}

void
reply_result_ok(struct ctx *c)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "result", "ok");
	reply_json(c, 200, o);
}

/* Acceldata's Status object; anything but 2xx is status false. */
void
reply_status(struct ctx *c, unsigned int status, const char *text)
{
	json_object *o = json_object_new_object();
	bool fine = status >= 200 && status < 300;

	js_set_str(o, "message", text);
	js_set_bool(o, reply_is_guide(c) ? "success" : "status", fine);
	reply_json(c, status, o);
}
