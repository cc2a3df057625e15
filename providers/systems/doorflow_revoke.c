/*
 * DoorFlow after the containment: take away groups, roles, reservations and,
 * where that is configured, credentials. A disabled person keeps those by
 * default, as the vendor's guide recommends: that is what makes the undo
 * whole.
 */
#include "doorflow.h"

#include <stdio.h>
#include <string.h>

enum outcome
doorflow_put_list(struct visit *v, const char *key, struct json_object *ids,
    const char *what)
{
	struct json_object *body = json_object_new_object();
	struct visit_call c;
	struct buf path;
	enum outcome out;

	json_object_object_add(body, key, ids);
	buf_init(&path, 512);
	http_path(&path, "api", "3", "people", v->account, NULL);
	memset(&c, 0, sizeof(c));
	c.method = "PUT";
	c.path = &path;
	c.body = body;
	c.what = what;
	doorflow_changed(v);
	out = visit_call(v, &c);
	json_object_put(body);
	return out;
}

enum outcome
doorflow_delete(struct visit *v, struct buf *path, const char *what)
{
	struct visit_call c;
	enum outcome out;

	memset(&c, 0, sizeof(c));
	c.method = "DELETE";
	c.path = path;
	c.what = what;
	doorflow_changed(v);
	out = visit_call(v, &c);
	return out == OUT_GONE ? OUT_OK : out;
}

static enum outcome
revoke_credential(struct visit *v, const char *id, const char *action)
{
	struct json_object *body, *inner;
	struct visit_call c;
	struct buf path;
	enum outcome out;

	buf_init(&path, 512);
	http_path(&path, "api", "3", "people", v->account, "credentials", id,
	    NULL);
	if (strcmp(action, "delete") == 0)
		return doorflow_delete(v, &path, "delete a credential");
	/* The guide's form; only some accounts take it. */
	body = json_object_new_object();
	inner = json_object_new_object();
	json_object_object_add(inner, "enabled", json_object_new_boolean(0));
	json_object_object_add(body, "person_credential", inner);
	memset(&c, 0, sizeof(c));
	c.method = "PUT";
	c.path = &path;
	c.body = body;
	c.what = "disable a credential";
	doorflow_changed(v);
	out = visit_call(v, &c);
	json_object_put(body);
	return out == OUT_GONE ? OUT_OK : out;
}

static int
credential_is_over(struct json_object *c, const char *action)
{
	struct json_object *on = visit_member(c, "enabled", json_type_boolean);
	const char *status = visit_text(c, "status");

	if (strcmp(action, "delete") == 0)
		return strcmp(status, "revoked") == 0;
	return on != NULL && !json_object_get_boolean(on);
}

/* How many credentials the action has still to end, by reading them. */
static enum outcome
credentials_left(struct visit *v, const char *action, int act, size_t *left,
    int *revoking)
{
	struct json_object *list = NULL, *c;
	enum outcome out = doorflow_credentials(v, &list), first = out;
	char why[TEXT_MAX] = "";
	size_t i;

	(void)text_copy(why, sizeof(why), v->detail);
	*left = 0;
	*revoking = 0;
	for (i = 0; !visit_is_over(out) && i < visit_length(list); i++) {
		c = json_object_array_get_idx(list, i);
		if (credential_is_over(c, action))
			continue;
		(*left)++;
		/* A mobile pass is revoked on the phone, in its own time. */
		if (strcmp(visit_text(c, "status"), "revoking") == 0)
			(*revoking)++;
		else if (act != 0)
			out = revoke_credential(v, visit_text(c, "id"),
			    action);
		if (out != OUT_OK && first == OUT_OK) {
			first = out;
			(void)text_copy(why, sizeof(why), v->detail);
		}
	}
	json_object_put(list);
	return first == OUT_OK ? OUT_OK : visit_end(v, first, "%s", why);
}

enum outcome
doorflow_credentials_left(struct visit *v, size_t *left)
{
	const char *action = visit_setting(v->sys, "credential_action");
	int revoking;

	*left = 0;
	return strcmp(action, "none") == 0 ? OUT_OK :
	    credentials_left(v, action, 0, left, &revoking);
}

static enum outcome
revoke_credentials(struct visit *v)
{
	const char *action = visit_setting(v->sys, "credential_action");
	struct json_object *list = NULL;
	enum outcome out;
	int revoking;
	size_t left;

	if (strcmp(action, "none") == 0)
		return OUT_OK;
	/* What is about to go must be on record first. */
	out = doorflow_credentials(v, &list);
	if (out != OUT_OK)
		return out;
	visit_before(v, "credentials", list);
	out = credentials_left(v, action, 1, &left, &revoking);
	if (out != OUT_OK || left == 0)
		return out;
	out = credentials_left(v, action, 0, &left, &revoking);
	if (out != OUT_OK || left == 0)
		return out;
	if (left == (size_t)revoking && v->waited < 45000) {
		v->wait = 500;
		return visit_end(v, OUT_WAIT, "waiting for %d mobile pass(es) "
		    "to be revoked", revoking);
	}
	return visit_end(v, OUT_RETRY, "%s still shows %zu credential(s) "
	    "after the %s", v->sys->name, left, action);
}

