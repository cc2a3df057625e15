/* The trust file: which fleet, scope and publisher a host believes. Holds no
 * secret. */
#include "trust.h"

#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "../base/buf.h"
#include "../base/conf.h"
#include "../base/durable.h"

static const struct conf_key trust_keys[] = {
	{ "fleet", CONF_TEXT, NULL, NULL, 0, 0 },
	{ "scope", CONF_TEXT, "default", NULL, 0, 0 },
	{ "publisher", CONF_TEXT, NULL, NULL, 0, 0 },
	{ NULL, CONF_TEXT, NULL, NULL, 0, 0 }
};

static int
trust_publisher(const struct conf *c, struct trust *t, struct err *e)
{
	const char *v = conf_get(c, "trust", "publisher"), *blank;
	char keyid[SIGN_KEYID_TEXT];

	blank = v == NULL ? NULL : strchr(v, ' ');
	if (blank == NULL || blank - v != SIGN_KEYID_TEXT - 1 ||
	    sign_unbase64(blank + strspn(blank, " "), t->public,
	    sizeof(t->public)) == -1 ||
	    sign_keyid_of(t->public, keyid) == -1 ||
	    strncmp(keyid, v, SIGN_KEYID_TEXT - 1) != 0)
		return conf_fail(c, "trust", "publisher", e, "publisher takes "
		    "the key's id, a blank and the key in base64, and the id "
		    "must fit the key");
	memcpy(t->keyid, keyid, sizeof(t->keyid));
	return 0;
}

static int
trust_values(const struct conf *c, struct trust *t, struct err *e)
{
	const char *v;
	unsigned i;

	for (i = 0; (v = conf_section(c, i)) != NULL; i++)
		if (strcmp(v, "trust") != 0)
			return conf_fail(c, v, NULL, e, "[%s] does not belong "
			    "here: only [trust] does", v);
	if (conf_check(c, "trust", trust_keys, e) == -1)
		return -1;
	v = conf_get(c, "trust", "fleet");
	if (v == NULL || sign_unhex(v, t->fleet, sizeof(t->fleet)) == -1)
		return conf_fail(c, "trust", "fleet", e, "fleet takes 32 "
		    "small hex digits");
	v = conf_text(c, "trust", trust_keys, "scope");
	if (stamp_scope_ok(v) == 0 ||
	    text_copy(t->scope, sizeof(t->scope), v) == -1)
		return conf_fail(c, "trust", "scope", e, "scope takes 1 to 32 "
		    "of a-z 0-9 - _ .");
	return trust_publisher(c, t, e);
}

int
trust_read(const char *path, struct trust *t, struct err *e)
{
	struct conf *c = NULL;
	struct stat st;
	int rc;

	memset(t, 0, sizeof(*t));
	if (stat(path, &st) == -1)
		return err_set(e, "%s: %s; copy it from the machine that runs "
		    "offboard", path, strerror(errno));
	if ((st.st_mode & 022) != 0)
		return err_set(e, "%s: others can change this file: chmod "
		    "go-w it", path);
	c = conf_load(path, e);
	if (c == NULL)
		return -1;
	rc = trust_values(c, t, e);
	conf_free(c);
	return rc;
}

int
trust_write(const char *path, const struct trust *t, struct err *e)
{
	char fleet[STAMP_FLEET * 2 + 1], keyid[SIGN_KEYID_TEXT];
	char public[SIGN_BASE64_TEXT];
	struct buf b;
	int rc = -1;

	buf_init(&b, 1024);
	if (sign_keyid_of(t->public, keyid) == -1 ||
	    stamp_scope_ok(t->scope) == 0) {
		err_set(e, "%s: the key or the scope is not one", path);
		goto out;
	}
	sign_hex(t->fleet, sizeof(t->fleet), fleet);
	sign_base64(t->public, sizeof(t->public), public);
	buf_fmt(&b, "[trust]\nfleet = %s\nscope = %s\npublisher = %s %s\n",
	    fleet, t->scope, keyid, public);
	if (b.failed == 0)
		rc = durable_write(&(struct durable_new){ path, 0644, b.s,
		    b.len }, e);
	else
		err_set(e, "%s: out of memory", path);
out:
	buf_clear(&b);
	return rc;
}
