/*
 * scim_filter.c: takes a filter apart and says whom it means; it must not
 * guess at what it does not understand.
 */
#include "scim.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const filter_attrs[] = {
	"id", "userName", "externalId", "emails", "emails.value",
	"emails[type eq \"work\"].value", "displayName", "active", "title",
};

static const char *
filter_space(const char *p)
{
	while (*p == ' ')
		p++;
	return p;
}

/* The name before the operator, which may have a filter of its own inside. */
static const char *
filter_attr(const char *p, struct scim_term *t)
{
	size_t i, n;

	for (i = 0; i < sizeof(filter_attrs) / sizeof(filter_attrs[0]); i++) {
		n = strlen(filter_attrs[i]);
		if (strncasecmp(filter_attrs[i], p, n) != 0 || p[n] != ' ')
			continue;
		snprintf(t->attr, sizeof(t->attr), "%s", filter_attrs[i]);
		return p + n;
	}
	return NULL;
}

/* A JSON string, true or false. */
static const char *
filter_value(const char *p, struct scim_term *t)
{
	size_t n = 0;

	if (*p != '"') {
		n = strcspn(p, " ");
		if (strncmp(p, "true", 4) != 0 && strncmp(p, "false", 5) != 0)
			return NULL;
		snprintf(t->value, sizeof(t->value), "%.*s", (int)n, p);
		return p + n;
	}
	for (p++; *p != '"' && *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		if (n + 1 < sizeof(t->value))
			t->value[n++] = *p;
	}
	t->value[n] = '\0';
	return *p == '"' ? p + 1 : NULL;
}

static const char *
filter_term(const char *p, struct scim_term *t)
{
	memset(t, 0, sizeof(*t));
	if ((p = filter_attr(filter_space(p), t)) == NULL)
		return NULL;
	p = filter_space(p);
	if (strncasecmp(p, "eq ", 3) != 0)
		return NULL;
	return filter_value(filter_space(p + 2), t);
}

static bool
filter_mails(const struct scim_term *t)
{
	return strncmp(t->attr, "emails", 6) == 0;
}

/* Terms joined by "and"; -1 after an answer when it is anything else. */
int
filter_parse(struct ctx *c, const char *s, struct scim_filter *f)
{
	const char *p = s;

	memset(f, 0, sizeof(*f));
	if (scim_style(c, "entra") && *s == ' ')
		p = NULL;
	while (p != NULL && f->n < SCIM_TERMS) {
		if ((p = filter_term(p, &f->term[f->n])) == NULL)
			break;
		if (filter_mails(&f->term[f->n]) &&
		    settings_is(c, "scim_filter", "no_emails")) {
			p = NULL;
			break;
		}
		f->n++;
		if (*(p = filter_space(p)) == '\0')
			return 0;
		p = strncasecmp(p, "and ", 4) == 0 ? p + 4 : NULL;
	}
	scim_no(c, 400, "invalidFilter", "The filter is not supported");
	return -1;
}

/* Only externalId and id tell capitals from small letters. */
static bool
filter_same(struct ctx *c, const struct scim_term *t, const char *s)
{
	if (settings_is(c, "scim_filter", "substring"))
		return strcasestr(s, t->value) != NULL;
	if (strcmp(t->attr, "externalId") == 0 || strcmp(t->attr, "id") == 0)
		return strcmp(s, t->value) == 0;
	return strcasecmp(s, t->value) == 0;
}

static bool
filter_one(struct ctx *c, const struct scim_term *t, json_object *u)
{
	json_object *mails = js_get(u, "emails"), *m;
	bool work = strchr(t->attr, '[') != NULL;
	size_t i;

	if (strcmp(t->attr, "active") == 0)
		return js_bool(u, "active", false) ==
		    (strcmp(t->value, "true") == 0);
	if (!filter_mails(t))
		return js_has(u, t->attr) &&
		    filter_same(c, t, js_str(u, t->attr));
	for (i = 0; i < js_len(mails); i++) {
		m = js_at(mails, i);
		if ((!work || strcmp(js_str(m, "type"), "work") == 0) &&
		    filter_same(c, t, js_str(m, "value")))
			return true;
	}
	return false;
}

bool
filter_fits(struct ctx *c, const struct scim_filter *f, json_object *u)
{
	size_t i;

	if (settings_is(c, "scim_filter", "ignored"))
		return true;
	for (i = 0; i < f->n; i++)
		if (!filter_one(c, &f->term[i], u))
			return false;
	return true;
}
