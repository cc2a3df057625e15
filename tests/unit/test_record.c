/* Tests of the record on a real SQLite file: cases, steps, tasks, the audit
 * chain and what breaks it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../providers/base/buf.h"
#include "../../providers/record/case.h"
#include "../../providers/record/json.h"

static char dir[64];
static struct store *s;
static struct err e;

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/offboard-test-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	return store_open(&s, dir, &e);
}

static int
teardown(void **state)
{
	char cmd[64 + 64];

	(void)state;
	store_close(s);
	(void)snprintf(cmd, sizeof(cmd), "%s/record/offboard.db", dir);
	(void)unlink(cmd);
	(void)snprintf(cmd, sizeof(cmd), "%s/record/offboard.db-journal", dir);
	(void)unlink(cmd);
	(void)snprintf(cmd, sizeof(cmd), "%s/record", dir);
	(void)rmdir(cmd);
	return rmdir(dir);
}

static struct offboarding
person(const char *email)
{
	struct offboarding o;

	memset(&o, 0, sizeof(o));
	(void)text_copy(o.email, sizeof(o.email), email);
	(void)text_copy(o.source, sizeof(o.source), "command");
	(void)text_copy(o.requested_by, sizeof(o.requested_by), "bob");
	(void)text_copy(o.zone, sizeof(o.zone), "UTC");
	o.requested_at = o.effective_at = when_now();
	return o;
}

static void
a_person_is_in_one_open_case(void **state)
{
	struct offboarding o = person("anna@corp.example"), again = o, got;

	(void)state;
	(void)text_copy(o.idempotency, sizeof(o.idempotency), "token");
	assert_int_equal(case_add(s, &o, &e), STORE_OK);
	assert_int_equal(o.id, 1);
	again = o;
	assert_int_equal(case_add(s, &again, &e), STORE_REPLAY);
	assert_int_equal(again.id, 1);
	again.idempotency[0] = '\0';
	assert_int_equal(case_add(s, &again, &e), STORE_CONFLICT);
	assert_int_equal(again.id, 1);
	assert_int_equal(case_cancel(s, 1, "bob", &e), STORE_OK);
	assert_int_equal(case_cancel(s, 1, "bob", &e), STORE_CONFLICT);
	assert_int_equal(case_add(s, &again, &e), STORE_OK);
	assert_int_equal(again.id, 2);
	assert_int_equal(case_cancel(s, 2, "bob", &e), STORE_OK);
	assert_int_equal(case_get(s, 1, &got, &e), STORE_OK);
	assert_int_equal(got.status, STATUS_CANCELLED);
	assert_int_equal(case_get(s, 3, &got, &e), STORE_NONE);
}

static void
approval_takes_another_person(void **state)
{
	struct offboarding o = person("carl@corp.example");
	int64_t id;

	(void)state;
	(void)text_copy(o.hold, sizeof(o.hold), "all: x");
	assert_int_equal(case_add(s, &o, &e), STORE_OK);
	assert_int_equal(o.status, STATUS_APPROVAL);
	assert_int_equal(case_due(s, when_now() + 1000, &id, &e), STORE_NONE);
	assert_int_equal(case_approve(s, o.id, "bob", &e), STORE_REPLAY);
	assert_int_equal(case_approve(s, o.id, "carol", &e), STORE_OK);
	assert_int_equal(case_approve(s, o.id, "carol", &e), STORE_CONFLICT);
	assert_int_equal(case_due(s, when_now() + 1000, &id, &e), STORE_OK);
	assert_int_equal(id, o.id);
}

static void
steps_keep_intent_and_result(void **state)
{
	struct offboarding o = person("dora@corp.example");
	struct step st, got;
	unsigned n;
	int64_t call;

	(void)state;
	assert_int_equal(case_add(s, &o, &e), STORE_OK);
	memset(&st, 0, sizeof(st));
	st.offboarding = o.id;
	(void)text_copy(st.system, sizeof(st.system), "doors");
	(void)text_copy(st.kind, sizeof(st.kind), "doorflow");
	st.phase = PHASE_CONTAIN;
	st.due_at = when_now();
	assert_int_equal(step_add(s, &st, &e), STORE_OK);
	assert_int_equal(step_add(s, &st, &e), STORE_OK);
	assert_int_equal(step_candidate(s, "doors", when_now(), &got, &e),
	    STORE_OK);
	assert_int_equal(step_claim(s, &got, &e), STORE_OK);
	st = got;
	assert_int_equal(step_claim(s, &st, &e), STORE_CONFLICT);
	assert_int_equal(call_begin(s, got.id, "disable", &call, &e),
	    STORE_OK);
	/* As after a crash: running steps are taken up again. */
	assert_int_equal(step_interrupted(s, &e), STORE_OK);
	assert_int_equal(step_candidate(s, "doors", when_now(), &got, &e),
	    STORE_OK);
	assert_int_equal(got.attempts, 1);
	assert_int_equal(step_claim(s, &got, &e), STORE_OK);
	got.state = STATE_VERIFIED;
	got.at = when_now();
	got.due_at = 0;
	assert_int_equal(step_end(s, &got, &e), STORE_OK);
	assert_int_equal(step_candidate(s, "doors", when_now() + 99999, &got,
	    &e), STORE_NONE);
	assert_int_equal(step_retry(s, o.id, NULL, -1, "bob", &n, &e),
	    STORE_NONE);
	assert_int_equal(step_retry(s, o.id, "doors", PHASE_CONTAIN, "bob",
	    &n, &e), STORE_OK);
	assert_int_equal(n, 1);
}

