/*
 * SCIM: finding the one user of a person, by exact comparison of what the
 * search brings. Changes nothing.
 */
#include "scim.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PAGE		"100"
#define PAGES_MAX	2000

enum { BY_NAME = 1, BY_EMAILS = 2, BY_EXTERNAL = 4 };

/* ---- pages ---- */

/* Where the next page begins. */
struct place {
	size_t	seen;
	char	cursor[512];
	char	first[WORD_MAX];	/* id of the last page's first row */
};

static enum outcome
page_get(struct visit *v, const char *filter, const struct place *at,
    struct json_object **j)
{
	struct visit_call c;
	struct buf path;
	char number[24];

	buf_init(&path, 2048);
	http_path(&path, "Users", NULL);
	if (filter != NULL)
		http_query(&path, "filter", filter);
	if (at->cursor[0] != '\0')
		http_query(&path, "cursor", at->cursor);
	else if (at->seen > 0) {
		(void)snprintf(number, sizeof(number), "%zu", at->seen + 1);
		http_query(&path, "startIndex", number);
	}
	http_query(&path, "count", PAGE);
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "find the person";
	c.out = j;
	return visit_call(v, &c);
}

/* The rows of an answer; a list of nobody may leave them out if it says that
 * it is one of nobody. *ROWS is borrowed, or NULL for none. */
static enum outcome
page_rows(struct visit *v, struct json_object *j, struct json_object **rows,
    long long *total)
{
	struct json_object *m = visit_member(j, "totalResults",
	    json_type_int);

	*total = m == NULL ? -1 : json_object_get_int64(m);
	*rows = visit_list(j, "Resources");
	if (*rows == NULL)
		*rows = visit_list(j, "resources");
	return *rows != NULL || *total == 0 ? OUT_OK : visit_end(v,
	    OUT_GARBLED, "%s sent no list of users", v->sys->name);
}

/* Is there more? OUT_OK: the place has moved on; OUT_GONE: that was all. */
static enum outcome
page_next(struct visit *v, struct json_object *j, struct json_object *rows,
    long long total, struct place *at)
{
	const char *next = visit_text(j, "nextCursor");
	size_t n = visit_length(rows);
	char first[WORD_MAX] = "";

	if (n > 0)
		visit_id(json_object_array_get_idx(rows, 0), "id", first);
	at->seen += n;
	if (next[0] != '\0') {
		if (strcmp(next, at->cursor) == 0 || text_copy(at->cursor,
		    sizeof(at->cursor), next) == -1)
			return visit_end(v, OUT_FAILED, "%s sends a cursor "
			    "that leads nowhere", v->sys->name);
		return OUT_OK;
	}
	if (at->cursor[0] != '\0' || (total >= 0 &&
	    at->seen >= (size_t)total) || (total < 0 &&
	    (n == 0 || scim_own(v)->index == 0)))
		return OUT_GONE;
	/* The same page again: it cannot be turned. */
	if (n == 0 || strcmp(first, at->first) == 0)
		return total < 0 ? OUT_GONE : visit_end(v, OUT_RETRY, "%s says "
		    "that there are %lld users, but sends only %zu",
		    v->sys->name, total, at->seen);
	(void)text_copy(at->first, sizeof(at->first), first);
	return OUT_OK;
}

enum outcome
scim_pages(struct visit *v, const struct scim_pages *p)
{
	struct json_object *j, *rows = NULL;
	struct place at;
	enum outcome out = OUT_OK;
	long long total = -1;
	size_t i;
	int page;

	memset(&at, 0, sizeof(at));
	for (page = 0; page < PAGES_MAX && out == OUT_OK; page++) {
		j = NULL;
		out = page_get(v, p->filter, &at, &j);
		if (out == OUT_GONE)
			return visit_end(v, OUT_FAILED, "%s has no Users at "
			    "its url: check url, which is the base of its "
			    "SCIM service", v->sys->name);
		if (out == OUT_OK)
			out = page_rows(v, j, &rows, &total);
		for (i = 0; out == OUT_OK && i < visit_length(rows); i++)
			out = p->each(v, json_object_array_get_idx(rows, i),
			    p->arg);
		if (out == OUT_OK)
			out = page_next(v, j, rows, total, &at);
		json_object_put(j);
	}
	return out == OUT_GONE ? OUT_OK : out == OUT_OK ? visit_end(v,
	    OUT_FAILED, "%s has more pages of users than can be right",
	    v->sys->name) : out;
}

/* ---- the match ---- */

