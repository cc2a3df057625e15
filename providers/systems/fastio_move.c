/*
 * Fastio, current profile: handover. Whatever has the leaver as its owner gets
 * a new one, who must be a member of it first. A transfer counts when both
 * entries have been read back, and never by its own answer: what is removed
 * with its owner is orphaned.
 */
#include "fastio.h"

#include <stdio.h>
#include <string.h>

static enum outcome
post(struct visit *v, struct buf *path, struct buf *form, const char *what)
{
	struct visit_call c;

	memset(&c, 0, sizeof(c));
	c.method = "POST";
	c.path = path;
	c.form = form;
	c.what = what;
	return fastio_call(v, &c);
}

/* The new owner as a member, with no more rights than the next call needs. */
static enum outcome
move_add(struct visit *v, struct json_object *seat, const char *to)
{
	struct fastio_member m;
	struct buf path, form;
	enum outcome out;
	int64_t wait;
	int try;

	buf_init(&path, 1024);
	buf_init(&form, 256);
	fastio_path(&path, visit_text(seat, "kind"), visit_text(seat, "id"),
	    "members", to, NULL);
	http_query(&form, "permissions", "member");
	out = post(v, &path, &form, "let the new owner in");
	for (try = 0; out == OUT_OK; try++) {
		out = fastio_member(v, seat, to, &m);
		if (out != OUT_GONE)
			break;
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_FAILED, "%s does not show %s "
			    "as a member of %s %.80s: perhaps an invitation "
			    "has to be accepted; then retry", v->sys->name,
			    v->who->handover, visit_text(seat, "kind"),
			    visit_text(seat, "name"));
		http_pause(wait);
		out = OUT_OK;
	}
	return out;
}

/* Is TO the owner, and the other one not? OUT_GONE: not so yet. */
static enum outcome
move_read(struct visit *v, struct json_object *seat, const char *to,
    const char *from)
{
	struct fastio_member m;
	enum outcome out = fastio_member(v, seat, to, &m);

	if (out != OUT_OK)
		return out;
	if (strcmp(m.role, "owner") != 0)
		return OUT_GONE;
	out = fastio_member(v, seat, from, &m);
	if (out == OUT_OK && strcmp(m.role, "owner") == 0)
		return OUT_GONE;
	return out == OUT_GONE ? OUT_OK : out;
}

/* From the seat's own user to TO; one that has been made already is fine. */
enum outcome
fastio_give(struct visit *v, struct json_object *seat, const char *to)
{
	const char *from = visit_text(seat, "user");
	struct fastio_member m;
	struct buf path;
	enum outcome out;
	int64_t wait;
	int try;

	out = fastio_member(v, seat, to, &m);
	if (out == OUT_GONE)
		out = move_add(v, seat, to);
	if (out != OUT_OK)
		return out;
	out = move_read(v, seat, to, from);
	if (out != OUT_GONE)
		return out;
	buf_init(&path, 1024);
	fastio_path(&path, visit_text(seat, "kind"), visit_text(seat, "id"),
	    "member", to, "transfer_ownership", NULL);
	out = post(v, &path, NULL, "transfer the ownership");
	for (try = 0; out == OUT_OK; try++) {
		out = move_read(v, seat, to, from);
		if (out != OUT_GONE)
			break;
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s accepted the "
			    "transfer but does not show the new owner of %s "
			    "%.80s", v->sys->name, visit_text(seat, "kind"),
			    visit_text(seat, "name"));
		http_pause(wait);
		out = OUT_OK;
	}
	return out;
}

/* The heir's user id: an active member of the organisation. */
static enum outcome
heir_find(struct visit *v, char id[WORD_MAX])
{
	const char *heir = v->who->handover;
	struct fastio_look l;
	enum outcome out;

	memset(&l, 0, sizeof(l));
	l.kind = "org";
	l.id = fastio_own(v)->org;
	l.email = heir;
	l.account = "";
	out = fastio_look(v, &l);
	if (out == OUT_OK && l.other[0] != '\0')
		out = visit_end(v, OUT_FAILED, "%s has several members with "
		    "the address %s: remove it from the wrong one, then retry",
		    v->sys->name, heir);
	else if (out == OUT_OK && l.user[0] == '\0')
		out = visit_end(v, OUT_FAILED, "%s is no member of the "
		    "organisation in %s%s, so nothing can be handed over to "
		    "that person: make them one there, then retry", heir,
		    v->sys->name, visit_length(l.invites) > 0 ? " yet (only "
		    "invited)" : "");
	else if (out == OUT_OK && fastio_is_over(l.expires))
		out = visit_end(v, OUT_FAILED, "the membership of %s in %s has "
		    "ended: let it go on, or name somebody else, then retry",
		    heir, v->sys->name);
	(void)text_copy(id, WORD_MAX, l.user);
	json_object_put(l.invites);
	return out;
}

static struct json_object *
owned_seats(struct json_object *seats)
{
	struct json_object *list = json_object_new_array(), *seat;
	size_t i;

	for (i = 0; i < visit_length(seats); i++) {
		seat = json_object_array_get_idx(seats, i);
		if (fastio_is_owner(seat))
			json_object_array_add(list, json_object_get(seat));
	}
	return list;
}

