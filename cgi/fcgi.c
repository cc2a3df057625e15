/* The only file that knows libfcgi. Takes connections itself, so that a peer
 * that goes quiet is dropped; must not know what is asked or answered. */
#include "fcgi.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "../providers/base/log.h"

#define THREADS_MAX 16
#define REPLY_MAX (3 * 1024 * 1024)
#define QUIET_SECONDS 5		/* a peer that is silent for so long is gone */
#define STOP_MS 1500		/* what may still take its time at a stop */

struct server {
	const struct fcgi_app	*app;
	int			 fd;
	int			 stop;		/* eventfd, readable for ever */
	char			 path[108];	/* "": systemd's */
};

struct worker {
	struct server	*server;
	void		*state;
	int		 epoll;
	pthread_t	 thread;
};

static void
body_read(FCGX_Request *req, char *body, struct fcgi_in *in)
{
	const char *text = FCGX_GetParam("CONTENT_LENGTH", req->envp);
	long long n = 0;
	int got;

	in->body = body;
	in->body_len = 0;
	in->state = FCGI_BODY_OK;
	body[0] = '\0';
	if (text == NULL || text[0] == '\0')
		return;
	if (text_int(text, 0, INT64_MAX, &n) == -1) {
		in->state = FCGI_BODY_BAD;
		return;
	}
	if (n > FCGI_BODY_MAX) {
		in->state = FCGI_BODY_LARGE;
		return;
	}
	/* One byte more than announced shows that it lied. */
	got = FCGX_GetStr(body, (int)n + 1, req->in);
	if (got != n) {
		in->state = FCGI_BODY_BAD;
		return;
	}
	body[n] = '\0';
	in->body_len = (size_t)n;
}

static void
request_answer_one(struct worker *wk, FCGX_Request *req, struct buf *reply)
{
	static const char sorry[] = "Status: 500 Internal Server Error\r\n"
	    "Content-Type: text/plain\r\n\r\nThe answer was too large.\n";
	char body[FCGI_BODY_MAX + 2];
	struct fcgi_in in = { .params = req->envp };

	body_read(req, body, &in);
	buf_reset(reply);
	wk->server->app->answer(wk->state, &in, reply);
	if (reply->failed != 0)
		(void)FCGX_PutStr(sorry, (int)sizeof(sorry) - 1, req->out);
	else
		(void)FCGX_PutStr(reply->s, (int)reply->len, req->out);
	explicit_bzero(body, sizeof(body));
}

/*
 * Does it begin with a request? libfcgi dies of a FCGI_GET_VALUES record with
 * some names in it, which is what tools send that try out who listens there.
 */
static int
connection_is_request(int fd)
{
	unsigned char head[2];

	return recv(fd, head, sizeof(head), MSG_PEEK) == sizeof(head) &&
	    head[0] == FCGI_VERSION_1 && head[1] == FCGI_BEGIN_REQUEST;
}

/*
 * A new connection, or -1 at the stop. libfcgi's own accept would block for
 * ever on a peer that sends nothing; a socket with a time-out does not.
 */
static int
connection_take(const struct worker *wk)
{
	const struct timeval quiet = { .tv_sec = QUIET_SECONDS };
	const struct timespec pause = { .tv_nsec = 20000000 };
	const struct server *s = wk->server;
	struct epoll_event ev[2];
	int fd, i, n, stopping = 0;

	for (;;) {
		n = epoll_wait(wk->epoll, ev, 2, -1);
		if (n == -1 && errno != EINTR)
			return -1;
		for (i = 0; i < n; i++)
			stopping |= ev[i].data.fd == s->stop;
		/* systemd keeps what is queued for the next process. */
		if (stopping != 0 && s->path[0] == '\0')
			return -1;
		fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd != -1)
			break;
		if (stopping != 0)
			return -1;
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			(void)nanosleep(&pause, NULL);
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &quiet, sizeof(quiet));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &quiet, sizeof(quiet));
	return fd;
}

