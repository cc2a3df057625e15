/*
 * Vanta: the one live token of an application. A new one kills the one before
 * at once, and no more than five a minute are given out. So it is kept on
 * disk for whoever holds the worker's lock next, and every asking is written
 * down before it is done. The token is never in the record nor in a log.
 */
#include "vanta.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/durable.h"
#include "../base/when.h"
#include "../net/oauth.h"

#define ASKED_MAX	5
#define MINUTE_MS	60000
#define SPARE_MS	30000	/* given up so long before it runs out */

/* What is on disk. */
struct cache {
	struct buf	token;		/* "": none */
	int64_t		expires;
	int64_t		asked[ASKED_MAX];	/* ms, oldest first */
	unsigned	nasked;
};

static int
cache_path(const struct system *sys, char *path, size_t size, struct err *e)
{
	char folder[DURABLE_PATH];
	int n;

	n = snprintf(folder, sizeof(folder), "%s/keys", sys->data_dir);
	if (n < 0 || (size_t)n >= sizeof(folder) || (size_t)snprintf(path,
	    size, "%s/%.64s.token", folder, sys->name) >= size)
		return err_set(e, "the path of the token's file is too long");
	if (mkdir(folder, 0700) == -1 && errno != EEXIST)
		return err_set(e, "cannot make %s for the access token: %s",
		    folder, strerror(errno));
	return 0;
}

/* A file that is missing or not ours to understand is an empty one. */
static int
cache_read(const struct system *sys, struct cache *c, struct err *e)
{
	struct durable_data f = { 65536, NULL, 0 };
	struct json_object *j = NULL, *list;
	char path[DURABLE_PATH];
	int64_t at, now = when_now();
	size_t i;

	memset(c, 0, sizeof(*c));
	buf_init(&c->token, 8192);
	if (cache_path(sys, path, sizeof(path), e) == -1)
		return -1;
	if (durable_read(path, &f, e) == -1)
		return errno == ENOENT ? 0 : -1;
	j = json_tokener_parse(f.data);
	explicit_bzero(f.data, f.size);
	free(f.data);
	buf_str(&c->token, visit_text(j, "token"));
	c->expires = json_object_get_int64(visit_member(j, "expires",
	    json_type_int));
	list = visit_member(j, "asked", json_type_array);
	for (i = 0; i < visit_length(list) && c->nasked < ASKED_MAX; i++) {
		at = json_object_get_int64(json_object_array_get_idx(list,
		    i));
		/* The clock may have been set back since. */
		if (at > now)
			at = now;
		if (at > now - MINUTE_MS)
			c->asked[c->nasked++] = at;
	}
	json_object_put(j);
	return 0;
}

static int
cache_write(const struct system *sys, const struct cache *c, struct err *e)
{
	struct json_object *j = json_object_new_object();
	struct json_object *list = json_object_new_array();
	char path[DURABLE_PATH];
	struct durable_new f = { path, 0600, NULL, 0 };
	unsigned i;
	int rc;

	json_object_object_add(j, "token",
	    json_object_new_string(buf_cstr(&c->token)));
	json_object_object_add(j, "expires", json_object_new_int64(c->expires));
	for (i = 0; i < c->nasked; i++)
		json_object_array_add(list, json_object_new_int64(
		    c->asked[i]));
	json_object_object_add(j, "asked", list);
	rc = cache_path(sys, path, sizeof(path), e);
	if (rc == 0) {
		f.data = json_object_to_json_string_ext(j,
		    JSON_C_TO_STRING_PLAIN);
		f.size = strlen(f.data);
		rc = durable_write(&f, e);
	}
	json_object_put(j);
	return rc;
}

/* The header of this thread from the shared token; under its lock. */
static int
token_use(struct system *sys, int64_t expires, struct err *e)
{
	struct vanta *own = sys->own;
	struct buf b;
	int rc;

	buf_init(&b, 8300);
	buf_fmt(&b, "Bearer %s", buf_cstr(&sys->token->access));
	rc = http_header(sys->http, "Authorization", buf_cstr(&b), e);
	buf_clear(&b);
	own->generation = sys->token->generation;
	own->expires = expires;
	return rc;
}

