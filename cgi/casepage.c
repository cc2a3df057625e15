/* The page of one offboarding: what is open and whose turn it is, then every
 * system, every task and everything that happened. Changes nothing. */
#include <stdlib.h>
#include <string.h>

#include "casefile.h"
#include "clock.h"
#include "page.h"
#include "routes.h"

void
casefile_person(struct web *w, const struct offboarding *o)
{
	char ob[OB_TEXT];

	ob_text(o->id, ob);
	html_fmt(w->out, "<p class=\"person\"><strong>%s</strong>",
	    o->name[0] != '\0' ? o->name : o->email);
	if (o->name[0] != '\0')
		html_fmt(w->out, " <span>%s</span>", o->email);
	if (o->employee_id[0] != '\0')
		html_fmt(w->out, " <span>Employee ID %s</span>",
		    o->employee_id);
	if (o->login[0] != '\0')
		html_fmt(w->out, " <span>Login <span class=\"mono\">%s</span>"
		    "</span>", o->login);
	html_fmt(w->out, " <span>%s</span></p>\n", ob);
}

/* Why the worker would not begin, where it was the worker who cancelled. */
static void
turn_refused(struct web *w, const struct casefile *v)
{
	unsigned i;

	for (i = 0; i < v->nevents; i++)
		if (strcmp(v->events[i].event, "refused") == 0) {
			html_fmt(w->out, "<li><strong>The worker refused it:"
			    "</strong> %s</li>", v->events[i].detail);
			return;
		}
}

static void
turn_status(struct web *w, const struct casefile *v)
{
	const char *why = strstr(v->o.hold, ": ");

	switch (v->o.status) {
	case STATUS_SCHEDULED:
		buf_str(w->out, "<li>Access ends on ");
		clock_html(w->out, v->o.effective_at, v->o.zone, 0);
		buf_str(w->out, ". Nothing has to be done before.</li>");
		break;
	case STATUS_APPROVAL:
		html_fmt(w->out, "<li><strong>A second person must agree:"
		    "</strong> %s. Asked for by %s.</li>",
		    why == NULL ? v->o.hold : why + 2, v->o.requested_by);
		break;
	case STATUS_CANCELLED:
		turn_refused(w, v);
		buf_str(w->out, "<li>Cancelled. Later steps were stopped, and "
		    "what had been done before stays.</li>");
		break;
	case STATUS_RESTORED:
		buf_str(w->out, "<li>Access was put back as far as it could "
		    "be. The steps below say what could not.</li>");
		break;
	case STATUS_COMPLETE:
		buf_str(w->out, "<li>Nothing is open: every step is verified, "
		    "without an account, or a closed task.</li>");
		if (v->o.recheck_at != 0) {
			buf_str(w->out, "<li>Every system is read again on ");
			clock_html(w->out, v->o.recheck_at, v->o.zone, 0);
			buf_str(w->out, ".</li>");
		}
		break;
	default:
		break;
	}
	if (v->o.status != STATUS_APPROVAL && v->o.hold[0] != '\0' &&
	    v->o.approved_by[0] == '\0' && v->o.status != STATUS_CANCELLED &&
	    v->o.status != STATUS_RESTORED)
		html_fmt(w->out, "<li><strong>A second person must agree "
		    "before the later steps:</strong> %s.</li>",
		    why == NULL ? v->o.hold : why + 2);
	if (v->o.restore_at != 0 && v->o.status != STATUS_RESTORED)
		buf_str(w->out, "<li>Access is being put back.</li>");
}

static void
turn_step(struct web *w, const struct casefile *v, const struct step *st)
{
	const char *who = st->state == STATE_WAITING ? "The worker waits" :
	    st->state == STATE_FAILED ? "IT" : "IT, unclear";

	html_fmt(w->out, "<li><strong>%s:</strong> %s, %s. <span class=\""
	    "say\">", who, st->system, page_phase(st->phase));
	casefile_text(w, v, st->detail);
	buf_str(w->out, "</span>");
	if (act_fits(w, &v->o, ACT_RETRY) != 0 && st->state != STATE_WAITING)
		html_fmt(w->out, " <a class=\"noprint\" href=\"/offboardings/"
		    "%s/retry?system=%s&amp;phase=%s\">Try again</a>", v->ob,
		    st->system, phase_word(st->phase));
	buf_str(w->out, "</li>\n");
}

static unsigned
tasks_open(const struct casefile *v)
{
	unsigned i, n = 0;

	for (i = 0; i < v->ntasks; i++)
		n += v->tasks[i].open != 0;
	return n;
}

/* Steps that run or can run now; those that wait long are named singly. */
static unsigned
steps_busy(const struct casefile *v)
{
	unsigned i, n = 0;

	for (i = 0; i < v->nsteps; i++)
		n += v->steps[i].state == STATE_PENDING ||
		    v->steps[i].state == STATE_RUNNING;
	return n;
}

static void
turn_nowhere(struct web *w, const struct casefile *v)
{
	unsigned i, absent = 0;

	for (i = 0; i < v->naccounts; i++)
		absent += strcmp(v->accounts[i].found, "absent") == 0;
	if (v->naccounts > 0 && absent == v->naccounts)
		html_fmt(w->out, "<li><strong>No system knows this person."
		    "</strong> Perhaps the address %s was mistyped: then "
		    "access has not ended for the person who is meant.</li>\n",
		    v->o.email);
	for (i = 0; i < v->naccounts; i++)
		if (strcmp(v->accounts[i].found, "ambiguous") == 0)
			html_fmt(w->out, "<li><strong>IT:</strong> %s has more "
			    "than one account that fits, so none was touched."
			    "</li>\n", v->accounts[i].system);
}

