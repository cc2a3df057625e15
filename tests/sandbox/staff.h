/* staff.h: one person on the way into the tables of the company. */
#ifndef STAFF_H
#define STAFF_H

#include "sandbox.h"

struct hire {
	json_object *root;
	json_object *entry;	/* the short form */
	json_object *part;	/* its section for this system */
	json_object *t;
	char local[128];	/* the address up to the @ */
	long long now;
	bool filler;
	char *err;
	size_t size;
};

/* company_staff.c */
long long staff_seq(json_object *, const char *, long long);
const char *staff_email(struct hire *);
int staff_list(struct hire *, json_object *, const char *);

/* company_files.c, company_vanta.c, company_scim.c: into one system each. */
int files_hire(struct hire *);
void files_finish(json_object *, long long);
int vanta_hire(struct hire *);
int scim_hire(struct hire *, long long);

#endif
