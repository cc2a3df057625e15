/* Canonical JSON. Pure. */
#include "canon.h"

#include <stdlib.h>
#include <string.h>

#include "../base/sign.h"

#define CANON_MAX (128u << 20)

static int
by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static void
put_object(struct buf *b, struct json_object *o)
{
	struct json_object_iterator it = json_object_iter_begin(o);
	struct json_object_iterator end = json_object_iter_end(o);
	size_t n = (size_t)json_object_object_length(o), i = 0;
	const char **keys = calloc(n + 1, sizeof(*keys));
	struct json_object *m, *name;

	if (keys == NULL) {
		b->failed = 1;
		return;
	}
	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it))
		keys[i++] = json_object_iter_peek_name(&it);
	qsort(keys, n, sizeof(*keys), by_name);
	buf_char(b, '{');
	for (i = 0; i < n; i++) {
		name = json_object_new_string(keys[i]);
		canon_put(b, name);
		json_object_put(name);
		buf_char(b, ':');
		json_object_object_get_ex(o, keys[i], &m);
		canon_put(b, m);
		if (i + 1 < n)
			buf_char(b, ',');
	}
	buf_char(b, '}');
	free(keys);
}

void
canon_put(struct buf *b, struct json_object *o)
{
	size_t n, i;

	if (json_object_is_type(o, json_type_object)) {
		put_object(b, o);
		return;
	}
	if (json_object_is_type(o, json_type_array)) {
		n = json_object_array_length(o);
		buf_char(b, '[');
		for (i = 0; i < n; i++) {
			canon_put(b, json_object_array_get_idx(o, i));
			if (i + 1 < n)
				buf_char(b, ',');
		}
		buf_char(b, ']');
		return;
	}
	buf_str(b, o == NULL ? "null" : json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

int
canon_digest(struct json_object *o, char out[72])
{
	struct buf b;
	int rc;

	buf_init(&b, CANON_MAX);
	canon_put(&b, o);
	rc = b.failed != 0 ? -1 : sign_hash_text(buf_cstr(&b), b.len, out);
	buf_clear(&b);
	return rc;
}
