/* DoorFlow: finding the one person with an address, and reading what that
 * person holds. Changes nothing, and keeps no value that opens a door. */
#include "doorflow.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PAGE	"100"
#define PAGES_MAX 1000

/* Every row of a paged list, each handed to EACH. The vendor pages by `page`;
 * one that ignores it sends the same page again. */
enum outcome
doorflow_pages(struct visit *v, const struct doorflow_pages *p)
{
	char first[WORD_MAX], last_first[WORD_MAX] = "";
	struct json_object *j, *list;
	struct visit_call c;
	struct buf path;
	enum outcome out;
	size_t i, n, seen = 0;
	long long total;
	char number[16];
	int page;

	for (page = 1; page <= PAGES_MAX; page++) {
		buf_init(&path, 2048);
		buf_str(&path, p->path);
		if (p->key != NULL)
			http_query(&path, p->key, p->value);
		(void)snprintf(number, sizeof(number), "%d", page);
		http_query(&path, p->size == NULL ? "per_page" : p->size,
		    PAGE);
		http_query(&path, "page", number);
		memset(&c, 0, sizeof(c));
		c.method = "GET";
		c.path = &path;
		c.what = p->what;
		c.out = &j;
		c.total = &total;
		out = visit_call(v, &c);
		if (out != OUT_OK)
			return out;
		list = visit_list(j, p->list);
		if (list == NULL) {
			json_object_put(j);
			return visit_end(v, OUT_GARBLED, "%s sent no list when "
			    "asked to %s", v->sys->name, p->what);
		}
		n = json_object_array_length(list);
		first[0] = '\0';
		if (n > 0)
			visit_id(json_object_array_get_idx(list, 0), "id",
			    first);
		if (n == 0 || (page > 1 && strcmp(first, last_first) == 0)) {
			json_object_put(j);
			return total > 0 && seen < (size_t)total ?
			    visit_end(v, OUT_RETRY, "%s says there are %lld, "
			    "but sent %zu, when asked to %s", v->sys->name,
			    total, seen, p->what) : OUT_OK;
		}
		(void)text_copy(last_first, sizeof(last_first), first);
		for (i = 0; i < n && out == OUT_OK; i++)
			out = p->each(v, json_object_array_get_idx(list, i),
			    p->arg);
		seen += n;
		json_object_put(j);
		if (out != OUT_OK || (total >= 0 && seen >= (size_t)total))
			return out;
	}
	return visit_end(v, OUT_FAILED, "%s has more pages than can be right "
	    "when asked to %s", v->sys->name, p->what);
}

struct match {
	char	 id[WORD_MAX];
	char	 label[PERSON_MAX];
	int	 n;
};

static enum outcome
match_each(struct visit *v, struct json_object *row, void *arg)
{
	struct match *m = arg;
	char id[WORD_MAX], label[PERSON_MAX];

	if (strcasecmp(visit_text(row, "email"), v->who->email) != 0)
		return OUT_OK;
	visit_id(row, "id", id);
	if (id[0] == '\0')
		return visit_end(v, OUT_GARBLED, "%s sent a person without an "
		    "id", v->sys->name);
	if (m->n > 0 && strcmp(m->id, id) == 0)
		return OUT_OK;
	(void)snprintf(label, sizeof(label), "%.90s %.90s",
	    visit_text(row, "first_name"), visit_text(row, "last_name"));
	if (m->n++ == 0) {
		(void)text_copy(m->id, sizeof(m->id), id);
		(void)text_copy(m->label, sizeof(m->label), label);
	} else
		(void)visit_end(v, OUT_AMBIGUOUS, "%s has several people with "
		    "this address (ids %.60s, %.60s): nothing was touched "
		    "there; remove the address from the wrong one, then retry",
		    v->sys->name, m->id, id);
	return OUT_OK;
}

/* The token that we call with was given by somebody: not by this person. An
 * account that does not say by whom is taken as it is. */
static enum outcome
refuse_ourselves(struct visit *v)
{
	char owner[EMAIL_MAX];
	enum outcome out = doorflow_owner(v, owner);

	if (out == OUT_GONE || (out == OUT_FAILED && v->status == 403))
		return OUT_OK;
	if (out != OUT_OK || strcasecmp(owner, v->who->email) != 0)
		return out;
	return visit_end(v, OUT_FAILED, "this person gave offboard the token "
	    "that it uses for %s: authorise it as somebody else, then retry",
	    v->sys->name);
}

