/* scim.h: what the parts of the SCIM service share. */
#ifndef SCIM_H
#define SCIM_H

#include "sandbox.h"

#define SCIM_CORE "urn:ietf:params:scim:schemas:core:2.0:User"
#define SCIM_MORE \
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define SCIM_API "urn:ietf:params:scim:api:messages:2.0:"

/* scim.c */
void scim_no(struct ctx *, unsigned int, const char *, const char *);
void scim_reply(struct ctx *, unsigned int, json_object *);
bool scim_style(const struct ctx *, const char *);
bool scim_has_etag(const struct ctx *);

/* scim_filter.c: which users a filter means. */
struct scim_term {
	char attr[96];
	char value[256];
};
enum { SCIM_TERMS = 4 };
struct scim_filter {
	struct scim_term term[SCIM_TERMS];
	size_t n;
};
int filter_parse(struct ctx *, const char *, struct scim_filter *);
bool filter_fits(struct ctx *, const struct scim_filter *, json_object *);

/* scim_users.c: reading. */
json_object *accounts_want(struct ctx *);
json_object *accounts_view(struct ctx *, json_object *);
void accounts_answer(struct ctx *, unsigned int, json_object *);
void accounts_list(struct ctx *);
void accounts_get(struct ctx *);
bool accounts_matches(struct ctx *, json_object *, bool);
void accounts_touch(struct ctx *, json_object *);

/* scim_write.c, scim_patch.c: writing. */
void accounts_post(struct ctx *);
void accounts_put(struct ctx *);
void accounts_delete(struct ctx *);
void accounts_patch(struct ctx *);
bool accounts_taken(struct ctx *, const char *, json_object *);
const char *accounts_wrong(json_object *);

#endif
