/* The worker's bell, a Unix datagram socket. Carries no content: the record
 * is the only word that counts. */
#include "wake.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
wake_address(const char *dir, struct sockaddr_un *sa)
{
	int n;

	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	n = snprintf(sa->sun_path, sizeof(sa->sun_path),
	    "%s/record/worker.sock", dir);
	return n < 0 || (size_t)n >= sizeof(sa->sun_path) ? -1 : 0;
}

void
wake_send(const char *dir)
{
	struct sockaddr_un sa;
	int fd;

	if (wake_address(dir, &sa) == -1)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return;
	/* A full queue means that the worker is being woken anyway. */
	(void)!sendto(fd, "w", 1, MSG_NOSIGNAL, (struct sockaddr *)&sa,
	    sizeof(sa));
	close(fd);
}

int
wake_open(const char *dir, struct err *e)
{
	struct sockaddr_un sa;
	int fd;

	if (wake_address(dir, &sa) == -1)
		return err_set(e, "%s/record/worker.sock: the path is too long "
		    "for a socket: choose a shorter data_dir", dir);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return err_set(e, "socket: %s", strerror(errno));
	/* Only the holder of worker.lock comes here: an old socket is dead. */
	(void)unlink(sa.sun_path);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == -1) {
		err_set(e, "%s: %s", sa.sun_path, strerror(errno));
		close(fd);
		return -1;
	}
	(void)chmod(sa.sun_path, 0660);
	return fd;
}
