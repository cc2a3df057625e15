/* CRC-32C, eight bytes a step from constant tables. Loaded into sshd: libc
 * only, no state, nothing built lazily. */
#include "crc32c.h"

#include "crc32c_table.h"

uint32_t
crc32c_add(uint32_t from, const void *data, size_t size)
{
	const uint32_t (*t)[256] = crc32c_table;
	const uint8_t *p = data;
	uint32_t c = ~from;

	for (; size >= 8; size -= 8, p += 8) {
		c ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		c = t[7][c & 255] ^ t[6][c >> 8 & 255] ^
		    t[5][c >> 16 & 255] ^ t[4][c >> 24] ^
		    t[3][p[4]] ^ t[2][p[5]] ^ t[1][p[6]] ^ t[0][p[7]];
	}
	for (; size > 0; size--, p++)
		c = t[0][(c ^ *p) & 255] ^ c >> 8;
	return ~c;
}
