-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/fleet: enrolment codes, kiosks, certificates.

-- name: fleet_room_by_code :one
-- $1 TEXT
SELECT id FROM room WHERE code = $1;

-- name: fleet_kiosk_exists :one
-- $1 TEXT
SELECT id FROM kiosk WHERE id = $1;

-- name: fleet_code_insert :exec
-- $1 TEXT, $2 TEXT, $3 TEXT?, $4 INT8, $5 INT8
INSERT INTO enrolment_code (hash, room, replaces, created_ms, expires_ms, used_ms, used_by, used_key)
VALUES ($1, $2, $3, $4, $5, NULL, NULL, NULL);

-- name: fleet_code_by_hash :one
-- $1 TEXT
SELECT c.room, r.site, c.replaces, c.expires_ms, c.used_by, c.used_key
FROM enrolment_code AS c JOIN room AS r ON r.id = c.room WHERE c.hash = $1;

-- name: fleet_code_use :exec
-- $1 TEXT, $2 INT8, $3 TEXT, $4 BYTES
UPDATE enrolment_code SET used_ms = $2, used_by = $3, used_key = $4 WHERE hash = $1 AND used_by IS NULL;

-- name: fleet_kiosk_put :exec
-- $1 TEXT, $2 TEXT, $3 TEXT, $4 INT8
INSERT INTO kiosk (id, site, room, state, epoch, enrolled_ms, last_seen_ms) VALUES ($1, $2, $3, 'current', '', $4, 0)
ON CONFLICT (id) DO UPDATE SET site = excluded.site, room = excluded.room, state = 'current', enrolled_ms = excluded.enrolled_ms;

-- name: fleet_certificates_supersede :exec
-- $1 TEXT
UPDATE certificate SET state = 'superseded' WHERE kiosk = $1 AND state = 'current';

-- name: fleet_certificate_insert :exec
-- $1 TEXT, $2 TEXT, $3 BYTES, $4 BYTES, $5 INT8, $6 INT8
INSERT INTO certificate (serial, kiosk, public_key, der, not_after_ms, state, issued_ms)
VALUES ($1, $2, $3, $4, $5, 'current', $6);

-- name: fleet_certificate_of_key :one
-- $1 TEXT, $2 BYTES
SELECT der FROM certificate WHERE kiosk = $1 AND public_key = $2 AND state = 'current';

-- name: fleet_certificate_by_key :one
-- $1 TEXT, $2 BYTES
SELECT der, state, serial FROM certificate WHERE kiosk = $1 AND public_key = $2;

-- name: fleet_certificates_good :one
-- $1 TEXT, $2 INT8
SELECT count(*) FROM certificate WHERE kiosk = $1 AND state = 'current' AND not_after_ms >= $2;

-- name: fleet_certificate_by_serial :one
-- $1 TEXT
SELECT c.der, c.not_after_ms, c.state, k.id, k.state, k.site, k.room
FROM certificate AS c JOIN kiosk AS k ON k.id = c.kiosk WHERE c.serial = $1;

-- name: fleet_list :many
SELECT k.id, r.code, k.state, k.enrolled_ms, k.last_seen_ms,
	coalesce((SELECT max(c.not_after_ms) FROM certificate AS c WHERE c.kiosk = k.id AND c.state = 'current'), 0),
	coalesce(s.document, ''), coalesce(s.received_ms, 0)
FROM kiosk AS k JOIN room AS r ON r.id = k.room LEFT JOIN kiosk_status AS s ON s.kiosk = k.id ORDER BY r.code, k.id;

-- name: fleet_one :one
-- $1 TEXT
SELECT k.id, r.code, k.state, k.enrolled_ms, k.last_seen_ms,
	coalesce((SELECT max(c.not_after_ms) FROM certificate AS c WHERE c.kiosk = k.id AND c.state = 'current'), 0),
	coalesce(s.document, ''), coalesce(s.received_ms, 0)
FROM kiosk AS k JOIN room AS r ON r.id = k.room LEFT JOIN kiosk_status AS s ON s.kiosk = k.id WHERE k.id = $1;

-- name: fleet_kiosk_revoke :exec
-- $1 TEXT
UPDATE kiosk SET state = 'revoked' WHERE id = $1;

-- name: fleet_certificates_revoke :exec
-- $1 TEXT
UPDATE certificate SET state = 'revoked' WHERE kiosk = $1 AND state <> 'revoked';

