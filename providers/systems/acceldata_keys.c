/*
 * Acceldata: API keys, groups, direct roles and service users; reading them
 * and taking them away. The list of keys shows every secret in clear: nothing
 * of it is kept but the name and the last four characters of the access key.
 */
#include "acceldata.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PAGES_MAX 1000

static size_t
length(struct json_object *list)
{
	return list == NULL ? 0 : json_object_array_length(list);
}

static void
add_pair(struct json_object *list, const char *id, const char *name)
{
	struct json_object *o = json_object_new_object();
	char clean[PERSON_MAX];

	(void)text_copy(clean, sizeof(clean), name);
	text_clean(clean);
	json_object_object_add(o, "id", json_object_new_string(id));
	json_object_object_add(o, "name", json_object_new_string(clean));
	json_object_array_add(list, o);
}

static int
has_id(struct json_object *list, const char *id)
{
	size_t i;

	for (i = 0; i < length(list); i++)
		if (strcmp(visit_text(json_object_array_get_idx(list, i),
		    "id"), id) == 0)
			return 1;
	return 0;
}

struct json_object *
acceldata_masked(struct json_object *keys)
{
	struct json_object *out = json_object_new_array(), *row;
	char masked[16];
	const char *id;
	size_t i, n;

	for (i = 0; i < length(keys); i++) {
		row = json_object_array_get_idx(keys, i);
		id = visit_text(row, "id");
		n = strlen(id);
		(void)snprintf(masked, sizeof(masked), "…%s",
		    n > 4 ? id + n - 4 : "");
		add_pair(out, masked, visit_text(row, "name"));
	}
	return out;
}

int
acceldata_is_ours(const struct visit *v, struct json_object *keys)
{
	return has_id(keys, acceldata_own(v)->access_key);
}

static enum outcome
get_page(struct visit *v, struct buf *path, const char *what,
    struct json_object **j)
{
	struct visit_call c;

	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = path;
	c.what = what;
	c.out = j;
	return visit_call(v, &c);
}

/* Keys of one page into the list; *ADDED how many were new. */
static enum outcome
keys_page(struct visit *v, int page, struct json_object *list, size_t *rows,
    size_t *added)
{
	struct json_object *j = NULL, *data, *row;
	struct buf path;
	char number[16];
	const char *id;
	enum outcome out;
	size_t i;

	(void)snprintf(number, sizeof(number), "%d", page);
	buf_init(&path, 1024);
	http_path(&path, "admin", "api", "users", v->account, "api-keys",
	    NULL);
	http_query(&path, "page", number);
	http_query(&path, "size", "100");
	out = get_page(v, &path, "list the API keys", &j);
	data = visit_list(j, "data");
	if (data == NULL)
		data = visit_list(j, "apiKeys");
	if (out == OUT_OK && data == NULL)
		out = visit_end(v, OUT_GARBLED, "%s sent no list of keys",
		    v->sys->name);
	*rows = *added = 0;
	for (i = 0; out == OUT_OK && i < length(data); i++) {
		row = json_object_array_get_idx(data, i);
		id = visit_text(row, "accessKey");
		if (id[0] == '\0')
			out = visit_end(v, OUT_GARBLED, "%s sent a key without "
			    "its accessKey", v->sys->name);
		else if (!has_id(list, id)) {
			add_pair(list, id, visit_text(row, "displayName"));
			(*added)++;
		}
		(*rows)++;
	}
	json_object_put(j);
	return out;
}

/* Until a page brings nothing new: totals are not trusted, because a key
 * that is missed is a door left open. */
enum outcome
acceldata_list_keys(struct visit *v, struct json_object **list)
{
	enum outcome out = OUT_OK;
	size_t rows = 1, added = 1;
	int page;

	*list = json_object_new_array();
	for (page = 0; page < PAGES_MAX && out == OUT_OK && added > 0; page++)
		out = keys_page(v, page, *list, &rows, &added);
	if (out == OUT_OK)
		return OUT_OK;
	json_object_put(*list);
	*list = NULL;
	return out == OUT_GONE ? visit_end(v, OUT_RETRY, "%s no longer shows "
	    "the keys of user %s", v->sys->name, v->account) : out;
}

