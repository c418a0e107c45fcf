/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_QR_QR_H
#define RC_QR_QR_H
/*
 * Makes QR codes (ISO/IEC 18004, model 2): a payload becomes a square of dark and light modules. Drawing it, and the quiet
 * zone of 4 light modules that must surround it, are the caller's. Reading codes is the scanner's.
 *
 * The smallest version that holds the payload is taken, in the densest of the modes that hold all of it: digits,
 * alphanumeric (upper-case codes such as RC1 and RCE1), bytes. Any thread.
 */
#include "shared/base/bytes.h"
#include "shared/base/status.h"

#define RC_QR_MAX_VERSION       40u
#define RC_QR_MAX_MODULES       177u  /* a side of version 40 */
#define RC_QR_QUIET_ZONE        4u    /* modules */
#define RC_QR_MAX_PAYLOAD_BYTES 7089u /* digits at level L; less in other modes */

/* How much of the code may be unreadable. */
enum rc_qr_level {
	RC_QR_LOW,      /* 7 %: screens */
	RC_QR_MEDIUM,   /* 15 % */
	RC_QR_QUARTILE, /* 25 %: printed badges */
	RC_QR_HIGH,     /* 30 % */
};

/* A finished code; a plain value that owns nothing. */
struct rc_qr {
	unsigned version; /* 1 … 40 */
	unsigned modules; /* a side: 17 + 4 * version */
	uint8_t bits[(RC_QR_MAX_MODULES * RC_QR_MAX_MODULES + 7u) / 8u]; /* row by row, first module in the highest bit */
};

/* RC_EUSAGE: an empty payload; RC_ELIMIT: more than version 40 holds; RC_ENOMEM. */
RC_CHECKED enum rc_status rc_qr_encode(struct rc_bytes payload, enum rc_qr_level level,
				       struct rc_qr *qr, struct rc_error *err);

/* True for a dark module. `x` from the left, `y` from above, both below `modules`. */
bool rc_qr_is_dark(const struct rc_qr *qr, unsigned x, unsigned y);

#endif
