/* The wall clock of a zone, with the zones kept for an hour by each thread:
 * reading one costs more than a whole row. Decides nothing by time. */
#include "clock.h"

#include <string.h>

#include "../providers/base/when.h"
#include "../providers/base/zone.h"
#include "html.h"

#define KEPT 8
#define KEEP_MS (3600 * 1000)

struct kept {
	char		 name[WHEN_ZONE];
	struct zone	*zone;		/* NULL: no such zone */
	int64_t		 at;
};

static _Thread_local struct kept kept[KEPT];
static _Thread_local unsigned kept_next;

static const struct zone *
clock_zone(const char *name)
{
	int64_t now = when_mono();
	struct kept *k;
	unsigned i;

	if (strcmp(name, "UTC") == 0 || name[0] == '\0')
		return NULL;
	for (i = 0; i < KEPT; i++)
		if (strcmp(kept[i].name, name) == 0)
			break;
	if (i < KEPT && now - kept[i].at < KEEP_MS)
		return kept[i].zone;
	k = &kept[i < KEPT ? i : kept_next++ % KEPT];
	zone_free(k->zone);
	(void)text_copy(k->name, sizeof(k->name), name);
	k->zone = zone_load(name);
	k->at = now;
	return k->zone;
}

struct day {
	int64_t	year;
	int	month, day, hour, minute, second;
};

/*
 * The calendar of seconds since 1970. gmtime_r() takes a lock that all
 * threads share, once for every row of a list. Counts years from March, in
 * eras of 400 years, which all have the same number of days.
 */
static void
clock_day(int64_t t, struct day *d)
{
	int64_t days = t / 86400, era, doe, yoe, doy, mp;
	int rest = (int)(t % 86400);

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	d->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	d->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	d->year = yoe + era * 400 + (d->month <= 2);
	d->hour = rest / 3600;
	d->minute = rest / 60 % 60;
	d->second = rest % 60;
}

static void
clock_offset(struct buf *b, int off)
{
	int minutes = (off < 0 ? -off : off) / 60;

	if (off == 0)
		return;
	buf_char(b, off < 0 ? '-' : '+');
	html_number(b, minutes / 60, 1);
	if (minutes % 60 != 0) {
		buf_char(b, ':');
		html_number(b, minutes % 60, 2);
	}
}

void
clock_forget(void)
{
	unsigned i;

	for (i = 0; i < KEPT; i++)
		zone_free(kept[i].zone);
	memset(kept, 0, sizeof(kept));
}

void
clock_text(struct buf *b, int64_t ms, const char *name, int seconds)
{
	static const char *const months[] = { "January", "February", "March",
	    "April", "May", "June", "July", "August", "September", "October",
	    "November", "December" };
	const struct zone *z = clock_zone(name);
	int64_t t = ms / 1000;
	int off = z == NULL ? 0 : zone_offset(z, t);
	struct day d;

	clock_day(t + off, &d);
	html_number(b, d.day, 1);
	buf_char(b, ' ');
	buf_str(b, months[d.month - 1]);
	buf_char(b, ' ');
	html_number(b, d.year, 1);
	buf_str(b, ", ");
	html_number(b, d.hour, 2);
	buf_char(b, ':');
	html_number(b, d.minute, 2);
	if (seconds != 0) {
		buf_char(b, ':');
		html_number(b, d.second, 2);
	}
	if (z == NULL) {
		buf_str(b, " (UTC)");
		return;
	}
	buf_str(b, " (");
	buf_str(b, name);
	buf_str(b, ", UTC");
	clock_offset(b, off);
	buf_char(b, ')');
}

/* 2026-03-31T16:00:00Z, as <time> wants it. */
static void
clock_utc(struct buf *b, int64_t ms)
{
	struct day d;

	clock_day(ms / 1000, &d);
	html_number(b, d.year, 4);
	buf_char(b, '-');
	html_number(b, d.month, 2);
	buf_char(b, '-');
	html_number(b, d.day, 2);
	buf_char(b, 'T');
	html_number(b, d.hour, 2);
	buf_char(b, ':');
	html_number(b, d.minute, 2);
	buf_char(b, ':');
	html_number(b, d.second, 2);
	buf_char(b, 'Z');
}

void
clock_html(struct buf *b, int64_t ms, const char *zone, int seconds)
{
	if (ms <= 0) {
		buf_str(b, "never");
		return;
	}
	buf_str(b, "<time datetime=\"");
	clock_utc(b, ms);
	buf_str(b, "\">");
	/* A zone's name holds letters, digits and "_+-/" alone, or it is not
	 * known and UTC is shown: nothing here needs escaping. */
	clock_text(b, ms, zone, seconds);
	buf_str(b, "</time>");
}

static void
span_two(struct buf *b, int64_t large, const char *between, int64_t small,
    const char *unit)
{
	html_number(b, large, 1);
	buf_str(b, between);
	html_number(b, small, 1);
	buf_str(b, unit);
}

void
clock_span(struct buf *b, int64_t ms)
{
	int64_t s = (ms + 500) / 1000;

	if (ms < 0)
		ms = s = 0;
	/* By html_number(), because a list shows one a row. */
	if (ms < 10000)
		span_two(b, ms / 1000, ".", ms % 1000 / 100, " s");
	else if (s < 60) {
		html_number(b, s, 1);
		buf_str(b, " s");
	} else if (s < 3600)
		span_two(b, s / 60, " min ", s % 60, " s");
	else if (s < 2 * 86400)
		span_two(b, s / 3600, " h ", s % 3600 / 60, " min");
	else {
		html_number(b, s / 86400, 1);
		buf_str(b, " days");
	}
}
