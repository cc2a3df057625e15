/* A new token is written beside the old one and then takes its place. Between
 * the two the service knows the new one alone, so what a crash leaves beside
 * it is not rubbish: it is the only key there is. */
#include "tokenfile.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/durable.h"

static int
next_name(const char *path, char out[DURABLE_PATH], struct err *e)
{
	if (snprintf(out, DURABLE_PATH, "%s.next", path) >= DURABLE_PATH)
		return err_set(e, "%.100s...: the path is too long", path);
	return 0;
}

static int
is_newer(const struct stat *a, const struct stat *b)
{
	return a->st_mtim.tv_sec != b->st_mtim.tv_sec ?
	    a->st_mtim.tv_sec > b->st_mtim.tv_sec :
	    a->st_mtim.tv_nsec >= b->st_mtim.tv_nsec;
}

/* Whole, ours, and written after the file itself? A person who has put a new
 * token into the file since is right. */
static int
next_counts(const char *path, const char *next)
{
	struct stat old, new;
	char last = '\0';
	int fd = open(next, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int ok;

	if (fd == -1)
		return 0;
	ok = fstat(fd, &new) == 0 && S_ISREG(new.st_mode) &&
	    new.st_size > 1 &&
	    pread(fd, &last, 1, new.st_size - 1) == 1 && last == '\n' &&
	    (stat(path, &old) == -1 ? new.st_uid == geteuid() :
	    (new.st_uid == geteuid() || new.st_uid == old.st_uid) &&
	    is_newer(&new, &old));
	close(fd);
	return ok;
}

static int
next_adopt(const char *path, const char *next, struct err *e)
{
	if (access(next, F_OK) == -1)
		return 0;
	if (next_counts(path, next) == 0) {
		(void)unlink(next);
		return 0;
	}
	if (rename(next, path) == -1)
		return err_set(e, "%s cannot take the place of %s: %s", next,
		    path, strerror(errno));
	return durable_sync(path, e);
}

int
tokenfile_read(const char *path, struct buf *b, struct err *e)
{
	char next[DURABLE_PATH];

	if (next_name(path, next, e) == -1 ||
	    next_adopt(path, next, e) == -1 || buf_file(b, path, e) == -1)
		return -1;
	while (b->len > 0 && strchr("\r\n ", b->s[b->len - 1]) != NULL)
		b->s[--b->len] = '\0';
	return 0;
}

/* Whoever owned the file owns it again: root may have taken the worker's
 * place for once. */
static int
next_owner(int fd, const char *path)
{
	struct stat old;

	return geteuid() != 0 || stat(path, &old) == -1 ||
	    fchown(fd, old.st_uid, old.st_gid) == 0;
}

static int
next_write(const char *path, const char *next, const char *token,
    struct err *e)
{
	struct buf text;
	int fd, ok;

	/* One write, so that it is there or not, and never half. */
	buf_init(&text, 16384);
	buf_fmt(&text, "%s\n", token);
	fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	ok = fd != -1 && text.failed == 0 &&
	    next_owner(fd, path) &&
	    write(fd, text.s, text.len) == (ssize_t)text.len &&
	    fsync(fd) == 0;
	if (!ok)
		err_set(e, "%s cannot be written: %s", next, strerror(errno));
	if (fd != -1)
		close(fd);
	buf_clear(&text);
	return ok ? 0 : -1;
}

int
tokenfile_save(const char *path, const char *token, struct err *e)
{
	char next[DURABLE_PATH];

	if (next_name(path, next, e) == -1 ||
	    next_write(path, next, token, e) == -1)
		return -1;
	if (rename(next, path) == -1)
		return err_set(e, "%s cannot be replaced: %s", path,
		    strerror(errno));
	return durable_sync(path, e);
}
