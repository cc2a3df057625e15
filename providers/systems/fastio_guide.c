/*
 * Fastio, the guide's profile: find, document, suspend, end sessions, tokens
 * and webhooks. Reads like "How to Automate User Offboarding with Fastio API".
 * The guide names paths and shows no answers, so that nothing counts before
 * it has been read back, and no filter of a list is believed.
 */
#include "fastio.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define API "api", "v1"

static enum outcome
guide_get(struct visit *v, struct buf *path, const char *what,
    struct json_object **j)
{
	struct visit_call c;

	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = path;
	c.what = what;
	c.out = j;
	return fastio_call(v, &c);
}

/* ---- finding ---- */

struct match {
	const char	*email;
	const char	*account;	/* NULL; or by this id instead */
	char		 id[WORD_MAX], other[WORD_MAX];
	char		 label[PERSON_MAX];
	int		 self;		/* our own user is listed, too */
};

static enum outcome
match_each(struct visit *v, struct json_object *row, void *arg)
{
	struct match *m = arg;
	char id[WORD_MAX];

	/* A member's entry may have an id of its own beside the user's. */
	fastio_id(row, "user_id", id);
	if (id[0] == '\0')
		fastio_id(row, "id", id);
	if (m->account != NULL ? strcmp(id, m->account) != 0 :
	    strcasecmp(fastio_email(row), m->email) != 0)
		return OUT_OK;
	if (id[0] == '\0')
		return visit_end(v, OUT_GARBLED, "%s sent a user without an "
		    "id", v->sys->name);
	if (m->id[0] != '\0' && strcmp(m->id, id) != 0) {
		(void)text_copy(m->other, sizeof(m->other), id);
		return OUT_OK;
	}
	(void)text_copy(m->id, sizeof(m->id), id);
	fastio_name(row, m->label);
	return OUT_OK;
}

/* Every row of a list below /api/v1, each through match_each(). */
static enum outcome
match_list(struct visit *v, struct match *m, int members, size_t *seen)
{
	struct fastio_pages p;
	struct buf path;
	enum outcome out;

	memset(&p, 0, sizeof(p));
	buf_init(&path, 1024);
	if (members)
		http_path(&path, API, "orgs", fastio_own(v)->org, "members",
		    NULL);
	else {
		http_path(&path, API, "users", NULL);
		p.query[0] = "email";
		p.query[1] = m->email;
	}
	p.path = buf_cstr(&path);
	p.list = members ? "members" : "users";
	p.what = members ? "list the organisation's members" :
	    "find the person";
	p.each = match_each;
	p.arg = m;
	out = fastio_pages(v, &p);
	buf_clear(&path);
	*seen = p.seen;
	return out == OUT_GONE ? visit_end(v, OUT_FAILED, "%s cannot %s: check "
	    "url, org and profile", v->sys->name, p.what) : out;
}

/* An organisation always has a member: ours, at least. */
static enum outcome
match_members(struct visit *v, struct match *m)
{
	size_t seen;
	enum outcome out = match_list(v, m, 1, &seen);

	if (out == OUT_OK && seen == 0)
		return visit_end(v, OUT_GARBLED, "%s sent an empty list of the "
		    "organisation's members", v->sys->name);
	return out;
}

enum outcome
fastio_guide_find(struct visit *v, const char *email, char id[WORD_MAX],
    char label[PERSON_MAX])
{
	struct match m;
	size_t seen;
	enum outcome out;

	memset(&m, 0, sizeof(m));
	m.email = email;
	out = match_list(v, &m, 0, &seen);
	/* A search that finds nobody is no proof: the members are read, too. */
	if (out == OUT_OK && m.id[0] == '\0')
		out = match_members(v, &m);
	if (out != OUT_OK)
		return out;
	if (m.other[0] != '\0')
		return visit_end(v, OUT_AMBIGUOUS, "%s has several users with "
		    "the address %s (ids %.60s, %.60s): nothing was touched "
		    "there; remove the address from the wrong one, then retry",
		    v->sys->name, email, m.id, m.other);
	(void)text_copy(id, WORD_MAX, m.id);
	(void)text_copy(label, PERSON_MAX, m.label);
	return m.id[0] == '\0' ? OUT_ABSENT : OUT_OK;
}

enum outcome
fastio_guide_in_org(struct visit *v, int *in)
{
	struct match m;
	enum outcome out;

	memset(&m, 0, sizeof(m));
	m.email = v->who->email;
	m.account = v->account;
	out = match_members(v, &m);
	*in = m.id[0] != '\0';
	return out;
}

/* The guide's token belongs to an integration. Where the service says whose
 * it is all the same, that user is left alone. */
static enum outcome
guide_self(struct visit *v)
{
	struct fastio *own = fastio_own(v);
	struct json_object *j = NULL;
	struct buf path;
	enum outcome out;

	if (own->asked != 0)
		return OUT_OK;
	buf_init(&path, 512);
	http_path(&path, API, "users", "me", NULL);
	out = guide_get(v, &path, "say whose token this is", &j);
	if (out == OUT_OK)
		fastio_id(fastio_object(j, "user"), "id", own->self);
	json_object_put(j);
	if (visit_is_over(out) || out == OUT_RETRY || out == OUT_GARBLED)
		return out;
	own->asked = 1;
	return OUT_OK;
}

enum outcome
fastio_guide_match(struct visit *v)
{
	char id[WORD_MAX], label[PERSON_MAX];
	enum outcome out = guide_self(v);

	if (out == OUT_OK)
		out = fastio_guide_find(v, v->who->email, id, label);
	if (out == OUT_ABSENT)
		return visit_end(v, OUT_ABSENT, "%s knows nobody with this "
		    "address", v->sys->name);
	if (out != OUT_OK)
		return out;
	if (strcmp(id, fastio_own(v)->self) == 0)
		return visit_end(v, OUT_FAILED, "this person owns the token "
		    "that offboard itself uses for %s: give it a token of "
		    "somebody else, then retry", v->sys->name);
	(void)text_copy(v->account, sizeof(v->account), id);
	(void)text_copy(v->label, sizeof(v->label), label);
	return OUT_OK;
}

