-- SPDX-License-Identifier: Apache-2.0
-- The kiosk's roster: what the server's changes say, in rows that a look-up reads without parsing. Ids are 16 bytes, times
-- milliseconds UTC, states the numbers of the enums in reference.h. Names of persons are only in `sealed`.

-- 'cursor': where the next changes go on, as the server wrote it.
CREATE TABLE meta (
	key TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
);

CREATE TABLE credential (
	find BYTES NOT NULL PRIMARY KEY,
	version INT8 NOT NULL,
	ref BYTES NOT NULL,
	state INT8 NOT NULL,
	until_ms INT8 NOT NULL,
	wrap BYTES NOT NULL
);

CREATE TABLE person (
	ref BYTES NOT NULL PRIMARY KEY,
	version INT8 NOT NULL,
	sealed BYTES NOT NULL
);

CREATE TABLE room (
	id BYTES NOT NULL PRIMARY KEY,
	code TEXT NOT NULL,
	name_zh TEXT NOT NULL,
	name_en TEXT NOT NULL,
	way_zh TEXT NOT NULL,
	way_en TEXT NOT NULL
);

-- `opens_ms` and `closes_ms` follow from times and rules; they are here so that an index can find them.
CREATE TABLE session (
	id BYTES NOT NULL PRIMARY KEY,
	version INT8 NOT NULL,
	room BYTES NOT NULL,
	title_zh TEXT NOT NULL,
	title_en TEXT NOT NULL,
	course TEXT NOT NULL,
	starts_ms INT8 NOT NULL,
	ends_ms INT8 NOT NULL,
	opens_before_min INT8 NOT NULL,
	closes_after_min INT8 NOT NULL,
	late_after_min INT8 NOT NULL,
	share_percent INT8 NOT NULL,
	walk_in INT8 NOT NULL,
	has_sign_out INT8 NOT NULL,
	is_cancelled INT8 NOT NULL,
	expected INT8 NOT NULL,
	opens_ms INT8 NOT NULL,
	closes_ms INT8 NOT NULL
);
CREATE INDEX session_by_room ON session (room, closes_ms);

CREATE TABLE registration (
	id BYTES NOT NULL PRIMARY KEY,
	session BYTES NOT NULL,
	ref BYTES NOT NULL
);
CREATE INDEX registration_by_ref ON registration (ref, session);
CREATE INDEX registration_by_session ON registration (session);

CREATE TABLE presence (
	session BYTES NOT NULL,
	ref BYTES NOT NULL,
	state INT8 NOT NULL,
	since_ms INT8 NOT NULL,
	by_kiosk BYTES NOT NULL,
	PRIMARY KEY (session, ref)
);

CREATE TABLE setting (
	key TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
);

-- What has no table of its own (list, list_key, session_state, rule, trust, erase), payload as it came.
CREATE TABLE entity (
	entity TEXT NOT NULL,
	id TEXT NOT NULL,
	version INT8 NOT NULL,
	payload BYTES NOT NULL,
	PRIMARY KEY (entity, id)
);
