-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/hr: sites and rooms, people, badges.

-- name: hr_state :one
-- $1 TEXT
SELECT value FROM server_state WHERE key = $1;

-- name: hr_site_by_code :one
-- $1 TEXT
SELECT id, code, utc_offset_min FROM site WHERE code = $1;

-- Two are enough to know that there isn't one only.
-- name: hr_sites_two :many
SELECT id, code, utc_offset_min FROM site WHERE code > '' ORDER BY code LIMIT 2;

-- name: hr_site_add :exec
-- $1 TEXT, $2 TEXT, $3 INT8
INSERT INTO site (id, code, utc_offset_min) VALUES ($1, $2, $3);

-- name: hr_room_by_code :one
-- $1 TEXT
SELECT r.id, r.code, r.name_zh, r.name_en, r.way_zh, r.way_en, r.version, s.id, s.code, s.utc_offset_min
FROM room r JOIN site s ON s.id = r.site WHERE r.code = $1;

-- name: hr_room_by_id :one
-- $1 TEXT
SELECT r.id, r.code, r.name_zh, r.name_en, r.way_zh, r.way_en, r.version, s.id, s.code, s.utc_offset_min
FROM room r JOIN site s ON s.id = r.site WHERE r.id = $1;

-- name: hr_rooms :many
SELECT r.id, r.code, r.name_zh, r.name_en, r.way_zh, r.way_en, r.version, s.id, s.code, s.utc_offset_min
FROM room r JOIN site s ON s.id = r.site WHERE r.code > '' ORDER BY r.code;

-- name: hr_room_add :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 TEXT, $5 TEXT, $6 TEXT, $7 TEXT, $8 INT8
INSERT INTO room (id, site, code, name_zh, name_en, way_zh, way_en, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: hr_room_update :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 TEXT, $5 TEXT, $6 INT8
UPDATE room SET name_zh = $2, name_en = $3, way_zh = $4, way_en = $5, version = $6 WHERE id = $1;

-- Whether anybody has or had this number: one look into one index, where most numbers of an import of new people end.
-- name: hr_number_known :one
-- $1 TEXT
SELECT 1 FROM person_number WHERE number = $1 LIMIT 1;

-- name: hr_person_by_ref :one
-- $1 TEXT
SELECT p.ref, p.number, p.name, p.language, p.role, p.department, p.position, p.state, p.version, s.code
FROM person p JOIN site s ON s.id = p.site WHERE p.ref = $1;

-- name: hr_person_by_number :one
-- $1 TEXT
SELECT p.ref, p.number, p.name, p.language, p.role, p.department, p.position, p.state, p.version, s.code
FROM person p JOIN site s ON s.id = p.site WHERE p.number = $1;

-- Who had this number last.
-- name: hr_person_by_old_number :one
-- $1 TEXT
SELECT p.ref, p.number, p.name, p.language, p.role, p.department, p.position, p.state, p.version, s.code
FROM person_number o JOIN person p ON p.ref = o.ref JOIN site s ON s.id = p.site
WHERE o.number = $1 ORDER BY o.since_ms DESC, o.ref LIMIT 1;

-- name: hr_people_after :many
-- $1 TEXT, $2 INT8
SELECT p.ref, p.number, p.name, p.language, p.role, p.department, p.position, p.state, p.version, s.code
FROM person p JOIN site s ON s.id = p.site WHERE p.number > $1 ORDER BY p.number LIMIT $2;

-- name: hr_person_add :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 TEXT, $5 TEXT, $6 TEXT, $7 TEXT, $8 TEXT, $9 TEXT, $10 INT8, $11 BYTES
INSERT INTO person (ref, site, number, name, language, role, department, position, state, version, key_sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: hr_person_update :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 TEXT, $5 TEXT, $6 TEXT, $7 TEXT, $8 TEXT, $9 INT8, $10 TEXT
UPDATE person SET site = $2, number = $3, name = $4, language = $5, role = $6, department = $7, position = $8, version = $9, state = $10
WHERE ref = $1;

-- name: hr_person_number_add :exec
-- $1 TEXT, $2 TEXT, $3 INT8
INSERT INTO person_number (number, ref, since_ms) VALUES ($1, $2, $3)
ON CONFLICT (number, ref) DO UPDATE SET since_ms = excluded.since_ms;

-- name: hr_person_key :one
-- $1 TEXT
SELECT key_sealed FROM person WHERE ref = $1;

-- name: hr_credential_add :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 INT8, $5 INT8, $6 BYTES, $7 INT8
INSERT INTO credential (find, ref, state, until_ms, version, code_sealed, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: hr_credentials_of :many
-- $1 TEXT
SELECT find, state, created_ms, until_ms, code_sealed FROM credential WHERE ref = $1 ORDER BY created_ms DESC, find;

-- name: hr_credential_newest :one
-- $1 TEXT
SELECT find, code_sealed FROM credential WHERE ref = $1 AND state = 'active' ORDER BY created_ms DESC, find LIMIT 1;

-- name: hr_credential_by_find :one
-- $1 TEXT
SELECT c.ref, c.state, s.code FROM credential c JOIN person p ON p.ref = c.ref JOIN site s ON s.id = p.site WHERE c.find = $1;

-- name: hr_credential_revoke :one
-- $1 TEXT
UPDATE credential SET state = 'revoked', version = version + 1 WHERE find = $1 AND state = 'active' RETURNING version;

-- name: hr_credential_raise :one
-- $1 TEXT
UPDATE credential SET version = version + 1 WHERE find = $1 RETURNING version;
