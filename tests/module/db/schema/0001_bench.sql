-- SPDX-License-Identifier: Apache-2.0
-- A small schema with one of everything.
CREATE TABLE item (
	id TEXT NOT NULL PRIMARY KEY,
	n INT8 NOT NULL CHECK (n >= 0),
	note TEXT,
	is_done BOOL NOT NULL,
	data BYTES NOT NULL
);
CREATE TABLE part (
	id INT8 NOT NULL PRIMARY KEY,
	item TEXT NOT NULL REFERENCES item (id)
);
CREATE TABLE log_head (
	log TEXT NOT NULL PRIMARY KEY,
	n INT8 NOT NULL
);
INSERT INTO log_head (log, n) VALUES ('change', 0);
