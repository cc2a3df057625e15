/* Tests of the pure parts of the engine: gates, statuses, waits, guards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../providers/base/buf.h"
#include "../../providers/engine/guard.h"
#include "../../providers/engine/plan.h"
#include "../../providers/engine/retry.h"

#define NOW 1000000

struct fixture {
	struct offboarding who;
	struct step	steps[32];
	struct account	accounts[4];
	struct task	tasks[8];
	struct plan	plan;
};

/* Systems a, b (all phases but remove) and the Linux hosts. */
static void
setup(struct fixture *f)
{
	static const enum phase phases[] = { PHASE_DOCUMENT, PHASE_CONTAIN,
	    PHASE_REVOKE, PHASE_HANDOVER, PHASE_VERIFY };
	static const char *const systems[] = { "a", "b", "hosts" };
	unsigned i, k;

	memset(f, 0, sizeof(*f));
	f->who.status = STATUS_RUNNING;
	f->who.opened_at = NOW;
	(void)text_copy(f->who.login, sizeof(f->who.login), "anna");
	for (i = 0; i < 3; i++) {
		(void)text_copy(f->accounts[i].system, WORD_MAX, systems[i]);
		(void)text_copy(f->accounts[i].found, 16, "unknown");
		for (k = 0; k < 5; k++) {
			struct step *st = &f->steps[f->plan.nsteps++];

			st->id = f->plan.nsteps;
			(void)text_copy(st->system, WORD_MAX, systems[i]);
			st->phase = phases[k];
		}
	}
	f->plan.who = &f->who;
	f->plan.steps = f->steps;
	f->plan.accounts = f->accounts;
	f->plan.naccounts = 3;
	f->plan.tasks = f->tasks;
	f->plan.by_login = 1u << 2;
}

static unsigned
at(const struct fixture *f, const char *system, enum phase phase)
{
	unsigned i;

	for (i = 0; i < f->plan.nsteps; i++)
		if (f->steps[i].phase == phase &&
		    strcmp(f->steps[i].system, system) == 0)
			return i;
	fail_msg("no step %s", system);
	return 0;
}

static enum gate
gate(const struct fixture *f, const char *system, enum phase phase,
    int64_t now)
{
	struct gate_answer a;

	return plan_gate(&f->plan, at(f, system, phase), now, &a);
}

static void
set(struct fixture *f, const char *system, enum phase phase, enum state state)
{
	struct step *st = &f->steps[at(f, system, phase)];

	st->state = state;
	st->attempts = 1;
	st->first_at = NOW;
	st->at = NOW + 5;
	if (state == STATE_WAITING)
		st->waiting_since = NOW;
}

static void
phases_come_in_order(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	assert_int_equal(gate(&f, "a", PHASE_DOCUMENT, NOW), GATE_GO);
	assert_int_equal(gate(&f, "a", PHASE_CONTAIN, NOW), GATE_LATER);
	set(&f, "a", PHASE_DOCUMENT, STATE_VERIFIED);
	assert_int_equal(gate(&f, "a", PHASE_CONTAIN, NOW), GATE_GO);
	set(&f, "a", PHASE_CONTAIN, STATE_VERIFIED);
	/* b has not been tried: revoke waits, but a minute at most. */
	assert_int_equal(gate(&f, "a", PHASE_REVOKE, NOW), GATE_LATER);
	assert_int_equal(gate(&f, "a", PHASE_REVOKE, NOW + PLAN_OTHERS_MS),
	    GATE_GO);
	set(&f, "b", PHASE_CONTAIN, STATE_FAILED);
	set(&f, "hosts", PHASE_CONTAIN, STATE_WAITING);
	assert_int_equal(gate(&f, "a", PHASE_REVOKE, NOW), GATE_GO);
	/* A failure stops nothing. */
	set(&f, "b", PHASE_DOCUMENT, STATE_FAILED);
	assert_int_equal(gate(&f, "b", PHASE_REVOKE, NOW), GATE_GO);
	/* Verify is last. */
	set(&f, "a", PHASE_REVOKE, STATE_VERIFIED);
	assert_int_equal(gate(&f, "a", PHASE_VERIFY, NOW), GATE_LATER);
	set(&f, "a", PHASE_HANDOVER, STATE_WAITING);
	assert_int_equal(gate(&f, "a", PHASE_VERIFY, NOW), GATE_LATER);
	set(&f, "a", PHASE_HANDOVER, STATE_FAILED);
	assert_int_equal(gate(&f, "a", PHASE_VERIFY, NOW), GATE_GO);
}

static void
emergency_contains_first(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	f.who.emergency = 1;
	assert_int_equal(gate(&f, "a", PHASE_CONTAIN, NOW), GATE_GO);
	assert_int_equal(gate(&f, "a", PHASE_DOCUMENT, NOW), GATE_LATER);
	set(&f, "a", PHASE_CONTAIN, STATE_WAITING);
	assert_int_equal(gate(&f, "a", PHASE_DOCUMENT, NOW), GATE_GO);
}

