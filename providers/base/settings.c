/* The meaning of [offboard], [web], [notify] and [checklist], and who has
 * which role. Reads the file once and touches nothing else. */
#include "settings.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "when.h"

static const struct conf_key offboard_keys[] = {
	{ "data_dir", CONF_PATH, "/var/lib/offboard", NULL, 0, 0 },
	{ "login", CONF_TEXT, "local-part", "local-part|given", 0, 0 },
	{ "protect", CONF_NAMES, "root", NULL, 0, 0 },
	{ "sla", CONF_SPAN, "1h", NULL, 0, 0 },
	{ "approval", CONF_TEXT, "none", "none|irreversible|all", 0, 0 },
	{ "brake", CONF_NUMBER, "10", NULL, 1, 1000000 },
	{ "recheck", CONF_TEXT, "report", "report|contain", 0, 0 },
	{ "recheck_after", CONF_NAMES, "1h, 1d, 7d, 30d", NULL, 0, 0 },
	{ "log", CONF_TEXT, "stderr", "stderr|syslog", 0, 0 },
	{ NULL, CONF_TEXT, NULL, NULL, 0, 0 },
};
static const struct conf_key web_keys[] = {
	{ "socket", CONF_PATH, "/run/offboard/web.sock", NULL, 0, 0 },
	{ "public_url", CONF_URL, NULL, NULL, 0, 0 },
	{ "viewer", CONF_NAMES, NULL, NULL, 0, 0 },
	{ "operator", CONF_NAMES, NULL, NULL, 0, 0 },
	{ "approver", CONF_NAMES, NULL, NULL, 0, 0 },
	{ "admin", CONF_NAMES, NULL, NULL, 0, 0 },
	{ NULL, CONF_TEXT, NULL, NULL, 0, 0 },
};
static const struct conf_key notify_keys[] = {
	{ "smtp_url", CONF_TEXT, NULL, NULL, 0, 0 },
	{ "smtp_user", CONF_TEXT, NULL, NULL, 0, 0 },
	{ "smtp_password_file", CONF_SECRET, NULL, NULL, 0, 0 },
	{ "from", CONF_TEXT, NULL, NULL, 0, 0 },
	{ "security", CONF_NAMES, NULL, NULL, 0, 0 },
	{ "hr", CONF_NAMES, NULL, NULL, 0, 0 },
	{ "facilities", CONF_NAMES, NULL, NULL, 0, 0 },
	{ "webhook_url", CONF_URL, NULL, NULL, 0, 0 },
	{ "webhook_secret_file", CONF_SECRET, NULL, NULL, 0, 0 },
	{ NULL, CONF_TEXT, NULL, NULL, 0, 0 },
};
static const struct conf_key checklist_keys[] = {
	{ NULL, CONF_ANY_KEY, NULL, NULL, 0, 0 },
	{ NULL, CONF_TEXT, NULL, NULL, 0, 0 },
};

static int
system_name_ok(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
	    "WXYZ0123456789_-");

	return n > 0 && n <= 64 && s[n] == '\0';
}

static int
settings_system(struct settings *s, const char *section, struct err *e)
{
	struct settings_system *sys;
	const char *name = section + strlen("system ");

	if (s->nsystems == SETTINGS_SYSTEMS)
		return conf_fail(s->conf, section, NULL, e,
		    "more than %d systems", SETTINGS_SYSTEMS);
	if (system_name_ok(name) == 0)
		return conf_fail(s->conf, section, NULL, e,
		    "a system's name takes letters, digits, - and _ only");
	sys = &s->systems[s->nsystems];
	sys->section = section;
	sys->name = name;
	sys->kind = conf_get(s->conf, section, "kind");
	if (sys->kind == NULL)
		return conf_fail(s->conf, section, NULL, e,
		    "[%s] needs a kind, for example kind = doorflow", section);
	s->nsystems++;
	return 0;
}

