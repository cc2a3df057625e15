/* The certificate of an offboarding: as a page for paper, and as the signed
 * file with its signature. Shows the signed text and nothing beside it. */
#include <stdio.h>
#include <string.h>

#include "casefile.h"
#include "html.h"
#include "page.h"
#include "peek.h"
#include "routes.h"

static struct json_object *
member(struct json_object *o, const char *key)
{
	struct json_object *m;

	return o != NULL && json_object_is_type(o, json_type_object) &&
	    json_object_object_get_ex(o, key, &m) ? m : NULL;
}

static void
fact(struct web *w, const char *name, const char *value)
{
	html_fmt(w->out, "<div><dt>%s</dt><dd>%s</dd></div>\n", name,
	    value[0] != '\0' ? value : "–");
}

static void
show_facts(struct web *w, struct json_object *c)
{
	struct json_object *person = member(c, "person");

	buf_str(w->out, "<dl class=\"facts two\">\n");
	fact(w, "Person", peek_text(person, "name"));
	fact(w, "E-mail", peek_text(person, "email"));
	fact(w, "Number", peek_text(c, "id"));
	fact(w, "Status", peek_text(c, "status"));
	fact(w, "Asked for by", peek_text(c, "requested_by"));
	fact(w, "Asked for at (UTC)", peek_text(c, "requested_at"));
	fact(w, "Approved by", peek_text(c, "approved_by"));
	fact(w, "Access ends at (UTC)", peek_text(c, "effective_at"));
	fact(w, "Contained at (UTC)", peek_text(c, "contained_at"));
	fact(w, "Complete at (UTC)", peek_text(c, "completed_at"));
	fact(w, "Taken over by", peek_text(c, "handover"));
	fact(w, "Certificate made at (UTC)", peek_text(c, "made_at"));
	buf_str(w->out, "</dl>\n");
}

static void
show_steps(struct web *w, struct json_object *sys)
{
	struct json_object *steps = peek_list(sys, "steps"), *st;
	size_t i;
	int phase, state;

	buf_str(w->out, "<table class=\"stack proof\"><caption class=\"vh\">Steps"
	    "</caption><thead><tr><th scope=\"col\">Step</th><th scope=\"col\""
	    ">Result</th><th scope=\"col\">What was read back</th><th scope="
	    "\"col\">At (UTC)</th></tr></thead><tbody>\n");
	for (i = 0; i < peek_size(steps); i++) {
		st = json_object_array_get_idx(steps, i);
		phase = phase_of(peek_text(st, "phase"));
		state = state_of(peek_text(st, "state"));
		html_fmt(w->out, "<tr><th scope=\"row\">%s</th><td data-th="
		    "\"Result\">%s</td><td data-th=\"What was read back\">%s"
		    "</td><td data-th=\"At (UTC)\">%s</td></tr>\n",
		    phase == -1 ? peek_text(st, "phase") :
		    page_phase((enum phase)phase), state == -1 ?
		    peek_text(st, "state") : page_state((enum state)state),
		    peek_text(st, "detail"), peek_text(st, "at"));
	}
	buf_str(w->out, "</tbody></table>\n");
}

static void
show_image(struct web *w, const char *title, struct json_object *image)
{
	if (image != NULL)
		image_show_open(w, title, image);
}

static void
show_system(struct web *w, struct json_object *sys)
{
	struct json_object *proof = member(sys, "evidence");

	html_fmt(w->out, "<section class=\"card\"><h2>%s <span class=\"aside\""
	    ">%s</span></h2>\n<p>Account: %s <span class=\"mono\">%s</span>"
	    "</p>\n", peek_text(sys, "system"), peek_text(sys, "kind"),
	    peek_text(sys, "label"), peek_text(sys, "account")[0] != '\0' ?
	    peek_text(sys, "account") : "none");
	show_steps(w, sys);
	show_image(w, "What the account held before",
	    member(sys, "before"));
	show_image(w, "What it held when it was read back",
	    member(sys, "after"));
	show_image(w, "The difference", member(sys, "difference"));
	html_fmt(w->out, "<p class=\"by\">SHA-256 before <span class=\"mono\">"
	    "%s</span>, after <span class=\"mono\">%s</span></p></section>\n",
	    peek_text(proof, "before_sha256"),
	    peek_text(proof, "after_sha256"));
}

