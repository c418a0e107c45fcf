/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TRAINING_SESSIONS_PRIV_H
#define RC_TRAINING_SESSIONS_PRIV_H
/* What the imports of sessions and of registrations share. */
#include "server/changes/changes.h"
#include "server/training/sessions.h"

/* Adds the session to the changes, in the scope of its site, under its version. */
RC_CHECKED enum rc_status rc_sessions__publish(struct rc_changes_list *changes,
					       const struct rc_session *session, struct rc_error *err);

#endif
