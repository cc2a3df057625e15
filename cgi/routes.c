/* The table of addresses. Decides 404, 405, 403 and 500, and nothing else
 * does; who is asking is what nginx says, and nothing that the client says. */
#include "routes.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "../providers/base/log.h"
#include "page.h"

#define MACHINE 0U	/* no person: the handler asks for its own proof */

/* In a path * stands for an offboarding and # for a number. */
static const struct route {
	const char	*method;
	const char	*path;
	unsigned	 roles;		/* one of them is needed */
	int		 (*answer)(struct web *, struct err *);
} routes[] = {
	{ "GET", "/", ROLE_VIEWER, list_get },
	{ "GET", "/offboardings/new", ROLE_OPERATOR, new_get },
	{ "POST", "/offboardings/new", ROLE_OPERATOR, new_post },
	{ "POST", "/offboardings", ROLE_OPERATOR, start_post },
	{ "GET", "/offboardings/*", ROLE_VIEWER, case_page_get },
	/* It names accounts, as a viewer's pages do not. */
	{ "GET", "/offboardings/*/certificate", ROLE_OPERATOR | ROLE_APPROVER,
	    certificate_page_get },
	{ "GET", "/offboardings/*/certificate.json", ROLE_OPERATOR |
	    ROLE_APPROVER, certificate_json_get },
	{ "GET", "/offboardings/*/certificate.sig", ROLE_OPERATOR |
	    ROLE_APPROVER, certificate_sig_get },
	{ "GET", "/offboardings/*/retry", ROLE_OPERATOR, act_get },
	{ "POST", "/offboardings/*/retry", ROLE_OPERATOR, act_post },
	{ "GET", "/offboardings/*/cancel", ROLE_OPERATOR, act_get },
	{ "POST", "/offboardings/*/cancel", ROLE_OPERATOR, act_post },
	{ "GET", "/offboardings/*/restore", ROLE_OPERATOR, act_get },
	{ "POST", "/offboardings/*/restore", ROLE_OPERATOR, act_post },
	/* Whether an operator is enough depends on why it waits. */
	{ "GET", "/offboardings/*/approve", ROLE_APPROVER | ROLE_OPERATOR,
	    act_get },
	{ "POST", "/offboardings/*/approve", ROLE_APPROVER | ROLE_OPERATOR,
	    act_post },
	{ "GET", "/tasks", ROLE_VIEWER, tasks_get },
	{ "POST", "/tasks/#", ROLE_OPERATOR, tasks_post },
	{ "GET", "/systems", ROLE_VIEWER, systems_get },
	{ "GET", "/hosts", ROLE_VIEWER, hosts_get },
	{ "GET", "/audit", ROLE_VIEWER, audit_get },
	{ "GET", "/healthz", MACHINE, health_get },
	{ "POST", "/hosts/report", MACHINE, report_post },
};
#define NROUTES (sizeof(routes) / sizeof(routes[0]))

/* Does the path fit? Sets the number that stands in it. */
static int
route_fits(const char *pattern, const char *path, int64_t *id)
{
	char piece[32];
	long long n;
	size_t len;

	*id = 0;
	for (; *pattern != '\0'; pattern++) {
		if (*pattern != '*' && *pattern != '#') {
			if (*pattern != *path++)
				return 0;
			continue;
		}
		len = strcspn(path, "/");
		if (len == 0 || len >= sizeof(piece))
			return 0;
		memcpy(piece, path, len);
		piece[len] = '\0';
		if (*pattern == '*') {
			n = strncmp(piece, "OB-", 3) == 0 ?
			    ob_number(piece) : -1;
			if (n == -1)
				return 0;
		} else if (text_int(piece, 1, INT64_MAX, &n) == -1)
			return 0;
		*id = n;
		path += len;
	}
	return *path == '\0';
}

static int
method_fits(const struct web *w, const char *method)
{
	return strcmp(w->method, method) == 0 || (strcmp(method, "GET") == 0 &&
	    strcmp(w->method, "HEAD") == 0);
}

/* The route, or NULL; ANY then says whether the path at least exists. */
static const struct route *
route_find(struct web *w, const struct route **any)
{
	int64_t id;
	unsigned i;

	*any = NULL;
	for (i = 0; i < NROUTES; i++) {
		if (route_fits(routes[i].path, w->path, &id) == 0)
			continue;
		w->id = id;
		*any = &routes[i];
		if (method_fits(w, routes[i].method))
			return &routes[i];
	}
	return NULL;
}

