/*
 * keys.c: API keys of users; it must list their secrets in clear, as the
 * real service does, so that a client that records them is found out.
 */
#include "sandbox.h"

#include <string.h>

static json_object *
keys_view(json_object *k)
{
	json_object *o = js_public(k);

	json_object_object_del(o, "userId");
	return o;
}

/* Pages count from 0, and shift when keys are deleted in between. */
static void
keys_reply(struct ctx *c, const char *user)
{
	json_object *all = js_arr(c->t, "api_keys"), *hits, *o, *meta;
	long long page = req_query_int(c, "page", 0, 0, 1000000);
	long long size = req_query_int(c, "size", 25, 1, 1000);
	size_t i;

	hits = json_object_new_array();
	for (i = 0; i < js_len(all); i++)
		if (user == NULL ||
		    strcmp(js_str(js_at(all, i), "userId"), user) == 0)
			js_add(hits, keys_view(js_at(all, i)));
	meta = json_object_new_object();
	js_set_int(meta, "page", page);
	js_set_int(meta, "size", size);
	js_set_int(meta, "total", (long long)js_len(hits));
	o = json_object_new_object();
	js_set(o, "data", js_slice(hits, (size_t)(page * size),
	    (size_t)size));
	js_set(o, "meta", meta);
	json_object_put(hits);
	reply_json(c, 200, o);
}

void
keys_of_user(struct ctx *c)
{
	if (acceldata_user(c, c->arg[0]) != NULL)
		keys_reply(c, c->arg[0]);
}

void
keys_all(struct ctx *c)
{
	keys_reply(c, NULL);
}

/* Irreversible. The key that is asking stays: nobody cuts his own branch. */
void
keys_delete(struct ctx *c)
{
	json_object *all = js_arr(c->t, "api_keys");
	json_object *k = js_find(all, "accessKey", c->arg[0]);

	if (k == NULL)
		reply_status(c, 404, "API key not found");
	else if (k == c->who)
		reply_status(c, 403,
		    "The key in use cannot delete itself");
	else {
		js_drop(all, k);
		reply_status(c, 200, "API key deleted successfully");
	}
}