/* Under the lock. The asking counts before it is done: a crash in between
 * must not let us ask a sixth time. */
static enum outcome
token_ask(struct system *sys, struct cache *c, int64_t *wait, struct err *e)
{
	static const enum outcome outcomes[] = { OUT_OK, OUT_REFUSED,
	    OUT_RETRY, OUT_BUSY };
	struct oauth_client o = { sys->http, "/oauth/token",
	    visit_setting(sys, "client_id"), NULL,
	    "vanta-api.all:read vanta-api.all:write" };
	enum outcome out;
	struct buf secret;
	int64_t now = when_now();

	if (c->nasked == ASKED_MAX) {
		*wait = c->asked[0] + MINUTE_MS - now;
		err_set(e, "an access token may be asked for five times a "
		    "minute, and that is used up: waiting for %lld s",
		    (long long)(*wait + 999) / 1000);
		return OUT_BUSY;
	}
	c->asked[c->nasked++] = now;
	buf_reset(&c->token);
	c->expires = 0;
	if (cache_write(sys, c, e) == -1)
		return OUT_RETRY;
	if (visit_secret(sys, "client_secret_file", &secret, e) == -1)
		return OUT_REFUSED;
	o.client_secret = buf_cstr(&secret);
	out = outcomes[oauth_client(&o, &c->token, wait, e)];
	buf_clear(&secret);
	if (out != OUT_OK)
		return out;
	c->expires = now + *wait - (*wait / 10 < SPARE_MS ? *wait / 10 :
	    SPARE_MS);
	*wait = 0;
	return cache_write(sys, c, e) == -1 ? OUT_RETRY : OUT_OK;
}

static enum outcome
token_fetch(struct system *sys, int64_t *wait, struct err *e)
{
	struct cache c;
	enum outcome out = OUT_RETRY;

	if (cache_read(sys, &c, e) == 0)
		out = token_ask(sys, &c, wait, e);
	if (out == OUT_OK) {
		buf_reset(&sys->token->access);
		buf_str(&sys->token->access, buf_cstr(&c.token));
		sys->token->generation++;
		if (token_use(sys, c.expires, e) == -1)
			out = OUT_REFUSED;
	}
	buf_clear(&c.token);
	if (out != OUT_OK)
		err_add(e, "%s", sys->name);
	return out;
}

/* What is in memory, or else on disk, unless it has run out. */
static int
token_load(struct system *sys, struct err *e)
{
	struct cache c;
	int rc = cache_read(sys, &c, e);

	if (rc == 0 && c.token.len > 0 && c.expires > when_now()) {
		if (sys->token->generation == 0) {
			buf_reset(&sys->token->access);
			buf_str(&sys->token->access, buf_cstr(&c.token));
			sys->token->generation = 1;
		}
		rc = token_use(sys, c.expires, e);
	}
	buf_clear(&c.token);
	return rc;
}

int
vanta_token_open(struct system *sys, struct err *e)
{
	int rc;

	pthread_mutex_lock(&sys->token->lock);
	rc = token_load(sys, e);
	pthread_mutex_unlock(&sys->token->lock);
	return rc;
}

enum outcome
vanta_token_renew(struct system *sys, int64_t *wait, struct err *e)
{
	struct vanta *own = sys->own;
	unsigned refused = own->generation;
	enum outcome out = OUT_OK;

	pthread_mutex_lock(&sys->token->lock);
	/* Another thread may have fetched one while we were refused. */
	if (own->generation != sys->token->generation &&
	    token_load(sys, e) == -1)
		out = OUT_RETRY;
	else if (own->generation == refused)
		out = token_fetch(sys, wait, e);
	pthread_mutex_unlock(&sys->token->lock);
	return out;
}

enum outcome
vanta_call(struct visit *v, const struct visit_call *c)
{
	struct vanta *own = v->sys->own;
	enum outcome out;
	struct err e;

	if (own->expires <= when_now()) {
		out = vanta_token_renew(v->sys, &v->wait, &e);
		if (out != OUT_OK) {
			buf_clear(c->path);
			return visit_end(v, out, "%s", e.text);
		}
	}
	return visit_call(v, c);
}
