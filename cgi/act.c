/* What may be done to an offboarding: try again, cancel, approve, put back.
 * Each first on a page that says what it does, then in the record. */
#include <stdlib.h>
#include <string.h>

#include "../providers/record/wake.h"
#include "post.h"
#include "page.h"
#include "routes.h"
#include "casefile.h"

static const struct form_field query_fields[] = {
	{ "system", 128, FORM_LINE }, { "phase", 16, FORM_LINE },
	{ NULL, 0, FORM_LINE },
};
static const struct form_field act_fields[] = {
	{ "csrf", 128, FORM_LINE }, { "system", 128, FORM_LINE },
	{ "phase", 16, FORM_LINE }, { NULL, 0, FORM_LINE },
};

static const char *const words[ACTS] = { "retry", "cancel", "approve",
    "restore" };

struct doing {
	struct offboarding	 o;
	char			 ob[OB_TEXT];
	char			 form[64];	/* what its token is for */
	enum act		 act;
	const char		*system;	/* "": all */
	const char		*phase;		/* "": all */
	int			 expired;
};

const char *
act_word(enum act a)
{
	return words[a];
}

static int
status_is_open(enum status s)
{
	return s == STATUS_SCHEDULED || s == STATUS_APPROVAL ||
	    s == STATUS_RUNNING || s == STATUS_ATTENTION;
}

/* Approval by rule needs an approver; the brake any second operator. */
static int
may_approve(const struct web *w, const struct offboarding *o)
{
	unsigned need = strncmp(o->hold, "brake:", 6) == 0 ?
	    ROLE_APPROVER | ROLE_OPERATOR : ROLE_APPROVER;

	return (w->roles & need) != 0 &&
	    strcmp(o->requested_by, w->user) != 0;
}

int
act_fits(const struct web *w, const struct offboarding *o, enum act a)
{
	int operator = (w->roles & ROLE_OPERATOR) != 0;

	switch (a) {
	case ACT_RETRY:
		return operator && o->opened_at != 0 &&
		    (o->status == STATUS_RUNNING ||
		    o->status == STATUS_ATTENTION);
	case ACT_CANCEL:
		return operator && status_is_open(o->status) &&
		    o->restore_at == 0;
	case ACT_APPROVE:
		return o->hold[0] != '\0' && o->approved_by[0] == '\0' &&
		    status_is_open(o->status) && may_approve(w, o);
	default:
		return operator && o->opened_at != 0 && o->restore_at == 0 &&
		    o->status != STATUS_RESTORED;
	}
}

/* What it does, before it is done. */
static const char *
act_text(const struct doing *d)
{
	switch (d->act) {
	case ACT_RETRY:
		return d->system[0] != '\0' ? "The worker tries this step once "
		    "more, and reads the system back afterwards." :
		    "The worker tries every step once more that is neither "
		    "verified nor without an account, and reads the systems "
		    "back afterwards.";
	case ACT_CANCEL:
		return d->o.opened_at == 0 ? "Nothing has been done yet, and "
		    "nothing will be: the person's access stays as it is." :
		    "Steps that have not run are stopped. What was ended "
		    "already stays ended: to give access back, use \"Put "
		    "access back\".";
	case ACT_APPROVE:
		return "You say, with your name, that this person's access is "
		    "to end. The worker then goes on.";
	default:
		return "The worker undoes what it can, newest first, from what "
		    "each system held before, and lists what it could not put "
		    "back. Sessions and keys that were ended stay ended.";
	}
}

static void
act_page(struct web *w, const struct doing *d)
{
	static const char *const titles[ACTS] = { "Try again",
	    "Cancel this offboarding", "Approve this offboarding",
	    "Put access back" };
	static const char *const buttons[ACTS] = { "Try again for",
	    "Cancel the offboarding of", "Approve ending all access for",
	    "Put access back for" };
	const char *who = d->o.name[0] != '\0' ? d->o.name : d->o.email;
	const struct page p = { .title = titles[d->act], .nav = NAV_LIST,
	    .error = d->expired };

	page_begin(w, &p);
	if (d->expired != 0)
		page_expired(w);
	html_fmt(w->out, "<h1>%s</h1>\n", titles[d->act]);
	casefile_person(w, &d->o);
	if (d->system[0] != '\0')
		html_fmt(w->out, "<p>Step: <strong>%s</strong>%s%s</p>\n",
		    d->system, d->phase[0] != '\0' ? ", " : "",
		    d->phase[0] != '\0' ?
		    page_phase((enum phase)phase_of(d->phase)) : "");
	html_fmt(w->out, "<p>%s</p>\n", act_text(d));
	if (d->act == ACT_APPROVE)
		html_fmt(w->out, "<p>Asked for by <strong>%s</strong>. Why a "
		    "second person is asked: %s.</p>\n", d->o.requested_by,
		    strstr(d->o.hold, ": ") == NULL ? d->o.hold :
		    strstr(d->o.hold, ": ") + 2);
	html_fmt(w->out, "<form method=\"post\" action=\"/offboardings/%s/%s\""
	    ">\n", d->ob, act_word(d->act));
	page_csrf(w, d->form);
	html_fmt(w->out, "<input type=\"hidden\" name=\"system\" value=\"%s\">"
	    "<input type=\"hidden\" name=\"phase\" value=\"%s\">\n"
	    "<div class=\"actions\"><button class=\"btn%s\" type=\"submit\">"
	    "%s %s</button><a href=\"/offboardings/%s\">Back</a></div></form>"
	    "\n", d->system, d->phase, d->act == ACT_RETRY ? "" : " danger",
	    buttons[d->act], who, d->ob);
	page_end(w);
}

