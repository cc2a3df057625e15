/* SCIM: the one user that was found, and what that user holds. Changes
 * nothing. */
#include "scim.h"

#include <stdio.h>
#include <string.h>

#define NAMED_MAX	12	/* groups; more are counted */

enum outcome
scim_user(struct visit *v, struct json_object **user, char *etag)
{
	struct visit_call c;
	struct buf path;
	char id[WORD_MAX];
	enum outcome out;

	*user = NULL;
	buf_init(&path, 1024);
	http_path(&path, "Users", v->account, NULL);
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "show the user";
	c.out = user;
	c.etag = etag;
	out = visit_call(v, &c);
	if (out != OUT_OK)
		return out;
	visit_id(*user, "id", id);
	if (strcmp(id, v->account) == 0)
		return OUT_OK;
	json_object_put(*user);
	*user = NULL;
	return visit_end(v, OUT_GARBLED, "%s sent something that is not user "
	    "%s", v->sys->name, v->account);
}

static void
document_more(struct visit *v, struct json_object *user, const char *key)
{
	struct json_object *list = visit_member(user, key, json_type_array),
	    *names, *row;
	size_t i;

	if (visit_length(list) == 0)
		return;
	visit_holds(v, "%zu %s", visit_length(list), key);
	names = json_object_new_array();
	for (i = 0; i < visit_length(list); i++) {
		row = json_object_array_get_idx(list, i);
		json_object_array_add(names, visit_text(row, "display")[0] !=
		    '\0' ? visit_name(row, "display") : visit_name(row,
		    "value"));
	}
	visit_before(v, key, names);
}

enum outcome
scim_document(struct visit *v)
{
	struct json_object *user = NULL, *groups;
	enum outcome out = scim_user(v, &user, NULL);
	enum scim_active active;
	size_t n, i;

	if (out == OUT_GONE)
		return visit_end(v, OUT_RETRY, "%s lost user %s while being "
		    "read", v->sys->name, v->account);
	if (out != OUT_OK)
		return out;
	active = scim_active(user);
	groups = scim_memberships(user);
	n = visit_length(groups);
	visit_holds(v, "the user is %s", active == SCIM_ON ? "active" :
	    active == SCIM_OFF ? "already inactive" : "not said to be active");
	for (i = 0; i < n && n <= NAMED_MAX; i++)
		visit_holds(v, "member of %.80s", visit_text(
		    json_object_array_get_idx(groups, i), "name"));
	if (n > NAMED_MAX)
		visit_holds(v, "member of %zu groups", n);
	visit_before(v, "active", json_object_new_boolean(active !=
	    SCIM_OFF));
	visit_before(v, "groups", groups);
	document_more(v, user, "roles");
	document_more(v, user, "entitlements");
	json_object_put(user);
	return visit_end(v, OUT_VERIFIED, "%s, in %zu group(s), as user %s",
	    active == SCIM_OFF ? "inactive" : "active", n, v->account);
}
