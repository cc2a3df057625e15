/*
 * hook.c: receives webhooks, keeps every one and says whether its signature
 * holds; it must not answer differently because of that.
 */
#include "sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOOK_KEY = 64, HOOK_SLACK = 300 };

/* Is this one of the signatures in the list, which spaces part? */
static bool
hook_listed(const char *list, const char *want)
{
	size_t n = strlen(want);
	const char *p;

	for (p = list; p != NULL; p = strchr(p, ' ')) {
		p += *p == ' ';
		if (strncmp(p, "v1,", 3) == 0 &&
		    strncmp(p + 3, want, n) == 0 &&
		    (p[3 + n] == ' ' || p[3 + n] == '\0'))
			return true;
	}
	return false;
}

static bool
hook_signed(struct ctx *c, const char *id, const char *at, const char *list)
{
	const char *secret = js_str(js_get(c->root, "hook"), "secret");
	unsigned char key[HOOK_KEY], mac[HMAC_SIZE];
	size_t n, len = strlen(id) + strlen(at) + 2;
	char *text, *want;
	bool fine = false;

	n = strncmp(secret, "whsec_", 6) == 0 ? 6 : 0;
	n = hmac_unbase64(secret + n, key, sizeof(key));
	text = malloc(len + c->q->len + 1);
	if (text != NULL && n > 0) {
		snprintf(text, len + 1, "%s.%s.", id, at);
		if (c->q->len > 0)
			memcpy(text + len, c->q->body, c->q->len);
		hmac_sha256(key, n, text, len + c->q->len, mac);
		want = hmac_base64(mac, sizeof(mac));
		fine = want != NULL && hook_listed(list, want);
		free(want);
	}
	free(text);
	return fine;
}

/* What is wrong with the signature, or NULL. */
static const char *
hook_wrong(struct ctx *c)
{
	const char *id = req_header(c, "webhook-id");
	const char *at = req_header(c, "webhook-timestamp");
	const char *list = req_header(c, "webhook-signature");
	long long sent;
	char *end;

	if (id == NULL || at == NULL || list == NULL)
		return "a header is missing";
	sent = strtoll(at, &end, 10);
	if (*at == '\0' || *end != '\0')
		return "the time is no number";
	if (sent < c->now / 1000 - HOOK_SLACK ||
	    sent > c->now / 1000 + HOOK_SLACK)
		return "the time is more than five minutes off";
	return hook_signed(c, id, at, list) ? NULL : "the signature is wrong";
}

/* Keeps the request, whether it was answered well or by a fault. */
void
hook_keep(struct ctx *c, const struct fault *f, unsigned int status)
{
	json_object *o = json_object_new_object();
	const char *wrong = hook_wrong(c);

	js_set_str(o, "method", c->q->method);
	js_set_str(o, "path", c->q->uri);
	js_set(o, "headers", req_headers(c));
	js_set_str(o, "body", c->q->body == NULL ? "" : c->q->body);
	js_set_bool(o, "valid", wrong == NULL);
	if (wrong != NULL)
		js_set_str(o, "why", wrong);
	js_set_int(o, "status", status);
	if (f->kind != FAULT_NONE)
		js_set_str(o, "fault", fault_name(f->kind));
	js_set_int(o, "at_ms", c->now);
	js_add(js_arr(js_get(c->root, "hook"), "hooks"), o);
}

void
hook_handle(struct ctx *c)
{
	reply_empty(c, strcmp(c->q->method, "POST") == 0 ? 204 : 405);
}
