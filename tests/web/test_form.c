/* The parser of forms: what browsers send, and what nobody should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "../../cgi/form.h"
#include "../../providers/base/buf.h"

static const struct form_field fields[] = {
	{ "name", 10, FORM_LINE }, { "note", 20, FORM_LINES },
	{ NULL, 0, FORM_LINE },
};

/* Parses; 0 or -1. The form is for the caller to clear. */
static int
parse(struct form *f, const char *text)
{
	struct err e = { "" };
	int rc = form_parse(f, fields, text, strlen(text), &e);

	assert_true(rc == 0 || e.text[0] != '\0');
	return rc;
}

static void
refused(const char *text)
{
	struct form f;

	if (parse(&f, text) == 0)
		fail_msg("was taken: %s", text);
	form_clear(&f);
}

static void
test_values(void **state)
{
	struct form f;

	(void)state;
	assert_int_equal(parse(&f, "name=Anna+F%c3%a9&note=a%0d%0ab"), 0);
	assert_string_equal(form_get(&f, "name"), "Anna F\xc3\xa9");
	assert_string_equal(form_get(&f, "note"), "a\nb");
	assert_null(form_long(&f));
	form_clear(&f);
	assert_int_equal(parse(&f, ""), 0);
	assert_string_equal(form_get(&f, "name"), "");
	assert_false(form_has(&f, "name"));
	form_clear(&f);
	assert_int_equal(parse(&f, "&&name=&"), 0);
	assert_true(form_has(&f, "name"));
	form_clear(&f);
	assert_int_equal(parse(&f, "name"), 0);
	assert_true(form_has(&f, "name"));
	form_clear(&f);
	assert_int_equal(parse(&f, "name=a%3D%26b"), 0);
	assert_string_equal(form_get(&f, "name"), "a=&b");
	form_clear(&f);
}

static void
test_refused(void **state)
{
	static const char *const bad[] = {
		"name=a&name=b", "other=1", "name=a&other=1", "name=%00",
		"name=a%00b", "name=%", "name=%4", "name=%zz", "name=a%0ab",
		"name=a%0d", "name=%1b", "note=%0d", "note=a%09b",
		"name=%ff", "name=%c3", "name=%ed%a0%80", "name=%c0%80",
		"name=%e2%80%ae", "name=%7f", "name=%c2%85", "%00=a",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i]);
}

static void
test_raw_bytes(void **state)
{
	struct err e;
	struct form f;

	(void)state;
	assert_int_equal(form_parse(&f, fields, "name=a\0b", 8, &e), -1);
	form_clear(&f);
	assert_int_equal(form_parse(&f, fields, "name=a\nb", 8, &e), -1);
	form_clear(&f);
	/* A size that ends inside an escape. */
	assert_int_equal(form_parse(&f, fields, "name=%41", 7, &e), -1);
	form_clear(&f);
}

static void
test_long(void **state)
{
	struct form f;

	(void)state;
	assert_int_equal(parse(&f, "name=0123456789"), 0);
	assert_null(form_long(&f));
	form_clear(&f);
	assert_int_equal(parse(&f, "name=0123456789a"), 0);
	assert_string_equal(form_long(&f)->name, "name");
	assert_string_equal(form_get(&f, "name"), "0123456789a");
	form_clear(&f);
}

static void
test_query(void **state)
{
	struct err e;
	struct form f;

	(void)state;
	assert_int_equal(form_query(&f, fields, "utm=1&name=x", &e), 0);
	assert_string_equal(form_get(&f, "name"), "x");
	form_clear(&f);
	assert_int_equal(form_query(&f, fields, "name=x&name=y", &e), -1);
	form_clear(&f);
}

static void
test_type(void **state)
{
	(void)state;
	assert_true(form_type_ok("application/x-www-form-urlencoded"));
	assert_true(form_type_ok("Application/X-WWW-Form-Urlencoded; "
	    "charset=utf-8"));
	assert_false(form_type_ok(""));
	assert_false(form_type_ok("multipart/form-data; boundary=x"));
	assert_false(form_type_ok("application/x-www-form-urlencodedx"));
	assert_false(form_type_ok("application/json"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_raw_bytes),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
