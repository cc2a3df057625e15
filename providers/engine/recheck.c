/*
 * Is it still over? After an offboarding is complete every system is read
 * again, ever more rarely, by the account that was recorded. Only reads; what
 * has come back is reported, or ended again where the configuration says so.
 */
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "../base/log.h"
#include "../record/case.h"
#include "../visit.h"
#include "inside.h"

#define BACKS_MAX 3		/* times that it is ended again by itself ... */
#define BACKS_MS 3600000LL	/* ... within this time */

int64_t
recheck_at(const struct settings *set, int64_t completed, int64_t nth)
{
	int64_t last;

	if (set->nrecheck == 0 || completed == 0)
		return 0;
	if (nth < (int64_t)set->nrecheck)
		return completed + set->recheck[nth];
	/* From then on at the longest of the intervals, for good. */
	last = set->recheck[set->nrecheck - 1];
	return completed + last * (nth - (int64_t)set->nrecheck + 2);
}

/* ---- arming the steps ---- */

static int
arm_steps(struct engine *en, int64_t id, struct err *e)
{
	struct account accounts[CASE_SYSTEMS_MAX];
	struct step st;
	unsigned n = 0, i, k;
	int rc;

	rc = account_list(en->store, id, accounts, CASE_SYSTEMS_MAX, &n, e);
	for (i = 0; i < n && rc == STORE_OK; i++)
		for (k = 0; k < en->nlanes && rc == STORE_OK; k++) {
			if (strcmp(en->lanes[k].conf->name,
			    accounts[i].system) != 0 ||
			    en->lanes[k].provider->phases[PHASE_RECHECK] ==
			    NULL)
				continue;
			memset(&st, 0, sizeof(st));
			st.offboarding = id;
			(void)text_copy(st.system, sizeof(st.system),
			    accounts[i].system);
			(void)text_copy(st.kind, sizeof(st.kind),
			    accounts[i].kind);
			st.phase = PHASE_RECHECK;
			st.due_at = when_now();
			rc = step_rearm(en->store, &st, e);
		}
	while (n > 0)
		account_clear(&accounts[--n]);
	return rc;
}

static int
arm_case(struct engine *en, int64_t id, struct err *e)
{
	struct offboarding o;
	struct audit a;
	char ob[OB_TEXT];
	int64_t newer, at, now = when_now(), nth;
	int rc;

	memset(&a, 0, sizeof(a));
	(void)text_copy(a.actor, sizeof(a.actor), "offboardd");
	a.offboarding = id;
	rc = case_get(en->store, id, &o, e);
	if (rc != STORE_OK)
		return rc;
	rc = case_newer(en->store, &o, &newer, e);
	if (rc == STORE_OK) {
		/* The later one knows better what the person may have. */
		ob_text(newer, ob);
		(void)text_copy(a.event, sizeof(a.event), "recheck-ended");
		(void)snprintf(a.detail, sizeof(a.detail), "%s of the same "
		    "person is newer", ob);
		rc = case_recheck(en->store, id, 0, o.recheck_nth, e);
		return rc == STORE_OK ? audit_append(en->store, &a, e) : rc;
	}
	if (rc != STORE_NONE)
		return rc;
	/* Looks that were slept over are made once, not one after another. */
	for (nth = o.recheck_nth + 1; ; nth++) {
		at = recheck_at(en->set, o.completed_at, nth);
		if (at == 0 || at > now)
			break;
	}
	(void)text_copy(a.event, sizeof(a.event), "recheck");
	(void)snprintf(a.detail, sizeof(a.detail), "look number %lld",
	    (long long)nth);
	rc = arm_steps(en, id, e);
	if (rc == STORE_OK)
		rc = case_recheck(en->store, id, at, nth, e);
	return rc == STORE_OK ? audit_append(en->store, &a, e) : rc;
}

int
recheck_due(struct engine *en, struct err *e)
{
	int64_t id;
	int rc;

	while ((rc = case_recheckable(en->store, when_now(), &id, e)) ==
	    STORE_OK) {
		if (store_begin(en->store, e) != STORE_OK)
			return STORE_FAIL;
		rc = arm_case(en, id, e);
		if (rc == STORE_OK)
			rc = store_commit(en->store, e);
		else
			store_rollback(en->store);
		if (rc != STORE_OK)
			return STORE_FAIL;
	}
	return rc == STORE_NONE ? STORE_OK : STORE_FAIL;
}

/* ---- the look itself ---- */

