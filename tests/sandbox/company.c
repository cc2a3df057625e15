/*
 * company.c: turns a company file into tables; it must not make anything up
 * that the file could have said and did say.
 *
 * A company file is one JSON object. Everything in it may be left out.
 *
 *   any setting of settings.c, among them
 *   "dialect"        "found" (default) or "guide"
 *   "sync_limit_ms"  least time between two syncs (30000)
 *   "sync_time_ms"   how long a sync takes (300)
 *   "sync_always"    sync even if nothing changed (false)
 *   "revoke_ms"      how long revoking a mobile pass takes (300)
 *   "token_ttl_s"    life of an access token (3600)
 *   "fillers"        N more people in all systems (0)
 *   "staff"          people in the short form, in order:
 *
 *     { "email": "a@corp.example", "first": "Ann", "last": "Field",
 *       "employee_id": "E-1",    externalId and employeeNumber in SCIM
 *       "doorflow": {            absent: not in this system
 *         "email": "A@Corp.example",   overrides the one above
 *         "enabled": true, "department": "Sales",
 *         "groups": ["All staff"] or 2,    names or ids; a number: the
 *         "roles": ["Office hours"] or 1,  first so many of the table
 *         "credentials": ["card","pin","mobile"],  default ["card"]
 *         "reservations": 1, "group_reservations": 0,
 *         "events": 1,           door openings an hour ago
 *         "copies": 2 },         so many records with this address
 *       "acceldata": {
 *         "email": ..., "enabled": true,
 *         "scim": false,         managed by an identity provider
 *         "operator": false,     owns the demo key, may do everything
 *         "groups": [...] or N, "roles": [...] or N,
 *         "keys": 60, "pipelines": ["name"],    owner of
 *         "service_users": ["name"],            creator of
 *         "attributes": {"team": ["data"]} },
 *       "fastio": {
 *         "email": ..., "copies": 1,
 *         "permissions": "member",   in the organization, or "none"
 *         "operator": false,     owns the demo tokens and the organization
 *         "owns": ["Plans", "share:Kit"], "member": ["ext:Portal"],
 *         "invites": ["org"],    pending; a place comes into being when
 *                                first named, what nobody owns is the
 *                                operator's
 *         "sessions": 3, "tokens": 60, "webhooks": 2 },    guide only
 *       "vanta": {
 *         "email": ..., "copies": 1, "groups": [...] or N,
 *         "employment": "CURRENT",
 *         "acknowledger": false, has the id that the product is given
 *         "accounts": ["GitHub: ann"],       monitored, still active
 *         "tasks_open": ["name"], "tasks_done": ["name"],
 *         "complete": false },   offboarded before
 *       "scim": {
 *         "email": ..., "userName": ..., "emails": ["a@b.example"],
 *         "externalId": true,    false: has none
 *         "active": true, "groups": [...] or N, "copies": 1 } }
 *
 *   "doorflow", "acceldata", "fastio", "vanta", "scim", "hook", "smtp"
 *       whole tables in the form of the API, each of which replaces the
 *       built-in one before staff is added. Members beginning with "_"
 *       are the simulator's own and are never answered.
 *       doorflow: account, oauth, people, credentials, credential_types,
 *         groups, roles, reservations, group_reservations,
 *         notification_rules, channels, events
 *       acceldata: client_id, users (groups: ids, roles: ids), groups
 *         (roles: ids), roles, api_keys (with userId), service_users
 *         (roles: ids), pipelines, junk_pipelines
 *       fastio: tokens, keys, users (by id), orgs, workspaces, shares (each
 *         with _members by user id), invites, events, sessions,
 *         api_tokens, webhooks, logs
 *       vanta: oauth, people (by id), groups
 *       scim: users (by id), groups
 *       Objects are merged: {"oauth":{"scopes":[...]}} is enough.
 *
 * What GET /state on the control port answers is a company file again.
 */
#include "staff.h"

#include <stdio.h>
#include <string.h>

static const char *const company_members[] = {
	"fillers", "staff", "doorflow", "acceldata", "fastio", "vanta", "scim",
	"hook", "smtp", "doors", "about",
};

static bool
company_knows(const char *key)
{
	size_t i;

	for (i = 0; i < sizeof(company_members) / sizeof(company_members[0]);
	    i++)
		if (strcmp(company_members[i], key) == 0)
			return true;
	return settings_knows(key);
}

static int
company_settings(json_object *form, json_object *root, char *err, size_t size)
{
	struct json_object_iter it;

	json_object_object_foreachC(form, it) {
		if (!company_knows(it.key)) {
			snprintf(err, size, "unknown member \"%s\"", it.key);
			return -1;
		}
	}
	return settings_apply(root, form, true, err, size);
}

