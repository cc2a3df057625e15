/* The denylist: what goes in comes out, damage is never "not listed", and
 * hostile files are refused. */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../providers/linux/denylist.h"
#include "../../providers/linux/denylist_build.h"
#include "../../providers/linux/denylist_page.h"

#define PAGE 4096

static char dir[] = "/tmp/test_denylist.XXXXXX";
static char path[64];
static const uint8_t salt[16] = "0123456789abcdef";

static struct denylist_where
where(void)
{
	const struct denylist_where w = { path, geteuid(), geteuid(), 0 };

	return w;
}

static enum denylist_result
ask(const char *name, uint32_t *number)
{
	const struct denylist_where w = where();
	enum denylist_result rc;
	struct denylist d;

	rc = denylist_open(&d, &w);
	if (rc == DENYLIST_USABLE)
		rc = denylist_has_name(&d, name);
	if (number != NULL)
		*number = d.number;
	denylist_close(&d);
	return rc;
}

/* "user0" to "user<N-1>", number I + 1, and as many uids from 1000. */
static void
build(size_t n)
{
	struct denylist_record *names = calloc(n + 1, sizeof(*names));
	struct denylist_record *uids = calloc(n + 1, sizeof(*uids));
	struct denylist_build b;
	struct err e;
	char name[32];
	size_t i;

	memset(&b, 0, sizeof(b));
	memcpy(b.salt, salt, 16);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "user%zu", i);
		assert_int_equal(denylist_record_name(&names[i], salt, name,
		    (uint32_t)i + 1), 0);
		assert_int_equal(denylist_record_uid(&uids[i], salt,
		    (uid_t)(1000 + i), (uint32_t)i + 1), 0);
	}
	b.path = path;
	b.epoch = 3;
	b.serial = 9;
	b.generated = 1795321904;
	b.names = names;
	b.uids = uids;
	b.n_names = (size_t)denylist_sort(names, n);
	b.n_uids = (size_t)denylist_sort(uids, n);
	assert_int_equal(b.n_names, n);
	if (denylist_build(&b, &e) == -1)
		fail_msg("%s", e.text);
	free(names);
	free(uids);
}

static uint8_t *
slurp(size_t *size)
{
	struct stat st;
	uint8_t *p;
	int fd = open(path, O_RDONLY);

	assert_int_equal(fstat(fd, &st), 0);
	*size = (size_t)st.st_size;
	p = malloc(*size);
	assert_int_equal(read(fd, p, *size), (ssize_t)*size);
	close(fd);
	return p;
}

static void
spill(const uint8_t *p, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_int_equal(write(fd, p, size), (ssize_t)size);
	close(fd);
}

/* Gives page NUMBER the checksum that fits its bytes. */
static void
seal(uint8_t *file, uint32_t number)
{
	uint8_t *page = file + (size_t)number * PAGE;

	page_put32(page + PAGE_CRC, page_sum(page, number));
}

