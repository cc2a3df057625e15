/*
 * Fastio: who we are there, which of its two APIs is spoken, and the doctor.
 * profile = current is the API that the vendor publishes; profile = guide is
 * the one that its offboarding guide describes. Decides nothing about a
 * person: that is in the profiles' own files.
 */
#include "fastio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct conf_key fastio_keys[] = {
	/* The first row of a name counts: membership is the access here, so
	 * taking it away is the rule. */
	{ "remove", CONF_SWITCH, "on", NULL, 0, 0 },
	PROVIDER_KEYS,
	{ "url", CONF_URL, "https://api.fast.io", NULL, 0, 0 },
	{ "token_file", CONF_SECRET, NULL, NULL, 0, 0 },
	{ "org", CONF_TEXT, NULL, NULL, 0, 0 },
	{ "profile", CONF_TEXT, "current", "current|guide", 0, 0 },
	PROVIDER_KEYS_END
};

struct fastio *
fastio_own(const struct visit *v)
{
	return v->sys->own;
}

static int
fastio_makes(const struct system *sys, enum phase phase)
{
	return phase != PHASE_REMOVE || conf_switch(sys->settings->conf,
	    sys->section, fastio_keys, "remove");
}

int
fastio_removes(const struct visit *v)
{
	return fastio_makes(v->sys, PHASE_REMOVE);
}

static int
fastio_open(struct system *sys, struct err *e)
{
	struct fastio *own = calloc(1, sizeof(*own));
	struct buf token, bearer;
	int rc;

	sys->own = own;
	if (own == NULL)
		return err_set(e, "out of memory");
	own->guide = strcmp(visit_setting(sys, "profile"), "guide") == 0;
	own->org = visit_setting(sys, "org");
	if (own->org == NULL)
		return conf_fail(sys->settings->conf, sys->section, NULL, e,
		    "[%s] needs org", sys->section);
	if (visit_client(sys, e) == -1 ||
	    visit_secret(sys, "token_file", &token, e) == -1)
		return -1;
	buf_init(&bearer, 8300);
	buf_fmt(&bearer, "Bearer %s", buf_cstr(&token));
	rc = http_header(sys->http, "Authorization", buf_cstr(&bearer), e);
	buf_clear(&bearer);
	buf_clear(&token);
	return rc;
}

static void
fastio_close(struct system *sys)
{
	free(sys->own);
	sys->own = NULL;
}

/* ---- the doctor ---- */

/* Does one entry of the token's scopes let us change the organisation? */
static int
scope_fits(const char *scope, const char *org, const char *id)
{
	char wanted[WORD_MAX + 8];

	if (strncmp(scope, "all_orgs", 8) == 0)
		return strstr(scope, ":r") == NULL ||
		    strstr(scope, ":rw") != NULL;
	(void)snprintf(wanted, sizeof(wanted), "org:%.100s:rw", org);
	if (strcmp(scope, wanted) == 0)
		return 1;
	(void)snprintf(wanted, sizeof(wanted), "org:%.100s:rw", id);
	return strcmp(scope, wanted) == 0;
}

/* A token without scopes may do all that its user may. */
static enum outcome
check_scopes(struct visit *v, const char *id)
{
	struct json_object *j = NULL, *list, *scopes = NULL;
	struct visit_call c;
	struct buf path;
	enum outcome out;
	int fits = 0;
	size_t i;

	buf_init(&path, 512);
	fastio_path(&path, "auth", "scopes", NULL);
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = "show the token's scopes";
	c.out = &j;
	out = fastio_call(v, &c);
	if (out == OUT_GONE)
		return OUT_OK;
	if (out != OUT_OK)
		return out;
	/* A list, or the text of one. */
	list = visit_list(fastio_inner(j), "scopes");
	if (list == NULL)
		list = scopes = json_tokener_parse(visit_text(
		    fastio_inner(j), "scopes"));
	for (i = 0; i < visit_length(list); i++) {
		const char *text = json_object_get_string(
		    json_object_array_get_idx(list, i));

		fits |= text != NULL && scope_fits(text, fastio_own(v)->org,
		    id);
	}
	if (visit_length(list) > 0 && fits == 0)
		out = visit_end(v, OUT_REFUSED, "the token for %s may not "
		    "change the organisation %.60s: give it the scope "
		    "org:%.60s:rw", v->sys->name, fastio_own(v)->org,
		    fastio_own(v)->org);
	json_object_put(scopes);
	json_object_put(j);
	return out;
}

