/* Two images of what a person holds, compared. Pure; decides nothing. */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

/* What makes an entry the same as another: its id, alone or in an object;
 * without one, all of it. Valid as long as the entry. */
static const char *
name_of(struct json_object *entry)
{
	struct json_object *id;

	if (json_object_is_type(entry, json_type_object) &&
	    json_object_object_get_ex(entry, "id", &id))
		entry = id;
	return json_object_to_json_string_ext(entry, JSON_C_TO_STRING_PLAIN);
}

static int
by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* The names of a list, sorted; *N of them. Caller frees. */
static const char **
names_of(struct json_object *list, size_t *n)
{
	const char **names;
	size_t i;

	*n = json_object_array_length(list);
	names = calloc(*n + 1, sizeof(*names));
	if (names == NULL) {
		*n = 0;
		return NULL;
	}
	for (i = 0; i < *n; i++)
		names[i] = name_of(json_object_array_get_idx(list, i));
	qsort(names, *n, sizeof(*names), by_text);
	return names;
}

static struct json_object *
diff_lists(struct json_object *before, struct json_object *after)
{
	struct json_object *o = json_object_new_object(), *entry;
	struct json_object *gone = json_object_new_array();
	struct json_object *left = json_object_new_array();
	const char **names, *name;
	size_t i, n;

	names = names_of(after, &n);
	for (i = 0; i < json_object_array_length(before); i++) {
		entry = json_object_array_get_idx(before, i);
		name = name_of(entry);
		json_object_array_add(n > 0 && bsearch(&name, names, n,
		    sizeof(*names), by_text) != NULL ? left : gone,
		    json_object_get(entry));
	}
	free(names);
	json_object_object_add(o, "gone", gone);
	json_object_object_add(o, "left", left);
	return o;
}

static struct json_object *
diff_values(struct json_object *before, struct json_object *after)
{
	struct json_object *o;

	if (json_object_equal(before, after))
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
