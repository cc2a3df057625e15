/* SipHash-2-4-128 and CRC-32C against published vectors, and against
 * OpenSSL's own SipHash for every length up to 300. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "../../providers/linux/crc32c.h"
#include "../../providers/linux/siphash.h"

static const uint8_t key[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
    14, 15 };

/* The first of the reference's table, for the inputs "", 00, 00 01. */
static void
test_published(void **state)
{
	static const uint8_t want[3][16] = {
		{ 0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6,
		    0x72, 0x14, 0xc7, 0x55, 0x02, 0x93 },
		{ 0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76,
		    0x59, 0x11, 0x9b, 0x22, 0xfc, 0x45 },
		{ 0x81, 0x77, 0x22, 0x8d, 0xa4, 0xa4, 0x5d, 0xc7, 0xfc, 0xa3,
		    0x8b, 0xde, 0xf6, 0x0a, 0xff, 0xe4 },
	};
	uint8_t tag[16];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		siphash_tag(key, key, i, tag);
		assert_memory_equal(tag, want[i], 16);
	}
}

static void
test_openssl(void **state)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	unsigned size = 16;
	OSSL_PARAM params[2] = {
	    OSSL_PARAM_construct_uint("size", &size),
	    OSSL_PARAM_construct_end() };
	uint8_t data[300], want[16], have[16];
	size_t i, n;

	(void)state;
	assert_non_null(mac);
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + 3);
	for (i = 0; i <= sizeof(data); i++) {
		EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);

		assert_int_equal(EVP_MAC_init(ctx, key, 16, params), 1);
		assert_int_equal(EVP_MAC_update(ctx, data, i), 1);
		assert_int_equal(EVP_MAC_final(ctx, want, &n, 16), 1);
		EVP_MAC_CTX_free(ctx);
		siphash_tag(key, data, i, have);
		assert_memory_equal(have, want, 16);
	}
	EVP_MAC_free(mac);
}

/* RFC 3720, B.4. */
static void
test_crc32c(void **state)
{
	uint8_t data[32];
	size_t i;

	(void)state;
	assert_int_equal(crc32c_add(0, "123456789", 9), 0xe3069283);
	memset(data, 0, sizeof(data));
	assert_int_equal(crc32c_add(0, data, 32), 0x8a9136aa);
	memset(data, 0xff, sizeof(data));
	assert_int_equal(crc32c_add(0, data, 32), 0x62a8ab43);
	for (i = 0; i < 32; i++)
		data[i] = (uint8_t)i;
	assert_int_equal(crc32c_add(0, data, 32), 0x46dd794e);
	assert_int_equal(crc32c_add(crc32c_add(0, data, 5), data + 5, 27),
	    0x46dd794e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published),
		cmocka_unit_test(test_openssl),
		cmocka_unit_test(test_crc32c),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
