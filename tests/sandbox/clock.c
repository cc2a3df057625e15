/* clock.c: time as the services write it; it must not keep any. */
#include "sandbox.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

long long
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* 2024-01-15T09:00:00.000Z */
void
clock_iso(long long ms, char *buf, size_t size)
{
	char day[32];
	struct tm tm;
	time_t t = (time_t)(ms / 1000);

	if (gmtime_r(&t, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	if (strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		day[0] = '\0';
	snprintf(buf, size, "%s.%03dZ", day, (int)(ms % 1000));
}

void
clock_set(json_object *o, const char *key, long long ms)
{
	char buf[48];

	clock_iso(ms, buf, sizeof(buf));
	js_set_str(o, key, buf);
}

/* Milliseconds of a timestamp in ISO 8601; -1 when it is none. */
long long
clock_parse(const char *s)
{
	struct tm tm;
	const char *rest;
	int hour, min, frac = 0;
	long long off = 0;
	char sign;

	memset(&tm, 0, sizeof(tm));
	if ((rest = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm)) == NULL) {
		memset(&tm, 0, sizeof(tm));
		rest = strptime(s, "%Y-%m-%d", &tm);
		if (rest == NULL || *rest != '\0')
			return -1;
	}
	if (*rest == '.') {
		if (sscanf(rest, ".%3d", &frac) != 1)
			return -1;
		rest++;
		rest += strspn(rest, "0123456789");
	}
	if (sscanf(rest, "%c%2d:%2d", &sign, &hour, &min) == 3 &&
	    (sign == '+' || sign == '-')) {
		off = (hour * 60LL + min) * 60;
		off = sign == '-' ? -off : off;
	} else if (*rest != '\0' && strcmp(rest, "Z") != 0)
		return -1;
	return ((long long)timegm(&tm) - off) * 1000 + frac;
}

/* Sleeps in short steps, so that SIGTERM does not have to wait for it. */
void
clock_sleep(long long ms)
{
	struct timespec ts = { 0, 0 };
	long long step;

	while (ms > 0 && !server_stopping()) {
		step = ms < 50 ? ms : 50;
		ts.tv_nsec = (long)(step * 1000000);
		nanosleep(&ts, NULL);
		ms -= step;
	}
}

/* 2024-01-15 09:00:00, in UTC */
void
clock_plain(json_object *o, const char *key, long long ms)
{
	char buf[48];

	clock_iso(ms, buf, sizeof(buf));
	buf[10] = ' ';
	buf[19] = '\0';
	js_set_str(o, key, buf);
}

/* Milliseconds of "YYYY-MM-DD HH:MM:SS" and perhaps " UTC"; -1 if none. */
long long
clock_parse_plain(const char *s)
{
	struct tm tm;
	const char *rest;

	memset(&tm, 0, sizeof(tm));
	rest = strptime(s, "%Y-%m-%d %H:%M:%S", &tm);
	if (rest == NULL || (*rest != '\0' && strcmp(rest, " UTC") != 0))
		return -1;
	return (long long)timegm(&tm) * 1000;
}

/*
 * Counts an event at now in the list under key; false when there were limit
 * of them within the last span, and *free is when one more will be let in.
 */
bool
clock_window(json_object *o, const char *key, long long span, long long limit,
    long long *free)
{
	json_object *a = js_arr(o, key);
	long long now = clock_ms();
	size_t n;

	while ((n = js_len(a)) > 0 &&
	    json_object_get_int64(js_at(a, 0)) + span <= now)
		json_object_array_del_idx(a, 0, 1);
	*free = n == 0 ? now : json_object_get_int64(js_at(a, 0)) + span;
	if (limit > 0 && (long long)n >= limit)
		return false;
	js_add(a, json_object_new_int64(now));
	return true;
}
