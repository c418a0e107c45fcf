/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/daemon/recorder.h"

#include "firmware/journal/reader.h"
#include "tests/module/identity/made.h"
#include "tests/sim/clock/clock.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TRUE_MS     INT64_C(1795510923456)
#define PATIENCE_MS 20000

struct bench {
	char folder[64];
	struct rc_id kiosk;
	struct rc_sim_clock clock;
	struct rc_recorder *recorder;
};

static struct rc_journal *open_journal(struct bench *bench)
{
	const struct rc_journal_options options = {.clock = &bench->clock.clock};
	struct rc_journal *journal = NULL;
	struct rc_error err = {.text = ""};

	if (rc_journal_open(bench->folder, &bench->kiosk, &options, &journal, &err) != RC_OK)
		fail_msg("%s", err.text);
	return journal;
}

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	made_folder(bench->folder);
	bench->kiosk = rc_id_new();
	rc_sim_clock_init(&bench->clock, TRUE_MS);
	assert_int_equal(rc_recorder_start(open_journal(bench), &bench->recorder, NULL), RC_OK);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	rc_recorder_stop(bench->recorder);
	made_folder_remove(bench->folder);
	free(bench);
	return 0;
}

static enum rc_status append(struct bench *bench, uint32_t token, const char *body)
{
	return rc_recorder_append(bench->recorder, token, "device.changed", 1,
				  rc_bytes_of_text(body), &bench->clock.now);
}

static const char *body_of(uint32_t number)
{
	static char body[64];

	(void)snprintf(body, sizeof(body), "{\"device\":\"camera\",\"state\":\"%u\"}", number);
	return body;
}

/* Waits for one answer. */
static struct rc_recorder_answer take(struct bench *bench)
{
	struct pollfd poll_ = {.fd = rc_recorder_descriptor(bench->recorder), .events = POLLIN};
	struct rc_recorder_answer answer;

	while (rc_recorder_next(bench->recorder, &answer) != RC_OK)
		assert_int_equal(poll(&poll_, 1, PATIENCE_MS), 1);
	return answer;
}

/* The journal's lines, read when nobody writes it any more. */
static size_t read_all(struct bench *bench, struct rc_buf *lines)
{
	struct rc_journal_epoch epochs[4];
	struct rc_journal_reader *reader = NULL;
	struct rc_journal_range range = {.from = 1, .max_lines = 1000, .max_bytes = 512u * 1024u};
	size_t epoch_count = 0, count = 0;
	struct rc_error err = {.text = ""};

	rc_buf_init(lines, 1024u * 1024u);
	if (rc_journal_reader_open(bench->folder, &reader, &err) != RC_OK ||
	    rc_journal_reader_all_epochs(reader, epochs, 4, &epoch_count, &err) != RC_OK)
		fail_msg("%s", err.text);
	range.epoch = epochs[epoch_count - 1].epoch;
	if (rc_journal_read(reader, &range, lines, &count, &err) != RC_OK)
		fail_msg("%s", err.text);
	rc_journal_reader_close(reader);
	return count;
}

static void an_order_is_answered_when_its_fact_is_on_disk(void **state)
{
	struct bench *bench = *state;
	struct rc_recorder_answer answer;
	int64_t before = rc_recorder_state(bench->recorder).head.seq;

	assert_int_equal(append(bench, 7, body_of(1)), RC_OK);
	answer = take(bench);
	assert_int_equal(answer.token, 7);
	assert_true(answer.is_durable);
	assert_int_equal(rc_recorder_state(bench->recorder).head.seq, before + 1);
	assert_int_equal(rc_recorder_state(bench->recorder).unacknowledged, before + 1);
	assert_false(rc_recorder_state(bench->recorder).is_failed);
}

static void every_order_is_answered_once_and_in_order(void **state)
{
	struct bench *bench = *state;
	uint32_t given = 0, taken = 0;

	while (taken < 300) {
		while (given < 300 && append(bench, given + 1, body_of(given)) == RC_OK)
			given++;
		assert_int_equal(take(bench).token, ++taken);
	}
	{
		struct rc_recorder_answer answer;

		assert_int_equal(rc_recorder_next(bench->recorder, &answer), RC_ENOTFOUND);
	}
}