static void *
worker_run(void *arg)
{
	struct worker *wk = arg;
	FCGX_Request req;
	struct buf reply;
	int fd;

	buf_init(&reply, REPLY_MAX);
	/* No listening socket for libfcgi: it never accepts by itself. */
	if (FCGX_InitRequest(&req, -1, 0) != 0)
		return NULL;
	while ((fd = connection_take(wk)) != -1) {
		if (connection_is_request(fd) == 0) {
			close(fd);
			continue;
		}
		/* "Kept" makes libfcgi read from the connection it has. */
		req.ipcFd = fd;
		req.keepConnection = 1;
		if (FCGX_Accept_r(&req) != 0)
			continue;
		request_answer_one(wk, &req, &reply);
		/* A connection that is kept would hold this thread. */
		req.keepConnection = 0;
		FCGX_Finish_r(&req);
	}
	buf_clear(&reply);
	close(wk->epoll);
	wk->server->app->end(wk->state);
	return NULL;
}

/* Waits for the threads. A peer that goes quiet in the middle must not keep
 * the program alive: what they hold ends with the process. */
static void
workers_end(struct worker *wk, unsigned n)
{
	struct timespec until;
	unsigned i;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_MS / 1000;
	until.tv_nsec += STOP_MS % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	for (i = 0; i < n; i++) {
		if (pthread_timedjoin_np(wk[i].thread, NULL, &until) != 0) {
			log_event(LOG_WARNING, "stop", "what", "a connection "
			    "was left unfinished: its peer went quiet", NULL);
			_exit(0);
		}
	}
}

/* Each thread waits for itself, so that a connection wakes one of them. */
static int
worker_wait_on(struct worker *wk)
{
	struct epoll_event conn = { .events = EPOLLIN | EPOLLEXCLUSIVE,
	    .data = { .fd = wk->server->fd } };
	struct epoll_event stop = { .events = EPOLLIN,
	    .data = { .fd = wk->server->stop } };

	wk->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (wk->epoll == -1)
		return -1;
	return epoll_ctl(wk->epoll, EPOLL_CTL_ADD, wk->server->fd, &conn) |
	    epoll_ctl(wk->epoll, EPOLL_CTL_ADD, wk->server->stop, &stop);
}

static int
workers_begin(struct server *s, struct worker *wk, struct err *e)
{
	unsigned i;
	int rc;

	for (i = 0; i < s->app->threads; i++) {
		wk[i].server = s;
		wk[i].state = s->app->begin(s->app->arg, e);
		if (wk[i].state == NULL)
			return -1;
		if (worker_wait_on(&wk[i]) != 0)
			return err_set(e, "epoll: %s", strerror(errno));
	}
	for (i = 0; i < s->app->threads; i++) {
		rc = pthread_create(&wk[i].thread, NULL, worker_run, &wk[i]);
		if (rc != 0)
			return err_set(e, "pthread_create: %s", strerror(rc));
	}
	return 0;
}

static void
server_path(struct server *s, int own)
{
	struct sockaddr_un sa;
	socklen_t n = sizeof(sa);

	s->path[0] = '\0';
	if (own != 0 && getsockname(s->fd, (struct sockaddr *)&sa, &n) == 0)
		(void)text_copy(s->path, sizeof(s->path), sa.sun_path);
}

int
fcgi_serve(int fd, int own, const struct fcgi_app *app, struct err *e)
{
	struct worker wk[THREADS_MAX];
	struct server s = { .app = app, .fd = fd };
	uint64_t one = 1;
	sigset_t set;
	int sig;

	server_path(&s, own);
	(void)signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	s.stop = eventfd(0, EFD_CLOEXEC);
	if (s.stop == -1 || FCGX_Init() != 0)
		return err_set(e, "libfcgi or eventfd cannot start");
	if (workers_begin(&s, wk, e) == -1)
		return -1;
	while (sigwait(&set, &sig) != 0)
		continue;
	/* No new connections first, then the end of the queue is an end. */
	if (s.path[0] != '\0')
		(void)unlink(s.path);
	(void)!write(s.stop, &one, sizeof(one));
	workers_end(wk, app->threads);
	close(s.stop);
	close(fd);
	return 0;
}
