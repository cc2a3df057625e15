/*
 * company_staff.c: makes the records of all systems out of one short entry a
 * person; every secret it makes up must be easy to search for.
 */
#include "staff.h"

#include <stdio.h>
#include <string.h>

long long
staff_seq(json_object *t, const char *key, long long from)
{
	long long n = js_int(t, key, from);

	js_set_int(t, key, n + 1);
	return n;
}

const char *
staff_email(struct hire *h)
{
	const char *s = js_str(h->part, "email");

	return s[0] != '\0' ? s : js_str(h->entry, "email");
}

/* Adds the id of the row with this name or id; -1 when there is none. */
static int
staff_pick(json_object *out, json_object *table, json_object *want)
{
	const char *s = json_object_get_string(want);
	json_object *row = NULL;

	if (json_object_is_type(want, json_type_int))
		row = js_find_int(table, "id", json_object_get_int64(want));
	else if (json_object_is_type(want, json_type_string)) {
		row = js_find(table, "name", s);
		if (row == NULL)
			row = js_find(table, "id", s);
	}
	if (row == NULL)
		return -1;
	js_add(out, js_ref(js_get(row, "id")));
	return 0;
}

/* Groups or roles: a list of names or ids, or how many of the table. */
int
staff_list(struct hire *h, json_object *o, const char *name)
{
	json_object *want = js_get(h->part, name), *table, *out;
	long long n = js_int(h->part, name, -1);
	size_t i;

	table = js_arr(h->t, name);
	out = js_arr(o, name);
	for (i = 0; n > 0 && i < js_len(table) && i < (size_t)n; i++)
		js_add(out, js_ref(js_get(js_at(table, i), "id")));
	for (i = 0; i < js_len(want); i++) {
		if (staff_pick(out, table, js_at(want, i)) != 0) {
			snprintf(h->err, h->size, "%s: no such entry in %s",
			    staff_email(h), name);
			return -1;
		}
	}
	return 0;
}

static void
staff_mobile(struct hire *h, json_object *o)
{
	char text[256];

	snprintf(text, sizeof(text), "https://wallet.example/SECRET-URL-%s",
	    h->local);
	js_set_str(o, "label", "Mobile pass");
	js_set_int(o, "credential_type_id", 7);
	js_set_str(o, "value", NULL);
	js_set_str(o, "status", "active");
	js_set_str(o, "url", text);
	js_set_str(o, "wallet_type", "apple");
}

static void
staff_credential(struct hire *h, long long person, const char *kind, int copy)
{
	json_object *o = json_object_new_object();
	bool pin = strcmp(kind, "pin") == 0;
	char text[256], tail[16] = "";
	long long seq = staff_seq(h->t, "_next_credential", 1);

	if (copy > 0)
		snprintf(tail, sizeof(tail), "-%d", copy + 1);
	snprintf(text, sizeof(text), "cr%05llx", seq * 7919);
	js_set_str(o, "id", text);
	js_set_int(o, "person_id", person);
	if (strcmp(kind, "mobile") == 0)
		staff_mobile(h, o);
	else {
		snprintf(text, sizeof(text), "SECRET-%s-%s%s",
		    pin ? "PIN" : "CARD", h->local, tail);
		js_set_str(o, "label", pin ? "PIN" : "Card");
		js_set_int(o, "credential_type_id", pin ? 6 : 5);
		js_set_str(o, "value", text);
	}
	js_add(js_arr(h->t, "credentials"), o);
}

static void
staff_reservation(struct hire *h, long long person, bool group)
{
	json_object *o = json_object_new_object(), *a, *row;

	a = json_object_new_array();
	row = js_at(js_arr(h->t, group ? "groups" : "channels"), 0);
	if (row != NULL)
		js_add(a, js_ref(js_get(row, "id")));
	js_set_int(o, "id", staff_seq(h->t, "_next_reservation", 700));
	js_set_int(o, "person_id", person);
	clock_set(o, "start_time", h->now + 3600000);
	clock_set(o, "end_time", h->now + 7200000);
	js_set(o, group ? "group_ids" : "channel_ids", a);
	if (group)
		js_set_str(o, "state", "pending");
	clock_set(o, "created_at", h->now - 86400000);
	clock_set(o, "updated_at", h->now - 86400000);
	js_add(js_arr(h->t, group ? "group_reservations" : "reservations"),
	    o);
}

/* All that hangs on a person record. */
static void
staff_belongings(struct hire *h, json_object *p, int copy)
{
	json_object *creds = js_get(h->part, "credentials");
	long long id = js_int(p, "id", 0), n;
	size_t i;

	if (creds == NULL)
		staff_credential(h, id, "card", copy);
	for (i = 0; i < js_len(creds); i++)
		staff_credential(h, id,
		    json_object_get_string(js_at(creds, i)), copy);
	for (n = js_int(h->part, "reservations", 0); n > 0; n--)
		staff_reservation(h, id, false);
	for (n = js_int(h->part, "group_reservations", 0); n > 0; n--)
		staff_reservation(h, id, true);
	for (n = js_int(h->part, "events", 0); n > 0; n--)
		events_add(h->t, js_at(js_arr(h->t, "channels"), 0), p, true,
		    h->now - 3600000);
}