/* Is somebody else at the old address now? Never ours to end. */
static enum outcome
look_at_address(struct visit *v, const char *account, enum outcome out)
{
	char detail[TEXT_MAX];
	enum outcome match;

	(void)text_copy(detail, sizeof(detail), v->detail);
	v->account[0] = '\0';
	v->found = FOUND_YES;
	match = v->sys->provider->match(v);
	text_clean(v->label);
	if (match == OUT_AMBIGUOUS) {
		visit_task(v, "Several accounts stand at %s in %s now: see "
		    "whose they are. Nothing was done to them.",
		    v->who->email, v->sys->name);
		return visit_end(v, OUT_DONE, "%.300s; but several accounts "
		    "stand at that address now", detail);
	}
	if (match == OUT_OK && v->found == FOUND_YES &&
	    strcmp(v->account, account) != 0) {
		visit_task(v, "A new account %s stands at %s in %s: see whose "
		    "it is. Nothing was done to it.", v->account,
		    v->who->email, v->sys->name);
		return visit_end(v, OUT_DONE, "%.300s; but a new account %s "
		    "stands at that address now", detail, v->account);
	}
	if (match != OUT_OK && match != OUT_ABSENT)
		return match;
	return visit_end(v, out, "%s", detail);
}

enum outcome
recheck_visit(struct visit *v)
{
	char account[WORD_MAX], label[PERSON_MAX];
	enum found found = v->found;
	enum outcome out;

	v->dry = 1;
	(void)text_copy(account, sizeof(account), v->account);
	(void)text_copy(label, sizeof(label), v->label);
	if (account[0] == '\0')
		out = visit_end(v, OUT_ABSENT, "no account, as before");
	else {
		out = v->sys->provider->phases[PHASE_RECHECK](v);
		if (out == OUT_OK || out == OUT_GONE)
			out = visit_end(v, OUT_VERIFIED, "the account is gone");
	}
	if ((out == OUT_VERIFIED || out == OUT_ABSENT) &&
	    v->sys->provider->by_login == 0)
		out = look_at_address(v, account, out);
	(void)text_copy(v->account, sizeof(v->account), account);
	(void)text_copy(v->label, sizeof(v->label), label);
	v->found = found;
	return out;
}

/* ---- what came of it ---- */

static int
back_task(struct engine *en, const struct step *st, struct err *e)
{
	char at[WHEN_TEXT];
	struct task t;

	memset(&t, 0, sizeof(t));
	when_text(when_now(), at);
	t.offboarding = st->offboarding;
	(void)text_copy(t.system, sizeof(t.system), st->system);
	(void)text_copy(t.phase, sizeof(t.phase), phase_word(st->phase));
	(void)snprintf(t.text, sizeof(t.text), "Access came back in %.64s "
	    "(seen %.16s UTC): %.220s. Retry %.64s to end it again, or restore "
	    "the offboarding if the person is back.", st->system, at,
	    st->detail, st->system);
	return task_open(en->store, &t, "offboardd", e);
}

/* Who was hired again has access by right: the later offboarding, asked for
 * since the look began, says when that ends. STORE_NONE: there is none. */
static int
back_is_newer(struct engine *en, struct step *st, struct err *e)
{
	struct offboarding o;
	char ob[OB_TEXT];
	int64_t newer;
	int rc = case_get(en->store, st->offboarding, &o, e);

	if (rc == STORE_OK)
		rc = case_newer(en->store, &o, &newer, e);
	if (rc != STORE_OK)
		return rc;
	ob_text(newer, ob);
	st->state = STATE_DONE;
	(void)snprintf(st->detail, sizeof(st->detail), "%.64s is not looked at "
	    "any more: %s of the same person is newer", st->system, ob);
	return case_recheck(en->store, o.id, 0, o.recheck_nth, e);
}

int
recheck_back(struct engine *en, struct step *st, struct err *e)
{
	struct audit a;
	char ob[OB_TEXT];
	int64_t backs;
	int rc = back_is_newer(en, st, e);

	if (rc != STORE_NONE)
		return rc;
	memset(&a, 0, sizeof(a));
	(void)text_copy(a.actor, sizeof(a.actor), "offboardd");
	(void)text_copy(a.event, sizeof(a.event), "access-came-back");
	a.offboarding = st->offboarding;
	(void)text_copy(a.system, sizeof(a.system), st->system);
	(void)text_copy(a.phase, sizeof(a.phase), phase_word(st->phase));
	(void)text_copy(a.detail, sizeof(a.detail), st->detail);
	ob_text(st->offboarding, ob);
	log_event(LOG_ALERT, "access-came-back", "case", ob, "system",
	    st->system, "detail", st->detail, NULL);
	rc = audit_append(en->store, &a, e);
	if (rc == STORE_OK)
		rc = notice_back(en, st, e);
	if (rc != STORE_OK)
		return rc;
	/* Somebody or something gives it back again and again: that is for
	 * people to find out. */
	backs = audit_backs(en->store, st, when_now() - BACKS_MS, e);
	if (backs == -1)
		return STORE_FAIL;
	if (en->set->recheck_contain == 0 || backs > BACKS_MAX)
		return back_task(en, st, e);
	/* Ended again, and then looked at once more. */
	st->state = STATE_PENDING;
	st->due_at = 0;
	return step_again(en->store, st->offboarding, st->system, e);
}
