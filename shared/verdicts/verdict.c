/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/verdicts/verdict.h"

static const struct {
	const char *name;
	enum { NOTHING, ARRIVAL, DEPARTURE, REFUSAL } recorded;
} verdicts[] = {
    [RC_VERDICT_SIGNED_IN] = {"signed_in", ARRIVAL},
    [RC_VERDICT_ALREADY] = {"already", REFUSAL},
    [RC_VERDICT_SIGNED_OUT] = {"signed_out", DEPARTURE},
    [RC_VERDICT_WALK_IN] = {"walk_in", ARRIVAL},
    [RC_VERDICT_WALK_IN_WAITING] = {"walk_in_waiting", REFUSAL},
    [RC_VERDICT_CHOOSE_SESSION] = {"choose_session", NOTHING},
    [RC_VERDICT_WRONG_ROOM] = {"wrong_room", REFUSAL},
    [RC_VERDICT_TOO_EARLY] = {"too_early", REFUSAL},
    [RC_VERDICT_CLOSED] = {"closed", REFUSAL},
    [RC_VERDICT_CANCELLED] = {"cancelled", REFUSAL},
    [RC_VERDICT_NOT_REGISTERED] = {"not_registered", REFUSAL},
    [RC_VERDICT_UNKNOWN] = {"unknown", REFUSAL},
    [RC_VERDICT_REVOKED] = {"revoked", REFUSAL},
    [RC_VERDICT_EXPIRED] = {"expired", REFUSAL},
    [RC_VERDICT_REPLAYED] = {"replayed", REFUSAL},
    [RC_VERDICT_MALFORMED] = {"malformed", REFUSAL},
    [RC_VERDICT_CLOCK_UNSURE] = {"clock_unsure", ARRIVAL},
};

_Static_assert(sizeof(verdicts) / sizeof(verdicts[0]) == RC_VERDICT_COUNT,
	       "a row for each verdict");

const char *rc_verdict_name(enum rc_verdict verdict)
{
	return verdicts[verdict].name;
}

enum rc_status rc_verdict_parse(struct rc_bytes name, enum rc_verdict *verdict)
{
	for (size_t i = 0; i < RC_VERDICT_COUNT; i++) {
		if (rc_bytes_is_text(name, verdicts[i].name)) {
			*verdict = (enum rc_verdict)i;
			return RC_OK;
		}
	}
	return RC_EFORMAT;
}

bool rc_verdict_is_arrival(enum rc_verdict verdict)
{
	return verdicts[verdict].recorded == ARRIVAL;
}

bool rc_verdict_is_refusal(enum rc_verdict verdict)
{
	return verdicts[verdict].recorded == REFUSAL;
}
