/*
 * The Linux hosts as one system: denying a login is a row of the record and
 * a publication; what the hosts confirm is what counts. Makes no connection
 * to any host: they come to us (offboard-hostd).
 */
#include <sys/stat.h>

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../record/case.h"
#include "../visit.h"
#include "publisher.h"

#define LOOK_MS		5000	/* a report rings; this is the backstop */
#define LATE_MS		90000	/* a host that lives has reported by then */

static const struct conf_key linux_keys[] = {
	PROVIDER_KEYS,
	{ "min_hosts", CONF_NUMBER, "1", NULL, 0, 1000000 },
	/* Hosts are enrolled into this one so far. */
	{ "scope", CONF_TEXT, "default", "default", 0, 0 },
	PROVIDER_KEYS_END
};

/* What the hosts in scope say about one login and one serial. */
struct hosts {
	unsigned	total, confirmed, knows, exempt;
	long long	ended, left;
	char		silent[200];	/* names that have not confirmed */
	char		exempting[200];
	unsigned	blind;		/* confirmed, but count no sessions */
	char		blind_names[200];
};

static int
linux_open(struct system *sys, struct err *e)
{
	(void)sys;
	(void)e;
	return 0;
}

static long
uid_min(void)
{
	char line[256];
	long min = 1000;
	FILE *f = fopen("/etc/login.defs", "re");

	if (f == NULL)
		return min;
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "UID_MIN", 7) == 0)
			min = strtol(line + 7, NULL, 10);
	fclose(f);
	return min > 0 ? min : 1000;
}

/* 1 and the uid when this machine knows the login. */
static int
local_uid(const char *login, uid_t *uid)
{
	struct passwd pw, *p = NULL;
	char buf[8192];

	if (getpwnam_r(login, &pw, buf, sizeof(buf), &p) != 0 || p == NULL)
		return 0;
	*uid = p->pw_uid;
	return 1;
}

static enum outcome
no_login(struct visit *v, const char *why)
{
	visit_task(v, "Say which Unix login %s has, or that there is none: "
	    "%s. Start again with that login to have it denied.",
	    v->who->email, why);
	return visit_end(v, OUT_MANUAL, "no login was denied: %s", why);
}

/* A derived login that another person is known to have is not this one's. */
static enum outcome
somebody_elses(struct visit *v)
{
	char other[EMAIL_MAX], why[300];
	struct err e;
	int rc;

	if (v->who->login_given != 0)
		return OUT_OK;
	rc = case_login_other(v->hooks->lock(v), v->who, other, &e);
	v->hooks->unlock(v);
	if (rc == STORE_FAIL)
		return visit_end(v, OUT_RETRY, "%s", e.text);
	if (rc == STORE_NONE)
		return OUT_OK;
	(void)snprintf(why, sizeof(why), "the login %.64s derived from the "
	    "address belongs to %.120s", v->who->login, other);
	return no_login(v, why);
}

static enum outcome
linux_match(struct visit *v)
{
	const char *login = v->who->login;
	enum outcome out;
	char why[300];
	uid_t uid = 0;

	if (login[0] == '\0')
		return no_login(v, "none is known and none could be derived "
		    "from the address");
	out = somebody_elses(v);
	if (out != OUT_OK)
		return out;
	if (local_uid(login, &uid) != 0 && (long)uid < uid_min()) {
		(void)snprintf(why, sizeof(why), "%.64s is a system account "
		    "(uid %u)", login, (unsigned)uid);
		return no_login(v, why);
	}
	(void)text_copy(v->account, sizeof(v->account), login);
	/* Whether any host has such an account, the hosts will say. */
	v->found = uid != 0 ? FOUND_YES : FOUND_UNKNOWN;
	return OUT_OK;
}

static int
list_has(struct json_object *report, const char *key, const char *login)
{
	struct json_object *list = visit_member(report, key, json_type_array);
	size_t i, n = list == NULL ? 0 : json_object_array_length(list);

	/* Hosts may write a name as passwd does, the denial is lower case. */
	for (i = 0; i < n; i++) {
		const char *name = json_object_get_string(
		    json_object_array_get_idx(list, i));

		if (name != NULL && strcasecmp(name, login) == 0)
			return 1;
	}
	return 0;
}

