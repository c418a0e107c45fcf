-- SPDX-License-Identifier: Apache-2.0
-- How a world's server is looked at when everything has come to rest.

-- name: world_facts_of :one
-- $1 BYTES
SELECT COUNT(*) FROM fact WHERE hash = $1;

-- name: world_double_facts :one
SELECT COUNT(*) - COUNT(DISTINCT hash) FROM fact;

-- name: world_lost_at :one
-- $1 TEXT, $2 TEXT, $3 INT8
SELECT COUNT(*) FROM kiosk_lost WHERE kiosk = $1 AND epoch = $2 AND from_seq <= $3 AND to_seq >= $3;

-- Places that are said to be lost and are here.
-- name: world_lost_and_here :one
SELECT COUNT(*) FROM kiosk_lost AS l JOIN fact AS f ON f.kiosk = l.kiosk AND f.epoch = l.epoch AND f.seq BETWEEN l.from_seq AND l.to_seq;

-- name: world_change_holes :one
SELECT COALESCE(MAX(n), 0) - COALESCE(MIN(n), 1) + 1 - COUNT(*) FROM change_log;

-- name: world_change_last :one
SELECT CAST(COALESCE(MAX(n), 0) AS INT8) FROM change_log;

-- name: world_change_head :one
SELECT n FROM log_head WHERE log = 'change';

-- name: world_current :many
-- $1 TEXT
SELECT id, payload FROM change_current WHERE entity = $1 ORDER BY id;

-- name: world_current_kiosks :one
-- $1 TEXT
SELECT COUNT(*) FROM kiosk WHERE id = $1 AND state = 'current';
