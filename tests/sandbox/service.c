/*
 * service.c: service users of the data service; disabling the person who
 * made one must not change it.
 */
#include "sandbox.h"

#include <string.h>

static json_object *
service_view(struct ctx *c, json_object *s)
{
	json_object *o = js_public(s), *ids = js_arr(s, "roles"), *a, *r;
	size_t i;

	a = json_object_new_array();
	for (i = 0; i < js_len(ids); i++) {
		r = js_find_int(js_arr(c->t, "roles"), "id",
		    json_object_get_int64(js_at(ids, i)));
		if (r != NULL)
			js_add(a, roles_view(r));
	}
	js_set(o, "roles", a);
	return o;
}

void
service_list(struct ctx *c)
{
	json_object *all = js_arr(c->t, "service_users"), *hits, *o, *meta;
	long long first = req_query_int(c, "first", 0, 0, 1000000);
	long long max = req_query_int(c, "max", 10, 1, 1000);
	const char *s = req_query(c, "searchString");
	size_t i;

	hits = json_object_new_array();
	for (i = 0; i < js_len(all); i++)
		if (s == NULL || strcasestr(js_str(js_at(all, i),
		    "username"), s) != NULL || strcasestr(js_str(js_at(all,
		    i), "email"), s) != NULL)
			js_add(hits, service_view(c, js_at(all, i)));
	meta = json_object_new_object();
	js_set_int(meta, "page", first / max);
	js_set_int(meta, "size", max);
	js_set_int(meta, "total", (long long)js_len(hits));
	o = json_object_new_object();
	js_set(o, "meta", meta);
	js_set(o, "serviceUsers", js_slice(hits, (size_t)first,
	    (size_t)max));
	json_object_put(hits);
	reply_json(c, 200, o);
}

static json_object *
service_want(struct ctx *c)
{
	json_object *s = js_find(js_arr(c->t, "service_users"), "id",
	    c->arg[0]);

	if (s == NULL)
		reply_status(c, 404, "Service user not found");
	return s;
}

void
service_get(struct ctx *c)
{
	json_object *s = service_want(c);

	if (s != NULL)
		reply_json(c, 200, service_view(c, s));
}

void
service_put(struct ctx *c)
{
	json_object *s = service_want(c), *v;

	if (s == NULL)
		return;
	v = js_get(c->in, "enabled");
	if (!json_object_is_type(v, json_type_boolean)) {
		reply_status(c, 422, "enabled is required");
		return;
	}
	js_set(s, "enabled", js_ref(v));
	if (json_object_is_type(js_get(c->in, "description"),
	    json_type_string))
		js_set(s, "description", js_ref(js_get(c->in,
		    "description")));
	js_set_int(s, "updatedOn", c->now);
	js_set_str(s, "updatedBy", js_str(c->who, "email"));
	reply_status(c, 200, "Service user updated");
}

void
service_key_delete(struct ctx *c)
{
	json_object *s = service_want(c), *k;

	if (s == NULL)
		return;
	k = js_find(js_arr(s, "apiKeys"), "accessKey", c->arg[1]);
	if (k == NULL) {
		reply_status(c, 404, "API key not found");
		return;
	}
	js_drop(js_arr(s, "apiKeys"), k);
	reply_status(c, 200, "API key deleted");
}
