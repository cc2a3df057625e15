/* Small readers over json-c that never fail. */
#include "peek.h"

#include <string.h>

static struct json_object *
peek_member(struct json_object *o, const char *key, enum json_type type)
{
	struct json_object *v;

	if (json_object_is_type(o, json_type_object) == 0 ||
	    json_object_object_get_ex(o, key, &v) == 0 ||
	    json_object_is_type(v, type) == 0)
		return NULL;
	return v;
}

const char *
peek_text(struct json_object *o, const char *key)
{
	struct json_object *v = peek_member(o, key, json_type_string);

	return v == NULL ? "" : json_object_get_string(v);
}

struct json_object *
peek_list(struct json_object *o, const char *key)
{
	return peek_member(o, key, json_type_array);
}

size_t
peek_size(struct json_object *list)
{
	return list == NULL ? 0 : json_object_array_length(list);
}

int
peek_true(struct json_object *o, const char *key)
{
	struct json_object *v = peek_member(o, key, json_type_boolean);

	return v != NULL && json_object_get_boolean(v) != 0;
}
