/* Telling the front end what this host has applied: signed, in the
 * background, never in the way of a denial. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include <curl/curl.h>
#include <json-c/json.h>

#include "../../providers/base/buf.h"
#include "../../providers/base/log.h"
#include "../../providers/base/when.h"
#include "host.h"

#define NAMES_MAX 6000	/* bytes of one list of names */
#define EVERY 30000		/* ms between reports, and the longest wait */
#define TIMEOUT 5000L		/* ms */
#define BODY_MAX 262144		/* bytes */
#define ANSWER_MAX 65536	/* bytes of an answer that is thrown away */
#define DOMAIN "offboard-report 1\n"

struct report {
	const struct host *h;
	CURLM		*multi;
	CURL		*easy;
	struct curl_slist *headers;
	struct buf	 body;
	char		 problem[CURL_ERROR_SIZE];
	int		 busy, said;
	int		 again;		/* asked for while one was under way */
	int64_t		 next;		/* ms, monotonic */
	int64_t		 wait;		/* ms after a failure */
	size_t		 answer;
};

const char *
report_state(const struct host *h)
{
	const int64_t age = fetch_age(h);

	if (h->held != 0)
		return "HELD";
	if (h->usable == 0 || h->floor.set == 0 || age < 0 ||
	    age > HOST_EXPIRED)
		return "EXPIRED";
	return age > HOST_FRESH ? "STALE" : "FRESH";
}

static size_t
answer_drop(char *data, size_t size, size_t n, void *arg)
{
	struct report *r = arg;

	(void)data;
	r->answer += size * n;
	return r->answer > ANSWER_MAX ? 0 : size * n;
}

static int
set_options(struct report *r)
{
	CURL *c = r->easy;

	return curl_easy_setopt(c, CURLOPT_URL, r->h->conf.report_url) !=
	    CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") !=
	    CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_PROXY, "") != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, TIMEOUT) !=
	    CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, TIMEOUT) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, r->problem) !=
	    CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, answer_drop) !=
	    CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_WRITEDATA, r) != CURLE_OK ? -1 : 0;
}

struct report *
report_new(const struct host *h, struct err *e)
{
	struct report *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		err_set(e, "out of memory");
		return NULL;
	}
	r->h = h;
	buf_init(&r->body, BODY_MAX);
	r->multi = curl_multi_init();
	r->easy = curl_easy_init();
	if (r->multi == NULL || r->easy == NULL ||
	    (h->conf.report_url[0] != '\0' && set_options(r) == -1)) {
		err_set(e, "libcurl does not start");
		report_free(r);
		return NULL;
	}
	return r;
}

void
report_free(struct report *r)
{
	if (r == NULL)
		return;
	if (r->busy)
		curl_multi_remove_handle(r->multi, r->easy);
	curl_easy_cleanup(r->easy);
	curl_multi_cleanup(r->multi);
	curl_slist_free_all(r->headers);
	buf_clear(&r->body);
	free(r);
}

void
report_soon(struct report *r)
{
	r->again = r->busy;
	r->next = when_mono();
}

/* Directories do not always enumerate: each exempt name is asked for by
 * itself, whether or not passwd has shown it. */
static void
names_configured(const struct host *h, json_object *a)
{
	const char *p = h->conf.exempt;
	char name[257];
	uint32_t number;
	size_t i, len, n = json_object_array_length(a);

	for (; *p != '\0'; p += len) {
		p += strspn(p, ", \t");
		len = strcspn(p, ", \t");
		if (len == 0 || len >= sizeof(name))
			continue;
		memcpy(name, p, len);
		name[len] = '\0';
		for (i = 0; i < n; i++)
			if (strcmp(json_object_get_string(
			    json_object_array_get_idx(a, i)), name) == 0)
				break;
		if (i == n && base_has(&h->now.base, name, &number) != 0)
			json_object_array_add(a,
			    json_object_new_string(name));
	}
}

/* The receiver takes 16 KiB. Exempt names that do not fit are reported as
 * "*", every name: an exemption must not be hidden by its number. */
static json_object *
names(const struct host *h, int exempt_only)
{
	json_object *a = json_object_new_array();
	size_t i, room = NAMES_MAX, len;

	for (i = 0; a != NULL && i < h->accounts.n; i++) {
		if (h->accounts.a[i].listed == 0 ||
		    (exempt_only != 0 && h->accounts.a[i].exempt == 0))
			continue;
		len = strlen(h->accounts.a[i].name) + 3;
		if (len > room) {
			if (exempt_only != 0)
				json_object_array_add(a,
				    json_object_new_string("*"));
			break;
		}
		room -= len;
		json_object_array_add(a,
		    json_object_new_string(h->accounts.a[i].name));
	}
	if (a != NULL && exempt_only != 0)
		names_configured(h, a);
	return a;
}

static void
put_number(json_object *o, const char *key, int64_t v)
{
	json_object_object_add(o, key, json_object_new_int64(v));
}

