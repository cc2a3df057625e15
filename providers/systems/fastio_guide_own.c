/*
 * Fastio, the guide's profile: what a user has there: sessions, tokens,
 * webhook subscriptions and workspaces; and revoking the first three. A list
 * that the service does not offer makes what was asked for unproven.
 */
#include "fastio.h"

#include <stdio.h>
#include <string.h>

#define API "api", "v1"

/* A change below the user's own path, or of one webhook. */
static enum outcome
own_change(struct visit *v, const char *method, struct buf *path,
    const char *what)
{
	struct visit_call c;

	memset(&c, 0, sizeof(c));
	c.method = method;
	c.path = path;
	c.what = what;
	return fastio_call(v, &c);
}

/* ---- webhooks ---- */

struct hooks {
	const char		*account;
	struct json_object	*list;
	size_t			 nobodys;	/* shown without a user */
};

static enum outcome
hook_each(struct visit *v, struct json_object *row, void *arg)
{
	struct hooks *h = arg;
	struct json_object *o;
	char user[WORD_MAX], id[WORD_MAX], name[PERSON_MAX];

	fastio_id(row, "user_id", user);
	if (user[0] == '\0')
		fastio_id(row, "owner_id", user);
	h->nobodys += user[0] == '\0';
	/* The filter may do nothing: somebody else's must stay. */
	if (strcmp(user, h->account) != 0)
		return OUT_OK;
	fastio_id(row, "id", id);
	if (id[0] == '\0')
		return visit_end(v, OUT_GARBLED, "%s sent a webhook without "
		    "an id", v->sys->name);
	fastio_name(row, name);
	o = json_object_new_object();
	json_object_object_add(o, "id", json_object_new_string(id));
	json_object_object_add(o, "name", json_object_new_string(
	    name[0] != '\0' ? name : id));
	json_object_array_add(h->list, o);
	return OUT_OK;
}

enum outcome
fastio_guide_webhooks(struct visit *v, struct json_object **list,
    size_t *nobodys)
{
	struct hooks h = { v->account, json_object_new_array(), 0 };
	struct fastio_pages p;
	struct buf path;
	enum outcome out;

	memset(&p, 0, sizeof(p));
	buf_init(&path, 512);
	http_path(&path, API, "webhooks", NULL);
	p.path = buf_cstr(&path);
	p.query[0] = "user_id";
	p.query[1] = v->account;
	p.list = "webhooks";
	p.what = "list the webhooks";
	p.each = hook_each;
	p.arg = &h;
	out = fastio_pages(v, &p);
	buf_clear(&path);
	*list = h.list;
	*nobodys = h.nobodys;
	if (out != OUT_OK) {
		json_object_put(h.list);
		*list = NULL;
	}
	return out;
}

/* ---- workspaces ---- */

enum outcome
fastio_guide_owner(struct visit *v, const char *id, char owner[WORD_MAX])
{
	struct json_object *j = NULL;
	struct visit_call c;
	struct buf path;
	enum outcome out;

	owner[0] = '\0';
	buf_init(&path, 512);
	http_path(&path, API, "workspaces", id, NULL);
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "show the workspace";
	c.out = &j;
	out = fastio_call(v, &c);
	if (out == OUT_OK) {
		fastio_id(fastio_object(j, "workspace"), "owner_id", owner);
		if (owner[0] == '\0')
			out = visit_end(v, OUT_GARBLED, "%s does not say who "
			    "owns workspace %.60s", v->sys->name, id);
	}
	json_object_put(j);
	return out == OUT_GONE ? visit_end(v, OUT_RETRY, "%s no longer shows "
	    "workspace %.60s", v->sys->name, id) : out;
}

static enum outcome
owned_each(struct visit *v, struct json_object *row, void *arg)
{
	char id[WORD_MAX], owner[WORD_MAX], name[PERSON_MAX];
	struct json_object *o;
	enum outcome out = OUT_OK;

	fastio_id(row, "id", id);
	fastio_id(row, "owner_id", owner);
	if (id[0] == '\0')
		return visit_end(v, OUT_GARBLED, "%s sent a workspace without "
		    "an id", v->sys->name);
	if (owner[0] == '\0')
		out = fastio_guide_owner(v, id, owner);
	if (out != OUT_OK || strcmp(owner, v->account) != 0)
		return out;
	fastio_name(row, name);
	o = json_object_new_object();
	json_object_object_add(o, "id", json_object_new_string(id));
	json_object_object_add(o, "name", json_object_new_string(
	    name[0] != '\0' ? name : id));
	json_object_array_add(arg, o);
	return OUT_OK;
}

