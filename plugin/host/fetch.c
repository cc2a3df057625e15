/* Looking at the publication and deciding what to believe. Never follows a
 * link, never believes a byte without the publisher's signature, and never
 * writes. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "../../providers/base/buf.h"
#include "../../providers/base/log.h"
#include "../../providers/base/durable.h"
#include "host.h"

#define TOLERANCE 60	/* s: the clocks of two publishers */
#define AHEAD 120	/* s the floor may lead our own clock */

static int64_t
boot_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec;
}

int64_t
fetch_age(const struct host *h)
{
	if (h->age < 0)
		return -1;
	return h->age + boot_seconds() - h->age_at;
}

void
fetch_seen(struct host *h, int64_t issued)
{
	const int64_t now = time(NULL);
	const int64_t capped = issued > now + AHEAD ? now + AHEAD : issued;

	if (h->age >= 0 && capped <= h->floor.issued)
		return;
	h->age = issued >= now ? 0 : now - issued;
	h->age_at = boot_seconds();
	if (capped > h->floor.issued)
		h->floor.issued = capped;
}

void
fetch_clear(struct state *s)
{
	free(s->bytes);
	memset(s, 0, sizeof(*s));
}

/* Says it when it is not what was said last. Returns -1. */
static int
refuse(struct host *h, const char *reason, const char *detail)
{
	char text[ERR_MAX];

	(void)snprintf(text, sizeof(text), "%s: %s", reason, detail);
	if (strcmp(text, h->refusal) != 0)
		log_event(LOG_WARNING, "stamp_refused", "reason", reason,
		    "detail", detail, NULL);
	(void)text_copy(h->refusal, sizeof(h->refusal), text);
	return -1;
}

/* Whose is it? Parses and checks signature, fleet and scope. */
static int
check_origin(struct host *h, const char *text, size_t length,
    struct stamp *s)
{
	struct err e;

	if (stamp_parse(text, length, s, &e) == -1)
		return refuse(h, "unreadable", e.text);
	if (strcmp(s->keyid, h->trust.keyid) != 0)
		return refuse(h, "forged", "signed by a key that the trust "
		    "file does not name");
	if (stamp_check(text, length, s, h->trust.public) == -1)
		return refuse(h, "forged", "the signature is wrong");
	if (memcmp(s->fleet, h->trust.fleet, sizeof(s->fleet)) != 0)
		return refuse(h, "other fleet", "the stamp belongs to another "
		    "fleet");
	if (strcmp(s->scope, h->trust.scope) != 0)
		return refuse(h, "other scope", s->scope);
	return 0;
}

/* Is it newer than what was accepted before? */
static int
check_floor(struct host *h, const struct stamp *s)
{
	const struct floor *f = &h->floor;
	const uint64_t have = (uint64_t)f->epoch << 32 | f->serial;
	const uint64_t offered = (uint64_t)s->epoch << 32 | s->serial;
	char detail[128];

	if (f->set == 0)
		return 0;
	if (offered < have) {
		(void)snprintf(detail, sizeof(detail), "epoch %" PRIu32
		    " serial %" PRIu32 " is below %" PRIu32 " %" PRIu32,
		    s->epoch, s->serial, f->epoch, f->serial);
		return refuse(h, "rolled back", detail);
	}
	/* The publisher's clock may have been ahead for a while: a list that
	 * is newer by its serial is newer, whatever its instant says. */
	if (offered == have && s->issued < f->issued - TOLERANCE) {
		(void)snprintf(detail, sizeof(detail), "issued %" PRId64
		    " is before %" PRId64, s->issued, f->issued);
		return refuse(h, "rolled back", detail);
	}
	if (offered == have && memcmp(s->state, f->state,
	    sizeof(f->state)) != 0)
		return refuse(h, "equivocation", "two different lists carry "
		    "the same serial: keep the one in force, raise the epoch");
	return 0;
}

static int
check_time(struct host *h, const struct stamp *s)
{
	const int64_t now = time(NULL);

	if (s->expires <= now || now - s->issued > HOST_EXPIRED)
		return refuse(h, "frozen", "the newest stamp has expired: is "
		    "offboardd running, is this clock right?");
	return 0;
}

