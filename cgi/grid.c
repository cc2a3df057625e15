/* Systems by phases, and each system in words. Says of a step only what the
 * record says of it. */
#include "casefile.h"

#include <string.h>

#include "clock.h"
#include "page.h"

static int
phase_used(const struct casefile *v, enum phase p)
{
	unsigned i;

	for (i = 0; i < v->nsteps; i++)
		if (v->steps[i].phase == p)
			return 1;
	return 0;
}

static void
grid_head(struct web *w, const struct casefile *v)
{
	int p;

	buf_str(w->out, "<table class=\"stack grid\"><caption>Systems and "
	    "steps</caption><thead><tr><th scope=\"col\">System</th>");
	for (p = 0; p < PHASES; p++)
		if (phase_used(v, (enum phase)p) != 0)
			html_fmt(w->out, "<th scope=\"col\">%s</th>",
			    page_phase((enum phase)p));
	buf_str(w->out, "</tr></thead><tbody>\n");
}

/* The first step of a system is where its row begins. */
static int
starts_system(const struct casefile *v, unsigned i)
{
	return i == 0 ||
	    strcmp(v->steps[i].system, v->steps[i - 1].system) != 0;
}

void
grid_show(struct web *w, const struct casefile *v)
{
	const struct step *st;
	unsigned i;
	int p;

	if (v->nsteps == 0) {
		buf_str(w->out, "<p>The steps are laid out when access ends."
		    "</p>\n");
		return;
	}
	grid_head(w, v);
	for (i = 0; i < v->nsteps; i++) {
		if (starts_system(v, i) == 0)
			continue;
		html_fmt(w->out, "<tr><th scope=\"row\"><a href=\"#s-%s\">%s"
		    "</a></th>", v->steps[i].system, v->steps[i].system);
		for (p = 0; p < PHASES; p++) {
			if (phase_used(v, (enum phase)p) == 0)
				continue;
			st = casefile_step(v, v->steps[i].system,
			    (enum phase)p);
			html_fmt(w->out, "<td data-th=\"%s\" class=\"%s\">",
			    page_phase((enum phase)p),
			    st == NULL ? "none" : "word");
			if (st == NULL)
				buf_str(w->out, "<span class=\"muted\">–"
				    "</span>");
			else
				page_state_tag(w->out, st->state);
			buf_str(w->out, "</td>");
		}
		buf_str(w->out, "</tr>\n");
	}
	buf_str(w->out, "</tbody></table>\n");
}

static const struct account *
grid_account(const struct casefile *v, const char *system)
{
	unsigned i;

	for (i = 0; i < v->naccounts; i++)
		if (strcmp(v->accounts[i].system, system) == 0)
			return &v->accounts[i];
	return NULL;
}

static void
detail_account(struct web *w, const struct account *a)
{
	buf_str(w->out, "<p>");
	if (strcmp(a->found, "found") == 0) {
		buf_str(w->out, "Account: ");
		if (a->label[0] != '\0')
			html_fmt(w->out, "<strong>%s</strong> ", a->label);
		if (casefile_ids(w) != 0)
			html_fmt(w->out, "<span class=\"mono\">%s</span>",
			    a->account);
	} else if (strcmp(a->found, "absent") == 0)
		buf_str(w->out, "No account was found.");
	else if (strcmp(a->found, "ambiguous") == 0)
		buf_str(w->out, "<strong>More than one account fits, so none "
		    "was touched.</strong>");
	else if (a->account[0] != '\0') {
		buf_str(w->out, "Login ");
		if (casefile_ids(w) != 0)
			html_fmt(w->out, "<span class=\"mono\">%s</span>",
			    a->account);
		buf_str(w->out, ". No host has said that it has such an "
		    "account.");
	} else
		buf_str(w->out, "Not looked up yet.");
	buf_str(w->out, "</p>\n");
}

static int
may_retry(const struct web *w, const struct casefile *v, const struct step *st)
{
	return act_fits(w, &v->o, ACT_RETRY) != 0 &&
	    (st->state == STATE_FAILED || st->state == STATE_UNCLEAR ||
	    st->state == STATE_MANUAL || st->state == STATE_DONE);
}

static void
detail_step(struct web *w, const struct casefile *v, const struct step *st)
{
	html_fmt(w->out, "<li><span class=\"what\">%s</span> ",
	    page_phase(st->phase));
	page_state_tag(w->out, st->state);
	if (st->detail[0] != '\0') {
		buf_str(w->out, " <span class=\"why\">");
		casefile_text(w, v, st->detail);
		buf_str(w->out, "</span>");
	}
	buf_str(w->out, "<span class=\"by\">");
	if (st->at != 0)
		clock_html(w->out, st->at, v->o.zone, 1);
	if (st->attempts > 1)
		html_fmt(w->out, ", attempt %d", st->attempts);
	if (st->state == STATE_WAITING && st->due_at > w->now) {
		buf_str(w->out, ", next attempt ");
		clock_html(w->out, st->due_at, v->o.zone, 1);
	}
	buf_str(w->out, "</span>");
	if (may_retry(w, v, st) != 0) {
		html_fmt(w->out, " <a class=\"noprint\" href=\"/offboardings/"
		    "%s/retry?system=%s&amp;phase=%s\">Try again<span class="
		    "\"vh\"> %s, %s</span></a>", v->ob, st->system,
		    phase_word(st->phase), st->system,
		    page_phase(st->phase));
	}
	buf_str(w->out, "</li>\n");
}

void
grid_details(struct web *w, const struct casefile *v)
{
	const struct account *a = NULL;
	unsigned i;

	if (v->nsteps == 0)
		return;
	buf_str(w->out, "<h2>System by system</h2>\n");
	for (i = 0; i < v->nsteps; i++) {
		if (starts_system(v, i) != 0) {
			a = grid_account(v, v->steps[i].system);
			html_fmt(w->out, "<section class=\"card\" id=\"s-%s\">"
			    "<h3>%s <span class=\"aside\">%s</span></h3>"
			    "\n",
			    v->steps[i].system, v->steps[i].system,
			    v->steps[i].kind);
			if (a != NULL)
				detail_account(w, a);
			buf_str(w->out, "<ul class=\"steps\">\n");
		}
		detail_step(w, v, &v->steps[i]);
		if (i + 1 < v->nsteps && starts_system(v, i + 1) == 0)
			continue;
		buf_str(w->out, "</ul>\n");
		if (a != NULL) {
			image_show(w, "What the account held before",
			    a->before);
			image_show(w, "What it held when it was read back",
			    a->after);
		}
		buf_str(w->out, "</section>\n");
	}
}
