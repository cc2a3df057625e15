/* Ed25519, SHA-256 and random bytes by OpenSSL's EVP. Never prints a private
 * key and never writes one but into a 0600 file. */
#include "sign.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "durable.h"

#define PEM_MAX 4096

struct sign_key {
	EVP_PKEY	*pkey;
	uint8_t		 pub[SIGN_PUBLIC];
	char		 keyid[SIGN_KEYID_TEXT];
};

int
sign_hash(const void *data, size_t size, uint8_t *hash)
{
	unsigned n = 0;

	if (EVP_Digest(data, size, hash, &n, EVP_sha256(), NULL) != 1 ||
	    n != SIGN_HASH)
		return -1;
	return 0;
}

int
sign_hash_text(const void *data, size_t size, char text[SIGN_HASH_TEXT])
{
	uint8_t hash[SIGN_HASH];

	if (sign_hash(data, size, hash) == -1)
		return -1;
	sign_hex(hash, sizeof(hash), text);
	return 0;
}

int
sign_random(void *data, size_t size)
{
	return size <= INT32_MAX && RAND_bytes(data, (int)size) == 1 ? 0 : -1;
}

int
sign_keyid_of(const uint8_t *pub, char keyid[SIGN_KEYID_TEXT])
{
	uint8_t hash[SIGN_HASH];

	keyid[0] = '\0';
	if (sign_hash(pub, SIGN_PUBLIC, hash) == -1)
		return -1;
	sign_hex(hash, (SIGN_KEYID_TEXT - 1) / 2, keyid);
	return 0;
}

/* Takes over PKEY, also when it fails. */
static struct sign_key *
key_wrap(EVP_PKEY *pkey)
{
	struct sign_key *k = calloc(1, sizeof(*k));
	size_t n = SIGN_PUBLIC;

	if (k == NULL) {
		EVP_PKEY_free(pkey);
		return NULL;
	}
	k->pkey = pkey;
	if (pkey == NULL || EVP_PKEY_base_id(pkey) != EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_raw_public_key(pkey, k->pub, &n) != 1 ||
	    n != SIGN_PUBLIC || sign_keyid_of(k->pub, k->keyid) == -1) {
		sign_free(k);
		return NULL;
	}
	return k;
}

struct sign_key *
sign_generate(struct err *e)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct sign_key *k = key_wrap(pkey);

	if (k == NULL)
		err_set(e, "cannot make an Ed25519 key: libcrypto refused");
	return k;
}

void
sign_free(struct sign_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

const uint8_t *
sign_public(const struct sign_key *k)
{
	return k->pub;
}

const char *
sign_keyid(const struct sign_key *k)
{
	return k->keyid;
}

struct sign_key *
sign_load(const char *path, struct err *e)
{
	struct sign_key *k = NULL;
	struct durable_data f = { PEM_MAX, NULL, 0 };
	BIO *bio = NULL;
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & 077) != 0) {
		err_set(e, "%s: others can read this key: chmod 600 it, or "
		    "replace the key if they did", path);
		return NULL;
	}
	if (durable_read(path, &f, e) == -1)
		return NULL;
	bio = BIO_new_mem_buf(f.data, (int)f.size);
	if (bio != NULL)
		k = key_wrap(PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL));
	if (k == NULL)
		err_set(e, "%s is not an Ed25519 key in PEM", path);
	BIO_free(bio);
	explicit_bzero(f.data, f.size);
	free(f.data);
	return k;
}

/* link() refuses an existing file, which rename() would replace: a key must
 * never be lost to a second --init. */
static int
save_new(const char *path, const char *pem, size_t size, struct err *e)
{
	char temporary[DURABLE_PATH];
	int n, rc = -1;

	n = snprintf(temporary, sizeof(temporary), "%s.new.%d", path,
	    (int)getpid());
	if (n < 0 || (size_t)n >= sizeof(temporary))
		return err_set(e, "%s: the path is too long", path);
	if (durable_write(&(struct durable_new){ temporary, 0600, pem, size },
	    e) == -1)
		return -1;
	if (link(temporary, path) == -1)
		err_set(e, "cannot create %s: %s", path, strerror(errno));
	else
		rc = durable_sync(path, e);
	unlink(temporary);
	return rc;
}

int
sign_save(const struct sign_key *k, const char *path, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem = NULL;
	long size;
	int rc = -1;

	if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, NULL,
	    NULL, 0, NULL, NULL) != 1) {
		err_set(e, "%s: cannot write the key as PEM", path);
		goto out;
	}
	size = BIO_get_mem_data(bio, &pem);
	if (size > 0)
		rc = save_new(path, pem, (size_t)size, e);
	if (size > 0)
		explicit_bzero(pem, (size_t)size);
out:
	BIO_free(bio);
	return rc;
}

int
sign_make(const struct sign_key *k, const void *data, size_t size,
    uint8_t *signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = SIGN_SIZE;
	int rc = -1;

	if (ctx != NULL &&
	    EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->pkey) == 1 &&
	    EVP_DigestSign(ctx, signature, &n, data, size) == 1 &&
	    n == SIGN_SIZE)
		rc = 0;
	EVP_MD_CTX_free(ctx);
	return rc;
}

int
sign_check(const uint8_t *pub, const void *data, size_t size,
    const uint8_t *signature)
{
	EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
	    pub, SIGN_PUBLIC);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc = -1;

	if (pkey != NULL && ctx != NULL &&
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
	    EVP_DigestVerify(ctx, signature, SIGN_SIZE, data, size) == 1)
		rc = 0;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return rc;
}

void
sign_hex(const void *data, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;

	for (; size > 0; size--, p++) {
		*text++ = digits[*p >> 4];
		*text++ = digits[*p & 15];
	}
	*text = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int
sign_unhex(const char *text, void *data, size_t size)
{
	uint8_t *p = data;
	int high, low;

	for (; size > 0; size--, text += 2) {
		high = hex_digit(text[0]);
		low = high == -1 ? -1 : hex_digit(text[1]);
		if (low == -1)
			return -1;
		*p++ = (uint8_t)(high << 4 | low);
	}
	return *text == '\0' ? 0 : -1;
}

void
sign_base64(const uint8_t *data, size_t size, char text[SIGN_BASE64_TEXT])
{
	text[0] = '\0';
	if (size <= SIGN_SIZE)
		EVP_EncodeBlock((unsigned char *)text, data, (int)size);
}

int
sign_unbase64(const char *text, uint8_t *data, size_t size)
{
	char again[SIGN_BASE64_TEXT];
	uint8_t all[SIGN_SIZE + 4];
	size_t length = strlen(text);

	if (size > SIGN_SIZE || length != (size + 2) / 3 * 4 ||
	    length >= SIGN_BASE64_TEXT)
		return -1;
	if (EVP_DecodeBlock(all, (const unsigned char *)text,
	    (int)length) < (int)size)
		return -1;
	/* Two texts must not mean the same bytes. */
	sign_base64(all, size, again);
	if (strcmp(again, text) != 0)
		return -1;
	memcpy(data, all, size);
	return 0;
}
