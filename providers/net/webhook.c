/* Standard Webhooks: id, time and an HMAC-SHA256 over both and the body. The
 * secret stays here and is zeroed. Retries nothing. */
#include "webhook.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdio.h>
#include <string.h>

#include "../base/buf.h"
#include "../base/when.h"
#include "http.h"

#define KEY_MIN 24
#define KEY_MAX 64

/* The key's bytes of "whsec_BASE64"; how many, or -1. */
static int
key_read(const char *secret, unsigned char key[KEY_MAX + 3], struct err *e)
{
	size_t n;
	int len = -1;

	if (strncmp(secret, "whsec_", 6) == 0) {
		secret += 6;
		n = strlen(secret);
		if (n % 4 == 0 && n > 0 && n / 4 * 3 <= KEY_MAX + 2)
			len = EVP_DecodeBlock(key, (const unsigned char *)
			    secret, (int)n);
		/* Its padding is counted as bytes. */
		while (len > 0 && n > 0 && secret[n - 1] == '=') {
			len--;
			n--;
		}
	}
	if (len >= KEY_MIN && len <= KEY_MAX)
		return len;
	return err_set(e, "the webhook's secret is none: it begins with "
	    "whsec_, then %d to %d random bytes in base64", KEY_MIN, KEY_MAX);
}

int
webhook_sign(const struct webhook *w, int64_t at,
    char out[WEBHOOK_SIGNATURE], struct err *e)
{
	unsigned char key[KEY_MAX + 3], md[EVP_MAX_MD_SIZE], text[60];
	unsigned int n = 0;
	struct buf b;
	int len = key_read(w->secret, key, e);
	int ok;

	if (len == -1)
		return -1;
	buf_init(&b, 1u << 20);
	buf_fmt(&b, "%s.%lld.", w->id, (long long)at);
	buf_str(&b, w->body);
	ok = b.failed == 0 && HMAC(EVP_sha256(), key, len,
	    (const unsigned char *)buf_cstr(&b), b.len, md, &n) != NULL;
	buf_clear(&b);
	explicit_bzero(key, sizeof(key));
	if (!ok)
		return err_set(e, "the webhook cannot be signed");
	(void)EVP_EncodeBlock(text, md, n > 32 ? 32 : (int)n);
	(void)snprintf(out, WEBHOOK_SIGNATURE, "v1,%s", (const char *)text);
	return 0;
}

static int
webhook_headers(struct http *h, const struct webhook *w, struct err *e)
{
	char signature[WEBHOOK_SIGNATURE], time[24];
	int64_t at = when_now() / 1000;

	(void)snprintf(time, sizeof(time), "%lld", (long long)at);
	if (webhook_sign(w, at, signature, e) == -1)
		return -1;
	if (http_header(h, "webhook-id", w->id, e) == -1 ||
	    http_header(h, "webhook-timestamp", time, e) == -1)
		return -1;
	return http_header(h, "webhook-signature", signature, e);
}

static enum webhook_result
webhook_judge(const struct http_answer *a, int64_t *wait, struct err *e)
{
	if (a->status >= 200 && a->status < 300)
		return WEBHOOK_SENT;
	*wait = a->retry_after;
	if (a->status == 410) {
		err_set(e, "the webhook's address is gone (410)");
		return WEBHOOK_REFUSED;
	}
	err_set(e, "the webhook's receiver answered %ld", a->status);
	return WEBHOOK_LATER;
}

enum webhook_result
webhook_send(const struct webhook *w, int64_t *wait, struct err *e)
{
	size_t n = strlen(w->url);
	enum webhook_result rc = WEBHOOK_REFUSED;
	struct http_request r;
	struct http_answer a;
	struct http *h = http_new(w->url, w->timeout, e);

	*wait = 0;
	memset(&a, 0, sizeof(a));
	if (h == NULL)
		return WEBHOOK_REFUSED;
	memset(&r, 0, sizeof(r));
	r.method = "POST";
	/* The client cuts the slash off its base. */
	r.path = n > 0 && w->url[n - 1] == '/' ? "/" : "";
	r.type = "application/json";
	r.body = w->body;
	r.body_len = strlen(w->body);
	if (webhook_headers(h, w, e) == 0)
		rc = http_call(h, &r, &a, e) == HTTP_OK ?
		    webhook_judge(&a, wait, e) : WEBHOOK_LATER;
	http_answer_clear(&a);
	http_free(h);
	return rc;
}
