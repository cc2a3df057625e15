/*
 * The one place for the rules of outgoing HTTP: TLS 1.2 or newer with the
 * peer checked, http only to loopback, no redirects, no proxy from the
 * environment, no compression, bounded time and size, a fresh handle per
 * request (a reused one has leaked credentials before). Retries nothing.
 */
#include "http.h"

#include <curl/curl.h>

#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../base/when.h"

#define HEADERS_MAX	8
#define CONNECT_MS	5000L
#define WAIT_MAX_MS	3600000LL	/* the most we believe a service */

struct http {
	CURLM		*multi;		/* keeps connections open */
	char		*base;
	char		 host[128];
	int64_t		 timeout;
	char		*headers[HEADERS_MAX];
};

/* Set by a signal handler, read by every thread. */
static atomic_int stopping;

void
http_stop(void)
{
	stopping = 1;
}

int
http_stopped(void)
{
	return stopping != 0;
}

void
http_pause(int64_t ms)
{
	int64_t until = when_mono() + ms, left;

	while (stopping == 0 && (left = until - when_mono()) > 0)
		(void)poll(NULL, 0, (int)(left > 50 ? 50 : left));
}

int
http_init(struct err *e)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(e, "libcurl cannot be initialised");
	return 0;
}

struct http *
http_new(const char *base, int64_t timeout, struct err *e)
{
	struct http *h = calloc(1, sizeof(*h));
	CURLU *u = curl_url();
	char *host = NULL;
	size_t len;

	if (h == NULL || u == NULL || (h->base = strdup(base)) == NULL)
		goto fail;
	len = strlen(h->base);
	while (len > 0 && h->base[len - 1] == '/')
		h->base[--len] = '\0';
	if (curl_url_set(u, CURLUPART_URL, base, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
		err_set(e, "%s is no URL", base);
		goto fail_said;
	}
	(void)text_copy(h->host, sizeof(h->host), host);
	curl_free(host);
	curl_url_cleanup(u);
	h->timeout = timeout;
	h->multi = curl_multi_init();
	if (h->multi != NULL)
		return h;
	u = NULL;
fail:
	err_set(e, "out of memory");
fail_said:
	curl_url_cleanup(u);
	http_free(h);
	return NULL;
}

static void
secret_free(char *s)
{
	if (s == NULL)
		return;
	explicit_bzero(s, strlen(s));
	free(s);
}

void
http_free(struct http *h)
{
	int i;

	if (h == NULL)
		return;
	for (i = 0; i < HEADERS_MAX; i++)
		secret_free(h->headers[i]);
	if (h->multi != NULL)
		curl_multi_cleanup(h->multi);
	free(h->base);
	free(h);
}

int
http_header(struct http *h, const char *name, const char *value,
    struct err *e)
{
	size_t n = strlen(name);
	struct buf b;
	int i;

	for (i = 0; i < HEADERS_MAX - 1; i++)
		if (h->headers[i] == NULL ||
		    (strncasecmp(h->headers[i], name, n) == 0 &&
		    h->headers[i][n] == ':'))
			break;
	buf_init(&b, 16384);
	buf_fmt(&b, "%s: %s", name, value);
	if (b.failed != 0 || strpbrk(value, "\r\n") != NULL) {
		buf_clear(&b);
		return err_set(e, "the value of header %s is not usable", name);
	}
	secret_free(h->headers[i]);
	h->headers[i] = b.s;
	return 0;
}

void
http_path(struct buf *b, ...)
{
	const char *segment;
	char *escaped;
	va_list ap;

	va_start(ap, b);
	while ((segment = va_arg(ap, const char *)) != NULL) {
		escaped = curl_easy_escape(NULL, segment, 0);
		if (escaped == NULL)
			b->failed = 1;
		else {
			buf_char(b, '/');
			buf_str(b, escaped);
		}
		curl_free(escaped);
	}
	va_end(ap);
}

void
http_query(struct buf *b, const char *key, const char *value)
{
	char *escaped = curl_easy_escape(NULL, value, 0);

	if (escaped == NULL)
		b->failed = 1;
	else
		buf_fmt(b, "%c%s=%s", strchr(buf_cstr(b), '?') == NULL ? '?' :
		    '&', key, escaped);
	curl_free(escaped);
}

/* max-filesize does not bound a chunked body in this libcurl: the buffer
 * does. */
static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct http_answer *a = arg;

	buf_put(&a->body, p, size * n);
	return a->body.failed != 0 ? 0 : size * n;
}

static void
header_copy(const char *line, size_t len, const char *name, char *out,
    size_t size)
{
	size_t n = strlen(name);

	if (len <= n + 1 || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return;
	line += n + 1;
	len -= n + 1;
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n' ||
	    line[len - 1] == ' '))
		len--;
	if (len >= size)
		return;
	memcpy(out, line, len);
	out[len] = '\0';
}

/* Some say by the clock (seconds of 1970) when they will answer again. */
static void
header_limit(const char *line, size_t len, struct http_answer *a)
{
	char text[32] = "";
	long long at, wait;

	header_copy(line, len, "X-Rate-Limit-Expiry", text, sizeof(text));
	if (text[0] == '\0')
		header_copy(line, len, "x-ve-limit-expires", text,
		    sizeof(text));
	if (text[0] == '\0' || text_int(text, 1, INT32_MAX * 8LL, &at) == -1)
		return;
	wait = at * 1000 - when_now();
	a->limit = wait < 0 ? 0 : wait > WAIT_MAX_MS ? WAIT_MAX_MS : wait;
}

