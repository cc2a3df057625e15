/* The page of one offboarding, among its files. */
#ifndef CASEFILE_H
#define CASEFILE_H

#include "web.h"

#define CASEFILE_EVENTS 1000

/* All that the record knows of one offboarding. */
struct casefile {
	struct offboarding	 o;
	char			 ob[OB_TEXT];
	struct step		*steps;
	unsigned		 nsteps;
	struct account		*accounts;
	unsigned		 naccounts;
	struct task		*tasks;
	unsigned		 ntasks;
	struct audit		*events;
	unsigned		 nevents;
};

/* STORE_OK, STORE_NONE or STORE_FAIL. Caller clears in every case. */
int	 casefile_load(struct web *, int64_t, struct casefile *, struct err *)
	    MUST_USE;
void	 casefile_clear(struct casefile *);
/* May whoever looks see account ids? */
int	 casefile_ids(const struct web *);
/* A sentence, escaped, with the account ids hidden from who may not. */
void	 casefile_text(struct web *, const struct casefile *, const char *);
/* The step of one system and phase, NULL when there is none. */
const struct step *casefile_step(const struct casefile *, const char *,
	    enum phase);

/* What may be done to an offboarding, by whom, in which state. */
enum act { ACT_RETRY, ACT_CANCEL, ACT_APPROVE, ACT_RESTORE, ACTS };
int	 act_fits(const struct web *, const struct offboarding *, enum act);
const char *act_word(enum act);

/* Time to contain, or how long it has been. */
void	 casefile_contained(struct web *, const struct offboarding *);

/* Name, address and numbers of the person, above everything else. */
void	 casefile_person(struct web *, const struct offboarding *);

/* The pieces of the page. */
void	 grid_show(struct web *, const struct casefile *);
void	 grid_details(struct web *, const struct casefile *);
int	 hosts_confirmed(struct web *, const struct casefile *, struct err *)
	    MUST_USE;
/* What happened in plain words, escaped; and all of it, newest first. */
void	 event_title(struct buf *, const struct audit *);
void	 events_show(struct web *, const struct casefile *);
void	 task_show(struct web *, const struct task *, int);
/* Who was told of it. */
int	 told_show(struct web *, const struct casefile *, struct err *)
	    MUST_USE;
/* A JSON image as lists, folded in; nothing for "". */
void	 image_show(struct web *, const char *, const char *);
/* The same of one that is read already, and open, as paper needs it. */
struct json_object;
void	 image_show_open(struct web *, const char *, struct json_object *);

#endif
