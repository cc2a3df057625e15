/*
 * Publishing the list: base first, then the stamp that names it, each
 * replaced durably, so that a host sees the old state or the new one.
 */
#ifndef PUBLISH_H
#define PUBLISH_H

#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"
#include "../base/sign.h"

#define PUBLISH_LIFE (24 * 3600)	/* s from issued to expires */

struct publish_entry {
	const char	*login;
	uint32_t	 number;	/* of the offboarding: OB-000001 is 1 */
};

struct publish {
	const char	*folder;
	const struct sign_key *key;
	uint8_t		 fleet[16];
	uint8_t		 salt[16];	/* of the fleet, never changed */
	const char	*scope;		/* "default" */
	uint32_t	 epoch, serial;
	int64_t		 issued;	/* Unix s */
	int64_t		 expires;	/* Unix s; 0: issued + PUBLISH_LIFE */
	const struct publish_entry *entries;
	size_t		 n;
};

/*
 * Writes base and stamp, then removes bases older than an hour that no stamp
 * names. An impossible login is an error that names it; a login that stands
 * twice keeps the highest number. The same input gives the same base. 0 or
 * -1.
 */
int	publish_state(const struct publish *, struct err *)
	    __attribute__((warn_unused_result));

/*
 * Signs the stamp that is there again, for the same state, with new times:
 * the sign of life, every 10 s. Fails when the stamp is not ours: another
 * key, fleet, scope, epoch or serial. ENTRIES and SALT are not looked at.
 */
int	publish_again(const struct publish *, struct err *)
	    __attribute__((warn_unused_result));

#endif
