/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DEVICE_DEVICE_PRIV_H
#define RC_DEVICE_DEVICE_PRIV_H
/* Between the writing and the reading of the device listener's messages. */
#include "shared/device/device.h"

#define RC_DEVICE__STATES 3u

extern const char *const rc_device__state_names[RC_DEVICE__STATES];

/* A mark's members, without braces: in marks and in problems that carry one. */
void rc_device__put_mark(const struct rc_device_mark *mark, struct rc_buf *json);

/* header.c: true if the line is just as rc_device_upload_header_encode writes it; else nothing is written, and it may be good all the same. */
RC_CHECKED bool rc_device__read_plain_header(struct rc_bytes line, struct rc_device_upload_header *header);

#endif