static void
tasks_close_once(void **state)
{
	struct task t, list[4];
	unsigned n;

	(void)state;
	memset(&t, 0, sizeof(t));
	t.offboarding = 1;
	(void)text_copy(t.text, sizeof(t.text), "collect the card");
	assert_int_equal(task_open(s, &t, "offboardd", &e), STORE_OK);
	assert_int_equal(task_open(s, &t, "offboardd", &e), STORE_OK);
	assert_int_equal(task_list(s, 1, list, 4, &n, &e), STORE_OK);
	assert_int_equal(n, 1);
	assert_int_equal(task_close(s, list[0].id, "bob", "done", &e),
	    STORE_OK);
	assert_int_equal(task_close(s, list[0].id, "bob", "done", &e),
	    STORE_CONFLICT);
	assert_int_equal(task_close(s, 99, "bob", "done", &e), STORE_NONE);
}

static void
hostile_text_stays_text(void **state)
{
	struct offboarding o = person("x'; DROP TABLE offboarding;--@b"), got;
	struct case_filter f = { -1, "drop table", 0, 10, 0 };
	struct offboarding rows[10];
	int64_t total;
	unsigned n;

	(void)state;
	assert_int_equal(case_add(s, &o, &e), STORE_OK);
	assert_int_equal(case_get(s, o.id, &got, &e), STORE_OK);
	assert_string_equal(got.email, o.email);
	f.text = "%";
	assert_int_equal(case_list(s, &f, rows, &n, &total, &e), STORE_OK);
	assert_int_equal(total, 0);
}

static void
denials_move_the_serial(void **state)
{
	struct head h;
	struct denial d;
	int64_t other;

	(void)state;
	assert_int_equal(denial_add(s, "anna", 1, &d, &e), STORE_FAIL);
	memset(&h, 0, sizeof(h));
	(void)text_copy(h.fleet, sizeof(h.fleet),
	    "00112233445566778899aabbccddeeff");
	(void)text_copy(h.salt, sizeof(h.salt),
	    "00112233445566778899aabbccddeeff");
	h.epoch = 1;
	assert_int_equal(head_init(s, &h, &e), STORE_OK);
	assert_int_equal(head_init(s, &h, &e), STORE_CONFLICT);
	assert_int_equal(denial_add(s, "anna", 1, &d, &e), STORE_OK);
	assert_int_equal(d.serial, 1);
	assert_int_equal(denial_add(s, "anna", 1, &d, &e), STORE_OK);
	assert_int_equal(d.serial, 1);
	assert_int_equal(denial_lift(s, "anna", 1, &d, &e), STORE_OK);
	assert_int_equal(d.lifted_serial, 2);
	assert_int_equal(head_get(s, &h, &e), STORE_OK);
	assert_int_equal(h.serial, 2);
	assert_int_equal(denial_other(s, "anna", 1, &other, &e), STORE_NONE);
	assert_int_equal(denial_add(s, "anna", 2, &d, &e), STORE_OK);
	assert_int_equal(denial_other(s, "anna", 1, &other, &e), STORE_OK);
	assert_int_equal(other, 2);
}

