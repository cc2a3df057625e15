/*
 * server.c: the listeners, the one lock around the company and the
 * order in which a request meets latency, faults and handlers; it must not
 * know a single path of the services.
 */
#include "sandbox.h"

#include <microhttpd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const server_names[SYS_COUNT] = {
	"doorflow", "acceldata", "fastio", "vanta", "scim", "hook", "smtp",
	"control"
};

static struct MHD_Daemon *daemons[SYS_COUNT];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool stopping;

/* All below is guarded by lock. */
static json_object *root;		/* the company */
static json_object *first;		/* as it was at the start */
static json_object *requests;
static json_object *stale[SYS_COUNT];	/* what reads still see */
static long long stale_until[SYS_COUNT];
static long long latency[SYS_COUNT];
static const char *forced_dialect;

const char *
server_name(enum sys sys)
{
	return server_names[sys];
}

/* The system of this name; -1 for every system, -2 when there is none. */
int
server_sys(const char *name)
{
	int i;

	if (name[0] == '\0' || strcmp(name, "*") == 0)
		return -1;
	for (i = 0; i < SYS_CONTROL; i++)
		if (strcmp(server_names[i], name) == 0)
			return i;
	return -2;
}

void
server_lock(void)
{
	pthread_mutex_lock(&lock);
}

void
server_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

/* The tables of a system, to be used while the lock is held. */
json_object *
server_tables(enum sys sys)
{
	return js_get(root, server_names[sys]);
}

long long
server_wait(enum sys sys)
{
	return latency[sys];
}

bool
server_stopping(void)
{
	return atomic_load(&stopping);
}

void
server_latency(enum sys sys, long long ms)
{
	latency[sys] = ms;
}

json_object *
server_requests(void)
{
	return js_ref(requests);
}

void
server_forget(void)
{
	json_object_put(requests);
	requests = json_object_new_array();
}

/* Replaces the company; NULL goes back to the start. -1 and a message. */
int
server_reset(json_object *form, char *err, size_t size)
{
	json_object *next;
	int i;

	next = form == NULL ? js_copy(first) :
	    company_load(form, err, size);
	if (next == NULL)
		return -1;
	if (forced_dialect != NULL && !js_has(form, "dialect"))
		js_set_str(next, "dialect", forced_dialect);
	json_object_put(root);
	root = next;
	for (i = 0; i < SYS_COUNT; i++) {
		json_object_put(stale[i]);
		stale[i] = NULL;
	}
	return 0;
}

static void
server_handle(struct ctx *c)
{
	switch (c->q->sys) {
	case SYS_DOORFLOW:
		doorflow_tick(c->root, c->t, c->now);
		doorflow_handle(c);
		break;
	case SYS_ACCELDATA:
		acceldata_handle(c);
		break;
	case SYS_FASTIO:
		if (reply_is_guide(c))
			fastguide_handle(c);
		else
			fastio_handle(c);
		break;
	case SYS_VANTA:
		vanta_handle(c);
		break;
	case SYS_SCIM:
		scim_handle(c);
		break;
	default:
		hook_handle(c);
		break;
	}
}

/* Runs the handler on the tables this request is meant to see. */
static void
server_run(struct ctx *c, const struct fault *f)
{
	enum sys sys = c->q->sys;
	json_object *live = js_get(root, server_names[sys]), *scratch = NULL;
	bool reads = strcmp(c->q->method, "GET") == 0;

	c->root = root;
	c->t = live;
	if (f->kind == FAULT_STALE && !reads) {
		json_object_put(stale[sys]);
		stale[sys] = js_copy(live);
		/* Tokens are no reads: one issued meanwhile is good. */
		if (js_has(live, "oauth"))
			js_set(stale[sys], "oauth",
			    js_ref(js_get(live, "oauth")));
		stale_until[sys] = c->now + f->ms;
	} else if (fault_pretends(f))
		c->t = scratch = js_copy(live);
	else if (reads && stale[sys] != NULL && c->now < stale_until[sys])
		c->t = stale[sys];
	server_handle(c);
	json_object_put(scratch);
}

void
server_record(const struct req *q, unsigned int status, const char *fault)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "system", server_names[q->sys]);
	js_set_str(o, "method", q->method);
	js_set_str(o, "path", q->uri);
	js_set_int(o, "status", status);
	js_set_str(o, "body", q->body == NULL ? "" : q->body);
	js_set_int(o, "at_ms", clock_ms());
	if (fault != NULL)
		js_set_str(o, "fault", fault);
	js_add(requests, o);
}

static enum deliver
server_api(struct ctx *c, struct fault *f)
{
	enum deliver how;
	long long wait;

	pthread_mutex_lock(&lock);
	*f = fault_pick(c->q);
	wait = latency[c->q->sys];
	pthread_mutex_unlock(&lock);
	clock_sleep(wait + (f->kind == FAULT_DELAY ? f->ms : 0));
	pthread_mutex_lock(&lock);
	c->root = root;
	c->now = clock_ms();
	if (fault_runs(f))
		server_run(c, f);
	fault_answer(c, f);
	how = fault_spoil(c, f);
	if (how == DELIVER_RESET || how == DELIVER_HANG)
		c->r->status = 0;
	if (c->q->sys == SYS_HOOK)
		hook_keep(c, f, c->r->status);
	server_record(c->q, c->r->status,
	    f->kind == FAULT_NONE ? NULL : fault_name(f->kind));
	pthread_mutex_unlock(&lock);
	return how;
}

