/* The first three questions as pages: who, when, and who takes over. */
#include "new.h"

#include <string.h>

static const char *const titles[ASKS] = { "Who is leaving?",
    "When should access end?", "Who takes over?", "What will end",
    "Check your answers" };

static const char *const zones[] = { "Africa/Cairo", "Africa/Johannesburg",
    "Africa/Lagos", "Africa/Nairobi", "America/Argentina/Buenos_Aires",
    "America/Bogota", "America/Chicago", "America/Denver",
    "America/Halifax", "America/Los_Angeles", "America/Mexico_City",
    "America/New_York", "America/Phoenix", "America/Sao_Paulo",
    "America/Toronto", "America/Vancouver", "Asia/Bangkok", "Asia/Dubai",
    "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Jerusalem", "Asia/Karachi",
    "Asia/Kolkata", "Asia/Manila", "Asia/Seoul", "Asia/Shanghai",
    "Asia/Singapore", "Asia/Tokyo", "Australia/Brisbane",
    "Australia/Perth", "Australia/Sydney", "Europe/Amsterdam",
    "Europe/Athens", "Europe/Berlin", "Europe/Brussels",
    "Europe/Bucharest", "Europe/Copenhagen", "Europe/Dublin",
    "Europe/Helsinki", "Europe/Istanbul", "Europe/Kyiv", "Europe/Lisbon",
    "Europe/London", "Europe/Madrid", "Europe/Oslo", "Europe/Paris",
    "Europe/Prague", "Europe/Rome", "Europe/Stockholm", "Europe/Vienna",
    "Europe/Warsaw", "Europe/Zurich", "Pacific/Auckland",
    "Pacific/Honolulu", "UTC" };

/* The person stays in view, whichever question is asked. */
static void
new_person(struct web *w, const struct answers *a)
{
	if (a->email[0] == '\0')
		return;
	html_fmt(w->out, "<p class=\"person\"><strong>%s</strong>",
	    a->name[0] != '\0' ? a->name : a->email);
	if (a->name[0] != '\0')
		html_fmt(w->out, " <span>%s</span>", a->email);
	if (a->employee_id[0] != '\0')
		html_fmt(w->out, " <span>Employee ID %s</span>",
		    a->employee_id);
	buf_str(w->out, "</p>\n");
}

void
new_begin(struct web *w, const struct ask_page *p, enum ask ask)
{
	struct page page = { .title = titles[ask], .nav = NAV_NEW,
	    .error = p->problems.n > 0 || p->expired != 0 };

	/* While the worker looks, and only then, the page reloads itself. */
	if (ask == ASK_FOUND && w->status == 200 && p->entry->request > 0) {
		struct request r;
		struct err e;

		if (request_get(w->store, p->entry->request, &r, &e) ==
		    STORE_OK && r.answered_at == 0 &&
		    w->now - r.asked_at < 15000)
			page.refresh = 1;
		request_clear(&r);
	}
	page_begin(w, &page);
	problem_box(w->out, &p->problems);
	if (p->expired != 0)
		page_expired(w);
	if (ask != ASK_WHO)
		new_person(w, &p->entry->a);
	html_fmt(w->out, "<p class=\"progress\">Step %d of %d</p>\n",
	    (int)ask + 1, (int)ASKS);
}

void
new_form(struct web *w, const struct ask_page *p, enum ask ask)
{
	buf_str(w->out, "<form method=\"post\" action=\"/offboardings/new\" "
	    "novalidate>\n");
	page_csrf(w, "new");
	html_fmt(w->out, "<input type=\"hidden\" name=\"draft\" value=\"%s\">"
	    "<input type=\"hidden\" name=\"step\" value=\"%s\">\n",
	    p->entry->token, ask_word(ask));
}

static void
new_end(struct web *w)
{
	buf_str(w->out, "<div class=\"actions\"><button class=\"btn\" "
	    "type=\"submit\">Continue</button><a href=\"/\">Cancel</a></div>\n"
	    "</form>\n");
	page_end(w);
}

void
new_who(struct web *w, const struct ask_page *p)
{
	const struct answers *a = &p->entry->a;
	const struct problems *ps = &p->problems;
	int derived = w->site->settings->login_derived;

	new_begin(w, p, ASK_WHO);
	buf_str(w->out, "<h1>Who is leaving?</h1>\n");
	new_form(w, p, ASK_WHO);
	field_text(w->out, &(struct field){ "email", "Work e-mail address",
	    "The person is looked up by exactly this address.", a->email,
	    "email", NULL, NULL, 0 }, ps);
	field_text(w->out, &(struct field){ "name", "Name (optional)", NULL,
	    a->name, NULL, NULL, NULL, 0 }, ps);
	field_text(w->out, &(struct field){ "employee_id",
	    "Employee ID (optional)", NULL, a->employee_id, NULL, NULL, NULL,
	    1 }, ps);
	field_text(w->out, &(struct field){ "login",
	    "Unix login (optional)", derived != 0 ? "The name at a Linux "
	    "prompt. When left empty, the part of the address before the @ is "
	    "used." : "The name at a Linux prompt. When left empty, Linux "
	    "hosts are not part of this.", a->login, NULL, NULL, NULL, 1 }, ps);
	new_end(w);
}

