/* Reading the module's options: all of them, whatever their order. libc and
 * libpam only; keeps no state. */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>

#define PATH_ROOM 1024
#define AGE_MAX (10LL * 365 * 86400)

/* A whole number up to MAX from the start of TEXT; what is behind it. */
static const char *
number_read(const char *text, long long max, long long *out)
{
	long long v = 0;
	int digits = 0;

	for (; *text >= '0' && *text <= '9'; text++, digits++) {
		v = v * 10 + (*text - '0');
		if (v > max)
			return NULL;
	}
	*out = v;
	return digits == 0 ? NULL : text;
}

static int
age_read(const char *text, long long *out)
{
	const char *unit = number_read(text, AGE_MAX, out);

	if (unit == NULL || unit[0] == '\0')
		return unit != NULL && *out == 0 ? 0 : -1;
	if (unit[1] != '\0')
		return -1;
	switch (unit[0]) {
	case 'd':
		*out *= 24;
		/* FALLTHROUGH */
	case 'h':
		*out *= 60;
		/* FALLTHROUGH */
	case 'm':
		*out *= 60;
		/* FALLTHROUGH */
	case 's':
		return *out <= AGE_MAX ? 0 : -1;
	default:
		return -1;
	}
}

/* A caller that is root must not be talked into trusting another's file. */
static int
owner_read(const char *text, uid_t *out)
{
	long long v;
	const char *end = number_read(text, 0xfffffffeLL, &v);

	if (end == NULL || *end != '\0' || (v != 0 && geteuid() == 0))
		return -1;
	*out = (uid_t)v;
	return 0;
}

static int
path_read(const char *text, const char **out)
{
	const size_t n = strlen(text);

	if (text[0] != '/' || n >= PATH_ROOM || text[n - 1] == '/')
		return -1;
	*out = text;
	return 0;
}

static int
choice_read(const char *text, const char *off, const char *on, int *out)
{
	*out = strcmp(text, on) == 0;
	return *out != 0 || strcmp(text, off) == 0 ? 0 : -1;
}

/* What is behind "NAME=" in ARG, or NULL. */
static const char *
value_of(const char *arg, const char *name)
{
	const size_t n = strlen(name);

	return strncmp(arg, name, n) == 0 && arg[n] == '=' ? arg + n + 1 :
	    NULL;
}

static int
option_read(struct options *o, const char *arg)
{
	const char *v;
	int perm = 0;

	if (strcmp(arg, "audit_only") == 0) {
		o->audit_only = 1;
		return 0;
	}
	if (strcmp(arg, "silent") == 0) {
		o->silent = 1;
		return 0;
	}
	if ((v = value_of(arg, "denylist")) != NULL)
		return path_read(v, &o->denylist);
	if ((v = value_of(arg, "owner")) != NULL)
		return owner_read(v, &o->owner);
	if ((v = value_of(arg, "max_age")) != NULL)
		return age_read(v, &o->max_age);
	if ((v = value_of(arg, "stale")) != NULL)
		return choice_read(v, "warn", "deny", &o->stale_deny);
	if ((v = value_of(arg, "exempt")) != NULL) {
		o->exempt = v;
		return v[0] != '\0' ? 0 : -1;
	}
	if ((v = value_of(arg, "deny_code")) != NULL) {
		if (choice_read(v, "acct_expired", "perm_denied", &perm) == -1)
			return -1;
		o->deny_code = perm ? PAM_PERM_DENIED : PAM_ACCT_EXPIRED;
		return 0;
	}
	return -1;
}

int
options_read(struct options *o, pam_handle_t *pamh, int argc,
    const char **argv)
{
	int i, rc = 0;

	memset(o, 0, sizeof(*o));
	o->denylist = "/var/lib/offboard-host/denylist";
	o->max_age = 86400;
	o->deny_code = PAM_ACCT_EXPIRED;
	for (i = 0; i < argc; i++) {
		if (option_read(o, argv[i]) == 0)
			continue;
		pam_syslog(pamh, LOG_ERR, "bad option \"%.100s\": logins "
		    "are refused until it is right, see pam_offboard(8)",
		    argv[i]);
		rc = -1;
	}
	return rc;
}

int
options_exempts(const struct options *o, const char *name)
{
	const size_t n = strlen(name);
	const char *p = o->exempt;

	if (strcmp(name, "root") == 0)
		return 1;
	while (p != NULL && n > 0) {
		if (strncmp(p, name, n) == 0 && (p[n] == ',' || p[n] == '\0'))
			return 1;
		p = strchr(p, ',');
		if (p != NULL)
			p++;
	}
	return 0;
}
