/* Stamp, base, keys and trust: golden bytes, strictness, forgery. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../providers/base/buf.h"
#include "../../providers/linux/base.h"
#include "../../providers/linux/denylist_build.h"
#include "../../providers/base/durable.h"
#include "../../providers/linux/publish.h"
#include "../../providers/base/sign.h"
#include "../../providers/linux/stamp.h"
#include "../../providers/linux/trust.h"

static char dir[] = "/tmp/test_stamp.XXXXXX";
static struct sign_key *key;
static struct err e;

static void
fill(struct stamp *s)
{
	memset(s, 0, sizeof(*s));
	memset(s->fleet, 0xab, sizeof(s->fleet));
	memset(s->base_hash, 0xcd, sizeof(s->base_hash));
	memcpy(s->state, s->base_hash, sizeof(s->state));
	(void)text_copy(s->scope, sizeof(s->scope), "default");
	s->keys = 1;
	s->epoch = 2;
	s->serial = s->base_serial = 41822;
	s->issued = 1795321904;
	s->expires = 1795408304;
	s->base_size = 64;
}

#define CD "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"

/* The bytes of a stamp are a contract: they never change. */
static void
test_text(void **state)
{
	static const char want[] = "offboard-stamp 1\n"
	    "fleet abababababababababababababababab\nscope default\nkeys 1\n"
	    "epoch 2\nserial 41822\nissued 1795321904\n"
	    "expires 1795408304\nbase 41822 64 " CD "\ndelta -\nstate " CD
	    "\nsig ";
	char text[STAMP_MAX + 1];
	struct stamp s, t;
	int n;

	(void)state;
	fill(&s);
	n = stamp_write(&s, key, text, &e);
	assert_true(n > 0);
	assert_memory_equal(text, want, sizeof(want) - 1);
	assert_int_equal(stamp_parse(text, (size_t)n, &t, &e), 0);
	assert_memory_equal(&s, &t, sizeof(s));
	assert_int_equal(stamp_check(text, (size_t)n, &t, sign_public(key)),
	    0);
}

/* No byte may change, none may be added or cut. */
static void
test_forged(void **state)
{
	char text[STAMP_MAX + 2], bad[STAMP_MAX + 2];
	struct stamp s, t;
	int n, i, bit;

	(void)state;
	fill(&s);
	n = stamp_write(&s, key, text, &e);
	for (i = 0; i < n; i++) {
		for (bit = 0; bit < 8; bit++) {
			memcpy(bad, text, (size_t)n);
			bad[i] = (char)(bad[i] ^ (1 << bit));
			if (stamp_parse(bad, (size_t)n, &t, &e) == -1)
				continue;
			if (strcmp(t.keyid, sign_keyid(key)) != 0)
				continue;
			assert_int_equal(stamp_check(bad, (size_t)n, &t,
			    sign_public(key)), -1);
		}
		assert_int_equal(stamp_parse(text, (size_t)i, &t, &e), -1);
	}
	text[n] = '\n';
	assert_int_equal(stamp_parse(text, (size_t)n + 1, &t, &e), -1);
}

/* Replaces the first FROM by TO and parses. */
static int
parse_with(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	struct stamp t;
	struct buf b;
	int rc;

	assert_non_null(at);
	buf_init(&b, 4096);
	buf_put(&b, text, (size_t)(at - text));
	buf_str(&b, to);
	buf_str(&b, at + strlen(from));
	rc = stamp_parse(b.s, b.len, &t, &e);
	buf_clear(&b);
	return rc;
}

