-- SPDX-License-Identifier: Apache-2.0
-- The roster's statements. A put replaces: the server's order is the order in which changes are applied.

-- name: meta_put :exec
-- $1 TEXT, $2 TEXT
INSERT INTO meta (key, value)
VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: credential_put :exec
-- $1 BYTES, $2 INT8, $3 BYTES, $4 INT8, $5 INT8, $6 BYTES
INSERT INTO credential (find, version, ref, state, until_ms, wrap)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (find) DO UPDATE SET version = excluded.version, ref = excluded.ref, state = excluded.state,
	until_ms = excluded.until_ms, wrap = excluded.wrap;

-- name: credential_delete :exec
-- $1 BYTES
DELETE FROM credential WHERE find = $1;

-- name: person_put :exec
-- $1 BYTES, $2 INT8, $3 BYTES
INSERT INTO person (ref, version, sealed)
VALUES ($1, $2, $3)
ON CONFLICT (ref) DO UPDATE SET version = excluded.version, sealed = excluded.sealed;

-- name: person_delete :exec
-- $1 BYTES
DELETE FROM person WHERE ref = $1;

-- name: room_put :exec
-- $1 BYTES, $2 TEXT, $3 TEXT, $4 TEXT, $5 TEXT, $6 TEXT
INSERT INTO room (id, code, name_zh, name_en, way_zh, way_en)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE SET code = excluded.code, name_zh = excluded.name_zh, name_en = excluded.name_en,
	way_zh = excluded.way_zh, way_en = excluded.way_en;

-- name: room_delete :exec
-- $1 BYTES
DELETE FROM room WHERE id = $1;