static int
staff_doorflow(struct hire *h, int copy)
{
	json_object *p = json_object_new_object();
	long long id = staff_seq(h->t, "_next_person", 5001);
	char text[32];

	snprintf(text, sizeof(text), "E%05lld", id);
	js_set_int(p, "id", id);
	js_set_str(p, "first_name", js_str(h->entry, "first"));
	js_set_str(p, "last_name", js_str(h->entry, "last"));
	js_set_str(p, "email", staff_email(h));
	js_set_str(p, "system_id", text);
	if (js_has(h->part, "department"))
		js_set_str(p, "department", js_str(h->part, "department"));
	js_set_bool(p, "enabled", js_bool(h->part, "enabled", true));
	js_set_str(p, "notes", NULL);
	js_add(js_arr(h->t, "people"), p);
	if (staff_list(h, p, "groups") != 0 || staff_list(h, p, "roles") != 0)
		return -1;
	staff_belongings(h, p, copy);
	return 0;
}

static void
staff_key(struct hire *h, const char *user, long long n, bool operator)
{
	json_object *o = json_object_new_object();
	char text[256];

	snprintf(text, sizeof(text), "AK-%s-%03lld", h->local, n);
	js_set_str(o, "accessKey", operator ? "AK-demo-operator" : text);
	snprintf(text, sizeof(text), "SECRET-KEY-%s-%03lld", h->local, n);
	js_set_str(o, "secretKey", operator ? "demo-acceldata-secret" : text);
	snprintf(text, sizeof(text), "key %lld", n);
	js_set_str(o, "displayName", text);
	js_set_str(o, "email", staff_email(h));
	js_set_str(o, "userName", h->local);
	js_set_int(o, "createdAt", h->now - 86400000LL * 30);
	js_set_int(o, "validTill", h->now + 86400000LL * 300);
	js_set_str(o, "userId", user);
	js_add(js_arr(h->t, "api_keys"), o);
}

static void
staff_pipeline(struct hire *h, const char *name)
{
	json_object *o = json_object_new_object();
	json_object *meta = json_object_new_object();
	json_object *context = json_object_new_object();

	js_set_int(o, "id", staff_seq(h->t, "_next_pipe", 301));
	js_set_str(o, "uid", name);
	js_set_str(o, "name", name);
	js_set_str(o, "description", "A pipeline of the simulated company");
	js_set_bool(o, "enabled", true);
	js_set_str(o, "interval", "DAILY");
	js_set_str(meta, "owner", staff_email(h));
	js_set_str(meta, "team", "data");
	js_set_str(meta, "codeLocation", "git.corp.example/pipelines");
	js_set(o, "meta", meta);
	js_set_str(context, "schedule", "0 4 * * *");
	js_set_str(context, "source", "warehouse");
	js_set(o, "context", context);
	js_set_int(o, "createdAt", h->now - 86400000LL * 90);
	js_add(js_arr(h->t, "pipelines"), o);
}

static void
staff_service(struct hire *h, const char *name)
{
	json_object *o = json_object_new_object(), *k, *a;
	char text[256];

	snprintf(text, sizeof(text), "su-%s", name);
	js_set_str(o, "id", text);
	js_set_str(o, "username", name);
	snprintf(text, sizeof(text), "%s@service.corp.example", name);
	js_set_str(o, "email", text);
	js_set_bool(o, "enabled", true);
	js_set_str(o, "createdBy", staff_email(h));
	js_set_int(o, "createdOn", h->now - 86400000LL * 90);
	js_set_str(o, "description", "A robot of the simulated company");
	k = json_object_new_object();
	snprintf(text, sizeof(text), "AK-%s", name);
	js_set_str(k, "accessKey", text);
	snprintf(text, sizeof(text), "SECRET-KEY-%s", name);
	js_set_str(k, "secretKey", text);
	js_set_str(k, "displayName", name);
	js_set_str(k, "email", js_str(o, "email"));
	js_set_int(k, "createdAt", h->now - 86400000LL * 90);
	js_set_int(k, "validTill", h->now + 86400000LL * 300);
	js_add(js_arr(o, "apiKeys"), k);
	js_set(o, "domainRoleMappings", json_object_new_array());
	a = js_arr(o, "roles");
	js_add(a, json_object_new_int64(2));
	js_add(js_arr(h->t, "service_users"), o);
}

static void
staff_property(struct hire *h, const char *user)
{
	json_object *a;
	long long n = js_int(h->part, "keys", 0), i;
	size_t k;

	if (js_bool(h->part, "operator", false))
		staff_key(h, user, 0, true);
	for (i = 1; i <= n; i++)
		staff_key(h, user, i, false);
	a = js_get(h->part, "pipelines");
	for (k = 0; k < js_len(a); k++)
		staff_pipeline(h, json_object_get_string(js_at(a, k)));
	a = js_get(h->part, "service_users");
	for (k = 0; k < js_len(a); k++)
		staff_service(h, json_object_get_string(js_at(a, k)));
}

