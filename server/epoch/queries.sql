-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/epoch: a renewal says so in the inbox.

-- name: epoch_get :one
-- $1 TEXT
SELECT value FROM server_state WHERE key = $1;

-- name: epoch_put :exec
-- $1 TEXT, $2 TEXT
INSERT INTO server_state (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: epoch_inbox_put :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 INT8
INSERT INTO inbox (key, kind, kiosk, session, ref, detail, count, first_ms, last_ms, settled_ms)
VALUES ($1, 'server.restored', $2, '', '', $3, 1, $4, $4, NULL) ON CONFLICT (key) DO NOTHING;