struct hunt {
	int	 by;		/* what is compared */
	int	 n;
	char	 id[WORD_MAX];
	char	 label[PERSON_MAX];
};

static int
emails_have(struct json_object *user, const char *email)
{
	struct json_object *list = visit_member(user, "emails",
	    json_type_array), *row;
	const char *value;
	size_t i;

	for (i = 0; i < visit_length(list); i++) {
		row = json_object_array_get_idx(list, i);
		value = json_object_is_type(row, json_type_string) ?
		    json_object_get_string(row) : visit_text(row, "value");
		if (strcasecmp(value, email) == 0)
			return 1;
	}
	return 0;
}

/* Never a part, never the first that comes. */
static int
user_fits(const struct visit *v, struct json_object *user, int by)
{
	const char *email = v->who->email, *number = v->who->employee_id;

	return ((by & BY_NAME) != 0 &&
	    strcasecmp(visit_text(user, "userName"), email) == 0) ||
	    ((by & BY_EMAILS) != 0 && emails_have(user, email)) ||
	    ((by & BY_EXTERNAL) != 0 && number[0] != '\0' &&
	    strcasecmp(visit_text(user, "externalId"), number) == 0);
}

static void
user_label(struct json_object *user, char label[PERSON_MAX])
{
	struct json_object *name = visit_member(user, "name",
	    json_type_object);
	const char *text = visit_text(user, "displayName");

	if (text[0] == '\0')
		text = visit_text(name, "formatted");
	if (text[0] != '\0')
		(void)text_copy(label, PERSON_MAX, text);
	else if (visit_text(name, "familyName")[0] != '\0')
		(void)snprintf(label, PERSON_MAX, "%.90s %.90s",
		    visit_text(name, "givenName"), visit_text(name,
		    "familyName"));
	else
		(void)text_copy(label, PERSON_MAX, visit_text(user,
		    "userName"));
}

static enum outcome
hunt_each(struct visit *v, struct json_object *row, void *arg)
{
	struct hunt *h = arg;
	char id[WORD_MAX];

	if (user_fits(v, row, h->by) == 0)
		return OUT_OK;
	visit_id(row, "id", id);
	if (id[0] == '\0')
		return visit_end(v, OUT_GARBLED, "%s sent a user without an "
		    "id", v->sys->name);
	if (h->n > 0 && strcmp(h->id, id) == 0)
		return OUT_OK;
	if (h->n++ > 0)
		return visit_end(v, OUT_AMBIGUOUS, "%s has several users that "
		    "fit (ids %.60s, %.60s): nothing was touched there; see "
		    "which one it is, mend the other, then retry",
		    v->sys->name, h->id, id);
	(void)text_copy(h->id, sizeof(h->id), id);
	user_label(row, h->label);
	return OUT_OK;
}

/* ATTRIBUTE eq "VALUE", with what would end the value escaped. */
static enum outcome
hunt_filter(struct visit *v, struct hunt *h, const char *attribute,
    const char *value)
{
	struct scim_pages p = { NULL, hunt_each, h };
	struct buf filter;
	enum outcome out;

	buf_init(&filter, 1024);
	buf_fmt(&filter, "%s eq \"", attribute);
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			buf_char(&filter, '\\');
		buf_char(&filter, *value);
	}
	buf_char(&filter, '"');
	p.filter = buf_cstr(&filter);
	out = filter.failed != 0 ? visit_end(v, OUT_FAILED, "the address is "
	    "too long for a search in %s", v->sys->name) : scim_pages(v, &p);
	buf_clear(&filter);
	return out;
}

/* A search that the service does not know; its 403 is about us. */
static int
is_unknown_filter(const struct visit *v, enum outcome out)
{
	return scim_is_refused(v, out) && v->status != 403;
}

/* Asks by each of the attributes. BLIND gets those it cannot be asked by. */
static enum outcome
hunt_all(struct visit *v, struct hunt *h, int *blind)
{
	static const struct { int by; const char *attribute, *other; } asks[] =
	    {
		{ BY_NAME, "userName", NULL },
		{ BY_EMAILS, "emails.value", "emails[type eq \"work\"].value" },
		{ BY_EXTERNAL, "externalId", NULL },
	};
	enum outcome out = OUT_OK;
	const char *value;
	size_t i;

	*blind = scim_own(v)->filter ? 0 : h->by;
	for (i = 0; i < 3 && out == OUT_OK && *blind != h->by; i++) {
		if ((h->by & asks[i].by) == 0)
			continue;
		value = asks[i].by == BY_EXTERNAL ? v->who->employee_id :
		    v->who->email;
		out = hunt_filter(v, h, asks[i].attribute, value);
		if (is_unknown_filter(v, out) && asks[i].other != NULL)
			out = hunt_filter(v, h, asks[i].other, value);
		if (is_unknown_filter(v, out)) {
			*blind |= asks[i].by;
			out = OUT_OK;
		}
	}
	return out;
}

