/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/daemon/anchor.h"
#include "tests/sim/clock/clock.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BUILD_MS INT64_C(1790000000000) /* September 2026 */
#define TRUE_MS  INT64_C(1795510923456) /* 2026-11-24 */
#define IN_2099  INT64_C(4070908800000)
#define A_DAY_MS INT64_C(86400000)
#define AN_HOUR  INT64_C(3600000)

/* A board and its anchor; `at_ms` is what its wall clock says when the program starts. */
struct board {
	struct rc_sim_clock clock;
	struct rc_anchor *anchor;
};

static void start(struct board *board, int64_t at_ms, bool has_rtc)
{
	struct rc_anchor_config config = {.build_ms = BUILD_MS, .has_rtc = has_rtc};

	rc_sim_clock_init(&board->clock, at_ms);
	rc_sim_clock_pass(&board->clock, 30000); /* the boot */
	config.system = &board->clock.clock;
	board->anchor = rc_anchor_new(&config);
	assert_non_null(board->anchor);
}

static struct rc_clock_reading look(struct board *board)
{
	return rc_clock_read(rc_anchor_clock(board->anchor));
}

static void hear_server(struct board *board, int64_t server_ms, int64_t error_ms)
{
	rc_anchor_set(board->anchor, server_ms, board->clock.now.up_ms, error_ms);
}

/* ---- the time of facts ---- */

static void nobody_knows_the_time_on_a_board_that_has_just_started(void **state)
{
	struct board board;
	struct rc_clock_reading now;

	(void)state;
	start(&board, 12345, false);
	now = look(&board);
	assert_int_equal(now.source, RC_CLOCK_NONE);
	assert_int_equal(now.at_ms, board.clock.now.at_ms);
	assert_int_equal(now.error_ms, RC_CLOCK_ERROR_UNKNOWN);
	rc_anchor_free(board.anchor);
}

static void a_promised_rtc_is_a_source(void **state)
{
	struct board board;

	(void)state;
	start(&board, TRUE_MS, true);
	assert_int_equal(look(&board).source, RC_CLOCK_RTC);
	rc_anchor_free(board.anchor);
}

static void the_server_corrects_a_board_of_1970(void **state)
{
	struct board board;
	struct rc_clock_reading now;

	(void)state;
	start(&board, 0, true);
	hear_server(&board, TRUE_MS, 40);
	now = look(&board);
	assert_int_equal(now.source, RC_CLOCK_SERVER);
	assert_int_equal(now.at_ms, TRUE_MS);
	assert_int_equal(now.error_ms, 41); /* what it was, and a millisecond of rounding */
	assert_true(rc_id_equal(&now.boot, &board.clock.now.boot));
	rc_anchor_free(board.anchor);
}

static void the_servers_time_is_carried_forward_and_grows_unsure(void **state)
{
	struct board board;
	struct rc_clock_reading now;

	(void)state;
	start(&board, 0, false);
	hear_server(&board, TRUE_MS, 40);
	rc_sim_clock_pass(&board.clock, A_DAY_MS);
	now = look(&board);
	assert_int_equal(now.at_ms, TRUE_MS + A_DAY_MS);
	assert_int_equal(now.error_ms, 40 + A_DAY_MS * RC_ANCHOR_DRIFT_PPM / 1000000 + 1);
	rc_anchor_free(board.anchor);
}

static void setting_the_wall_clock_moves_no_anchored_time(void **state)
{
	struct board board;

	(void)state;
	start(&board, TRUE_MS, false);
	hear_server(&board, TRUE_MS, 40);
	rc_sim_clock_set(&board.clock, IN_2099);
	assert_int_equal(look(&board).at_ms, TRUE_MS);
	rc_sim_clock_set(&board.clock, 0);
	assert_int_equal(look(&board).at_ms, TRUE_MS);
	rc_anchor_free(board.anchor);
}

static void ntp_is_believed_before_the_server(void **state)
{
	struct board board;
	struct rc_clock_reading now;

	(void)state;
	start(&board, 0, false);
	hear_server(&board, TRUE_MS + AN_HOUR, 40);
	rc_sim_clock_synchronise(&board.clock, TRUE_MS);
	now = look(&board);
	assert_int_equal(now.source, RC_CLOCK_NTP);
	assert_int_equal(now.at_ms, TRUE_MS);
	rc_sim_clock_lose_ntp(&board.clock);
	assert_int_equal(look(&board).source, RC_CLOCK_SERVER);
	rc_anchor_free(board.anchor);
}

