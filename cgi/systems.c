/* The configured systems and what each of them answered last. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "page.h"
#include "routes.h"

static const struct system_row *
system_find(const struct system_row *rows, unsigned n, const char *name)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static void
system_row_show(struct web *w, const struct settings_system *s,
    const struct system_row *r)
{
	html_fmt(w->out, "<tr><th scope=\"row\">%s</th><td data-th=\"Kind\">%s"
	    "</td><td data-th=\"State\">", s->name, s->kind);
	if (r == NULL || (r->last_ok_at == 0 && r->last_error_at == 0 &&
	    r->stopped[0] == '\0'))
		buf_str(w->out, "<span class=\"tag off\">Not asked yet</span>");
	else if (r->stopped[0] != '\0')
		html_fmt(w->out, "<span class=\"tag bad\">Stopped</span> "
		    "<span class=\"why\">%s</span>", r->stopped);
	else if (r->last_ok_at >= r->last_error_at)
		buf_str(w->out, "<span class=\"tag ok\">Answered</span>");
	else
		buf_str(w->out, "<span class=\"tag warn\">Last call failed"
		    "</span>");
	buf_str(w->out, "</td><td data-th=\"Last answer\">");
	clock_html(w->out, r == NULL ? 0 : r->last_ok_at, "UTC", 1);
	buf_str(w->out, "</td><td data-th=\"Last fault\">");
	if (r != NULL && r->last_error_at != 0) {
		clock_html(w->out, r->last_error_at, "UTC", 1);
		html_fmt(w->out, "<span class=\"why\">%s</span>",
		    r->last_error);
	} else
		buf_str(w->out, "–");
	buf_str(w->out, "</td></tr>\n");
}

int
systems_get(struct web *w, struct err *e)
{
	const struct settings *set = w->site->settings;
	const struct page p = { .title = "Systems", .nav = NAV_SYSTEMS };
	struct system_row *rows = calloc(SETTINGS_SYSTEMS * 2, sizeof(*rows));
	unsigned i, n = 0;

	if (rows == NULL)
		return err_set(e, "out of memory");
	if (system_list(w->store, rows, SETTINGS_SYSTEMS * 2, &n, e) !=
	    STORE_OK) {
		free(rows);
		return -1;
	}
	page_begin(w, &p);
	buf_str(w->out, "<h1>Systems</h1>\n");
	if (set->nsystems == 0)
		buf_str(w->out, "<p class=\"empty\">No system is set up. Add a "
		    "section [system NAME] to offboard.conf.</p>\n");
	else
		buf_str(w->out, "<table class=\"stack\"><thead><tr><th scope="
		    "\"col\">System</th><th scope=\"col\">Kind</th><th scope="
		    "\"col\">State</th><th scope=\"col\">Last answer</th>"
		    "<th scope=\"col\">Last fault</th></tr></thead><tbody>\n");
	for (i = 0; i < set->nsystems; i++)
		system_row_show(w, &set->systems[i], system_find(rows, n,
		    set->systems[i].name));
	if (set->nsystems > 0)
		buf_str(w->out, "</tbody></table>\n");
	page_end(w);
	free(rows);
	return 0;
}