static int
staff_acceldata(struct hire *h)
{
	json_object *u = json_object_new_object();
	char id[32];

	snprintf(id, sizeof(id), "user-%04lld",
	    staff_seq(h->t, "_next_user", 1001));
	js_set_str(u, "userId", id);
	js_set_str(u, "email", staff_email(h));
	js_set_str(u, "firstName", js_str(h->entry, "first"));
	js_set_str(u, "lastName", js_str(h->entry, "last"));
	js_set_bool(u, "enabled", js_bool(h->part, "enabled", true));
	js_set_bool(u, "isEmailVerified", true);
	js_set_bool(u, "scimManaged", js_bool(h->part, "scim", false));
	js_set_bool(u, "_operator", js_bool(h->part, "operator", false));
	js_set_int(u, "createdOn", h->now - 86400000LL * 400);
	js_set_str(u, "createdBy", "it.admin@corp.example");
	js_set_int(u, "lastAccessOn", h->now - 3600000);
	js_set_int(u, "updatedOn", h->now - 86400000LL * 40);
	js_set_str(u, "updatedBy", NULL);
	js_set(u, "attributes", js_has(h->part, "attributes") ?
	    js_copy(js_get(h->part, "attributes")) :
	    json_object_new_object());
	js_add(js_arr(h->t, "users"), u);
	if (staff_list(h, u, "groups") != 0 || staff_list(h, u, "roles") != 0)
		return -1;
	staff_property(h, id);
	return 0;
}

/* Is every list of names in the entry one? */
static bool
staff_names_valid(json_object *entry)
{
	static const char *const lists[][2] = {
		{ "doorflow", "credentials" },
		{ "acceldata", "pipelines" },
		{ "acceldata", "service_users" },
		{ "scim", "emails" },
	};
	json_object *v;
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		v = js_get(js_get(entry, lists[i][0]), lists[i][1]);
		if (v != NULL && !js_all(v, json_type_string))
			return false;
	}
	return true;
}

static int
staff_files(struct hire *h)
{
	long long n, i;

	h->part = js_get(h->entry, "fastio");
	h->t = js_get(h->root, "fastio");
	n = h->part == NULL ? 0 : js_int(h->part, "copies", 1);
	for (i = 0; i < n; i++)
		if (files_hire(h) != 0)
			return -1;
	return 0;
}

static int
staff_vanta(struct hire *h)
{
	long long n, i;

	h->part = js_get(h->entry, "vanta");
	h->t = js_get(h->root, "vanta");
	n = h->part == NULL ? 0 : js_int(h->part, "copies", 1);
	for (i = 0; i < n; i++)
		if (vanta_hire(h) != 0)
			return -1;
	return 0;
}

static int
staff_scim(struct hire *h)
{
	long long n, i;

	h->part = js_get(h->entry, "scim");
	h->t = js_get(h->root, "scim");
	n = h->part == NULL ? 0 : js_int(h->part, "copies", 1);
	for (i = 0; i < n; i++)
		if (scim_hire(h, i) != 0)
			return -1;
	return 0;
}

static int
staff_hire(struct hire *h)
{
	const char *email = js_str(h->entry, "email");
	long long n, i;

	if (email[0] == '\0' || !staff_names_valid(h->entry)) {
		snprintf(h->err, h->size, "staff entry %s: %s", email,
		    email[0] == '\0' ? "no email" : "a list of names is not");
		return -1;
	}
	snprintf(h->local, sizeof(h->local), "%.*s",
	    (int)strcspn(email, "@"), email);
	h->filler = js_bool(h->entry, "_filler", false);
	h->part = js_get(h->entry, "doorflow");
	h->t = js_get(h->root, "doorflow");
	n = h->part == NULL ? 0 : js_int(h->part, "copies", 1);
	for (i = 0; i < n; i++)
		if (staff_doorflow(h, (int)i) != 0)
			return -1;
	h->part = js_get(h->entry, "acceldata");
	h->t = js_get(h->root, "acceldata");
	if (h->part != NULL && staff_acceldata(h) != 0)
		return -1;
	if (staff_files(h) != 0 || staff_vanta(h) != 0)
		return -1;
	return staff_scim(h);
}

/* Adds everybody in the list, in order; -1 and a message at the first bad. */
int
company_staff(json_object *root, json_object *staff, char *err, size_t size)
{
	struct hire h;
	size_t i;

	memset(&h, 0, sizeof(h));
	h.root = root;
	h.now = clock_ms();
	h.err = err;
	h.size = size;
	for (i = 0; i < js_len(staff); i++) {
		h.entry = js_at(staff, i);
		if (staff_hire(&h) != 0)
			return -1;
	}
	return 0;
}
