-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/metrics: each reads few rows, or an index of few.

-- name: metrics_kiosks :many
SELECT k.state, k.last_seen_ms,
	coalesce((SELECT max(c.not_after_ms) FROM certificate AS c WHERE c.kiosk = k.id AND c.state = 'current'), 0),
	coalesce(s.document, '')
FROM kiosk AS k LEFT JOIN kiosk_status AS s ON s.kiosk = k.id;

-- name: metrics_inbox :many
SELECT kind, COUNT(*) FROM inbox WHERE settled_ms IS NULL GROUP BY kind ORDER BY kind;

-- name: metrics_quarantine :one
SELECT COUNT(*) FROM fact WHERE is_quarantined = 1;
