-- SPDX-License-Identifier: Apache-2.0
-- name: office_state_put :exec
-- $1 TEXT, $2 TEXT
INSERT INTO server_state (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: office_count_people :one
SELECT COUNT(*) FROM person;

-- name: office_count_rooms :one
SELECT COUNT(*) FROM room;

-- name: office_count_audit :one
-- $1 TEXT
SELECT COUNT(*) FROM audit WHERE action = $1;

-- name: office_count_versions :one
SELECT COUNT(*) FROM session_version;

-- name: office_version_start :one
-- $1 INT8
SELECT starts_ms FROM session_version WHERE version = $1;

-- name: office_registration_state :one
-- $1 TEXT
SELECT state FROM registration WHERE ref = $1;

-- name: office_secret_columns :many
SELECT key_sealed, '' FROM person UNION ALL SELECT code_sealed, find FROM credential;

-- name: office_site_id :one
-- $1 TEXT
SELECT id FROM site WHERE code = $1;
