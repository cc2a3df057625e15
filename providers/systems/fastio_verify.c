/*
 * Fastio, current profile: the independent look, at the end and later: every
 * list of every place is read anew, and the log is asked for the removal.
 * Changes nothing.
 */
#include "fastio.h"

#include <stdio.h>
#include <string.h>

#define LOG_WAIT_MS	60000

/* What is still there, in words; "" when it is over. Without a removal a
 * membership that has ended by its expiry is over, too. */
static void
left_words(struct visit *v, struct json_object *seats, char *left,
    size_t size)
{
	char name[PERSON_MAX + 16], line[PERSON_MAX + 80];
	struct json_object *seat;
	size_t i;

	left[0] = '\0';
	for (i = 0; i < visit_length(seats); i++) {
		seat = json_object_array_get_idx(seats, i);
		fastio_seat_name(seat, name);
		if (visit_text(seat, "user")[0] != '\0' &&
		    (fastio_removes(v) ||
		    fastio_is_over(visit_text(seat, "expires")) == 0)) {
			(void)snprintf(line, sizeof(line), "%.20s of %s",
			    visit_text(seat, "role")[0] != '\0' ?
			    visit_text(seat, "role") : "member", name);
			fastio_add(left, size, line);
		}
		if (visit_length(fastio_invites(seat)) > 0) {
			(void)snprintf(line, sizeof(line),
			    "invited to %s", name);
			fastio_add(left, size, line);
		}
	}
}

/* The after-image, under the keys of the before-image. */
static void
after_images(struct visit *v, struct json_object *seats)
{
	struct json_object *org = json_object_new_object(), *seat;
	struct json_object *owned = json_object_new_array();
	size_t i;

	for (i = 0; i < visit_length(seats); i++) {
		seat = json_object_array_get_idx(seats, i);
		if (fastio_is_owner(seat))
			json_object_array_add(owned, json_object_get(seat));
		if (!fastio_seat_is(seat, "org"))
			continue;
		json_object_object_add(org, "role", json_object_new_string(
		    visit_text(seat, "role")));
		json_object_object_add(org, "expires", json_object_new_string(
		    visit_text(seat, "expires")));
	}
	visit_after(v, "org", org);
	visit_after(v, "owned", owned);
	visit_after(v, "seats", seats);
}

/* ---- the log ---- */

struct event {
	const char	*account;
	char		 id[WORD_MAX];
	char		 created[40];
};

/* Does the event name this account, whatever the field is called? */
static int
event_names(struct json_object *row, const char *account, int depth)
{
	struct json_object_iterator it, end;
	struct json_object *m;

	if (row == NULL || !json_object_is_type(row, json_type_object))
		return 0;
	it = json_object_iter_begin(row);
	end = json_object_iter_end(row);
	for (; !json_object_iter_equal(&it, &end);
	    json_object_iter_next(&it)) {
		m = json_object_iter_peek_value(&it);
		if (json_object_is_type(m, json_type_string) &&
		    strcmp(json_object_get_string(m), account) == 0)
			return 1;
		if (depth > 0 && event_names(m, account, depth - 1))
			return 1;
	}
	return 0;
}

static enum outcome
event_each(struct visit *v, struct json_object *row, void *arg)
{
	struct event *e = arg;
	const char *name = visit_text(row, "event");

	(void)v;
	if (name[0] == '\0')
		name = visit_text(row, "event_name");
	if (strcmp(name, "removed_member_from_org") != 0 ||
	    !event_names(row, e->account, 2))
		return OUT_OK;
	fastio_id(row, "event_id", e->id);
	if (e->id[0] == '\0')
		fastio_id(row, "id", e->id);
	(void)text_copy(e->created, sizeof(e->created), visit_text(row,
	    "created"));
	return OUT_OK;
}

/* A sentence about the log. That it shows nothing is no failure: it may be
 * late, or not for us. */
static enum outcome
log_words(struct visit *v, char *words, size_t size)
{
	struct visit_call c;
	struct json_object *j = NULL, *rows;
	struct event e = { v->account, "", "" };
	struct buf path;
	size_t i;
	enum outcome out;

	buf_init(&path, 1024);
	fastio_path(&path, "events", "search", NULL);
	http_query(&path, "org_id", fastio_own(v)->org);
	http_query(&path, "event", "removed_member_from_org");
	http_query(&path, "limit", "250");
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "search the log";
	c.out = &j;
	out = fastio_call(v, &c);
	rows = visit_list(fastio_inner(j), "events");
	if (rows == NULL)
		rows = visit_list(fastio_inner(j), "results");
	for (i = 0; i < visit_length(rows) && e.id[0] == '\0'; i++)
		(void)event_each(v, json_object_array_get_idx(rows, i), &e);
	json_object_put(j);
	/* Asked once more after a while, it holds up nothing for good. */
	if (visit_is_over(out) && v->waited < LOG_WAIT_MS)
		return out;
	if (out != OUT_OK)
		(void)snprintf(words, size, "its log could not be read");
	else if (e.id[0] == '\0')
		(void)snprintf(words, size, "its log does not show the removal "
		    "yet");
	else {
		(void)snprintf(words, size, "its log shows the removal as "
		    "event %.40s%s%.30s", e.id, e.created[0] != '\0' ? " of " :
		    "", e.created);
		visit_after(v, "log_event", json_object_new_string(e.id));
	}
	return OUT_OK;
}

enum outcome
fastio_verify(struct visit *v)
{
	struct json_object *seats = NULL;
	char left[300], words[160] = "";
	enum outcome out = fastio_seats(v, &seats);

	if (out != OUT_OK)
		return out;
	left_words(v, seats, left, sizeof(left));
	after_images(v, seats);
	if (left[0] != '\0')
		return visit_end(v, OUT_FAILED, "%s still shows %s as %s: "
		    "retry %s to take that away", v->sys->name,
		    v->who->email, left, v->sys->name);
	if (fastio_removes(v) == 0)
		return visit_end(v, OUT_VERIFIED, "every membership has ended "
		    "by its expiry, and no invitation is pending (remove = "
		    "off)");
	if (fastio_is_guest(v))
		return visit_end(v, OUT_VERIFIED, "no membership and no "
		    "invitation");
	out = log_words(v, words, sizeof(words));
	return out != OUT_OK ? out : visit_end(v, OUT_VERIFIED, "no "
	    "membership, no invitation and nothing owned; %s", words);
}

enum outcome
fastio_recheck(struct visit *v)
{
	struct json_object *seats = NULL;
	char left[300];
	enum outcome out = fastio_seats(v, &seats);

	if (out != OUT_OK)
		return out;
	left_words(v, seats, left, sizeof(left));
	json_object_put(seats);
	if (left[0] != '\0')
		return visit_end(v, OUT_OPEN, "%s shows %s again as %s",
		    v->sys->name, v->who->email, left);
	return visit_end(v, OUT_VERIFIED, "still no membership and no "
	    "invitation");
}
