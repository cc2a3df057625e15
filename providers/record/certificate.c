/*
 * The evidence of one offboarding: what the record knows, what was held
 * before and after, every call and event, the chain's head. One canonical
 * JSON, signed by the worker. Makes no statement that the record does not.
 */
#include <stdlib.h>
#include <string.h>

#include "../base/buf.h"
#include "canon.h"
#include "case.h"
#include "db.h"
#include "diff.h"
#include "json.h"

#define TEXT_SIZE_MAX (128u << 20)

static void
put_text(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

static void
put_when(struct json_object *o, const char *key, int64_t at)
{
	char text[WHEN_TEXT];

	when_text(at, text);
	json_object_object_add(o, key, text[0] == '\0' ? NULL :
	    json_object_new_string(text));
}

static const char *
member(struct json_object *o, const char *key)
{
	struct json_object *m;

	return json_object_object_get_ex(o, key, &m) &&
	    json_object_is_type(m, json_type_string) ?
	    json_object_get_string(m) : "";
}

/* Every audit row of this offboarding, oldest first. */
static int
add_events(struct store *s, int64_t id, struct json_object *j, struct err *e)
{
	struct json_object *all = json_object_new_array(), *o;
	static const char *const keys[] = { "actor", "event", "system",
	    "phase", "detail", "hash" };
	static const int columns[] = { 2, 3, 5, 6, 7, 8 };
	char text[TEXT_MAX];
	size_t i;
	int rc = db_run(s, SQL_AUDIT_FORWARD, e, "i", id);

	json_object_object_add(j, "events", all);
	while (rc == SQLITE_ROW) {
		o = json_object_new_object();
		json_object_object_add(o, "row", json_object_new_int64(
		    db_int(s, SQL_AUDIT_FORWARD, 0)));
		put_when(o, "at", db_int(s, SQL_AUDIT_FORWARD, 1));
		for (i = 0; i < 6; i++) {
			db_text(s, SQL_AUDIT_FORWARD, columns[i], text,
			    sizeof(text));
			put_text(o, keys[i], text);
		}
		json_object_array_add(all, o);
		rc = db_next(s, SQL_AUDIT_FORWARD, e);
	}
	return rc == SQLITE_DONE ? STORE_OK : STORE_FAIL;
}

/* The changing calls, each under its system. */
static int
add_calls(struct store *s, int64_t id, struct json_object *systems,
    struct err *e)
{
	struct json_object *o, *list, *sys;
	char system[WORD_MAX], text[TEXT_MAX];
	size_t i;
	int rc = db_run(s, SQL_CALL_CASE, e, "i", id);

	while (rc == SQLITE_ROW) {
		db_text(s, SQL_CALL_CASE, 0, system, sizeof(system));
		o = json_object_new_object();
		db_text(s, SQL_CALL_CASE, 1, text, sizeof(text));
		put_text(o, "phase", text);
		db_text(s, SQL_CALL_CASE, 2, text, sizeof(text));
		put_text(o, "what", text);
		put_when(o, "started_at", db_int(s, SQL_CALL_CASE, 3));
		put_when(o, "ended_at", db_int(s, SQL_CALL_CASE, 4));
		db_text(s, SQL_CALL_CASE, 5, text, sizeof(text));
		put_text(o, "outcome", text);
		for (i = 0; i < json_object_array_length(systems); i++) {
			sys = json_object_array_get_idx(systems, i);
			if (strcmp(member(sys, "system"), system) != 0)
				continue;
			if (!json_object_object_get_ex(sys, "calls", &list)) {
				list = json_object_new_array();
				json_object_object_add(sys, "calls", list);
			}
			json_object_array_add(list, json_object_get(o));
		}
		json_object_put(o);
		rc = db_next(s, SQL_CALL_CASE, e);
	}
	return rc == SQLITE_DONE ? STORE_OK : STORE_FAIL;
}

static int
add_image_digest(struct json_object *to, const char *key,
    struct json_object *image)
{
	char digest[72];

	if (image == NULL)
		return 0;
	if (canon_digest(image, digest) == -1)
		return -1;
	put_text(to, key, digest);
	return 0;
}

/* What each system's images come to. */
static int
add_evidence(struct json_object *systems, struct err *e)
{
	struct json_object *sys, *before, *after, *proof;
	size_t i;

	for (i = 0; i < json_object_array_length(systems); i++) {
		sys = json_object_array_get_idx(systems, i);
		before = after = NULL;
		(void)json_object_object_get_ex(sys, "before", &before);
		(void)json_object_object_get_ex(sys, "after", &after);
		proof = json_object_new_object();
		json_object_object_add(sys, "evidence", proof);
		if (add_image_digest(proof, "before_sha256", before) == -1 ||
		    add_image_digest(proof, "after_sha256", after) == -1)
			return err_set(e, "the certificate cannot be hashed");
		json_object_object_add(sys, "difference", diff_make(before,
		    after));
	}
	return 0;
}

static int
add_audit(struct store *s, struct json_object *j, struct err *e)
{
	struct json_object *o = json_object_new_object();
	char hash[72] = "";
	int rc = db_run(s, SQL_AUDIT_LAST, e, "");

	json_object_object_add(j, "audit", o);
	if (rc == SQLITE_ROW) {
		db_text(s, SQL_AUDIT_LAST, 1, hash, sizeof(hash));
		json_object_object_add(o, "rows", json_object_new_int64(
		    db_int(s, SQL_AUDIT_LAST, 0)));
		put_text(o, "head", hash);
		db_done(s, SQL_AUDIT_LAST);
	}
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? STORE_OK : STORE_FAIL;
}

/* A digest of every part, so that a change can be named. */
static int
add_digests(struct json_object *j, struct err *e)
{
	struct json_object_iterator it = json_object_iter_begin(j);
	struct json_object_iterator end = json_object_iter_end(j);
	struct json_object *all = json_object_new_object();
	char digest[72];
	int rc = 0;

	for (; rc == 0 && !json_object_iter_equal(&it, &end);
	    json_object_iter_next(&it)) {
		rc = canon_digest(json_object_iter_peek_value(&it), digest);
		if (rc == 0)
			put_text(all, json_object_iter_peek_name(&it),
			    digest);
	}
	json_object_object_add(j, "digests", all);
	return rc == 0 ? 0 : err_set(e, "the certificate cannot be hashed");
}

char *
certificate_text(struct store *s, int64_t id, const char *signer,
    struct err *e)
{
	struct json_object *j, *systems;
	char *out = NULL;
	struct buf b;
	int rc;

	/* One look, so that all of it is of one instant. */
	store_look(s);
	j = json_case(s, id, NULL, e);
	if (j == NULL) {
		store_look_end(s);
		return NULL;
	}
	(void)json_object_object_get_ex(j, "systems", &systems);
	put_text(j, "certificate", "offboard-certificate-1");
	put_text(j, "signer", signer);
	put_when(j, "made_at", when_now());
	rc = add_events(s, id, j, e);
	if (rc == STORE_OK)
		rc = add_calls(s, id, systems, e);
	if (rc == STORE_OK)
		rc = add_audit(s, j, e);
	store_look_end(s);
	buf_init(&b, TEXT_SIZE_MAX);
	if (rc == STORE_OK && add_evidence(systems, e) == 0 &&
	    add_digests(j, e) == 0) {
		canon_put(&b, j);
		buf_char(&b, '\n');
		if (b.failed == 0)
			out = strdup(buf_cstr(&b));
		if (out == NULL)
			err_set(e, "the certificate is too long");
	}
	buf_clear(&b);
	json_object_put(j);
	return out;
}

int
certificate_put(struct store *s, int64_t id, const struct certificate *c,
    struct err *e)
{
	int rc = db_do(s, NULL, SQL_CERTIFICATE_PUT, e, "iiss", id,
	    c->made_at, c->text, c->signature);

	return rc == STORE_OK ? db_do(s, NULL, SQL_CASE_CERTIFIED, e, "i",
	    id) : rc;
}

int
certificate_get(struct store *s, int64_t id, struct certificate *c,
    struct err *e)
{
	int rc = db_run(s, SQL_CERTIFICATE_GET, e, "i", id);

	memset(c, 0, sizeof(*c));
	if (rc == SQLITE_DONE)
		return STORE_NONE;
	if (rc != SQLITE_ROW)
		return STORE_FAIL;
	c->made_at = db_int(s, SQL_CERTIFICATE_GET, 0);
	c->text = db_dup(s, SQL_CERTIFICATE_GET, 1);
	c->signature = db_dup(s, SQL_CERTIFICATE_GET, 2);
	db_done(s, SQL_CERTIFICATE_GET);
	if (c->text != NULL && c->signature != NULL)
		return STORE_OK;
	certificate_clear(c);
	return err_set(e, "out of memory");
}

void
certificate_clear(struct certificate *c)
{
	if (c == NULL)
		return;
	free(c->text);
	free(c->signature);
	c->text = c->signature = NULL;
}
