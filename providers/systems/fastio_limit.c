/*
 * Fastio, current profile: contain. The published API has no suspension; what
 * can be put back is the end of a membership ("expires"). So every membership
 * is made to end at the effective instant and read back. An owner need not be
 * let go: then this waits for the handover, and claims nothing before it.
 */
#include "fastio.h"

#include <stdio.h>
#include <string.h>

#include "../base/when.h"

/* How it went in all places together. */
struct limits {
	unsigned	over;		/* memberships that have ended */
	unsigned	unshown;	/* accepted, but no end is shown */
	char		owned[300];	/* places that keep their owner */
	enum outcome	first;		/* of another trouble, and its words */
	char		why[TEXT_MAX];
};

static enum outcome
limit_put(struct visit *v, struct json_object *seat, const char *text)
{
	struct visit_call c;
	struct buf path, form;

	buf_init(&path, 1024);
	buf_init(&form, 1024);
	fastio_path(&path, visit_text(seat, "kind"), visit_text(seat, "id"),
	    "member", visit_text(seat, "user"), "update", NULL);
	http_query(&form, "expires", text);
	memset(&c, 0, sizeof(c));
	c.method = "POST";
	c.path = &path;
	c.form = &form;
	c.what = fastio_is_over(text) ? "let a membership end" :
	    "let a membership go on";
	return fastio_call(v, &c);
}

/* That there is no end is said by nothing, or by the word "null": which one
 * is not written down, and the other is refused. */
static enum outcome
limit_any(struct visit *v, struct json_object *seat, const char *text)
{
	enum outcome out = limit_put(v, seat, text);

	if (out == OUT_FAILED && text[0] == '\0' && v->status != 403)
		out = limit_put(v, seat, "null");
	return out;
}

enum outcome
fastio_limit(struct visit *v, struct json_object *seat, const char *text)
{
	struct fastio_member m;
	int over = fastio_is_over(text), try;
	enum outcome out = limit_any(v, seat, text);
	char name[PERSON_MAX + 16];
	int64_t wait;

	for (try = 0; out == OUT_OK; try++) {
		out = fastio_member(v, seat, visit_text(seat, "user"), &m);
		if (out != OUT_OK)
			break;
		if (m.shows && fastio_is_over(m.expires) == over)
			return OUT_OK;
		wait = visit_reread(try);
		if (wait == 0 && m.shows == 0)
			return over ? OUT_DONE : OUT_OK;
		if (wait == 0) {
			fastio_seat_name(seat, name);
			return visit_end(v, OUT_RETRY, "%s accepted the change "
			    "but still shows the membership of %s as %s",
			    v->sys->name, name, over ? "going on" : "over");
		}
		http_pause(wait);
	}
	return out;
}

/* A membership that is not found counts as ended when the list of members
 * does not have it either. */
static enum outcome
contain_gone(struct visit *v, struct json_object *seat)
{
	char name[PERSON_MAX + 16];
	int there = 0;
	enum outcome out = fastio_there(v, seat, &there);

	fastio_seat_name(seat, name);
	if (out == OUT_OK && there == 2)
		return visit_end(v, OUT_RETRY, "%s lists %s as a member of %s, "
		    "and then does not know the membership", v->sys->name,
		    v->who->email, name);
	return out;
}

/* One membership: nothing to do when it is over or gone already. */
static enum outcome
contain_seat(struct visit *v, struct json_object *seat, struct limits *l)
{
	struct fastio_member m;
	char name[PERSON_MAX + 16], at[WHEN_TEXT];
	enum outcome out = fastio_member(v, seat, visit_text(seat, "user"),
	    &m);

	if (out == OUT_OK && fastio_is_over(m.expires) == 0) {
		when_text(v->who->effective_at, at);
		at[10] = ' ';
		at[19] = '\0';
		out = fastio_limit(v, seat, at);
	}
	if (out == OUT_GONE)
		out = contain_gone(v, seat);
	fastio_seat_name(seat, name);
	if (out == OUT_OK)
		l->over++;
	else if (out == OUT_DONE)
		l->unshown++;
	else if (visit_is_over(out))
		return out;
	else if (out == OUT_FAILED && strcmp(m.role, "owner") == 0)
		fastio_add(l->owned, sizeof(l->owned), name);
	else if (l->first == OUT_OK) {
		l->first = out;
		(void)text_copy(l->why, sizeof(l->why), v->detail);
	}
	return OUT_OK;
}

/* The organisation's membership first, by itself: it is the widest, and the
 * lists of all places take their time. It is looked at once more with them:
 * what comes of it counts there. */
