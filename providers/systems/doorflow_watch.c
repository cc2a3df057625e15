/*
 * DoorFlow: what the doors tell. Notification rules that name the person, and
 * whether the person was let in after the containment. Changes nothing: a
 * rule belongs to a human, and what the log shows has happened.
 */
#include "doorflow.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "../base/when.h"

#define EVENTS_TOLD 8		/* tasks; the rest is counted */
#define ADMITTED "10,11,12,13,14,15,16,17,18,70"

/* A right that is missing, or a part of the service that is not there. */
static int
is_closed(const struct visit *v, enum outcome out)
{
	return out == OUT_GONE || (out == OUT_FAILED && v->status == 403);
}

/* ---- rules ---- */

/* Is one of the words in TEXT this very address, or this very id? Never a
 * part of one. An id counts only where it is said to be a person's. */
static int
names_person(const struct visit *v, const char *text, int is_person)
{
	static const char apart[] = " ,;\t\r\n<>";
	char word[EMAIL_MAX];
	size_t n;

	for (; *text != '\0'; text += n) {
		text += strspn(text, apart);
		n = strcspn(text, apart);
		if (n == 0 || n >= sizeof(word))
			continue;
		memcpy(word, text, n);
		word[n] = '\0';
		if (strcasecmp(strncasecmp(word, "mailto:", 7) == 0 ?
		    word + 7 : word, v->who->email) == 0 ||
		    (is_person && strcmp(word, v->account) == 0))
			return 1;
	}
	return 0;
}

static int
part_names(const struct visit *v, struct json_object *part, const char *key)
{
	int is_person = strcasestr(visit_text(part, "type"), "person") !=
	    NULL || strcasestr(visit_text(part, "type_description"),
	    "person") != NULL;
	char id[WORD_MAX];

	visit_id(part, key, id);
	return names_person(v, visit_text(part, key), is_person) ||
	    (is_person && id[0] != '\0' && strcmp(id, v->account) == 0);
}

static int
rule_names(const struct visit *v, struct json_object *rule)
{
	static const struct { const char *list, *key; } parts[] = {
		{ "conditions", "value" }, { "actions", "data" },
	};
	struct json_object *list;
	size_t i, k;

	for (k = 0; k < 2; k++) {
		list = visit_member(rule, parts[k].list, json_type_array);
		for (i = 0; i < visit_length(list); i++)
			if (part_names(v, json_object_array_get_idx(list, i),
			    parts[k].key))
				return 1;
	}
	return 0;
}

enum outcome
doorflow_rules(struct visit *v, struct json_object **list)
{
	struct json_object *j = NULL, *rows, *row, *o, *active;
	enum outcome out = visit_get(v, &j, "api", "3", "notification_rules",
	    NULL);
	char id[WORD_MAX];
	size_t i;

	*list = NULL;
	if (is_closed(v, out))
		return OUT_OK;
	if (out != OUT_OK)
		return out;
	rows = visit_list(j, "notification_rules");
	if (rows == NULL) {
		json_object_put(j);
		return visit_end(v, OUT_GARBLED, "%s sent no list of "
		    "notification rules", v->sys->name);
	}
	*list = json_object_new_array();
	for (i = 0; i < visit_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		if (rule_names(v, row) == 0)
			continue;
		visit_id(row, "id", id);
		active = visit_member(row, "active", json_type_boolean);
		o = json_object_new_object();
		json_object_object_add(o, "id", json_object_new_string(id));
		json_object_object_add(o, "name", visit_name(row, "name"));
		json_object_object_add(o, "active", json_object_new_boolean(
		    active == NULL || json_object_get_boolean(active)));
		json_object_array_add(*list, o);
	}
	json_object_put(j);
	return OUT_OK;
}

enum outcome
doorflow_rule_tasks(struct visit *v, enum outcome over)
{
	struct json_object *list = NULL, *row;
	char words[TEXT_MAX];
	enum outcome out;
	size_t i;

	(void)text_copy(words, sizeof(words), v->detail);
	out = doorflow_rules(v, &list);
	if (out != OUT_OK)
		return out;
	for (i = 0; i < visit_length(list); i++) {
		row = json_object_array_get_idx(list, i);
		if (!json_object_get_boolean(visit_member(row, "active",
		    json_type_boolean)))
			continue;
		visit_task(v, "The notification rule \"%.80s\" in %s still "
		    "names %s: give it to somebody else, or delete it there.",
		    visit_text(row, "name"), v->sys->name, v->who->email);
		visit_renew(v, "notification rule \"%.80s\" in %s",
		    visit_text(row, "name"), v->sys->name);
	}
	if (list != NULL)
		visit_before(v, "rules", json_object_get(list));
	json_object_put(list);
	return visit_end(v, over, "%s", words);
}

/* ---- the door log ---- */

struct admitted {
	int64_t	 since;
	char	 name[PERSON_MAX];
	struct json_object *known;	/* ids that were told before */
	unsigned n;
	char	 first[160];
};

/* Since when nobody was to be let in: by the service's own clock, where it
 * has said, for ours may be ahead or behind. 0: never. */
