/* Tokens: for one user, one form and about an hour. And the key's file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../cgi/csrf.h"

#define NOW 1795321904000LL

static const unsigned char key[CSRF_KEY] = "0123456789abcdef0123456789abcde";

static void
test_token(void **state)
{
	const struct csrf c = { key, "alice", "start" };
	const struct csrf user = { key, "bob", "start" };
	const struct csrf form = { key, "alice", "OB-000001 cancel" };
	const struct csrf mixed = { key, "alice\nstart", "" };
	unsigned char other[CSRF_KEY] = "another";
	const struct csrf stolen = { other, "alice", "start" };
	char t[CSRF_TEXT];

	(void)state;
	csrf_token(&c, NOW, t);
	assert_int_equal(csrf_check(&c, NOW, t), CSRF_OK);
	assert_int_equal(csrf_check(&user, NOW, t), CSRF_BAD);
	assert_int_equal(csrf_check(&form, NOW, t), CSRF_BAD);
	assert_int_equal(csrf_check(&mixed, NOW, t), CSRF_BAD);
	assert_int_equal(csrf_check(&stolen, NOW, t), CSRF_BAD);
}

static void
test_age(void **state)
{
	const struct csrf c = { key, "alice", "start" };
	char t[CSRF_TEXT];

	(void)state;
	csrf_token(&c, NOW, t);
	assert_int_equal(csrf_check(&c, NOW + 3600000, t), CSRF_OK);
	assert_int_equal(csrf_check(&c, NOW + 4200000, t), CSRF_EXPIRED);
	assert_int_equal(csrf_check(&c, NOW + 86400000, t), CSRF_EXPIRED);
	/* Made in the future: the clock went back, or somebody lies. */
	assert_int_equal(csrf_check(&c, NOW - 1200000, t), CSRF_BAD);
}

static void
test_forged(void **state)
{
	const struct csrf c = { key, "alice", "start" };
	char t[CSRF_TEXT], u[CSRF_TEXT + 8];
	size_t i, n;

	(void)state;
	csrf_token(&c, NOW, t);
	n = strlen(t);
	for (i = 0; i < n; i++) {
		memcpy(u, t, n + 1);
		u[i] = u[i] == '0' ? '1' : '0';
		assert_int_equal(csrf_check(&c, NOW, u), CSRF_BAD);
		memcpy(u, t, i);
		u[i] = '\0';
		assert_int_equal(csrf_check(&c, NOW, u), CSRF_BAD);
	}
	(void)snprintf(u, sizeof(u), "%s0", t);
	assert_int_equal(csrf_check(&c, NOW, u), CSRF_BAD);
	assert_int_equal(csrf_check(&c, NOW, "-"), CSRF_BAD);
	assert_int_equal(csrf_check(&c, NOW, "ffffffffffff-"), CSRF_BAD);
	assert_int_equal(csrf_check(&c, NOW, "fffffffffffffff-"), CSRF_BAD);
}

static void
test_key(void **state)
{
	char dir[] = "/tmp/test_csrf.XXXXXX", path[64], record[64];
	unsigned char a[CSRF_KEY], b[CSRF_KEY];
	struct err e;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(csrf_load(dir, a, &e), -1);
	(void)snprintf(record, sizeof(record), "%s/record", dir);
	(void)snprintf(path, sizeof(path), "%s/record/csrf.key", dir);
	assert_int_equal(mkdir(record, 0700), 0);
	assert_int_equal(csrf_load(dir, a, &e), 0);
	assert_int_equal(csrf_load(dir, b, &e), 0);
	assert_memory_equal(a, b, CSRF_KEY);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, CSRF_KEY);
	assert_int_equal(truncate(path, 31), 0);
	assert_int_equal(csrf_load(dir, b, &e), -1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(record), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void
test_random(void **state)
{
	char a[33], b[33];
	struct err e;

	(void)state;
	assert_int_equal(csrf_random(a, &e), 0);
	assert_int_equal(csrf_random(b, &e), 0);
	assert_int_equal(strlen(a), 32);
	assert_int_equal(strspn(a, "0123456789abcdef"), 32);
	assert_string_not_equal(a, b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
