/* SPDX-License-Identifier: Apache-2.0 */
/* A day at a kiosk whose clock does what clocks do: what the journal has of it is in order and complete. */
#include "firmware/daemon/clock_watch.h"
#include "firmware/journal/journal.h"
#include "firmware/journal/reader.h"
#include "shared/base/timestamp.h"
#include "tests/sim/clock/clock.h"
#include "tests/sim/folder/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TRUE_MS INT64_C(1795510923456)

struct day {
	char folder[RC_SIM_FOLDER_CHARS];
	struct rc_sim_clock clock;
	struct rc_clock_watch watch;
	struct rc_journal *journal;
	int64_t stated;
	int64_t jumps;
};

static struct rc_error err;

static void must(enum rc_status status)
{
	if (status != RC_OK)
		fail_msg("%s: %s", rc_status_text(status), err.text);
}

static void state_fact(struct day *day, const char *kind, struct rc_bytes body)
{
	const struct rc_journal_statement statement = {.kind = kind, .version = 1, .body = body};
	const struct rc_clock_reading now = rc_clock_read(&day->clock.clock);
	struct rc_journal_entry entry;

	must(rc_journal_append(day->journal, &statement, &now, &entry, &err));
	day->stated++;
	assert_int_equal(entry.seq, day->stated);
}

/* As the daemon's loop does it: what happened to the clock comes before what happens next. */
static void somebody_signs_out(struct day *day)
{
	static const char body[] = "{\"session\":\"6f9619ff-8b86-4d01-b42d-00cf4fc964ff\","
				   "\"ref\":\"1b4e28ba-2fa1-41d2-883f-0016d3cca427\"}";
	const struct rc_clock_reading now = rc_clock_read(&day->clock.clock);
	struct rc_fact_clock_changed fact;
	char memory[192];
	struct rc_buf jump;

	if (rc_clock_watch_look(&day->watch, &now, &fact)) {
		rc_buf_init_fixed(&jump, memory, sizeof(memory));
		rc_fact_clock_changed_encode(&fact, &jump);
		state_fact(day, RC_FACT_KIND_CLOCK_CHANGED, rc_buf_bytes(&jump));
		day->jumps++;
	}
	state_fact(day, RC_FACT_KIND_ATTENDANCE_SIGNED_OUT, rc_bytes_of_text(body));
}

static void begin(struct day *day, int64_t at_ms)
{
	const struct rc_id kiosk = rc_id_new();
	struct rc_journal_options options = {.clock = &day->clock.clock};
	struct rc_clock_reading now;

	memset(day, 0, sizeof(*day));
	rc_sim_folder_make(NULL, "clock", day->folder);
	rc_sim_clock_init(&day->clock, at_ms);
	options.clock = &day->clock.clock;
	must(rc_journal_open(day->folder, &kiosk, &options, &day->journal, &err));
	day->stated = rc_journal_head(day->journal).seq;
	now = rc_clock_read(&day->clock.clock);
	rc_clock_watch_begin(&day->watch, &now);
}

static void end(struct day *day)
{
	rc_journal_close(day->journal);
	rc_sim_folder_remove(day->folder);
}

static void check_journal(struct day *day)
{
	struct rc_journal_report report;

	must(rc_journal_verify(day->folder, &report, &err));
	if (report.faults > 0)
		fail_msg("%s", report.first_fault);
	assert_int_equal(report.facts, day->stated);
}

static void a_clock_that_jumps_drops_nothing_and_each_jump_is_recorded(void **state)
{
	static const int64_t jumps_ms[] = {RC_DAY_MS, -RC_HOUR_MS, RC_HOUR_MS, -RC_DAY_MS};
	struct day day;

	(void)state;
	begin(&day, TRUE_MS);
	for (size_t i = 0; i < sizeof(jumps_ms) / sizeof(jumps_ms[0]); i++) {
		rc_sim_clock_pass(&day.clock, RC_MINUTE_MS);
		somebody_signs_out(&day);
		rc_sim_clock_set(&day.clock, day.clock.now.at_ms + jumps_ms[i]);
		somebody_signs_out(&day);
	}
	rc_sim_clock_set(&day.clock, day.clock.now.at_ms - RC_SECOND_MS); /* a leap second */
	somebody_signs_out(&day);
	assert_int_equal(day.jumps, 4);
	check_journal(&day);
	end(&day);
}

