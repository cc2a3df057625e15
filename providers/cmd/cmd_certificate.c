/* offboard certificate: the evidence of one offboarding, and checking one
 * that somebody hands in. Signs nothing itself: the worker has the key. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/buf.h"
#include "../base/durable.h"
#include "../base/sshsig.h"
#include "../record/canon.h"
#include "cmd.h"

#define FILE_MAX_BYTES (128u << 20)

static int
write_file(const char *path, const char *suffix, const char *text,
    struct err *e)
{
	struct durable_new file;
	char full[1024];

	if (snprintf(full, sizeof(full), "%s%s", path, suffix) >=
	    (int)sizeof(full))
		return err_set(e, "%.100s...: the name is too long", path);
	file.path = full;
	file.mode = 0640;
	file.data = text;
	file.size = strlen(text);
	return durable_write(&file, e);
}

static int
write_all(struct json_object *j, const char *path)
{
	char line[SSHSIG_KEY_TEXT + 100];
	struct json_object *cert;
	struct err e;

	cert = json_tokener_parse(cmd_text(j, "text"));
	(void)snprintf(line, sizeof(line), "offboard namespaces=\""
	    SSHSIG_NAMESPACE "\" %s\n", cmd_text(cert, "signer"));
	json_object_put(cert);
	if (write_file(path, "", cmd_text(j, "text"), &e) == -1 ||
	    write_file(path, ".sig", cmd_text(j, "signature"), &e) == -1 ||
	    write_file(path, ".signers", line, &e) == -1)
		return cmd_fail(EXIT_REFUSED, "%s", e.text);
	fprintf(stderr, "Written: %s, its signature %s.sig, and the key to "
	    "check it with, %s.signers.\nCheck it with: ssh-keygen -Y verify "
	    "-f %s.signers -I offboard -n " SSHSIG_NAMESPACE " -s %s.sig < "
	    "%s\n", path, path, path, path, path, path);
	return EXIT_DONE;
}

static int
certificate_make(struct cmd *c, const char *name, const char *path)
{
	struct json_object *arg, *j;
	char ob[OB_TEXT];
	int64_t id = cmd_ob(name);
	int status = EXIT_DONE;

	if (id == -1)
		return EXIT_USAGE;
	ob_text(id, ob);
	arg = json_object_new_object();
	json_object_object_add(arg, "id", json_object_new_string(ob));
	j = cmd_ask(c, "certificate", json_object_to_json_string_ext(arg,
	    JSON_C_TO_STRING_PLAIN), &status);
	json_object_put(arg);
	if (j == NULL)
		return status;
	if (path == NULL)
		printf("%s", cmd_text(j, "text"));
	else
		status = write_all(j, path);
	json_object_put(j);
	return status;
}

/* ---- checking one ---- */

/* One part against its digest: what is wrong with it, or NULL. */
static const char *
part_wrong(struct json_object *cert, const char *name,
    struct json_object *should)
{
	struct json_object *part;
	char digest[72];

	if (!json_object_object_get_ex(cert, name, &part))
		return "is missing";
	if (canon_digest(part, digest) == -1 ||
	    !json_object_is_type(should, json_type_string) ||
	    strcmp(digest, json_object_get_string(should)) != 0)
		return "was changed";
	return NULL;
}

/* The first part whose digest does not fit, or "". */
static void
changed_part(struct json_object *cert, char *out, size_t size)
{
	struct json_object_iterator it, end;
	struct json_object *digests, *want;
	const char *name, *wrong = NULL;

	out[0] = '\0';
	if (!json_object_is_type(cert, json_type_object) ||
	    !json_object_object_get_ex(cert, "digests", &digests) ||
	    !json_object_is_type(digests, json_type_object))
		return;
	it = json_object_iter_begin(cert);
	end = json_object_iter_end(cert);
	for (; !json_object_iter_equal(&it, &end);
	    json_object_iter_next(&it)) {
		name = json_object_iter_peek_name(&it);
		if (strcmp(name, "digests") != 0 &&
		    !json_object_object_get_ex(digests, name, &want))
			(void)snprintf(out, size, "the part \"%.60s\" was "
			    "added", name);
	}
	it = json_object_iter_begin(digests);
	end = json_object_iter_end(digests);
	for (; out[0] == '\0' && !json_object_iter_equal(&it, &end);
	    json_object_iter_next(&it)) {
		name = json_object_iter_peek_name(&it);
		wrong = part_wrong(cert, name,
		    json_object_iter_peek_value(&it));
		if (wrong != NULL)
			(void)snprintf(out, size, "the part \"%.60s\" %s",
			    name, wrong);
	}
}

/* Where the text first differs from what it must be; -1: nowhere. */
static long
first_difference(const char *a, const char *b)
{
	long i;

	for (i = 0; a[i] != '\0' || b[i] != '\0'; i++)
		if (a[i] != b[i])
			return i;
	return -1;
}

