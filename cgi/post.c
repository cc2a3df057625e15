/* The gate for forms: media type, size, and the parser's word. */
#include "post.h"

#include <string.h>

#include "page.h"

int
post_form(struct web *w, const struct form_field *fields, struct form *f)
{
	struct err e;

	if (form_type_ok(w->type) == 0) {
		(void)page_say(w, 415, "This cannot be read", "Forms are sent "
		    "as application/x-www-form-urlencoded and as nothing "
		    "else.");
		return 1;
	}
	if (w->in->state == FCGI_BODY_LARGE) {
		(void)page_say(w, 413, "This is too much text", "A form may "
		    "hold 16 KiB. Nothing was changed. Go back and shorten "
		    "the text.");
		return 1;
	}
	if (w->in->state != FCGI_BODY_OK) {
		(void)page_say(w, 400, "The form did not arrive whole",
		    "Nothing was changed. Go back and press the button again.");
		return 1;
	}
	if (form_parse(f, fields, w->in->body, w->in->body_len, &e) == 0)
		return 0;
	form_clear(f);
	(void)page_say(w, 400, "The form could not be read", e.text);
	return 1;
}

void
post_peek(const struct web *w, const char *name, char *out, size_t size)
{
	const struct form_field fields[] = { { name, 64, FORM_LINE },
	    { NULL, 0, FORM_LINE } };
	struct form f;
	struct err e;

	out[0] = '\0';
	if (w->in->state == FCGI_BODY_OK &&
	    form_query(&f, fields, w->in->body, &e) == 0)
		(void)text_copy(out, size, form_get(&f, name));
	else if (w->in->state != FCGI_BODY_OK)
		return;
	form_clear(&f);
}
