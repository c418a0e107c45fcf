-- SPDX-License-Identifier: Apache-2.0
-- How the tests of server/epoch look at what a renewal leaves.

-- name: epoch_test_audited :one
SELECT COUNT(*) FROM audit WHERE action = 'server.epoch_renewed';

-- name: epoch_test_of_kiosk :one
-- $1 TEXT
SELECT COUNT(*) FROM inbox WHERE kind = 'server.restored' AND kiosk = $1;
