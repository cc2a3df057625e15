/*
 * What the code for one kind of system must be able to do. A provider is
 * straight-line: it looks, changes, and looks again. Concurrency, retry,
 * rate and record belong to the engine.
 */
#ifndef PROVIDER_H
#define PROVIDER_H

#include <json-c/json.h>
#include <pthread.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/settings.h"
#include "net/http.h"
#include "record/store.h"

enum outcome {
	OUT_OK,		/* between helpers only: go on */
	OUT_GONE,	/* between helpers only: 404 or 410 */
	OUT_VERIFIED,	/* read back */
	OUT_DONE,	/* accepted, not provable: there is a task */
	OUT_MANUAL,	/* no API, or not ours to do: there is a task */
	OUT_ABSENT,	/* no such account */
	OUT_AMBIGUOUS,	/* several accounts fit: stops this system */
	OUT_FAILED,	/* will not get better by itself */
	OUT_OPEN,	/* read back, and access is there (again) */
	OUT_UNCLEAR,	/* a word that the contract does not know */
	OUT_WAIT,	/* look again after wait ms, for what detail says */
	OUT_RETRY,	/* a passing fault */
	OUT_GARBLED,	/* an answer that is cut or no JSON: tried again */
	OUT_UNREACHED,	/* no answer: the system waits as a whole */
	OUT_BUSY,	/* 429: the system waits as a whole, wait ms */
	OUT_REFUSED,	/* 401 or a doctor's 403: stops the system */
};

/* What all threads of one system share: an access token, because one refresh
 * token must not be used twice, and the turn for what a service lets be asked
 * for only now and then. */
struct shared_token {
	pthread_mutex_t	lock;		/* held while a new one is fetched */
	struct buf	access;
	unsigned	generation;	/* 0: none yet */
	int64_t		turn;		/* ms: not asked for again before */
	/* The provider's, for all threads: made at the first open, freed at
	 * the last close, and used under the lock. */
	void		*shared;
};

/* One configured system, ready to be called from one thread. */
struct system {
	const char		*name;
	const struct provider	*provider;
	const struct settings	*settings;
	const char		*section;	/* in the configuration */
	const char		*data_dir;
	struct http		*http;		/* NULL for linux, command */
	void			*own;		/* the provider's */
	struct shared_token	*token;
};

#define VISIT_TASKS 16

/* What a visit may ask of the engine: the record, mostly. */
struct visit;
struct visit_hooks {
	/* Intent before and result after a call that changes something. -1:
	 * the intent could not be kept, so the call must not be made. */
	int	(*before)(struct visit *, const char *, struct err *);
	void	(*after)(struct visit *, const char *);
	/* Before every request: keeps the system's rate. */
	void	(*pace)(struct visit *);
	/* The record, for providers that live in it (linux): one user at a
	 * time, and nothing slow in between. */
	struct store *(*lock)(struct visit *);
	void	(*unlock)(struct visit *);
};

enum found { FOUND_UNKNOWN, FOUND_YES, FOUND_ABSENT, FOUND_AMBIGUOUS };

/* One phase of one system for one person. */
struct visit {
	struct system		*sys;
	const struct offboarding *who;
	const struct visit_hooks *hooks;
	void			*arg;		/* of the hooks */
	enum phase		 phase;
	int			 dry;		/* a change would be a bug */
	int			 emergency;
	int64_t			 waited;	/* ms this step waits already */
	int64_t			 contained_at;	/* ms: read back here; 0: not */

	/* Read and set by the provider. */
	char			 account[WORD_MAX];
	char			 label[PERSON_MAX];
	struct json_object	*before;	/* owned here; may be NULL */
	struct json_object	*after;		/* owned here; may be NULL */
	char			 detail[TEXT_MAX];
	struct buf		 holds;		/* lines: what the person has */
	char			 tasks[VISIT_TASKS][TEXT_MAX];
	unsigned		 ntasks;
	int64_t			 wait;
	long			 status;	/* of the last answer */
	enum found		 found;
};

typedef enum outcome phase_fn(struct visit *);

struct provider {
	const char		*kind;
	const struct conf_key	*keys;
	/* The match rests on a name that was derived, not on the address. */
	int			 by_login;
	/* Reads secrets, makes the client. 0 or -1 with the sentence. */
	int	(*open)(struct system *, struct err *);
	void	(*close)(struct system *);
	/* New credentials after a 401, tried once; NULL: there is no way.
	 * OUT_OK, or OUT_REFUSED for good, or a passing fault with the ms to
	 * wait that the service asked for. */
	enum outcome (*renew)(struct system *, int64_t *, struct err *);
	/* Finds the account: OUT_OK, OUT_ABSENT, OUT_AMBIGUOUS, or a fault.
	 * With OUT_OK it is found, unless v->found says otherwise. */
	phase_fn *match;
	/* One a phase; NULL: this kind makes no such step. The recheck reads
	 * only (v->dry is set): OUT_VERIFIED or OUT_ABSENT while it is over,
	 * OUT_OPEN when access is there again. */
	phase_fn *phases[PHASES];
	/* A phase that one request does for many people: it is given the steps
	 * that are due together, at most MOST, each matched already, and sets
	 * an outcome for each. phases[] has it, too, for the dry run's sake.
	 * Intent is kept for each visit by its own hooks. */
	struct {
		enum phase	  phase;
		unsigned	  most;		/* 0: there is none */
		void		(*run)(struct visit **, enum outcome *,
				    unsigned);
	} together;
	/* For the dry run: what each phase would do, and which cannot be put
	 * back (bits of 1 << phase). */
	const char *would[PHASES];
	unsigned irreversible;
	/* Does this very system make that step? For phases that the
	 * configuration switches; NULL: yes. */
	int	(*makes)(const struct system *, enum phase);
	/* The doctor: credentials and scopes, changing nothing. */
	phase_fn *check;
};

/* The keys that every kind takes. */
#define PROVIDER_KEYS \
	{ "kind", CONF_TEXT, NULL, NULL, 0, 0 }, \
	{ "timeout", CONF_SPAN, "30s", NULL, 0, 0 }, \
	{ "rate", CONF_NUMBER, "0", NULL, 0, 1000000 }, \
	{ "concurrency", CONF_NUMBER, "1", NULL, 1, 16 }, \
	{ "remove", CONF_SWITCH, "off", NULL, 0, 0 }
#define PROVIDER_KEYS_END { NULL, CONF_TEXT, NULL, NULL, 0, 0 }

/* By kind; NULL for one that is not known. */
const struct provider *registry_find(const char *);
/* The kinds, comma-separated, for messages. */
const char *registry_kinds(void);

/* Checks the section's keys against its kind. 0 or -1 with file:line. */
int	 registry_check(const struct settings *, struct err *) MUST_USE;

/* Does this system make a step of this phase? */
int	 registry_has(const struct system *, enum phase);

#endif
