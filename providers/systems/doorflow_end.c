/*
 * DoorFlow after the fact: remove (off by default, disabling keeps the
 * history), the independent look, the look of later on, and the undo.
 */
#include "doorflow.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum outcome
doorflow_remove(struct visit *v)
{
	struct json_object *person = NULL;
	struct buf path;
	enum outcome out;

	buf_init(&path, 512);
	http_path(&path, "api", "3", "people", v->account, NULL);
	out = doorflow_delete(v, &path, "delete the person");
	if (out != OUT_OK)
		return out;
	out = doorflow_person(v, &person);
	json_object_put(person);
	if (out == OUT_GONE)
		return visit_end(v, OUT_VERIFIED, "the person's record is "
		    "deleted; DoorFlow keeps it for two weeks");
	return out == OUT_OK ? visit_end(v, OUT_RETRY, "%s still shows person "
	    "%s after the deletion", v->sys->name, v->account) : out;
}

/* ---- the independent look ---- */

/* Words for what is still there. */
struct left {
	char	 text[300];
	int	 hidden;	/* a list that the answer leaves out */
};

static void
left_add(struct left *l, size_t n, const char *what)
{
	size_t used = strlen(l->text);

	if (n > 0)
		(void)snprintf(l->text + used, sizeof(l->text) - used,
		    "%s%zu %s", used == 0 ? "" : "; ", n, what);
}

static void
left_person(struct json_object *person, struct left *l)
{
	static const char *const lists[] = { "groups", "roles" };
	size_t i;

	memset(l, 0, sizeof(*l));
	if (doorflow_enabled(person))
		(void)text_copy(l->text, sizeof(l->text),
		    "the person is enabled");
	for (i = 0; i < 2; i++) {
		if (!doorflow_shows(person, lists[i]))
			l->hidden = 1;
		left_add(l, visit_length(visit_member(person, lists[i],
		    json_type_array)), lists[i]);
	}
}

static enum outcome
left_lists(struct visit *v, struct left *l)
{
	static const char *const kinds[] = { "reservations",
	    "group_reservations" };
	struct json_object *list = NULL;
	enum outcome out = OUT_OK;
	size_t n = 0, i;

	for (i = 0; i < 2 && out == OUT_OK; i++) {
		out = doorflow_reservations(v, kinds[i], &list);
		if (out != OUT_OK)
			return out;
		left_add(l, visit_length(list), i == 0 ? "reservation(s)" :
		    "group reservation(s)");
		visit_after(v, kinds[i], list);
	}
	out = doorflow_credentials_left(v, &n);
	left_add(l, n, "credential(s)");
	return out;
}

static void
look_after(struct visit *v, struct json_object *person)
{
	visit_after(v, "enabled",
	    json_object_new_boolean(doorflow_enabled(person)));
	visit_after(v, "groups", json_object_get(visit_member(person,
	    "groups", json_type_array)));
	visit_after(v, "roles", json_object_get(visit_member(person, "roles",
	    json_type_array)));
}

/* OUT_OK: the person holds nothing. */
static enum outcome
look(struct visit *v, struct json_object *person)
{
	struct left l;
	enum outcome out;

	look_after(v, person);
	left_person(person, &l);
	out = left_lists(v, &l);
	if (out == OUT_GONE)
		return visit_end(v, OUT_RETRY, "%s lost person %s while being "
		    "read", v->sys->name, v->account);
	if (out != OUT_OK)
		return out;
	if (l.text[0] != '\0' && v->phase == PHASE_RECHECK)
		return visit_end(v, OUT_OPEN, "there again in %s: %s",
		    v->sys->name, l.text);
	if (l.text[0] != '\0')
		return visit_end(v, OUT_OPEN, "still there: %s. Retry %s to "
		    "take it away", l.text, v->sys->name);
	if (l.hidden)
		return visit_end(v, OUT_FAILED, "%s does not show the groups "
		    "or roles of person %s, as its contract says it does: look "
		    "there", v->sys->name, v->account);
	return OUT_OK;
}

enum outcome
doorflow_verify(struct visit *v)
{
	struct json_object *person = NULL;
	enum outcome out = doorflow_waiting(v);

	if (out != OUT_OK)
		return out;
	out = doorflow_person(v, &person);
	if (out == OUT_GONE) {
		if (doorflow_makes(v->sys, PHASE_REMOVE))
			return visit_end(v, OUT_VERIFIED, "the record is gone");
		return visit_end(v, OUT_FAILED, "%s no longer shows person %s: "
		    "somebody deleted the record; check it there",
		    v->sys->name, v->account);
	}
	if (out != OUT_OK)
		return out;
	out = look(v, person);
	if (out == OUT_OK)
		out = doorflow_sync(v, "disabled, without groups, roles or "
		    "reservations");
	if (out == OUT_VERIFIED || out == OUT_DONE)
		out = doorflow_admitted(v, person, out);
	json_object_put(person);
	return out;
}

/* ---- and later on ---- */

/* The record was given to somebody else since? */
static void
add_address(struct visit *v, struct json_object *person)
{
	const char *email = visit_text(person, "email");
	char words[TEXT_MAX];

	if (email[0] == '\0' || strcasecmp(email, v->who->email) == 0)
		return;
	(void)text_copy(words, sizeof(words), v->detail);
	(void)visit_end(v, OUT_OK, "%.300s; record %.60s carries the address "
	    "%.100s now: see whose it is", words, v->account, email);
}

