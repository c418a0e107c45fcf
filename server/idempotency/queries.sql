-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/idempotency.

-- name: idempotency_find :one
-- $1 TEXT, $2 INT8
SELECT request, status, etag, answer FROM idempotency WHERE id = $1 AND at_ms > $2;

-- name: idempotency_trim :exec
-- $1 INT8
DELETE FROM idempotency WHERE at_ms <= $1;

-- name: idempotency_add :exec
-- $1 TEXT, $2 BYTES, $3 INT8, $4 TEXT, $5 BYTES, $6 INT8
INSERT INTO idempotency (id, request, status, etag, answer, at_ms) VALUES ($1, $2, $3, $4, $5, $6);
