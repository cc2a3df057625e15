/*
 * The record: one SQLite file, DATA_DIR/record/offboard.db. This module holds
 * the only SQL of the product (sql.h); one connection per thread.
 *
 * Every function that can fail returns a store_result. On STORE_FAIL the
 * sentence says what to do; nothing of the change was kept. A function that
 * writes is one durable transaction, unless the caller has begun one.
 */
#ifndef STORE_H
#define STORE_H

#include <stdint.h>

#include "../base/err.h"
#include "../base/when.h"
#include "words.h"

#define MUST_USE __attribute__((warn_unused_result))

enum store_result {
	STORE_FAIL = -1,
	STORE_OK = 0,
	STORE_NONE = 1,		/* no such row */
	STORE_CONFLICT = 2,	/* there is one already, or not in that state */
	STORE_REPLAY = 3,	/* this very submission was recorded before */
};

struct store;

/* Opens or creates the record below DATA_DIR (record/ is made 2770). Brings
 * an older schema up; refuses a newer one. Caller closes. */
int	 store_open(struct store **, const char *, struct err *) MUST_USE;
void	 store_close(struct store *);

/* Is the file that was opened still the one at its place? */
int	 store_is_there(struct store *);

/* BEGIN IMMEDIATE; nothing that waits for a network may stand inside. */
int	 store_begin(struct store *, struct err *) MUST_USE;
int	 store_commit(struct store *, struct err *) MUST_USE;
void	 store_rollback(struct store *);

/* One consistent look at several rows: the lock is taken once. Nothing may
 * be written in between. End it in any case; a failed begin is harmless. */
void	 store_look(struct store *);
void	 store_look_end(struct store *);

/* Single values. get: STORE_NONE when absent; the text is cut to the size. */
int	 meta_get(struct store *, const char *, char *, size_t, struct err *)
	    MUST_USE;
int	 meta_set(struct store *, const char *, const char *, struct err *)
	    MUST_USE;

/* ---- case.c: offboardings --------------------------------------------- */

#define EMAIL_MAX 255
#define PERSON_MAX 201
#define LOGIN_MAX 257
#define WORD_MAX 129
#define TEXT_MAX 501

struct offboarding {
	int64_t		id;
	char		email[EMAIL_MAX];
	char		name[PERSON_MAX];
	char		login[LOGIN_MAX];
	int		login_given;
	char		employee_id[WORD_MAX];
	char		handover[EMAIL_MAX];
	char		reason[TEXT_MAX];
	char		zone[WHEN_ZONE];
	char		source[16];
	char		requested_by[WORD_MAX];
	int64_t		requested_at;
	int64_t		effective_at;
	int		emergency;
	enum status	status;
	char		hold[TEXT_MAX];
	char		approved_by[WORD_MAX];
	int64_t		opened_at;
	int64_t		contained_at;
	int64_t		completed_at;
	int64_t		cancelled_at;
	int64_t		restore_at;
	int64_t		recheck_at;	/* the next look; 0: none */
	int64_t		recheck_nth;
	char		idempotency[WORD_MAX];
};

/*
 * Records a new offboarding as scheduled (or awaiting_approval when hold is
 * set) with its audit row. Sets id. STORE_CONFLICT: the person has an open
 * one, id names it. STORE_REPLAY: same idempotency key, id names it.
 */
int	 case_add(struct store *, struct offboarding *, struct err *) MUST_USE;
int	 case_get(struct store *, int64_t, struct offboarding *, struct err *)
	    MUST_USE;

/* STORE_OK: the person has no open one; STORE_CONFLICT: the id names it. */
int	 case_open_of(struct store *, const char *, int64_t *, struct err *)
	    MUST_USE;

struct case_filter {
	int		 status;	/* -1: any */
	const char	*text;		/* in e-mail, name, login; "": any */
	unsigned	 offset;
	unsigned	 limit;
	/* Only what a list shows: the other members are empty. Kept to for
	 * the unfiltered list, which is the one that is asked for most. */
	int		 brief;
};

/* Newest first. COUNT gets the rows filled (at most limit), TOTAL what the
 * filter fits in all. */
int	 case_list(struct store *, const struct case_filter *,
	    struct offboarding *, unsigned *, int64_t *, struct err *) MUST_USE;

/* Cancels what has not started, or stops the later steps of a running one.
 * STORE_CONFLICT when it is over already. */
int	 case_cancel(struct store *, int64_t, const char *, struct err *)
	    MUST_USE;
/* Asks for the undo of a case that was opened. */
int	 case_restore(struct store *, int64_t, const char *, struct err *)
	    MUST_USE;
/* A second person agrees. STORE_CONFLICT: nothing waits for it;
 * STORE_REPLAY: ACTOR asked for it himself. */
int	 case_approve(struct store *, int64_t, const char *, struct err *)
	    MUST_USE;

/* How many other people were asked for by the same source (web, command)
 * within the hour before this case: what the brake counts. */
int	 case_count_recent(struct store *, const struct offboarding *, int64_t *,
	    struct err *) MUST_USE;

/* ---- step.c: steps, accounts, calls ------------------------------------ */

