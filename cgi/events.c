/* The audit's events in words that people use. An event that is unknown
 * here is shown as it is. */
#include <string.h>

#include "casefile.h"
#include "clock.h"
#include "page.h"

static const struct {
	const char	*event;
	const char	*text;
} words[] = {
	{ "requested", "Offboarding asked for" },
	{ "approved", "Approved" },
	{ "cancelled", "Cancelled" },
	{ "refused", "Refused" },
	{ "restore-requested", "Asked to put access back" },
	{ "retry-requested", "Asked to try again" },
	{ "step-started", "Begun" },
	{ "step-verified", "Verified" },
	{ "step-done", "Done – not verified" },
	{ "step-manual", "Needs a person" },
	{ "step-absent", "No account" },
	{ "step-failed", "Failed" },
	{ "step-unclear", "Unclear" },
	{ "step-waiting", "Waits" },
	{ "step-pending", "To be tried again" },
	{ "task-opened", "Task opened" },
	{ "task-closed", "Task closed" },
	{ "denial-listed", "Listed as denied on Linux hosts" },
	{ "denial-lifted", "No longer denied on Linux hosts" },
	{ "host-enrolled", "Linux host enrolled" },
	{ "host-retired", "Linux host retired" },
	{ "fleet-created", "Fleet created" },
	{ "recheck", "Read again" },
	{ "recheck-ended", "Not read again any more" },
	{ "access-came-back", "Access came back" },
	{ "certificate-key", "A new key signs certificates" },
	{ "system-stopped", "System stopped" },
};

/* "attention: found nowhere" begins with a status; the rest is a sentence. */
static void
status_text(struct buf *b, const char *detail)
{
	char word[24];
	size_t n = strcspn(detail, ":");
	int status;

	buf_str(b, "Status: ");
	if (n >= sizeof(word)) {
		html_text(b, detail);
		return;
	}
	memcpy(word, detail, n);
	word[n] = '\0';
	status = status_of(word);
	html_fmt(b, "%s%s", status == -1 ? word :
	    page_status((enum status)status), detail + n);
}

void
event_title(struct buf *b, const struct audit *a)
{
	unsigned i;

	if (strcmp(a->event, "status") == 0) {
		status_text(b, a->detail);
		return;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].event, a->event) == 0)
			break;
	html_text(b, i < sizeof(words) / sizeof(words[0]) ? words[i].text :
	    a->event);
}

static void
event_show(struct web *w, const struct casefile *v, const struct audit *a)
{
	int phase = phase_of(a->phase);

	buf_str(w->out, "<li><strong>");
	event_title(w->out, a);
	buf_str(w->out, "</strong>");
	if (a->system[0] != '\0')
		html_fmt(w->out, " <span>%s</span>", a->system);
	if (a->phase[0] != '\0')
		html_fmt(w->out, ", %s", phase == -1 ? a->phase :
		    page_phase((enum phase)phase));
	if (a->detail[0] != '\0' && strcmp(a->event, "status") != 0) {
		buf_str(w->out, "<span class=\"why\">");
		casefile_text(w, v, a->detail);
		buf_str(w->out, "</span>");
	}
	buf_str(w->out, "<span class=\"by\">");
	if (strcmp(a->actor, "offboardd") == 0)
		buf_str(w->out, "by the worker, ");
	else
		html_fmt(w->out, "by %s, ", a->actor);
	clock_html(w->out, a->at, v->o.zone, 1);
	buf_str(w->out, "</span></li>\n");
}

static int
same_step(const struct audit *a, const struct audit *b)
{
	return strcmp(a->system, b->system) == 0 &&
	    strcmp(a->phase, b->phase) == 0;
}

/*
 * Is row I told by a newer one? The begin of a step that has ended since,
 * and a wait like the next one. The audit keeps and shows them all.
 */
static int
event_is_told(const struct audit *rows, unsigned i)
{
	int begun = strcmp(rows[i].event, "step-started") == 0;
	unsigned k;

	if (begun == 0 && strcmp(rows[i].event, "step-waiting") != 0)
		return 0;
	for (k = i; k-- > 0;) {
		if (same_step(&rows[k], &rows[i]) == 0 ||
		    strcmp(rows[k].event, "step-started") == 0)
			continue;
		return begun != 0 || (strcmp(rows[k].event, rows[i].event) ==
		    0 && strcmp(rows[k].detail, rows[i].detail) == 0);
	}
	return 0;
}

void
events_show(struct web *w, const struct casefile *v)
{
	unsigned i, told = 0;

	buf_str(w->out, "<ol class=\"timeline\">\n");
	for (i = 0; i < v->nevents; i++)
		if (event_is_told(v->events, i) == 0)
			event_show(w, v, &v->events[i]);
		else
			told++;
	buf_str(w->out, "</ol>\n");
	if (told > 0 || v->nevents == CASEFILE_EVENTS)
		html_fmt(w->out, "<p>%u rows that only say that a step began "
		    "or still waited are left out here%s. The <a href="
		    "\"/audit\">audit</a> has every row.</p>\n", told,
		    v->nevents == CASEFILE_EVENTS ? ", and the oldest ones" :
		    "");
}
