/* worker.lock: who holds it makes the vendor calls, alone. */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "inside.h"

int
lock_take(const char *dir, struct err *e)
{
	char path[512];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/record/worker.lock", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (fd == -1) {
		err_set(e, "%s: %s", path, strerror(errno));
		return -1;
	}
	(void)fchmod(fd, 0660);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	if (errno == EWOULDBLOCK)
		return -2;
	err_set(e, "%s: %s", path, strerror(errno));
	return -1;
}

int
lock_is_ours(const char *dir, int fd)
{
	struct stat held, there;
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/record/worker.lock", dir);
	return fstat(fd, &held) == 0 && stat(path, &there) == 0 &&
	    held.st_dev == there.st_dev && held.st_ino == there.st_ino;
}
