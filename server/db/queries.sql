-- SPDX-License-Identifier: Apache-2.0
-- The heads of the ordered logs (table log_head of the schema).

-- name: log_take :one
-- $1 TEXT, $2 INT8
UPDATE log_head SET n = n + $2 WHERE log = $1 RETURNING n;
