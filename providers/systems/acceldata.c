/*
 * Acceldata Data Observability Cloud: who we are there, and disabling a user.
 * Reads like the vendor's guide "Offboard a user": document, disable (not
 * delete), revoke keys, leave groups, verify, hand over. What its contract
 * adds: the search matches parts, lists are paged, and a 200 may say status
 * false. Makes calls and reads answers; retries nothing.
 */
#include "acceldata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct conf_key acceldata_keys[] = {
	PROVIDER_KEYS,
	{ "url", CONF_URL, NULL, NULL, 0, 0 },
	{ "access_key_file", CONF_SECRET, NULL, NULL, 0, 0 },
	{ "secret_key_file", CONF_SECRET, NULL, NULL, 0, 0 },
	{ "put_mode", CONF_TEXT, "merge", "merge|minimal", 0, 0 },
	{ "group_body", CONF_TEXT, "data_groups", "data_groups|group_ids", 0,
	    0 },
	{ "pipelines", CONF_SWITCH, "on", NULL, 0, 0 },
	{ "client_id", CONF_TEXT, NULL, NULL, 0, 0 },
	{ "share_reason", CONF_SWITCH, "off", NULL, 0, 0 },
	PROVIDER_KEYS_END
};

struct acceldata *
acceldata_own(const struct visit *v)
{
	return v->sys->own;
}

static int
acceldata_open(struct system *sys, struct err *e)
{
	struct acceldata *own = calloc(1, sizeof(*own));
	struct buf access, secret;
	int rc = -1;

	sys->own = own;
	buf_init(&secret, 8192);
	if (own == NULL)
		return err_set(e, "out of memory");
	own->minimal = strcmp(visit_setting(sys, "put_mode"), "minimal") == 0;
	own->group_ids = strcmp(visit_setting(sys, "group_body"),
	    "group_ids") == 0;
	own->pipelines = strcmp(visit_setting(sys, "pipelines"), "on") == 0;
	own->share_reason = strcmp(visit_setting(sys, "share_reason"),
	    "on") == 0;
	own->client_id = visit_setting(sys, "client_id");
	if (visit_client(sys, e) == 0 &&
	    visit_secret(sys, "access_key_file", &access, e) == 0) {
		(void)text_copy(own->access_key, sizeof(own->access_key),
		    buf_cstr(&access));
		if (visit_secret(sys, "secret_key_file", &secret, e) == 0 &&
		    http_header(sys->http, "accessKey", buf_cstr(&access),
		    e) == 0 && http_header(sys->http, "secretKey",
		    buf_cstr(&secret), e) == 0)
			rc = 0;
		buf_clear(&access);
		buf_clear(&secret);
	}
	return rc;
}

static void
acceldata_close(struct system *sys)
{
	if (sys->own != NULL)
		explicit_bzero(sys->own, sizeof(struct acceldata));
	free(sys->own);
	sys->own = NULL;
}

/* status must be true where it stands; the guide's dialect says success. */
enum outcome
acceldata_status(struct visit *v, struct json_object *j, const char *what)
{
	struct json_object *m = visit_member(j, "status", json_type_boolean);

	if (m == NULL)
		m = visit_member(j, "success", json_type_boolean);
	if (m == NULL || json_object_get_boolean(m))
		return OUT_OK;
	return visit_end(v, OUT_FAILED, "%s answered 200 but refused to %s: "
	    "%.200s", v->sys->name, what, visit_text(j, "message")[0] != '\0' ?
	    visit_text(j, "message") : "it gives no reason");
}

enum outcome
acceldata_put(struct visit *v, const char *method, struct buf *path,
    struct json_object *body, const char *what)
{
	struct json_object *j = NULL;
	struct visit_call c;
	enum outcome out;

	memset(&c, 0, sizeof(c));
	c.method = method;
	c.path = path;
	c.body = body;
	c.what = what;
	c.out = &j;
	c.may_be_empty = 1;
	out = visit_call(v, &c);
	if (out == OUT_OK)
		out = acceldata_status(v, j, what);
	json_object_put(j);
	json_object_put(body);
	return out;
}

static void
attribute(struct json_object *map, const char *key, const char *value)
{
	struct json_object *list = json_object_new_array();

	json_object_array_add(list, json_object_new_string(value));
	json_object_object_add(map, key, list);
}

/* The guide's attributes on top of those that are there. */
static struct json_object *
attributes_off(struct visit *v, struct json_object *now)
{
	struct json_object *map = NULL;
	char day[WHEN_TEXT];

	if (now == NULL || json_object_deep_copy(now, &map, NULL) == -1)
		map = json_object_new_object();
	when_text(v->who->effective_at, day);
	day[10] = '\0';
	attribute(map, "status", "OFFBOARDED");
	attribute(map, "offboardDate", day);
	if (v->who->handover[0] != '\0')
		attribute(map, "handedOffTo", v->who->handover);
	/* Why somebody left is nobody's business there, unless told so. */
	if (acceldata_own(v)->share_reason && v->who->reason[0] != '\0')
		attribute(map, "reason", v->who->reason);
	return map;
}

