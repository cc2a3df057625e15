/*
 * Fastio: asking. An answer may say "no" inside a 200, lists come in pages,
 * and ids have up to 20 digits, so that they stay text. Knows no phase and
 * changes nothing by itself.
 */
#include "fastio.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PAGES_MAX 2000

void
fastio_path(struct buf *b, ...)
{
	const char *segment;
	va_list ap;

	http_path(b, "current", NULL);
	va_start(ap, b);
	while ((segment = va_arg(ap, const char *)) != NULL)
		http_path(b, segment, NULL);
	va_end(ap);
	buf_char(b, '/');
}

struct json_object *
fastio_inner(struct json_object *j)
{
	struct json_object *m = visit_member(j, "response", json_type_object);

	if (m == NULL)
		m = visit_member(j, "response", json_type_array);
	return m == NULL ? j : m;
}

struct json_object *
fastio_object(struct json_object *j, const char *key)
{
	struct json_object *inner = fastio_inner(j);
	struct json_object *m = visit_member(inner, key, json_type_object);

	return m == NULL ? inner : m;
}

void
fastio_id(struct json_object *o, const char *key, char id[WORD_MAX])
{
	/* What the parser makes of a number that is too big for it. */
	static const char *const full[] = { "9223372036854775807",
	    "18446744073709551615", "-9223372036854775808" };
	size_t i;

	visit_id(o, key, id);
	if (visit_member(o, key, json_type_int) == NULL)
		return;
	for (i = 0; i < sizeof(full) / sizeof(full[0]); i++)
		if (strcmp(id, full[i]) == 0)
			id[0] = '\0';
}

const char *
fastio_email(struct json_object *row)
{
	const char *email = visit_text(row, "email");

	return email[0] != '\0' ? email : visit_text(row, "email_address");
}

void
fastio_name(struct json_object *row, char name[PERSON_MAX])
{
	static const char *const keys[] = { "name", "title", "display_name",
	    "folder_name", "domain" };
	const char *first = visit_text(row, "first_name");
	const char *last = visit_text(row, "last_name");
	size_t i;

	(void)snprintf(name, PERSON_MAX, "%.90s%s%.90s", first,
	    first[0] != '\0' && last[0] != '\0' ? " " : "", last);
	for (i = 0; name[0] == '\0' && i < sizeof(keys) / sizeof(keys[0]); i++)
		(void)text_copy(name, PERSON_MAX, visit_text(row, keys[i]));
	text_clean(name);
}

/* A code that means what a status says elsewhere; OUT_FAILED: no such one. */
static enum outcome
code_judge(const char *code)
{
	size_t n = strlen(code);

	if (strcmp(code, "1609") == 0 ||
	    (n > 9 && strcmp(code + n - 9, "not_found") == 0))
		return OUT_GONE;
	if (strcmp(code, "1671") == 0)
		return OUT_BUSY;
	return strcmp(code, "10011") == 0 || strcmp(code, "1650") == 0 ?
	    OUT_REFUSED : OUT_FAILED;
}

/* "no" in a 200 is a refusal, with a code that may say more. */
static enum outcome
call_refused(struct visit *v, struct json_object *j, const char *what)
{
	struct json_object *e = visit_member(j, "error", json_type_object);
	const char *text = visit_text(e, "text");
	char code[WORD_MAX];
	enum outcome out;

	if (text[0] == '\0')
		text = visit_text(e, "message");
	if (text[0] == '\0')
		text = visit_text(j, "error_message");
	if (text[0] == '\0')
		text = visit_text(j, "message");
	visit_id(e, "code", code);
	if (code[0] == '\0')
		visit_id(j, "error_id", code);
	if (code[0] == '\0')
		(void)text_copy(code, sizeof(code), visit_text(e,
		    "error_code"));
	out = code_judge(code);
	if (out == OUT_REFUSED)
		return visit_end(v, out, "%s refuses our credentials (%.20s): "
		    "put a valid token into its token_file, then retry",
		    v->sys->name, code);
	if (out == OUT_BUSY)
		return visit_end(v, out, "%s asks us to slow down (%.20s)",
		    v->sys->name, code);
	return visit_end(v, out, "%s answered 200 but refused to %s: "
	    "%.200s%s%.20s%s", v->sys->name, what, text[0] != '\0' ? text :
	    "it gives no reason", code[0] != '\0' ? " (" : "", code,
	    code[0] != '\0' ? ")" : "");
}

/* The published API says "result" in every answer. The guide shows no answer
 * at all: there, only a "no" counts. */
