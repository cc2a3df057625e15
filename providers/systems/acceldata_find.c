/* Acceldata: finding the one user with an address, and documenting what that
 * user holds. Changes nothing. */
#include "acceldata.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PAGES_MAX 1000

static void
user_id(struct json_object *u, char id[WORD_MAX])
{
	visit_id(u, "userId", id);
	if (id[0] == '\0')
		visit_id(u, "id", id);
}

static enum outcome
find_row(struct visit *v, struct json_object *u, const char *email,
    char id[WORD_MAX])
{
	char row[WORD_MAX];

	if (strcasecmp(visit_text(u, "email"), email) != 0)
		return OUT_GONE;
	user_id(u, row);
	if (row[0] == '\0')
		return visit_end(v, OUT_GARBLED, "%s sent a user without an "
		    "id", v->sys->name);
	if (id[0] != '\0' && strcmp(id, row) != 0)
		return visit_end(v, OUT_AMBIGUOUS, "%s has several users with "
		    "the address %s (ids %.60s, %.60s): nothing was touched "
		    "there; remove the address from the wrong one, then retry",
		    v->sys->name, email, id, row);
	(void)text_copy(id, WORD_MAX, row);
	return OUT_OK;
}

/* One page of the search. *N rows were there, *TOTAL in all (-1: unsaid). */
static enum outcome
find_page(struct visit *v, const char *email, size_t first,
    struct json_object **j)
{
	struct visit_call c;
	struct buf path;
	char number[24];
	enum outcome out;

	(void)snprintf(number, sizeof(number), "%zu", first);
	buf_init(&path, 2048);
	http_path(&path, "admin", "api", "users", "list", NULL);
	http_query(&path, "searchString", email);
	http_query(&path, "first", number);
	http_query(&path, "max", "100");
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "find the person";
	c.out = j;
	out = visit_call(v, &c);
	if (out == OUT_OK)
		out = acceldata_status(v, *j, c.what);
	return out == OUT_GONE ? visit_end(v, OUT_FAILED, "%s has no list of "
	    "users at its url: check url", v->sys->name) : out;
}

static long long
meta_total(struct json_object *j)
{
	struct json_object *meta = visit_member(j, "meta", json_type_object);
	struct json_object *total = visit_member(meta, "total", json_type_int);

	if (total == NULL)
		total = visit_member(meta, "count", json_type_int);
	return total == NULL ? -1 : json_object_get_int64(total);
}

enum outcome
acceldata_find(struct visit *v, const char *email, char id[WORD_MAX],
    char label[PERSON_MAX])
{
	struct json_object *j = NULL, *list, *u, *users;
	enum outcome out = OUT_OK, row;
	size_t seen = 0, i, n;
	long long total;
	int page;

	id[0] = label[0] = '\0';
	for (page = 0; page < PAGES_MAX && out == OUT_OK; page++) {
		out = find_page(v, email, seen, &j);
		if (out != OUT_OK)
			break;
		list = visit_list(j, "users");
		total = meta_total(j);
		/* "users": null is how it says that nobody fits. */
		if (list == NULL && !(json_object_is_type(j,
		    json_type_object) && json_object_object_get_ex(j, "users",
		    &users) && users == NULL))
			out = visit_end(v, OUT_GARBLED, "%s sent no list of "
			    "users", v->sys->name);
		n = list == NULL ? 0 : json_object_array_length(list);
		for (i = 0; i < n && out == OUT_OK; i++) {
			u = json_object_array_get_idx(list, i);
			row = find_row(v, u, email, id);
			if (row == OUT_OK)
				(void)snprintf(label, PERSON_MAX,
				    "%.90s %.90s", visit_text(u, "firstName"),
				    visit_text(u, "lastName"));
			else if (row != OUT_GONE)
				out = row;
		}
		seen += n;
		json_object_put(j);
		j = NULL;
		if (out == OUT_OK && n == 0 && total > 0 &&
		    (long long)seen < total)
			out = visit_end(v, OUT_RETRY, "%s says that %lld users "
			    "fit, but sent %zu", v->sys->name, total, seen);
		if (n == 0 || (total >= 0 && (long long)seen >= total))
			break;
	}
	json_object_put(j);
	return out == OUT_OK && id[0] == '\0' ? OUT_ABSENT : out;
}

/* The key that we call with belongs to somebody: not to this person. */
static enum outcome
refuse_ourselves(struct visit *v)
{
	struct json_object *keys = NULL;
	enum outcome out = acceldata_list_keys(v, &keys);
	int ours = out == OUT_OK && acceldata_is_ours(v, keys);

	json_object_put(keys);
	if (ours)
		return visit_end(v, OUT_FAILED, "this person owns the key that "
		    "offboard itself uses for %s: give it a key of somebody "
		    "else, then retry", v->sys->name);
	return out;
}