static void
name_add(char *list, size_t size, const char *name)
{
	size_t used = strlen(list);

	if (used + 8 < size)
		(void)snprintf(list + used, size - used, "%s%.60s", used == 0 ?
		    "" : ", ", name);
}

static void
host_count(struct hosts *h, const struct host *host, const char *login,
    const struct head *at, int64_t head)
{
	struct json_object *report, *m;

	h->total++;
	/* Behind, or ahead of all that was ever published: no confirmation. */
	if (host->epoch < at->epoch || host->epoch > at->epoch ||
	    host->serial < at->serial || host->serial > head) {
		name_add(h->silent, sizeof(h->silent), host->name);
		return;
	}
	report = json_tokener_parse(host->report);
	if (list_has(report, "exempt", login) ||
	    list_has(report, "exempt", "*")) {
		h->exempt++;
		name_add(h->exempting, sizeof(h->exempting), host->name);
	} else
		h->confirmed++;
	if (list_has(report, "listed", login))
		h->knows++;
	m = visit_member(report, "ended", json_type_int);
	h->ended += m == NULL ? 0 : json_object_get_int64(m);
	m = visit_member(report, "left", json_type_int);
	/* A report without the number proves nothing about sessions. */
	if (m == NULL) {
		h->blind++;
		name_add(h->blind_names, sizeof(h->blind_names), host->name);
	} else
		h->left += json_object_get_int64(m);
	json_object_put(report);
}

/* What host_each() hands on. */
struct reading {
	struct hosts	*hosts;
	const char	*scope;
	const char	*login;
	struct head	 at;		/* the serial that must be applied */
	int64_t		 head;		/* the newest that was published */
};

static int
reading_host(void *arg, const struct host *host)
{
	struct reading *r = arg;

	if (strcmp(host->scope, r->scope) == 0)
		host_count(r->hosts, host, r->login, &r->at, r->head);
	return 0;
}

/* Reads hosts against (the head's epoch, SERIAL). */
static enum outcome
hosts_read(struct visit *v, int64_t serial, struct hosts *h)
{
	struct reading r;
	struct store *s;
	struct err e;
	int rc;

	memset(h, 0, sizeof(*h));
	memset(&r, 0, sizeof(r));
	r.hosts = h;
	r.scope = visit_setting(v->sys, "scope");
	r.login = v->account;
	s = v->hooks->lock(v);
	rc = head_get(s, &r.at, &e);
	r.head = r.at.serial;
	r.at.serial = serial;
	if (rc == STORE_OK)
		rc = host_each(s, 0, reading_host, &r, &e);
	v->hooks->unlock(v);
	return rc == STORE_OK ? OUT_OK : visit_end(v, OUT_RETRY, "%s",
	    rc == STORE_NONE ? "there is no fleet yet: run \"offboard keys "
	    "init\"" : e.text);
}

static enum outcome
wait_hosts(struct visit *v, const struct hosts *h, long long min)
{
	v->wait = LOOK_MS;
	if (h->total == 0 && min > 0)
		return visit_end(v, OUT_WAIT, "published, but no host is "
		    "enrolled to confirm it: see \"offboard host enroll\"");
	if (h->total < min)
		return visit_end(v, OUT_WAIT, "%u of %u hosts confirmed; at "
		    "least %lld must be enrolled (min_hosts)%s%s",
		    h->confirmed, h->total, min, h->silent[0] == '\0' ? "" :
		    "; silent: ", h->silent);
	return visit_end(v, OUT_WAIT, "%u of %u hosts confirmed; not yet: "
	    "%s", h->confirmed, h->total, h->silent);
}

/* Has every host in scope applied SERIAL? OUT_OK, or a wait, or the break
 * of it. */
