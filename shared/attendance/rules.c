/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/attendance/rules.h"

#include <limits.h>

#define DAY_MIN 1440

static const char *const walk_in_names[] = {
    [RC_WALK_IN_FREE] = "free",
    [RC_WALK_IN_ASK] = "ask",
    [RC_WALK_IN_NO] = "no",
};

struct rc_attendance_rules rc_attendance_rules_default(void)
{
	return (struct rc_attendance_rules){
	    .opens_before_min = 30,
	    .closes_after_min = 0,
	    .late_after_min = 10,
	    .share_percent = 80,
	    .walk_in = RC_WALK_IN_FREE,
	    .has_sign_out = false,
	};
}

const char *rc_walk_in_rule_name(enum rc_walk_in_rule rule)
{
	return walk_in_names[rule];
}

enum rc_status rc_walk_in_rule_parse(struct rc_bytes name, enum rc_walk_in_rule *rule)
{
	const size_t count = sizeof(walk_in_names) / sizeof(walk_in_names[0]);
	size_t place;

	if (!rc_bytes_find_name(name, walk_in_names, count, &place))
		return RC_EFORMAT;
	*rule = (enum rc_walk_in_rule)place;
	return RC_OK;
}

static bool is_within(int value, int min, int max)
{
	return value >= min && value <= max;
}

bool rc_attendance_rules_are_valid(const struct rc_attendance_rules *rules)
{
	return is_within(rules->opens_before_min, 0, DAY_MIN) &&
	       is_within(rules->closes_after_min, 0, DAY_MIN) &&
	       is_within(rules->late_after_min, 0, DAY_MIN) && is_within(rules->share_percent, 1, 100) &&
	       is_within((int)rules->walk_in, RC_WALK_IN_FREE, RC_WALK_IN_NO);
}

int64_t rc_attendance_opens_ms(const struct rc_attendance_terms *terms)
{
	return terms->starts_ms - terms->rules.opens_before_min * RC_MINUTE_MS;
}

int64_t rc_attendance_closes_ms(const struct rc_attendance_terms *terms)
{
	return terms->ends_ms + terms->rules.closes_after_min * RC_MINUTE_MS;
}

int rc_attendance_late_min(const struct rc_attendance_terms *terms, int64_t at_ms)
{
	int64_t after_ms = at_ms - terms->starts_ms;

	if (after_ms <= terms->rules.late_after_min * RC_MINUTE_MS)
		return 0;
	/* Beyond a limit of 0 minutes by less than one is late all the same: it counts as the first. */
	if (after_ms < RC_MINUTE_MS)
		return 1;
	return after_ms / RC_MINUTE_MS > INT_MAX ? INT_MAX : (int)(after_ms / RC_MINUTE_MS);
}