static size_t
on_header(char *p, size_t size, size_t n, void *arg)
{
	struct http_answer *a = arg;
	char total[32] = "";
	long long v;

	header_copy(p, n * size, "ETag", a->etag, sizeof(a->etag));
	header_limit(p, n * size, a);
	header_copy(p, n * size, "Total", total, sizeof(total));
	if (total[0] == '\0')
		header_copy(p, n * size, "X-Total-Results", total,
		    sizeof(total));
	if (total[0] != '\0' && text_int(total, 0, 1000000000, &v) == 0)
		a->total = v;
	return n * size;
}

static int
request_prepare(struct http *h, CURL *c, const struct http_request *r,
    struct http_answer *a, const char *url)
{
	int bad = 0;

#define SET(option, value) \
	bad |= curl_easy_setopt(c, option, value) != CURLE_OK
	SET(CURLOPT_URL, url);
	SET(CURLOPT_CUSTOMREQUEST, r->method);
	SET(CURLOPT_PROTOCOLS_STR, strncmp(url, "http://", 7) == 0 ? "http" :
	    "https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	SET(CURLOPT_TIMEOUT_MS, (long)h->timeout);
	SET(CURLOPT_LOW_SPEED_LIMIT, 10L);
	SET(CURLOPT_LOW_SPEED_TIME, 15L);
	SET(CURLOPT_MAXLIFETIME_CONN, 300L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, a);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, a);
	if (r->type != NULL) {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
		SET(CURLOPT_POSTFIELDS, r->body);
		SET(CURLOPT_CUSTOMREQUEST, r->method);
	}
#undef SET
	return bad;
}

static struct curl_slist *
request_headers(struct http *h, const struct http_request *r)
{
	struct curl_slist *list = NULL, *more;
	char type[128];
	int i;

	(void)snprintf(type, sizeof(type), "Content-Type: %s",
	    r->type == NULL ? "" : r->type);
	list = curl_slist_append(NULL, "Accept: application/json, */*;q=0.1");
	more = list == NULL ? NULL : curl_slist_append(list, "Expect:");
	/* A bodyless POST or PUT must say so. */
	if (more != NULL && r->type != NULL)
		more = curl_slist_append(list, type);
	else if (more != NULL && strcmp(r->method, "GET") != 0 &&
	    strcmp(r->method, "DELETE") != 0)
		more = curl_slist_append(list, "Content-Length: 0");
	if (more != NULL && r->header != NULL)
		more = curl_slist_append(list, r->header);
	for (i = 0; more != NULL && i < HEADERS_MAX; i++)
		if (h->headers[i] != NULL)
			more = curl_slist_append(list, h->headers[i]);
	if (more != NULL)
		return list;
	curl_slist_free_all(list);
	return NULL;
}

static void
headers_free(struct curl_slist *list)
{
	struct curl_slist *l;

	for (l = list; l != NULL; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(list);
}

/* Runs the one transfer to its end, or to a stop. */
static CURLcode
request_run(struct http *h, CURL *c)
{
	CURLcode rc = CURLE_ABORTED_BY_CALLBACK;
	CURLMsg *m;
	int running = 1, left;

	if (curl_multi_add_handle(h->multi, c) != CURLM_OK)
		return CURLE_OUT_OF_MEMORY;
	while (running != 0 && stopping == 0) {
		if (curl_multi_perform(h->multi, &running) != CURLM_OK)
			break;
		if (running != 0)
			(void)curl_multi_poll(h->multi, NULL, 0, 100, NULL);
	}
	while ((m = curl_multi_info_read(h->multi, &left)) != NULL)
		if (m->msg == CURLMSG_DONE && m->easy_handle == c)
			rc = m->data.result;
	(void)curl_multi_remove_handle(h->multi, c);
	return rc;
}

static void
result_say(struct http *h, CURLcode rc, const struct http_answer *a,
    struct err *e)
{
	if (rc == CURLE_WRITE_ERROR && a->body.failed != 0)
		err_set(e, "%s sent more than %u bytes", h->host,
		    HTTP_BODY_MAX);
	else if (rc == CURLE_ABORTED_BY_CALLBACK)
		err_set(e, "stopped while %s was being asked", h->host);
	else if (rc == CURLE_OPERATION_TIMEDOUT)
		err_set(e, "%s did not answer within %lld s", h->host,
		    (long long)h->timeout / 1000);
	else
		err_set(e, "%s: %s", h->host, curl_easy_strerror(rc));
}

enum http_result
http_call(struct http *h, const struct http_request *r, struct http_answer *a,
    struct err *e)
{
	struct curl_slist *list = NULL;
	CURLcode rc = CURLE_OUT_OF_MEMORY;
	curl_off_t wait = 0;
	struct buf url;
	CURL *c;

	memset(a, 0, sizeof(*a));
	a->total = -1;
	buf_init(&a->body, HTTP_BODY_MAX);
	buf_init(&url, 8192);
	buf_str(&url, h->base);
	buf_str(&url, r->path);
	c = curl_easy_init();
	list = request_headers(h, r);
	if (c != NULL && list != NULL && url.failed == 0 &&
	    request_prepare(h, c, r, a, buf_cstr(&url)) == 0 &&
	    curl_easy_setopt(c, CURLOPT_HTTPHEADER, list) == CURLE_OK)
		rc = request_run(h, c);
	if (rc == CURLE_OK) {
		(void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &a->status);
		(void)curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &wait);
		/* Some servers send a date; libcurl turns it into seconds,
		 * which may be negative. An hour is the most we believe. */
		if (wait > 0)
			a->retry_after = (wait > 3600 ? 3600 : wait) * 1000;
	} else
		result_say(h, rc, a, e);
	if (c != NULL)
		curl_easy_cleanup(c);
	headers_free(list);
	buf_clear(&url);
	return rc == CURLE_OK ? HTTP_OK : HTTP_UNREACHED;
}

void
http_answer_clear(struct http_answer *a)
{
	buf_clear(&a->body);
}
