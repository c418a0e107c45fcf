-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/inbox: looking, and settling. Entries are made by ingest and fleet.

-- $3 is the kind ('' for any), $4 the state: 0 open, 1 settled, 2 any.
-- name: inbox_after :many
-- $1 INT8, $2 TEXT, $3 TEXT, $4 INT8, $5 INT8
SELECT i.key, i.kind, i.kiosk, i.session, i.ref, i.detail, i.count, i.first_ms, i.last_ms, i.settled_ms, x.actor, x.note
FROM inbox AS i LEFT JOIN inbox_settlement AS x ON x.key = i.key AND x.at_ms = i.settled_ms
WHERE i.first_ms >= $1 AND (i.first_ms > $1 OR i.key > $2) AND ($3 = '' OR i.kind = $3)
	AND ($4 = 2 OR ($4 = 0 AND i.settled_ms IS NULL) OR ($4 = 1 AND i.settled_ms IS NOT NULL))
ORDER BY i.first_ms, i.key LIMIT $5;

-- name: inbox_by_key :one
-- $1 TEXT
SELECT i.key, i.kind, i.kiosk, i.session, i.ref, i.detail, i.count, i.first_ms, i.last_ms, i.settled_ms, x.actor, x.note
FROM inbox AS i LEFT JOIN inbox_settlement AS x ON x.key = i.key AND x.at_ms = i.settled_ms
WHERE i.key = $1;

-- Guarded: an entry that came again since it was looked at stays open.
-- name: inbox_settle :exec
-- $1 TEXT, $2 INT8, $3 INT8
UPDATE inbox SET settled_ms = $2 WHERE key = $1 AND count = $3 AND settled_ms IS NULL;

-- name: inbox_settlement_add :exec
-- $1 TEXT, $2 INT8, $3 TEXT, $4 TEXT
INSERT INTO inbox_settlement (key, at_ms, actor, note) VALUES ($1, $2, $3, $4)
ON CONFLICT (key, at_ms) DO UPDATE SET actor = excluded.actor, note = excluded.note;