/* Puts the tables of the file over the built-in ones. */
static int
company_overlay(json_object *t, json_object *form, char *err, size_t size)
{
	struct json_object_iter it, at;
	json_object *old;

	if (form == NULL)
		return 0;
	if (!json_object_is_type(form, json_type_object)) {
		snprintf(err, size, "a system has to be an object");
		return -1;
	}
	json_object_object_foreachC(form, it) {
		old = js_get(t, it.key);
		if (json_object_is_type(old, json_type_array) &&
		    !js_all(it.val, json_type_object)) {
			snprintf(err, size, "%s has to hold objects", it.key);
			return -1;
		}
		if (!json_object_is_type(old, json_type_object)) {
			js_set(t, it.key, js_copy(it.val));
			continue;
		}
		if (!json_object_is_type(it.val, json_type_object)) {
			snprintf(err, size, "%s has to be an object", it.key);
			return -1;
		}
		json_object_object_foreachC(it.val, at)
			js_set(old, at.key, js_copy(at.val));
	}
	return 0;
}

static void
company_default_bool(json_object *o, const char *key, bool v)
{
	if (!js_has(o, key))
		js_set_bool(o, key, v);
}

static void
company_complete_people(json_object *t, long long now)
{
	json_object *all = js_arr(t, "people"), *p;
	size_t i;

	for (i = 0; i < js_len(all); i++) {
		p = js_at(all, i);
		company_default_bool(p, "enabled", true);
		js_arr(p, "groups");
		js_arr(p, "roles");
		if (!js_has(p, "created_at"))
			clock_set(p, "created_at", now - 86400000LL * 400);
		if (!js_has(p, "updated_at"))
			clock_set(p, "updated_at", now - 86400000LL * 40);
	}
}

static void
company_complete_users(json_object *t, long long now)
{
	json_object *all = js_arr(t, "users"), *u;
	size_t i;

	for (i = 0; i < js_len(all); i++) {
		u = js_at(all, i);
		company_default_bool(u, "enabled", true);
		company_default_bool(u, "isEmailVerified", true);
		company_default_bool(u, "scimManaged", false);
		js_arr(u, "groups");
		js_arr(u, "roles");
		if (!js_has(u, "attributes"))
			js_set(u, "attributes", json_object_new_object());
		if (!js_has(u, "createdOn"))
			js_set_int(u, "createdOn", now - 86400000LL * 400);
	}
}

/* Is there a user whose key may do everything in the data service? */
static bool
company_has_key(json_object *root)
{
	json_object *users = js_arr(js_get(root, "acceldata"), "users");
	size_t i;

	for (i = 0; i < js_len(users); i++)
		if (js_bool(js_at(users, i), "_operator", false))
			return true;
	return false;
}

/* Without the one who may do everything, nobody could use the services. */
static int
company_operator(json_object *root, char *err, size_t size)
{
	static const char text[] = "[{\"email\":\"it.admin@corp.example\","
	    "\"first\":\"Ivy\",\"last\":\"Admin\","
	    "\"acceldata\":{\"operator\":true,\"roles\":[\"admin\"]},"
	    "\"fastio\":{\"operator\":true},"
	    "\"vanta\":{\"acknowledger\":true}}]";
	json_object *staff = js_parse(text, sizeof(text) - 1), *o;
	int rc;

	o = js_at(staff, 0);
	if (company_has_key(root))
		json_object_object_del(o, "acceldata");
	if (js_has(js_get(root, "fastio"), "_operator"))
		json_object_object_del(o, "fastio");
	if (js_has(js_get(js_get(root, "vanta"), "people"),
	    "5df91759d463fd48218e9f15"))
		json_object_object_del(o, "vanta");
	rc = company_staff(root, staff, err, size);
	json_object_put(staff);
	return rc;
}

static void
company_token(json_object *t, long long now)
{
	json_object *auth = js_get(t, "oauth"), *o;

	if (js_has(auth, "access"))
		return;
	o = json_object_new_object();
	js_set_str(o, "token", "demo-doorflow-token");
	js_set_int(o, "created_at", now / 1000);
	js_set_int(o, "expires_at_ms", now + 86400000LL * 3650);
	js_set(o, "scope", js_ref(js_arr(auth, "scopes")));
	js_add(js_arr(auth, "access"), o);
}

/* The company in a file, ready for use; NULL and a message otherwise. */
json_object *
company_load(json_object *form, char *err, size_t size)
{
	json_object *root = NULL;
	long long now = clock_ms(), n;
	int i, rc = -1;

	if (!json_object_is_type(form, json_type_object)) {
		snprintf(err, size, "a company is a JSON object");
		return NULL;
	}
	root = company_tables();
	n = js_int(form, "fillers", 0);
	if (company_settings(form, root, err, size) != 0)
		goto out;
	for (i = 0; i < SYS_CONTROL; i++)
		if (company_overlay(js_get(root, server_name((enum sys)i)),
		    js_get(form, server_name((enum sys)i)), err, size) != 0)
			goto out;
	/* Half of the crowd comes first: nobody is on page one by luck. */
	company_fillers(root, 0, n / 2);
	if (company_staff(root, js_get(form, "staff"), err, size) != 0)
		goto out;
	company_fillers(root, n / 2, n);
	if (company_operator(root, err, size) != 0)
		goto out;
	company_complete_people(js_get(root, "doorflow"), now);
	company_complete_users(js_get(root, "acceldata"), now);
	company_token(js_get(root, "doorflow"), now);
	files_finish(js_get(root, "fastio"), now);
	doors_init(js_get(root, "doorflow"), now);
	rc = 0;
out:
	if (rc != 0) {
		json_object_put(root);
		root = NULL;
	}
	return root;
}
