/*
 * DoorFlow: who we are there, and disabling a person. Reads like the vendor's
 * guide "Offboard an employee", with what its contract adds: the e-mail
 * search matches parts (doorflow_find.c), and a disabled person still opens
 * doors until a sync has reached the controllers (doorflow_sync.c). Makes
 * calls and reads answers; retries nothing.
 */
#include "doorflow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../net/oauth.h"

const struct conf_key doorflow_keys[] = {
	PROVIDER_KEYS,
	{ "url", CONF_URL, "https://api.doorflow.com", NULL, 0, 0 },
	{ "auth", CONF_TEXT, "oauth", "oauth|token", 0, 0 },
	{ "token_file", CONF_SECRET, NULL, NULL, 0, 0 },
	{ "client_id", CONF_TEXT, NULL, NULL, 0, 0 },
	{ "client_secret_file", CONF_SECRET, NULL, NULL, 0, 0 },
	{ "refresh_token_file", CONF_SECRET, NULL, NULL, 0, 0 },
	{ "sync", CONF_TEXT, "required", "required|off", 0, 0 },
	{ "credential_action", CONF_TEXT, "none", "none|delete|disable", 0, 0 },
	PROVIDER_KEYS_END
};

static int
uses_oauth(const struct system *sys)
{
	/* A lone token_file says as much as auth = token. */
	if (conf_get(sys->settings->conf, sys->section, "auth") == NULL &&
	    visit_setting(sys, "token_file") != NULL)
		return 0;
	return strcmp(visit_setting(sys, "auth"), "oauth") == 0;
}

static int
bearer(struct system *sys, const char *token, struct err *e)
{
	struct buf b;
	int rc;

	buf_init(&b, 8192);
	buf_fmt(&b, "Bearer %s", token);
	rc = http_header(sys->http, "Authorization", buf_cstr(&b), e);
	buf_clear(&b);
	return rc;
}

/* Under the token's lock: a new one into the shared place. */
static enum outcome
token_fetch(struct system *sys, int64_t *wait, struct err *e)
{
	static const enum outcome outcomes[] = { OUT_OK, OUT_REFUSED,
	    OUT_RETRY, OUT_BUSY };
	enum outcome out = OUT_REFUSED;
	struct buf secret;
	struct oauth o;

	if (visit_secret(sys, "client_secret_file", &secret, e) == 0) {
		o.http = sys->http;
		o.path = "/oauth/token";
		o.client_id = visit_setting(sys, "client_id");
		o.client_secret = buf_cstr(&secret);
		o.refresh_file = visit_setting(sys, "refresh_token_file");
		out = outcomes[oauth_refresh(&o, &sys->token->access, wait,
		    e)];
		if (out == OUT_OK)
			sys->token->generation++;
	}
	buf_clear(&secret);
	return out;
}

static enum outcome
doorflow_renew(struct system *sys, int64_t *wait, struct err *e)
{
	struct doorflow *own = sys->own;
	enum outcome out = OUT_OK;

	if (uses_oauth(sys) == 0) {
		err_set(e, "%s refuses our credentials (401): put a valid "
		    "token into %s, then retry", sys->name,
		    visit_setting(sys, "token_file"));
		return OUT_REFUSED;
	}
	pthread_mutex_lock(&sys->token->lock);
	/* Another thread may have fetched one while we were refused. */
	if (own->generation == sys->token->generation)
		out = token_fetch(sys, wait, e);
	if (out == OUT_OK && bearer(sys, buf_cstr(&sys->token->access),
	    e) == -1)
		out = OUT_REFUSED;
	own->generation = sys->token->generation;
	pthread_mutex_unlock(&sys->token->lock);
	if (out != OUT_OK)
		err_add(e, "%s", sys->name);
	return out;
}

