/*
 * sandbox.h: what the parts of the simulated company share; it must not be
 * included by the product, which only ever talks to this program.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <json-c/json.h>

#include <stdbool.h>
#include <stddef.h>

enum {
	SEG_MAX = 12,		/* path segments we are willing to look at */
	ARG_MAX = 4,		/* captured segments of one route */
	HEAD_MAX = 6,		/* headers one reply may carry */
	BODY_MAX = 16 << 20	/* a company file may be posted to /reset */
};

enum sys {
	SYS_DOORFLOW,
	SYS_ACCELDATA,
	SYS_FASTIO,
	SYS_VANTA,
	SYS_SCIM,
	SYS_HOOK,
	SYS_SMTP,
	SYS_CONTROL,
	SYS_COUNT
};

struct MHD_Connection;

/* One request as it arrived; the strings live until the answer is sent. */
struct req {
	enum sys sys;
	struct MHD_Connection *conn;
	const char *method;
	char *uri;			/* raw, with the query */
	char *path;			/* cut up and decoded into seg[] */
	const char *seg[SEG_MAX];
	size_t nseg;
	char *body;			/* always ends in a zero byte */
	size_t len;
	bool too_big;
	bool named_only;		/* only for faults that name it */
};

struct reply_head {
	char name[32];
	char value[256];
};

struct reply {
	unsigned int status;
	char *body;
	size_t len;
	const char *type;
	struct reply_head head[HEAD_MAX];
	size_t nhead;
};

/* What one handler sees; t holds the tables of the system addressed. */
struct ctx {
	json_object *root;		/* settings live here */
	json_object *t;
	json_object *in;		/* parsed JSON body, or NULL */
	json_object *who;		/* caller: API key or token record */
	const struct req *q;
	struct reply *r;
	const char *arg[ARG_MAX];
	long long now;
};

/* How an answer leaves, once it is known what it says. */
enum deliver {
	DELIVER_PLAIN,
	DELIVER_SLOW,
	DELIVER_CUT,
	DELIVER_RESET,
	DELIVER_HANG,
	DELIVER_HUGE
};

enum fault_kind {
	FAULT_NONE,
	FAULT_STATUS,
	FAULT_DONE_THEN_STATUS,
	FAULT_NOTHING,
	FAULT_FALSE,
	FAULT_TRUNCATE,
	FAULT_HALF,
	FAULT_GARBAGE,
	FAULT_EMPTY,
	FAULT_SLOW,
	FAULT_DELAY,
	FAULT_RESET,
	FAULT_HANG,
	FAULT_STALE,
	FAULT_UNAUTHORIZED,
	FAULT_FORBIDDEN,
	FAULT_RATE,
	FAULT_REDIRECT,
	FAULT_HUGE,
	FAULT_MISSING,
	FAULT_UNKNOWN_WORD
};

struct fault {
	enum fault_kind kind;
	int sys;			/* -1: any */
	char method[12];
	char path[256];
	long long times;		/* 0: for ever */
	long long after;		/* matches still to let pass */
	long long hits;
	unsigned int status;
	long long retry_after;		/* -1: not sent */
	long long ms;
	bool done;			/* the request is carried out */
	char body[512];
};

enum {
	ROUTE_BODY = 1,			/* refuses a request without JSON */
	ROUTE_OWN = 2,			/* a key may ask about its own user */
	ROUTE_WRITE = 4			/* not with a token that only reads */
};

struct route {
	const char *method;
	const char *path;		/* "{}" captures one segment */
	const char *scope;
	unsigned int flags;
	void (*fn)(struct ctx *);
};

struct options {
	const char *company;
	const char *ports_file;
	const char *dialect;
	int port[SYS_COUNT];
	long long latency;
};

/* js.c: short names for reading and writing json-c objects. */
const char *js_str(json_object *, const char *);
long long js_int(json_object *, const char *, long long);
bool js_bool(json_object *, const char *, bool);
bool js_has(json_object *, const char *);
json_object *js_get(json_object *, const char *);
json_object *js_arr(json_object *, const char *);
json_object *js_at(json_object *, size_t);
size_t js_len(json_object *);
void js_set(json_object *, const char *, json_object *);
void js_set_str(json_object *, const char *, const char *);
void js_set_int(json_object *, const char *, long long);
void js_set_bool(json_object *, const char *, bool);
json_object *js_obj(json_object *, const char *);
void js_add(json_object *, json_object *);
json_object *js_find(json_object *, const char *, const char *);
json_object *js_find_int(json_object *, const char *, long long);
bool js_drop(json_object *, json_object *);
bool js_list_has_int(json_object *, long long);
bool js_list_has_str(json_object *, const char *);
bool js_all(json_object *, enum json_type);
json_object *js_public(json_object *);
json_object *js_slice(json_object *, size_t, size_t);
json_object *js_copy(json_object *);
json_object *js_parse(const char *, size_t);
json_object *js_ref(json_object *);

