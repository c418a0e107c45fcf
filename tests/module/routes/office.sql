-- SPDX-License-Identifier: Apache-2.0
-- What tests of routes put into a fresh database.

-- name: office_site :exec
-- $1 TEXT
INSERT INTO site (id, code, utc_offset_min) VALUES ($1, 'HQ', 480);

-- name: office_room :exec
-- $1 TEXT, $2 TEXT
INSERT INTO room (id, site, code, name_zh, name_en, way_zh, way_en, version) VALUES ($1, $2, '3F-305', '', '', '', '', 1);

-- name: office_kiosk :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 TEXT
INSERT INTO kiosk (id, site, room, state, epoch, enrolled_ms, last_seen_ms) VALUES ($1, $2, $3, $4, '', 0, 0);

-- name: office_certificate :exec
-- $1 TEXT, $2 TEXT, $3 BYTES, $4 INT8
INSERT INTO certificate (serial, kiosk, public_key, der, not_after_ms, state, issued_ms)
VALUES ($1, $2, $3, $3, $4, 'current', 0);

-- name: office_session :exec
-- $1 TEXT, $2 TEXT, $3 TEXT
INSERT INTO session (id, code, site, version) VALUES ($1, $2, $3, 1);

-- name: office_session_version :exec
-- $1 TEXT, $2 TEXT, $3 INT8
INSERT INTO session_version (session, version, course, title_zh, title_en, room, trainer, starts_ms, ends_ms, is_cancelled,
	opens_before_min, closes_after_min, late_after_min, share_percent, walk_in, has_sign_out, created_ms)
VALUES ($1, 1, 'T-001-01', '安全', 'Safety', $2, NULL, $3, $3 + 3600000, 0, 30, 0, 10, 80, 'free', 0, 0);

-- name: office_state :exec
-- $1 TEXT, $2 TEXT
INSERT INTO server_state (key, value) VALUES ($1, $2);
