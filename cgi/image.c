/* A before- or after-image as plain lists. Knows no provider: it shows what
 * the JSON says, save ids to whoever must not see them. */
#include <string.h>

#include "casefile.h"
#include "html.h"
#include "peek.h"

#define DEPTH 5
#define ITEMS 500

static int
key_is_id(const char *key)
{
	size_t n = strlen(key);

	return strcmp(key, "id") == 0 || strcmp(key, "account") == 0 ||
	    (n > 3 && (strcmp(key + n - 3, "_id") == 0 ||
	    strcmp(key + n - 3, "ids") == 0));
}

/* "data_groups" reads as "Data groups". */
static void
image_key(struct buf *b, const char *key)
{
	char text[64];
	char *p;

	(void)text_copy(text, sizeof(text), key);
	for (p = text; *p != '\0'; p++)
		if (*p == '_' || *p == '-')
			*p = ' ';
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	html_text(b, text);
}

static void image_value(struct web *, struct json_object *, int);

static void
image_scalar(struct web *w, struct json_object *v)
{
	if (json_object_is_type(v, json_type_boolean))
		buf_str(w->out, json_object_get_boolean(v) ? "yes" : "no");
	else if (v == NULL)
		buf_str(w->out, "–");
	else
		html_text(w->out, json_object_get_string(v));
}

/* A small object on one line: "Name: x, Role: y". */
static int
image_is_flat(struct json_object *o)
{
	struct json_object_iterator it = json_object_iter_begin(o);
	struct json_object_iterator end = json_object_iter_end(o);
	struct json_object *v;

	for (; json_object_iter_equal(&it, &end) == 0;
	    json_object_iter_next(&it)) {
		v = json_object_iter_peek_value(&it);
		if (json_object_is_type(v, json_type_object) ||
		    json_object_is_type(v, json_type_array))
			return 0;
	}
	return 1;
}

static void
image_object(struct web *w, struct json_object *o, int depth)
{
	struct json_object_iterator it = json_object_iter_begin(o);
	struct json_object_iterator end = json_object_iter_end(o);
	int flat = depth > 0 && image_is_flat(o), first = 1;
	const char *key;

	if (flat == 0)
		buf_str(w->out, "<ul>");
	for (; json_object_iter_equal(&it, &end) == 0;
	    json_object_iter_next(&it)) {
		key = json_object_iter_peek_name(&it);
		if (casefile_ids(w) == 0 && key_is_id(key) != 0)
			continue;
		buf_str(w->out, flat == 0 ? "<li>" : first != 0 ? "" : ", ");
		first = 0;
		image_key(w->out, key);
		buf_str(w->out, ": ");
		image_value(w, json_object_iter_peek_value(&it), depth + 1);
		if (flat == 0)
			buf_str(w->out, "</li>");
	}
	if (flat == 0)
		buf_str(w->out, "</ul>");
}

static void
image_array(struct web *w, struct json_object *a, int depth)
{
	size_t i, n = json_object_array_length(a);

	if (n == 0) {
		buf_str(w->out, "none");
		return;
	}
	html_fmt(w->out, "%u<ul>", (unsigned)n);
	for (i = 0; i < n && i < ITEMS; i++) {
		buf_str(w->out, "<li>");
		image_value(w, json_object_array_get_idx(a, i), depth + 1);
		buf_str(w->out, "</li>");
	}
	if (n > ITEMS)
		html_fmt(w->out, "<li>and %u more</li>",
		    (unsigned)(n - ITEMS));
	buf_str(w->out, "</ul>");
}

static void
image_value(struct web *w, struct json_object *v, int depth)
{
	if (depth > DEPTH)
		buf_str(w->out, "…");
	else if (json_object_is_type(v, json_type_object))
		image_object(w, v, depth);
	else if (json_object_is_type(v, json_type_array))
		image_array(w, v, depth);
	else
		image_scalar(w, v);
}

void
image_show_open(struct web *w, const char *title, struct json_object *o)
{
	html_fmt(w->out, "<h3>%s</h3><div class=\"image\">", title);
	image_value(w, o, 0);
	buf_str(w->out, "</div>\n");
}

void
image_show(struct web *w, const char *title, const char *json)
{
	struct json_object *o;

	if (json == NULL || json[0] == '\0')
		return;
	o = json_tokener_parse(json);
	if (o == NULL)
		return;
	html_fmt(w->out, "<details><summary>%s</summary><div class=\"image\">",
	    title);
	image_value(w, o, 0);
	buf_str(w->out, "</div></details>\n");
	json_object_put(o);
}
