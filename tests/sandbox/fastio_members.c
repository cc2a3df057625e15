/*
 * fastio_members.c: who is in an organization, a workspace or a share, and
 * how that changes; it must not take anybody out of a second place on the
 * way, for the service does not either.
 */
#include "fastio.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const members_events[][2] = {
	{ "org", "removed_member_from_org" },
	{ "workspace", "removed_member_from_workspace" },
	{ "share", "removed_member_from_share" },
};

/* Makes a member of the user with this id. */
json_object *
members_row(json_object *place, const char *id, const char *permissions,
    long long now)
{
	json_object *m = json_object_new_object();

	js_set_str(m, "permissions", permissions);
	clock_plain(m, "joined", now);
	js_set(js_obj(place, "_members"), id, m);
	return m;
}

static json_object *
members_get(json_object *place, const char *id)
{
	return js_get(js_get(place, "_members"), id);
}

/* What a list shows of a user; some rows call the address otherwise. */
static json_object *
members_user(struct ctx *c, const char *id)
{
	json_object *u = fastio_user(c->t, id), *o;
	size_t n = strlen(id);
	bool odd = n == 0 || (id[n - 1] - '0') % 2 != 0;

	o = json_object_new_object();
	js_set_str(o, "id", id);
	js_set_str(o, odd || !js_bool(c->root, "fastio_email_address", false) ?
	    "email" : "email_address", js_str(u, "email"));
	js_set_str(o, "first_name", js_str(u, "first_name"));
	js_set_str(o, "last_name", js_str(u, "last_name"));
	return o;
}

static json_object *
members_view(struct ctx *c, const char *id, json_object *m)
{
	json_object *o = members_user(c, id);

	js_set_str(o, "permissions", js_str(m, "permissions"));
	js_set_str(o, "status", "active");
	js_set(o, "expires", js_ref(js_get(m, "expires")));
	js_set(o, "joined", js_ref(js_get(m, "joined")));
	return o;
}

static json_object *
members_pending(struct ctx *c, json_object *inv)
{
	json_object *o = members_user(c, js_str(inv, "_user_id"));

	js_set_str(o, "permissions", js_str(inv, "permissions"));
	js_set_str(o, "status", "pending");
	js_set(o, "expires", NULL);
	js_set(o, "invite", invites_view(inv));
	return o;
}

/* The open invitation of somebody who is not in the place yet. */
static json_object *
members_invited(struct ctx *c, json_object *place, const char *id)
{
	json_object *all = js_arr(c->t, "invites"), *o;
	size_t i;

	for (i = 0; i < js_len(all); i++) {
		o = js_at(all, i);
		if (invites_is_for(o, place) && invites_open(o, c->now) &&
		    strcmp(js_str(o, "_user_id"), id) == 0)
			return o;
	}
	return NULL;
}

void
members_list(struct ctx *c)
{
	json_object *place = place_want(c), *all, *o;
	struct json_object_iter it;
	struct page p;
	size_t i;

	if (place == NULL)
		return;
	/* Who runs a foreign organization is none of the token's business. */
	if (strcmp(c->arg[0], "org") == 0 &&
	    members_get(place, fastio_self(c)) == NULL) {
		fastio_no(c, 403, FASTIO_RESTRICTED, "Restricted");
		return;
	}
	fastio_page(c, &p);
	json_object_object_foreachC(js_obj(place, "_members"), it) {
		if (page_takes(&p))
			js_add(p.rows, members_view(c, it.key, it.val));
	}
	all = js_arr(c->t, "invites");
	for (i = 0; i < js_len(all); i++) {
		o = js_at(all, i);
		if (invites_is_for(o, place) && invites_open(o, c->now) &&
		    members_get(place, js_str(o, "_user_id")) == NULL &&
		    page_takes(&p))
			js_add(p.rows, members_pending(c, o));
	}
	fastio_list(c, &p, "users");
}

void
members_details(struct ctx *c)
{
	json_object *place = place_want(c), *m, *top, *inv = NULL;

	if (place == NULL)
		return;
	if ((m = members_get(place, c->arg[2])) == NULL)
		inv = members_invited(c, place, c->arg[2]);
	if (m == NULL && inv == NULL) {
		fastio_no_member(c);
		return;
	}
	top = json_object_new_object();
	js_set(top, "member", m != NULL ? members_view(c, c->arg[2], m) :
	    members_pending(c, inv));
	fastio_yes(c, top);
}

/* The user meant by an id or an address; NULL when there is none. */
static json_object *
members_meant(struct ctx *c, const char *s)
{
	json_object *u = fastio_user(c->t, s);
	struct json_object_iter it;

	if (u != NULL || strchr(s, '@') == NULL)
		return u;
	json_object_object_foreachC(js_obj(c->t, "users"), it) {
		if (strcasecmp(js_str(it.val, "email"), s) == 0)
			return it.val;
	}
	return NULL;
}

static bool
members_role_valid(const char *s)
{
	static const char *const roles[] = {
		"admin", "member", "guest", "view"
	};
	size_t i;

	for (i = 0; s != NULL && i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(roles[i], s) == 0)
			return true;
	return false;
}

static void
members_done(struct ctx *c)
{
	fastio_yes(c, json_object_new_object());
}

/*
 * Whoever is in the organization is in at once; everybody else gets an
 * invitation, even if the service knows the address.
 */
