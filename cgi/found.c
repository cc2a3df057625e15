/* What will end: the worker's dry run, asked for and shown. Says what was
 * found by a machine, and says so when nothing was looked up. */
#include "new.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../providers/record/wake.h"
#include "peek.h"

#define PATIENCE_MS 15000

enum look { LOOK_ANSWERED, LOOK_LOOKING, LOOK_SILENT, LOOK_BROKEN };

/* The answer as far as there is one. Caller puts the object back. */
struct plan {
	enum look		 look;
	struct json_object	*answer;
	struct json_object	*systems;
	const char		*error;
};

int
found_ask(struct web *w, struct entry *t, struct err *e)
{
	const struct answers *a = &t->a;
	struct json_object *o = json_object_new_object();
	struct problems ps = { .n = 0 };
	struct offboarding ob;
	int rc;

	if (o == NULL)
		return err_set(e, "out of memory");
	(void)answers_case(w, a, ASK_HEIR, &ob, &ps);
	json_object_object_add(o, "email", json_object_new_string(ob.email));
	json_object_object_add(o, "login", json_object_new_string(a->login));
	json_object_object_add(o, "handover",
	    json_object_new_string(ob.handover));
	json_object_object_add(o, "emergency",
	    json_object_new_boolean(ob.emergency));
	t->a.seen[0] = '\0';
	rc = request_add(w->store, "plan", json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN), w->user, &t->request, e);
	json_object_put(o);
	if (rc == STORE_OK)
		rc = entry_save(w, t, e);
	if (rc != STORE_OK)
		return -1;
	wake_send(w->site->settings->data_dir);
	return 0;
}

static int
plan_read(struct web *w, int64_t id, struct plan *p, struct err *e)
{
	struct request r;
	int rc;

	memset(p, 0, sizeof(*p));
	p->error = "";
	p->look = LOOK_SILENT;
	rc = request_get(w->store, id, &r, e);
	if (rc == STORE_FAIL)
		return -1;
	if (rc == STORE_NONE)
		return 0;
	if (r.answered_at == 0) {
		if (w->now - r.asked_at < PATIENCE_MS)
			p->look = LOOK_LOOKING;
		request_clear(&r);
		return 0;
	}
	p->answer = json_tokener_parse(r.answer);
	request_clear(&r);
	p->systems = peek_list(p->answer, "systems");
	p->error = peek_text(p->answer, "error");
	p->look = p->systems != NULL && p->error[0] == '\0' ? LOOK_ANSWERED :
	    LOOK_BROKEN;
	return 0;
}

int
found_is_known(struct web *w, const struct entry *t, struct err *e)
{
	struct plan p;

	if (plan_read(w, t->request, &p, e) == -1)
		return -1;
	json_object_put(p.answer);
	return p.look == LOOK_ANSWERED;
}

/* Neither an account nor the word that there is none. */
static int
system_is_silent(struct json_object *s)
{
	return strcmp(peek_text(s, "found"), "unknown") == 0 &&
	    peek_true(s, "answered") == 0;
}

/* A login is only confirmed by the hosts, once it is refused there. */
static void
found_tag(struct buf *b, struct json_object *s)
{
	const char *found = peek_text(s, "found");

	if (strcmp(found, "unknown") == 0 && system_is_silent(s) == 0)
		buf_str(b, "<span class=\"tag\">Not confirmed yet</span>");
	else if (strcmp(found, "found") == 0)
		buf_str(b, "<span class=\"tag\">Found</span>");
	else if (strcmp(found, "absent") == 0)
		buf_str(b, "<span class=\"tag off\">No account</span>");
	else if (strcmp(found, "ambiguous") == 0)
		buf_str(b, "<span class=\"tag bad\">More than one match"
		    "</span>");
	else
		buf_str(b, "<span class=\"tag warn\">Not known</span>");
}

static void
found_steps(struct buf *b, struct json_object *steps)
{
	struct json_object *st;
	size_t i;
	int phase;

	if (peek_size(steps) == 0)
		return;
	buf_str(b, "<ul class=\"steps\">");
	for (i = 0; i < peek_size(steps); i++) {
		st = json_object_array_get_idx(steps, i);
		phase = phase_of(peek_text(st, "phase"));
		/* Finding is what was done just now. */
		if (phase == PHASE_DOCUMENT)
			continue;
		html_fmt(b, "<li><strong>%s</strong>", phase == -1 ?
		    peek_text(st, "phase") : page_phase((enum phase)phase));
		if (peek_text(st, "detail")[0] != '\0')
			html_fmt(b, ": %s", peek_text(st, "detail"));
		if (peek_true(st, "irreversible") != 0)
			buf_str(b, " <span class=\"tag warn\">cannot be put "
			    "back</span>");
		buf_str(b, "</li>");
	}
	buf_str(b, "</ul>");
}

