-- SPDX-License-Identifier: Apache-2.0

-- name: bench_item_insert :exec
-- $1 TEXT, $2 INT8, $3 TEXT?, $4 BOOL, $5 BYTES
INSERT INTO item (id, n, note, is_done, data) VALUES ($1, $2, $3, $4, $5);

-- name: bench_item :one
-- $1 TEXT
SELECT id, n, note, is_done, data FROM item WHERE id = $1;

-- name: bench_items :many
SELECT id, n FROM item ORDER BY id;

-- name: bench_item_count :one
SELECT COUNT(*) FROM item;

-- name: bench_item_of_many :one
SELECT id FROM item ORDER BY id;

-- name: bench_item_take :exec
-- $1 TEXT, $2 INT8
UPDATE item SET n = n + 1 WHERE id = $1 AND n < $2;

-- name: bench_part_insert :exec
-- $1 INT8, $2 TEXT
INSERT INTO part (id, item) VALUES ($1, $2);

-- name: bench_later_insert :exec
-- $1 INT8
INSERT INTO later (id) VALUES ($1);
