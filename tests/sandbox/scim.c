/*
 * scim.c: the paths of the SCIM service, its configuration and its errors;
 * it must not claim to support what the style of the day does not.
 */
#include "scim.h"

#include <stdio.h>
#include <string.h>

#define B "/scim/v2"

/* Every answer that has a body, errors too, is of this type. */
void
scim_reply(struct ctx *c, unsigned int status, json_object *o)
{
	reply_json(c, status, o);
	c->r->type = "application/scim+json";
}

void
scim_no(struct ctx *c, unsigned int status, const char *type,
    const char *text)
{
	json_object *o = json_object_new_object();
	char num[16];

	snprintf(num, sizeof(num), "%u", status);
	js_add(js_arr(o, "schemas"), json_object_new_string(SCIM_API "Error"));
	js_set_str(o, "status", num);
	if (type != NULL)
		js_set_str(o, "scimType", type);
	js_set_str(o, "detail", text);
	scim_reply(c, status, o);
}

bool
scim_style(const struct ctx *c, const char *word)
{
	return settings_is(c, "scim_style", word);
}

bool
scim_has_etag(const struct ctx *c)
{
	return js_bool(c->root, "scim_etag", false);
}

static void
scim_supports(json_object *o, const char *key, bool yes)
{
	js_set_bool(js_obj(o, key), "supported", yes);
}

static void
scim_config(struct ctx *c)
{
	json_object *o, *a;
	bool patch = !scim_style(c, "put") &&
	    !settings_is(c, "scim_config", "no_patch");

	if (settings_is(c, "scim_config", "absent")) {
		scim_no(c, 404, NULL, "Not found");
		return;
	}
	o = json_object_new_object();
	js_add(js_arr(o, "schemas"), json_object_new_string(
	    "urn:ietf:params:scim:schemas:core:2.0:"
	    "ServiceProviderConfig"));
	scim_supports(o, "patch", patch);
	scim_supports(o, "bulk", false);
	js_set_int(js_obj(o, "bulk"), "maxOperations", 0);
	js_set_int(js_obj(o, "bulk"), "maxPayloadSize", 0);
	scim_supports(o, "filter", true);
	js_set_int(js_obj(o, "filter"), "maxResults",
	    js_int(c->root, "scim_page_max", 100));
	scim_supports(o, "changePassword", false);
	scim_supports(o, "sort", false);
	scim_supports(o, "etag", scim_has_etag(c));
	if (scim_style(c, "entra")) {
		js_set_bool(js_obj(o, "pagination"), "cursor", true);
		js_set_bool(js_obj(o, "pagination"), "index", false);
	}
	a = js_arr(o, "authenticationSchemes");
	js_add(a, json_object_new_object());
	js_set_str(js_at(a, 0), "type", "oauthbearertoken");
	js_set_str(js_at(a, 0), "name", "Bearer token");
	js_set_str(js_at(a, 0), "description", "A fixed token");
	scim_reply(c, 200, o);
}

/* Groups are there to be read, with the users who are in them. */
static json_object *
scim_group(struct ctx *c, json_object *g)
{
	json_object *o = json_object_new_object(), *m;
	const char *id = js_str(g, "id");
	struct json_object_iter it;

	js_add(js_arr(o, "schemas"), json_object_new_string(
	    "urn:ietf:params:scim:schemas:core:2.0:Group"));
	js_set_str(o, "id", id);
	js_set_str(o, "displayName", js_str(g, "displayName"));
	js_arr(o, "members");
	json_object_object_foreachC(js_obj(c->t, "users"), it) {
		if (!js_list_has_str(js_get(it.val, "_groups"), id))
			continue;
		m = json_object_new_object();
		js_set_str(m, "value", it.key);
		js_set_str(m, "display", js_str(it.val, "displayName"));
		js_add(js_arr(o, "members"), m);
	}
	return o;
}