static void
test_strict(void **state)
{
	static const char *const bad[][2] = {
		{ "stamp 1", "stamp 2" }, { "stamp 1", "stamp  1" },
		{ "keys 1", "keys 01" }, { "keys 1", "keys +1" },
		{ "keys 1", "keys -1" }, { "keys 1", "keys 1 " },
		{ "keys 1", "keys 4294967296" }, { "keys 1\n", "" },
		{ "keys 1\n", "keys 1\nkeys 1\n" }, { "epoch", "Epoch" },
		{ "\n", "\r\n" }, { "delta -", "delta 64 " CD },
		{ "scope default", "scope ../x" }, { "scope default", "scope" },
		{ "abab", "ABAB" }, { "expires 17", "expires 16" },
		{ "base 41822", "base 41821" }, { "64 cd", "64  cd" },
		{ "state cd", "state ce" },
		{ "issued 1795321904", "issued 99999999999999999999" },
	};
	char text[STAMP_MAX + 1];
	struct stamp s;
	size_t i;

	(void)state;
	fill(&s);
	assert_true(stamp_write(&s, key, text, &e) > 0);
	assert_int_equal(parse_with(text, "keys 1", "keys 2"), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parse_with(text, bad[i][0], bad[i][1]) != -1)
			fail_msg("taken: %s", bad[i][1]);
	(void)text_copy(s.scope, sizeof(s.scope),
	    "abcdefghijklmnopqrstuvwxyz012345");
	s.keys = s.epoch = s.serial = s.base_serial = UINT32_MAX;
	s.issued = STAMP_TIME_MAX - 1;
	s.expires = STAMP_TIME_MAX;
	s.base_size = STAMP_BASE_MAX;
	assert_true(stamp_write(&s, key, text, &e) > 0);
}

static void
test_base(void **state)
{
	struct denylist_record r[3];
	struct base b, c;
	uint8_t *p, *q;
	uint32_t number;
	size_t size, i;

	(void)state;
	memset(&b, 0, sizeof(b));
	memset(b.salt, 7, sizeof(b.salt));
	b.epoch = 1;
	b.serial = 2;
	for (i = 0; i < 3; i++) {
		const char *const names[] = { "alice", "bob", "carol" };

		assert_int_equal(denylist_record_name(&r[i], b.salt, names[i],
		    (uint32_t)i + 10), 0);
	}
	b.n = (size_t)denylist_sort(r, 3);
	b.records = r;
	p = base_write(&b, &size);
	assert_int_equal(size, 64 + 3 * 24);
	assert_int_equal(base_parse(p, size, &c, &e), 0);
	assert_int_equal(c.n, 3);
	assert_int_equal(base_has(&c, "Bob", &number), 1);
	assert_int_equal(number, 11);
	assert_int_equal(base_has(&c, "dave", &number), 0);
	for (i = 0; i < size; i++)
		assert_int_equal(base_parse(p, i, &c, &e), -1);
	q = malloc(size + 24);
	memcpy(q, p, size);
	memcpy(q + size, p + size - 24, 24);
	assert_int_equal(base_parse(q, size + 24, &c, &e), -1);
	q[24] = 4;
	assert_int_equal(base_parse(q, size + 24, &c, &e), -1);
	memcpy(q, p, size);
	q[64 + 23] = 1;
	assert_int_equal(base_parse(q, size, &c, &e), -1);
	memcpy(q, p, size);
	memcpy(q + 64, p + 64 + 24, 24);
	memcpy(q + 64 + 24, p + 64, 24);
	assert_int_equal(base_parse(q, size, &c, &e), -1);
	free(p);
	free(q);
}

