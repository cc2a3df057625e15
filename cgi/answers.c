/* From fields to an offboarding: what the answers mean, and what is wrong
 * with them. Writes no HTML and no record. */
#include "answers.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "../providers/engine/guard.h"
#include "clock.h"

#define COMMON	{ "csrf", 128, FORM_LINE }, { "draft", 64, FORM_LINE }, \
		{ "step", 16, FORM_LINE }
#define END	{ NULL, 0, FORM_LINE }

static const struct form_field fields_who[] = {
	COMMON, { "email", 254, FORM_LINE }, { "name", 200, FORM_LINE },
	{ "employee_id", 128, FORM_LINE }, { "login", 256, FORM_LINE }, END
};
static const struct form_field fields_when[] = {
	COMMON, { "when", 7, FORM_LINE }, { "day", 7, FORM_LINE },
	{ "month", 15, FORM_LINE }, { "year", 7, FORM_LINE },
	{ "time", 7, FORM_LINE }, { "zone", 63, FORM_LINE },
	{ "emergency", 3, FORM_LINE }, END
};
static const struct form_field fields_heir[] = {
	COMMON, { "heir", 7, FORM_LINE }, { "handover", 254, FORM_LINE },
	{ "reason", 500, FORM_LINES }, END
};
static const struct form_field fields_found[] = {
	COMMON, { "do", 7, FORM_LINE }, { "unseen", 3, FORM_LINE }, END
};

static const char *const words[ASKS] = { "who", "when", "handover", "found",
    "check" };

#define SLOT(m) { #m, offsetof(struct answers, m), \
    sizeof(((struct answers *)0)->m) }
static const struct {
	const char	*name;
	size_t		 at, size;
} slots[] = {
	SLOT(email), SLOT(name), SLOT(employee_id), SLOT(login), SLOT(when),
	SLOT(day), SLOT(month), SLOT(year), SLOT(time), SLOT(zone),
	SLOT(emergency), SLOT(heir), SLOT(handover), SLOT(reason),
};

const char *
ask_word(enum ask a)
{
	return words[a];
}