static void
guessed_logins_need_proof(void **state)
{
	struct gate_answer a;
	struct fixture f;

	(void)state;
	setup(&f);
	set(&f, "hosts", PHASE_DOCUMENT, STATE_VERIFIED);
	assert_int_equal(gate(&f, "hosts", PHASE_CONTAIN, NOW), GATE_LATER);
	assert_int_equal(gate(&f, "hosts", PHASE_CONTAIN,
	    NOW + PLAN_CONFIRM_MS), GATE_GO);
	(void)text_copy(f.accounts[0].found, 16, "found");
	assert_int_equal(gate(&f, "hosts", PHASE_CONTAIN, NOW), GATE_GO);
	(void)text_copy(f.accounts[0].found, 16, "absent");
	(void)text_copy(f.accounts[1].found, 16, "absent");
	assert_int_equal(plan_gate(&f.plan, at(&f, "hosts", PHASE_CONTAIN),
	    NOW + PLAN_CONFIRM_MS, &a), GATE_NEVER);
	assert_int_equal(a.state, STATE_MANUAL);
	assert_true(a.task);
	/* A login that was named needs none. */
	f.who.login_given = 1;
	assert_int_equal(gate(&f, "hosts", PHASE_CONTAIN, NOW), GATE_GO);
}

static void
approval_holds(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	(void)text_copy(f.who.hold, TEXT_MAX, "irreversible: x");
	set(&f, "a", PHASE_DOCUMENT, STATE_VERIFIED);
	assert_int_equal(gate(&f, "a", PHASE_CONTAIN, NOW), GATE_GO);
	set(&f, "a", PHASE_CONTAIN, STATE_VERIFIED);
	set(&f, "b", PHASE_CONTAIN, STATE_VERIFIED);
	set(&f, "hosts", PHASE_CONTAIN, STATE_VERIFIED);
	assert_int_equal(gate(&f, "a", PHASE_REVOKE, NOW), GATE_LATER);
	(void)text_copy(f.who.approved_by, WORD_MAX, "carol");
	assert_int_equal(gate(&f, "a", PHASE_REVOKE, NOW), GATE_GO);
	f.who.status = STATUS_CANCELLED;
	assert_int_equal(gate(&f, "a", PHASE_REVOKE, NOW), GATE_LATER);
}

static enum status
status(struct fixture *f)
{
	int64_t contained = 0, completed = 0;

	return plan_status(&f->plan, &contained, &completed);
}

static void
all(struct fixture *f, enum state st)
{
	unsigned i;

	for (i = 0; i < f->plan.nsteps; i++)
		set(f, f->steps[i].system, f->steps[i].phase, st);
}

static void
statuses_are_honest(void **state)
{
	int64_t contained = 0, completed = 0;
	struct fixture f;
	unsigned i;

	(void)state;
	setup(&f);
	assert_int_equal(status(&f), STATUS_RUNNING);
	all(&f, STATE_VERIFIED);
	(void)text_copy(f.accounts[0].found, 16, "found");
	assert_int_equal(plan_status(&f.plan, &contained, &completed),
	    STATUS_COMPLETE);
	assert_int_equal(contained, NOW + 5);
	assert_true(completed > 0);
	/* Whatever is not verified, absent or a closed task is in the way. */
	for (i = STATE_PENDING; i < STATES; i++) {
		set(&f, "a", PHASE_REVOKE, (enum state)i);
		if (i == STATE_VERIFIED || i == STATE_ABSENT ||
		    i == STATE_DONE || i == STATE_MANUAL)
			continue;
		assert_int_not_equal(status(&f), STATUS_COMPLETE);
	}
	set(&f, "a", PHASE_REVOKE, STATE_DONE);
	(void)text_copy(f.tasks[0].system, WORD_MAX, "a");
	(void)text_copy(f.tasks[0].phase, 16, "revoke");
	f.tasks[0].open = 1;
	f.plan.ntasks = 1;
	assert_int_equal(status(&f), STATUS_ATTENTION);
	f.tasks[0].open = 0;
	assert_int_equal(status(&f), STATUS_COMPLETE);
	set(&f, "a", PHASE_REVOKE, STATE_UNCLEAR);
	assert_int_equal(status(&f), STATUS_ATTENTION);
}

static void
nowhere_is_never_complete(void **state)
{
	int64_t contained = 0, completed = 0;
	struct fixture f;
	unsigned i;

	(void)state;
	setup(&f);
	all(&f, STATE_ABSENT);
	for (i = 0; i < 2; i++)
		(void)text_copy(f.accounts[i].found, 16, "absent");
	/* The hosts deny whatever they are told to; that is no finding. */
	set(&f, "hosts", PHASE_CONTAIN, STATE_VERIFIED);
	assert_int_equal(plan_status(&f.plan, &contained, &completed),
	    STATUS_ATTENTION);
	assert_int_equal(contained, 0);
	(void)text_copy(f.accounts[2].found, 16, "found");
	assert_int_equal(status(&f), STATUS_COMPLETE);
}

