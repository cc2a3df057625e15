/*
 * Vanta: finding the one person with an address, and reading how far the
 * offboarding is. The search matches parts and may not be there at all, so
 * that nobody counts as absent before the whole list was read. Changes
 * nothing.
 */
#include "vanta.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PAGES_MAX 2000

struct match {
	const char	*email;
	const char	*acknowledger;
	char		 id[WORD_MAX], other[WORD_MAX];
	char		 label[PERSON_MAX];
	char		 boss[WORD_MAX];	/* the acknowledger's id */
	char		 boss_employment[32];
	size_t		 seen;
};

static const char *
employment_of(struct json_object *person)
{
	return visit_text(visit_member(person, "employment",
	    json_type_object), "status");
}

static enum outcome
match_row(struct visit *v, struct match *m, struct json_object *row)
{
	char id[WORD_MAX], user[WORD_MAX];

	visit_id(row, "id", id);
	visit_id(row, "userId", user);
	if (strcmp(id, m->acknowledger) == 0 ||
	    strcmp(user, m->acknowledger) == 0) {
		(void)text_copy(m->boss, sizeof(m->boss), id);
		(void)text_copy(m->boss_employment,
		    sizeof(m->boss_employment), employment_of(row));
	}
	if (strcasecmp(visit_text(row, "emailAddress"), m->email) != 0)
		return OUT_OK;
	if (id[0] == '\0')
		return visit_end(v, OUT_GARBLED, "%s sent a person without an "
		    "id", v->sys->name);
	if (m->id[0] != '\0' && strcmp(m->id, id) != 0) {
		(void)text_copy(m->other, sizeof(m->other), id);
		return OUT_OK;
	}
	(void)text_copy(m->id, sizeof(m->id), id);
	(void)text_copy(m->label, sizeof(m->label), visit_text(visit_member(
	    row, "name", json_type_object), "display"));
	return OUT_OK;
}

static enum outcome
match_page(struct visit *v, const char *filter, const char *cursor,
    struct json_object **j)
{
	struct visit_call c;
	struct buf path;

	buf_init(&path, 2048);
	http_path(&path, "v1", "people", NULL);
	http_query(&path, "pageSize", "100");
	if (filter != NULL)
		http_query(&path, "emailAndNameFilter", filter);
	if (cursor[0] != '\0')
		http_query(&path, "pageCursor", cursor);
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "list the people";
	c.out = j;
	return vanta_call(v, &c);
}

/* The cursor of the next page, "" after the last. */
static enum outcome
match_next(struct visit *v, struct json_object *results, char cursor[WORD_MAX])
{
	struct json_object *info = visit_member(results, "pageInfo",
	    json_type_object);
	struct json_object *more = visit_member(info, "hasNextPage",
	    json_type_boolean);
	char last[WORD_MAX];

	(void)text_copy(last, sizeof(last), cursor);
	cursor[0] = '\0';
	if (more == NULL)
		return visit_end(v, OUT_GARBLED, "%s does not say whether "
		    "there are more people", v->sys->name);
	if (json_object_get_boolean(more) == 0)
		return OUT_OK;
	visit_id(info, "endCursor", cursor);
	if (cursor[0] == '\0' || strcmp(cursor, last) == 0)
		return visit_end(v, OUT_GARBLED, "%s says that there are more "
		    "people, but not where", v->sys->name);
	return OUT_OK;
}

/* Every page. FILTER may be NULL. */
static enum outcome
match_pages(struct visit *v, const char *filter, struct match *m)
{
	struct json_object *j = NULL, *results, *data;
	char cursor[WORD_MAX] = "";
	enum outcome out = OUT_OK;
	size_t i;
	int page;

	m->seen = 0;
	for (page = 0; page < PAGES_MAX && out == OUT_OK; page++) {
		out = match_page(v, filter, cursor, &j);
		if (out == OUT_GONE)
			out = visit_end(v, OUT_FAILED, "%s has no people at "
			    "its url: check url", v->sys->name);
		results = visit_member(j, "results", json_type_object);
		data = visit_list(results, "data");
		if (out == OUT_OK && data == NULL)
			out = visit_end(v, OUT_GARBLED, "%s sent no list of "
			    "people", v->sys->name);
		for (i = 0; i < visit_length(data) && out == OUT_OK; i++)
			out = match_row(v, m, json_object_array_get_idx(data,
			    i));
		m->seen += visit_length(data);
		if (out == OUT_OK)
			out = match_next(v, results, cursor);
		json_object_put(j);
		j = NULL;
		if (cursor[0] == '\0')
			break;
	}
	return out;
}

