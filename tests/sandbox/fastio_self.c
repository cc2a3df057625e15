/*
 * fastio_self.c: the account behind the token, its keys and its sessions;
 * it must not reach anybody else's, for the service has no way to.
 */
#include "fastio.h"

#include <string.h>
#include <strings.h>

static json_object *
self_view(json_object *u)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "id", js_str(u, "id"));
	js_set_str(o, "email_address", js_str(u, "email"));
	js_set_str(o, "first_name", js_str(u, "first_name"));
	js_set_str(o, "last_name", js_str(u, "last_name"));
	return o;
}

void
self_check(struct ctx *c)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "id", fastio_self(c));
	js_set_str(o, "user_id", fastio_self(c));
	fastio_yes(c, o);
}

void
self_scopes(struct ctx *c)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "auth_type", "api_key");
	js_set(o, "scopes", js_ref(js_arr(c->who, "scopes")));
	js_set_bool(o, "is_agent", false);
	js_set_bool(o, "full_access", !js_bool(c->who, "_readonly", false));
	fastio_yes(c, o);
}

static void
self_answer(struct ctx *c, const char *id)
{
	json_object *u = fastio_user(c->t, id), *o;

	if (u == NULL) {
		fastio_no(c, 404, FASTIO_NOWHERE, "No such user");
		return;
	}
	o = json_object_new_object();
	js_set(o, "user", self_view(u));
	fastio_yes(c, o);
}

void
self_details(struct ctx *c)
{
	self_answer(c, fastio_self(c));
}

void
self_user(struct ctx *c)
{
	self_answer(c, c->arg[0]);
}

/* Finds parts of names and addresses. */
void
self_search(struct ctx *c)
{
	const char *s = req_query(c, "search");
	struct json_object_iter it;
	struct page p;

	if (s == NULL || strlen(s) < 2) {
		fastio_no(c, 400, FASTIO_INPUT, "search is too short");
		return;
	}
	fastio_page(c, &p);
	json_object_object_foreachC(js_obj(c->t, "users"), it) {
		if ((strcasestr(js_str(it.val, "email"), s) != NULL ||
		    strcasestr(js_str(it.val, "last_name"), s) != NULL) &&
		    page_takes(&p))
			js_add(p.rows, self_view(it.val));
	}
	fastio_list(c, &p, "users");
}

/* The rows of a table that belong to the owner of the token. */
static void
self_rows(struct ctx *c, const char *table, const char *name)
{
	json_object *all = js_arr(c->t, table);
	struct page p;
	size_t i;

	fastio_page(c, &p);
	for (i = 0; i < js_len(all); i++)
		if (strcmp(js_str(js_at(all, i), "user_id"),
		    fastio_self(c)) == 0 && page_takes(&p))
			js_add(p.rows, js_public(js_at(all, i)));
	fastio_list(c, &p, name);
}

static void
self_drop(struct ctx *c, const char *table)
{
	json_object *o = js_find(js_arr(c->t, table), "id", c->arg[0]);

	if (o == NULL || strcmp(js_str(o, "user_id"), fastio_self(c)) != 0) {
		fastio_no(c, 404, FASTIO_NOWHERE, "Not found");
		return;
	}
	js_drop(js_arr(c->t, table), o);
	fastio_yes(c, json_object_new_object());
}

void
self_keys(struct ctx *c)
{
	self_rows(c, "keys", "api_keys");
}

void
self_key_delete(struct ctx *c)
{
	self_drop(c, "keys");
}

void
self_sessions(struct ctx *c)
{
	self_rows(c, "sessions", "sessions");
}

void
self_session_delete(struct ctx *c)
{
	self_drop(c, "sessions");
}

/* Ends everything of the caller's, the token in use first of all. */
void
self_invalidate(struct ctx *c)
{
	json_object *all = js_arr(c->t, "tokens");
	size_t i;

	for (i = 0; i < js_len(all); i++)
		if (strcmp(js_str(js_at(all, i), "user_id"),
		    fastio_self(c)) == 0)
			js_set_bool(js_at(all, i), "_revoked", true);
	fastio_yes(c, json_object_new_object());
}

void
self_close(struct ctx *c)
{
	fastio_no(c, 200, FASTIO_RESTRICTED,
	    "An owner of an organization cannot close the account");
}
