/* CRC-32C (Castagnoli): finds accidental damage, not tampering. */
#ifndef CRC32C_H
#define CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Continues the checksum FROM (0 at the start) over SIZE bytes. */
uint32_t crc32c_add(uint32_t, const void *, size_t);

#endif