/* The name by which a system knows the person; another one than was typed
 * may mean that the address is somebody else's. */
static void
found_label(struct buf *b, struct json_object *s, const struct answers *a)
{
	const char *label = peek_text(s, "label");

	if (label[0] == '\0')
		return;
	html_fmt(b, " <strong>%s</strong>", label);
	if (a->name[0] != '\0' && strcasecmp(a->name, label) != 0)
		html_fmt(b, " <span class=\"tag warn\">not %s</span>",
		    a->name);
}

static void
found_system(struct buf *b, struct json_object *s, const struct answers *a)
{
	struct json_object *holds = peek_list(s, "holds");
	size_t i;

	html_fmt(b, "<section class=\"card\"><h2>%s</h2><p>",
	    peek_text(s, "system"));
	found_tag(b, s);
	found_label(b, s, a);
	if (peek_text(s, "account")[0] != '\0')
		html_fmt(b, " <span class=\"mono\">%s</span>",
		    peek_text(s, "account"));
	html_fmt(b, " <span class=\"aside\">%s</span></p>\n",
	    peek_text(s, "kind"));
	if (peek_text(s, "detail")[0] != '\0')
		html_fmt(b, "<p class=\"why\">%s</p>\n",
		    peek_text(s, "detail"));
	if (peek_size(holds) > 0) {
		buf_str(b, "<p class=\"lead\">Holds</p><ul>");
		for (i = 0; i < peek_size(holds); i++)
			html_fmt(b, "<li>%s</li>", json_object_get_string(
			    json_object_array_get_idx(holds, i)));
		buf_str(b, "</ul>\n");
	}
	/* Without one account there is nothing that would be done. */
	if (peek_size(peek_list(s, "steps")) > 0 &&
	    strcmp(peek_text(s, "found"), "absent") != 0 &&
	    strcmp(peek_text(s, "found"), "ambiguous") != 0) {
		buf_str(b, "<p class=\"lead\">What would be done</p>");
		found_steps(b, peek_list(s, "steps"));
	}
	buf_str(b, "</section>\n");
}

/* How many systems gave no answer. */
static unsigned
plan_silent(const struct plan *p)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < peek_size(p->systems); i++)
		n += system_is_silent(json_object_array_get_idx(p->systems,
		    i));
	return n;
}

/* How many systems say WORD of the person. */
static unsigned
plan_count(const struct plan *p, const char *word)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < peek_size(p->systems); i++)
		n += strcmp(peek_text(json_object_array_get_idx(p->systems,
		    i), "found"), word) == 0;
	return n;
}

static void
found_nowhere(struct web *w, const struct entry *t)
{
	html_fmt(w->out, "<section class=\"notice bad\" role=\"alert\">"
	    "<h2>No system knows this person</h2><p>Nobody with the address "
	    "<strong>%s</strong> was found anywhere. Perhaps the address is "
	    "mistyped: check it before you go on. "
	    "<a href=\"/offboardings/new?draft=%s&amp;step=who\">Change the "
	    "person</a></p></section>\n", t->a.email, t->token);
}

static int
found_other_name(const struct entry *t, const struct plan *p)
{
	const char *label;
	size_t i;

	for (i = 0; i < peek_size(p->systems); i++) {
		label = peek_text(json_object_array_get_idx(p->systems, i),
		    "label");
		if (t->a.name[0] != '\0' && label[0] != '\0' &&
		    strcasecmp(t->a.name, label) != 0)
			return 1;
	}
	return 0;
}

static void
found_answered(struct web *w, const struct entry *t, const struct plan *p)
{
	size_t i, n = peek_size(p->systems);

	if (n > 0 && plan_count(p, "found") + plan_count(p, "ambiguous") +
	    plan_silent(p) == 0)
		found_nowhere(w, t);
	if (found_other_name(t, p) != 0)
		html_fmt(w->out, "<section class=\"notice bad\"><h2>The names "
		    "differ</h2><p>You typed <strong>%s</strong>, and a system "
		    "knows the person with this address by another name. Make "
		    "sure that this is who is leaving.</p></section>\n",
		    t->a.name);
	if (plan_count(p, "ambiguous") > 0)
		buf_str(w->out, "<section class=\"notice bad\"><h2>More than "
		    "one match</h2><p>A system with more than one match is "
		    "left alone, and becomes a task for a person.</p>"
		    "</section>\n");
	if (plan_silent(p) > 0)
		buf_str(w->out, "<section class=\"notice bad\"><h2>Not every "
		    "system could be asked</h2><p>What those systems hold is "
		    "not known. They are asked again when access ends.</p>"
		    "</section>\n");
	if (n == 0)
		buf_str(w->out, "<p>No system is set up, so nothing would "
		    "end.</p>\n");
	for (i = 0; i < n; i++)
		found_system(w->out, json_object_array_get_idx(p->systems, i),
		    &t->a);
}