/* clock.c: time in the forms the two services use. */
long long clock_ms(void);
void clock_iso(long long, char *, size_t);
void clock_set(json_object *, const char *, long long);
long long clock_parse(const char *);
void clock_sleep(long long);
void clock_plain(json_object *, const char *, long long);
long long clock_parse_plain(const char *);
bool clock_window(json_object *, const char *, long long, long long,
    long long *);

/* req.c: reading a request. */
int req_split(struct req *);
void req_clear(struct req *);
const char *req_query(const struct ctx *, const char *);
long long req_query_int(const struct ctx *, const char *, long long,
    long long, long long);
const char *req_header(const struct ctx *, const char *);
char *req_form(const struct ctx *, const char *);
bool req_type(const struct ctx *, const char *);
const char *req_bearer(const struct ctx *);
json_object *req_headers(const struct ctx *);

/* reply.c: answers in the shapes of the two services. */
void reply_json(struct ctx *, unsigned int, json_object *);
void reply_text(struct ctx *, unsigned int, const char *);
void reply_head(struct reply *, const char *, const char *);
void reply_empty(struct ctx *, unsigned int);
void reply_head_int(struct reply *, const char *, long long);
void reply_clear(struct reply *);
struct rows {
	const char *name;
	long long size;
	long long max;
	json_object *(*view)(struct ctx *, json_object *);
};
void reply_rows(struct ctx *, json_object *, const struct rows *);
void reply_list(struct ctx *, json_object *, const char *, long long,
    long long);
void reply_doorflow(struct ctx *, unsigned int, const char *, const char *);
void reply_field(struct ctx *, const char *, const char *);
void reply_status(struct ctx *, unsigned int, const char *);
void reply_result_ok(struct ctx *);
bool reply_is_guide(const struct ctx *);

/* route.c */
int route_find(struct ctx *, const struct route *, size_t,
    const struct route **);

/* page.c: a part of a long list, without building the rest of it. */
struct page {
	json_object *rows;
	long long limit;
	long long offset;
	long long total;
};
void page_open(struct page *, long long, long long);
bool page_takes(struct page *);
bool page_more(const struct page *);

/* settings.c: what may be changed while the company runs. */
bool settings_knows(const char *);
int settings_apply(json_object *, json_object *, bool, char *, size_t);
bool settings_is(const struct ctx *, const char *, const char *);

/* fault.c, fault_say.c: one list of faults, under the lock of server.c. */
int fault_add(json_object *, char *, size_t);
void fault_drop_all(void);
json_object *fault_list(void);
struct fault fault_pick(const struct req *);
const char *fault_name(enum fault_kind);
bool fault_runs(const struct fault *);
bool fault_pretends(const struct fault *);
void fault_answer(struct ctx *, const struct fault *);
enum deliver fault_spoil(struct ctx *, const struct fault *);

/* server.c: the listeners and the one lock. */
const char *server_name(enum sys);
int server_sys(const char *);
void server_lock(void);
void server_unlock(void);
json_object *server_tables(enum sys);
long long server_wait(enum sys);
void server_record(const struct req *, unsigned int, const char *);
int server_start(const struct options *, int [SYS_COUNT]);
void server_stop(void);
bool server_stopping(void);
void server_latency(enum sys, long long);
json_object *server_requests(void);
void server_forget(void);
int server_reset(json_object *, char *, size_t);

/* deliver.c: sends an answer in one piece, or as a fault wants it. */
int deliver_send(struct MHD_Connection *, struct reply *, enum deliver,
    long long);

/* log.c */
int log_open(const char *);
void log_close(void);
void log_line(const char *, const char *, const char *, unsigned int);

/* company.c, company_staff.c, _crowd.c, _tables.c and _default.c */
json_object *company_load(json_object *, char *, size_t);
json_object *company_default(void);
json_object *company_tables(void);
int company_staff(json_object *, json_object *, char *, size_t);
void company_fillers(json_object *, long long, long long);

