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
	if (key != NULL && sign_save(key, path, e) == -1) {
		sign_free(key);
		return NULL;
	}
	return key;
}

static int
certify_sign(struct engine *en, const char *signer,
    const struct sign_key *key, struct certificate *c, struct err *e)
{
	char known[SSHSIG_KEY_TEXT] = "";
	struct buf b;
	int rc;

	buf_init(&b, 8192);
	rc = sshsig_make(key, c->text, &b, e) == 0 ? STORE_OK : STORE_FAIL;
	if (rc == STORE_OK && (c->signature = strdup(buf_cstr(&b))) == NULL)
		rc = err_set(e, "out of memory");
	buf_clear(&b);
	if (rc == STORE_OK && meta_get(en->store, "certificate_signer", known,
	    sizeof(known), e) == STORE_FAIL)
		rc = STORE_FAIL;
	if (rc == STORE_OK && strcmp(known, signer) != 0)
		rc = meta_set(en->store, "certificate_signer", signer, e);
	return rc;
}

int
certify_case(struct engine *en, int64_t id, struct certificate *c,
    struct err *e)
{
	struct sign_key *key = certify_key(en->set->data_dir, e);
	char signer[SSHSIG_KEY_TEXT];
	int rc = STORE_FAIL;

	memset(c, 0, sizeof(*c));
	if (key == NULL)
		return STORE_FAIL;
	sshsig_key(sign_public(key), signer);
	c->made_at = when_now();
	c->text = certificate_text(en->store, id, signer, e);
	if (c->text != NULL && store_begin(en->store, e) == STORE_OK) {
		rc = certify_sign(en, signer, key, c, e);
		if (rc == STORE_OK)
			rc = certificate_put(en->store, id, c, e);
		if (rc == STORE_OK)
			rc = store_commit(en->store, e);
		else
			store_rollback(en->store);
	}
	sign_free(key);
	if (rc != STORE_OK)
		certificate_clear(c);
	return rc;
}

int
certify_due(struct engine *en, struct err *e)
{
	struct certificate c;
	int64_t id;
	int rc;

	/* Trouble with the key must not hold up the work: said once, tried
	 * again with the next turn that has something to do. */
	while ((rc = case_certifiable(en->store, &id, e)) == STORE_OK) {
		if (certify_case(en, id, &c, e) != STORE_OK) {
			if (strcmp(en->uncertified, e->text) != 0)
				log_event(LOG_ERR, "certificate", "error",
				    e->text, NULL);
			(void)text_copy(en->uncertified,
			    sizeof(en->uncertified), e->text);
			return STORE_OK;
		}
		en->uncertified[0] = '\0';
		certificate_clear(&c);
	}
	return rc == STORE_NONE ? STORE_OK : STORE_FAIL;
}
