/* One HTTP request and its answer, as every page sees them. */
#ifndef WEB_H
#define WEB_H

#include <stddef.h>
#include <stdint.h>

#include "../providers/base/buf.h"
#include "../providers/base/err.h"
#include "../providers/base/settings.h"
#include "../providers/record/store.h"
#include "fcgi.h"

#define WEB_KEY 32		/* bytes of the CSRF key */
#define WEB_OUT (2 * 1024 * 1024)

/* What all requests share; never changes after start. */
struct site {
	const struct settings	*settings;
	unsigned char		 csrf_key[WEB_KEY];
};

struct web {
	/* What was asked. Texts are "" when absent, never NULL. */
	const struct site	*site;
	struct store		*store;
	const char		*method;
	const char		*path;
	const char		*query;
	const char		*type;
	const char		*user;
	const char		*origin;
	const char		*fetch_site;
	const char		*host;
	const char		*scheme;
	const char		*signature;
	const struct fcgi_in	*in;
	int			 users;	/* times that a user was handed over */
	int			 doubled;	/* another one came twice */
	unsigned		 roles;
	int64_t			 id;	/* the number in the path; 0: none */
	int64_t			 now;
	/* What is answered. */
	int			 status;
	char			 location[160];
	const char		*content;	/* NULL: HTML */
	char			 allow[32];
	struct buf		*out;
};

/* Reads the request's parameters. */
void	 web_open(struct web *, const struct fcgi_in *);

/* Status line and headers for what stands in the request. */
void	 web_head(const struct web *, struct buf *);

/* Answers 303 to a path of ours. Returns 0. */
int	 web_redirect(struct web *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

/* Forgets what was written so far and answers with one plain sentence.
 * Returns 0. */
int	 web_plain(struct web *, int, const char *);

/* POST from one of our own pages, as far as the browser says? */
int	 web_is_ours(const struct web *);

#endif
