/*
 * Fastio, current profile: who somebody is, and where: members and pending
 * invitations of the organisation, of its workspaces and of its shares.
 * Access may rest on any one of them alone. Changes nothing.
 */
#include "fastio.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "../base/when.h"

/* An account that is an invitation: its id behind this word. */
#define GUEST	"invitation:"

int
fastio_is_guest(const struct visit *v)
{
	return strncmp(v->account, GUEST, strlen(GUEST)) == 0;
}

static const char *
row_role(struct json_object *row)
{
	static const char *const keys[] = { "role", "permissions",
	    "permission" };
	size_t i;

	for (i = 0; i < 3; i++)
		if (visit_text(row, keys[i])[0] != '\0')
			return visit_text(row, keys[i]);
	return "";
}

static enum outcome
look_invite(struct visit *v, struct fastio_look *l, struct json_object *row,
    const char *role)
{
	struct json_object *o;
	char id[WORD_MAX];
	size_t i;

	fastio_id(row, "id", id);
	if (id[0] == '\0')
		return visit_end(v, OUT_GARBLED, "%s sent an invitation "
		    "without an id", v->sys->name);
	for (i = 0; i < visit_length(l->invites); i++)
		if (strcmp(visit_text(json_object_array_get_idx(l->invites,
		    i), "id"), id) == 0)
			return OUT_OK;
	o = json_object_new_object();
	json_object_object_add(o, "id", json_object_new_string(id));
	json_object_object_add(o, "role", json_object_new_string(role));
	json_object_array_add(l->invites, o);
	return OUT_OK;
}

static enum outcome
look_found(struct visit *v, struct fastio_look *l, struct json_object *row,
    const char *id)
{
	const char *email = fastio_email(row);

	if (id[0] == '\0')
		return visit_end(v, OUT_GARBLED, "%s sent a member without an "
		    "id", v->sys->name);
	if (l->account[0] != '\0' && strcmp(id, l->account) == 0 &&
	    email[0] != '\0' && strcasecmp(email, l->email) != 0 &&
	    v->phase != PHASE_RECHECK)
		return visit_end(v, OUT_FAILED, "account %.60s in %s carries "
		    "the address %.100s, not the one that was asked for: "
		    "nothing more is done to it; see there whose it is, then "
		    "retry", id, v->sys->name, email);
	if ((l->account[0] != '\0' && strcmp(id, l->account) != 0) ||
	    (l->user[0] != '\0' && strcmp(id, l->user) != 0)) {
		(void)text_copy(l->other, sizeof(l->other), id);
		return OUT_OK;
	}
	(void)text_copy(l->user, sizeof(l->user), id);
	(void)text_copy(l->role, sizeof(l->role), row_role(row));
	(void)text_copy(l->expires, sizeof(l->expires), visit_text(row,
	    "expires"));
	fastio_name(row, l->label);
	return OUT_OK;
}

static enum outcome
member_each(struct visit *v, struct json_object *row, void *arg)
{
	struct fastio_look *l = arg;
	struct json_object *invite = visit_member(row, "invite",
	    json_type_object);
	const char *status = visit_text(row, "status");
	char id[WORD_MAX];

	fastio_id(row, "id", id);
	if (id[0] == '\0')
		fastio_id(row, "user_id", id);
	if (id[0] != '\0' && strcmp(id, fastio_own(v)->self) == 0)
		l->self = 1;
	if (strcasecmp(fastio_email(row), l->email) != 0 &&
	    (l->account[0] == '\0' || strcmp(id, l->account) != 0))
		return OUT_OK;
	if (strcmp(status, "pending") == 0) {
		l->pending = 1;
		return invite == NULL ? OUT_OK : look_invite(v, l, invite,
		    row_role(row));
	}
	if (status[0] != '\0' && strcmp(status, "active") != 0)
		return visit_end(v, OUT_UNCLEAR, "%s calls a membership of "
		    "%.100s \"%.40s\", which is no word of its contract: look "
		    "there", v->sys->name, l->email, status);
	return look_found(v, l, row, id);
}

/* A list of invitations may also name those that are over. */
static enum outcome
invite_each(struct visit *v, struct json_object *row, void *arg)
{
	static const char *const over[] = { "accepted", "declined", "deleted",
	    "expired", "revoked", "cancelled", "canceled" };
	const char *state = visit_text(row, "state");
	struct fastio_look *l = arg;
	size_t i;

	if (state[0] == '\0')
		state = visit_text(row, "status");
	for (i = 0; i < sizeof(over) / sizeof(over[0]); i++)
		if (strcmp(state, over[i]) == 0)
			return OUT_OK;
	if (strcasecmp(fastio_email(row), l->email) != 0)
		return OUT_OK;
	return look_invite(v, l, row, row_role(row));
}

