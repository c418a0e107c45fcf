-- SPDX-License-Identifier: Apache-2.0
-- Facts that wait for an operator are few among many: an index of them alone, which costs other facts nothing.
CREATE INDEX fact_in_quarantine ON fact (kiosk, epoch, seq) WHERE is_quarantined = 1;