static void facts_lie_in_the_order_of_their_orders(void **state)
{
	struct bench *bench = *state;
	struct rc_buf lines;
	const char *place;
	size_t count;

	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(append(bench, i + 1, body_of(100 + i)), RC_OK);
	rc_recorder_stop(bench->recorder);
	bench->recorder = NULL;
	count = read_all(bench, &lines);
	assert_int_equal(count, 21); /* journal.started stands before them */
	place = rc_buf_text(&lines);
	for (uint32_t i = 0; i < 20; i++) {
		place = strstr(place, body_of(100 + i));
		assert_non_null(place);
	}
	rc_buf_deinit(&lines);
}

static void stopping_carries_out_what_is_queued(void **state)
{
	struct bench *bench = *state;
	uint32_t given = 0;
	struct rc_buf lines;

	while (given < RC_RECORDER_QUEUE_MAX / 2) {
		assert_int_equal(append(bench, given + 1, body_of(given)), RC_OK);
		given++;
	}
	rc_recorder_stop(bench->recorder); /* at once: most of them still wait */
	bench->recorder = NULL;
	assert_int_equal(read_all(bench, &lines), given + 1);
	rc_buf_deinit(&lines);
}

static void a_queue_whose_answers_nobody_takes_is_full_at_last(void **state)
{
	struct bench *bench = *state;
	uint32_t given = 0;

	while (append(bench, given + 1, body_of(given)) == RC_OK)
		assert_true(++given <= RC_RECORDER_QUEUE_MAX + 1); /* one may be under way */
	assert_true(given >= RC_RECORDER_QUEUE_MAX);
	for (uint32_t i = 0; i < given; i++) /* what was taken is done, whoever was refused meanwhile */
		assert_int_equal(take(bench).token, i + 1);
	assert_true(rc_recorder_has_room(bench->recorder));
	assert_int_equal(append(bench, 999, body_of(1)), RC_OK);
	assert_int_equal(take(bench).token, 999);
}

/* Until all that was ordered has been carried out; its answers may still wait. */
static void wait_for_seq(struct bench *bench, int64_t seq)
{
	struct pollfd poll_ = {.fd = rc_recorder_descriptor(bench->recorder), .events = POLLIN};

	while (rc_recorder_state(bench->recorder).head.seq < seq)
		assert_int_equal(poll(&poll_, 1, PATIENCE_MS), 1);
}

static void a_full_queue_says_that_it_has_no_room(void **state)
{
	struct bench *bench = *state;
	int64_t before = rc_recorder_state(bench->recorder).head.seq;
	uint32_t given = 0;

	do { /* the one that is being written counts for neither side: once more, when all are done */
		while (append(bench, given + 1, body_of(given)) == RC_OK)
			given++;
		wait_for_seq(bench, before + given);
	} while (rc_recorder_has_room(bench->recorder));
	assert_int_equal(rc_recorder_remember_time(bench->recorder, TRUE_MS), RC_EBUSY);
	for (uint32_t i = 0; i < given; i++)
		(void)take(bench);
	assert_true(rc_recorder_has_room(bench->recorder));
	assert_int_equal(rc_recorder_remember_time(bench->recorder, TRUE_MS), RC_OK);
}

static void a_body_that_is_no_fact_is_answered_as_not_durable(void **state)
{
	struct bench *bench = *state;
	struct rc_recorder_answer answer;

	assert_int_equal(append(bench, 1, "{\"device\":"), RC_OK);
	answer = take(bench);
	assert_int_equal(answer.token, 1);
	assert_false(answer.is_durable);
	assert_false(rc_recorder_state(bench->recorder).is_failed);
	assert_int_equal(append(bench, 2, body_of(2)), RC_OK);
	assert_true(take(bench).is_durable); /* the next one is none the worse for it */
}

static void a_body_beyond_the_limit_is_refused_at_once(void **state)
{
	struct bench *bench = *state;
	char body[RC_RECORDER_BODY_MAX_BYTES + 2];

	memset(body, ' ', sizeof(body));
	body[sizeof(body) - 1] = '\0';
	assert_int_equal(append(bench, 1, body), RC_ELIMIT);
}

