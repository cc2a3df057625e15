/* The options of pam_offboard.so on its line in /etc/pam.d. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <sys/types.h>

#include <security/pam_modules.h>

struct options {
	const char	*denylist;	/* absolute path */
	const char	*exempt;	/* a,b or NULL; besides root */
	uid_t		 owner;		/* of the denylist */
	long long	 max_age;	/* s; 0: any age */
	int		 stale_deny;
	int		 audit_only;
	int		 silent;
	int		 deny_code;	/* of the account phase */
};

/* Reads all options and logs each bad one. 0, or -1 if any was bad. The
 * result points into ARGV. */
int	options_read(struct options *, pam_handle_t *, int, const char **);

/* Is this name root or in the exempt list, byte by byte? 1 or 0. */
int	options_exempts(const struct options *, const char *);

#endif