static enum outcome
revoke_reservations(struct visit *v, const char *kind)
{
	struct json_object *list = NULL;
	enum outcome out = doorflow_reservations(v, kind, &list);
	enum outcome first = OUT_OK;
	char why[TEXT_MAX] = "";
	struct buf path;
	size_t i, n;

	if (out != OUT_OK)
		return out;
	n = visit_length(list);
	visit_before(v, kind, json_object_get(list));
	for (i = 0; i < n && !visit_is_over(out); i++) {
		buf_init(&path, 512);
		http_path(&path, "api", "3", kind, json_object_get_string(
		    json_object_array_get_idx(list, i)), NULL);
		out = doorflow_delete(v, &path, "cancel a reservation");
		if (out != OUT_OK && first == OUT_OK) {
			first = out;
			(void)text_copy(why, sizeof(why), v->detail);
		}
	}
	json_object_put(list);
	if (first != OUT_OK)
		return visit_end(v, first, "%s", why);
	if (n == 0)
		return OUT_OK;
	out = doorflow_reservations(v, kind, &list);
	n = visit_length(list);
	json_object_put(list);
	if (out == OUT_OK && n > 0)
		return visit_end(v, OUT_RETRY, "%s still shows %zu "
		    "reservation(s)", v->sys->name, n);
	return out;
}

/* Empties groups or roles where there are any, and reads that back. */
static enum outcome
revoke_list(struct visit *v, const char *key, const char *put_key)
{
	struct json_object *person = NULL, *was;
	enum outcome out = doorflow_person(v, &person);
	int64_t wait;
	int try;

	if (out != OUT_OK)
		return out;
	was = visit_member(person, key, json_type_array);
	if (!doorflow_shows(person, key)) {
		json_object_put(person);
		return visit_end(v, OUT_UNCLEAR, "%s does not show the %s of "
		    "person %s, as its contract says it does: look there",
		    v->sys->name, key, v->account);
	}
	if (visit_length(was) == 0) {
		json_object_put(person);
		return OUT_OK;
	}
	visit_before(v, key, json_object_get(was));
	json_object_put(person);
	out = doorflow_put_list(v, put_key, json_object_new_array(),
	    key[0] == 'g' ? "remove the person from all groups" :
	    "take the roles away");
	for (try = 0; out == OUT_OK; try++) {
		out = doorflow_person(v, &person);
		if (out != OUT_OK)
			break;
		if (visit_length(visit_member(person, key,
		    json_type_array)) == 0) {
			json_object_put(person);
			return OUT_OK;
		}
		json_object_put(person);
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s accepted the change "
			    "but still shows %s", v->sys->name, key);
		http_pause(wait);
	}
	return out;
}

static int
had_something(const struct visit *v)
{
	static const char *const keys[] = { "groups", "roles", "reservations",
	    "group_reservations" };
	struct json_object *was;
	size_t i;

	for (i = 0; i < 4; i++) {
		was = visit_was(v, keys[i]);
		if (was != NULL && json_object_is_type(was, json_type_array) &&
		    visit_length(was) > 0)
			return 1;
	}
	return 0;
}

enum outcome
doorflow_revoke(struct visit *v)
{
	enum outcome out, first = OUT_OK;
	char why[TEXT_MAX] = "";
	int i;

	out = doorflow_waiting(v);
	if (out != OUT_OK)
		return out;
	/* The containment's own sync comes first. */
	if (doorflow_syncing(v)) {
		v->wait = v->waited < 500 ? 50 : v->waited < 5000 ?
		    v->waited / 10 : 500;
		return visit_end(v, OUT_WAIT, "waiting for the doors to take "
		    "the containment first");
	}
	/* A part that is refused must not keep the others. */
	for (i = 0; i < 5; i++) {
		out = i == 0 ? revoke_list(v, "groups", "group_ids") :
		    i == 1 ? revoke_list(v, "roles", "role_ids") :
		    i == 2 ? revoke_reservations(v, "reservations") :
		    i == 3 ? revoke_reservations(v, "group_reservations") :
		    revoke_credentials(v);
		if (visit_is_over(out))
			return out;
		if (out != OUT_OK && first == OUT_OK) {
			first = out;
			(void)text_copy(why, sizeof(why), v->detail);
		}
	}
	if (first == OUT_GONE)
		return visit_end(v, OUT_RETRY, "%s no longer shows person %s",
		    v->sys->name, v->account);
	if (first != OUT_OK)
		return visit_end(v, first, "%s", why);
	out = doorflow_sync(v, had_something(v) ?
	    "groups, roles and reservations are taken away" :
	    "there were no groups, roles or reservations");
	return out == OUT_VERIFIED || out == OUT_DONE ?
	    doorflow_rule_tasks(v, out) : out;
}
