/*
 * smtp.c: the listener and the connections of the receiver of mail; it must
 * not know a single command.
 */
#include "smtp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SMTP_IDLE = 60000, SMTP_STEP = 50 };

static int smtp_listener = -1;
static pthread_t smtp_thread;
static pthread_mutex_t smtp_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t smtp_gone = PTHREAD_COND_INITIALIZER;
static int smtp_open;			/* connections, guarded by smtp_lock */

/* Waits until there is something to read; false when there will not be. */
static bool
smtp_readable(int fd, int ms)
{
	struct pollfd p;

	memset(&p, 0, sizeof(p));
	p.fd = fd;
	p.events = POLLIN;
	for (; ms > 0 && !server_stopping(); ms -= SMTP_STEP)
		if (poll(&p, 1, SMTP_STEP) > 0)
			return true;
	return false;
}

static int
smtp_byte(struct smtp *s)
{
	ssize_t n;

	if (s->from == s->to) {
		if (s->closed || !smtp_readable(s->fd, SMTP_IDLE))
			return -1;
		n = recv(s->fd, s->in, sizeof(s->in), 0);
		if (n <= 0)
			return -1;
		s->from = 0;
		s->to = (size_t)n;
	}
	return (unsigned char)s->in[s->from++];
}

/*
 * The next line without its end; -1 when there is none. What is longer than
 * a line may be is cut and noted, and so is a line that ends in LF alone.
 */
int
smtp_line(struct smtp *s)
{
	size_t n = 0;
	int ch, last = 0;

	s->too_long = false;
	while ((ch = smtp_byte(s)) >= 0 && ch != '\n') {
		if (n < SMTP_LINE)
			s->line[n++] = (char)ch;
		else
			s->too_long = true;
		last = ch;
	}
	if (ch < 0)
		return -1;
	if (last != '\r')
		s->bare = true;
	else if (n > 0 && !s->too_long)
		n--;
	s->line[n] = '\0';
	return (int)n;
}

void
smtp_send(struct smtp *s, const char *text, size_t len)
{
	ssize_t n;

	while (len > 0 && !s->closed) {
		if ((n = send(s->fd, text, len, MSG_NOSIGNAL)) <= 0) {
			s->closed = true;
			return;
		}
		text += n;
		len -= (size_t)n;
	}
}

/* Says nothing until the client goes away or the program ends. */
void
smtp_hang(struct smtp *s)
{
	char buf[512];

	while (!server_stopping())
		if (smtp_readable(s->fd, SMTP_STEP) &&
		    recv(s->fd, buf, sizeof(buf), 0) <= 0)
			break;
	s->closed = true;
}

/* A linger time of zero makes close() send a reset. */
void
smtp_abort(struct smtp *s)
{
	struct linger l = { 1, 0 };

	(void)setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	s->closed = true;
}

static void *
smtp_serve(void *arg)
{
	struct smtp *s = arg;

	smtp_talk(s);
	close(s->fd);
	free(s->sender);
	json_object_put(s->rcpt);
	free(s->data);
	free(s);
	pthread_mutex_lock(&smtp_lock);
	smtp_open--;
	pthread_cond_signal(&smtp_gone);
	pthread_mutex_unlock(&smtp_lock);
	return NULL;
}

static void
smtp_accept(void)
{
	struct smtp *s;
	pthread_t id;
	int fd = accept(smtp_listener, NULL, NULL);

	if (fd < 0)
		return;
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		close(fd);
		return;
	}
	s->fd = fd;
	pthread_mutex_lock(&smtp_lock);
	smtp_open++;
	pthread_mutex_unlock(&smtp_lock);
	if (pthread_create(&id, NULL, smtp_serve, s) == 0) {
		pthread_detach(id);
		return;
	}
	close(fd);
	free(s);
	pthread_mutex_lock(&smtp_lock);
	smtp_open--;
	pthread_mutex_unlock(&smtp_lock);
}

static void *
smtp_listen(void *arg)
{
	(void)arg;
	while (!server_stopping())
		if (smtp_readable(smtp_listener, SMTP_STEP))
			smtp_accept();
	return NULL;
}

/* Listens on the port, or on a free one for 0; the port, or -1. */
int
smtp_start(int port)
{
	struct sockaddr_in sa;
	socklen_t len = sizeof(sa);
	int fd, on = 1;

	memset(&sa, 0, sizeof(sa));
	sa.sin_family = AF_INET;
	sa.sin_port = htons((uint16_t)port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0 ||
	    listen(fd, 64) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) != 0)
		goto fail;
	smtp_listener = fd;
	if (pthread_create(&smtp_thread, NULL, smtp_listen, NULL) == 0)
		return ntohs(sa.sin_port);
	smtp_listener = -1;
fail:
	close(fd);
	return -1;
}

/* Waits until every connection has noticed that the program ends. */
void
smtp_stop(void)
{
	if (smtp_listener < 0)
		return;
	pthread_join(smtp_thread, NULL);
	close(smtp_listener);
	smtp_listener = -1;
	pthread_mutex_lock(&smtp_lock);
	while (smtp_open > 0)
		pthread_cond_wait(&smtp_gone, &smtp_lock);
	pthread_mutex_unlock(&smtp_lock);
}