/* One of the two lists of a place. */
static enum outcome
look_list(struct visit *v, struct fastio_look *l, int invites, size_t *seen)
{
	struct fastio_pages p;
	struct buf path;
	enum outcome out;

	memset(&p, 0, sizeof(p));
	buf_init(&path, 1024);
	if (invites)
		fastio_path(&path, l->kind, l->id, "members", "invitations",
		    "list", NULL);
	else
		fastio_path(&path, l->kind, l->id, "members", "list", NULL);
	p.path = buf_cstr(&path);
	p.list = invites ? "invitations" : "users";
	p.what = invites ? "list the invitations" : "list the members";
	p.each = invites ? invite_each : member_each;
	p.arg = l;
	out = fastio_pages(v, &p);
	buf_clear(&path);
	*seen = p.seen;
	if (out == OUT_GONE && strcmp(l->kind, "org") == 0)
		return visit_end(v, OUT_FAILED, "%s has no organisation %.60s "
		    "for this token: correct org", v->sys->name, l->id);
	if (out == OUT_GONE)
		return visit_end(v, OUT_RETRY, "%s no longer shows %s %.60s",
		    v->sys->name, l->kind, l->id);
	return out;
}

/* Nobody is found nowhere before somebody was found: every place has an
 * owner, and the organisation has the user whose token this is. */
enum outcome
fastio_look(struct visit *v, struct fastio_look *l)
{
	size_t seen = 0;
	enum outcome out;

	l->user[0] = l->other[0] = l->label[0] = '\0';
	l->role[0] = l->expires[0] = '\0';
	l->self = l->pending = 0;
	l->invites = json_object_new_array();
	out = look_list(v, l, 0, &seen);
	if (out == OUT_OK && seen == 0)
		out = visit_end(v, OUT_GARBLED, "%s sent an empty list of the "
		    "members of %s %.60s", v->sys->name, l->kind, l->id);
	if (out == OUT_OK && strcmp(l->kind, "org") == 0 &&
	    fastio_own(v)->self[0] != '\0' && l->self == 0)
		out = visit_end(v, OUT_GARBLED, "%s sent a list of members "
		    "without the user of our own token: it is not whole, or "
		    "the token is of another organisation", v->sys->name);
	if (out == OUT_OK)
		out = look_list(v, l, 1, &seen);
	if (out == OUT_OK && l->pending != 0 && visit_length(l->invites) == 0)
		out = visit_end(v, OUT_GARBLED, "%s shows %.100s as invited, "
		    "but no invitation", v->sys->name, l->email);
	return out;
}

enum outcome
fastio_org(struct visit *v, char id[WORD_MAX])
{
	struct json_object *j = NULL;
	struct visit_call c;
	struct buf path;
	enum outcome out;

	id[0] = '\0';
	buf_init(&path, 512);
	fastio_path(&path, "org", fastio_own(v)->org, "details", NULL);
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "show the organisation";
	c.out = &j;
	out = fastio_call(v, &c);
	if (out == OUT_OK) {
		fastio_id(fastio_object(j, "org"), "id", id);
		if (id[0] == '\0')
			out = visit_end(v, OUT_GARBLED, "%s sent an "
			    "organisation without an id", v->sys->name);
	}
	json_object_put(j);
	return out == OUT_GONE ? visit_end(v, OUT_FAILED, "%s has no "
	    "organisation %.60s for this token: correct org", v->sys->name,
	    fastio_own(v)->org) : out;
}

/* The service takes a name for it, too, but its lists show the number. */
static enum outcome
org_number(struct visit *v)
{
	struct fastio *own = fastio_own(v);
	enum outcome out;

	if (own->org[strspn(own->org, "0123456789")] == '\0')
		return OUT_OK;
	out = fastio_org(v, own->org_id);
	if (out == OUT_OK)
		own->org = own->org_id;
	return out;
}

enum outcome
fastio_self(struct visit *v)
{
	struct fastio *own = fastio_own(v);
	struct json_object *j = NULL, *user;
	struct visit_call c;
	struct buf path;
	enum outcome out;

	if (own->self[0] != '\0')
		return org_number(v);
	buf_init(&path, 512);
	fastio_path(&path, "user", "auth", "check", NULL);
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "say whose token this is";
	c.out = &j;
	out = fastio_call(v, &c);
	user = fastio_object(j, "user");
	if (out == OUT_OK) {
		fastio_id(user, "id", own->self);
		if (own->self[0] == '\0')
			fastio_id(user, "user_id", own->self);
		if (own->self[0] == '\0')
			out = visit_end(v, OUT_GARBLED, "%s does not say "
			    "whose token this is", v->sys->name);
	}
	json_object_put(j);
	if (out == OUT_GONE)
		return visit_end(v, OUT_FAILED, "%s does not say whose token "
		    "this is: check url and profile", v->sys->name);
	return out == OUT_OK ? org_number(v) : out;
}

/* Access to a workspace or a share needs no place in the organisation, so
 * whoever is not found there is looked for everywhere. */
