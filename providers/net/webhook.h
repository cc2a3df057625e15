/* A signed call to somebody's address: Standard Webhooks 1.0.0. */
#ifndef WEBHOOK_H
#define WEBHOOK_H

#include <stdint.h>

#include "../base/err.h"

struct webhook {
	const char	*url;
	const char	*secret;	/* whsec_ and base64 */
	const char	*id;		/* the same at each try */
	const char	*body;		/* JSON */
	int64_t		 timeout;	/* ms */
};

enum webhook_result {
	WEBHOOK_SENT,
	WEBHOOK_LATER,		/* may get better: *WAIT ms at least */
	WEBHOOK_REFUSED,	/* for good: 410, or a secret that is none */
};

enum webhook_result webhook_send(const struct webhook *, int64_t *,
	    struct err *) __attribute__((warn_unused_result));

#define WEBHOOK_SIGNATURE 64
/* "v1,BASE64" over "ID.TIMESTAMP.BODY". 0, or -1 with the sentence. */
int	webhook_sign(const struct webhook *, int64_t, char [WEBHOOK_SIGNATURE],
	    struct err *) __attribute__((warn_unused_result));

#endif