static struct json_object *
enabled_body(struct visit *v, struct json_object *user, int on)
{
	static const char *const read_only[] = { "createdOn", "createdBy",
	    "updatedOn", "updatedBy", "lastAccessOn", "password",
	    "actionsPending" };
	struct json_object *body = NULL, *map, *now, *was;
	size_t i;

	now = visit_member(user, "attributes", json_type_object);
	was = visit_was(v, "attributes");
	if (on != 0)
		map = was != NULL ? json_object_get(was) :
		    json_object_new_object();
	else
		map = attributes_off(v, now);
	if (acceldata_own(v)->minimal ||
	    json_object_deep_copy(user, &body, NULL) == -1)
		body = json_object_new_object();
	for (i = 0; i < sizeof(read_only) / sizeof(read_only[0]); i++)
		json_object_object_del(body, read_only[i]);
	json_object_object_add(body, "enabled", json_object_new_boolean(on));
	json_object_object_add(body, "attributes", map);
	return body;
}

enum outcome
acceldata_set_enabled(struct visit *v, int on)
{
	struct json_object *j = NULL, *user = NULL;
	struct buf path;
	enum outcome out = acceldata_user(v, &j, &user);
	int64_t wait;
	int try;

	if (out != OUT_OK)
		return out;
	buf_init(&path, 512);
	http_path(&path, "admin", "api", "users", v->account, NULL);
	out = acceldata_put(v, "PUT", &path, enabled_body(v, user, on),
	    on ? "enable the user" : "disable the user");
	json_object_put(j);
	if (out == OUT_FAILED && v->status == 403)
		return OUT_MANUAL;
	for (try = 0; out == OUT_OK; try++) {
		int now;

		out = acceldata_user(v, &j, &user);
		if (out != OUT_OK)
			break;
		now = acceldata_is_enabled(user);
		json_object_put(j);
		if (now == on)
			return OUT_OK;
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s accepted the change "
			    "but still shows user %s as %s", v->sys->name,
			    v->account, on ? "disabled" : "enabled");
		http_pause(wait);
	}
	return out;
}

static enum outcome
contain_manual(struct visit *v, const char *why)
{
	visit_after(v, "upstream", json_object_new_boolean(1));
	visit_task(v, "Disable %s in your identity provider: %s does not let "
	    "anybody change this account (%s). Retry the verification when it "
	    "is done.", v->who->email, v->sys->name, why);
	return visit_end(v, OUT_MANUAL, "managed upstream: %s", why);
}

static enum outcome
acceldata_contain(struct visit *v)
{
	struct json_object *j = NULL, *user = NULL;
	enum outcome out = acceldata_user(v, &j, &user);
	int was, scim;

	if (out == OUT_GONE)
		return visit_end(v, OUT_RETRY, "%s no longer shows user %s",
		    v->sys->name, v->account);
	if (out != OUT_OK)
		return out;
	was = acceldata_is_enabled(user);
	scim = acceldata_is_upstream(v, user);
	visit_before(v, "enabled", json_object_new_boolean(was));
	if (visit_member(user, "attributes", json_type_object) != NULL)
		visit_before(v, "attributes", json_object_get(visit_member(
		    user, "attributes", json_type_object)));
	json_object_put(j);
	if (was == 0)
		return visit_end(v, OUT_VERIFIED, "the user is disabled");
	if (scim)
		return contain_manual(v, "it comes from SCIM");
	out = acceldata_set_enabled(v, 0);
	if (out == OUT_MANUAL)
		return contain_manual(v, "it answered 403");
	return out == OUT_OK ? visit_end(v, OUT_VERIFIED, "the user is "
	    "disabled") : out;
}

static enum outcome
acceldata_check(struct visit *v)
{
	char id[WORD_MAX], label[PERSON_MAX];
	enum outcome out = acceldata_find(v, v->who->email, id, label);

	if (out != OUT_OK && out != OUT_ABSENT && out != OUT_AMBIGUOUS)
		return v->status == 403 ? visit_end(v, OUT_REFUSED, "%s lets "
		    "us in, but not list users (403): give the key's owner "
		    "VIEW_USERS", v->sys->name) : out;
	out = acceldata_probe(v);
	if (out != OUT_OK)
		return out;
	return visit_end(v, OUT_VERIFIED, "answers, and may be asked for "
	    "users, keys, groups, roles and service users%s",
	    acceldata_own(v)->pipelines ? ", and for pipelines" : "");
}

static int
acceldata_makes(const struct system *sys, enum phase phase)
{
	const char *key = phase == PHASE_REMOVE ? "remove" : "pipelines";

	return (phase != PHASE_REMOVE && phase != PHASE_HANDOVER) ||
	    conf_switch(sys->settings->conf, sys->section, acceldata_keys,
	    key);
}

const struct provider provider_acceldata = {
	.kind = "acceldata",
	.keys = acceldata_keys,
	.open = acceldata_open,
	.close = acceldata_close,
	.match = acceldata_match,
	.phases = {
		[PHASE_DOCUMENT] = acceldata_document,
		[PHASE_CONTAIN] = acceldata_contain,
		[PHASE_REVOKE] = acceldata_revoke,
		[PHASE_HANDOVER] = acceldata_handover,
		[PHASE_REMOVE] = acceldata_remove,
		[PHASE_VERIFY] = acceldata_verify,
		[PHASE_RESTORE] = acceldata_restore,
		[PHASE_RECHECK] = acceldata_recheck,
	},
	.would = {
		[PHASE_CONTAIN] = "would disable the user (not delete it)",
		[PHASE_REVOKE] = "would delete the API keys and leave all "
		    "groups",
		[PHASE_HANDOVER] = "would give the pipelines to the person "
		    "named",
		[PHASE_REMOVE] = "would remove the user",
		[PHASE_VERIFY] = "would look at the user, its keys and groups "
		    "again",
	},
	.irreversible = 1u << PHASE_REVOKE | 1u << PHASE_REMOVE,
	.makes = acceldata_makes,
	.check = acceldata_check,
};
