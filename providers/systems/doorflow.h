/* Shared by doorflow.c (credentials, contain), doorflow_find.c (find, read),
 * doorflow_sync.c (the doors) and doorflow_end.c (revoke, remove, verify,
 * restore). */
#ifndef DOORFLOW_H
#define DOORFLOW_H

#include "../visit.h"

extern const struct conf_key doorflow_keys[];

/* The provider's own. */
struct doorflow {
	int64_t	 sync_not_before;	/* ms: the service asked us to wait */
	unsigned generation;		/* of the token in our header */
};

struct doorflow_pages {
	const char	*path;
	const char	*key, *value;	/* of a filter, or NULL */
	const char	*list;		/* the key under which the list may be */
	const char	*what;
	enum outcome	(*each)(struct visit *, struct json_object *, void *);
	void		*arg;
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

/*
 * Are the doors' copies at least as new as the person's record? Asks for a
 * sync when they are not. OUT_VERIFIED when every door has it, OUT_WAIT while
 * one is under way, OUT_DONE with a task that names the doors that may still
 * open. The words say what was changed.
 */
enum outcome doorflow_sync(struct visit *, const char *);
/* Is a sync that we asked for still under way? */
int	 doorflow_syncing(const struct visit *);

int	 doorflow_makes(const struct system *, enum phase);
enum outcome doorflow_revoke(struct visit *);
enum outcome doorflow_remove(struct visit *);
enum outcome doorflow_verify(struct visit *);
enum outcome doorflow_restore(struct visit *);

#endif