struct step {
	int64_t		id;
	int64_t		offboarding;
	char		system[WORD_MAX];
	char		kind[32];
	enum phase	phase;
	enum state	state;
	int		attempts;
	int64_t		due_at;
	int64_t		waiting_since;
	int64_t		first_at;
	int64_t		at;
	char		detail[TEXT_MAX];
	int		failures;	/* in a row */
	int		asked_again;	/* a person wants it tried now */
};

struct account {
	char		system[WORD_MAX];
	char		kind[32];
	char		account[WORD_MAX];
	char		label[PERSON_MAX];
	char		found[16];	/* unknown found absent ambiguous */
	char		*before;	/* JSON, "" when not read */
	char		*after;
};

#define CASE_STEPS_MAX 256
#define CASE_SYSTEMS_MAX 32

/* In order of system, then phase. COUNT gets the rows filled. */
int	 step_list(struct store *, int64_t, struct step *, unsigned,
	    unsigned *, struct err *) MUST_USE;
/* Caller frees each with account_clear(). */
int	 account_list(struct store *, int64_t, struct account *, unsigned,
	    unsigned *, struct err *) MUST_USE;
int	 account_get(struct store *, int64_t, const char *, struct account *,
	    struct err *) MUST_USE;
void	 account_clear(struct account *);

/*
 * Makes steps pending again: of one SYSTEM and phase, of one SYSTEM (phase
 * -1), or of all that are neither verified nor absent (SYSTEM NULL). COUNT
 * gets how many. STORE_NONE: nothing fits.
 */
int	 step_retry(struct store *, int64_t, const char *, int, const char *,
	    unsigned *, struct err *) MUST_USE;

/* ---- task.c ------------------------------------------------------------ */

struct task {
	int64_t		id;
	int64_t		offboarding;
	char		system[WORD_MAX];
	char		phase[16];
	char		text[TEXT_MAX];
	int		open;
	int64_t		opened_at;
	int64_t		closed_at;
	char		closed_by[WORD_MAX];
	char		note[TEXT_MAX];
};

/* Opens a task unless the same one is open. */
int	 task_open(struct store *, const struct task *, const char *,
	    struct err *) MUST_USE;
/* Tasks of one offboarding, or all open ones when it is 0. */
int	 task_list(struct store *, int64_t, struct task *, unsigned,
	    unsigned *, struct err *) MUST_USE;
int	 task_get(struct store *, int64_t, struct task *, struct err *)
	    MUST_USE;
/* STORE_CONFLICT when it is closed already. */
int	 task_close(struct store *, int64_t, const char *, const char *,
	    struct err *) MUST_USE;

/* ---- message.c: what is told to people ----------------------------------- */

struct message {
	int64_t		 id;
	int64_t		 offboarding;
	char		 kind[16];	/* mail, webhook */
	char		 topic[32];
	const char	*recipient;	/* an address; "" for a webhook */
	const char	*subject;
	const char	*body;
	char		*own;		/* what the three stand in; or NULL */
	char		 state[16];	/* queued, sent, failed */
	int64_t		 attempts;
	int64_t		 created_at;
	int64_t		 due_at;
	int64_t		 ended_at;
	char		 last_error[TEXT_MAX];
};

/* Those of one offboarding, oldest first. Caller frees each with
 * message_clear(). */
int	 message_list(struct store *, int64_t, struct message *, unsigned,
	    unsigned *, struct err *) MUST_USE;
void	 message_clear(struct message *);

/* ---- certificate.c ------------------------------------------------------- */

struct certificate {
	int64_t	 made_at;
	char	*text;		/* canonical JSON and a line end: what is signed */
	char	*signature;	/* SSHSIG, armoured */
};

/* The last one made. STORE_NONE. Caller frees with certificate_clear(). */
int	 certificate_get(struct store *, int64_t, struct certificate *,
	    struct err *) MUST_USE;
void	 certificate_clear(struct certificate *);

/* ---- request.c: questions to the worker, drafts of the form ------------- */

struct request {
	int64_t		 id;
	char		 kind[16];
	char		*argument;	/* JSON */
	int64_t		 asked_at;
	int64_t		 answered_at;
	char		*answer;	/* JSON, "" until answered */
};

/* The sentence of a full disk, a locked or damaged record is the caller's to
 * show. The id of the new request goes to the int64_t. */
int	 request_add(struct store *, const char *, const char *, const char *,
	    int64_t *, struct err *) MUST_USE;
/* Caller frees with request_clear(). */
int	 request_get(struct store *, int64_t, struct request *, struct err *)
	    MUST_USE;
/* The first unanswered one with an id above AFTER. */
int	 request_next(struct store *, int64_t, struct request *, struct err *)
	    MUST_USE;
int	 request_answer(struct store *, int64_t, const char *, struct err *)
	    MUST_USE;
void	 request_clear(struct request *);

struct draft {
	char		 token[WORD_MAX];
	char		 owner[WORD_MAX];
	char		*fields;	/* JSON, made and read by the form */
	int64_t		 request;	/* the dry run it waits for; 0: none */
	int64_t		 changed_at;
};

