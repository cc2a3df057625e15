/* The audit: the newest rows first, and the walk over the whole chain. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "form.h"
#include "page.h"
#include "routes.h"
#include "casefile.h"

#define ROWS 200

static const struct form_field query_fields[] = {
	{ "verify", 2, FORM_LINE }, { "before", 20, FORM_LINE },
	{ NULL, 0, FORM_LINE },
};

static int
audit_walk(struct web *w, struct err *e)
{
	char head[72] = "";
	int64_t rows = 0;
	int rc = audit_verify(w->store, &rows, head, e);

	if (rc == STORE_FAIL)
		return -1;
	if (rc == STORE_OK)
		html_fmt(w->out, "<section class=\"notice\"><h2>The chain is "
		    "whole</h2><p>%lld rows were read again just now, and each "
		    "fits the one before it. The last one: <span class=\"mono"
		    "\">%s</span></p></section>\n", (long long)rows, head);
	else
		html_fmt(w->out, "<section class=\"notice bad\" role=\"alert"
		    "\"><h2>The chain is broken</h2><p>%s</p></section>\n",
		    e->text);
	return 0;
}

static void
audit_row(struct web *w, const struct audit *a)
{
	char ob[OB_TEXT], hash[13];

	html_fmt(w->out, "<tr><td data-th=\"Row\" class=\"num\">%lld</td>"
	    "<td data-th=\"When\">", (long long)a->seq);
	clock_html(w->out, a->at, "UTC", 1);
	html_fmt(w->out, "</td><td data-th=\"Who\">%s</td><td data-th=\""
	    "What\">", a->actor);
	event_title(w->out, a);
	if (a->system[0] != '\0')
		html_fmt(w->out, ": %s", a->system);
	if (a->phase[0] != '\0')
		html_fmt(w->out, "/%s", a->phase);
	/* What a system said may name account ids. */
	if (a->detail[0] != '\0' && strcmp(a->event, "status") != 0 &&
	    (a->system[0] == '\0' || casefile_ids(w) != 0))
		html_fmt(w->out, "<span class=\"why\">%s</span>", a->detail);
	buf_str(w->out, "</td><td data-th=\"Offboarding\">");
	if (a->offboarding != 0) {
		ob_text(a->offboarding, ob);
		html_fmt(w->out, "<a href=\"/offboardings/%s\">%s</a>", ob,
		    ob);
	} else
		buf_str(w->out, "–");
	html_fmt(w->out, "</td><td data-th=\"Hash\"><span class=\"mono\" "
	    "title=\"%s\">", a->hash);
	(void)text_copy(hash, sizeof(hash), a->hash);
	html_fmt(w->out, "%s</span></td></tr>\n", hash);
}

static void
audit_table(struct web *w, const struct audit *rows, unsigned n)
{
	unsigned i;

	if (n == 0) {
		buf_str(w->out, "<p class=\"empty\">There are no rows.</p>\n");
		return;
	}
	buf_str(w->out, "<table class=\"stack\"><caption>Newest first"
	    "</caption><thead><tr><th scope=\"col\">Row</th><th scope=\"col\">"
	    "When</th><th scope=\"col\">Who</th><th scope=\"col\">What</th>"
	    "<th scope=\"col\">Offboarding</th><th scope=\"col\">Hash</th>"
	    "</tr></thead><tbody>\n");
	for (i = 0; i < n; i++)
		audit_row(w, &rows[i]);
	buf_str(w->out, "</tbody></table>\n");
}

/* How many of the newest rows to pass over, so that the first one shown
 * stands before row BEFORE. */
static int
audit_skip(struct web *w, long long before, struct audit *rows,
    unsigned *skip, struct err *e)
{
	unsigned n = 0;

	*skip = 0;
	if (before == 0)
		return 0;
	if (audit_list(w->store, 0, 0, rows, 1, &n, e) != STORE_OK)
		return -1;
	if (n == 1 && rows[0].seq >= before)
		*skip = (unsigned)(rows[0].seq - before + 1);
	return 0;
}

static int
audit_show(struct web *w, const struct form *f, struct audit *rows,
    struct err *e)
{
	const struct page p = { .title = "Audit", .nav = NAV_AUDIT };
	long long before = 0;
	unsigned n = 0, skip;

	if (text_int(form_get(f, "before"), 1, INT32_MAX, &before) == -1)
		before = 0;
	if (audit_skip(w, before, rows, &skip, e) == -1 ||
	    audit_list(w->store, 0, skip, rows, ROWS, &n, e) != STORE_OK)
		return -1;
	page_begin(w, &p);
	buf_str(w->out, "<h1>Audit</h1>\n<p>Everything that happened, each "
	    "row bound to the one before it by its hash.</p>\n");
	if (strcmp(form_get(f, "verify"), "1") == 0) {
		if (audit_walk(w, e) == -1)
			return -1;
	} else
		buf_str(w->out, "<p class=\"noprint\"><a href=\"/audit?verify="
		    "1\">Check the whole chain now</a></p>\n");
	audit_table(w, rows, n);
	if (n == ROWS && rows[n - 1].seq > 1)
		html_fmt(w->out, "<nav class=\"pages\" aria-label=\"Pages\">"
		    "<a href=\"/audit?before=%lld\">Older</a></nav>\n",
		    (long long)rows[n - 1].seq);
	page_end(w);
	return 0;
}

int
audit_get(struct web *w, struct err *e)
{
	struct audit *rows = calloc(ROWS, sizeof(*rows));
	struct form f;
	int rc;

	if (rows == NULL)
		return err_set(e, "out of memory");
	if (form_query(&f, query_fields, w->query, e) == -1)
		rc = page_say(w, 400, "Not found", e->text);
	else
		rc = audit_show(w, &f, rows, e);
	form_clear(&f);
	free(rows);
	return rc;
}