enum outcome
doorflow_match(struct visit *v)
{
	struct doorflow_pages p = { "/api/3/people", "email", v->who->email,
	    "people", "find the person", match_each, NULL, NULL };
	struct match m;
	enum outcome out;

	memset(&m, 0, sizeof(m));
	p.arg = &m;
	out = doorflow_pages(v, &p);
	if (out == OUT_GONE)
		return visit_end(v, OUT_FAILED, "%s has no people list at its "
		    "url: check url", v->sys->name);
	if (out != OUT_OK)
		return out;
	if (m.n == 0)
		return visit_end(v, OUT_ABSENT, "%s knows nobody with this "
		    "address", v->sys->name);
	if (m.n > 1)
		return OUT_AMBIGUOUS;
	/* Nothing at all is done to the one whose token we hold. */
	out = refuse_ourselves(v);
	if (out != OUT_OK)
		return out;
	(void)text_copy(v->account, sizeof(v->account), m.id);
	(void)text_copy(v->label, sizeof(v->label), m.label);
	return OUT_OK;
}

/* The person, still the one whose address was matched. Caller puts. */
enum outcome
doorflow_person(struct visit *v, struct json_object **j)
{
	enum outcome out = visit_get(v, j, "api", "3", "people", v->account,
	    NULL);
	char id[WORD_MAX];

	if (out != OUT_OK)
		return out;
	visit_id(*j, "id", id);
	if (strcmp(id, v->account) == 0 &&
	    visit_member(*j, "enabled", json_type_boolean) != NULL) {
		/* A later look asks for this record, whosever it is now. */
		out = v->phase == PHASE_RECHECK ? OUT_OK :
		    visit_is_them(v, *j);
		if (out == OUT_OK)
			return OUT_OK;
		json_object_put(*j);
		*j = NULL;
		return out;
	}
	json_object_put(*j);
	*j = NULL;
	return visit_end(v, OUT_GARBLED, "%s sent something that is not "
	    "person %s", v->sys->name, v->account);
}

int
doorflow_enabled(struct json_object *person)
{
	return json_object_get_boolean(visit_member(person, "enabled",
	    json_type_boolean));
}

/* Does the answer show this list at all? One that it leaves out is not an
 * empty one. */
int
doorflow_shows(struct json_object *person, const char *key)
{
	return visit_member(person, key, json_type_array) != NULL;
}

/* Groups and roles are ids, or objects with ids in older answers. */
static struct json_object *
id_list(struct json_object *person, const char *key)
{
	struct json_object *list = visit_member(person, key, json_type_array);
	struct json_object *out = json_object_new_array(), *row;
	size_t i, n = list == NULL ? 0 : json_object_array_length(list);

	for (i = 0; i < n; i++) {
		row = json_object_array_get_idx(list, i);
		if (json_object_is_type(row, json_type_object))
			json_object_object_get_ex(row, "id", &row);
		if (row != NULL && (json_object_is_type(row, json_type_int) ||
		    json_object_is_type(row, json_type_string)))
			json_object_array_add(out, json_object_get(row));
	}
	return out;
}

static enum outcome
credential_each(struct visit *v, struct json_object *row, void *arg)
{
	struct json_object *c = json_object_new_object();
	static const char *const kept[] = { "label", "status", "wallet_type",
	    "credential_type_name" };
	char id[WORD_MAX];
	size_t i;

	(void)v;
	/* Only named fields: value and url open doors by themselves. */
	visit_id(row, "id", id);
	json_object_object_add(c, "id", json_object_new_string(id));
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (visit_text(row, kept[i])[0] != '\0')
			json_object_object_add(c, kept[i],
			    visit_name(row, kept[i]));
	if (visit_member(row, "enabled", json_type_boolean) != NULL)
		json_object_object_add(c, "enabled",
		    json_object_get(visit_member(row, "enabled",
		    json_type_boolean)));
	json_object_array_add(arg, c);
	return OUT_OK;
}

enum outcome
doorflow_credentials(struct visit *v, struct json_object **list)
{
	struct doorflow_pages p = { NULL, NULL, NULL, "credentials",
	    "list the credentials", credential_each, NULL, NULL };
	struct buf path;
	enum outcome out;

	*list = json_object_new_array();
	buf_init(&path, 512);
	http_path(&path, "api", "3", "people", v->account, "credentials",
	    NULL);
	p.path = buf_cstr(&path);
	p.arg = *list;
	out = doorflow_pages(v, &p);
	buf_clear(&path);
	if (out != OUT_OK) {
		json_object_put(*list);
		*list = NULL;
	}
	return out;
}

