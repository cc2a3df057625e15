/*
 * pam_offboard.so: refuses whoever the host's denylist names. It only ever
 * denies or abstains: it must never return PAM_SUCCESS, ask a question, or
 * keep anything between two calls.
 */
#include <sys/types.h>

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include "../../providers/linux/denylist.h"
#include "options.h"
#include "passwd.h"

#define EXPORT __attribute__((visibility("default")))
#define UNUSED __attribute__((unused))
#define TEXT_ROOM 128		/* of one value in a log line */

enum phase {
	PHASE_AUTH,
	PHASE_ACCOUNT,
	PHASE_SESSION,
};

/* What one call looks at. */
struct check {
	pam_handle_t	*pamh;
	int		 flags;
	enum phase	 phase;
	struct options	 options;
	const char	*user;
	int		 exempt;		/* PAM_USER is */
	struct denylist	 list;
	enum denylist_result result;	/* the gravest so far */
	const char	*reason;		/* of an unusable list */
	int		 error;
	uint32_t	 number;	/* of the offboarding found */
	const char	*via;		/* by what: user, uid, ruser, caller */
};

/* A value fit for a log line: control bytes and quotes cannot forge one. */
static void
text_clean(char to[TEXT_ROOM], const void *from)
{
	const char *s = from == NULL ? "" : from;
	size_t i;

	for (i = 0; s[i] != '\0' && i < TEXT_ROOM - 1; i++)
		to[i] = (unsigned char)s[i] < 0x20 || s[i] == 0x7f ||
		    s[i] == '"' ? '?' : s[i];
	to[i] = '\0';
}

static const void *
item(const struct check *c, int which)
{
	const void *v = NULL;

	return pam_get_item(c->pamh, which, &v) == PAM_SUCCESS ? v : NULL;
}

static void
reference_text(char to[16], uint32_t number)
{
	char digits[10];
	size_t n = 0, at = 0;

	if (number == 0) {
		memcpy(to, "-", 2);
		return;
	}
	for (; number > 0 || n < 6; number /= 10)
		digits[n++] = (char)('0' + number % 10);
	memcpy(to, "OB-", 3);
	for (at = 3; n > 0; at++)
		to[at] = digits[--n];
	to[at] = '\0';
}

/* The one line of a denial. */
static void
log_denial(const struct check *c)
{
	char user[TEXT_ROOM], service[TEXT_ROOM], rhost[TEXT_ROOM];
	char tty[TEXT_ROOM], reference[16];

	text_clean(user, c->user);
	text_clean(service, item(c, PAM_SERVICE));
	text_clean(rhost, item(c, PAM_RHOST));
	text_clean(tty, item(c, PAM_TTY));
	reference_text(reference, c->number);
	pam_syslog(c->pamh, LOG_NOTICE, "%s user=\"%s\" service=\"%s\" "
	    "rhost=\"%s\" tty=\"%s\" by=%s reference=%s generation=%llu",
	    c->options.audit_only ? "would deny" : "denied", user, service,
	    rhost, tty, c->via, reference,
	    (unsigned long long)c->list.facts.generation);
}

static void
log_unusable(const struct check *c)
{
	int level = LOG_CRIT;

	if (c->result == DENYLIST_SYSTEM)
		level = LOG_ERR;
	if (c->exempt)
		level = LOG_NOTICE;
	pam_syslog(c->pamh, level, "denylist %s %s%s%s: %s",
	    c->options.denylist, c->reason, c->error != 0 ? ": " : "",
	    c->error != 0 ? strerror(c->error) : "",
	    c->exempt ? "this user is exempt" : c->options.audit_only ?
	    "would refuse" : "refused; only exempt names can log in");
}

