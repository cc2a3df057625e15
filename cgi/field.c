/* Fields as HTML, with label, hint and error tied together. Knows no form. */
#include "field.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "html.h"

void
problem_add(struct problems *ps, const char *field, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (ps->n == PROBLEMS_MAX || problem_of(ps, field) != NULL)
		return;
	(void)text_copy(ps->p[ps->n].field, sizeof(ps->p[0].field), field);
	va_start(ap, fmt);
	(void)vsnprintf(ps->p[ps->n].text, sizeof(ps->p[0].text), fmt, ap);
	va_end(ap);
	/* A sentence begins with a capital, unless with an address. */
	text = ps->p[ps->n].text;
	if (text[0] >= 'a' && text[0] <= 'z' &&
	    strcspn(text, " ") < strcspn(text, "@"))
		text[0] = (char)(text[0] - 'a' + 'A');
	ps->n++;
}

const char *
problem_of(const struct problems *ps, const char *field)
{
	unsigned i;

	for (i = 0; ps != NULL && i < ps->n; i++)
		if (strcmp(ps->p[i].field, field) == 0)
			return ps->p[i].text;
	return NULL;
}

void
problem_box(struct buf *b, const struct problems *ps)
{
	unsigned i;

	if (ps->n == 0)
		return;
	buf_str(b, "<section class=\"notice bad\" role=\"alert\" "
	    "aria-labelledby=\"problem\" tabindex=\"-1\"><h2 id=\"problem\">"
	    "There is a problem</h2><ul>");
	for (i = 0; i < ps->n; i++)
		html_fmt(b, "<li><a href=\"#%s\">%s</a></li>", ps->p[i].field,
		    ps->p[i].text);
	buf_str(b, "</ul></section>\n");
}

void
field_error(struct buf *b, const struct problems *ps, const char *name)
{
	const char *text = problem_of(ps, name);

	if (text != NULL)
		html_fmt(b, "<span class=\"error\" id=\"%s-error\"><span "
		    "class=\"vh\">Error: </span>%s</span>", name, text);
}

/* What stands before the input: label, hint and error. */
static void
field_head(struct buf *b, const struct field *f, const struct problems *ps)
{
	html_fmt(b, "<div class=\"field%s\"><label for=\"%s\">%s</label>",
	    problem_of(ps, f->name) != NULL ? " bad" : "", f->name, f->label);
	if (f->hint != NULL)
		html_fmt(b, "<span class=\"hint\" id=\"%s-hint\">%s</span>",
		    f->name, f->hint);
	field_error(b, ps, f->name);
}

/* The attributes that tie hint and error to the input. */
static void
field_ties(struct buf *b, const struct field *f, const struct problems *ps)
{
	int bad = problem_of(ps, f->name) != NULL;

	if (f->hint == NULL && bad == 0)
		return;
	buf_str(b, " aria-describedby=\"");
	if (f->hint != NULL)
		html_fmt(b, bad != 0 ? "%s-hint " : "%s-hint", f->name);
	if (bad != 0)
		html_fmt(b, "%s-error", f->name);
	buf_str(b, bad != 0 ? "\" aria-invalid=\"true\"" : "\"");
}

void
field_text(struct buf *b, const struct field *f, const struct problems *ps)
{
	field_head(b, f, ps);
	html_fmt(b, "<input type=\"%s\" id=\"%s\" name=\"%s\" value=\"%s\" "
	    "autocomplete=\"%s\" spellcheck=\"false\"",
	    f->type == NULL ? "text" : f->type, f->name, f->name, f->value,
	    f->complete == NULL ? "off" : f->complete);
	if (f->list != NULL)
		html_fmt(b, " list=\"%s\"", f->list);
	if (f->narrow != 0)
		buf_str(b, " class=\"short\"");
	field_ties(b, f, ps);
	buf_str(b, "></div>\n");
}

void
field_area(struct buf *b, const struct field *f, const struct problems *ps)
{
	field_head(b, f, ps);
	html_fmt(b, "<textarea id=\"%s\" name=\"%s\" rows=\"3\"", f->name,
	    f->name);
	field_ties(b, f, ps);
	/* The first new line after the tag is not part of the text. */
	html_fmt(b, ">\n%s</textarea></div>\n", f->value);
}

void
field_choice(struct buf *b, const struct choice *c)
{
	html_fmt(b, "<div class=\"choice\"><input type=\"%s\" id=\"%s\" "
	    "name=\"%s\" value=\"%s\"", c->many != 0 ? "checkbox" : "radio",
	    c->id, c->name, c->value);
	if (c->checked != 0)
		buf_str(b, " checked");
	html_fmt(b, "><label for=\"%s\">%s</label></div>\n", c->id, c->label);
}

void
fact_text(struct buf *b, const char *term, const char *text)
{
	html_fmt(b, "<div><dt>%s</dt><dd>%s</dd><dd></dd></div>\n", term,
	    text);
}
