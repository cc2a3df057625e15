/* smtp.h: one connection to the receiver of mail. */
#ifndef SMTP_H
#define SMTP_H

#include "sandbox.h"

enum { SMTP_LINE = 1000, SMTP_DATA = 10 << 20 };

struct smtp {
	int fd;
	char in[4096];		/* read and not yet looked at */
	size_t from, to;
	char line[SMTP_LINE + 1];
	bool bare;		/* a line ended without its CR */
	bool too_long;
	bool closed;
	bool greeted;
	char user[128];
	char *sender;		/* NULL outside of a transaction */
	json_object *rcpt;
	char *data;
	size_t len;
};

/* smtp.c: bytes. */
int smtp_line(struct smtp *);
void smtp_send(struct smtp *, const char *, size_t);
void smtp_hang(struct smtp *);
void smtp_abort(struct smtp *);

/* smtp_say.c: answers, and the faults that spoil them. */
struct fault smtp_fault(struct smtp *, const char *, const char *, bool);
bool smtp_spoiled(struct smtp *, const struct fault *);
bool smtp_carries_out(const struct fault *);
int smtp_say(struct smtp *, const struct fault *, int, const char *);
void smtp_record(const char *, const char *, const char *, int,
    const struct fault *);

/* smtp_talk.c: the dialogue. */
void smtp_talk(struct smtp *);

#endif