static void
handed(struct visit *v, struct json_object *seat)
{
	char name[PERSON_MAX + 16];

	fastio_seat_name(seat, name);
	visit_handed(v, "%s", name);
	if (fastio_seat_is(seat, "workspace"))
		visit_renew(v, "AI assistants and integrations in %s", name);
}

/* What an earlier try has given away is read back, and not taken from
 * whoever may have got it since. */
static enum outcome
handed_before(struct visit *v, struct json_object *owned, const char *to)
{
	struct json_object *was = visit_was(v, "owned"), *seat;
	struct fastio_member m;
	enum outcome out = OUT_OK;
	size_t i, k;

	for (i = 0; i < visit_length(was) && !visit_is_over(out); i++) {
		seat = json_object_array_get_idx(was, i);
		for (k = 0; k < visit_length(owned); k++)
			if (strcmp(visit_text(seat, "id"), visit_text(
			    json_object_array_get_idx(owned, k), "id")) == 0)
				break;
		if (k < visit_length(owned))
			continue;
		out = fastio_member(v, seat, to, &m);
		if (out == OUT_OK && strcmp(m.role, "owner") == 0)
			handed(v, seat);
	}
	return visit_is_over(out) ? out : OUT_OK;
}

static void
handover_task(struct visit *v, struct json_object *owned)
{
	char words[300] = "", name[PERSON_MAX + 16];
	size_t i;

	for (i = 0; i < visit_length(owned); i++) {
		fastio_seat_name(json_object_array_get_idx(owned, i), name);
		fastio_add(words, sizeof(words), name);
	}
	visit_task(v, "Nobody is named to take over, and %s still owns %s. "
	    "Give that to somebody in %s, then retry: before that nothing is "
	    "removed there.", v->who->email, words, v->sys->name);
}

/* One that fails must not keep the others. */
static enum outcome
handover_all(struct visit *v, struct json_object *owned, const char *to)
{
	enum outcome out, first = OUT_OK;
	char why[TEXT_MAX] = "";
	struct json_object *seat;
	size_t i;

	for (i = 0; i < visit_length(owned); i++) {
		seat = json_object_array_get_idx(owned, i);
		out = fastio_give(v, seat, to);
		if (visit_is_over(out))
			return out;
		if (out == OUT_OK)
			handed(v, seat);
		else if (first == OUT_OK) {
			first = out;
			(void)text_copy(why, sizeof(why), v->detail);
		}
	}
	return first == OUT_OK ? OUT_OK : visit_end(v, first == OUT_GONE ?
	    OUT_RETRY : first, "%s", why);
}

/* Not by the single entries, but by the lists: nothing is owned there. */
static enum outcome
owned_read_back(struct visit *v)
{
	struct json_object *seats = NULL, *owned;
	enum outcome out;
	int64_t wait;
	size_t n;
	int try;

	for (try = 0; ; try++) {
		out = fastio_seats(v, &seats);
		if (out != OUT_OK)
			return out;
		owned = owned_seats(seats);
		n = visit_length(owned);
		json_object_put(owned);
		json_object_put(seats);
		if (n == 0)
			return OUT_OK;
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s still lists %s as "
			    "the owner of %zu thing(s)", v->sys->name,
			    v->who->email, n);
		http_pause(wait);
	}
}

static enum outcome
handover_to(struct visit *v, struct json_object *owned)
{
	const char *heir = v->who->handover;
	char to[WORD_MAX];
	enum outcome out = heir_find(v, to);
	size_t n;

	if (out == OUT_OK)
		out = handed_before(v, owned, to);
	if (out == OUT_OK)
		out = handover_all(v, owned, to);
	if (out == OUT_OK && visit_length(owned) > 0)
		out = owned_read_back(v);
	n = visit_length(visit_member(v->after, "handed_over",
	    json_type_array));
	/* Nothing is left to hand over: then it needs no heir either. */
	if (visit_length(owned) == 0 && !visit_is_over(out) &&
	    (out != OUT_OK || n == 0))
		return visit_end(v, OUT_VERIFIED, "owns nothing any more");
	return out != OUT_OK ? out : visit_end(v, OUT_VERIFIED, "%s is the "
	    "owner of %zu thing(s) now, and nothing more is owned", heir, n);
}

enum outcome
fastio_handover(struct visit *v)
{
	struct json_object *seats = NULL, *owned;
	enum outcome out = fastio_seats(v, &seats);
	size_t n;

	if (out != OUT_OK)
		return out;
	owned = owned_seats(seats);
	n = visit_length(owned);
	visit_before(v, "owned", json_object_get(owned));
	if (n == 0 && visit_length(visit_was(v, "owned")) == 0)
		out = visit_end(v, OUT_VERIFIED, "owns nothing there");
	else if (n > 0 && v->who->handover[0] == '\0') {
		handover_task(v, owned);
		out = visit_end(v, OUT_MANUAL, "owns %zu thing(s) there, and "
		    "nobody is named to take them over", n);
	} else if (v->who->handover[0] == '\0')
		out = visit_end(v, OUT_VERIFIED, "owns nothing any more");
	else
		out = handover_to(v, owned);
	json_object_put(owned);
	json_object_put(seats);
	return out;
}
