/* Tests of providers/base: buffers, fields, configuration, instants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../providers/base/buf.h"
#include "../../providers/base/conf.h"
#include "../../providers/base/settings.h"
#include "../../providers/base/when.h"
#include "../../providers/base/zone.h"

static void
buffers_are_bounded(void **state)
{
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 10);
	assert_string_equal(buf_cstr(&b), "");
	buf_str(&b, "12345");
	buf_fmt(&b, "%d", 67890);
	assert_int_equal(b.failed, 0);
	assert_string_equal(buf_cstr(&b), "1234567890");
	buf_char(&b, 'x');
	assert_int_equal(b.failed, 1);
	buf_str(&b, "");
	assert_int_equal(b.failed, 1);
	buf_reset(&b);
	assert_int_equal(b.failed, 0);
	assert_int_equal(b.len, 0);
	buf_str(&b, "1234567");
	buf_fmt(&b, "%d", 8901);
	assert_int_equal(b.failed, 1);
	assert_string_equal(buf_cstr(&b), "1234567");
	buf_clear(&b);
	buf_init(&b, 100000);
	for (i = 0; i < 10000; i++)
		buf_fmt(&b, "%d,", i % 10);
	assert_int_equal(b.failed, 0);
	assert_int_equal(b.len, 20000);
	buf_clear(&b);
}

static void
fields_are_judged(void **state)
{
	char small[4], dirty[32];
	long long n;

	(void)state;
	assert_int_equal(text_copy(small, sizeof(small), "abc"), 0);
	assert_int_equal(text_copy(small, sizeof(small), "abcd"), -1);
	assert_string_equal(small, "abc");
	assert_int_equal(text_int("12", 0, 20, &n), 0);
	assert_int_equal(n, 12);
	assert_int_equal(text_int("21", 0, 20, &n), -1);
	assert_int_equal(text_int("1x", 0, 20, &n), -1);
	assert_int_equal(text_int(" 1", 0, 20, &n), -1);
	assert_int_equal(text_int("", 0, 20, &n), -1);
	assert_int_equal(text_int("99999999999999999999", 0, 20, &n), -1);
	assert_true(text_is_plain("Anna Müller 山田"));
	assert_false(text_is_plain("a\nb"));
	assert_false(text_is_plain("a\x7f"));
	assert_false(text_is_plain("a\xc0\xaf"));
	assert_false(text_is_plain("a\xed\xa0\x80"));
	assert_false(text_is_plain("evil\xe2\x80\xaegnp.exe"));
	(void)snprintf(dirty, sizeof(dirty), "%s", "a\x1b[31m\xff\nü\xe2\x80\xae"
	    "z\xc3");
	text_clean(dirty);
	assert_string_equal(dirty, "a?[31m??ü?z?");
	assert_int_equal(text_copy(small, sizeof(small), "aüü"), -1);
	assert_string_equal(small, "aü");
	assert_true(text_is_email("a.b+c@corp.example"));
	assert_false(text_is_email("a b@corp.example"));
	assert_false(text_is_email("@corp.example"));
	assert_false(text_is_email("a@"));
	assert_false(text_is_email("a@b@c"));
	assert_false(text_is_email("a@-b"));
	assert_false(text_is_email("a@b..c"));
	assert_false(text_is_email("a'; drop table@b\"c"));
}

static void
check_when(const char *text, const char *want)
{
	char zone[WHEN_ZONE], got[WHEN_TEXT];
	struct err e;
	int64_t at;

	/* 2026-11-21T12:00:00Z */
	if (when_parse(text, 1795262400000LL, &at, zone, &e) == -1) {
		if (want != NULL)
			fail_msg("%s: %s", text, e.text);
		assert_true(strlen(e.text) > 10);
		return;
	}
	when_text(at, got);
	if (want == NULL)
		fail_msg("%s was taken for %s", text, got);
	assert_string_equal(got, want);
}

