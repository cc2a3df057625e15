/* Opening an offboarding at its instant: guards judged again, steps made.
 * And opening its undo. Makes no vendor call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "../base/log.h"
#include "../record/case.h"
#include "guard.h"
#include "inside.h"

/* The worker judges for itself: the web program's word moves nothing. */
static int
open_judge(struct engine *en, struct offboarding *o, struct err *why)
{
	struct offboarding copy = *o;
	char field[32];

	if (guard_fields(en->set, &copy, field, why) == -1)
		return -1;
	copy.login_given = o->login_given;
	if (guard_person(en->set, &copy, o->requested_by, why) == -1)
		return -1;
	if (strcmp(o->source, "web") == 0 &&
	    (settings_roles(en->set, o->requested_by) & ROLE_OPERATOR) == 0)
		return err_set(why, "%s no longer has the role operator",
		    o->requested_by);
	(void)text_copy(o->login, sizeof(o->login), copy.login);
	return 0;
}

static int
open_refuse(struct engine *en, const struct offboarding *o, const char *why,
    struct err *e)
{
	struct audit a;
	int rc;

	memset(&a, 0, sizeof(a));
	(void)text_copy(a.actor, sizeof(a.actor), "offboardd");
	(void)text_copy(a.event, sizeof(a.event), "refused");
	a.offboarding = o->id;
	(void)text_copy(a.detail, sizeof(a.detail), why);
	rc = audit_append(en->store, &a, e);
	return rc == STORE_OK ? case_cancel(en->store, o->id, "offboardd", e) :
	    rc;
}

static int
open_steps(struct engine *en, const struct offboarding *o, struct err *e)
{
	struct system sys;
	struct step st;
	unsigned i, phase;
	int rc = STORE_OK;

	for (i = 0; i < en->nlanes && rc == STORE_OK; i++) {
		memset(&sys, 0, sizeof(sys));
		sys.provider = en->lanes[i].provider;
		sys.settings = en->set;
		sys.section = en->lanes[i].conf->section;
		for (phase = 0; phase < PHASE_RESTORE && rc == STORE_OK;
		    phase++) {
			if (registry_has(&sys, (enum phase)phase) == 0)
				continue;
			memset(&st, 0, sizeof(st));
			st.offboarding = o->id;
			(void)text_copy(st.system, sizeof(st.system),
			    en->lanes[i].conf->name);
			(void)text_copy(st.kind, sizeof(st.kind),
			    en->lanes[i].conf->kind);
			st.phase = (enum phase)phase;
			rc = step_add(en->store, &st, e);
		}
	}
	return rc;
}

/* Brake and approval, judged again whatever the row says. 1: it is held now,
 * or the record failed. A hold of what is irreversible lets it open. */
static int
open_holds(struct engine *en, const struct offboarding *o, int *rc,
    struct err *e)
{
	struct offboarding copy = *o;

	if (guard_approved(en->set, o))
		return 0;
	*rc = guard_hold(en->set, en->store, &copy, e);
	if (*rc != STORE_OK)
		return 1;
	if (copy.hold[0] == '\0')
		(void)text_copy(copy.hold, sizeof(copy.hold), o->hold);
	if (copy.hold[0] == '\0')
		return 0;
	if (strncmp(copy.hold, "irreversible:", 13) == 0) {
		if (strcmp(copy.hold, o->hold) != 0)
			*rc = case_held(en->store, o->id, copy.hold, e);
		return *rc != STORE_OK;
	}
	*rc = case_held(en->store, o->id, copy.hold, e);
	return 1;
}

/* The company's own list: a task for each line, closed by a named person. */
static int
open_checklist(struct engine *en, const struct offboarding *o, struct err *e)
{
	struct task t;
	const char *key;
	unsigned i;
	int rc = STORE_OK;

	for (i = 0; rc == STORE_OK && (key = conf_key_at(en->set->conf,
	    "checklist", i)) != NULL; i++) {
		memset(&t, 0, sizeof(t));
		t.offboarding = o->id;
		(void)text_copy(t.phase, sizeof(t.phase), "checklist");
		(void)text_copy(t.text, sizeof(t.text),
		    conf_get(en->set->conf, "checklist", key));
		rc = task_open(en->store, &t, "offboardd", e);
	}
	return rc;
}

static int
open_case(struct engine *en, int64_t id, struct err *e)
{
	struct offboarding o;
	struct err why;
	char ob[OB_TEXT];
	int rc;

	if (store_begin(en->store, e) != STORE_OK)
		return STORE_FAIL;
	rc = case_get(en->store, id, &o, e);
	if (rc == STORE_OK && open_judge(en, &o, &why) == -1) {
		log_event(LOG_WARNING, "case-refused", "why", why.text, NULL);
		rc = open_refuse(en, &o, why.text, e);
	} else if (rc == STORE_OK && open_holds(en, &o, &rc, e)) {
		/* It waits for a second person now. */
	} else if (rc == STORE_OK) {
		o.opened_at = when_now();
		rc = open_steps(en, &o, e);
		if (rc == STORE_OK)
			rc = open_checklist(en, &o, e);
		if (rc == STORE_OK)
			rc = notice_opened(en, &o, e);
		if (rc == STORE_OK)
			rc = case_opened(en->store, &o, e);
		if (rc == STORE_OK)
			rc = view_settle(en, id, e);
		ob_text(id, ob);
		log_event(LOG_INFO, "case-opened", "case", ob, NULL);
	}
	if (rc == STORE_OK)
		return store_commit(en->store, e);
	store_rollback(en->store);
	return rc;
}

