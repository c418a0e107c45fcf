/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/clock/clock.h"

#define NTP_ERROR_MS 5

static void read_hands(void *context, struct rc_clock_reading *reading)
{
	const struct rc_sim_clock *clock = context;

	*reading = clock->now;
}

void rc_sim_clock_init(struct rc_sim_clock *clock, int64_t at_ms)
{
	clock->clock = (struct rc_clock){.read = read_hands, .context = clock};
	rc_sim_clock_boot(clock, at_ms);
}

void rc_sim_clock_pass(struct rc_sim_clock *clock, int64_t ms)
{
	clock->now.at_ms += ms;
	clock->now.up_ms += ms;
}

void rc_sim_clock_set(struct rc_sim_clock *clock, int64_t at_ms)
{
	clock->now.at_ms = at_ms;
}

void rc_sim_clock_synchronise(struct rc_sim_clock *clock, int64_t at_ms)
{
	clock->now.at_ms = at_ms;
	clock->now.source = RC_CLOCK_NTP;
	clock->now.error_ms = NTP_ERROR_MS;
}

void rc_sim_clock_lose_ntp(struct rc_sim_clock *clock)
{
	clock->now.source = RC_CLOCK_NONE;
	clock->now.error_ms = RC_CLOCK_ERROR_UNKNOWN;
}

void rc_sim_clock_boot(struct rc_sim_clock *clock, int64_t at_ms)
{
	clock->now = (struct rc_clock_reading){.at_ms = at_ms, .boot = rc_id_new()};
	rc_sim_clock_lose_ntp(clock);
}
