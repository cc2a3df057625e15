/*
 * company_crowd.c: as many more people as wanted, in all systems, whose
 * names follow from their number; it must not hold anybody of interest.
 */
#include "sandbox.h"

#include <stdio.h>
#include <string.h>

static const char *const crowd_first[] = {
	"Liam", "Mia", "Noah", "Ella", "Omar", "Zoe", "Ivan", "Ruth", "Kofi",
	"Lena", "Hugo", "Nina"
};
static const char *const crowd_last[] = {
	"Archer", "Bauer", "Costa", "Dubois", "Eriksen", "Fonseca", "Gupta",
	"Hansen", "Ito", "Jansen"
};

/* Adds the people from..to of an endless crowd. */
void
company_fillers(json_object *root, long long from, long long to)
{
	char text[1024], err[128];
	const char *last;
	json_object *a;
	long long i;

	for (i = from; i < to; i++) {
		last = crowd_last[i / 12 % 10];
		snprintf(text, sizeof(text), "[{\"email\":\"filler%03lld."
		    "%s@corp.example\",\"first\":\"%s\",\"last\":\"%s\","
		    "\"employee_id\":\"F-%04lld\",\"_filler\":true,"
		    "\"doorflow\":{\"groups\":[%s]},"
		    "\"acceldata\":{\"groups\":[%s],\"keys\":%d},"
		    "\"fastio\":{\"member\":[\"%s\"]},"
		    "\"vanta\":{\"groups\":1},\"scim\":{\"groups\":1}}]", i,
		    last, crowd_first[i % 12], last, i,
		    i % 5 == 0 ? "11,13" : "11",
		    i % 4 == 0 ? "\"grp-data-eng\"" : "\"grp-analysts\"",
		    i % 3 == 0, i % 2 == 0 ? "All hands" : "Library");
		a = js_parse(text, strlen(text));
		(void)company_staff(root, a, err, sizeof(err));
		json_object_put(a);
	}
}
