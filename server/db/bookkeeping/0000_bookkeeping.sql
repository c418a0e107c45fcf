-- SPDX-License-Identifier: Apache-2.0
-- What must be there before the first numbered file of the schema: which of them were applied, and a row to try a write on.
CREATE TABLE IF NOT EXISTS migration (
	number INT8 NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	applied_ms INT8 NOT NULL
);
CREATE TABLE IF NOT EXISTS probe (
	id INT8 NOT NULL PRIMARY KEY,
	n INT8 NOT NULL
);
