/* Acceldata: taking keys, groups and direct roles away, and giving groups
 * back. A part that is refused does not keep the others; what only the
 * identity provider may change becomes a task. */
#include "acceldata.h"

#include <stdio.h>
#include <string.h>

#define KEPT_MAX 200
#define RENEW_MAX 20		/* lines for the heir; the rest is counted */

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

/* Reads until no group is shown but those in KEPT. */
static enum outcome
groups_gone(struct visit *v, size_t kept)
{
	struct json_object *groups = NULL;
	enum outcome out;
	int64_t wait;
	size_t left;
	int try;

	for (try = 0; ; try++) {
		out = acceldata_groups(v, &groups);
		if (out != OUT_OK)
			return out;
		left = visit_length(groups);
		json_object_put(groups);
		if (left <= kept)
			return OUT_OK;
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s still shows %zu "
			    "group(s)", v->sys->name, left);
		http_pause(wait);
	}
}

/* One group after the other, for one that comes from the directory keeps the
 * whole list. *KEPT: those that nobody but the directory can take away. */
static enum outcome
groups_singly(struct visit *v, struct json_object *groups, char *kept,
    size_t *nkept)
{
	struct json_object *one, *row;
	size_t i, used;
	enum outcome out;

	for (i = 0; i < visit_length(groups); i++) {
		row = json_object_array_get_idx(groups, i);
		one = json_object_new_array();
		json_object_array_add(one, json_object_get(row));
		out = put_groups(v, "remove-groups", one,
		    "remove the user from a group");
		json_object_put(one);
		if (out == OUT_FAILED && v->status == 403) {
			used = strlen(kept);
			(void)snprintf(kept + used, KEPT_MAX - used,
			    "%s%.60s", used == 0 ? "" : ", ",
			    visit_text(row, "name"));
			(*nkept)++;
		} else if (out != OUT_OK)
			return out;
	}
	return OUT_OK;
}

/* After a 403: is it the identity provider, and not our key's rights? The
 * sentence of the refusal stays. */
static enum outcome
look_upstream(struct visit *v, int *upstream)
{
	struct json_object *j = NULL, *user = NULL;
	char why[TEXT_MAX];
	enum outcome out;

	(void)text_copy(why, sizeof(why), v->detail);
	out = acceldata_user(v, &j, &user);
	*upstream = out == OUT_OK && acceldata_is_upstream(v, user);
	json_object_put(j);
	return out == OUT_OK ? visit_end(v, OUT_OK, "%s", why) : out;
}

static enum outcome
revoke_groups(struct visit *v, size_t *kept)
{
	struct json_object *groups = NULL;
	enum outcome out = acceldata_groups(v, &groups);
	char names[KEPT_MAX] = "", why[TEXT_MAX];
	size_t n = visit_length(groups);
	int upstream = 0;

	if (out != OUT_OK)
		return out;
	visit_before(v, "groups", json_object_get(groups));
	if (n > 0)
		out = put_groups(v, "remove-groups", groups,
		    "remove the user from all groups");
	if (out == OUT_FAILED && v->status == 403) {
		(void)text_copy(why, sizeof(why), v->detail);
		out = look_upstream(v, &upstream);
		if (out == OUT_OK && (n > 1 || upstream))
			out = groups_singly(v, groups, names, kept);
		/* Nothing went, and nobody says that it is managed elsewhere:
		 * it is our key that may not. */
		if (out == OUT_OK && upstream == 0 && (*kept == n || n == 1))
			out = visit_end(v, OUT_FAILED, "%s", why);
	}
	json_object_put(groups);
	if (out == OUT_OK && n > 0)
		out = groups_gone(v, *kept);
	if (out == OUT_OK && *kept > 0)
		visit_task(v, "Take %s out of these groups in your identity "
		    "provider: %s does not let anybody else do it: %s.",
		    v->who->email, v->sys->name, names);
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
revoke_roles(struct visit *v, size_t *kept, size_t *managed)
{
	struct acceldata *own = acceldata_own(v);
	struct json_object *roles = NULL;
	enum outcome out = acceldata_direct_roles(v, &roles);
	size_t n = visit_length(roles);
	struct buf path;
	int upstream = 0, try;
	int64_t wait;

	if (out != OUT_OK)
		return out;
	visit_before(v, "roles", json_object_get(roles));
	if (own->client_id == NULL && own->group_ids == 0) {
		*kept = n;
		json_object_put(roles);
		return OUT_OK;
	}
	if (n > 0) {
		buf_init(&path, 512);
		http_path(&path, "admin", "api", "remove-assigned-client-roles",
		    NULL);
		out = acceldata_put(v, "PUT", &path, role_body(v, roles),
		    "take direct roles away");
	}
	json_object_put(roles);
	if (out == OUT_FAILED && v->status == 403) {
		out = look_upstream(v, &upstream);
		if (out == OUT_OK && upstream == 0)
			out = OUT_FAILED;
	}
	if (upstream) {
		*managed = n;
		visit_task(v, "Take the %zu role(s) that %s was given directly "
		    "away in your identity provider: %s does not let anybody "
		    "else do it.", n, v->who->email, v->sys->name);
	}
	if (out != OUT_OK || n == 0 || upstream)
		return out;
	for (try = 0; ; try++) {
		out = acceldata_direct_roles(v, &roles);
		n = visit_length(roles);
		json_object_put(roles);
		if (out != OUT_OK || n == 0)
			return out;
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s still shows %zu "
			    "direct role(s)", v->sys->name, n);
		http_pause(wait);
	}
}

