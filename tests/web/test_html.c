/* The escaper: nothing that somebody typed becomes markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <time.h>

#include "../../cgi/clock.h"
#include "../../cgi/html.h"

static void
test_text(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	html_text(&b, "<a href=\"x\" title='y'>&amp;</a>\xc3\xa9");
	assert_string_equal(buf_cstr(&b), "&lt;a href=&quot;x&quot; title="
	    "&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;\xc3\xa9");
	buf_reset(&b);
	html_text(&b, "");
	assert_string_equal(buf_cstr(&b), "");
	buf_clear(&b);
}

static void
test_fmt(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	html_fmt(&b, "<p class=\"%s\">%d%% %u %lld %s</p>", "\"><script>", -1,
	    2U, 3LL, "<");
	assert_string_equal(buf_cstr(&b), "<p class=\"&quot;&gt;&lt;script"
	    "&gt;\">-1% 2 3 &lt;</p>");
	/* A format in a value is only text. */
	buf_reset(&b);
	html_fmt(&b, "%s", "%s%n%d");
	assert_string_equal(buf_cstr(&b), "%s%n%d");
	buf_clear(&b);
}

static void
test_url(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	html_url(&b, "a b&c=d/e?\"'<>%+\xc3\xa9-_.");
	assert_string_equal(buf_cstr(&b),
	    "a%20b%26c%3Dd%2Fe%3F%22%27%3C%3E%25%2B%C3%A9-_.");
	buf_clear(&b);
}

static void
test_bound(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	html_text(&b, "<<<<");
	assert_true(b.failed != 0);
	buf_clear(&b);
}

static void
test_clock(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	clock_text(&b, 1774972800000, "Europe/London", 0);
	assert_string_equal(buf_cstr(&b),
	    "31 March 2026, 17:00 (Europe/London, UTC+1)");
	buf_reset(&b);
	clock_text(&b, 1774972801000, "Asia/Kolkata", 1);
	assert_string_equal(buf_cstr(&b),
	    "31 March 2026, 21:30:01 (Asia/Kolkata, UTC+5:30)");
	buf_reset(&b);
	clock_text(&b, 1774972800000, "America/St_Johns", 0);
	assert_string_equal(buf_cstr(&b),
	    "31 March 2026, 13:30 (America/St_Johns, UTC-2:30)");
	buf_reset(&b);
	clock_text(&b, 1774972800000, "No/Where", 0);
	assert_string_equal(buf_cstr(&b), "31 March 2026, 16:00 (UTC)");
	buf_reset(&b);
	clock_html(&b, 1709251199000, "UTC", 1);
	assert_string_equal(buf_cstr(&b), "<time datetime=\""
	    "2024-02-29T23:59:59Z\">29 February 2024, 23:59:59 (UTC)</time>");
	buf_reset(&b);
	clock_html(&b, 0, "UTC", 0);
	assert_string_equal(buf_cstr(&b), "never");
	buf_clear(&b);
	clock_forget();
}

/* The calendar against the C library's, over many years. */
static void
test_calendar(void **state)
{
	char want[64];
	struct buf b;
	struct tm tm;
	time_t t;

	(void)state;
	buf_init(&b, 200);
	for (t = 86399; t < 7000000000; t += 40007 * 3) {
		(void)gmtime_r(&t, &tm);
		(void)strftime(want, sizeof(want),
		    "<time datetime=\"%Y-%m-%dT%H:%M:%SZ\">", &tm);
		buf_reset(&b);
		clock_html(&b, (int64_t)t * 1000, "UTC", 0);
		assert_memory_equal(buf_cstr(&b), want, strlen(want));
	}
	buf_clear(&b);
}

static void
test_span(void **state)
{
	static const struct { int64_t ms; const char *text; } all[] = {
		{ 0, "0.0 s" }, { -5, "0.0 s" }, { 4250, "4.2 s" },
		{ 59000, "59 s" }, { 200000, "3 min 20 s" },
		{ 7500000, "2 h 5 min" }, { 3 * 86400000LL, "3 days" },
	};
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 100);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		buf_reset(&b);
		clock_span(&b, all[i].ms);
		assert_string_equal(buf_cstr(&b), all[i].text);
	}
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_fmt),
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_span),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