static int64_t
admitted_since(const struct visit *v)
{
	static const char *const keys[] = { "doors_at", "disabled_at" };
	struct json_object *m;
	size_t i;

	for (i = 0; v->after != NULL && i < 2; i++) {
		m = visit_member(v->after, keys[i], json_type_int);
		if (m != NULL && json_object_get_int64(m) > 0)
			return json_object_get_int64(m);
	}
	return v->contained_at;
}

static int
is_known(struct json_object *list, const char *id)
{
	size_t i;

	for (i = 0; i < visit_length(list); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(
		    list, i)), id) == 0)
			return 1;
	return 0;
}

/* 1: this person; 2: somebody of that name, no more is said; 0: another. */
static int
event_person(const struct visit *v, struct json_object *row,
    const char *name)
{
	char id[WORD_MAX];

	visit_id(row, "person_id", id);
	if (id[0] != '\0')
		return strcmp(id, v->account) == 0;
	return name[0] != '\0' && strcasecmp(visit_text(row, "person_name"),
	    name) == 0 ? 2 : 0;
}

static enum outcome
event_each(struct visit *v, struct json_object *row, void *arg)
{
	struct admitted *a = arg;
	int64_t at = doorflow_instant(visit_text(row, "created_at"));
	int who = event_person(v, row, a->name);
	char id[WORD_MAX], text[WHEN_TEXT];
	const char *door = visit_text(row, "channel_name");

	visit_id(row, "id", id);
	if (who == 0 || at <= a->since || is_known(a->known, id))
		return OUT_OK;
	if (door[0] == '\0')
		door = visit_text(row, "door_controller_name");
	when_text(at, text);
	text[10] = ' ';
	text[19] = '\0';
	if (a->n++ == 0)
		(void)snprintf(a->first, sizeof(a->first), "%.80s at %s UTC",
		    door, text);
	json_object_array_add(a->known, json_object_new_string(id));
	if (a->n <= EVENTS_TOLD)
		visit_task(v, "The door \"%.80s\" let %s%.100s in at %s UTC, "
		    "after the containment: find out who came in and with "
		    "what, and check that door.", door, who == 2 ?
		    "somebody named " : "", who == 2 ? a->name :
		    v->who->email, text);
	return OUT_OK;
}

static enum outcome
events_read(struct visit *v, struct json_object *person, struct admitted *a)
{
	struct doorflow_pages p = { NULL, NULL, NULL, "events",
	    "read the door log", event_each, a, "n" };
	char since[WHEN_TEXT];
	struct buf path;
	enum outcome out;

	when_text(a->since, since);
	buf_init(&path, 2048);
	http_path(&path, "api", "3", "events", NULL);
	http_query(&path, "event_codes", ADMITTED);
	http_query(&path, "since", since);
	http_query(&path, "sort", "ASC");
	/* Theirs is no filter by person, only by name. */
	if (visit_text(person, "first_name")[0] != '\0')
		http_query(&path, "first_name", visit_text(person,
		    "first_name"));
	if (visit_text(person, "last_name")[0] != '\0')
		http_query(&path, "last_name", visit_text(person,
		    "last_name"));
	p.path = buf_cstr(&path);
	out = path.failed != 0 ? visit_end(v, OUT_FAILED, "the name of person "
	    "%s in %s is too long for a request", v->account, v->sys->name) :
	    doorflow_pages(v, &p);
	buf_clear(&path);
	return out;
}

enum outcome
doorflow_admitted(struct visit *v, struct json_object *person,
    enum outcome out)
{
	struct json_object *told = v->after == NULL ? NULL :
	    visit_member(v->after, "admitted", json_type_array);
	char words[TEXT_MAX];
	struct admitted a;
	enum outcome read;
	size_t before;

	memset(&a, 0, sizeof(a));
	a.since = admitted_since(v);
	if (a.since == 0)
		return out;
	(void)text_copy(words, sizeof(words), v->detail);
	(void)snprintf(a.name, sizeof(a.name), "%.90s %.90s",
	    visit_text(person, "first_name"), visit_text(person,
	    "last_name"));
	/* Each is told once; what was told makes no later look a finding, but
	 * it stays one of this step. */
	a.known = told != NULL ? json_object_get(told) :
	    json_object_new_array();
	before = visit_length(a.known);
	read = events_read(v, person, &a);
	visit_after(v, "admitted", a.known);
	if (is_closed(v, read))
		return visit_end(v, out, "%.380s; the door log may not be read",
		    words);
	if (read != OUT_OK)
		return read;
	if (a.n > EVENTS_TOLD)
		visit_task(v, "%s let this person in %u times after the "
		    "containment: read its door log.", v->sys->name, a.n);
	if (a.n == 0 && before > 0 && v->phase != PHASE_RECHECK)
		return visit_end(v, OUT_DONE, "%.250s; but %zu time(s) a door "
		    "had let the person in before, as a task told", words,
		    before);
	if (a.n == 0)
		return visit_end(v, out, "%s", words);
	return visit_end(v, OUT_DONE, "%.250s; but %u time(s) a door let the "
	    "person in after the containment: %s", words, a.n, a.first);
}
