/* The module through the real libpam, in a private folder, without root:
 * what each state of the denylist and each option must answer. */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <security/pam_appl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "../../providers/linux/denylist_build.h"

#define WRAPPER "libnss_wrapper.so"

#ifdef __SANITIZE_ADDRESS__
#define WHY_NOT "nss_wrapper does not work under the address sanitizer"
#else
#define WHY_NOT "needs root and nss_wrapper"
#endif
/* nss_wrapper and the address sanitizer exclude each other. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum phase { ACCOUNT, AUTH, SESSION, SETCRED, CLOSE, CHAUTHTOK };

struct call {
	enum phase	 phase;
	const char	*options, *user, *ruser;
	int		 flags;
};

static char dir[] = "/tmp/test_pam.XXXXXX";
static char list[128], module[PATH_MAX + 32];
static char logged[8192], said[1024];
static int logs, messages, tests, failures;

/* libpam's log lines end here and not in the machine's log. */
void	__syslog_chk(int, int, const char *, ...)
	    __attribute__((format(printf, 3, 4)));
void	(syslog)(int, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

static void __attribute__((format(printf, 1, 0)))
log_line(const char *fmt, va_list ap)
{
	size_t n = strlen(logged);

	logs++;
	if (n + 2 < sizeof(logged)) {
		vsnprintf(logged + n, sizeof(logged) - n - 1, fmt, ap);
		n = strlen(logged);
		logged[n] = '\n';
		logged[n + 1] = '\0';
	}
}

void
__syslog_chk(int level, int flag, const char *fmt, ...)
{
	va_list ap;

	(void)level;
	(void)flag;
	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
}

void
(syslog)(int level, const char *fmt, ...)
{
	va_list ap;

	(void)level;
	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
}

static int
converse(int n, const struct pam_message **m, struct pam_response **out,
    void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < n; i++) {
		messages++;
		snprintf(said, sizeof(said), "%s", m[i]->msg);
		if (m[i]->msg_style != PAM_ERROR_MSG)
			messages += 100;
	}
	*out = calloc((size_t)n, sizeof(**out));
	return *out == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
}

static void
spill(const char *path, const char *text, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd == -1 || write(fd, text, n) != (ssize_t)n)
		abort();
	close(fd);
}

/* One PAM transaction through a stack of this module and pam_permit, with
 * the control that is shipped; only IGNORE can end in PAM_SUCCESS. */
static int
pam(const struct call *c)
{
	static const char *const types[] = { "account", "auth", "session",
	    "auth", "session", "password" };
	const struct pam_conv conv = { converse, NULL };
	char text[PATH_MAX + 4096], path[160];
	pam_handle_t *pamh = NULL;
	int n, rc;

	n = snprintf(text, sizeof(text), "%s [success=ok ignore=ignore "
	    "default=die] %s denylist=%s owner=%u %s\n%s required "
	    "pam_permit.so\n", types[c->phase], module, list,
	    (unsigned)geteuid(), c->options, types[c->phase]);
	snprintf(path, sizeof(path), "%s/svc", dir);
	spill(path, text, (size_t)n);
	logged[0] = said[0] = '\0';
	logs = messages = 0;
	rc = pam_start_confdir("svc", c->user, &conv, dir, &pamh);
	if (rc != PAM_SUCCESS)
		abort();
	pam_set_item(pamh, PAM_RHOST, "10.0.0.1\nforged");
	if (c->ruser != NULL)
		pam_set_item(pamh, PAM_RUSER, c->ruser);
	switch (c->phase) {
	case ACCOUNT:
		rc = pam_acct_mgmt(pamh, c->flags);
		break;
	case AUTH:
		rc = pam_authenticate(pamh, c->flags);
		break;
	case SESSION:
		rc = pam_open_session(pamh, c->flags);
		break;
	case SETCRED:
		rc = pam_setcred(pamh, c->flags);
		break;
	case CLOSE:
		rc = pam_close_session(pamh, c->flags);
		break;
	case CHAUTHTOK:
		rc = pam_chauthtok(pamh, c->flags);
		break;
	}
	pam_end(pamh, rc);
	return rc;
}

static void
ok(int good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failures += good == 0;
}

static void
skip(const char *what, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tests, what, why);
}

static void
is(int have, int want, const char *what)
{
	ok(have == want, what);
	if (have != want)
		printf("# got %d (%s), want %d; log: %s\n", have,
		    pam_strerror(NULL, have), want, logged);
}

static int
account(const char *options, const char *user)
{
	const struct call c = { ACCOUNT, options, user, NULL, 0 };

	return pam(&c);
}

static int
account_by(const char *ruser, const char *options, const char *user)
{
	const struct call c = { ACCOUNT, options, user, ruser, 0 };

	return pam(&c);
}

