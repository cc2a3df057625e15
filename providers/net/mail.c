/* Letters over SMTP. Personal data stands in them, so TLS is asked for unless
 * the server is this machine. Retries nothing. */
#include "mail.h"

#include <curl/curl.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../base/buf.h"
#include "http.h"

#define CONNECT_MS	10000L
#define WORD_BYTES	42		/* of an encoded word (RFC 2047) */

static int
is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 32 || (unsigned char)*s > 126)
			return 0;
	return 1;
}

static void
put_base64(struct buf *b, const char *s, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
	    "nopqrstuvwxyz0123456789+/";
	unsigned v;
	size_t i;

	for (i = 0; i < n; i += 3) {
		v = (unsigned)(unsigned char)s[i] << 16;
		if (i + 1 < n)
			v |= (unsigned)(unsigned char)s[i + 1] << 8;
		if (i + 2 < n)
			v |= (unsigned char)s[i + 2];
		buf_char(b, digits[v >> 18]);
		buf_char(b, digits[v >> 12 & 63]);
		buf_char(b, i + 1 < n ? digits[v >> 6 & 63] : '=');
		buf_char(b, i + 2 < n ? digits[v & 63] : '=');
	}
}

/* A header's text; what is not ASCII goes into encoded words. */
static void
put_header(struct buf *b, const char *name, const char *text)
{
	size_t n, len = strlen(text);

	buf_fmt(b, "%s: ", name);
	/* What looks like an encoded word would be read as one. */
	if (is_ascii(text) && strstr(text, "=?") == NULL) {
		buf_fmt(b, "%s\r\n", text);
		return;
	}
	while (len > 0) {
		n = len < WORD_BYTES ? len : WORD_BYTES;
		/* Never in the middle of a letter. */
		while (n < len && n > 1 && (text[n] & 0xc0) == 0x80)
			n--;
		buf_str(b, "=?UTF-8?B?");
		put_base64(b, text, n);
		buf_str(b, "?=");
		text += n;
		len -= n;
		if (len > 0)
			buf_str(b, "\r\n ");
	}
	buf_str(b, "\r\n");
}

static void
put_date(struct buf *b, int64_t at)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t t = (time_t)(at / 1000);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL)
		return;
	buf_fmt(b, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d +0000\r\n",
	    days + tm.tm_wday * 3, tm.tm_mday, months + tm.tm_mon * 3,
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void
mail_text(const struct mail *m, struct buf *b)
{
	const char *at = strrchr(m->from, '@'), *s;

	put_date(b, m->at);
	buf_fmt(b, "From: %s\r\nTo: %s\r\n", m->from, m->to);
	put_header(b, "Subject", m->subject);
	buf_fmt(b, "Message-ID: <%s%s>\r\n", m->id, at == NULL ? "@localhost" :
	    at);
	buf_str(b, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=UTF-8\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n\r\n");
	for (s = m->body; *s != '\0'; s++) {
		if (*s == '\n')
			buf_char(b, '\r');
		buf_char(b, *s);
	}
}

struct upload {
	const char	*at;
	size_t		 left;
};

static size_t
on_read(char *out, size_t size, size_t n, void *arg)
{
	struct upload *u = arg;
	size_t most = size * n < u->left ? size * n : u->left;

	memcpy(out, u->at, most);
	u->at += most;
	u->left -= most;
	return most;
}

static int
on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)arg;
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return http_stopped();
}

static int
is_loopback(const char *url)
{
	const char *host = strstr(url, "://");
	size_t n;

	host = host == NULL ? url : host + 3;
	n = strcspn(host, ":/");
	return (n == 9 && strncmp(host, "localhost", n) == 0) ||
	    (n > 4 && strncmp(host, "127.", 4) == 0 &&
	    strspn(host, "0123456789.") == n) ||
	    strncmp(host, "[::1]", 5) == 0;
}

/* What was said last, so that a refusal can be told from a refused letter.
 * Four letters of a command, never what follows: it may be a secret. */
static int
on_debug(CURL *c, curl_infotype type, char *data, size_t size, void *arg)
{
	char *said = arg;

	(void)c;
	/* The good-bye after a refusal is no word of ours. */
	if (type == CURLINFO_HEADER_OUT && size >= 4 &&
	    memcmp(data, "QUIT", 4) != 0) {
		memcpy(said, data, 4);
		said[4] = '\0';
	}
	return 0;
}

/* Was it this letter that was refused: its recipient, or its text? A sender,
 * a sign-in or a whole server may be mended. */
static int
is_letter(const char *said)
{
	return strcmp(said, "RCPT") == 0 || strcmp(said, "DATA") == 0;
}

static int
mail_prepare(CURL *c, const struct mail *m, struct curl_slist *to,
    struct upload *u)
{
	int bad = 0;

#define SET(option, value) \
	bad |= curl_easy_setopt(c, option, value) != CURLE_OK
	SET(CURLOPT_URL, m->url);
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(CURLOPT_USE_SSL, is_loopback(m->url) ? (long)CURLUSESSL_NONE :
	    (long)CURLUSESSL_ALL);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	SET(CURLOPT_TIMEOUT_MS, (long)m->timeout);
	SET(CURLOPT_MAIL_FROM, m->from);
	SET(CURLOPT_MAIL_RCPT, to);
	SET(CURLOPT_READFUNCTION, on_read);
	SET(CURLOPT_READDATA, u);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	if (m->user != NULL) {
		SET(CURLOPT_USERNAME, m->user);
		SET(CURLOPT_PASSWORD, m->password);
	}
#undef SET
	return bad;
}

enum mail_result
mail_send(const struct mail *m, struct err *e)
{
	struct curl_slist *to = curl_slist_append(NULL, m->to);
	CURLcode rc = CURLE_OUT_OF_MEMORY;
	CURL *c = curl_easy_init();
	char said[8] = "";
	struct upload u;
	struct buf text;
	long code = 0;

	buf_init(&text, 200000);
	mail_text(m, &text);
	u.at = text.s;
	u.left = text.len;
	if (c != NULL && to != NULL && text.failed == 0 &&
	    mail_prepare(c, m, to, &u) == 0 &&
	    curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, on_debug) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_DEBUGDATA, said) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_VERBOSE, 1L) == CURLE_OK)
		rc = curl_easy_perform(c);
	if (c != NULL)
		(void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	curl_easy_cleanup(c);
	curl_slist_free_all(to);
	buf_clear(&text);
	if (rc == CURLE_OK)
		return MAIL_SENT;
	err_set(e, "the mail server did not take it (%s)",
	    curl_easy_strerror(rc));
	if (code >= 400)
		err_set(e, "the mail server did not take it (answer %ld)",
		    code);
	return code >= 500 && code < 600 && is_letter(said) ? MAIL_REFUSED :
	    MAIL_LATER;
}
