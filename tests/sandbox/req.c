/* req.c: takes a request apart; it must not decide whether it is allowed. */
#include "sandbox.h"

#include <microhttpd.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * The path is split before it is decoded: an escaped slash inside a key or
 * an id must not turn into a further segment. Returns -1 for a bad path.
 */
int
req_split(struct req *q)
{
	char *p, *next;

	if ((q->path = strdup(q->uri)) == NULL)
		return -1;
	q->path[strcspn(q->path, "?#")] = '\0';
	if (q->path[0] != '/')
		return -1;
	for (p = q->path + 1; p != NULL; p = next) {
		if ((next = strchr(p, '/')) != NULL)
			*next++ = '\0';
		if (q->nseg == SEG_MAX)
			return -1;
		MHD_http_unescape(p);
		q->seg[q->nseg++] = p;
	}
	return 0;
}

void
req_clear(struct req *q)
{
	free(q->uri);
	free(q->path);
	free(q->body);
}

/* A query argument, or NULL; borrowed from the connection. */
const char *
req_query(const struct ctx *c, const char *name)
{
	return MHD_lookup_connection_value(c->q->conn,
	    MHD_GET_ARGUMENT_KIND, name);
}

/* A query argument as a number; outside the limits it becomes the limit. */
long long
req_query_int(const struct ctx *c, const char *name, long long otherwise,
    long long min, long long max)
{
	const char *s = req_query(c, name);
	char *end;
	long long v;

	if (s == NULL || *s == '\0')
		return otherwise;
	v = strtoll(s, &end, 10);
	if (*end != '\0')
		return otherwise;
	if (v < min)
		return min;
	return v > max ? max : v;
}

const char *
req_header(const struct ctx *c, const char *name)
{
	return MHD_lookup_connection_value(c->q->conn, MHD_HEADER_KIND, name);
}

/* One field of a form-encoded body, or NULL. Caller frees. */
char *
req_form(const struct ctx *c, const char *name)
{
	const char *p = c->q->body;
	size_t n = strlen(name), len;
	char *v, *s;

	while (p != NULL && *p != '\0') {
		len = strcspn(p, "&");
		if (strncmp(p, name, n) == 0 && p[n] == '=') {
			if ((v = strndup(p + n + 1, len - n - 1)) == NULL)
				return NULL;
			for (s = v; *s != '\0'; s++)
				if (*s == '+')
					*s = ' ';
			MHD_http_unescape(v);
			return v;
		}
		p += len;
		p += *p == '&';
	}
	return NULL;
}

/* Is the body declared to be of this type, whatever its parameters? */
bool
req_type(const struct ctx *c, const char *type)
{
	const char *s = req_header(c, "Content-Type");
	size_t n = strlen(type);

	return s != NULL && strncasecmp(s, type, n) == 0 &&
	    (s[n] == '\0' || s[n] == ';' || s[n] == ' ');
}

/* The bearer token of the request, or NULL. */
const char *
req_bearer(const struct ctx *c)
{
	const char *s = req_header(c, "Authorization");

	return s == NULL || strncasecmp(s, "Bearer ", 7) != 0 ? NULL : s + 7;
}

static enum MHD_Result
req_keep(void *cls, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	char key[128], *p;

	(void)kind;
	snprintf(key, sizeof(key), "%s", name);
	for (p = key; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	js_set_str(cls, key, value);
	return MHD_YES;
}

/* All headers under their names in small letters. */
json_object *
req_headers(const struct ctx *c)
{
	json_object *o = json_object_new_object();

	MHD_get_connection_values(c->q->conn, MHD_HEADER_KIND, req_keep, o);
	return o;
}
