-- SPDX-License-Identifier: Apache-2.0

-- name: kept_answers :one
SELECT COUNT(*) FROM idempotency;

-- name: kept_answer :one
SELECT answer FROM idempotency;
