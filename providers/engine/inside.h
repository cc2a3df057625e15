/* Shared by the engine's own files only. */
#ifndef INSIDE_H
#define INSIDE_H

#include <pthread.h>

#include "../provider.h"
#include "engine.h"
#include "plan.h"

#define THREADS_MAX 16		/* of one system: its concurrency at most */

enum job_kind { JOB_NONE, JOB_STEP, JOB_TOGETHER, JOB_PLAN, JOB_CHECK,
    JOB_QUIT };

/* A dry run or a doctor's call over all systems. */
struct inquiry {
	int64_t		 request;
	enum job_kind	 kind;
	struct offboarding who;
	unsigned	 left;		/* systems that have not answered */
	struct json_object *systems[SETTINGS_SYSTEMS];
};

struct job {
	enum job_kind	 kind;
	struct step	 step;
	struct step	*steps;		/* together: owned by the job */
	unsigned	 nsteps;
	struct inquiry	*inquiry;
};

struct lane;

/* One thread of one system. */
struct worker {
	struct lane	*lane;
	pthread_t	 thread;
	struct system	 sys;		/* with a client of its own */
	int		 open;		/* sys has been opened */
	struct job	 job;		/* JOB_NONE: idle */
};

/* One configured system: its threads, its rate, its pauses. */
struct lane {
	struct engine	*engine;
	unsigned	 index;
	const struct settings_system *conf;
	const struct provider *provider;
	struct worker	 workers[THREADS_MAX];
	unsigned	 nworkers;
	int64_t		 not_before;	/* ms wall: unreached or slowed down */
	int		 slowed;	/* it was the service that said so */
	int		 unreached;	/* times in a row */
	char		 unreached_why[TEXT_MAX];
	char		 stopped[TEXT_MAX];	/* 401: why; "" */
	struct shared_token token;
	int64_t		 interval;	/* us between requests, 0: no rate */
	int64_t		 next_call;	/* monotonic us */
	struct inquiry	*waiting[64];	/* inquiries not yet given out */
	unsigned	 nwaiting;
};

struct engine {
	const struct settings *set;
	struct store	*store;
	pthread_mutex_t	 lock;		/* of the store and all below */
	pthread_cond_t	 cond;		/* a job was given */
	struct lane	 lanes[SETTINGS_SYSTEMS];
	unsigned	 nlanes;
	int		 lock_fd;
	int		 wake_fd;
	int		 done_fd;	/* eventfd: a worker has finished */
	int		 only_request;
	int64_t		 asked;		/* the last request taken */
	int64_t		 offset;	/* wall less monotonic clock, ms */
	int		 lost;		/* lock or record was taken away */
	int64_t		 signed_at;	/* ms monotonic: last stamp */
	int64_t		 pruned_at;
	int		 orphaned;	/* steps without a system were ended */
	char		 said[ERR_MAX];	/* the last publishing trouble */
	char		 uncertified[ERR_MAX];	/* why no certificate */
	struct post	*post;		/* post.c's own */
};

/* ---- lock.c ---- */
/* worker.lock below the record: a descriptor, -1, or -2 when held. */
int	 lock_take(const char *, struct err *);
/* Is the file at its place still the one that we hold? */
int	 lock_is_ours(const char *, int);

/* ---- view.c: a case in memory ---- */
struct view {
	struct offboarding who;
	struct step	*steps;
	struct account	 accounts[CASE_SYSTEMS_MAX];
	struct task	*tasks;
	struct plan	 plan;
};
/* Caller clears. */
int	 view_load(struct engine *, int64_t, struct view *, struct err *)
	    MUST_USE;
void	 view_clear(struct view *);
/* Sets due what may run, ends what never will, writes the status. Inside
 * the caller's transaction. */
int	 view_settle(struct engine *, int64_t, struct err *) MUST_USE;

/* ---- open.c ---- */
/* Opens every case that is due and makes undo steps that were asked for. */
int	 open_due(struct engine *, struct err *) MUST_USE;

