/* Escaping, and markup with escaped values. Knows no page. */
#include "html.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

/* What ends a run of plain text; faster than strcspn() on short runs. */
static const unsigned char special[256] = {
	['\0'] = 1, ['&'] = 1, ['<'] = 1, ['>'] = 1, ['"'] = 1, ['\''] = 1,
};

void
html_text(struct buf *b, const char *s)
{
	size_t n;

	for (;; s++) {
		for (n = 0; special[(unsigned char)s[n]] == 0; n++)
			;
		buf_put(b, s, n);
		s += n;
		switch (*s) {
		case '\0':
			return;
		case '&':
			buf_put(b, "&amp;", 5);
			break;
		case '<':
			buf_put(b, "&lt;", 4);
			break;
		case '>':
			buf_put(b, "&gt;", 4);
			break;
		case '"':
			buf_put(b, "&quot;", 6);
			break;
		default:
			buf_put(b, "&#39;", 5);
			break;
		}
	}
}

void
html_url(struct buf *b, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char c;

	for (; *s != '\0'; s++) {
		c = (unsigned char)*s;
		if (isalnum(c) || c == '-' || c == '_' || c == '.') {
			buf_char(b, *s);
			continue;
		}
		buf_char(b, '%');
		buf_char(b, hex[c >> 4]);
		buf_char(b, hex[c & 15]);
	}
}

void
html_number(struct buf *b, long long v, int width)
{
	char digits[32];
	unsigned long long n = v < 0 ? 0ULL - (unsigned long long)v :
	    (unsigned long long)v;
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
		width--;
	} while (n != 0 || (width > 0 && at > 1));
	if (v < 0)
		digits[--at] = '-';
	buf_put(b, digits + at, sizeof(digits) - at);
}

/* One conversion after the %. Returns how many characters it has. */
static size_t
html_value(struct buf *b, const char *f, va_list *ap)
{
	switch (*f) {
	case 's':
		html_text(b, va_arg(*ap, const char *));
		return 1;
	case 'd':
		html_number(b, va_arg(*ap, int), 1);
		return 1;
	case 'u':
		html_number(b, va_arg(*ap, unsigned), 1);
		return 1;
	case '%':
		buf_char(b, '%');
		return 1;
	default:
		assert(strncmp(f, "lld", 3) == 0);
		html_number(b, va_arg(*ap, long long), 1);
		return 3;
	}
}

void
html_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	for (;;) {
		n = (size_t)(strchrnul(fmt, '%') - fmt);
		buf_put(b, fmt, n);
		fmt += n;
		if (*fmt == '\0')
			break;
		fmt++;
		fmt += html_value(b, fmt, &ap);
	}
	va_end(ap);
}
