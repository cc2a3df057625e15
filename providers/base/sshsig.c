/* The SSHSIG container: fields as in the SSH wire format, length first.
 * Knows Ed25519 alone, and nothing of what is signed. */
#include "sshsig.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <string.h>

#define BEGIN "-----BEGIN SSH SIGNATURE-----\n"
#define END "-----END SSH SIGNATURE-----\n"
#define TYPE "ssh-ed25519"
#define COLUMNS 70
#define BLOB_MAX 1024

static void
put_u32(struct buf *b, size_t v)
{
	buf_char(b, (char)(v >> 24 & 255));
	buf_char(b, (char)(v >> 16 & 255));
	buf_char(b, (char)(v >> 8 & 255));
	buf_char(b, (char)(v & 255));
}

static void
put_string(struct buf *b, const void *s, size_t n)
{
	put_u32(b, n);
	buf_put(b, s, n);
}

static void
put_text(struct buf *b, const char *s)
{
	put_string(b, s, strlen(s));
}

static void
put_key(struct buf *b, const uint8_t *public)
{
	put_text(b, TYPE);
	put_string(b, public, SIGN_PUBLIC);
}

void
sshsig_key(const uint8_t *public, char out[SSHSIG_KEY_TEXT])
{
	unsigned char text[80];
	struct buf b;

	buf_init(&b, BLOB_MAX);
	put_key(&b, public);
	(void)EVP_EncodeBlock(text, (const unsigned char *)buf_cstr(&b),
	    (int)b.len);
	(void)snprintf(out, SSHSIG_KEY_TEXT, TYPE " %s", (const char *)text);
	buf_clear(&b);
}

/* What is signed in place of the text. */
static int
put_signed(struct buf *b, const char *text)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	if (EVP_Digest(text, strlen(text), md, &n, EVP_sha512(), NULL) != 1)
		return -1;
	buf_put(b, "SSHSIG", 6);
	put_text(b, SSHSIG_NAMESPACE);
	put_text(b, "");
	put_text(b, "sha512");
	put_string(b, md, n);
	return b->failed != 0 ? -1 : 0;
}

/* The container with the key and the bare signature. */
static void
put_container(struct buf *b, const uint8_t *public, const uint8_t *sig)
{
	struct buf part;

	buf_init(&part, BLOB_MAX);
	buf_put(b, "SSHSIG", 6);
	put_u32(b, 1);
	put_key(&part, public);
	put_string(b, part.s, part.len);
	put_text(b, SSHSIG_NAMESPACE);
	put_text(b, "");
	put_text(b, "sha512");
	buf_reset(&part);
	put_text(&part, TYPE);
	put_string(&part, sig, SIGN_SIZE);
	put_string(b, part.s, part.len);
	buf_clear(&part);
}

static void
put_armour(struct buf *out, const struct buf *blob)
{
	unsigned char text[BLOB_MAX * 2];
	int n, i;

	n = EVP_EncodeBlock(text, (const unsigned char *)blob->s,
	    (int)blob->len);
	buf_str(out, BEGIN);
	for (i = 0; i < n; i += COLUMNS)
		buf_fmt(out, "%.*s\n", n - i < COLUMNS ? n - i : COLUMNS,
		    (const char *)text + i);
	buf_str(out, END);
}

int
sshsig_make(const struct sign_key *key, const char *text, struct buf *out,
    struct err *e)
{
	uint8_t sig[SIGN_SIZE];
	struct buf b;
	int rc = -1;

	buf_init(&b, BLOB_MAX);
	if (put_signed(&b, text) == 0 &&
	    sign_make(key, b.s, b.len, sig) == 0) {
		buf_reset(&b);
		put_container(&b, sign_public(key), sig);
		if (b.failed == 0) {
			put_armour(out, &b);
			rc = out->failed != 0 ? -1 : 0;
		}
	}
	buf_clear(&b);
	return rc == 0 ? 0 : err_set(e, "the signature cannot be made");
}

/* The bytes of the armour; how many, or -1. */
static int
armour_read(const char *armour, uint8_t blob[BLOB_MAX])
{
	unsigned char text[BLOB_MAX + 4];
	size_t n = 0;
	int len;

	text[0] = '\0';
	if (strncmp(armour, BEGIN, strlen(BEGIN)) != 0)
		return -1;
	armour += strlen(BEGIN);
	for (; *armour != '\0' && *armour != '-'; armour++)
		if (*armour != '\n' && *armour != '\r') {
			if (n == BLOB_MAX)
				return -1;
			text[n++] = (unsigned char)*armour;
		}
	if (strncmp(armour, END, strlen(END) - 1) != 0 || n % 4 != 0)
		return -1;
	len = EVP_DecodeBlock(blob, text, (int)n);
	for (; len > 0 && n > 0 && text[n - 1] == '='; n--)
		len--;
	return len;
}

int
sshsig_check(const char *key, const char *text, const char *armour,
    struct err *e)
{
	uint8_t blob[BLOB_MAX], public[SIGN_PUBLIC];
	char ours[SSHSIG_KEY_TEXT];
	struct buf want, said;
	int len = armour_read(armour, blob), ok = 0;

	/* With the key and the container's form fixed, only the last 64 bytes
	 * are free: everything else must be as we would write it. */
	buf_init(&want, BLOB_MAX);
	buf_init(&said, BLOB_MAX);
	if (len > SIGN_SIZE) {
		memcpy(public, blob + 6 + 4 + 4 + 4 + strlen(TYPE) + 4,
		    SIGN_PUBLIC);
		put_container(&want, public, blob + len - SIGN_SIZE);
		sshsig_key(public, ours);
		ok = want.len == (size_t)len &&
		    memcmp(want.s, blob, want.len) == 0 &&
		    strcmp(ours, key) == 0 && put_signed(&said, text) == 0 &&
		    sign_check(public, said.s, said.len,
		    blob + len - SIGN_SIZE) == 0;
	}
	buf_clear(&want);
	buf_clear(&said);
	return ok ? 0 : err_set(e, "the signature does not fit the text and "
	    "the key");
}
