/* js.c: short access to json-c objects; it must not know what they mean. */
#include "sandbox.h"

#include <string.h>

json_object *
js_get(json_object *o, const char *key)
{
	json_object *v = NULL;

	if (json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, key, &v);
	return v;
}

bool
js_has(json_object *o, const char *key)
{
	return json_object_is_type(o, json_type_object) &&
	    json_object_object_get_ex(o, key, NULL);
}

/* The text under key, or "" when there is none; borrowed. */
const char *
js_str(json_object *o, const char *key)
{
	json_object *v = js_get(o, key);

	if (!json_object_is_type(v, json_type_string))
		return "";
	return json_object_get_string(v);
}

long long
js_int(json_object *o, const char *key, long long otherwise)
{
	json_object *v = js_get(o, key);

	if (!json_object_is_type(v, json_type_int))
		return otherwise;
	return json_object_get_int64(v);
}

bool
js_bool(json_object *o, const char *key, bool otherwise)
{
	json_object *v = js_get(o, key);

	if (!json_object_is_type(v, json_type_boolean))
		return otherwise;
	return json_object_get_boolean(v) != 0;
}

/* The array under key, made when it is not there; NULL for no object. */
json_object *
js_arr(json_object *o, const char *key)
{
	json_object *v = js_get(o, key);

	if (json_object_is_type(v, json_type_array))
		return v;
	if (!json_object_is_type(o, json_type_object))
		return NULL;
	v = json_object_new_array();
	json_object_object_add(o, key, v);
	return v;
}

/* The object under key, made when it is not there; NULL for no object. */
json_object *
js_obj(json_object *o, const char *key)
{
	json_object *v = js_get(o, key);

	if (json_object_is_type(v, json_type_object))
		return v;
	if (!json_object_is_type(o, json_type_object))
		return NULL;
	v = json_object_new_object();
	json_object_object_add(o, key, v);
	return v;
}

json_object *
js_at(json_object *a, size_t i)
{
	if (!json_object_is_type(a, json_type_array))
		return NULL;
	return json_object_array_get_idx(a, i);
}

size_t
js_len(json_object *a)
{
	if (!json_object_is_type(a, json_type_array))
		return 0;
	return json_object_array_length(a);
}

/*
 * Takes v over. A company file may lack any object, and json-c would end
 * the program over that: such a write is lost instead.
 */
void
js_set(json_object *o, const char *key, json_object *v)
{
	if (json_object_is_type(o, json_type_object))
		json_object_object_add(o, key, v);
	else
		json_object_put(v);
}

void
js_set_str(json_object *o, const char *key, const char *v)
{
	js_set(o, key, v == NULL ? NULL : json_object_new_string(v));
}

void
js_set_int(json_object *o, const char *key, long long v)
{
	js_set(o, key, json_object_new_int64(v));
}

void
js_set_bool(json_object *o, const char *key, bool v)
{
	js_set(o, key, json_object_new_boolean(v));
}

void
js_add(json_object *a, json_object *v)
{
	if (json_object_is_type(a, json_type_array))
		json_object_array_add(a, v);
	else
		json_object_put(v);
}

json_object *
js_find(json_object *a, const char *key, const char *value)
{
	size_t i;

	for (i = 0; value != NULL && i < js_len(a); i++)
		if (js_has(js_at(a, i), key) &&
		    strcmp(js_str(js_at(a, i), key), value) == 0)
			return js_at(a, i);
	return NULL;
}

json_object *
js_find_int(json_object *a, const char *key, long long value)
{
	size_t i;

	for (i = 0; i < js_len(a); i++)
		if (json_object_is_type(js_get(js_at(a, i), key),
		    json_type_int) && js_int(js_at(a, i), key, 0) == value)
			return js_at(a, i);
	return NULL;
}

/* Takes the very object v out of a; false when it is not in there. */
bool
js_drop(json_object *a, json_object *v)
{
	size_t i;

	for (i = 0; i < js_len(a); i++) {
		if (js_at(a, i) == v) {
			json_object_array_del_idx(a, i, 1);
			return true;
		}
	}
	return false;
}

bool
js_list_has_int(json_object *a, long long v)
{
	size_t i;

	for (i = 0; i < js_len(a); i++)
		if (json_object_is_type(js_at(a, i), json_type_int) &&
		    json_object_get_int64(js_at(a, i)) == v)
			return true;
	return false;
}

bool
js_list_has_str(json_object *a, const char *v)
{
	size_t i;

	for (i = 0; v != NULL && i < js_len(a); i++)
		if (json_object_is_type(js_at(a, i), json_type_string) &&
		    strcmp(json_object_get_string(js_at(a, i)), v) == 0)
			return true;
	return false;
}

/* Is it an array of nothing but this type? */
bool
js_all(json_object *a, enum json_type type)
{
	size_t i;

	if (!json_object_is_type(a, json_type_array))
		return false;
	for (i = 0; i < js_len(a); i++)
		if (!json_object_is_type(js_at(a, i), type))
			return false;
	return true;
}

/* A new object without the members that start with "_": those are ours. */
json_object *
js_public(json_object *o)
{
	json_object *n = json_object_new_object();
	struct json_object_iter it;

	if (!json_object_is_type(o, json_type_object))
		return n;
	json_object_object_foreachC(o, it)
		if (it.key[0] != '_')
			json_object_object_add(n, it.key, js_ref(it.val));
	return n;
}

json_object *
js_slice(json_object *a, size_t from, size_t count)
{
	json_object *n = json_object_new_array();
	size_t i;

	for (i = from; i < js_len(a) && i - from < count; i++)
		js_add(n, js_ref(js_at(a, i)));
	return n;
}

json_object *
js_copy(json_object *o)
{
	json_object *n = NULL;

	if (json_object_deep_copy(o, &n, NULL) != 0)
		return NULL;
	return n;
}

json_object *
js_ref(json_object *o)
{
	return json_object_get(o);
}

/* Exactly one JSON value and nothing behind it, or NULL. */
json_object *
js_parse(const char *text, size_t len)
{
	struct json_tokener *tok;
	json_object *o;
	size_t end;

	if (len == 0 || (tok = json_tokener_new()) == NULL)
		return NULL;
	o = json_tokener_parse_ex(tok, text, (int)len + 1);
	end = json_tokener_get_parse_end(tok);
	if (json_tokener_get_error(tok) != json_tokener_success ||
	    end > len || strspn(text + end, " \t\r\n") != len - end) {
		json_object_put(o);
		o = NULL;
	}
	json_tokener_free(tok);
	return o;
}