static enum outcome
hosts_confirmed(struct visit *v, int64_t serial, struct hosts *h)
{
	long long min = conf_number(v->sys->settings->conf, v->sys->section,
	    linux_keys, "min_hosts");
	enum outcome out = hosts_read(v, serial, h);

	if (out != OUT_OK)
		return out;
	if (h->confirmed + h->exempt < h->total || h->total < min)
		return wait_hosts(v, h, min);
	return OUT_OK;
}

static enum outcome
exempting(struct visit *v, const struct hosts *h)
{
	/* What only looks has read back that access is there. */
	return visit_end(v, v->phase == PHASE_VERIFY ||
	    v->phase == PHASE_RECHECK ? OUT_OPEN : OUT_FAILED, "%u host(s) "
	    "let %s in as a break-glass account (exempt): %s. Take the login "
	    "off exempt there, then retry", h->exempt, v->account,
	    h->exempting);
}

/* The record's row for this login; LISTED: is it denied now? */
static enum outcome
denial_read(struct visit *v, struct denial *d, int *listed)
{
	struct err e;
	int rc;

	rc = denial_get(v->hooks->lock(v), v->account, v->who->id, d, &e);
	v->hooks->unlock(v);
	if (rc == STORE_FAIL)
		return visit_end(v, OUT_RETRY, "%s", e.text);
	*listed = rc == STORE_OK && d->lifted_serial == 0;
	return OUT_OK;
}

static enum outcome
linux_document(struct visit *v)
{
	struct denial d;
	enum outcome out;
	int listed;

	out = denial_read(v, &d, &listed);
	if (out != OUT_OK)
		return out;
	visit_before(v, "login", json_object_new_string(v->account));
	visit_before(v, "listed", json_object_new_boolean(listed));
	visit_holds(v, "Unix login %s%s", v->account, v->found == FOUND_YES ?
	    "" : " (derived; the hosts will say whether it exists)");
	return visit_end(v, OUT_VERIFIED, "login %s%s", v->account,
	    listed ? ", denied already" : "");
}

/* Changes the denial and publishes; both are idempotent. */
static enum outcome
deny(struct visit *v, int lift, struct denial *d)
{
	struct store *s;
	struct err e;
	int rc;

	if (v->hooks->before(v, lift ? "lift the denial of the login" :
	    "deny the login on every host", &e) == -1)
		return visit_end(v, OUT_RETRY, "%s", e.text);
	s = v->hooks->lock(v);
	rc = lift ? denial_lift(s, v->account, v->who->id, d, &e) :
	    denial_add(s, v->account, v->who->id, d, &e);
	if (rc == STORE_OK && publisher_refresh(v->sys->data_dir, s, &e) == -1)
		rc = STORE_FAIL;
	v->hooks->unlock(v);
	v->hooks->after(v, rc == STORE_OK ? "published" : rc == STORE_NONE ?
	    "was not denied" : e.text);
	if (rc == STORE_NONE)
		return OUT_GONE;
	return rc == STORE_OK ? OUT_OK : visit_end(v, OUT_RETRY, "%s", e.text);
}

/* Once every host has spoken, it is known whether anybody has the account. */
static void
settle_found(struct visit *v, const struct hosts *h)
{
	if (v->found == FOUND_UNKNOWN)
		v->found = h->knows > 0 ? FOUND_YES : FOUND_UNKNOWN;
}

static enum outcome
linux_contain(struct visit *v)
{
	enum outcome out;
	struct denial d;
	struct hosts h;

	/* Two may have been looked at before either was denied. */
	out = somebody_elses(v);
	if (out != OUT_OK)
		return out;
	visit_before(v, "login", json_object_new_string(v->account));
	visit_before(v, "listed", json_object_new_boolean(0));
	out = deny(v, 0, &d);
	if (out != OUT_OK)
		return out;
	out = hosts_confirmed(v, d.serial, &h);
	if (out != OUT_OK)
		return out;
	settle_found(v, &h);
	if (h.exempt > 0)
		return exempting(v, &h);
	return visit_end(v, OUT_VERIFIED, "%u of %u hosts confirmed that %s "
	    "is refused%s", h.confirmed, h.total, v->account, h.knows > 0 ||
	    v->found == FOUND_YES ? "" : "; none has such an account");
}

