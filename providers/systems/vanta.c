/*
 * Vanta: what it is for us, and the doctor. It ends no access: it is told, by
 * a person who answers for it, that an offboarding is over, as its guide
 * "Offboard employees" says. Until its own sources have seen the end of the
 * employment there is nothing to do but wait.
 */
#include "vanta.h"

#include <stdlib.h>
#include <string.h>

const struct conf_key vanta_keys[] = {
	/* The first row of a name counts. The acknowledgement is what this
	 * system is configured for, and its API counts requests. */
	{ "remove", CONF_SWITCH, "on", NULL, 0, 0 },
	{ "rate", CONF_NUMBER, "40", NULL, 0, 1000000 },
	PROVIDER_KEYS,
	{ "url", CONF_URL, "https://api.vanta.com", NULL, 0, 0 },
	{ "client_id", CONF_TEXT, NULL, NULL, 0, 0 },
	{ "client_secret_file", CONF_SECRET, NULL, NULL, 0, 0 },
	{ "acknowledger", CONF_TEXT, NULL, NULL, 0, 0 },
	{ "offboard_body", CONF_TEXT, "updates", "updates|legacy", 0, 0 },
	{ "wait_for_former", CONF_SPAN, "30d", NULL, 0, 0 },
	PROVIDER_KEYS_END
};

static int
vanta_open(struct system *sys, struct err *e)
{
	static const char *const needed[] = { "client_id",
	    "client_secret_file", "acknowledger" };
	size_t i;

	sys->own = calloc(1, sizeof(struct vanta));
	if (sys->own == NULL)
		return err_set(e, "out of memory");
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (visit_setting(sys, needed[i]) == NULL)
			return conf_fail(sys->settings->conf, sys->section,
			    NULL, e, "[%s] needs %s", sys->section, needed[i]);
	if (visit_client(sys, e) == -1)
		return -1;
	return vanta_token_open(sys, e);
}

static void
vanta_close(struct system *sys)
{
	free(sys->own);
	sys->own = NULL;
}

int
vanta_makes(const struct system *sys, enum phase phase)
{
	return phase != PHASE_REMOVE || conf_switch(sys->settings->conf,
	    sys->section, vanta_keys, "remove");
}

/* Both scopes are asked for with the token, so that one shows them. */
static enum outcome
vanta_check(struct visit *v)
{
	enum outcome out = vanta_acknowledger(v);

	if (out == OUT_OK)
		out = vanta_match(v);
	if (out == OUT_OK || out == OUT_ABSENT || out == OUT_AMBIGUOUS)
		return visit_end(v, OUT_VERIFIED, "answers, may be asked for "
		    "people, and knows the acknowledger");
	return v->status == 403 ? OUT_REFUSED : out;
}

const struct provider provider_vanta = {
	.kind = "vanta",
	.keys = vanta_keys,
	.open = vanta_open,
	.close = vanta_close,
	.renew = vanta_token_renew,
	.match = vanta_match,
	.phases = {
		[PHASE_DOCUMENT] = vanta_document,
		[PHASE_REMOVE] = vanta_remove,
		[PHASE_VERIFY] = vanta_verify,
		[PHASE_RECHECK] = vanta_recheck,
	},
	.together = { PHASE_REMOVE, 100, vanta_together },
	.would = {
		[PHASE_REMOVE] = "would wait until Vanta sees that the "
		    "employment has ended, then confirm the offboarding",
		[PHASE_VERIFY] = "would look whether the offboarding is "
		    "complete there",
	},
	.irreversible = 1u << PHASE_REMOVE,
	.makes = vanta_makes,
	.check = vanta_check,
};
