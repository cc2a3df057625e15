/* Shared by doorflow.c (credentials, contain), doorflow_find.c (find, read),
 * doorflow_doors.c and doorflow_sync.c (the doors), doorflow_watch.c (rules
 * and the door log), doorflow_revoke.c and doorflow_end.c (remove, verify,
 * recheck, restore). */
#ifndef DOORFLOW_H
#define DOORFLOW_H

#include "../visit.h"

extern const struct conf_key doorflow_keys[];

/* The provider's own, one a thread. */
struct doorflow {
	unsigned generation;	/* of the token in our header */
	int	 counted;	/* holds a share of the doors */
};

struct doorflow_pages {
	const char	*path;
	const char	*key, *value;	/* of a filter, or NULL */
	const char	*list;		/* the key under which it may be */
	const char	*what;
	enum outcome	(*each)(struct visit *, struct json_object *, void *);
	void		*arg;
	const char	*size;		/* what a page's size is called there;
					 * NULL: per_page */
};

enum outcome doorflow_pages(struct visit *, const struct doorflow_pages *);
enum outcome doorflow_match(struct visit *);
enum outcome doorflow_document(struct visit *);
/* OUT_OK: *j is the account's person, to be put by the caller. */
enum outcome doorflow_person(struct visit *, struct json_object **);
int	 doorflow_enabled(struct json_object *);
int	 doorflow_shows(struct json_object *, const char *);
enum outcome doorflow_enable(struct visit *, int);
/* Lists without secrets; the caller puts them. */
enum outcome doorflow_credentials(struct visit *, struct json_object **);
enum outcome doorflow_reservations(struct visit *, const char *,
	    struct json_object **);
/* PUT of ids under "group_ids" or "role_ids" (taken over). */
enum outcome doorflow_put_list(struct visit *, const char *,
	    struct json_object *, const char *);
/* DELETE of one thing; that it is gone already is as good. */
enum outcome doorflow_delete(struct visit *, struct buf *, const char *);
/* How many credentials the configured action has not ended yet. */
enum outcome doorflow_credentials_left(struct visit *, size_t *);

/* ---- the doors, as all threads of the system see them ---- */

enum door_state { DOOR_OK, DOOR_FAIL, DOOR_SYNCING, DOOR_PENDING, DOOR_ODD };

struct door {
	char		 id[WORD_MAX];
	char		 name[80];
	int		 online;
	enum door_state	 state;
	int64_t		 taken;	/* its last sync completed, ms there; 0 */
	int64_t		 before; /* TAKEN when a sync was asked for last;
				 * INT64_MAX: it was not at rest then */
	int64_t		 has;	/* everything seen before this count */
};

struct doors {
	unsigned	 users;
	int64_t		 id;		/* of this run: counts end with it */
	int64_t		 count;		/* of sights and readings, in order */
	int64_t		 read_at;	/* ms monotonic; 0: not yet */
	int64_t		 read_count;	/* when the reading began */
	char		 status[32];	/* the account's sync */
	char		 last[64];	/* its last_sync, as they write it */
	char		 owner[EMAIL_MAX]; /* of the token; "" not said */
	int		 owner_read;
	int64_t		 asked;		/* the reading before a sync was asked
					 * for last; 0: never */
	int64_t		 asked_at;	/* ms monotonic */
	char		 asked_last[64];
	struct door	*door;
	size_t		 n;
};

/* Joins and leaves the system's doors. 0 or -1. */
int	 doorflow_join(struct system *, struct err *) MUST_USE;
void	 doorflow_leave(struct system *);
/* Held while the doors are looked at; nothing slow in between. */
struct doors *doorflow_lock(const struct visit *);
void	 doorflow_unlock(const struct visit *);
/* Account and doors, read unless a reading is younger than so many ms. */
enum outcome doorflow_look(struct visit *, int64_t);
/* A sync that was accepted, asked for after reading COUNT. */
void	 doorflow_asked(struct visit *, int64_t);
/* Whose token it is that we use, by address; "" when it is not said. */
enum outcome doorflow_owner(struct visit *, char [EMAIL_MAX]);
/* An RFC 3339 instant of an answer in ms; 0 when absent or not one. */
int64_t	 doorflow_instant(const char *);

/* ---- have the doors taken a change? ---- */

/* After this long a door that has not taken the sync is named, not awaited. */
#define DOORFLOW_PATIENCE_MS 45000

enum door_verdict {
	DOORS_HAVE_IT,
	DOORS_WAIT,		/* a sync that serves it is on its way */
	DOORS_ASK,		/* none is */
	DOORS_LEFT,		/* some have not got it, and will not soon */
	DOORS_UNPROVEN,		/* asked, and never seen to happen */
	DOORS_ODD_SYNC,		/* words that are not of the contract */
	DOORS_ODD_DOOR,
};

/* What a step that waits keeps in the after-image. */
struct door_wait {
	int64_t	changed;	/* the person's updated_at */
	int64_t	seen;		/* count at which that was read */
	int64_t	first;		/* ms: since when a sync serves it; 0 */
	int	ours;		/* it was this step that asked */
};

struct door_judgement {
	enum door_verdict verdict;
	unsigned	nbehind;
	char		behind[300];	/* doors that have not got it */
	int64_t		latest;		/* when the last door took it, there */
};

/* Judges the last reading for somebody who waits; its count. */
int64_t	 doorflow_judge(struct visit *, struct door_wait *,
	    struct door_judgement *);
/* ms since an instant of our clock; 0 for never. */
int64_t	 doorflow_ago(int64_t);

/*
 * Are the doors' copies at least as new as the person's record? Asks for a
 * sync when they are not. OUT_VERIFIED when every door has it, OUT_WAIT while
 * one is under way, OUT_DONE with a task that names the doors that may still
 * open. The words say what was changed.
 */
enum outcome doorflow_sync(struct visit *, const char *);
/* For a step that waits for the doors already: OUT_WAIT at little cost, or
 * OUT_OK when it is time to look at everything again. */
enum outcome doorflow_waiting(struct visit *);
/* Is a sync that the containment waits for still under way? */
int	 doorflow_syncing(struct visit *);
/* This visit has changed something: the doors must take it anew. */
void	 doorflow_changed(struct visit *);

/* ---- what the doors tell ---- */

/* Rules that name the person: [{id,name,active}], the caller puts. Rights to
 * read them may be missing: then *LIST is NULL. */
enum outcome doorflow_rules(struct visit *, struct json_object **);
/* A task for each rule that still tells the person, beside what is over. */
enum outcome doorflow_rule_tasks(struct visit *, enum outcome);
/* Was the person let in after the containment? Turns OUT, which says that all
 * is over, into OUT_DONE with tasks if so. */
enum outcome doorflow_admitted(struct visit *, struct json_object *,
	    enum outcome);

int	 doorflow_makes(const struct system *, enum phase);
enum outcome doorflow_revoke(struct visit *);
enum outcome doorflow_remove(struct visit *);
enum outcome doorflow_verify(struct visit *);
enum outcome doorflow_recheck(struct visit *);
enum outcome doorflow_restore(struct visit *);

#endif