static void
test_round(void **state)
{
	static const size_t sizes[] = { 0, 1, 10, 127, 128, 1000, 30000 };
	const struct denylist_where w = where();
	char name[32];
	uint32_t number;
	struct denylist d;
	size_t i, k;

	(void)state;
	for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		build(sizes[k]);
		assert_int_equal(denylist_open(&d, &w), DENYLIST_USABLE);
		assert_int_equal(denylist_verify(&d), DENYLIST_USABLE);
		assert_int_equal(d.facts.names, sizes[k]);
		assert_int_equal(d.facts.generation, (3ULL << 32) + 9);
		for (i = 0; i < sizes[k]; i++) {
			snprintf(name, sizeof(name), "user%zu", i);
			assert_int_equal(denylist_has_name(&d, name),
			    DENYLIST_LISTED);
			assert_int_equal(d.number, i + 1);
			assert_int_equal(denylist_has_uid(&d,
			    (uid_t)(1000 + i)), DENYLIST_LISTED);
		}
		for (i = sizes[k]; i < sizes[k] + 1000; i++) {
			snprintf(name, sizeof(name), "user%zu", i);
			assert_int_equal(denylist_has_name(&d, name),
			    DENYLIST_NOT_LISTED);
			assert_int_equal(denylist_has_uid(&d,
			    (uid_t)(1000 + i)), DENYLIST_NOT_LISTED);
		}
		assert_int_equal(denylist_has_uid(&d, 0),
		    DENYLIST_NOT_LISTED);
		denylist_close(&d);
	}
	assert_int_equal(ask("USER7", &number), DENYLIST_LISTED);
	assert_int_equal(number, 8);
	assert_int_equal(ask("user7 ", NULL), DENYLIST_NOT_LISTED);
	assert_int_equal(ask("uid:1007", NULL), DENYLIST_NOT_LISTED);
	assert_int_equal(ask("", NULL), DENYLIST_NOT_LISTED);
	assert_int_equal(ask("\ncanary\n", NULL), DENYLIST_NOT_LISTED);
}

static void
test_names(void **state)
{
	struct denylist_record r;
	char name[300];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[256] = '\0';
	assert_int_equal(denylist_record_name(&r, salt, name, 1), 0);
	name[256] = 'x';
	name[257] = '\0';
	assert_int_equal(denylist_record_name(&r, salt, name, 1), -1);
	assert_int_equal(denylist_record_name(&r, salt, "", 1), -1);
	assert_int_equal(denylist_record_name(&r, salt, "a\nb", 1), -1);
	assert_int_equal(denylist_record_name(&r, salt, "a\tb", 1), -1);
	assert_int_equal(denylist_record_name(&r, salt, "a\x7f", 1), -1);
	assert_int_equal(denylist_record_name(&r, salt, "j\xc3\xb6rg", 1), 0);
	assert_int_equal(denylist_record_uid(&r, salt, 0, 1), -1);
	assert_int_equal(denylist_record_uid(&r, salt, (uid_t)-1, 1), -1);
}

/* Entries that all fall on one page, until the chain is as long as it may
 * be; one more is refused. */
static void
test_overflow(void **state)
{
	enum { MOST = PAGE_RECORDS * (PAGE_HOPS + 1) - 1 };
	struct denylist_record *r = calloc(2000, sizeof(*r));
	const struct denylist_where w = where();
	struct denylist_build b;
	struct denylist d;
	char name[32];
	struct err e;
	size_t i, n = 0, chain = 0;

	(void)state;
	/* Tags under one first byte, of real names, so that they can be
	 * asked for. The canary may or may not fall on the same page. */
	for (i = 0; n < 400; i++) {
		snprintf(name, sizeof(name), "n%zu", i);
		assert_int_equal(denylist_record_name(&r[n], salt, name,
		    (uint32_t)i), 0);
		n += r[n].b[0] == 0x42;
	}
	memset(&b, 0, sizeof(b));
	memcpy(b.salt, salt, 16);
	b.path = path;
	b.names = r;
	b.n_names = (size_t)denylist_sort(r, n);
	assert_int_equal(denylist_build(&b, &e), 0);
	assert_int_equal(denylist_open(&d, &w), DENYLIST_USABLE);
	chain = d.facts.pages - 1 - d.facts.name_pages - d.facts.uid_pages;
	assert_true(chain >= 2);
	while (i-- > 0) {
		snprintf(name, sizeof(name), "n%zu", i);
		assert_int_not_equal(denylist_has_name(&d, name),
		    DENYLIST_UNUSABLE);
	}
	for (n = 0; n < 400; n++) {
		snprintf(name, sizeof(name), "n%u",
		    page_u32(r[n].b + DENYLIST_TAG));
		assert_int_equal(denylist_has_name(&d, name),
		    DENYLIST_LISTED);
	}
	denylist_close(&d);
	memset(r, 0, 2000 * sizeof(*r));
	for (i = 0; i < MOST; i++) {
		r[i].b[14] = (uint8_t)(i >> 8);
		r[i].b[15] = (uint8_t)i;
	}
	b.n_names = MOST;
	assert_int_equal(denylist_build(&b, &e), 0);
	for (; i < 2000; i++) {
		r[i].b[14] = (uint8_t)(i >> 8);
		r[i].b[15] = (uint8_t)i;
	}
	b.n_names = 1700;
	assert_int_equal(denylist_build(&b, &e), -1);
	assert_non_null(strstr(e.text, "salt"));
	free(r);
}

