/*
 * Who must not be offboarded, by whom, and when a second person is asked
 * first. Asked by the form and the command before they record anything, and
 * again by the worker before the first call. Pure but for the record.
 */
#ifndef GUARD_H
#define GUARD_H

#include "../base/settings.h"
#include "../record/store.h"

/*
 * Completes and checks a new offboarding: lower-cases e-mail, handover and
 * login, derives the login where the configuration says so, checks every
 * field. 0, or -1 with a sentence for the person who typed it; FIELD (32
 * bytes) names the field: "email", "handover", "login", "name",
 * "employee_id", "reason".
 */
int	guard_fields(const struct settings *, struct offboarding *,
	    char [32], struct err *) MUST_USE;

/*
 * Refuses protected people and oneself. ACTOR is the name of who asks.
 * 0, or -1 with the sentence.
 */
int	guard_person(const struct settings *, const struct offboarding *,
	    const char *, struct err *) MUST_USE;

/*
 * Sets ob->hold to why a second person must agree, or to "". requested_by,
 * requested_at and id (0 when new) must be set. STORE_FAIL on an unreadable
 * record.
 */
int	guard_hold(const struct settings *, struct store *,
	    struct offboarding *, struct err *) MUST_USE;

/* The same, when so many more people count as asked for just before. */
int	guard_hold_after(const struct settings *, struct store *,
	    struct offboarding *, int64_t, struct err *) MUST_USE;

/* Did somebody approve it who may: another person with the role approver, or
 * an operator where it is the brake that holds? */
int	guard_approved(const struct settings *, const struct offboarding *);

#endif