static void
build(int64_t age)
{
	static const char *const names[] = { "leaver", "gone", "rescue",
	    "root" };
	struct denylist_record r[4], u[1];
	struct denylist_build b;
	struct err e;
	size_t i;
	int rc = 0;

	memset(&b, 0, sizeof(b));
	unlink(list);
	b.path = list;
	b.serial = 7;
	b.generated = (uint64_t)(time(NULL) - age);
	for (i = 0; i < 4; i++)
		rc |= denylist_record_name(&r[i], b.salt, names[i], 12);
	rc |= denylist_record_uid(u, b.salt, 5001, 12);
	b.names = r;
	b.n_names = (size_t)denylist_sort(r, 4);
	b.uids = u;
	b.n_uids = 1;
	if (rc != 0 || denylist_build(&b, &e) == -1) {
		printf("Bail out! the test list cannot be built\n");
		exit(1);
	}
}

static void
test_answers(void)
{
	struct call c = { ACCOUNT, "", "leaver", NULL, 0 };

	is(account("", "plain"), PAM_SUCCESS, "not listed: ignored");
	ok(logs == 0 && messages == 0, "not listed: no log, no message");
	is(account("", "leaver"), PAM_ACCT_EXPIRED, "listed: account");
	ok(logs == 1 && strstr(logged, "denied user=\"leaver\" "
	    "service=\"svc\" rhost=\"10.0.0.1?forged\" tty=\"\" by=user "
	    "reference=OB-000012 generation=7") != NULL,
	    "listed: one log line, cleaned");
	ok(messages == 1 && strstr(said, "leaver") == NULL,
	    "listed: one message without the name");
	c.flags = PAM_SILENT;
	is(pam(&c), PAM_ACCT_EXPIRED, "listed, PAM_SILENT");
	ok(messages == 0 && logs == 1, "PAM_SILENT: logged, not said");
	is(account("silent", "leaver"), PAM_ACCT_EXPIRED, "listed, silent");
	ok(messages == 0, "silent: nothing said");
	is(account("deny_code=perm_denied", "leaver"), PAM_PERM_DENIED,
	    "deny_code=perm_denied");
	c.flags = 0;
	c.phase = AUTH;
	is(pam(&c), PAM_AUTH_ERR, "listed: auth");
	ok(messages == 0, "auth: nothing said");
	c.phase = SESSION;
	is(pam(&c), PAM_PERM_DENIED, "listed: session");
	c.phase = SETCRED;
	is(pam(&c), PAM_SUCCESS, "listed: setcred abstains");
	c.phase = CLOSE;
	is(pam(&c), PAM_SUCCESS, "listed: close_session abstains");
	c.phase = CHAUTHTOK;
	is(pam(&c), PAM_SUCCESS, "listed: chauthtok abstains");
	is(account("", "LEAVER"), PAM_ACCT_EXPIRED, "capitals: listed");
	is(account("audit_only", "leaver"), PAM_SUCCESS, "audit_only");
	ok(strstr(logged, "would deny") != NULL, "audit_only: logged");
	is(account("", "root"), PAM_SUCCESS, "root is exempt by name");
	is(account("", "Root"), PAM_ACCT_EXPIRED, "Root is not root");
	is(account("exempt=a,rescue,b", "rescue"), PAM_SUCCESS, "exempt=");
	is(account("exempt=a,rescue2,resc", "rescue"), PAM_ACCT_EXPIRED,
	    "exempt= by whole names");
	is(account_by("leaver", "", "root"), PAM_ACCT_EXPIRED,
	    "a listed PAM_RUSER denies root");
	ok(strstr(logged, "by=ruser") != NULL, "by=ruser is logged");
	is(account_by("plain", "", "root"), PAM_SUCCESS, "another PAM_RUSER");
	is(account_by("rescue", "exempt=rescue", "plain"), PAM_SUCCESS,
	    "an exempt PAM_RUSER");
}

static void
test_names(void)
{
	char name[600];

	memset(name, 'x', sizeof(name));
	name[256] = '\0';
	is(account("", name), PAM_SUCCESS, "a name of 256 bytes");
	name[256] = 'x';
	name[257] = '\0';
	is(account("", name), PAM_PERM_DENIED, "a name of 257 bytes");
	is(account("", "lea\nver"), PAM_PERM_DENIED, "a newline in the name");
	ok(strchr(logged, '\n') == logged + strlen(logged) - 1,
	    "the newline is not in the log");
	is(account("", "lea\033ver"), PAM_PERM_DENIED, "an escape");
	is(account("", ""), PAM_USER_UNKNOWN, "an empty name");
	is(account("", "j\xc3\xb6rg"), PAM_SUCCESS, "UTF-8");
	is(account("", "leaver@corp.example"), PAM_SUCCESS,
	    "a domain is part of the name");
}

