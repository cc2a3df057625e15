/* Asking for access tokens. Keeps no token beyond the call; a new refresh
 * token is durable before the new access token is used. */
#include "oauth.h"

#include <json-c/json.h>

#include <string.h>

#include "tokenfile.h"

/* Old or new on disk, never torn: the token changes at every use. */
static int
save_token(const char *path, const char *token, struct err *e)
{
	if (tokenfile_save(path, token, e) == 0)
		return 0;
	return err_add(e, "the new refresh token could not be kept, and the "
	    "old one is used up; this user must be able to replace the file");
}

static int
token_ask(const struct oauth *o, const char *refresh, struct http_answer *a,
    struct err *e)
{
	struct http_request r;
	struct buf form;
	enum http_result rc;

	/* http_query() escapes; the form is what follows its "?". */
	buf_init(&form, 16384);
	http_query(&form, "grant_type", "refresh_token");
	http_query(&form, "refresh_token", refresh);
	http_query(&form, "client_id", o->client_id);
	http_query(&form, "client_secret", o->client_secret);
	memset(&r, 0, sizeof(r));
	r.method = "POST";
	r.path = o->path;
	r.type = "application/x-www-form-urlencoded";
	r.body = buf_cstr(&form) + 1;
	r.body_len = form.len - 1;
	rc = http_call(o->http, &r, a, e);
	buf_clear(&form);
	return rc == HTTP_OK ? 0 : -1;
}

static const char *
token_member(struct json_object *j, const char *key)
{
	struct json_object *m;

	if (j == NULL || !json_object_is_type(j, json_type_object) ||
	    !json_object_object_get_ex(j, key, &m) ||
	    !json_object_is_type(m, json_type_string))
		return NULL;
	return json_object_get_string(m);
}

static enum oauth_result
answer_kind(const struct http_answer *a)
{
	if (a->status == 429)
		return OAUTH_SLOW;
	/* What we said is wrong, and will be wrong the next time. */
	return a->status >= 400 && a->status < 500 && a->status != 408 ?
	    OAUTH_REFUSED : OAUTH_PASSING;
}

/* What an answer without a token means. */
static enum oauth_result
token_refused(const struct oauth *o, const struct http_answer *a,
    const char *why, int64_t *wait, struct err *e)
{
	enum oauth_result rc = answer_kind(a);

	*wait = a->retry_after;
	if (rc == OAUTH_SLOW)
		err_set(e, "the token service asks us to slow down (429)");
	else if (rc == OAUTH_REFUSED)
		err_set(e, "no new access token (%ld%s%s): authorise offboard "
		    "again and put the new refresh token into %s", a->status,
		    why == NULL ? "" : ", ", why == NULL ? "" : why,
		    o->refresh_file);
	else
		err_set(e, "the token service gave no token (%ld)", a->status);
	return rc;
}

enum oauth_result
oauth_refresh(const struct oauth *o, struct buf *token, int64_t *wait,
    struct err *e)
{
	enum oauth_result rc = OAUTH_REFUSED;
	struct json_object *j = NULL;
	const char *access, *refresh;
	struct http_answer a;
	struct buf old;

	memset(&a, 0, sizeof(a));
	buf_init(&old, 8192);
	if (tokenfile_read(o->refresh_file, &old, e) == -1)
		goto out;
	rc = OAUTH_PASSING;
	if (token_ask(o, buf_cstr(&old), &a, e) == -1)
		goto out;
	j = json_tokener_parse(buf_cstr(&a.body));
	access = token_member(j, "access_token");
	refresh = token_member(j, "refresh_token");
	if (a.status != 200 || access == NULL) {
		rc = token_refused(o, &a, token_member(j, "error"), wait, e);
		goto out;
	}
	rc = OAUTH_REFUSED;
	if (refresh != NULL && save_token(o->refresh_file, refresh, e) == -1)
		goto out;
	buf_reset(token);
	buf_str(token, access);
	if (token->failed != 0)
		err_set(e, "the access token is too long");
	else
		rc = OAUTH_OK;
out:
	json_object_put(j);
	http_answer_clear(&a);
	buf_clear(&old);
	return rc;
}

/* ---- client credentials ---- */

static int
client_ask(const struct oauth_client *o, struct http_answer *a, struct err *e)
{
	struct json_object *j = json_object_new_object();
	struct http_request r;
	struct buf body;
	enum http_result rc;

	json_object_object_add(j, "client_id",
	    json_object_new_string(o->client_id));
	json_object_object_add(j, "client_secret",
	    json_object_new_string(o->client_secret));
	json_object_object_add(j, "scope", json_object_new_string(o->scope));
	json_object_object_add(j, "grant_type",
	    json_object_new_string("client_credentials"));
	buf_init(&body, 16384);
	buf_str(&body, json_object_to_json_string_ext(j,
	    JSON_C_TO_STRING_PLAIN));
	json_object_put(j);
	memset(&r, 0, sizeof(r));
	r.method = "POST";
	r.path = o->path;
	r.type = "application/json";
	r.body = buf_cstr(&body);
	r.body_len = body.len;
	rc = http_call(o->http, &r, a, e);
	buf_clear(&body);
	return rc == HTTP_OK ? 0 : -1;
}

/* A request that it cannot stomach does not get better by itself. */
static enum oauth_result
client_kind(const struct http_answer *a)
{
	return a->status >= 400 && a->status < 500 && a->status != 408 &&
	    a->status != 429 ? OAUTH_REFUSED : answer_kind(a);
}

static void
client_refused(const struct http_answer *a, const char *why, struct err *e)
{
	enum oauth_result rc = client_kind(a);

	if (rc == OAUTH_SLOW)
		err_set(e, "the token service asks us to slow down (429)");
	else if (rc == OAUTH_REFUSED)
		err_set(e, "no access token (%ld%s%s): check client_id, its "
		    "secret and the application's scopes", a->status,
		    why == NULL ? "" : ", ", why == NULL ? "" : why);
	else
		err_set(e, "the token service gave no token (%ld)", a->status);
}

enum oauth_result
oauth_client(const struct oauth_client *o, struct buf *token, int64_t *ms,
    struct err *e)
{
	enum oauth_result rc = OAUTH_PASSING;
	struct json_object *j = NULL, *m;
	const char *access;
	struct http_answer a;

	*ms = 0;
	memset(&a, 0, sizeof(a));
	if (client_ask(o, &a, e) == -1)
		goto out;
	j = json_tokener_parse(buf_cstr(&a.body));
	access = token_member(j, "access_token");
	*ms = a.retry_after;
	if (a.status != 200 || access == NULL) {
		rc = client_kind(&a);
		client_refused(&a, token_member(j, "error"), e);
		goto out;
	}
	buf_reset(token);
	buf_str(token, access);
	/* Unsaid: then it is asked for again before it is needed again. */
	*ms = 60000;
	if (json_object_object_get_ex(j, "expires_in", &m) &&
	    json_object_get_int64(m) > 0)
		*ms = json_object_get_int64(m) * 1000;
	if (token->failed != 0)
		err_set(e, "the access token is too long");
	else
		rc = OAUTH_OK;
out:
	json_object_put(j);
	http_answer_clear(&a);
	return rc;
}
