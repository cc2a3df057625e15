/*
 * Fills a record for the tests of the web front, through the record's own
 * functions: what the worker and the commands would have written. Never
 * part of the product.
 *
 *	seed DIR answer [JSON]		answers the open questions
 *	seed DIR fleet FLEET		the publication's head
 *	seed DIR host NAME KEYID KEY	enrols a host
 *	seed DIR retire NAME
 *	seed DIR show			one running case with everything in it
 *	seed DIR many N			N ordinary cases
 *	seed DIR recent USER N		N cases that USER asked for just now
 *	seed DIR hold EMAIL USER WHY	one that waits for a second person
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../providers/base/buf.h"
#include "../../providers/record/case.h"
#include "../../providers/record/store.h"

static struct store *store;
static struct err err;

static void
must(int rc, const char *what)
{
	if (rc == STORE_OK)
		return;
	fprintf(stderr, "seed: %s: %d %s\n", what, rc, err.text);
	exit(1);
}

static const char plan[] = "{\"person\":{\"email\":\"anna@corp.example\","
    "\"name\":\"Anna Fields\",\"login\":\"anna\"},\"error\":\"\","
    "\"systems\":[{\"system\":\"doors\",\"kind\":\"doorflow\","
    "\"account\":\"12345\",\"found\":\"found\",\"label\":\"Anna Fields\","
    "\"detail\":\"\",\"holds\":[\"2 cards\",\"Group: Head office\"],"
    "\"steps\":[{\"phase\":\"contain\",\"state\":\"pending\",\"detail\":"
    "\"would disable the person\",\"irreversible\":false},{\"phase\":"
    "\"verify\",\"state\":\"pending\",\"detail\":\"would read the person "
    "back\",\"irreversible\":false}]},{\"system\":\"files\",\"kind\":"
    "\"fastio\",\"account\":\"4711\",\"found\":\"found\",\"label\":"
    "\"Anna Fields\",\"detail\":\"\",\"holds\":[\"3 API keys\","
    "\"1 workspace: <b>Plans & drafts</b>\"],\"steps\":[{\"phase\":"
    "\"remove\",\"state\":\"pending\",\"detail\":\"would end the "
    "membership\",\"irreversible\":true}]},{\"system\":\"hosts\",\"kind\":"
    "\"linux\",\"account\":null,\"found\":\"unknown\",\"label\":\"\","
    "\"detail\":\"would deny the login anna on 2 hosts\",\"holds\":[],"
    "\"steps\":[]}],\"tasks\":[]}";

static void
seed_answer(const char *text)
{
	struct request r;
	int64_t after = 0;

	while (request_next(store, after, &r, &err) == STORE_OK) {
		after = r.id;
		must(request_answer(store, r.id, text == NULL ? plan : text,
		    &err), "request_answer");
		request_clear(&r);
	}
}

static void
seed_fleet(const char *fleet)
{
	struct head h = { .epoch = 1, .serial = 1 };

	(void)text_copy(h.fleet, sizeof(h.fleet), fleet);
	(void)text_copy(h.salt, sizeof(h.salt), fleet);
	h.serial = 5;
	must(head_init(store, &h, &err), "head_init");
}

static void
seed_host(const char *name, const char *keyid, const char *key)
{
	struct host h;

	memset(&h, 0, sizeof(h));
	(void)text_copy(h.name, sizeof(h.name), name);
	(void)text_copy(h.scope, sizeof(h.scope), "default");
	(void)text_copy(h.keyid, sizeof(h.keyid), keyid);
	(void)text_copy(h.key, sizeof(h.key), key);
	must(host_enroll(store, &h, "it", &err), "host_enroll");
}

static int64_t
seed_case(const char *email, const char *name, const char *login)
{
	struct offboarding o;

	memset(&o, 0, sizeof(o));
	(void)text_copy(o.email, sizeof(o.email), email);
	(void)text_copy(o.name, sizeof(o.name), name);
	(void)text_copy(o.login, sizeof(o.login), login);
	(void)text_copy(o.source, sizeof(o.source), "web");
	(void)text_copy(o.zone, sizeof(o.zone), "Europe/Berlin");
	(void)text_copy(o.requested_by, sizeof(o.requested_by), "it");
	(void)text_copy(o.handover, sizeof(o.handover), "boss@corp.example");
	(void)text_copy(o.reason, sizeof(o.reason), "Leaves for another job");
	o.requested_at = when_now() - 240000;
	o.effective_at = o.requested_at;
	must(case_add(store, &o, &err), "case_add");
	return o.id;
}

struct plot {
	const char	*system;
	const char	*kind;
	enum phase	 phase;
	enum state	 state;
	const char	*detail;
};

static void
seed_step(int64_t ob, const struct plot *p)
{
	struct step st, rows[CASE_STEPS_MAX];
	unsigned i, n;

	memset(&st, 0, sizeof(st));
	st.offboarding = ob;
	(void)text_copy(st.system, sizeof(st.system), p->system);
	(void)text_copy(st.kind, sizeof(st.kind), p->kind);
	st.phase = p->phase;
	st.due_at = when_now();
	must(step_add(store, &st, &err), "step_add");
	if (p->state == STATE_PENDING)
		return;
	must(step_list(store, ob, rows, CASE_STEPS_MAX, &n, &err),
	    "step_list");
	for (i = 0; i < n; i++)
		if (strcmp(rows[i].system, p->system) == 0 &&
		    rows[i].phase == p->phase)
			break;
	must(step_claim(store, &rows[i], &err), "step_claim");
	if (p->state == STATE_RUNNING)
		return;
	rows[i].state = p->state;
	rows[i].at = when_now();
	rows[i].due_at = p->state == STATE_WAITING ? when_now() + 600000 : 0;
	rows[i].waiting_since = rows[i].due_at != 0 ? when_now() : 0;
	(void)text_copy(rows[i].detail, sizeof(rows[i].detail), p->detail);
	must(step_end(store, &rows[i], &err), "step_end");
}

static void
seed_account(int64_t ob, const char *system, const char *found,
    const char *before)
{
	struct account a;

	memset(&a, 0, sizeof(a));
	(void)text_copy(a.system, sizeof(a.system), system);
	(void)text_copy(a.found, sizeof(a.found), found);
	if (strcmp(found, "found") == 0) {
		(void)text_copy(a.account, sizeof(a.account), "12345");
		(void)text_copy(a.label, sizeof(a.label), "Anna Fields");
	}
	must(account_found(store, ob, &a, &err), "account_found");
	if (before != NULL)
		must(account_before(store, ob, system, before, &err),
		    "account_before");
}

static void
seed_tasks(int64_t ob)
{
	struct task t;

	memset(&t, 0, sizeof(t));
	t.offboarding = ob;
	(void)text_copy(t.system, sizeof(t.system), "doors");
	(void)text_copy(t.text, sizeof(t.text), "Collect the card 00417 & "
	    "destroy it");
	must(task_open(store, &t, "offboardd", &err), "task_open");
	(void)text_copy(t.text, sizeof(t.text), "Check in the settings of "
	    "Pipelines that the two keys are gone");
	(void)text_copy(t.system, sizeof(t.system), "pipelines");
	must(task_open(store, &t, "offboardd", &err), "task_open");
}

static void
seed_show(void)
{
	static const struct plot plots[] = {
		{ "doors", "doorflow", PHASE_DOCUMENT, STATE_VERIFIED,
		    "found by e-mail address as person 12345" },
		{ "doors", "doorflow", PHASE_CONTAIN, STATE_VERIFIED,
		    "The person is disabled, read back" },
		{ "doors", "doorflow", PHASE_REVOKE, STATE_MANUAL,
		    "The card must be collected" },
		{ "doors", "doorflow", PHASE_VERIFY, STATE_WAITING,
		    "The controllers take the change over within 10 minutes" },
		{ "files", "fastio", PHASE_DOCUMENT, STATE_VERIFIED, "Found" },
		{ "files", "fastio", PHASE_CONTAIN, STATE_FAILED,
		    "The token may not manage members: give it that right" },
		{ "files", "fastio", PHASE_HANDOVER, STATE_UNCLEAR,
		    "HTTP 418 with an unknown body" },
		{ "files", "fastio", PHASE_REMOVE, STATE_PENDING, "" },
		{ "pipelines", "acceldata", PHASE_DOCUMENT, STATE_VERIFIED,
		    "Found" },
		{ "pipelines", "acceldata", PHASE_CONTAIN, STATE_DONE,
		    "Accepted; no reading proves it" },
		{ "pipelines", "acceldata", PHASE_REVOKE, STATE_RUNNING, "" },
		{ "training", "vanta", PHASE_DOCUMENT, STATE_ABSENT,
		    "No person with this address on 21 November" },
	};
	int64_t ob = seed_case("anna@corp.example", "Anna Fields", "anna");
	struct offboarding o;
	struct denial d;
	unsigned i;

	must(case_get(store, ob, &o, &err), "case_get");
	o.opened_at = when_now() - 200000;
	must(case_opened(store, &o, &err), "case_opened");
	for (i = 0; i < sizeof(plots) / sizeof(plots[0]); i++)
		seed_step(ob, &plots[i]);
	seed_account(ob, "doors", "found", "{\"id\":12345,\"enabled\":true,"
	    "\"groups\":[{\"id\":7,\"name\":\"Head office\"},{\"id\":9,"
	    "\"name\":\"Car park\"}],\"cards\":[\"00417\"]}");
	seed_account(ob, "files", "ambiguous", NULL);
	seed_account(ob, "pipelines", "found", "{\"api_keys\":[\"ci\","
	    "\"<script>alert(1)</script>\"]}");
	seed_account(ob, "training", "absent", NULL);
	seed_tasks(ob);
	must(denial_add(store, "anna", ob, &d, &err), "denial_add");
	o.status = STATUS_ATTENTION;
	must(case_status(store, &o, &err), "case_status");
	printf("%lld\n", (long long)ob);
}

static void
seed_many(long long n)
{
	static const enum status statuses[] = { STATUS_COMPLETE,
	    STATUS_RUNNING, STATUS_SCHEDULED, STATUS_ATTENTION,
	    STATUS_CANCELLED };
	struct offboarding o;
	char email[64], name[64];
	int64_t ob;
	long long i;

	for (i = 0; i < n; i++) {
		(void)snprintf(email, sizeof(email), "p%lld@corp.example", i);
		(void)snprintf(name, sizeof(name), "Person Number %lld", i);
		ob = seed_case(email, name, "");
		must(case_get(store, ob, &o, &err), "case_get");
		o.status = statuses[i % 5];
		if (o.status == STATUS_COMPLETE)
			o.contained_at = o.completed_at = o.effective_at +
			    4200 + i * 100;
		must(case_status(store, &o, &err), "case_status");
	}
}

static void
seed_hold(const char *email, const char *user, const char *why)
{
	struct offboarding o;

	memset(&o, 0, sizeof(o));
	(void)text_copy(o.email, sizeof(o.email), email);
	(void)text_copy(o.source, sizeof(o.source), "web");
	(void)text_copy(o.zone, sizeof(o.zone), "UTC");
	(void)text_copy(o.requested_by, sizeof(o.requested_by), user);
	(void)text_copy(o.hold, sizeof(o.hold), why);
	o.requested_at = o.effective_at = when_now();
	must(case_add(store, &o, &err), "case_add");
	printf("%lld\n", (long long)o.id);
}

static void
seed_recent(const char *user, long long n)
{
	struct offboarding o;
	long long i;

	for (i = 0; i < n; i++) {
		memset(&o, 0, sizeof(o));
		(void)snprintf(o.email, sizeof(o.email), "r%lld-%.20s@x.example",
		    i, user);
		(void)text_copy(o.source, sizeof(o.source), "web");
		(void)text_copy(o.zone, sizeof(o.zone), "UTC");
		(void)text_copy(o.requested_by, sizeof(o.requested_by), user);
		o.requested_at = o.effective_at = when_now();
		must(case_add(store, &o, &err), "case_add");
	}
}

static int
seed_run(int argc, char **argv)
{
	const char *what = argv[2];
	long long n = 0;

	if (strcmp(what, "answer") == 0)
		seed_answer(argc > 3 ? argv[3] : NULL);
	else if (strcmp(what, "fleet") == 0 && argc == 4)
		seed_fleet(argv[3]);
	else if (strcmp(what, "host") == 0 && argc == 6)
		seed_host(argv[3], argv[4], argv[5]);
	else if (strcmp(what, "retire") == 0 && argc == 4)
		must(host_retire(store, argv[3], "it", &err), "host_retire");
	else if (strcmp(what, "show") == 0)
		seed_show();
	else if (strcmp(what, "many") == 0 && argc == 4 &&
	    text_int(argv[3], 1, 100000, &n) == 0)
		seed_many(n);
	else if (strcmp(what, "recent") == 0 && argc == 5 &&
	    text_int(argv[4], 1, 1000, &n) == 0)
		seed_recent(argv[3], n);
	else if (strcmp(what, "hold") == 0 && argc == 6)
		seed_hold(argv[3], argv[4], argv[5]);
	else
		return 64;
	return 0;
}

int
main(int argc, char **argv)
{
	int rc;

	if (argc < 3)
		return 64;
	must(store_open(&store, argv[1], &err), "store_open");
	rc = seed_run(argc, argv);
	store_close(store);
	return rc;
}