static enum outcome
check_current(struct visit *v)
{
	struct fastio_look l;
	char id[WORD_MAX];
	enum outcome out = fastio_self(v);

	if (out == OUT_OK)
		out = fastio_org(v, id);
	if (out == OUT_OK)
		out = check_scopes(v, id);
	if (out != OUT_OK)
		return out;
	memset(&l, 0, sizeof(l));
	l.kind = "org";
	l.id = fastio_own(v)->org;
	l.email = v->who->email;
	l.account = "";
	out = fastio_look(v, &l);
	json_object_put(l.invites);
	return out;
}

static enum outcome
fastio_check(struct visit *v)
{
	enum outcome out = fastio_own(v)->guide ? fastio_guide_check(v) :
	    check_current(v);

	if (out == OUT_OK)
		return visit_end(v, OUT_VERIFIED, "answers, and may be asked "
		    "for members");
	if (out == OUT_GONE)
		return visit_end(v, OUT_FAILED, "%s has no such API at its "
		    "url: check url and profile", v->sys->name);
	return v->status == 403 ? OUT_REFUSED : out;
}

/* ---- one table of phases for each profile ---- */

static enum outcome
fastio_any_match(struct visit *v)
{
	return fastio_own(v)->guide ? fastio_guide_match(v) : fastio_match(v);
}

static enum outcome
fastio_phase(struct visit *v)
{
	static phase_fn *const phases[2][PHASES] = { {
		[PHASE_DOCUMENT] = fastio_document,
		[PHASE_CONTAIN] = fastio_contain,
		[PHASE_REVOKE] = fastio_revoke,
		[PHASE_HANDOVER] = fastio_handover,
		[PHASE_REMOVE] = fastio_remove,
		[PHASE_VERIFY] = fastio_verify,
		[PHASE_RESTORE] = fastio_restore,
		[PHASE_RECHECK] = fastio_recheck,
	}, {
		[PHASE_DOCUMENT] = fastio_guide_document,
		[PHASE_CONTAIN] = fastio_guide_contain,
		[PHASE_REVOKE] = fastio_guide_revoke,
		[PHASE_HANDOVER] = fastio_guide_handover,
		[PHASE_REMOVE] = fastio_guide_remove,
		[PHASE_VERIFY] = fastio_guide_verify,
		[PHASE_RESTORE] = fastio_guide_restore,
		[PHASE_RECHECK] = fastio_guide_recheck,
	} };

	return phases[fastio_own(v)->guide][v->phase](v);
}

const struct provider provider_fastio = {
	.kind = "fastio",
	.keys = fastio_keys,
	.open = fastio_open,
	.close = fastio_close,
	.match = fastio_any_match,
	.phases = {
		[PHASE_DOCUMENT] = fastio_phase,
		[PHASE_CONTAIN] = fastio_phase,
		[PHASE_REVOKE] = fastio_phase,
		[PHASE_HANDOVER] = fastio_phase,
		[PHASE_REMOVE] = fastio_phase,
		[PHASE_VERIFY] = fastio_phase,
		[PHASE_RESTORE] = fastio_phase,
		[PHASE_RECHECK] = fastio_phase,
	},
	.would = {
		[PHASE_CONTAIN] = "would suspend the account, or let every "
		    "membership expire at once",
		[PHASE_REVOKE] = "would withdraw invitations, and end "
		    "sessions, tokens and webhooks where its API can",
		[PHASE_HANDOVER] = "would make the person named the owner of "
		    "workspaces and shares",
		[PHASE_REMOVE] = "would end the memberships, the "
		    "organisation's last",
		[PHASE_VERIFY] = "would read members, invitations, owners and "
		    "the log again",
	},
	.irreversible = 1u << PHASE_REVOKE | 1u << PHASE_REMOVE,
	.makes = fastio_makes,
	.check = fastio_check,
};
