-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/ingest: who writes the facts that are born at this server.

-- name: ingest_desk_make :exec
-- $1 TEXT, $2 TEXT
INSERT INTO server_state (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING;

-- name: ingest_desk_state :one
-- $1 TEXT
SELECT value FROM server_state WHERE key = $1;
