-- SPDX-License-Identifier: Apache-2.0
-- What a rival of an enrolment writes before its transaction is lost.

-- name: fleet_restart_take_code :exec
-- $1 TEXT, $2 BYTES
UPDATE enrolment_code SET used_ms = 1, used_by = $1, used_key = $2 WHERE used_by IS NULL;

-- name: fleet_restart_certificate :exec
-- $1 TEXT, $2 BYTES, $3 BYTES
INSERT INTO certificate (serial, kiosk, public_key, der, not_after_ms, state, issued_ms)
VALUES ('rival', $1, $2, $3, 0, 'current', 0);
