/* What providers share. Knows no vendor and decides no order; every call
 * that changes something is written down before it is made. */
#include "visit.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum outcome
visit_end(struct visit *v, enum outcome out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(v->detail, sizeof(v->detail), fmt, ap);
	va_end(ap);
	text_clean(v->detail);
	return out;
}

int
visit_is_over(enum outcome out)
{
	return out == OUT_UNREACHED || out == OUT_BUSY || out == OUT_REFUSED;
}

void
visit_task(struct visit *v, const char *fmt, ...)
{
	va_list ap;

	if (v->ntasks == VISIT_TASKS)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(v->tasks[v->ntasks], TEXT_MAX, fmt, ap);
	va_end(ap);
	text_clean(v->tasks[v->ntasks]);
	v->ntasks++;
}

void
visit_holds(struct visit *v, const char *fmt, ...)
{
	char line[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_clean(line);
	buf_str(&v->holds, line);
	buf_char(&v->holds, '\n');
}

/* Adds a line to the list KEY of the after-image, once. */
__attribute__((format(printf, 3, 0))) static void
after_line(struct visit *v, const char *key, const char *fmt, va_list ap)
{
	struct json_object *list;
	char line[TEXT_MAX];
	size_t i;

	(void)vsnprintf(line, sizeof(line), fmt, ap);
	text_clean(line);
	list = v->after == NULL ? NULL : visit_member(v->after, key,
	    json_type_array);
	if (list == NULL) {
		list = json_object_new_array();
		visit_after(v, key, list);
	}
	for (i = 0; i < json_object_array_length(list); i++)
		if (strcmp(json_object_get_string(
		    json_object_array_get_idx(list, i)), line) == 0)
			return;
	json_object_array_add(list, json_object_new_string(line));
}

void
visit_handed(struct visit *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	after_line(v, "handed_over", fmt, ap);
	va_end(ap);
}

void
visit_renew(struct visit *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	after_line(v, "renew", fmt, ap);
	va_end(ap);
}

/* The vendor's own words for an error, short and without control bytes. */
static void
answer_words(const struct http_answer *a, char *out, size_t size)
{
	static const char *const keys[] = { "error_description", "message",
	    "description", "detail", "error_message", "text", "error" };
	struct json_object *j = json_tokener_parse(buf_cstr(&a->body)), *m;
	struct json_object *inner = visit_member(j, "error", json_type_object);
	size_t i;

	out[0] = '\0';
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		m = visit_member(inner == NULL ? j : inner, keys[i],
		    json_type_string);
		if (m != NULL) {
			(void)text_copy(out, size, json_object_get_string(m));
			break;
		}
	}
	json_object_put(j);
	if (text_is_plain(out) == 0)
		out[0] = '\0';
}

/* Some vendors say in the body how long to wait. */
static int64_t
answer_wait(const struct http_answer *a)
{
	struct json_object *j = json_tokener_parse(buf_cstr(&a->body)), *m;
	int64_t wait = a->retry_after;
	double s = 0;

	/* A rate's own end counts where nothing better was said. */
	if (wait == 0)
		wait = a->limit;
	if (j != NULL && json_object_is_type(j, json_type_object) &&
	    (json_object_object_get_ex(j, "retry_in", &m) ||
	    json_object_object_get_ex(j, "retry_after", &m)))
		s = json_object_get_double(m);
	json_object_put(j);
	if (s > 0 && s <= 3600 && (int64_t)(s * 1000) > wait)
		wait = (int64_t)(s * 1000);
	return wait;
}

static enum outcome
answer_judge(struct visit *v, const struct visit_call *c,
    const struct http_answer *a)
{
	const char *sys = v->sys->name;
	char words[160];

	if (a->status >= 200 && a->status < 300)
		return OUT_OK;
	answer_words(a, words, sizeof(words));
	if (a->status == 401)
		return visit_end(v, OUT_REFUSED, "%s refuses our credentials "
		    "(401%s%s): renew them in the configuration's file, then "
		    "retry", sys, words[0] != '\0' ? ", " : "", words);
	if (a->status == 403)
		return visit_end(v, OUT_FAILED, "%s forbids us to %s (403%s%s)"
		    ": give our key that permission, then retry", sys, c->what,
		    words[0] != '\0' ? ", " : "", words);
	if (a->status == 404 || a->status == 410)
		return visit_end(v, OUT_GONE, "%s knows nothing of it (%ld) "
		    "when asked to %s", sys, a->status, c->what);
	if (a->status == 429) {
		v->wait = answer_wait(a);
		return visit_end(v, OUT_BUSY, "%s asks us to slow down (429)",
		    sys);
	}
	if (a->status == 408 || a->status >= 500) {
		v->wait = answer_wait(a);
		return visit_end(v, OUT_RETRY, "%s could not %s (%ld%s%s)",
		    sys, c->what, a->status, words[0] != '\0' ? ", " : "",
		    words);
	}
	if (a->status >= 300 && a->status < 400)
		return visit_end(v, OUT_GARBLED, "%s answered with a redirect "
		    "(%ld), which is not followed: check its url", sys,
		    a->status);
	return visit_end(v, OUT_FAILED, "%s refused to %s (%ld%s%s)", sys,
	    c->what, a->status, words[0] != '\0' ? ", " : "", words);
}