static int
doorflow_open(struct system *sys, struct err *e)
{
	static const char *const needed[] = { "client_id",
	    "client_secret_file", "refresh_token_file" };
	struct buf token;
	size_t i;
	int rc;

	sys->own = calloc(1, sizeof(struct doorflow));
	if (sys->own == NULL)
		return err_set(e, "out of memory");
	if (visit_client(sys, e) == -1 || doorflow_join(sys, e) == -1)
		return -1;
	if (uses_oauth(sys) != 0) {
		for (i = 0; i < 3; i++)
			if (visit_setting(sys, needed[i]) == NULL)
				return conf_fail(sys->settings->conf,
				    sys->section, NULL, e, "[%s] needs %s "
				    "(auth = oauth), or auth = token with a "
				    "token_file", sys->section, needed[i]);
		/* The first call of all answers 401 and so fetches one. */
		pthread_mutex_lock(&sys->token->lock);
		rc = sys->token->generation == 0 ? 0 : bearer(sys,
		    buf_cstr(&sys->token->access), e);
		((struct doorflow *)sys->own)->generation =
		    sys->token->generation;
		pthread_mutex_unlock(&sys->token->lock);
		return rc;
	}
	if (visit_secret(sys, "token_file", &token, e) == -1)
		return -1;
	rc = bearer(sys, buf_cstr(&token), e);
	buf_clear(&token);
	return rc;
}

static void
doorflow_close(struct system *sys)
{
	doorflow_leave(sys);
	free(sys->own);
	sys->own = NULL;
}

/* PUT of a few fields, then reads the person back. */
static enum outcome
person_put(struct visit *v, struct json_object *body, const char *what,
    struct json_object **back)
{
	struct visit_call c;
	struct buf path;
	enum outcome out;

	buf_init(&path, 512);
	http_path(&path, "api", "3", "people", v->account, NULL);
	memset(&c, 0, sizeof(c));
	c.method = "PUT";
	c.path = &path;
	c.body = body;
	c.what = what;
	doorflow_changed(v);
	out = visit_call(v, &c);
	json_object_put(body);
	/* A person who is off already is what we wanted: the read decides. */
	if (out == OUT_FAILED && v->status == 422 &&
	    strstr(v->detail, "already disabled") != NULL)
		out = OUT_OK;
	if (out != OUT_OK)
		return out;
	return doorflow_person(v, back);
}

/* Sets enabled and reads until the service shows it. */
enum outcome
doorflow_enable(struct visit *v, int on)
{
	struct json_object *body = json_object_new_object(), *person = NULL;
	enum outcome out;
	int64_t wait;
	int try;

	json_object_object_add(body, "enabled", json_object_new_boolean(on));
	out = person_put(v, body, on ? "enable the person" :
	    "disable the person", &person);
	for (try = 0; out == OUT_OK && doorflow_enabled(person) != on; try++) {
		json_object_put(person);
		wait = visit_reread(try);
		if (wait == 0)
			return visit_end(v, OUT_RETRY, "%s accepted the change "
			    "but still shows person %s as %s", v->sys->name,
			    v->account, on ? "disabled" : "enabled");
		http_pause(wait);
		out = doorflow_person(v, &person);
	}
	if (out != OUT_OK)
		return out;
	/* Their own clock says since when nobody was to be let in. */
	if (on == 0) {
		visit_after(v, "doors_at", NULL);
		visit_after(v, "disabled_at", json_object_new_int64(
		    doorflow_instant(visit_text(person, "updated_at"))));
	}
	json_object_put(person);
	return OUT_OK;
}

static enum outcome
doorflow_contain(struct visit *v)
{
	struct json_object *person = NULL;
	enum outcome out = doorflow_waiting(v);
	int was;

	if (out != OUT_OK)
		return out;
	out = doorflow_person(v, &person);
	if (out == OUT_GONE)
		return visit_end(v, OUT_RETRY, "%s no longer shows person %s",
		    v->sys->name, v->account);
	if (out != OUT_OK)
		return out;
	was = doorflow_enabled(person);
	json_object_put(person);
	visit_before(v, "enabled", json_object_new_boolean(was));
	if (was != 0) {
		out = doorflow_enable(v, 0);
		if (out != OUT_OK)
			return out;
	}
	return doorflow_sync(v, "the person is disabled");
}

/* ---- the doctor ---- */

/* Which of what we use the token may not. NEEDED ones stop the system, the
 * others leave something unread that a sentence then names. A scope covers
 * its ".readonly" form. */
static const struct { const char *scope; int needed; } scopes[] = {
	{ "account.person", 1 },
	{ "account.sync", 1 },
	{ "account.channel.readonly", 1 },
	{ "account.reservation", 0 },
	{ "account.group_reservation", 0 },
	{ "account.event.access.readonly", 0 },
	{ "account.notification_rule.readonly", 0 },
};

