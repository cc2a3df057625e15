/*
 * acceldata.c: the paths of the data service and whose keys may use them;
 * it must not hold any state of its own.
 */
#include "sandbox.h"

#include <string.h>
#include <strings.h>

#define U "/admin/api/users"
#define SU "/admin/api/v1/service-users"
#define PIPES "/torch-pipeline/api/pipelines"

static const struct route acceldata_routes[] = {
	{ "GET", U "/list", NULL, 0, users_list },
	{ "GET", U "/count", NULL, 0, users_count },
	{ "GET", U "/api-keys/all", NULL, 0, keys_all },
	{ "DELETE", U "/api-keys/{}", NULL, 0, keys_delete },
	{ "GET", U "/{}", NULL, ROUTE_OWN, users_get },
	{ "PUT", U "/{}", NULL, ROUTE_BODY, users_put },
	{ "DELETE", U "/{}/remove-user", NULL, 0, users_remove },
	{ "GET", U "/{}/groups", NULL, ROUTE_OWN, groups_of_user },
	{ "PUT", U "/{}/remove-groups", NULL, ROUTE_BODY, groups_remove },
	{ "PUT", U "/{}/assign-groups", NULL, ROUTE_BODY, groups_assign },
	{ "GET", U "/{}/api-keys", NULL, ROUTE_OWN, keys_of_user },
	{ "GET", "/admin/api/groups", NULL, 0, groups_list },
	{ "GET", "/admin/api/groups/list", NULL, 0, groups_list },
	{ "GET", "/admin/api/groups/{}", NULL, 0, groups_get },
	{ "GET", "/admin/api/assigned-client-roles/{}", NULL, ROUTE_OWN,
	    roles_assigned },
	{ "PUT", "/admin/api/remove-assigned-client-roles", NULL, ROUTE_BODY,
	    roles_remove },
	{ "PUT", "/admin/api/assign-client-roles", NULL, ROUTE_BODY,
	    roles_assign },
	{ "GET", "/authz/api/v1/roles", NULL, 0, roles_list },
	{ "GET", "/authz/api/v1/users/permissions", NULL, 0,
	    roles_permissions },
	{ "GET", "/authz/api/v1/users/{}/roles", NULL, ROUTE_OWN,
	    roles_of_user },
	{ "GET", SU "/list", NULL, 0, service_list },
	{ "GET", SU "/{}", NULL, 0, service_get },
	{ "PUT", SU "/{}", NULL, ROUTE_BODY, service_put },
	{ "DELETE", SU "/{}/api-key/{}", NULL, 0, service_key_delete },
	{ "GET", PIPES "/summary", NULL, 0, pipelines_summary },
	{ "GET", PIPES "/{}", NULL, 0, pipelines_get },
	{ "PUT", PIPES, NULL, ROUTE_BODY, pipelines_put },
};

/* The user behind an id; answers 404 when there is none. */
json_object *
acceldata_user(struct ctx *c, const char *id)
{
	json_object *u = js_find(js_arr(c->t, "users"), "userId", id);

	if (u == NULL)
		reply_status(c, 404, "User not found");
	return u;
}

/* Any key that exists works, be its user disabled or not. */
static bool
acceldata_key(struct ctx *c)
{
	const char *access = req_header(c, "accessKey");
	const char *secret = req_header(c, "secretKey");

	if (access != NULL && secret != NULL)
		c->who = js_find(js_arr(c->t, "api_keys"), "accessKey",
		    access);
	if (c->who == NULL ||
	    strcmp(js_str(c->who, "secretKey"), secret) != 0) {
		reply_status(c, 401, "Unauthorized");
		return false;
	}
	return true;
}

static bool
acceldata_may(struct ctx *c, const struct route *r)
{
	const char *id = js_str(c->who, "userId");
	json_object *u = js_find(js_arr(c->t, "users"), "userId", id);

	if (js_bool(u, "_operator", false))
		return true;
	if ((r->flags & ROUTE_OWN) != 0 && c->arg[0] != NULL &&
	    strcmp(c->arg[0], id) == 0)
		return true;
	reply_status(c, 403, "Insufficient permissions");
	return false;
}

static bool
acceldata_body(struct ctx *c)
{
	const char *type = req_header(c, "Content-Type");

	if (type == NULL || strncasecmp(type, "application/json", 16) != 0) {
		reply_status(c, 415, "Unsupported Media Type");
		return false;
	}
	c->in = js_parse(c->q->body, c->q->len);
	if (!json_object_is_type(c->in, json_type_object)) {
		reply_status(c, 400, "Malformed JSON request");
		return false;
	}
	return true;
}

void
acceldata_handle(struct ctx *c)
{
	const struct route *r = NULL;
	int status;

	if (!acceldata_key(c))
		return;
	status = route_find(c, acceldata_routes, sizeof(acceldata_routes) /
	    sizeof(acceldata_routes[0]), &r);
	if (status != 200) {
		reply_status(c, (unsigned int)status, status == 405 ?
		    "Method Not Allowed" : "Not Found");
		return;
	}
	if (!acceldata_may(c, r))
		return;
	if ((r->flags & ROUTE_BODY) == 0 || acceldata_body(c))
		r->fn(c);
	json_object_put(c->in);
	c->in = NULL;
}
