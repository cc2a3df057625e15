/* Writes a publication folder: base/<serial>-<hash> and stamp. Serves nothing
 * and decides nothing about who is listed. */
#include "publish.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../base/buf.h"
#include "base.h"
#include "denylist_build.h"
#include "../base/durable.h"
#include "stamp.h"

#define KEEP 3600	/* s: a slow host may still be reading an old base */
#define NAME_ROOM 128

static int
publish_path(const struct publish *p, const char *name, struct err *e,
    char path[DURABLE_PATH])
{
	int n = snprintf(path, DURABLE_PATH, "%s/%s", p->folder, name);

	if (n < 0 || n >= DURABLE_PATH)
		return err_set(e, "%s: the path is too long", p->folder);
	return 0;
}

static void
base_name(uint32_t serial, const uint8_t *hash, char name[NAME_ROOM])
{
	char text[SIGN_HASH_TEXT];

	sign_hex(hash, SIGN_HASH, text);
	(void)snprintf(name, NAME_ROOM, "base/%u-%s", serial, text);
}

/* The entries as sorted records. -1, or how many. */
static int64_t
publish_records(const struct publish *p, struct denylist_record *r,
    struct err *e)
{
	int64_t n;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (denylist_record_name(&r[i], p->salt, p->entries[i].login,
		    p->entries[i].number) == -1)
			return err_set(e, "the login \"%s\" of offboarding %u "
			    "cannot be listed: it must have 1 to %d bytes and "
			    "no control bytes", p->entries[i].login,
			    p->entries[i].number, DENYLIST_NAME_MAX);
	n = denylist_sort(r, p->n);
	if (n == -1)
		return err_set(e, "out of memory for %zu entries", p->n);
	return n;
}

static uint8_t *
publish_bytes(const struct publish *p, size_t *size, struct err *e)
{
	struct denylist_record *r;
	uint8_t *bytes = NULL;
	struct base b;
	int64_t n = -1;

	memset(&b, 0, sizeof(b));
	r = malloc((p->n + 1) * sizeof(*r));
	if (r != NULL)
		n = publish_records(p, r, e);
	else
		err_set(e, "out of memory for %zu entries", p->n);
	if (n >= 0) {
		b.epoch = p->epoch;
		b.serial = p->serial;
		memcpy(b.fleet, p->fleet, sizeof(b.fleet));
		memcpy(b.salt, p->salt, sizeof(b.salt));
		b.records = r;
		b.n = (size_t)n;
		bytes = base_write(&b, size);
		if (bytes == NULL)
			err_set(e, "out of memory for %zu entries", p->n);
	}
	free(r);
	return bytes;
}

static int
publish_stamp(const struct publish *p, struct stamp *s, struct err *e)
{
	char text[STAMP_MAX + 1], path[DURABLE_PATH];
	int n;

	s->issued = p->issued;
	s->expires = p->expires != 0 ? p->expires : p->issued + PUBLISH_LIFE;
	n = stamp_write(s, p->key, text, e);
	if (n == -1 || publish_path(p, "stamp", e, path) == -1)
		return -1;
	return durable_write(&(struct durable_new){ path, 0644, text,
	    (size_t)n }, e);
}

/* Only names that base_name() can have written, and only old ones. */
static void
remove_old(const char *folder, const char *keep)
{
	const time_t now = time(NULL);
	struct dirent *entry;
	struct stat st;
	DIR *d = opendir(folder);

	if (d == NULL)
		return;
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9' ||
		    strcmp(entry->d_name, keep) == 0 ||
		    fstatat(dirfd(d), entry->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) == -1 || !S_ISREG(st.st_mode) ||
		    st.st_mtime > now - KEEP)
			continue;
		unlinkat(dirfd(d), entry->d_name, 0);
	}
	closedir(d);
}

static int
base_folder(const struct publish *p, char path[DURABLE_PATH], struct err *e)
{
	if (publish_path(p, "base", e, path) == -1)
		return -1;
	if (mkdir(path, 0755) == 0) {
		if (chmod(path, 0755) == -1)
			return err_set(e, "cannot set the mode of %s: %s",
			    path, strerror(errno));
		return durable_sync(path, e);
	}
	if (errno != EEXIST)
		return err_set(e, "cannot create %s: %s", path,
		    strerror(errno));
	return 0;
}

int
publish_state(const struct publish *p, struct err *e)
{
	char name[NAME_ROOM], path[DURABLE_PATH], folder[DURABLE_PATH];
	uint8_t *bytes = NULL;
	size_t size = 0;
	struct stamp s;
	int rc = -1;

	memset(&s, 0, sizeof(s));
	bytes = publish_bytes(p, &size, e);
	if (bytes == NULL)
		goto out;
	if (sign_hash(bytes, size, s.base_hash) == -1) {
		err_set(e, "the base cannot be hashed: libcrypto refused");
		goto out;
	}
	base_name(p->serial, s.base_hash, name);
	if (base_folder(p, folder, e) == -1 ||
	    publish_path(p, name, e, path) == -1 ||
	    durable_write(&(struct durable_new){ path, 0644, bytes, size },
	    e) == -1)
		goto out;
	memcpy(s.fleet, p->fleet, sizeof(s.fleet));
	memcpy(s.state, s.base_hash, sizeof(s.state));
	s.keys = 1;
	s.epoch = p->epoch;
	s.serial = s.base_serial = p->serial;
	s.base_size = (int64_t)size;
	if (text_copy(s.scope, sizeof(s.scope), p->scope) == -1) {
		err_set(e, "the scope %s is too long", p->scope);
		goto out;
	}
	if (publish_stamp(p, &s, e) == -1)
		goto out;
	remove_old(folder, name + 5);
	rc = 0;
out:
	free(bytes);
	return rc;
}

int
publish_again(const struct publish *p, struct err *e)
{
	struct durable_data f = { STAMP_MAX, NULL, 0 };
	char path[DURABLE_PATH];
	struct stamp s;
	int rc = -1;

	if (publish_path(p, "stamp", e, path) == -1 ||
	    durable_read(path, &f, e) == -1)
		return -1;
	if (stamp_parse(f.data, f.size, &s, e) == -1)
		goto out;
	if (stamp_check(f.data, f.size, &s, sign_public(p->key)) == -1 ||
	    memcmp(s.fleet, p->fleet, sizeof(s.fleet)) != 0 ||
	    strcmp(s.scope, p->scope) != 0 || s.epoch != p->epoch ||
	    s.serial != p->serial) {
		err_set(e, "%s is not the stamp of this key, fleet, scope, "
		    "epoch and serial: publish the state again", path);
		goto out;
	}
	rc = publish_stamp(p, &s, e);
out:
	free(f.data);
	return rc;
}
