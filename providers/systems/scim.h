/* Shared by scim.c (who we are there, discovery, contain), scim_active.c
 * (switching a user off and on), scim_find.c (find), scim_user.c (read),
 * scim_groups.c (memberships) and scim_end.c (remove, verify, recheck,
 * restore). */
#ifndef SCIM_H
#define SCIM_H

#include "../visit.h"

extern const struct conf_key scim_keys[];

/* The ways to switch a user off, in the order they are tried. */
enum scim_style { SCIM_PATCH, SCIM_PATCH_NO_PATH, SCIM_PUT, SCIM_STYLES };

enum scim_active { SCIM_ON, SCIM_OFF, SCIM_ODD };

/* The provider's own, one a thread: what the service says of itself. */
struct scim {
	int	known;		/* it has been asked */
	int	patch, filter, index, etag;
	int	fixed;		/* deactivate stands in the configuration */
	enum scim_style style;	/* that one, or what has worked last */
	int	me_known;
	char	me[WORD_MAX];	/* our token's own user; "" not said */
};

#define SCIM_TYPE	"application/scim+json"
#define SCIM_PATCH_OP	"urn:ietf:params:scim:api:messages:2.0:PatchOp"

struct scim *scim_own(const struct visit *);
/* Asks what the service can do, once; one that does not say is taken to be
 * able to PATCH. */
enum outcome scim_discover(struct visit *);
/* An answer that says that this kind of request is not for this service. */
int	 scim_is_refused(const struct visit *, enum outcome);
/* A PatchOp with one operation; PATH may be NULL, VALUE (taken over) too. */
struct json_object *scim_patch(const char *, const char *,
	    struct json_object *);

/* GET of /Users?filter= (NULL: of everybody), every page; each row goes to
 * EACH. */
struct scim_pages {
	const char	*filter;
	enum outcome	(*each)(struct visit *, struct json_object *, void *);
	void		*arg;
};
enum outcome scim_pages(struct visit *, const struct scim_pages *);
enum outcome scim_match(struct visit *);
enum outcome scim_document(struct visit *);
/* The recorded user; ETAG (WORD_MAX bytes, may be NULL) its version. */
enum outcome scim_user(struct visit *, struct json_object **, char *);
/* Still the one that was matched? Before anything is changed. */
enum outcome scim_is_them(struct visit *, struct json_object *);
/* After a 404: is the user gone for the search, too? OUT_GONE, or a fault. */
enum outcome scim_vanished(struct visit *);
enum scim_active scim_active(struct json_object *);
/* "If-Match: ..." into the line; NULL when there is no version. */
const char *scim_if_match(const char *, char *, size_t);

/* Switches the user off or on and reads it back. OUT_GONE: it is no longer
 * shown since. */
enum outcome scim_set_active(struct visit *, int);

/* Direct memberships that the user shows: [{id,name}]. Caller puts. */
struct json_object *scim_memberships(struct json_object *);
int	 scim_has_group(struct json_object *, const char *);
enum outcome scim_revoke(struct visit *);
/* Back into the groups of the before-image. */
enum outcome scim_regroup(struct visit *);

int	 scim_makes(const struct system *, enum phase);
enum outcome scim_remove(struct visit *);
enum outcome scim_verify(struct visit *);
enum outcome scim_recheck(struct visit *);
enum outcome scim_restore(struct visit *);

#endif