static int
scope_is(struct json_object *list, const char *scope)
{
	size_t i, n = strlen(scope), full = n;
	const char *word;

	if (n > 9 && strcmp(scope + n - 9, ".readonly") == 0)
		full = n - 9;
	for (i = 0; i < visit_length(list); i++) {
		word = json_object_get_string(json_object_array_get_idx(list,
		    i));
		if (word != NULL && (strcmp(word, scope) == 0 ||
		    (strlen(word) == full && strncmp(word, scope, full) ==
		    0)))
			return 1;
	}
	return 0;
}

/* *MISSING: the scopes that are; OUT_REFUSED when one of them is needed. */
static enum outcome
check_scopes(struct visit *v, char *missing, size_t size)
{
	int sync = strcmp(visit_setting(v->sys, "sync"), "off") != 0;
	struct json_object *j = NULL, *list;
	enum outcome out;
	int needed = 0;
	size_t i, used;

	missing[0] = '\0';
	if (uses_oauth(v->sys) == 0)
		return OUT_OK;
	out = visit_get(v, &j, "oauth", "token", "info", NULL);
	list = visit_member(j, "scope", json_type_array);
	for (i = 0; out == OUT_OK && list != NULL &&
	    i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		if (scope_is(list, scopes[i].scope) || (i > 0 &&
		    scopes[i].needed && sync == 0))
			continue;
		needed |= scopes[i].needed;
		used = strlen(missing);
		(void)snprintf(missing + used, size - used, "%s%s", used == 0 ?
		    "" : ", ", scopes[i].scope);
	}
	json_object_put(j);
	if (needed)
		return visit_end(v, OUT_REFUSED, "%s lets us in, but the token "
		    "lacks %s: authorise offboard again with these scopes",
		    v->sys->name, missing);
	/* Without that page the calls themselves will say. */
	return out == OUT_GONE || (out == OUT_FAILED && v->status == 403) ?
	    OUT_OK : out;
}

static enum outcome
doorflow_check(struct visit *v)
{
	struct json_object *j = NULL;
	enum outcome out = visit_get(v, &j, "api", "3", "account", NULL);
	char missing[300];

	if (out == OUT_OK && visit_member(j, "sync", json_type_object) == NULL)
		out = visit_end(v, OUT_GARBLED, "%s does not show its sync "
		    "state", v->sys->name);
	json_object_put(j);
	if (out == OUT_GONE)
		return visit_end(v, OUT_FAILED, "%s has no account at its "
		    "url: check url", v->sys->name);
	if (out != OUT_OK)
		return v->status == 403 ? OUT_REFUSED : out;
	out = check_scopes(v, missing, sizeof(missing));
	if (out != OUT_OK)
		return out;
	out = doorflow_match(v);
	if (out == OUT_ABSENT || out == OUT_OK || out == OUT_AMBIGUOUS)
		return visit_end(v, OUT_VERIFIED, "answers, and may be asked "
		    "for people%s%s", missing[0] == '\0' ? "" : "; without "
		    "these scopes something stays unread: ", missing);
	return v->status == 403 ? OUT_REFUSED : out;
}

int
doorflow_makes(const struct system *sys, enum phase phase)
{
	return phase != PHASE_REMOVE || conf_switch(sys->settings->conf,
	    sys->section, doorflow_keys, "remove");
}

const struct provider provider_doorflow = {
	.kind = "doorflow",
	.keys = doorflow_keys,
	.open = doorflow_open,
	.close = doorflow_close,
	.renew = doorflow_renew,
	.match = doorflow_match,
	.phases = {
		[PHASE_DOCUMENT] = doorflow_document,
		[PHASE_CONTAIN] = doorflow_contain,
		[PHASE_REVOKE] = doorflow_revoke,
		[PHASE_REMOVE] = doorflow_remove,
		[PHASE_VERIFY] = doorflow_verify,
		[PHASE_RESTORE] = doorflow_restore,
		[PHASE_RECHECK] = doorflow_recheck,
	},
	.would = {
		[PHASE_CONTAIN] = "would disable the person and bring the "
		    "doors up to date",
		[PHASE_REVOKE] = "would take groups, roles and reservations "
		    "away",
		[PHASE_REMOVE] = "would delete the person's record",
		[PHASE_VERIFY] = "would look at the person and every door "
		    "again",
	},
	.irreversible = 1u << PHASE_REMOVE,
	.makes = doorflow_makes,
	.check = doorflow_check,
};
