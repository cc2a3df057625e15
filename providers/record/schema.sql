-- The record of offboard: what was asked for, what was done, what was read
-- back. Instants are milliseconds since 1970 UTC; 0 means "not yet".
-- STRICT keeps types honest; CHECKs keep words honest; the audit is append
-- only. Journal mode and synchronous are set on every connection, because
-- SQLite does not keep them in the file.

-- Single values: the fleet's identity, the publication's head, the audit's.
CREATE TABLE meta (
	key	TEXT NOT NULL PRIMARY KEY,
	value	TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One person leaving. email and login are lower case.
CREATE TABLE offboarding (
	id		INTEGER PRIMARY KEY,
	email		TEXT NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
	name		TEXT NOT NULL DEFAULT '',
	login		TEXT NOT NULL DEFAULT '',
	login_given	INTEGER NOT NULL DEFAULT 0 CHECK (login_given IN (0, 1)),
	employee_id	TEXT NOT NULL DEFAULT '',
	handover	TEXT NOT NULL DEFAULT '',
	reason		TEXT NOT NULL DEFAULT '',
	zone		TEXT NOT NULL DEFAULT 'UTC',
	source		TEXT NOT NULL CHECK (source IN ('web', 'command')),
	requested_by	TEXT NOT NULL,
	requested_at	INTEGER NOT NULL,
	effective_at	INTEGER NOT NULL,
	emergency	INTEGER NOT NULL DEFAULT 0 CHECK (emergency IN (0, 1)),
	status		TEXT NOT NULL CHECK (status IN ('scheduled',
			    'awaiting_approval', 'cancelled', 'restored',
			    'running', 'attention', 'complete')),
	-- Why it waits for a second person: '' when it does not.
	hold		TEXT NOT NULL DEFAULT '',
	approved_by	TEXT NOT NULL DEFAULT '',
	opened_at	INTEGER NOT NULL DEFAULT 0,
	contained_at	INTEGER NOT NULL DEFAULT 0,
	completed_at	INTEGER NOT NULL DEFAULT 0,
	cancelled_at	INTEGER NOT NULL DEFAULT 0,
	restore_at	INTEGER NOT NULL DEFAULT 0,
	-- Read again then, for the so-manieth time; 0: not any more, or not yet.
	recheck_at	INTEGER NOT NULL DEFAULT 0,
	recheck_nth	INTEGER NOT NULL DEFAULT 0,
	-- It has ended: a certificate is to be made.
	certify		INTEGER NOT NULL DEFAULT 0 CHECK (certify IN (0, 1)),
	-- Somebody changed what the status depends on: the worker looks again.
	settle		INTEGER NOT NULL DEFAULT 0 CHECK (settle IN (0, 1)),
	-- Sent once with the form, so that a double click is one offboarding.
	idempotency	TEXT UNIQUE
) STRICT;

-- A person is in one open offboarding at most.
CREATE UNIQUE INDEX offboarding_open ON offboarding (email)
	WHERE status IN ('scheduled', 'awaiting_approval', 'running',
	    'attention');
CREATE INDEX offboarding_status ON offboarding (status, effective_at);
CREATE INDEX offboarding_requested ON offboarding (source, requested_at);
-- What has not been opened yet, by the instant at which it must be.
CREATE INDEX offboarding_due ON offboarding (effective_at)
	WHERE opened_at = 0 AND status IN ('scheduled', 'awaiting_approval');

CREATE INDEX offboarding_settle ON offboarding (id) WHERE settle = 1;
CREATE INDEX offboarding_certify ON offboarding (id) WHERE certify = 1;
CREATE INDEX offboarding_recheck ON offboarding (recheck_at)
	WHERE recheck_at > 0;

-- The person's account in one system, as of one offboarding.
CREATE TABLE account (
	offboarding	INTEGER NOT NULL REFERENCES offboarding,
	system		TEXT NOT NULL,
	kind		TEXT NOT NULL,
	-- '' until matched; ids are text, because some have 20 digits.
	account		TEXT NOT NULL DEFAULT '',
	label		TEXT NOT NULL DEFAULT '',
	found		TEXT NOT NULL DEFAULT 'unknown' CHECK (found IN
			    ('unknown', 'found', 'absent', 'ambiguous')),
	-- JSON images: ids and names, never a secret. '' until read.
	before		TEXT NOT NULL DEFAULT '',
	after		TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (offboarding, system)
) STRICT, WITHOUT ROWID;

-- One phase of one system in one offboarding.
CREATE TABLE step (
	id		INTEGER PRIMARY KEY,
	offboarding	INTEGER NOT NULL REFERENCES offboarding,
	system		TEXT NOT NULL,
	kind		TEXT NOT NULL,
	phase		TEXT NOT NULL CHECK (phase IN ('document', 'contain',
			    'revoke', 'handover', 'remove', 'verify',
			    'restore', 'recheck')),
	state		TEXT NOT NULL DEFAULT 'pending' CHECK (state IN
			    ('pending', 'running', 'waiting', 'verified',
			    'done', 'manual', 'absent', 'failed', 'unclear')),
	attempts	INTEGER NOT NULL DEFAULT 0,
	-- Not before this instant; 0: gated behind other steps.
	due_at		INTEGER NOT NULL DEFAULT 0,
	-- Failures in a row; looks at something under way are none.
	failures	INTEGER NOT NULL DEFAULT 0,
	-- Since when it waits, over all its attempts; 0: it does not.
	waiting_since	INTEGER NOT NULL DEFAULT 0,
	first_at	INTEGER NOT NULL DEFAULT 0,
	at		INTEGER NOT NULL DEFAULT 0,
	detail		TEXT NOT NULL DEFAULT '',
	-- Set with each retry asked for by a person.
	retried_by	TEXT NOT NULL DEFAULT '',
	UNIQUE (offboarding, system, phase)
) STRICT;
CREATE INDEX step_due ON step (system, due_at)
	WHERE state IN ('pending', 'waiting') AND due_at > 0;
CREATE INDEX step_running ON step (state) WHERE state = 'running';

-- A call that changes something: the row before the call, its end after.
CREATE TABLE call (
	id		INTEGER PRIMARY KEY,
	step		INTEGER NOT NULL REFERENCES step,
	what		TEXT NOT NULL,
	started_at	INTEGER NOT NULL,
	ended_at	INTEGER NOT NULL DEFAULT 0,
	outcome		TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX call_step ON call (step);

-- What a human must do or check.
CREATE TABLE task (
	id		INTEGER PRIMARY KEY,
	offboarding	INTEGER NOT NULL REFERENCES offboarding,
	system		TEXT NOT NULL DEFAULT '',
	phase		TEXT NOT NULL DEFAULT '',
	text		TEXT NOT NULL,
	state		TEXT NOT NULL DEFAULT 'open'
			    CHECK (state IN ('open', 'closed')),
	opened_at	INTEGER NOT NULL,
	closed_at	INTEGER NOT NULL DEFAULT 0,
	closed_by	TEXT NOT NULL DEFAULT '',
	note		TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX task_case ON task (offboarding);
-- The same open task is not opened twice by a retried step.
CREATE UNIQUE INDEX task_once ON task (offboarding, system, phase, text)
	WHERE state = 'open';

-- A question to the worker (a dry run, the doctor) and its answer.
CREATE TABLE request (
	id		INTEGER PRIMARY KEY,
	kind		TEXT NOT NULL CHECK (kind IN ('plan', 'check',
			    'certificate')),
	argument	TEXT NOT NULL,
	asked_by	TEXT NOT NULL,
	asked_at	INTEGER NOT NULL,
	answered_at	INTEGER NOT NULL DEFAULT 0,
	answer		TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX request_open ON request (id) WHERE answered_at = 0;

-- What somebody has typed into the form so far. Its token is also the
-- idempotency key of the offboarding that comes of it.
CREATE TABLE draft (
	token		TEXT NOT NULL PRIMARY KEY,
	owner		TEXT NOT NULL,
	fields		TEXT NOT NULL,
	request		INTEGER NOT NULL DEFAULT 0,
	changed_at	INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Letters to people and calls to the HR system, sent by the worker. The same
-- words are never queued twice.
CREATE TABLE message (
	id		INTEGER PRIMARY KEY,
	offboarding	INTEGER NOT NULL REFERENCES offboarding,
	kind		TEXT NOT NULL CHECK (kind IN ('mail', 'webhook')),
	topic		TEXT NOT NULL,
	recipient	TEXT NOT NULL DEFAULT '',
	subject		TEXT NOT NULL DEFAULT '',
	body		TEXT NOT NULL,
	state		TEXT NOT NULL DEFAULT 'queued'
			    CHECK (state IN ('queued', 'sent', 'failed')),
	attempts	INTEGER NOT NULL DEFAULT 0,
	created_at	INTEGER NOT NULL,
	due_at		INTEGER NOT NULL,
	ended_at	INTEGER NOT NULL DEFAULT 0,
	last_error	TEXT NOT NULL DEFAULT '',
	UNIQUE (offboarding, kind, topic, recipient, body)
) STRICT;
CREATE INDEX message_due ON message (due_at) WHERE state = 'queued';

-- The last certificate of each offboarding, and its signature in SSHSIG form.
CREATE TABLE certificate (
	offboarding	INTEGER NOT NULL PRIMARY KEY REFERENCES offboarding,
	made_at		INTEGER NOT NULL,
	text		TEXT NOT NULL,
	signature	TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What each system said last.
CREATE TABLE system (
	name		TEXT NOT NULL PRIMARY KEY,
	kind		TEXT NOT NULL,
	-- '' when it may be called; else why it was stopped.
	stopped		TEXT NOT NULL DEFAULT '',
	last_ok_at	INTEGER NOT NULL DEFAULT 0,
	last_error	TEXT NOT NULL DEFAULT '',
	last_error_at	INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Unix logins that are denied, by which offboarding, from which serial on.
CREATE TABLE denial (
	login		TEXT NOT NULL,
	offboarding	INTEGER NOT NULL REFERENCES offboarding,
	serial		INTEGER NOT NULL,
	since		INTEGER NOT NULL,
	lifted_at	INTEGER NOT NULL DEFAULT 0,
	lifted_serial	INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (login, offboarding)
) STRICT, WITHOUT ROWID;
CREATE INDEX denial_live ON denial (login) WHERE lifted_at = 0;

-- Linux hosts and what each has last confirmed.
CREATE TABLE host (
	name		TEXT NOT NULL PRIMARY KEY,
	scope		TEXT NOT NULL DEFAULT 'default',
	keyid		TEXT NOT NULL UNIQUE,
	key		TEXT NOT NULL,
	enrolled_at	INTEGER NOT NULL,
	retired_at	INTEGER NOT NULL DEFAULT 0,
	reported_at	INTEGER NOT NULL DEFAULT 0,
	host_time	INTEGER NOT NULL DEFAULT 0,
	epoch		INTEGER NOT NULL DEFAULT 0,
	serial		INTEGER NOT NULL DEFAULT 0,
	report		TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- Everything that happened, each row bound to the one before it.
CREATE TABLE audit (
	seq		INTEGER PRIMARY KEY,
	at		INTEGER NOT NULL,
	actor		TEXT NOT NULL,
	event		TEXT NOT NULL,
	offboarding	INTEGER NOT NULL DEFAULT 0,
	system		TEXT NOT NULL DEFAULT '',
	phase		TEXT NOT NULL DEFAULT '',
	detail		TEXT NOT NULL DEFAULT '',
	prev		TEXT NOT NULL,
	hash		TEXT NOT NULL
) STRICT;
CREATE INDEX audit_case ON audit (offboarding, seq);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
	BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
-- REPLACE deletes without asking the trigger below.
CREATE TRIGGER audit_only_next BEFORE INSERT ON audit
	WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit)
	BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
	BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
