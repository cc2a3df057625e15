/*
 * fastio_place.c: organizations, workspaces and shares of the file service,
 * and which of them a token reaches; it must not change who is in them.
 */
#include "fastio.h"

#include <string.h>

/* The table behind the word in a path, or NULL. */
const char *
place_table(const char *kind)
{
	if (strcmp(kind, "org") == 0)
		return "orgs";
	if (strcmp(kind, "workspace") == 0)
		return "workspaces";
	return strcmp(kind, "share") == 0 ? "shares" : NULL;
}

json_object *
place_get(json_object *t, const char *kind, const char *id)
{
	const char *table = place_table(kind);

	return table == NULL ? NULL : js_find(js_arr(t, table), "id", id);
}

static json_object *
place_org(json_object *t, json_object *o)
{
	return js_find(js_arr(t, "orgs"), "id", js_str(o,
	    js_has(o, "org_id") ? "org_id" : "id"));
}

/* What the owner of the token is in this place: "" for nothing. */
static const char *
place_role(const struct ctx *c, json_object *o)
{
	return js_str(js_get(js_get(o, "_members"), fastio_self(c)),
	    "permissions");
}

static bool
place_rules(const char *role)
{
	return strcmp(role, "owner") == 0 || strcmp(role, "admin") == 0;
}

/* Those who run the organization see all that is in it. */
static bool
place_sees(const struct ctx *c, json_object *o)
{
	return place_role(c, o)[0] != '\0' ||
	    place_rules(place_role(c, place_org(c->t, o)));
}

/* May the token change who is in this place? Answers 403 if not. */
bool
place_may(struct ctx *c, json_object *o)
{
	if (place_rules(place_role(c, o)) ||
	    place_rules(place_role(c, place_org(c->t, o))))
		return true;
	fastio_no(c, 403, FASTIO_RESTRICTED, "Restricted");
	return false;
}

/* The place a path is about, or NULL after an answer. */
json_object *
place_want(struct ctx *c)
{
	json_object *o = place_get(c->t, c->arg[0], c->arg[1]);

	if (o == NULL) {
		fastio_no(c, 404, FASTIO_NOWHERE, "Not found");
		return NULL;
	}
	if (!place_sees(c, o)) {
		fastio_no(c, 403, FASTIO_RESTRICTED, "Restricted");
		return NULL;
	}
	return o;
}

json_object *
place_view(json_object *o)
{
	return js_public(o);
}

static void
place_list_orgs(struct ctx *c, bool mine)
{
	json_object *all = js_arr(c->t, "orgs"), *ws, *o, *view;
	struct page p;
	size_t i, k;
	bool reached;

	fastio_page(c, &p);
	ws = js_arr(c->t, "workspaces");
	for (i = 0; i < js_len(all); i++) {
		o = js_at(all, i);
		reached = place_role(c, o)[0] != '\0';
		if (reached != mine)
			continue;
		for (k = 0; !mine && !reached && k < js_len(ws); k++)
			reached = strcmp(js_str(js_at(ws, k), "org_id"),
			    js_str(o, "id")) == 0 &&
			    place_role(c, js_at(ws, k))[0] != '\0';
		if (!reached || !page_takes(&p))
			continue;
		view = place_view(o);
		js_set_bool(view, "member", mine);
		if (mine)
			js_set_str(view, "user_status", "joined");
		js_add(p.rows, view);
	}
	fastio_list(c, &p, "orgs");
}

void
place_orgs(struct ctx *c)
{
	place_list_orgs(c, true);
}

void
place_orgs_external(struct ctx *c)
{
	place_list_orgs(c, false);
}

/* All places of a table that the token sees, of one organization or all. */
static void
place_list(struct ctx *c, const char *table, const char *org)
{
	json_object *all = js_arr(c->t, table), *o;
	struct page p;
	size_t i;

	fastio_page(c, &p);
	for (i = 0; i < js_len(all); i++) {
		o = js_at(all, i);
		if ((org == NULL || strcmp(js_str(o, "org_id"), org) == 0) &&
		    place_sees(c, o) && page_takes(&p))
			js_add(p.rows, place_view(o));
	}
	fastio_list(c, &p, table);
}

/* Of a foreign organization one sees the workspaces one is a member of. */
void
place_workspaces(struct ctx *c)
{
	if (place_get(c->t, "org", c->arg[0]) == NULL)
		fastio_no(c, 404, FASTIO_NOWHERE, "Not found");
	else
		place_list(c, "workspaces", c->arg[0]);
}

void
place_all_workspaces(struct ctx *c)
{
	place_list(c, "workspaces", NULL);
}

void
place_shares(struct ctx *c)
{
	place_list(c, "shares", NULL);
}

void
place_details(struct ctx *c)
{
	json_object *o = place_want(c), *top;

	if (o == NULL)
		return;
	top = json_object_new_object();
	js_set(top, c->arg[0], place_view(o));
	fastio_yes(c, top);
}
