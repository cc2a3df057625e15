/*
 * Fastio, current profile: where the person has a seat: the organisation, its
 * workspaces, its shares, and what is shown of other organisations'. Reads
 * every list of every place, and changes nothing.
 */
#include "fastio.h"

#include <stdio.h>
#include <string.h>

void
fastio_add(char *words, size_t size, const char *more)
{
	size_t used = strlen(words);

	(void)snprintf(words + used, size - used, "%s%s", used == 0 ? "" :
	    ", ", more);
}

int
fastio_seat_is(struct json_object *seat, const char *kind)
{
	return strcmp(visit_text(seat, "kind"), kind) == 0;
}

int
fastio_is_owner(struct json_object *seat)
{
	return strcmp(visit_text(seat, "role"), "owner") == 0;
}

struct json_object *
fastio_invites(struct json_object *seat)
{
	return visit_member(seat, "invites", json_type_array);
}

void
fastio_seat_name(struct json_object *seat, char name[PERSON_MAX + 16])
{
	if (fastio_seat_is(seat, "org"))
		(void)text_copy(name, PERSON_MAX + 16, "the organisation");
	else
		(void)snprintf(name, PERSON_MAX + 16, "%.10s %.200s",
		    visit_text(seat, "kind"), visit_text(seat, "name"));
}

static void
put_text(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

/* Adds the seat to LIST when the person has anything there. */
static enum outcome
seat_look(struct visit *v, struct json_object *place,
    struct json_object *list)
{
	struct fastio_look l;
	enum outcome out;

	memset(&l, 0, sizeof(l));
	l.kind = visit_text(place, "kind");
	l.id = visit_text(place, "id");
	l.email = v->who->email;
	l.account = fastio_is_guest(v) ? "" : v->account;
	out = fastio_look(v, &l);
	if (out == OUT_OK && l.other[0] != '\0' && v->account[0] != '\0' &&
	    v->phase != PHASE_RECHECK)
		out = visit_end(v, OUT_FAILED, "%s shows somebody else with "
		    "this address too (id %.60s, in %s %.60s): see there who "
		    "that is, then retry", v->sys->name, l.other, l.kind,
		    l.id);
	if (out == OUT_OK && (l.user[0] != '\0' ||
	    visit_length(l.invites) > 0)) {
		put_text(place, "user", l.user);
		put_text(place, "label", l.label);
		put_text(place, "role", l.role);
		put_text(place, "expires", l.expires);
		json_object_object_add(place, "invites",
		    json_object_get(l.invites));
		json_object_array_add(list, json_object_get(place));
	}
	json_object_put(l.invites);
	return out;
}

enum outcome
fastio_there(struct visit *v, struct json_object *seat, int *there)
{
	struct fastio_look l;
	enum outcome out;

	memset(&l, 0, sizeof(l));
	l.kind = visit_text(seat, "kind");
	l.id = visit_text(seat, "id");
	l.email = v->who->email;
	l.account = fastio_is_guest(v) ? "" : v->account;
	out = fastio_look(v, &l);
	*there = l.user[0] != '\0' ? 2 : visit_length(l.invites) > 0;
	json_object_put(l.invites);
	return out;
}

/* ---- the places themselves ---- */

struct places {
	const char		*kind;
	const char		*org;	/* its own only; NULL: any */
	struct json_object	*list;
};

/* The list of shares may be of more organisations than the one asked for. */
static int
is_foreign(struct json_object *row, const char *org)
{
	static const char *const keys[] = { "org_id", "organization_id",
	    "parent_org_id" };
	char id[WORD_MAX];
	size_t i;

	if (org == NULL)
		return 0;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		fastio_id(row, keys[i], id);
		if (id[0] != '\0')
			return strcmp(id, org) != 0;
	}
	return 0;
}

static enum outcome
place_each(struct visit *v, struct json_object *row, void *arg)
{
	struct places *p = arg;
	struct json_object *o;
	char id[WORD_MAX], name[PERSON_MAX];

	fastio_id(row, "id", id);
	if (id[0] == '\0')
		return visit_end(v, OUT_GARBLED, "%s sent a %s without an id",
		    v->sys->name, p->kind);
	if (is_foreign(row, p->org))
		return OUT_OK;
	fastio_name(row, name);
	o = json_object_new_object();
	put_text(o, "kind", p->kind);
	put_text(o, "id", id);
	put_text(o, "name", name[0] != '\0' ? name : id);
	json_object_array_add(p->list, o);
	return OUT_OK;
}

/* The workspaces of an organisation, or its shares. */
static enum outcome
places_list(struct visit *v, const char *kind, const char *org,
    struct json_object *list)
{
	struct places arg = { kind, org, list };
	int shares = strcmp(kind, "share") == 0;
	struct fastio_pages p;
	struct buf path;
	enum outcome out;

	memset(&p, 0, sizeof(p));
	buf_init(&path, 1024);
	if (shares) {
		fastio_path(&path, "shares", "all", NULL);
		p.query[0] = "org_id";
		p.query[1] = org;
	} else
		fastio_path(&path, "org", org, "list", "workspaces", NULL);
	p.path = buf_cstr(&path);
	p.list = shares ? "shares" : "workspaces";
	p.what = shares ? "list the shares" : "list the workspaces";
	p.each = place_each;
	p.arg = &arg;
	out = fastio_pages(v, &p);
	buf_clear(&path);
	return out == OUT_GONE ? visit_end(v, OUT_FAILED, "%s cannot %s: check "
	    "org and the token's scopes", v->sys->name, p.what) : out;
}

