/* The list of offboardings, fifty a page. Reads the record, changes
 * nothing. */
#include <stdlib.h>
#include <string.h>

#include "casefile.h"
#include "clock.h"
#include "form.h"
#include "page.h"
#include "routes.h"

#define ROWS 50

static const struct form_field query_fields[] = {
	{ "status", 20, FORM_LINE }, { "q", 100, FORM_LINE },
	{ "page", 8, FORM_LINE }, { NULL, 0, FORM_LINE },
};

struct list {
	struct form		 form;
	struct case_filter	 filter;
	struct offboarding	*rows;
	unsigned		 n;
	int64_t			 total;
	unsigned		 page;		/* from 0 */
};

static void
list_filter(struct web *w, const struct list *l)
{
	int i;

	buf_str(w->out, "<form method=\"get\" action=\"/\" class=\"filter\">"
	    "<div><label for=\"q\">Name, e-mail or login</label><input "
	    "type=\"search\" id=\"q\" name=\"q\" value=\"");
	html_text(w->out, l->filter.text);
	buf_str(w->out, "\"></div><div><label for=\"status\">Status</label>"
	    "<select id=\"status\" name=\"status\"><option value=\"\">Any"
	    "</option>");
	for (i = 0; i < STATUSES; i++)
		html_fmt(w->out, i == l->filter.status ?
		    "<option value=\"%s\" selected>%s</option>" :
		    "<option value=\"%s\">%s</option>",
		    status_word((enum status)i), page_status((enum status)i));
	buf_str(w->out, "</select></div><button class=\"btn plain\" "
	    "type=\"submit\">Filter</button>");
	if (l->filter.status != -1 || l->filter.text[0] != '\0')
		buf_str(w->out, "<a href=\"/\">Show all</a>");
	buf_str(w->out, "</form>\n");
}

void
casefile_contained(struct web *w, const struct offboarding *o)
{
	int64_t sla = w->site->settings->sla, took;

	if (o->contained_at != 0) {
		took = o->contained_at - o->effective_at;
		clock_span(w->out, took);
		if (took > sla)
			buf_str(w->out, " <span class=\"tag bad\">too late"
			    "</span>");
	} else if (o->effective_at < w->now && (o->status == STATUS_RUNNING ||
	    o->status == STATUS_ATTENTION || o->status == STATUS_APPROVAL)) {
		took = w->now - o->effective_at;
		buf_str(w->out, "not yet, ");
		clock_span(w->out, took);
		buf_str(w->out, " so far");
		if (took > sla)
			buf_str(w->out, " <span class=\"tag bad\">too late"
			    "</span>");
	} else
		buf_str(w->out, "–");
}

static void
list_row(struct web *w, const struct offboarding *o)
{
	char ob[OB_TEXT];

	ob_text(o->id, ob);
	html_fmt(w->out, "<tr><th scope=\"row\" class=\"ref\"><a href=\"/"
	    "offboardings/%s\">%s</a></th><td data-th=\"Person\"><strong>%s"
	    "</strong>", ob, ob, o->name[0] != '\0' ? o->name : o->email);
	if (o->name[0] != '\0')
		html_fmt(w->out, " <span class=\"by\">%s</span>", o->email);
	buf_str(w->out, "</td><td data-th=\"Status\">");
	page_status_tag(w->out, o->status);
	if (o->emergency != 0)
		buf_str(w->out, " <span class=\"by\">Emergency</span>");
	buf_str(w->out, "</td><td data-th=\"Access ends\">");
	clock_html(w->out, o->effective_at, o->zone, 0);
	buf_str(w->out, "</td><td data-th=\"Time to contain\">");
	casefile_contained(w, o);
	buf_str(w->out, "</td></tr>\n");
}

static void
list_link(struct web *w, const struct list *l, unsigned page,
    const char *text)
{
	buf_str(w->out, "<a href=\"/?q=");
	html_url(w->out, l->filter.text);
	buf_str(w->out, "&amp;status=");
	html_url(w->out, form_get(&l->form, "status"));
	html_fmt(w->out, "&amp;page=%u\">%s</a> ", page + 1, text);
}

static void
list_pages(struct web *w, const struct list *l)
{
	if (l->total <= ROWS && l->page == 0)
		return;
	buf_str(w->out, "<nav class=\"pages\" aria-label=\"Pages\">");
	if (l->page > 0)
		list_link(w, l, l->page - 1, "Newer");
	html_fmt(w->out, "<span>Page %u of %lld</span> ", l->page + 1,
	    (long long)((l->total + ROWS - 1) / ROWS));
	if ((int64_t)(l->page + 1) * ROWS < l->total)
		list_link(w, l, l->page + 1, "Older");
	buf_str(w->out, "</nav>\n");
}

static void
list_empty(struct web *w, const struct list *l)
{
	if (l->filter.status != -1 || l->filter.text[0] != '\0')
		buf_str(w->out, "<p class=\"empty\">No offboarding fits this "
		    "filter.</p>\n");
	else
		buf_str(w->out, "<p class=\"empty\">Nobody has been "
		    "offboarded yet. When somebody leaves, start here: one "
		    "offboarding ends the person's access everywhere.</p>\n");
}

static void
list_show(struct web *w, const struct list *l)
{
	const struct page p = { .title = "Offboardings", .nav = NAV_LIST };
	unsigned i;

	page_begin(w, &p);
	buf_str(w->out, "<div class=\"head\"><h1>Offboardings</h1>");
	if ((w->roles & ROLE_OPERATOR) != 0)
		buf_str(w->out, "<a class=\"btn\" href=\"/offboardings/new\">"
		    "Start an offboarding</a>");
	buf_str(w->out, "</div>\n");
	list_filter(w, l);
	if (l->n == 0)
		list_empty(w, l);
	else {
		html_fmt(w->out, "<table class=\"stack\"><caption>%u of %lld "
		    "%s</caption><thead><tr><th scope=\"col\">Reference</th>"
		    "<th scope=\"col\">Person</th><th scope=\"col\">Status"
		    "</th><th scope=\"col\">Access ends</th><th scope=\"col\">"
		    "Time to contain</th></tr></thead><tbody>\n", l->n,
		    (long long)l->total,
		    l->total == 1 ? "offboarding" : "offboardings");
		for (i = 0; i < l->n; i++)
			list_row(w, &l->rows[i]);
		buf_str(w->out, "</tbody></table>\n");
	}
	list_pages(w, l);
	page_end(w);
}

int
list_get(struct web *w, struct err *e)
{
	struct list l;
	long long page = 1;
	int rc = -1;

	memset(&l, 0, sizeof(l));
	if (form_query(&l.form, query_fields, w->query, e) == -1) {
		form_clear(&l.form);
		return page_say(w, 400, "This filter cannot be read", e->text);
	}
	if (text_int(form_get(&l.form, "page"), 1, 100000, &page) == -1)
		page = 1;
	l.page = (unsigned)page - 1;
	l.filter.status = status_of(form_get(&l.form, "status"));
	l.filter.text = form_get(&l.form, "q");
	l.filter.limit = ROWS;
	l.filter.brief = 1;
	l.filter.offset = l.page * ROWS;
	l.rows = malloc(ROWS * sizeof(*l.rows));
	if (l.rows == NULL)
		err_set(e, "out of memory");
	else if (case_list(w->store, &l.filter, l.rows, &l.n, &l.total, e) ==
	    STORE_OK) {
		list_show(w, &l);
		rc = 0;
	}
	free(l.rows);
	form_clear(&l.form);
	return rc;
}
