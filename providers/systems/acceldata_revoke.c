/* Acceldata: taking keys, groups and direct roles away, and giving groups
 * back. A part that is refused does not keep the others. */
#include "acceldata.h"

#include <stdio.h>
#include <string.h>

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
	for (i = 0; i < visit_length(keys); i++) {
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
	i = visit_length(keys);
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

	for (i = 0; i < visit_length(groups); i++)
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
	*gone = visit_length(groups);
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
		left = visit_length(groups);
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

	for (i = 0; i < visit_length(roles); i++) {
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
		*kept = visit_length(roles);
		json_object_put(roles);
		return OUT_OK;
	}
	*gone = visit_length(roles);
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
	*kept = visit_length(roles);
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
	*n = visit_length(list);
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
	    visit_length(visit_was(v, "keys")), visit_length(visit_was(v, "groups")),
	    kept > 0 ? 0 : visit_length(visit_was(v, "roles")), kept_text,
	    robots_text);
}

/* For the undo: the groups of the before-image. */
enum outcome
acceldata_regroup(struct visit *v)
{
	struct json_object *was = visit_was(v, "groups"), *now = NULL;
	enum outcome out;
	size_t i;

	if (visit_length(was) == 0)
		return OUT_OK;
	out = put_groups(v, "assign-groups", was, "put the user back into their "
	    "groups");
	if (out == OUT_OK)
		out = acceldata_groups(v, &now);
	for (i = 0; out == OUT_OK && i < visit_length(was); i++)
		if (!acceldata_has_id(now, visit_text(json_object_array_get_idx(was, i),
		    "id")))
			out = visit_end(v, OUT_RETRY, "%s does not show all "
			    "the groups that were given back", v->sys->name);
	json_object_put(now);
	return out;
}