/* 300 flipped bits and 300 cuts: the listed user is listed or the file is
 * unusable; and a whole read always notices. */
static void
test_damage(void **state)
{
	const struct denylist_where w = where();
	uint8_t *good, *bad;
	struct denylist d;
	size_t size, at, detected = 0;
	enum denylist_result rc;
	char name[32];
	int i;

	(void)state;
	srandom(1);
	build(2000);
	good = slurp(&size);
	bad = malloc(size);
	for (i = 0; i < 300; i++) {
		memcpy(bad, good, size);
		at = (size_t)random() % size;
		bad[at] ^= (uint8_t)(1 << random() % 8);
		spill(bad, size);
		snprintf(name, sizeof(name), "user%ld", random() % 2000);
		rc = ask(name, NULL);
		assert_true(rc == DENYLIST_LISTED || rc == DENYLIST_UNUSABLE);
		rc = denylist_open(&d, &w);
		if (rc == DENYLIST_USABLE)
			rc = denylist_verify(&d);
		detected += rc == DENYLIST_UNUSABLE;
		denylist_close(&d);
	}
	assert_int_equal(detected, 300);
	for (i = 0; i < 300; i++) {
		spill(good, (size_t)random() % size);
		snprintf(name, sizeof(name), "user%ld", random() % 2000);
		assert_int_equal(ask(name, NULL), DENYLIST_UNUSABLE);
	}
	/* A page swapped with another, and a page of another build. */
	memcpy(bad, good, size);
	memcpy(bad + PAGE, good + 2 * PAGE, PAGE);
	spill(bad, size);
	for (i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		assert_int_not_equal(ask(name, NULL), DENYLIST_NOT_LISTED);
	}
	build(2000);
	free(good);
	good = slurp(&size);
	memcpy(good, bad, PAGE);
	spill(good, size);
	for (i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		assert_int_equal(ask(name, NULL), DENYLIST_UNUSABLE);
	}
	free(good);
	free(bad);
}

/* Files with right checksums and wrong fields: never out of bounds, never an
 * endless chain, never "not listed" for page 1's own entries. */
static void
test_hostile(void **state)
{
	static const uint32_t fields[] = { AT_USED, AT_NEXT, AT_HOME,
	    AT_KIND, AT_PAGE_BUILD };
	static const uint32_t values[] = { 1, 2, 169, 170, 0x7fffffff,
	    0xffffffff, 0 };
	uint8_t *good, *bad, *page;
	size_t size, f, v;
	uint32_t was;
	enum denylist_result rc;

	(void)state;
	build(3);
	good = slurp(&size);
	bad = malloc(size);
	for (f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
		for (v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
			memcpy(bad, good, size);
			page = bad + PAGE;
			was = page_u32(page + fields[f]);
			if (was == values[v])
				continue;
			page_put32(page + fields[f], values[v]);
			seal(bad, 1);
			spill(bad, size);
			rc = ask("user1", NULL);
			/* Only a page that says it holds less can say no. */
			if (fields[f] != AT_USED)
				assert_int_equal(rc, DENYLIST_UNUSABLE);
		}
	}
	/* The first page: page counts beyond the file. */
	for (f = AT_VERSION; f < AT_NAMES; f += 4) {
		for (v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
			memcpy(bad, good, size);
			if (page_u32(bad + f) == values[v])
				continue;
			page_put32(bad + f, values[v]);
			seal(bad, 0);
			spill(bad, size);
			rc = ask("user1", NULL);
			assert_true(rc == DENYLIST_UNUSABLE ||
			    rc == DENYLIST_LISTED);
		}
	}
	free(good);
	free(bad);
}