static enum outcome
reservation_each(struct visit *v, struct json_object *row, void *arg)
{
	char person[WORD_MAX], id[WORD_MAX];

	visit_id(row, "person_id", person);
	visit_id(row, "id", id);
	if (strcmp(person, v->account) == 0 && id[0] != '\0' &&
	    strcmp(visit_text(row, "state"), "deactivated") != 0)
		json_object_array_add(arg, json_object_new_string(id));
	return OUT_OK;
}

/* Reservations are a grant of their own. An account without that part of the
 * service answers 404: then there are none. */
enum outcome
doorflow_reservations(struct visit *v, const char *kind,
    struct json_object **list)
{
	struct doorflow_pages p = { NULL, NULL, NULL, kind,
	    "list the reservations", reservation_each, NULL, NULL };
	struct buf path;
	enum outcome out;

	*list = json_object_new_array();
	buf_init(&path, 512);
	http_path(&path, "api", "3", kind, NULL);
	p.path = buf_cstr(&path);
	p.arg = *list;
	out = doorflow_pages(v, &p);
	buf_clear(&path);
	if (out == OUT_GONE)
		return OUT_OK;
	if (out != OUT_OK) {
		json_object_put(*list);
		*list = NULL;
	}
	return out;
}

static void
document_person(struct visit *v, struct json_object *person)
{
	struct json_object *g = id_list(person, "groups");
	struct json_object *r = id_list(person, "roles");

	visit_holds(v, "door access is %s", doorflow_enabled(person) ?
	    "on" : "already off");
	if (json_object_array_length(g) > 0)
		visit_holds(v, "%zu access group(s)",
		    json_object_array_length(g));
	if (json_object_array_length(r) > 0)
		visit_holds(v, "%zu role(s)", json_object_array_length(r));
	visit_before(v, "enabled",
	    json_object_new_boolean(doorflow_enabled(person)));
	if (doorflow_shows(person, "groups"))
		visit_before(v, "groups", json_object_get(g));
	else
		visit_holds(v, "access groups are not shown");
	if (doorflow_shows(person, "roles"))
		visit_before(v, "roles", json_object_get(r));
	json_object_put(g);
	json_object_put(r);
}

static void
document_rules(struct visit *v, struct json_object *rules)
{
	size_t i;

	if (rules == NULL) {
		visit_holds(v, "notification rules may not be read");
		return;
	}
	for (i = 0; i < visit_length(rules); i++)
		visit_holds(v, "is named in the notification rule \"%.60s\"",
		    visit_text(json_object_array_get_idx(rules, i), "name"));
	visit_before(v, "rules", json_object_get(rules));
}

static enum outcome
document_lists(struct visit *v, size_t *ncreds, size_t *nres)
{
	struct json_object *creds = NULL, *res = NULL, *group = NULL,
	    *rules = NULL;
	enum outcome out = doorflow_credentials(v, &creds);

	if (out == OUT_OK)
		out = doorflow_reservations(v, "reservations", &res);
	if (out == OUT_OK)
		out = doorflow_reservations(v, "group_reservations", &group);
	if (out == OUT_OK)
		out = doorflow_rules(v, &rules);
	if (out == OUT_OK) {
		*ncreds = visit_length(creds);
		*nres = visit_length(res) + visit_length(group);
		if (*ncreds > 0)
			visit_holds(v, "%zu credential(s): cards, PINs or "
			    "mobile passes", *ncreds);
		if (*nres > 0)
			visit_holds(v, "%zu reservation(s)", *nres);
		document_rules(v, rules);
		visit_before(v, "credentials", json_object_get(creds));
		visit_before(v, "reservations", json_object_get(res));
		visit_before(v, "group_reservations", json_object_get(group));
	}
	json_object_put(creds);
	json_object_put(res);
	json_object_put(group);
	json_object_put(rules);
	return out;
}

enum outcome
doorflow_document(struct visit *v)
{
	struct json_object *person = NULL;
	size_t ncreds = 0, nres = 0;
	enum outcome out = doorflow_person(v, &person);

	if (out == OUT_OK) {
		document_person(v, person);
		out = document_lists(v, &ncreds, &nres);
	}
	json_object_put(person);
	if (out == OUT_GONE)
		return visit_end(v, OUT_RETRY, "%s lost person %s while being "
		    "read", v->sys->name, v->account);
	if (out != OUT_OK)
		return out;
	return visit_end(v, OUT_VERIFIED, "holds %zu credential(s) and %zu "
	    "reservation(s) as person %s", ncreds, nres, v->account);
}
