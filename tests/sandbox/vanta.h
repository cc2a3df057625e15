/* vanta.h: what the parts of the compliance service share. */
#ifndef VANTA_H
#define VANTA_H

#include "sandbox.h"

/* vanta.c */
void vanta_no(struct ctx *, unsigned int, const char *);
json_object *vanta_person(json_object *, const char *);
void vanta_results(struct ctx *, json_object *);
void vanta_result(json_object *, const char *, const char *);

/* vanta_token.c */
void token_issue(struct ctx *);
bool token_good(struct ctx *);

/* vanta_people.c */
json_object *person_view(json_object *);
void person_list(struct ctx *);
void person_get(struct ctx *);

/* vanta_offboard.c */
void offboard_post(struct ctx *);

/* vanta_groups.c */
void teams_list(struct ctx *);
void teams_get(struct ctx *);
void teams_people(struct ctx *);
void teams_remove(struct ctx *);
void teams_add(struct ctx *);
void teams_drop(struct ctx *);

#endif