/* The whole list has the acknowledger in it, or it is not whole. */
static enum outcome
match_everybody(struct visit *v, struct match *m)
{
	enum outcome out = match_pages(v, NULL, m);

	if (out == OUT_OK && m->boss[0] == '\0')
		return visit_end(v, OUT_GARBLED, "%s sent a list of people "
		    "without the acknowledger %.60s: it is not whole, or "
		    "acknowledger is wrong", v->sys->name, m->acknowledger);
	return out;
}

enum outcome
vanta_match(struct visit *v)
{
	struct match m;
	enum outcome out;

	memset(&m, 0, sizeof(m));
	m.email = v->who->email;
	m.acknowledger = visit_setting(v->sys, "acknowledger");
	out = match_pages(v, v->who->email, &m);
	/* A search that finds nobody is no proof. */
	if (out == OUT_OK && m.id[0] == '\0')
		out = match_everybody(v, &m);
	if (out != OUT_OK)
		return out;
	if (m.other[0] != '\0')
		return visit_end(v, OUT_AMBIGUOUS, "%s has several people with "
		    "this address (ids %.60s, %.60s): nothing was touched "
		    "there; remove the address from the wrong one, then retry",
		    v->sys->name, m.id, m.other);
	if (m.id[0] == '\0')
		return visit_end(v, OUT_ABSENT, "%s knows nobody with this "
		    "address", v->sys->name);
	(void)text_copy(v->account, sizeof(v->account), m.id);
	(void)text_copy(v->label, sizeof(v->label), m.label);
	return OUT_OK;
}

/* ---- one person ---- */

static enum outcome
person_get(struct visit *v, const char *id, struct json_object **j)
{
	struct visit_call c;
	struct buf path;
	char got[WORD_MAX];
	enum outcome out;

	buf_init(&path, 512);
	http_path(&path, "v1", "people", id, NULL);
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "show the person";
	c.out = j;
	out = vanta_call(v, &c);
	if (out != OUT_OK)
		return out;
	visit_id(*j, "id", got);
	if (strcmp(got, id) == 0 && employment_of(*j)[0] != '\0')
		return OUT_OK;
	json_object_put(*j);
	*j = NULL;
	return visit_end(v, OUT_GARBLED, "%s sent something that is not person "
	    "%.60s", v->sys->name, id);
}

/* The names of the offboarding tasks that a human has still to do. */
static void
person_open(struct json_object *tasks, char *open, size_t size)
{
	struct json_object *list;
	char name[PERSON_MAX];
	size_t i, used = 0;

	list = visit_member(visit_member(visit_member(tasks, "details",
	    json_type_object), "completeOffboardingCustomTasks",
	    json_type_object), "incompleteCustomOffboardingTasks",
	    json_type_array);
	open[0] = '\0';
	for (i = 0; i < visit_length(list) && used + 8 < size; i++) {
		(void)text_copy(name, sizeof(name), visit_text(
		    json_object_array_get_idx(list, i), "name"));
		(void)snprintf(open + used, size - used, "%s%.60s", i == 0 ?
		    "" : ", ", name[0] != '\0' ? name : "a task");
		used = strlen(open);
	}
}

