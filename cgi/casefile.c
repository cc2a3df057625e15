/* Loads what the record knows of one offboarding. Shows nothing. */
#include "casefile.h"

#include <stdlib.h>
#include <string.h>

#include "html.h"

#define TASKS_MAX 200

int
casefile_load(struct web *w, int64_t id, struct casefile *v, struct err *e)
{
	int rc;

	memset(v, 0, sizeof(*v));
	rc = case_get(w->store, id, &v->o, e);
	if (rc != STORE_OK)
		return rc;
	ob_text(id, v->ob);
	v->steps = calloc(CASE_STEPS_MAX, sizeof(*v->steps));
	v->accounts = calloc(CASE_SYSTEMS_MAX, sizeof(*v->accounts));
	v->tasks = calloc(TASKS_MAX, sizeof(*v->tasks));
	v->events = calloc(CASEFILE_EVENTS, sizeof(*v->events));
	if (v->steps == NULL || v->accounts == NULL || v->tasks == NULL ||
	    v->events == NULL)
		return err_set(e, "out of memory");
	rc = step_list(w->store, id, v->steps, CASE_STEPS_MAX, &v->nsteps, e);
	if (rc == STORE_OK)
		rc = account_list(w->store, id, v->accounts,
		    CASE_SYSTEMS_MAX, &v->naccounts, e);
	if (rc == STORE_OK)
		rc = task_list(w->store, id, v->tasks, TASKS_MAX, &v->ntasks,
		    e);
	if (rc == STORE_OK)
		rc = audit_list(w->store, id, 0, v->events, CASEFILE_EVENTS,
		    &v->nevents, e);
	return rc == STORE_OK ? STORE_OK : STORE_FAIL;
}

void
casefile_clear(struct casefile *v)
{
	unsigned i;

	for (i = 0; i < v->naccounts; i++)
		account_clear(&v->accounts[i]);
	free(v->steps);
	free(v->accounts);
	free(v->tasks);
	free(v->events);
	memset(v, 0, sizeof(*v));
}

int
casefile_ids(const struct web *w)
{
	return (w->roles & ~(unsigned)ROLE_VIEWER) != 0;
}

const struct step *
casefile_step(const struct casefile *v, const char *system, enum phase phase)
{
	unsigned i;

	for (i = 0; i < v->nsteps; i++)
		if (v->steps[i].phase == phase &&
		    strcmp(v->steps[i].system, system) == 0)
			return &v->steps[i];
	return NULL;
}

/* The longest account id that stands at S; 0 for none. Short ones would hide
 * ordinary numbers. */
static size_t
id_at(const struct casefile *v, const char *s)
{
	size_t n, best = 0;
	unsigned i;

	for (i = 0; i < v->naccounts; i++) {
		n = strlen(v->accounts[i].account);
		if (n >= 3 && n > best &&
		    strncmp(s, v->accounts[i].account, n) == 0)
			best = n;
	}
	return best;
}

void
casefile_text(struct web *w, const struct casefile *v, const char *s)
{
	struct buf b;
	size_t n;

	if (casefile_ids(w) != 0) {
		html_text(w->out, s);
		return;
	}
	buf_init(&b, 4096);
	while (*s != '\0') {
		n = id_at(v, s);
		if (n == 0) {
			buf_char(&b, *s++);
			continue;
		}
		buf_str(&b, "…");
		s += n;
	}
	html_text(w->out, buf_cstr(&b));
	buf_clear(&b);
}