/* ---- the time of certificates ---- */

static void a_board_of_1970_judges_certificates_at_its_build(void **state)
{
	struct board board;

	(void)state;
	start(&board, 0, false);
	assert_int_equal(rc_anchor_certificate_ms(board.anchor), BUILD_MS);
	rc_sim_clock_pass(&board.clock, AN_HOUR);
	assert_int_equal(rc_anchor_certificate_ms(board.anchor), BUILD_MS + AN_HOUR);
	rc_anchor_free(board.anchor);
}

static void a_board_of_2099_does_too(void **state)
{
	struct board board;

	(void)state;
	start(&board, IN_2099, false);
	assert_int_equal(rc_anchor_certificate_ms(board.anchor), BUILD_MS);
	rc_anchor_free(board.anchor);
}

static void an_rtc_is_not_believed_far_ahead_either(void **state)
{
	struct board board;

	(void)state;
	start(&board, IN_2099, true);
	assert_int_equal(rc_anchor_certificate_ms(board.anchor), BUILD_MS);
	rc_anchor_free(board.anchor);
}

static void an_unvouched_clock_counts_up_to_400_days_ahead(void **state)
{
	struct board board;

	(void)state;
	start(&board, 0, false);
	rc_sim_clock_set(&board.clock, BUILD_MS + RC_ANCHOR_AHEAD_MS);
	assert_int_equal(rc_anchor_certificate_ms(board.anchor), BUILD_MS + RC_ANCHOR_AHEAD_MS);
	rc_sim_clock_set(&board.clock, BUILD_MS + RC_ANCHOR_AHEAD_MS + 1);
	assert_int_equal(rc_anchor_certificate_ms(board.anchor), BUILD_MS);
	rc_anchor_free(board.anchor);
}

static void ntp_counts_however_far_ahead_it_is(void **state)
{
	struct board board;

	(void)state;
	start(&board, 0, false);
	rc_sim_clock_synchronise(&board.clock, BUILD_MS + 3 * RC_ANCHOR_AHEAD_MS);
	assert_int_equal(rc_anchor_certificate_ms(board.anchor), BUILD_MS + 3 * RC_ANCHOR_AHEAD_MS);
	rc_anchor_free(board.anchor);
}

static void what_an_earlier_run_knew_is_a_floor(void **state)
{
	struct board board;

	(void)state;
	start(&board, 0, false);
	rc_anchor_remember(board.anchor, TRUE_MS);
	rc_sim_clock_pass(&board.clock, AN_HOUR);
	assert_int_equal(rc_anchor_certificate_ms(board.anchor), TRUE_MS + AN_HOUR);
	rc_anchor_remember(board.anchor, BUILD_MS - A_DAY_MS); /* a card from an old backup */
	assert_int_equal(rc_anchor_certificate_ms(board.anchor), TRUE_MS + AN_HOUR);
	rc_anchor_free(board.anchor);
}

static void an_older_time_of_the_server_never_takes_the_known_time_back(void **state)
{
	struct board board;

	(void)state;
	start(&board, 0, false);
	hear_server(&board, TRUE_MS, 40);
	rc_sim_clock_pass(&board.clock, AN_HOUR);
	hear_server(&board, TRUE_MS - A_DAY_MS, 40); /* a server that was set back */
	assert_int_equal(rc_anchor_certificate_ms(board.anchor), TRUE_MS + AN_HOUR);
	rc_anchor_free(board.anchor);
}

static void an_older_time_of_ntp_doesnt_either(void **state)
{
	struct board board;

	(void)state;
	start(&board, 0, false);
	hear_server(&board, TRUE_MS, 40);
	rc_sim_clock_pass(&board.clock, AN_HOUR);
	rc_sim_clock_synchronise(&board.clock, TRUE_MS - A_DAY_MS);
	(void)look(&board);
	assert_int_equal(rc_anchor_certificate_ms(board.anchor), TRUE_MS + AN_HOUR);
	rc_anchor_free(board.anchor);
}