int
ask_of(const char *word)
{
	int i;

	for (i = 0; i < ASKS; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

const struct form_field *
answers_fields(enum ask a)
{
	return a == ASK_WHO ? fields_who : a == ASK_WHEN ? fields_when :
	    a == ASK_HEIR ? fields_heir : fields_found;
}

/* Without the blanks at both ends, which nobody means. */
static void
text_trim(char *s)
{
	size_t n = strlen(s), skip = strspn(s, " \n\t");

	memmove(s, s + skip, n - skip + 1);
	n -= skip;
	while (n > 0 && strchr(" \n\t", s[n - 1]) != NULL)
		s[--n] = '\0';
}

void
answers_take(struct answers *a, const struct form *f, struct problems *ps)
{
	char *to;
	unsigned i, k;

	for (i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		for (k = 0; f->fields[k].name != NULL; k++)
			if (strcmp(f->fields[k].name, slots[i].name) == 0)
				break;
		if (f->fields[k].name == NULL)
			continue;
		/* A field that the page has and that was not sent is a box
		 * that was not ticked. */
		to = (char *)a + slots[i].at;
		(void)text_copy(to, slots[i].size, f->values[k] == NULL ? "" :
		    f->values[k]);
		if (f->too_long[k] != 0)
			problem_add(ps, slots[i].name, "This may have %zu "
			    "characters; what you see was cut off there",
			    f->fields[k].max);
		text_trim(to);
	}
}

/* The record keeps a reason as one line. */
static void
text_one_line(char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '\n' || *s == '\t')
			*s = ' ';
}

static int
month_of(const char *s)
{
	static const char *const names[] = { "january", "february", "march",
	    "april", "may", "june", "july", "august", "september", "october",
	    "november", "december" };
	size_t n = strlen(s);
	long long v;
	int i;

	if (text_int(s, 1, 12, &v) == 0)
		return (int)v;
	for (i = 0; n >= 3 && i < 12; i++)
		if (strncasecmp(names[i], s, n) == 0)
			return i + 1;
	return 0;
}

/* "2026-03-31", or -1 when there is no such day. */
static int
date_text(const struct answers *a, char out[16])
{
	struct tm tm, back;
	long long day, year;
	int month = month_of(a->month);

	if (month == 0 || text_int(a->day, 1, 31, &day) == -1 ||
	    text_int(a->year, 2000, 2100, &year) == -1)
		return -1;
	memset(&tm, 0, sizeof(tm));
	tm.tm_year = (int)year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = (int)day;
	back = tm;
	if (timegm(&back) == -1 || back.tm_mday != tm.tm_mday)
		return -1;
	(void)snprintf(out, 16, "%04d-%02d-%02d", (int)year & 0xfff, month,
	    (int)day);
	return 0;
}

/* "17:00" or "9:05" as HH:MM, or -1. */
static int
time_text(const char *s, char out[8])
{
	char hour[4];
	long long h, m;
	size_t n = strspn(s, "0123456789");

	if (n == 0 || n > 2 || (s[n] != ':' && s[n] != '.') ||
	    strlen(s + n + 1) != 2)
		return -1;
	memcpy(hour, s, n);
	hour[n] = '\0';
	if (text_int(hour, 0, 23, &h) == -1 ||
	    text_int(s + n + 1, 0, 59, &m) == -1)
		return -1;
	(void)snprintf(out, 8, "%02d:%02d", (int)h & 31, (int)m & 63);
	return 0;
}

/* Access ends at a date and time: reads the five fields. */
static void
case_later(const struct web *w, const struct answers *a,
    struct offboarding *o, struct problems *ps)
{
	char date[16], clock[8], text[128];
	unsigned before = ps->n;
	struct err e;

	if (date_text(a, date) == -1)
		problem_add(ps, "day", "The date must be a real date, for "
		    "example 27 3 2026");
	if (time_text(a->time, clock) == -1)
		problem_add(ps, "time", "The time must be hours and minutes, "
		    "for example 17:00");
	if (a->zone[0] == '\0' || when_zone_known(a->zone) == 0)
		problem_add(ps, "zone", "The time zone must be a name such as "
		    "Europe/Berlin or America/New_York");
	if (ps->n != before)
		return;
	(void)snprintf(text, sizeof(text), "%s %s %s", date, clock, a->zone);
	if (when_parse(text, w->now, &o->effective_at, o->zone, &e) == -1)
		problem_add(ps, "time", "%s", e.text);
}

static void
case_when(const struct web *w, const struct answers *a,
    struct offboarding *o, struct problems *ps)
{
	(void)text_copy(o->zone, sizeof(o->zone), "UTC");
	o->effective_at = w->now;
	o->emergency = strcmp(a->emergency, "yes") == 0;
	if (strcmp(a->when, "at") == 0)
		case_later(w, a, o, ps);
	else if (strcmp(a->when, "now") != 0)
		problem_add(ps, "when-now", "Say when access should end");
}

int
answers_case(const struct web *w, const struct answers *a, enum ask upto,
    struct offboarding *o, struct problems *ps)
{
	char field[32] = "";
	struct err e;

	memset(o, 0, sizeof(*o));
	(void)text_copy(o->email, sizeof(o->email), a->email);
	(void)text_copy(o->name, sizeof(o->name), a->name);
	(void)text_copy(o->employee_id, sizeof(o->employee_id),
	    a->employee_id);
	(void)text_copy(o->login, sizeof(o->login), a->login);
	o->login_given = a->login[0] != '\0';
	(void)text_copy(o->source, sizeof(o->source), "web");
	(void)text_copy(o->requested_by, sizeof(o->requested_by), w->user);
	o->requested_at = w->now;
	if (upto >= ASK_WHEN)
		case_when(w, a, o, ps);
	if (upto >= ASK_HEIR) {
		if (strcmp(a->heir, "person") == 0 && a->handover[0] == '\0')
			problem_add(ps, "handover", "Give the e-mail address "
			    "of the person who takes over");
		else if (strcmp(a->heir, "person") == 0)
			(void)text_copy(o->handover, sizeof(o->handover),
			    a->handover);
		else if (strcmp(a->heir, "nobody") != 0)
			problem_add(ps, "heir-person", "Say who takes over, "
			    "or that nobody does");
		(void)text_copy(o->reason, sizeof(o->reason), a->reason);
		text_one_line(o->reason);
	}
	if (guard_fields(w->site->settings, o, field, &e) == -1)
		problem_add(ps, field[0] == '\0' ? "email" : field, "%s",
		    e.text);
	else if (guard_person(w->site->settings, o, w->user, &e) == -1)
		problem_add(ps, "email", "%s", e.text);
	return ps->n == 0 ? 0 : -1;
}

enum ask
answers_next(const struct entry *t)
{
	if (t->a.email[0] == '\0')
		return ASK_WHO;
	if (t->a.when[0] == '\0')
		return ASK_WHEN;
	if (t->a.heir[0] == '\0')
		return ASK_HEIR;
	return t->a.seen[0] == '\0' ? ASK_FOUND : ASK_CHECK;
}

void
answers_when(const struct offboarding *o, struct buf *b)
{
	clock_text(b, o->effective_at, o->zone, 0);
	if (strcmp(o->zone, "UTC") == 0)
		return;
	buf_str(b, " = ");
	clock_text(b, o->effective_at, "UTC", 0);
}
