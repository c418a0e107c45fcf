-- SPDX-License-Identifier: Apache-2.0
-- The kiosk's journal. A fact's place is one number: the epoch's number here (1, 2, 3 …) times 2^40, plus its seq. So facts lie in
-- the file in the order in which they were written, a commit touches the last page only, and no second index has to be written.

-- Epochs in the order of their birth; the last one is the current one. `last` counts for the closed ones only.
CREATE TABLE epoch (
	n INT8 NOT NULL PRIMARY KEY,
	epoch INT8 NOT NULL UNIQUE,
	last INT8 NOT NULL,
	acknowledged INT8 NOT NULL,
	pruned INT8 NOT NULL,
	pruned_hash BYTES NOT NULL
);

-- The bytes of a fact line in three columns (the salt as its 16 bytes), so that a body can be erased and the chain still holds.
CREATE TABLE fact (
	place INT8 NOT NULL PRIMARY KEY,
	envelope TEXT NOT NULL,
	salt BYTES NOT NULL,
	body TEXT NOT NULL
);

-- When the server acknowledged everything up to a place; at most one row an hour. The 90 days run from there.
CREATE TABLE ack (
	place INT8 NOT NULL PRIMARY KEY,
	at_ms INT8 NOT NULL
);

-- 'acknowledged' and 'pruned': the last fact of each kind, kept for good.
CREATE TABLE mark (
	name TEXT NOT NULL PRIMARY KEY,
	epoch INT8 NOT NULL,
	seq INT8 NOT NULL,
	hash BYTES NOT NULL
);

CREATE TABLE signature (
	place INT8 NOT NULL PRIMARY KEY,
	hash BYTES NOT NULL,
	rs BYTES NOT NULL
);

CREATE TABLE draft (
	key TEXT NOT NULL PRIMARY KEY,
	value BYTES NOT NULL
);

CREATE TABLE state (
	key TEXT NOT NULL PRIMARY KEY,
	value BYTES NOT NULL
);
