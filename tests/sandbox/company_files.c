/*
 * company_files.c: people, workspaces and shares of the file service out of
 * the short form; every number it gives has more digits than a double or a
 * 64-bit integer holds.
 */
#include "fastio.h"
#include "staff.h"

#include <stdio.h>
#include <string.h>

#define FILES_ORG "9412870056310027841"
#define FILES_EXT "9412870056310027842"

/*
 * Ids of one kind differ in their last digits only. The crowd gets three
 * forms: 20 digits beyond 64 bits, 19 beyond 63, and 20 within 64.
 */
const char *
files_id(json_object *t, const char *kind, char buf[FASTIO_ID])
{
	static const struct {
		const char *kind;
		const char *head;
	} kinds[] = {
		{ "user", "98217364509182736" },
		{ "workspace", "47216600391285540" },
		{ "share", "58810037264419355" },
		{ "invite", "61120938475610293" },
		{ "event", "70055129384756610" },
		{ "session", "33119984276650128" },
	};
	static const char *const crowd[] = {
		"982173645091", "95512837465", "123456789012"
	};
	long long n;
	char key[32];
	size_t i;

	snprintf(key, sizeof(key), "_next_%s", kind);
	n = js_int(t, key, 1);
	js_set_int(t, key, n + 1);
	if (strcmp(kind, "filler") == 0) {
		snprintf(buf, FASTIO_ID, "%s%08lld", crowd[n % 3],
		    34000000 + n);
		return buf;
	}
	for (i = 0; i + 1 < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			break;
	snprintf(buf, FASTIO_ID, "%s%03lld", kinds[i].head, n);
	return buf;
}

/* The place of this name, made when it is not there yet. */
json_object *
files_place(json_object *t, const char *name, long long now)
{
	bool share = strncmp(name, "share:", 6) == 0;
	bool ext = strncmp(name, "ext:", 4) == 0;
	const char *kind = share ? "share" : "workspace";
	json_object *all, *o;
	char id[FASTIO_ID];

	if (strcmp(name, "org") == 0)
		return place_get(t, "org", FILES_ORG);
	all = js_arr(t, place_table(kind));
	name += share ? 6 : ext ? 4 : 0;
	if ((o = js_find(all, "name", name)) != NULL)
		return o;
	o = json_object_new_object();
	js_set_str(o, "id", files_id(t, kind, id));
	js_set_str(o, "name", name);
	js_set_str(o, "org_id", ext ? FILES_EXT : FILES_ORG);
	js_set_str(o, "_kind", kind);
	clock_plain(o, "created", now - 86400000LL * 200);
	js_obj(o, "_members");
	js_add(all, o);
	return o;
}

/* The user is this in all the places of a list. */
static void
files_join(struct hire *h, const char *id, const char *list, const char *role)
{
	json_object *names = js_get(h->part, list), *place;
	const char *name;
	size_t i;

	for (i = 0; i < js_len(names); i++) {
		name = json_object_get_string(js_at(names, i));
		place = files_place(h->t, name, h->now);
		if (strcmp(role, "pending") != 0)
			(void)members_row(place, id, role,
			    h->now - 86400000LL * 100);
		else
			(void)invites_add(h->t, place, staff_email(h),
			    "member", h->now - 86400000);
	}
}

static void
files_token(struct hire *h, const char *user, long long n)
{
	json_object *o = json_object_new_object();
	char text[256];

	snprintf(text, sizeof(text), "tok-%s-%03lld", h->local, n);
	js_set_str(o, "id", text);
	js_set_str(o, "user_id", user);
	snprintf(text, sizeof(text), "token %lld", n);
	js_set_str(o, "name", text);
	snprintf(text, sizeof(text), "SECRET-TOKEN-%s-%03lld", h->local, n);
	js_set_str(o, "token", text);
	clock_set(o, "created_at", h->now - 86400000LL * 30);
	js_add(js_arr(h->t, "api_tokens"), o);
}

static void
files_session(struct hire *h, const char *user, long long n)
{
	json_object *o = json_object_new_object();
	char text[256];

	snprintf(text, sizeof(text), "ses-%s-%lld", h->local, n);
	js_set_str(o, "id", text);
	js_set_str(o, "user_id", user);
	js_set_str(o, "user_agent", n % 2 == 0 ? "browser" : "agent");
	clock_set(o, "created_at", h->now - 3600000 * n);
	js_add(js_arr(h->t, "sessions"), o);
}

static void
files_hook(struct hire *h, const char *user, long long n)
{
	json_object *o = json_object_new_object();
	char text[256];

	snprintf(text, sizeof(text), "hook-%s-%lld", h->local, n);
	js_set_str(o, "id", text);
	js_set_str(o, "user_id", user);
	snprintf(text, sizeof(text), "https://agents.example/%s/%lld",
	    h->local, n);
	js_set_str(o, "url", text);
	snprintf(text, sizeof(text), "SECRET-HOOK-%s-%lld", h->local, n);
	js_set_str(o, "secret", text);
	js_add(js_arr(h->t, "webhooks"), o);
}

static void
files_things(struct hire *h, const char *user)
{
	long long i;

	for (i = 1; i <= js_int(h->part, "tokens", 0); i++)
		files_token(h, user, i);
	for (i = 1; i <= js_int(h->part, "sessions", 0); i++)
		files_session(h, user, i);
	for (i = 1; i <= js_int(h->part, "webhooks", 0); i++)
		files_hook(h, user, i);
}

/* The demo tokens are this person's, and so is the organization. */
static void
files_operator(struct hire *h, const char *id)
{
	static const char text[] = "[{\"token\":\"demo-fastio-token\","
	    "\"scopes\":[\"org:" FILES_ORG ":rw\"],"
	    "\"_guide_scopes\":[\"org:admin\",\"users:manage\"]},"
	    "{\"token\":\"demo-fastio-readonly\","
	    "\"scopes\":[\"org:" FILES_ORG ":r\"],\"_readonly\":true,"
	    "\"_guide_scopes\":[]}]";
	json_object *a = js_parse(text, sizeof(text) - 1), *o;
	size_t i;

	js_set_str(h->t, "_operator", id);
	for (i = 0; i < js_len(a); i++) {
		js_set_str(js_at(a, i), "user_id", id);
		js_add(js_arr(h->t, "tokens"), js_ref(js_at(a, i)));
	}
	json_object_put(a);
	o = json_object_new_object();
	js_set_str(o, "id", "key-offboarding");
	js_set_str(o, "user_id", id);
	js_set_str(o, "memo", "offboarding");
	js_add(js_arr(h->t, "keys"), o);
	(void)members_row(files_place(h->t, "org", h->now), id, "owner",
	    h->now - 86400000LL * 400);
}

static bool
files_names_valid(struct hire *h)
{
	static const char *const lists[] = { "owns", "member", "invites" };
	json_object *v;
	size_t i;

	for (i = 0; i < 3; i++) {
		v = js_get(h->part, lists[i]);
		if (v != NULL && !js_all(v, json_type_string)) {
			snprintf(h->err, h->size, "%s: %s is no list of names",
			    staff_email(h), lists[i]);
			return false;
		}
	}
	return true;
}

int
files_hire(struct hire *h)
{
	json_object *u = json_object_new_object();
	const char *role = js_str(h->part, "permissions");
	char id[FASTIO_ID];

	files_id(h->t, h->filler ? "filler" : "user", id);
	js_set_str(u, "id", id);
	js_set_str(u, "email", staff_email(h));
	js_set_str(u, "first_name", js_str(h->entry, "first"));
	js_set_str(u, "last_name", js_str(h->entry, "last"));
	js_set(js_obj(h->t, "users"), id, u);
	if (!files_names_valid(h))
		return -1;
	if (js_bool(h->part, "operator", false))
		files_operator(h, id);
	else if (strcmp(role, "none") != 0)
		(void)members_row(files_place(h->t, "org", h->now), id,
		    role[0] == '\0' ? "member" : role,
		    h->now - 86400000LL * 300);
	files_join(h, id, "member", "member");
	files_join(h, id, "owns", "owner");
	files_join(h, id, "invites", "pending");
	files_things(h, id);
	return 0;
}

static bool
files_has_owner(json_object *place)
{
	struct json_object_iter it;

	json_object_object_foreachC(js_obj(place, "_members"), it) {
		if (strcmp(js_str(it.val, "permissions"), "owner") == 0)
			return true;
	}
	return false;
}

/*
 * What nobody owns is the operator's; a foreign workspace is the partner's,
 * and the operator is let in as an administrator.
 */
void
files_finish(json_object *t, long long now)
{
	static const char *const tables[] = { "workspaces", "shares" };
	const char *id = js_str(t, "_operator"), *owner;
	json_object *all, *o;
	size_t i, k;
	bool ext;

	for (k = 0; k < 2; k++) {
		all = js_arr(t, tables[k]);
		for (i = 0; i < js_len(all); i++) {
			o = js_at(all, i);
			ext = strcmp(js_str(o, "org_id"), FILES_EXT) == 0;
			owner = ext ? "98217364509182735001" : id;
			if (files_has_owner(o))
				continue;
			(void)members_row(o, owner, "owner", now);
			if (ext)
				(void)members_row(o, id, "admin", now);
		}
	}
}
