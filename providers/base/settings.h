/*
 * What offboard.conf says, beside the keys of each kind of system (those are
 * checked by the kind itself). Read once, at start; never changes.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdint.h>

#include "conf.h"
#include "err.h"

#define SETTINGS_DEFAULT "/etc/offboard/offboard.conf"
#define SETTINGS_SYSTEMS 32

enum role {			/* bits */
	ROLE_VIEWER = 1,	/* sees pages */
	ROLE_OPERATOR = 2,	/* starts, retries, cancels, restores, tasks */
	ROLE_APPROVER = 4,	/* approves what others asked for */
	ROLE_ADMIN = 8,		/* all of them */
};

enum approval { APPROVAL_NONE, APPROVAL_IRREVERSIBLE, APPROVAL_ALL };

struct settings_system {
	const char	*name;		/* of [system NAME] */
	const char	*kind;
	const char	*section;	/* the section's whole name */
};

/* [notify]: whom to tell, and how. NULL: not at all. */
struct settings_notify {
	const char	*smtp_url;
	const char	*smtp_user, *smtp_password_file;
	const char	*from;
	const char	*security, *hr, *facilities;	/* addresses */
	const char	*webhook_url, *webhook_secret_file;
};

#define SETTINGS_RECHECKS 8

struct settings {
	struct conf	*conf;
	const char	*data_dir;
	int		 login_derived;	/* login = local-part */
	const char	*protect;
	int64_t		 sla;		/* ms */
	const char	*sla_text;
	enum approval	 approval;
	long long	 brake;
	int		 recheck_contain;
	int64_t		 recheck[SETTINGS_RECHECKS];	/* ms after the end */
	unsigned	 nrecheck;
	struct settings_notify notify;
	int		 syslog;
	const char	*socket;
	const char	*public_url;
	struct settings_system systems[SETTINGS_SYSTEMS];
	unsigned	 nsystems;
};

/* Loads and checks PATH (NULL: OFFBOARD_CONF, else the default). 0, or -1
 * with file:line in the sentence. Caller clears. */
int	settings_load(struct settings *, const char *, struct err *)
	    __attribute__((warn_unused_result));
void	settings_clear(struct settings *);

/* The roles of a name, as bits; an admin has them all, and whoever has one
 * may view. @name in the file is a Unix group. */
unsigned settings_roles(const struct settings *, const char *);

#endif
