/* SPDX-License-Identifier: Apache-2.0 */
/* Facts, epochs, acknowledgements and what may be removed. */
#include "tests/module/journal/bench_folder.h"
#include "tests/sim/power/power.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DAY_MS INT64_C(86400000)

static void a_first_start_states_a_new_journal(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	struct rc_journal_reader *reader = bench_open_reader(bench);
	const struct rc_journal_mark head = rc_journal_head(journal);
	const struct rc_journal_range range = {
	    .epoch = head.epoch, .from = 1, .max_lines = 10, .max_bytes = 100000};
	struct rc_buf lines;
	size_t count = 0;

	rc_buf_init(&lines, 100000);
	assert_int_equal(rc_journal_found(journal), RC_JOURNAL_FOUND_NONE);
	assert_int_equal(head.seq, 1);
	assert_true(head.epoch != 0);
	assert_int_equal(rc_journal_unacknowledged(journal), 1);
	assert_int_equal(rc_journal_last_acknowledged(journal).seq, 0);
	assert_int_equal(rc_journal_read(reader, &range, &lines, &count, &bench->err), RC_OK);
	assert_int_equal(count, 1);
	assert_non_null(
	    strstr(rc_buf_text(&lines), "\"b\":{\"reason\":\"new\",\"old_epoch\":null,"));
	assert_non_null(strstr(rc_buf_text(&lines), "\"at\":\"2026-11-24T09:02:03.456Z\""));
	rc_buf_deinit(&lines);
	rc_journal_reader_close(reader);
	rc_journal_close(journal);
}

static void two_journals_never_share_an_epoch(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	const uint64_t epoch = rc_journal_head(journal).epoch;
	uint64_t other;

	rc_journal_close(journal);
	{
		char gone[80];

		(void)snprintf(gone, sizeof(gone), "%s/gone", bench->folder);
		assert_int_equal(rename(bench_path(bench, "journal"), gone), 0);
	}
	journal = bench_open(bench);
	other = rc_journal_head(journal).epoch;
	rc_journal_close(journal);
	assert_true(epoch != other);
}

static void the_chain_holds_across_closing_and_opening(void **state)
{
	struct bench *bench = *state;
	struct rc_journal_report report;
	struct rc_journal_mark head;

	for (int round = 0; round < 3; round++) {
		struct rc_journal *journal = bench_open(bench);

		assert_int_equal(rc_journal_head(journal).seq, 1 + 20 * round);
		for (int i = 0; i < 20; i++)
			bench_append(bench, journal);
		head = rc_journal_head(journal);
		rc_journal_close(journal);
	}
	report = bench_verify(bench);
	assert_int_equal(report.faults, 0);
	assert_int_equal(report.facts, 61);
	assert_int_equal(head.seq, 61);
	assert_true(rc_id_equal(&report.kiosk, &bench->kiosk));
}

static void several_facts_in_one_commit_are_all_there_or_none(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	struct rc_journal_statement statements[3] = {
	    {.kind = "scan.refused", .version = 1, .body = rc_bytes_of_text("{\"count\":1}")},
	    {.kind = "scan.refused", .version = 1, .body = rc_bytes_of_text("{\"count\":2}")},
	    {.kind = "scan.refused", .version = 1, .body = rc_bytes_of_text("{\"count\":")},
	};
	struct rc_journal_entry entries[3];

	assert_int_equal(rc_journal_append_many(journal, statements, 3, &bench->now, entries, &bench->err),
			 RC_EFORMAT);
	assert_int_equal(rc_journal_head(journal).seq, 1);
	assert_int_equal(
	    rc_journal_append_many(journal, statements, 2, &bench->now, entries, &bench->err), RC_OK);
	assert_int_equal(entries[0].seq, 2);
	assert_int_equal(entries[1].seq, 3);
	assert_memory_equal(entries[1].hash, rc_journal_head(journal).hash, 32);
	rc_journal_close(journal);
	assert_int_equal(bench_verify(bench).facts, 3);
	assert_int_equal(bench_verify(bench).faults, 0);
}