static void
members_let_in(struct ctx *c, json_object *place, const char *role)
{
	json_object *u = members_meant(c, c->arg[2]), *org, *inv, *o;
	const char *id = js_str(u, "id");

	if (u == NULL && strchr(c->arg[2], '@') == NULL) {
		fastio_no_member(c);
		return;
	}
	if (u != NULL && members_get(place, id) != NULL) {
		fastio_no(c, 200, FASTIO_INPUT, "Is a member already");
		return;
	}
	org = place_get(c->t, "org", js_str(place, "org_id"));
	if (u != NULL && members_get(org, id) != NULL) {
		members_row(place, id, role, c->now);
		trail_note(c, "added_member", place, id);
		members_done(c);
		return;
	}
	inv = invites_add(c->t, place, u == NULL ? c->arg[2] :
	    js_str(u, "email"), role, c->now);
	o = json_object_new_object();
	js_set(o, "invite", invites_view(inv));
	fastio_yes(c, o);
}

void
members_add(struct ctx *c)
{
	json_object *place = place_want(c);
	char *role;

	if (place == NULL || !place_may(c, place))
		return;
	role = req_form(c, "permissions");
	if (!members_role_valid(role))
		fastio_no(c, 400, FASTIO_INPUT, "permissions is not valid");
	else
		members_let_in(c, place, role);
	free(role);
}

/* Owns the user anything within this organization? */
static bool
members_owns(struct ctx *c, json_object *org, const char *id)
{
	static const char *const tables[] = { "workspaces", "shares" };
	json_object *all, *o;
	size_t i, k;

	for (k = 0; k < 2; k++) {
		all = js_arr(c->t, tables[k]);
		for (i = 0; i < js_len(all); i++) {
			o = js_at(all, i);
			if (strcmp(js_str(o, "org_id"),
			    js_str(org, "id")) == 0 &&
			    strcmp(js_str(members_get(o, id), "permissions"),
			    "owner") == 0)
				return true;
		}
	}
	return false;
}

/* Those who leave the organization stay in its workspaces, as guests. */
static void
members_guest(struct ctx *c, json_object *org, const char *id)
{
	static const char *const tables[] = { "workspaces", "shares" };
	json_object *all, *m;
	size_t i, k;

	for (k = 0; k < 2; k++) {
		all = js_arr(c->t, tables[k]);
		for (i = 0; i < js_len(all); i++) {
			m = members_get(js_at(all, i), id);
			if (m != NULL && strcmp(js_str(js_at(all, i),
			    "org_id"), js_str(org, "id")) == 0)
				js_set_str(m, "permissions", "guest");
		}
	}
}

void
members_remove(struct ctx *c)
{
	json_object *place = place_want(c), *m;
	const char *id = c->arg[2];
	bool org = strcmp(c->arg[0], "org") == 0;
	size_t i;

	if (place == NULL || !place_may(c, place))
		return;
	if ((m = members_get(place, id)) == NULL) {
		fastio_no_member(c);
		return;
	}
	if (strcmp(js_str(m, "permissions"), "owner") == 0) {
		fastio_no(c, 200, FASTIO_RESTRICTED,
		    "The owner cannot be removed");
		return;
	}
	if (org && members_owns(c, place, id)) {
		fastio_no(c, 200, FASTIO_RESTRICTED,
		    "The member owns workspaces or shares");
		return;
	}
	json_object_object_del(js_get(place, "_members"), id);
	if (org)
		members_guest(c, place, id);
	for (i = 0; i < 3; i++)
		if (strcmp(members_events[i][0], c->arg[0]) == 0)
			trail_note(c, members_events[i][1], place, id);
	members_done(c);
}

static void
members_set(struct ctx *c, json_object *m, const char *role,
    const char *expires)
{
	if (role != NULL)
		js_set_str(m, "permissions", role);
	if (expires != NULL)
		js_set_str(m, "expires", expires[0] == '\0' ? NULL : expires);
	members_done(c);
}

void
members_update(struct ctx *c)
{
	json_object *place = place_want(c), *m;
	char *role, *expires;

	if (place == NULL || !place_may(c, place))
		return;
	role = req_form(c, "permissions");
	expires = req_form(c, "expires");
	if ((m = members_get(place, c->arg[2])) == NULL)
		fastio_no_member(c);
	else if (strcmp(js_str(m, "permissions"), "owner") == 0)
		fastio_no(c, 200, FASTIO_RESTRICTED, "Not for the owner");
	else if ((role == NULL && expires == NULL) ||
	    (role != NULL && !members_role_valid(role)) ||
	    (expires != NULL && expires[0] != '\0' &&
	    clock_parse_plain(expires) < 0))
		fastio_no(c, 400, FASTIO_INPUT, "Invalid field");
	else {
		members_set(c, m, role, expires);
		trail_note(c, "membership_updated", place, c->arg[2]);
	}
	free(role);
	free(expires);
}

/* The new owner has to be in there; the old one stays as an admin. */
void
members_transfer(struct ctx *c)
{
	json_object *place = place_want(c), *m;
	struct json_object_iter it;

	if (place == NULL || !place_may(c, place))
		return;
	if ((m = members_get(place, c->arg[2])) == NULL) {
		fastio_no_member(c);
		return;
	}
	json_object_object_foreachC(js_get(place, "_members"), it) {
		if (strcmp(js_str(it.val, "permissions"), "owner") == 0)
			js_set_str(it.val, "permissions", "admin");
	}
	js_set_str(m, "permissions", "owner");
	js_set(m, "expires", NULL);
	trail_note(c, strcmp(c->arg[0], "org") == 0 ?
	    "org_transfer_completed" : "membership_updated", place,
	    c->arg[2]);
	members_done(c);
}
