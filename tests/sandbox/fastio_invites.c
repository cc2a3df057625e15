/*
 * fastio_invites.c: invitations, which stay good whatever happens to the
 * memberships of the one invited; it must not let one lapse by itself
 * before its time.
 */
#include "fastio.h"

#include <string.h>
#include <strings.h>

static const long long invites_days = 14;

static const char *
invites_user(json_object *t, const char *email)
{
	struct json_object_iter it;
	json_object *u;
	char id[FASTIO_ID];

	json_object_object_foreachC(js_obj(t, "users"), it) {
		if (strcasecmp(js_str(it.val, "email"), email) == 0)
			return js_str(it.val, "id");
	}
	/* The service gives everybody an id as soon as they are invited. */
	u = json_object_new_object();
	js_set_str(u, "id", files_id(t, "user", id));
	js_set_str(u, "email", email);
	js_set_str(u, "first_name", "");
	js_set_str(u, "last_name", "");
	js_set(js_obj(t, "users"), id, u);
	return js_str(u, "id");
}

/* A new invitation to the place, or the one that is open already. */
json_object *
invites_add(json_object *t, json_object *place, const char *email,
    const char *permissions, long long now)
{
	json_object *all = js_arr(t, "invites"), *o;
	char id[FASTIO_ID];
	size_t i;

	for (i = 0; i < js_len(all); i++) {
		o = js_at(all, i);
		if (invites_is_for(o, place) && invites_open(o, now) &&
		    strcasecmp(js_str(o, "email"), email) == 0)
			return o;
	}
	o = json_object_new_object();
	js_set_str(o, "id", files_id(t, "invite", id));
	js_set_str(o, "email", email);
	js_set_str(o, "permissions", permissions);
	js_set_str(o, "state", "pending");
	clock_plain(o, "created", now);
	clock_plain(o, "expires", now + invites_days * 86400000);
	js_set_str(o, "_user_id", invites_user(t, email));
	js_set_str(o, "_kind", js_str(place, "_kind"));
	js_set_str(o, "_place", js_str(place, "id"));
	js_add(all, o);
	return o;
}

bool
invites_is_for(json_object *inv, json_object *place)
{
	return strcmp(js_str(inv, "_place"), js_str(place, "id")) == 0;
}

bool
invites_open(json_object *inv, long long now)
{
	return strcmp(js_str(inv, "state"), "pending") == 0 &&
	    clock_parse_plain(js_str(inv, "expires")) > now;
}

/* What a list of members shows of it. */
json_object *
invites_view(json_object *inv)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "id", js_str(inv, "id"));
	js_set_str(o, "created", js_str(inv, "created"));
	js_set_str(o, "expires", js_str(inv, "expires"));
	return o;
}

void
invites_list(struct ctx *c)
{
	json_object *place = place_want(c), *all, *o;
	struct page p;
	size_t i;

	if (place == NULL || !place_may(c, place))
		return;
	fastio_page(c, &p);
	all = js_arr(c->t, "invites");
	for (i = 0; i < js_len(all); i++) {
		o = js_at(all, i);
		if (invites_is_for(o, place) && (c->arg[2] == NULL ||
		    strcmp(js_str(o, "state"), c->arg[2]) == 0) &&
		    page_takes(&p))
			js_add(p.rows, js_public(o));
	}
	fastio_list(c, &p, "invitations");
}

void
invites_delete(struct ctx *c)
{
	json_object *place = place_want(c), *o;

	if (place == NULL || !place_may(c, place))
		return;
	o = js_find(js_arr(c->t, "invites"), "id", c->arg[2]);
	if (o == NULL || !invites_is_for(o, place)) {
		fastio_no(c, 200, FASTIO_NOWHERE, "No such invitation");
		return;
	}
	js_drop(js_arr(c->t, "invites"), o);
	fastio_yes(c, json_object_new_object());
}

static bool
invites_take(json_object *t, json_object *inv, long long now)
{
	json_object *place;

	place = place_get(t, js_str(inv, "_kind"), js_str(inv, "_place"));
	if (place == NULL || !invites_open(inv, now))
		return false;
	members_row(place, js_str(inv, "_user_id"),
	    js_str(inv, "permissions"), now);
	js_set_str(inv, "state", "accepted");
	return true;
}

/* POST /accept on the control port: takes up every open invitation. */
void
invites_accept(struct ctx *c)
{
	json_object *t = js_get(c->root, "fastio"), *all, *o;
	const char *email = js_str(c->in, "email");
	int n = 0;
	size_t i;

	all = js_arr(t, "invites");
	for (i = 0; i < js_len(all); i++)
		if (strcasecmp(js_str(js_at(all, i), "email"), email) == 0)
			n += invites_take(t, js_at(all, i), c->now);
	o = json_object_new_object();
	js_set_int(o, "accepted", n);
	reply_json(c, n > 0 ? 200 : 404, o);
}