static enum outcome
call_result(struct visit *v, struct json_object *j, const char *what)
{
	static const char *const keys[] = { "result", "success", "ok" };
	struct json_object *m = NULL;
	const char *word;
	size_t i;

	for (i = 0; m == NULL && i < (fastio_own(v)->guide ? 3 : 1); i++)
		if (j == NULL || !json_object_is_type(j, json_type_object) ||
		    !json_object_object_get_ex(j, keys[i], &m))
			m = NULL;
	if (m == NULL)
		return fastio_own(v)->guide ? OUT_OK : visit_end(v,
		    OUT_GARBLED, "%s does not say whether it did %s",
		    v->sys->name, what);
	word = json_object_get_string(m);
	if (strcmp(word, "yes") == 0 || strcmp(word, "true") == 0 ||
	    strcmp(word, "ok") == 0)
		return OUT_OK;
	if (strcmp(word, "no") == 0 || strcmp(word, "false") == 0)
		return call_refused(v, j, what);
	return visit_end(v, OUT_UNCLEAR, "%s answered \"%.40s\" when asked to "
	    "%s, which is no word of its contract: look there", v->sys->name,
	    word, what);
}

enum outcome
fastio_call(struct visit *v, const struct visit_call *call)
{
	struct json_object *j = NULL;
	struct visit_call c = *call;
	enum outcome out;

	c.out = &j;
	/* What was changed is read back: its own answer may be lost. */
	c.may_be_empty = strcmp(c.method, "GET") != 0;
	out = visit_call(v, &c);
	if (out == OUT_OK && (j != NULL || !c.may_be_empty))
		out = call_result(v, j, c.what);
	if (call->out != NULL && out == OUT_OK)
		*call->out = j;
	else
		json_object_put(j);
	return out;
}

/* ---- lists ---- */

static enum outcome
page_ask(struct visit *v, const struct fastio_pages *p,
    struct json_object **j)
{
	struct visit_call c;
	struct buf path;
	char number[24];
	size_t i;

	buf_init(&path, 4096);
	buf_str(&path, p->path);
	for (i = 0; i < 4 && p->query[i] != NULL; i += 2)
		http_query(&path, p->query[i], p->query[i + 1]);
	http_query(&path, "limit", fastio_own(v)->guide ? "100" : "500");
	(void)snprintf(number, sizeof(number), "%zu", p->seen);
	http_query(&path, "offset", number);
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = p->what;
	c.out = j;
	return fastio_call(v, &c);
}

/* How many it says there are in all; -1 when it does not say. */
static long long
page_total(struct json_object *j, int *more)
{
	struct json_object *p = visit_member(fastio_inner(j), "pagination",
	    json_type_object), *m;

	if (p == NULL)
		p = visit_member(j, "pagination", json_type_object);
	m = visit_member(p, "has_more", json_type_boolean);
	*more = m != NULL && json_object_get_boolean(m);
	m = visit_member(p == NULL ? j : p, "total", json_type_int);
	return m == NULL ? -1 : json_object_get_int64(m);
}

static struct json_object *
page_rows(struct json_object *j, const char *key)
{
	struct json_object *list = visit_list(fastio_inner(j), key);

	if (list == NULL)
		list = visit_list(j, key);
	return list != NULL ? list : visit_member(j, "data", json_type_array);
}

/* Until all are there that were promised; where nothing is said, until a page
 * is empty or comes again. A member who is missed is a door left open. */
enum outcome
fastio_pages(struct visit *v, struct fastio_pages *p)
{
	char first[WORD_MAX], last[WORD_MAX] = "";
	struct json_object *j = NULL, *rows;
	enum outcome out = OUT_OK;
	long long total = -1;
	size_t i, n = 1;
	int page, more;

	p->seen = 0;
	for (page = 0; page < PAGES_MAX && out == OUT_OK && n > 0; page++) {
		out = page_ask(v, p, &j);
		if (out != OUT_OK)
			return out;
		rows = page_rows(j, p->list);
		if (rows == NULL)
			out = visit_end(v, OUT_GARBLED, "%s sent no list when "
			    "asked to %s", v->sys->name, p->what);
		total = page_total(j, &more);
		n = visit_length(rows);
		first[0] = '\0';
		if (n > 0)
			fastio_id(json_object_array_get_idx(rows, 0), "id",
			    first);
		if (n > 0 && first[0] != '\0' && strcmp(first, last) == 0)
			n = 0;
		(void)text_copy(last, sizeof(last), first);
		for (i = 0; i < n && out == OUT_OK; i++)
			out = p->each(v, json_object_array_get_idx(rows, i),
			    p->arg);
		p->seen += n;
		json_object_put(j);
		j = NULL;
		if (total >= 0 && p->seen >= (size_t)total && more == 0)
			break;
	}
	if (out == OUT_OK && total >= 0 && p->seen < (size_t)total)
		return visit_end(v, OUT_RETRY, "%s says there are %lld, but "
		    "sent %zu, when asked to %s", v->sys->name, total,
		    p->seen, p->what);
	return out;
}
