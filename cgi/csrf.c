/* CSRF tokens: HMAC-SHA256 over user, form and ten-minute slot. Knows no
 * page and no request. */
#include "csrf.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "../providers/base/buf.h"

#define MAC 32

static void
hex_put(const unsigned char *p, size_t n, char *out)
{
	static const char hex[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		out[i * 2] = hex[p[i] >> 4];
		out[i * 2 + 1] = hex[p[i] & 15];
	}
	out[n * 2] = '\0';
}

static int
key_read(const char *path, unsigned char key[CSRF_KEY], struct err *e)
{
	unsigned char more[CSRF_KEY + 1];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd == -1)
		return err_set(e, "open %s: %s", path, strerror(errno));
	n = read(fd, more, sizeof(more));
	close(fd);
	if (n != CSRF_KEY)
		return err_set(e, "%s does not hold %d bytes: remove it, a new "
		    "one is made at the next start", path, CSRF_KEY);
	memcpy(key, more, CSRF_KEY);
	explicit_bzero(more, sizeof(more));
	return 0;
}

/* Written aside and linked into place: whoever finds the name finds it
 * whole, and of two that start at once one wins. */
static int
key_make(const char *path, unsigned char key[CSRF_KEY], struct err *e)
{
	struct buf tmp;
	int fd, rc = -1;

	buf_init(&tmp, 4096);
	buf_fmt(&tmp, "%s.%ld", path, (long)getpid());
	fd = open(buf_cstr(&tmp), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	if (fd == -1) {
		err_set(e, "create %s: %s", buf_cstr(&tmp), strerror(errno));
		goto out;
	}
	if (RAND_bytes(key, CSRF_KEY) != 1 ||
	    write(fd, key, CSRF_KEY) != CSRF_KEY || fsync(fd) == -1)
		err_set(e, "write %s: %s", buf_cstr(&tmp), strerror(errno));
	else if (link(buf_cstr(&tmp), path) == 0)
		rc = 0;
	else if (errno == EEXIST)
		rc = key_read(path, key, e);
	else
		err_set(e, "create %s: %s", path, strerror(errno));
	close(fd);
	(void)unlink(buf_cstr(&tmp));
out:
	buf_clear(&tmp);
	return rc;
}

int
csrf_load(const char *dir, unsigned char key[CSRF_KEY], struct err *e)
{
	struct buf path;
	int rc;

	buf_init(&path, 4000);
	buf_fmt(&path, "%s/record/csrf.key", dir);
	if (path.failed != 0)
		rc = err_set(e, "data_dir is too long");
	else if (access(buf_cstr(&path), F_OK) == -1 && errno == ENOENT)
		rc = key_make(buf_cstr(&path), key, e);
	else
		rc = key_read(buf_cstr(&path), key, e);
	buf_clear(&path);
	return rc;
}

static void
csrf_make(const struct csrf *c, int64_t slot, char out[CSRF_TEXT])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	char hex[MAC * 2 + 1];
	unsigned n = 0;
	struct buf b;

	/* No byte of user or form is below 0x20: the fields cannot mix. */
	buf_init(&b, 4096);
	buf_fmt(&b, "%s\n%s\n%lld", c->user, c->form, (long long)slot);
	out[0] = '\0';
	if (b.failed == 0 && HMAC(EVP_sha256(), c->key, CSRF_KEY,
	    (const unsigned char *)buf_cstr(&b), b.len, mac, &n) != NULL &&
	    n == MAC) {
		hex_put(mac, MAC, hex);
		(void)snprintf(out, CSRF_TEXT, "%llx-%s",
		    (unsigned long long)slot, hex);
	}
	buf_clear(&b);
}

void
csrf_token(const struct csrf *c, int64_t now, char out[CSRF_TEXT])
{
	csrf_make(c, now / CSRF_SLOT, out);
}

enum csrf_result
csrf_check(const struct csrf *c, int64_t now, const char *token)
{
	char want[CSRF_TEXT];
	unsigned long long slot;
	int64_t age;
	size_t n;

	/* The token's own slot is only believed once its MAC fits. */
	n = strspn(token, "0123456789abcdef");
	if (n == 0 || n > 12 || token[n] != '-' ||
	    sscanf(token, "%12llx-", &slot) != 1)
		return CSRF_BAD;
	csrf_make(c, (int64_t)slot, want);
	n = strlen(want);
	if (n == 0 || strlen(token) != n || CRYPTO_memcmp(token, want, n) != 0)
		return CSRF_BAD;
	age = now / CSRF_SLOT - (int64_t)slot;
	if (age < 0)
		return CSRF_BAD;
	return age <= CSRF_SLOTS ? CSRF_OK : CSRF_EXPIRED;
}

int
csrf_random(char out[33], struct err *e)
{
	unsigned char p[16];

	if (RAND_bytes(p, sizeof(p)) != 1)
		return err_set(e, "no random numbers are to be had");
	hex_put(p, sizeof(p), out);
	return 0;
}
