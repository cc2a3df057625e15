/* Refresh-token rotation. Keeps no token beyond the call; the new refresh
 * token is durable before the new access token is used. */
#include "oauth.h"

#include <sys/stat.h>

#include <json-c/json.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
save_sync_folder(const char *path, struct err *e)
{
	char folder[1024];
	int fd, rc;

	(void)text_copy(folder, sizeof(folder), path);
	fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = fd == -1 ? -1 : fsync(fd);
	if (rc == -1)
		err_set(e, "%s: %s", path, strerror(errno));
	if (fd != -1)
		close(fd);
	return rc;
}

/* tmp, fsync, rename, fsync of the folder: old or new, never torn. */
static int
save_token(const char *path, const char *token, struct err *e)
{
	char tmp[1040];
	size_t len = strlen(token);
	int fd, bad;

	if (snprintf(tmp, sizeof(tmp), "%s.new", path) >= (int)sizeof(tmp))
		return err_set(e, "%s: the path is too long", path);
	(void)unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd == -1)
		return err_set(e, "%s: %s: this user must be able to replace "
		    "the file, because the token changes at every use", tmp,
		    strerror(errno));
	bad = write(fd, token, len) != (ssize_t)len ||
	    write(fd, "\n", 1) != 1 || fsync(fd) == -1;
	bad |= close(fd) == -1;
	if (bad || rename(tmp, path) == -1) {
		err_set(e, "%s: %s", tmp, strerror(errno));
		(void)unlink(tmp);
		return -1;
	}
	return save_sync_folder(path, e);
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

/* What an answer without a token means. */
static enum oauth_result
token_refused(const struct oauth *o, const struct http_answer *a,
    const char *why, int64_t *wait, struct err *e)
{
	if (a->status == 429) {
		*wait = a->retry_after;
		err_set(e, "the token service asks us to slow down (429)");
		return OAUTH_SLOW;
	}
	if (a->status == 400 || a->status == 401 || a->status == 403) {
		err_set(e, "no new access token (%ld%s%s): authorise offboard "
		    "again and put the new refresh token into %s", a->status,
		    why == NULL ? "" : ", ", why == NULL ? "" : why,
		    o->refresh_file);
		return OAUTH_REFUSED;
	}
	*wait = a->retry_after;
	err_set(e, "the token service gave no token (%ld)", a->status);
	return OAUTH_PASSING;
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
	if (buf_file(&old, o->refresh_file, e) == -1)
		goto out;
	while (old.len > 0 && strchr("\r\n ", old.s[old.len - 1]) != NULL)
		old.s[--old.len] = '\0';
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