/* Names where a certificate that does not check out was changed. */
static int
certificate_where(struct cmd *c, const char *text, const char *path)
{
	struct json_object *cert = json_tokener_parse(text);
	int64_t id = ob_number(cmd_text(cert, "id"));
	struct certificate kept;
	char part[120] = "";
	struct err e;
	long at = -1;

	memset(&kept, 0, sizeof(kept));
	if (cert != NULL)
		changed_part(cert, part, sizeof(part));
	if (id > 0 && certificate_get(c->store, id, &kept, &e) == STORE_OK)
		at = first_difference(text, kept.text);
	certificate_clear(&kept);
	json_object_put(cert);
	if (cert == NULL)
		return cmd_fail(EXIT_REFUSED, "%s was changed: it is no JSON "
		    "any more", path);
	if (part[0] != '\0')
		return cmd_fail(EXIT_REFUSED, "%s was changed: %s", path,
		    part);
	if (at >= 0)
		return cmd_fail(EXIT_REFUSED, "%s was changed: it differs "
		    "from the record's own at byte %ld", path, at + 1);
	return cmd_fail(EXIT_REFUSED, "%s.sig was changed: the certificate is "
	    "the record's own, but that is not its signature", path);
}

/* Are its events still the record's? */
static int
certificate_events(struct cmd *c, struct json_object *cert)
{
	struct json_object *list = NULL, *row, *m;
	char hash[72];
	struct err e;
	int64_t seq;
	size_t i;
	int rc;

	(void)json_object_object_get_ex(cert, "events", &list);
	for (i = 0; list != NULL && i < json_object_array_length(list); i++) {
		row = json_object_array_get_idx(list, i);
		seq = json_object_object_get_ex(row, "row", &m) ?
		    json_object_get_int64(m) : 0;
		rc = audit_hash(c->store, seq, hash, &e);
		if (rc == STORE_FAIL)
			return cmd_fail(EXIT_LATER, "%s", e.text);
		if (rc != STORE_OK || strcmp(hash, cmd_text(row, "hash")) != 0)
			return cmd_fail(EXIT_REFUSED, "audit row %lld is not "
			    "what this certificate says: the record was "
			    "changed since; run \"offboard audit verify\"",
			    (long long)seq);
	}
	return EXIT_DONE;
}

/* Signed by the key in use (0), by a former one (1), or by none (-1)? -2: the
 * record cannot be read. */
static int
certificate_signer(struct cmd *c, const char *text, const char *sig,
    struct err *e)
{
	char now[SSHSIG_KEY_TEXT] = "", former[1100] = "", *at, *end;

	if (meta_get(c->store, "certificate_signer", now, sizeof(now), e) ==
	    STORE_FAIL || meta_get(c->store, "certificate_former", former,
	    sizeof(former), e) == STORE_FAIL)
		return -2;
	if (sshsig_check(now, text, sig, e) == 0)
		return 0;
	for (at = former; *at != '\0'; at = end) {
		end = at + strcspn(at, "\n");
		if (*end != '\0')
			*end++ = '\0';
		if (sshsig_check(at, text, sig, e) == 0)
			return 1;
	}
	return -1;
}

static int
certificate_check(struct cmd *c, const char *path)
{
	char name[1024];
	struct json_object *cert;
	struct buf text, sig;
	struct err e;
	int status, by = -1;

	buf_init(&text, FILE_MAX_BYTES);
	buf_init(&sig, 65536);
	(void)snprintf(name, sizeof(name), "%.1000s.sig", path);
	if (buf_file(&text, path, &e) == -1 ||
	    buf_file(&sig, name, &e) == -1)
		status = cmd_fail(EXIT_REFUSED, "%s", e.text);
	else if (strlen(buf_cstr(&text)) == text.len && (by =
	    certificate_signer(c, buf_cstr(&text), buf_cstr(&sig), &e)) == -2)
		status = cmd_fail(EXIT_LATER, "%s", e.text);
	else if (by == -1)
		status = certificate_where(c, buf_cstr(&text), path);
	else {
		cert = json_tokener_parse(buf_cstr(&text));
		status = certificate_events(c, cert);
		if (status == EXIT_DONE)
			printf("%s is good: signed by %s, for %s as of %s\n",
			    path, by == 0 ? "this record's own key" :
			    "a former key of this record",
			    cmd_text(cert, "id"), cmd_text(cert, "made_at"));
		json_object_put(cert);
	}
	buf_clear(&text);
	buf_clear(&sig);
	return status;
}

int
cmd_certificate(struct cmd *c, int argc, char **argv)
{
	const char *name = NULL, *path = NULL;
	int i;

	if (argc == 3 && strcmp(argv[1], "--verify") == 0)
		return certificate_check(c, argv[2]);
	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "-o") == 0 && i + 1 < argc && path == NULL)
			path = argv[++i];
		else if (name == NULL && argv[i][0] != '-')
			name = argv[i];
		else
			return cmd_usage("certificate");
	return name == NULL ? cmd_usage("certificate") :
	    certificate_make(c, name, path);
}
