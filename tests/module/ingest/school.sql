-- SPDX-License-Identifier: Apache-2.0
-- What tests of changes, ingest and records put into a fresh database, and how they look at it.

-- name: school_state :exec
-- $1 TEXT, $2 TEXT
INSERT INTO server_state (key, value) VALUES ($1, $2);

-- name: school_site :exec
-- $1 TEXT, $2 TEXT
INSERT INTO site (id, code, utc_offset_min) VALUES ($1, $2, 480);

-- name: school_room :exec
-- $1 TEXT, $2 TEXT, $3 TEXT
INSERT INTO room (id, site, code, name_zh, name_en, way_zh, way_en, version) VALUES ($1, $2, $3, '教室', 'Room', '', '', 1);

-- name: school_person :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 TEXT, $5 BYTES
INSERT INTO person (ref, site, number, name, language, role, department, position, state, version, key_sealed)
VALUES ($1, $2, $3, $4, 'zh', 'employee', 'A', '', 'active', 1, $5);

-- name: school_session :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 INT8
INSERT INTO session (id, code, site, version) VALUES ($1, $2, $3, $4);

-- name: school_version :exec
-- $1 TEXT, $2 INT8, $3 TEXT, $4 INT8, $5 INT8, $6 INT8, $7 BOOL
INSERT INTO session_version (session, version, course, title_zh, title_en, room, trainer, starts_ms, ends_ms, is_cancelled,
	opens_before_min, closes_after_min, late_after_min, share_percent, walk_in, has_sign_out, created_ms)
VALUES ($1, $2, 'T-001-01', '安全', 'Safety', $3, NULL, $4, $5, 0, 30, 0, $6, 80, 'free', $7, 0);

-- name: school_registration :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 TEXT, $5 INT8
INSERT INTO registration (id, session, ref, state, version, changed_ms) VALUES ($1, $2, $3, $4, 1, $5);

-- name: school_kiosk :exec
-- $1 TEXT, $2 TEXT, $3 TEXT
INSERT INTO kiosk (id, site, room, state, epoch, enrolled_ms, last_seen_ms) VALUES ($1, $2, $3, 'current', '', 0, 0);

-- name: school_kiosk_state :exec
-- $1 TEXT, $2 TEXT
UPDATE kiosk SET state = $2 WHERE id = $1;

-- name: school_certificate :exec
-- $1 TEXT, $2 TEXT, $3 BYTES
INSERT INTO certificate (serial, kiosk, public_key, der, not_after_ms, state, issued_ms) VALUES ($1, $2, $3, $3, 0, 'current', 0);

-- name: school_person_gone :exec
-- $1 TEXT
DELETE FROM person WHERE ref = $1;

-- name: school_count_facts :one
SELECT COUNT(*) FROM fact;

-- name: school_count_unread :one
SELECT COUNT(*) FROM fact_unread;

-- name: school_count_events :one
SELECT COUNT(*) FROM attendance_event;

-- name: school_count_records :one
SELECT COUNT(*) FROM attendance;

-- name: school_count_branches :one
SELECT COUNT(*) FROM fact WHERE branch > 0;

-- name: school_count_quarantined :one
SELECT COUNT(*) FROM fact WHERE is_quarantined = 1;

-- name: school_count_signatures :one
SELECT COUNT(*) FROM kiosk_signature;

-- name: school_count_lost :one
SELECT CAST(COALESCE(SUM(to_seq - from_seq + 1), 0) AS INT8) FROM kiosk_lost;

-- name: school_count_changes :one
SELECT COUNT(*) FROM change_log;

-- name: school_count_current :one
SELECT COUNT(*) FROM change_current;

-- name: school_count_inbox :one
-- $1 TEXT
SELECT CAST(COALESCE(SUM(count), 0) AS INT8) FROM inbox WHERE kind = $1;

