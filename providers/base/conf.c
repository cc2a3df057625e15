/* The configuration file: inih splits the lines, this file is strict about
 * them. Knows no key by itself; never writes. */
#include "conf.h"

#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "when.h"

struct entry {
	char	*section;
	char	*key;		/* NULL: the section line itself */
	char	*value;
	int	 line;
};

struct conf {
	char		*path;
	struct entry	*entries;
	size_t		 n, cap;
};

/* What the line reader and the handler of inih share. */
struct reading {
	struct conf	*c;
	FILE		*f;
	int		 line;
	int		 bad;
	char		 section[128];
	struct err	*e;
};

static int
conf_add(struct conf *c, const char *section, const char *key,
    const char *value, int line)
{
	struct entry *grown, *n;

	if (c->n == c->cap) {
		grown = realloc(c->entries,
		    (c->cap * 2 + 16) * sizeof(*c->entries));
		if (grown == NULL)
			return -1;
		c->entries = grown;
		c->cap = c->cap * 2 + 16;
	}
	n = &c->entries[c->n];
	n->line = line;
	n->section = strdup(section);
	n->key = key == NULL ? NULL : strdup(key);
	n->value = strdup(value);
	c->n++;
	if (n->section == NULL || n->value == NULL ||
	    (key != NULL && n->key == NULL))
		return -1;
	return 0;
}

static const struct entry *
conf_find(const struct conf *c, const char *section, const char *key)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (strcmp(c->entries[i].section, section) != 0)
			continue;
		if (key == NULL ? c->entries[i].key == NULL :
		    c->entries[i].key != NULL &&
		    strcmp(c->entries[i].key, key) == 0)
			return &c->entries[i];
	}
	return NULL;
}

static int
reading_bad(struct reading *r, const char *what, const char *thing)
{
	if (r->bad == 0)
		err_set(r->e, "%s:%d: %s%s", r->c->path, r->line, what, thing);
	r->bad = 1;
	return 0;
}

/* A section line seen by the reader; inih itself reports none that is empty. */
static void
reading_section(struct reading *r, const char *line)
{
	const char *end = strchr(line, ']');
	size_t n;

	if (end == NULL)
		return;
	n = (size_t)(end - line) - 1;
	if (n >= sizeof(r->section)) {
		reading_bad(r, "the section name is too long", "");
		return;
	}
	memcpy(r->section, line + 1, n);
	r->section[n] = '\0';
	if (conf_find(r->c, r->section, NULL) != NULL)
		reading_bad(r, "this section stands twice: ", r->section);
	else if (conf_add(r->c, r->section, NULL, "", r->line) == -1)
		reading_bad(r, "out of memory", "");
}

/* fgets() for inih. Leading blanks go, so that an indented key is a key and
 * not the continuation of the line before. */
static char *
reading_line(char *s, int size, void *arg)
{
	struct reading *r = arg;
	size_t len, skip;

	if (r->bad != 0 || fgets(s, size, r->f) == NULL)
		return NULL;
	r->line++;
	len = strlen(s);
	if (len > 0 && s[len - 1] != '\n' && !feof(r->f)) {
		reading_bad(r, "this line is too long or holds a NUL byte", "");
		return NULL;
	}
	skip = strspn(s, " \t");
	memmove(s, s + skip, len - skip + 1);
	if (text_is_plain(s) == 0) {
		len = strcspn(s, "\r\n");
		s[len] = '\0';
		for (char *p = s; *p != '\0'; p++)
			if (*p == '\t')
				*p = ' ';
		if (text_is_plain(s) == 0) {
			reading_bad(r, "this line holds control bytes or is "
			    "not UTF-8", "");
			return NULL;
		}
		if ((int)len + 1 < size)
			(void)text_copy(s + len, (size_t)size - len, "\n");
	}
	if (s[0] == '[')
		reading_section(r, s);
	return r->bad != 0 ? NULL : s;
}

static int
reading_key(void *arg, const char *section, const char *key, const char *value)
{
	struct reading *r = arg;

	if (r->bad != 0)
		return 0;
	if (section[0] == '\0')
		return reading_bad(r, "this key stands before any [section]: ",
		    key);
	if (conf_find(r->c, r->section, key) != NULL)
		return reading_bad(r, "this key stands twice: ", key);
	if (conf_add(r->c, r->section, key, value, r->line) == -1)
		return reading_bad(r, "out of memory", "");
	return 1;
}