static int
refuse_method(struct web *w, const struct route *any)
{
	int get = 0, post = 0;
	int64_t id;
	unsigned i;

	for (i = 0; i < NROUTES; i++)
		if (route_fits(routes[i].path, w->path, &id) != 0) {
			get |= strcmp(routes[i].method, "GET") == 0;
			post |= strcmp(routes[i].method, "POST") == 0;
		}
	(void)snprintf(w->allow, sizeof(w->allow), "%s%s%s",
	    get != 0 ? "GET, HEAD" : "", get != 0 && post != 0 ? ", " : "",
	    post != 0 ? "POST" : "");
	if (any->roles == MACHINE)
		return web_plain(w, 405, "This method is not for this "
		    "address.");
	return page_say(w, 405, "This cannot be asked like that", "This "
	    "address exists, but not for this kind of request.");
}

static int
refuse_role(struct web *w, unsigned needed)
{
	struct buf text, have;

	buf_init(&text, 512);
	buf_init(&have, 128);
	page_roles(w->roles, &have);
	buf_str(&text, "This needs the role ");
	buf_str(&text, needed == ROLE_VIEWER ? "viewer" :
	    needed == ROLE_OPERATOR ? "operator" :
	    needed == ROLE_APPROVER ? "approver" : "approver or operator");
	buf_fmt(&text, ". You are signed in as %s, with %s. The roles are set "
	    "in the section [web] of offboard.conf.", w->user,
	    buf_cstr(&have));
	(void)page_say(w, 403, "You may not do this", buf_cstr(&text));
	buf_clear(&have);
	buf_clear(&text);
	return 0;
}

/* Exactly one name, handed over by nginx, that could be a name. */
static int
identity_ok(const struct web *w)
{
	return w->users == 1 && w->user[0] != '\0' &&
	    strlen(w->user) < WORD_MAX && text_is_plain(w->user) != 0;
}

static int
answer_people(struct web *w, const struct route *r, const struct route *any,
    struct err *e)
{
	if (identity_ok(w) == 0) {
		log_event(LOG_ERR, "identity", "path", w->path, "why",
		    w->users > 1 ? "OFFBOARD_USER was handed over twice" :
		    "OFFBOARD_USER is missing or no name", NULL);
		w->user = "";
		return page_say(w, 500, "The sign-in does not work", "The web "
		    "server did not say who you are, so nothing is shown. "
		    "Tell the people who run this service: OFFBOARD_USER must "
		    "be handed over exactly once.");
	}
	w->roles = settings_roles(w->site->settings, w->user);
	if (any == NULL)
		return page_say(w, 404, "Not found", "There is no such page.");
	if (r == NULL)
		return refuse_method(w, any);
	if ((w->roles & r->roles) == 0)
		return refuse_role(w, r->roles);
	if (strcmp(r->method, "POST") == 0 && web_is_ours(w) == 0)
		return page_say(w, 403, "This was not sent by one of our "
		    "pages", "Your browser says that another site sent this, "
		    "so nothing was changed. Open the page again and press the "
		    "button there.");
	return r->answer(w, e);
}

void
routes_answer(struct web *w)
{
	const struct route *r, *any;
	struct err e = { "" };
	int rc;

	r = route_find(w, &any);
	/* A page is one look at the record, not several. */
	if (r != NULL && strcmp(r->method, "GET") == 0)
		store_look(w->store);
	if (any == NULL || any->roles != MACHINE)
		rc = answer_people(w, r, any, &e);
	else if (r == NULL)
		rc = refuse_method(w, any);
	else
		rc = r->answer(w, &e);
	store_look_end(w->store);
	if (rc == 0 && w->out->failed == 0)
		return;
	if (rc == 0)
		err_set(&e, "the page is too large");
	log_event(LOG_ERR, "page", "path", w->path, "why", e.text, NULL);
	if (any != NULL && any->roles == MACHINE)
		(void)web_plain(w, 503, "The record cannot be used now.");
	else
		(void)page_say(w, 500, "Something went wrong here", e.text);
}