static void a_body_that_is_no_fact_is_refused_and_leaves_the_journal_usable(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	static char huge[RC_FACT_BODY_MAX_BYTES + 16];
	struct rc_journal_entry entry;
	const char *bad[] = {
	    "", "[]", "{\"a\":1", "{\"a\":1}x", "{\"a\":1,\"a\":2}", "{\"a\":\"\xff\"}"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    rc_journal_append(
			journal, &(struct rc_journal_statement){"x.y", 1, rc_bytes_of_text(bad[i])},
			&bench->now, &entry, &bench->err),
		    RC_EFORMAT);
	memset(huge, ' ', sizeof(huge));
	huge[0] = '{';
	huge[sizeof(huge) - 1] = '}';
	assert_int_equal(
	    rc_journal_append(journal,
			      &(struct rc_journal_statement){"x.y", 1, rc_bytes_of(huge, sizeof(huge))},
			      &bench->now, &entry, &bench->err),
	    RC_ELIMIT);
	assert_int_equal(bench_append(bench, journal).seq, 2);
	rc_journal_close(journal);
}

/* The child says each seq over a pipe after append returned, until it is killed. */
static void append_until_killed(struct bench *bench, int to)
{
	struct rc_journal *journal = bench_open(bench);

	for (;;) {
		const int64_t seq = bench_append(bench, journal).seq;

		if (write(to, &seq, sizeof(seq)) != (ssize_t)sizeof(seq))
			_exit(1);
	}
}

static void what_append_confirmed_survives_a_kill(void **state)
{
	struct bench *bench = *state;
	int64_t confirmed = 0, seq;

	for (int round = 1; round <= 3; round++) {
		int ends[2], wait_status;
		pid_t child;
		struct rc_journal *journal;

		assert_int_equal(pipe(ends), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			(void)close(ends[0]);
			append_until_killed(bench, ends[1]);
		}
		(void)close(ends[1]);
		while (confirmed < 100 * round &&
		       read(ends[0], &seq, sizeof(seq)) == (ssize_t)sizeof(seq))
			confirmed = seq;
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &wait_status, 0), child);
		while (read(ends[0], &seq, sizeof(seq)) == (ssize_t)sizeof(seq))
			confirmed = seq;
		(void)close(ends[0]);
		journal = bench_open(bench);
		assert_int_equal(rc_journal_found(journal), RC_JOURNAL_FOUND_WHOLE);
		assert_true(rc_journal_head(journal).seq >= confirmed);
		rc_journal_close(journal);
	}
	assert_true(confirmed >= 300);
	assert_int_equal(bench_verify(bench).faults, 0);
}

static void a_second_writer_is_refused_and_told_who_holds_it(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench), *second = NULL;
	char holder[32];

	(void)snprintf(holder, sizeof(holder), "(%ld)", (long)getpid());
	assert_int_equal(
	    rc_journal_open(bench->folder, &bench->kiosk, &bench->options, &second, &bench->err),
	    RC_EBUSY);
	assert_null(second);
	assert_non_null(strstr(bench->err.text, holder));
	rc_journal_close(journal);
	rc_journal_close(bench_open(bench));
}

static void another_kiosks_journal_is_not_taken_over(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	const struct rc_id other = rc_id_new();

	rc_journal_close(journal);
	journal = NULL;
	assert_int_equal(rc_journal_open(bench->folder, &other, &bench->options, &journal, &bench->err),
			 RC_ECONFLICT);
	assert_null(journal);
	assert_int_equal(bench_count_entries(bench, "journal.damaged", NULL), 0);
}

/* ---- acknowledging ---- */

static void an_acknowledgement_is_kept_and_counts_down(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	struct rc_journal_mark mark;

	for (int i = 0; i < 9; i++)
		bench_append(bench, journal);
	bench_acknowledge(bench, journal, 7);
	assert_int_equal(rc_journal_unacknowledged(journal), 3);
	rc_journal_close(journal);
	journal = bench_open(bench);
	assert_int_equal(rc_journal_unacknowledged(journal), 3);
	mark = rc_journal_last_acknowledged(journal);
	assert_int_equal(mark.seq, 7);
	bench_acknowledge(bench, journal, 4); /* a late answer of before */
	assert_int_equal(rc_journal_last_acknowledged(journal).seq, 7);
	assert_memory_equal(rc_journal_last_acknowledged(journal).hash, mark.hash, sizeof(mark.hash));
	rc_journal_close(journal);
}

