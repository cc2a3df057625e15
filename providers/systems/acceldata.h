/* Shared by acceldata.c (credentials, contain), acceldata_find.c and
 * acceldata_lists.c (reading), acceldata_revoke.c, acceldata_pipelines.c
 * (handover) and acceldata_end.c (verify, restore). */
#ifndef ACCELDATA_H
#define ACCELDATA_H

#include "../visit.h"

extern const struct conf_key acceldata_keys[];

/* The provider's own: our access key, to know our own user by. */
struct acceldata {
	char	access_key[WORD_MAX];
	int	minimal;	/* put_mode = minimal */
	int	group_ids;	/* group_body = group_ids: the guide's dialect */
	int	pipelines;
	int	share_reason;
	const char *client_id;	/* NULL: not configured */
};

struct acceldata *acceldata_own(const struct visit *);

/* One changing call whose answer must say status true or success true. */
enum outcome acceldata_put(struct visit *, const char *, struct buf *,
	    struct json_object *, const char *);
/* status (or success) must be true where it stands in an answer. */
enum outcome acceldata_status(struct visit *, struct json_object *,
	    const char *);
enum outcome acceldata_match(struct visit *);
enum outcome acceldata_document(struct visit *);
/* The matched user, wherever the answer keeps it. Caller puts *j; the user
 * is borrowed from it. */
enum outcome acceldata_user(struct visit *, struct json_object **,
	    struct json_object **);
int	 acceldata_is_enabled(struct json_object *);
/* Managed by an identity provider, who alone may change it? By its own word,
 * or because the containment was told so. */
int	 acceldata_is_upstream(const struct visit *, struct json_object *);

/* Lists without secrets; the caller puts them. Groups: [{id,name}]; keys:
 * [{id,name}], the id being the access key itself, never to be recorded. */
enum outcome acceldata_groups(struct visit *, struct json_object **);
enum outcome acceldata_list_keys(struct visit *, struct json_object **);
enum outcome acceldata_direct_roles(struct visit *, struct json_object **);
/* The view of roles, each with its source: [{id,name,source}]; with ONLY the
 * ones that come from no group. NULL where the tenant has no such view. */
enum outcome acceldata_view_roles(struct visit *, int, struct json_object **);
/* What the person may still do: names, or NULL where that is not shown. */
enum outcome acceldata_permissions(struct visit *, struct json_object **);
/* Service users that the person created: [{id,name,keys}]. */
enum outcome acceldata_service_users(struct visit *, struct json_object **);
/* Does our key have the right to read each of the lists? */
enum outcome acceldata_probe(struct visit *);
/* Pipelines whose owner the person is: [{id,name}]. */
enum outcome acceldata_owned(struct visit *, const char *,
	    struct json_object **);
/* Is there an entry with this id? */
int	 acceldata_has_id(struct json_object *, const char *);
/* Is one of these keys the one we authenticate with? */
int	 acceldata_is_ours(const struct visit *, struct json_object *);
/* [{id,name}] with ids cut to their last four characters. */
struct json_object *acceldata_masked(struct json_object *);

enum outcome acceldata_set_enabled(struct visit *, int);
/* Gives pipelines of FROM in the list to TO, reading each back. */
enum outcome acceldata_give(struct visit *, struct json_object *,
	    const char *, const char *);

enum outcome acceldata_revoke(struct visit *);
enum outcome acceldata_handover(struct visit *);
enum outcome acceldata_remove(struct visit *);
enum outcome acceldata_verify(struct visit *);
enum outcome acceldata_recheck(struct visit *);
enum outcome acceldata_restore(struct visit *);
/* Puts the user back into the groups of the before-image. */
enum outcome acceldata_regroup(struct visit *);
/* Finds the one user with this address: id and name. */
enum outcome acceldata_find(struct visit *, const char *, char [WORD_MAX],
	    char [PERSON_MAX]);

#endif
