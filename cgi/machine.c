/* The two addresses for machines. Neither knows of people: a host proves a
 * report by its enrolled key, and healthz tells nothing but "ok". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "../providers/base/log.h"
#include "../providers/base/sign.h"
#include "../providers/record/wake.h"
#include "report.h"
#include "routes.h"

#define CLOCK_MS (10LL * 60 * 1000)
#define MESSAGE_MAX (FCGI_BODY_MAX + 64)

int
health_get(struct web *w, struct err *e)
{
	struct case_filter f = { .status = -1, .text = "", .limit = 1 };
	struct offboarding *o = malloc(sizeof(*o));
	int64_t total;
	unsigned n;
	int rc = STORE_FAIL;

	if (o != NULL)
		rc = case_list(w->store, &f, o, &n, &total, e);
	free(o);
	if (rc == STORE_OK)
		return web_plain(w, 200, "ok");
	log_event(LOG_ERR, "healthz", "why", e->text, NULL);
	return web_plain(w, 503, "The record cannot be read.");
}

/* Splits `<keyid> <base64>` and looks the host up. STORE_OK, STORE_NONE
 * when it is no key of ours, or STORE_FAIL. */
static int
signer_find(struct web *w, struct host *h, uint8_t sig[SIGN_SIZE],
    struct err *e)
{
	const char *space = strchr(w->signature, ' ');
	char keyid[32];
	size_t n;

	memset(h, 0, sizeof(*h));
	if (space == NULL || w->doubled != 0)
		return STORE_NONE;
	n = (size_t)(space - w->signature);
	if (n == 0 || n >= sizeof(keyid) ||
	    sign_unbase64(space + 1, sig, SIGN_SIZE) == -1)
		return STORE_NONE;
	memcpy(keyid, w->signature, n);
	keyid[n] = '\0';
	return host_by_key(w->store, keyid, h, e);
}

static int
signature_fits(const struct web *w, const struct host *h, const uint8_t *sig)
{
	static const char domain[] = "offboard-report 1\n";
	uint8_t key[SIGN_PUBLIC];
	struct buf message;
	int rc;

	if (sign_unbase64(h->key, key, SIGN_PUBLIC) == -1)
		return 0;
	/* The domain keeps a report from passing for anything else that
	 * the host's key may ever sign. */
	buf_init(&message, MESSAGE_MAX);
	buf_str(&message, domain);
	buf_put(&message, w->in->body, w->in->body_len);
	rc = message.failed != 0 ? -1 : sign_check(key, buf_cstr(&message),
	    message.len, sig);
	buf_clear(&message);
	return rc == 0;
}

/* Is the report from this host, of this fleet, of now? 0 or the status of
 * the refusal, with the sentence. */
static int
report_judge(struct web *w, const struct host *h, const struct report *r,
    struct err *e)
{
	struct head head;
	int rc = head_get(w->store, &head, e);

	if (rc == STORE_FAIL)
		return -1;
	if (rc == STORE_NONE || strcmp(head.fleet, r->fleet) != 0)
		(void)err_set(e, "this report is of another fleet");
	else if (strcmp(h->name, r->host) != 0)
		(void)err_set(e, "the key is enrolled for another host");
	else if (r->time * 1000 < w->now - CLOCK_MS ||
	    r->time * 1000 > w->now + CLOCK_MS) {
		(void)err_set(e, "the host's clock differs by more than ten "
		    "minutes from the one here, which says %lld",
		    (long long)(w->now / 1000));
		return 400;
	} else if (r->epoch > head.epoch ||
	    (r->epoch == head.epoch && r->serial > head.serial)) {
		/* Nobody can have applied what was never published: an older
		 * record was put back, or the host lies. Either way it must
		 * not count as a confirmation of what is to come. */
		(void)err_set(e, "the host says it has applied (%lld, %lld), "
		    "but only (%lld, %lld) was published: if an older record "
		    "was put back, run \"offboard epoch raise\"",
		    (long long)r->epoch, (long long)r->serial,
		    (long long)head.epoch, (long long)head.serial);
		log_event(LOG_ERR, "report-ahead", "host", r->host, "why",
		    e->text, NULL);
		return 409;
	} else
		return 0;
	return 403;
}

static int
report_keep(struct web *w, struct host *h, const struct report *r,
    struct err *e)
{
	h->host_time = r->time;
	h->epoch = r->epoch;
	h->serial = r->serial;
	switch (host_report(w->store, h, e)) {
	case STORE_OK:
		wake_send(w->site->settings->data_dir);
		return web_plain(w, 204, "");
	case STORE_CONFLICT:
		return web_plain(w, 409, "an equal or newer report of this "
		    "host is known already");
	case STORE_NONE:
		return web_plain(w, 403, "this key is not enrolled");
	default:
		return -1;
	}
}

/* The report of a host whose signature fits. */
static int
report_take(struct web *w, struct host *h, struct err *e)
{
	struct report r;
	char *clean;
	int rc;

	if (report_read(w->in->body, w->in->body_len, &r, &clean, e) == -1)
		return web_plain(w, 400, e->text);
	rc = report_judge(w, h, &r, e);
	if (rc > 0) {
		free(clean);
		return web_plain(w, rc, e->text);
	}
	if (rc == -1) {
		free(clean);
		return -1;
	}
	free(h->report);
	h->report = clean;
	return report_keep(w, h, &r, e);
}

int
report_post(struct web *w, struct err *e)
{
	uint8_t sig[SIGN_SIZE];
	struct host h;
	int rc;

	if (w->in->state == FCGI_BODY_LARGE)
		return web_plain(w, 413, "a report may hold 16 KiB");
	if (w->in->state != FCGI_BODY_OK)
		return web_plain(w, 400, "the report did not arrive whole");
	rc = signer_find(w, &h, sig, e);
	if (rc == STORE_FAIL)
		return -1;
	if (rc == STORE_NONE)
		rc = web_plain(w, 403, "there is no signature of an enrolled "
		    "key in X-Offboard-Signature");
	else if (signature_fits(w, &h, sig) == 0)
		rc = web_plain(w, 403, "the signature does not fit the "
		    "report");
	else if (h.retired_at != 0)
		rc = web_plain(w, 403, "this host is retired");
	else
		rc = report_take(w, &h, e);
	host_clear(&h);
	return rc;
}
