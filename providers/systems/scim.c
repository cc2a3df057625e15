/*
 * Any service with SCIM 2.0 (RFC 7643, 7644): who we are there, what it says
 * of itself, and the containment. A setting in the configuration wins over
 * what the service says. Retries nothing.
 */
#include "scim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct conf_key scim_keys[] = {
	PROVIDER_KEYS,
	{ "url", CONF_URL, NULL, NULL, 0, 0 },
	{ "token_file", CONF_SECRET, NULL, NULL, 0, 0 },
	{ "deactivate", CONF_TEXT, "patch", "patch|patch_no_path|put", 0, 0 },
	/* Not set: by all of them. */
	{ "match", CONF_TEXT, NULL, "userName|emails|externalId", 0, 0 },
	PROVIDER_KEYS_END
};

struct scim *
scim_own(const struct visit *v)
{
	return v->sys->own;
}

static int
scim_open(struct system *sys, struct err *e)
{
	struct scim *own = calloc(1, sizeof(*own));
	const char *word = visit_setting(sys, "deactivate");
	struct buf token, line;
	int rc;

	sys->own = own;
	if (own == NULL)
		return err_set(e, "out of memory");
	own->fixed = conf_get(sys->settings->conf, sys->section,
	    "deactivate") != NULL;
	own->style = strcmp(word, "put") == 0 ? SCIM_PUT :
	    strcmp(word, "patch_no_path") == 0 ? SCIM_PATCH_NO_PATH :
	    SCIM_PATCH;
	if (visit_client(sys, e) == -1 ||
	    visit_secret(sys, "token_file", &token, e) == -1)
		return -1;
	buf_init(&line, 8300);
	buf_fmt(&line, "Bearer %s", buf_cstr(&token));
	rc = http_header(sys->http, "Authorization", buf_cstr(&line), e);
	buf_clear(&line);
	buf_clear(&token);
	return rc;
}

static void
scim_close(struct system *sys)
{
	free(sys->own);
	sys->own = NULL;
}

/* ---- what the service says of itself ---- */

/* 1 or 0 of "KEY": {"supported": ...}; OTHERWISE when it is not said. */
static int
supported(struct json_object *j, const char *key, const char *member,
    int otherwise)
{
	struct json_object *m = visit_member(visit_member(j, key,
	    json_type_object), member, json_type_boolean);

	return m == NULL ? otherwise : json_object_get_boolean(m);
}

int
scim_is_refused(const struct visit *v, enum outcome out)
{
	return (out == OUT_FAILED && (v->status == 400 || v->status == 403 ||
	    v->status == 405 || v->status == 415 || v->status == 422)) ||
	    (out == OUT_RETRY && v->status == 501);
}

enum outcome
scim_discover(struct visit *v)
{
	struct scim *own = scim_own(v);
	struct json_object *j = NULL;
	enum outcome out;

	if (own->known)
		return OUT_OK;
	out = visit_get(v, &j, "ServiceProviderConfig", NULL);
	/* Not every service has that page, or shows it to us. */
	if (out != OUT_OK && out != OUT_GONE && out != OUT_GARBLED &&
	    scim_is_refused(v, out) == 0)
		return out;
	own->patch = supported(j, "patch", "supported", 1);
	own->filter = supported(j, "filter", "supported", 1);
	own->etag = supported(j, "etag", "supported", 0);
	own->index = supported(j, "pagination", "index", 1);
	own->known = 1;
	json_object_put(j);
	return OUT_OK;
}

struct json_object *
scim_patch(const char *op, const char *path, struct json_object *value)
{
	struct json_object *body = json_object_new_object();
	struct json_object *schemas = json_object_new_array();
	struct json_object *ops = json_object_new_array();
	struct json_object *o = json_object_new_object();

	json_object_array_add(schemas, json_object_new_string(SCIM_PATCH_OP));
	json_object_object_add(body, "schemas", schemas);
	json_object_object_add(o, "op", json_object_new_string(op));
	if (path != NULL)
		json_object_object_add(o, "path",
		    json_object_new_string(path));
	if (value != NULL)
		json_object_object_add(o, "value", value);
	json_object_array_add(ops, o);
	json_object_object_add(body, "Operations", ops);
	return body;
}

