/* Reads CSV in place. Knows no column. */
#include "csv.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"

struct csv {
	char		*text, *at, *end;
	char		 separator;
	unsigned	 line;
};

struct csv *
csv_open(const char *text, size_t len, struct err *e)
{
	struct csv *c = calloc(1, sizeof(*c));
	size_t first;

	if (c == NULL || (c->text = malloc(len + 1)) == NULL) {
		free(c);
		err_set(e, "out of memory");
		return NULL;
	}
	memcpy(c->text, text, len);
	c->text[len] = '\0';
	c->at = c->text;
	c->end = c->text + len;
	c->line = 1;
	if (strlen(c->text) != len) {
		err_set(e, "the file holds NUL bytes: save it as CSV in UTF-8");
		csv_free(c);
		return NULL;
	}
	if (len >= 3 && memcmp(c->at, "\xef\xbb\xbf", 3) == 0)
		c->at += 3;
	first = strcspn(c->at, "\n");
	c->separator = memchr(c->at, ',', first) == NULL &&
	    memchr(c->at, ';', first) != NULL ? ';' : ',';
	return c;
}

void
csv_free(struct csv *c)
{
	if (c == NULL)
		return;
	free(c->text);
	free(c);
}

/* Behind the present line, whatever is wrong with it. */
static void
skip_line(struct csv *c)
{
	char *nl = memchr(c->at, '\n', (size_t)(c->end - c->at));

	c->at = nl == NULL ? c->end : nl + 1;
	c->line++;
}

/* A quoted field; its text is moved together over the doubled quotes. */
static const char *
quoted(struct csv *c, struct err *e)
{
	char *out = ++c->at, *start = out;
	unsigned line = c->line;

	for (; c->at < c->end; c->at++) {
		if (*c->at == '"') {
			if (c->at[1] != '"') {
				c->at++;
				*out = '\0';
				return start;
			}
			c->at++;
		} else if (*c->at == '\n')
			c->line++;
		*out++ = *c->at;
	}
	err_set(e, "line %u: a quote is opened and never closed", line);
	return NULL;
}

static const char *
bare(struct csv *c, struct err *e)
{
	char *start = c->at;

	while (c->at < c->end && *c->at != c->separator && *c->at != '\n' &&
	    *c->at != '"')
		c->at++;
	if (c->at == c->end || *c->at != '"')
		return start;
	err_set(e, "line %u: a quote stands inside a field: quote the whole "
	    "field and double the quotes in it", c->line);
	return NULL;
}

int
csv_row(struct csv *c, const char **fields, unsigned *n, unsigned *line,
    struct err *e)
{
	char *stop, next;

	while (c->at < c->end && (*c->at == '\n' || *c->at == '\r'))
		if (*c->at++ == '\n')
			c->line++;
	if (c->at == c->end)
		return 0;
	*line = c->line;
	for (*n = 0; *n < CSV_FIELDS; ) {
		fields[*n] = *c->at == '"' ? quoted(c, e) : bare(c, e);
		if (fields[*n] == NULL) {
			skip_line(c);
			return -1;
		}
		(*n)++;
		stop = c->at;
		if (*stop == '\r' && stop[1] == '\n')
			stop++;
		next = c->at == c->end ? '\n' : *stop;
		if (next != c->separator && next != '\n') {
			skip_line(c);
			return err_set(e, "line %u: something stands behind a "
			    "quoted field", *line);
		}
		/* Line end of CRLF files: it is no part of the field. */
		if (next == '\n' && c->at > c->text && c->at[-1] == '\r')
			c->at[-1] = '\0';
		*c->at = '\0';
		c->at = stop < c->end ? stop + 1 : c->end;
		if (next == '\n') {
			c->line++;
			return 1;
		}
		/* A separator at the very end opens one more, empty field. */
		if (c->at == c->end && *n < CSV_FIELDS) {
			fields[(*n)++] = "";
			return 1;
		}
	}
	skip_line(c);
	return err_set(e, "line %u: more than %d fields", *line, CSV_FIELDS);
}