enum outcome
vanta_person(struct visit *v, struct vanta_person *p)
{
	struct json_object *j = NULL, *tasks;
	const char *email;
	enum outcome out;

	memset(p, 0, sizeof(*p));
	out = person_get(v, v->account, &j);
	if (out != OUT_OK)
		return out;
	email = visit_text(j, "emailAddress");
	if (email[0] != '\0' && v->phase != PHASE_RECHECK &&
	    strcasecmp(email, v->who->email) != 0)
		out = visit_end(v, OUT_FAILED, "person %.60s in %s carries the "
		    "address %.100s, not the one that was asked for: nothing "
		    "more is done to it; see there whose it is, then retry",
		    v->account, v->sys->name, email);
	(void)text_copy(p->employment, sizeof(p->employment),
	    employment_of(j));
	(void)text_copy(p->ended, sizeof(p->ended), visit_text(visit_member(j,
	    "employment", json_type_object), "endDate"));
	tasks = visit_member(j, "tasksSummary", json_type_object);
	(void)text_copy(p->tasks, sizeof(p->tasks), visit_text(tasks,
	    "status"));
	person_open(tasks, p->open, sizeof(p->open));
	visit_id(j, "userId", p->user);
	p->groups = visit_length(visit_member(j, "groupIds",
	    json_type_array));
	json_object_put(j);
	return out;
}

int
vanta_is_complete(const struct vanta_person *p)
{
	return strcmp(p->employment, "FORMER") == 0 &&
	    strcmp(p->tasks, "OFFBOARDING_COMPLETE") == 0;
}

/* ---- the acknowledger ---- */

/* The id may be a person's or, as the guide has it, a user's. */
enum outcome
vanta_acknowledger(struct visit *v)
{
	struct json_object *j = NULL;
	struct match m;
	enum outcome out;

	memset(&m, 0, sizeof(m));
	m.email = v->who->email;
	m.acknowledger = visit_setting(v->sys, "acknowledger");
	out = person_get(v, m.acknowledger, &j);
	if (out == OUT_OK)
		out = match_row(v, &m, j);
	else if (out == OUT_GONE)
		out = match_pages(v, NULL, &m);
	json_object_put(j);
	if (out != OUT_OK)
		return out;
	if (m.boss[0] == '\0')
		return visit_end(v, OUT_FAILED, "the acknowledger %.60s is "
		    "nobody in %s: correct acknowledger", m.acknowledger,
		    v->sys->name);
	if (strcmp(m.boss_employment, "FORMER") == 0)
		return visit_end(v, OUT_FAILED, "the acknowledger %.60s has "
		    "left, says %s: name somebody who works here",
		    m.acknowledger, v->sys->name);
	if (v->account[0] != '\0' && strcmp(m.boss, v->account) == 0)
		return visit_end(v, OUT_FAILED, "this person is the "
		    "acknowledger of %s, and nobody confirms their own "
		    "offboarding: name somebody else, then retry",
		    v->sys->name);
	return OUT_OK;
}

/* ---- document ---- */

static void
put_text(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

enum outcome
vanta_document(struct visit *v)
{
	struct json_object *o;
	struct vanta_person p;
	enum outcome out = vanta_person(v, &p);

	if (out == OUT_GONE)
		return visit_end(v, OUT_RETRY, "%s lost person %s while being "
		    "read", v->sys->name, v->account);
	if (out != OUT_OK)
		return out;
	visit_holds(v, "the employment is %s%s%.10s", p.employment,
	    p.ended[0] != '\0' ? " since " : "", p.ended);
	visit_holds(v, "the tasks are %s", p.tasks[0] != '\0' ? p.tasks :
	    "not shown");
	if (p.open[0] != '\0')
		visit_holds(v, "offboarding tasks to do: %s", p.open);
	if (p.groups > 0)
		visit_holds(v, "%zu group(s)", p.groups);
	o = json_object_new_object();
	put_text(o, "employment", p.employment);
	put_text(o, "ended", p.ended);
	put_text(o, "tasks", p.tasks);
	put_text(o, "open", p.open);
	visit_before(v, "person", o);
	if (p.user[0] != '\0') {
		visit_holds(v, "a login to Vanta itself");
		visit_task(v, "%s has a login to %s itself (user %.60s), and "
		    "its API cannot end it: remove it there by hand.",
		    v->who->email, v->sys->name, p.user);
	}
	return visit_end(v, OUT_VERIFIED, "is person %s, whose employment is "
	    "%s and whose tasks are %s", v->account, p.employment,
	    p.tasks[0] != '\0' ? p.tasks : "not shown");
}