/* ---- recheck.c: later looks ---- */
/* When the look number NTH (from 0) is due. */
int64_t	 recheck_at(const struct settings *, int64_t, int64_t);
/* Makes the steps of every look that is due. */
int	 recheck_due(struct engine *, struct err *) MUST_USE;
/* The phase, for any provider: reads only. */
enum outcome recheck_visit(struct visit *);
/* Access came back (OUT_OPEN): alerts, and ends it again or opens a task.
 * Sets the step's state; inside the caller's transaction. */
int	 recheck_back(struct engine *, struct step *, struct err *) MUST_USE;

/* ---- orphan.c ---- */
/* Ends the open steps of systems that are not configured; once, at start. */
int	 orphan_steps(struct engine *, struct err *) MUST_USE;

/* ---- notice.c: what is told to whom; inside the caller's transaction ---- */
#define NOTICE_PHASE "notify"	/* of tasks: somebody could not be told */
int	 notice_opened(struct engine *, const struct offboarding *,
	    struct err *) MUST_USE;
/* The status has changed to one that is told. */
int	 notice_status(struct engine *, const struct offboarding *,
	    struct err *) MUST_USE;
/* Access came back. */
int	 notice_back(struct engine *, const struct step *, struct err *)
	    MUST_USE;

/* ---- post.c: the thread that sends ---- */
int	 post_start(struct engine *, struct err *) MUST_USE;
/* Could its secrets be used? Sends nothing. */
int	 post_check(const struct settings_notify *, struct err *) MUST_USE;
void	 post_end(struct engine *);
/* All under the lock: gives what is due to idle threads; is one being sent,
 * or to be sent now; when is the next one due (0: none). */
int	 post_feed(struct engine *, struct err *) MUST_USE;
int	 post_is_busy(struct engine *);
int64_t	 post_next_at(struct engine *);

/* ---- certify.c ---- */
/* Makes and signs the certificate of every offboarding that has ended. */
int	 certify_due(struct engine *, struct err *) MUST_USE;
/* Makes and keeps one as it stands now. Caller clears. */
int	 certify_case(struct engine *, int64_t, struct certificate *,
	    struct err *) MUST_USE;

/* ---- visits.c: one step from intent to result ---- */
void	 visits_step(struct worker *, struct step *);
/* Steps of one phase that one request serves. */
void	 visits_together(struct worker *, struct step *, unsigned);
/* The worker's system, opened; NULL with the sentence. */
struct system *visits_system(struct worker *, struct err *);
extern const struct visit_hooks visits_hooks;
/* What a visit of a step carries for its hooks. */
struct baggage {
	struct worker	*worker;
	int64_t		 step;
	int64_t		 offboarding;
	int64_t		 call;		/* made, its end not yet kept; or 0 */
	char		 outcome[200];
	char		*saved;		/* the before-image as it is on disk */
};
/* Keeps the end of the last call; inside the caller's transaction. */
int	 visits_flush(struct store *, struct baggage *, struct err *);
/* An image as JSON text, "" for none; valid as long as the image. */
const char *visits_image(struct json_object *);

/* ---- outcome.c: what came of it; all under the lock ---- */
int	 outcome_keep(struct worker *, struct step *, struct visit *,
	    enum outcome, struct err *) MUST_USE;
/* No more calls to this system until a person has mended it. */
void	 outcome_stop(struct lane *, const char *);

/* ---- inquiry.c ---- */
int	 inquiry_take(struct engine *, struct err *) MUST_USE;
void	 inquiry_run(struct worker *, struct inquiry *);

/* ---- lane.c ---- */
void	*lane_main(void *);
/* Waits for the thread, which was told to quit. */
void	 lane_join(struct worker *);
/* Gives due steps and inquiries to idle workers. */
int	 lane_feed(struct lane *, int64_t, struct err *) MUST_USE;

#endif
