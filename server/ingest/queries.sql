-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/ingest: marks, facts at their place, what stands beside them, the inbox.

-- name: ingest_server_epoch :one
SELECT value FROM server_state WHERE key = 'server.epoch';

-- name: ingest_site_of :one
-- $1 TEXT
SELECT site FROM kiosk WHERE id = $1;

-- All that an upload must know: the kiosk, the server, and whether the boot is anchored.
-- name: ingest_kiosk :one
-- $1 TEXT, $2 TEXT
SELECT site, state, epoch, last_seen_ms, (SELECT value FROM server_state WHERE key = 'server.epoch'),
	(SELECT count(*) FROM kiosk_boot WHERE kiosk = $1 AND boot = $2) FROM kiosk WHERE id = $1;

-- name: ingest_kiosk_seen :exec
-- $1 TEXT, $2 TEXT, $3 INT8
UPDATE kiosk SET epoch = $2, last_seen_ms = $3 WHERE id = $1;

-- name: ingest_kiosk_touch :exec
-- $1 TEXT, $2 INT8
UPDATE kiosk SET last_seen_ms = $2 WHERE id = $1;

-- The same of a kiosk that waits to be entered in the register.
-- name: ingest_unknown :one
-- $1 TEXT, $2 TEXT
SELECT epoch, last_ms, (SELECT value FROM server_state WHERE key = 'server.epoch'),
	(SELECT count(*) FROM kiosk_boot WHERE kiosk = $1 AND boot = $2) FROM kiosk_unknown WHERE kiosk = $1;

-- name: ingest_unknown_seen :exec
-- $1 TEXT, $2 TEXT, $3 INT8
UPDATE kiosk_unknown SET epoch = $2, last_ms = $3 WHERE kiosk = $1;

-- name: ingest_kiosk_quarantine :exec
-- $1 TEXT
UPDATE kiosk SET state = 'quarantined' WHERE id = $1 AND state = 'current';

-- The mark of an epoch's first facts.
-- name: ingest_mark_make :exec
-- $1 TEXT, $2 TEXT, $3 INT8, $4 BYTES
INSERT INTO kiosk_mark (kiosk, epoch, through, hash) VALUES ($1, $2, $3, $4) ON CONFLICT (kiosk, epoch) DO NOTHING;

-- On from where the kiosk thinks it is, or not at all.
-- name: ingest_mark_move_on :exec
-- $1 TEXT, $2 TEXT, $3 INT8, $4 BYTES, $5 INT8, $6 BYTES
UPDATE kiosk_mark SET through = $3, hash = $4 WHERE kiosk = $1 AND epoch = $2 AND through = $5 AND hash = $6;

-- Makes the row and locks it either way.
-- name: ingest_mark_lock :one
-- $1 TEXT, $2 TEXT, $3 BYTES
INSERT INTO kiosk_mark (kiosk, epoch, through, hash) VALUES ($1, $2, 0, $3)
ON CONFLICT (kiosk, epoch) DO UPDATE SET through = kiosk_mark.through
RETURNING through, hash;

-- name: ingest_mark :one
-- $1 TEXT, $2 TEXT
SELECT through, hash FROM kiosk_mark WHERE kiosk = $1 AND epoch = $2;

-- name: ingest_first_fact :one
-- $1 TEXT, $2 TEXT
SELECT kind, body FROM fact WHERE kiosk = $1 AND epoch = $2 AND seq = 1 AND branch = 0;

-- name: ingest_mark_move :exec
-- $1 TEXT, $2 TEXT, $3 INT8, $4 BYTES
UPDATE kiosk_mark SET through = $3, hash = $4 WHERE kiosk = $1 AND epoch = $2;

