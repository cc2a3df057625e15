/* The listening socket: systemd's, or an own one that only its group may
 * reach. Must not answer anything. */
#include "fcgi.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYSTEMD_FD 3
#define BACKLOG 511

static int
listen_prepare(int fd, struct err *e)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return err_set(e, "listening socket: %s", strerror(errno));
	return 0;
}

/* 1 when systemd handed a socket to this very process, else 0; -1 with the
 * sentence when it handed over something else. */
static int
listen_systemd(struct err *e)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	long long n;

	if (pid == NULL || fds == NULL ||
	    text_int(pid, 1, INT32_MAX, &n) == -1 || n != getpid())
		return 0;
	if (strcmp(fds, "1") != 0)
		return err_set(e, "systemd handed over %.20s sockets, one is "
		    "expected", fds);
	return 1;
}

/* Is whatever stands at the path out of the way? */
static int
listen_clear(const struct sockaddr_un *sa, struct err *e)
{
	struct stat st;
	int fd, rc;

	if (lstat(sa->sun_path, &st) == -1)
		return errno == ENOENT ? 0 : err_set(e, "%s: %s",
		    sa->sun_path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return err_set(e, "%s is there and is no socket: move it away",
		    sa->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return err_set(e, "socket: %s", strerror(errno));
	rc = connect(fd, (const struct sockaddr *)sa, sizeof(*sa));
	if (rc == -1 && errno != ECONNREFUSED && errno != EAGAIN) {
		rc = errno;
		close(fd);
		return rc == ENOENT ? 0 : err_set(e, "%s: %s", sa->sun_path,
		    strerror(rc));
	}
	rc = rc == -1 && errno == ECONNREFUSED ? 0 : -1;
	close(fd);
	if (rc == -1)
		return err_set(e, "%s is in use: a web front is running "
		    "already", sa->sun_path);
	if (unlink(sa->sun_path) == -1 && errno != ENOENT)
		return err_set(e, "unlink %s: %s", sa->sun_path,
		    strerror(errno));
	return 0;
}

static int
listen_own(const char *path, struct err *e)
{
	struct sockaddr_un sa;
	mode_t old;
	int fd, rc;

	memset(&sa, 0, sizeof(sa));
	sa.sun_family = AF_UNIX;
	if (text_copy(sa.sun_path, sizeof(sa.sun_path), path) == -1)
		return err_set(e, "%s: too long for a socket's path", path);
	if (listen_clear(&sa, e) == -1)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return err_set(e, "socket: %s", strerror(errno));
	/* Whoever may connect can stop libfcgi: so never for others. */
	old = umask(0117);
	rc = bind(fd, (struct sockaddr *)&sa, sizeof(sa));
	(void)umask(old);
	if (rc == 0)
		rc = listen(fd, BACKLOG);
	if (rc == -1) {
		err_set(e, "%s: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

int
fcgi_listen(const char *path, int *own, struct err *e)
{
	int rc = listen_systemd(e);

	*own = rc == 0;
	if (rc == -1)
		return -1;
	if (rc == 0)
		return listen_own(path, e);
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	return listen_prepare(SYSTEMD_FD, e) == -1 ? -1 : SYSTEMD_FD;
}
