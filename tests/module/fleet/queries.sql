-- SPDX-License-Identifier: Apache-2.0
-- How the tests of server/fleet look at the register.

-- name: fleet_test_kiosks :one
SELECT COUNT(*) FROM kiosk;

-- name: fleet_test_certificates :one
-- $1 TEXT
SELECT COUNT(*) FROM certificate WHERE kiosk = $1;

-- name: fleet_test_audited :one
-- $1 TEXT, $2 TEXT
SELECT COUNT(*) FROM audit WHERE action = $1 AND id = $2;

-- name: fleet_test_actor :one
-- $1 TEXT
SELECT COUNT(*) FROM audit WHERE actor = $1;

-- name: fleet_test_codes_with :one
-- $1 TEXT
SELECT COUNT(*) FROM enrolment_code WHERE hash = $1;

-- name: fleet_test_used :one
SELECT COUNT(*) FROM enrolment_code WHERE used_by IS NOT NULL;

-- name: fleet_test_status :one
-- $1 TEXT, $2 TEXT
SELECT COUNT(*) FROM kiosk_status WHERE kiosk = $1 AND document = $2;

-- name: fleet_test_seen :one
-- $1 TEXT
SELECT last_seen_ms FROM kiosk WHERE id = $1;

-- name: fleet_test_forget_certificates :exec
-- $1 TEXT
DELETE FROM certificate WHERE kiosk = $1;

-- name: fleet_test_forget_kiosk :exec
-- $1 TEXT
DELETE FROM kiosk WHERE id = $1;

-- name: fleet_test_unknown_waiting :one
SELECT count(*) FROM inbox WHERE kind = 'kiosk.unknown' AND settled_ms IS NULL;

-- name: fleet_test_unknown_seen :one
-- $1 TEXT
SELECT last_ms FROM kiosk_unknown WHERE kiosk = $1;