enum outcome
fastio_guide_owned(struct visit *v, struct json_object **list)
{
	struct fastio_pages p;
	struct buf path;
	enum outcome out;

	*list = json_object_new_array();
	memset(&p, 0, sizeof(p));
	buf_init(&path, 512);
	http_path(&path, API, "users", v->account, "workspaces", NULL);
	p.path = buf_cstr(&path);
	p.list = "workspaces";
	p.what = "list the workspaces";
	p.each = owned_each;
	p.arg = *list;
	out = fastio_pages(v, &p);
	buf_clear(&path);
	if (out != OUT_OK) {
		json_object_put(*list);
		*list = NULL;
	}
	return out;
}

/* ---- document ---- */

static enum outcome
document_names(struct visit *v, const char *kind)
{
	struct json_object *list = NULL;
	enum outcome out = fastio_guide_names(v, kind, &list);

	if (out == OUT_GONE) {
		visit_holds(v, "%s cannot be listed", kind);
		return OUT_OK;
	}
	if (out != OUT_OK)
		return out;
	if (visit_length(list) > 0)
		visit_holds(v, "%zu %s", visit_length(list), kind);
	visit_before(v, kind, list);
	return OUT_OK;
}

static enum outcome
document_lists(struct visit *v, size_t *owned)
{
	struct json_object *list = NULL;
	size_t nobodys = 0;
	enum outcome out = document_names(v, "sessions");

	if (out == OUT_OK)
		out = document_names(v, "tokens");
	if (out == OUT_OK)
		out = fastio_guide_webhooks(v, &list, &nobodys);
	if (out == OUT_OK && visit_length(list) > 0)
		visit_holds(v, "%zu webhook subscription(s)",
		    visit_length(list));
	if (out == OUT_OK)
		visit_before(v, "webhooks", list);
	else if (out != OUT_GONE)
		return out;
	out = fastio_guide_owned(v, &list);
	if (out != OUT_OK)
		return out;
	*owned = visit_length(list);
	if (*owned > 0)
		visit_holds(v, "owner of %zu workspace(s)", *owned);
	visit_before(v, "owned", list);
	return OUT_OK;
}

enum outcome
fastio_guide_document(struct visit *v)
{
	size_t owned = 0;
	char status[32];
	enum outcome out = fastio_guide_status(v, status);

	if (out == OUT_OK) {
		visit_holds(v, "the account is %s", status);
		visit_before(v, "status", json_object_new_string(status));
		out = document_lists(v, &owned);
	}
	if (out == OUT_GONE) {
		out = fastio_guide_gone(v);
		return out == OUT_OK ? visit_end(v, OUT_VERIFIED, "user %s is "
		    "gone: it was ended before it could be documented",
		    v->account) : out;
	}
	if (out != OUT_OK)
		return out;
	return visit_end(v, OUT_VERIFIED, "has %zu session(s), %zu token(s), "
	    "%zu webhook(s) and owns %zu workspace(s) as user %s",
	    visit_length(visit_was(v, "sessions")),
	    visit_length(visit_was(v, "tokens")),
	    visit_length(visit_was(v, "webhooks")), owned, v->account);
}

/* ---- revoke: "Revoke API Permissions and Terminate Sessions" ---- */

/* Reads until the list is empty. OUT_GONE: it cannot be listed. */
static enum outcome
names_read_back(struct visit *v, const char *kind)
{
	struct json_object *list = NULL;
	enum outcome out;
	int64_t wait;
	size_t n;
	int try;

	for (try = 0; ; try++) {
		out = fastio_guide_names(v, kind, &list);
		n = visit_length(list);
		json_object_put(list);
		list = NULL;
		if (out != OUT_OK || n == 0)
			return out;
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s accepted the change "
			    "but still shows %zu of the user's %s",
			    v->sys->name, n, kind);
		http_pause(wait);
	}
}

/* Sessions or tokens. OUT_DONE: accepted, but there is no list of them. */
static enum outcome
revoke_names(struct visit *v, const char *kind)
{
	int tokens = strcmp(kind, "tokens") == 0;
	struct json_object *list = NULL;
	enum outcome out = fastio_guide_names(v, kind, &list);
	struct buf path;
	size_t i;

	if (out != OUT_OK && out != OUT_GONE)
		return out;
	/* Integrations lived on these: whoever takes over makes new ones. */
	for (i = 0; tokens && i < visit_length(list); i++)
		visit_renew(v, "API token \"%.100s\"",
		    json_object_get_string(json_object_array_get_idx(list,
		    i)));
	if (list != NULL)
		visit_before(v, kind, list);
	buf_init(&path, 512);
	http_path(&path, API, "users", v->account, kind, NULL);
	if (tokens == 0)
		http_path(&path, "revoke-all", NULL);
	out = own_change(v, tokens ? "DELETE" : "POST", &path, tokens ?
	    "delete the user's tokens" : "end the user's sessions");
	if (out == OUT_GONE)
		return visit_end(v, OUT_FAILED, "%s does not offer to end the "
		    "%s of user %s: check url and profile", v->sys->name,
		    kind, v->account);
	if (out == OUT_OK)
		out = names_read_back(v, kind);
	return out == OUT_GONE ? OUT_DONE : out;
}

