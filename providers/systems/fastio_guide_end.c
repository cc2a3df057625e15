/*
 * Fastio, the guide's profile: transfer every workspace, then remove the
 * member, then look again and read the audit log. A workspace whose transfer
 * was not read back is still the leaver's, and nothing is removed then.
 */
#include "fastio.h"

#include <stdio.h>
#include <string.h>

#define API "api", "v1"

/* ---- handover: "Transfer Workspace Ownership" ---- */

static enum outcome
transfer_post(struct visit *v, const char *id, const char *to)
{
	struct json_object *body = json_object_new_object();
	struct visit_call c;
	struct buf path;
	enum outcome out;

	json_object_object_add(body, "new_owner_id",
	    json_object_new_string(to));
	buf_init(&path, 512);
	http_path(&path, API, "workspaces", id, "transfer", NULL);
	memset(&c, 0, sizeof(c));
	c.method = "POST";
	c.path = &path;
	c.body = body;
	c.what = "transfer a workspace";
	out = fastio_call(v, &c);
	json_object_put(body);
	return out;
}

/* From FROM to TO. OUT_ABSENT: it belongs to somebody else by now, and is
 * not ours to take. */
static enum outcome
transfer(struct visit *v, const char *id, const char *from, const char *to)
{
	char owner[WORD_MAX];
	enum outcome out = fastio_guide_owner(v, id, owner);
	int64_t wait;
	int try;

	if (out != OUT_OK || strcmp(owner, to) == 0)
		return out;
	if (strcmp(owner, from) != 0)
		return OUT_ABSENT;
	out = transfer_post(v, id, to);
	for (try = 0; out == OUT_OK; try++) {
		out = fastio_guide_owner(v, id, owner);
		if (out != OUT_OK || strcmp(owner, to) == 0)
			break;
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s accepted the "
			    "transfer but workspace %.60s still belongs to "
			    "user %.60s", v->sys->name, id, owner);
		http_pause(wait);
	}
	return out;
}

/* One that fails must not keep the others. BACK: it is the undo. */
static enum outcome
transfer_all(struct visit *v, struct json_object *list, const char *to,
    int back)
{
	const char *from = v->account;
	enum outcome out, first = OUT_OK;
	char why[TEXT_MAX] = "";
	struct json_object *row;
	size_t i;

	for (i = 0; i < visit_length(list); i++) {
		row = json_object_array_get_idx(list, i);
		out = back ? transfer(v, visit_text(row, "id"), to, from) :
		    transfer(v, visit_text(row, "id"), from, to);
		if (visit_is_over(out))
			return out;
		if (out == OUT_OK && back == 0) {
			visit_handed(v, "workspace %.150s", visit_text(row,
			    "name"));
			visit_renew(v, "AI assistants and integrations in "
			    "workspace %.150s",
			    visit_text(row, "name"));
		} else if (out != OUT_OK && out != OUT_ABSENT &&
		    first == OUT_OK) {
			first = out;
			(void)text_copy(why, sizeof(why), v->detail);
		}
	}
	return first == OUT_OK ? OUT_OK : visit_end(v, first == OUT_GONE ?
	    OUT_RETRY : first, "%s", why);
}

/* Somebody suspended could not take care of anything. */
static enum outcome
heir_is_active(struct visit *v, const char *id)
{
	struct json_object *j = NULL;
	struct visit_call c;
	struct buf path;
	char got[WORD_MAX];
	enum outcome out;

	buf_init(&path, 512);
	http_path(&path, API, "users", id, NULL);
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "show the new owner";
	c.out = &j;
	out = fastio_call(v, &c);
	fastio_id(fastio_object(j, "user"), "id", got);
	if (out == OUT_OK && strcmp(got, id) != 0)
		out = visit_end(v, OUT_GARBLED, "%s sent something that is not "
		    "user %.60s", v->sys->name, id);
	else if (out == OUT_OK && strcmp(visit_text(fastio_object(j, "user"),
	    "status"), "suspended") == 0)
		out = visit_end(v, OUT_FAILED, "%s is suspended in %s: name "
		    "somebody else to take over, then retry",
		    v->who->handover, v->sys->name);
	json_object_put(j);
	return out == OUT_GONE ? OUT_RETRY : out;
}

static enum outcome
heir_find(struct visit *v, char id[WORD_MAX])
{
	const char *heir = v->who->handover;
	char label[PERSON_MAX];
	enum outcome out = fastio_guide_find(v, heir, id, label);

	if (out == OUT_AMBIGUOUS)
		return OUT_FAILED;
	if (out == OUT_ABSENT)
		return visit_end(v, OUT_FAILED, "%s has no account in %s, so "
		    "nothing can be handed over to that person: make one "
		    "there, then retry", heir, v->sys->name);
	return out == OUT_OK ? heir_is_active(v, id) : out;
}

/* What is owned now, and what an earlier try may have given away. */
static void
owned_join(struct visit *v, struct json_object *list)
{
	struct json_object *was, *row;
	size_t i, k;

	was = visit_was(v, "owned");
	for (i = 0; i < visit_length(was); i++) {
		row = json_object_array_get_idx(was, i);
		for (k = 0; k < visit_length(list); k++)
			if (strcmp(visit_text(row, "id"), visit_text(
			    json_object_array_get_idx(list, k), "id")) == 0)
				break;
		if (k == visit_length(list))
			json_object_array_add(list, json_object_get(row));
	}
}

