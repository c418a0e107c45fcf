-- SPDX-License-Identifier: Apache-2.0
-- Kiosks that show a certificate of our CA which the register lacks: those that came after the backup the server was restored from.
-- They wait here for an operator's nod, which moves them into kiosk and certificate.
CREATE TABLE kiosk_unknown (
	kiosk TEXT NOT NULL PRIMARY KEY, -- it may have a row in the register, too: then it has renewed its certificate since
	epoch TEXT NOT NULL,             -- as in kiosk
	first_ms INT8 NOT NULL,
	last_ms INT8 NOT NULL
);

CREATE TABLE certificate_unknown (
	serial TEXT NOT NULL PRIMARY KEY,
	kiosk TEXT NOT NULL REFERENCES kiosk_unknown (kiosk),
	public_key BYTES NOT NULL,
	der BYTES NOT NULL,
	not_after_ms INT8 NOT NULL,
	first_ms INT8 NOT NULL,
	last_ms INT8 NOT NULL
);
CREATE INDEX certificate_unknown_by_kiosk ON certificate_unknown (kiosk);