/* Keeps the gravest answer: listed, then a failure, then not listed. */
static void
note(struct check *c, enum denylist_result result, const char *via)
{
	if (c->result == DENYLIST_LISTED || result == DENYLIST_NOT_LISTED ||
	    result == DENYLIST_USABLE)
		return;
	if (result == DENYLIST_LISTED) {
		c->number = c->list.number;
		c->via = via;
		c->result = result;
		return;
	}
	c->reason = c->list.reason;
	c->error = c->list.error;
	c->result = result;
}

static void
note_failure(struct check *c, const char *reason, int error)
{
	c->list.reason = reason;
	c->list.error = error;
	note(c, DENYLIST_SYSTEM, NULL);
}

/* The person who logs in: the name as given, the name passwd knows, and the
 * uid, which catches a second name for it. */
static void
check_user(struct check *c, uid_t *uid)
{
	struct account a;
	int rc;

	note(c, denylist_has_name(&c->list, c->user), "user");
	if (c->result == DENYLIST_LISTED)
		return;
	rc = passwd_find(&(struct who){ c->user, 0 }, &a);
	if (rc != 0)
		note_failure(c, "was not asked: passwd cannot be read", rc);
	if (rc != 0 || a.found == 0)
		return;
	*uid = a.uid;
	if (strcmp(a.name, c->user) != 0)
		note(c, denylist_has_name(&c->list, a.name), "user");
	note(c, denylist_has_uid(&c->list, a.uid), "uid");
}

/* Who asks: a leaver whose process survived must not become somebody else. */
static void
check_caller(struct check *c, uid_t uid)
{
	const uid_t caller = getuid();
	const char *ruser = item(c, PAM_RUSER);
	struct account a;
	int rc;

	if (ruser != NULL && ruser[0] != '\0' &&
	    strcmp(ruser, c->user) != 0 &&
	    options_exempts(&c->options, ruser) == 0)
		note(c, denylist_has_name(&c->list, ruser), "ruser");
	if (caller == 0 || caller == uid || c->result == DENYLIST_LISTED)
		return;
	rc = passwd_find(&(struct who){ NULL, caller }, &a);
	if (rc != 0)
		note_failure(c, "was not asked: passwd cannot be read", rc);
	if (rc == 0 && a.found != 0) {
		if (options_exempts(&c->options, a.name) != 0)
			return;
		note(c, denylist_has_name(&c->list, a.name), "caller");
	}
	note(c, denylist_has_uid(&c->list, caller), "caller");
}

/* A wrong clock must not turn a fresh list old: only the list's own time and
 * a clock ahead of it count. */
static void
check_age(struct check *c)
{
	const long long now = (long long)time(NULL);
	const long long made = (long long)c->list.facts.generated;

	if (c->options.max_age == 0 || now - made <= c->options.max_age)
		return;
	if (c->options.stale_deny == 0) {
		pam_syslog(c->pamh, LOG_WARNING, "denylist %s is %lld s old: "
		    "is offboard-hostd running?", c->options.denylist,
		    now - made);
		return;
	}
	c->list.reason = "is too old";
	c->list.error = 0;
	note(c, DENYLIST_UNUSABLE, NULL);
}

static void
check_list(struct check *c)
{
	const struct denylist_where w = { c->options.denylist,
	    c->options.owner, c->options.owner, 0 };
	enum denylist_result rc = denylist_open(&c->list, &w);
	uid_t uid = 0;

	note(c, rc, NULL);
	if (rc != DENYLIST_USABLE)
		return;
	check_age(c);
	if (c->exempt == 0)
		check_user(c, &uid);
	if (c->result != DENYLIST_LISTED)
		check_caller(c, uid);
	denylist_close(&c->list);
}

/* PAM_AUTH_ERR and no text while the password may still be unknown: a leaver
 * must not learn from it whether the password was right. */
static int
denial(const struct check *c)
{
	log_denial(c);
	if (c->options.audit_only)
		return PAM_IGNORE;
	if (c->phase == PHASE_AUTH)
		return PAM_AUTH_ERR;
	if ((c->flags & PAM_SILENT) == 0 && c->options.silent == 0)
		pam_error(c->pamh, "%s", "Access to this system was denied.");
	return c->phase == PHASE_SESSION ? PAM_PERM_DENIED :
	    c->options.deny_code;
}