static void
test_options(void)
{
	static const char *const bad[] = { "denylist=relative", "colour=red",
	    "owner=x", "max_age=5w", "max_age=", "max_age=24", "stale=maybe",
	    "deny_code=success", "exempt=", "audit_only=1", "denylist=/x/",
	    "owner=-1", "max_age=99999999999999999999s", "Silent" };
	char what[64];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(what, sizeof(what), "bad option %s", bad[i]);
		is(account(bad[i], "plain"), PAM_SERVICE_ERR, what);
	}
	is(account("bad audit_only", "root"), PAM_SERVICE_ERR,
	    "a bad option is bad for all");
	ok(logs == 1 && strstr(logged, "bad option \"bad\"") != NULL,
	    "a bad option is logged");
	is(account("bad worse", "plain"), PAM_SERVICE_ERR, "two bad options");
	ok(logs == 2, "both are logged");
	is(account("max_age=0 max_age=90m stale=warn", "plain"), PAM_SUCCESS,
	    "good options");
	if (geteuid() == 0)
		is(account("owner=5", "plain"), PAM_SERVICE_ERR,
		    "owner= of another under euid 0");
	else
		is(account("owner=0", "plain"), PAM_AUTHINFO_UNAVAIL,
		    "owner= of another");
}

/* Each state of the file: everybody is refused but the exempt. */
static void
unusable(const char *what)
{
	char text[128];

	is(account("", "plain"), PAM_AUTHINFO_UNAVAIL, what);
	snprintf(text, sizeof(text), "%s: root passes", what);
	is(account("", "root"), PAM_SUCCESS, text);
}

static void
test_file(void)
{
	struct stat st;
	char real[160];
	char byte;
	int fd;

	unlink(list);
	unusable("missing");
	ok(strstr(logged, "this user is exempt") != NULL,
	    "missing: an exempt login is logged");
	is(account("audit_only", "plain"), PAM_SUCCESS, "missing, audit_only");
	spill(list, "", 0);
	unusable("empty");
	spill(list, "leaver\n", 7);
	unusable("a text file");
	build(0);
	if (stat(list, &st) == -1 || truncate(list, st.st_size - 1) == -1)
		abort();
	unusable("cut by a byte");
	build(0);
	fd = open(list, O_RDWR);
	if (pread(fd, &byte, 1, 4096 + 40) != 1)
		abort();
	byte = (char)(byte ^ 4);
	if (pwrite(fd, &byte, 1, 4096 + 40) != 1)
		abort();
	close(fd);
	unusable("a flipped bit");
	is(account("", "gone"), PAM_AUTHINFO_UNAVAIL,
	    "a flipped bit: the listed is not let in");
	build(0);
	chmod(list, 0666);
	unusable("writable by others");
	chmod(list, 0644);
	chmod(dir, 0777);
	unusable("in a folder writable by others");
	chmod(dir, 0755);
	snprintf(real, sizeof(real), "%s/real", dir);
	rename(list, real);
	if (symlink("real", list) == -1)
		abort();
	unusable("a symbolic link");
	unlink(list);
	unlink(real);
	if (mkfifo(list, 0644) == -1)
		abort();
	unusable("a FIFO");
	unlink(list);
	mkdir(list, 0755);
	unusable("a directory");
	rmdir(list);
	build(0);
	if (geteuid() == 0 && chown(list, 5003, 0) == 0)
		unusable("the wrong owner");
	else
		skip("the wrong owner", "needs root");
	build(0);
	is(account("", "leaver"), PAM_ACCT_EXPIRED, "right again");
}

static void
test_age(void)
{
	build(90000);
	is(account("", "plain"), PAM_SUCCESS, "25 h old: let in");
	ok(logs == 1 && strstr(logged, "s old") != NULL,
	    "25 h old: warned");
	is(account("stale=deny", "plain"), PAM_AUTHINFO_UNAVAIL,
	    "25 h old, stale=deny");
	is(account("stale=deny", "leaver"), PAM_ACCT_EXPIRED,
	    "25 h old, stale=deny: the listed stays listed");
	is(account("stale=deny", "root"), PAM_SUCCESS,
	    "25 h old, stale=deny: root passes");
	is(account("stale=deny max_age=26h", "plain"), PAM_SUCCESS,
	    "max_age=26h");
	is(account("stale=deny max_age=0", "plain"), PAM_SUCCESS,
	    "max_age=0: any age");
	build(-90000);
	is(account("stale=deny", "plain"), PAM_SUCCESS,
	    "made in the future: not old");
	build(0);
}

