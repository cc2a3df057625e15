/* Tests of CSV as spreadsheets write it, and of what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../providers/base/buf.h"
#include "../../providers/base/csv.h"

/* Rows as "line:a|b|c;", faults as "line!;". */
static void
reads(const char *text, const char *want)
{
	const char *f[CSV_FIELDS];
	unsigned n, line = 0, i;
	struct csv *c;
	struct buf b;
	struct err e;
	int rc;

	buf_init(&b, 65536);
	c = csv_open(text, strlen(text), &e);
	assert_non_null(c);
	while ((rc = csv_row(c, f, &n, &line, &e)) != 0) {
		if (rc == -1) {
			buf_fmt(&b, "%u!;", line);
			assert_non_null(strstr(e.text, "line "));
			continue;
		}
		buf_fmt(&b, "%u:", line);
		for (i = 0; i < n; i++)
			buf_fmt(&b, "%s%s", i == 0 ? "" : "|", f[i]);
		buf_char(&b, ';');
	}
	assert_string_equal(buf_cstr(&b), want);
	csv_free(c);
	buf_clear(&b);
}

static void
plain_rows(void **state)
{
	(void)state;
	reads("", "");
	reads("\n\r\n", "");
	reads("a,b\n1,2\n", "1:a|b;2:1|2;");
	reads("a,b\r\n1,2", "1:a|b;2:1|2;");
	reads("\xef\xbb\xbf" "a,b\n\n1,\n,", "1:a|b;3:1|;4:|;");
	reads("a;b\n1,5;2\n", "1:a|b;2:1,5|2;");
}

static void
quoted_fields(void **state)
{
	(void)state;
	reads("\"a,b\",\"c\"\"d\"\n", "1:a,b|c\"d;");
	reads("\"two\nlines\",x\ny,z\n", "1:two\nlines|x;3:y|z;");
	reads("\"\",\"\"\n", "1:|;");
	reads("\"a\"\r\n\"b\"\r\n", "1:a;2:b;");
}

static void
what_is_no_csv_is_named(void **state)
{
	(void)state;
	reads("a\nb\"c\nd\n", "1:a;2!;3:d;");
	reads("a\n\"b\"c\nd\n", "1:a;2!;3:d;");
	reads("a\n\"b\n", "1:a;2!;");
}

static void
too_many_fields(void **state)
{
	char text[200] = "";
	struct csv *c;
	const char *f[CSV_FIELDS];
	unsigned n, line;
	struct err e;

	(void)state;
	memset(text, ',', 100);
	c = csv_open(text, strlen(text), &e);
	assert_int_equal(csv_row(c, f, &n, &line, &e), -1);
	assert_int_equal(csv_row(c, f, &n, &line, &e), 0);
	csv_free(c);
	assert_null(csv_open("a\0b", 3, &e));
}

/* Nothing that stands in a file makes it read outside of it. */
static void
random_bytes(void **state)
{
	static const char set[] = "a,;\"\r\n ";
	const char *f[CSV_FIELDS];
	unsigned n, line, seed = 1, i, k;
	struct csv *c;
	struct err e;

	(void)state;
	for (i = 0; i < 20000; i++) {
		size_t len = (size_t)(rand_r(&seed) % 24);
		char *text = malloc(len + 1);

		assert_non_null(text);
		for (k = 0; k < len; k++)
			text[k] = set[rand_r(&seed) % 7];
		text[len] = '\0';
		c = csv_open(text, len, &e);
		assert_non_null(c);
		for (k = 0; csv_row(c, f, &n, &line, &e) != 0; k++)
			assert_true(k < 100);
		csv_free(c);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_rows),
		cmocka_unit_test(quoted_fields),
		cmocka_unit_test(what_is_no_csv_is_named),
		cmocka_unit_test(too_many_fields),
		cmocka_unit_test(random_bytes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
