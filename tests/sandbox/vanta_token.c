/*
 * vanta_token.c: tokens of the compliance service, of which an application
 * has one at a time; it must not let the one before live on.
 */
#include "vanta.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
token_no(struct ctx *c, unsigned int status, const char *word)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "error", word);
	reply_json(c, status, o);
}

static bool
token_rate(struct ctx *c)
{
	long long max = js_int(c->root, "vanta_token_limit", 5), free_at;

	if (max <= 0 || clock_window(js_get(c->t, "oauth"), "_calls", 60000,
	    max, &free_at))
		return true;
	vanta_no(c, 429, "Too many token requests");
	reply_head_int(c->r, "Retry-After", (free_at - c->now) / 1000 + 1);
	return false;
}

/* The scopes asked for, or NULL when one of them is not to be had. */
static json_object *
token_scopes(json_object *auth, const char *asked)
{
	json_object *a = json_object_new_array();
	char *copy = strdup(asked), *s, *rest;

	for (s = strtok_r(copy, " ", &rest); s != NULL && a != NULL;
	    s = strtok_r(NULL, " ", &rest)) {
		if (js_list_has_str(js_get(auth, "scopes"), s))
			js_add(a, json_object_new_string(s));
		else {
			json_object_put(a);
			a = NULL;
		}
	}
	free(copy);
	if (a != NULL && js_len(a) == 0) {
		json_object_put(a);
		a = NULL;
	}
	return a;
}

static void
token_answer(struct ctx *c, json_object *auth, json_object *scopes)
{
	long long seq = js_int(auth, "_seq", 1);
	long long ttl = js_int(c->root, "token_ttl_s", 3600);
	json_object *o = json_object_new_object(), *live;
	char text[64];

	snprintf(text, sizeof(text), "vat_SECRET-%lld", seq);
	js_set_int(auth, "_seq", seq + 1);
	live = json_object_new_object();
	js_set_str(live, "token", text);
	js_set_int(live, "expires_at_ms", c->now + ttl * 1000);
	js_set(live, "scopes", scopes);
	js_set(auth, "_live", live);
	js_set_str(o, "access_token", text);
	js_set_int(o, "expires_in", ttl);
	js_set_str(o, "token_type", "Bearer");
	reply_json(c, 200, o);
}

static void
token_grant(struct ctx *c, json_object *in)
{
	json_object *auth = js_get(c->t, "oauth"), *scopes;

	if (strcmp(js_str(in, "client_id"), js_str(auth, "client_id")) != 0 ||
	    strcmp(js_str(in, "client_secret"),
	    js_str(auth, "client_secret")) != 0)
		token_no(c, 401, "invalid_client");
	else if (strcmp(js_str(in, "grant_type"), "client_credentials") != 0)
		token_no(c, 400, "unsupported_grant_type");
	else if ((scopes = token_scopes(auth, js_str(in, "scope"))) == NULL)
		token_no(c, 400, "invalid_scope");
	else
		token_answer(c, auth, scopes);
}

void
token_issue(struct ctx *c)
{
	json_object *in = NULL;

	if (strcmp(c->q->method, "POST") != 0) {
		token_no(c, 405, "method_not_allowed");
		return;
	}
	if (!token_rate(c))
		return;
	if (req_type(c, "application/json"))
		in = js_parse(c->q->body, c->q->len);
	if (json_object_is_type(in, json_type_object))
		token_grant(c, in);
	else
		token_no(c, 400, "invalid_request");
	json_object_put(in);
}

/* Does the request carry the one live token? Answers 401 if not. */
bool
token_good(struct ctx *c)
{
	const char *s = req_bearer(c);

	c->who = js_get(js_get(c->t, "oauth"), "_live");
	if (s != NULL && c->who != NULL &&
	    strcmp(js_str(c->who, "token"), s) == 0 &&
	    js_int(c->who, "expires_at_ms", 0) > c->now)
		return true;
	vanta_no(c, 401, "Unauthorized");
	return false;
}