/* The account phase in a child with no descriptor left for the file. */
static int
starved(void)
{
	const struct rlimit none = { 0, 0 };
	const struct pam_conv conv = { converse, NULL };
	pam_handle_t *pamh = NULL;
	int status = 0, rc;
	pid_t pid = fork();

	if (pid == 0) {
		account("", "plain");
		rc = pam_start_confdir("svc", "plain", &conv, dir, &pamh);
		/* The first call loads the modules. */
		rc = rc == PAM_SUCCESS ? pam_acct_mgmt(pamh, 0) : rc;
		setrlimit(RLIMIT_NOFILE, &none);
		rc = rc == PAM_SUCCESS ? pam_acct_mgmt(pamh, 0) : 100;
		_exit(rc);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* As sudo runs: real uid of the caller, effective uid root. */
static int
as_caller(uid_t uid, const char *options, const char *user)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (setresuid(uid, 0, 0) == -1)
			_exit(100);
		_exit(account(options, user));
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_uids(int wrapped)
{
	if (wrapped == 0) {
		skip("a second name of a listed uid", WHY_NOT);
		skip("a canonical name", WHY_NOT);
	} else {
		is(account("", "alias"), PAM_ACCT_EXPIRED,
		    "a second name of a listed uid");
		ok(strstr(logged, "by=uid") != NULL, "by=uid is logged");
	}
	if (geteuid() != 0 || wrapped == 0) {
		skip("a listed caller", WHY_NOT);
		return;
	}
	is(as_caller(5001, "", "root"), PAM_ACCT_EXPIRED,
	    "a listed caller becomes root no more");
	is(as_caller(5003, "", "root"), PAM_SUCCESS, "another caller does");
	is(as_caller(5002, "", "root"), PAM_ACCT_EXPIRED,
	    "a caller listed by name");
	is(as_caller(5002, "exempt=rescue", "root"), PAM_SUCCESS,
	    "an exempt caller");
	is(as_caller(5777, "", "root"), PAM_SUCCESS, "an unknown caller");
}

static void
write_passwd(void)
{
	static const char passwd[] =
	    "root:x:0:0::/root:/bin/sh\n"
	    "leaver:x:5001:5001::/:/bin/sh\n"
	    "alias:x:5001:5001::/:/bin/sh\n"
	    "rescue:x:5002:5002::/:/bin/sh\n"
	    "plain:x:5003:5003::/:/bin/sh\n";
	char path[160];

	snprintf(path, sizeof(path), "%s/passwd", dir);
	spill(path, passwd, sizeof(passwd) - 1);
	setenv("NSS_WRAPPER_PASSWD", path, 1);
	snprintf(path, sizeof(path), "%s/group", dir);
	spill(path, "root:x:0:\n", 10);
	setenv("NSS_WRAPPER_GROUP", path, 1);
}

/* Runs itself again under nss_wrapper, where that is installed. */
static void
wrap(char **argv)
{
	static const char *const at[] = { "/usr/lib/x86_64-linux-gnu/" WRAPPER,
	    "/usr/lib/aarch64-linux-gnu/" WRAPPER, "/usr/lib64/" WRAPPER,
	    "/usr/lib/" WRAPPER };
	size_t i;

	if (SANITIZED || getenv("TEST_PAM_WRAPPED") != NULL ||
	    getenv("LD_PRELOAD") != NULL)
		return;
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		if (access(at[i], R_OK) == -1)
			continue;
		setenv("TEST_PAM_WRAPPED", "1", 1);
		setenv("LD_PRELOAD", at[i], 1);
		setenv("NSS_WRAPPER_PASSWD", "/dev/null", 1);
		setenv("NSS_WRAPPER_GROUP", "/dev/null", 1);
		execv("/proc/self/exe", argv);
	}
}

int
main(int argc, char **argv)
{
	const char *build_dir = getenv("BUILD");
	const int wrapped = getenv("TEST_PAM_WRAPPED") != NULL;
	char path[PATH_MAX], full[PATH_MAX];

	(void)argc;
	wrap(argv);
	snprintf(path, sizeof(path), "%s/pam_offboard.so",
	    build_dir != NULL ? build_dir : "build");
	if (realpath(path, full) == NULL || mkdtemp(dir) == NULL) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		return 1;
	}
	snprintf(module, sizeof(module), "%s", full);
	chmod(dir, 0755);
	snprintf(list, sizeof(list), "%s/denylist", dir);
	snprintf(path, sizeof(path), "%s/other", dir);
	spill(path, "", 0);
	if (wrapped)
		write_passwd();
	build(0);
	test_answers();
	test_names();
	test_options();
	test_file();
	test_age();
	is(starved(), PAM_SYSTEM_ERR, "no descriptor left");
	test_uids(wrapped);
	snprintf(path, sizeof(path), "rm -rf %s", dir);
	if (system(path) != 0)
		printf("# %s is left\n", dir);
	printf("1..%d\n", tests);
	return failures != 0;
}
