/*
 * Ed25519 keys and signatures, SHA-256, random bytes, and their texts in hex
 * and base64. Used by the publisher, the hosts and the audit chain.
 */
#ifndef SIGN_H
#define SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define SIGN_PUBLIC 32
#define SIGN_SIZE 64
#define SIGN_HASH 32
#define SIGN_KEYID_TEXT 17	/* 16 hex digits and NUL */
#define SIGN_HASH_TEXT 65	/* 64 hex digits and NUL */
#define SIGN_BASE64_TEXT 89	/* a signature or public key, and NUL */

struct sign_key;

/* A new key. NULL with the sentence. Caller frees with sign_free(). */
struct sign_key *sign_generate(struct err *);

/* Reads a PKCS #8 PEM file that nobody but its owner can read. NULL with the
 * sentence. Caller frees with sign_free(). */
struct sign_key *sign_load(const char *, struct err *);

/* Writes the key durably, mode 0600. Refuses to replace a file. 0 or -1. */
int	 sign_save(const struct sign_key *, const char *, struct err *)
	    __attribute__((warn_unused_result));
void	 sign_free(struct sign_key *);

/* The public half (SIGN_PUBLIC bytes) and its name: the first 16 hex digits
 * of its SHA-256. Valid as long as the key. */
const uint8_t *sign_public(const struct sign_key *);
const char *sign_keyid(const struct sign_key *);
int	 sign_keyid_of(const uint8_t *, char [SIGN_KEYID_TEXT])
	    __attribute__((warn_unused_result));

/* Signs a message into SIGN_SIZE bytes. 0 or -1. */
int	 sign_make(const struct sign_key *, const void *, size_t, uint8_t *)
	    __attribute__((warn_unused_result));
/* Is this the signature (SIGN_SIZE bytes) of the message by the public key?
 * 0: yes; -1: no. */
int	 sign_check(const uint8_t *, const void *, size_t, const uint8_t *)
	    __attribute__((warn_unused_result));

/* SHA-256 as bytes (SIGN_HASH) or as lower-case hex. 0 or -1. */
int	 sign_hash(const void *, size_t, uint8_t *)
	    __attribute__((warn_unused_result));
int	 sign_hash_text(const void *, size_t, char [SIGN_HASH_TEXT])
	    __attribute__((warn_unused_result));

/* Random bytes fit for keys and salts. 0 or -1. */
int	 sign_random(void *, size_t) __attribute__((warn_unused_result));

/* Bytes to lower-case hex (2 * SIZE + 1 bytes of room) and strictly back:
 * exactly SIZE bytes, small letters only. */
void	 sign_hex(const void *, size_t, char *);
int	 sign_unhex(const char *, void *, size_t)
	    __attribute__((warn_unused_result));

/* At most SIGN_SIZE bytes to base64 (SIGN_BASE64_TEXT bytes of room) and
 * strictly back: exactly SIZE bytes, the one canonical text. */
void	 sign_base64(const uint8_t *, size_t, char [SIGN_BASE64_TEXT]);
int	 sign_unbase64(const char *, uint8_t *, size_t)
	    __attribute__((warn_unused_result));

#endif