static enum outcome
contain_org(struct visit *v)
{
	struct json_object *seat = json_object_new_object(), *o;
	struct limits l;
	struct fastio_member m;
	enum outcome out;

	json_object_object_add(seat, "kind", json_object_new_string("org"));
	json_object_object_add(seat, "id",
	    json_object_new_string(fastio_own(v)->org));
	json_object_object_add(seat, "user",
	    json_object_new_string(v->account));
	out = fastio_member(v, seat, v->account, &m);
	if (out == OUT_OK) {
		o = json_object_new_object();
		json_object_object_add(o, "role",
		    json_object_new_string(m.role));
		json_object_object_add(o, "expires",
		    json_object_new_string(m.expires));
		visit_before(v, "org", o);
		memset(&l, 0, sizeof(l));
		out = contain_seat(v, seat, &l);
	}
	json_object_put(seat);
	return visit_is_over(out) ? out : OUT_OK;
}

static enum outcome
owner_wait(struct visit *v, const char *owned)
{
	/* One that needs an approval first is nothing to look for at once. */
	v->wait = v->who->hold[0] != '\0' && v->who->approved_by[0] == '\0' ?
	    60000 : v->waited / 10;
	v->wait = v->wait < 500 ? 500 : v->wait > 60000 ? 60000 : v->wait;
	return visit_end(v, OUT_WAIT, "%s lets no owner's membership end: "
	    "waiting for %.200s to be handed over to %.100s", v->sys->name,
	    owned, v->who->handover);
}

/* Those who own something can be let go when somebody else owns it. */
static enum outcome
contain_owner(struct visit *v, const struct limits *l)
{
	enum state state = visit_step_state(v, PHASE_HANDOVER);

	if (state == STATE_VERIFIED)
		return visit_end(v, OUT_RETRY, "%s still showed %s as the "
		    "owner of %.200s", v->sys->name, v->who->email, l->owned);
	if (v->who->handover[0] == '\0' || !state_is_open(state))
		return visit_end(v, OUT_FAILED, "%s lets no owner's membership "
		    "end, and %s is the owner of %.200s: hand that over, then "
		    "retry", v->sys->name, v->who->email, l->owned);
	visit_after(v, "waits_for", json_object_new_string(l->owned));
	return owner_wait(v, l->owned);
}

/* Once everything else has ended, the service need not be asked before the
 * handover was made: that may wait for an approval for days. */
static const char *
owner_waits(struct visit *v)
{
	const char *owned = visit_text(v->after, "waits_for");

	if (owned[0] == '\0' || state_is_open(visit_step_state(v, PHASE_HANDOVER)))
		return owned;
	json_object_object_del(v->after, "waits_for");
	return "";
}

static enum outcome
contain_end(struct visit *v, const struct limits *l)
{
	if (l->first != OUT_OK)
		return visit_end(v, l->first, "%s", l->why);
	if (l->owned[0] != '\0')
		return contain_owner(v, l);
	if (l->unshown > 0) {
		visit_task(v, "%s accepted that %u membership(s) of %s end "
		    "now, but does not show it. Look there that they have "
		    "ended, or retry when they are removed.", v->sys->name,
		    l->unshown, v->who->email);
		return visit_end(v, OUT_DONE, "the end of %u membership(s) was "
		    "accepted, but is not shown", l->unshown);
	}
	if (l->over == 0)
		return visit_end(v, OUT_VERIFIED, "is no member anywhere");
	return visit_end(v, OUT_VERIFIED, "%u membership(s) have ended by "
	    "their expiry, and none goes on", l->over);
}

/* Who is only invited has no other access than that. */
static enum outcome
contain_guest(struct visit *v, struct json_object *seats)
{
	enum outcome out = fastio_withdraw(v, seats);

	return out == OUT_OK ? visit_end(v, OUT_VERIFIED, "is no member, and "
	    "no invitation is pending") : out;
}

enum outcome
fastio_contain(struct visit *v)
{
	struct json_object *seats = NULL, *seat;
	struct limits l;
	enum outcome out = OUT_OK;
	size_t i;

	if (owner_waits(v)[0] != '\0')
		return owner_wait(v, owner_waits(v));
	memset(&l, 0, sizeof(l));
	if (!fastio_is_guest(v))
		out = contain_org(v);
	if (out == OUT_OK)
		out = fastio_seats(v, &seats);
	if (out != OUT_OK)
		return out;
	visit_before(v, "seats", json_object_get(seats));
	for (i = 0; i < visit_length(seats) && out == OUT_OK; i++) {
		seat = json_object_array_get_idx(seats, i);
		if (visit_text(seat, "user")[0] != '\0')
			out = contain_seat(v, seat, &l);
	}
	if (out == OUT_OK && fastio_is_guest(v) && l.over == 0)
		out = contain_guest(v, seats);
	json_object_put(seats);
	return out == OUT_OK ? contain_end(v, &l) : out;
}