enum outcome
doorflow_recheck(struct visit *v)
{
	struct json_object *person = NULL;
	enum outcome out = doorflow_person(v, &person);

	if (out == OUT_GONE)
		return visit_end(v, OUT_ABSENT, "%s no longer has person %s",
		    v->sys->name, v->account);
	if (out != OUT_OK)
		return out;
	out = look(v, person);
	if (out == OUT_OPEN)
		add_address(v, person);
	if (out == OUT_OK) {
		out = visit_end(v, OUT_VERIFIED, "still disabled, without "
		    "groups, roles or reservations");
		out = doorflow_admitted(v, person, out);
	}
	json_object_put(person);
	return out;
}

/* ---- and back ---- */

static int
list_has(struct json_object *list, struct json_object *wanted)
{
	struct json_object *row;
	size_t i;

	for (i = 0; i < visit_length(list); i++) {
		row = json_object_array_get_idx(list, i);
		if (json_object_is_type(row, json_type_object))
			json_object_object_get_ex(row, "id", &row);
		if (row != NULL && strcmp(json_object_get_string(row),
		    json_object_get_string(wanted)) == 0)
			return 1;
	}
	return 0;
}

/* The ids that the person had and has, if one of the former is not there;
 * NULL when nothing is to be given back. */
static struct json_object *
restore_ids(struct json_object *was, struct json_object *now)
{
	struct json_object *ids = json_object_new_array(), *row;
	int missing = 0;
	size_t i;

	for (i = 0; i < visit_length(now); i++) {
		row = json_object_array_get_idx(now, i);
		if (json_object_is_type(row, json_type_object))
			json_object_object_get_ex(row, "id", &row);
		json_object_array_add(ids, json_object_get(row));
	}
	for (i = 0; i < visit_length(was); i++) {
		row = json_object_array_get_idx(was, i);
		if (json_object_is_type(row, json_type_object))
			json_object_object_get_ex(row, "id", &row);
		if (row == NULL || list_has(ids, row))
			continue;
		json_object_array_add(ids, json_object_get(row));
		missing = 1;
	}
	if (missing)
		return ids;
	json_object_put(ids);
	return NULL;
}

static enum outcome
restore_lists(struct visit *v, struct json_object *person)
{
	static const struct { const char *key, *put; } lists[] = {
		{ "groups", "group_ids" }, { "roles", "role_ids" },
	};
	enum outcome out = OUT_OK;
	struct json_object *ids;
	size_t i;

	for (i = 0; i < 2 && out == OUT_OK; i++) {
		/* What was never read was never taken away. */
		ids = restore_ids(visit_was(v, lists[i].key),
		    visit_member(person, lists[i].key, json_type_array));
		if (ids != NULL)
			out = doorflow_put_list(v, lists[i].put, ids,
			    "give groups or roles back");
	}
	return out;
}

static void
restore_tasks(struct visit *v)
{
	const char *action = visit_setting(v->sys, "credential_action");

	if (visit_length(visit_was(v, "reservations")) +
	    visit_length(visit_was(v, "group_reservations")) > 0)
		visit_task(v, "Reservations that were cancelled cannot be put "
		    "back: book them again in DoorFlow if they are needed.");
	if (strcmp(action, "none") != 0 &&
	    visit_length(visit_was(v, "credentials")) > 0)
		visit_task(v, "Cards, PINs or mobile passes that were taken "
		    "away cannot be put back: issue new ones in DoorFlow.");
}

/* Is everything there that was given back? */
static enum outcome
restore_look(struct visit *v, struct json_object *person)
{
	static const char *const lists[] = { "groups", "roles" };
	struct json_object *ids;
	size_t i;

	for (i = 0; i < 2; i++) {
		ids = restore_ids(visit_was(v, lists[i]), visit_member(person,
		    lists[i], json_type_array));
		json_object_put(ids);
		if (ids != NULL)
			return visit_end(v, OUT_RETRY, "%s does not show the "
			    "%s that were given back", v->sys->name,
			    lists[i]);
	}
	return OUT_OK;
}

enum outcome
doorflow_restore(struct visit *v)
{
	struct json_object *was = visit_was(v, "enabled"), *person = NULL;
	enum outcome out = doorflow_waiting(v);

	if (was == NULL)
		return visit_end(v, OUT_VERIFIED, "nothing was changed there");
	if (out != OUT_OK)
		return out;
	out = doorflow_person(v, &person);
	if (out == OUT_OK)
		out = restore_lists(v, person);
	if (out == OUT_OK && json_object_get_boolean(was) &&
	    doorflow_enabled(person) == 0)
		out = doorflow_enable(v, 1);
	json_object_put(person);
	person = NULL;
	if (out == OUT_OK)
		out = doorflow_person(v, &person);
	if (out == OUT_GONE)
		return visit_end(v, OUT_FAILED, "%s no longer has person %s: "
		    "make the record again by hand", v->sys->name, v->account);
	if (out == OUT_OK)
		out = restore_look(v, person);
	json_object_put(person);
	if (out != OUT_OK)
		return out;
	restore_tasks(v);
	return doorflow_sync(v, "access is as it was before");
}