-- name: session_put :exec
-- $1 BYTES, $2 INT8, $3 BYTES, $4 TEXT, $5 TEXT, $6 TEXT, $7 INT8, $8 INT8, $9 INT8, $10 INT8, $11 INT8, $12 INT8, $13 INT8, $14 INT8, $15 INT8, $16 INT8, $17 INT8, $18 INT8
INSERT INTO session (id, version, room, title_zh, title_en, course, starts_ms, ends_ms, opens_before_min,
	closes_after_min, late_after_min, share_percent, walk_in, has_sign_out, is_cancelled, expected, opens_ms,
	closes_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, room = excluded.room, title_zh = excluded.title_zh,
	title_en = excluded.title_en, course = excluded.course, starts_ms = excluded.starts_ms, ends_ms =
	excluded.ends_ms, opens_before_min = excluded.opens_before_min, closes_after_min = excluded.closes_after_min,
	late_after_min = excluded.late_after_min, share_percent = excluded.share_percent, walk_in = excluded.walk_in,
	has_sign_out = excluded.has_sign_out, is_cancelled = excluded.is_cancelled, expected = excluded.expected,
	opens_ms = excluded.opens_ms, closes_ms = excluded.closes_ms;

-- name: session_delete :exec
-- $1 BYTES
DELETE FROM session WHERE id = $1;

-- name: registration_put :exec
-- $1 BYTES, $2 BYTES, $3 BYTES
INSERT INTO registration (id, session, ref)
VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET session = excluded.session, ref = excluded.ref;

-- name: registration_delete :exec
-- $1 BYTES
DELETE FROM registration WHERE id = $1;

-- name: presence_put :exec
-- $1 BYTES, $2 BYTES, $3 INT8, $4 INT8, $5 BYTES
INSERT INTO presence (session, ref, state, since_ms, by_kiosk)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (session, ref) DO UPDATE SET state = excluded.state, since_ms = excluded.since_ms, by_kiosk =
	excluded.by_kiosk;

-- name: presence_delete :exec
-- $1 BYTES, $2 BYTES
DELETE FROM presence WHERE session = $1 AND ref = $2;

-- name: setting_put :exec
-- $1 TEXT, $2 TEXT
INSERT INTO setting (key, value)
VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: setting_delete :exec
-- $1 TEXT
DELETE FROM setting WHERE key = $1;

-- name: entity_put :exec
-- $1 TEXT, $2 TEXT, $3 INT8, $4 BYTES
INSERT INTO entity (entity, id, version, payload)
VALUES ($1, $2, $3, $4)
ON CONFLICT (entity, id) DO UPDATE SET version = excluded.version, payload = excluded.payload;

-- name: entity_delete :exec
-- $1 TEXT, $2 TEXT
DELETE FROM entity WHERE entity = $1 AND id = $2;

-- name: meta_get :one
-- $1 TEXT
SELECT value FROM meta WHERE key = $1;

-- name: credential_by_find :one
-- $1 BYTES
SELECT version, ref, state, until_ms, wrap FROM credential WHERE find = $1;

-- name: person_by_ref :one
-- $1 BYTES
SELECT version, sealed FROM person WHERE ref = $1;

-- name: room_by_id :one
-- $1 BYTES
SELECT code, name_zh, name_en, way_zh, way_en FROM room WHERE id = $1;

-- name: setting_by_key :one
-- $1 TEXT
SELECT value FROM setting WHERE key = $1;

-- name: session_by_id :one
-- $1 BYTES
SELECT id, version, room, title_zh, title_en, course, starts_ms, ends_ms, opens_before_min, closes_after_min,
	late_after_min, share_percent, walk_in, has_sign_out, is_cancelled, expected FROM session WHERE id = $1;

-- name: registration_of :one
-- $1 BYTES, $2 BYTES
SELECT id FROM registration WHERE ref = $2 AND session = $1 LIMIT 1;

-- name: presence_of :one
-- $1 BYTES, $2 BYTES
SELECT state, since_ms, by_kiosk FROM presence WHERE session = $1 AND ref = $2;

-- name: entity_get :one
-- $1 TEXT, $2 TEXT
SELECT payload FROM entity WHERE entity = $1 AND id = $2;

-- name: sessions_of_room :many
-- $1 BYTES, $2 INT8, $3 INT8, $4 INT8
SELECT id, version, room, title_zh, title_en, course, starts_ms, ends_ms, opens_before_min, closes_after_min,
	late_after_min, share_percent, walk_in, has_sign_out, is_cancelled, expected
FROM session WHERE room = $1 AND closes_ms >= $2 AND opens_ms <= $3 ORDER BY starts_ms, id LIMIT $4;

-- name: sessions_of_person :many
-- $1 BYTES, $2 INT8, $3 INT8, $4 INT8
SELECT s.id, s.version, s.room, s.title_zh, s.title_en, s.course, s.starts_ms, s.ends_ms, s.opens_before_min,
	s.closes_after_min, s.late_after_min, s.share_percent, s.walk_in, s.has_sign_out, s.is_cancelled, s.expected
FROM registration r JOIN session s ON s.id = r.session
WHERE r.ref = $1 AND s.closes_ms >= $2 AND s.opens_ms <= $3 ORDER BY s.starts_ms, s.id LIMIT $4;

-- name: counts_of_session :one
-- $1 BYTES
SELECT s.expected,
	(SELECT COUNT(*) FROM registration r WHERE r.session = s.id),
	(SELECT COUNT(*) FROM presence p WHERE p.session = s.id AND p.state = 1),
	(SELECT COUNT(*) FROM presence p WHERE p.session = s.id AND p.state = 2)
FROM session s WHERE s.id = $1;

-- Emptying: each table whole, which is a scan by purpose.

-- name: meta_empty :exec
DELETE FROM meta;

-- name: credential_empty :exec
DELETE FROM credential;

-- name: person_empty :exec
DELETE FROM person;

-- name: room_empty :exec
DELETE FROM room;

-- name: session_empty :exec
DELETE FROM session;

-- name: registration_empty :exec
DELETE FROM registration;

-- name: presence_empty :exec
DELETE FROM presence;

-- name: setting_empty :exec
DELETE FROM setting;

-- name: entity_empty :exec
DELETE FROM entity;
