-- SPDX-License-Identifier: Apache-2.0
-- How the tests of server/auth look at tokens.

-- name: auth_test_revoke :exec
-- $1 TEXT
UPDATE token SET revoked_ms = 5 WHERE name = $1;

-- name: auth_test_rename_role :exec
-- $1 TEXT
UPDATE token SET role = $1;

-- name: auth_test_hashes :many
SELECT hash FROM token;

-- name: auth_test_audited :one
-- $1 TEXT, $2 TEXT
SELECT COUNT(*) FROM audit WHERE action = 'token.created' AND actor = 'cli' AND entity = 'token' AND id = $1 AND detail = $2;