enum outcome
acceldata_groups(struct visit *v, struct json_object **list)
{
	struct json_object *j = NULL, *rows, *row;
	char id[WORD_MAX];
	enum outcome out;
	size_t i;

	*list = NULL;
	out = visit_get(v, &j, "admin", "api", "users", v->account, "groups",
	    NULL);
	if (out != OUT_OK)
		return out == OUT_GONE ? visit_end(v, OUT_RETRY, "%s no longer "
		    "shows the groups of user %s", v->sys->name, v->account) :
		    out;
	rows = visit_list(j, "groups");
	if (rows == NULL)
		rows = visit_list(visit_member(j, "data", json_type_object),
		    "groups");
	if (rows == NULL) {
		json_object_put(j);
		return visit_end(v, OUT_GARBLED, "%s sent no list of groups",
		    v->sys->name);
	}
	*list = json_object_new_array();
	for (i = 0; i < length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		if (json_object_is_type(row, json_type_string)) {
			add_pair(*list, json_object_get_string(row),
			    json_object_get_string(row));
			continue;
		}
		visit_id(row, "id", id);
		add_pair(*list, id[0] != '\0' ? id : visit_text(row, "name"),
		    visit_text(row, "name"));
	}
	json_object_put(j);
	return OUT_OK;
}

/* Roles that do not come from a group. Without a client_id the contract's
 * own list cannot be asked for; the view of roles names each one's source. */
enum outcome
acceldata_direct_roles(struct visit *v, struct json_object **list)
{
	const char *client = acceldata_own(v)->client_id, *source;
	struct json_object *j = NULL, *rows, *row;
	struct buf path;
	char id[WORD_MAX];
	enum outcome out;
	size_t i;

	*list = json_object_new_array();
	buf_init(&path, 1024);
	if (client != NULL) {
		http_path(&path, "admin", "api", "assigned-client-roles",
		    v->account, NULL);
		http_query(&path, "clientId", client);
	} else
		http_path(&path, "authz", "api", "v1", "users", v->account,
		    "roles", NULL);
	out = get_page(v, &path, "list the roles", &j);
	/* Not every tenant has the view of roles. */
	if (out == OUT_GONE && client == NULL)
		return OUT_OK;
	rows = visit_list(j, "roles");
	if (out == OUT_OK && rows == NULL)
		out = visit_end(v, OUT_GARBLED, "%s sent no list of roles",
		    v->sys->name);
	for (i = 0; out == OUT_OK && i < length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		source = visit_text(row, "source");
		visit_id(row, "id", id);
		if (strncmp(source, "group", 5) != 0)
			add_pair(*list, id, visit_text(row, "name"));
	}
	json_object_put(j);
	if (out == OUT_OK)
		return OUT_OK;
	json_object_put(*list);
	*list = NULL;
	return out == OUT_GONE ? visit_end(v, OUT_FAILED, "%s shows no roles "
	    "for client_id %s: correct client_id", v->sys->name, client) : out;
}

static int
is_creator(struct visit *v, struct json_object *row)
{
	const char *by = visit_text(row, "createdBy");

	return by[0] != '\0' && (strcasecmp(by, v->who->email) == 0 ||
	    strcmp(by, v->account) == 0);
}

enum outcome
acceldata_service_users(struct visit *v, struct json_object **list)
{
	struct json_object *j = NULL, *rows, *row;
	enum outcome out = OUT_OK;
	struct buf path;
	char number[24], id[WORD_MAX];
	size_t i, n = 1, seen = 0;
	int page;

	*list = json_object_new_array();
	for (page = 0; page < PAGES_MAX && out == OUT_OK && n > 0; page++) {
		(void)snprintf(number, sizeof(number), "%zu", seen);
		buf_init(&path, 1024);
		http_path(&path, "admin", "api", "v1", "service-users",
		    "list", NULL);
		http_query(&path, "first", number);
		http_query(&path, "max", "100");
		out = get_page(v, &path, "list the service users", &j);
		/* Not every tenant has service users. */
		if (out == OUT_GONE)
			return OUT_OK;
		rows = visit_list(j, "serviceUsers");
		if (rows == NULL)
			rows = visit_list(j, "users");
		if (rows == NULL)
			rows = visit_list(j, "data");
		n = length(rows);
		for (i = 0; out == OUT_OK && i < n; i++) {
			row = json_object_array_get_idx(rows, i);
			visit_id(row, "id", id);
			if (has_id(*list, id))
				n = 0;
			else if (is_creator(v, row))
				add_pair(*list, id, visit_text(row,
				    "username"));
		}
		seen += n;
		json_object_put(j);
		j = NULL;
	}
	if (out == OUT_OK)
		return OUT_OK;
	json_object_put(*list);
	*list = NULL;
	return out;
}

/* ---- taking away ---- */

