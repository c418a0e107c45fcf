-- SPDX-License-Identifier: Apache-2.0
-- What happens to kiosks in the tests of server/metrics.

-- name: metrics_test_seen :exec
-- $1 TEXT, $2 INT8
UPDATE kiosk SET last_seen_ms = $2 WHERE id = $1;

-- name: metrics_test_until :exec
-- $1 TEXT, $2 INT8
UPDATE certificate SET not_after_ms = $2 WHERE kiosk = $1;

-- name: metrics_test_status :exec
-- $1 TEXT, $2 TEXT
INSERT INTO kiosk_status (kiosk, document, received_ms) VALUES ($1, $2, 0);

-- name: metrics_test_inbox :exec
-- $1 TEXT, $2 TEXT
INSERT INTO inbox (key, kind, kiosk, session, ref, detail, count, first_ms, last_ms, settled_ms)
VALUES ($1, $2, '', '', '', '{}', 1, 1, 1, NULL);

-- name: metrics_test_settle :exec
-- $1 TEXT
UPDATE inbox SET settled_ms = 2 WHERE key = $1;
