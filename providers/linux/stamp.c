/* Writing, strict reading and checking of the stamp. No file, no clock. */
#include "stamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/buf.h"

#define LINE_MAX_BYTES 128

/* What is left to read. */
struct reader {
	const char	*at, *end;
	int		 line;
	struct err	*e;
};

int
stamp_scope_ok(const char *scope)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
	size_t n = strlen(scope);

	return n > 0 && n < STAMP_SCOPE && strspn(scope, chars) == n &&
	    strchr("-_.", scope[0]) == NULL;
}

static void
stamp_lines(const struct stamp *s, struct buf *b)
{
	char fleet[STAMP_FLEET * 2 + 1], base[SIGN_HASH_TEXT];
	char state[SIGN_HASH_TEXT];

	sign_hex(s->fleet, sizeof(s->fleet), fleet);
	sign_hex(s->base_hash, sizeof(s->base_hash), base);
	sign_hex(s->state, sizeof(s->state), state);
	buf_fmt(b, "offboard-stamp 1\nfleet %s\nscope %s\nkeys %" PRIu32
	    "\nepoch %" PRIu32 "\nserial %" PRIu32 "\n", fleet, s->scope,
	    s->keys, s->epoch, s->serial);
	buf_fmt(b, "issued %" PRId64 "\nexpires %" PRId64 "\n", s->issued,
	    s->expires);
	buf_fmt(b, "base %" PRIu32 " %" PRId64 " %s\ndelta -\nstate %s\n",
	    s->base_serial, s->base_size, base, state);
}

int
stamp_write(struct stamp *s, const struct sign_key *k, char *text,
    struct err *e)
{
	char signature[SIGN_BASE64_TEXT];
	struct buf b;
	int rc = -1;

	buf_init(&b, STAMP_MAX);
	if (stamp_scope_ok(s->scope) == 0 || s->issued < 0 ||
	    s->issued > STAMP_TIME_MAX || s->expires <= s->issued ||
	    s->expires > STAMP_TIME_MAX || s->base_size < 0 ||
	    s->base_size > STAMP_BASE_MAX) {
		err_set(e, "the stamp's scope, times or size are out of "
		    "bounds");
		goto out;
	}
	stamp_lines(s, &b);
	if (b.failed != 0 ||
	    sign_make(k, b.s, b.len, s->signature) == -1) {
		err_set(e, "the stamp cannot be signed");
		goto out;
	}
	(void)text_copy(s->keyid, sizeof(s->keyid), sign_keyid(k));
	sign_base64(s->signature, sizeof(s->signature), signature);
	buf_fmt(&b, "sig %s %s\n", s->keyid, signature);
	if (b.failed != 0) {
		err_set(e, "the stamp is too long");
		goto out;
	}
	memcpy(text, b.s, b.len + 1);
	rc = (int)b.len;
out:
	buf_clear(&b);
	return rc;
}

/* The next line behind its word and one blank, NUL-ended, in OUT. */
static int
read_line(struct reader *r, const char *word, char out[LINE_MAX_BYTES])
{
	const size_t n = strlen(word), left = (size_t)(r->end - r->at);
	const char *lf = memchr(r->at, '\n', left);
	size_t length, i;

	r->line++;
	if (lf == NULL)
		return err_set(r->e, "stamp line %d does not end", r->line);
	length = (size_t)(lf - r->at);
	for (i = 0; i < length; i++)
		if (r->at[i] < 0x20 || r->at[i] == 0x7f ||
		    (unsigned char)r->at[i] > 0x7f)
			return err_set(r->e, "stamp line %d is not plain "
			    "ASCII", r->line);
	if (length < n + 1 || memcmp(r->at, word, n) != 0 ||
	    r->at[n] != ' ')
		return err_set(r->e, "stamp line %d is not \"%s\"", r->line,
		    word);
	length -= n + 1;
	if (length >= LINE_MAX_BYTES)
		return err_set(r->e, "stamp line %d is too long", r->line);
	memcpy(out, r->at + n + 1, length);
	out[length] = '\0';
	r->at = lf + 1;
	return 0;
}

/* One spelling a number: digits, no sign, no leading zero. */
static int
read_digits(const char *text, int64_t max, int64_t *out)
{
	long long v;

	if (text[0] < '0' || text[0] > '9' ||
	    (text[0] == '0' && text[1] != '\0') ||
	    text_int(text, 0, max, &v) == -1)
		return -1;
	*out = v;
	return 0;
}

static int
read_number(struct reader *r, const char *word, int64_t max, int64_t *out)
{
	char text[LINE_MAX_BYTES];

	if (read_line(r, word, text) == -1)
		return -1;
	if (read_digits(text, max, out) == -1)
		return err_set(r->e, "stamp line %d: bad number", r->line);
	return 0;
}