-- name: fleet_status_put :exec
-- $1 TEXT, $2 TEXT, $3 INT8
INSERT INTO kiosk_status (kiosk, document, received_ms) VALUES ($1, $2, $3)
ON CONFLICT (kiosk) DO UPDATE SET document = excluded.document, received_ms = excluded.received_ms;

-- name: fleet_seen :exec
-- $1 TEXT, $2 INT8, $3 INT8
UPDATE kiosk SET last_seen_ms = $2 WHERE id = $1 AND last_seen_ms < $3;

-- name: fleet_alarm :exec
-- $1 TEXT, $2 TEXT, $3 INT8
INSERT INTO inbox (key, kind, kiosk, session, ref, detail, count, first_ms, last_ms, settled_ms)
VALUES ($1, 'code.reused', $2, '', '', '{}', 1, $3, $3, NULL)
ON CONFLICT (key) DO UPDATE SET count = inbox.count + 1, last_ms = excluded.last_ms, settled_ms = NULL;

-- name: fleet_quarantine :many
SELECT kiosk, COUNT(*), MIN(received_ms), MAX(received_ms) FROM fact WHERE is_quarantined = 1 GROUP BY kiosk ORDER BY kiosk;

-- name: fleet_quarantine_of :one
-- $1 TEXT
SELECT COUNT(*) FROM fact WHERE kiosk = $1 AND is_quarantined = 1;

-- name: fleet_trust :exec
-- $1 TEXT
UPDATE kiosk SET state = 'current' WHERE id = $1 AND state = 'quarantined';

-- name: fleet_kiosk_place :one
-- $1 TEXT
SELECT state, site, room FROM kiosk WHERE id = $1;

-- name: fleet_unknown_seen :one
-- $1 TEXT
SELECT last_ms FROM certificate_unknown WHERE serial = $1;

-- name: fleet_unknown_put :exec
-- $1 TEXT, $2 INT8
INSERT INTO kiosk_unknown (kiosk, epoch, first_ms, last_ms) VALUES ($1, '', $2, $2)
ON CONFLICT (kiosk) DO UPDATE SET last_ms = excluded.last_ms;

-- name: fleet_unknown_certificate_put :exec
-- $1 TEXT, $2 TEXT, $3 BYTES, $4 BYTES, $5 INT8, $6 INT8
INSERT INTO certificate_unknown (serial, kiosk, public_key, der, not_after_ms, first_ms, last_ms)
VALUES ($1, $2, $3, $4, $5, $6, $6)
ON CONFLICT (serial) DO UPDATE SET last_ms = excluded.last_ms;

-- name: fleet_unknown_alarm :exec
-- $1 TEXT, $2 TEXT, $3 INT8
INSERT INTO inbox (key, kind, kiosk, session, ref, detail, count, first_ms, last_ms, settled_ms)
VALUES ($1, 'kiosk.unknown', $2, '', '', '{}', 1, $3, $3, NULL)
ON CONFLICT (key) DO UPDATE SET last_ms = excluded.last_ms, settled_ms = NULL;

-- name: fleet_unknown_alarm_settle :exec
-- $1 TEXT, $2 INT8
UPDATE inbox SET settled_ms = $2 WHERE key = $1 AND settled_ms IS NULL;

-- name: fleet_unknown_kiosk :one
-- $1 TEXT
SELECT epoch FROM kiosk_unknown WHERE kiosk = $1;

-- The kiosk's first day here is the one it came back on.
-- name: fleet_unknown_kiosk_take :exec
-- $1 TEXT, $2 TEXT
INSERT INTO kiosk (id, site, room, state, epoch, enrolled_ms, last_seen_ms)
SELECT u.kiosk, r.site, r.id, 'current', u.epoch, u.first_ms, u.last_ms
FROM kiosk_unknown AS u JOIN room AS r ON r.code = $2 WHERE u.kiosk = $1;

-- name: fleet_unknown_certificates_take :exec
-- $1 TEXT
INSERT INTO certificate (serial, kiosk, public_key, der, not_after_ms, state, issued_ms)
SELECT serial, kiosk, public_key, der, not_after_ms, 'current', first_ms FROM certificate_unknown WHERE kiosk = $1;

-- name: fleet_unknown_certificates_forget :exec
-- $1 TEXT
DELETE FROM certificate_unknown WHERE kiosk = $1;

-- name: fleet_unknown_forget :exec
-- $1 TEXT
DELETE FROM kiosk_unknown WHERE kiosk = $1;