static void
instants_are_read(void **state)
{
	int64_t ms;

	(void)state;
	check_when("now", "2026-11-21T12:00:00.000Z");
	check_when("2026-11-27T16:00:00Z", "2026-11-27T16:00:00.000Z");
	check_when("2026-11-27T16:00:00.250Z", "2026-11-27T16:00:00.250Z");
	check_when("2026-11-27T16:00:00+05:30", "2026-11-27T10:30:00.000Z");
	check_when("2026-11-27 17:00 Europe/Berlin",
	    "2026-11-27T16:00:00.000Z");
	check_when("2027-07-01 17:00 Europe/Berlin",
	    "2027-07-01T15:00:00.000Z");
	check_when("2026-11-27 17:00 Asia/Kolkata",
	    "2026-11-27T11:30:00.000Z");
	check_when("2027-03-28 02:30 Europe/Berlin", NULL);
	check_when("2027-10-31 02:30 Europe/Berlin", NULL);
	check_when("2027-11-07 01:30 America/New_York", NULL);
	check_when("2027-11-07 03:30 America/New_York",
	    "2027-11-07T08:30:00.000Z");
	check_when("2027-02-29 10:00 UTC", NULL);
	check_when("2026-11-27 17:00", NULL);
	check_when("2026-11-27 17:00 Mars/Olympus", NULL);
	check_when("2026-11-27 17:00 ../../etc/passwd", NULL);
	check_when("2026-11-27T16:00:00Zjunk", NULL);
	check_when("2126-11-27T16:00:00Z", NULL);
	check_when("tomorrow", NULL);
	check_when("", NULL);
	assert_int_equal(when_span("10m", &ms), 0);
	assert_int_equal(ms, 600000);
	assert_int_equal(when_span("10", &ms), -1);
	assert_int_equal(when_span("-1s", &ms), -1);
	assert_int_equal(when_span("9999999999s", &ms), -1);
}

static char conf_path_[128];

static struct conf *
conf_of(const char *text, struct err *e)
{
	FILE *f;

	(void)snprintf(conf_path_, sizeof(conf_path_),
	    "/tmp/offboard-test-conf.%d", (int)getpid());
	f = fopen(conf_path_, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	e->text[0] = '\0';
	return conf_load(conf_path_, e);
}

static void
bad_conf(const char *text, const char *line, const char *word)
{
	struct settings set;
	struct err e;
	struct conf *c = conf_of(text, &e);
	char want[160];

	if (c != NULL) {
		conf_free(c);
		if (settings_load(&set, conf_path_, &e) == 0) {
			settings_clear(&set);
			unlink(conf_path_);
			fail_msg("taken: %s", text);
		}
	}
	(void)snprintf(want, sizeof(want), "%s:%s:", conf_path_, line);
	unlink(conf_path_);
	if (strstr(e.text, want) == NULL || strstr(e.text, word) == NULL)
		fail_msg("\"%s\" should name %s and %s", e.text, want, word);
}

static void
configuration_is_strict(void **state)
{
	struct settings set;
	struct err e;
	struct conf *c;

	(void)state;
	bad_conf("[offboard]\ndata_dir = /x\ncolour = red\n", "3", "colour");
	bad_conf("[offboard]\nsla = 1h\nsla = 2h\n", "3", "sla");
	bad_conf("[offboard]\nsla = soon\n", "2", "soon");
	bad_conf("[offboard]\nbrake = 0\n", "2", "brake");
	bad_conf("[offboard]\napproval = maybe\n", "2", "maybe");
	bad_conf("[offboard]\ndata_dir = relative\n", "2", "absolute");
	bad_conf("[web]\npublic_url = http://example.com\n", "2", "https");
	bad_conf("[kitchen]\nsink = on\n", "1", "kitchen");
	bad_conf("[offboard]\n\n[offboard]\n", "3", "twice");
	bad_conf("[system a b]\nkind = doorflow\n", "1", "name");
	bad_conf("[system a]\nurl = https://x\n", "1", "kind");
	bad_conf("[offboard]\nsla\n", "2", "key = value");
	bad_conf("sla = 1h\n", "1", "before");
	bad_conf("[offboard]\nsla =\n", "2", "value");
	c = conf_of("# c\n[offboard]\n  data_dir = /x ; why\n\tprotect = a, b\n"
	    "[system doors]\nkind = doorflow\n[web]\nadmin = dave\n"
	    "operator = bob\n", &e);
	assert_non_null(c);
	assert_string_equal(conf_get(c, "offboard", "data_dir"), "/x");
	conf_free(c);
	assert_int_equal(settings_load(&set, conf_path_, &e), 0);
	assert_int_equal(set.nsystems, 1);
	assert_string_equal(set.systems[0].name, "doors");
	assert_int_equal(set.brake, 10);
	assert_int_equal(set.sla, 3600000);
	assert_int_equal(settings_roles(&set, "dave"), 15);
	assert_int_equal(settings_roles(&set, "bob"),
	    ROLE_VIEWER | ROLE_OPERATOR);
	assert_int_equal(settings_roles(&set, "Bob"), 0);
	assert_int_equal(settings_roles(&set, ""), 0);
	assert_true(conf_list_has(set.protect, "B"));
	assert_false(conf_list_has(set.protect, "ab"));
	settings_clear(&set);
	unlink(conf_path_);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffers_are_bounded),
		cmocka_unit_test(fields_are_judged),
		cmocka_unit_test(instants_are_read),
		cmocka_unit_test(configuration_is_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