/* What the lines of the journal say, in their order. */
static void read_all(struct day *day, struct rc_fact_envelope *envelopes, size_t max, size_t *count)
{
	struct rc_journal_reader *reader = NULL;
	const struct rc_journal_range range = {
	    .epoch = rc_journal_head(day->journal).epoch, .from = 1, .max_lines = max, .max_bytes = 65536};
	struct rc_bytes rest;
	struct rc_buf lines;

	rc_buf_init(&lines, 131072);
	must(rc_journal_reader_open(day->folder, &reader, &err));
	must(rc_journal_read(reader, &range, &lines, count, &err));
	rest = rc_buf_bytes(&lines);
	for (size_t i = 0; i < *count; i++) {
		size_t size = (size_t)((const uint8_t *)memchr(rest.data, '\n', rest.size) - rest.data);
		struct rc_fact fact;

		assert_int_equal(rc_fact_read(rc_bytes_of(rest.data, size), &fact), RC_FACT_FINE);
		envelopes[i] = fact.envelope;
		rest = rc_bytes_of(rest.data + size + 1, rest.size - size - 1);
	}
	rc_journal_reader_close(reader);
	rc_buf_deinit(&lines);
}

static void order_is_by_number_while_the_times_run_backwards(void **state)
{
	struct rc_fact_envelope found[8];
	struct day day;
	size_t count;

	(void)state;
	begin(&day, TRUE_MS);
	somebody_signs_out(&day);
	rc_sim_clock_pass(&day.clock, RC_MINUTE_MS);
	rc_sim_clock_set(&day.clock, day.clock.now.at_ms - RC_HOUR_MS);
	somebody_signs_out(&day);
	read_all(&day, found, 8, &count);
	assert_int_equal(count, 4); /* journal.started, one, the jump, the other */
	for (size_t i = 0; i < count; i++)
		assert_int_equal(found[i].place.seq, i + 1);
	assert_string_equal(found[2].kind, RC_FACT_KIND_CLOCK_CHANGED);
	assert_true(found[3].clock.at_ms < found[1].clock.at_ms);
	assert_int_equal(found[3].clock.up_ms - found[1].clock.up_ms, RC_MINUTE_MS); /* what can be relied on */
	end(&day);
}

static void a_board_that_boots_in_1970_records_boot_and_uptime_and_says_that_nobody_vouches(void **state)
{
	struct rc_fact_envelope found[8];
	struct day day;
	size_t count;

	(void)state;
	begin(&day, 30000);
	rc_sim_clock_pass(&day.clock, RC_HOUR_MS);
	somebody_signs_out(&day);
	read_all(&day, found, 8, &count);
	assert_int_equal(count, 2);
	assert_int_equal(found[1].clock.source, RC_CLOCK_NONE);
	assert_int_equal(found[1].clock.error_ms, RC_CLOCK_ERROR_UNKNOWN);
	assert_int_equal(found[1].clock.at_ms, 30000 + RC_HOUR_MS);
	assert_int_equal(found[1].clock.up_ms, day.clock.now.up_ms);
	assert_true(rc_id_equal(&found[1].clock.boot, &day.clock.now.boot));
	check_journal(&day);
	end(&day);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_clock_that_jumps_drops_nothing_and_each_jump_is_recorded),
	    cmocka_unit_test(order_is_by_number_while_the_times_run_backwards),
	    cmocka_unit_test(a_board_that_boots_in_1970_records_boot_and_uptime_and_says_that_nobody_vouches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