static void
found_unseen(struct web *w, const struct ask_page *a)
{
	const struct problems *ps = &a->problems;

	html_fmt(w->out, "<div class=\"field%s\">", problem_of(ps, "unseen") !=
	    NULL ? " bad" : "");
	field_error(w->out, ps, "unseen");
	field_choice(w->out, &(struct choice){ "unseen", "yes", "unseen",
	    "I go on without having seen what will end", 0, 1 });
	buf_str(w->out, "</div>\n");
}

static void
found_form(struct web *w, const struct ask_page *a, enum look look)
{
	new_form(w, a, ASK_FOUND);
	if (look != LOOK_ANSWERED)
		found_unseen(w, a);
	buf_str(w->out, "<div class=\"actions\">");
	if (look != LOOK_ANSWERED)
		buf_str(w->out, "<button class=\"btn\" type=\"submit\" "
		    "name=\"do\" value=\"again\">Look again</button>"
		    "<button class=\"btn plain\" type=\"submit\" name=\"do\" "
		    "value=\"go\">Continue</button>");
	else
		buf_str(w->out, "<button class=\"btn\" type=\"submit\" "
		    "name=\"do\" value=\"go\">Continue</button>"
		    "<button class=\"btn plain\" type=\"submit\" name=\"do\" "
		    "value=\"again\">Look again</button>");
	buf_str(w->out, "<a href=\"/\">Cancel</a></div></form>\n");
}

int
new_found(struct web *w, const struct ask_page *a, struct err *e)
{
	const struct entry *t = a->entry;
	struct plan p;

	if (plan_read(w, t->request, &p, e) == -1)
		return -1;
	new_begin(w, a, ASK_FOUND);
	switch (p.look) {
	case LOOK_LOOKING:
		buf_str(w->out, "<h1>Looking …</h1>\n<p role=\"status\">Every "
		    "system is asked for this person now. Nothing is changed "
		    "by that. The page loads again by itself.</p>\n");
		html_fmt(w->out, "<p><a href=\"/offboardings/new?draft=%s&amp;"
		    "step=found\">Load it again now</a></p>\n", t->token);
		break;
	case LOOK_SILENT:
		buf_str(w->out, "<h1>Nothing has been looked up</h1>\n<section "
		    "class=\"notice bad\"><p>The worker, the program that asks "
		    "the systems, has not answered. So it is not known what "
		    "this person has. An offboarding that you start now begins "
		    "when the worker runs again.</p></section>\n");
		break;
	case LOOK_BROKEN:
		html_fmt(w->out, "<h1>The systems could not be asked</h1>\n"
		    "<section class=\"notice bad\"><p>%s</p></section>\n",
		    p.error[0] != '\0' ? p.error :
		    "The answer could not be read.");
		break;
	case LOOK_ANSWERED:
		buf_str(w->out, "<h1>What will end</h1>\n<p>This is what the "
		    "systems answered just now. Nothing has been changed "
		    "yet.</p>\n");
		found_answered(w, t, &p);
		break;
	}
	if (p.look != LOOK_LOOKING)
		found_form(w, a, p.look);
	page_end(w);
	json_object_put(p.answer);
	return 0;
}

int
found_summary(struct web *w, const struct entry *t, struct err *e)
{
	struct json_object *s;
	struct plan p;
	size_t i;

	if (strcmp(t->a.seen, "seen") != 0) {
		buf_str(w->out, "<strong>Not looked up.</strong> You go on "
		    "without having seen it.");
		return 0;
	}
	if (plan_read(w, t->request, &p, e) == -1)
		return -1;
	if (p.look == LOOK_BROKEN)
		buf_str(w->out, "The systems could not be asked.");
	else if (peek_size(p.systems) > 0 &&
	    plan_count(&p, "absent") == peek_size(p.systems))
		buf_str(w->out, "<strong>No system knows this person."
		    "</strong>");
	buf_str(w->out, "<ul class=\"bare\">");
	for (i = 0; i < peek_size(p.systems); i++) {
		s = json_object_array_get_idx(p.systems, i);
		html_fmt(w->out, "<li>%s: ", peek_text(s, "system"));
		found_tag(w->out, s);
		found_label(w->out, s, &t->a);
		buf_str(w->out, "</li>");
	}
	buf_str(w->out, "</ul>");
	json_object_put(p.answer);
	return 0;
}
