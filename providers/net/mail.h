/* One letter to one person over SMTP (RFC 5321), by libcurl. */
#ifndef MAIL_H
#define MAIL_H

#include <stdint.h>

#include "../base/err.h"

struct mail {
	const char	*url;		/* smtp://host[:port] or smtps:// */
	const char	*user, *password;	/* or NULL */
	const char	*from, *to;	/* addresses, checked */
	const char	*subject;	/* UTF-8 */
	const char	*body;		/* UTF-8, lines ended by \n */
	const char	*id;		/* of the message, the same at each try */
	int64_t		 at;		/* ms: when it was written */
	int64_t		 timeout;	/* ms */
};

enum mail_result {
	MAIL_SENT,
	MAIL_LATER,		/* may get better */
	MAIL_REFUSED,		/* for good: 5xx */
};

/* Sends it with TLS; to loopback without. The sentence is set unless it was
 * sent. */
enum mail_result mail_send(const struct mail *, struct err *)
	    __attribute__((warn_unused_result));

#endif