static enum outcome
linux_revoke(struct visit *v)
{
	struct denial d;
	struct hosts h;
	enum outcome out;
	int listed;

	out = denial_read(v, &d, &listed);
	if (out != OUT_OK)
		return out;
	if (!listed)
		return visit_end(v, OUT_FAILED, "the login is not denied yet: "
		    "retry %s", v->sys->name);
	out = hosts_confirmed(v, d.serial, &h);
	if (out != OUT_OK)
		return out;
	if (h.exempt > 0)
		return exempting(v, &h);
	if (h.left > 0) {
		v->wait = 1000;
		return visit_end(v, OUT_WAIT, "sessions are being ended: %lld "
		    "process(es) are left on the hosts", h.left);
	}
	if (h.blind > 0) {
		visit_task(v, "These hosts end no sessions (sweep = off): %s. "
		    "End what %s still runs there.", h.blind_names,
		    v->account);
		return visit_end(v, OUT_DONE, "new logins are refused, but %u "
		    "host(s) end no sessions: %s", h.blind, h.blind_names);
	}
	return visit_end(v, OUT_VERIFIED, "no process of a denied login is "
	    "left on %u host(s)", h.confirmed);
}

static enum outcome
linux_verify(struct visit *v)
{
	int64_t epoch = 0, serial = 0;
	struct denial d;
	struct hosts h;
	struct err e;
	enum outcome out;
	int listed;

	out = denial_read(v, &d, &listed);
	if (out != OUT_OK)
		return out;
	if (!listed)
		return visit_end(v, OUT_OPEN, "the login is not denied: "
		    "retry %s", v->sys->name);
	if (publisher_current(v->sys->data_dir, &epoch, &serial, &e) != 1 ||
	    serial < d.serial)
		return visit_end(v, OUT_RETRY, "the publication does not hold "
		    "the denial");
	out = hosts_confirmed(v, d.serial, &h);
	if (out != OUT_OK)
		return out;
	settle_found(v, &h);
	visit_after(v, "login", json_object_new_string(v->account));
	visit_after(v, "listed", json_object_new_boolean(1));
	visit_after(v, "hosts", json_object_new_int((int)h.confirmed));
	if (h.exempt > 0)
		return exempting(v, &h);
	if (h.left > 0) {
		v->wait = 1000;
		return visit_end(v, OUT_WAIT, "%lld process(es) of a denied "
		    "login live on the hosts again", h.left);
	}
	return visit_end(v, OUT_VERIFIED, "refused on %u of %u hosts%s",
	    h.confirmed, h.total, h.blind > 0 ? "; sessions are not counted "
	    "on all of them" : ", no process left");
}

/* What every host says of a denial that was verified before. */
static enum outcome
recheck_hosts(struct visit *v, int64_t serial)
{
	long long min = conf_number(v->sys->settings->conf, v->sys->section,
	    linux_keys, "min_hosts");
	struct hosts h;
	enum outcome out = hosts_read(v, serial, &h);
	int late = v->waited > LATE_MS;

	if (out != OUT_OK)
		return out;
	if (h.exempt > 0)
		return exempting(v, &h);
	/* One that was set up since, or anew, has a moment to report. */
	if (h.confirmed < h.total)
		return late ? visit_end(v, OUT_OPEN, "%u of %u hosts confirm "
		    "that %s is refused; not so: %s", h.confirmed, h.total,
		    v->account, h.silent) : wait_hosts(v, &h, min);
	if (h.total < min)
		return visit_end(v, OUT_VERIFIED, "denied still and published;"
		    " %u host(s) are enrolled, not the %lld of min_hosts",
		    h.total, min);
	if (h.left > 0 && late)
		return visit_end(v, OUT_OPEN, "%lld process(es) of a denied "
		    "login live on the hosts again", h.left);
	if (h.left > 0) {
		v->wait = LOOK_MS;
		return visit_end(v, OUT_WAIT, "%lld process(es) of a denied "
		    "login live on the hosts", h.left);
	}
	return visit_end(v, OUT_VERIFIED, "still refused on %u of %u hosts",
	    h.confirmed, h.total);
}

