-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/changes: the log of changes, what is current, and how far back the log goes.

-- name: changes_current_scope :one
-- $1 TEXT, $2 TEXT
SELECT scope FROM change_current WHERE entity = $1 AND id = $2;

-- name: changes_current_told :one
-- $1 TEXT, $2 TEXT
SELECT version, payload FROM change_current WHERE entity = $1 AND id = $2;

-- What these lines of the log put, in the order of the key: of a large list that order spares most of the way to each row.
-- name: changes_current_put :exec
-- $1 INT8, $2 INT8
INSERT INTO change_current (entity, id, scope, version, payload, n)
SELECT entity, id, scope, version, payload, n FROM change_log WHERE n >= $1 AND n <= $2 AND op = 'put' ORDER BY entity, id
ON CONFLICT (entity, id) DO UPDATE SET scope = excluded.scope, version = excluded.version, payload = excluded.payload, n = excluded.n;

-- name: changes_current_delete :exec
-- $1 TEXT, $2 TEXT
DELETE FROM change_current WHERE entity = $1 AND id = $2;

-- name: changes_log_add :exec
-- $1 INT8, $2 TEXT, $3 TEXT, $4 TEXT, $5 INT8, $6 TEXT, $7 BYTES, $8 INT8
INSERT INTO change_log (n, scope, entity, id, version, op, payload, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: changes_head :one
SELECT n FROM log_head WHERE log = 'change';

-- How far the log was dropped: up to and including this number.
-- name: changes_floor :one
SELECT n FROM log_head WHERE log = 'change_floor';

-- name: changes_floor_raise :exec
-- $1 INT8
UPDATE log_head SET n = $1 WHERE log = 'change_floor' AND n < $1;

-- The scopes of one subscription, each by its own index and merged by number; a scope that isn't used is ''.
-- name: changes_after :many
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 TEXT, $5 INT8, $6 INT8
SELECT n, scope, entity, id, version, op, payload FROM change_log WHERE scope = $1 AND n > $5
UNION ALL
SELECT n, scope, entity, id, version, op, payload FROM change_log WHERE scope = $2 AND n > $5
UNION ALL
SELECT n, scope, entity, id, version, op, payload FROM change_log WHERE scope = $3 AND n > $5
UNION ALL
SELECT n, scope, entity, id, version, op, payload FROM change_log WHERE scope = $4 AND n > $5
ORDER BY n LIMIT $6;

-- name: changes_current_of :many
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 TEXT
SELECT n, scope, entity, id, version, payload FROM change_current WHERE scope = $1
UNION ALL
SELECT n, scope, entity, id, version, payload FROM change_current WHERE scope = $2
UNION ALL
SELECT n, scope, entity, id, version, payload FROM change_current WHERE scope = $3
UNION ALL
SELECT n, scope, entity, id, version, payload FROM change_current WHERE scope = $4
ORDER BY n;

-- name: changes_time_from :one
-- $1 INT8
SELECT n, at_ms FROM change_log WHERE n >= $1 ORDER BY n LIMIT 1;

-- name: changes_log_drop :exec
-- $1 INT8, $2 INT8
DELETE FROM change_log WHERE n > $1 AND n <= $2;

-- name: changes_old_presence :many
-- $1 TEXT, $2 INT8, $3 INT8
SELECT id, scope, version FROM change_current WHERE entity = $1 AND n <= $2 LIMIT $3;
