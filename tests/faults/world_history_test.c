/* SPDX-License-Identifier: Apache-2.0 */
/* Worlds with a script: what seeds have found, told step by step. */
#include "shared/base/log.h"
#include "tests/faults/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct world world;

static struct world_kiosk *begin(void)
{
	world_make(&world, 1);
	world.is_calm = true;
	assert_true(world_kiosk_start(&world.kiosks[0]));
	return &world.kiosks[0];
}

static void talk(struct world_kiosk *kiosk, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		world_pass(&world, RC_MINUTE_MS);
		assert_true(world_kiosk_round(kiosk));
		world_kiosk_take_reports(kiosk);
	}
}

static void scan_and_send(struct world_kiosk *kiosk)
{
	world_kiosk_scan(kiosk);
	talk(kiosk, 2);
	assert_int_equal(rc_journal_unacknowledged(kiosk->journal), 0);
}

/* What its card being put back makes it do. */
static void begin_epoch(struct world_kiosk *kiosk)
{
	const struct rc_sync_report report = {.kind = RC_SYNC_EPOCH_NEEDED,
					      .epoch_needed = {.reason = "behind"}};

	rc_sync__report(&kiosk->sync, &report);
	world_kiosk_take_reports(kiosk);
}

static void assert_holds(void)
{
	struct rc_error why = {.text = ""};

	for (int i = 1; i < WORLD_CARDS; i++) {
		assert_true(world_kiosk_start(&world.kiosks[i]));
		talk(&world.kiosks[i], 2);
	}
	if (world.kiosks[0].is_on)
		talk(&world.kiosks[0], 2);
	if (!world_holds(&world, &why))
		fail_msg("%s", why.text);
	world_end(&world);
}

static void a_server_from_before_several_epochs_gets_all_of_them_again(void **state)
{
	struct world_kiosk *kiosk = begin();

	(void)state;
	scan_and_send(kiosk);
	world_server_copy(&world);
	for (int i = 0; i < 3; i++) {
		scan_and_send(kiosk);
		begin_epoch(kiosk);
	}
	scan_and_send(kiosk);
	world_server_restore(&world, true);
	talk(kiosk, 3);
	assert_holds();
}

static void they_come_again_too_where_the_kiosk_was_off_meanwhile(void **state)
{
	struct world_kiosk *kiosk = begin();

	(void)state;
	world_server_copy(&world);
	for (int i = 0; i < 3; i++) {
		scan_and_send(kiosk);
		begin_epoch(kiosk);
	}
	scan_and_send(kiosk);
	world_kiosk_stop(kiosk);
	world_server_restore(&world, true);
	assert_true(world_kiosk_start(kiosk));
	talk(kiosk, 3);
	assert_holds();
}

static void a_server_from_before_gets_what_a_copied_card_had_stated_in_the_epoch_it_left(void **state)
{
	struct world_kiosk *kiosk = begin(), *twin = &world.kiosks[WORLD_CARDS];

	(void)state;
	scan_and_send(kiosk);
	world_kiosk_clone(kiosk, twin);
	for (int i = 0; i < 6; i++)
		world_kiosk_scan(kiosk);
	talk(kiosk, 2);
	world_server_copy(&world);
	world_kiosk_scan(twin);
	talk(twin, 3);
	assert_int_equal(rc_journal_unacknowledged(twin->journal), 0);
	world_server_restore(&world, true);
	talk(twin, 3);
	world_kiosk_stop(twin);
	talk(kiosk, 3);
	assert_holds();
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
	    cmocka_unit_test(a_server_from_before_several_epochs_gets_all_of_them_again),
	    cmocka_unit_test(they_come_again_too_where_the_kiosk_was_off_meanwhile),
	    cmocka_unit_test(a_server_from_before_gets_what_a_copied_card_had_stated_in_the_epoch_it_left),
	};

	rc_log_set_sink(ignore_line, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