static int
settings_sections(struct settings *s, struct err *e)
{
	static const struct {
		const char *name;
		const struct conf_key *keys;
	} known[] = {
		{ "offboard", offboard_keys }, { "web", web_keys },
		{ "notify", notify_keys }, { "checklist", checklist_keys },
	};
	const char *section;
	unsigned i, k;

	for (i = 0; (section = conf_section(s->conf, i)) != NULL; i++) {
		if (strncmp(section, "system ", 7) == 0) {
			if (settings_system(s, section, e) == -1)
				return -1;
			continue;
		}
		for (k = 0; k < 4; k++)
			if (strcmp(section, known[k].name) == 0)
				break;
		if (k == 4)
			return conf_fail(s->conf, section, NULL, e,
			    "there is no section [%s]: see offboard.conf(5)",
			    section);
		if (conf_check(s->conf, section, known[k].keys, e) == -1)
			return -1;
	}
	return 0;
}

static const char *
offboard_text(const struct settings *s, const char *key)
{
	return conf_text(s->conf, "offboard", offboard_keys, key);
}

/* "1h, 1d" into milliseconds, each longer than the one before. */
static int
settings_recheck(struct settings *s, struct err *e)
{
	const char *list = offboard_text(s, "recheck_after");
	char item[32];
	size_t n;
	int64_t ms;

	for (; *list != '\0'; list += n) {
		list += strspn(list, ", \t");
		n = strcspn(list, ", \t");
		if (n == 0)
			continue;
		(void)snprintf(item, sizeof(item), "%.*s", (int)n, list);
		if (s->nrecheck == SETTINGS_RECHECKS || n >= sizeof(item) ||
		    when_span(item, &ms) == -1 || ms < 1000 ||
		    (s->nrecheck > 0 && ms <= s->recheck[s->nrecheck - 1]))
			return conf_fail(s->conf, "offboard", "recheck_after",
			    e, "recheck_after takes up to %d rising spans, for "
			    "example 1h, 1d, 7d, 30d", SETTINGS_RECHECKS);
		s->recheck[s->nrecheck++] = ms;
	}
	return 0;
}

static const char *
notify_text(const struct settings *s, const char *key)
{
	return conf_text(s->conf, "notify", notify_keys, key);
}

/* Every name of the list must be an address. */
static int
notify_addresses(const struct settings *s, const char *key, struct err *e)
{
	const char *list = notify_text(s, key);
	char item[256];
	size_t n;

	for (; list != NULL && *list != '\0'; list += n) {
		list += strspn(list, ", \t");
		n = strcspn(list, ", \t");
		(void)snprintf(item, sizeof(item), "%.*s", (int)n, list);
		if (n > 0 && (n >= sizeof(item) || text_is_email(item) == 0))
			return conf_fail(s->conf, "notify", key, e,
			    "\"%.100s\" is no e-mail address", item);
	}
	return 0;
}

static int
settings_notify(struct settings *s, struct err *e)
{
	static const char *const lists[] = { "security", "hr", "facilities",
	    "from" };
	struct settings_notify *n = &s->notify;
	size_t i;

	n->smtp_url = notify_text(s, "smtp_url");
	n->smtp_user = notify_text(s, "smtp_user");
	n->smtp_password_file = notify_text(s, "smtp_password_file");
	n->from = notify_text(s, "from");
	n->security = notify_text(s, "security");
	n->hr = notify_text(s, "hr");
	n->facilities = notify_text(s, "facilities");
	n->webhook_url = notify_text(s, "webhook_url");
	n->webhook_secret_file = notify_text(s, "webhook_secret_file");
	for (i = 0; i < 4; i++)
		if (notify_addresses(s, lists[i], e) == -1)
			return -1;
	if (n->smtp_url != NULL && strncmp(n->smtp_url, "smtp://", 7) != 0 &&
	    strncmp(n->smtp_url, "smtps://", 8) != 0)
		return conf_fail(s->conf, "notify", "smtp_url", e, "smtp_url "
		    "begins with smtp:// or smtps://");
	if (n->smtp_url != NULL && strchr(n->smtp_url, '@') != NULL)
		return conf_fail(s->conf, "notify", "smtp_url", e, "smtp_url "
		    "takes no name and password: use smtp_user and "
		    "smtp_password_file");
	if (n->smtp_url != NULL && n->from == NULL)
		return conf_fail(s->conf, "notify", "smtp_url", e, "[notify] "
		    "needs from, the sender's address, with smtp_url");
	if (n->smtp_user != NULL && n->smtp_password_file == NULL)
		return conf_fail(s->conf, "notify", "smtp_user", e, "[notify] "
		    "needs smtp_password_file with smtp_user");
	if (n->smtp_url == NULL && (n->security != NULL || n->hr != NULL ||
	    n->facilities != NULL))
		return conf_fail(s->conf, "notify", NULL, e, "[notify] names "
		    "people but no smtp_url to reach them by");
	if (n->webhook_url != NULL && n->webhook_secret_file == NULL)
		return conf_fail(s->conf, "notify", "webhook_url", e,
		    "[notify] needs webhook_secret_file with webhook_url");
	return 0;
}

