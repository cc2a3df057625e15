/* Asking passwd for one account, from inside the module. */
#ifndef PASSWD_H
#define PASSWD_H

#include <sys/types.h>

#include "../../providers/linux/denylist.h"

/* Whom to look for in passwd: the name, or the uid when that is NULL. */
struct who {
	const char	*name;
	uid_t		 uid;
};

/* What passwd says; found is 0 when nothing. */
struct account {
	int	found;
	uid_t	uid;
	char	name[DENYLIST_NAME_MAX + 1];
};

/*
 * Unknown is no failure, and a name service that is down makes the name
 * unknown: the raw name was looked up already. Only the lack of memory or
 * descriptors is a failure: its errno. Else 0.
 */
int	passwd_find(const struct who *, struct account *);

#endif
