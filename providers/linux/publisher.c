/* Reads the denials of the record and publishes them; never decides who is
 * denied. */
#include "publisher.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/buf.h"
#include "publish.h"
#include "../base/sign.h"
#include "stamp.h"

#define ENTRIES_MAX 20000000u

struct collect {
	struct publish_entry *entries;
	size_t	n, cap;
};

static int
collect_one(void *arg, const struct denial *d)
{
	struct collect *c = arg;
	struct publish_entry *grown;

	if (c->n == c->cap) {
		if (c->cap >= ENTRIES_MAX)
			return -1;
		grown = realloc(c->entries, (c->cap * 2 + 64) *
		    sizeof(*c->entries));
		if (grown == NULL)
			return -1;
		c->entries = grown;
		c->cap = c->cap * 2 + 64;
	}
	c->entries[c->n].login = strdup(d->login);
	c->entries[c->n].number = (uint32_t)d->offboarding;
	return c->entries[c->n++].login == NULL ? -1 : 0;
}

static void
collect_clear(struct collect *c)
{
	size_t i;
	char *login;

	for (i = 0; i < c->n; i++) {
		memcpy(&login, &c->entries[i].login, sizeof(login));
		free(login);
	}
	free(c->entries);
}

int
publisher_current(const char *dir, int64_t *epoch, int64_t *serial,
    struct err *e)
{
	char path[512];
	struct stamp st;
	struct buf b;
	int rc = 0;

	*epoch = *serial = 0;
	(void)snprintf(path, sizeof(path), "%s/publication/stamp", dir);
	if (access(path, F_OK) == -1)
		return 0;
	buf_init(&b, STAMP_MAX);
	if (buf_file(&b, path, e) == -1 ||
	    stamp_parse(buf_cstr(&b), b.len, &st, e) == -1)
		rc = -1;
	else {
		*epoch = st.epoch;
		*serial = st.serial;
		rc = 1;
	}
	buf_clear(&b);
	return rc;
}

/* Head and key; 1 when there is no fleet. KEY is freed by the caller. */
static int
publisher_head(const char *dir, struct store *s, struct publish *p,
    struct sign_key **key, struct err *e)
{
	char path[512];
	struct head h;
	int rc = head_get(s, &h, e);

	*key = NULL;
	if (rc != STORE_OK)
		return rc == STORE_NONE ? 1 : -1;
	memset(p, 0, sizeof(*p));
	if (sign_unhex(h.fleet, p->fleet, sizeof(p->fleet)) == -1 ||
	    sign_unhex(h.salt, p->salt, sizeof(p->salt)) == -1)
		return err_set(e, "the record's fleet is damaged");
	p->epoch = (uint32_t)h.epoch;
	p->serial = (uint32_t)h.serial;
	p->scope = "default";
	p->issued = when_now() / 1000;
	(void)snprintf(path, sizeof(path), "%s/keys/publisher.key", dir);
	*key = sign_load(path, e);
	p->key = *key;
	return *key == NULL ? -1 : 0;
}

int
publisher_state(const char *dir, struct store *s, struct err *e)
{
	struct collect c = { NULL, 0, 0 };
	struct sign_key *key = NULL;
	char folder[512];
	int64_t epoch, serial;
	struct publish p;
	int rc;

	rc = publisher_head(dir, s, &p, &key, e);
	if (rc == 1)
		return err_set(e, "there is no fleet yet: run \"offboard keys "
		    "init\" first");
	if (rc == 0)
		rc = publisher_current(dir, &epoch, &serial, e) == -1 ? -1 : 0;
	if (rc == 0 && (epoch > p.epoch ||
	    (epoch == p.epoch && serial > p.serial)))
		rc = err_set(e, "the publication is newer (%lld, %lld) than the"
		    " record (%u, %u), so an older record was put back: "
		    "nothing is published until \"offboard epoch raise\"",
		    (long long)epoch, (long long)serial, p.epoch, p.serial);
	if (rc == 0 && denial_each(s, collect_one, &c, e) != STORE_OK)
		rc = -1;
	if (rc == 0) {
		(void)snprintf(folder, sizeof(folder), "%s/publication", dir);
		p.folder = folder;
		p.entries = c.entries;
		p.n = c.n;
		rc = publish_state(&p, e);
	}
	collect_clear(&c);
	sign_free(key);
	return rc;
}

int
publisher_refresh(const char *dir, struct store *s, struct err *e)
{
	struct sign_key *key = NULL;
	char folder[512];
	int64_t epoch, serial;
	struct publish p;
	int rc = publisher_head(dir, s, &p, &key, e);

	if (rc == 1)
		return 0;
	(void)snprintf(folder, sizeof(folder), "%s/publication", dir);
	p.folder = folder;
	if (rc == 0) {
		rc = publisher_current(dir, &epoch, &serial, e);
		if (rc == 1 && epoch == p.epoch && serial == p.serial)
			rc = publish_again(&p, e);
		else
			rc = publisher_state(dir, s, e);
	}
	sign_free(key);
	return rc;
}
