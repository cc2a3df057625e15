/*
 * oauth.c: tokens of the door service, with refresh tokens that die on
 * use; it must not accept what the real service would refuse.
 */
#include "sandbox.h"

#include <microhttpd.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void
oauth_error(struct ctx *c, unsigned int status, const char *error,
    const char *text)
{
	reply_doorflow(c, status, error, text);
	if (status == 401)
		reply_head(c->r, "WWW-Authenticate",
		    "Bearer realm=\"DoorFlow\"");
}

/* The live token record the request carries, or NULL. */
static json_object *
oauth_record(struct ctx *c)
{
	const char *h = req_header(c, "Authorization");
	json_object *o, *auth = js_get(c->t, "oauth");

	if (h == NULL || strncasecmp(h, "Bearer ", 7) != 0)
		return NULL;
	o = js_find(js_arr(auth, "access"), "token", h + 7);
	if (o == NULL || js_int(o, "expires_at_ms", 0) <= c->now)
		return NULL;
	return o;
}

bool
oauth_bearer(struct ctx *c)
{
	if ((c->who = oauth_record(c)) != NULL)
		return true;
	if (req_header(c, "Authorization") == NULL)
		oauth_error(c, 401, "unauthorized",
		    "The access token is missing");
	else
		oauth_error(c, 401, "invalid_token",
		    "The access token is invalid");
	return false;
}

/* A scope includes its ".readonly" form; that one only covers reading. */
bool
oauth_scope(struct ctx *c, const char *scope)
{
	json_object *has = js_get(c->who, "scope");
	char ro[96];

	if (scope == NULL || js_list_has_str(has, scope))
		return true;
	snprintf(ro, sizeof(ro), "%s.readonly", scope);
	if (strcmp(c->q->method, "GET") == 0 && js_list_has_str(has, ro))
		return true;
	reply_doorflow(c, 403, "forbidden",
	    "You are not authorized to access this resource");
	return false;
}

/* Fills in id and secret from HTTP Basic; they stay NULL without it. */
static void
oauth_basic(struct ctx *c, char **id, char **secret)
{
	char *user, *pass = NULL;

	user = MHD_basic_auth_get_username_password(c->q->conn, &pass);
	if (user != NULL && pass != NULL) {
		*id = strdup(user);
		*secret = strdup(pass);
	}
	MHD_free(user);
	MHD_free(pass);
}

static bool
oauth_client_is(json_object *auth, const char *id, const char *secret)
{
	return id != NULL && secret != NULL &&
	    strcmp(id, js_str(auth, "client_id")) == 0 &&
	    strcmp(secret, js_str(auth, "client_secret")) == 0;
}

static bool
oauth_client(struct ctx *c)
{
	char *id = NULL, *secret = NULL;
	bool fine;

	oauth_basic(c, &id, &secret);
	if (id == NULL) {
		id = req_form(c, "client_id");
		secret = req_form(c, "client_secret");
	}
	fine = oauth_client_is(js_get(c->t, "oauth"), id, secret);
	free(id);
	free(secret);
	if (!fine)
		oauth_error(c, 401, "invalid_client",
		    "Client authentication failed");
	return fine;
}

static char *
oauth_scopes(json_object *list)
{
	char *s;
	size_t i, n = 1;

	for (i = 0; i < js_len(list); i++)
		n += strlen(json_object_get_string(js_at(list, i))) + 1;
	if ((s = calloc(1, n)) == NULL)
		return NULL;
	for (i = 0; i < js_len(list); i++)
		snprintf(s + strlen(s), n - strlen(s), "%s%s",
		    i == 0 ? "" : " ", json_object_get_string(js_at(list, i)));
	return s;
}

/* Issues a new pair. Access tokens given out before stay good. */
static void
oauth_issue(struct ctx *c)
{
	json_object *auth = js_get(c->t, "oauth"), *o, *rec;
	long long ttl = js_int(c->root, "token_ttl_s", 3600);
	long long seq = js_int(auth, "_seq", 1);
	char access[64], refresh[64], *scopes;

	snprintf(access, sizeof(access), "demo-access-%lld", seq);
	snprintf(refresh, sizeof(refresh), "demo-refresh-%lld", seq + 1);
	js_set_int(auth, "_seq", seq + 1);
	js_set_str(auth, "refresh", refresh);
	rec = json_object_new_object();
	js_set_str(rec, "token", access);
	js_set_int(rec, "created_at", c->now / 1000);
	js_set_int(rec, "expires_at_ms", c->now + ttl * 1000);
	js_set(rec, "scope", js_ref(js_arr(auth, "scopes")));
	js_add(js_arr(auth, "access"), rec);
	scopes = oauth_scopes(js_arr(auth, "scopes"));
	o = json_object_new_object();
	js_set_str(o, "access_token", access);
	js_set_str(o, "token_type", "Bearer");
	js_set_int(o, "expires_in", ttl);
	js_set_str(o, "refresh_token", refresh);
	js_set_str(o, "scope", scopes == NULL ? "" : scopes);
	js_set_int(o, "created_at", c->now / 1000);
	free(scopes);
	reply_json(c, 200, o);
	reply_head(c->r, "Cache-Control", "no-store");
}

