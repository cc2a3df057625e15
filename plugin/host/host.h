/*
 * offboard-hostd: what its parts share. One thread, one struct host; the
 * parts are hostconf (configuration), fetch (publication), install
 * (denylist), sweep (live sessions) and report.
 */
#ifndef HOST_H
#define HOST_H

#include <sys/types.h>

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "../../providers/base/err.h"
#include "../../providers/linux/base.h"
#include "../../providers/linux/denylist.h"
#include "../../providers/base/sign.h"
#include "../../providers/linux/stamp.h"
#include "../../providers/linux/trust.h"

#define HOST_FRESH 60			/* s since issued */
#define HOST_EXPIRED (24 * 3600)	/* s since issued */
#define HOST_PATH 512

struct hostconf {
	char	 name[256];
	char	 publication[HOST_PATH];
	char	 state_dir[HOST_PATH];
	char	 trust[HOST_PATH];
	char	 key[HOST_PATH + 16];
	char	 report_url[HOST_PATH];		/* "": none */
	char	 exempt[1024];
	int	 max_new;
	int	 sweep;
	int64_t	 poll, sweep_for;		/* ms */
	uid_t	 owner;
};

/* A local account that is listed or exempt. */
struct account {
	char	name[DENYLIST_NAME_MAX + 1];
	uid_t	uid;
	uint32_t number;
	int	listed, exempt;
};

struct accounts {
	struct account	*a;
	size_t		 n, room;
};

/* A stamp whose signature was good, and the base it names. */
struct state {
	struct stamp	 stamp;
	char		 text[STAMP_MAX + 1];
	size_t		 length;
	uint8_t		*bytes;		/* of the base; NULL: none */
	size_t		 size;
	struct base	 base;
};

/* Nothing below this was accepted before, so nothing below it is now. */
struct floor {
	int		 set;
	uint32_t	 epoch, serial;
	int64_t		 issued;	/* Unix s, the largest seen */
	uint8_t		 state[SIGN_HASH];
};

struct sweep {
	int64_t	started, next;		/* ms, monotonic */
	int	clean;			/* passes in a row */
	int	told;			/* the first clean pass was reported */
	unsigned long ended;		/* since the serial was applied */
	unsigned long left;		/* after the last pass */
};

struct host {
	struct hostconf	 conf;
	struct trust	 trust;
	struct sign_key	*key;
	struct floor	 floor;
	struct state	 now;		/* in force */
	struct accounts	 accounts;
	uint64_t	 build;		/* of the denylist in force; 0: none */
	uint64_t	 generated;	/* Unix s */
	int		 usable;	/* the denylist was good last time */
	int64_t		 verified;	/* ms, monotonic: every page read */
	struct stat_seen {
		ino_t	ino;
		off_t	size;
		struct timespec changed;
	}		 passwd, list;
	int		 held;		/* a base waits for a human */
	uint32_t	 held_epoch, held_serial;
	int64_t		 age, age_at;	/* s, and s of CLOCK_BOOTTIME */
	char		 last[STAMP_MAX + 1];	/* stamp looked at last */
	size_t		 last_length;
	char		 refusal[ERR_MAX];	/* logged last */
	char		 problem[ERR_MAX];	/* said of the denylist last */
	struct sweep	 sweep;
};

/* hostconf.c: reads the file. 0 or -1. */
int	hostconf_read(const char *, struct hostconf *, struct err *)
	    __attribute__((warn_unused_result));
/* Is this login exempt here? root is. 1 or 0. */
int	hostconf_exempts(const struct hostconf *, const char *);

/*
 * fetch.c: looks at the publication. 1 and a state that is new or was lost
 * (the caller frees it with fetch_clear()), 0 when there is nothing to do,
 * -1 when it was refused or is away; says so itself, once.
 */
int	fetch_look(struct host *, struct state *);
/* The copy kept beside the denylist, signature and hash checked. 0 or -1. */
int	fetch_saved(struct host *, struct state *)
	    __attribute__((warn_unused_result));
void	fetch_clear(struct state *);
/* s since the newest stamp was issued; -1: never seen one. */
int64_t	fetch_age(const struct host *);
/* Counts the age from this issued time, when it is newer. */
void	fetch_seen(struct host *, int64_t);

/* install.c: reads floor and copy at the start. Never fails: what is lost is
 * fetched again. */
void	install_start(struct host *);
/* Puts a fetched state in force, or holds it. Takes over the state. 1 when
 * in force, 0 when held, -1 on failure (said). */
int	install_apply(struct host *, struct state *);
/* Repairs a damaged denylist, follows passwd, refreshes an old file. */
void	install_check(struct host *);

/* account.c: walks passwd for names in a base and for exempt ones. 0 or -1. */
int	account_walk(const struct hostconf *, const struct base *,
	    struct accounts *, struct err *)
	    __attribute__((warn_unused_result));
void	account_clear(struct accounts *);
/* May the processes of this uid live? Answers 1 when they must end. */
int	account_ends(const struct host *, uid_t);

/* sweep.c: starts over for a newly applied state. */
void	sweep_begin(struct host *);
/* Does what is due. 1 after the first clean pass of this state, else 0. */
int	sweep_step(struct host *);

/* report.c */
struct report;
/* NULL with the sentence. Caller frees with report_free(). */
struct report *report_new(const struct host *, struct err *);
void	report_free(struct report *);
/* Sends a report as soon as possible. */
void	report_soon(struct report *);
/* Starts and ends transfers; waits on FDS too, at most TIMEOUT ms. 0 or -1.
 * Curl's own descriptors are waited on together with them. */
struct curl_waitfd;
int	report_wait(struct report *, struct curl_waitfd *, unsigned, int64_t);
/* Is one under way or due right now? */
int	report_busy(const struct report *);
/* FRESH, STALE, EXPIRED or HELD. */
const char *report_state(const struct host *);

#endif