static void
case_turns(struct web *w, const struct casefile *v)
{
	unsigned i, n;

	buf_str(w->out, "<section class=\"turns\" aria-labelledby=\"turns\">"
	    "<h2 id=\"turns\">What is open, and whose turn it is</h2><ul>\n");
	turn_status(w, v);
	turn_nowhere(w, v);
	n = tasks_open(v);
	if (n > 0)
		html_fmt(w->out, "<li><strong>People:</strong> <a href="
		    "\"#tasks\">%u %s</a></li>\n", n,
		    n == 1 ? "open task" : "open tasks");
	for (i = 0; i < v->nsteps; i++)
		if (v->steps[i].state == STATE_FAILED ||
		    v->steps[i].state == STATE_UNCLEAR ||
		    v->steps[i].state == STATE_WAITING)
			turn_step(w, v, &v->steps[i]);
	n = steps_busy(v);
	if (n > 0 && (v->o.status == STATUS_RUNNING ||
	    v->o.status == STATUS_ATTENTION))
		html_fmt(w->out, "<li>The worker has %u %s to go.</li>\n", n,
		    n == 1 ? "step" : "steps");
	buf_str(w->out, "</ul></section>\n");
}

static void
case_actions(struct web *w, const struct casefile *v)
{
	static const char *const texts[ACTS] = { "Try open steps again",
	    "Cancel this offboarding", "Approve", "Put access back" };
	int i;

	buf_str(w->out, "<div class=\"actions\">");
	for (i = 0; i < ACTS; i++)
		if (act_fits(w, &v->o, (enum act)i) != 0)
			html_fmt(w->out, i == ACT_APPROVE ?
			    "<a class=\"btn\" href=\"/offboardings/%s/%s\">%s"
			    "</a>" : "<a class=\"btn plain\" href=\""
			    "/offboardings/%s/%s\">%s</a>", v->ob,
			    act_word((enum act)i), texts[i]);
	if ((v->o.status == STATUS_COMPLETE ||
	    v->o.status == STATUS_RESTORED) && casefile_ids(w) != 0)
		html_fmt(w->out, "<a class=\"btn plain\" href=\"/offboardings/"
		    "%s/certificate\">Certificate</a>", v->ob);
	html_fmt(w->out, "<a href=\"/offboardings/%s\">Load this page again"
	    "</a></div>\n", v->ob);
}

static void
case_facts(struct web *w, const struct casefile *v)
{
	const struct offboarding *o = &v->o;

	buf_str(w->out, "<dl class=\"facts two\">\n<div><dt>Status</dt><dd>");
	page_status_tag(w->out, o->status);
	if (o->emergency != 0)
		buf_str(w->out, " Emergency");
	buf_str(w->out, "</dd></div>\n<div><dt>Access ends</dt><dd>");
	clock_html(w->out, o->effective_at, o->zone, 0);
	buf_str(w->out, "</dd></div>\n<div><dt>Time to contain</dt><dd>");
	casefile_contained(w, o);
	html_fmt(w->out, "<span class=\"by\">Goal: %s, counted from the "
	    "instant at which access ends</span></dd></div>\n",
	    w->site->settings->sla_text);
	html_fmt(w->out, "<div><dt>Takes over</dt><dd>%s</dd></div>\n",
	    o->handover[0] != '\0' ? o->handover : "Nobody");
	html_fmt(w->out, "<div><dt>Asked for by</dt><dd>%s, ",
	    o->requested_by);
	clock_html(w->out, o->requested_at, o->zone, 0);
	buf_str(w->out, "</dd></div>\n");
	if (o->approved_by[0] != '\0')
		html_fmt(w->out, "<div><dt>Approved by</dt><dd>%s</dd></div>"
		    "\n", o->approved_by);
	if (o->reason[0] != '\0')
		html_fmt(w->out, "<div><dt>Reason</dt><dd>%s</dd></div>\n",
		    o->reason);
	buf_str(w->out, "</dl>\n");
}

static void
case_tasks(struct web *w, const struct casefile *v)
{
	unsigned i;

	if (v->ntasks == 0)
		return;
	buf_str(w->out, "<h2 id=\"tasks\">Tasks for people</h2>\n<ul class="
	    "\"tasks\">\n");
	for (i = 0; i < v->ntasks; i++)
		task_show(w, &v->tasks[i], 0);
	buf_str(w->out, "</ul>\n");
}

static int
case_show(struct web *w, const struct casefile *v, struct err *e)
{
	const struct offboarding *o = &v->o;
	struct page p = { .nav = NAV_LIST, .title = v->ob };

	if (o->status == STATUS_RUNNING || (o->status == STATUS_SCHEDULED &&
	    o->effective_at < w->now + 60000))
		p.refresh = 5;
	page_begin(w, &p);
	html_fmt(w->out, "<h1>Offboarding of %s</h1>\n",
	    o->name[0] != '\0' ? o->name : o->email);
	casefile_person(w, o);
	case_turns(w, v);
	case_facts(w, v);
	case_actions(w, v);
	grid_show(w, v);
	if (hosts_confirmed(w, v, e) == -1)
		return -1;
	case_tasks(w, v);
	grid_details(w, v);
	if (told_show(w, v, e) == -1)
		return -1;
	buf_str(w->out, "<h2>Everything that happened</h2>\n");
	events_show(w, v);
	page_end(w);
	return 0;
}

int
case_page_get(struct web *w, struct err *e)
{
	struct casefile v;
	int rc = casefile_load(w, w->id, &v, e);

	if (rc == STORE_OK)
		rc = case_show(w, &v, e);
	else if (rc == STORE_NONE)
		rc = page_missing(w);
	casefile_clear(&v);
	return rc;
}
