/* Writing a denylist: for offboard-hostd and `offboard denylist build`. */
#ifndef DENYLIST_BUILD_H
#define DENYLIST_BUILD_H

#include "../base/err.h"
#include "denylist.h"

/* What to write. The entries stay the caller's. */
struct denylist_build {
	const char	*path;
	uint32_t	 epoch, serial;
	uint64_t	 generated;	/* Unix s */
	uint64_t	 issued;	/* Unix s, or 0 */
	uint8_t		 salt[DENYLIST_SALT];
	uint8_t		 fleet[DENYLIST_FLEET];
	uint8_t		 source[DENYLIST_SOURCE];
	const struct denylist_record *names, *uids;	/* strictly rising */
	size_t		 n_names, n_uids;
};

/* Fills an entry with the tag of a login or uid. 0, or -1 when it cannot be
 * listed. */
int	denylist_record_name(struct denylist_record *, const uint8_t *,
	    const char *, uint32_t) __attribute__((warn_unused_result));
int	denylist_record_uid(struct denylist_record *, const uint8_t *, uid_t,
	    uint32_t) __attribute__((warn_unused_result));

/* Sorts entries by tag and removes doubled ones (the highest number stays).
 * Returns how many are left, or -1 when out of memory. */
int64_t	denylist_sort(struct denylist_record *, size_t);

/*
 * Writes the file durably (mode 0644, owned by the caller), opens it again
 * and verifies every page. 0, or -1 with the sentence; the old file stays
 * when the new one could not be written.
 */
int	denylist_build(const struct denylist_build *, struct err *)
	    __attribute__((warn_unused_result));

#endif
