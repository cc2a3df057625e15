/* One account from passwd, by name or uid, with a bounded buffer. Reentrant:
 * keeps nothing between two calls. */
#include "passwd.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#define PASSWD_ROOM 2048	/* of an entry, at first */
#define PASSWD_MAX (1 << 20)

/* One try with this room. 0, ERANGE, or what went wrong. */
static int
passwd_try(const struct who *w, char *room, size_t size, struct account *a)
{
	struct passwd pw, *found = NULL;
	size_t n;
	int rc;

	do {
		rc = w->name != NULL ?
		    getpwnam_r(w->name, &pw, room, size, &found) :
		    getpwuid_r(w->uid, &pw, room, size, &found);
	} while (rc == EINTR);
	a->found = 0;
	if (found == NULL)
		return rc;
	n = strlen(found->pw_name);
	a->uid = found->pw_uid;
	/* A name that cannot be listed is not worth keeping whole. */
	memcpy(a->name, found->pw_name, n < sizeof(a->name) ? n + 1 : 0);
	if (n >= sizeof(a->name))
		a->name[0] = '\0';
	a->found = 1;
	return 0;
}

int
passwd_find(const struct who *w, struct account *a)
{
	char room[PASSWD_ROOM], *more = NULL, *grown;
	size_t size = sizeof(room);
	int rc;

	rc = passwd_try(w, room, size, a);
	while (rc == ERANGE && size < PASSWD_MAX) {
		size *= 4;
		grown = realloc(more, size);
		if (grown == NULL) {
			rc = ENOMEM;
			break;
		}
		more = grown;
		rc = passwd_try(w, more, size, a);
	}
	free(more);
	switch (rc) {
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EIO:
	case ERANGE:
		return rc;
	default:
		return 0;
	}
}