/* ---- reading ---- */

enum outcome
fastio_guide_status(struct visit *v, char status[32])
{
	struct json_object *j = NULL, *user;
	char id[WORD_MAX];
	const char *email;
	struct buf path;
	enum outcome out;

	buf_init(&path, 512);
	http_path(&path, API, "users", v->account, NULL);
	out = guide_get(v, &path, "show the user", &j);
	if (out != OUT_OK)
		return out;
	user = fastio_object(j, "user");
	fastio_id(user, "id", id);
	email = fastio_email(user);
	(void)text_copy(status, 32, visit_text(user, "status"));
	if (strcmp(id, v->account) != 0 || status[0] == '\0')
		out = visit_end(v, OUT_GARBLED, "%s sent something that is not "
		    "user %s", v->sys->name, v->account);
	else if (email[0] != '\0' && v->phase != PHASE_RECHECK &&
	    strcasecmp(email, v->who->email) != 0)
		out = visit_end(v, OUT_FAILED, "account %.60s in %s carries "
		    "the address %.100s, not the one that was asked for: "
		    "nothing more is done to it; see there whose it is, then "
		    "retry", v->account, v->sys->name, email);
	json_object_put(j);
	return out;
}

static enum outcome
name_each(struct visit *v, struct json_object *row, void *arg)
{
	char name[PERSON_MAX];

	(void)v;
	/* Its name only: an id of a token may be the token. */
	fastio_name(row, name);
	json_object_array_add(arg, json_object_new_string(name[0] != '\0' ?
	    name : "one without a name"));
	return OUT_OK;
}

enum outcome
fastio_guide_names(struct visit *v, const char *kind,
    struct json_object **list)
{
	struct fastio_pages p;
	struct buf path;
	enum outcome out;

	*list = json_object_new_array();
	memset(&p, 0, sizeof(p));
	buf_init(&path, 512);
	http_path(&path, API, "users", v->account, kind, NULL);
	p.path = buf_cstr(&path);
	p.list = kind;
	p.what = strcmp(kind, "tokens") == 0 ? "list the tokens" :
	    "list the sessions";
	p.each = name_each;
	p.arg = *list;
	out = fastio_pages(v, &p);
	buf_clear(&path);
	if (out != OUT_OK) {
		json_object_put(*list);
		*list = NULL;
	}
	return out;
}

/* ---- contain: "Audit and Freeze the Target Account" ---- */

enum outcome
fastio_guide_set_status(struct visit *v, const char *wanted)
{
	struct json_object *body = json_object_new_object();
	struct visit_call c;
	struct buf path;
	char status[32];
	enum outcome out;
	int64_t wait;
	int try;

	json_object_object_add(body, "status", json_object_new_string(wanted));
	buf_init(&path, 512);
	http_path(&path, API, "users", v->account, "status", NULL);
	memset(&c, 0, sizeof(c));
	c.method = "PUT";
	c.path = &path;
	c.body = body;
	c.what = strcmp(wanted, "suspended") == 0 ? "suspend the user" :
	    "set the user's status back";
	out = fastio_call(v, &c);
	json_object_put(body);
	for (try = 0; out == OUT_OK; try++) {
		out = fastio_guide_status(v, status);
		if (out != OUT_OK || strcmp(status, wanted) == 0)
			break;
		wait = visit_reread(try);
		if (wait == 0 && strcmp(status, "active") != 0 &&
		    strcmp(status, "suspended") != 0)
			return visit_end(v, OUT_UNCLEAR, "%s calls user %s "
			    "\"%.30s\", which is no word of its guide: look "
			    "there", v->sys->name, v->account, status);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s accepted the change "
			    "but still shows user %s as %.30s", v->sys->name,
			    v->account, status);
		http_pause(wait);
	}
	return out;
}

/* A user that was removed cannot be suspended, and need not be. */
enum outcome
fastio_guide_gone(struct visit *v)
{
	int in = 0;
	enum outcome out = fastio_guide_in_org(v, &in);

	if (out != OUT_OK)
		return out;
	return in ? visit_end(v, OUT_RETRY, "%s does not show user %s, who is "
	    "a member all the same", v->sys->name, v->account) : OUT_OK;
}

enum outcome
fastio_guide_contain(struct visit *v)
{
	char status[32];
	enum outcome out = fastio_guide_status(v, status);

	if (out == OUT_GONE) {
		out = fastio_guide_gone(v);
		return out == OUT_OK ? visit_end(v, OUT_VERIFIED, "the user "
		    "is gone, and no member") : out;
	}
	if (out != OUT_OK)
		return out;
	visit_before(v, "status", json_object_new_string(status));
	if (strcmp(status, "suspended") != 0)
		out = fastio_guide_set_status(v, "suspended");
	if (out == OUT_GONE)
		return visit_end(v, OUT_RETRY, "%s lost user %s while being "
		    "suspended", v->sys->name, v->account);
	return out == OUT_OK ? visit_end(v, OUT_VERIFIED, "the user is "
	    "suspended") : out;
}

enum outcome
fastio_guide_check(struct visit *v)
{
	char id[WORD_MAX], label[PERSON_MAX];
	enum outcome out = guide_self(v);

	if (out == OUT_OK)
		out = fastio_guide_find(v, v->who->email, id, label);
	return out == OUT_ABSENT || out == OUT_AMBIGUOUS ? OUT_OK : out;
}