static void
scim_groups(struct ctx *c)
{
	json_object *all = js_arr(c->t, "groups"), *o;
	size_t i;

	o = json_object_new_object();
	js_add(js_arr(o, "schemas"), json_object_new_string(SCIM_API
	    "ListResponse"));
	js_set_int(o, "totalResults", (long long)js_len(all));
	js_set_int(o, "startIndex", 1);
	js_set_int(o, "itemsPerPage", (long long)js_len(all));
	for (i = 0; i < js_len(all); i++)
		js_add(js_arr(o, scim_style(c, "entra") ? "resources" :
		    "Resources"), scim_group(c, js_at(all, i)));
	scim_reply(c, 200, o);
}

static void
scim_group_get(struct ctx *c)
{
	json_object *g = js_find(js_arr(c->t, "groups"), "id", c->arg[0]);

	if (g == NULL)
		scim_no(c, 404, NULL, "No such group");
	else
		scim_reply(c, 200, scim_group(c, g));
}

static const struct route scim_routes[] = {
	{ "GET", B "/ServiceProviderConfig", NULL, 0, scim_config },
	{ "GET", B "/Users", NULL, 0, accounts_list },
	{ "POST", B "/Users", NULL, ROUTE_BODY, accounts_post },
	{ "GET", B "/Users/{}", NULL, 0, accounts_get },
	{ "PUT", B "/Users/{}", NULL, ROUTE_BODY, accounts_put },
	{ "PATCH", B "/Users/{}", NULL, ROUTE_BODY, accounts_patch },
	{ "DELETE", B "/Users/{}", NULL, 0, accounts_delete },
	{ "GET", B "/Groups", NULL, 0, scim_groups },
	{ "GET", B "/Groups/{}", NULL, 0, scim_group_get },
};

/* The paths in small letters, which only one style has. */
static const struct route scim_small[] = {
	{ "GET", B "/serviceproviderconfig", NULL, 0, scim_config },
	{ "GET", B "/users", NULL, 0, accounts_list },
	{ "POST", B "/users", NULL, ROUTE_BODY, accounts_post },
	{ "GET", B "/users/{}", NULL, 0, accounts_get },
	{ "PATCH", B "/users/{}", NULL, ROUTE_BODY, accounts_patch },
	{ "DELETE", B "/users/{}", NULL, 0, accounts_delete },
	{ "GET", B "/groups", NULL, 0, scim_groups },
	{ "GET", B "/groups/{}", NULL, 0, scim_group_get },
};

static bool
scim_body(struct ctx *c)
{
	if (!req_type(c, "application/scim+json")) {
		scim_no(c, 415, NULL, "Send application/scim+json");
		return false;
	}
	c->in = js_parse(c->q->body, c->q->len);
	if (!json_object_is_type(c->in, json_type_object)) {
		scim_no(c, 400, "invalidSyntax", "The body is no object");
		return false;
	}
	return true;
}

static int
scim_find(struct ctx *c, const struct route **r)
{
	int status;

	status = route_find(c, scim_routes, sizeof(scim_routes) /
	    sizeof(scim_routes[0]), r);
	if (status == 404 && scim_style(c, "entra"))
		status = route_find(c, scim_small, sizeof(scim_small) /
		    sizeof(scim_small[0]), r);
	return status;
}

void
scim_handle(struct ctx *c)
{
	const struct route *r = NULL;
	const char *token = req_bearer(c);
	int status;

	if (token == NULL || strcmp(token, "demo-scim-token") != 0) {
		scim_no(c, 401, NULL, "The token is not valid");
		reply_head(c->r, "WWW-Authenticate", "Bearer");
		return;
	}
	if ((status = scim_find(c, &r)) != 200)
		scim_no(c, (unsigned int)status, NULL, status == 405 ?
		    "No such method" : "Not found");
	else if ((r->flags & ROUTE_BODY) == 0 || scim_body(c))
		r->fn(c);
	json_object_put(c->in);
	c->in = NULL;
}