/* doorflow.c and its parts */
void doorflow_handle(struct ctx *);
void doorflow_tick(json_object *, json_object *, long long);
void doorflow_touch(json_object *);
void doors_init(json_object *, long long);
void doors_tick(json_object *, json_object *, long long);
void doors_sync(struct ctx *);
void doors_account(struct ctx *);
void doors_channels(struct ctx *);
void doors_channel(struct ctx *);
void doors_try(struct ctx *);
void doors_set(struct ctx *);
json_object *doors_openers(json_object *);
void events_list(struct ctx *);
void events_get(struct ctx *);
void events_add(json_object *, json_object *, json_object *, bool, long long);
void people_list(struct ctx *);
void people_get(struct ctx *);
void people_put(struct ctx *);
void people_post(struct ctx *);
void people_delete(struct ctx *);
json_object *people_find(json_object *, const char *);
void credentials_tick(json_object *, json_object *, long long);
void credentials_list(struct ctx *);
void credentials_all(struct ctx *);
void credentials_get(struct ctx *);
void credentials_put(struct ctx *);
void credentials_delete(struct ctx *);
void credentials_types(struct ctx *);
json_object *credentials_holders(json_object *);
void credentials_slugs(json_object *, json_object *, long long);
void credentials_set_slug(json_object *, long long, json_object *,
    json_object *);
void grants_reservations(struct ctx *);
void grants_reservation_delete(struct ctx *);
void grants_group_reservations(struct ctx *);
void grants_group_reservation_delete(struct ctx *);
bool grants_any(json_object *, json_object *, long long);
void rules_list(struct ctx *);
void rules_get(struct ctx *);
void rules_post(struct ctx *);
void rules_put(struct ctx *);
void rules_delete(struct ctx *);
void rules_groups(struct ctx *);
void rules_roles(struct ctx *);
bool oauth_bearer(struct ctx *);
bool oauth_scope(struct ctx *, const char *);
void oauth_token(struct ctx *);
void oauth_info(struct ctx *);
void oauth_revoke(struct ctx *);

/* acceldata.c and its parts */
void acceldata_handle(struct ctx *);
json_object *acceldata_user(struct ctx *, const char *);
void users_list(struct ctx *);
void users_count(struct ctx *);
void users_get(struct ctx *);
void users_put(struct ctx *);
void users_remove(struct ctx *);
json_object *users_view(struct ctx *, json_object *);
void users_done(struct ctx *, json_object *, const char *);
void groups_of_user(struct ctx *);
void groups_remove(struct ctx *);
void groups_assign(struct ctx *);
void groups_list(struct ctx *);
void groups_get(struct ctx *);
json_object *groups_short(json_object *);
void keys_of_user(struct ctx *);
void keys_all(struct ctx *);
void keys_delete(struct ctx *);
void roles_assigned(struct ctx *);
void roles_remove(struct ctx *);
void roles_assign(struct ctx *);
void roles_of_user(struct ctx *);
void roles_permissions(struct ctx *);
void roles_list(struct ctx *);
json_object *roles_view(json_object *);
void service_list(struct ctx *);
void service_get(struct ctx *);
void service_put(struct ctx *);
void service_key_delete(struct ctx *);
void pipelines_summary(struct ctx *);
void pipelines_get(struct ctx *);
void pipelines_put(struct ctx *);

/* fastio.c, fastguide.c, vanta.c, scim.c: the other three services. */
void fastio_handle(struct ctx *);
void fastguide_handle(struct ctx *);
void vanta_handle(struct ctx *);
void scim_handle(struct ctx *);

/* hook.c, hmac.c: what receives webhooks. */
void hook_handle(struct ctx *);
void hook_keep(struct ctx *, const struct fault *, unsigned int);
enum { HMAC_SIZE = 32 };
void hmac_sha256(const unsigned char *, size_t, const char *, size_t,
    unsigned char [HMAC_SIZE]);
char *hmac_base64(const unsigned char *, size_t);
size_t hmac_unbase64(const char *, unsigned char *, size_t);

/* smtp.c: what receives mail. */
int smtp_start(int);
void smtp_stop(void);

/* control.c, change.c */
void control_handle(struct ctx *);
void control_fine(struct ctx *);
void control_refuse(struct ctx *, unsigned int, const char *);
void change_post(struct ctx *);

#endif
