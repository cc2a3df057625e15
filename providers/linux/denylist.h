/*
 * The denylist of a Linux host: one immutable file of 4 KiB pages that names,
 * as salted tags, who may not log in. Readers never wait for writers: a new
 * list replaces the file by rename. See denylist_page.h for the bytes.
 */
#ifndef DENYLIST_H
#define DENYLIST_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#define DENYLIST_NAME_MAX 256	/* bytes of a login */
#define DENYLIST_PATH_MAX 1024	/* bytes of a path, with its NUL */
#define DENYLIST_SALT 16
#define DENYLIST_TAG 16
#define DENYLIST_FLEET 16
#define DENYLIST_SOURCE 32	/* SHA-256 of what the list was built from */
#define DENYLIST_RECORD 24

enum denylist_result {
	DENYLIST_NOT_LISTED,
	DENYLIST_LISTED,
	DENYLIST_USABLE,	/* of denylist_open() and denylist_verify() */
	DENYLIST_UNUSABLE,	/* missing, damaged, wrong owner: see reason */
	DENYLIST_SYSTEM,	/* no descriptor, no memory, I/O: see error */
};

/* An entry as it lies in the file: tag, offboarding number (little-endian),
 * four zero bytes. */
struct denylist_record {
	uint8_t	b[DENYLIST_RECORD];
};

/* What the first page says. */
struct denylist_facts {
	uint64_t	generation;	/* epoch << 32 | serial */
	uint64_t	generated;	/* Unix s */
	uint64_t	issued;		/* Unix s, of the stamp applied; or 0 */
	uint64_t	names, uids;	/* entries, without the canary */
	uint64_t	build;		/* random, the same on every page */
	uint32_t	epoch, serial;
	uint32_t	pages;
	uint32_t	name_pages, uid_pages;	/* without overflow pages */
	uint8_t		salt[DENYLIST_SALT];
	uint8_t		fleet[DENYLIST_FLEET];	/* zero: built by hand */
	uint8_t		source[DENYLIST_SOURCE];
};

struct denylist {
	int		 fd;
	uint32_t	 number;	/* of the entry found last; 0: none */
	int		 error;		/* errno, or 0 */
	const char	*reason;	/* static text when not usable */
	struct denylist_facts facts;
};

struct denylist_where {
	const char	*path;
	uid_t		 owner;		/* who must own file and folder */
	uid_t		 owner2;	/* or this one; the same if none */
	int		 sticky_ok;	/* take a folder such as /tmp */
};

/*
 * Opens the file and checks its owner, mode, size and first page: USABLE,
 * UNUSABLE or SYSTEM. Always end with denylist_close(), which is harmless
 * after a failure. Keeps errno, allocates nothing, needs less than 8 KiB of
 * stack.
 */
enum denylist_result denylist_open(struct denylist *,
	    const struct denylist_where *);
void	denylist_close(struct denylist *);

/*
 * LISTED, NOT_LISTED, UNUSABLE or SYSTEM. ASCII capitals count as small
 * letters. A text that is no login (empty, longer than DENYLIST_NAME_MAX,
 * control bytes) cannot be listed. Uid 0 is never listed.
 */
enum denylist_result denylist_has_name(struct denylist *, const char *);
enum denylist_result denylist_has_uid(struct denylist *, uid_t);

/* Reads every page and the canary: USABLE, UNUSABLE or SYSTEM. */
enum denylist_result denylist_verify(struct denylist *);

/* Can this text be listed? 1 or 0. */
int	denylist_name_ok(const char *);

/* The tag of a login or a uid under a salt. 0, or -1 if it cannot be listed. */
int	denylist_name_tag(const uint8_t *, const char *, uint8_t *)
	    __attribute__((warn_unused_result));
int	denylist_uid_tag(const uint8_t *, uid_t, uint8_t *)
	    __attribute__((warn_unused_result));

#endif
