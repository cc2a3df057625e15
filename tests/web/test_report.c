/* A host's report: exactly these members, types and bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../../cgi/report.h"

#define HEAD "{\"fleet\":\"00\",\"host\":\"web1\",\"time\":1795321904," \
    "\"epoch\":1,\"serial\":7,\"state\":\"fresh\","
#define TAIL "\"ended\":0,\"left\":0}"
#define GOOD HEAD "\"listed\":[\"anna\"],\"exempt\":[]," TAIL

static int
reads(const char *text, size_t size)
{
	struct err e = { "" };
	struct report r;
	char *clean;
	int rc = report_read(text, size, &r, &clean, &e);

	assert_true(rc == 0 ? clean != NULL : e.text[0] != '\0');
	free(clean);
	return rc;
}

static void
test_good(void **state)
{
	struct err e = { "" };
	struct report r;
	char *clean;

	(void)state;
	assert_int_equal(report_read(GOOD, strlen(GOOD), &r, &clean, &e), 0);
	assert_string_equal(r.fleet, "00");
	assert_string_equal(r.host, "web1");
	assert_int_equal(r.time, 1795321904);
	assert_int_equal(r.epoch, 1);
	assert_int_equal(r.serial, 7);
	free(clean);
}

static void
test_bad(void **state)
{
	static const char *const bad[] = {
		"", " ", "{}", "[]", "null", "1", GOOD "x", GOOD GOOD,
		HEAD "\"listed\":[\"anna\"]," TAIL,
		HEAD "\"listed\":[1],\"exempt\":[]," TAIL,
		HEAD "\"listed\":{},\"exempt\":[]," TAIL,
		HEAD "\"listed\":[[[[[[]]]]]],\"exempt\":[]," TAIL,
		HEAD "\"listed\":[],\"exempt\":[],\"more\":1," TAIL,
		HEAD "\"listed\":[\"a\\u0000b\"],\"exempt\":[]," TAIL,
		HEAD "\"listed\":[\"a\\nb\"],\"exempt\":[]," TAIL,
		HEAD "\"listed\":[\"\xff\"],\"exempt\":[]," TAIL,
		HEAD "\"listed\":[],\"exempt\":[],\"ended\":-1,\"left\":0}",
		HEAD "\"listed\":[],\"exempt\":[],\"ended\":0.5,\"left\":0}",
		HEAD "\"listed\":[],\"exempt\":[],\"ended\":\"0\","
		    "\"left\":0}",
		HEAD "\"listed\":[],\"exempt\":[],\"ended\":true,"
		    "\"left\":0}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (reads(bad[i], strlen(bad[i])) == 0)
			fail_msg("was taken: %s", bad[i]);
	for (i = 0; i < strlen(GOOD); i++)
		assert_int_equal(reads(GOOD, i), -1);
	assert_int_equal(reads(GOOD "\0", strlen(GOOD) + 1), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
