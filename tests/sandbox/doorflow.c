/*
 * doorflow.c: the paths of the door service and who may use them; it must
 * not hold any state of its own.
 */
#include "sandbox.h"

#include <strings.h>

#define P "/api/3/people"
#define RESERVE "account.reservation"
#define GRESERVE "account.group_reservation"

static const struct route doorflow_routes[] = {
	{ "GET", "/api/3/account", NULL, 0, doors_account },
	{ "POST", "/api/3/sync", "account.sync", 0, doors_sync },
	{ "GET", "/api/3/channels", "account.channel", 0, doors_channels },
	{ "GET", "/api/3/channels/{}", "account.channel", 0, doors_channel },
	{ "GET", "/api/3/events", "account.event.access", 0, events_list },
	{ "GET", "/api/3/events/{}", "account.event.access", 0, events_get },
	{ "GET", P, "account.person", 0, people_list },
	{ "POST", P, "account.person", ROUTE_BODY, people_post },
	{ "GET", P "/{}", "account.person", 0, people_get },
	{ "PUT", P "/{}", "account.person", ROUTE_BODY, people_put },
	{ "DELETE", P "/{}", "account.person", 0, people_delete },
	{ "GET", P "/{}/credentials", "account.person", 0, credentials_list },
	{ "GET", P "/{}/credentials/{}", "account.person", 0,
	    credentials_get },
	{ "PUT", P "/{}/credentials/{}", "account.person", ROUTE_BODY,
	    credentials_put },
	{ "DELETE", P "/{}/credentials/{}", "account.person", 0,
	    credentials_delete },
	{ "GET", "/api/3/credentials", "account.person", 0, credentials_all },
	{ "GET", "/api/3/credential_types", "account.credential_type", 0,
	    credentials_types },
	{ "GET", "/api/3/groups", "account.group", 0, rules_groups },
	{ "GET", "/api/3/roles", "account.role", 0, rules_roles },
	{ "GET", "/api/3/reservations", RESERVE, 0, grants_reservations },
	{ "DELETE", "/api/3/reservations/{}", RESERVE, 0,
	    grants_reservation_delete },
	{ "GET", "/api/3/group_reservations", GRESERVE, 0,
	    grants_group_reservations },
	{ "DELETE", "/api/3/group_reservations/{}", GRESERVE, 0,
	    grants_group_reservation_delete },
	{ "GET", "/api/3/notification_rules", "account.notification_rule", 0,
	    rules_list },
	{ "POST", "/api/3/notification_rules", "account.notification_rule",
	    ROUTE_BODY, rules_post },
	{ "GET", "/api/3/notification_rules/{}", "account.notification_rule",
	    0, rules_get },
	{ "PUT", "/api/3/notification_rules/{}", "account.notification_rule",
	    ROUTE_BODY, rules_put },
	{ "DELETE", "/api/3/notification_rules/{}",
	    "account.notification_rule", 0, rules_delete },
};

/* These authenticate in their own ways. */
static const struct route doorflow_oauth[] = {
	{ "POST", "/oauth/token", NULL, 0, oauth_token },
	{ "GET", "/oauth/token/info", NULL, 0, oauth_info },
	{ "POST", "/oauth/revoke", NULL, 0, oauth_revoke },
};

/* Something changed that the controllers do not know yet. */
void
doorflow_touch(json_object *t)
{
	js_set_int(t, "_version", js_int(t, "_version", 0) + 1);
}

/* Lets everything happen that is due by now. */
void
doorflow_tick(json_object *root, json_object *t, long long now)
{
	doors_tick(root, t, now);
	credentials_tick(root, t, now);
}

/* A body there has to be, JSON it has to be, and it has to say so. */
static bool
doorflow_body(struct ctx *c)
{
	const char *type = req_header(c, "Content-Type");

	if (type == NULL || strncasecmp(type, "application/json", 16) != 0) {
		reply_doorflow(c, 422, "unprocessable_entity",
		    "The body has to be application/json");
		return false;
	}
	c->in = js_parse(c->q->body, c->q->len);
	if (!json_object_is_type(c->in, json_type_object)) {
		reply_doorflow(c, 400, "bad_request",
		    "The body is not a JSON object");
		return false;
	}
	return true;
}

static void
doorflow_lost(struct ctx *c, int status)
{
	if (status == 405)
		reply_doorflow(c, 405, "method_not_allowed",
		    "The method is not allowed for this resource");
	else
		reply_doorflow(c, 404, "not_found",
		    "The requested resource was not found");
}

void
doorflow_handle(struct ctx *c)
{
	const struct route *r = NULL;
	int status;

	if (route_find(c, doorflow_oauth, sizeof(doorflow_oauth) /
	    sizeof(doorflow_oauth[0]), &r) == 200) {
		r->fn(c);
		return;
	}
	if (!oauth_bearer(c))
		return;
	status = route_find(c, doorflow_routes, sizeof(doorflow_routes) /
	    sizeof(doorflow_routes[0]), &r);
	if (status != 200) {
		doorflow_lost(c, status);
		return;
	}
	if (!oauth_scope(c, r->scope))
		return;
	if ((r->flags & ROUTE_BODY) == 0 || doorflow_body(c))
		r->fn(c);
	json_object_put(c->in);
	c->in = NULL;
}
