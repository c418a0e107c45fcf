-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/training: sessions in their newest version, versions, registrations.

-- name: training_session_by_code :one
-- $1 TEXT
SELECT s.id, s.code, v.version, v.course, v.title_zh, v.title_en, v.starts_ms, v.ends_ms, v.is_cancelled, v.opens_before_min,
       v.closes_after_min, v.late_after_min, v.share_percent, v.walk_in, v.has_sign_out, r.id, r.code, v.trainer, p.id, p.code,
       p.utc_offset_min, (SELECT COUNT(*) FROM registration g WHERE g.session = s.id AND g.state = 'confirmed')
FROM session s JOIN session_version v ON v.session = s.id AND v.version = s.version JOIN room r ON r.id = v.room JOIN site p ON p.id = s.site
WHERE s.code = $1;

-- name: training_session_by_id :one
-- $1 TEXT
SELECT s.id, s.code, v.version, v.course, v.title_zh, v.title_en, v.starts_ms, v.ends_ms, v.is_cancelled, v.opens_before_min,
       v.closes_after_min, v.late_after_min, v.share_percent, v.walk_in, v.has_sign_out, r.id, r.code, v.trainer, p.id, p.code,
       p.utc_offset_min, (SELECT COUNT(*) FROM registration g WHERE g.session = s.id AND g.state = 'confirmed')
FROM session s JOIN session_version v ON v.session = s.id AND v.version = s.version JOIN room r ON r.id = v.room JOIN site p ON p.id = s.site
WHERE s.id = $1;

-- name: training_sessions_after :many
-- $1 INT8, $2 TEXT, $3 INT8
SELECT s.id, s.code, v.version, v.course, v.title_zh, v.title_en, v.starts_ms, v.ends_ms, v.is_cancelled, v.opens_before_min,
       v.closes_after_min, v.late_after_min, v.share_percent, v.walk_in, v.has_sign_out, r.id, r.code, v.trainer, p.id, p.code,
       p.utc_offset_min, (SELECT COUNT(*) FROM registration g WHERE g.session = s.id AND g.state = 'confirmed')
FROM session_version v JOIN session s ON s.id = v.session AND s.version = v.version JOIN room r ON r.id = v.room JOIN site p ON p.id = s.site
WHERE v.starts_ms >= $1 AND (v.starts_ms > $1 OR v.session > $2) ORDER BY v.starts_ms, v.session LIMIT $3;

-- name: training_session_add :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 INT8
INSERT INTO session (id, code, site, version) VALUES ($1, $2, $3, $4);

-- name: training_session_raise :exec
-- $1 TEXT, $2 TEXT, $3 INT8
UPDATE session SET site = $2, version = $3 WHERE id = $1;

-- name: training_version_add :exec
-- $1 TEXT, $2 INT8, $3 TEXT, $4 TEXT, $5 TEXT, $6 TEXT, $7 TEXT?, $8 INT8, $9 INT8, $10 BOOL, $11 INT8, $12 INT8, $13 INT8, $14 INT8, $15 TEXT, $16 BOOL, $17 INT8
INSERT INTO session_version (session, version, course, title_zh, title_en, room, trainer, starts_ms, ends_ms, is_cancelled,
    opens_before_min, closes_after_min, late_after_min, share_percent, walk_in, has_sign_out, created_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17);

-- A course is known from its first session on, under that session's title.
-- name: training_course_add :exec
-- $1 TEXT, $2 TEXT, $3 TEXT
INSERT INTO course (code, title_zh, title_en) VALUES ($1, $2, $3) ON CONFLICT (code) DO NOTHING;

-- name: training_registration :one
-- $1 TEXT, $2 TEXT
SELECT id, state, version FROM registration WHERE session = $1 AND ref = $2;

-- name: training_registrations_confirmed :many
-- $1 TEXT
SELECT id, ref, version FROM registration WHERE session = $1 AND state = 'confirmed' ORDER BY ref;

-- name: training_registration_add :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 TEXT, $5 INT8
INSERT INTO registration (id, session, ref, state, version, changed_ms) VALUES ($1, $2, $3, $4, 1, $5);

-- name: training_registration_update :exec
-- $1 TEXT, $2 TEXT, $3 INT8, $4 INT8
UPDATE registration SET state = $2, version = $3, changed_ms = $4 WHERE id = $1;

-- name: training_registrations_after :many
-- $1 TEXT, $2 TEXT, $3 INT8
SELECT g.id, g.session, g.ref, p.number, p.name, g.state, g.version, g.changed_ms
FROM registration g JOIN person p ON p.ref = g.ref WHERE g.session = $1 AND g.ref > $2 ORDER BY g.ref LIMIT $3;

-- name: training_registration_of :one
-- $1 TEXT, $2 TEXT
SELECT g.id, g.session, g.ref, p.number, p.name, g.state, g.version, g.changed_ms
FROM registration g JOIN person p ON p.ref = g.ref WHERE g.session = $1 AND g.ref = $2;

-- Guarded by what was seen: whoever comes second changes nothing.
-- name: training_registration_insert :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 TEXT, $5 INT8
INSERT INTO registration (id, session, ref, state, version, changed_ms) VALUES ($1, $2, $3, $4, 1, $5)
ON CONFLICT (session, ref) DO NOTHING;

-- name: training_registration_change :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 INT8, $5 INT8
UPDATE registration SET state = $3, version = version + 1, changed_ms = $5 WHERE session = $1 AND ref = $2 AND version = $4;
