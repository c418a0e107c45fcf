-- SPDX-License-Identifier: Apache-2.0
ALTER TABLE item ADD COLUMN colour TEXT;
CREATE TABLE later (
	id INT8 NOT NULL PRIMARY KEY
);
