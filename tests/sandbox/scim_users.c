/*
 * scim_users.c: users of the SCIM service as they are read, one or many; it
 * must not change any.
 */
#include "scim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The user in the path, or NULL after an answer. */
json_object *
accounts_want(struct ctx *c)
{
	json_object *u = js_get(js_get(c->t, "users"), c->arg[0]);

	if (u == NULL)
		scim_no(c, 404, NULL, "No such user");
	return u;
}

static void
accounts_version(json_object *u, char *buf, size_t size)
{
	snprintf(buf, size, "W/\"%lld\"", js_int(u, "_version", 1));
}

static json_object *
accounts_groups(struct ctx *c, json_object *u)
{
	json_object *ids = js_get(u, "_groups"), *a, *g, *o;
	size_t i;

	a = json_object_new_array();
	for (i = 0; i < js_len(ids); i++) {
		g = js_find(js_arr(c->t, "groups"), "id",
		    json_object_get_string(js_at(ids, i)));
		o = json_object_new_object();
		js_set_str(o, "value", js_str(g, "id"));
		js_set_str(o, "display", js_str(g, "displayName"));
		js_add(a, o);
	}
	return a;
}

static json_object *
accounts_meta(struct ctx *c, json_object *u)
{
	json_object *o = js_copy(js_get(u, "meta"));
	const char *host = req_header(c, "Host");
	char text[256];

	snprintf(text, sizeof(text), "http://%s/scim/v2/Users/%s",
	    host == NULL ? "scim.example" : host, js_str(u, "id"));
	js_set_str(o, "location", text);
	if (scim_has_etag(c)) {
		accounts_version(u, text, sizeof(text));
		js_set_str(o, "version", text);
	}
	return o;
}

json_object *
accounts_view(struct ctx *c, json_object *u)
{
	json_object *o = js_public(u);

	js_set(o, "groups", accounts_groups(c, u));
	js_set(o, "meta", accounts_meta(c, u));
	if (scim_style(c, "string_active"))
		js_set_str(o, "active", js_bool(u, "active", false) ?
		    "True" : "False");
	return o;
}

/* Is the name in a list of names parted by commas? */
static bool
accounts_named(const char *list, const char *name)
{
	size_t n = strlen(name);
	const char *p = list;

	while (p != NULL && *p != '\0') {
		if (strncasecmp(p, name, n) == 0 &&
		    (p[n] == ',' || p[n] == '\0'))
			return true;
		if ((p = strchr(p, ',')) != NULL)
			p++;
	}
	return false;
}

/* Leaves out what was not asked for; id and schemas always come. */
static json_object *
accounts_cut(struct ctx *c, json_object *view)
{
	const char *only = req_query(c, "attributes");
	const char *not = req_query(c, "excludedAttributes");
	json_object *o;
	struct json_object_iter it;

	if (only == NULL && not == NULL)
		return view;
	o = json_object_new_object();
	json_object_object_foreachC(view, it) {
		if (strcmp(it.key, "id") == 0 ||
		    strcmp(it.key, "schemas") == 0 ||
		    ((only == NULL || accounts_named(only, it.key)) &&
		    (not == NULL || !accounts_named(not, it.key))))
			js_set(o, it.key, js_ref(it.val));
	}
	json_object_put(view);
	return o;
}

void
accounts_answer(struct ctx *c, unsigned int status, json_object *u)
{
	char text[256];
	json_object *view = accounts_view(c, u);

	if (status == 201)
		reply_head(c->r, "Location",
		    js_str(js_get(view, "meta"), "location"));
	scim_reply(c, status, accounts_cut(c, view));
	if (scim_has_etag(c)) {
		accounts_version(u, text, sizeof(text));
		reply_head(c->r, "ETag", text);
	}
}

void
accounts_get(struct ctx *c)
{
	json_object *u = accounts_want(c);
	const char *seen = req_header(c, "If-None-Match");
	char text[64];

	if (u == NULL)
		return;
	accounts_version(u, text, sizeof(text));
	if (scim_has_etag(c) && seen != NULL && strcmp(seen, text) == 0) {
		reply_empty(c, 304);
		reply_head(c->r, "ETag", text);
		return;
	}
	accounts_answer(c, 200, u);
}