-- name: school_fact_at :one
-- $1 TEXT, $2 TEXT, $3 INT8, $4 INT8
SELECT envelope, salt, body, best_ms, earliest_ms, latest_ms, is_clock_bad FROM fact
WHERE kiosk = $1 AND epoch = $2 AND seq = $3 AND branch = $4;

-- name: school_record :one
-- $1 TEXT, $2 TEXT
SELECT state, late_min, minutes, first_in_ms, last_out_ms, is_walk_in, needs_decision, session_version, registration_version FROM attendance
WHERE session = $1 AND ref = $2;

-- name: school_unread_reason :one
-- $1 INT8
SELECT reason FROM fact_unread WHERE seq = $1;

-- name: school_all_records :many
SELECT session, ref, state, late_min, minutes, first_in_ms, last_out_ms, is_walk_in, needs_decision, evidence, session_version,
	registration_version, means FROM attendance ORDER BY session, ref;

-- name: school_all_events :many
SELECT session, ref, fact_hash, kind, session_version, best_ms, earliest_ms, latest_ms, is_walk_in, kiosk, epoch, seq, branch, said_ms
FROM attendance_event ORDER BY session, ref, fact_hash;

-- name: school_spoil_records :exec
UPDATE attendance SET state = 'absent', late_min = 99, minutes = 99, first_in_ms = 1, last_out_ms = 1, is_walk_in = 1,
	needs_decision = 1, registration_version = 99, means = 'typed';

-- name: school_spoil_events :exec
UPDATE attendance_event SET kind = 'withdrawn', best_ms = 1, earliest_ms = 1, latest_ms = 1, is_walk_in = 1, kiosk = 'x', epoch = 'x',
	session_version = 99, said_ms = 3;

-- name: school_drop_events :exec
DELETE FROM attendance_event;

-- name: school_drop_records :exec
DELETE FROM attendance;

-- name: school_false_event :exec
-- $1 TEXT, $2 TEXT, $3 BYTES
INSERT INTO attendance_event (session, ref, fact_hash, kind, session_version, best_ms, earliest_ms, latest_ms, is_walk_in, kiosk, epoch,
	seq, branch)
VALUES ($1, $2, $3, 'in', 1, 5, 5, 5, 0, '', '', 1, 0);

-- name: school_alter_body :exec
-- $1 INT8, $2 BYTES
UPDATE fact SET body = $2 WHERE seq = $1;

-- name: school_drop_fact :exec
-- $1 INT8
DELETE FROM fact WHERE seq = $1;

-- name: school_alter_mark :exec
-- $1 BYTES
UPDATE kiosk_mark SET hash = $1;

-- name: school_alter_signature :exec
-- $1 BYTES
UPDATE kiosk_signature SET rs = $1;

-- name: school_count_claims :one
-- $1 TEXT
SELECT COUNT(*) FROM claim WHERE outcome = $1;

-- name: school_count_entries :one
-- $1 TEXT
SELECT COUNT(*) FROM inbox WHERE kind = $1;

-- name: school_inbox_shows :one
-- $1 TEXT, $2 TEXT
SELECT COUNT(*) FROM inbox WHERE kind = $1 AND detail <> replace(detail, $2, '');

-- name: school_old_number :exec
-- $1 TEXT, $2 TEXT
INSERT INTO person_number (number, ref, since_ms) VALUES ($1, $2, 1);

-- name: school_person_left :exec
-- $1 TEXT
UPDATE person SET state = 'left' WHERE ref = $1;

-- name: school_count_audits :one
-- $1 TEXT
SELECT COUNT(*) FROM audit WHERE action = $1;

-- name: school_server_epoch :exec
-- $1 TEXT
UPDATE server_state SET value = $1 WHERE key = 'server.epoch';

-- name: school_open_entries :one
-- $1 TEXT
SELECT COUNT(*) FROM inbox WHERE kind = $1 AND settled_ms IS NULL;

-- name: school_seen_ms :one
-- $1 TEXT
SELECT last_seen_ms FROM kiosk WHERE id = $1;
