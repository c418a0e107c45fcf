/* SPDX-License-Identifier: Apache-2.0 */
/* The short form of ./dev faults --database world. */
#include "shared/base/log.h"
#include "tests/faults/campaign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#define RUNS         60
#define RUNS_TWICE   8
#define RUNS_CONTROL 8

static bool is_kept(uint64_t seed)
{
	const struct campaign_run done = campaign_world(seed);

	if (!done.is_kept)
		print_message("# seed %llu: %s\n", (unsigned long long)seed, done.why.text);
	return done.is_kept;
}

static void whatever_happens_every_fact_arrives_once(void **state)
{
	int broken = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= RUNS; seed++)
		broken += is_kept(seed) ? 0 : 1;
	assert_int_equal(broken, 0);
}

static void kiosks_that_do_not_sync_lose_facts(void **state)
{
	int broken = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= RUNS_CONTROL; seed++)
		broken += campaign_world_unsynced(seed).is_kept ? 0 : 1;
	assert_true(broken > 0);
}

static void a_seed_plays_the_same_world_again(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= RUNS_TWICE; seed++)
		assert_true(campaign_world_trace(seed) == campaign_world_trace(seed));
}

static void ignore_line(void *context, const char *line, size_t size)
{
	(void)context;
	(void)line;
	(void)size;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whatever_happens_every_fact_arrives_once),
	    cmocka_unit_test(kiosks_that_do_not_sync_lose_facts),
	    cmocka_unit_test(a_seed_plays_the_same_world_again),
	};

	rc_log_set_sink(ignore_line, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
