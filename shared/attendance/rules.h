/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_ATTENDANCE_RULES_H
#define RC_ATTENDANCE_RULES_H
/*
 * A session's attendance rules and the windows that follow from them; one meaning for kiosk and server. Pure; any thread.
 */
#include "shared/base/timestamp.h"

enum rc_walk_in_rule {
	RC_WALK_IN_FREE, /* whoever comes is in */
	RC_WALK_IN_ASK,  /* the trainer lets them in */
	RC_WALK_IN_NO,   /* only who is registered */
};

struct rc_attendance_rules {
	int opens_before_min; /* 0 … 1440, default 30: signing in starts that long before the session */
	int closes_after_min; /* 0 … 1440, default 0: … and ends that long after its end */
	int late_after_min; /* 0 … 1440, default 10: who comes later than that after the start is late */
	int share_percent; /* 1 … 100, default 80: of the session's minutes, where signing out is asked for */
	enum rc_walk_in_rule walk_in; /* default free */
	bool has_sign_out;            /* default no: leaving is not recorded */
};

/* The defaults above. */
struct rc_attendance_rules rc_attendance_rules_default(void);

/* "free" "ask" "no", and back: RC_EFORMAT for any other text. */
const char *rc_walk_in_rule_name(enum rc_walk_in_rule rule);
RC_CHECKED enum rc_status rc_walk_in_rule_parse(struct rc_bytes name, enum rc_walk_in_rule *rule);

/* True if all values are in range. */
bool rc_attendance_rules_are_valid(const struct rc_attendance_rules *rules);

/* A session's times and rules: what judging needs of it. */
struct rc_attendance_terms {
	int64_t starts_ms;
	int64_t ends_ms; /* after starts_ms */
	struct rc_attendance_rules rules;
};

/* The window in which a scan is taken: from the first, up to the second. */
int64_t rc_attendance_opens_ms(const struct rc_attendance_terms *terms);
int64_t rc_attendance_closes_ms(const struct rc_attendance_terms *terms);

/* Whole minutes after the start if that is beyond `late_after_min`, else 0. Exactly the limit is on time. */
int rc_attendance_late_min(const struct rc_attendance_terms *terms, int64_t at_ms);

#endif