static enum outcome
linux_recheck(struct visit *v)
{
	int64_t epoch = 0, serial = 0;
	struct denial d;
	struct err e;
	enum outcome out;
	int listed;

	out = denial_read(v, &d, &listed);
	if (out != OUT_OK)
		return out;
	if (!listed)
		return visit_end(v, OUT_OPEN, "the login %s is no longer "
		    "denied", v->account);
	if (publisher_current(v->sys->data_dir, &epoch, &serial, &e) != 1 ||
	    serial < d.serial)
		return visit_end(v, OUT_RETRY, "the publication does not hold "
		    "the denial");
	return recheck_hosts(v, d.serial);
}

static enum outcome
linux_restore(struct visit *v)
{
	enum outcome out;
	struct denial d;
	struct hosts h;
	int64_t other;
	struct err e;
	int rc;

	out = deny(v, 1, &d);
	if (out == OUT_GONE)
		return visit_end(v, OUT_VERIFIED, "the login was not denied");
	if (out != OUT_OK)
		return out;
	rc = denial_other(v->hooks->lock(v), v->account, v->who->id, &other,
	    &e);
	v->hooks->unlock(v);
	if (rc == STORE_FAIL)
		return visit_end(v, OUT_RETRY, "%s", e.text);
	if (rc == STORE_OK) {
		visit_task(v, "The login %s stays refused, because OB-%06lld "
		    "denies it, too. Restore that one as well if the login "
		    "shall work.", v->account, (long long)other);
		return visit_end(v, OUT_MANUAL, "%s is still refused: "
		    "OB-%06lld denies it, too", v->account, (long long)other);
	}
	out = hosts_confirmed(v, d.lifted_serial, &h);
	if (out != OUT_OK)
		return out;
	if (h.ended > 0)
		visit_task(v, "Sessions and programs of %s that were ended do "
		    "not come back by themselves.", v->account);
	return visit_end(v, OUT_VERIFIED, "%u of %u hosts no longer refuse %s",
	    h.confirmed + h.exempt, h.total, v->account);
}

static enum outcome
linux_check(struct visit *v)
{
	char path[512];
	struct hosts h;
	enum outcome out;

	(void)snprintf(path, sizeof(path), "%s/keys/publisher.key",
	    v->sys->data_dir);
	if (access(path, R_OK) == -1)
		return visit_end(v, OUT_FAILED, "%s: %s: run \"offboard keys "
		    "init\", as the worker's user", path, strerror(errno));
	out = hosts_read(v, 0, &h);
	if (out != OUT_OK)
		return OUT_FAILED;
	if (h.total == 0)
		return visit_end(v, OUT_FAILED, "no host is enrolled: see "
		    "\"offboard host enroll\"");
	return visit_end(v, OUT_VERIFIED, "%u host(s) enrolled", h.total);
}

const struct provider provider_linux = {
	.kind = "linux",
	.keys = linux_keys,
	.by_login = 1,
	.open = linux_open,
	.match = linux_match,
	.phases = {
		[PHASE_DOCUMENT] = linux_document,
		[PHASE_CONTAIN] = linux_contain,
		[PHASE_REVOKE] = linux_revoke,
		[PHASE_VERIFY] = linux_verify,
		[PHASE_RESTORE] = linux_restore,
		[PHASE_RECHECK] = linux_recheck,
	},
	.would = {
		[PHASE_CONTAIN] = "would refuse the login on every host",
		[PHASE_REVOKE] = "would end the sessions that are open",
		[PHASE_VERIFY] = "would ask every host again",
	},
	.irreversible = 1u << PHASE_REVOKE,
	.check = linux_check,
};
