-- SPDX-License-Identifier: Apache-2.0
-- The first schema: who the server is, what it says is so (reference), what happened (facts), what follows (records).
-- Neutral form: INT8, TEXT, BYTES, BOOL. Times are milliseconds UTC, ids are UUID text, hashes are 32 bytes.
-- Facts and what is derived from them carry no foreign keys: what did happen is never rejected.

-- organisation.id, organisation.name, server.epoch (16 hex), secrets.fingerprint, device.url …
CREATE TABLE server_state (
	key TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
);

-- Ordered logs take their numbers here, in the last statement before COMMIT: numbers appear in order and without gaps.
CREATE TABLE log_head (
	log TEXT NOT NULL PRIMARY KEY,
	n INT8 NOT NULL
);
INSERT INTO log_head (log, n) VALUES ('change', 0);
INSERT INTO log_head (log, n) VALUES ('audit', 0);
-- No log of its own: changes up to this number are no longer in change_log.
INSERT INTO log_head (log, n) VALUES ('change_floor', 0);

-- Reference on its way down. `change_current` is the newest put of each entity: a snapshot is its rows.
CREATE TABLE change_log (
	n INT8 NOT NULL PRIMARY KEY,
	scope TEXT NOT NULL,
	entity TEXT NOT NULL,
	id TEXT NOT NULL,
	version INT8 NOT NULL,
	op TEXT NOT NULL,
	payload BYTES NOT NULL,
	at_ms INT8 NOT NULL
);
CREATE INDEX change_log_by_scope ON change_log (scope, n);

CREATE TABLE change_current (
	entity TEXT NOT NULL,
	id TEXT NOT NULL,
	scope TEXT NOT NULL,
	version INT8 NOT NULL,
	payload BYTES NOT NULL,
	n INT8 NOT NULL,
	PRIMARY KEY (entity, id)
);
CREATE INDEX change_current_by_scope ON change_current (scope, n);

CREATE TABLE audit (
	n INT8 NOT NULL PRIMARY KEY,
	at_ms INT8 NOT NULL,
	actor TEXT NOT NULL,  -- token's name, "cli", "kiosk:ID"
	action TEXT NOT NULL, -- "kiosk.revoked", "import.employees" …
	entity TEXT NOT NULL,
	id TEXT NOT NULL,
	detail TEXT NOT NULL  -- JSON: before and after, counts
);

CREATE TABLE token (
	hash TEXT NOT NULL PRIMARY KEY, -- SHA-256 of the token, hex: the token itself is shown once and not kept
	name TEXT NOT NULL,
	role TEXT NOT NULL,             -- operator, reader
	created_ms INT8 NOT NULL,
	revoked_ms INT8
);

-- Places.
CREATE TABLE site (
	id TEXT NOT NULL PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,
	utc_offset_min INT8 NOT NULL
);

CREATE TABLE room (
	id TEXT NOT NULL PRIMARY KEY,
	site TEXT NOT NULL REFERENCES site (id),
	code TEXT NOT NULL UNIQUE,
	name_zh TEXT NOT NULL,
	name_en TEXT NOT NULL,
	way_zh TEXT NOT NULL, -- how to get there, for who stands before another room
	way_en TEXT NOT NULL,
	version INT8 NOT NULL
);

-- People. Records hang on `ref`; numbers change with a transfer and go on being found.
CREATE TABLE person (
	ref TEXT NOT NULL PRIMARY KEY,
	site TEXT NOT NULL REFERENCES site (id),
	number TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	language TEXT NOT NULL, -- zh, en
	role TEXT NOT NULL,     -- employee, trainer, administrator
	department TEXT NOT NULL,
	position TEXT NOT NULL,
	state TEXT NOT NULL,    -- active, left
	version INT8 NOT NULL,
	key_sealed BYTES NOT NULL -- K_person under secrets.key
);

CREATE TABLE person_number (
	number TEXT NOT NULL,
	ref TEXT NOT NULL REFERENCES person (ref),
	since_ms INT8 NOT NULL,
	PRIMARY KEY (number, ref)
);

CREATE TABLE credential (
	find TEXT NOT NULL PRIMARY KEY, -- 32 hex digits
	ref TEXT NOT NULL REFERENCES person (ref),
	state TEXT NOT NULL,            -- active, revoked, expired
	until_ms INT8 NOT NULL,         -- 0: no end
	version INT8 NOT NULL,
	code_sealed BYTES NOT NULL,     -- the badge's code under secrets.key: needed to print it again
	created_ms INT8 NOT NULL
);
CREATE INDEX credential_by_ref ON credential (ref);

