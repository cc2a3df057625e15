/* Atomic, durable replacement of files, and careful reading of small ones.
 * Knows nothing of what is in them. */
#include "durable.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/buf.h"

int
durable_begin(struct durable *d, const char *path, mode_t mode, struct err *e)
{
	static unsigned count;
	int tries;

	memset(d, 0, sizeof(*d));
	d->fd = -1;
	if (text_copy(d->path, sizeof(d->path), path) == -1)
		return err_set(e, "%s: the path is too long", path);
	/* A leftover of a killed process has its number, so count on. */
	for (tries = 0; tries < 100 && d->fd == -1; tries++) {
		(void)snprintf(d->temporary, sizeof(d->temporary),
		    "%s.%d.%u.tmp", path, (int)getpid(),
		    __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED));
		d->fd = open(d->temporary, O_WRONLY | O_CREAT | O_EXCL |
		    O_CLOEXEC | O_NOFOLLOW, 0600);
		if (d->fd == -1 && errno != EEXIST)
			break;
	}
	if (d->fd == -1) {
		err_set(e, "cannot create %s: %s", d->temporary,
		    strerror(errno));
		d->temporary[0] = '\0';
		return -1;
	}
	if (fchown(d->fd, geteuid(), getegid()) == -1 ||
	    fchmod(d->fd, mode) == -1) {
		err_set(e, "cannot set the mode of %s: %s", d->temporary,
		    strerror(errno));
		durable_abandon(d);
		return -1;
	}
	return 0;
}

int
durable_put(struct durable *d, const void *data, size_t size, struct err *e)
{
	const uint8_t *p = data;
	ssize_t n;

	while (size > 0) {
		n = write(d->fd, p, size);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_set(e, "cannot write %s: %s", d->temporary,
			    strerror(errno));
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

int
durable_sync(const char *path, struct err *e)
{
	char copy[DURABLE_PATH];
	const char *folder;
	int fd, rc = 0;

	(void)text_copy(copy, sizeof(copy), path);
	folder = dirname(copy);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || fsync(fd) == -1)
		rc = err_set(e, "cannot sync the folder of %s: %s", path,
		    strerror(errno));
	if (fd != -1)
		close(fd);
	return rc;
}

int
durable_commit(struct durable *d, struct err *e)
{
	int rc = -1;

	if (fsync(d->fd) == -1) {
		err_set(e, "cannot sync %s: %s", d->temporary,
		    strerror(errno));
		goto out;
	}
	if (rename(d->temporary, d->path) == -1) {
		err_set(e, "cannot replace %s: %s", d->path, strerror(errno));
		goto out;
	}
	d->temporary[0] = '\0';
	rc = durable_sync(d->path, e);
out:
	durable_abandon(d);
	return rc;
}

void
durable_abandon(struct durable *d)
{
	if (d == NULL)
		return;
	if (d->fd != -1)
		close(d->fd);
	d->fd = -1;
	if (d->temporary[0] != '\0')
		unlink(d->temporary);
	d->temporary[0] = '\0';
}

int
durable_write(const struct durable_new *f, struct err *e)
{
	struct durable d;

	if (durable_begin(&d, f->path, f->mode, e) == -1)
		return -1;
	if (durable_put(&d, f->data, f->size, e) == -1) {
		durable_abandon(&d);
		return -1;
	}
	return durable_commit(&d, e);
}

void
durable_tidy(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *entry;
	size_t n;

	if (d == NULL)
		return;
	while ((entry = readdir(d)) != NULL) {
		n = strlen(entry->d_name);
		if (n > 4 && strcmp(entry->d_name + n - 4, ".tmp") == 0)
			unlinkat(dirfd(d), entry->d_name, 0);
	}
	closedir(d);
}

static int
read_all(int fd, char *to, size_t size)
{
	size_t have = 0;
	ssize_t n;

	while (have < size) {
		n = read(fd, to + have, size - have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EPROTO;
		if (n <= 0)
			return -1;
		have += (size_t)n;
	}
	return 0;
}

int
durable_read(const char *path, struct durable_data *f, struct err *e)
{
	struct stat st;
	int fd, saved, rc = -1;

	f->data = NULL;
	f->size = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |
	    O_NONBLOCK);
	if (fd == -1 || fstat(fd, &st) == -1) {
		err_set(e, "cannot read %s: %s", path, strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_size < 0 ||
	    (uintmax_t)st.st_size > f->max) {
		err_set(e, "%s is not a file of at most %zu bytes", path,
		    f->max);
		errno = EFBIG;
		goto out;
	}
	f->size = (size_t)st.st_size;
	f->data = malloc(f->size + 1);
	if (f->data == NULL || read_all(fd, f->data, f->size) == -1) {
		err_set(e, "cannot read %s: %s", path, strerror(errno));
		goto out;
	}
	f->data[f->size] = '\0';
	rc = 0;
out:
	saved = errno;
	if (fd != -1)
		close(fd);
	if (rc == -1) {
		free(f->data);
		f->data = NULL;
	}
	errno = saved;
	return rc;
}
