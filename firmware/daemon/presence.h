/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DAEMON_PRESENCE_H
#define RC_DAEMON_PRESENCE_H
/*
 * Who has signed in at this kiosk and who has left again, from its own facts: the server's presence comes later, or not for days. Filled from the
 * journal at the start, then by each arrival. A fixed table; the oldest entries go first when it is full. One thread.
 */
#include "shared/base/id.h"

#define RC_PRESENCE_MAX 4096u /* arrivals of some days at a busy door; 256 KiB */

struct rc_presence;

/* NULL without memory. */
struct rc_presence *rc_presence_new(void);
void rc_presence_free(struct rc_presence *presence);

/* A durable arrival. The first one of a person in a session counts, or the first after a leave. */
void rc_presence_add(struct rc_presence *presence, const struct rc_id *session,
		     const struct rc_id *ref, int64_t at_ms);

/* A durable leave, of somebody who may have arrived at another kiosk. */
void rc_presence_leave(struct rc_presence *presence, const struct rc_id *session,
		       const struct rc_id *ref, int64_t at_ms);

/* When the person signed in here, or RC_ENOTFOUND: never, or left since. */
RC_CHECKED enum rc_status rc_presence_find(const struct rc_presence *presence, const struct rc_id *session,
					   const struct rc_id *ref, int64_t *at_ms);

/* When the person left, or RC_ENOTFOUND: never, or came back since. */
RC_CHECKED enum rc_status rc_presence_find_leave(const struct rc_presence *presence,
						 const struct rc_id *session,
						 const struct rc_id *ref, int64_t *at_ms);

/* Calls for each person of a session who hasn't left. */
void rc_presence_each(const struct rc_presence *presence, const struct rc_id *session,
		      void (*found)(void *context, const struct rc_id *ref), void *context);

#endif
