-- SPDX-License-Identifier: Apache-2.0
-- Statements of server/ingest: who a typed staff number may be.

-- Everybody who has or had the number, and for a staff number alone everybody whose employee id begins with it: $2 and $3 are what such
-- ids lie between, or '' both.
-- name: ingest_people_of_number :many
-- $1 TEXT, $2 TEXT, $3 TEXT
SELECT ref, state FROM person WHERE number = $1
UNION
SELECT ref, state FROM person WHERE number > $2 AND number < $3
UNION
SELECT p.ref, p.state FROM person_number AS o JOIN person AS p ON p.ref = o.ref WHERE o.number = $1
UNION
SELECT p.ref, p.state FROM person_number AS o JOIN person AS p ON p.ref = o.ref WHERE o.number > $2 AND o.number < $3;
