/* The parser of forms and queries. Pure: knows no request and no page. */
#include "form.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../providers/base/buf.h"

static int
hex_value(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = tolower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes N bytes into a new string; NULL with the sentence. */
static char *
form_decode(const char *s, size_t n, struct err *e)
{
	char *out = malloc(n + 1);
	size_t i, len = 0;
	int hi, lo, c;

	if (out == NULL) {
		err_set(e, "There is not enough memory.");
		return NULL;
	}
	for (i = 0; i < n; i++) {
		c = (unsigned char)s[i];
		if (c == '+')
			c = ' ';
		else if (c == '%') {
			hi = i + 2 < n ? hex_value(s[i + 1]) : -1;
			lo = i + 2 < n ? hex_value(s[i + 2]) : -1;
			if (hi == -1 || lo == -1)
				goto bad;
			c = hi * 16 + lo;
			i += 2;
		}
		if (c == '\0')
			goto bad;
		out[len++] = (char)c;
	}
	out[len] = '\0';
	return out;
bad:
	free(out);
	err_set(e, "The form could not be read: it holds bytes that no browser "
	    "sends.");
	return NULL;
}

/* Browsers end lines with CR LF: kept as LF. Then: is it clean text? */
static int
form_clean(char *s, enum form_kind kind)
{
	char *from, *to, *line, *end;
	int ok = 1;

	for (from = to = s; *from != '\0'; from++)
		if (kind != FORM_LINES || from[0] != '\r' || from[1] != '\n')
			*to++ = *from;
	*to = '\0';
	if (kind == FORM_LINE)
		return text_is_plain(s);
	for (line = s; ok != 0 && line != NULL; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end = '\0';
		ok = text_is_plain(line);
		if (end != NULL)
			*end++ = '\n';
	}
	return ok;
}

/* Puts one name=value where it belongs. Takes the value. */
static int
form_store(struct form *f, const char *name, char *value, struct err *e)
{
	unsigned i;

	for (i = 0; f->fields[i].name != NULL; i++)
		if (strcmp(f->fields[i].name, name) == 0)
			break;
	if (f->fields[i].name == NULL) {
		free(value);
		return 1;
	}
	if (f->values[i] != NULL) {
		free(value);
		return err_set(e, "The form holds the field \"%s\" twice.",
		    name);
	}
	f->values[i] = value;
	if (form_clean(value, f->fields[i].kind) == 0)
		return err_set(e, "The field \"%s\" holds characters that "
		    "cannot be kept: type it again.", name);
	f->too_long[i] = strlen(value) > f->fields[i].max;
	return 0;
}

/* 0; 1 when the field is not in the list; -1 with the sentence. */
static int
form_pair(struct form *f, const char *s, size_t n, struct err *e)
{
	const char *eq = memchr(s, '=', n);
	size_t name_len = eq == NULL ? n : (size_t)(eq - s);
	char *name, *value;
	int rc = -1;

	name = form_decode(s, name_len, e);
	if (name == NULL)
		return -1;
	value = eq == NULL ? form_decode("", 0, e) :
	    form_decode(eq + 1, n - name_len - 1, e);
	if (value != NULL)
		rc = form_store(f, name, value, e);
	free(name);
	return rc;
}

static int
form_read(struct form *f, const char *s, size_t n, struct err *e)
{
	const char *end = s + n, *amp;
	int rc, unknown = 0;

	while (s < end) {
		amp = memchr(s, '&', (size_t)(end - s));
		if (amp == NULL)
			amp = end;
		if (amp > s) {
			rc = form_pair(f, s, (size_t)(amp - s), e);
			if (rc == -1)
				return -1;
			unknown |= rc;
		}
		s = amp + 1;
	}
	return unknown;
}

static void
form_init(struct form *f, const struct form_field *fields)
{
	unsigned n;

	memset(f, 0, sizeof(*f));
	f->fields = fields;
	for (n = 0; fields[n].name != NULL; n++)
		continue;
	assert(n <= FORM_FIELDS);
}

int
form_parse(struct form *f, const struct form_field *fields, const char *s,
    size_t n, struct err *e)
{
	int rc;

	form_init(f, fields);
	rc = form_read(f, s, n, e);
	if (rc == 1)
		return err_set(e, "The form holds a field that this page does "
		    "not have.");
	return rc;
}

int
form_query(struct form *f, const struct form_field *fields, const char *s,
    struct err *e)
{
	form_init(f, fields);
	return form_read(f, s, strlen(s), e) == -1 ? -1 : 0;
}

void
form_clear(struct form *f)
{
	unsigned i;

	for (i = 0; i < FORM_FIELDS; i++)
		free(f->values[i]);
	memset(f->values, 0, sizeof(f->values));
}

static unsigned
form_index(const struct form *f, const char *name)
{
	unsigned i;

	for (i = 0; f->fields[i].name != NULL; i++)
		if (strcmp(f->fields[i].name, name) == 0)
			return i;
	assert(!"a field that the list does not have");
	return 0;
}

const char *
form_get(const struct form *f, const char *name)
{
	const char *v = f->values[form_index(f, name)];

	return v == NULL ? "" : v;
}

int
form_has(const struct form *f, const char *name)
{
	return f->values[form_index(f, name)] != NULL;
}

const struct form_field *
form_long(const struct form *f)
{
	unsigned i;

	for (i = 0; f->fields[i].name != NULL; i++)
		if (f->too_long[i] != 0)
			return &f->fields[i];
	return NULL;
}

int
form_type_ok(const char *type)
{
	static const char want[] = "application/x-www-form-urlencoded";
	size_t n = sizeof(want) - 1;

	return strncasecmp(type, want, n) == 0 &&
	    (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}
