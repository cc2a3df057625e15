/* fastio.h: what the parts of the file service share. */
#ifndef FASTIO_H
#define FASTIO_H

#include "sandbox.h"

enum { FASTIO_ID = 48 };		/* room for an id */

enum {				/* codes of refusals */
	FASTIO_AUTH = 10011,
	FASTIO_READ_ONLY = 10754,
	FASTIO_RESTRICTED = 1670,
	FASTIO_INPUT = 1605,
	FASTIO_NOWHERE = 1609,
	FASTIO_RATE = 1671
};

/* fastio.c: the envelope, and who may do what. */
void fastio_yes(struct ctx *, json_object *);
void fastio_no(struct ctx *, unsigned int, int, const char *);
void fastio_no_member(struct ctx *);
void fastio_page(struct ctx *, struct page *);
void fastio_list(struct ctx *, struct page *, const char *);
json_object *fastio_user(json_object *, const char *);
const char *fastio_self(const struct ctx *);

/* fastio_place.c: organizations, workspaces and shares. */
const char *place_table(const char *);
json_object *place_get(json_object *, const char *, const char *);
json_object *place_want(struct ctx *);
bool place_may(struct ctx *, json_object *);
json_object *place_view(json_object *);
void place_orgs(struct ctx *);
void place_orgs_external(struct ctx *);
void place_workspaces(struct ctx *);
void place_all_workspaces(struct ctx *);
void place_shares(struct ctx *);
void place_details(struct ctx *);

/* fastio_members.c */
json_object *members_row(json_object *, const char *, const char *,
    long long);
void members_list(struct ctx *);
void members_details(struct ctx *);
void members_add(struct ctx *);
void members_remove(struct ctx *);
void members_update(struct ctx *);
void members_transfer(struct ctx *);

/* fastio_invites.c: what has been offered and not yet been taken. */
json_object *invites_add(json_object *, json_object *, const char *,
    const char *, long long);
bool invites_is_for(json_object *, json_object *);
bool invites_open(json_object *, long long);
json_object *invites_view(json_object *);
void invites_list(struct ctx *);
void invites_delete(struct ctx *);
void invites_accept(struct ctx *);

/* fastio_events.c */
void trail_note(struct ctx *, const char *, json_object *, const char *);
void trail_search(struct ctx *);

/* fastio_self.c: what acts on the owner of the token, and on nobody else. */
void self_check(struct ctx *);
void self_scopes(struct ctx *);
void self_details(struct ctx *);
void self_user(struct ctx *);
void self_search(struct ctx *);
void self_keys(struct ctx *);
void self_key_delete(struct ctx *);
void self_sessions(struct ctx *);
void self_session_delete(struct ctx *);
void self_invalidate(struct ctx *);
void self_close(struct ctx *);

/* fastguide.c, fastguide_things.c: the other API on the same people. */
void fastguide_no(struct ctx *, unsigned int, const char *);
void fastguide_page(struct ctx *, struct page *);
void fastguide_list(struct ctx *, struct page *, const char *);
json_object *fastguide_user(struct ctx *, const char *);
void fastguide_note(struct ctx *, const char *, const char *);
int fastguide_purge(json_object *, const char *);
void fastguide_sessions(struct ctx *);
void fastguide_tokens(struct ctx *);
void fastguide_tokens_delete(struct ctx *);
void fastguide_revoke(struct ctx *);
void fastguide_logs(struct ctx *);
void fastguide_hooks(struct ctx *);
void fastguide_hook_delete(struct ctx *);

/* company_files.c: what the tables start with. */
const char *files_id(json_object *, const char *, char [FASTIO_ID]);
json_object *files_place(json_object *, const char *, long long);

#endif
