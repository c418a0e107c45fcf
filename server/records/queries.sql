-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/records: events made of facts, records made of events, and the walks that check both.

-- name: records_event_put :exec
-- $1 TEXT, $2 TEXT, $3 BYTES, $4 TEXT, $5 INT8, $6 INT8, $7 INT8, $8 INT8, $9 BOOL, $10 TEXT, $11 TEXT, $12 INT8, $13 INT8, $14 INT8
INSERT INTO attendance_event (session, ref, fact_hash, kind, session_version, best_ms, earliest_ms, latest_ms, is_walk_in, kiosk, epoch,
	seq, branch, said_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (session, ref, fact_hash) DO UPDATE SET kind = excluded.kind, session_version = excluded.session_version,
	best_ms = excluded.best_ms, earliest_ms = excluded.earliest_ms, latest_ms = excluded.latest_ms, is_walk_in = excluded.is_walk_in,
	kiosk = excluded.kiosk, epoch = excluded.epoch, seq = excluded.seq, branch = excluded.branch, said_ms = excluded.said_ms;

-- name: records_events_of :many
-- $1 TEXT, $2 TEXT, $3 INT8
SELECT fact_hash, kind, session_version, best_ms, earliest_ms, latest_ms, is_walk_in, kiosk, said_ms FROM attendance_event
WHERE session = $1 AND ref = $2 ORDER BY CASE WHEN said_ms > 0 THEN said_ms ELSE best_ms END, fact_hash LIMIT $3;

-- name: records_event_drop :exec
-- $1 TEXT, $2 TEXT, $3 BYTES
DELETE FROM attendance_event WHERE session = $1 AND ref = $2 AND fact_hash = $3;

-- name: records_version :one
-- $1 TEXT, $2 INT8
SELECT starts_ms, ends_ms, opens_before_min, closes_after_min, late_after_min, share_percent, walk_in, has_sign_out FROM session_version
WHERE session = $1 AND version = $2;

-- name: records_newest_version :one
-- $1 TEXT
SELECT version FROM session WHERE id = $1;

-- name: records_registration :one
-- $1 TEXT, $2 TEXT
SELECT state, version, changed_ms FROM registration WHERE session = $1 AND ref = $2;

-- name: records_kept_version :one
-- $1 TEXT, $2 TEXT
SELECT session_version FROM attendance WHERE session = $1 AND ref = $2;

-- name: records_put :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 INT8, $5 INT8, $6 INT8, $7 INT8, $8 BOOL, $9 BOOL, $10 BYTES, $11 INT8, $12 INT8, $13 TEXT
INSERT INTO attendance (session, ref, state, late_min, minutes, first_in_ms, last_out_ms, is_walk_in, needs_decision, evidence,
	session_version, registration_version, means)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (session, ref) DO UPDATE SET state = excluded.state, late_min = excluded.late_min, minutes = excluded.minutes,
	first_in_ms = excluded.first_in_ms, last_out_ms = excluded.last_out_ms, is_walk_in = excluded.is_walk_in,
	needs_decision = excluded.needs_decision, evidence = excluded.evidence, session_version = excluded.session_version,
	registration_version = excluded.registration_version, means = excluded.means;

-- name: records_drop :exec
-- $1 TEXT, $2 TEXT
DELETE FROM attendance WHERE session = $1 AND ref = $2;

-- name: records_person :one
-- $1 TEXT
SELECT number, name, department FROM person WHERE ref = $1;

-- name: records_session_by_code :one
-- $1 TEXT
SELECT id FROM session WHERE code = $1;

-- name: records_session_by_id :one
-- $1 TEXT
SELECT id FROM session WHERE id = $1;

-- name: records_registered :many
-- $1 TEXT
SELECT ref FROM registration WHERE session = $1 ORDER BY ref;

-- name: records_seen :many
-- $1 TEXT
SELECT DISTINCT ref FROM attendance_event WHERE session = $1 ORDER BY ref;

-- name: records_next_chain :one
-- $1 TEXT, $2 TEXT
SELECT kiosk, epoch FROM fact WHERE (kiosk, epoch) > ($1, $2) ORDER BY kiosk, epoch LIMIT 1;

-- name: records_next_mark :one
-- $1 TEXT, $2 TEXT
SELECT kiosk, epoch, through, hash FROM kiosk_mark WHERE (kiosk, epoch) > ($1, $2) ORDER BY kiosk, epoch LIMIT 1;

-- name: records_mark :one
-- $1 TEXT, $2 TEXT
SELECT through, hash FROM kiosk_mark WHERE kiosk = $1 AND epoch = $2;

-- name: records_facts_of :many
-- $1 TEXT, $2 TEXT, $3 INT8, $4 INT8
SELECT seq, branch, hash, kind, body, best_ms, earliest_ms, latest_ms, is_quarantined FROM fact
WHERE kiosk = $1 AND epoch = $2 AND seq > $3 AND seq <= $4 ORDER BY seq, branch;

-- name: records_next_seq :one
-- $1 TEXT, $2 TEXT, $3 INT8
SELECT seq FROM fact WHERE kiosk = $1 AND epoch = $2 AND seq > $3 ORDER BY seq LIMIT 1;

-- name: records_fact_at :one
-- $1 TEXT, $2 TEXT, $3 INT8, $4 INT8
SELECT hash, kind, body, is_quarantined FROM fact WHERE kiosk = $1 AND epoch = $2 AND seq = $3 AND branch = $4;

-- name: records_next_events :many
-- $1 TEXT, $2 TEXT, $3 INT8
SELECT DISTINCT session, ref FROM attendance_event WHERE (session, ref) > ($1, $2) ORDER BY session, ref LIMIT $3;

-- name: records_event_places :many
-- $1 TEXT, $2 TEXT
SELECT fact_hash, kiosk, epoch, seq, branch FROM attendance_event WHERE session = $1 AND ref = $2;

-- name: records_next_records :many
-- $1 TEXT, $2 TEXT, $3 INT8
SELECT session, ref FROM attendance WHERE (session, ref) > ($1, $2) ORDER BY session, ref LIMIT $3;

-- name: records_has_event :one
-- $1 TEXT, $2 TEXT
SELECT fact_hash FROM attendance_event WHERE session = $1 AND ref = $2 LIMIT 1;

-- name: records_chain :many
-- $1 TEXT, $2 TEXT
SELECT seq, branch, hash, envelope, salt, body, kind FROM fact WHERE kiosk = $1 AND epoch = $2 ORDER BY seq, branch;

-- name: records_unread_of :many
-- $1 TEXT, $2 TEXT
SELECT seq, branch, line FROM fact_unread WHERE kiosk = $1 AND epoch = $2 ORDER BY seq, branch;

-- name: records_lost_of :many
-- $1 TEXT, $2 TEXT
SELECT from_seq, to_seq FROM kiosk_lost WHERE kiosk = $1 AND epoch = $2 ORDER BY from_seq;

-- name: records_signatures_of :many
-- $1 TEXT, $2 TEXT
SELECT seq, hash, rs FROM kiosk_signature WHERE kiosk = $1 AND epoch = $2 ORDER BY seq;

-- name: records_keys_of :many
-- $1 TEXT
SELECT public_key FROM certificate WHERE kiosk = $1 ORDER BY issued_ms DESC, serial;

-- name: records_hashes_at :many
-- $1 TEXT, $2 TEXT, $3 INT8
SELECT hash FROM fact WHERE kiosk = $1 AND epoch = $2 AND seq = $3;

-- name: records_claim_put :exec
-- $1 BYTES, $2 TEXT, $3 TEXT, $4 TEXT
INSERT INTO claim (fact_hash, number, outcome, ref) VALUES ($1, $2, $3, $4)
ON CONFLICT (fact_hash) DO UPDATE SET number = excluded.number, outcome = excluded.outcome, ref = excluded.ref;

-- name: records_claim :one
-- $1 BYTES
SELECT number, outcome, ref FROM claim WHERE fact_hash = $1;

-- When the last thing was said of somebody in a session.
-- name: records_last_said :one
-- $1 TEXT, $2 TEXT
SELECT CASE WHEN said_ms > 0 THEN said_ms ELSE best_ms END FROM attendance_event WHERE session = $1 AND ref = $2 ORDER BY 1 DESC LIMIT 1;
