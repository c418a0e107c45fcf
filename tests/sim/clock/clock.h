/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_SIM_CLOCK_H
#define RC_TESTS_SIM_CLOCK_H
/*
 * A machine's clock that a test turns as it likes: the wall clock and CLOCK_BOOTTIME are two hands that move together, until the
 * test sets the wall clock, switches NTP on, or boots the machine anew. One thread.
 */
#include "shared/base/clock.h"

struct rc_sim_clock {
	struct rc_clock clock;       /* hand this down */
	struct rc_clock_reading now; /* what it reads: tests may look, and change it */
};

/* A machine that has just booted: `at_ms` on its wall clock, nobody vouches for it. The struct must stay where it is. */
void rc_sim_clock_init(struct rc_sim_clock *clock, int64_t at_ms);

/* Time passes: both hands move. */
void rc_sim_clock_pass(struct rc_sim_clock *clock, int64_t ms);

/* Somebody sets the wall clock; CLOCK_BOOTTIME doesn't notice. */
void rc_sim_clock_set(struct rc_sim_clock *clock, int64_t at_ms);

/* NTP has found the right time, within 5 ms. */
void rc_sim_clock_synchronise(struct rc_sim_clock *clock, int64_t at_ms);

/* NTP is gone: the hands go on, and nobody vouches for them. */
void rc_sim_clock_lose_ntp(struct rc_sim_clock *clock);

/* Power off and on: another boot, CLOCK_BOOTTIME from 0, `at_ms` on the wall. */
void rc_sim_clock_boot(struct rc_sim_clock *clock, int64_t at_ms);

#endif