int	 draft_put(struct store *, const struct draft *, struct err *)
	    MUST_USE;
/* Caller frees with draft_clear(). */
int	 draft_get(struct store *, const char *, struct draft *, struct err *)
	    MUST_USE;
void	 draft_clear(struct draft *);

/* ---- host.c: Linux hosts, denials, the publication's head ---------------- */

struct host {
	char		name[WORD_MAX];
	char		scope[32];
	char		keyid[32];
	char		key[64];	/* raw Ed25519 public key, base64 */
	int64_t		enrolled_at;
	int64_t		retired_at;
	int64_t		reported_at;
	int64_t		host_time;	/* seconds, the host's own clock */
	int64_t		epoch;
	int64_t		serial;
	char		*report;	/* JSON as reported and checked */
};

/* Caller frees each with host_clear(). ALL includes retired ones. */
int	 host_list(struct store *, int, struct host *, unsigned, unsigned *,
	    struct err *) MUST_USE;
/* Calls back for every host, one at a time, however many there are; not 0
 * from EACH ends it as a failure. */
int	 host_each(struct store *, int, int (*)(void *, const struct host *),
	    void *, struct err *) MUST_USE;
int	 host_by_key(struct store *, const char *, struct host *,
	    struct err *) MUST_USE;
void	 host_clear(struct host *);
/* STORE_CONFLICT: name or key is enrolled already. */
int	 host_enroll(struct store *, const struct host *, const char *,
	    struct err *) MUST_USE;
int	 host_retire(struct store *, const char *, const char *, struct err *)
	    MUST_USE;
/* Keeps a checked report (keyid, host_time, epoch, serial, report are read)
 * and makes waiting Linux steps due. STORE_CONFLICT: older than the last; a
 * host whose clock was ahead may set it back. */
int	 host_report(struct store *, const struct host *, struct err *)
	    MUST_USE;

struct denial {
	char	login[LOGIN_MAX];
	int64_t	offboarding;
	int64_t	serial;		/* listed from this serial on */
	int64_t	lifted_serial;	/* 0: listed now */
};

struct head {
	char	fleet[40];	/* 32 hex digits */
	char	salt[40];	/* 32 hex digits */
	int64_t	epoch;
	int64_t	serial;
};

int	 head_get(struct store *, struct head *, struct err *) MUST_USE;
/* The first head of a new record. STORE_CONFLICT when there is one. */
int	 head_init(struct store *, const struct head *, struct err *) MUST_USE;
/* Lists the login for an offboarding; the head's serial rises unless it was
 * listed. DENIAL gets the row. */
int	 denial_add(struct store *, const char *, int64_t, struct denial *,
	    struct err *) MUST_USE;
int	 denial_lift(struct store *, const char *, int64_t, struct denial *,
	    struct err *) MUST_USE;
int	 denial_get(struct store *, const char *, int64_t, struct denial *,
	    struct err *) MUST_USE;
/* Another offboarding that denies this login now. STORE_NONE. */
int	 denial_other(struct store *, const char *, int64_t, int64_t *,
	    struct err *) MUST_USE;
/* Calls back for every login listed now, one row a login. */
int	 denial_each(struct store *, int (*)(void *, const struct denial *),
	    void *, struct err *) MUST_USE;

/* ---- audit.c ------------------------------------------------------------ */

struct audit {
	int64_t		 seq;
	int64_t		 at;
	char		 actor[WORD_MAX];
	char		 event[64];
	int64_t		 offboarding;
	char		 system[WORD_MAX];
	char		 phase[16];
	char		 detail[TEXT_MAX];
	char		 hash[72];
};

/* Appends one row to the chain (seq, at and hash are filled in). */
int	 audit_append(struct store *, struct audit *, struct err *) MUST_USE;
/* Newest first; offboarding 0 means all. */
int	 audit_list(struct store *, int64_t, unsigned, struct audit *,
	    unsigned, unsigned *, struct err *) MUST_USE;
/* The hash of one row (72 bytes). STORE_NONE. */
int	 audit_hash(struct store *, int64_t, char *, struct err *) MUST_USE;
/*
 * Walks the whole chain. STORE_OK: ROWS rows, HEAD their hash (72 bytes).
 * STORE_CONFLICT: broken; the sentence names the first broken row.
 */
int	 audit_verify(struct store *, int64_t *, char *, struct err *)
	    MUST_USE;

/* ---- system.c ------------------------------------------------------------ */

struct system_row {
	char	name[WORD_MAX];
	char	kind[32];
	char	stopped[TEXT_MAX];
	int64_t	last_ok_at;
	char	last_error[TEXT_MAX];
	int64_t	last_error_at;
};

int	 system_list(struct store *, struct system_row *, unsigned, unsigned *,
	    struct err *) MUST_USE;
/* What a call showed: OK 1 with "" or 0 with the sentence. */
int	 system_saw(struct store *, const char *, const char *, int,
	    const char *, struct err *) MUST_USE;
int	 system_stop(struct store *, const char *, const char *, struct err *)
	    MUST_USE;
/* Lets it be called again; NULL: all. */
int	 system_clear(struct store *, const char *, struct err *) MUST_USE;

#endif