static void
long_waits_are_running_but_idle(void **state)
{
	struct fixture f;
	struct step *st;

	(void)state;
	setup(&f);
	all(&f, STATE_VERIFIED);
	(void)text_copy(f.accounts[0].found, 16, "found");
	set(&f, "a", PHASE_CONTAIN, STATE_WAITING);
	st = &f.steps[at(&f, "a", PHASE_CONTAIN)];
	st->due_at = NOW + 1000;
	assert_int_equal(status(&f), STATUS_RUNNING);
	assert_false(plan_is_idle(&f.plan));
	st->due_at = NOW + 90000;
	assert_int_equal(status(&f), STATUS_RUNNING);
	assert_true(plan_is_idle(&f.plan));
	set(&f, "b", PHASE_CONTAIN, STATE_FAILED);
	assert_int_equal(status(&f), STATUS_ATTENTION);
}

static void
waits_have_jitter_and_respect(void **state)
{
	int64_t w;
	int i;

	(void)state;
	for (i = 1; i < 40; i++) {
		w = retry_wait(i, 0, 0xffffffffu);
		assert_true(w >= 100 && w <= 900100);
		assert_true(retry_wait(i, 0, 0) <= 100);
		assert_true(retry_wait(i, 30000, 0) >= 30000);
	}
	assert_true(retry_wait(1, 0, 999) <= 1100);
}

static struct settings *
guard_settings(void)
{
	static struct settings set;
	static char path[64];
	struct err e;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/tmp/offboard-test-guard.%d",
	    (int)getpid());
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("[offboard]\nprotect = root, ceo@corp.example\n", f);
	fclose(f);
	assert_int_equal(settings_load(&set, path, &e), 0);
	unlink(path);
	return &set;
}

static void
guards_refuse(void **state)
{
	struct settings *set = guard_settings();
	struct offboarding o;
	char field[32];
	struct err e;

	(void)state;
	memset(&o, 0, sizeof(o));
	(void)text_copy(o.email, EMAIL_MAX, "Anna.Fields@Corp.Example");
	assert_int_equal(guard_fields(set, &o, field, &e), 0);
	assert_string_equal(o.email, "anna.fields@corp.example");
	assert_string_equal(o.login, "anna.fields");
	assert_int_equal(guard_person(set, &o, "bob", &e), 0);
	assert_int_equal(guard_person(set, &o, "anna.fields", &e), -1);
	assert_int_equal(guard_person(set, &o, "Anna.Fields@corp.example",
	    &e), -1);
	(void)text_copy(o.email, EMAIL_MAX, "ceo@corp.example");
	assert_int_equal(guard_person(set, &o, "bob", &e), -1);
	memset(&o, 0, sizeof(o));
	(void)text_copy(o.email, EMAIL_MAX, "root@corp.example");
	assert_int_equal(guard_fields(set, &o, field, &e), 0);
	assert_int_equal(guard_person(set, &o, "bob", &e), -1);
	memset(&o, 0, sizeof(o));
	(void)text_copy(o.email, EMAIL_MAX, "x");
	assert_int_equal(guard_fields(set, &o, field, &e), -1);
	assert_string_equal(field, "email");
	(void)text_copy(o.email, EMAIL_MAX, "a@corp.example");
	(void)text_copy(o.handover, EMAIL_MAX, "A@corp.example");
	assert_int_equal(guard_fields(set, &o, field, &e), -1);
	assert_string_equal(field, "handover");
	o.handover[0] = '\0';
	(void)text_copy(o.login, LOGIN_MAX, "../etc");
	assert_int_equal(guard_fields(set, &o, field, &e), -1);
	assert_string_equal(field, "login");
	/* A derived login that is none stays empty, and is asked for. */
	memset(&o, 0, sizeof(o));
	(void)text_copy(o.email, EMAIL_MAX, "o'brien@corp.example");
	assert_int_equal(guard_fields(set, &o, field, &e), 0);
	assert_string_equal(o.login, "");
	settings_clear(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phases_come_in_order),
		cmocka_unit_test(emergency_contains_first),
		cmocka_unit_test(guessed_logins_need_proof),
		cmocka_unit_test(approval_holds),
		cmocka_unit_test(statuses_are_honest),
		cmocka_unit_test(nowhere_is_never_complete),
		cmocka_unit_test(long_waits_are_running_but_idle),
		cmocka_unit_test(waits_have_jitter_and_respect),
		cmocka_unit_test(guards_refuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