static enum outcome
match_places(struct visit *v, struct fastio_look *l)
{
	struct json_object *seats = NULL, *seat, *invites;
	const char *user;
	enum outcome out = fastio_seats(v, &seats);
	size_t i;

	for (i = 0; i < visit_length(seats); i++) {
		seat = json_object_array_get_idx(seats, i);
		user = visit_text(seat, "user");
		invites = fastio_invites(seat);
		if (user[0] != '\0' && l->user[0] != '\0' &&
		    strcmp(user, l->user) != 0)
			(void)text_copy(l->other, sizeof(l->other), user);
		else if (user[0] != '\0')
			(void)text_copy(l->user, sizeof(l->user), user);
		if (l->label[0] == '\0')
			(void)text_copy(l->label, sizeof(l->label),
			    visit_text(seat, "label"));
		if (visit_length(l->invites) == 0 && visit_length(invites) > 0)
			json_object_array_add(l->invites, json_object_get(
			    json_object_array_get_idx(invites, 0)));
	}
	json_object_put(seats);
	return out;
}

/* Whoever was found as one invitation stays that, however many there are. */
static enum outcome
match_judge(struct visit *v, const struct fastio_look *l, const char *known)
{
	if (l->other[0] != '\0')
		return visit_end(v, OUT_AMBIGUOUS, "%s has several people with "
		    "this address (ids %.60s, %.60s): nothing was touched "
		    "there; remove the address from the wrong one, then retry",
		    v->sys->name, l->user, l->other);
	if (l->user[0] == '\0' && visit_length(l->invites) == 0)
		return visit_end(v, OUT_ABSENT, "%s knows nobody with this "
		    "address", v->sys->name);
	/* Nothing at all is done to the one whose token we hold. */
	if (strcmp(l->user, fastio_own(v)->self) == 0)
		return visit_end(v, OUT_FAILED, "this person owns the token "
		    "that offboard itself uses for %s: give it a token of "
		    "somebody else, then retry", v->sys->name);
	if (l->user[0] != '\0')
		(void)text_copy(v->account, sizeof(v->account), l->user);
	else if (strncmp(known, GUEST, strlen(GUEST)) == 0)
		(void)text_copy(v->account, sizeof(v->account), known);
	else
		(void)snprintf(v->account, sizeof(v->account), GUEST "%.100s",
		    visit_text(json_object_array_get_idx(l->invites, 0),
		    "id"));
	(void)text_copy(v->label, sizeof(v->label), l->label);
	return OUT_OK;
}

enum outcome
fastio_match(struct visit *v)
{
	char known[WORD_MAX];
	struct fastio_look l;
	enum outcome out = fastio_self(v);

	if (out != OUT_OK)
		return out;
	/* Looked for by the address alone, whoever was found before. */
	(void)text_copy(known, sizeof(known), v->account);
	v->account[0] = '\0';
	memset(&l, 0, sizeof(l));
	l.kind = "org";
	l.id = fastio_own(v)->org;
	l.email = v->who->email;
	l.account = "";
	out = fastio_look(v, &l);
	if (out == OUT_OK && l.user[0] == '\0')
		out = match_places(v, &l);
	if (out == OUT_OK)
		out = match_judge(v, &l, known);
	json_object_put(l.invites);
	return out;
}

enum outcome
fastio_member(struct visit *v, struct json_object *seat, const char *user,
    struct fastio_member *m)
{
	struct json_object *j = NULL, *o, *expires;
	struct visit_call c;
	struct buf path;
	char id[WORD_MAX];
	enum outcome out;

	memset(m, 0, sizeof(*m));
	buf_init(&path, 1024);
	fastio_path(&path, visit_text(seat, "kind"), visit_text(seat, "id"),
	    "member", user, "details", NULL);
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "show the membership";
	c.out = &j;
	out = fastio_call(v, &c);
	if (out != OUT_OK)
		return out;
	o = fastio_object(j, "member");
	if (o == fastio_inner(j))
		o = fastio_object(j, "user");
	fastio_id(o, "id", id);
	if (id[0] == '\0')
		fastio_id(o, "user_id", id);
	if (strcmp(id, user) != 0)
		out = visit_end(v, OUT_GARBLED, "%s sent something that is "
		    "not the membership of user %.60s", v->sys->name, user);
	(void)text_copy(m->role, sizeof(m->role), row_role(o));
	m->shows = json_object_object_get_ex(o, "expires", &expires);
	(void)text_copy(m->expires, sizeof(m->expires), visit_text(o,
	    "expires"));
	/* One who is only invited is no member yet. */
	if (out == OUT_OK && strcmp(visit_text(o, "status"), "pending") == 0)
		out = OUT_GONE;
	json_object_put(j);
	return out;
}

/* "2026-11-27 17:00:00", with or without a T, a fraction, Z or UTC. */
int
fastio_is_over(const char *expires)
{
	char text[WHEN_TEXT], zone[WHEN_ZONE];
	const char *rest;
	int64_t at;

	if (strlen(expires) < 19)
		return 0;
	(void)snprintf(text, sizeof(text), "%.19sZ", expires);
	text[10] = 'T';
	rest = expires + 19;
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	rest += strspn(rest, " ");
	if (rest[0] != '\0' && strcmp(rest, "Z") != 0 &&
	    strcmp(rest, "UTC") != 0 && strcmp(rest, "+00:00") != 0)
		return 0;
	return when_parse(text, when_now(), &at, zone, NULL) == 0 &&
	    at <= when_now();
}