static void an_acknowledgement_with_another_hash_epoch_or_seq_is_refused(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	struct rc_journal_mark head;

	bench_append(bench, journal);
	head = rc_journal_head(journal);
	assert_int_equal(rc_journal_acknowledge(journal, head.epoch + 1, head.seq, head.hash, &bench->err),
			 RC_ECONFLICT);
	assert_int_equal(rc_journal_acknowledge(journal, head.epoch, head.seq + 1, head.hash, &bench->err),
			 RC_ECONFLICT);
	assert_int_equal(rc_journal_acknowledge(journal, head.epoch, 1, head.hash, &bench->err),
			 RC_ECONFLICT);
	assert_int_equal(rc_journal_acknowledge(journal, head.epoch, 0, head.hash, &bench->err),
			 RC_ECONFLICT);
	assert_int_equal(rc_journal_acknowledge(journal, head.epoch, INT64_MAX, head.hash, &bench->err),
			 RC_ECONFLICT);
	head.hash[31] ^= 1;
	assert_int_equal(rc_journal_acknowledge(journal, head.epoch, head.seq, head.hash, &bench->err),
			 RC_ECONFLICT);
	assert_int_equal(rc_journal_unacknowledged(journal), 2);
	assert_int_equal(rc_journal_last_acknowledged(journal).seq, 0);
	rc_journal_close(journal);
}

/* ---- epochs ---- */

static void a_new_epoch_names_the_old_head_and_the_old_facts_are_still_sent(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	struct rc_journal_mark old, head;
	struct rc_journal_epoch epochs[4];
	struct rc_journal_reader *reader;
	size_t count = 0;

	for (int i = 0; i < 5; i++)
		bench_append(bench, journal);
	bench_acknowledge(bench, journal, 2);
	old = rc_journal_head(journal);
	assert_int_equal(rc_journal_begin_epoch(journal, "behind", &bench->err), RC_OK);
	head = rc_journal_head(journal);
	assert_true(head.epoch != old.epoch);
	assert_int_equal(head.seq, 1);
	assert_int_equal(rc_journal_unacknowledged(journal), 4 + 1);
	rc_journal_close(journal);

	journal = bench_open(bench);
	assert_true(rc_journal_head(journal).epoch == head.epoch);
	bench_append(bench, journal);
	reader = bench_open_reader(bench);
	assert_int_equal(rc_journal_reader_epochs(reader, epochs, 4, &count, &bench->err), RC_OK);
	assert_int_equal(count, 2);
	assert_true(epochs[0].epoch == old.epoch && !epochs[0].is_current && epochs[0].last == 6);
	assert_int_equal(epochs[0].acknowledged, 2);
	assert_true(epochs[1].epoch == head.epoch && epochs[1].is_current && epochs[1].last == 2);
	/* An old epoch can be acknowledged to its end; then it is no more in the list. */
	assert_int_equal(rc_journal_acknowledge(journal, old.epoch, old.seq, old.hash, &bench->err),
			 RC_OK);
	assert_int_equal(rc_journal_reader_epochs(reader, epochs, 4, &count, &bench->err), RC_OK);
	assert_int_equal(count, 1);
	assert_int_equal(rc_journal_reader_all_epochs(reader, epochs, 4, &count, &bench->err), RC_OK);
	assert_int_equal(count, 2);
	rc_journal_reader_close(reader);
	rc_journal_close(journal);
	assert_int_equal(bench_verify(bench).epochs, 2);
	assert_int_equal(bench_verify(bench).faults, 0);
}

static void a_reason_that_is_no_word_of_ours_begins_nothing(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	const struct rc_journal_mark head = rc_journal_head(journal);

	assert_int_equal(rc_journal_begin_epoch(journal, "a\"b", &bench->err), RC_EUSAGE);
	assert_int_equal(rc_journal_begin_epoch(journal, "", &bench->err), RC_EUSAGE);
	assert_true(rc_journal_head(journal).epoch == head.epoch);
	rc_journal_close(journal);
}

/* ---- pruning ---- */

static int64_t prune_all(struct bench *bench, struct rc_journal *journal,
			 const struct rc_journal_room *room)
{
	int64_t total = 0;
	size_t removed = 1;

	for (int calls = 0; removed > 0 && calls < 1000; calls++) {
		if (rc_journal_prune(journal, room, &removed, &bench->err) != RC_OK)
			fail_msg("%s", bench->err.text);
		total += (int64_t)removed;
	}
	return total;
}

