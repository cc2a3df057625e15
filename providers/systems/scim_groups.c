/*
 * SCIM: taking a user out of the groups that it shows, and putting it back.
 * Groups that a service does not let us change become a task; an inactive
 * user makes nothing of them.
 */
#include "scim.h"

#include <stdio.h>
#include <string.h>

#define CONTAIN_WAIT_MS 60000	/* as long as other systems wait */
#define NAMES_MAX 200

struct json_object *
scim_memberships(struct json_object *user)
{
	struct json_object *list = visit_member(user, "groups",
	    json_type_array), *out = json_object_new_array(), *row, *o;
	char id[WORD_MAX];
	size_t i;

	for (i = 0; i < visit_length(list); i++) {
		row = json_object_array_get_idx(list, i);
		visit_id(row, "value", id);
		/* One that comes with another group goes with it. */
		if (id[0] == '\0' || strcmp(visit_text(row, "type"),
		    "indirect") == 0)
			continue;
		o = json_object_new_object();
		json_object_object_add(o, "id", json_object_new_string(id));
		json_object_object_add(o, "name", visit_text(row,
		    "display")[0] == '\0' ? json_object_new_string(id) :
		    visit_name(row, "display"));
		json_object_array_add(out, o);
	}
	return out;
}

int
scim_has_group(struct json_object *list, const char *id)
{
	size_t i;

	for (i = 0; i < visit_length(list); i++)
		if (strcmp(visit_text(json_object_array_get_idx(list, i),
		    "id"), id) == 0)
			return 1;
	return 0;
}

static void
name_add(char names[NAMES_MAX], struct json_object *group)
{
	size_t used = strlen(names);

	(void)snprintf(names + used, NAMES_MAX - used, "%s%.60s", used == 0 ?
	    "" : ", ", visit_text(group, "name"));
}

/* PATCH of one group's members: out, or back in. */
static enum outcome
group_patch(struct visit *v, const char *id, int in)
{
	struct json_object *body, *value, *list;
	struct visit_call c;
	struct buf path, target;
	enum outcome out;

	buf_init(&target, 512);
	buf_fmt(&target, "members[value eq \"%s\"]", v->account);
	if (strpbrk(v->account, "\"\\") != NULL || target.failed != 0) {
		buf_clear(&target);
		return visit_end(v, OUT_FAILED, "the id of the user in %s "
		    "cannot be put into a request", v->sys->name);
	}
	value = json_object_new_object();
	list = json_object_new_array();
	json_object_object_add(value, "value",
	    json_object_new_string(v->account));
	json_object_array_add(list, value);
	/* Never "remove members": that would be everybody. */
	body = in ? scim_patch("add", "members", json_object_get(list)) :
	    scim_patch("remove", buf_cstr(&target), NULL);
	buf_clear(&target);
	buf_init(&path, 1024);
	http_path(&path, "Groups", id, NULL);
	memset(&c, 0, sizeof(c));
	c.method = "PATCH";
	c.path = &path;
	c.body = body;
	c.type = SCIM_TYPE;
	c.what = in ? "put the user back into a group" :
	    "take the user out of a group";
	out = visit_call(v, &c);
	json_object_put(body);
	json_object_put(list);
	return out;
}

/* What came of several groups: [{id,name}] each. */
struct gone {
	struct json_object *fixed;	/* no kind of request changes them */
	struct json_object *denied;	/* 403: we may not, or nobody may */
	struct json_object *now;	/* shown at last */
	size_t	 nowhere;		/* there is no such group to change */
	enum scim_active active;	/* the user, at that look */
	enum outcome first;
	char	 why[TEXT_MAX];
};

static void
gone_init(struct gone *g)
{
	memset(g, 0, sizeof(*g));
	g->fixed = json_object_new_array();
	g->denied = json_object_new_array();
	g->first = OUT_OK;
	g->active = SCIM_ODD;
}

static void
gone_clear(struct gone *g)
{
	json_object_put(g->fixed);
	json_object_put(g->denied);
	json_object_put(g->now);
}

static enum outcome
groups_patch(struct visit *v, struct json_object *groups, int in,
    struct gone *g)
{
	struct json_object *row;
	enum outcome out;
	int never = 0;
	size_t i;

	for (i = 0; i < visit_length(groups); i++) {
		row = json_object_array_get_idx(groups, i);
		if (never) {
			json_object_array_add(g->fixed, json_object_get(row));
			continue;
		}
		out = group_patch(v, visit_text(row, "id"), in);
		if (visit_is_over(out))
			return out;
		if (out == OUT_GONE)
			g->nowhere++;
		else if (scim_is_refused(v, out)) {
			json_object_array_add(v->status == 403 ? g->denied :
			    g->fixed, json_object_get(row));
			/* Not for this group, but for any. */
			never = v->status == 405 || v->status == 501;
		} else if (out != OUT_OK && g->first == OUT_OK) {
			g->first = out;
			(void)text_copy(g->why, sizeof(g->why), v->detail);
		}
	}
	return g->first == OUT_OK ? OUT_OK : visit_end(v, g->first, "%s",
	    g->why);
}

/* How many of LIST are in none of the others. */
static size_t
not_in(struct json_object *list, struct json_object *a, struct json_object *b)
{
	const char *id;
	size_t i, n = 0;

	for (i = 0; i < visit_length(list); i++) {
		id = visit_text(json_object_array_get_idx(list, i), "id");
		n += scim_has_group(a, id) == 0 && scim_has_group(b, id) == 0;
	}
	return n;
}

/* Reads until no group is shown but those that could not be changed, or
 * until all of WANTED are but those. */