static int
make_body(struct report *r)
{
	const struct host *h = r->h;
	json_object *o = json_object_new_object();
	char fleet[2 * STAMP_FLEET + 1];
	const char *text;

	if (o == NULL)
		return -1;
	sign_hex(h->trust.fleet, sizeof(h->trust.fleet), fleet);
	json_object_object_add(o, "fleet", json_object_new_string(fleet));
	json_object_object_add(o, "host",
	    json_object_new_string(h->conf.name));
	put_number(o, "time", time(NULL));
	put_number(o, "epoch", h->floor.epoch);
	put_number(o, "serial", h->floor.serial);
	json_object_object_add(o, "state",
	    json_object_new_string(report_state(h)));
	json_object_object_add(o, "listed", names(h, 0));
	json_object_object_add(o, "exempt", names(h, 1));
	put_number(o, "ended", (int64_t)h->sweep.ended);
	/* Without a sweep nobody has counted: that is no zero. */
	if (h->conf.sweep != 0)
		put_number(o, "left", (int64_t)h->sweep.left);
	else
		json_object_object_add(o, "left", NULL);
	buf_reset(&r->body);
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	if (text != NULL)
		buf_str(&r->body, text);
	json_object_put(o);
	return text == NULL || r->body.failed != 0 ? -1 : 0;
}

/* Signs the domain line and the exact bytes of the body. */
static int
make_headers(struct report *r)
{
	char header[64 + SIGN_KEYID_TEXT + SIGN_BASE64_TEXT];
	char signature[SIGN_BASE64_TEXT];
	uint8_t bytes[SIGN_SIZE];
	struct curl_slist *grown;
	struct buf b;
	int rc;

	buf_init(&b, BODY_MAX + 64);
	buf_str(&b, DOMAIN);
	buf_put(&b, r->body.s, r->body.len);
	rc = b.failed != 0 ? -1 : sign_make(r->h->key, b.s, b.len, bytes);
	buf_clear(&b);
	if (rc == -1)
		return -1;
	sign_base64(bytes, sizeof(bytes), signature);
	(void)snprintf(header, sizeof(header), "X-Offboard-Signature: %s %s",
	    sign_keyid(r->h->key), signature);
	curl_slist_free_all(r->headers);
	r->headers = curl_slist_append(NULL, "Content-Type: "
	    "application/json");
	if (r->headers == NULL)
		return -1;
	grown = curl_slist_append(r->headers, header);
	return grown == NULL ? -1 : 0;
}

/* Full jitter, so that a returning server is not met by all at once. */
static void
plan_retry(struct report *r, const char *problem)
{
	uint32_t random = 0;

	r->wait = r->wait == 0 ? 1000 : r->wait * 2;
	if (r->wait > EVERY)
		r->wait = EVERY;
	if (sign_random(&random, sizeof(random)) == -1)
		random = UINT32_MAX / 2;
	r->next = when_mono() + 100 +
	    (int64_t)random % (r->wait > 100 ? r->wait - 100 : 1);
	if (r->said == 0)
		log_event(LOG_WARNING, "report_failed", "detail", problem,
		    NULL);
	r->said = 1;
}

static void
report_start(struct report *r)
{
	r->answer = 0;
	r->problem[0] = '\0';
	r->again = 0;
	if (make_body(r) == -1 || make_headers(r) == -1) {
		plan_retry(r, "the report cannot be made");
		return;
	}
	if (curl_easy_setopt(r->easy, CURLOPT_HTTPHEADER, r->headers) !=
	    CURLE_OK ||
	    curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE,
	    (long)r->body.len) != CURLE_OK ||
	    curl_easy_setopt(r->easy, CURLOPT_POSTFIELDS, r->body.s) !=
	    CURLE_OK ||
	    curl_multi_add_handle(r->multi, r->easy) != CURLM_OK) {
		plan_retry(r, "libcurl refused");
		return;
	}
	r->busy = 1;
}

static void
report_end(struct report *r, CURLcode code)
{
	char text[CURL_ERROR_SIZE + 32];
	long status = 0;

	curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_multi_remove_handle(r->multi, r->easy);
	r->busy = 0;
	if (code == CURLE_OK && status >= 200 && status < 300) {
		if (r->said != 0)
			log_event(LOG_NOTICE, "report_delivered", "detail",
			    "reports arrive again", NULL);
		r->said = 0;
		r->wait = 0;
		r->next = when_mono() + (r->again != 0 ? 0 : EVERY);
		return;
	}
	if (code == CURLE_OK)
		(void)snprintf(text, sizeof(text), "the server answered %ld",
		    status);
	else
		(void)snprintf(text, sizeof(text), "%s", r->problem[0] != '\0'
		    ? r->problem : curl_easy_strerror(code));
	plan_retry(r, text);
}

int
report_busy(const struct report *r)
{
	return r->busy != 0 || (r->h->conf.report_url[0] != '\0' &&
	    when_mono() >= r->next && r->wait == 0);
}

int
report_wait(struct report *r, struct curl_waitfd *fds, unsigned n,
    int64_t timeout)
{
	CURLMsg *m;
	int64_t due;
	int running = 0, left = 0;

	if (r->h->conf.report_url[0] != '\0' && r->busy == 0) {
		due = r->next - when_mono();
		if (due <= 0) {
			report_start(r);
			due = EVERY;
		}
		if (due < timeout)
			timeout = due;
	}
	if (r->busy != 0)
		(void)curl_multi_perform(r->multi, &running);
	if (running == 0 && r->busy != 0)
		timeout = 0;
	if (curl_multi_poll(r->multi, fds, n,
	    timeout < 0 ? 0 : (int)timeout, NULL) != CURLM_OK)
		return -1;
	if (r->busy != 0)
		(void)curl_multi_perform(r->multi, &running);
	while ((m = curl_multi_info_read(r->multi, &left)) != NULL)
		if (m->msg == CURLMSG_DONE)
			report_end(r, m->data.result);
	return 0;
}