-- Training.
CREATE TABLE course (
	code TEXT NOT NULL PRIMARY KEY,
	title_zh TEXT NOT NULL,
	title_en TEXT NOT NULL
);

CREATE TABLE session (
	id TEXT NOT NULL PRIMARY KEY,
	code TEXT NOT NULL UNIQUE, -- what people call it
	site TEXT NOT NULL REFERENCES site (id),
	version INT8 NOT NULL      -- the newest of session_version
);

-- Never changed: a record says which version it was judged by.
CREATE TABLE session_version (
	session TEXT NOT NULL REFERENCES session (id),
	version INT8 NOT NULL,
	course TEXT NOT NULL,
	title_zh TEXT NOT NULL,
	title_en TEXT NOT NULL,
	room TEXT NOT NULL REFERENCES room (id),
	trainer TEXT, -- a person's ref
	starts_ms INT8 NOT NULL,
	ends_ms INT8 NOT NULL,
	is_cancelled BOOL NOT NULL,
	opens_before_min INT8 NOT NULL,
	closes_after_min INT8 NOT NULL,
	late_after_min INT8 NOT NULL,
	share_percent INT8 NOT NULL,
	walk_in TEXT NOT NULL,
	has_sign_out BOOL NOT NULL,
	created_ms INT8 NOT NULL,
	PRIMARY KEY (session, version)
);
CREATE INDEX session_version_by_start ON session_version (starts_ms);

CREATE TABLE registration (
	id TEXT NOT NULL PRIMARY KEY,
	session TEXT NOT NULL REFERENCES session (id),
	ref TEXT NOT NULL REFERENCES person (ref),
	state TEXT NOT NULL, -- confirmed, cancelled, excused
	version INT8 NOT NULL,
	changed_ms INT8 NOT NULL,
	UNIQUE (session, ref)
);
CREATE INDEX registration_by_ref ON registration (ref);

-- The fleet.
CREATE TABLE kiosk (
	id TEXT NOT NULL PRIMARY KEY,
	site TEXT NOT NULL REFERENCES site (id),
	room TEXT NOT NULL REFERENCES room (id),
	state TEXT NOT NULL, -- current, revoked, quarantined
	epoch TEXT NOT NULL, -- the epoch it last sent under; '' before the first fact
	enrolled_ms INT8 NOT NULL,
	last_seen_ms INT8 NOT NULL
);

CREATE TABLE certificate (
	serial TEXT NOT NULL PRIMARY KEY, -- 32 hex digits
	kiosk TEXT NOT NULL REFERENCES kiosk (id),
	public_key BYTES NOT NULL, -- SubjectPublicKeyInfo, DER
	der BYTES NOT NULL,
	not_after_ms INT8 NOT NULL,
	state TEXT NOT NULL, -- current, superseded, revoked
	issued_ms INT8 NOT NULL
);
CREATE INDEX certificate_by_kiosk ON certificate (kiosk);

CREATE TABLE enrolment_code (
	hash TEXT NOT NULL PRIMARY KEY, -- SHA-256 of the code, hex
	room TEXT NOT NULL REFERENCES room (id),
	replaces TEXT,                  -- the kiosk that keeps its id
	created_ms INT8 NOT NULL,
	expires_ms INT8 NOT NULL,
	used_ms INT8,
	used_by TEXT,                   -- the kiosk that came of it
	used_key BYTES                  -- its public key: the same request again gets the same answer
);

CREATE TABLE kiosk_status (
	kiosk TEXT NOT NULL PRIMARY KEY,
	document TEXT NOT NULL,
	received_ms INT8 NOT NULL
);

-- How far the server durably has each epoch of each kiosk. Ingest locks this row first.
CREATE TABLE kiosk_mark (
	kiosk TEXT NOT NULL,
	epoch TEXT NOT NULL,
	through INT8 NOT NULL,
	hash BYTES NOT NULL, -- identity of the fact there; zeros at 0
	PRIMARY KEY (kiosk, epoch)
);

