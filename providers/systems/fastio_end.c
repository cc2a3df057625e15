/*
 * Fastio, current profile: revoke and remove. Pending invitations are doors
 * back in, so they go first; memberships go when nothing is owned any more,
 * the organisation's last. Sessions and API keys of somebody else cannot be
 * ended by this API at all: a task says so.
 */
#include "fastio.h"

#include <stdio.h>
#include <string.h>

/* DELETE of one thing; that it is gone already is as good. */
static enum outcome
delete_one(struct visit *v, struct buf *path, const char *what)
{
	struct visit_call c;
	enum outcome out;

	memset(&c, 0, sizeof(c));
	c.method = "DELETE";
	c.path = path;
	c.what = what;
	out = fastio_call(v, &c);
	return out == OUT_GONE ? OUT_OK : out;
}

/* ---- invitations ---- */

/* How many are still there, by reading the seats' places again. */
static enum outcome
invites_left(struct visit *v, struct json_object *seats, size_t *left)
{
	struct json_object *seat;
	struct fastio_look l;
	enum outcome out = OUT_OK;
	size_t i;

	*left = 0;
	for (i = 0; i < visit_length(seats) && out == OUT_OK; i++) {
		seat = json_object_array_get_idx(seats, i);
		if (visit_length(fastio_invites(seat)) == 0)
			continue;
		memset(&l, 0, sizeof(l));
		l.kind = visit_text(seat, "kind");
		l.id = visit_text(seat, "id");
		l.email = v->who->email;
		l.account = fastio_is_guest(v) ? "" : v->account;
		out = fastio_look(v, &l);
		*left += visit_length(l.invites);
		json_object_put(l.invites);
	}
	return out;
}

static enum outcome
invites_read_back(struct visit *v, struct json_object *seats)
{
	enum outcome out;
	int64_t wait;
	size_t left;
	int try;

	for (try = 0; ; try++) {
		out = invites_left(v, seats, &left);
		if (out != OUT_OK || left == 0)
			return out;
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s accepted that they "
			    "are withdrawn, but still shows %zu "
			    "invitation(s)", v->sys->name, left);
		http_pause(wait);
	}
}

/* One that is refused must not keep the others alive. */
static enum outcome
withdraw_seat(struct visit *v, struct json_object *seat, enum outcome *first,
    char why[TEXT_MAX])
{
	struct json_object *list = fastio_invites(seat);
	struct buf path;
	enum outcome out = OUT_OK;
	size_t i;

	for (i = 0; i < visit_length(list) && !visit_is_over(out); i++) {
		buf_init(&path, 1024);
		fastio_path(&path, visit_text(seat, "kind"), visit_text(seat,
		    "id"), "members", "invitation", visit_text(
		    json_object_array_get_idx(list, i), "id"), NULL);
		out = delete_one(v, &path, "withdraw an invitation");
		if (out != OUT_OK && *first == OUT_OK) {
			*first = out;
			(void)text_copy(why, TEXT_MAX, v->detail);
		}
	}
	return visit_is_over(out) ? out : OUT_OK;
}

enum outcome
fastio_withdraw(struct visit *v, struct json_object *seats)
{
	enum outcome out = OUT_OK, first = OUT_OK;
	char why[TEXT_MAX] = "";
	size_t i;

	for (i = 0; i < visit_length(seats) && out == OUT_OK; i++)
		out = withdraw_seat(v, json_object_array_get_idx(seats, i),
		    &first, why);
	if (out != OUT_OK)
		return out;
	if (first != OUT_OK)
		return visit_end(v, first, "%s", why);
	return invites_read_back(v, seats);
}

static size_t
count_invites(struct json_object *seats)
{
	size_t i, n = 0;

	for (i = 0; i < visit_length(seats); i++)
		n += visit_length(fastio_invites(json_object_array_get_idx(
		    seats, i)));
	return n;
}

enum outcome
fastio_revoke(struct visit *v)
{
	struct json_object *seats = NULL;
	enum outcome out = fastio_seats(v, &seats);
	size_t n;

	if (out != OUT_OK)
		return out;
	visit_before(v, "seats", json_object_get(seats));
	out = fastio_withdraw(v, seats);
	json_object_put(seats);
	if (out != OUT_OK)
		return out;
	/* Told by the before-image: an earlier try may have taken some. */
	n = count_invites(visit_was(v, "seats"));
	if (fastio_is_guest(v))
		return visit_end(v, OUT_VERIFIED, "%zu pending invitation(s) "
		    "withdrawn, and none is left", n);
	visit_task(v, "The sessions and API keys of %s in %s cannot be ended "
	    "by its API: only their owner can. Have them ended with the "
	    "person's devices or by Fastio's support; without a membership "
	    "they open nothing of this organisation.", v->who->email,
	    v->sys->name);
	return visit_end(v, OUT_MANUAL, "%zu pending invitation(s) withdrawn, "
	    "and none is left; sessions and API keys cannot be ended by API",
	    n);
}

