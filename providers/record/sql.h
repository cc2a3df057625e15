/* Every SQL statement of the product, by name. Bound parameters only. */
#ifndef SQL_H
#define SQL_H

#define CASE_COLUMNS "id, email, name, login, login_given, employee_id, " \
	"handover, reason, zone, source, requested_by, requested_at, " \
	"effective_at, emergency, status, hold, approved_by, opened_at, " \
	"contained_at, completed_at, cancelled_at, restore_at, recheck_at, " \
	"recheck_nth, coalesce(idempotency, '')"
/* What a row of the list page shows. */
#define CASE_BRIEF "id, email, name, login, zone, requested_at, " \
	"effective_at, emergency, status, opened_at, contained_at, " \
	"completed_at, cancelled_at, restore_at"
#define STEP_COLUMNS "id, offboarding, system, kind, phase, state, " \
	"attempts, due_at, waiting_since, first_at, at, detail, failures, " \
	"retried_by <> '' AND first_at = 0"
#define ACCOUNT_COLUMNS "system, kind, account, label, found, before, after"
#define TASK_COLUMNS "id, offboarding, system, phase, text, " \
	"state = 'open', opened_at, closed_at, closed_by, note"
#define HOST_COLUMNS "name, scope, keyid, key, enrolled_at, retired_at, " \
	"reported_at, host_time, epoch, serial, report"
#define MESSAGE_COLUMNS "id, offboarding, kind, topic, recipient, subject, " \
	"body, state, attempts, created_at, due_at, ended_at, last_error"
#define AUDIT_COLUMNS "seq, at, actor, event, offboarding, system, phase, " \
	"detail, hash"
#define CASE_FILTER "(?1 = '' OR status = ?1) AND (?2 = '' OR " \
	"instr(email, ?2) > 0 OR instr(lower(name), ?2) > 0 OR " \
	"instr(login, ?2) > 0)"
/* Phases in their order, for ORDER BY. */
#define PHASE_RANK "CASE phase WHEN 'document' THEN 0 WHEN 'contain' THEN 1 " \
	"WHEN 'revoke' THEN 2 WHEN 'handover' THEN 3 WHEN 'remove' THEN 4 " \
	"WHEN 'verify' THEN 5 WHEN 'restore' THEN 6 ELSE 7 END"

#define SQL_LIST(X) \
X(BEGIN, "BEGIN IMMEDIATE") \
X(BEGIN_READ, "BEGIN DEFERRED") \
X(COMMIT, "COMMIT") \
X(ROLLBACK, "ROLLBACK") \
X(META_GET, "SELECT value FROM meta WHERE key = ?1") \
X(META_SET, "INSERT INTO meta (key, value) VALUES (?1, ?2) " \
	"ON CONFLICT (key) DO UPDATE SET value = excluded.value") \