CREATE TABLE kiosk_lost (
	kiosk TEXT NOT NULL,
	epoch TEXT NOT NULL,
	from_seq INT8 NOT NULL,
	to_seq INT8 NOT NULL,
	reason TEXT NOT NULL,
	received_ms INT8 NOT NULL,
	PRIMARY KEY (kiosk, epoch, from_seq)
);

CREATE TABLE kiosk_signature (
	kiosk TEXT NOT NULL,
	epoch TEXT NOT NULL,
	seq INT8 NOT NULL,
	hash BYTES NOT NULL,
	rs BYTES NOT NULL,
	PRIMARY KEY (kiosk, epoch, seq)
);

-- A boot of a kiosk, tied to the server's time by an upload: at `up_ms` of that boot it was `at_ms`, at the latest.
CREATE TABLE kiosk_boot (
	kiosk TEXT NOT NULL,
	boot TEXT NOT NULL,
	up_ms INT8 NOT NULL,
	at_ms INT8 NOT NULL,
	PRIMARY KEY (kiosk, boot)
);

-- Facts as they came: three columns that join to the line. Branch 0 is what came first at its place.
CREATE TABLE fact (
	kiosk TEXT NOT NULL,
	epoch TEXT NOT NULL,
	seq INT8 NOT NULL,
	branch INT8 NOT NULL,
	hash BYTES NOT NULL,
	envelope BYTES NOT NULL,
	salt BYTES NOT NULL,
	body BYTES NOT NULL,
	kind TEXT NOT NULL,
	best_ms INT8 NOT NULL,
	earliest_ms INT8 NOT NULL,
	latest_ms INT8 NOT NULL,
	is_clock_bad BOOL NOT NULL,
	is_quarantined BOOL NOT NULL,
	received_ms INT8 NOT NULL
);
CREATE UNIQUE INDEX fact_by_place ON fact (kiosk, epoch, seq, branch);

-- Lines that couldn't be read, as bytes: acknowledged, never thrown away.
CREATE TABLE fact_unread (
	kiosk TEXT NOT NULL,
	epoch TEXT NOT NULL,
	seq INT8 NOT NULL,
	branch INT8 NOT NULL,
	reason TEXT NOT NULL,
	line BYTES NOT NULL,
	received_ms INT8 NOT NULL,
	PRIMARY KEY (kiosk, epoch, seq, branch)
);

-- What facts say about one person in one session: an index over facts that a rebuild makes anew.
CREATE TABLE attendance_event (
	session TEXT NOT NULL,
	ref TEXT NOT NULL,
	fact_hash BYTES NOT NULL,
	kind TEXT NOT NULL, -- in, out, marked, withdrawn
	session_version INT8 NOT NULL,
	best_ms INT8 NOT NULL,
	earliest_ms INT8 NOT NULL,
	latest_ms INT8 NOT NULL,
	is_walk_in BOOL NOT NULL,
	kiosk TEXT NOT NULL, -- with epoch, seq and branch: the fact's place
	epoch TEXT NOT NULL,
	seq INT8 NOT NULL,
	branch INT8 NOT NULL,
	PRIMARY KEY (session, ref, fact_hash)
);

-- The records: a function of events and of the versions named here. Who has no event has no row.
CREATE TABLE attendance (
	session TEXT NOT NULL,
	ref TEXT NOT NULL,
	state TEXT NOT NULL,
	late_min INT8 NOT NULL,
	minutes INT8 NOT NULL,
	first_in_ms INT8 NOT NULL,
	last_out_ms INT8 NOT NULL,
	is_walk_in BOOL NOT NULL,
	needs_decision BOOL NOT NULL,
	evidence BYTES NOT NULL,
	session_version INT8 NOT NULL, -- 0: the session isn't known (it ran unplanned, or was erased)
	registration_version INT8 NOT NULL, -- 0: not registered
	PRIMARY KEY (session, ref)
);

-- What waits for a human. One row a cause: `key` makes a repeated cause the same row.
CREATE TABLE inbox (
	key TEXT NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL, -- fact.branch, fact.unread, facts.lost, clock.unsure, code.reused, kiosk.revoked_sent, person.unknown …
	kiosk TEXT NOT NULL,
	session TEXT NOT NULL,
	ref TEXT NOT NULL,
	detail TEXT NOT NULL, -- JSON
	count INT8 NOT NULL,
	first_ms INT8 NOT NULL,
	last_ms INT8 NOT NULL,
	settled_ms INT8
);
CREATE INDEX inbox_by_time ON inbox (settled_ms, last_ms);