static enum outcome
revoke_keys(struct visit *v, size_t *gone)
{
	struct acceldata *own = acceldata_own(v);
	struct json_object *keys = NULL;
	struct buf path;
	enum outcome out = acceldata_list_keys(v, &keys), first = OUT_OK;
	char why[TEXT_MAX] = "";
	size_t i;

	if (out != OUT_OK)
		return out;
	if (acceldata_is_ours(v, keys)) {
		json_object_put(keys);
		return visit_end(v, OUT_FAILED, "this person owns the key that "
		    "offboard itself uses for %s: give it a key of somebody "
		    "else, then retry", v->sys->name);
	}
	visit_before(v, "keys", acceldata_masked(keys));
	for (i = 0; i < length(keys); i++) {
		buf_init(&path, 1024);
		http_path(&path, "admin", "api", "users", "api-keys",
		    visit_text(json_object_array_get_idx(keys, i), "id"),
		    NULL);
		if (own->client_id != NULL)
			http_query(&path, "clientId", own->client_id);
		out = acceldata_put(v, "DELETE", &path, NULL,
		    "delete an API key");
		if (visit_is_over(out))
			break;
		/* Gone already is what we want. A key that cannot be deleted
		 * must not keep the others alive. */
		if (out != OUT_OK && out != OUT_GONE && first == OUT_OK) {
			first = out;
			(void)text_copy(why, sizeof(why), v->detail);
		}
		out = OUT_OK;
		(*gone)++;
	}
	json_object_put(keys);
	if (out != OUT_OK || (*gone == 0 && first == OUT_OK))
		return out;
	if (first != OUT_OK)
		return visit_end(v, first, "%s", why);
	out = acceldata_list_keys(v, &keys);
	i = length(keys);
	json_object_put(keys);
	if (out == OUT_OK && i > 0)
		return visit_end(v, OUT_RETRY, "%s still shows %zu API key(s)",
		    v->sys->name, i);
	return out;
}

static struct json_object *
group_body(struct visit *v, struct json_object *groups)
{
	struct json_object *ids = json_object_new_array();
	struct json_object *body = json_object_new_object(), *data;
	size_t i;

	for (i = 0; i < length(groups); i++)
		json_object_array_add(ids, json_object_new_string(visit_text(
		    json_object_array_get_idx(groups, i), "id")));
	if (acceldata_own(v)->group_ids) {
		json_object_object_add(body, "groupIds", ids);
		return body;
	}
	data = json_object_new_object();
	json_object_object_add(data, "groups", ids);
	json_object_object_add(body, "data", data);
	return body;
}

/* remove-groups or assign-groups with the list. */
static enum outcome
put_groups(struct visit *v, const char *verb, struct json_object *groups,
    const char *what)
{
	struct buf path;

	buf_init(&path, 512);
	http_path(&path, "admin", "api", "users", v->account, verb, NULL);
	return acceldata_put(v, "PUT", &path, group_body(v, groups), what);
}

static enum outcome
revoke_groups(struct visit *v, size_t *gone)
{
	struct json_object *groups = NULL;
	enum outcome out = acceldata_groups(v, &groups);
	int64_t wait;
	int try;

	if (out != OUT_OK)
		return out;
	*gone = length(groups);
	visit_before(v, "groups", json_object_get(groups));
	if (*gone > 0)
		out = put_groups(v, "remove-groups", groups,
		    "remove the user from all groups");
	json_object_put(groups);
	for (try = 0; out == OUT_OK && *gone > 0; try++) {
		size_t left;

		out = acceldata_groups(v, &groups);
		if (out != OUT_OK)
			break;
		left = length(groups);
		json_object_put(groups);
		if (left == 0)
			break;
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s still shows %zu "
			    "group(s)", v->sys->name, left);
		http_pause(wait);
	}
	return out;
}

static struct json_object *
role_body(struct visit *v, struct json_object *roles)
{
	struct acceldata *own = acceldata_own(v);
	struct json_object *list = json_object_new_array(), *row;
	struct json_object *body = json_object_new_object(), *data;
	long long id;
	size_t i;

	for (i = 0; i < length(roles); i++) {
		row = json_object_array_get_idx(roles, i);
		if (own->group_ids)
			json_object_array_add(list, json_object_new_string(
			    visit_text(row, "name")));
		else if (text_int(visit_text(row, "id"), 0, INT64_MAX,
		    &id) == 0)
			json_object_array_add(list,
			    json_object_new_int64(id));
	}
	data = own->group_ids ? body : json_object_new_object();
	if (own->group_ids == 0) {
		json_object_object_add(data, "clientId",
		    json_object_new_string(own->client_id));
		json_object_object_add(data, "domainRoleMapping",
		    json_object_new_array());
		json_object_object_add(data, "serviceUserDomainRoleMappings",
		    json_object_new_array());
		json_object_object_add(body, "data", data);
	}
	json_object_object_add(data, "userId",
	    json_object_new_string(v->account));
	json_object_object_add(data, "roles", list);
	return body;
}