/* The whole body as one JSON value, and nothing after it. */
static struct json_object *
answer_json(const struct buf *b)
{
	struct json_tokener *t = json_tokener_new_ex(32);
	struct json_object *j = NULL;
	size_t end;

	if (t == NULL || b->len == 0 || b->len > INT32_MAX) {
		json_tokener_free(t);
		return NULL;
	}
	j = json_tokener_parse_ex(t, b->s, (int)b->len + 1);
	end = json_tokener_get_parse_end(t);
	if (json_tokener_get_error(t) != json_tokener_success ||
	    strspn(b->s + (end < b->len ? end : b->len), " \t\r\n") +
	    (end < b->len ? end : b->len) != b->len) {
		json_object_put(j);
		j = NULL;
	}
	json_tokener_free(t);
	return j;
}

static enum outcome
call_once(struct visit *v, const struct visit_call *c,
    struct http_answer *a)
{
	const char *text = NULL;
	struct http_request r;
	struct err e;
	int changes = strcmp(c->method, "GET") != 0;
	enum outcome out;

	assert(changes == 0 || v->dry == 0);
	memset(&r, 0, sizeof(r));
	memset(a, 0, sizeof(*a));
	r.method = c->method;
	r.path = buf_cstr(c->path);
	if (c->body != NULL) {
		text = json_object_to_json_string_ext(c->body,
		    JSON_C_TO_STRING_PLAIN);
		r.type = c->type != NULL ? c->type : "application/json";
		r.body = text;
		r.body_len = strlen(text);
	} else if (c->form != NULL) {
		/* What http_query() made begins with its "?". */
		r.type = "application/x-www-form-urlencoded";
		r.body_len = c->form->len == 0 ? 0 : c->form->len - 1;
		r.body = buf_cstr(c->form) + (c->form->len == 0 ? 0 : 1);
	}
	r.header = c->header;
	if (c->path->failed != 0 || (c->form != NULL && c->form->failed != 0))
		return visit_end(v, OUT_FAILED, "an id is too long for a "
		    "request");
	v->hooks->pace(v);
	if (changes != 0 && v->hooks->before(v, c->what, &e) == -1)
		return visit_end(v, OUT_RETRY, "%s", e.text);
	if (http_call(v->sys->http, &r, a, &e) != HTTP_OK)
		out = visit_end(v, OUT_UNREACHED, "%s cannot be reached (%s): "
		    "it is tried again by itself; see that its url is right "
		    "and that it runs", v->sys->name, e.text);
	else {
		v->status = a->status;
		out = answer_judge(v, c, a);
	}
	if (changes != 0) {
		char result[200];

		if (out == OUT_OK)
			(void)snprintf(result, sizeof(result), "answered %ld",
			    a->status);
		else
			(void)text_copy(result, sizeof(result), v->detail);
		v->hooks->after(v, result);
	}
	return out;
}

enum outcome
visit_call(struct visit *v, const struct visit_call *c)
{
	struct json_object *j = NULL;
	struct http_answer a;
	struct err e;
	enum outcome out = call_once(v, c, &a);

	if (out == OUT_REFUSED && v->sys->provider->renew != NULL) {
		http_answer_clear(&a);
		memset(&a, 0, sizeof(a));
		out = v->sys->provider->renew(v->sys, &v->wait, &e);
		out = out == OUT_OK ? call_once(v, c, &a) :
		    visit_end(v, out, "%s", e.text);
	}
	if (out == OUT_OK && c->out != NULL) {
		j = answer_json(&a.body);
		if (j == NULL && c->may_be_empty == 0)
			out = visit_end(v, OUT_GARBLED, "%s answered with "
			    "something that is not JSON when asked to %s",
			    v->sys->name, c->what);
	}
	if (c->out != NULL)
		*c->out = j;
	if (c->total != NULL)
		*c->total = a.total;
	if (c->etag != NULL && text_copy(c->etag, WORD_MAX, a.etag) == -1)
		c->etag[0] = '\0';
	http_answer_clear(&a);
	buf_clear(c->path);
	if (c->form != NULL)
		buf_clear(c->form);
	return out;
}

enum outcome
visit_get(struct visit *v, struct json_object **out, ...)
{
	struct visit_call c;
	struct buf path;
	const char *segment;
	va_list ap;

	buf_init(&path, 2048);
	va_start(ap, out);
	while ((segment = va_arg(ap, const char *)) != NULL)
		http_path(&path, segment, NULL);
	va_end(ap);
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "show the account";
	c.out = out;
	return visit_call(v, &c);
}

