/* Two images of what a person holds, compared. Pure; decides nothing. */
#include "diff.h"

#include <string.h>

/* Entries are the same when their ids are; without one, when they read so. */
static int
same(struct json_object *a, struct json_object *b)
{
	struct json_object *x, *y;

	if (json_object_is_type(a, json_type_object) &&
	    json_object_is_type(b, json_type_object) &&
	    json_object_object_get_ex(a, "id", &x) &&
	    json_object_object_get_ex(b, "id", &y))
		return same(x, y);
	/* An id alone in one list, whole entries in the other. */
	if (json_object_is_type(a, json_type_object) &&
	    !json_object_is_type(b, json_type_object) &&
	    json_object_object_get_ex(a, "id", &x))
		return same(x, b);
	if (json_object_is_type(b, json_type_object) &&
	    !json_object_is_type(a, json_type_object))
		return same(b, a);
	return strcmp(json_object_to_json_string_ext(a,
	    JSON_C_TO_STRING_PLAIN), json_object_to_json_string_ext(b,
	    JSON_C_TO_STRING_PLAIN)) == 0;
}

static int
has(struct json_object *list, struct json_object *entry)
{
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++)
		if (same(json_object_array_get_idx(list, i), entry))
			return 1;
	return 0;
}

static struct json_object *
diff_lists(struct json_object *before, struct json_object *after)
{
	struct json_object *o = json_object_new_object(), *entry;
	struct json_object *gone = json_object_new_array();
	struct json_object *left = json_object_new_array();
	size_t i;

	for (i = 0; i < json_object_array_length(before); i++) {
		entry = json_object_array_get_idx(before, i);
		json_object_array_add(has(after, entry) ? left : gone,
		    json_object_get(entry));
	}
	json_object_object_add(o, "gone", gone);
	json_object_object_add(o, "left", left);
	return o;
}

static struct json_object *
diff_values(struct json_object *before, struct json_object *after)
{
	struct json_object *o;

	if (same(before, after))
		return NULL;
	o = json_object_new_object();
	json_object_object_add(o, "from", json_object_get(before));
	json_object_object_add(o, "to", json_object_get(after));
	return o;
}

static void
diff_keys(struct json_object *o, struct json_object *before,
    struct json_object *after, struct json_object *unread)
{
	struct json_object_iterator it = json_object_iter_begin(before);
	struct json_object_iterator end = json_object_iter_end(before);
	struct json_object *was, *now, *d;
	const char *key;

	for (; !json_object_iter_equal(&it, &end);
	    json_object_iter_next(&it)) {
		key = json_object_iter_peek_name(&it);
		was = json_object_iter_peek_value(&it);
		if (after == NULL ||
		    !json_object_object_get_ex(after, key, &now)) {
			json_object_array_add(unread,
			    json_object_new_string(key));
			continue;
		}
		d = json_object_is_type(was, json_type_array) &&
		    json_object_is_type(now, json_type_array) ?
		    diff_lists(was, now) : diff_values(was, now);
		if (d != NULL)
			json_object_object_add(o, key, d);
	}
}

struct json_object *
diff_make(struct json_object *before, struct json_object *after)
{
	struct json_object *o = json_object_new_object();
	struct json_object *unread = json_object_new_array();

	if (before != NULL && json_object_is_type(before, json_type_object))
		diff_keys(o, before, after, unread);
	json_object_object_add(o, "not_read_again", unread);
	return o;
}