struct conf *
conf_load(const char *path, struct err *e)
{
	struct reading r;
	struct conf *c = calloc(1, sizeof(*c));
	int rc = -1, line;

	memset(&r, 0, sizeof(r));
	r.c = c;
	r.e = e;
	if (c == NULL || (c->path = strdup(path)) == NULL) {
		err_set(e, "%s: out of memory", path);
		goto out;
	}
	r.f = fopen(path, "re");
	if (r.f == NULL) {
		err_set(e, "%s: %s; name the file with -c or OFFBOARD_CONF",
		    path, strerror(errno));
		goto out;
	}
	line = ini_parse_stream(reading_line, &r, reading_key, &r);
	if (r.bad == 0 && line != 0) {
		err_set(e, "%s:%d: this line is neither key = value nor "
		    "[section]", path, line > 0 ? line : r.line);
		goto out;
	}
	rc = r.bad != 0 ? -1 : 0;
out:
	if (r.f != NULL)
		fclose(r.f);
	if (rc == 0)
		return c;
	conf_free(c);
	return NULL;
}

void
conf_free(struct conf *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++) {
		free(c->entries[i].section);
		free(c->entries[i].key);
		free(c->entries[i].value);
	}
	free(c->entries);
	free(c->path);
	free(c);
}

int
conf_fail(const struct conf *c, const char *section, const char *key,
    struct err *e, const char *fmt, ...)
{
	const struct entry *at = conf_find(c, section, key);
	char text[ERR_MAX];
	va_list ap;

	if (at == NULL)
		at = conf_find(c, section, NULL);
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, "%s:%d: %s", c->path, at == NULL ? 0 : at->line, text);
}

static int
choice_has(const char *choices, const char *value)
{
	size_t n = strlen(value);
	const char *p = choices;

	while (p != NULL && n > 0) {
		if (strncmp(p, value, n) == 0 && (p[n] == '|' || p[n] == '\0'))
			return 1;
		p = strchr(p, '|');
		if (p != NULL)
			p++;
	}
	return 0;
}

/* https anywhere; http only to this machine, for tests and side-cars. */
static int
url_ok(const char *v)
{
	static const char *const local[] = { "http://127.0.0.1",
	    "http://localhost", "http://[::1]" };
	size_t i, n;

	if (strpbrk(v, " @?#\\") != NULL)
		return 0;
	if (strncmp(v, "https://", 8) == 0)
		return v[8] != '\0' && v[8] != '/';
	for (i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		n = strlen(local[i]);
		if (strncmp(v, local[i], n) == 0 &&
		    (v[n] == ':' || v[n] == '/' || v[n] == '\0'))
			return 1;
	}
	return 0;
}

static const char *
secret_problem(const char *path)
{
	struct stat st;

	if (path[0] != '/')
		return "must be an absolute path";
	/* Who may not look there needs no secret; the worker's own try to
	 * read it decides. */
	if (stat(path, &st) == -1)
		return errno == EACCES ? NULL : strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "is not a file";
	if ((st.st_mode & 007) != 0)
		return "can be read or changed by everybody: chmod o= it";
	return NULL;
}