/* offboardings */ \
X(CASE_ADD, "INSERT INTO offboarding (email, name, login, login_given, " \
	"employee_id, handover, reason, zone, source, requested_by, " \
	"requested_at, effective_at, emergency, status, hold, idempotency) " \
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, " \
	"?14, ?15, nullif(?16, ''))") \
X(CASE_BY_KEY, "SELECT id FROM offboarding WHERE idempotency = ?1") \
X(CASE_BY_PERSON, "SELECT id FROM offboarding WHERE email = ?1 AND " \
	"status IN ('scheduled', 'awaiting_approval', 'running', 'attention')") \
X(CASE_GET, "SELECT " CASE_COLUMNS " FROM offboarding WHERE id = ?1") \
X(CASE_LIST, "SELECT " CASE_COLUMNS " FROM offboarding WHERE " CASE_FILTER \
	" ORDER BY id DESC LIMIT ?3 OFFSET ?4") \
X(CASE_LIST_BRIEF, "SELECT " CASE_BRIEF " FROM offboarding " \
	"ORDER BY id DESC LIMIT ?1 OFFSET ?2") \
X(CASE_LIST_ALL, "SELECT " CASE_COLUMNS " FROM offboarding " \
	"ORDER BY id DESC LIMIT ?1 OFFSET ?2") \
X(CASE_COUNT, "SELECT count(*) FROM offboarding WHERE " CASE_FILTER) \
/* Rows are never deleted, so the highest number is how many there are. */ \
X(CASE_COUNT_ALL, "SELECT coalesce(max(id), 0) FROM offboarding") \
X(CASE_RECENT, "SELECT count(DISTINCT email) FROM offboarding WHERE " \
	"source = ?1 AND requested_at > ?2 AND requested_at <= ?3 AND " \
	"id <> ?4") \
X(CASE_STATUS, "UPDATE offboarding SET status = ?2, contained_at = ?3, " \
	"completed_at = ?4, recheck_at = ?5, recheck_nth = ?6, " \
	"certify = (?2 IN ('complete', 'restored')) WHERE id = ?1") \
X(CASE_RECHECK, "UPDATE offboarding SET recheck_at = ?2, " \
	"recheck_nth = ?3 WHERE id = ?1") \
X(CASE_RECHECKABLE, "SELECT id FROM offboarding WHERE recheck_at > 0 AND " \
	"recheck_at <= ?1 AND status = 'complete' LIMIT 1") \
X(CASE_NEWER, "SELECT id FROM offboarding WHERE email = ?2 AND id > ?1 " \
	"AND status <> 'cancelled' LIMIT 1") \
X(CASE_CERTIFIABLE, "SELECT id FROM offboarding WHERE certify = 1 LIMIT 1") \
X(CASE_CERTIFIED, "UPDATE offboarding SET certify = 0 WHERE id = ?1") \
X(CASE_CANCEL, "UPDATE offboarding SET status = 'cancelled', " \
	"cancelled_at = ?2 WHERE id = ?1") \
X(CASE_RESTORE, "UPDATE offboarding SET restore_at = ?2, " \
	"status = 'running' WHERE id = ?1") \
X(STEP_REGATE_RESTORE, "UPDATE step SET due_at = ?2, state = 'pending', " \
	"first_at = 0, failures = 0, waiting_since = 0 WHERE " \
	"offboarding = ?1 AND phase = 'restore' AND " \
	"state NOT IN ('verified', 'running')") \
X(STEP_SHIFT, "UPDATE step SET due_at = due_at - ?1, waiting_since = " \
	"max(waiting_since - ?1, 0) WHERE state IN ('pending', 'waiting') " \
	"AND due_at > 0 AND waiting_since > 0") \
X(CASE_SHIFT, "UPDATE offboarding SET recheck_at = max(recheck_at - ?1, 1) " \
	"WHERE recheck_at > 0") \
X(MESSAGE_SHIFT, "UPDATE message SET due_at = due_at - ?1 WHERE " \
	"state = 'queued'") \
X(STEP_REGATE, "UPDATE step SET due_at = ?2 WHERE offboarding = ?1 AND " \
	"state = 'pending' AND due_at = 0") \
X(CASE_APPROVE, "UPDATE offboarding SET approved_by = ?2, " \
	"status = CASE WHEN opened_at > 0 THEN 'running' ELSE 'scheduled' END " \
	"WHERE id = ?1") \
X(CASE_HOLD, "UPDATE offboarding SET hold = ?2, " \
	"status = 'awaiting_approval' WHERE id = ?1") \
X(CASE_OPENED, "UPDATE offboarding SET opened_at = ?2, status = 'running', " \
	"login = ?3 WHERE id = ?1") \
X(CASE_NAME, "UPDATE offboarding SET name = ?2 WHERE id = ?1 AND name = ''") \
X(CASE_DUE, "SELECT id FROM offboarding WHERE opened_at = 0 AND " \
	"effective_at <= ?1 AND (status = 'scheduled' OR " \
	"(status = 'awaiting_approval' AND hold LIKE 'irreversible:%')) " \
	"ORDER BY emergency DESC, effective_at LIMIT 1") \
X(CASE_NEXT_AT, "SELECT min(at) FROM (SELECT min(effective_at) AS at FROM " \
	"offboarding WHERE opened_at = 0 AND status = 'scheduled' UNION ALL " \
	"SELECT min(recheck_at) FROM offboarding WHERE recheck_at > 0 AND " \
	"status = 'complete')") \
X(CASE_RESTORABLE, "SELECT id FROM offboarding WHERE restore_at > 0 AND " \
	"status = 'running' AND NOT EXISTS (SELECT 1 FROM step WHERE " \
	"offboarding = offboarding.id AND (phase = 'restore' OR " \
	"state = 'running')) LIMIT 1") \
X(CASE_UNSETTLE, "UPDATE offboarding SET settle = 1 WHERE id = ?1") \
X(CASE_SETTLED, "UPDATE offboarding SET settle = 0 WHERE id = ?1") \
X(CASE_UNSETTLED, "SELECT id FROM offboarding WHERE settle = 1 LIMIT 1") \
/* Whoever was denied under a login is known to have it; a request alone, \
 * perhaps a mistyped one, says nothing. */ \
X(CASE_LOGIN_OTHER, "SELECT o.email FROM denial AS d JOIN offboarding AS o " \
	"ON o.id = d.offboarding WHERE d.login = ?1 AND o.email <> ?2 " \
	"LIMIT 1") \
/* accounts */ \
X(ACCOUNT_ADD, "INSERT OR IGNORE INTO account (offboarding, system, kind) " \
	"VALUES (?1, ?2, ?3)") \
X(ACCOUNT_LIST, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE " \
	"offboarding = ?1 ORDER BY system") \
