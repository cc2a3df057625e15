/*
 * company_scim.c: users of the SCIM service out of the short form; it must
 * not make them easier to find than the form says.
 */
#include "staff.h"

#include <stdio.h>
#include <string.h>

#define CORE "urn:ietf:params:scim:schemas:core:2.0:User"
#define MORE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

static void
scim_mail(json_object *u, const char *value, bool first)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "value", value);
	js_set_str(o, "type", first ? "work" : "home");
	if (first)
		js_set_bool(o, "primary", true);
	js_add(js_arr(u, "emails"), o);
}

/* The addresses the form lists, or else the person's own. */
static void
scim_mails(struct hire *h, json_object *u)
{
	json_object *a = js_get(h->part, "emails");
	size_t i;

	for (i = 0; i < js_len(a); i++)
		scim_mail(u, json_object_get_string(js_at(a, i)), i == 0);
	if (a == NULL)
		scim_mail(u, staff_email(h), true);
}

static void
scim_name(struct hire *h, json_object *u)
{
	json_object *o = json_object_new_object();
	char text[256];

	snprintf(text, sizeof(text), "%s %s", js_str(h->entry, "first"),
	    js_str(h->entry, "last"));
	js_set_str(o, "formatted", text);
	js_set_str(o, "givenName", js_str(h->entry, "first"));
	js_set_str(o, "familyName", js_str(h->entry, "last"));
	js_set(u, "name", o);
	js_set_str(u, "displayName", text);
}

static void
scim_employee(struct hire *h, json_object *u)
{
	const char *id = js_str(h->entry, "employee_id");
	json_object *o;

	if (id[0] == '\0' || !js_bool(h->part, "externalId", true))
		return;
	js_set_str(u, "externalId", id);
	js_add(js_arr(u, "schemas"), json_object_new_string(MORE));
	o = json_object_new_object();
	js_set_str(o, "employeeNumber", id);
	js_set_str(o, "department", "Simulated");
	js_set(u, MORE, o);
}

int
scim_hire(struct hire *h, long long copy)
{
	json_object *u = json_object_new_object(), *meta;
	const char *name = js_str(h->part, "userName");
	char text[256];

	snprintf(text, sizeof(text), "5f0e3a10-0000-4000-%s-%012lld",
	    h->filler ? "9000" : "8000", staff_seq(h->t, h->filler ?
	    "_next_filler" : "_next_user", 1));
	js_add(js_arr(u, "schemas"), json_object_new_string(CORE));
	js_set_str(u, "id", text);
	js_set(js_obj(h->t, "users"), text, u);
	scim_employee(h, u);
	if (name[0] == '\0')
		name = staff_email(h);
	if (copy > 0)
		snprintf(text, sizeof(text), "%s-%lld", name, copy + 1);
	else
		snprintf(text, sizeof(text), "%s", name);
	js_set_str(u, "userName", text);
	scim_name(h, u);
	scim_mails(h, u);
	js_set_str(u, "title", "Clerk");
	js_set_str(u, "locale", "en-GB");
	js_set_bool(u, "active", js_bool(h->part, "active", true));
	meta = json_object_new_object();
	js_set_str(meta, "resourceType", "User");
	clock_set(meta, "created", h->now - 86400000LL * 400);
	clock_set(meta, "lastModified", h->now - 86400000LL * 40);
	js_set(u, "meta", meta);
	js_set_int(u, "_version", 1);
	if (staff_list(h, u, "groups") != 0)
		return -1;
	js_set(u, "_groups", js_ref(js_get(u, "groups")));
	json_object_object_del(u, "groups");
	return 0;
}
