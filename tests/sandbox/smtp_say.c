/*
 * smtp_say.c: answers of the receiver of mail, whole or as a fault wants
 * them; it must not decide what a command does.
 */
#include "smtp.h"

#include <stdio.h>
#include <string.h>

/*
 * The fault this step meets. Steps other than RCPT, DATA and END have to be
 * named by the fault: one that asks for "*" is not about the greeting.
 */
struct fault
smtp_fault(struct smtp *s, const char *step, const char *about, bool named)
{
	struct req q;
	struct fault f;
	char uri[512];
	long long wait;

	(void)s;
	memset(&q, 0, sizeof(q));
	snprintf(uri, sizeof(uri), "%s", about);
	q.sys = SYS_SMTP;
	q.method = step;
	q.uri = uri;
	q.named_only = named;
	server_lock();
	f = fault_pick(&q);
	wait = server_wait(SYS_SMTP);
	server_unlock();
	clock_sleep(wait + (f.kind == FAULT_DELAY ? f.ms : 0));
	return f;
}

/* Puts a line into the list of requests; never a password. */
void
smtp_record(const char *step, const char *about, const char *body, int code,
    const struct fault *f)
{
	struct req q;
	char uri[512], text[SMTP_LINE + 1];

	memset(&q, 0, sizeof(q));
	snprintf(uri, sizeof(uri), "%s", about);
	snprintf(text, sizeof(text), "%s", body);
	q.sys = SYS_SMTP;
	q.method = step;
	q.uri = uri;
	q.body = text;
	server_lock();
	server_record(&q, (unsigned int)code,
	    f->kind == FAULT_NONE ? NULL : fault_name(f->kind));
	server_unlock();
	log_line(server_name(SYS_SMTP), step, uri, (unsigned int)code);
}

/* Is the step done although, or because, there is a fault? */
bool
smtp_carries_out(const struct fault *f)
{
	return f->kind == FAULT_NONE || f->kind == FAULT_STALE ||
	    f->kind == FAULT_MISSING || f->done;
}

static const struct {
	enum fault_kind kind;
	int code;
	const char *text;
} say_refusals[] = {
	{ FAULT_FALSE, 554, "5.0.0 Failed to carry out the request" },
	{ FAULT_UNAUTHORIZED, 530, "5.7.0 Authentication required" },
	{ FAULT_FORBIDDEN, 550, "5.7.1 Not permitted" },
	{ FAULT_RATE, 450, "4.7.1 Too many messages" },
	{ FAULT_REDIRECT, 551, "5.7.1 Try elsewhere.example" },
	{ FAULT_UNKNOWN_WORD, 299, "quantum" },
};

static void
say_forever(struct smtp *s)
{
	while (!s->closed && !server_stopping())
		smtp_send(s, "250-and so on\r\n", 15);
}

/* Does the fault leave nothing more to say? */
bool
smtp_spoiled(struct smtp *s, const struct fault *f)
{
	switch (f->kind) {
	case FAULT_RESET:
		smtp_abort(s);
		return true;
	case FAULT_HANG:
		smtp_hang(s);
		return true;
	case FAULT_HUGE:
		say_forever(s);
		return true;
	default:
		return false;
	}
}

static void
say_text(struct smtp *s, const struct fault *f, const char *text)
{
	size_t i, n = strlen(text);

	if (f->kind == FAULT_TRUNCATE || f->kind == FAULT_HALF) {
		smtp_send(s, text, n / 2);
		s->closed = true;
	} else if (f->kind != FAULT_SLOW)
		smtp_send(s, text, n);
	else
		for (i = 0; i < n && !server_stopping(); i++) {
			clock_sleep(f->ms);
			smtp_send(s, text + i, 1);
		}
}

/* Answers, or what the fault makes of it; the code that was sent. */
int
smtp_say(struct smtp *s, const struct fault *f, int code, const char *text)
{
	char buf[1024];
	size_t i;

	for (i = 0; i < sizeof(say_refusals) / sizeof(say_refusals[0]); i++) {
		if (say_refusals[i].kind != f->kind)
			continue;
		code = say_refusals[i].code;
		text = say_refusals[i].text;
	}
	if (f->kind == FAULT_STATUS || f->kind == FAULT_DONE_THEN_STATUS) {
		code = (int)f->status;
		text = f->body[0] != '\0' ? f->body : "Simulated fault";
	}
	if (f->kind == FAULT_GARBAGE)
		snprintf(buf, sizeof(buf), "%%&$ not what you asked\r\n");
	else if (f->kind == FAULT_EMPTY)
		snprintf(buf, sizeof(buf), "\r\n");
	else
		snprintf(buf, sizeof(buf), "%d %s\r\n", code, text);
	say_text(s, f, buf);
	return code;
}