int
settings_load(struct settings *s, const char *path, struct err *e)
{
	const char *word;

	memset(s, 0, sizeof(*s));
	if (path == NULL)
		path = getenv("OFFBOARD_CONF");
	if (path == NULL || path[0] == '\0')
		path = SETTINGS_DEFAULT;
	s->conf = conf_load(path, e);
	if (s->conf == NULL)
		return -1;
	if (settings_sections(s, e) == -1) {
		settings_clear(s);
		return -1;
	}
	s->data_dir = offboard_text(s, "data_dir");
	s->login_derived = strcmp(offboard_text(s, "login"), "given") != 0;
	s->protect = offboard_text(s, "protect");
	s->sla = conf_span(s->conf, "offboard", offboard_keys, "sla");
	s->sla_text = offboard_text(s, "sla");
	word = offboard_text(s, "approval");
	s->approval = strcmp(word, "all") == 0 ? APPROVAL_ALL :
	    strcmp(word, "irreversible") == 0 ? APPROVAL_IRREVERSIBLE :
	    APPROVAL_NONE;
	s->brake = conf_number(s->conf, "offboard", offboard_keys, "brake");
	s->recheck_contain = strcmp(offboard_text(s, "recheck"),
	    "contain") == 0;
	s->syslog = strcmp(offboard_text(s, "log"), "syslog") == 0;
	s->socket = conf_text(s->conf, "web", web_keys, "socket");
	s->public_url = conf_text(s->conf, "web", web_keys, "public_url");
	if (settings_recheck(s, e) == 0 && settings_notify(s, e) == 0)
		return 0;
	settings_clear(s);
	return -1;
}

void
settings_clear(struct settings *s)
{
	conf_free(s->conf);
	memset(s, 0, sizeof(*s));
}

static int
in_group(const char *user, const char *group)
{
	struct group gr, *g = NULL;
	struct passwd pw, *p = NULL;
	char gbuf[16384], pbuf[4096];
	size_t i;

	if (getgrnam_r(group, &gr, gbuf, sizeof(gbuf), &g) != 0 || g == NULL)
		return 0;
	for (i = 0; g->gr_mem[i] != NULL; i++)
		if (strcmp(g->gr_mem[i], user) == 0)
			return 1;
	return getpwnam_r(user, &pw, pbuf, sizeof(pbuf), &p) == 0 &&
	    p != NULL && p->pw_gid == g->gr_gid;
}

/* Names are compared exactly: two people may differ by case alone. */
static int
role_names(const struct settings *s, const char *key, const char *user)
{
	const char *list = conf_get(s->conf, "web", key);
	char item[128];
	size_t n;

	while (list != NULL && *list != '\0') {
		list += strspn(list, ", \t");
		n = strcspn(list, ", \t");
		if (n > 0 && n < sizeof(item)) {
			memcpy(item, list, n);
			item[n] = '\0';
			if (item[0] == '@' ? in_group(user, item + 1) :
			    strcmp(item, user) == 0)
				return 1;
		}
		list += n;
	}
	return 0;
}

unsigned
settings_roles(const struct settings *s, const char *user)
{
	unsigned roles = 0;

	if (user == NULL || user[0] == '\0')
		return 0;
	if (role_names(s, "admin", user) != 0)
		return ROLE_VIEWER | ROLE_OPERATOR | ROLE_APPROVER | ROLE_ADMIN;
	if (role_names(s, "viewer", user) != 0)
		roles |= ROLE_VIEWER;
	if (role_names(s, "operator", user) != 0)
		roles |= ROLE_OPERATOR | ROLE_VIEWER;
	if (role_names(s, "approver", user) != 0)
		roles |= ROLE_APPROVER | ROLE_VIEWER;
	return roles;
}
