/* Starting an offboarding, one question a page: which page is next. Nothing
 * here changes anybody's access. */
#include "new.h"

#include <string.h>

#include "post.h"
#include "routes.h"

static const struct form_field query_fields[] = {
	{ "draft", 64, FORM_LINE }, { "step", 16, FORM_LINE },
	{ NULL, 0, FORM_LINE },
};

static int
new_show(struct web *w, const struct ask_page *p, enum ask ask, struct err *e)
{
	switch (ask) {
	case ASK_WHO:
		new_who(w, p);
		return 0;
	case ASK_WHEN:
		new_when(w, p);
		return 0;
	case ASK_HEIR:
		new_heir(w, p);
		return 0;
	case ASK_FOUND:
		return new_found(w, p, e);
	default:
		return new_check(w, p, e);
	}
}

/* Loads the draft. 0 when it is there; 1 when the answer is made; -1. */
static int
new_load(struct web *w, const char *token, struct entry *t, struct err *e)
{
	switch (entry_load(w, token, t, e)) {
	case STORE_OK:
		break;
	case STORE_NONE:
		(void)page_say(w, 404, "This draft is gone", "Drafts are kept "
		    "for a day. Start again from the list.");
		return 1;
	case STORE_CONFLICT:
		(void)page_say(w, 403, "This draft is somebody else's", "Each "
		    "draft is for the person who began it.");
		return 1;
	default:
		return -1;
	}
	if (t->a.started[0] == '\0')
		return 0;
	(void)web_redirect(w, "/offboardings/%s", t->a.started);
	return 1;
}

int
new_get(struct web *w, struct err *e)
{
	struct entry t = { .request = 0 };
	struct ask_page p = { .entry = &t };
	enum ask next;
	struct form f;
	int ask, rc = 0;

	if (form_query(&f, query_fields, w->query, e) == -1) {
		form_clear(&f);
		return page_say(w, 400, "Not found", e->text);
	}
	if (form_has(&f, "draft") == 0) {
		new_who(w, &p);
		goto out;
	}
	rc = new_load(w, form_get(&f, "draft"), &t, e);
	if (rc != 0) {
		rc = rc == 1 ? 0 : -1;
		goto out;
	}
	/* Nobody gets past a question that is open. */
	next = answers_next(&t);
	ask = ask_of(form_get(&f, "step"));
	if (ask == -1 || ask > (int)next)
		rc = web_redirect(w, "/offboardings/new?draft=%s&step=%s",
		    t.token, ask_word(next));
	else
		rc = new_show(w, &p, (enum ask)ask, e);
out:
	form_clear(&f);
	return rc;
}

/* Would the dry run find something else than before? */
static int
plan_differs(const struct answers *a, const struct answers *b)
{
	return strcmp(a->email, b->email) != 0 ||
	    strcmp(a->login, b->login) != 0 ||
	    strcmp(a->heir, b->heir) != 0 ||
	    strcmp(a->handover, b->handover) != 0 ||
	    strcmp(a->emergency, b->emergency) != 0;
}

/* The page on what will end: go on, or look again. */
static int
found_take(struct web *w, struct entry *t, const struct form *f,
    struct problems *ps, struct err *e)
{
	int answered;

	if (strcmp(form_get(f, "do"), "again") == 0)
		return found_ask(w, t, e);
	answered = found_is_known(w, t, e);
	if (answered == -1)
		return -1;
	if (answered == 0 && strcmp(form_get(f, "unseen"), "yes") != 0)
		problem_add(ps, "unseen", "Tick the box to go on without "
		    "having seen what will end, or look again");
	else
		(void)text_copy(t->a.seen, sizeof(t->a.seen),
		    answered != 0 ? "seen" : "unseen");
	return 0;
}

/* Takes one page's form. 0, or -1 when the record failed. */
static int
new_take(struct web *w, enum ask ask, const struct form *f,
    struct ask_page *p, struct err *e)
{
	struct entry *t = p->entry;
	struct answers before = t->a;
	struct offboarding o;

	if (ask == ASK_FOUND) {
		if (found_take(w, t, f, &p->problems, e) == -1)
			return -1;
	} else {
		answers_take(&t->a, f, &p->problems);
		(void)answers_case(w, &t->a, ask, &o, &p->problems);
		if (ask == ASK_WHEN && o.effective_at != 0 &&
		    o.effective_at < w->now)
			problem_add(&p->problems, "day", "That time has "
			    "passed: choose Now, or a later time");
	}
	if (p->problems.n > 0)
		return 0;
	if (ask != ASK_FOUND && plan_differs(&before, &t->a) != 0) {
		t->request = 0;
		t->a.seen[0] = '\0';
	}
	if (answers_next(t) == ASK_FOUND && t->request == 0)
		return found_ask(w, t, e);
	return entry_save(w, t, e) == STORE_OK ? 0 : -1;
}

static int
new_answer(struct web *w, enum ask ask, const struct form *f, struct err *e)
{
	struct entry t = { .request = 0 };
	struct ask_page p = { .entry = &t };
	int rc;

	if (form_get(f, "draft")[0] != '\0' || ask != ASK_WHO) {
		rc = new_load(w, form_get(f, "draft"), &t, e);
		if (rc != 0)
			return rc == 1 ? 0 : -1;
	}
	switch (page_csrf_check(w, "new", form_get(f, "csrf"))) {
	case CSRF_BAD:
		return page_say(w, 403, "This form is not from one of our "
		    "pages", "Nothing was changed. Open the page again and "
		    "press the button there.");
	case CSRF_EXPIRED:
		p.expired = 1;
		answers_take(&t.a, f, &p.problems);
		w->status = 403;
		return new_show(w, &p, ask, e);
	case CSRF_OK:
		break;
	}
	if (new_take(w, ask, f, &p, e) == -1)
		return -1;
	if (p.problems.n > 0) {
		w->status = 400;
		return new_show(w, &p, ask, e);
	}
	return web_redirect(w, "/offboardings/new?draft=%s&step=%s", t.token,
	    ask_word(answers_next(&t)));
}

int
new_post(struct web *w, struct err *e)
{
	struct form f;
	char word[16];
	int ask, rc;

	post_peek(w, "step", word, sizeof(word));
	ask = ask_of(word);
	if (ask == ASK_CHECK)
		ask = -1;
	if (post_form(w, answers_fields(ask == -1 ? ASK_WHO : (enum ask)ask),
	    &f) != 0)
		return 0;
	if (ask == -1)
		rc = page_say(w, 400, "The form could not be read", "It does "
		    "not say which page it is from.");
	else
		rc = new_answer(w, (enum ask)ask, &f, e);
	form_clear(&f);
	return rc;
}