static void
when_later(struct web *w, const struct answers *a, const struct problems *ps)
{
	unsigned i;

	html_fmt(w->out, "<div class=\"under%s\">\n<fieldset class=\"date\">"
	    "<legend>Date</legend><span class=\"hint\">For example, 27 3 2026 "
	    "or 27 March 2026</span>", problem_of(ps, "day") != NULL ?
	    " bad" : "");
	field_error(w->out, ps, "day");
	html_fmt(w->out, "<div class=\"parts\"><label>Day<input type=\"text\" "
	    "id=\"day\" name=\"day\" inputmode=\"numeric\" autocomplete="
	    "\"off\" value=\"%s\"></label><label>Month<input type=\"text\" "
	    "name=\"month\" autocomplete=\"off\" value=\"%s\"></label>"
	    "<label>Year<input type=\"text\" name=\"year\" inputmode="
	    "\"numeric\" autocomplete=\"off\" value=\"%s\"></label></div>"
	    "</fieldset>\n", a->day, a->month, a->year);
	field_text(w->out, &(struct field){ "time", "Time",
	    "On a 24-hour clock, for example 17:00", a->time, NULL, NULL, NULL,
	    1 }, ps);
	field_text(w->out, &(struct field){ "zone", "Time zone",
	    "Where that clock hangs, for example Europe/London", a->zone, NULL,
	    NULL, "zones", 0 }, ps);
	buf_str(w->out, "<datalist id=\"zones\">");
	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		html_fmt(w->out, "<option value=\"%s\"></option>", zones[i]);
	buf_str(w->out, "</datalist></div>\n");
}

void
new_when(struct web *w, const struct ask_page *p)
{
	const struct answers *a = &p->entry->a;

	new_begin(w, p, ASK_WHEN);
	buf_str(w->out, "<h1 id=\"when-title\">When should access end?</h1>"
	    "\n");
	new_form(w, p, ASK_WHEN);
	html_fmt(w->out, "<fieldset class=\"field%s\" aria-labelledby="
	    "\"when-title\">", problem_of(&p->problems, "when-now") != NULL ?
	    " bad" : "");
	field_error(w->out, &p->problems, "when-now");
	field_choice(w->out, &(struct choice){ "when", "now", "when-now",
	    "Now", strcmp(a->when, "now") == 0, 0 });
	field_choice(w->out, &(struct choice){ "when", "at", "when-at",
	    "At a date and time", strcmp(a->when, "at") == 0, 0 });
	when_later(w, a, &p->problems);
	buf_str(w->out, "</fieldset>\n<fieldset class=\"field apart\"><legend>"
	    "Is it an emergency?</legend><span class=\"hint\">Then sign-in is "
	    "blocked before anything is listed, and nobody is asked for "
	    "approval first. Leave this alone for an ordinary leaver.</span>");
	field_choice(w->out, &(struct choice){ "emergency", "yes",
	    "emergency", "Yes, this is an emergency",
	    a->emergency[0] != '\0', 1 });
	buf_str(w->out, "</fieldset>\n");
	new_end(w);
}

void
new_heir(struct web *w, const struct ask_page *p)
{
	const struct answers *a = &p->entry->a;

	new_begin(w, p, ASK_HEIR);
	buf_str(w->out, "<h1 id=\"heir-title\">Who takes over?</h1>\n<p>Files, "
	    "workspaces and pipelines that the person owns go to somebody "
	    "else.</p>\n");
	new_form(w, p, ASK_HEIR);
	html_fmt(w->out, "<fieldset class=\"field%s\" aria-labelledby="
	    "\"heir-title\">", problem_of(&p->problems, "heir-person") != NULL
	    ? " bad" : "");
	field_error(w->out, &p->problems, "heir-person");
	field_choice(w->out, &(struct choice){ "heir", "person",
	    "heir-person", "This person", strcmp(a->heir, "person") == 0, 0 });
	buf_str(w->out, "<div class=\"under\">\n");
	field_text(w->out, &(struct field){ "handover",
	    "E-mail address of the person who takes over", NULL, a->handover,
	    "email", NULL, NULL, 0 }, &p->problems);
	buf_str(w->out, "</div>\n");
	field_choice(w->out, &(struct choice){ "heir", "nobody",
	    "heir-nobody", "Nobody. What is owned stays where it is, and "
	    "becomes a task", strcmp(a->heir, "nobody") == 0, 0 });
	buf_str(w->out, "</fieldset>\n");
	field_area(w->out, &(struct field){ "reason", "Reason (optional)",
	    "Kept in the record for the auditors.", a->reason, NULL, NULL,
	    NULL, 0 }, &p->problems);
	new_end(w);
}