static enum MHD_Result
server_answer(struct req *q)
{
	enum deliver how = DELIVER_PLAIN;
	struct reply r;
	struct fault f;
	struct ctx c;
	int rc;

	memset(&r, 0, sizeof(r));
	memset(&f, 0, sizeof(f));
	memset(&c, 0, sizeof(c));
	c.q = q;
	c.r = &r;
	if (q->too_big || req_split(q) != 0)
		reply_text(&c, q->too_big ? 413 : 400, "");
	else if (q->sys == SYS_CONTROL) {
		pthread_mutex_lock(&lock);
		c.now = clock_ms();
		c.root = root;
		c.t = js_get(root, "doorflow");
		doorflow_tick(c.root, c.t, c.now);
		control_handle(&c);
		pthread_mutex_unlock(&lock);
	} else
		how = server_api(&c, &f);
	log_line(server_names[q->sys], q->method, q->uri, r.status);
	rc = deliver_send(q->conn, &r, how, f.ms);
	reply_clear(&r);
	return rc == MHD_YES ? MHD_YES : MHD_NO;
}

static int
server_body(struct req *q, const char *data, size_t len)
{
	char *p;

	if (q->too_big || q->len + len > BODY_MAX) {
		q->too_big = true;
		return 0;
	}
	if ((p = realloc(q->body, q->len + len + 1)) == NULL)
		return -1;
	memcpy(p + q->len, data, len);
	q->body = p;
	q->len += len;
	q->body[q->len] = '\0';
	return 0;
}

static enum MHD_Result
server_access(void *cls, struct MHD_Connection *conn, const char *url,
    const char *method, const char *version, const char *data, size_t *len,
    void **state)
{
	struct req *q = *state;

	(void)url;
	(void)version;
	if (q == NULL)
		return MHD_NO;
	if (q->conn == NULL) {
		q->conn = conn;
		q->method = method;
		q->sys = (enum sys)(*(const int *)cls);
		return MHD_YES;
	}
	if (*len > 0) {
		if (server_body(q, data, *len) != 0)
			return MHD_NO;
		*len = 0;
		return MHD_YES;
	}
	return server_answer(q);
}

/* The one place that sees the raw path, before anything is unescaped. */
static void *
server_uri(void *cls, const char *uri, struct MHD_Connection *conn)
{
	struct req *q = calloc(1, sizeof(*q));

	(void)cls;
	(void)conn;
	if (q != NULL && (q->uri = strdup(uri)) == NULL) {
		free(q);
		q = NULL;
	}
	return q;
}

static void
server_finished(void *cls, struct MHD_Connection *conn, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct req *q = *state;

	(void)cls;
	(void)conn;
	(void)why;
	if (q != NULL)
		req_clear(q);
	free(q);
	*state = NULL;
}

static int
server_listen(int sys, int port)
{
	static int cls[SYS_COUNT];
	const union MHD_DaemonInfo *info;
	struct sockaddr_in sa;

	if (sys == SYS_SMTP)
		return smtp_start(port);
	cls[sys] = sys;
	memset(&sa, 0, sizeof(sa));
	sa.sin_family = AF_INET;
	sa.sin_port = htons((uint16_t)port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	daemons[sys] = MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD |
	    MHD_USE_THREAD_PER_CONNECTION | MHD_USE_ITC, 0, NULL, NULL,
	    server_access, &cls[sys],
	    MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&sa,
	    MHD_OPTION_URI_LOG_CALLBACK, server_uri, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, server_finished, NULL,
	    MHD_OPTION_END);
	if (daemons[sys] == NULL)
		return -1;
	info = MHD_get_daemon_info(daemons[sys], MHD_DAEMON_INFO_BIND_PORT);
	return info == NULL ? -1 : (int)info->port;
}

static json_object *
server_company(const char *path, char *err, size_t size)
{
	json_object *form, *o;

	form = path == NULL ? company_default() : json_object_from_file(path);
	if (form == NULL) {
		snprintf(err, size, "%s", path == NULL ? "built-in" :
		    json_util_get_last_err());
		return NULL;
	}
	o = company_load(form, err, size);
	json_object_put(form);
	return o;
}

/* Loads the company and listens; fills in the ports. -1 after a message. */
int
server_start(const struct options *opt, int port[SYS_COUNT])
{
	char err[256];
	int i;

	if ((first = server_company(opt->company, err, sizeof(err))) == NULL) {
		fprintf(stderr, "sandbox: company: %s\n", err);
		return -1;
	}
	if (opt->dialect != NULL)
		js_set_str(first, "dialect", opt->dialect);
	forced_dialect = opt->dialect;
	root = js_copy(first);
	requests = json_object_new_array();
	for (i = 0; i < SYS_COUNT; i++) {
		latency[i] = opt->latency;
		if ((port[i] = server_listen(i, opt->port[i])) < 0) {
			fprintf(stderr, "sandbox: cannot listen for %s\n",
			    server_names[i]);
			return -1;
		}
	}
	return 0;
}

void
server_stop(void)
{
	int i;

	atomic_store(&stopping, true);
	smtp_stop();
	for (i = 0; i < SYS_COUNT; i++)
		if (daemons[i] != NULL)
			MHD_stop_daemon(daemons[i]);
	for (i = 0; i < SYS_COUNT; i++)
		json_object_put(stale[i]);
	json_object_put(requests);
	json_object_put(root);
	json_object_put(first);
}
