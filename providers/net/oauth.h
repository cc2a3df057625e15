/* OAuth 2.0: a refresh token that rotates at every use (RFC 6749, 6), and a
 * client's own credentials (RFC 6749, 4.4). */
#ifndef OAUTH_H
#define OAUTH_H

#include "http.h"

struct oauth {
	struct http	*http;		/* borrowed */
	const char	*path;		/* "/oauth/token" */
	const char	*client_id;
	const char	*client_secret;
	const char	*refresh_file;	/* read, and replaced durably */
};

enum oauth_result {
	OAUTH_OK,
	OAUTH_REFUSED,		/* for good: a person must authorise again */
	OAUTH_PASSING,		/* no answer, or one that may get better */
	OAUTH_SLOW,		/* 429: *WAIT ms */
};

/*
 * Gets an access token into TOKEN (cleared first). The new refresh token is
 * on disk, synced, before this returns: the old one is dead by then. Only one
 * process may do this, the holder of worker.lock. The sentence is set unless
 * the result is OAUTH_OK.
 */
enum oauth_result oauth_refresh(const struct oauth *, struct buf *,
	    int64_t *, struct err *) __attribute__((warn_unused_result));

/* A client that asks for itself, in JSON. */
struct oauth_client {
	struct http	*http;		/* borrowed */
	const char	*path;		/* "/oauth/token" */
	const char	*client_id;
	const char	*client_secret;
	const char	*scope;
};

/*
 * Gets an access token into TOKEN (cleared first). *MS becomes how long it
 * lives, or else how long the service asked us to wait (0: unsaid). A service
 * may let the token before it die at this very moment.
 */
enum oauth_result oauth_client(const struct oauth_client *, struct buf *,
	    int64_t *, struct err *) __attribute__((warn_unused_result));

#endif
