/*
 * fastguide_things.c: sessions, tokens, webhooks and the audit log as the
 * guide's API has them; it must not decide who may ask for them.
 */
#include "fastio.h"

#include <string.h>

/* The rows of a table that are of this user, under the same name. */
static void
fastguide_things(struct ctx *c, const char *table, const char *name)
{
	json_object *all = js_arr(c->t, table);
	struct page p;
	size_t i;

	if (fastguide_user(c, c->arg[0]) == NULL)
		return;
	fastguide_page(c, &p);
	for (i = 0; i < js_len(all); i++)
		if (strcmp(js_str(js_at(all, i), "user_id"),
		    c->arg[0]) == 0 && page_takes(&p))
			js_add(p.rows, js_public(js_at(all, i)));
	fastguide_list(c, &p, name);
}

void
fastguide_sessions(struct ctx *c)
{
	fastguide_things(c, "sessions", "sessions");
}

void
fastguide_tokens(struct ctx *c)
{
	fastguide_things(c, "api_tokens", "tokens");
}

/* Takes the user's rows out of a table, and says how many there were. */
int
fastguide_purge(json_object *all, const char *user)
{
	size_t i;
	int n = 0;

	for (i = js_len(all); i-- > 0;) {
		if (strcmp(js_str(js_at(all, i), "user_id"), user) != 0)
			continue;
		json_object_array_del_idx(all, i, 1);
		n++;
	}
	return n;
}

/* Whoever is not suspended has an agent that logs in again at once. */
static void
fastguide_relogin(struct ctx *c, json_object *u)
{
	json_object *o;
	char id[FASTIO_ID];

	if (strcmp(js_str(u, "_status"), "suspended") == 0 ||
	    !js_bool(c->root, "relogin", true))
		return;
	o = json_object_new_object();
	js_set_str(o, "id", files_id(c->t, "session", id));
	js_set_str(o, "user_id", js_str(u, "id"));
	js_set_str(o, "user_agent", "agent, back again");
	clock_set(o, "created_at", c->now);
	js_add(js_arr(c->t, "sessions"), o);
}

void
fastguide_revoke(struct ctx *c)
{
	json_object *u = fastguide_user(c, c->arg[0]), *o;
	int n;

	if (u == NULL)
		return;
	n = fastguide_purge(js_arr(c->t, "sessions"), c->arg[0]);
	fastguide_note(c, "user.sessions_revoked", c->arg[0]);
	fastguide_relogin(c, u);
	o = json_object_new_object();
	js_set_int(o, "revoked", n);
	reply_json(c, 200, o);
}

void
fastguide_tokens_delete(struct ctx *c)
{
	if (fastguide_user(c, c->arg[0]) == NULL)
		return;
	(void)fastguide_purge(js_arr(c->t, "api_tokens"), c->arg[0]);
	fastguide_note(c, "user.tokens_deleted", c->arg[0]);
	reply_empty(c, 204);
}

/* Rows of a table that fit the arguments of the same names. */
static void
fastguide_search(struct ctx *c, const char *table, const char *user,
    const char *event)
{
	json_object *all = js_arr(c->t, table), *o;
	struct page p;
	size_t i;

	fastguide_page(c, &p);
	for (i = 0; i < js_len(all); i++) {
		o = js_at(all, i);
		if ((user == NULL ||
		    strcmp(js_str(o, "user_id"), user) == 0) &&
		    (event == NULL ||
		    strcmp(js_str(o, "event"), event) == 0) &&
		    page_takes(&p))
			js_add(p.rows, js_public(o));
	}
	fastguide_list(c, &p, table);
}

void
fastguide_logs(struct ctx *c)
{
	fastguide_search(c, "logs", req_query(c, "user_id"),
	    req_query(c, "event"));
}

void
fastguide_hooks(struct ctx *c)
{
	fastguide_search(c, "webhooks",
	    js_bool(c->root, "webhooks_ignore_filter", false) ? NULL :
	    req_query(c, "user_id"), NULL);
}

void
fastguide_hook_delete(struct ctx *c)
{
	json_object *all = js_arr(c->t, "webhooks");

	if (!js_drop(all, js_find(all, "id", c->arg[0])))
		fastguide_no(c, 404, "webhook not found");
	else
		reply_empty(c, 204);
}
