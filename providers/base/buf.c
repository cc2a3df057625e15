/* Bounded buffers and the checks of single text fields. No I/O but a file. */
#include "buf.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

void
buf_init(struct buf *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max;
}

void
buf_clear(struct buf *b)
{
	size_t max = b->max;

	if (b->s != NULL)
		explicit_bzero(b->s, b->cap);
	free(b->s);
	buf_init(b, max);
}

void
buf_reset(struct buf *b)
{
	if (b->s != NULL)
		explicit_bzero(b->s, b->len + 1);
	b->len = 0;
	b->failed = 0;
}

/* Room for N more bytes and the NUL; memory is never left unzeroed behind,
 * which is why this is not realloc. */
static int
buf_grow(struct buf *b, size_t n)
{
	size_t want;
	char *s;

	if (b->failed != 0 || n > b->max || b->len > b->max - n)
		goto fail;
	if (b->s != NULL && b->len + n < b->cap)
		return 0;
	want = b->cap == 0 ? 256 : b->cap * 2;
	if (want < b->len + n + 1)
		want = b->len + n + 1;
	if (want > b->max + 1)
		want = b->max + 1;
	s = malloc(want);
	if (s == NULL)
		goto fail;
	if (b->s != NULL) {
		memcpy(s, b->s, b->len + 1);
		explicit_bzero(b->s, b->cap);
		free(b->s);
	}
	b->s = s;
	b->cap = want;
	return 0;
fail:
	b->failed = 1;
	return -1;
}

void
buf_put(struct buf *b, const void *p, size_t n)
{
	/* The common case first: pages are made of thousands of short runs. */
	if ((b->s == NULL || n >= b->cap - b->len || n > b->max - b->len ||
	    b->failed != 0) && buf_grow(b, n) == -1)
		return;
	if (n > 0)
		memcpy(b->s + b->len, p, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void
buf_str(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void
buf_char(struct buf *b, char c)
{
	buf_put(b, &c, 1);
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	size_t room = b->s == NULL ? 0 : b->cap - b->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room == 0 ? NULL : b->s + b->len, room, fmt, ap);
	va_end(ap);
	/* It usually fits at once; what did not is taken back below. */
	if (n >= 0 && (size_t)n < room && (size_t)n <= b->max - b->len &&
	    b->failed == 0) {
		b->len += (size_t)n;
		return;
	}
	if (room != 0)
		b->s[b->len] = '\0';
	if (n < 0 || buf_grow(b, (size_t)n) == -1) {
		b->failed = 1;
		return;
	}
	va_start(ap, fmt);
	(void)vsnprintf(b->s + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

const char *
buf_cstr(const struct buf *b)
{
	return b->s == NULL ? "" : b->s;
}

int
buf_file(struct buf *b, const char *path, struct err *e)
{
	char chunk[4096];
	ssize_t n;
	int fd, rc = -1;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		return err_set(e, "open %s: %s", path, strerror(errno));
	for (;;) {
		n = read(fd, chunk, sizeof(chunk));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		buf_put(b, chunk, (size_t)n);
	}
	if (n == -1)
		err_set(e, "read %s: %s", path, strerror(errno));
	else if (b->failed != 0)
		err_set(e, "%s is larger than %zu bytes", path, b->max);
	else
		rc = 0;
	explicit_bzero(chunk, sizeof(chunk));
	close(fd);
	return rc;
}

int
text_copy(char *dst, size_t size, const char *src)
{
	size_t n = strlen(src);
	int cut = n >= size;

	if (cut != 0) {
		n = size - 1;
		while (n > 0 && ((unsigned char)src[n] & 0xc0) == 0x80)
			n--;
	}
	memcpy(dst, src, n);
	dst[n] = '\0';
	return cut != 0 ? -1 : 0;
}

int
text_int(const char *s, long long min, long long max, long long *out)
{
	char *end;
	long long v;

	if (s == NULL || (!isdigit((unsigned char)s[0]) && s[0] != '-'))
		return -1;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno != 0 || end == s || *end != '\0' || v < min || v > max)
		return -1;
	*out = v;
	return 0;
}

/* Decodes one UTF-8 sequence strictly. Bytes used, or 0. */
static size_t
utf8_one(const unsigned char *p, unsigned long *out)
{
	static const unsigned long least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned long c;
	size_t i, n;

	if (p[0] < 0x80) {
		*out = p[0];
		return 1;
	}
	n = (p[0] & 0xe0) == 0xc0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 :
	    (p[0] & 0xf8) == 0xf0 ? 4 : 0;
	if (n == 0)
		return 0;
	c = p[0] & (0xffU >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = (c << 6) | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return n;
}

/* One plain letter at P? Its bytes in *N, which is 0 where there is none. */
static int
letter_is_plain(const unsigned char *p, size_t *n)
{
	unsigned long c = 0;

	*n = utf8_one(p, &c);
	if (*n == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0))
		return 0;
	/* Direction marks and overrides make one name look like another. */
	return !((c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f ||
	    c == 0x061c || c == 0xfeff || c == 0x2028 || c == 0x2029);
}

int
text_is_plain(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n;

	for (; *p != '\0'; p += n)
		if (letter_is_plain(p, &n) == 0)
			return 0;
	return 1;
}

void
text_clean(char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n;

	while (*p != '\0') {
		if (letter_is_plain(p, &n) != 0) {
			memmove(s, p, n);
			s += n;
		} else {
			*s++ = '?';
			n = n == 0 ? 1 : n;
		}
		p += n;
	}
	*s = '\0';
}

void
text_lower(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

int
text_is_email(const char *s)
{
	static const char local[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+/=?^_`{|}~-";
	size_t n = strspn(s, local), len = strlen(s);
	const char *d;

	if (len > 254 || n == 0 || n > 64 || s[n] != '@')
		return 0;
	d = s + n + 1;
	if (*d == '\0' || *d == '.' || *d == '-' || s[len - 1] == '.')
		return 0;
	for (; *d != '\0'; d++) {
		if (!isalnum((unsigned char)*d) && *d != '.' && *d != '-')
			return 0;
		if (*d == '.' && d[1] == '.')
			return 0;
	}
	return 1;
}