/* Runs SQL behind the product's back. */
static void
tamper(const char *sql)
{
	char path[128];
	sqlite3 *db;

	(void)snprintf(path, sizeof(path), "%s/record/offboard.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DROP TRIGGER IF EXISTS "
	    "audit_no_update; DROP TRIGGER IF EXISTS audit_no_delete", NULL,
	    NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
the_audit_is_append_only(void **state)
{
	char path[128];
	sqlite3 *db;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/record/offboard.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db, "UPDATE audit SET actor = 'x'",
	    NULL, NULL, NULL), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db, "DELETE FROM audit", NULL, NULL,
	    NULL), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db, "INSERT OR REPLACE INTO audit "
	    "SELECT seq, at, 'x', event, offboarding, system, phase, detail, "
	    "prev, hash FROM audit WHERE seq = 1", NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
}

static void
every_change_breaks_the_chain(void **state)
{
	static const char *const changes[] = {
		"UPDATE audit SET at = at + 1 WHERE seq = 3",
		"UPDATE audit SET actor = actor || 'x' WHERE seq = 3",
		"UPDATE audit SET event = 'x' || substr(event, 2) "
		    "WHERE seq = 3",
		"UPDATE audit SET offboarding = offboarding + 1 WHERE seq = 3",
		"UPDATE audit SET detail = 'x' WHERE seq = 3",
		"UPDATE audit SET detail = detail || char(0) || 'x' "
		    "WHERE seq = 3",
		"UPDATE audit SET hash = prev WHERE seq = 3",
		"UPDATE audit SET system = 'x' WHERE seq = 3",
		"DELETE FROM audit WHERE seq = 3",
	};
	char head[72], copy[128], cmd[400];
	int64_t rows;
	size_t i;

	(void)state;
	assert_int_equal(audit_verify(s, &rows, head, &e), STORE_OK);
	assert_true(rows > 5);
	(void)snprintf(copy, sizeof(copy), "%s/record/copy.db", dir);
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		(void)unlink(copy);
		(void)snprintf(cmd, sizeof(cmd), "CREATE TABLE keep AS SELECT "
		    "* FROM audit WHERE seq = 3; %s", changes[i]);
		tamper(cmd);
		assert_int_equal(audit_verify(s, &rows, head, &e),
		    STORE_CONFLICT);
		if (strstr(e.text, "row 3") == NULL)
			fail_msg("%s: %s", changes[i], e.text);
		tamper("DROP TRIGGER IF EXISTS audit_only_next; "
		    "DELETE FROM audit WHERE seq = 3; INSERT INTO audit "
		    "SELECT * FROM keep; DROP TABLE keep");
		assert_int_equal(audit_verify(s, &rows, head, &e), STORE_OK);
	}
	tamper("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)");
	assert_int_equal(audit_verify(s, &rows, head, &e), STORE_CONFLICT);
	assert_non_null(strstr(e.text, "end"));
}

static void
a_retired_host_may_come_back(void **state)
{
	struct host h, got;

	(void)state;
	memset(&h, 0, sizeof(h));
	(void)text_copy(h.name, sizeof(h.name), "alpha");
	(void)text_copy(h.scope, sizeof(h.scope), "default");
	(void)text_copy(h.keyid, sizeof(h.keyid), "1111111111111111");
	(void)text_copy(h.key, sizeof(h.key), "x");
	assert_int_equal(host_enroll(s, &h, "bob", &e), STORE_OK);
	assert_int_equal(host_enroll(s, &h, "bob", &e), STORE_CONFLICT);
	(void)text_copy(h.keyid, sizeof(h.keyid), "2222222222222222");
	assert_int_equal(host_enroll(s, &h, "bob", &e), STORE_CONFLICT);
	assert_int_equal(host_retire(s, "alpha", "bob", &e), STORE_OK);
	assert_int_equal(host_enroll(s, &h, "bob", &e), STORE_OK);
	assert_int_equal(host_by_key(s, "1111111111111111", &got, &e),
	    STORE_NONE);
	assert_int_equal(host_by_key(s, "2222222222222222", &got, &e),
	    STORE_OK);
	assert_int_equal(got.retired_at, 0);
	host_clear(&got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_is_in_one_open_case),
		cmocka_unit_test(approval_takes_another_person),
		cmocka_unit_test(steps_keep_intent_and_result),
		cmocka_unit_test(tasks_close_once),
		cmocka_unit_test(hostile_text_stays_text),
		cmocka_unit_test(denials_move_the_serial),
		cmocka_unit_test(a_retired_host_may_come_back),
		cmocka_unit_test(the_audit_is_append_only),
		cmocka_unit_test(every_change_breaks_the_chain),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