enum outcome
acceldata_match(struct visit *v)
{
	char id[WORD_MAX], label[PERSON_MAX];
	enum outcome out = acceldata_find(v, v->who->email, id, label);

	if (out == OUT_ABSENT)
		return visit_end(v, OUT_ABSENT, "%s knows nobody with this "
		    "address", v->sys->name);
	if (out != OUT_OK)
		return out;
	(void)text_copy(v->account, sizeof(v->account), id);
	(void)text_copy(v->label, sizeof(v->label), label);
	/* Nothing at all is done to the one whose key we hold. */
	out = refuse_ourselves(v);
	if (out != OUT_OK)
		v->account[0] = '\0';
	return out;
}

enum outcome
acceldata_user(struct visit *v, struct json_object **j,
    struct json_object **user)
{
	enum outcome out = visit_get(v, j, "admin", "api", "users", v->account,
	    NULL);
	char id[WORD_MAX];

	if (out != OUT_OK)
		return out;
	*user = visit_member(*j, "user", json_type_object);
	if (*user == NULL)
		*user = *j;
	user_id(*user, id);
	if (strcmp(id, v->account) == 0 &&
	    visit_member(*user, "enabled", json_type_boolean) != NULL) {
		/* A later look asks for this account, whosever it is now. */
		out = v->phase == PHASE_RECHECK ? OUT_OK :
		    visit_is_them(v, *user);
		if (out == OUT_OK)
			return OUT_OK;
		json_object_put(*j);
		*j = *user = NULL;
		return out;
	}
	json_object_put(*j);
	*j = *user = NULL;
	return visit_end(v, OUT_GARBLED, "%s sent something that is not user "
	    "%s", v->sys->name, v->account);
}

int
acceldata_is_enabled(struct json_object *user)
{
	return json_object_get_boolean(visit_member(user, "enabled",
	    json_type_boolean));
}

int
acceldata_is_upstream(const struct visit *v, struct json_object *user)
{
	struct json_object *m = visit_member(user, "scimManaged",
	    json_type_boolean);

	if (m == NULL)
		m = visit_member(v->after, "upstream", json_type_boolean);
	return m != NULL && json_object_get_boolean(m);
}

/* Reads all that the person holds into the before-image. */
static enum outcome
document_lists(struct visit *v)
{
	struct acceldata *own = acceldata_own(v);
	struct json_object *list = NULL;
	enum outcome out;

	out = acceldata_list_keys(v, &list);
	if (out != OUT_OK)
		return out;
	if (json_object_array_length(list) > 0)
		visit_holds(v, "%zu API key(s)",
		    json_object_array_length(list));
	visit_before(v, "keys", acceldata_masked(list));
	json_object_put(list);
	out = acceldata_groups(v, &list);
	if (out != OUT_OK)
		return out;
	if (json_object_array_length(list) > 0)
		visit_holds(v, "%zu group(s)", json_object_array_length(list));
	visit_before(v, "groups", list);
	out = acceldata_direct_roles(v, &list);
	if (out != OUT_OK)
		return out;
	if (json_object_array_length(list) > 0)
		visit_holds(v, "%zu role(s) given directly",
		    json_object_array_length(list));
	visit_before(v, "roles", list);
	out = acceldata_view_roles(v, 0, &list);
	if (out != OUT_OK)
		return out;
	if (list != NULL)
		visit_before(v, "all_roles", list);
	out = acceldata_service_users(v, &list);
	if (out != OUT_OK)
		return out;
	if (json_object_array_length(list) > 0)
		visit_holds(v, "%zu service user(s) made by this person",
		    json_object_array_length(list));
	visit_before(v, "service_users", list);
	if (own->pipelines == 0)
		return OUT_OK;
	out = acceldata_owned(v, v->who->email, &list);
	if (out != OUT_OK)
		return out;
	if (json_object_array_length(list) > 0)
		visit_holds(v, "owner of %zu pipeline(s)",
		    json_object_array_length(list));
	visit_before(v, "pipelines", list);
	return OUT_OK;
}

enum outcome
acceldata_document(struct visit *v)
{
	struct json_object *j = NULL, *user = NULL, *attributes;
	enum outcome out = acceldata_user(v, &j, &user);

	if (out == OUT_GONE)
		return visit_end(v, OUT_RETRY, "%s lost user %s while being "
		    "read", v->sys->name, v->account);
	if (out != OUT_OK)
		return out;
	visit_holds(v, "the account is %s", acceldata_is_enabled(user) ?
	    "enabled" : "already disabled");
	if (acceldata_is_upstream(v, user))
		visit_holds(v, "the account is managed by your identity "
		    "provider and can only be disabled there");
	visit_before(v, "enabled",
	    json_object_new_boolean(acceldata_is_enabled(user)));
	attributes = visit_member(user, "attributes", json_type_object);
	visit_before(v, "attributes", attributes == NULL ?
	    json_object_new_object() : json_object_get(attributes));
	json_object_put(j);
	out = document_lists(v);
	if (out != OUT_OK)
		return out;
	return visit_end(v, OUT_VERIFIED, "holds %zu key(s), %zu group(s) and "
	    "%zu pipeline(s) as user %s", visit_length(visit_was(v, "keys")),
	    visit_length(visit_was(v, "groups")),
	    visit_length(visit_was(v, "pipelines")), v->account);
}