static void facts_go_90_days_after_their_acknowledgement_and_not_before(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	struct rc_journal_room room = {.max_facts = 10};
	struct rc_journal_report report;

	for (int i = 0; i < 49; i++)
		bench_append(bench, journal);
	bench_acknowledge(bench, journal, 30);
	bench->now.at_ms += 10 * DAY_MS;
	bench_acknowledge(bench, journal, 40);
	room.now_ms = BENCH_START_MS + 90 * DAY_MS - 1;
	assert_int_equal(prune_all(bench, journal, &room), 0);
	room.now_ms = BENCH_START_MS + 90 * DAY_MS;
	assert_int_equal(prune_all(bench, journal, &room), 30);
	assert_int_equal(rc_journal_last_pruned(journal).seq, 30);
	room.now_ms = BENCH_START_MS + 1000 * DAY_MS;
	assert_int_equal(prune_all(bench, journal, &room), 10);
	/* 41 … 50 and the four journal.pruned were never acknowledged: they stay for ever. */
	assert_int_equal(prune_all(bench, journal, &room), 0);
	assert_int_equal(rc_journal_unacknowledged(journal), 14);
	rc_journal_close(journal);
	report = bench_verify(bench);
	assert_int_equal(report.faults, 0);
	assert_int_equal(report.facts, 14);
}

static void a_short_disk_takes_the_oldest_acknowledged_and_never_another(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	const struct rc_journal_room room = {.now_ms = BENCH_START_MS,
					     .free_bytes = 0,
					     .least_free_bytes = INT64_C(1) << 40,
					     .max_facts = 7};
	struct rc_journal_reader *reader;
	uint8_t hash[RC_FACT_HASH_BYTES];

	for (int i = 0; i < 30; i++)
		bench_append(bench, journal);
	bench_acknowledge(bench, journal, 20);
	assert_int_equal(prune_all(bench, journal, &room), 20);
	assert_int_equal(rc_journal_unacknowledged(journal), 11 + 3);
	rc_journal_close(journal);
	journal = bench_open(bench);
	assert_int_equal(rc_journal_last_pruned(journal).seq, 20);
	assert_int_equal(rc_journal_last_acknowledged(journal).seq, 20);
	reader = bench_open_reader(bench);
	assert_int_equal(
	    rc_journal_hash_at(reader, rc_journal_head(journal).epoch, 20, hash, &bench->err), RC_OK);
	assert_memory_equal(hash, rc_journal_last_pruned(journal).hash, sizeof(hash));
	assert_int_equal(rc_journal_hash_at(reader, rc_journal_head(journal).epoch, 19, hash, &bench->err),
			 RC_ENOTFOUND);
	rc_journal_reader_close(reader);
	rc_journal_close(journal);
	assert_int_equal(bench_verify(bench).faults, 0);
}

static void the_head_stays_even_when_all_was_acknowledged(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	const struct rc_journal_room room = {.least_free_bytes = INT64_C(1) << 40};

	for (int i = 0; i < 10; i++)
		bench_append(bench, journal);
	for (int round = 0; round < 3; round++) {
		bench_acknowledge(bench, journal, rc_journal_head(journal).seq);
		(void)prune_all(bench, journal, &room);
	}
	rc_journal_close(journal);
	journal = bench_open(bench);
	assert_int_equal(rc_journal_found(journal), RC_JOURNAL_FOUND_WHOLE);
	bench_append(bench, journal);
	rc_journal_close(journal);
	assert_int_equal(bench_verify(bench).faults, 0);
}

static void a_closed_epoch_is_pruned_to_its_end(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	const struct rc_journal_room room = {.least_free_bytes = INT64_C(1) << 40};
	uint64_t old;

	for (int i = 0; i < 4; i++)
		bench_append(bench, journal);
	old = rc_journal_head(journal).epoch;
	bench_acknowledge(bench, journal, 5);
	assert_int_equal(rc_journal_begin_epoch(journal, "restored", &bench->err), RC_OK);
	assert_int_equal(prune_all(bench, journal, &room), 5);
	assert_true(rc_journal_last_pruned(journal).epoch == old);
	rc_journal_close(journal);
	rc_journal_close(bench_open(bench));
	assert_int_equal(bench_verify(bench).faults, 0);
}

/* ---- what else is kept ---- */