/* Why it cannot be done now, in the state in which the record is. */
static int
act_refuse(struct web *w, const struct doing *d)
{
	struct buf text;
	int status = 409;

	buf_init(&text, 512);
	if (d->act == ACT_APPROVE && d->o.hold[0] != '\0' &&
	    d->o.approved_by[0] == '\0' && status_is_open(d->o.status)) {
		status = 403;
		if (strcmp(d->o.requested_by, w->user) == 0)
			buf_str(&text, "You asked for this offboarding "
			    "yourself, so somebody else must approve it.");
		else
			buf_fmt(&text, "This needs the role approver. You are "
			    "signed in as %s.", w->user);
	} else
		buf_fmt(&text, "The offboarding %s is \"%s\" now, and this "
		    "cannot be done in that state. Nothing was changed.",
		    d->ob, page_status(d->o.status));
	(void)page_say(w, status, status == 403 ? "You may not do this" :
	    "This cannot be done now", buf_cstr(&text));
	buf_clear(&text);
	return 0;
}

/* The offboarding and the act that the path names. 0 when it fits; 1 when
 * the answer is made; -1. */
static int
act_load(struct web *w, struct doing *d, struct err *e)
{
	const char *word = strrchr(w->path, '/') + 1;
	struct buf form;
	int i, rc;

	memset(d, 0, sizeof(*d));
	d->system = d->phase = "";
	for (i = 0; i < ACTS; i++)
		if (strcmp(word, words[i]) == 0)
			d->act = (enum act)i;
	rc = case_get(w->store, w->id, &d->o, e);
	if (rc == STORE_NONE)
		(void)page_missing(w);
	if (rc != STORE_OK)
		return rc == STORE_NONE ? 1 : -1;
	ob_text(w->id, d->ob);
	buf_init(&form, sizeof(d->form) - 1);
	buf_fmt(&form, "%s %s", d->ob, word);
	(void)text_copy(d->form, sizeof(d->form), buf_cstr(&form));
	buf_clear(&form);
	if (act_fits(w, &d->o, d->act) != 0)
		return 0;
	(void)act_refuse(w, d);
	return 1;
}

/* Takes system and phase over. -1 when the words mean nothing. */
static int
act_target(struct doing *d, const struct form *f)
{
	d->system = form_get(f, "system");
	d->phase = form_get(f, "phase");
	if (d->act != ACT_RETRY)
		return d->system[0] == '\0' && d->phase[0] == '\0' ? 0 : -1;
	return d->phase[0] == '\0' || (d->system[0] != '\0' &&
	    phase_of(d->phase) != -1) ? 0 : -1;
}

int
act_get(struct web *w, struct err *e)
{
	struct doing d;
	struct form f;
	int rc = act_load(w, &d, e);

	if (rc != 0)
		return rc == 1 ? 0 : -1;
	if (form_query(&f, query_fields, w->query, e) == -1 ||
	    act_target(&d, &f) == -1)
		rc = page_say(w, 400, "Not found", "There is no such step.");
	else
		act_page(w, &d);
	form_clear(&f);
	return rc;
}

/* Writes it down. The record judges the state once more. */
static int
act_record(struct web *w, const struct doing *d, struct err *e)
{
	unsigned count;

	switch (d->act) {
	case ACT_RETRY:
		return step_retry(w->store, w->id, d->system[0] == '\0' ?
		    NULL : d->system, d->phase[0] == '\0' ? -1 :
		    phase_of(d->phase), w->user, &count, e);
	case ACT_CANCEL:
		return case_cancel(w->store, w->id, w->user, e);
	case ACT_APPROVE:
		return case_approve(w->store, w->id, w->user, e);
	default:
		return case_restore(w->store, w->id, w->user, e);
	}
}

static int
act_do(struct web *w, struct doing *d, const struct form *f, struct err *e)
{
	switch (page_csrf_check(w, d->form, form_get(f, "csrf"))) {
	case CSRF_BAD:
		return page_say(w, 403, "This form is not from one of our "
		    "pages", "Nothing was changed. Open the page again and "
		    "press the button there.");
	case CSRF_EXPIRED:
		d->expired = 1;
		w->status = 403;
		act_page(w, d);
		return 0;
	case CSRF_OK:
		break;
	}
	switch (act_record(w, d, e)) {
	case STORE_OK:
		wake_send(w->site->settings->data_dir);
		return web_redirect(w, "/offboardings/%s", d->ob);
	case STORE_NONE:
		return page_say(w, 409, "There is nothing to try again",
		    "No step of this offboarding fits: all are verified or "
		    "without an account. Nothing was changed.");
	case STORE_REPLAY:
		return page_say(w, 409, "This cannot be done now", d->act ==
		    ACT_RESTORE ? "Another offboarding of this person is "
		    "open: cancel that one first." : "You asked for this "
		    "offboarding yourself, so somebody else must approve it.");
	case STORE_CONFLICT:
		return act_refuse(w, d);
	default:
		return -1;
	}
}

int
act_post(struct web *w, struct err *e)
{
	struct doing d;
	struct form f;
	int rc;

	if (post_form(w, act_fields, &f) != 0)
		return 0;
	rc = act_load(w, &d, e);
	if (rc == 0 && act_target(&d, &f) == -1)
		rc = page_say(w, 400, "Not found", "There is no such step.");
	else if (rc == 0)
		rc = act_do(w, &d, &f, e);
	else if (rc == 1)
		rc = 0;
	form_clear(&f);
	return rc;
}
