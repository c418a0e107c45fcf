-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/auth: tokens.

-- name: token_insert :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 INT8
INSERT INTO token (hash, name, role, created_ms, revoked_ms) VALUES ($1, $2, $3, $4, NULL);

-- name: token_by_hash :one
-- $1 TEXT
SELECT name, role, revoked_ms FROM token WHERE hash = $1;

-- What kiosks were told last.
-- name: token_list :many
SELECT name, role, created_ms, coalesce(revoked_ms, 0) FROM token ORDER BY name, created_ms;

-- name: token_revoke :exec
-- $1 TEXT, $2 INT8
UPDATE token SET revoked_ms = $2 WHERE name = $1 AND revoked_ms IS NULL;
