/* Signing the evidence. The key is made when it is first needed and never
 * leaves the worker's folder; its public half is in the record, for whoever
 * wants to check. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <sys/stat.h>
#include <errno.h>
#include <unistd.h>

#include "../base/log.h"
#include "../base/sshsig.h"
#include "../record/case.h"
#include "inside.h"

#define SIGNERS_MAX 1100

/* Root may have taken the worker's place: the key is the worker's all the
 * same, as the record is. */
static int
give_to_worker(const char *data_dir, const char *path, struct err *e)
{
	char record[512], keys[512];
	struct stat st;

	(void)snprintf(record, sizeof(record), "%s/record", data_dir);
	(void)snprintf(keys, sizeof(keys), "%s/keys", data_dir);
	if (geteuid() != 0 || stat(record, &st) == -1)
		return 0;
	if (chown(path, st.st_uid, st.st_gid) == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	if (stat(keys, &st) == 0 && st.st_uid == 0 &&
	    stat(record, &st) == 0 && chown(keys, st.st_uid, st.st_gid) == -1)
		return err_set(e, "%s: %s", keys, strerror(errno));
	return 0;
}

/* Caller frees. */
static struct sign_key *
certify_key(const char *data_dir, struct err *e)
{
	struct sign_key *key;
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/keys", data_dir);
	if (mkdir(path, 0700) == -1 && errno != EEXIST) {
		err_set(e, "%s: %s", path, strerror(errno));
		return NULL;
	}
	(void)snprintf(path, sizeof(path), "%s/keys/certificate.key",
	    data_dir);
	if (access(path, F_OK) == 0)
		return sign_load(path, e);
	key = sign_generate(e);
	if (key != NULL && (sign_save(key, path, e) == -1 ||
	    give_to_worker(data_dir, path, e) == -1)) {
		sign_free(key);
		return NULL;
	}
	return key;
}

/* Whoever checks an older certificate must find the key of then. */
static int
signer_changed(struct engine *en, const char *signer, const char *known,
    struct err *e)
{
	char former[SIGNERS_MAX] = "", all[SIGNERS_MAX];
	struct audit a;
	int rc = STORE_OK;

	if (known[0] != '\0') {
		if (meta_get(en->store, "certificate_former", former,
		    sizeof(former), e) == STORE_FAIL)
			return STORE_FAIL;
		(void)snprintf(all, sizeof(all), "%s\n%.900s", known, former);
		rc = meta_set(en->store, "certificate_former", all, e);
		log_event(LOG_WARNING, "certificate-key", "why", "there was "
		    "another key before, which is gone", NULL);
	}
	memset(&a, 0, sizeof(a));
	(void)text_copy(a.actor, sizeof(a.actor), "offboardd");
	(void)text_copy(a.event, sizeof(a.event), "certificate-key");
	(void)snprintf(a.detail, sizeof(a.detail), "certificates are signed "
	    "by %s from now on", signer);
	if (rc == STORE_OK)
		rc = meta_set(en->store, "certificate_signer", signer, e);
	return rc == STORE_OK ? audit_append(en->store, &a, e) : rc;
}

static int
certify_signer(struct engine *en, const char *signer, struct err *e)
{
	char known[SSHSIG_KEY_TEXT] = "";
	int rc;

	if (meta_get(en->store, "certificate_signer", known, sizeof(known),
	    e) == STORE_FAIL)
		return STORE_FAIL;
	if (strcmp(known, signer) == 0)
		return STORE_OK;
	rc = store_begin(en->store, e);
	if (rc != STORE_OK)
		return rc;
	rc = signer_changed(en, signer, known, e);
	if (rc == STORE_OK)
		return store_commit(en->store, e);
	store_rollback(en->store);
	return rc;
}

static int
certify_sign(const struct sign_key *key, struct certificate *c, struct err *e)
{
	struct buf b;
	int rc;

	buf_init(&b, 8192);
	rc = sshsig_make(key, c->text, &b, e) == 0 ? STORE_OK : STORE_FAIL;
	if (rc == STORE_OK && (c->signature = strdup(buf_cstr(&b))) == NULL)
		rc = err_set(e, "out of memory");
	buf_clear(&b);
	return rc;
}

static int
certify_with(struct engine *en, const struct sign_key *key, int64_t id,
    struct certificate *c, struct err *e)
{
	char signer[SSHSIG_KEY_TEXT];
	int rc;

	memset(c, 0, sizeof(*c));
	sshsig_key(sign_public(key), signer);
	/* Before the text: the chain's head in it covers the key. */
	rc = certify_signer(en, signer, e);
	if (rc != STORE_OK)
		return rc;
	c->made_at = when_now();
	c->text = certificate_text(en->store, id, signer, e);
	rc = c->text == NULL ? STORE_FAIL : certify_sign(key, c, e);
	if (rc == STORE_OK)
		rc = store_begin(en->store, e);
	if (rc == STORE_OK) {
		rc = certificate_put(en->store, id, c, e);
		if (rc == STORE_OK)
			rc = store_commit(en->store, e);
		else
			store_rollback(en->store);
	}
	if (rc != STORE_OK)
		certificate_clear(c);
	return rc;
}

int
certify_case(struct engine *en, int64_t id, struct certificate *c,
    struct err *e)
{
	struct sign_key *key = certify_key(en->set->data_dir, e);
	int rc;

	memset(c, 0, sizeof(*c));
	if (key == NULL)
		return STORE_FAIL;
	rc = certify_with(en, key, id, c, e);
	sign_free(key);
	return rc;
}

/* Said once, tried again with the next turn that has something to do. */
static void
certify_trouble(struct engine *en, const struct err *e)
{
	if (strcmp(en->uncertified, e->text) != 0)
		log_event(LOG_ERR, "certificate", "error", e->text, NULL);
	(void)text_copy(en->uncertified, sizeof(en->uncertified), e->text);
}

int
certify_due(struct engine *en, struct err *e)
{
	struct sign_key *key = NULL;
	struct certificate c;
	int64_t id;
	int rc;

	/* No trouble with a certificate may hold up the work, nor one of them
	 * the others. */
	while ((rc = case_certifiable(en->store, &id, e)) == STORE_OK) {
		if (key == NULL && (key = certify_key(en->set->data_dir,
		    e)) == NULL) {
			certify_trouble(en, e);
			return STORE_OK;
		}
		if (certify_with(en, key, id, &c, e) == STORE_OK) {
			en->uncertified[0] = '\0';
			certificate_clear(&c);
			continue;
		}
		certify_trouble(en, e);
		rc = case_uncertified(en->store, id, e);
		if (rc != STORE_OK)
			break;
	}
	sign_free(key);
	return rc == STORE_NONE ? STORE_OK : rc;
}
