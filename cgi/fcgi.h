/*
 * FastCGI: the seam to libfcgi, which no other file knows. A listener on a
 * Unix socket, some threads, a bounded request in and one answer out.
 */
#ifndef FCGI_H
#define FCGI_H

#include <stddef.h>

#include "../providers/base/buf.h"
#include "../providers/base/err.h"

#define FCGI_BODY_MAX 16384

enum fcgi_body {
	FCGI_BODY_OK,
	FCGI_BODY_LARGE,	/* more than FCGI_BODY_MAX; was not read */
	FCGI_BODY_BAD,		/* not as long as it said */
};

struct fcgi_in {
	char *const	*params;	/* NAME=value, ended by NULL */
	enum fcgi_body	 state;
	const char	*body;
	size_t		 body_len;
};

struct fcgi_app {
	void	*arg;
	unsigned threads;
	/* Makes the state of one thread from ARG; NULL with the sentence. */
	void	*(*begin)(void *, struct err *);
	/* Called by the thread itself when it ends. */
	void	 (*end)(void *);
	/* Puts headers and body into the buffer. */
	void	 (*answer)(void *, const struct fcgi_in *, struct buf *);
};

/*
 * systemd's socket when it handed one over (LISTEN_FDS), else a new one at
 * PATH with mode 0660. What a dead process left there is replaced; the socket
 * of a live one is refused. OWN gets 1 for a new one. Returns a descriptor,
 * or -1.
 */
int	 fcgi_listen(const char *, int *, struct err *);

/*
 * Answers until SIGTERM or SIGINT; what is under way then is finished. 0 at
 * the end of a clean stop, or -1 when it could not start. Closes the
 * descriptor, and removes the socket if it is OWN.
 */
int	 fcgi_serve(int, int, const struct fcgi_app *, struct err *);

#endif
