/* OAuth 2.0 with a refresh token that rotates at every use (RFC 6749, 6). */
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

/*
 * Gets an access token into TOKEN (cleared first). The new refresh token is
 * on disk, synced, before this returns: the old one is dead by then. Only one
 * process may do this, the holder of worker.lock. 0 or -1 with the sentence.
 */
int	oauth_refresh(const struct oauth *, struct buf *, struct err *)
	    __attribute__((warn_unused_result));

#endif
