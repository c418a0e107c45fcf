-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/backup: what stands in a manifest. They run on a copy that nobody else uses.

-- name: backup_state :one
-- $1 TEXT
SELECT value FROM server_state WHERE key = $1;

-- name: backup_schema :one
SELECT number FROM migration ORDER BY number DESC LIMIT 1;

-- name: backup_heads :many
SELECT log, n FROM log_head ORDER BY log;

-- Tables of the first schema, so that a copy of any age can be counted.
-- name: backup_rows :many
SELECT 'attendance' AS name, COUNT(*) AS n FROM attendance
UNION ALL SELECT 'attendance_event', COUNT(*) FROM attendance_event
UNION ALL SELECT 'audit', COUNT(*) FROM audit
UNION ALL SELECT 'certificate', COUNT(*) FROM certificate
UNION ALL SELECT 'change_current', COUNT(*) FROM change_current
UNION ALL SELECT 'change_log', COUNT(*) FROM change_log
UNION ALL SELECT 'credential', COUNT(*) FROM credential
UNION ALL SELECT 'fact', COUNT(*) FROM fact
UNION ALL SELECT 'fact_unread', COUNT(*) FROM fact_unread
UNION ALL SELECT 'inbox', COUNT(*) FROM inbox
UNION ALL SELECT 'kiosk', COUNT(*) FROM kiosk
UNION ALL SELECT 'kiosk_lost', COUNT(*) FROM kiosk_lost
UNION ALL SELECT 'kiosk_mark', COUNT(*) FROM kiosk_mark
UNION ALL SELECT 'person', COUNT(*) FROM person
UNION ALL SELECT 'registration', COUNT(*) FROM registration
UNION ALL SELECT 'session', COUNT(*) FROM session
UNION ALL SELECT 'token', COUNT(*) FROM token
ORDER BY name;