static void state_and_drafts_survive(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	struct rc_buf value;
	int64_t number = 0;

	rc_buf_init(&value, 1000);
	assert_int_equal(rc_journal_state_get(journal, "time.known", &value, &bench->err), RC_ENOTFOUND);
	assert_int_equal(rc_journal_state_put_int(journal, "time.known", -5, &bench->err), RC_OK);
	assert_int_equal(rc_journal_state_put_int(journal, "time.known", BENCH_START_MS, &bench->err),
			 RC_OK);
	assert_int_equal(rc_journal_draft_put(journal, "quiz.1", rc_bytes_of_text("abc"), &bench->err),
			 RC_OK);
	rc_journal_close(journal);
	journal = bench_open(bench);
	assert_int_equal(rc_journal_state_get_int(journal, "time.known", &number, &bench->err), RC_OK);
	assert_true(number == BENCH_START_MS);
	assert_int_equal(rc_journal_draft_get(journal, "quiz.1", &value, &bench->err), RC_OK);
	assert_string_equal(rc_buf_text(&value), "abc");
	assert_int_equal(rc_journal_draft_drop(journal, "quiz.1", &bench->err), RC_OK);
	assert_int_equal(rc_journal_draft_get(journal, "quiz.1", &value, &bench->err), RC_ENOTFOUND);
	assert_int_equal(rc_journal_state_put_int(journal, "Bad Key", 1, &bench->err), RC_EUSAGE);
	rc_buf_deinit(&value);
	rc_journal_close(journal);
}

static void a_signature_is_kept_only_for_a_fact_of_ours(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	struct rc_journal_signature signature = {.rs = {1, 2, 3}}, found;
	struct rc_journal_reader *reader;

	bench_append(bench, journal);
	signature.mark = rc_journal_head(journal);
	assert_int_equal(rc_journal_signature_get(journal, signature.mark.epoch, &found, &bench->err),
			 RC_ENOTFOUND);
	assert_int_equal(rc_journal_signature_put(journal, &signature, &bench->err), RC_OK);
	signature.mark.hash[0] ^= 1;
	assert_int_equal(rc_journal_signature_put(journal, &signature, &bench->err), RC_ECONFLICT);
	signature.mark.hash[0] ^= 1;
	assert_int_equal(rc_journal_signature_get(journal, signature.mark.epoch, &found, &bench->err),
			 RC_OK);
	assert_memory_equal(&found, &signature, sizeof(found));
	reader = bench_open_reader(bench);
	assert_int_equal(
	    rc_journal_reader_signature(reader, signature.mark.epoch, 2, &found, &bench->err), RC_OK);
	assert_int_equal(rc_journal_reader_signature(reader, signature.mark.epoch, 3, &found, &bench->err),
			 RC_ENOTFOUND);
	rc_journal_reader_close(reader);
	rc_journal_close(journal);
}

/* ---- what it costs ---- */

static void an_append_is_one_sync_and_the_wal_keeps_its_size(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal;
	long long wal_size;
	struct rc_power_counts counts;

	rc_power_install();
	bench->options.vfs = RC_POWER_VFS;
	journal = bench_open(bench);
	wal_size = bench_file_size(bench, "journal/facts.db-wal");
	assert_true(wal_size >= (long long)RC_JOURNAL_WAL_BYTES * 95 / 100);
	rc_power_reset();
	for (int i = 0; i < 3000; i++) {
		const long before = rc_power_counts().syncs;

		bench_append(bench, journal);
		assert_int_equal(rc_power_counts().syncs - before, 1);
		if (rc_journal_wants_checkpoint(journal))
			assert_int_equal(rc_journal_checkpoint(journal, &bench->err), RC_OK);
		assert_true(bench_file_size(bench, "journal/facts.db-wal") == wal_size);
	}
	counts = rc_power_counts();
	assert_int_equal(counts.truncations, 0);
	print_message("# a fact: %.2f writes, %.0f bytes in all\n", (double)counts.writes / 3000.0,
		      (double)counts.bytes / 3000.0);
	rc_journal_close(journal);
	assert_true(bench_file_size(bench, "journal/facts.db-wal") == wal_size);
	assert_int_equal(bench_verify(bench).faults, 0);
}