static void
test_file(void **state)
{
	const struct denylist_where w = where();
	struct denylist_where other = where();
	char link[80];
	struct denylist d;

	(void)state;
	build(10);
	errno = 77;
	assert_int_equal(ask("user1", NULL), DENYLIST_LISTED);
	assert_int_equal(errno, 77);
	other.owner = other.owner2 = geteuid() + 1;
	assert_int_equal(denylist_open(&d, &other), DENYLIST_UNUSABLE);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(ask("user1", NULL), DENYLIST_UNUSABLE);
	assert_int_equal(chmod(path, 0664), 0);
	assert_int_equal(ask("user1", NULL), DENYLIST_UNUSABLE);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(ask("user1", NULL), DENYLIST_UNUSABLE);
	assert_int_equal(chmod(dir, 0700), 0);
	snprintf(link, sizeof(link), "%s/real", dir);
	assert_int_equal(rename(path, link), 0);
	assert_int_equal(ask("user1", NULL), DENYLIST_UNUSABLE);
	assert_int_equal(symlink("real", path), 0);
	assert_int_equal(ask("user1", NULL), DENYLIST_UNUSABLE);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(ask("user1", NULL), DENYLIST_UNUSABLE);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(ask("user1", NULL), DENYLIST_UNUSABLE);
	assert_int_equal(rmdir(path), 0);
	spill((const uint8_t *)"", 0);
	assert_int_equal(denylist_open(&d, &w), DENYLIST_UNUSABLE);
	assert_string_equal(d.reason, "is empty");
	assert_int_equal(denylist_has_name(&d, "user1"), DENYLIST_UNUSABLE);
	assert_int_equal(rename(link, path), 0);
	assert_int_equal(ask("user1", NULL), DENYLIST_LISTED);
}

static void
test_descriptors(void **state)
{
	struct rlimit old, low;
	enum denylist_result rc;

	(void)state;
	build(10);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	low.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	rc = ask("user1", NULL);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(rc, DENYLIST_SYSTEM);
}

/* A reader must see the old list or the new one, for a second of replacing
 * it as fast as can be. */
static void
test_replace(void **state)
{
	const time_t end = time(NULL) + 2;
	int status = 0, n = 0;
	pid_t pid;

	(void)state;
	build(500);
	pid = fork();
	if (pid == 0) {
		while (time(NULL) < end)
			build(500 + (size_t)(n++ % 3));
		_exit(0);
	}
	while (waitpid(pid, &status, WNOHANG) == 0)
		assert_int_equal(ask("user321", NULL), DENYLIST_LISTED);
	assert_int_equal(status, 0);
}

/* The format is fixed: this file's page sums must never change. */
static void
test_golden(void **state)
{
	uint8_t *p;
	size_t size;

	(void)state;
	build(2);
	p = slurp(&size);
	assert_int_equal(size, 3 * PAGE);
	assert_memory_equal(p, "\x89" "OBD\r\n\x1a\n\1\0\0\0\0\x10\0\0", 16);
	page_put64(p + AT_BUILD, 0x1122334455667788ULL);
	page_put64(p + PAGE + AT_PAGE_BUILD, 0x1122334455667788ULL);
	page_put64(p + 2 * PAGE + AT_PAGE_BUILD, 0x1122334455667788ULL);
	assert_int_equal(page_sum(p, 0), 0x7404092d);
	assert_int_equal(page_sum(p + PAGE, 1), 0x0e46b38d);
	assert_int_equal(page_sum(p + 2 * PAGE, 2), 0x0c3de8a3);
	free(p);
}

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/denylist", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_golden),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
