/*
 * smtp_talk.c: what is said to the receiver of mail, command by command; it
 * must not accept what a careful server on the net would refuse.
 */
#include "smtp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TALK_RCPT = 100 };

static const struct fault talk_fine;	/* no fault */

static void
talk_say(struct smtp *s, int code, const char *text)
{
	(void)smtp_say(s, &talk_fine, code, text);
}

static void
talk_forget(struct smtp *s)
{
	free(s->sender);
	s->sender = NULL;
	json_object_put(s->rcpt);
	s->rcpt = NULL;
}

/* A step at which only a fault that names it strikes. Was it answered? */
static bool
talk_named(struct smtp *s, const char *step, const char *about)
{
	struct fault f = smtp_fault(s, step, about, true);
	int code;

	if (f.kind == FAULT_NONE || f.kind == FAULT_DELAY)
		return false;
	if (smtp_spoiled(s, &f))
		code = 0;
	else
		code = smtp_say(s, &f, 250, "2.0.0 Ok");
	smtp_record(step, about, "", code, &f);
	return true;
}

static void
talk_hello(struct smtp *s, const char *rest)
{
	bool more = strncasecmp(s->line, "EHLO", 4) == 0;
	static const char text[] = "250-sandbox\r\n250-SIZE 10485760\r\n"
	    "250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n"
	    "250 AUTH PLAIN LOGIN\r\n";

	if (*rest == '\0') {
		talk_say(s, 501, "5.5.4 Who are you?");
		return;
	}
	if (talk_named(s, "EHLO", rest))
		return;
	talk_forget(s);
	s->greeted = true;
	if (more)
		smtp_send(s, text, sizeof(text) - 1);
	else
		talk_say(s, 250, "sandbox");
}

/* The user in what AUTH PLAIN or LOGIN sends; the password is dropped. */
static void
talk_user(struct smtp *s, const char *text, bool plain)
{
	unsigned char buf[512];
	size_t n, skip = 0;

	n = hmac_unbase64(text, buf, sizeof(buf) - 1);
	buf[n] = '\0';
	if (plain)
		skip = strlen((char *)buf) + 1;
	snprintf(s->user, sizeof(s->user), "%s",
	    skip < n ? (char *)buf + skip : "");
	explicit_bzero(buf, sizeof(buf));
}

static bool
talk_ask(struct smtp *s, const char *prompt)
{
	talk_say(s, 334, prompt);
	return smtp_line(s) >= 0;
}

static void
talk_auth(struct smtp *s, const char *rest)
{
	bool plain = strncasecmp(rest, "PLAIN", 5) == 0;
	bool login = strncasecmp(rest, "LOGIN", 5) == 0;

	if (!plain && !login) {
		talk_say(s, 504, "5.5.4 No such mechanism");
		return;
	}
	rest += strcspn(rest, " ");
	rest += *rest == ' ';
	if (*rest != '\0')
		talk_user(s, rest, plain);
	else {
		if (!talk_ask(s, plain ? "" : "VXNlcm5hbWU6"))
			return;
		talk_user(s, s->line, plain);
	}
	if (login && !talk_ask(s, "UGFzc3dvcmQ6"))
		return;
	explicit_bzero(s->line, sizeof(s->line));
	if (talk_named(s, "AUTH", s->user))
		return;
	smtp_record("AUTH", s->user, "", 235, &talk_fine);
	talk_say(s, 235, "2.7.0 Welcome");
}

/* The address between < and > after the keyword. Caller frees. */
static char *
talk_path(const char *rest, const char *keyword)
{
	size_t n = strlen(keyword);
	const char *end;

	if (strncasecmp(rest, keyword, n) != 0)
		return NULL;
	rest += n;
	rest += *rest == ' ';
	if (*rest != '<' || (end = strchr(rest, '>')) == NULL ||
	    (end[1] != '\0' && end[1] != ' '))
		return NULL;
	return strndup(rest + 1, (size_t)(end - rest - 1));
}

static void
talk_mail(struct smtp *s, const char *rest)
{
	char *path = NULL;

	if (!s->greeted || s->sender != NULL)
		talk_say(s, 503, "5.5.1 Not now");
	else if ((path = talk_path(rest, "FROM:")) == NULL)
		talk_say(s, 501, "5.1.7 MAIL FROM:<address>");
	else if (!talk_named(s, "MAIL", path)) {
		s->sender = path;
		s->rcpt = json_object_new_array();
		talk_say(s, 250, "2.1.0 Ok");
		return;
	}
	free(path);
}

static void
talk_let_in(struct smtp *s, const char *path)
{
	struct fault f = smtp_fault(s, "RCPT", path, false);
	int code = 0;

	if (smtp_carries_out(&f))
		js_add(s->rcpt, json_object_new_string(path));
	if (!smtp_spoiled(s, &f))
		code = smtp_say(s, &f, 250, "2.1.5 Ok");
	smtp_record("RCPT", path, "", code, &f);
}

