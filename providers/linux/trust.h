/* What a host believes: /etc/offboard/trust, installed by the administrator
 * and never learned from the network. */
#ifndef TRUST_H
#define TRUST_H

#include <stdint.h>

#include "../base/err.h"
#include "../base/sign.h"
#include "stamp.h"

struct trust {
	uint8_t	fleet[STAMP_FLEET];
	char	scope[STAMP_SCOPE];
	char	keyid[SIGN_KEYID_TEXT];		/* of the publisher */
	uint8_t	public[SIGN_PUBLIC];
};

/* Reads [trust] fleet, scope, publisher. The keyid must fit the key. Refuses
 * a file that others can change. 0 or -1. */
int	trust_read(const char *, struct trust *, struct err *)
	    __attribute__((warn_unused_result));

/* Writes the file durably, mode 0644; the keyid is computed. 0 or -1. */
int	trust_write(const char *, const struct trust *, struct err *)
	    __attribute__((warn_unused_result));

#endif
