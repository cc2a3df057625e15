/*
 * HTTP to one system: the only code of the product that touches a network.
 * Every TLS, time-out, size, redirect and secret rule stands in http.c.
 * A client belongs to one thread; requests to one origin share connections.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdint.h>

#include "../base/buf.h"
#include "../base/err.h"

#define HTTP_BODY_MAX	(4u * 1024 * 1024)	/* of an answer */

struct http;

/* BASE is the origin, with a path perhaps; TIMEOUT in ms for a whole
 * request. NULL with the sentence. Caller frees. */
struct http *http_new(const char *, int64_t, struct err *);
void	 http_free(struct http *);

/* A header line sent with every request ("Authorization: Bearer x"); one of
 * the same name is replaced. Kept in memory that is zeroed. 0 or -1. */
int	 http_header(struct http *, const char *, const char *, struct err *)
	    __attribute__((warn_unused_result));

struct http_request {
	const char	*method;	/* "GET" ... */
	const char	*path;		/* made by http_path() */
	const char	*type;		/* of the body; NULL: no body */
	const char	*body;
	size_t		 body_len;
	const char	*header;	/* one more header line, or NULL */
};

struct http_answer {
	long		 status;
	struct buf	 body;
	int64_t		 retry_after;	/* ms, from the header; 0: none */
	long long	 total;		/* header Total, or -1 */
	char		 etag[128];	/* header ETag, or "" */
	int64_t		 limit;		/* ms until its rate starts anew; 0 */
};

enum http_result {
	HTTP_OK,	/* some whole answer, of whatever status */
	HTTP_UNREACHED,	/* none, or none that is whole: the sentence says */
};

/* One request, not retried here. Caller clears the answer in any case. */
enum http_result http_call(struct http *, const struct http_request *,
	    struct http_answer *, struct err *);
void	 http_answer_clear(struct http_answer *);

/* "/a/b/c" with each segment escaped; ends with NULL. */
void	 http_path(struct buf *, ...) __attribute__((sentinel));
/* Appends ?key=value or &key=value, escaped. */
void	 http_query(struct buf *, const char *, const char *);

/* From now on every request is cut short (a signal handler may call it). */
void	 http_stop(void);
int	 http_stopped(void);
/* Sleeps, but not over a stop. */
void	 http_pause(int64_t);

/* Once, before any thread. */
int	 http_init(struct err *) __attribute__((warn_unused_result));

#endif