static void
talk_rcpt(struct smtp *s, const char *rest)
{
	char *path = talk_path(rest, "TO:");

	if (s->sender == NULL)
		talk_say(s, 503, "5.5.1 MAIL first");
	else if (path == NULL || strchr(path, '@') == NULL)
		talk_say(s, 501, "5.1.3 RCPT TO:<address>");
	else if (js_len(s->rcpt) >= TALK_RCPT)
		talk_say(s, 452, "4.5.3 Too many");
	else
		talk_let_in(s, path);
	free(path);
}

static int
talk_append(struct smtp *s, const char *text, size_t len)
{
	char *p;

	if (s->len + len + 2 > SMTP_DATA)
		return -1;
	if ((p = realloc(s->data, s->len + len + 3)) == NULL)
		return -1;
	s->data = p;
	memcpy(p + s->len, text, len);
	memcpy(p + s->len + len, "\r\n", 3);
	s->len += len + 2;
	return 0;
}

/* Reads up to the dot: 250, a code to refuse with, or -1 for no end. */
static int
talk_body(struct smtp *s)
{
	int n, code = 250;

	s->len = 0;
	s->bare = false;
	while ((n = smtp_line(s)) >= 0) {
		if (s->bare)
			code = 554;
		if (strcmp(s->line, ".") == 0)
			return code;
		if (s->too_long && code == 250)
			code = 500;
		if (talk_append(s, s->line + (s->line[0] == '.'),
		    (size_t)n - (s->line[0] == '.')) != 0 && code == 250)
			code = 552;
	}
	return -1;
}

static void
talk_keep(struct smtp *s)
{
	json_object *o = json_object_new_object();

	js_set_str(o, "from", s->sender);
	js_set(o, "to", js_ref(s->rcpt));
	js_set(o, "data", json_object_new_string_len(
	    s->data == NULL ? "" : s->data, (int)s->len));
	if (s->user[0] != '\0')
		js_set_str(o, "user", s->user);
	js_set_int(o, "at_ms", clock_ms());
	server_lock();
	js_add(js_arr(server_tables(SYS_SMTP), "mails"), o);
	server_unlock();
}

/* The message is here: keep it, and say so. */
static void
talk_end(struct smtp *s, int code)
{
	struct fault f = smtp_fault(s, "END", s->sender, false);
	int said = 0;

	if (code == 250 && smtp_carries_out(&f))
		talk_keep(s);
	if (!smtp_spoiled(s, &f))
		said = smtp_say(s, code == 250 ? &f : &talk_fine, code,
		    code == 250 ? "2.0.0 Ok" : code == 554 ?
		    "5.6.0 A line ends without its CR" : code == 500 ?
		    "5.5.2 Line too long" : "5.3.4 Too big");
	smtp_record("END", s->sender, json_object_to_json_string_ext(s->rcpt,
	    JSON_C_TO_STRING_PLAIN), said, &f);
	talk_forget(s);
}

static void
talk_data(struct smtp *s)
{
	struct fault f;
	int code;

	if (s->sender == NULL || js_len(s->rcpt) == 0) {
		talk_say(s, 503, "5.5.1 RCPT first");
		return;
	}
	f = smtp_fault(s, "DATA", s->sender, false);
	if (f.kind != FAULT_NONE && f.kind != FAULT_NOTHING &&
	    f.kind != FAULT_DELAY && f.kind != FAULT_SLOW) {
		code = smtp_spoiled(s, &f) ? 0 :
		    smtp_say(s, &f, 354, "Go on");
		smtp_record("DATA", s->sender, "", code, &f);
		return;
	}
	(void)smtp_say(s, &f, 354, "End with a dot alone");
	if ((code = talk_body(s)) < 0)
		s->closed = true;
	else
		talk_end(s, code);
}

/* One command; false after QUIT. */
static bool
talk_one(struct smtp *s)
{
	const char *rest = s->line + strcspn(s->line, " ");
	char verb[8] = "";

	snprintf(verb, sizeof(verb), "%.*s", (int)(rest - s->line), s->line);
	rest += *rest == ' ';
	if (strcasecmp(verb, "EHLO") == 0 || strcasecmp(verb, "HELO") == 0)
		talk_hello(s, rest);
	else if (strcasecmp(verb, "AUTH") == 0)
		talk_auth(s, rest);
	else if (strcasecmp(verb, "MAIL") == 0)
		talk_mail(s, rest);
	else if (strcasecmp(verb, "RCPT") == 0)
		talk_rcpt(s, rest);
	else if (strcasecmp(verb, "DATA") == 0)
		talk_data(s);
	else if (strcasecmp(verb, "RSET") == 0) {
		talk_forget(s);
		talk_say(s, 250, "2.0.0 Ok");
	} else if (strcasecmp(verb, "NOOP") == 0)
		talk_say(s, 250, "2.0.0 Ok");
	else if (strcasecmp(verb, "QUIT") == 0) {
		talk_say(s, 221, "2.0.0 Bye");
		return false;
	} else
		talk_say(s, 502, "5.5.1 No such command");
	return true;
}

void
smtp_talk(struct smtp *s)
{
	if (!talk_named(s, "CONNECT", ""))
		talk_say(s, 220, "sandbox ESMTP");
	while (!s->closed && smtp_line(s) >= 0) {
		if (s->too_long || s->bare) {
			s->bare = false;
			talk_say(s, 500, "5.5.2 This is no line");
		} else if (!talk_one(s))
			break;
	}
}
