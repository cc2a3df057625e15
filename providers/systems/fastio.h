/* Shared by fastio.c (credentials, profiles, doctor), fastio_ask.c (calls and
 * lists); of the current profile: fastio_find.c (who), fastio_seats.c (where),
 * fastio_limit.c (contain), fastio_move.c (handover), fastio_end.c (revoke,
 * remove), fastio_verify.c and fastio_back.c (restore); of the guide's:
 * fastio_guide.c (find, contain), fastio_guide_own.c (document, revoke),
 * fastio_guide_end.c (handover, remove) and fastio_guide_look.c (verify,
 * restore). */
#ifndef FASTIO_H
#define FASTIO_H

#include "../visit.h"

extern const struct conf_key fastio_keys[];

/* The provider's own. */
struct fastio {
	int		 guide;		/* profile = guide */
	const char	*org;
	char		 org_id[WORD_MAX];	/* where it is a name */
	char		 self[WORD_MAX]; /* the user whose token this is */
	int		 asked;		/* guide: whose it is was asked for */
};

struct fastio *fastio_own(const struct visit *);
int	 fastio_removes(const struct visit *);

/* ---- fastio_ask.c: both profiles ---- */

/* visit_call() of an answer that must not say "no". The body of the answer
 * need not be there after a change: that is read back anyway. */
enum outcome fastio_call(struct visit *, const struct visit_call *);
/* The path /current/a/b/ of segments, ended by NULL. */
void	 fastio_path(struct buf *, ...) __attribute__((sentinel));
/* What an answer is about: under "response", or the answer itself. */
struct json_object *fastio_inner(struct json_object *);
/* The object under KEY of an answer, or else what it is about. */
struct json_object *fastio_object(struct json_object *, const char *);
/* An id as text; "" for none, and for a number that did not fit. */
void	 fastio_id(struct json_object *, const char *, char [WORD_MAX]);
const char *fastio_email(struct json_object *);
/* Cleaned, "" for none. */
void	 fastio_name(struct json_object *, char [PERSON_MAX]);

struct fastio_pages {
	const char	*path;		/* without a query */
	const char	*query[4];	/* key, value, key, value; or NULL */
	const char	*list;		/* the key of the list */
	const char	*what;		/* for people: "list the members" */
	enum outcome	(*each)(struct visit *, struct json_object *, void *);
	void		*arg;
	size_t		 seen;		/* set: rows in all */
};
/* Every row of every page. */
enum outcome fastio_pages(struct visit *, struct fastio_pages *);

/* ---- fastio_find.c and fastio_seats.c ---- */

/* Somebody in one place: who is looked for, and what was found. */
struct fastio_look {
	const char	*kind;		/* org, workspace, share */
	const char	*id;
	const char	*email;
	const char	*account;	/* "": by the address alone */
	char		 user[WORD_MAX];	/* the member's id, "" */
	char		 other[WORD_MAX];	/* another with the address */
	char		 label[PERSON_MAX];
	char		 role[32];
	char		 expires[40];
	struct json_object *invites;	/* [{id,role}]; caller puts */
	int		 self;		/* our own user is listed, too */
	int		 pending;	/* a row without its invitation */
};
enum outcome fastio_look(struct visit *, struct fastio_look *);

/* The organisation's number; OUT_FAILED: none for this token. */
enum outcome fastio_org(struct visit *, char [WORD_MAX]);
/* Whose token is it? Sets fastio.self, and fastio.org to a number. */
enum outcome fastio_self(struct visit *);
/* What a member's own entry shows. */
struct fastio_member {
	char	role[32];
	char	expires[40];
	int	shows;		/* the entry has "expires", if only null */
};
/* OUT_GONE: USER is no member there. */
enum outcome fastio_member(struct visit *, struct json_object *, const char *,
	    struct fastio_member *);

