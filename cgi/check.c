/* The last page before an offboarding begins, and its recording. The record
 * decides whether it is new; the worker judges it once more. */
#include "new.h"

#include <string.h>

#include "../providers/engine/guard.h"
#include "../providers/record/wake.h"
#include "clock.h"
#include "post.h"
#include "routes.h"

static const struct form_field start_fields[] = {
	{ "csrf", 128, FORM_LINE }, { "draft", 64, FORM_LINE },
	{ NULL, 0, FORM_LINE },
};

/* Ends a row of facts with the link that changes it. */
static void
fact_change(struct web *w, const struct entry *t, enum ask ask,
    const char *what)
{
	html_fmt(w->out, "</dd><dd><a href=\"/offboardings/new?draft=%s&amp;"
	    "step=%s\">%s<span class=\"vh\"> %s</span></a></dd></div>\n",
	    t->token, ask_word(ask), ask == ASK_FOUND ? "See" : "Change",
	    what);
}

static void
fact_row(struct web *w, const struct entry *t, enum ask ask,
    const char *const texts[3])
{
	html_fmt(w->out, "<div><dt>%s</dt><dd>%s", texts[0],
	    texts[1][0] == '\0' ? "–" : texts[1]);
	fact_change(w, t, ask, texts[2]);
}

static void
check_who(struct web *w, const struct entry *t, const struct offboarding *o)
{
	fact_row(w, t, ASK_WHO, (const char *const[]){ "Name", o->name,
	    "name" });
	fact_row(w, t, ASK_WHO, (const char *const[]){ "E-mail", o->email,
	    "e-mail address" });
	fact_row(w, t, ASK_WHO, (const char *const[]){ "Employee ID",
	    o->employee_id, "employee ID" });
	fact_row(w, t, ASK_WHO, (const char *const[]){ "Unix login", o->login,
	    "Unix login" });
}

static void
check_when(struct web *w, const struct entry *t, const struct offboarding *o)
{
	struct buf b;

	buf_init(&b, 512);
	if (strcmp(t->a.when, "at") == 0 && o->effective_at > w->now)
		answers_when(o, &b);
	else if (strcmp(t->a.when, "at") == 0)
		buf_str(&b, "As soon as you confirm: the time that was "
		    "chosen has passed meanwhile");
	else
		buf_str(&b, "Now, as soon as you confirm");
	fact_row(w, t, ASK_WHEN, (const char *const[]){ "Access ends",
	    buf_cstr(&b), "when access ends" });
	fact_row(w, t, ASK_WHEN, (const char *const[]){ "Emergency",
	    o->emergency != 0 ? "Yes: block first, no approval" : "No",
	    "whether it is an emergency" });
	buf_clear(&b);
}

/* Why a second person will be asked, without the word for programs. */
static void
check_hold(struct web *w, struct offboarding *o, struct err *e)
{
	const char *why;

	if (guard_hold(w->site->settings, w->store, o, e) != STORE_OK ||
	    o->hold[0] == '\0')
		return;
	why = strstr(o->hold, ": ");
	html_fmt(w->out, "<section class=\"notice\"><h2>A second person must "
	    "agree</h2><p>Reason: %s.</p></section>\n",
	    why == NULL ? o->hold : why + 2);
}

int
new_check(struct web *w, const struct ask_page *p, struct err *e)
{
	struct entry *t = p->entry;
	struct problems ps = { .n = 0 };
	struct offboarding o;

	/* A rule may have changed since the answers were given. */
	if (answers_case(w, &t->a, ASK_HEIR, &o, &ps) == -1) {
		struct ask_page again = { .entry = t, .problems = ps };

		w->status = 400;
		new_who(w, &again);
		return 0;
	}
	new_begin(w, p, ASK_CHECK);
	html_fmt(w->out, "<h1>Check your answers before access ends for %s"
	    "</h1>\n<dl class=\"facts\">\n", o.name[0] != '\0' ? o.name :
	    o.email);
	check_who(w, t, &o);
	check_when(w, t, &o);
	fact_row(w, t, ASK_HEIR, (const char *const[]){ "Takes over",
	    o.handover[0] != '\0' ? o.handover : "Nobody",
	    "who takes over" });
	fact_row(w, t, ASK_HEIR, (const char *const[]){ "Reason", o.reason,
	    "reason" });
	buf_str(w->out, "<div><dt>What will end</dt><dd>");
	if (found_summary(w, t, e) == -1)
		return -1;
	fact_change(w, t, ASK_FOUND, "what will end");
	buf_str(w->out, "</dl>\n");
	check_hold(w, &o, e);
	buf_str(w->out, "<form method=\"post\" action=\"/offboardings\">\n");
	page_csrf(w, "start");
	html_fmt(w->out, "<input type=\"hidden\" name=\"draft\" value=\"%s\">"
	    "<div class=\"actions\"><button class=\"btn danger\" "
	    "type=\"submit\">End all access for %s</button><a href=\"/\">"
	    "Cancel</a></div></form>\n", t->token, o.name[0] != '\0' ?
	    o.name : o.email);
	page_end(w);
	return 0;
}