/* Does If-Match fit? With need it has to be there. Answers 412 if not. */
bool
accounts_matches(struct ctx *c, json_object *u, bool need)
{
	const char *s = req_header(c, "If-Match");
	char text[64];

	if (!scim_has_etag(c))
		return true;
	accounts_version(u, text, sizeof(text));
	if (s == NULL ? !need : strcmp(s, "*") == 0 || strcmp(s, text) == 0)
		return true;
	scim_no(c, 412, NULL, "The resource has changed");
	return false;
}

void
accounts_touch(struct ctx *c, json_object *u)
{
	js_set_int(u, "_version", js_int(u, "_version", 1) + 1);
	clock_set(js_obj(u, "meta"), "lastModified", c->now);
}

/* Pages by a cursor, which is the number of the first one on the page. */
static void
accounts_cursor(struct ctx *c, const struct scim_filter *f)
{
	const char *s = req_query(c, "cursor");
	long long max = js_int(c->root, "scim_page_max", 100), from = 0;
	json_object *o;
	struct json_object_iter it;
	struct page p;
	char text[32];

	if (s != NULL && (strncmp(s, "cur_", 4) != 0 ||
	    (from = strtoll(s + 4, NULL, 10)) <= 0)) {
		scim_no(c, 400, "invalidValue", "The cursor is not valid");
		return;
	}
	page_open(&p, req_query_int(c, "count", max, 1, max), from);
	json_object_object_foreachC(js_obj(c->t, "users"), it) {
		if (filter_fits(c, f, it.val) && page_takes(&p))
			js_add(p.rows, accounts_cut(c,
			    accounts_view(c, it.val)));
	}
	o = json_object_new_object();
	js_add(js_arr(o, "schemas"), json_object_new_string(SCIM_API
	    "ListResponse"));
	js_set_int(o, "itemsPerPage", (long long)js_len(p.rows));
	if (page_more(&p)) {
		snprintf(text, sizeof(text), "cur_%lld", p.offset + p.limit);
		js_set_str(o, "nextCursor", text);
	}
	js_set(o, "resources", p.rows);
	scim_reply(c, 200, o);
}

/* Pages by index, from 1; nobody found is a list without Resources. */
static void
accounts_index(struct ctx *c, const struct scim_filter *f)
{
	long long max = js_int(c->root, "scim_page_max", 100);
	long long start = req_query_int(c, "startIndex", 1, 1, 1000000);
	struct json_object_iter it;
	struct page p;
	json_object *o;

	page_open(&p, req_query_int(c, "count", max, 0, max), start - 1);
	json_object_object_foreachC(js_obj(c->t, "users"), it) {
		if (filter_fits(c, f, it.val) && page_takes(&p))
			js_add(p.rows, accounts_cut(c,
			    accounts_view(c, it.val)));
	}
	o = json_object_new_object();
	js_add(js_arr(o, "schemas"), json_object_new_string(SCIM_API
	    "ListResponse"));
	js_set_int(o, "totalResults", p.total);
	js_set_int(o, "startIndex", start);
	js_set_int(o, "itemsPerPage", (long long)js_len(p.rows));
	if (js_len(p.rows) > 0)
		js_set(o, "Resources", p.rows);
	else
		json_object_put(p.rows);
	scim_reply(c, 200, o);
}

void
accounts_list(struct ctx *c)
{
	const char *s = req_query(c, "filter");
	struct scim_filter f;

	memset(&f, 0, sizeof(f));
	if (s != NULL && !settings_is(c, "scim_filter", "ignored") &&
	    filter_parse(c, s, &f) != 0)
		return;
	if (!scim_style(c, "entra"))
		accounts_index(c, &f);
	else if (req_query_int(c, "startIndex", 1, 0, 1000000) != 1)
		scim_no(c, 400, "invalidValue", "Page with a cursor");
	else
		accounts_cursor(c, &f);
}
