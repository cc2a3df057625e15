/*
 * deliver.c: sends an answer in one piece, or slowly, cut off, endless or
 * not at all; it must not hold the lock of the company while it does.
 */
#include "sandbox.h"

#include <microhttpd.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct stream {
	char *body;
	size_t len;
	long long ms;
	enum deliver how;
};

static void
deliver_free(void *cls)
{
	struct stream *s = cls;

	free(s->body);
	free(s);
}

/* Called by the server for the next bytes of a streamed body. */
static ssize_t
deliver_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct stream *s = cls;
	size_t left;

	if (server_stopping())
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (s->how == DELIVER_HUGE) {
		memset(buf, pos == 0 ? '[' : ' ', max);
		return (ssize_t)max;
	}
	if (s->how == DELIVER_CUT && pos >= s->len / 2)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (pos >= s->len)
		return MHD_CONTENT_READER_END_OF_STREAM;
	left = (s->how == DELIVER_CUT ? s->len / 2 : s->len) - (size_t)pos;
	if (s->how == DELIVER_SLOW) {
		clock_sleep(s->ms);
		left = 1;
	}
	if (left > max)
		left = max;
	memcpy(buf, s->body + pos, left);
	return (ssize_t)left;
}

/* A response that reads from r's body, which it takes over. */
static struct MHD_Response *
deliver_stream(struct reply *r, enum deliver how, long long ms)
{
	struct MHD_Response *m;
	struct stream *s = calloc(1, sizeof(*s));
	uint64_t size = how == DELIVER_HUGE ? MHD_SIZE_UNKNOWN : r->len;

	if (s == NULL)
		return NULL;
	s->body = r->body;
	s->len = r->len;
	s->ms = ms;
	s->how = how;
	m = MHD_create_response_from_callback(size,
	    how == DELIVER_SLOW ? 1 : 16384, deliver_read, s, deliver_free);
	if (m == NULL)
		free(s);
	else
		r->body = NULL;
	return m;
}

static int
deliver_fd(struct MHD_Connection *conn)
{
	const union MHD_ConnectionInfo *info;

	info = MHD_get_connection_info(conn,
	    MHD_CONNECTION_INFO_CONNECTION_FD);
	return info == NULL ? -1 : info->connect_fd;
}

/* Says nothing until the client goes away or the program ends. */
static void
deliver_hang(struct MHD_Connection *conn)
{
	struct pollfd p;

	memset(&p, 0, sizeof(p));
	p.fd = deliver_fd(conn);
	p.events = POLLRDHUP;
	while (!server_stopping()) {
		if (poll(&p, 1, 50) > 0 &&
		    (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0)
			break;
	}
}

static void
deliver_abort(struct MHD_Connection *conn)
{
	struct linger l = { 1, 0 };
	int fd = deliver_fd(conn);

	/* A linger time of zero makes close() send a reset. */
	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

/* Queues the answer; MHD_NO closes the connection without one. */
int
deliver_send(struct MHD_Connection *conn, struct reply *r, enum deliver how,
    long long ms)
{
	struct MHD_Response *m;
	size_t i;
	int rc;

	if (how == DELIVER_HANG || how == DELIVER_RESET) {
		if (how == DELIVER_HANG)
			deliver_hang(conn);
		deliver_abort(conn);
		return MHD_NO;
	}
	if (how == DELIVER_PLAIN)
		m = MHD_create_response_from_buffer(r->len,
		    r->body, MHD_RESPMEM_MUST_COPY);
	else
		m = deliver_stream(r, how, ms);
	if (m == NULL)
		return MHD_NO;
	if (r->type != NULL)
		MHD_add_response_header(m, "Content-Type", r->type);
	for (i = 0; i < r->nhead; i++)
		MHD_add_response_header(m, r->head[i].name, r->head[i].value);
	rc = (int)MHD_queue_response(conn, r->status, m);
	MHD_destroy_response(m);
	return rc;
}
