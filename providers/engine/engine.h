/*
 * The engine: owns worker.lock, opens what is due, runs systems side by side
 * in threads, keeps intent and result, wakes by datagram, answers dry runs.
 * One per machine and record; everything else only writes wishes into the
 * record and rings.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include "../base/settings.h"
#include "../record/store.h"

enum engine_until {
	ENGINE_FOREVER,
	ENGINE_IDLE,		/* nothing is due, nor will be in a minute */
	ENGINE_CASE,		/* this offboarding is idle */
	ENGINE_REQUEST,		/* this dry run is answered; no case is run */
};

struct engine;

/* Takes worker.lock. STORE_CONFLICT: another worker holds it. */
int	engine_open(struct engine **, const struct settings *, struct err *)
	    MUST_USE;
void	engine_close(struct engine *);

/* Runs until the condition holds or engine_stop(). ID is of the case or the
 * request. 0, or -1 with the sentence. */
int	engine_run(struct engine *, enum engine_until, int64_t, struct err *)
	    MUST_USE;

/* Asks it to end soon; a signal handler may call it. Steps under way are
 * taken up again, reading first, at the next start. */
void	engine_stop(void);

/* For those who only watch: is the case idle, as ENGINE_CASE means it? */
int	engine_case_idle(struct store *, int64_t, int *, struct err *)
	    MUST_USE;

#endif
