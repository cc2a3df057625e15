/*
 * SCIM after the fact: remove (off by default, an inactive user keeps the
 * history), the independent look, the look of later on, and the undo.
 */
#include "scim.h"

#include <stdio.h>
#include <string.h>

enum outcome
scim_remove(struct visit *v)
{
	struct json_object *user = NULL;
	char etag[WORD_MAX], line[WORD_MAX + 16];
	struct visit_call c;
	struct buf path;
	enum outcome out = scim_discover(v);
	int64_t wait;
	int try;

	if (out == OUT_OK)
		out = scim_user(v, &user, etag);
	if (out == OUT_OK)
		out = scim_is_them(v, user);
	json_object_put(user);
	if (out == OUT_OK) {
		buf_init(&path, 1024);
		http_path(&path, "Users", v->account, NULL);
		memset(&c, 0, sizeof(c));
		c.method = "DELETE";
		c.path = &path;
		c.what = "delete the user";
		if (scim_own(v)->etag)
			c.header = scim_if_match(etag, line, sizeof(line));
		out = visit_call(v, &c);
	}
	for (try = 0; out == OUT_OK; try++) {
		out = scim_user(v, &user, NULL);
		json_object_put(user);
		wait = visit_reread(try);
		if (out == OUT_OK && wait == 0)
			return visit_end(v, OUT_RETRY, "%s still shows user %s "
			    "after the deletion", v->sys->name, v->account);
		if (out == OUT_OK)
			http_pause(wait);
	}
	return out == OUT_GONE ? visit_end(v, OUT_VERIFIED, "the user is "
	    "deleted") : scim_is_refused(v, out) ? OUT_FAILED : out;
}

/* ---- the independent look ---- */

/* Groups that are shown and had been taken away; "" when none. */
static void
look_groups(struct visit *v, struct json_object *user, char *names,
    size_t size)
{
	struct json_object *kept = visit_member(v->after, "kept_groups",
	    json_type_array);
	struct json_object *now = scim_memberships(user), *row;
	size_t i, used;

	names[0] = '\0';
	for (i = 0; i < visit_length(now); i++) {
		row = json_object_array_get_idx(now, i);
		if (scim_has_group(kept, visit_text(row, "id")))
			continue;
		used = strlen(names);
		(void)snprintf(names + used, size - used, "%s%.60s", used == 0
		    ? "" : ", ", visit_text(row, "name"));
	}
	visit_after(v, "groups", now);
}

/* OUT_VERIFIED, OUT_OPEN or OUT_UNCLEAR of the user as it is. */
static enum outcome
look(struct visit *v, struct json_object *user)
{
	enum scim_active active = scim_active(user);
	const char *again = v->phase == PHASE_RECHECK ? " again" : "";
	char names[200];
	size_t n;

	look_groups(v, user, names, sizeof(names));
	visit_after(v, "active", active == SCIM_ODD ? NULL :
	    json_object_new_boolean(active == SCIM_ON));
	if (active == SCIM_ODD)
		return visit_end(v, OUT_UNCLEAR, "%s does not say in the words "
		    "of its contract whether the user is active: look there",
		    v->sys->name);
	if (active == SCIM_ON)
		return visit_end(v, OUT_OPEN, "the user is active%s in %s%s",
		    again, v->sys->name, again[0] != '\0' ? "" : ": retry to "
		    "end that");
	if (names[0] != '\0')
		return visit_end(v, OUT_OPEN, "the user is inactive, but%s in "
		    "group(s) of %s: %s", again, v->sys->name, names);
	n = visit_length(visit_member(v->after, "groups", json_type_array));
	if (n > 0)
		return visit_end(v, OUT_VERIFIED, "inactive; %zu group(s) that "
		    "cannot be changed by SCIM stay", n);
	return visit_end(v, OUT_VERIFIED, "inactive, and in no group");
}

enum outcome
scim_verify(struct visit *v)
{
	struct json_object *user = NULL;
	enum outcome out = scim_user(v, &user, NULL);

	if (out == OUT_OK) {
		out = look(v, user);
		json_object_put(user);
		return out;
	}
	/* Deleted by us, or by a service that keeps no inactive ones: a 404
	 * alone could be the url. */
	if (out == OUT_GONE)
		out = scim_vanished(v);
	return out == OUT_GONE ? visit_end(v, OUT_VERIFIED, "the user is "
	    "gone, by id and by address") : out;
}

enum outcome
scim_recheck(struct visit *v)
{
	struct json_object *user = NULL;
	char words[TEXT_MAX];
	enum outcome out = scim_user(v, &user, NULL);

	if (out == OUT_GONE)
		return visit_end(v, OUT_ABSENT, "%s no longer has user %s",
		    v->sys->name, v->account);
	if (out != OUT_OK)
		return out;
	out = look(v, user);
	if (out == OUT_OPEN) {
		(void)text_copy(words, sizeof(words), v->detail);
		/* The id may be somebody else's by now. */
		if (scim_is_them(v, user) != OUT_OK)
			(void)visit_end(v, out, "%.300s; user %.60s carries "
			    "the name %.100s now: see whose it is", words,
			    v->account, visit_text(user, "userName"));
		else
			(void)visit_end(v, out, "%s", words);
	}
	json_object_put(user);
	return out;
}

/* ---- and back ---- */

enum outcome
scim_restore(struct visit *v)
{
	struct json_object *was = visit_was(v, "active"), *user = NULL;
	enum outcome out;
	enum scim_active now;

	if (was == NULL)
		return visit_end(v, OUT_VERIFIED, "nothing was changed there");
	out = scim_discover(v);
	if (out == OUT_OK)
		out = scim_user(v, &user, NULL);
	if (out == OUT_OK) {
		out = scim_is_them(v, user);
		now = scim_active(user);
		json_object_put(user);
		if (out == OUT_OK && json_object_get_boolean(was) &&
		    now != SCIM_ON)
			out = scim_set_active(v, 1);
	}
	if (out == OUT_OK)
		out = scim_regroup(v);
	if (out == OUT_GONE)
		return visit_end(v, OUT_FAILED, "%s no longer has user %s: "
		    "make it again by hand", v->sys->name, v->account);
	if (out != OUT_OK)
		return out;
	return visit_end(v, OUT_VERIFIED, "%s, and in the groups of before%s",
	    json_object_get_boolean(was) ? "active again" : "as it was",
	    v->ntasks > 0 ? " but those that must be put back by hand" : "");
}
