/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DAEMON_VIEW_MODEL_H
#define RC_DAEMON_VIEW_MODEL_H
/* The JSON that screens get (firmware/screen/view.schema.json) from what flow wants to be seen. Pure. */
#include "firmware/flow/flow.h"

/* Appends one message's JSON. */
void rc_view_model_encode(const struct rc_flow_view *view, struct rc_buf *json);

#endif