static void setting_the_wall_clock_back_takes_nothing_back_that_was_vouched_for(void **state)
{
	struct board board;

	(void)state;
	start(&board, 0, false);
	rc_sim_clock_synchronise(&board.clock, TRUE_MS);
	(void)look(&board);
	rc_sim_clock_lose_ntp(&board.clock);
	rc_sim_clock_set(&board.clock, 0);
	rc_sim_clock_pass(&board.clock, AN_HOUR);
	assert_int_equal(rc_anchor_certificate_ms(board.anchor), TRUE_MS + AN_HOUR);
	rc_anchor_free(board.anchor);
}

static void only_ntp_and_the_server_vouch(void **state)
{
	struct board board;

	(void)state;
	start(&board, TRUE_MS, true);
	(void)look(&board);
	rc_anchor_remember(board.anchor, TRUE_MS);
	assert_int_equal(rc_anchor_vouched_ms(board.anchor), 0);
	hear_server(&board, TRUE_MS + 5, 40);
	assert_int_equal(rc_anchor_vouched_ms(board.anchor), TRUE_MS + 5);
	rc_sim_clock_synchronise(&board.clock, TRUE_MS + AN_HOUR);
	(void)look(&board);
	assert_int_equal(rc_anchor_vouched_ms(board.anchor), TRUE_MS + AN_HOUR);
	rc_anchor_free(board.anchor);
}

/* ---- a daemon that starts again ---- */

/* The daemon ends and another one starts on the same board. */
static void start_again(struct board *board)
{
	const struct rc_anchor_config config = {.system = &board->clock.clock, .build_ms = BUILD_MS};

	rc_anchor_free(board->anchor);
	board->anchor = rc_anchor_new(&config);
	assert_non_null(board->anchor);
}

static void a_daemon_that_starts_again_goes_on_from_the_anchor_of_this_boot(void **state)
{
	struct board board;
	struct rc_anchor_kept kept;
	struct rc_clock_reading before, after;

	(void)state;
	start(&board, 12345, false);
	hear_server(&board, TRUE_MS, 40);
	assert_true(rc_anchor_keep(board.anchor, &kept));
	rc_sim_clock_pass(&board.clock, 10 * RC_HOUR_MS);
	before = look(&board);
	start_again(&board);
	assert_int_equal(look(&board).source, RC_CLOCK_NONE);
	assert_true(rc_anchor_resume(board.anchor, &kept));
	after = look(&board);
	assert_int_equal(after.source, RC_CLOCK_SERVER);
	assert_int_equal(after.at_ms, TRUE_MS + 10 * RC_HOUR_MS);
	assert_int_equal(after.error_ms, before.error_ms); /* grown by 50 ppm of the ten hours, restart or not */
	assert_int_equal(after.error_ms, 40 + 1800 + 1);
	rc_anchor_free(board.anchor);
}

static void an_anchor_of_another_boot_says_nothing(void **state)
{
	struct board board;
	struct rc_anchor_kept kept;

	(void)state;
	start(&board, 12345, false);
	hear_server(&board, TRUE_MS, 40);
	assert_true(rc_anchor_keep(board.anchor, &kept));
	rc_sim_clock_boot(&board.clock, 12345);
	rc_sim_clock_pass(&board.clock, RC_HOUR_MS); /* a CLOCK_BOOTTIME that would fit */
	start_again(&board);
	assert_false(rc_anchor_resume(board.anchor, &kept));
	assert_int_equal(look(&board).source, RC_CLOCK_NONE);
	rc_anchor_free(board.anchor);
}

static void an_anchor_of_the_future_of_this_boot_is_not_believed(void **state)
{
	struct board board;
	struct rc_anchor_kept kept;

	(void)state;
	start(&board, 12345, false);
	hear_server(&board, TRUE_MS, 40);
	assert_true(rc_anchor_keep(board.anchor, &kept));
	kept.up_ms += RC_HOUR_MS;
	start_again(&board);
	assert_false(rc_anchor_resume(board.anchor, &kept));
	assert_int_equal(look(&board).source, RC_CLOCK_NONE);
	rc_anchor_free(board.anchor);
}

static void what_the_server_says_now_counts_more_than_what_was_kept(void **state)
{
	struct board board;
	struct rc_anchor_kept kept;

	(void)state;
	start(&board, 12345, false);
	hear_server(&board, TRUE_MS - RC_MINUTE_MS, 40);
	assert_true(rc_anchor_keep(board.anchor, &kept));
	rc_sim_clock_pass(&board.clock, RC_MINUTE_MS);
	start_again(&board);
	hear_server(&board, TRUE_MS + 500, 3);
	assert_false(rc_anchor_resume(board.anchor, &kept));
	assert_int_equal(look(&board).at_ms, TRUE_MS + 500);
	rc_anchor_free(board.anchor);
}

