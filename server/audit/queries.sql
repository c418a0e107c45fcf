-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/audit.

-- name: audit_add :exec
-- $1 INT8, $2 INT8, $3 TEXT, $4 TEXT, $5 TEXT, $6 TEXT, $7 TEXT
INSERT INTO audit (n, at_ms, actor, action, entity, id, detail) VALUES ($1, $2, $3, $4, $5, $6, $7);
