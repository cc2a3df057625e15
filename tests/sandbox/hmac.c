/*
 * hmac.c: SHA-256, HMAC and base64, written once more so that the signature
 * of a webhook is not checked by the code that made it.
 */
#include "sandbox.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64 };

struct sha {
	uint32_t h[8];
	unsigned char buf[BLOCK];
	uint64_t len;
};

static const uint32_t sha_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b,
	0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
	0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7,
	0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152,
	0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
	0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
	0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
	0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

static uint32_t
sha_turn(uint32_t v, int n)
{
	return (v >> n) | (v << (32 - n));
}

static void
sha_block(struct sha *s, const unsigned char *p)
{
	uint32_t w[64], v[8], a, b;
	int i;

	for (i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		    (uint32_t)p[2] << 8 | p[3];
	for (; i < 64; i++) {
		a = sha_turn(w[i - 15], 7) ^ sha_turn(w[i - 15], 18) ^
		    (w[i - 15] >> 3);
		b = sha_turn(w[i - 2], 17) ^ sha_turn(w[i - 2], 19) ^
		    (w[i - 2] >> 10);
		w[i] = w[i - 16] + a + w[i - 7] + b;
	}
	memcpy(v, s->h, sizeof(v));
	for (i = 0; i < 64; i++) {
		a = v[7] + (sha_turn(v[4], 6) ^ sha_turn(v[4], 11) ^
		    sha_turn(v[4], 25)) + ((v[4] & v[5]) ^
		    (~v[4] & v[6])) + sha_k[i] + w[i];
		b = (sha_turn(v[0], 2) ^ sha_turn(v[0], 13) ^
		    sha_turn(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^
		    (v[1] & v[2]));
		memmove(&v[1], &v[0], 7 * sizeof(v[0]));
		v[4] += a;
		v[0] = a + b;
	}
	for (i = 0; i < 8; i++)
		s->h[i] += v[i];
}

static void
sha_start(struct sha *s)
{
	static const uint32_t h[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
		0x9b05688c, 0x1f83d9ab, 0x5be0cd19
	};

	memcpy(s->h, h, sizeof(h));
	s->len = 0;
}

static void
sha_add(struct sha *s, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (; len > 0; len--) {
		s->buf[s->len++ % BLOCK] = *p++;
		if (s->len % BLOCK == 0)
			sha_block(s, s->buf);
	}
}

static void
sha_end(struct sha *s, unsigned char out[HMAC_SIZE])
{
	static const unsigned char one = 0x80, zero = 0;
	uint64_t bits = s->len * 8;
	unsigned char tail[8];
	int i;

	sha_add(s, &one, 1);
	while (s->len % BLOCK != BLOCK - 8)
		sha_add(s, &zero, 1);
	for (i = 0; i < 8; i++)
		tail[i] = (unsigned char)(bits >> (56 - 8 * i));
	sha_add(s, tail, sizeof(tail));
	for (i = 0; i < HMAC_SIZE; i++)
		out[i] = (unsigned char)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

/* HMAC-SHA256 with a key of at most a block. */
void
hmac_sha256(const unsigned char *key, size_t keylen, const char *text,
    size_t len, unsigned char out[HMAC_SIZE])
{
	unsigned char pad[BLOCK];
	struct sha s;
	size_t i;

	for (i = 0; i < BLOCK; i++)
		pad[i] = (i < keylen ? key[i] : 0) ^ 0x36;
	sha_start(&s);
	sha_add(&s, pad, BLOCK);
	sha_add(&s, text, len);
	sha_end(&s, out);
	for (i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	sha_start(&s);
	sha_add(&s, pad, BLOCK);
	sha_add(&s, out, HMAC_SIZE);
	sha_end(&s, out);
}

static const char hmac_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* In base64, with its padding. Caller frees. */
char *
hmac_base64(const unsigned char *p, size_t len)
{
	char *s = calloc(1, (len + 2) / 3 * 4 + 1), *to = s;
	uint32_t v;
	size_t i;

	for (i = 0; s != NULL && i < len; i += 3) {
		v = (uint32_t)p[i] << 16;
		if (i + 1 < len)
			v |= (uint32_t)p[i + 1] << 8;
		if (i + 2 < len)
			v |= p[i + 2];
		*to++ = hmac_digits[v >> 18];
		*to++ = hmac_digits[v >> 12 & 63];
		*to++ = i + 1 < len ? hmac_digits[v >> 6 & 63] : '=';
		*to++ = i + 2 < len ? hmac_digits[v & 63] : '=';
	}
	return s;
}

/* How many bytes were decoded, at most size of them. */
size_t
hmac_unbase64(const char *s, unsigned char *out, size_t size)
{
	const char *p;
	uint32_t v = 0;
	size_t n = 0;
	int bits = 0;

	for (; *s != '\0' && *s != '='; s++) {
		if ((p = strchr(hmac_digits, *s)) == NULL)
			break;
		v = v << 6 | (uint32_t)(p - hmac_digits);
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		if (n < size)
			out[n++] = (unsigned char)(v >> bits);
	}
	return n;
}
