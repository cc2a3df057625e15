/*
 * What only the worker asks of the record: which offboardings and steps are
 * due, intent before a call and result after it. Results as in store.h.
 */
#ifndef CASE_H
#define CASE_H

#include "store.h"

/* The next offboarding to open now, emergencies first. STORE_NONE. */
int	case_due(struct store *, int64_t, int64_t *, struct err *) MUST_USE;
/* One whose undo was asked for and has no restore steps yet. STORE_NONE. */
int	case_restorable(struct store *, int64_t *, struct err *) MUST_USE;
/* The earliest instant of a scheduled one; 0 for none. */
int	case_next_at(struct store *, int64_t *, struct err *) MUST_USE;
/* One whose status somebody's change may have moved. STORE_NONE. */
int	case_unsettled(struct store *, int64_t *, struct err *) MUST_USE;
int	case_settled(struct store *, int64_t, struct err *) MUST_USE;
/* Sets opened_at and login, status running. */
int	case_opened(struct store *, const struct offboarding *, struct err *)
	    MUST_USE;
/* Status awaiting_approval, with the reason. */
int	case_held(struct store *, int64_t, const char *, struct err *)
	    MUST_USE;
/* The name a system knows, where none was given. */
int	case_named(struct store *, int64_t, const char *, struct err *)
	    MUST_USE;
/* Writes status, contained_at and completed_at. */
int	case_status(struct store *, const struct offboarding *, struct err *)
	    MUST_USE;
/* The e-mail of another person who was denied under this login, now or
 * before. STORE_NONE. */
int	case_login_other(struct store *, const struct offboarding *, char *,
	    struct err *) MUST_USE;

/* Makes a step (and its account row); keeps one that is there. */
int	step_add(struct store *, const struct step *, struct err *) MUST_USE;
int	step_get(struct store *, int64_t, struct step *, struct err *)
	    MUST_USE;
/* The first step of a system that is due now. STORE_NONE. */
int	step_candidate(struct store *, const char *, int64_t, struct step *,
	    struct err *) MUST_USE;
/* When the next step of a system is due; 0 for none. */
int	step_next_at(struct store *, const char *, int64_t *, struct err *)
	    MUST_USE;
/* Intent: running, one more attempt, with its audit row. STORE_CONFLICT:
 * somebody else has it. */
int	step_claim(struct store *, struct step *, struct err *) MUST_USE;
/* Result: state, detail, due_at and waiting_since of the struct. */
int	step_end(struct store *, const struct step *, struct err *) MUST_USE;
/* A step that is ended or put off without a call. TRIED counts it as one. */
int	step_skip(struct store *, const struct step *, int, struct err *)
	    MUST_USE;
/* Gates or ungates. */
int	step_due(struct store *, int64_t, int64_t, struct err *) MUST_USE;
/* The wall clock was set back by so many ms: waits are shortened by it. */
int	step_shift(struct store *, int64_t, struct err *) MUST_USE;
/* Steps found running at start were interrupted. */
int	step_interrupted(struct store *, struct err *) MUST_USE;
/* How many steps of the case (0: of all) run or will within a minute. */
int	step_busy(struct store *, int64_t, int64_t, int64_t *, struct err *)
	    MUST_USE;

int	call_begin(struct store *, int64_t, const char *, int64_t *,
	    struct err *) MUST_USE;
int	call_end(struct store *, int64_t, const char *, struct err *)
	    MUST_USE;

int	account_found(struct store *, int64_t, const struct account *,
	    struct err *) MUST_USE;
int	account_before(struct store *, int64_t, const char *, const char *,
	    struct err *) MUST_USE;
int	account_after(struct store *, int64_t, const char *, const char *,
	    struct err *) MUST_USE;

/* Closes what a step had opened, because the step has since been verified. */
int	task_moot(struct store *, const struct step *, struct err *) MUST_USE;
/* Old dry runs and drafts go. */
int	request_prune(struct store *, struct err *) MUST_USE;

#endif
