/* The request's parameters and the answer's headers. Knows neither libfcgi
 * nor any page. */
#include "web.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char	*name;
	size_t		 at;
} params[] = {
	{ "REQUEST_METHOD", offsetof(struct web, method) },
	{ "DOCUMENT_URI", offsetof(struct web, path) },
	{ "QUERY_STRING", offsetof(struct web, query) },
	{ "CONTENT_TYPE", offsetof(struct web, type) },
	{ "OFFBOARD_USER", offsetof(struct web, user) },
	{ "REQUEST_SCHEME", offsetof(struct web, scheme) },
	{ "HTTP_HOST", offsetof(struct web, host) },
	{ "HTTP_ORIGIN", offsetof(struct web, origin) },
	{ "HTTP_SEC_FETCH_SITE", offsetof(struct web, fetch_site) },
	{ "HTTP_X_OFFBOARD_SIGNATURE", offsetof(struct web, signature) },
};
#define NPARAMS (sizeof(params) / sizeof(params[0]))

static const struct {
	int		 status;
	const char	*text;
} reasons[] = {
	{ 200, "OK" }, { 204, "No Content" }, { 303, "See Other" },
	{ 400, "Bad Request" }, { 403, "Forbidden" }, { 404, "Not Found" },
	{ 405, "Method Not Allowed" }, { 409, "Conflict" },
	{ 413, "Content Too Large" }, { 415, "Unsupported Media Type" },
	{ 500, "Internal Server Error" }, { 503, "Service Unavailable" },
};

static const char **
web_slot(struct web *w, unsigned i)
{
	return (const char **)(void *)((char *)w + params[i].at);
}

/* One NAME=value. A name that comes twice is remembered: whoever forges one
 * hopes that the wrong one of the two is read. */
static void
web_param(struct web *w, const char *param, unsigned *seen)
{
	const char *eq = strchr(param, '=');
	unsigned i;

	if (eq == NULL)
		return;
	for (i = 0; i < NPARAMS; i++)
		if (strncmp(param, params[i].name,
		    (size_t)(eq - param)) == 0 &&
		    params[i].name[eq - param] == '\0')
			break;
	if (i == NPARAMS)
		return;
	if (params[i].at == offsetof(struct web, user))
		w->users++;
	else if ((*seen & 1U << i) != 0)
		w->doubled = 1;
	*seen |= 1U << i;
	*web_slot(w, i) = eq + 1;
}

void
web_open(struct web *w, const struct fcgi_in *in)
{
	unsigned i, seen = 0;

	w->in = in;
	w->status = 200;
	for (i = 0; i < NPARAMS; i++)
		*web_slot(w, i) = "";
	for (i = 0; in->params[i] != NULL; i++)
		web_param(w, in->params[i], &seen);
}

void
web_head(const struct web *w, struct buf *b)
{
	unsigned i, n = sizeof(reasons) / sizeof(reasons[0]);

	for (i = 0; i < n && reasons[i].status != w->status; i++)
		continue;
	buf_fmt(b, "Status: %d %s\r\n", w->status,
	    i < n ? reasons[i].text : "Answer");
	if (w->status != 204)
		buf_fmt(b, "Content-Type: %s\r\nContent-Length: %zu\r\n",
		    w->content == NULL ? "text/html; charset=utf-8" :
		    w->content, w->out->len);
	if (w->location[0] != '\0')
		buf_fmt(b, "Location: %s\r\n", w->location);
	if (w->allow[0] != '\0')
		buf_fmt(b, "Allow: %s\r\n", w->allow);
	buf_str(b, "Content-Security-Policy: default-src 'none'; "
	    "style-src 'self'; img-src 'self'; form-action 'self'; "
	    "base-uri 'none'; frame-ancestors 'none'\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    /* no-referrer would make browsers send "Origin: null" with our
	     * own forms, which is just what web_is_ours() must refuse. */
	    "Referrer-Policy: same-origin\r\n"
	    "Cache-Control: no-store\r\n"
	    "Cross-Origin-Opener-Policy: same-origin\r\n\r\n");
}

int
web_redirect(struct web *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(w->location, sizeof(w->location), fmt, ap);
	va_end(ap);
	buf_reset(w->out);
	w->content = "text/plain; charset=utf-8";
	w->status = 303;
	return 0;
}

int
web_plain(struct web *w, int status, const char *text)
{
	buf_reset(w->out);
	w->content = "text/plain; charset=utf-8";
	w->status = status;
	if (status != 204)
		buf_fmt(w->out, "%s\n", text);
	return 0;
}

/* The origin of URL: scheme, host and port, without the path. */
static size_t
origin_length(const char *url)
{
	const char *host = strstr(url, "://");

	if (host == NULL)
		return strlen(url);
	return (size_t)(host - url) + 3 + strcspn(host + 3, "/?#");
}

int
web_is_ours(const struct web *w)
{
	const char *url = w->site->settings->public_url;
	char own[320];
	size_t n;

	if (w->doubled != 0)
		return 0;
	if (w->fetch_site[0] != '\0' &&
	    strcmp(w->fetch_site, "same-origin") != 0)
		return 0;
	if (w->origin[0] == '\0')
		return 1;
	if (url == NULL || url[0] == '\0') {
		n = (size_t)snprintf(own, sizeof(own), "%s://%s", w->scheme,
		    w->host);
		return n < sizeof(own) && strcmp(own, w->origin) == 0;
	}
	n = origin_length(url);
	return strlen(w->origin) == n && strncmp(url, w->origin, n) == 0;
}