static enum outcome
groups_look(struct visit *v, struct gone *g, struct json_object *wanted)
{
	struct json_object *user = NULL;
	size_t wrong, kept = visit_length(g->fixed) + visit_length(g->denied);
	enum outcome out;
	int64_t wait;
	int try;

	for (try = 0; ; try++) {
		out = scim_user(v, &user, NULL);
		if (out != OUT_OK)
			return out;
		json_object_put(g->now);
		g->now = scim_memberships(user);
		g->active = scim_active(user);
		json_object_put(user);
		wrong = wanted == NULL ? not_in(g->now, g->fixed, g->denied) :
		    not_in(wanted, g->now, NULL);
		if (wrong <= g->nowhere + (wanted == NULL ? 0 : kept))
			return OUT_OK;
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s accepted the change "
			    "but still shows the groups of before",
			    v->sys->name);
		http_pause(wait);
	}
}

/* Names those of the list that are shown; how many. */
static size_t
shown(struct json_object *list, struct json_object *now, char *names)
{
	struct json_object *row;
	size_t i, n = 0;

	for (i = 0; i < visit_length(list); i++) {
		row = json_object_array_get_idx(list, i);
		if (scim_has_group(now, visit_text(row, "id")) == 0)
			continue;
		name_add(names, row);
		n++;
	}
	return n;
}

/* An inactive user makes nothing of a group, so one that nothing changes may
 * stay; one that we may not change, or of a user who still works, is asked
 * for. */
static enum outcome
revoke_end(struct visit *v, struct gone *g)
{
	enum outcome out = groups_look(v, g, NULL);
	char names[NAMES_MAX] = "";
	size_t asked, left;

	if (out != OUT_OK)
		return out;
	/* The later looks must know which ones stay. */
	visit_after(v, "kept_groups", json_object_get(g->now));
	asked = shown(g->denied, g->now, names);
	if (g->active != SCIM_OFF)
		asked += shown(g->fixed, g->now, names);
	if (asked > 0) {
		visit_task(v, "Take %s out of these groups in %s by hand: it "
		    "does not let us do it by SCIM: %s.", v->who->email,
		    v->sys->name, names);
		return visit_end(v, OUT_MANUAL, "%zu group(s) cannot be taken "
		    "away by SCIM: %s", asked, names);
	}
	left = shown(g->now, g->now, names);
	if (left > 0)
		return visit_end(v, OUT_VERIFIED, "the user is inactive; %zu "
		    "group(s) stay with it, which %s does not let be changed "
		    "by SCIM: %s", left, v->sys->name, names);
	return visit_end(v, OUT_VERIFIED, "out of %zu group(s); none is left",
	    visit_length(visit_was(v, "groups")));
}

enum outcome
scim_revoke(struct visit *v)
{
	struct json_object *user = NULL, *groups;
	enum outcome out = scim_user(v, &user, NULL);
	struct gone g;
	int on;

	if (out == OUT_GONE)
		out = scim_vanished(v);
	if (out == OUT_GONE)
		return visit_end(v, OUT_VERIFIED, "%s no longer has the user",
		    v->sys->name);
	if (out == OUT_OK)
		out = scim_is_them(v, user);
	if (out != OUT_OK) {
		json_object_put(user);
		return out;
	}
	groups = scim_memberships(user);
	on = scim_active(user) != SCIM_OFF;
	json_object_put(user);
	visit_before(v, "groups", json_object_get(groups));
	/* What to ask of people depends on the containment: it may only have
	 * met a passing fault. */
	if (on && v->waited < CONTAIN_WAIT_MS && visit_length(groups) > 0 &&
	    state_is_open(visit_step_state(v, PHASE_CONTAIN))) {
		json_object_put(groups);
		v->wait = 300 + v->waited / 4;
		return visit_end(v, OUT_WAIT, "waiting for the user of %s to "
		    "be inactive first", v->sys->name);
	}
	gone_init(&g);
	out = groups_patch(v, groups, 0, &g);
	if (out == OUT_OK)
		out = visit_length(groups) > 0 ? revoke_end(v, &g) :
		    visit_end(v, OUT_VERIFIED, "in no group that %s shows",
		    v->sys->name);
	json_object_put(groups);
	gone_clear(&g);
	return out;
}

/* Those of the before-image that are not shown. Caller puts. */
static struct json_object *
missing(struct json_object *was, struct json_object *now)
{
	struct json_object *back = json_object_new_array(), *row;
	size_t i;

	for (i = 0; i < visit_length(was); i++) {
		row = json_object_array_get_idx(was, i);
		if (scim_has_group(now, visit_text(row, "id")) == 0)
			json_object_array_add(back, json_object_get(row));
	}
	return back;
}

enum outcome
scim_regroup(struct visit *v)
{
	struct json_object *user = NULL, *now, *back;
	enum outcome out = scim_user(v, &user, NULL);
	char names[NAMES_MAX] = "";
	struct gone g;
	size_t i;

	if (out != OUT_OK)
		return out;
	now = scim_memberships(user);
	json_object_put(user);
	back = missing(visit_was(v, "groups"), now);
	json_object_put(now);
	gone_init(&g);
	out = groups_patch(v, back, 1, &g);
	if (out == OUT_OK && visit_length(back) > 0)
		out = groups_look(v, &g, back);
	if (out == OUT_OK && g.now != NULL) {
		now = missing(back, g.now);
		for (i = 0; i < visit_length(now); i++)
			name_add(names, json_object_array_get_idx(now, i));
		json_object_put(now);
	}
	if (names[0] != '\0')
		visit_task(v, "Put %s back into these groups in %s by hand: "
		    "%s.", v->who->email, v->sys->name, names);
	json_object_put(back);
	gone_clear(&g);
	return out;
}