static int
read_u32(struct reader *r, const char *word, uint32_t *out)
{
	int64_t v = 0;

	if (read_number(r, word, UINT32_MAX, &v) == -1)
		return -1;
	*out = (uint32_t)v;
	return 0;
}

static int
read_hex(struct reader *r, const char *word, void *out, size_t size)
{
	char text[LINE_MAX_BYTES];

	if (read_line(r, word, text) == -1)
		return -1;
	if (sign_unhex(text, out, size) == -1)
		return err_set(r->e, "stamp line %d: bad hex", r->line);
	return 0;
}

/* Cuts the text at its first blank; what is behind it, or NULL. */
static char *
cut(char *text)
{
	char *blank = strchr(text, ' ');

	if (blank == NULL)
		return NULL;
	*blank = '\0';
	return blank + 1;
}

static int
read_base(struct reader *r, struct stamp *s)
{
	char text[LINE_MAX_BYTES], *size, *hash;
	int64_t serial = 0;

	if (read_line(r, "base", text) == -1)
		return -1;
	size = cut(text);
	hash = size == NULL ? NULL : cut(size);
	if (hash == NULL || read_digits(text, UINT32_MAX, &serial) == -1 ||
	    read_digits(size, STAMP_BASE_MAX, &s->base_size) == -1 ||
	    sign_unhex(hash, s->base_hash, sizeof(s->base_hash)) == -1)
		return err_set(r->e, "stamp line %d: bad base", r->line);
	s->base_serial = (uint32_t)serial;
	return 0;
}

static int
read_signature(struct reader *r, struct stamp *s)
{
	char text[LINE_MAX_BYTES], *signature;
	uint8_t keyid[8];

	if (read_line(r, "sig", text) == -1)
		return -1;
	signature = cut(text);
	if (signature == NULL ||
	    sign_unhex(text, keyid, sizeof(keyid)) == -1 ||
	    sign_unbase64(signature, s->signature,
	    sizeof(s->signature)) == -1)
		return err_set(r->e, "stamp line %d: bad signature text",
		    r->line);
	(void)text_copy(s->keyid, sizeof(s->keyid), text);
	if (r->at != r->end)
		return err_set(r->e, "the stamp has bytes behind its "
		    "signature");
	return 0;
}

static int
read_head(struct reader *r, struct stamp *s)
{
	char text[LINE_MAX_BYTES];

	if (read_line(r, "offboard-stamp", text) == -1)
		return -1;
	if (strcmp(text, "1") != 0)
		return err_set(r->e, "the stamp has a version that this "
		    "program does not know");
	if (read_hex(r, "fleet", s->fleet, sizeof(s->fleet)) == -1 ||
	    read_line(r, "scope", text) == -1)
		return -1;
	if (stamp_scope_ok(text) == 0)
		return err_set(r->e, "stamp line %d: bad scope", r->line);
	return text_copy(s->scope, sizeof(s->scope), text);
}

int
stamp_parse(const char *text, size_t size, struct stamp *s, struct err *e)
{
	struct reader r = { text, text + size, 0, e };
	char delta[LINE_MAX_BYTES];

	memset(s, 0, sizeof(*s));
	if (size > STAMP_MAX)
		return err_set(e, "the stamp is longer than %d bytes",
		    STAMP_MAX);
	if (read_head(&r, s) == -1 || read_u32(&r, "keys", &s->keys) == -1 ||
	    read_u32(&r, "epoch", &s->epoch) == -1 ||
	    read_u32(&r, "serial", &s->serial) == -1 ||
	    read_number(&r, "issued", STAMP_TIME_MAX, &s->issued) == -1 ||
	    read_number(&r, "expires", STAMP_TIME_MAX, &s->expires) == -1 ||
	    read_base(&r, s) == -1 || read_line(&r, "delta", delta) == -1 ||
	    read_hex(&r, "state", s->state, sizeof(s->state)) == -1 ||
	    read_signature(&r, s) == -1)
		return -1;
	/* Without deltas the base is the state. */
	if (strcmp(delta, "-") != 0)
		return err_set(e, "the stamp names a delta, which this "
		    "version does not know");
	if (s->expires <= s->issued || s->base_serial != s->serial ||
	    memcmp(s->state, s->base_hash, sizeof(s->state)) != 0)
		return err_set(e, "the stamp contradicts itself");
	return 0;
}

int
stamp_check(const char *text, size_t size, const struct stamp *s,
    const uint8_t *public)
{
	/* The signature line has one length: "sig ", keyid, blank, base64,
	 * LF; and the parser saw that nothing follows it. */
	const size_t tail = 4 + 16 + 1 + 88 + 1;

	if (size <= tail)
		return -1;
	return sign_check(public, text, size - tail, s->signature);
}