/* All searches; *BLIND: what the service could not be searched by. */
static enum outcome
hunt_run(struct visit *v, struct hunt *h, int *blind)
{
	struct scim_pages all = { NULL, hunt_each, h };
	enum outcome out = scim_discover(v);

	if (out == OUT_OK)
		out = hunt_all(v, h, blind);
	/* "Nobody" is said only when everything was compared: a service that
	 * cannot be searched by all of it is read from end to end. */
	if (out == OUT_OK && h->n == 0 && *blind != 0)
		out = scim_pages(v, &all);
	return out;
}

/* What the configuration compares; by default everything that is known. */
static int
hunt_by(const struct visit *v)
{
	const char *word = conf_get(v->sys->settings->conf, v->sys->section,
	    "match");
	int external = v->who->employee_id[0] != '\0' ? BY_EXTERNAL : 0;

	if (word == NULL)
		return BY_NAME | BY_EMAILS | external;
	return strcmp(word, "emails") == 0 ? BY_EMAILS :
	    strcmp(word, "externalId") == 0 ? external : BY_NAME;
}

/* The token that we call with may be of a user there: not of this one. Few
 * services say, and none must. */
static enum outcome
refuse_ourselves(struct visit *v, const char *id)
{
	struct scim *own = scim_own(v);
	struct json_object *j = NULL;
	enum outcome out = OUT_OK;

	if (own->me_known == 0) {
		out = visit_get(v, &j, "Me", NULL);
		if (out == OUT_OK)
			visit_id(j, "id", own->me);
		json_object_put(j);
		if (out == OUT_UNREACHED || out == OUT_BUSY)
			return out;
		own->me_known = 1;
	}
	if (own->me[0] == '\0' || strcmp(own->me, id) != 0)
		return OUT_OK;
	return visit_end(v, OUT_FAILED, "this person owns the token that "
	    "offboard itself uses for %s: give it one of somebody else, then "
	    "retry", v->sys->name);
}

enum outcome
scim_match(struct visit *v)
{
	enum outcome out;
	struct hunt h;
	int blind = 0;

	memset(&h, 0, sizeof(h));
	h.by = hunt_by(v);
	if (h.by == 0) {
		if (v->phase == PHASE_DOCUMENT)
			visit_task(v, "Say which employee id %s has, and start "
			    "again with it: %s is searched by externalId only "
			    "(match).", v->who->email, v->sys->name);
		return visit_end(v, OUT_MANUAL, "no employee id is known, and "
		    "%s is searched by it", v->sys->name);
	}
	out = hunt_run(v, &h, &blind);
	if (out == OUT_OK && h.n == 0)
		return visit_end(v, OUT_ABSENT, "%s knows nobody with this %s",
		    v->sys->name, h.by == BY_EXTERNAL ? "employee id" :
		    (h.by & BY_EXTERNAL) != 0 ? "address or employee id" :
		    h.by == BY_NAME ? "address as userName" : "address");
	if (out == OUT_OK)
		out = refuse_ourselves(v, h.id);
	if (out != OUT_OK)
		return out;
	(void)text_copy(v->account, sizeof(v->account), h.id);
	(void)text_copy(v->label, sizeof(v->label), h.label);
	return OUT_OK;
}

enum outcome
scim_vanished(struct visit *v)
{
	struct hunt h;
	enum outcome out;
	int blind;

	memset(&h, 0, sizeof(h));
	h.by = hunt_by(v);
	out = h.by == 0 ? OUT_OK : hunt_run(v, &h, &blind);
	if (out == OUT_OK && strcmp(h.id, v->account) != 0)
		return OUT_GONE;
	return out != OUT_OK ? out : visit_end(v, OUT_RETRY, "%s lists user "
	    "%s but does not show it", v->sys->name, v->account);
}

enum outcome
scim_is_them(struct visit *v, struct json_object *user)
{
	if (user_fits(v, user, BY_NAME | BY_EMAILS | BY_EXTERNAL))
		return OUT_OK;
	return visit_end(v, OUT_FAILED, "user %.60s in %s carries the name "
	    "%.100s, not the address that was asked for: nothing more is done "
	    "to it; see there whose it is, then retry", v->account,
	    v->sys->name, visit_text(user, "userName"));
}