X(ACCOUNT_GET, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE " \
	"offboarding = ?1 AND system = ?2") \
X(ACCOUNT_FOUND, "UPDATE account SET account = ?3, label = ?4, found = ?5 " \
	"WHERE offboarding = ?1 AND system = ?2") \
X(ACCOUNT_BEFORE, "UPDATE account SET before = ?3 WHERE offboarding = ?1 " \
	"AND system = ?2") \
X(ACCOUNT_AFTER, "UPDATE account SET after = ?3 WHERE offboarding = ?1 " \
	"AND system = ?2") \
/* steps */ \
X(STEP_ADD, "INSERT OR IGNORE INTO step (offboarding, system, kind, phase, " \
	"due_at) VALUES (?1, ?2, ?3, ?4, ?5)") \
X(STEP_LIST, "SELECT " STEP_COLUMNS " FROM step WHERE offboarding = ?1 " \
	"ORDER BY system, " PHASE_RANK) \
X(STEP_GET, "SELECT " STEP_COLUMNS " FROM step WHERE id = ?1") \
/* What was never tried goes before another look at what is under way, so \
 * that many people are not starved by the waiting of some. */ \
X(STEP_CANDIDATES, "SELECT " STEP_COLUMNS " FROM step WHERE system = ?1 " \
	"AND state IN ('pending', 'waiting') AND due_at > 0 AND due_at <= ?2 " \
	"AND (?3 = '' OR phase = ?3) " \
	"ORDER BY (SELECT emergency FROM offboarding AS o WHERE " \
	"o.id = step.offboarding) DESC, phase = 'contain' DESC, " \
	"waiting_since > 0, due_at, id LIMIT 1") \
X(STEP_SYSTEMS, "SELECT DISTINCT system FROM step WHERE " \
	"state IN ('pending', 'waiting') ORDER BY system LIMIT ?1 OFFSET ?2") \
X(STEP_OPEN_OF, "SELECT " STEP_COLUMNS " FROM step WHERE system = ?1 AND " \
	"state IN ('pending', 'waiting') ORDER BY id LIMIT 1") \
X(STEP_REARM, "INSERT INTO step (offboarding, system, kind, phase, due_at) " \
	"VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (offboarding, system, phase) " \
	"DO UPDATE SET state = 'pending', due_at = excluded.due_at, " \
	"first_at = 0, failures = 0, waiting_since = 0 " \
	"WHERE state <> 'running'") \
X(STEP_AGAIN, "UPDATE step SET state = 'pending', due_at = 0, " \
	"waiting_since = 0, first_at = 0, failures = 0 WHERE " \
	"offboarding = ?1 AND system = ?2 AND state <> 'running' AND " \
	"phase IN ('contain', 'revoke', 'remove', 'verify')") \
X(STEP_CONTAINED, "SELECT at FROM step WHERE offboarding = ?1 AND " \
	"system = ?2 AND phase = 'contain' AND state IN ('verified', 'done')") \
/* One more look at something under way is not one more attempt. */ \
X(STEP_CLAIM, "UPDATE step SET state = 'running', attempts = attempts + " \
	"(CASE WHEN waiting_since > 0 AND failures = 0 THEN 0 ELSE 1 END), " \
	"first_at = CASE WHEN first_at = 0 THEN ?2 ELSE first_at END, " \
	"at = ?2 WHERE id = ?1 AND state IN ('pending', 'waiting')") \
X(STEP_END, "UPDATE step SET state = ?2, at = ?3, detail = ?4, " \
	"due_at = ?5, waiting_since = ?6, failures = ?7 WHERE id = ?1") \
X(STEP_DUE, "UPDATE step SET due_at = ?2 WHERE id = ?1") \
X(STEP_SKIPPED, "UPDATE step SET state = ?2, at = ?3, detail = ?4, " \
	"due_at = ?5, attempts = attempts + ?6, waiting_since = ?7, " \
	"first_at = CASE WHEN first_at = 0 AND ?6 > 0 THEN ?3 ELSE first_at " \
	"END WHERE id = ?1") \
X(STEP_NEXT_AT, "SELECT min(due_at) FROM step WHERE system = ?1 AND " \
	"state IN ('pending', 'waiting') AND due_at > 0") \
X(STEP_INTERRUPTED, "UPDATE step SET state = 'pending', due_at = ?1, " \
	"first_at = 0, failures = 0, " \
	"detail = 'interrupted: it is read back first' " \
	"WHERE state = 'running'") \
X(STEP_BUSY, "SELECT count(*) FROM step JOIN offboarding AS o ON " \
	"o.id = step.offboarding WHERE (o.status IN ('running', 'attention') " \
	"OR (step.phase = 'recheck' AND o.status = 'complete')) " \
	"AND (state = 'running' OR (state = 'pending' AND due_at > 0 AND " \
	"due_at <= ?1 + 60000) OR (state = 'waiting' AND due_at > 0 AND " \
	"due_at - waiting_since < 60000)) AND (?2 = 0 OR o.id = ?2)") \
X(STEP_RETRY, "UPDATE step SET state = 'pending', due_at = ?4, " \
	"waiting_since = 0, first_at = 0, failures = 0, retried_by = ?5 " \
	"WHERE offboarding = ?1 AND (?2 = '' OR system = ?2) AND " \
	"(?3 = '' OR phase = ?3) AND state <> 'running' AND (?2 <> '' OR " \
	"state NOT IN ('verified', 'absent')) AND (phase = 'restore') = " \
	"(SELECT restore_at > 0 FROM offboarding WHERE id = ?1)") \
X(STEP_RETRY_VERIFY, "UPDATE step SET state = 'pending', due_at = 0, " \
	"waiting_since = 0, first_at = 0 WHERE offboarding = ?1 AND " \
	"phase = 'verify' AND state <> 'running' AND EXISTS (SELECT 1 FROM " \
	"step AS o WHERE o.offboarding = step.offboarding AND " \
	"o.system = step.system AND o.state = 'pending' AND " \
	"o.phase NOT IN ('verify', 'restore', 'recheck')) AND " \
	"(SELECT restore_at = 0 FROM offboarding WHERE id = ?1)") \
X(STEP_STOP, "UPDATE step SET due_at = 0, detail = ?2 WHERE " \
	"offboarding = ?1 AND state IN ('pending', 'waiting')") \
X(STEP_HOSTS, "UPDATE step SET due_at = ?1 WHERE state = 'waiting' AND " \
	"kind = 'linux' AND due_at > ?1") \
X(CALL_ADD, "INSERT INTO call (step, what, started_at) " \
	"VALUES (?1, ?2, ?3)") \
X(CALL_CASE, "SELECT step.system, step.phase, what, started_at, ended_at, " \
	"outcome FROM call JOIN step ON step.id = call.step WHERE " \
	"step.offboarding = ?1 ORDER BY call.id") \
X(CALL_END, "UPDATE call SET ended_at = ?2, outcome = ?3 WHERE id = ?1") \
/* tasks */ \
X(TASK_ADD, "INSERT OR IGNORE INTO task (offboarding, system, phase, text, " \
	"opened_at) VALUES (?1, ?2, ?3, ?4, ?5)") \
X(TASK_CASE, "SELECT " TASK_COLUMNS " FROM task WHERE offboarding = ?1 " \
	"ORDER BY id LIMIT ?2") \
X(TASK_OPEN, "SELECT " TASK_COLUMNS " FROM task WHERE state = 'open' " \
	"ORDER BY id LIMIT ?1") \
X(TASK_GET, "SELECT " TASK_COLUMNS " FROM task WHERE id = ?1") \
X(TASK_SEEN, "SELECT id FROM task WHERE offboarding = ?1 AND system = ?2 " \
	"AND phase = ?3 AND text = ?4 LIMIT 1") \
X(TASK_CLOSE, "UPDATE task SET state = 'closed', closed_at = ?2, " \
	"closed_by = ?3, note = ?4 WHERE id = ?1 AND state = 'open'") \
X(TASK_SETTLED, "UPDATE task SET state = 'closed', closed_at = ?3, " \
	"closed_by = 'offboardd', note = ?4 WHERE offboarding = ?1 AND " \
	"text = ?2 AND state = 'open'") \
X(TASK_CLOSE_STEP, "UPDATE task SET state = 'closed', closed_at = ?4, " \
	"closed_by = 'offboardd', note = ?5 WHERE offboarding = ?1 AND " \
	"system = ?2 AND phase = ?3 AND state = 'open'") \
/* requests and drafts */ \
X(REQUEST_ADD, "INSERT INTO request (kind, argument, asked_by, asked_at) " \
	"VALUES (?1, ?2, ?3, ?4)") \
X(REQUEST_GET, "SELECT id, kind, argument, asked_at, answered_at, answer " \
	"FROM request WHERE id = ?1") \
X(REQUEST_NEXT, "SELECT id, kind, argument, asked_at, answered_at, answer " \
	"FROM request WHERE answered_at = 0 AND id > ?1 ORDER BY id LIMIT 1") \
X(REQUEST_ANSWER, "UPDATE request SET answered_at = ?2, answer = ?3 " \
	"WHERE id = ?1 AND answered_at = 0") \
X(REQUEST_PRUNE, "DELETE FROM request WHERE asked_at < ?1") \
X(DRAFT_PUT, "INSERT INTO draft (token, owner, fields, request, " \
	"changed_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (token) DO " \
	"UPDATE SET fields = excluded.fields, request = excluded.request, " \
	"changed_at = excluded.changed_at WHERE owner = excluded.owner") \
X(DRAFT_GET, "SELECT token, owner, fields, request, changed_at " \
	"FROM draft WHERE token = ?1") \
X(DRAFT_PRUNE, "DELETE FROM draft WHERE changed_at < ?1") \
/* messages and certificates */ \
X(MESSAGE_ADD, "INSERT OR IGNORE INTO message (offboarding, kind, topic, " \
	"recipient, subject, body, created_at, due_at) VALUES " \
	"(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)") \
X(MESSAGE_NEXT, "SELECT " MESSAGE_COLUMNS " FROM message WHERE " \
	"state = 'queued' AND (due_at <= ?1 OR due_at > ?1 + 200000000) " \
	"AND kind = ?2 " \
	"ORDER BY due_at, id LIMIT 1") \
X(MESSAGE_NEXT_AT, "SELECT min(due_at) FROM message WHERE " \
	"state = 'queued' AND kind = ?1") \
X(MESSAGE_SINCE, "SELECT id FROM message WHERE offboarding = ?1 AND " \
	"topic = ?2 AND kind = ?3 AND created_at >= ?4 LIMIT 1") \
X(MESSAGE_CASE, "SELECT " MESSAGE_COLUMNS " FROM message WHERE " \
	"offboarding = ?1 ORDER BY id LIMIT ?2") \
X(MESSAGE_END, "UPDATE message SET state = ?2, attempts = attempts + 1, " \
	"due_at = ?3, ended_at = ?4, last_error = ?5 WHERE id = ?1") \
X(CERTIFICATE_PUT, "INSERT INTO certificate (offboarding, made_at, text, " \
	"signature) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (offboarding) DO " \
	"UPDATE SET made_at = excluded.made_at, text = excluded.text, " \
	"signature = excluded.signature") \
X(CERTIFICATE_GET, "SELECT made_at, text, signature FROM certificate " \
	"WHERE offboarding = ?1") \
/* systems */ \
X(SYSTEM_LIST, "SELECT name, kind, stopped, last_ok_at, last_error, " \
	"last_error_at FROM system ORDER BY name LIMIT ?1") \
X(SYSTEM_OK, "INSERT INTO system (name, kind, last_ok_at) VALUES " \
	"(?1, ?2, ?3) ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, " \
	"last_ok_at = excluded.last_ok_at") \
X(SYSTEM_ERROR, "INSERT INTO system (name, kind, last_error, " \
	"last_error_at) VALUES (?1, ?2, ?4, ?3) ON CONFLICT (name) DO UPDATE " \
	"SET kind = excluded.kind, last_error = excluded.last_error, " \
	"last_error_at = excluded.last_error_at") \
X(SYSTEM_STOP, "INSERT INTO system (name, kind, stopped) VALUES " \
	"(?1, '', ?2) ON CONFLICT (name) DO UPDATE SET " \
	"stopped = excluded.stopped") \
X(SYSTEM_CLEAR, "UPDATE system SET stopped = '' WHERE ?1 = '' OR name = ?1") \
/* hosts, denials, head */ \
X(HOST_LIST, "SELECT " HOST_COLUMNS " FROM host WHERE ?1 = 1 OR " \
	"retired_at = 0 ORDER BY name LIMIT ?2") \
X(HOST_BY_KEY, "SELECT " HOST_COLUMNS " FROM host WHERE keyid = ?1") \
X(HOST_ADD, "INSERT INTO host (name, scope, keyid, key, enrolled_at) " \
	"VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name) DO UPDATE SET " \
	"scope = excluded.scope, keyid = excluded.keyid, key = excluded.key, " \
	"enrolled_at = excluded.enrolled_at, retired_at = 0, " \
	"reported_at = 0, host_time = 0, epoch = 0, serial = 0, report = '' " \
	"WHERE host.retired_at > 0") \
X(HOST_RETIRE, "UPDATE host SET retired_at = ?2 WHERE name = ?1 AND " \
	"retired_at = 0") \
X(HOST_REPORT, "UPDATE host SET reported_at = ?2, host_time = ?3, " \
	"epoch = ?4, serial = ?5, report = ?6 WHERE keyid = ?1 AND " \
	"retired_at = 0 AND (host_time <= ?3 OR host_time > ?2 / 1000 + 5) " \
	"AND (epoch < ?4 OR " \
	"(epoch = ?4 AND serial <= ?5))") \
X(DENIAL_GET, "SELECT login, offboarding, serial, lifted_serial FROM denial " \
	"WHERE login = ?1 AND offboarding = ?2") \
X(DENIAL_ADD, "INSERT INTO denial (login, offboarding, serial, since) " \
	"VALUES (?1, ?2, ?3, ?4) ON CONFLICT (login, offboarding) DO UPDATE " \
	"SET serial = excluded.serial, since = excluded.since, " \
	"lifted_at = 0, lifted_serial = 0") \
X(DENIAL_LIFT, "UPDATE denial SET lifted_at = ?3, lifted_serial = ?4 " \
	"WHERE login = ?1 AND offboarding = ?2 AND lifted_at = 0") \
X(DENIAL_OTHER, "SELECT offboarding FROM denial WHERE login = ?1 AND " \
	"offboarding <> ?2 AND lifted_at = 0 LIMIT 1") \
X(DENIAL_EACH, "SELECT login, min(offboarding), min(serial), 0 FROM denial " \
	"WHERE lifted_at = 0 GROUP BY login ORDER BY login") \
/* audit */ \
X(AUDIT_LAST, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1") \
X(AUDIT_ADD, "INSERT INTO audit (seq, at, actor, event, offboarding, " \
	"system, phase, detail, prev, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, " \
	"?7, ?8, ?9, ?10)") \
X(AUDIT_WALK, "SELECT seq, at, actor, event, offboarding, system, phase, " \
	"detail, prev, hash FROM audit ORDER BY seq") \
X(AUDIT_CASE, "SELECT " AUDIT_COLUMNS " FROM audit WHERE offboarding = ?1 " \
	"ORDER BY seq DESC LIMIT ?2 OFFSET ?3") \
X(AUDIT_FORWARD, "SELECT " AUDIT_COLUMNS " FROM audit WHERE " \
	"offboarding = ?1 ORDER BY seq") \
X(AUDIT_BACK, "SELECT count(*) FROM audit WHERE offboarding = ?1 AND " \
	"event = 'access-came-back' AND system = ?2 AND at > ?3") \
X(AUDIT_ROW, "SELECT hash FROM audit WHERE seq = ?1") \
X(AUDIT_ALL, "SELECT " AUDIT_COLUMNS " FROM audit ORDER BY seq DESC " \
	"LIMIT ?1 OFFSET ?2")

enum sql {
#define X(name, text) SQL_##name,
	SQL_LIST(X)
#undef X
	SQL_COUNT
};

#endif
