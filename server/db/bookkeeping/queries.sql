-- SPDX-License-Identifier: Apache-2.0

-- name: migration_last :one
SELECT number, name FROM migration ORDER BY number DESC LIMIT 1;

-- name: migration_insert :exec
-- $1 INT8, $2 TEXT, $3 INT8
INSERT INTO migration (number, name, applied_ms) VALUES ($1, $2, $3);

-- name: probe_touch :exec
INSERT INTO probe (id, n) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = probe.n + 1;

-- name: probe_read :one
SELECT n FROM probe WHERE id = 1;
