/* Steps of a system that the configuration no longer has: nobody will ever run
 * them, so they become tasks. Makes no call. */
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "../base/log.h"
#include "../record/case.h"
#include "inside.h"

static int
is_configured(const struct engine *en, const char *name)
{
	unsigned i;

	for (i = 0; i < en->nlanes; i++)
		if (strcmp(en->lanes[i].conf->name, name) == 0)
			return 1;
	return 0;
}

static int
orphan_task(struct engine *en, const struct step *st, struct err *e)
{
	struct task t;

	memset(&t, 0, sizeof(t));
	t.offboarding = st->offboarding;
	(void)text_copy(t.system, sizeof(t.system), st->system);
	(void)text_copy(t.phase, sizeof(t.phase), phase_word(st->phase));
	(void)snprintf(t.text, sizeof(t.text), "The system %.64s is no longer "
	    "configured: see to the step \"%s\" there by hand, or configure "
	    "it again and retry.", st->system, phase_word(st->phase));
	return task_open(en->store, &t, "offboardd", e);
}

static int
orphan_step(struct engine *en, struct step *st, struct err *e)
{
	struct offboarding o;
	int rc = store_begin(en->store, e);

	if (rc != STORE_OK)
		return rc;
	rc = case_get(en->store, st->offboarding, &o, e);
	st->state = STATE_MANUAL;
	st->at = when_now();
	st->due_at = st->waiting_since = 0;
	(void)snprintf(st->detail, sizeof(st->detail), "%.64s is no longer "
	    "configured", st->system);
	if (rc == STORE_OK)
		rc = step_end(en->store, st, e);
	if (rc == STORE_OK && o.status != STATUS_CANCELLED &&
	    o.status != STATUS_RESTORED)
		rc = orphan_task(en, st, e);
	if (rc == STORE_OK)
		rc = view_settle(en, st->offboarding, e);
	if (rc == STORE_OK)
		return store_commit(en->store, e);
	store_rollback(en->store);
	return rc;
}

int
orphan_steps(struct engine *en, struct err *e)
{
	char name[WORD_MAX];
	struct step st;
	unsigned nth = 0;
	int rc;

	while ((rc = step_system(en->store, nth, name, e)) == STORE_OK) {
		if (is_configured(en, name)) {
			nth++;
			continue;
		}
		log_event(LOG_WARNING, "system-gone", "system", name, NULL);
		while ((rc = step_open_of(en->store, name, &st, e)) ==
		    STORE_OK)
			if (orphan_step(en, &st, e) != STORE_OK)
				return STORE_FAIL;
		if (rc == STORE_FAIL)
			return rc;
	}
	return rc == STORE_NONE ? STORE_OK : STORE_FAIL;
}
