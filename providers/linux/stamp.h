/*
 * The stamp: the small signed text that tells hosts which list is in force.
 * Fixed lines in a fixed order, ASCII, LF, nothing behind the signature.
 */
#ifndef STAMP_H
#define STAMP_H

#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"
#include "../base/sign.h"

#define STAMP_MAX 512		/* bytes of a whole stamp */
#define STAMP_SCOPE 33		/* a scope of 32 bytes and NUL */
#define STAMP_FLEET 16
#define STAMP_TIME_MAX 99999999999LL
#define STAMP_BASE_MAX (1LL << 29)	/* bytes of the largest base */

struct stamp {
	uint8_t		fleet[STAMP_FLEET];
	char		scope[STAMP_SCOPE];
	uint32_t	keys;
	uint32_t	epoch, serial;
	int64_t		issued, expires;	/* Unix s */
	uint32_t	base_serial;
	int64_t		base_size;		/* bytes */
	uint8_t		base_hash[SIGN_HASH];
	uint8_t		state[SIGN_HASH];	/* equals base_hash so far */
	char		keyid[SIGN_KEYID_TEXT];
	uint8_t		signature[SIGN_SIZE];
};

/* A scope is 1 to 32 of a-z 0-9 - _ . and begins with a letter or digit. */
int	stamp_scope_ok(const char *);

/* Writes and signs the text into STAMP_MAX + 1 bytes; sets keyid and
 * signature. Returns its length, or -1 with the sentence. */
int	stamp_write(struct stamp *, const struct sign_key *, char *,
	    struct err *) __attribute__((warn_unused_result));

/* Reads the text strictly; proves nothing about the signature. 0 or -1. */
int	stamp_parse(const char *, size_t, struct stamp *, struct err *)
	    __attribute__((warn_unused_result));

/* Is the text, parsed into the stamp, signed by this public key? 0 or -1. */
int	stamp_check(const char *, size_t, const struct stamp *,
	    const uint8_t *) __attribute__((warn_unused_result));

#endif
