/* The accounts of this host that the list concerns. Reads passwd by NSS and
 * decides nothing but whose processes must end. */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "../../providers/base/buf.h"
#include "host.h"

void
account_clear(struct accounts *l)
{
	free(l->a);
	memset(l, 0, sizeof(*l));
}

static int
account_add(struct accounts *l, const struct account *a)
{
	struct account *grown;
	size_t room;

	if (l->n == l->room) {
		room = l->room == 0 ? 64 : l->room * 2;
		grown = realloc(l->a, room * sizeof(*grown));
		if (grown == NULL)
			return -1;
		l->a = grown;
		l->room = room;
	}
	l->a[l->n++] = *a;
	return 0;
}

int
account_walk(const struct hostconf *c, const struct base *b,
    struct accounts *l, struct err *e)
{
	struct passwd *pw;
	struct account a;
	int rc = 0;

	memset(l, 0, sizeof(*l));
	setpwent();
	while (rc == 0 && (errno = 0, pw = getpwent()) != NULL) {
		memset(&a, 0, sizeof(a));
		if (text_copy(a.name, sizeof(a.name), pw->pw_name) == -1)
			continue;
		a.uid = pw->pw_uid;
		a.exempt = hostconf_exempts(c, a.name);
		a.listed = base_has(b, a.name, &a.number);
		if (a.listed != 0 || a.exempt != 0)
			rc = account_add(l, &a);
	}
	if (rc == -1)
		err_set(e, "out of memory for the accounts of this host");
	else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
	    errno == EIO)
		rc = err_set(e, "passwd cannot be read: %s", strerror(errno));
	endpwent();
	if (rc == -1)
		account_clear(l);
	return rc;
}

/* An exempt name protects its uid even where a listed name shares it. */
int
account_ends(const struct host *h, uid_t uid)
{
	const struct passwd *pw;
	uint32_t number;
	size_t i;
	int listed = 0;

	if (uid == 0)
		return 0;
	for (i = 0; i < h->accounts.n; i++) {
		if (h->accounts.a[i].uid != uid)
			continue;
		if (h->accounts.a[i].exempt != 0)
			return 0;
		listed |= h->accounts.a[i].listed;
	}
	if (listed != 0)
		return 1;
	/* Directories that do not enumerate still answer by uid. */
	pw = getpwuid(uid);
	if (pw == NULL || hostconf_exempts(&h->conf, pw->pw_name) != 0)
		return 0;
	return base_has(&h->now.base, pw->pw_name, &number);
}
