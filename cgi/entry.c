/* Drafts of the form: answers as JSON in the record, for their owner alone.
 * Judges no answer. */
#include "answers.h"

#include <json-c/json.h>
#include <string.h>

#include "csrf.h"

#define SLOT(m) { #m, offsetof(struct answers, m), \
    sizeof(((struct answers *)0)->m) }

static const struct {
	const char	*name;
	size_t		 at, size;
} slots[] = {
	SLOT(email), SLOT(name), SLOT(employee_id), SLOT(login), SLOT(when),
	SLOT(day), SLOT(month), SLOT(year), SLOT(time), SLOT(zone),
	SLOT(emergency), SLOT(heir), SLOT(handover), SLOT(reason), SLOT(seen),
	SLOT(started),
};
#define NSLOTS (sizeof(slots) / sizeof(slots[0]))

static void
entry_read(struct entry *t, const char *fields)
{
	struct json_object *o = json_tokener_parse(fields), *v;
	unsigned i;

	for (i = 0; i < NSLOTS; i++)
		if (json_object_object_get_ex(o, slots[i].name, &v) &&
		    json_object_is_type(v, json_type_string))
			(void)text_copy((char *)&t->a + slots[i].at,
			    slots[i].size, json_object_get_string(v));
	json_object_put(o);
}

int
entry_load(struct web *w, const char *token, struct entry *t, struct err *e)
{
	struct draft d;
	int rc;

	memset(t, 0, sizeof(*t));
	if (strlen(token) != 32 ||
	    strspn(token, "0123456789abcdef") != 32)
		return STORE_NONE;
	rc = draft_get(w->store, token, &d, e);
	if (rc != STORE_OK)
		return rc;
	if (strcmp(d.owner, w->user) != 0)
		rc = STORE_CONFLICT;
	else {
		(void)text_copy(t->token, sizeof(t->token), d.token);
		t->request = d.request;
		entry_read(t, d.fields);
	}
	draft_clear(&d);
	return rc;
}

int
entry_save(struct web *w, struct entry *t, struct err *e)
{
	struct json_object *o = json_object_new_object();
	struct draft d;
	unsigned i;
	int rc = STORE_FAIL;

	memset(&d, 0, sizeof(d));
	if (o == NULL)
		return err_set(e, "out of memory");
	if (t->token[0] == '\0' && csrf_random(t->token, e) == -1)
		goto out;
	for (i = 0; i < NSLOTS; i++)
		json_object_object_add(o, slots[i].name,
		    json_object_new_string((char *)&t->a + slots[i].at));
	(void)text_copy(d.token, sizeof(d.token), t->token);
	(void)text_copy(d.owner, sizeof(d.owner), w->user);
	d.request = t->request;
	d.changed_at = w->now;
	d.fields = strdup(json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN));
	if (d.fields == NULL)
		err_set(e, "out of memory");
	else
		rc = draft_put(w->store, &d, e);
	if (rc == STORE_CONFLICT)
		rc = err_set(e, "this draft is somebody else's");
out:
	draft_clear(&d);
	json_object_put(o);
	return rc;
}
