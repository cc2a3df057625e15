/* The configuration of offboard-hostd: /etc/offboard/host.conf. Reads, never
 * writes. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../providers/base/buf.h"
#include "../../providers/base/conf.h"
#include "host.h"

static const struct conf_key host_keys[] = {
	{ "name", CONF_TEXT, NULL, NULL, 0, 0 },
	{ "publication", CONF_TEXT, NULL, NULL, 0, 0 },
	{ "state_dir", CONF_PATH, "/var/lib/offboard-host", NULL, 0, 0 },
	{ "trust", CONF_PATH, "/etc/offboard/trust", NULL, 0, 0 },
	{ "key", CONF_PATH, NULL, NULL, 0, 0 },
	{ "report_url", CONF_URL, NULL, NULL, 0, 0 },
	{ "exempt", CONF_NAMES, "", NULL, 0, 0 },
	{ "max_new", CONF_NUMBER, "50", NULL, 0, 1000000 },
	{ "sweep", CONF_SWITCH, "on", NULL, 0, 0 },
	{ "poll", CONF_SPAN, "5s", NULL, 0, 0 },
	{ "sweep_for", CONF_SPAN, "150s", NULL, 0, 0 },
	{ "owner_uid", CONF_NUMBER, NULL, NULL, 0, 0xfffffffeLL },
	{ NULL, CONF_TEXT, NULL, NULL, 0, 0 }
};

/* Copies the text values; too long is an error that names the key. */
static int
texts_read(const struct conf *c, struct hostconf *h, struct err *e)
{
	const struct {
		const char	*key;
		char		*to;
		size_t		 size;
	} fields[] = {
		{ "name", h->name, sizeof(h->name) },
		{ "state_dir", h->state_dir, sizeof(h->state_dir) },
		{ "trust", h->trust, sizeof(h->trust) },
		{ "key", h->key, sizeof(h->key) },
		{ "report_url", h->report_url, sizeof(h->report_url) },
		{ "exempt", h->exempt, sizeof(h->exempt) },
	};
	const char *v;
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		v = conf_text(c, "host", host_keys, fields[i].key);
		if (text_copy(fields[i].to, fields[i].size,
		    v == NULL ? "" : v) == -1)
			return conf_fail(c, "host", fields[i].key, e,
			    "%s is too long", fields[i].key);
	}
	return 0;
}

static int
publication_read(const struct conf *c, struct hostconf *h, struct err *e)
{
	const char *v = conf_get(c, "host", "publication");

	if (v == NULL)
		return conf_fail(c, "host", NULL, e, "publication is missing: "
		    "name the folder");
	if (strncmp(v, "file://", 7) == 0)
		v += 7;
	if (v[0] != '/')
		return conf_fail(c, "host", "publication", e, "publication "
		    "takes the absolute path of a folder, or file:///...");
	if (text_copy(h->publication, sizeof(h->publication), v) == -1)
		return conf_fail(c, "host", "publication", e, "publication is "
		    "too long");
	return 0;
}

static int
name_read(const struct conf *c, struct hostconf *h, struct err *e)
{
	char own[HOST_NAME_MAX + 1] = "";

	if (h->name[0] == '\0' &&
	    (gethostname(own, sizeof(own) - 1) == -1 || own[0] == '\0' ||
	    text_copy(h->name, sizeof(h->name), own) == -1))
		return conf_fail(c, "host", NULL, e, "name is missing and "
		    "this machine has none");
	if (strchr(h->name, ' ') != NULL || text_is_plain(h->name) == 0)
		return conf_fail(c, "host", "name", e, "name must be plain "
		    "text without blanks");
	return 0;
}

static int
owner_read(const struct conf *c, struct hostconf *h, struct err *e)
{
	h->owner = geteuid();
	if (conf_get(c, "host", "owner_uid") != NULL &&
	    conf_number(c, "host", host_keys, "owner_uid") !=
	    (long long)h->owner)
		return conf_fail(c, "host", "owner_uid", e, "this program "
		    "runs as uid %u and can write the denylist for no other",
		    (unsigned)h->owner);
	return 0;
}

static int
host_values(const struct conf *c, struct hostconf *h, struct err *e)
{
	const char *v;
	unsigned i;

	for (i = 0; (v = conf_section(c, i)) != NULL; i++)
		if (strcmp(v, "host") != 0)
			return conf_fail(c, v, NULL, e, "[%s] does not belong "
			    "here: only [host] does", v);
	if (conf_check(c, "host", host_keys, e) == -1 ||
	    texts_read(c, h, e) == -1 || publication_read(c, h, e) == -1 ||
	    name_read(c, h, e) == -1 || owner_read(c, h, e) == -1)
		return -1;
	if (h->key[0] == '\0')
		(void)snprintf(h->key, sizeof(h->key), "%s/host.key",
		    h->state_dir);
	h->max_new = (int)conf_number(c, "host", host_keys, "max_new");
	h->sweep = conf_switch(c, "host", host_keys, "sweep");
	h->poll = conf_span(c, "host", host_keys, "poll");
	h->sweep_for = conf_span(c, "host", host_keys, "sweep_for");
	if (h->poll < 100 || h->poll > 3600000)
		return conf_fail(c, "host", "poll", e, "poll takes 100ms to "
		    "1h");
	return 0;
}

int
hostconf_read(const char *path, struct hostconf *h, struct err *e)
{
	struct conf *c = conf_load(path, e);
	int rc;

	memset(h, 0, sizeof(*h));
	if (c == NULL)
		return -1;
	rc = host_values(c, h, e);
	conf_free(c);
	return rc;
}

/* By bytes, unlike conf_list_has(): Root is not root. */
int
hostconf_exempts(const struct hostconf *h, const char *name)
{
	const size_t n = strlen(name);
	const char *p = h->exempt;
	size_t len;

	if (strcmp(name, "root") == 0)
		return 1;
	while (*p != '\0') {
		p += strspn(p, ", \t");
		len = strcspn(p, ", \t");
		if (len == n && n > 0 && memcmp(p, name, n) == 0)
			return 1;
		p += len;
	}
	return 0;
}
