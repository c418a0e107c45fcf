-- SPDX-License-Identifier: Apache-2.0
-- The journal's statements. Places: see schema/0001_journal.sql.

-- name: epoch_insert :exec
-- $1 INT8, $2 INT8, $3 BYTES
INSERT INTO epoch (n, epoch, last, acknowledged, pruned, pruned_hash) VALUES ($1, $2, 0, 0, 0, $3);

-- name: epoch_close :exec
-- $1 INT8, $2 INT8
UPDATE epoch SET last = $2 WHERE n = $1;

-- name: epoch_acknowledge :exec
-- $1 INT8, $2 INT8
UPDATE epoch SET acknowledged = $2 WHERE n = $1;

-- name: epoch_prune :exec
-- $1 INT8, $2 INT8, $3 BYTES
UPDATE epoch SET pruned = $2, pruned_hash = $3 WHERE n = $1;

-- name: epochs :many
SELECT n, epoch, last, acknowledged, pruned, pruned_hash FROM epoch ORDER BY n;

-- name: fact_insert :exec
-- $1 INT8, $2 TEXT, $3 BYTES, $4 TEXT
INSERT INTO fact (place, envelope, salt, body) VALUES ($1, $2, $3, $4);

-- name: fact_at :one
-- $1 INT8
SELECT envelope, salt, body FROM fact WHERE place = $1;

-- name: facts_from :many
-- $1 INT8, $2 INT8, $3 INT8
SELECT place, envelope, salt, body FROM fact WHERE place >= $1 AND place <= $2 ORDER BY place LIMIT $3;

-- name: fact_last :one
-- $1 INT8, $2 INT8
SELECT place FROM fact WHERE place >= $1 AND place <= $2 ORDER BY place DESC LIMIT 1;

-- name: facts_delete :exec
-- $1 INT8, $2 INT8
DELETE FROM fact WHERE place >= $1 AND place <= $2;

-- name: ack_last :one
-- $1 INT8, $2 INT8
SELECT place, at_ms FROM ack WHERE place >= $1 AND place <= $2 ORDER BY place DESC LIMIT 1;

-- name: ack_until :one
-- $1 INT8, $2 INT8, $3 INT8
SELECT place FROM ack WHERE place >= $1 AND place <= $2 AND at_ms <= $3 ORDER BY place DESC LIMIT 1;

-- name: ack_insert :exec
-- $1 INT8, $2 INT8
INSERT INTO ack (place, at_ms) VALUES ($1, $2) ON CONFLICT (place) DO UPDATE SET at_ms = excluded.at_ms;

-- name: acks_delete :exec
-- $1 INT8, $2 INT8
DELETE FROM ack WHERE place >= $1 AND place <= $2;

-- name: mark_put :exec
-- $1 TEXT, $2 INT8, $3 INT8, $4 BYTES
INSERT INTO mark (name, epoch, seq, hash) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, hash = excluded.hash;

-- name: mark_get :one
-- $1 TEXT
SELECT epoch, seq, hash FROM mark WHERE name = $1;

-- name: signature_put :exec
-- $1 INT8, $2 BYTES, $3 BYTES
INSERT INTO signature (place, hash, rs) VALUES ($1, $2, $3)
ON CONFLICT (place) DO UPDATE SET hash = excluded.hash, rs = excluded.rs;

-- name: signature_last :one
-- $1 INT8, $2 INT8
SELECT place, hash, rs FROM signature WHERE place >= $1 AND place <= $2 ORDER BY place DESC LIMIT 1;

-- name: signatures_delete :exec
-- $1 INT8, $2 INT8
DELETE FROM signature WHERE place >= $1 AND place <= $2;

-- name: state_put :exec
-- $1 TEXT, $2 BYTES
INSERT INTO state (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: state_get :one
-- $1 TEXT
SELECT value FROM state WHERE key = $1;

-- name: draft_put :exec
-- $1 TEXT, $2 BYTES
INSERT INTO draft (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: draft_get :one
-- $1 TEXT
SELECT value FROM draft WHERE key = $1;

-- name: draft_drop :exec
-- $1 TEXT
DELETE FROM draft WHERE key = $1;
