-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/cli: who the server is.

-- name: cli_state_get :one
-- $1 TEXT
SELECT value FROM server_state WHERE key = $1;

-- name: cli_state_put :exec
-- $1 TEXT, $2 TEXT
INSERT INTO server_state (key, value) VALUES ($1, $2);