static int
answer(const struct check *c)
{
	switch (c->result) {
	case DENYLIST_LISTED:
		return denial(c);
	case DENYLIST_UNUSABLE:
		log_unusable(c);
		return c->exempt || c->options.audit_only ? PAM_IGNORE :
		    PAM_AUTHINFO_UNAVAIL;
	case DENYLIST_SYSTEM:
		log_unusable(c);
		if (c->exempt || c->options.audit_only)
			return PAM_IGNORE;
		return c->error == ENOMEM ? PAM_BUF_ERR : PAM_SYSTEM_ERR;
	case DENYLIST_NOT_LISTED:
	case DENYLIST_USABLE:
		break;
	}
	return PAM_IGNORE;
}

/* Only the auth phase may have to ask for the name; libpam does that. */
static int
user_find(struct check *c)
{
	int rc;

	if (c->phase != PHASE_AUTH) {
		c->user = item(c, PAM_USER);
		return c->user == NULL || c->user[0] == '\0' ?
		    PAM_USER_UNKNOWN : PAM_SUCCESS;
	}
	rc = pam_get_user(c->pamh, &c->user, NULL);
	if (rc == PAM_CONV_AGAIN)
		return PAM_INCOMPLETE;
	if (rc != PAM_SUCCESS)
		return rc == PAM_BUF_ERR ? rc : PAM_USER_UNKNOWN;
	return c->user == NULL || c->user[0] == '\0' ? PAM_USER_UNKNOWN :
	    PAM_SUCCESS;
}

static int
check_run(struct check *c, int argc, const char **argv)
{
	char user[TEXT_ROOM];
	int rc;

	if (options_read(&c->options, c->pamh, argc, argv) == -1)
		return PAM_SERVICE_ERR;
	rc = user_find(c);
	if (rc != PAM_SUCCESS)
		return rc;
	if (denylist_name_ok(c->user) == 0) {
		text_clean(user, c->user);
		pam_syslog(c->pamh, LOG_NOTICE, "refused \"%s\": a name of "
		    "%zu bytes, or with control bytes, is no login", user,
		    strlen(c->user));
		return c->options.audit_only ? PAM_IGNORE : PAM_PERM_DENIED;
	}
	c->exempt = options_exempts(&c->options, c->user);
	check_list(c);
	return answer(c);
}

static int
module_check(struct check *c, int argc, const char **argv)
{
	const int saved = errno;
	int rc;

	c->list.fd = -1;
	rc = check_run(c, argc, argv);
	errno = saved;
	return rc;
}

EXPORT int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc,
    const char **argv)
{
	struct check c = { .pamh = pamh, .flags = flags,
	    .phase = PHASE_AUTH };

	return module_check(&c, argc, argv);
}

EXPORT int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct check c = { .pamh = pamh, .flags = flags,
	    .phase = PHASE_ACCOUNT };

	return module_check(&c, argc, argv);
}

EXPORT int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc,
    const char **argv)
{
	struct check c = { .pamh = pamh, .flags = flags,
	    .phase = PHASE_SESSION };

	return module_check(&c, argc, argv);
}

/* These three follow a stack that was decided before: they abstain. */

EXPORT int
pam_sm_setcred(pam_handle_t *pamh UNUSED, int flags UNUSED, int argc UNUSED,
    const char **argv UNUSED)
{
	return PAM_IGNORE;
}

EXPORT int
pam_sm_close_session(pam_handle_t *pamh UNUSED, int flags UNUSED,
    int argc UNUSED, const char **argv UNUSED)
{
	return PAM_IGNORE;
}

EXPORT int
pam_sm_chauthtok(pam_handle_t *pamh UNUSED, int flags UNUSED, int argc UNUSED,
    const char **argv UNUSED)
{
	return PAM_IGNORE;
}
