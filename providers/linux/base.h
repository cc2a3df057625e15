/*
 * The base: the whole list of one (epoch, serial) as immutable bytes. A
 * header of 64 bytes, then entries of 24 bytes in strictly rising order of
 * their tags. Numbers are little-endian.
 *
 * header: magic 8, version u32, epoch u32, serial u32, zero u32, count u64,
 *         fleet 16, salt 16
 */
#ifndef BASE_H
#define BASE_H

#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"
#include "denylist.h"

#define BASE_HEAD 64

struct base {
	uint32_t	epoch, serial;
	uint8_t		fleet[DENYLIST_FLEET];
	uint8_t		salt[DENYLIST_SALT];
	const struct denylist_record *records;	/* inside the bytes */
	size_t		n;
};

/* The bytes of a base; NULL when out of memory. Caller frees with free(). */
uint8_t	*base_write(const struct base *, size_t *);

/* Reads the bytes strictly; the result points into them. 0 or -1. */
int	base_parse(const uint8_t *, size_t, struct base *, struct err *)
	    __attribute__((warn_unused_result));

/* Is this login in the base, and under which number? 1 or 0. */
int	base_has(const struct base *, const char *, uint32_t *);

#endif
