/* The log: one line an event, to stderr or syslog. Holds no personal data
 * by itself: callers name cases and systems, not people. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "buf.h"
#include "when.h"

static const char *log_program = "offboard";
static int log_to_syslog;
static int log_max = LOG_DEBUG;

void
log_limit(int level)
{
	log_max = level;
}

void
log_open(const char *program, int use_syslog)
{
	log_program = program;
	log_to_syslog = use_syslog;
	if (use_syslog != 0)
		openlog(program, LOG_PID, LOG_DAEMON);
}

static void
log_value(struct buf *b, const char *v)
{
	size_t i;

	buf_char(b, '"');
	for (i = 0; v[i] != '\0' && i < 400; i++) {
		if ((unsigned char)v[i] < 0x20 || v[i] == 0x7f)
			buf_char(b, '?');
		else {
			if (v[i] == '"' || v[i] == '\\')
				buf_char(b, '\\');
			buf_char(b, v[i]);
		}
	}
	buf_char(b, '"');
}

void
log_event(int level, const char *event, ...)
{
	static const char *const names[] = { "emergency", "alert", "critical",
	    "error", "warning", "notice", "info", "debug" };
	char stamp[WHEN_TEXT];
	const char *key, *value;
	struct buf b;
	va_list ap;

	if (level > log_max)
		return;
	buf_init(&b, 16384);
	buf_fmt(&b, "level=%s event=%s", names[level & 7], event);
	va_start(ap, event);
	while ((key = va_arg(ap, const char *)) != NULL) {
		value = va_arg(ap, const char *);
		buf_fmt(&b, " %s=", key);
		log_value(&b, value == NULL ? "" : value);
	}
	va_end(ap);
	if (log_to_syslog != 0)
		syslog(level, "%s", buf_cstr(&b));
	else {
		when_text(when_now(), stamp);
		/* One write a line: lines of threads must not mix. */
		struct buf line;

		buf_init(&line, 20000);
		buf_fmt(&line, "%s %s: %s\n", stamp, log_program, buf_cstr(&b));
		if (write(STDERR_FILENO, buf_cstr(&line), line.len) == -1) {
			/* Nowhere left to say it. */
		}
		buf_clear(&line);
	}
	buf_clear(&b);
}