static void an_acknowledgement_lowers_what_waits(void **state)
{
	struct bench *bench = *state;
	struct rc_recorder_state before;

	assert_int_equal(append(bench, 1, body_of(1)), RC_OK);
	(void)take(bench);
	before = rc_recorder_state(bench->recorder);
	assert_int_equal(before.unacknowledged, 2);
	assert_int_equal(rc_recorder_acknowledge(bench->recorder, before.head.epoch,
						 before.head.seq, before.head.hash),
			 RC_OK);
	assert_int_equal(append(bench, 2, body_of(2)),
			 RC_OK); /* answered after the acknowledgement was carried out */
	(void)take(bench);
	assert_int_equal(rc_recorder_state(bench->recorder).acknowledged.seq, before.head.seq);
	assert_int_equal(rc_recorder_state(bench->recorder).unacknowledged, 1);
}

static void an_acknowledgement_of_something_else_changes_nothing(void **state)
{
	struct bench *bench = *state;
	struct rc_recorder_state before = rc_recorder_state(bench->recorder);
	uint8_t hash[RC_FACT_HASH_BYTES] = {1};

	assert_int_equal(
	    rc_recorder_acknowledge(bench->recorder, before.head.epoch, before.head.seq, hash), RC_OK);
	assert_int_equal(append(bench, 1, body_of(1)), RC_OK);
	assert_true(take(bench).is_durable);
	assert_int_equal(rc_recorder_state(bench->recorder).acknowledged.seq, 0);
}

static void a_new_epoch_is_begun_between_two_facts(void **state)
{
	struct bench *bench = *state;
	uint64_t before = rc_recorder_state(bench->recorder).head.epoch;
	struct rc_recorder_state after;

	assert_int_equal(rc_recorder_begin_epoch(bench->recorder, "behind"), RC_OK);
	assert_int_equal(append(bench, 1, body_of(1)), RC_OK);
	(void)take(bench);
	after = rc_recorder_state(bench->recorder);
	assert_true(after.head.epoch != before);
	assert_int_equal(after.head.seq, 2); /* journal.started, and the fact */
	assert_int_equal(after.unacknowledged, 3);
}

static void the_known_time_is_found_again(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal;
	int64_t known_ms = 0;

	assert_int_equal(rc_recorder_remember_time(bench->recorder, TRUE_MS), RC_OK);
	rc_recorder_stop(bench->recorder);
	bench->recorder = NULL;
	journal = open_journal(bench);
	assert_int_equal(rc_journal_state_get_int(journal, RC_RECORDER_TIME_KNOWN, &known_ms, NULL),
			 RC_OK);
	assert_int_equal(known_ms, TRUE_MS);
	rc_journal_close(journal);
}

static void upkeep_keeps_what_nobody_has_acknowledged(void **state)
{
	struct bench *bench = *state;
	struct rc_buf lines;

	assert_int_equal(append(bench, 1, body_of(1)), RC_OK);
	(void)take(bench);
	assert_int_equal(rc_recorder_upkeep(bench->recorder, TRUE_MS + INT64_C(1000) * 86400000, 1),
			 RC_OK);
	rc_recorder_stop(bench->recorder);
	bench->recorder = NULL;
	assert_int_equal(read_all(bench, &lines), 2);
	rc_buf_deinit(&lines);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_order_is_answered_when_its_fact_is_on_disk),
	    TEST(every_order_is_answered_once_and_in_order),
	    TEST(facts_lie_in_the_order_of_their_orders),
	    TEST(stopping_carries_out_what_is_queued),
	    TEST(a_queue_whose_answers_nobody_takes_is_full_at_last),
	    TEST(a_full_queue_says_that_it_has_no_room),
	    TEST(a_body_that_is_no_fact_is_answered_as_not_durable),
	    TEST(a_body_beyond_the_limit_is_refused_at_once),
	    TEST(an_acknowledgement_lowers_what_waits),
	    TEST(an_acknowledgement_of_something_else_changes_nothing),
	    TEST(a_new_epoch_is_begun_between_two_facts),
	    TEST(the_known_time_is_found_again),
	    TEST(upkeep_keeps_what_nobody_has_acknowledged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