/* The names of a service user's keys, for a task. */
static void
key_names(struct json_object *robot, char *out, size_t size)
{
	struct json_object *keys = visit_member(robot, "keys",
	    json_type_array);
	size_t i, used = 0;

	out[0] = '\0';
	for (i = 0; i < visit_length(keys) && used + 8 < size; i++) {
		(void)snprintf(out + used, size - used, "%s%.60s", i == 0 ?
		    "" : ", ", json_object_get_string(
		    json_object_array_get_idx(keys, i)));
		used = strlen(out);
	}
}

/* A robot goes on working, and somebody must answer for it. */
static enum outcome
report_service_users(struct visit *v, size_t *n)
{
	struct json_object *list = NULL, *row;
	enum outcome out = acceldata_service_users(v, &list);
	char keys[200];
	size_t i;

	if (out != OUT_OK)
		return out;
	*n = visit_length(list);
	for (i = 0; i < *n; i++) {
		row = json_object_array_get_idx(list, i);
		key_names(row, keys, sizeof(keys));
		if (i < VISIT_TASKS - 3)
			visit_task(v, "The service user \"%.80s\" in %s was "
			    "made by this person and keeps its own keys%s%s: "
			    "decide whether it is still needed, and renew or "
			    "delete its keys.", visit_text(row, "name"),
			    v->sys->name, keys[0] == '\0' ? "" : " ", keys);
		visit_renew(v, "service user %.80s in %s", visit_text(row,
		    "name"), v->sys->name);
	}
	visit_before(v, "service_users", list);
	return OUT_OK;
}

/* Whatever ran with a key of this person has stopped. */
static void
renew_keys(struct visit *v)
{
	struct json_object *keys = visit_was(v, "keys"), *row;
	size_t i, n = visit_length(keys);

	for (i = 0; i < n && i < RENEW_MAX; i++) {
		row = json_object_array_get_idx(keys, i);
		visit_renew(v, "API key %.80s (%.20s) in %s, if something "
		    "ran with it", visit_text(row, "name"), visit_text(row,
		    "id"), v->sys->name);
	}
	if (n > RENEW_MAX)
		visit_renew(v, "%zu more API keys in %s", n - RENEW_MAX,
		    v->sys->name);
}

struct taken {
	size_t	keys;		/* in this try */
	size_t	kept_roles;	/* no client_id to take them away with */
	size_t	groups, roles;	/* the identity provider's, left there */
	size_t	robots;
};

static enum outcome
revoke_end(struct visit *v, const struct taken *t)
{
	size_t groups = visit_length(visit_was(v, "groups"));
	char more[200] = "";
	size_t used;

	renew_keys(v);
	if (t->kept_roles > 0)
		(void)snprintf(more, sizeof(more), "; %zu role(s) given "
		    "directly stay on the disabled account (no client_id)",
		    t->kept_roles);
	used = strlen(more);
	if (t->robots > 0)
		(void)snprintf(more + used, sizeof(more) - used,
		    "; %zu service user(s) to decide on", t->robots);
	if (t->groups + t->roles > 0)
		return visit_end(v, OUT_MANUAL, "%zu key(s) taken away; %zu "
		    "group(s) and %zu role(s) can only be taken away in your "
		    "identity provider%s", visit_length(visit_was(v, "keys")),
		    t->groups, t->roles, more);
	/* Told by the before-image: a step that was interrupted has taken
	 * some away in an earlier try. */
	return visit_end(v, OUT_VERIFIED, "%zu key(s), %zu group(s) and %zu "
	    "direct role(s) taken away; none is left%s",
	    visit_length(visit_was(v, "keys")), groups, t->kept_roles > 0 ?
	    0 : visit_length(visit_was(v, "roles")), more);
}

/* A refusal of one part must not keep the others from being taken away. */
enum outcome
acceldata_revoke(struct visit *v)
{
	struct taken t;
	enum outcome out, first = OUT_OK;
	char why[TEXT_MAX] = "";
	int i;

	memset(&t, 0, sizeof(t));
	for (i = 0; i < 4; i++) {
		out = i == 0 ? revoke_keys(v, &t.keys) :
		    i == 1 ? revoke_groups(v, &t.groups) :
		    i == 2 ? revoke_roles(v, &t.kept_roles, &t.roles) :
		    report_service_users(v, &t.robots);
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
	return revoke_end(v, &t);
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
	out = put_groups(v, "assign-groups", was,
	    "put the user back into their groups");
	if (out == OUT_OK)
		out = acceldata_groups(v, &now);
	for (i = 0; out == OUT_OK && i < visit_length(was); i++)
		if (!acceldata_has_id(now, visit_text(
		    json_object_array_get_idx(was, i), "id")))
			out = visit_end(v, OUT_RETRY, "%s does not show all "
			    "the groups that were given back", v->sys->name);
	json_object_put(now);
	return out;
}
