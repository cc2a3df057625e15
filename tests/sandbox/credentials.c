/*
 * credentials.c: cards, PINs and mobile passes; it must not answer without
 * the secrets the real service answers with, so that leaks can be found.
 */
#include "sandbox.h"

#include <stdio.h>
#include <string.h>

static json_object *
credentials_type(json_object *t, json_object *cred)
{
	return js_find_int(js_arr(t, "credential_types"), "id",
	    js_int(cred, "credential_type_id", 0));
}

static bool
credentials_mobile(json_object *cred)
{
	return js_has(cred, "status") && js_str(cred, "status")[0] != '\0';
}

/* Mobile passes are revoked by somebody else, which takes a moment. */
void
credentials_tick(json_object *root, json_object *t, long long now)
{
	json_object *all = js_arr(t, "credentials"), *o;
	long long wait = js_int(root, "revoke_ms", 300);
	size_t i;

	for (i = 0; i < js_len(all); i++) {
		o = js_at(all, i);
		if (strcmp(js_str(o, "status"), "revoking") == 0 &&
		    js_int(o, "_revoking_ms", 0) + wait <= now)
			js_set_str(o, "status", "revoked");
	}
}

/* Who has anything left to hold against a reader, by number. */
json_object *
credentials_holders(json_object *t)
{
	json_object *all = js_arr(t, "credentials"), *o, *out;
	char key[32];
	size_t i;

	out = json_object_new_object();
	for (i = 0; i < js_len(all); i++) {
		o = js_at(all, i);
		if (!js_bool(o, "_enabled", true) || (credentials_mobile(o) &&
		    strcmp(js_str(o, "status"), "active") != 0))
			continue;
		snprintf(key, sizeof(key), "%lld", js_int(o, "person_id", 0));
		js_set_bool(out, key, true);
	}
	return out;
}

/* Adds the secret members a live person record carries. */
void
credentials_slugs(json_object *t, json_object *view, long long person)
{
	json_object *all = js_arr(t, "credentials"), *o;
	const char *slug;
	size_t i;

	for (i = 0; i < js_len(all); i++) {
		o = js_at(all, i);
		slug = js_str(credentials_type(t, o), "slug");
		if (js_int(o, "person_id", 0) == person && slug[0] != '\0' &&
		    !credentials_mobile(o) && !js_has(view, slug))
			js_set_str(view, slug, js_str(o, "value"));
	}
}

/* A person record was sent with a slug: set that value, or take it away. */
void
credentials_set_slug(json_object *t, long long person, json_object *type,
    json_object *value)
{
	json_object *all = js_arr(t, "credentials"), *o = NULL;
	long long id = js_int(type, "id", 0), seq;
	char name[48];
	size_t i;

	for (i = 0; i < js_len(all) && o == NULL; i++)
		if (js_int(js_at(all, i), "person_id", 0) == person &&
		    js_int(js_at(all, i), "credential_type_id", 0) == id)
			o = js_at(all, i);
	doorflow_touch(t);
	if (value == NULL || json_object_get_string_len(value) == 0) {
		js_drop(all, o);
		return;
	}
	if (o == NULL) {
		seq = js_int(t, "_next_id", 90000);
		js_set_int(t, "_next_id", seq + 1);
		snprintf(name, sizeof(name), "cr%llx", seq * 7919);
		o = json_object_new_object();
		js_set_str(o, "id", name);
		js_set_int(o, "credential_type_id", id);
		js_set_str(o, "label", js_str(type, "label"));
		js_set_int(o, "person_id", person);
		js_add(all, o);
	}
	js_set(o, "value", js_ref(value));
}

/* The guide reads two members which the contract does not have. */
static json_object *
credentials_view(struct ctx *c, json_object *cred)
{
	json_object *o = js_public(cred);

	if (reply_is_guide(c)) {
		js_set_bool(o, "enabled", js_bool(cred, "_enabled", true));
		js_set_str(o, "credential_type_name",
		    js_str(credentials_type(c->t, cred), "label"));
	}
	return o;
}

static void
credentials_reply(struct ctx *c, long long person)
{
	json_object *a = json_object_new_array();
	json_object *all = js_arr(c->t, "credentials");
	size_t i;

	for (i = 0; i < js_len(all); i++)
		if (person == 0 ||
		    js_int(js_at(all, i), "person_id", 0) == person)
			js_add(a, credentials_view(c, js_at(all, i)));
	reply_list(c, a, "credentials", 500, 1000);
}

void
credentials_list(struct ctx *c)
{
	json_object *p = people_find(c->t, c->arg[0]);

	if (p == NULL)
		reply_doorflow(c, 404, "not_found",
		    "The requested resource was not found");
	else
		credentials_reply(c, js_int(p, "id", 0));
}

void
credentials_all(struct ctx *c)
{
	credentials_reply(c, 0);
}

void
credentials_types(struct ctx *c)
{
	reply_list(c, js_ref(js_arr(c->t, "credential_types")),
	    "credential_types", 500, 1000);
}

static json_object *
credentials_want(struct ctx *c)
{
	json_object *p = people_find(c->t, c->arg[0]), *o;

	o = js_find(js_arr(c->t, "credentials"), "id", c->arg[1]);
	if (p == NULL || o == NULL ||
	    js_int(o, "person_id", 0) != js_int(p, "id", -1)) {
		reply_doorflow(c, 404, "not_found",
		    "The requested resource was not found");
		return NULL;
	}
	return o;
}

void
credentials_get(struct ctx *c)
{
	json_object *o = credentials_want(c);

	if (o != NULL)
		reply_json(c, 200, credentials_view(c, o));
}

/*
 * The contract knows one property, value, and requires it; the guide sends
 * enabled instead. Each dialect refuses what the other one sends.
 */
void
credentials_put(struct ctx *c)
{
	json_object *o = credentials_want(c), *in, *v;
	const char *key = reply_is_guide(c) ? "enabled" : "value";

	if (o == NULL)
		return;
	in = js_get(c->in, "person_credential");
	v = js_get(in, key);
	if (json_object_object_length(c->in) != 1 ||
	    !json_object_is_type(in, json_type_object)) {
		reply_field(c, "person_credential", "is required");
		return;
	}
	if (!json_object_is_type(v, reply_is_guide(c) ? json_type_boolean :
	    json_type_string) || json_object_object_length(in) != 1) {
		reply_field(c, key, "is required, and nothing else");
		return;
	}
	if (reply_is_guide(c))
		js_set(o, "_enabled", js_ref(v));
	else if (credentials_mobile(o)) {
		reply_field(c, "value", "can't be set for this type");
		return;
	} else
		js_set(o, "value", js_ref(v));
	doorflow_touch(c->t);
	reply_json(c, reply_is_guide(c) ? 200 : 201, credentials_view(c, o));
}

void
credentials_delete(struct ctx *c)
{
	json_object *o = credentials_want(c);

	if (o == NULL)
		return;
	if (strcmp(js_str(o, "status"), "revoked") == 0) {
		reply_field(c, "status", "is already revoked");
		return;
	}
	doorflow_touch(c->t);
	if (!credentials_mobile(o)) {
		js_drop(js_arr(c->t, "credentials"), o);
		reply_text(c, 200, "OK");
		return;
	}
	if (strcmp(js_str(o, "status"), "revoking") != 0) {
		js_set_str(o, "status", "revoking");
		js_set_int(o, "_revoking_ms", c->now);
	}
	reply_text(c, 202, "Accepted");
}
