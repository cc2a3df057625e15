/* The error sentence: filled in by whoever failed, printed once at the top. */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
err_set(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return -1;
}

int
err_add(struct err *e, const char *fmt, ...)
{
	char was[ERR_MAX];
	va_list ap;
	size_t used, len;
	int n;

	if (e == NULL)
		return -1;
	memcpy(was, e->text, sizeof(was));
	va_start(ap, fmt);
	n = vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	used = n < 0 ? 0 : (size_t)n;
	if (used + 3 < sizeof(e->text)) {
		memcpy(e->text + used, ": ", 2);
		used += 2;
		len = strnlen(was, sizeof(was) - 1);
		if (len >= sizeof(e->text) - used)
			len = sizeof(e->text) - used - 1;
		memcpy(e->text + used, was, len);
		e->text[used + len] = '\0';
	}
	return -1;
}