static enum outcome
revoke_roles(struct visit *v, size_t *gone, size_t *kept)
{
	struct acceldata *own = acceldata_own(v);
	struct json_object *roles = NULL;
	enum outcome out = acceldata_direct_roles(v, &roles);
	struct buf path;

	if (out != OUT_OK)
		return out;
	visit_before(v, "roles", json_object_get(roles));
	if (own->client_id == NULL && own->group_ids == 0) {
		*kept = length(roles);
		json_object_put(roles);
		return OUT_OK;
	}
	*gone = length(roles);
	if (*gone > 0) {
		buf_init(&path, 512);
		http_path(&path, "admin", "api", "remove-assigned-client-roles",
		    NULL);
		out = acceldata_put(v, "PUT", &path, role_body(v, roles),
		    "take direct roles away");
	}
	json_object_put(roles);
	if (out != OUT_OK || *gone == 0)
		return out;
	out = acceldata_direct_roles(v, &roles);
	*kept = length(roles);
	json_object_put(roles);
	if (out == OUT_OK && *kept > 0)
		return visit_end(v, OUT_RETRY, "%s still shows %zu direct "
		    "role(s)", v->sys->name, *kept);
	return out;
}

static enum outcome
report_service_users(struct visit *v, size_t *n)
{
	struct json_object *list = NULL;
	enum outcome out = acceldata_service_users(v, &list);
	size_t i;

	if (out != OUT_OK)
		return out;
	*n = length(list);
	for (i = 0; i < *n && i < VISIT_TASKS - 2; i++)
		visit_task(v, "The service user \"%.80s\" in %s was made by "
		    "this person and keeps its own keys: decide whether it is "
		    "still needed, and renew or delete its keys.",
		    visit_text(json_object_array_get_idx(list, i), "name"),
		    v->sys->name);
	visit_before(v, "service_users", list);
	return OUT_OK;
}

/* A refusal of one part must not keep the others from being taken away. */
enum outcome
acceldata_revoke(struct visit *v)
{
	size_t gone[3] = { 0, 0, 0 }, kept = 0, robots = 0;
	enum outcome out, first = OUT_OK;
	char why[TEXT_MAX] = "", robots_text[64] = "";
	char kept_text[100] = "";
	int i;

	for (i = 0; i < 4; i++) {
		out = i == 0 ? revoke_keys(v, &gone[0]) :
		    i == 1 ? revoke_groups(v, &gone[1]) :
		    i == 2 ? revoke_roles(v, &gone[2], &kept) :
		    report_service_users(v, &robots);
		if (visit_is_over(out))
			return out;
		if (out != OUT_OK && first == OUT_OK) {
			first = out;
			(void)text_copy(why, sizeof(why), v->detail);
		}
	}
	if (first != OUT_OK)
		return visit_end(v, first == OUT_GONE ? OUT_RETRY : first,
		    "%s", why);
	if (kept > 0)
		(void)snprintf(kept_text, sizeof(kept_text), "; %zu role(s) "
		    "given directly stay on the disabled account (no client_id)",
		    kept);
	if (robots > 0)
		(void)snprintf(robots_text, sizeof(robots_text),
		    "; %zu service user(s) to decide on", robots);
	/* Told by the before-image: a step that was interrupted has taken
	 * some away in an earlier try. */
	return visit_end(v, OUT_VERIFIED, "%zu key(s), %zu group(s) and %zu "
	    "direct role(s) taken away; none is left%s%s",
	    length(visit_was(v, "keys")), length(visit_was(v, "groups")),
	    kept > 0 ? 0 : length(visit_was(v, "roles")), kept_text,
	    robots_text);
}

/* For the undo: the groups of the before-image. */
enum outcome
acceldata_regroup(struct visit *v)
{
	struct json_object *was = visit_was(v, "groups"), *now = NULL;
	enum outcome out;
	size_t i;

	if (length(was) == 0)
		return OUT_OK;
	out = put_groups(v, "assign-groups", was, "put the user back into their "
	    "groups");
	if (out == OUT_OK)
		out = acceldata_groups(v, &now);
	for (i = 0; out == OUT_OK && i < length(was); i++)
		if (!has_id(now, visit_text(json_object_array_get_idx(was, i),
		    "id")))
			out = visit_end(v, OUT_RETRY, "%s does not show all "
			    "the groups that were given back", v->sys->name);
	json_object_put(now);
	return out;
}
