/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FLEET_FLEET_PRIV_H
#define RC_FLEET_FLEET_PRIV_H
/* Between fleet's sources. */
#include "server/db/db.h"
#include "server/fleet/fleet.h"
#include "shared/base/encode.h"

#define RC_FLEET__HASH_CHARS RC_HEX_CHARS(32u)
#define RC_FLEET__BEGINS_MS  INT64_C(1577836800000) /* 2020-01-01: boards boot with any clock */

/* What is kept of a code. */
void rc_fleet__hash_code(const uint8_t code[RC_ENROL_CODE_BYTES], char text[RC_FLEET__HASH_CHARS + 1]);

#endif