/* ---- contain ---- */

static enum outcome
contain_gone(struct visit *v)
{
	enum outcome out = scim_vanished(v);

	return out == OUT_GONE ? visit_end(v, OUT_VERIFIED, "%s no longer has "
	    "the user, neither by id nor by address", v->sys->name) : out;
}

static enum outcome
scim_contain(struct visit *v)
{
	struct json_object *user = NULL;
	enum outcome out = scim_discover(v);
	enum scim_active was = SCIM_ODD;

	if (out == OUT_OK)
		out = scim_user(v, &user, NULL);
	if (out == OUT_GONE)
		return contain_gone(v);
	if (out == OUT_OK)
		out = scim_is_them(v, user);
	if (out == OUT_OK)
		was = scim_active(user);
	json_object_put(user);
	if (out != OUT_OK)
		return out;
	visit_before(v, "active", json_object_new_boolean(was != SCIM_OFF));
	if (was != SCIM_OFF)
		out = scim_set_active(v, 0);
	if (out == OUT_GONE)
		return contain_gone(v);
	return out == OUT_OK ? visit_end(v, OUT_VERIFIED, "the user is "
	    "inactive") : out;
}

/* ---- the doctor ---- */

static enum outcome
check_users(struct visit *v, const char *filter)
{
	struct json_object *j = NULL, *total;
	struct visit_call c;
	struct buf path;
	enum outcome out;

	buf_init(&path, 512);
	http_path(&path, "Users", NULL);
	if (filter != NULL)
		http_query(&path, "filter", filter);
	http_query(&path, "count", "1");
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "find users";
	c.out = &j;
	out = visit_call(v, &c);
	total = visit_member(j, "totalResults", json_type_int);
	if (out == OUT_OK && visit_list(j, "Resources") == NULL &&
	    visit_list(j, "resources") == NULL &&
	    (total == NULL || json_object_get_int64(total) != 0))
		out = visit_end(v, OUT_GARBLED, "%s sent no list of users",
		    v->sys->name);
	json_object_put(j);
	return out;
}

static enum outcome
scim_check(struct visit *v)
{
	static const char *const words[] = { "PATCH", "PATCH without a path",
	    "PUT" };
	struct scim *own = scim_own(v);
	enum outcome out;

	/* The doctor looks anew. */
	own->known = 0;
	out = scim_discover(v);
	if (out == OUT_OK)
		out = check_users(v, "userName eq \"nobody@doctor.invalid\"");
	if (scim_is_refused(v, out) && v->status != 403)
		out = check_users(v, NULL);
	if (out == OUT_GONE)
		return visit_end(v, OUT_FAILED, "%s has no Users at its url: "
		    "check url, which is the base of its SCIM service",
		    v->sys->name);
	if (out != OUT_OK)
		return v->status == 403 ? OUT_REFUSED : out;
	return visit_end(v, OUT_VERIFIED, "answers, and may be asked for "
	    "users; deactivates by %s%s", words[own->fixed || own->patch ?
	    own->style : SCIM_PUT], own->fixed ? ", as configured" : "");
}

int
scim_makes(const struct system *sys, enum phase phase)
{
	return phase != PHASE_REMOVE || conf_switch(sys->settings->conf,
	    sys->section, scim_keys, "remove");
}

const struct provider provider_scim = {
	.kind = "scim",
	.keys = scim_keys,
	.open = scim_open,
	.close = scim_close,
	.match = scim_match,
	.phases = {
		[PHASE_DOCUMENT] = scim_document,
		[PHASE_CONTAIN] = scim_contain,
		[PHASE_REVOKE] = scim_revoke,
		[PHASE_REMOVE] = scim_remove,
		[PHASE_VERIFY] = scim_verify,
		[PHASE_RESTORE] = scim_restore,
		[PHASE_RECHECK] = scim_recheck,
	},
	.would = {
		[PHASE_CONTAIN] = "would make the user inactive",
		[PHASE_REVOKE] = "would take the user out of its groups",
		[PHASE_REMOVE] = "would delete the user",
		[PHASE_VERIFY] = "would look at the user again",
	},
	.irreversible = 1u << PHASE_REMOVE,
	.makes = scim_makes,
	.check = scim_check,
};
