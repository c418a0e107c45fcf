/* SPDX-License-Identifier: Apache-2.0 */
/* A ring searched from end to end: 4,096 compares of 32 bytes take some tens of microseconds, less than any index would save. */
#include "firmware/daemon/presence.h"

#include <stdlib.h>

/* The last that is known of a person in a session. */
struct move {
	struct rc_id session;
	struct rc_id ref;
	int64_t at_ms;
	bool is_leave;
};

struct rc_presence {
	struct move moves[RC_PRESENCE_MAX];
	size_t count;
	size_t next; /* where the next one goes */
};

struct rc_presence *rc_presence_new(void)
{
	return calloc(1, sizeof(struct rc_presence));
}

void rc_presence_free(struct rc_presence *presence)
{
	free(presence);
}

static const struct move *find(const struct rc_presence *presence, const struct rc_id *session,
			       const struct rc_id *ref)
{
	for (size_t i = 0; i < presence->count; i++) {
		const struct move *move = &presence->moves[i];

		if (rc_id_equal(&move->ref, ref) && rc_id_equal(&move->session, session))
			return move;
	}
	return NULL;
}

static void remember(struct rc_presence *presence, const struct move *move)
{
	const struct move *known = find(presence, &move->session, &move->ref);

	if (known && known->is_leave == move->is_leave)
		return;
	if (known) {
		presence->moves[known - presence->moves] = *move;
		return;
	}
	presence->moves[presence->next] = *move;
	presence->next = (presence->next + 1) % RC_PRESENCE_MAX;
	if (presence->count < RC_PRESENCE_MAX)
		presence->count++;
}

void rc_presence_add(struct rc_presence *presence, const struct rc_id *session,
		     const struct rc_id *ref, int64_t at_ms)
{
	remember(presence, &(struct move){.session = *session, .ref = *ref, .at_ms = at_ms});
}

void rc_presence_leave(struct rc_presence *presence, const struct rc_id *session,
		       const struct rc_id *ref, int64_t at_ms)
{
	remember(presence,
		 &(struct move){.session = *session, .ref = *ref, .at_ms = at_ms, .is_leave = true});
}

static enum rc_status time_of(const struct move *move, bool is_leave, int64_t *at_ms)
{
	if (!move || move->is_leave != is_leave)
		return RC_ENOTFOUND;
	*at_ms = move->at_ms;
	return RC_OK;
}

enum rc_status rc_presence_find(const struct rc_presence *presence, const struct rc_id *session,
				const struct rc_id *ref, int64_t *at_ms)
{
	return time_of(find(presence, session, ref), false, at_ms);
}

enum rc_status rc_presence_find_leave(const struct rc_presence *presence, const struct rc_id *session,
				      const struct rc_id *ref, int64_t *at_ms)
{
	return time_of(find(presence, session, ref), true, at_ms);
}

void rc_presence_each(const struct rc_presence *presence, const struct rc_id *session,
		      void (*found)(void *context, const struct rc_id *ref), void *context)
{
	for (size_t i = 0; i < presence->count; i++) {
		const struct move *move = &presence->moves[i];

		if (!move->is_leave && rc_id_equal(&move->session, session))
			found(context, &move->ref);
	}
}