enum outcome
fastio_seats(struct visit *v, struct json_object **seats)
{
	struct json_object *places = json_object_new_array(), *org;
	enum outcome out = fastio_self(v);
	size_t i;

	*seats = json_object_new_array();
	org = json_object_new_object();
	put_text(org, "kind", "org");
	put_text(org, "id", fastio_own(v)->org);
	put_text(org, "name", fastio_own(v)->org);
	json_object_array_add(places, org);
	if (out == OUT_OK)
		out = places_list(v, "workspace", fastio_own(v)->org, places);
	if (out == OUT_OK)
		out = places_list(v, "share", fastio_own(v)->org, places);
	for (i = 0; out == OUT_OK && i < visit_length(places); i++)
		out = seat_look(v, json_object_array_get_idx(places, i),
		    *seats);
	json_object_put(places);
	if (out == OUT_OK)
		return OUT_OK;
	json_object_put(*seats);
	*seats = NULL;
	return out;
}

/* ---- document ---- */

static enum outcome
org_each(struct visit *v, struct json_object *row, void *arg)
{
	struct places all = { "org", NULL, arg };

	return place_each(v, row, &all);
}

/* Workspaces of other companies that the person works in and that we happen
 * to see. They are not ours to end: somebody is to be asked. */
static enum outcome
document_others(struct visit *v, struct json_object *orgs)
{
	struct json_object *org, *places, *theirs, *seat;
	enum outcome out = OUT_OK;
	size_t i, k;

	for (i = 0; i < visit_length(orgs) && !visit_is_over(out); i++) {
		org = json_object_array_get_idx(orgs, i);
		places = json_object_new_array();
		theirs = json_object_new_array();
		out = places_list(v, "workspace", visit_text(org, "id"),
		    places);
		for (k = 0; out == OUT_OK && k < visit_length(places); k++)
			out = seat_look(v, json_object_array_get_idx(places,
			    k), theirs);
		for (k = 0; k < visit_length(theirs); k++) {
			seat = json_object_array_get_idx(theirs, k);
			visit_holds(v, "%s of the other organisation %.80s",
			    visit_text(seat, "name"), visit_text(org, "name"));
			visit_task(v, "Ask %.80s to take %s out of its "
			    "workspace \"%.80s\" in %s: it is another "
			    "organisation's, and is not touched from here.",
			    visit_text(org, "name"), v->who->email,
			    visit_text(seat, "name"), v->sys->name);
		}
		json_object_put(places);
		json_object_put(theirs);
	}
	return out;
}

static enum outcome
document_external(struct visit *v)
{
	struct json_object *orgs = json_object_new_array();
	struct fastio_pages p;
	enum outcome out;
	struct buf path;

	memset(&p, 0, sizeof(p));
	buf_init(&path, 512);
	fastio_path(&path, "orgs", "list", "external", NULL);
	p.path = buf_cstr(&path);
	p.list = "orgs";
	p.what = "list other organisations";
	p.each = org_each;
	p.arg = orgs;
	out = fastio_pages(v, &p);
	if (out == OUT_OK)
		out = document_others(v, orgs);
	buf_clear(&path);
	json_object_put(orgs);
	/* What is not visible to us is not ours to know. */
	return visit_is_over(out) ? out : OUT_OK;
}

static void
document_seat(struct visit *v, struct json_object *seat)
{
	char name[PERSON_MAX + 16];

	fastio_seat_name(seat, name);
	if (visit_text(seat, "user")[0] != '\0')
		visit_holds(v, "%.30s of %s%s%.30s", visit_text(seat,
		    "role")[0] != '\0' ? visit_text(seat, "role") : "member",
		    name, visit_text(seat, "expires")[0] != '\0' ? ", until " :
		    "", visit_text(seat, "expires"));
	if (visit_length(fastio_invites(seat)) > 0)
		visit_holds(v, "%zu pending invitation(s) to %s",
		    visit_length(fastio_invites(seat)), name);
}

enum outcome
fastio_document(struct visit *v)
{
	struct json_object *seats = NULL, *seat;
	size_t i, members = 0, invites = 0, owned = 0;
	enum outcome out = fastio_seats(v, &seats);

	if (out != OUT_OK)
		return out;
	for (i = 0; i < visit_length(seats); i++) {
		seat = json_object_array_get_idx(seats, i);
		document_seat(v, seat);
		members += visit_text(seat, "user")[0] != '\0';
		owned += fastio_is_owner(seat) != 0;
		invites += visit_length(fastio_invites(seat));
	}
	visit_before(v, "seats", seats);
	out = document_external(v);
	if (out != OUT_OK)
		return out;
	if (members == 0 && invites == 0)
		return visit_end(v, OUT_VERIFIED, "account %s holds nothing "
		    "any more: it was ended before it could be documented",
		    v->account);
	return visit_end(v, OUT_VERIFIED, "holds %zu membership(s), %zu of "
	    "them as owner, and %zu pending invitation(s) as %s", members,
	    owned, invites, v->account);
}