-- name: ingest_fact_add :exec
-- $1 TEXT, $2 TEXT, $3 INT8, $4 INT8, $5 BYTES, $6 BYTES, $7 BYTES, $8 BYTES, $9 TEXT, $10 INT8, $11 INT8, $12 INT8, $13 BOOL, $14 BOOL, $15 INT8
INSERT INTO fact (kiosk, epoch, seq, branch, hash, envelope, salt, body, kind, best_ms, earliest_ms, latest_ms, is_clock_bad,
	is_quarantined, received_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: ingest_facts_at :many
-- $1 TEXT, $2 TEXT, $3 INT8
SELECT branch, hash FROM fact WHERE kiosk = $1 AND epoch = $2 AND seq = $3;

-- name: ingest_unread_at :many
-- $1 TEXT, $2 TEXT, $3 INT8
SELECT branch, line FROM fact_unread WHERE kiosk = $1 AND epoch = $2 AND seq = $3;

-- name: ingest_earliest_at :one
-- $1 TEXT, $2 TEXT, $3 INT8
SELECT earliest_ms FROM fact WHERE kiosk = $1 AND epoch = $2 AND seq = $3 AND branch = 0;

-- name: ingest_unread_add :exec
-- $1 TEXT, $2 TEXT, $3 INT8, $4 INT8, $5 TEXT, $6 BYTES, $7 INT8
INSERT INTO fact_unread (kiosk, epoch, seq, branch, reason, line, received_ms) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: ingest_lost_add :exec
-- $1 TEXT, $2 TEXT, $3 INT8, $4 INT8, $5 TEXT, $6 INT8
INSERT INTO kiosk_lost (kiosk, epoch, from_seq, to_seq, reason, received_ms) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (kiosk, epoch, from_seq) DO UPDATE SET to_seq = excluded.to_seq, reason = excluded.reason WHERE kiosk_lost.to_seq < excluded.to_seq;

-- name: ingest_keys_of :many
-- $1 TEXT
SELECT public_key, issued_ms, serial FROM certificate WHERE kiosk = $1
UNION ALL SELECT public_key, first_ms, serial FROM certificate_unknown WHERE kiosk = $1 ORDER BY issued_ms DESC, serial;

-- name: ingest_signature_put :exec
-- $1 TEXT, $2 TEXT, $3 INT8, $4 BYTES, $5 BYTES
INSERT INTO kiosk_signature (kiosk, epoch, seq, hash, rs) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (kiosk, epoch, seq) DO UPDATE SET hash = excluded.hash, rs = excluded.rs;

-- name: ingest_anchor :one
-- $1 TEXT, $2 TEXT
SELECT up_ms, at_ms FROM kiosk_boot WHERE kiosk = $1 AND boot = $2;

-- name: ingest_anchor_put :exec
-- $1 TEXT, $2 TEXT, $3 INT8, $4 INT8
INSERT INTO kiosk_boot (kiosk, boot, up_ms, at_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (kiosk, boot) DO NOTHING;

-- name: ingest_inbox_put :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 TEXT, $5 TEXT, $6 TEXT, $7 INT8, $8 INT8
INSERT INTO inbox (key, kind, kiosk, session, ref, detail, count, first_ms, last_ms, settled_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, NULL)
ON CONFLICT (key) DO UPDATE SET detail = excluded.detail, count = inbox.count + excluded.count, last_ms = excluded.last_ms,
	settled_ms = NULL;

-- name: ingest_person :one
-- $1 TEXT
SELECT state FROM person WHERE ref = $1;

-- name: ingest_badge :one
-- $1 TEXT
SELECT state FROM credential WHERE find = $1;

-- name: ingest_badge_changed :one
-- $1 TEXT, $2 TEXT
SELECT l.at_ms FROM change_current AS c JOIN change_log AS l ON l.n = c.n WHERE c.entity = $1 AND c.id = $2;

-- name: ingest_presence :one
-- $1 TEXT, $2 TEXT
SELECT version, payload FROM change_current WHERE entity = $1 AND id = $2;

-- name: ingest_quarantine_piece :many
-- $1 TEXT, $2 TEXT, $3 INT8, $4 INT8
SELECT seq, branch, hash, kind, body, best_ms, earliest_ms, latest_ms FROM fact
WHERE kiosk = $1 AND epoch = $2 AND seq >= $3 AND is_quarantined = 1 ORDER BY seq, branch LIMIT $4;

-- name: ingest_quarantine_lift :exec
-- $1 TEXT, $2 TEXT, $3 INT8, $4 INT8
UPDATE fact SET is_quarantined = 0 WHERE kiosk = $1 AND epoch = $2 AND seq = $3 AND branch = $4;

-- name: ingest_next_epoch :one
-- $1 TEXT, $2 TEXT
SELECT epoch FROM kiosk_mark WHERE kiosk = $1 AND epoch > $2 ORDER BY epoch LIMIT 1;