/* A system that is no longer configured cannot be undone by us: the step
 * says so, and a task asks for it. */
static int
restore_by_hand(struct engine *en, struct step *st, struct err *e)
{
	struct step *all = calloc(CASE_STEPS_MAX, sizeof(*all));
	struct task t;
	unsigned n = 0, i;
	int rc;

	if (all == NULL)
		return err_set(e, "out of memory");
	rc = step_add(en->store, st, e);
	if (rc == STORE_OK)
		rc = step_list(en->store, st->offboarding, all,
		    CASE_STEPS_MAX, &n, e);
	for (i = 0; i < n; i++)
		if (all[i].phase == PHASE_RESTORE &&
		    strcmp(all[i].system, st->system) == 0)
			*st = all[i];
	free(all);
	st->state = STATE_MANUAL;
	st->at = when_now();
	(void)snprintf(st->detail, sizeof(st->detail), "the system %.64s is no "
	    "longer configured: put access back there by hand", st->system);
	memset(&t, 0, sizeof(t));
	t.offboarding = st->offboarding;
	(void)text_copy(t.system, sizeof(t.system), st->system);
	(void)text_copy(t.phase, sizeof(t.phase), phase_word(st->phase));
	(void)text_copy(t.text, sizeof(t.text), st->detail);
	if (rc == STORE_OK)
		rc = step_end(en->store, st, e);
	return rc == STORE_OK ? task_open(en->store, &t, "offboardd", e) : rc;
}

/* No system was ever found to have the person: that is quickly undone. */
static int
restore_nothing(struct engine *en, int64_t id, struct err *e)
{
	struct offboarding o;
	struct audit a;
	int rc = case_get(en->store, id, &o, e);

	if (rc != STORE_OK)
		return rc;
	o.status = STATUS_RESTORED;
	rc = case_status(en->store, &o, e);
	memset(&a, 0, sizeof(a));
	(void)text_copy(a.actor, sizeof(a.actor), "offboardd");
	(void)text_copy(a.event, sizeof(a.event), "status");
	a.offboarding = id;
	(void)text_copy(a.detail, sizeof(a.detail), "restored: there was "
	    "nothing to put back");
	if (rc == STORE_OK)
		rc = audit_append(en->store, &a, e);
	return rc == STORE_OK ? notice_status(en, &o, e) : rc;
}

static int
open_restore(struct engine *en, int64_t id, struct err *e)
{
	struct account accounts[CASE_SYSTEMS_MAX];
	struct step st;
	unsigned n = 0, made = 0, i, k;
	int rc;

	if (store_begin(en->store, e) != STORE_OK)
		return STORE_FAIL;
	rc = account_list(en->store, id, accounts, CASE_SYSTEMS_MAX, &n, e);
	for (i = 0; i < n && rc == STORE_OK; i++) {
		for (k = 0; k < en->nlanes; k++)
			if (strcmp(en->lanes[k].conf->name,
			    accounts[i].system) == 0)
				break;
		if (accounts[i].account[0] == '\0' || (k < en->nlanes &&
		    en->lanes[k].provider->phases[PHASE_RESTORE] == NULL))
			continue;
		memset(&st, 0, sizeof(st));
		st.offboarding = id;
		(void)text_copy(st.system, sizeof(st.system),
		    accounts[i].system);
		(void)text_copy(st.kind, sizeof(st.kind), accounts[i].kind);
		st.phase = PHASE_RESTORE;
		made++;
		rc = k == en->nlanes ? restore_by_hand(en, &st, e) :
		    step_add(en->store, &st, e);
	}
	while (n > 0)
		account_clear(&accounts[--n]);
	if (rc == STORE_OK)
		rc = made > 0 ? view_settle(en, id, e) :
		    restore_nothing(en, id, e);
	if (rc == STORE_OK)
		return store_commit(en->store, e);
	store_rollback(en->store);
	return rc;
}

static int
open_settle(struct engine *en, int64_t id, struct err *e)
{
	struct offboarding o;
	int rc;

	if (store_begin(en->store, e) != STORE_OK)
		return STORE_FAIL;
	rc = case_settled(en->store, id, e);
	if (rc == STORE_OK)
		rc = case_get(en->store, id, &o, e);
	if (rc == STORE_OK && o.status == STATUS_CANCELLED)
		rc = notice_status(en, &o, e);
	if (rc == STORE_OK)
		rc = view_settle(en, id, e);
	if (rc == STORE_OK)
		return store_commit(en->store, e);
	store_rollback(en->store);
	return rc;
}

int
open_due(struct engine *en, struct err *e)
{
	int64_t id;
	int rc;

	if (en->only_request)
		return STORE_OK;
	while ((rc = case_due(en->store, when_now(), &id, e)) == STORE_OK) {
		rc = open_case(en, id, e);
		if (rc != STORE_OK)
			return STORE_FAIL;
	}
	if (rc == STORE_FAIL)
		return rc;
	while ((rc = case_restorable(en->store, &id, e)) == STORE_OK) {
		rc = open_restore(en, id, e);
		if (rc != STORE_OK)
			return STORE_FAIL;
	}
	if (rc == STORE_FAIL)
		return rc;
	while ((rc = case_unsettled(en->store, &id, e)) == STORE_OK) {
		rc = open_settle(en, id, e);
		if (rc != STORE_OK)
			return STORE_FAIL;
	}
	if (rc == STORE_FAIL)
		return rc;
	rc = recheck_due(en, e);
	return rc == STORE_OK ? certify_due(en, e) : rc;
}
