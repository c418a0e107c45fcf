/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_WARM_UP_H
#define RC_SCANNER_WARM_UP_H
/*
 * Makes every library do its work once, on pictures that are built in, before the process is locked in: zbar loads character
 * sets on its first find, libjpeg-turbo asks the processor what it can (on ARM by reading /proc), and the C library
 * how large the memory is; all of that is forbidden afterwards.
 */
#include "firmware/scanner/qr_reader.h"

/* `finds` is room to work in. RC_EBUG: a built-in picture wasn't read. */
RC_CHECKED enum rc_status rc_scanner_warm_up(struct rc_qr_reader *reader, struct rc_qr_finds *finds,
					     struct rc_error *err);

#endif