static enum outcome
hooks_delete(struct visit *v, struct json_object *list)
{
	enum outcome out, first = OUT_OK;
	char why[TEXT_MAX] = "";
	struct json_object *row;
	struct buf path;
	size_t i;

	for (i = 0; i < visit_length(list); i++) {
		row = json_object_array_get_idx(list, i);
		buf_init(&path, 512);
		http_path(&path, API, "webhooks", visit_text(row, "id"), NULL);
		out = own_change(v, "DELETE", &path, "delete a webhook");
		if (visit_is_over(out))
			return out;
		if (out == OUT_OK || out == OUT_GONE)
			visit_renew(v, "webhook subscription \"%.100s\"",
			    visit_text(row, "name"));
		else if (first == OUT_OK) {
			first = out;
			(void)text_copy(why, sizeof(why), v->detail);
		}
	}
	return first == OUT_OK ? OUT_OK : visit_end(v, first, "%s", why);
}

/* OUT_DONE: there is no list, or one that shows no owners. */
static enum outcome
revoke_webhooks(struct visit *v)
{
	struct json_object *list = NULL;
	size_t nobodys = 0, n;
	enum outcome out = fastio_guide_webhooks(v, &list, &nobodys);
	int64_t wait;
	int try;

	if (out == OUT_OK) {
		visit_before(v, "webhooks", json_object_get(list));
		n = visit_length(list);
		out = hooks_delete(v, list);
		json_object_put(list);
		for (try = 0; out == OUT_OK && n > 0; try++) {
			out = fastio_guide_webhooks(v, &list, &nobodys);
			n = visit_length(list);
			json_object_put(list);
			wait = n == 0 ? 0 : visit_reread(try);
			if (out == OUT_OK && n > 0 && wait == 0)
				return visit_end(v, OUT_RETRY, "%s still shows "
				    "%zu of the user's webhooks",
				    v->sys->name, n);
			http_pause(wait);
		}
	}
	if (out == OUT_GONE || (out == OUT_OK && nobodys > 0)) {
		visit_task(v, "Look in %s whether apps of %s have left webhook "
		    "subscriptions: %s.", v->sys->name, v->who->email,
		    out == OUT_GONE ? "they cannot be listed" :
		    "some are shown without an owner");
		return OUT_DONE;
	}
	return out;
}

enum outcome
fastio_guide_revoke(struct visit *v)
{
	enum outcome out, first = OUT_OK;
	char why[TEXT_MAX] = "", status[32];
	int i, unproven = 0, gone = 0;

	out = fastio_guide_status(v, status);
	if (out == OUT_GONE) {
		gone = 1;
		out = fastio_guide_gone(v);
	}
	if (out != OUT_OK)
		return out;
	/* A part that is refused must not keep the others; a user who is gone
	 * has taken sessions and tokens along. */
	for (i = gone ? 2 : 0; i < 3; i++) {
		out = i == 0 ? revoke_names(v, "sessions") :
		    i == 1 ? revoke_names(v, "tokens") : revoke_webhooks(v);
		if (visit_is_over(out))
			return out;
		if (out == OUT_DONE) {
			unproven = 1;
			if (i < 2)
				visit_task(v, "%s accepted that the %s of %s "
				    "end, but cannot list them: look there "
				    "that none is left.", v->sys->name, i == 0 ?
				    "sessions" : "tokens", v->who->email);
		} else if (out != OUT_OK && first == OUT_OK) {
			first = out;
			(void)text_copy(why, sizeof(why), v->detail);
		}
	}
	if (first != OUT_OK)
		return visit_end(v, first == OUT_GONE ? OUT_RETRY : first,
		    "%s", why);
	return visit_end(v, unproven ? OUT_DONE : OUT_VERIFIED,
	    "%zu session(s), %zu token(s) and %zu webhook(s) ended%s",
	    visit_length(visit_was(v, "sessions")),
	    visit_length(visit_was(v, "tokens")),
	    visit_length(visit_was(v, "webhooks")), unproven ?
	    "; not all of it can be read back" : ", and none is left");
}