static void
show_tasks(struct web *w, struct json_object *c)
{
	struct json_object *tasks = peek_list(c, "tasks"), *t;
	size_t i;

	if (peek_size(tasks) == 0)
		return;
	buf_str(w->out, "<h2>Tasks for people</h2><ul>\n");
	for (i = 0; i < peek_size(tasks); i++) {
		t = json_object_array_get_idx(tasks, i);
		html_fmt(w->out, "<li>%s <strong>%s</strong>",
		    peek_text(t, "text"), peek_text(t, "state"));
		if (peek_text(t, "closed_by")[0] != '\0')
			html_fmt(w->out, " by %s at %s: %s",
			    peek_text(t, "closed_by"),
			    peek_text(t, "closed_at"), peek_text(t, "note"));
		buf_str(w->out, "</li>\n");
	}
	buf_str(w->out, "</ul>\n");
}

static void
show_proof(struct web *w, struct json_object *c, const char *ob)
{
	struct json_object *audit = member(c, "audit");

	html_fmt(w->out, "<h2>How to check this</h2>\n<p>The audit's head was "
	    "row %d, <span class=\"mono\">%s</span>. The signed text is "
	    "<a href=\"/offboardings/%s/certificate.json\">%s.json</a>, its "
	    "signature <a href=\"/offboardings/%s/certificate.sig\">%s.json."
	    "sig</a>. Put this line into a file named signers, after you have "
	    "had it confirmed by the people who run this service:</p>\n"
	    "<pre>offboard namespaces=\"offboard\" %s</pre>\n<p>Then run:</p>\n"
	    "<pre>ssh-keygen -Y verify -f signers -I offboard -n offboard -s "
	    "%s.json.sig &lt; %s.json</pre>\n",
	    audit == NULL ? 0 :
	    json_object_get_int(member(audit, "rows")),
	    peek_text(audit, "head"), ob, ob, ob, ob, peek_text(c, "signer"),
	    ob, ob);
}

static int
certificate_show(struct web *w, const struct certificate *kept)
{
	struct json_object *c = json_tokener_parse(kept->text), *systems;
	struct page p = { .nav = NAV_LIST, .title = "Certificate" };
	char ob[OB_TEXT];
	size_t i;

	ob_text(w->id, ob);
	page_begin(w, &p);
	html_fmt(w->out, "<h1>Certificate of %s</h1>\n", ob);
	show_facts(w, c);
	systems = peek_list(c, "systems");
	for (i = 0; i < peek_size(systems); i++)
		show_system(w, json_object_array_get_idx(systems, i));
	show_tasks(w, c);
	show_proof(w, c, ob);
	html_fmt(w->out, "<p class=\"noprint\"><a href=\"/offboardings/%s\">"
	    "Back to the offboarding</a></p>\n", ob);
	page_end(w);
	json_object_put(c);
	return 0;
}

/* STORE_OK, or what was answered instead (0, -1). */
static int
certificate_load(struct web *w, struct certificate *c, int *answered,
    struct err *e)
{
	struct offboarding o;
	int rc = case_get(w->store, w->id, &o, e);

	*answered = 1;
	if (rc == STORE_NONE)
		return page_missing(w);
	if (rc == STORE_OK)
		rc = certificate_get(w->store, w->id, c, e);
	if (rc == STORE_NONE)
		return page_say(w, 404, "There is no certificate yet", "It is "
		    "made when the offboarding is complete. For one of how it "
		    "stands now, IT runs: offboard certificate NUMBER -o FILE");
	if (rc != STORE_OK)
		return -1;
	*answered = 0;
	return 0;
}

int
certificate_page_get(struct web *w, struct err *e)
{
	struct certificate c;
	int answered, rc = certificate_load(w, &c, &answered, e);

	if (answered != 0)
		return rc;
	rc = certificate_show(w, &c);
	certificate_clear(&c);
	return rc;
}

int
certificate_json_get(struct web *w, struct err *e)
{
	struct certificate c;
	int answered, rc = certificate_load(w, &c, &answered, e);

	if (answered != 0)
		return rc;
	w->content = "application/json";
	buf_str(w->out, c.text);
	certificate_clear(&c);
	return 0;
}

int
certificate_sig_get(struct web *w, struct err *e)
{
	struct certificate c;
	int answered, rc = certificate_load(w, &c, &answered, e);

	if (answered != 0)
		return rc;
	w->content = "text/plain; charset=utf-8";
	buf_str(w->out, c.signature);
	certificate_clear(&c);
	return 0;
}
