/*
 * Fastio, current profile: the undo, from the before-image: memberships go on
 * again or are given anew, owners get back what was theirs, invitations are
 * sent again. Who was removed may have to accept an invitation first: what
 * that holds up is a task.
 */
#include "fastio.h"

#include <stdio.h>
#include <string.h>

/* What could not be put back by itself. */
struct back {
	char	invited[300];	/* places that wait for an acceptance */
	char	owned[300];	/* places that stay with the heir */
};

static enum outcome
back_add(struct visit *v, struct json_object *seat, const char *whom,
    const char *role)
{
	struct visit_call c;
	struct buf path, form;

	buf_init(&path, 1024);
	buf_init(&form, 256);
	fastio_path(&path, visit_text(seat, "kind"), visit_text(seat, "id"),
	    "members", whom, NULL);
	/* An owner is made by a transfer only. */
	http_query(&form, "permissions", role[0] == '\0' ||
	    strcmp(role, "owner") == 0 ? "member" : role);
	memset(&c, 0, sizeof(c));
	c.method = "POST";
	c.path = &path;
	c.form = &form;
	c.what = "give a membership back";
	return fastio_call(v, &c);
}

/* Adds, and reads until the service shows the member or an invitation. */
static enum outcome
back_invite(struct visit *v, struct json_object *seat, const char *role,
    int *there)
{
	const char *user = visit_text(seat, "user");
	char name[PERSON_MAX + 16];
	enum outcome out;
	int64_t wait;
	int try;

	out = fastio_there(v, seat, there);
	if (out != OUT_OK || *there > 0)
		return out;
	out = back_add(v, seat, user[0] != '\0' ? user : v->who->email, role);
	for (try = 0; out == OUT_OK; try++) {
		out = fastio_there(v, seat, there);
		if (out != OUT_OK || *there > 0)
			break;
		wait = visit_reread(try);
		fastio_seat_name(seat, name);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s accepted %s for %s "
			    "but does not show it", v->sys->name,
			    v->who->email, name);
		http_pause(wait);
	}
	return out;
}

/* The end that the membership had before us; "" for none. */
static const char *
back_expires(struct visit *v, struct json_object *seat)
{
	struct json_object *org = visit_was(v, "org");

	return visit_text(fastio_seat_is(seat, "org") && org != NULL ? org :
	    seat, "expires");
}

static enum outcome
back_seat(struct visit *v, struct json_object *seat, struct back *b)
{
	const char *user = visit_text(seat, "user"), *role;
	const char *until = back_expires(v, seat);
	char name[PERSON_MAX + 16];
	struct fastio_member m;
	enum outcome out = OUT_GONE;
	int there = 0;

	fastio_seat_name(seat, name);
	role = visit_text(seat, "role");
	if (user[0] != '\0')
		out = fastio_member(v, seat, user, &m);
	else if (visit_length(fastio_invites(seat)) > 0)
		role = visit_text(json_object_array_get_idx(fastio_invites(
		    seat), 0), "role");
	if (out == OUT_OK)
		return fastio_is_over(m.expires) && !fastio_is_over(until) ?
		    fastio_limit(v, seat, until) : OUT_OK;
	if (out != OUT_GONE)
		return out;
	out = back_invite(v, seat, role, &there);
	if (out == OUT_OK && there == 1 && user[0] != '\0')
		fastio_add(b->invited, sizeof(b->invited), name);
	return out;
}

/* ---- ownership ---- */

/* The one who owns the seat now, if it is the heir; "". */
static enum outcome
back_owner(struct visit *v, struct json_object *seat, char id[WORD_MAX])
{
	struct fastio_look l;
	enum outcome out;

	memset(&l, 0, sizeof(l));
	l.kind = visit_text(seat, "kind");
	l.id = visit_text(seat, "id");
	l.email = v->who->handover;
	l.account = "";
	out = fastio_look(v, &l);
	(void)text_copy(id, WORD_MAX, strcmp(l.role, "owner") == 0 ? l.user :
	    "");
	json_object_put(l.invites);
	return out;
}

static enum outcome
back_owned(struct visit *v, struct json_object *was, struct back *b)
{
	struct json_object *seat = NULL;
	char heir[WORD_MAX] = "", name[PERSON_MAX + 16];
	struct fastio_member m;
	enum outcome out;

	fastio_seat_name(was, name);
	out = fastio_member(v, was, v->account, &m);
	if (out == OUT_OK && strcmp(m.role, "owner") == 0)
		return OUT_OK;
	if (out == OUT_OK && v->who->handover[0] != '\0')
		out = back_owner(v, was, heir);
	if (out == OUT_GONE || (out == OUT_OK && heir[0] == '\0')) {
		fastio_add(b->owned, sizeof(b->owned), name);
		return OUT_OK;
	}
	if (out == OUT_OK && json_object_deep_copy(was, &seat, NULL) == 0) {
		json_object_object_add(seat, "user",
		    json_object_new_string(heir));
		out = fastio_give(v, seat, v->account);
	}
	json_object_put(seat);
	return out;
}

static enum outcome
back_all(struct visit *v, const char *key, struct back *b)
{
	struct json_object *list = visit_was(v, key), *seat;
	enum outcome out, first = OUT_OK;
	char why[TEXT_MAX] = "";
	size_t i;

	for (i = 0; i < visit_length(list); i++) {
		seat = json_object_array_get_idx(list, i);
		out = strcmp(key, "owned") == 0 ? back_owned(v, seat, b) :
		    back_seat(v, seat, b);
		if (visit_is_over(out))
			return out;
		if (out != OUT_OK && first == OUT_OK) {
			first = out;
			(void)text_copy(why, sizeof(why), v->detail);
		}
	}
	return first == OUT_OK ? OUT_OK : visit_end(v, first == OUT_GONE ?
	    OUT_RETRY : first, "%s", why);
}

enum outcome
fastio_restore(struct visit *v)
{
	enum outcome out = fastio_self(v);
	struct back b;

	memset(&b, 0, sizeof(b));
	if (visit_was(v, "seats") == NULL)
		return visit_end(v, OUT_VERIFIED, "nothing was changed there");
	if (out == OUT_OK)
		out = back_all(v, "seats", &b);
	if (out == OUT_OK)
		out = back_all(v, "owned", &b);
	if (out != OUT_OK)
		return out;
	if (b.invited[0] != '\0')
		visit_task(v, "%s was invited again in %s and has to accept: "
		    "%s.", v->who->email, v->sys->name, b.invited);
	if (b.owned[0] != '\0')
		visit_task(v, "Make %s the owner again in %s, once that is a "
		    "member there: %s.", v->who->email, v->sys->name,
		    b.owned);
	if (b.invited[0] != '\0' || b.owned[0] != '\0')
		return visit_end(v, OUT_DONE, "memberships are given back as "
		    "far as they can be: see the tasks");
	return visit_end(v, OUT_VERIFIED, "is a member and an owner again "
	    "wherever that was so before");
}