/* The bytes of the base that the stamp names, from this file. */
static int
base_load(const char *path, struct state *s, struct err *e)
{
	struct durable_data f = { (size_t)s->stamp.base_size, NULL, 0 };
	uint8_t hash[SIGN_HASH];

	if (durable_read(path, &f, e) == -1)
		return -1;
	s->bytes = (uint8_t *)f.data;
	s->size = f.size;
	if (s->size != (size_t)s->stamp.base_size)
		return err_set(e, "%s has %zu bytes and not %" PRId64, path,
		    s->size, s->stamp.base_size);
	if (sign_hash(s->bytes, s->size, hash) == -1 ||
	    memcmp(hash, s->stamp.base_hash, sizeof(hash)) != 0)
		return err_set(e, "%s has not the hash that the stamp says",
		    path);
	if (base_parse(s->bytes, s->size, &s->base, e) == -1)
		return err_add(e, "%s", path);
	if (memcmp(s->base.fleet, s->stamp.fleet,
	    sizeof(s->base.fleet)) != 0 ||
	    s->base.epoch != s->stamp.epoch ||
	    s->base.serial != s->stamp.base_serial)
		return err_set(e, "%s belongs to another stamp", path);
	return 0;
}

static int
stamp_load(const char *folder, struct state *s, struct err *e)
{
	struct durable_data f = { STAMP_MAX, NULL, 0 };
	char path[HOST_PATH + 16];
	int rc;

	(void)snprintf(path, sizeof(path), "%s/stamp", folder);
	rc = durable_read(path, &f, e);
	if (rc == 0) {
		memcpy(s->text, f.data, f.size + 1);
		s->length = f.size;
	}
	free(f.data);
	return rc;
}

int
fetch_saved(struct host *h, struct state *s)
{
	char path[HOST_PATH + 16];
	struct err e;

	memset(s, 0, sizeof(*s));
	(void)snprintf(path, sizeof(path), "%s/base", h->conf.state_dir);
	if (stamp_load(h->conf.state_dir, s, &e) == -1)
		return -1;
	if (check_origin(h, s->text, s->length, &s->stamp) == -1)
		return -1;
	if (base_load(path, s, &e) == -1) {
		log_event(LOG_WARNING, "copy_bad", "detail", e.text, NULL);
		fetch_clear(s);
		return -1;
	}
	return 0;
}

/* Already judged, and nothing to do about it? */
static int
look_again(struct host *h, const struct state *s)
{
	if (s->length != h->last_length ||
	    memcmp(s->text, h->last, s->length) != 0)
		return 0;
	return h->held == 0 && h->refusal[0] == '\0' && h->now.bytes != NULL;
}

static int
base_fetch(struct host *h, struct state *s)
{
	char path[HOST_PATH + 128], hash[SIGN_HASH_TEXT];
	struct err e;

	sign_hex(s->stamp.base_hash, SIGN_HASH, hash);
	(void)snprintf(path, sizeof(path), "%s/base/%" PRIu32 "-%s",
	    h->conf.publication, s->stamp.base_serial, hash);
	if (base_load(path, s, &e) == -1)
		return refuse(h, "no base", e.text);
	return 0;
}

int
fetch_look(struct host *h, struct state *s)
{
	struct err e;
	int rc = -1;

	memset(s, 0, sizeof(*s));
	if (stamp_load(h->conf.publication, s, &e) == -1) {
		refuse(h, "no stamp", e.text);
		goto out;
	}
	if (look_again(h, s) != 0) {
		rc = 0;
		goto out;
	}
	if (check_origin(h, s->text, s->length, &s->stamp) == -1 ||
	    check_floor(h, &s->stamp) == -1 ||
	    check_time(h, &s->stamp) == -1)
		goto out;
	rc = 1;
	if (h->now.bytes != NULL && h->floor.set != 0 &&
	    h->floor.epoch == s->stamp.epoch &&
	    h->floor.serial == s->stamp.serial)
		rc = 0;
	if (rc == 1 && base_fetch(h, s) == -1) {
		rc = -1;
		goto out;
	}
	memcpy(h->last, s->text, s->length);
	h->last_length = s->length;
	fetch_seen(h, s->stamp.issued);
	if (h->refusal[0] != '\0')
		log_event(LOG_NOTICE, "stamp_accepted", "detail",
		    "the publication is right again", NULL);
	h->refusal[0] = '\0';
	if (rc == 0)
		h->held = 0;
out:
	if (rc != 1)
		fetch_clear(s);
	return rc;
}
