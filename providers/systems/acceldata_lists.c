/*
 * Acceldata: the lists of API keys, groups, direct roles and service users.
 * The list of keys shows every secret in clear: nothing of it is kept but the
 * name and the last four characters of the access key. Changes nothing.
 */
#include "acceldata.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PAGES_MAX 1000

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

int
acceldata_has_id(struct json_object *list, const char *id)
{
	size_t i;

	for (i = 0; i < visit_length(list); i++)
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

	for (i = 0; i < visit_length(keys); i++) {
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
	return acceldata_has_id(keys, acceldata_own(v)->access_key);
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
	for (i = 0; out == OUT_OK && i < visit_length(data); i++) {
		row = json_object_array_get_idx(data, i);
		id = visit_text(row, "accessKey");
		if (id[0] == '\0')
			out = visit_end(v, OUT_GARBLED, "%s sent a key without "
			    "its accessKey", v->sys->name);
		else if (!acceldata_has_id(list, id)) {
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
	for (i = 0; i < visit_length(rows); i++) {
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

static void
add_role(struct json_object *list, struct json_object *row)
{
	struct json_object *last;
	char id[WORD_MAX];

	visit_id(row, "id", id);
	add_pair(list, id, visit_text(row, "name"));
	if (visit_text(row, "source")[0] == '\0')
		return;
	last = json_object_array_get_idx(list, visit_length(list) - 1);
	json_object_object_add(last, "source", visit_name(row, "source"));
}

enum outcome
acceldata_view_roles(struct visit *v, int only, struct json_object **list)
{
	struct json_object *j = NULL, *rows, *row;
	enum outcome out = visit_get(v, &j, "authz", "api", "v1", "users",
	    v->account, "roles", NULL);
	size_t i;

	*list = NULL;
	/* Not every tenant has the view of roles. */
	if (out == OUT_GONE)
		return OUT_OK;
	rows = visit_list(j, "roles");
	if (out == OUT_OK && rows == NULL)
		out = visit_end(v, OUT_GARBLED, "%s sent no list of roles",
		    v->sys->name);
	if (out == OUT_OK)
		*list = json_object_new_array();
	for (i = 0; out == OUT_OK && i < visit_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		if (only == 0 || strncmp(visit_text(row, "source"), "group",
		    5) != 0)
			add_role(*list, row);
	}
	json_object_put(j);
	return out;
}

/* Roles that do not come from a group. Without a client_id the contract's
 * own list cannot be asked for; the view of roles names each one's source. */
enum outcome
acceldata_direct_roles(struct visit *v, struct json_object **list)
{
	const char *client = acceldata_own(v)->client_id;
	struct json_object *j = NULL, *rows;
	struct buf path;
	enum outcome out;
	size_t i;

	if (client == NULL) {
		out = acceldata_view_roles(v, 1, list);
		if (out == OUT_OK && *list == NULL)
			*list = json_object_new_array();
		return out;
	}
	*list = NULL;
	buf_init(&path, 1024);
	http_path(&path, "admin", "api", "assigned-client-roles", v->account,
	    NULL);
	http_query(&path, "clientId", client);
	out = get_page(v, &path, "list the roles", &j);
	rows = visit_list(j, "roles");
	if (out == OUT_OK && rows == NULL)
		out = visit_end(v, OUT_GARBLED, "%s sent no list of roles",
		    v->sys->name);
	if (out == OUT_OK)
		*list = json_object_new_array();
	for (i = 0; out == OUT_OK && i < visit_length(rows); i++)
		add_role(*list, json_object_array_get_idx(rows, i));
	json_object_put(j);
	return out == OUT_GONE ? visit_end(v, OUT_FAILED, "%s shows no roles "
	    "for client_id %s: correct client_id", v->sys->name, client) : out;
}

/* The guide's own way to see that nothing is left. */
enum outcome
acceldata_permissions(struct visit *v, struct json_object **list)
{
	struct json_object *j = NULL, *rows, *row;
	char name[PERSON_MAX];
	struct buf path;
	enum outcome out;
	size_t i;

	*list = NULL;
	buf_init(&path, 1024);
	http_path(&path, "authz", "api", "v1", "users", "permissions", NULL);
	http_query(&path, "userId", v->account);
	out = get_page(v, &path, "list the permissions", &j);
	/* Nor has every tenant this one. */
	if (out == OUT_GONE)
		return OUT_OK;
	rows = visit_list(j, "permissions");
	if (out == OUT_OK && rows == NULL)
		out = visit_end(v, OUT_GARBLED, "%s sent no list of "
		    "permissions", v->sys->name);
	if (out == OUT_OK)
		*list = json_object_new_array();
	for (i = 0; out == OUT_OK && i < visit_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		(void)text_copy(name, sizeof(name), json_object_is_type(row,
		    json_type_string) ? json_object_get_string(row) :
		    visit_text(row, "name"));
		text_clean(name);
		json_object_array_add(*list, json_object_new_string(name));
	}
	json_object_put(j);
	return out;
}

/* "serviceUsers": null is how it says that there are none. */
static int
says_null(struct json_object *j)
{
	static const char *const keys[] = { "serviceUsers", "users", "data" };
	struct json_object *m;
	size_t i;

	for (i = 0; i < 3; i++)
		if (json_object_is_type(j, json_type_object) &&
		    json_object_object_get_ex(j, keys[i], &m) && m == NULL)
			return 1;
	return 0;
}

static int
is_creator(struct visit *v, struct json_object *row)
{
	const char *by = visit_text(row, "createdBy");

	return by[0] != '\0' && (strcasecmp(by, v->who->email) == 0 ||
	    strcmp(by, v->account) == 0);
}

/* The service user with the names of its keys, and nothing that is secret. */
static void
add_robot(struct json_object *list, struct json_object *row)
{
	struct json_object *keys = json_object_new_array(), *key, *rows, *last;
	char id[WORD_MAX], label[PERSON_MAX];
	const char *access;
	size_t i, n;

	visit_id(row, "id", id);
	add_pair(list, id, visit_text(row, "username"));
	rows = visit_member(row, "apiKeys", json_type_array);
	for (i = 0; i < visit_length(rows); i++) {
		key = json_object_array_get_idx(rows, i);
		access = visit_text(key, "accessKey");
		n = strlen(access);
		(void)snprintf(label, sizeof(label), "%.80s (…%s)",
		    visit_text(key, "displayName"), n > 4 ? access + n - 4 :
		    "");
		text_clean(label);
		json_object_array_add(keys, json_object_new_string(label));
	}
	last = json_object_array_get_idx(list, visit_length(list) - 1);
	json_object_object_add(last, "keys", keys);
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
		n = visit_length(rows);
		if (out == OUT_OK && rows == NULL && !says_null(j))
			out = visit_end(v, OUT_GARBLED, "%s sent no list of "
			    "service users", v->sys->name);
		for (i = 0; out == OUT_OK && i < n; i++) {
			row = json_object_array_get_idx(rows, i);
			visit_id(row, "id", id);
			if (acceldata_has_id(*list, id))
				n = 0;
			else if (is_creator(v, row))
				add_robot(*list, row);
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
