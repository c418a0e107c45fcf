-- SPDX-License-Identifier: Apache-2.0
-- Staff numbers typed at a kiosk instead of a badge, as the server opened them and found out who it is: one row a fact. A record hangs
-- on what was found out then, so that a rebuild comes to the same and needs no key.
CREATE TABLE claim (
	fact_hash BYTES NOT NULL PRIMARY KEY,
	number TEXT NOT NULL,  -- as it was typed; '' where it can't be read
	outcome TEXT NOT NULL, -- waiting (in quarantine), credited, unknown, ambiguous, unreadable
	ref TEXT NOT NULL      -- whom it counts for; '' unless credited
);

-- How it is known that somebody was there: badge, marked, typed; '' for somebody who was not, and for a record that is older than this
-- column and wasn't judged since.
ALTER TABLE attendance ADD COLUMN means TEXT NOT NULL DEFAULT '';
