/* The frame that all pages share. Knows no single page. */
#include "page.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"

static const struct {
	enum page_nav	 nav;
	unsigned	 roles;
	const char	*path;
	const char	*text;
} links[] = {
	{ NAV_LIST, ROLE_VIEWER, "/", "Offboardings" },
	{ NAV_NEW, ROLE_OPERATOR, "/offboardings/new", "New" },
	{ NAV_TASKS, ROLE_VIEWER, "/tasks", "Tasks" },
	{ NAV_SYSTEMS, ROLE_VIEWER, "/systems", "Systems" },
	{ NAV_HOSTS, ROLE_VIEWER, "/hosts", "Linux hosts" },
	{ NAV_AUDIT, ROLE_VIEWER, "/audit", "Audit" },
};

static void
page_nav(struct web *w, enum page_nav here)
{
	unsigned i;

	buf_str(w->out, "<header class=\"top\"><a class=\"brand\" href=\"/\">"
	    "offboard</a><nav aria-label=\"Main\"><ul>");
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if ((w->roles & links[i].roles) != 0)
			html_fmt(w->out, links[i].nav == here ?
			    "<li><a href=\"%s\" aria-current=\"page\">%s</a>"
			    "</li>" : "<li><a href=\"%s\">%s</a></li>",
			    links[i].path, links[i].text);
	buf_str(w->out, "</ul></nav></header>\n");
}

void
page_begin(struct web *w, const struct page *p)
{
	w->content = NULL;
	buf_reset(w->out);
	buf_str(w->out, "<!DOCTYPE html>\n<html lang=\"en\"><head>"
	    "<meta charset=\"utf-8\"><meta name=\"viewport\" "
	    "content=\"width=device-width,initial-scale=1\">");
	if (p->refresh > 0)
		html_fmt(w->out, "<meta http-equiv=\"refresh\" "
		    "content=\"%u\">", p->refresh);
	html_fmt(w->out, "<title>%s%s – offboard</title>"
	    "<link rel=\"stylesheet\" href=\"/style.css\">"
	    "<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">"
	    "</head>\n<body><a class=\"skip\" href=\"#main\">Skip to main "
	    "content</a>\n", p->error != 0 ? "Error: " : "", p->title);
	page_nav(w, p->nav);
	buf_str(w->out, "<main id=\"main\">\n");
}

void
page_roles(unsigned roles, struct buf *b)
{
	static const char *const names[] = { "viewer", "operator", "approver",
	    "admin" };
	const char *comma = "";
	unsigned i;

	for (i = 0; i < 4; i++)
		if ((roles & 1U << i) != 0) {
			buf_fmt(b, "%s%s", comma, names[i]);
			comma = ", ";
		}
	if (roles == 0)
		buf_str(b, "no role");
}

void
page_end(struct web *w)
{
	struct buf roles;

	buf_init(&roles, 100);
	page_roles(w->roles, &roles);
	buf_str(w->out, "</main>\n<footer class=\"end\"><p>");
	if (w->user[0] != '\0')
		html_fmt(w->out, "Signed in as <strong>%s</strong> (%s). ",
		    w->user, buf_cstr(&roles));
	buf_str(w->out, "This page was made on ");
	clock_html(w->out, w->now, "UTC", 1);
	buf_str(w->out, " and shows what was recorded by then.</p></footer>"
	    "</body></html>\n");
	buf_clear(&roles);
}

int
page_say(struct web *w, int status, const char *title, const char *text)
{
	const struct page p = { .title = title };

	w->status = status;
	page_begin(w, &p);
	html_fmt(w->out, "<h1>%s</h1>\n<p>%s</p>\n", title, text);
	if (w->roles != 0)
		buf_str(w->out, "<p><a href=\"/\">Go to the list of "
		    "offboardings</a></p>\n");
	page_end(w);
	return 0;
}

int
page_missing(struct web *w)
{
	return page_say(w, 404, "Not found", "There is no offboarding with "
	    "this number.");
}

void
page_expired(struct web *w)
{
	buf_str(w->out, "<section class=\"notice bad\" role=\"alert\" "
	    "aria-labelledby=\"expired\"><h2 id=\"expired\">Please press the "
	    "button again</h2><p>This page had been open for more than an "
	    "hour, so nothing was sent on. What you typed is still here."
	    "</p></section>\n");
}

const char *
page_phase(enum phase p)
{
	static const char *const words[PHASES] = { "Find", "Block access",
	    "Take rights away", "Hand over", "Remove", "Read back",
	    "Put back", "Look again" };

	return words[p];
}

const char *
page_state(enum state s)
{
	static const char *const words[STATES] = { "Not yet", "In progress",
	    "Waiting", "Verified", "Done – not verified", "Needs a person",
	    "No account", "Failed", "Unclear" };

	return words[s];
}

const char *
page_status(enum status s)
{
	static const char *const words[STATUSES] = { "Scheduled",
	    "Waiting for approval", "Cancelled", "Access put back",
	    "In progress", "Needs a person", "Complete" };

	return words[s];
}

void
page_state_tag(struct buf *b, enum state s)
{
	static const char *const classes[STATES] = { "off", "", "warn", "ok",
	    "warn", "warn", "off", "bad", "bad" };

	html_fmt(b, "<span class=\"tag %s\">%s</span>", classes[s],
	    page_state(s));
}

void
page_status_tag(struct buf *b, enum status s)
{
	static const char *const classes[STATUSES] = { "", "warn", "off",
	    "off", "", "bad", "ok" };

	html_fmt(b, "<span class=\"tag %s\">%s</span>", classes[s],
	    page_status(s));
}

void
page_csrf(struct web *w, const char *form)
{
	const struct csrf c = { w->site->csrf_key, w->user, form };
	char token[CSRF_TEXT];

	csrf_token(&c, w->now, token);
	html_fmt(w->out, "<input type=\"hidden\" name=\"csrf\" value=\"%s\">"
	    "\n", token);
}

enum csrf_result
page_csrf_check(const struct web *w, const char *form, const char *token)
{
	const struct csrf c = { w->site->csrf_key, w->user, form };

	return csrf_check(&c, w->now, token);
}