/* A scope wider than what was granted is refused, a narrower one is not. */
static bool
oauth_scope_fits(struct ctx *c)
{
	json_object *auth = js_get(c->t, "oauth");
	char *s = req_form(c, "scope"), *p, *next;
	bool fine = true;

	for (p = s; p != NULL && *p != '\0'; p = next) {
		next = p + strcspn(p, " ");
		if (*next != '\0')
			*next++ = '\0';
		if (*p != '\0' && !js_list_has_str(js_arr(auth, "scopes"), p))
			fine = false;
	}
	free(s);
	return fine;
}

static void
oauth_grant_refresh(struct ctx *c)
{
	json_object *auth = js_get(c->t, "oauth");
	char *refresh = req_form(c, "refresh_token");

	if (refresh == NULL)
		oauth_error(c, 400, "invalid_request",
		    "Missing required parameter: refresh_token");
	else if (js_str(auth, "refresh")[0] == '\0' ||
	    strcmp(refresh, js_str(auth, "refresh")) != 0)
		oauth_error(c, 400, "invalid_grant", "The authorization "
		    "grant is invalid, expired or revoked");
	else if (!oauth_scope_fits(c))
		oauth_error(c, 400, "invalid_scope",
		    "The requested scope exceeds what was granted");
	else
		oauth_issue(c);
	free(refresh);
}

void
oauth_token(struct ctx *c)
{
	const char *type = req_header(c, "Content-Type");
	char *grant;

	if (type == NULL || strncasecmp(type,
	    "application/x-www-form-urlencoded", 33) != 0) {
		oauth_error(c, 400, "invalid_request",
		    "Missing required parameter: grant_type");
		return;
	}
	grant = req_form(c, "grant_type");
	if (grant == NULL)
		oauth_error(c, 400, "invalid_request",
		    "Missing required parameter: grant_type");
	else if (strcmp(grant, "refresh_token") != 0 &&
	    strcmp(grant, "authorization_code") != 0)
		oauth_error(c, 400, "unsupported_grant_type",
		    "The grant type is not supported");
	else if (oauth_client(c)) {
		if (strcmp(grant, "refresh_token") == 0)
			oauth_grant_refresh(c);
		else
			oauth_error(c, 400, "invalid_grant",
			    "The authorization code is invalid or expired");
	}
	free(grant);
}

void
oauth_info(struct ctx *c)
{
	json_object *o, *app;

	if (!oauth_bearer(c))
		return;
	o = json_object_new_object();
	app = json_object_new_object();
	js_set_int(o, "resource_owner_id", 9001);
	js_set_str(o, "account_id", js_str(js_get(c->t, "account"), "id"));
	js_set(o, "scope", js_ref(js_arr(c->who, "scope")));
	js_set_int(o, "expires_in",
	    (js_int(c->who, "expires_at_ms", 0) - c->now) / 1000);
	js_set_str(app, "uid", js_str(js_get(c->t, "oauth"), "client_id"));
	js_set(o, "application", app);
	js_set_int(o, "created_at", js_int(c->who, "created_at", 0));
	reply_json(c, 200, o);
}

/* Revoking the refresh token takes all access tokens with it. */
void
oauth_revoke(struct ctx *c)
{
	json_object *auth = js_get(c->t, "oauth");
	json_object *list = js_arr(auth, "access"), *o;
	char *id = NULL, *secret = NULL, *token;
	bool fine;

	oauth_basic(c, &id, &secret);
	fine = oauth_client_is(auth, id, secret);
	free(id);
	free(secret);
	if (!fine) {
		oauth_error(c, 403, "unauthorized_client",
		    "You are not authorized to revoke this token");
		return;
	}
	token = req_form(c, "token");
	if (token != NULL && strcmp(token, js_str(auth, "refresh")) == 0) {
		js_set_str(auth, "refresh", "");
		while (js_len(list) > 0)
			json_object_array_del_idx(list, 0, 1);
	} else if (token != NULL &&
	    (o = js_find(list, "token", token)) != NULL)
		js_drop(list, o);
	free(token);
	reply_json(c, 200, json_object_new_object());
}