/*
 * The places where the person is a member or invited, the organisation
 * first: [{kind,id,name,user,label,role,expires,invites:[{id,role}]}]. A list
 * that cannot be read is a failure, never "nothing". Caller puts.
 */
enum outcome fastio_seats(struct visit *, struct json_object **);
/* Is the person listed in that place as a member (2), as invited (1), or not
 * at all (0)? */
enum outcome fastio_there(struct visit *, struct json_object *, int *);
/* "workspace Plans"; "the organisation". */
void	 fastio_seat_name(struct json_object *, char [PERSON_MAX + 16]);
int	 fastio_seat_is(struct json_object *, const char *);
int	 fastio_is_owner(struct json_object *);
struct json_object *fastio_invites(struct json_object *);
/* Has this instant passed? 0 for none and for one that cannot be read. */
int	 fastio_is_over(const char *);
/* Adds "a, b" to words. */
void	 fastio_add(char *, size_t, const char *);

/* Is the account only an invitation, nobody's yet? */
int	 fastio_is_guest(const struct visit *);

/* ---- the phases, current profile ---- */

enum outcome fastio_match(struct visit *);
enum outcome fastio_document(struct visit *);
enum outcome fastio_contain(struct visit *);
enum outcome fastio_revoke(struct visit *);
enum outcome fastio_handover(struct visit *);
enum outcome fastio_remove(struct visit *);
enum outcome fastio_verify(struct visit *);
enum outcome fastio_recheck(struct visit *);
enum outcome fastio_restore(struct visit *);

/* Lets a membership end at TEXT ("": never) and reads it back. OUT_GONE:
 * there is none; OUT_DONE: accepted, but the entry shows no end at all. */
enum outcome fastio_limit(struct visit *, struct json_object *, const char *);
/* Withdraws every invitation in the seats and reads that back. */
enum outcome fastio_withdraw(struct visit *, struct json_object *);
/* Makes TO the owner of a seat and reads that back. */
enum outcome fastio_give(struct visit *, struct json_object *, const char *);

/* ---- the phases, guide's profile ---- */

enum outcome fastio_guide_check(struct visit *);
enum outcome fastio_guide_match(struct visit *);
enum outcome fastio_guide_document(struct visit *);
enum outcome fastio_guide_contain(struct visit *);
enum outcome fastio_guide_revoke(struct visit *);
enum outcome fastio_guide_handover(struct visit *);
enum outcome fastio_guide_remove(struct visit *);
enum outcome fastio_guide_verify(struct visit *);
enum outcome fastio_guide_recheck(struct visit *);
enum outcome fastio_guide_restore(struct visit *);

/* Finds the one user with this address: id and name. */
enum outcome fastio_guide_find(struct visit *, const char *, char [WORD_MAX],
	    char [PERSON_MAX]);
/* The status of the user, still the one who was matched; OUT_GONE. */
enum outcome fastio_guide_status(struct visit *, char [32]);
/* Sets it and reads it back. */
enum outcome fastio_guide_set_status(struct visit *, const char *);
/* Lists: the names of "sessions" or "tokens" (OUT_GONE: none can be asked
 * for), webhooks and owned workspaces [{id,name}]. Caller puts. */
enum outcome fastio_guide_names(struct visit *, const char *,
	    struct json_object **);
enum outcome fastio_guide_webhooks(struct visit *, struct json_object **,
	    size_t *);
enum outcome fastio_guide_owned(struct visit *, struct json_object **);
/* Who owns a workspace, by the workspace itself. */
enum outcome fastio_guide_owner(struct visit *, const char *,
	    char [WORD_MAX]);
/* Gives workspaces [{id,name}] back from the heir, reading each back. */
enum outcome fastio_guide_give_back(struct visit *, struct json_object *);
/* Is the person listed as a member of the organisation? */
enum outcome fastio_guide_in_org(struct visit *, int *);
/* The user is not shown: OUT_OK when it is no member either. */
enum outcome fastio_guide_gone(struct visit *);

#endif
