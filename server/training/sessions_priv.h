/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TRAINING_SESSIONS_PRIV_H
#define RC_TRAINING_SESSIONS_PRIV_H
/* What the imports of sessions and of registrations share. */
#include "server/changes/changes.h"
#include "server/training/sessions.h"

struct rc_db_tx;

/* Adds the session to the changes, in the scope of its site, under its version. */
RC_CHECKED enum rc_status rc_sessions__publish(struct rc_changes_list *changes,
					       const struct rc_session *session, struct rc_error *err);

/* Adds a confirmed registration to the changes, in the scope of the session's site (its id). */
RC_CHECKED enum rc_status rc_registrations__publish(struct rc_changes_list *changes,
						    const struct rc_ref_registration *registration,
						    int64_t version, const char *site,
						    struct rc_error *err);

/*
 * Publishes the confirmed registrations of a session that has moved to another site, so that the kiosks there know them and those
 * of the old site forget them. Their versions stay: nothing that attendance is judged by has changed.
 */
RC_CHECKED enum rc_status rc_registrations__move(struct rc_db_tx *tx, struct rc_changes_list *changes,
						 const struct rc_session *session, struct rc_error *err);

#endif
