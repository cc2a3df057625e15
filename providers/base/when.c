/* Instants and the words people use for them. Never touches TZ. */
#include "when.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "zone.h"

#define AHEAD_MAX	(5LL * 366 * 86400 * 1000)

int64_t
when_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
when_mono(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
when_text(int64_t ms, char out[WHEN_TEXT])
{
	struct tm tm;
	time_t t = (time_t)(ms / 1000);
	size_t n;

	out[0] = '\0';
	if (ms <= 0 || gmtime_r(&t, &tm) == NULL || tm.tm_year > 8000)
		return;
	n = strftime(out, WHEN_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(out + n, WHEN_TEXT - n, ".%03uZ",
	    (unsigned)(ms % 1000) & 1023U);
}

/* Exactly N digits at S as a number, or -1. */
static int
digits(const char *s, int n)
{
	int v = 0;

	while (n-- > 0) {
		if (!isdigit((unsigned char)*s))
			return -1;
		v = v * 10 + (*s++ - '0');
	}
	return v;
}

/* Reads YYYY-MM-DD?HH:MM[:SS[.fff]] into seconds as if UTC. Returns what
 * follows, or NULL. */
static const char *
clock_read(const char *s, int64_t *local, int *ms)
{
	struct tm tm, back;
	time_t t;

	memset(&tm, 0, sizeof(tm));
	tm.tm_year = digits(s, 4) - 1900;
	if (strlen(s) < 16 || tm.tm_year < 100 || s[4] != '-' || s[7] != '-' ||
	    strchr("T t", s[10]) == NULL || s[13] != ':')
		return NULL;
	tm.tm_mon = digits(s + 5, 2) - 1;
	tm.tm_mday = digits(s + 8, 2);
	tm.tm_hour = digits(s + 11, 2);
	tm.tm_min = digits(s + 14, 2);
	s += 16;
	*ms = 0;
	if (*s == ':') {
		tm.tm_sec = digits(s + 1, 2);
		if (tm.tm_sec < 0)
			return NULL;
		s += 3;
		if (*s == '.') {
			int scale = 100;

			if (!isdigit((unsigned char)s[1]))
				return NULL;
			for (s++; isdigit((unsigned char)*s); s++) {
				*ms += scale * (*s - '0');
				scale /= 10;
			}
		}
	}
	back = tm;
	t = timegm(&back);
	/* timegm() carries 31 February over into March: refuse instead. */
	if (tm.tm_mday != back.tm_mday || tm.tm_mon != back.tm_mon ||
	    tm.tm_hour != back.tm_hour || tm.tm_min != back.tm_min ||
	    tm.tm_sec != back.tm_sec)
		return NULL;
	*local = (int64_t)t;
	return s;
}

static int
zone_apply(const char *text, int64_t local, const char *name, int64_t *out,
    struct err *e)
{
	struct zone *z = zone_load(name);
	int64_t at[2];
	int n;

	if (z == NULL)
		return err_set(e, "\"%.60s\" is no time zone known here: use an "
		    "IANA name such as Europe/Berlin", name);
	n = zone_instants(z, local, at);
	zone_free(z);
	if (n == 0)
		return err_set(e, "%.16s does not exist in %s, because the "
		    "clocks go forward there: give another time", text, name);
	if (n == 2)
		return err_set(e, "%.16s happens twice in %s, because the "
		    "clocks go back there: give the time in UTC, as "
		    "2026-11-27T16:00:00Z", text, name);
	*out = at[0];
	return 0;
}

static int
offset_read(const char *s, int *seconds)
{
	int h, m;

	if ((s[0] == 'Z' || s[0] == 'z') && s[1] == '\0') {
		*seconds = 0;
		return 0;
	}
	if ((s[0] != '+' && s[0] != '-') || strlen(s) != 6 || s[3] != ':')
		return -1;
	h = digits(s + 1, 2);
	m = digits(s + 4, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return -1;
	*seconds = (h * 60 + m) * 60 * (s[0] == '-' ? -1 : 1);
	return 0;
}

int
when_parse(const char *text, int64_t now, int64_t *out, char zone[WHEN_ZONE],
    struct err *e)
{
	const char *rest;
	int64_t local = 0, at = 0;
	int offset, ms = 0;

	(void)text_copy(zone, WHEN_ZONE, "UTC");
	if (strcmp(text, "now") == 0) {
		*out = now;
		return 0;
	}
	rest = clock_read(text, &local, &ms);
	if (rest == NULL)
		return err_set(e, "\"%.60s\" is not a time: write now, "
		    "2026-11-27T16:00:00Z, or 2026-11-27 17:00 Europe/Berlin",
		    text);
	if (*rest == ' ' && rest[1] != '\0') {
		if (zone_apply(text, local, rest + 1, &at, e) == -1)
			return -1;
		(void)text_copy(zone, WHEN_ZONE, rest + 1);
	} else if (offset_read(rest, &offset) == 0)
		at = local - offset;
	else
		return err_set(e, "\"%.60s\" names no time zone: add one, as "
		    "in 2026-11-27 17:00 Europe/Berlin, or end it with Z", text);
	*out = at * 1000 + ms;
	if (*out > now + AHEAD_MAX)
		return err_set(e, "%.16s is more than five years ahead: check "
		    "the year", text);
	return 0;
}

int
when_span(const char *s, int64_t *out)
{
	static const struct { const char *unit; int64_t ms; } units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 },
		{ "d", 86400000 },
	};
	int64_t v = 0;
	size_t i, n = strspn(s, "0123456789");

	if (n == 0 || n > 9)
		return -1;
	for (i = 0; i < n; i++)
		v = v * 10 + (s[i] - '0');
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(s + n, units[i].unit) == 0) {
			*out = v * units[i].ms;
			return 0;
		}
	return -1;
}

int
when_zone_known(const char *name)
{
	struct zone *z = zone_load(name);

	zone_free(z);
	return z != NULL;
}

void
when_local(int64_t ms, const char *zone, char *out, size_t size)
{
	static const char *const months[] = { "January", "February", "March",
	    "April", "May", "June", "July", "August", "September", "October",
	    "November", "December" };
	struct zone *z = zone_load(zone);
	char utc[16] = "";
	struct tm tm;
	time_t t = (time_t)(ms / 1000);
	int off = z == NULL ? 0 : zone_offset(z, (int64_t)t);
	int known = z != NULL && strcmp(zone, "UTC") != 0;

	zone_free(z);
	t += off;
	out[0] = '\0';
	if (gmtime_r(&t, &tm) == NULL)
		return;
	if (off % 3600 != 0)
		(void)snprintf(utc, sizeof(utc), "%+d:%02d", off / 3600,
		    (off < 0 ? -off : off) / 60 % 60);
	else if (off != 0)
		(void)snprintf(utc, sizeof(utc), "%+d", off / 3600);
	if (known == 0)
		(void)snprintf(out, size, "%d %s %d, %02d:%02d (UTC)",
		    tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
		    tm.tm_hour, tm.tm_min);
	else
		(void)snprintf(out, size, "%d %s %d, %02d:%02d (%s, UTC%s)",
		    tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
		    tm.tm_hour, tm.tm_min, zone, utc);
}
