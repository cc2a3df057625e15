/* SipHash-2-4 with 128 bits of output: the keyed tag of a name. */
#ifndef SIPHASH_H
#define SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define SIPHASH_KEY 16
#define SIPHASH_TAG 16

/* Hashes SIZE bytes under a key of SIPHASH_KEY bytes into SIPHASH_TAG bytes.
 * Cannot fail, allocates nothing. */
void	siphash_tag(const uint8_t *, const void *, size_t, uint8_t *);

#endif
