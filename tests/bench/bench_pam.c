/*
 * What the module costs: the account phase through libpam with pam_permit
 * alone and with this module before it, interleaved in one run, for 10 and
 * for 10 million entries. Prints rows of name, value, unit.
 */
#include <sys/stat.h>

#include <limits.h>
#include <security/pam_appl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../providers/linux/denylist_build.h"

#define MANY 10000000
#define FEW 10
#define ROUNDS 40
#define TURNS 100		/* transactions a round and stack */
#define STACKS 3

static char dir[] = "/tmp/bench_pam.XXXXXX";

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
converse(int n, const struct pam_message **m, struct pam_response **out,
    void *arg)
{
	(void)n;
	(void)m;
	(void)arg;
	*out = NULL;
	return PAM_CONV_ERR;
}

static void
die(const char *what)
{
	(void)fprintf(stderr, "bench_pam: %s\n", what);
	exit(1);
}

/* Writes a list of N logins; returns the seconds that the build took. */
static double
build(const char *path, size_t n)
{
	struct denylist_record *r = malloc(n * sizeof(*r));
	struct denylist_build b;
	struct err e;
	char name[32];
	double from = now_us();
	size_t i;

	if (r == NULL)
		die("out of memory");
	memset(&b, 0, sizeof(b));
	memcpy(b.salt, "bench bench salt", sizeof(b.salt));
	for (i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "leaver%zu", i);
		if (denylist_record_name(&r[i], b.salt, name,
		    (uint32_t)i) == -1)
			die("a name is refused");
	}
	b.path = path;
	b.serial = 1;
	b.generated = (uint64_t)time(NULL);
	b.names = r;
	b.n_names = (size_t)denylist_sort(r, n);
	if (denylist_build(&b, &e) == -1)
		die(e.text);
	free(r);
	return (now_us() - from) / 1e6;
}

static void
write_stack(const char *name, const char *module, const char *list)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL)
		die(path);
	if (list != NULL)
		(void)fprintf(f, "account [success=ok ignore=ignore "
		    "default=die] %s denylist=%s/%s owner=%u\n", module, dir,
		    list, (unsigned)geteuid());
	(void)fprintf(f, "account required pam_permit.so\n");
	(void)fclose(f);
}

/* One transaction; us. */
static double
transaction(const char *service, const char *user)
{
	const struct pam_conv conv = { converse, NULL };
	pam_handle_t *pamh = NULL;
	double from = now_us();

	if (pam_start_confdir(service, user, &conv, dir, &pamh) !=
	    PAM_SUCCESS || pam_acct_mgmt(pamh, PAM_SILENT) != PAM_SUCCESS)
		die("a login was refused");
	(void)pam_end(pamh, PAM_SUCCESS);
	return now_us() - from;
}

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare);
	return v[n / 2];
}

/* Lookups alone: open, one name that is not listed, close; us. */
static double
lookup(const char *list)
{
	static double v[20000];
	char path[256], name[32];
	const struct denylist_where w = { path, geteuid(), geteuid(), 0 };
	struct denylist d;
	size_t i;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, list);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		double from = now_us();

		(void)snprintf(name, sizeof(name), "nobody%zu", i);
		if (denylist_open(&d, &w) != DENYLIST_USABLE ||
		    denylist_has_name(&d, name) != DENYLIST_NOT_LISTED)
			die("a lookup failed");
		denylist_close(&d);
		v[i] = now_us() - from;
	}
	return median(v, sizeof(v) / sizeof(v[0]));
}

static void
measure(const char *user)
{
	static const char *const stacks[STACKS] = { "permit", "few", "many" };
	static double v[STACKS][ROUNDS * TURNS];
	double m[STACKS];
	size_t round, turn, s;

	for (round = 0; round < ROUNDS; round++)
		for (turn = 0; turn < TURNS; turn++)
			for (s = 0; s < STACKS; s++)
				v[s][round * TURNS + turn] =
				    transaction(stacks[s], user);
	for (s = 0; s < STACKS; s++)
		m[s] = median(v[s], ROUNDS * TURNS);
	(void)printf("pam_permit %.2f us\n", m[0]);
	(void)printf("pam_offboard_10 %.2f us\n", m[1]);
	(void)printf("pam_offboard_10M %.2f us\n", m[2]);
	(void)printf("pam_ratio_permit %.3f x\n", m[1] / m[0]);
	(void)printf("pam_ratio_10M_10 %.3f x\n", m[2] / m[1]);
}

int
main(void)
{
	const char *build_dir = getenv("BUILD");
	const char *user = getenv("BENCH_USER");
	char path[PATH_MAX], module[PATH_MAX], command[64];

	(void)snprintf(path, sizeof(path), "%s/pam_offboard.so",
	    build_dir != NULL ? build_dir : "build");
	if (realpath(path, module) == NULL)
		die(path);
	if (mkdtemp(dir) == NULL)
		die(dir);
	write_stack("permit", module, NULL);
	write_stack("few", module, "few.list");
	write_stack("many", module, "many.list");
	write_stack("other", module, NULL);
	(void)snprintf(path, sizeof(path), "%s/few.list", dir);
	(void)build(path, FEW);
	(void)snprintf(path, sizeof(path), "%s/many.list", dir);
	(void)printf("build_10M %.2f s\n", build(path, MANY));
	(void)printf("lookup_10 %.2f us\n", lookup("few.list"));
	(void)printf("lookup_10M %.2f us\n", lookup("many.list"));
	measure(user != NULL ? user : "daemon");
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? 0 : 1;
}
