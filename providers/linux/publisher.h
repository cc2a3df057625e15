/* From the record to the publication: the worker's side of the denylist. */
#ifndef PUBLISHER_H
#define PUBLISHER_H

#include "../record/store.h"

/* Publishes every login denied now under the record's (epoch, serial).
 * Refuses when what is published is newer than the record. 0 or -1. */
int	publisher_state(const char *, struct store *, struct err *)
	    __attribute__((warn_unused_result));

/* Signs the stamp again; publishes the state when it is not what the record
 * says. 0 also without a fleet ("keys init" was never run). 0 or -1. */
int	publisher_refresh(const char *, struct store *, struct err *)
	    __attribute__((warn_unused_result));

/* What the stamp says: 1 when there is one, 0 when there is none, or -1. */
int	publisher_current(const char *, int64_t *, int64_t *, struct err *);

#endif
