-- SPDX-License-Identifier: Apache-2.0
-- What the people's interface needs beside the records: how the inbox was settled, and answers to requests that may come twice.

-- A list of the inbox goes on behind a place that never changes.
CREATE INDEX inbox_by_first ON inbox (first_ms, key);

-- Who settled an entry, and with what note; an entry that opens again and is settled again has two.
CREATE TABLE inbox_settlement (
	key TEXT NOT NULL,
	at_ms INT8 NOT NULL,
	actor TEXT NOT NULL,
	note TEXT NOT NULL,
	PRIMARY KEY (key, at_ms)
);

-- Answers that are kept for a day, so that a request sent twice is carried out once.
CREATE TABLE idempotency (
	id TEXT NOT NULL PRIMARY KEY, -- of the token's name and the key
	request BYTES NOT NULL,       -- SHA-256 of method, target, condition and body
	status INT8 NOT NULL,
	etag TEXT NOT NULL,           -- '': none
	answer BYTES NOT NULL,        -- the body under secrets.key: it may hold an enrolment code
	at_ms INT8 NOT NULL
);
CREATE INDEX idempotency_by_time ON idempotency (at_ms);