struct json_object *
visit_member(struct json_object *o, const char *key, enum json_type type)
{
	struct json_object *m;

	if (o == NULL || !json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, key, &m) ||
	    !json_object_is_type(m, type))
		return NULL;
	return m;
}

const char *
visit_text(struct json_object *o, const char *key)
{
	struct json_object *m = visit_member(o, key, json_type_string);

	return m == NULL ? "" : json_object_get_string(m);
}

void
visit_id(struct json_object *o, const char *key, char out[WORD_MAX])
{
	struct json_object *m = visit_member(o, key, json_type_string);

	out[0] = '\0';
	if (m == NULL)
		m = visit_member(o, key, json_type_int);
	/* An id that is cut or cleaned is another id: then rather none. */
	if (m != NULL && (text_copy(out, WORD_MAX,
	    json_object_get_string(m)) == -1 || text_is_plain(out) == 0))
		out[0] = '\0';
}

struct json_object *
visit_name(struct json_object *o, const char *key)
{
	char name[PERSON_MAX];

	(void)text_copy(name, sizeof(name), visit_text(o, key));
	text_clean(name);
	return json_object_new_string(name);
}

struct json_object *
visit_list(struct json_object *o, const char *key)
{
	if (o != NULL && json_object_is_type(o, json_type_array))
		return o;
	return visit_member(o, key, json_type_array);
}

enum outcome
visit_is_them(struct visit *v, struct json_object *account)
{
	const char *email = visit_text(account, "email");

	if (email[0] == '\0' || strcasecmp(email, v->who->email) == 0)
		return OUT_OK;
	return visit_end(v, OUT_FAILED, "account %.60s in %s carries the "
	    "address %.100s, not the one that was asked for: nothing more is "
	    "done to it; see there whose it is, then retry", v->account,
	    v->sys->name, email);
}

enum state
visit_step_state(struct visit *v, enum phase phase)
{
	struct step *steps = calloc(CASE_STEPS_MAX, sizeof(*steps));
	enum state state = STATE_PENDING;
	unsigned n = 0, i;

	if (steps == NULL)
		return state;
	if (step_list(v->hooks->lock(v), v->who->id, steps, CASE_STEPS_MAX,
	    &n, NULL) != STORE_OK)
		n = 0;
	v->hooks->unlock(v);
	for (i = 0; i < n; i++)
		if (steps[i].phase == phase &&
		    strcmp(steps[i].system, v->sys->name) == 0)
			state = steps[i].state;
	free(steps);
	return state;
}

size_t
visit_length(struct json_object *list)
{
	return list == NULL || !json_object_is_type(list, json_type_array) ?
	    0 : json_object_array_length(list);
}

static void
image_put(struct json_object **image, const char *key,
    struct json_object *value)
{
	if (*image == NULL)
		*image = json_object_new_object();
	json_object_object_add(*image, key, value);
}

void
visit_before(struct visit *v, const char *key, struct json_object *value)
{
	/* The first reading is what was there before us. */
	if (v->before != NULL &&
	    json_object_object_get_ex(v->before, key, NULL))
		json_object_put(value);
	else
		image_put(&v->before, key, value);
}

void
visit_after(struct visit *v, const char *key, struct json_object *value)
{
	image_put(&v->after, key, value);
}

struct json_object *
visit_was(const struct visit *v, const char *key)
{
	struct json_object *m;

	if (v->before == NULL ||
	    !json_object_object_get_ex(v->before, key, &m))
		return NULL;
	return m;
}

int64_t
visit_reread(int nth)
{
	static const int64_t waits[] = { 100, 200, 400, 800, 1500 };

	return nth < 0 || nth >= 5 || http_stopped() ? 0 : waits[nth];
}

const char *
visit_setting(const struct system *sys, const char *key)
{
	return conf_text(sys->settings->conf, sys->section,
	    sys->provider->keys, key);
}

int
visit_client(struct system *sys, struct err *e)
{
	const char *url = visit_setting(sys, "url");

	if (url == NULL)
		return conf_fail(sys->settings->conf, sys->section, NULL, e,
		    "[%s] needs a url", sys->section);
	sys->http = http_new(url, conf_span(sys->settings->conf, sys->section,
	    sys->provider->keys, "timeout"), e);
	return sys->http == NULL ? -1 : 0;
}

int
visit_secret(const struct system *sys, const char *key, struct buf *b,
    struct err *e)
{
	const char *path = visit_setting(sys, key);

	buf_init(b, 8192);
	if (path == NULL)
		return conf_fail(sys->settings->conf, sys->section, NULL, e,
		    "[%s] needs %s", sys->section, key);
	if (buf_file(b, path, e) == -1)
		return -1;
	while (b->len > 0 && (b->s[b->len - 1] == '\n' ||
	    b->s[b->len - 1] == '\r'))
		b->s[--b->len] = '\0';
	if (b->len > 0 && text_is_plain(b->s) != 0)
		return 0;
	buf_clear(b);
	return err_set(e, "%s is empty or not text: put the secret into it, "
	    "on one line", path);
}