static int
start_conflict(struct web *w, const struct offboarding *o)
{
	const struct page page = { .title = "There is one already",
	    .nav = NAV_NEW };
	char ob[OB_TEXT];

	ob_text(o->id, ob);
	w->status = 409;
	page_begin(w, &page);
	html_fmt(w->out, "<h1>There is one already</h1>\n<p>An offboarding of "
	    "<strong>%s</strong> is open, so no second one was started: "
	    "<a href=\"/offboardings/%s\">%s</a></p>\n", o->email, ob, ob);
	page_end(w);
	return 0;
}

/* Records it. Its page is the answer, whether it is new or was sent twice. */
static int
start_record(struct web *w, struct entry *t, struct offboarding *o,
    struct err *e)
{
	struct err ignored;
	int rc;

	if (o->effective_at < w->now)
		o->effective_at = w->now;
	(void)text_copy(o->idempotency, sizeof(o->idempotency), t->token);
	if (guard_hold(w->site->settings, w->store, o, e) != STORE_OK)
		return -1;
	rc = case_add(w->store, o, e);
	if (rc == STORE_CONFLICT)
		return start_conflict(w, o);
	if (rc != STORE_OK && rc != STORE_REPLAY)
		return -1;
	wake_send(w->site->settings->data_dir);
	/* A draft that leads to its offboarding cannot start a second one;
	 * should this fail, the idempotency key still stands. */
	ob_text(o->id, t->a.started);
	(void)!entry_save(w, t, &ignored);
	return web_redirect(w, "/offboardings/%s", t->a.started);
}

static int
start_checked(struct web *w, const struct form *f, struct entry *t,
    struct err *e)
{
	struct ask_page p = { .entry = t };
	struct offboarding o;

	if (t->a.started[0] != '\0')
		return web_redirect(w, "/offboardings/%s", t->a.started);
	switch (page_csrf_check(w, "start", form_get(f, "csrf"))) {
	case CSRF_BAD:
		return page_say(w, 403, "This form is not from one of our "
		    "pages", "Nothing was started. Open the page again and "
		    "press the button there.");
	case CSRF_EXPIRED:
		p.expired = 1;
		w->status = 403;
		return new_check(w, &p, e);
	case CSRF_OK:
		break;
	}
	if (answers_next(t) != ASK_CHECK)
		return web_redirect(w, "/offboardings/new?draft=%s&step=%s",
		    t->token, ask_word(answers_next(t)));
	if (answers_case(w, &t->a, ASK_HEIR, &o, &p.problems) == -1) {
		w->status = 400;
		new_who(w, &p);
		return 0;
	}
	return start_record(w, t, &o, e);
}

int
start_post(struct web *w, struct err *e)
{
	struct entry t;
	struct form f;
	int rc;

	if (post_form(w, start_fields, &f) != 0)
		return 0;
	switch (entry_load(w, form_get(&f, "draft"), &t, e)) {
	case STORE_OK:
		rc = start_checked(w, &f, &t, e);
		break;
	case STORE_NONE:
		rc = page_say(w, 404, "This draft is gone", "Drafts are kept "
		    "for a day. Nothing was started: begin again from the "
		    "list.");
		break;
	case STORE_CONFLICT:
		rc = page_say(w, 403, "This draft is somebody else's", "Each "
		    "draft is for the person who began it. Nothing was "
		    "started.");
		break;
	default:
		rc = -1;
	}
	form_clear(&f);
	return rc;
}