static int
value_check(const struct conf *c, const struct entry *n,
    const struct conf_key *k, struct err *e)
{
	const char *problem;
	long long number;
	int64_t span;

	switch (k->type) {
	case CONF_TEXT:
		if (k->limit != NULL && choice_has(k->limit, n->value) == 0)
			return conf_fail(c, n->section, n->key, e,
			    "%s = %s: takes one of %s", n->key, n->value,
			    k->limit);
		break;
	case CONF_NUMBER:
		if (text_int(n->value, k->min, k->max, &number) == -1)
			return conf_fail(c, n->section, n->key, e,
			    "%s = %s: takes a whole number from %lld to %lld",
			    n->key, n->value, k->min, k->max);
		break;
	case CONF_SPAN:
		if (when_span(n->value, &span) == -1)
			return conf_fail(c, n->section, n->key, e,
			    "%s = %s: takes a time such as 30s, 10m, 4h or 7d",
			    n->key, n->value);
		break;
	case CONF_PATH:
		if (n->value[0] != '/')
			return conf_fail(c, n->section, n->key, e,
			    "%s = %s: takes an absolute path", n->key,
			    n->value);
		break;
	case CONF_URL:
		if (url_ok(n->value) == 0)
			return conf_fail(c, n->section, n->key, e,
			    "%s = %s: takes https://host, or http:// to this "
			    "machine only", n->key, n->value);
		break;
	case CONF_SECRET:
		problem = secret_problem(n->value);
		if (problem != NULL)
			return conf_fail(c, n->section, n->key, e,
			    "%s = %s: %s", n->key, n->value, problem);
		break;
	case CONF_SWITCH:
		if (strcmp(n->value, "on") != 0 && strcmp(n->value, "off") != 0)
			return conf_fail(c, n->section, n->key, e,
			    "%s = %s: takes on or off", n->key, n->value);
		break;
	case CONF_NAMES:
	case CONF_ANY_KEY:
		break;
	}
	return 0;
}

static const struct conf_key *
key_find(const struct conf_key *keys, const char *name)
{
	for (; keys->name != NULL || keys->type == CONF_ANY_KEY; keys++)
		if (keys->name == NULL || strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

int
conf_check(const struct conf *c, const char *section,
    const struct conf_key *keys, struct err *e)
{
	const struct conf_key *k;
	const struct entry *n;
	size_t i;

	for (i = 0; i < c->n; i++) {
		n = &c->entries[i];
		if (n->key == NULL || strcmp(n->section, section) != 0)
			continue;
		k = key_find(keys, n->key);
		if (k == NULL)
			return conf_fail(c, section, n->key, e,
			    "[%s] has no key \"%s\": see offboard.conf(5)",
			    section, n->key);
		if (n->value[0] == '\0')
			return conf_fail(c, section, n->key, e,
			    "%s has no value: give one or remove the line",
			    n->key);
		if (value_check(c, n, k, e) == -1)
			return -1;
	}
	return 0;
}

const char *
conf_get(const struct conf *c, const char *section, const char *key)
{
	const struct entry *n = conf_find(c, section, key);

	return n == NULL ? NULL : n->value;
}

const char *
conf_text(const struct conf *c, const char *section,
    const struct conf_key *keys, const char *key)
{
	const char *v = conf_get(c, section, key);
	const struct conf_key *k;

	if (v != NULL)
		return v;
	k = key_find(keys, key);
	return k == NULL ? NULL : k->initial;
}

long long
conf_number(const struct conf *c, const char *section,
    const struct conf_key *keys, const char *key)
{
	const char *v = conf_text(c, section, keys, key);
	long long n = 0;

	if (v == NULL || text_int(v, INT64_MIN, INT64_MAX, &n) == -1)
		return 0;
	return n;
}

int64_t
conf_span(const struct conf *c, const char *section,
    const struct conf_key *keys, const char *key)
{
	const char *v = conf_text(c, section, keys, key);
	int64_t ms = 0;

	if (v == NULL || when_span(v, &ms) == -1)
		return 0;
	return ms;
}

int
conf_switch(const struct conf *c, const char *section,
    const struct conf_key *keys, const char *key)
{
	const char *v = conf_text(c, section, keys, key);

	return v != NULL && strcmp(v, "on") == 0;
}

const char *
conf_section(const struct conf *c, unsigned nth)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->entries[i].key == NULL && nth-- == 0)
			return c->entries[i].section;
	return NULL;
}

const char *
conf_key_at(const struct conf *c, const char *section, unsigned nth)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->entries[i].key != NULL &&
		    strcmp(c->entries[i].section, section) == 0 && nth-- == 0)
			return c->entries[i].key;
	return NULL;
}

const char *
conf_path(const struct conf *c)
{
	return c->path;
}

int
conf_list_has(const char *list, const char *name)
{
	size_t n = strlen(name), len;

	while (list != NULL && *list != '\0') {
		list += strspn(list, ", \t");
		len = strcspn(list, ",");
		while (len > 0 && isspace((unsigned char)list[len - 1]))
			len--;
		if (len == n && n > 0 && strncasecmp(list, name, n) == 0)
			return 1;
		list += strcspn(list, ",");
	}
	return 0;
}
