/*
 * SCIM: switching a user off and on. Services differ in how they take it, and
 * some accept what they then ignore: so each way is tried once, and only what
 * is read back counts. A way that is configured is the only one.
 */
#include "scim.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define CHANGED_MAX 3		/* times that somebody else was quicker */

enum scim_active
scim_active(struct json_object *user)
{
	struct json_object *m = visit_member(user, "active",
	    json_type_boolean);
	const char *text = visit_text(user, "active");

	if (m != NULL)
		return json_object_get_boolean(m) ? SCIM_ON : SCIM_OFF;
	/* Some show the word. */
	return strcasecmp(text, "true") == 0 ? SCIM_ON :
	    strcasecmp(text, "false") == 0 ? SCIM_OFF : SCIM_ODD;
}

const char *
scim_if_match(const char *etag, char *line, size_t size)
{
	if (etag[0] == '\0' || text_is_plain(etag) == 0)
		return NULL;
	(void)snprintf(line, size, "If-Match: %s", etag);
	return line;
}

/* The whole user as it must be, without what is the service's own. */
static struct json_object *
whole_user(struct json_object *user, int on)
{
	static const char *const read_only[] = { "meta", "groups" };
	struct json_object *body = NULL;
	size_t i;

	if (json_object_deep_copy(user, &body, NULL) == -1)
		return NULL;
	for (i = 0; i < sizeof(read_only) / sizeof(read_only[0]); i++)
		json_object_object_del(body, read_only[i]);
	json_object_object_add(body, "active", json_object_new_boolean(on));
	return body;
}

static struct json_object *
style_body(enum scim_style style, struct json_object *user, int on)
{
	struct json_object *value;

	if (style == SCIM_PUT)
		return whole_user(user, on);
	if (style == SCIM_PATCH)
		return scim_patch("replace", "active",
		    json_object_new_boolean(on));
	value = json_object_new_object();
	json_object_object_add(value, "active", json_object_new_boolean(on));
	return scim_patch("replace", NULL, value);
}

/* The user's version: the header, or what the user itself says. */
static void
version_of(struct json_object *user, char etag[WORD_MAX])
{
	if (etag[0] == '\0' && text_copy(etag, WORD_MAX, visit_text(
	    visit_member(user, "meta", json_type_object), "version")) == -1)
		etag[0] = '\0';
}

static enum outcome
style_send(struct visit *v, enum scim_style style, struct json_object *user,
    char etag[WORD_MAX], int on)
{
	struct json_object *body = style_body(style, user, on);
	struct visit_call c;
	char line[WORD_MAX + 16];
	struct buf path;
	enum outcome out;

	if (body == NULL)
		return visit_end(v, OUT_RETRY, "out of memory");
	version_of(user, etag);
	buf_init(&path, 1024);
	http_path(&path, "Users", v->account, NULL);
	memset(&c, 0, sizeof(c));
	c.method = style == SCIM_PUT ? "PUT" : "PATCH";
	c.path = &path;
	c.body = body;
	c.type = SCIM_TYPE;
	c.what = on ? "make the user active" : "make the user inactive";
	/* Who replaces everything must not undo what others did since. */
	if (style == SCIM_PUT || scim_own(v)->etag)
		c.header = scim_if_match(etag, line, sizeof(line));
	out = visit_call(v, &c);
	json_object_put(body);
	return out;
}

/* Sends one way's request; anew where the user has changed meanwhile. */
static enum outcome
style_try(struct visit *v, enum scim_style style, int on)
{
	struct json_object *user = NULL;
	char etag[WORD_MAX];
	enum outcome out;
	int try;

	for (try = 0; try < CHANGED_MAX; try++) {
		out = scim_user(v, &user, etag);
		if (out == OUT_OK)
			out = scim_is_them(v, user);
		if (out == OUT_OK)
			out = style_send(v, style, user, etag, on);
		json_object_put(user);
		user = NULL;
		if (out != OUT_FAILED || v->status != 412)
			return out;
	}
	return visit_end(v, OUT_RETRY, "somebody else changes the user in %s "
	    "at the same time", v->sys->name);
}

/* Reads until the service shows it. OUT_RETRY: it does not. */
static enum outcome
style_look(struct visit *v, int on)
{
	enum scim_active want = on ? SCIM_ON : SCIM_OFF, now = SCIM_ODD;
	struct json_object *user = NULL;
	enum outcome out;
	int64_t wait;
	int try;

	for (try = 0; ; try++) {
		out = scim_user(v, &user, NULL);
		if (out != OUT_OK)
			return out;
		now = scim_active(user);
		json_object_put(user);
		if (now == want)
			return OUT_OK;
		wait = visit_reread(try);
		if (wait == 0)
			break;
		http_pause(wait);
	}
	if (now == SCIM_ODD)
		return visit_end(v, OUT_UNCLEAR, "%s accepted the change, but "
		    "does not say in the words of its contract whether the "
		    "user is active: look there", v->sys->name);
	return visit_end(v, OUT_RETRY, "%s accepted the change but still shows "
	    "the user as %s", v->sys->name, on ? "inactive" : "active");
}

/* The ways that are to be tried, in their order. */
static unsigned
styles_list(const struct scim *own, enum scim_style list[SCIM_STYLES])
{
	unsigned n = 0;
	int i;

	list[n++] = own->fixed || own->patch ? own->style : SCIM_PUT;
	for (i = 0; i < SCIM_STYLES && own->fixed == 0; i++)
		if ((enum scim_style)i != list[0] && (own->patch ||
		    i == SCIM_PUT))
			list[n++] = (enum scim_style)i;
	return n;
}

enum outcome
scim_set_active(struct visit *v, int on)
{
	struct scim *own = scim_own(v);
	enum scim_style list[SCIM_STYLES];
	unsigned n = styles_list(own, list), i;
	enum outcome out = OUT_FAILED;
	struct json_object *user = NULL;
	char why[TEXT_MAX];
	int ignored = 0;

	for (i = 0; i < n; i++) {
		out = style_try(v, list[i], on);
		if (out == OUT_OK) {
			out = style_look(v, on);
			if (out == OUT_OK)
				own->style = list[i];
			if (out != OUT_RETRY)
				return out;
			ignored = 1;
			continue;
		}
		/* Some answer 404 to a method that they do not have. */
		if (out == OUT_GONE) {
			out = scim_user(v, &user, NULL);
			json_object_put(user);
			if (out != OUT_OK)
				return out;
			out = visit_end(v, OUT_FAILED, "%s refused to make "
			    "the user %s (404)", v->sys->name, on ? "active" :
			    "inactive");
			continue;
		}
		/* Not this way: another one may be. A 403 is about us, not
		 * about the way. */
		if (scim_is_refused(v, out) == 0 || v->status == 403)
			return out;
	}
	if (ignored)
		return visit_end(v, OUT_RETRY, "%s accepted the change but "
		    "still shows the user as %s", v->sys->name, on ?
		    "inactive" : "active");
	/* The last refusal stands, a 501 too: it will not pass. */
	(void)text_copy(why, sizeof(why), v->detail);
	return visit_end(v, OUT_FAILED, "%.380s: %s", why, own->fixed ?
	    "see deactivate in the configuration" : "it has no way to do it "
	    "by SCIM; do it there by hand, then retry");
}