static void
test_keys(void **state)
{
	char path[64], keyid[SIGN_KEYID_TEXT], text[SIGN_BASE64_TEXT];
	uint8_t signature[SIGN_SIZE], back[SIGN_SIZE];
	struct sign_key *again;
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/k", dir);
	assert_int_equal(sign_save(key, path, &e), 0);
	assert_int_equal(sign_save(key, path, &e), -1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	again = sign_load(path, &e);
	assert_non_null(again);
	assert_string_equal(sign_keyid(again), sign_keyid(key));
	assert_int_equal(sign_keyid_of(sign_public(key), keyid), 0);
	assert_string_equal(keyid, sign_keyid(key));
	assert_int_equal(sign_make(again, "x", 1, signature), 0);
	assert_int_equal(sign_check(sign_public(key), "x", 1, signature), 0);
	assert_int_equal(sign_check(sign_public(key), "y", 1, signature), -1);
	sign_free(again);
	assert_int_equal(chmod(path, 0640), 0);
	assert_null(sign_load(path, &e));
	unlink(path);
	assert_null(sign_load(path, &e));
	sign_base64(signature, SIGN_SIZE, text);
	assert_int_equal(sign_unbase64(text, back, SIGN_SIZE), 0);
	assert_memory_equal(back, signature, SIGN_SIZE);
	assert_int_equal(sign_unbase64("AAAA", back, 2), -1);
	assert_int_equal(sign_unbase64("AB==", back, 1), -1);
	assert_int_equal(sign_unbase64("AA==", back, 1), 0);
	assert_int_equal(sign_unhex("0g", back, 1), -1);
	assert_int_equal(sign_unhex("0aa", back, 1), -1);
	assert_int_equal(sign_unhex("0A", back, 1), -1);
}

/* Publishes, reads back, and again: the same input gives the same base. */
static void
test_publish(void **state)
{
	const struct publish_entry entries[] = { { "bob", 2 },
	    { "alice", 1 }, { "Bob", 7 } };
	struct durable_data text = { STAMP_MAX, NULL, 0 };
	struct durable_data bytes = { 4096, NULL, 0 };
	char path[128], hash[SIGN_HASH_TEXT];
	struct publish p;
	struct stamp s;
	struct base b;
	uint32_t number;

	(void)state;
	memset(&p, 0, sizeof(p));
	p.folder = dir;
	p.key = key;
	p.scope = "default";
	p.epoch = 1;
	p.serial = 4;
	p.issued = 1795321904;
	p.entries = entries;
	p.n = 3;
	assert_int_equal(publish_state(&p, &e), 0);
	snprintf(path, sizeof(path), "%s/stamp", dir);
	assert_int_equal(durable_read(path, &text, &e), 0);
	assert_int_equal(stamp_parse(text.data, text.size, &s, &e), 0);
	assert_int_equal(stamp_check(text.data, text.size, &s,
	    sign_public(key)), 0);
	assert_int_equal(s.expires, s.issued + 86400);
	free(text.data);
	sign_hex(s.base_hash, SIGN_HASH, hash);
	snprintf(path, sizeof(path), "%s/base/4-%s", dir, hash);
	assert_int_equal(durable_read(path, &bytes, &e), 0);
	assert_int_equal(bytes.size, s.base_size);
	assert_int_equal(base_parse((uint8_t *)bytes.data, bytes.size, &b,
	    &e), 0);
	assert_int_equal(b.n, 2);
	assert_int_equal(base_has(&b, "bob", &number), 1);
	assert_int_equal(number, 7);
	free(bytes.data);
	p.issued += 10;
	assert_int_equal(publish_again(&p, &e), 0);
	p.serial = 5;
	assert_int_equal(publish_again(&p, &e), -1);
	unlink(path);
	snprintf(path, sizeof(path), "%s/base", dir);
	assert_int_equal(rmdir(path), 0);
	snprintf(path, sizeof(path), "%s/stamp", dir);
	unlink(path);
}

static void
test_trust(void **state)
{
	static const char *const bad[] = {
		"", "[trust]\nfleet = 12\n", "[other]\nx = y\n",
		"[trust]\nfleet = abababababababababababababababab\n"
		"publisher = 0123456789abcdef AAAA\n",
		"[trust]\nfleet = abababababababababababababababab\n"
		"publisher = 0123456789abcdef "
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"[trust]\nfleet = abababababababababababababababab\n"
		"surprise = 1\n",
	};
	struct trust t, u;
	char path[64];
	size_t i;

	(void)state;
	snprintf(path, sizeof(path), "%s/trust", dir);
	memset(&t, 0, sizeof(t));
	memset(t.fleet, 0x5a, sizeof(t.fleet));
	(void)text_copy(t.scope, sizeof(t.scope), "door-1");
	memcpy(t.public, sign_public(key), SIGN_PUBLIC);
	(void)text_copy(t.keyid, sizeof(t.keyid), sign_keyid(key));
	assert_int_equal(trust_write(path, &t, &e), 0);
	assert_int_equal(trust_read(path, &u, &e), 0);
	assert_memory_equal(&t, &u, sizeof(t));
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(trust_read(path, &u, &e), -1);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(durable_write(&(struct durable_new){ path,
		    0644, bad[i], strlen(bad[i]) }, &e), 0);
		assert_int_equal(trust_read(path, &u, &e), -1);
	}
	unlink(path);
}

static int
setup(void **state)
{
	(void)state;
	key = sign_generate(&e);
	return key == NULL || mkdtemp(dir) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	sign_free(key);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_strict),
		cmocka_unit_test(test_base),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_publish),
		cmocka_unit_test(test_trust),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