static enum outcome
handover_to(struct visit *v, struct json_object *owned)
{
	struct json_object *list = NULL;
	char to[WORD_MAX];
	enum outcome out = heir_find(v, to);

	if (out == OUT_OK)
		out = transfer_all(v, owned, to, 0);
	if (out == OUT_OK)
		out = fastio_guide_owned(v, &list);
	if (out == OUT_OK && visit_length(list) > 0)
		out = visit_end(v, OUT_RETRY, "%s still lists %zu workspace(s) "
		    "of %s", v->sys->name, visit_length(list), v->who->email);
	json_object_put(list);
	if (out != OUT_OK)
		return out;
	return visit_end(v, OUT_VERIFIED, "%s is the owner of %zu workspace(s) "
	    "now, and nothing more is owned", v->who->handover, visit_length(
	    visit_member(v->after, "handed_over", json_type_array)));
}

static enum outcome
handover_nobody(struct visit *v, struct json_object *owned)
{
	char words[300] = "";
	size_t i;

	for (i = 0; i < visit_length(owned); i++)
		fastio_add(words, sizeof(words), visit_text(
		    json_object_array_get_idx(owned, i), "name"));
	visit_task(v, "Nobody is named to take over, and %s still owns these "
	    "workspaces: %s. Give them to somebody in %s, then retry: before "
	    "that nothing is removed there.", v->who->email, words,
	    v->sys->name);
	return visit_end(v, OUT_MANUAL, "owns %zu workspace(s), and nobody is "
	    "named to take them over", visit_length(owned));
}

/* OUT_GONE where the user is shown no more: then it owns nothing either. */
static enum outcome
owned_now(struct visit *v, struct json_object **list)
{
	enum outcome out = fastio_guide_owned(v, list);

	if (out != OUT_GONE)
		return out;
	*list = json_object_new_array();
	out = fastio_guide_gone(v);
	if (out != OUT_OK) {
		json_object_put(*list);
		*list = NULL;
	}
	return out;
}

enum outcome
fastio_guide_handover(struct visit *v)
{
	struct json_object *owned = NULL;
	enum outcome out = owned_now(v, &owned);
	size_t n;

	if (out != OUT_OK)
		return out;
	n = visit_length(owned);
	visit_before(v, "owned", json_object_get(owned));
	if (v->who->handover[0] == '\0')
		out = n > 0 ? handover_nobody(v, owned) : visit_end(v,
		    OUT_VERIFIED, "owns no workspace");
	else {
		struct json_object *all = NULL;

		(void)json_object_deep_copy(owned, &all, NULL);
		owned_join(v, all);
		out = visit_length(all) == 0 ? visit_end(v, OUT_VERIFIED,
		    "owns no workspace") : handover_to(v, all);
		json_object_put(all);
	}
	json_object_put(owned);
	return out;
}

/* ---- remove: "Remove the User" ---- */

static enum outcome
remove_read_back(struct visit *v)
{
	enum outcome out;
	int64_t wait;
	int try, in;

	for (try = 0; ; try++) {
		out = fastio_guide_in_org(v, &in);
		if (out != OUT_OK || in == 0)
			return out;
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s accepted the "
			    "removal but still lists user %s as a member",
			    v->sys->name, v->account);
		http_pause(wait);
	}
}

/* Who is no member may still be a user: then a suspended one, or not active
 * by any other word. */
static enum outcome
removed_words(struct visit *v, char *words, size_t size)
{
	char status[32];
	enum outcome out = fastio_guide_status(v, status);

	if (out == OUT_GONE) {
		(void)snprintf(words, size, "the user is gone");
		return OUT_OK;
	}
	if (out != OUT_OK)
		return out;
	(void)snprintf(words, size, "the user is %s", status);
	if (strcmp(status, "suspended") == 0 ||
	    strcmp(status, "deleted") == 0 || strcmp(status, "removed") == 0)
		return OUT_OK;
	return visit_end(v, strcmp(status, "active") == 0 ? OUT_FAILED :
	    OUT_UNCLEAR, "%s shows user %s as %.30s: retry the containment",
	    v->sys->name, v->account, status);
}

enum outcome
fastio_guide_remove(struct visit *v)
{
	struct json_object *owned = NULL;
	struct visit_call c;
	struct buf path;
	char words[80];
	enum outcome out = owned_now(v, &owned);
	size_t n = visit_length(owned);

	json_object_put(owned);
	if (out != OUT_OK)
		return out;
	/* Read right before: what is removed with its owner is orphaned. */
	if (n > 0)
		return visit_end(v, OUT_FAILED, "%s shows %s as the owner of "
		    "%zu workspace(s): nothing is removed before they are "
		    "handed over; hand them over, then retry", v->sys->name,
		    v->who->email, n);
	buf_init(&path, 512);
	http_path(&path, API, "orgs", fastio_own(v)->org, "members",
	    v->account, NULL);
	memset(&c, 0, sizeof(c));
	c.method = "DELETE";
	c.path = &path;
	c.what = "remove the user from the organisation";
	out = fastio_call(v, &c);
	if (out == OUT_OK || out == OUT_GONE)
		out = remove_read_back(v);
	if (out == OUT_OK)
		out = removed_words(v, words, sizeof(words));
	return out == OUT_OK ? visit_end(v, OUT_VERIFIED, "no member of the "
	    "organisation any more; %s", words) : out;
}

/* For the undo: from the heir back to the person. */
enum outcome
fastio_guide_give_back(struct visit *v, struct json_object *list)
{
	char heir[WORD_MAX];
	enum outcome out = heir_find(v, heir);

	return out == OUT_OK ? transfer_all(v, list, heir, 1) : out;
}
