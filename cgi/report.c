/* The body of a host's report: strict, bounded JSON. Knows no record and no
 * request, so that it can be fed with anything. */
#include "report.h"

#include <json-c/json.h>
#include <string.h>

#include "../providers/base/buf.h"

#define LIST_MAX 10000
#define LOGIN_MAX_BYTES 256

enum type { TYPE_TEXT, TYPE_NUMBER, TYPE_LOGINS };

static const struct member {
	const char	*name;
	enum type	 type;
	int64_t		 max;
} members[] = {
	{ "fleet", TYPE_TEXT, 39 },
	{ "host", TYPE_TEXT, 128 },
	{ "time", TYPE_NUMBER, 1LL << 40 },
	{ "epoch", TYPE_NUMBER, INT32_MAX },
	{ "serial", TYPE_NUMBER, INT64_MAX - 1 },
	{ "state", TYPE_TEXT, 64 },
	{ "listed", TYPE_LOGINS, LIST_MAX },
	{ "exempt", TYPE_LOGINS, LIST_MAX },
	{ "ended", TYPE_NUMBER, INT32_MAX },
	{ "left", TYPE_NUMBER, INT32_MAX },
};
#define NMEMBERS (sizeof(members) / sizeof(members[0]))

static int
text_ok(struct json_object *v, int64_t max)
{
	const char *s;

	if (json_object_is_type(v, json_type_string) == 0)
		return 0;
	s = json_object_get_string(v);
	/* A NUL inside would hide what follows it. */
	return strlen(s) == (size_t)json_object_get_string_len(v) &&
	    (int64_t)strlen(s) <= max && text_is_plain(s) != 0;
}

static int
logins_ok(struct json_object *v, int64_t max)
{
	size_t i, n;

	if (json_object_is_type(v, json_type_array) == 0)
		return 0;
	n = json_object_array_length(v);
	if ((int64_t)n > max)
		return 0;
	for (i = 0; i < n; i++)
		if (text_ok(json_object_array_get_idx(v, i),
		    LOGIN_MAX_BYTES) == 0)
			return 0;
	return 1;
}

static int
member_ok(const struct member *m, struct json_object *v)
{
	int64_t n;

	switch (m->type) {
	case TYPE_TEXT:
		return text_ok(v, m->max);
	case TYPE_LOGINS:
		return logins_ok(v, m->max);
	default:
		/* A host that ends no sessions has counted none. */
		if (v == NULL && strcmp(m->name, "left") == 0)
			return 1;
		if (json_object_is_type(v, json_type_int) == 0)
			return 0;
		n = json_object_get_int64(v);
		return n >= 0 && n <= m->max;
	}
}

static int
report_check(struct json_object *o, struct err *e)
{
	struct json_object *v;
	unsigned i;

	if (json_object_is_type(o, json_type_object) == 0)
		return err_set(e, "the report must be one JSON object");
	for (i = 0; i < NMEMBERS; i++) {
		if (json_object_object_get_ex(o, members[i].name, &v) == 0)
			return err_set(e, "the report lacks \"%s\"",
			    members[i].name);
		if (member_ok(&members[i], v) == 0)
			return err_set(e, "the report's \"%s\" has the wrong "
			    "type or size", members[i].name);
	}
	if (json_object_object_length(o) != (int)NMEMBERS)
		return err_set(e, "the report holds something that is not "
		    "known here");
	return 0;
}

static int64_t
member_number(struct json_object *o, const char *name)
{
	struct json_object *v = NULL;

	(void)json_object_object_get_ex(o, name, &v);
	return json_object_get_int64(v);
}

static void
member_text(struct json_object *o, const char *name, char *out, size_t size)
{
	struct json_object *v = NULL;

	(void)json_object_object_get_ex(o, name, &v);
	(void)text_copy(out, size, json_object_get_string(v));
}

int
report_read(const char *text, size_t size, struct report *r, char **clean,
    struct err *e)
{
	struct json_tokener *tok = json_tokener_new_ex(4);
	struct json_object *o = NULL;
	int rc = -1;

	*clean = NULL;
	if (tok == NULL)
		return err_set(e, "out of memory");
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT |
	    JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(tok, text, (int)size);
	if (json_tokener_get_error(tok) != json_tokener_success ||
	    json_tokener_get_parse_end(tok) != size) {
		err_set(e, "the report is no JSON");
		goto out;
	}
	if (report_check(o, e) == -1)
		goto out;
	member_text(o, "fleet", r->fleet, sizeof(r->fleet));
	member_text(o, "host", r->host, sizeof(r->host));
	r->time = member_number(o, "time");
	r->epoch = member_number(o, "epoch");
	r->serial = member_number(o, "serial");
	*clean = strdup(json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN));
	rc = *clean == NULL ? err_set(e, "out of memory") : 0;
out:
	json_object_put(o);
	json_tokener_free(tok);
	return rc;
}