static void without_an_answer_of_the_server_there_is_nothing_to_keep(void **state)
{
	struct board board;
	struct rc_anchor_kept kept;

	(void)state;
	start(&board, TRUE_MS, true);
	assert_false(rc_anchor_keep(board.anchor, &kept));
	rc_anchor_free(board.anchor);
}

static void what_is_kept_is_read_as_it_was_written(void **state)
{
	struct rc_anchor_kept kept = {.boot = rc_id_new(), .server_ms = TRUE_MS, .up_ms = 7, .error_ms = 0},
			      read;
	char text[RC_ANCHOR_KEPT_MAX_CHARS + 1];

	(void)state;
	rc_anchor_kept_format(&kept, text);
	assert_int_equal(rc_anchor_kept_parse(rc_bytes_of_text(text), &read), RC_OK);
	assert_true(rc_id_equal(&read.boot, &kept.boot));
	assert_int_equal(read.server_ms, kept.server_ms);
	assert_int_equal(read.up_ms, kept.up_ms);
	assert_int_equal(read.error_ms, kept.error_ms);
}

static void what_is_no_anchor_is_not_read(void **state)
{
	static const char *const texts[] = {
	    "",
	    "x",
	    "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
	    "6f9619ff-8b86-4d01-b42d-00cf4fc964ff 1 2",
	    "6f9619ff-8b86-4d01-b42d-00cf4fc964ff 1 2 3 4",
	    "6f9619ff-8b86-4d01-b42d-00cf4fc964ff 1 2 3x",
	    "6f9619ff-8b86-4d01-b42d-00cf4fc964ff -1 2 3",
	    "6f9619ff-8b86-4d01-b42d-00cf4fc964ff 1  2 3",
	    "6f9619ff-8b86-4d01-b42d-00cf4fc964ff 1 99999999999999999999 3",
	    "6F9619FF-8b86-4d01-b42d-00cf4fc964ff 1 2 3",
	};
	struct rc_anchor_kept read;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (rc_anchor_kept_parse(rc_bytes_of_text(texts[i]), &read) == RC_OK)
			fail_msg("\"%s\" was taken", texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nobody_knows_the_time_on_a_board_that_has_just_started),
	    cmocka_unit_test(a_promised_rtc_is_a_source),
	    cmocka_unit_test(the_server_corrects_a_board_of_1970),
	    cmocka_unit_test(the_servers_time_is_carried_forward_and_grows_unsure),
	    cmocka_unit_test(setting_the_wall_clock_moves_no_anchored_time),
	    cmocka_unit_test(ntp_is_believed_before_the_server),
	    cmocka_unit_test(a_board_of_1970_judges_certificates_at_its_build),
	    cmocka_unit_test(a_board_of_2099_does_too),
	    cmocka_unit_test(an_rtc_is_not_believed_far_ahead_either),
	    cmocka_unit_test(an_unvouched_clock_counts_up_to_400_days_ahead),
	    cmocka_unit_test(ntp_counts_however_far_ahead_it_is),
	    cmocka_unit_test(what_an_earlier_run_knew_is_a_floor),
	    cmocka_unit_test(an_older_time_of_the_server_never_takes_the_known_time_back),
	    cmocka_unit_test(an_older_time_of_ntp_doesnt_either),
	    cmocka_unit_test(setting_the_wall_clock_back_takes_nothing_back_that_was_vouched_for),
	    cmocka_unit_test(only_ntp_and_the_server_vouch),
	    cmocka_unit_test(a_daemon_that_starts_again_goes_on_from_the_anchor_of_this_boot),
	    cmocka_unit_test(an_anchor_of_another_boot_says_nothing),
	    cmocka_unit_test(an_anchor_of_the_future_of_this_boot_is_not_believed),
	    cmocka_unit_test(what_the_server_says_now_counts_more_than_what_was_kept),
	    cmocka_unit_test(without_an_answer_of_the_server_there_is_nothing_to_keep),
	    cmocka_unit_test(what_is_kept_is_read_as_it_was_written),
	    cmocka_unit_test(what_is_no_anchor_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
