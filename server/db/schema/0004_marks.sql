-- SPDX-License-Identifier: Apache-2.0
-- A mark made at a desk says when somebody came, which is not when it was made; what takes back what goes by the latter.
ALTER TABLE attendance_event ADD COLUMN said_ms INT8 NOT NULL DEFAULT 0; -- 0: at best_ms
