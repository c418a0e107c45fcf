/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FLEET_FLEET_PRIV_H
#define RC_FLEET_FLEET_PRIV_H
/* Between fleet's sources. */
#include "server/db/db.h"
#include "server/fleet/fleet.h"
#include "shared/base/encode.h"
#include "shared/crypto/certificate.h"

#define RC_FLEET__HASH_CHARS RC_HEX_CHARS(32u)
#define RC_FLEET__BEGINS_MS  INT64_C(1577836800000) /* 2020-01-01: boards boot with any clock */

/* A certificate on its way to a kiosk. */
struct rc_fleet__leaf {
	char serial[RC_FLEET_SERIAL_CHARS + 1];
	int64_t not_after_ms;
	struct rc_buf der; /* the caller's */
};

/* Signs a certificate for a kiosk (its id as text) and the key of a request. RC_EDENIED: this node has no CA key. */
RC_CHECKED enum rc_status rc_fleet__issue(const struct rc_secrets *secrets, const char *kiosk,
					  const struct rc_csr *csr, int64_t now_ms,
					  struct rc_fleet__leaf *leaf, struct rc_error *err);

/* Enters it in the register. */
RC_CHECKED enum rc_status rc_fleet__store_leaf(struct rc_db_tx *tx, const char *kiosk,
					       const struct rc_csr *csr,
					       const struct rc_fleet__leaf *leaf, int64_t now_ms,
					       struct rc_error *err);

/* What a kiosk is told with a certificate. */
struct rc_fleet__letter {
	const char *kiosk, *room, *site;
	struct rc_bytes certificate_der;
	int64_t now_ms;
};
RC_CHECKED enum rc_status rc_fleet__answer(const struct rc_fleet__letter *letter,
					   const struct rc_secrets *secrets,
					   const struct rc_fleet_server *server,
					   struct rc_device_enrol_answer *answer, struct rc_error *err);

/* Enters a kiosk that waits for it, with its certificates, in the register; RC_OK too if none of that name waits. Refusals (as
 * rc_fleet_nod) come before it writes. */
struct rc_fleet_nod;
RC_CHECKED enum rc_status rc_fleet__adopt(struct rc_db_tx *tx, const struct rc_fleet_nod *nod,
					  struct rc_error *err);

/* What is kept of a code. */
void rc_fleet__hash_code(const uint8_t code[RC_ENROL_CODE_BYTES], char text[RC_FLEET__HASH_CHARS + 1]);

#endif
