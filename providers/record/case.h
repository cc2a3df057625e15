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
/* One that is complete and to be looked at again by now. STORE_NONE. */
int	case_recheckable(struct store *, int64_t, int64_t *, struct err *)
	    MUST_USE;
/* When to look the next time (0: never again), and the how-manieth it is. */
int	case_recheck(struct store *, int64_t, int64_t, int64_t, struct err *)
	    MUST_USE;
/* A later offboarding of the same person, not cancelled. STORE_NONE. */
int	case_newer(struct store *, const struct offboarding *, int64_t *,
	    struct err *) MUST_USE;
/* One that has ended and has no certificate of that. STORE_NONE. */
int	case_certifiable(struct store *, int64_t *, struct err *) MUST_USE;
/* Writes status, contained_at, completed_at and recheck_at. STORE_CONFLICT:
 * another offboarding of the person is open. */
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
/* The first step of a system that is due now, or the first of that phase.
 * STORE_NONE. */
int	step_candidate(struct store *, const char *, int64_t, struct step *,
	    struct err *) MUST_USE;
int	step_candidate_of(struct store *, const char *, enum phase,
	    struct step *, struct err *) MUST_USE;
/* The NTHth name (from 0) of a system that has open steps, and the first open
 * step of a system. STORE_NONE. */
int	step_system(struct store *, unsigned, char [WORD_MAX], struct err *)
	    MUST_USE;
int	step_open_of(struct store *, const char *, struct step *,
	    struct err *) MUST_USE;
/* Makes a recheck step, or lets the one that is there run again. */
int	step_rearm(struct store *, const struct step *, struct err *) MUST_USE;
/* Ends the access of one system once more: contain, revoke, remove, verify. */
int	step_again(struct store *, int64_t, const char *, struct err *)
	    MUST_USE;
/* When the system's containment was read back; 0: it was not. */
int	step_contained_at(struct store *, int64_t, const char *, int64_t *,
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
/* The wall clock was set back by so many ms: waits of steps, messages and
 * later looks are shortened by it. */
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
/* Closes this very task, because what it asks for has come by itself. */
int	task_settled(struct store *, const struct task *, const char *,
	    struct err *) MUST_USE;
/* How often access came back in one system since an instant; -1. */
int64_t	audit_backs(struct store *, const struct step *, int64_t,
	    struct err *);
/* Was this very task opened before, open or closed? 1, 0, or -1. */
int	task_seen(struct store *, const struct task *, struct err *);

/* Queues a message unless the very same one is there. */
int	message_add(struct store *, const struct message *, struct err *)
	    MUST_USE;
/* The next one of that kind to send now. STORE_NONE. Caller clears. */
int	message_next(struct store *, const char *, struct message *,
	    struct err *) MUST_USE;
/* When the next one of that kind is due; 0 for none. */
int	message_next_at(struct store *, const char *, int64_t *, struct err *)
	    MUST_USE;
/* Was a message of that topic and kind queued at or after this instant? 1,
 * 0, or -1. */
int	message_since(struct store *, int64_t, const char *, const char *,
	    int64_t, struct err *);
/* What came of sending: state, due_at, last_error of the struct. */
int	message_end(struct store *, const struct message *, struct err *)
	    MUST_USE;

/*
 * What is known of an offboarding now, as one canonical JSON text with the
 * chain's head, and a line end. SIGNER names the key ("ssh-ed25519 AAAA…").
 * NULL with the sentence. Caller frees.
 */
char	*certificate_text(struct store *, int64_t, const char *, struct err *);
/* No certificate could be made of this one: it is not tried by itself any
 * more. */
int	case_uncertified(struct store *, int64_t, struct err *) MUST_USE;
/* Keeps it as the last one. */
int	certificate_put(struct store *, int64_t, const struct certificate *,
	    struct err *) MUST_USE;

/* Old dry runs and drafts go. */
int	request_prune(struct store *, struct err *) MUST_USE;

#endif