/* ---- memberships ---- */

static enum outcome
remove_seat(struct visit *v, struct json_object *seat)
{
	const char *user = visit_text(seat, "user");
	char name[PERSON_MAX + 16];
	struct fastio_member m;
	struct buf path;
	enum outcome out;
	int64_t wait;
	int try;

	buf_init(&path, 1024);
	fastio_path(&path, visit_text(seat, "kind"), visit_text(seat, "id"),
	    "members", user, NULL);
	out = delete_one(v, &path, "end a membership");
	for (try = 0; out == OUT_OK; try++) {
		out = fastio_member(v, seat, user, &m);
		if (out != OUT_OK)
			break;
		wait = visit_reread(try);
		fastio_seat_name(seat, name);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s accepted the "
			    "removal but still shows a membership of %s",
			    v->sys->name, name);
		http_pause(wait);
	}
	return out == OUT_GONE ? OUT_OK : out;
}

/* What is owned is read again right before: it must never be orphaned. */
static enum outcome
remove_owned(struct visit *v, struct json_object *seats)
{
	char owned[300] = "", name[PERSON_MAX + 16];
	struct json_object *seat;
	size_t i;

	for (i = 0; i < visit_length(seats); i++) {
		seat = json_object_array_get_idx(seats, i);
		fastio_seat_name(seat, name);
		if (fastio_is_owner(seat))
			fastio_add(owned, sizeof(owned), name);
	}
	if (owned[0] == '\0')
		return OUT_OK;
	return visit_end(v, OUT_FAILED, "%s shows %s as the owner of %.250s: "
	    "nothing is removed before that is handed over; hand it over, "
	    "then retry", v->sys->name, v->who->email, owned);
}

/* The places first, the organisation last: seen the other way round, he
 * would be left in them as a guest from outside. */
static enum outcome
remove_seats(struct visit *v, struct json_object *seats, size_t *n)
{
	enum outcome out, first = OUT_OK;
	char why[TEXT_MAX] = "";
	struct json_object *seat;
	size_t i;

	for (i = visit_length(seats); i-- > 0; ) {
		seat = json_object_array_get_idx(seats, i);
		if (visit_text(seat, "user")[0] == '\0')
			continue;
		out = remove_seat(v, seat);
		if (visit_is_over(out))
			return out;
		if (out == OUT_OK)
			(*n)++;
		else if (first == OUT_OK) {
			first = out;
			(void)text_copy(why, sizeof(why), v->detail);
		}
	}
	return first == OUT_OK ? OUT_OK : visit_end(v, first, "%s", why);
}

static size_t
count_members(struct json_object *seats)
{
	size_t i, n = 0;

	for (i = 0; i < visit_length(seats); i++)
		n += visit_text(json_object_array_get_idx(seats, i),
		    "user")[0] != '\0';
	return n;
}

/* Not by the single entries, but by the lists: they must not have it. */
static enum outcome
remove_read_back(struct visit *v)
{
	struct json_object *seats = NULL;
	enum outcome out;
	int64_t wait;
	size_t n;
	int try;

	for (try = 0; ; try++) {
		out = fastio_seats(v, &seats);
		n = count_members(seats);
		json_object_put(seats);
		seats = NULL;
		if (out != OUT_OK || n == 0)
			return out;
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s accepted the "
			    "removal but still lists %zu membership(s)",
			    v->sys->name, n);
		http_pause(wait);
	}
}

enum outcome
fastio_remove(struct visit *v)
{
	struct json_object *seats = NULL;
	enum outcome out = fastio_seats(v, &seats);
	size_t n = 0, was;

	if (out != OUT_OK)
		return out;
	visit_before(v, "seats", json_object_get(seats));
	out = remove_owned(v, seats);
	if (out == OUT_OK)
		out = remove_seats(v, seats, &n);
	json_object_put(seats);
	if (out == OUT_OK)
		out = remove_read_back(v);
	if (out != OUT_OK)
		return out;
	was = count_members(visit_was(v, "seats"));
	if (was == 0 && n == 0)
		return visit_end(v, OUT_VERIFIED, "there was no membership to "
		    "end");
	return visit_end(v, OUT_VERIFIED, "%zu membership(s) ended, and each "
	    "is gone", was > n ? was : n);
}