static void a_hundred_thousand_facts_are_read_back_in_pieces(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	struct rc_journal_statement statements[100];
	struct rc_journal_entry entries[100];
	struct rc_journal_reader *reader;
	struct rc_journal_range range = {.epoch = rc_journal_head(journal).epoch,
					 .from = 1,
					 .max_lines = 1000,
					 .max_bytes = 256 * 1024};
	struct rc_buf lines;
	size_t count = 1;

	for (int i = 0; i < 100; i++)
		statements[i] = (struct rc_journal_statement){
		    .kind = "attendance.signed_in", .version = 1, .body = bench_body(7)};
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(rc_journal_append_many(journal, statements, 100, &bench->now,
							entries, &bench->err),
				 RC_OK);
		if (rc_journal_wants_checkpoint(journal))
			assert_int_equal(rc_journal_checkpoint(journal, &bench->err), RC_OK);
	}
	reader = bench_open_reader(bench);
	rc_buf_init(&lines, 1024 * 1024);
	while (count > 0) {
		struct rc_bytes rest;
		struct rc_fact fact;

		rc_buf_clear(&lines);
		assert_int_equal(rc_journal_read(reader, &range, &lines, &count, &bench->err), RC_OK);
		assert_true(lines.size <= range.max_bytes);
		rest = rc_buf_bytes(&lines);
		for (size_t i = 0; i < count; i++) {
			const uint8_t *end = memchr(rest.data, '\n', rest.size);

			assert_non_null(end);
			assert_int_equal(
			    rc_fact_read(rc_bytes_of(rest.data, (size_t)(end - rest.data)), &fact),
			    RC_FACT_FINE);
			assert_int_equal(fact.envelope.place.seq, range.from++);
			rest = rc_bytes_of(end + 1, rest.size - (size_t)(end - rest.data) - 1);
		}
		assert_int_equal(rest.size, 0);
	}
	assert_int_equal(range.from, 100002);
	rc_buf_deinit(&lines);
	rc_journal_reader_close(reader);
	rc_journal_close(journal);
}

static void reading_says_what_is_not_there(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	const struct rc_journal_room room = {.least_free_bytes = INT64_C(1) << 40};
	struct rc_journal_range range = {
	    .epoch = rc_journal_head(journal).epoch, .from = 1, .max_lines = 5, .max_bytes = 1};
	struct rc_journal_reader *reader = bench_open_reader(bench);
	struct rc_buf lines;
	size_t count = 9;

	for (int i = 0; i < 9; i++)
		bench_append(bench, journal);
	bench_acknowledge(bench, journal, 4);
	(void)prune_all(bench, journal, &room);
	rc_buf_init(&lines, 100000);
	assert_int_equal(rc_journal_read(reader, &range, &lines, &count, &bench->err), RC_ENOTFOUND);
	range.from = 5;
	assert_int_equal(rc_journal_read(reader, &range, &lines, &count, &bench->err), RC_OK);
	assert_int_equal(count, 1); /* one line is always taken, however small the limit */
	range.from = 1000;
	assert_int_equal(rc_journal_read(reader, &range, &lines, &count, &bench->err), RC_OK);
	assert_int_equal(count, 0);
	range.epoch++;
	assert_int_equal(rc_journal_read(reader, &range, &lines, &count, &bench->err), RC_ENOTFOUND);
	rc_buf_deinit(&lines);
	rc_journal_reader_close(reader);
	rc_journal_close(journal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
	    TEST(a_first_start_states_a_new_journal),
	    TEST(two_journals_never_share_an_epoch),
	    TEST(the_chain_holds_across_closing_and_opening),
	    TEST(several_facts_in_one_commit_are_all_there_or_none),
	    TEST(a_body_that_is_no_fact_is_refused_and_leaves_the_journal_usable),
	    TEST(what_append_confirmed_survives_a_kill),
	    TEST(a_second_writer_is_refused_and_told_who_holds_it),
	    TEST(another_kiosks_journal_is_not_taken_over),
	    TEST(an_acknowledgement_is_kept_and_counts_down),
	    TEST(an_acknowledgement_with_another_hash_epoch_or_seq_is_refused),
	    TEST(a_new_epoch_names_the_old_head_and_the_old_facts_are_still_sent),
	    TEST(a_reason_that_is_no_word_of_ours_begins_nothing),
	    TEST(facts_go_90_days_after_their_acknowledgement_and_not_before),
	    TEST(a_short_disk_takes_the_oldest_acknowledged_and_never_another),
	    TEST(the_head_stays_even_when_all_was_acknowledged),
	    TEST(a_closed_epoch_is_pruned_to_its_end),
	    TEST(state_and_drafts_survive),
	    TEST(a_signature_is_kept_only_for_a_fact_of_ours),
	    TEST(an_append_is_one_sync_and_the_wal_keeps_its_size),
	    TEST(a_hundred_thousand_facts_are_read_back_in_pieces),
	    TEST(reading_says_what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
