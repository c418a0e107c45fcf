/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a commit writes, and where: one sync, one write before it and the rest of a frame behind it, in blocks of the disk that no
 * other commit touches. And that journals of the older layout go on.
 */
#include "tests/module/journal/bench_folder.h"
#include "tests/sim/folder/folder.h"
#include "tests/sim/power/power.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_BYTES 4096
#define FRAME_BYTES (24 + 512)
#define WAL         "journal/facts.db-wal"

struct content {
	uint8_t *data; /* owned */
	size_t size;
};

static struct content load(const char *path)
{
	struct content content = {.data = malloc(8u << 20)};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size;

	assert_non_null(content.data);
	assert_true(fd >= 0);
	size = read(fd, content.data, 8u << 20);
	assert_true(size > 0);
	content.size = (size_t)size;
	(void)close(fd);
	return content;
}

static void save(const char *path, const struct content *content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content->data, content->size), (ssize_t)content->size);
	(void)close(fd);
}

static void copy(const char *from, const char *to)
{
	struct content content = load(from);

	save(to, &content);
	free(content.data);
}

/* The block that the next commit begins in: behind the last frame of this round, as its salts tell. */
static size_t next_block(struct bench *bench)
{
	struct content wal = load(bench_path(bench, WAL));
	size_t end = 32;

	while (end + FRAME_BYTES <= wal.size && memcmp(wal.data + 16, wal.data + end + 8, 8) == 0)
		end += FRAME_BYTES;
	free(wal.data);
	return end / BLOCK_BYTES;
}

static void a_fact_costs_one_sync_and_three_writes_at_most(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal;

	rc_power_install();
	bench->options.vfs = RC_POWER_VFS;
	journal = bench_open(bench);
	bench_append(bench, journal); /* the first makes the folder's entry durable as well */
	for (int i = 0; i < 100; i++) {
		rc_power_reset();
		bench_append(bench, journal);
		assert_int_equal(rc_power_counts().syncs, 1);
		assert_true(rc_power_counts().writes <= 3);
	}
	rc_journal_close(journal);
}

/* A copy of the journal as it lies on the disk, in which all blocks of the WAL from one on are spoilt. */
static struct rc_journal_mark head_of_spoilt(struct bench *bench, size_t block)
{
	struct bench other = *bench;
	struct content wal = load(bench_path(bench, WAL));
	struct rc_journal *journal;
	struct rc_journal_mark head;

	rc_sim_folder_make(bench_parent, "spoilt", other.folder);
	assert_int_equal(mkdir(bench_path(&other, "journal"), 0700), 0);
	for (size_t at = block * BLOCK_BYTES; at < wal.size; at++)
		wal.data[at] = 0xff;
	save(bench_path(&other, WAL), &wal);
	free(wal.data);
	char *to = strdup(bench_path(&other, "journal/facts.db"));

	copy(bench_path(bench, "journal/facts.db"), to);
	free(to);
	journal = bench_open(&other);
	assert_int_equal(rc_journal_found(journal), RC_JOURNAL_FOUND_WHOLE);
	head = rc_journal_head(journal);
	rc_journal_close(journal);
	rc_sim_folder_remove(other.folder);
	return head;
}

/* A card that loses power while it writes may spoil the whole block, and what was confirmed must not lie in it. */
static void the_block_that_the_next_fact_is_written_to_holds_nothing_confirmed(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal;

	bench->options.wal_bytes = 256 * 1024;
	journal = bench_open(bench);
	for (int i = 0; i < 40; i++) {
		const int64_t seq = bench_append(bench, journal).seq;

		assert_int_equal(head_of_spoilt(bench, next_block(bench)).seq, seq);
	}
	rc_journal_close(journal);
}

static void a_long_commit_is_seen_whole_by_readers_at_once(void **state)
{
	enum { MANY = 200 };
	struct bench *bench = *state;
	struct rc_journal *journal = bench_open(bench);
	struct rc_journal_reader *reader = bench_open_reader(bench);
	struct rc_journal_statement statements[MANY];
	struct rc_journal_entry entries[MANY];
	uint8_t hash[RC_FACT_HASH_BYTES];

	for (int i = 0; i < MANY; i++)
		statements[i] = (struct rc_journal_statement){"attendance.signed_in", 1, bench_body(7)};
	for (int round = 0; round < 3; round++) {
		assert_int_equal(rc_journal_append_many(journal, statements, MANY, &bench->now,
							entries, &bench->err),
				 RC_OK);
		for (int i = 0; i < MANY; i++) {
			assert_int_equal(rc_journal_hash_at(reader, rc_journal_head(journal).epoch,
							    entries[i].seq, hash, &bench->err),
					 RC_OK);
			assert_memory_equal(hash, entries[i].hash, sizeof(hash));
		}
		assert_int_equal(bench_verify(bench).faults, 0);
	}
	rc_journal_reader_close(reader);
	rc_journal_close(journal);
}

static void facts_between_checkpoints_neither_grow_nor_cut_the_wal(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal;
	long long size;

	bench->options.wal_bytes = 256 * 1024;
	journal = bench_open(bench);
	size = bench_file_size(bench, WAL);
	assert_true(size >= 256 * 1024);
	for (int i = 0; i < 300; i++) {
		bench_append(bench, journal);
		if (rc_journal_wants_checkpoint(journal))
			assert_int_equal(rc_journal_checkpoint(journal, &bench->err), RC_OK);
	}
	assert_int_equal(bench_file_size(bench, WAL), size);
	rc_journal_close(journal);
	assert_int_equal(bench_verify(bench).faults, 0);
}

static void a_journal_of_the_older_layout_goes_on(void **state)
{
	struct bench *bench = *state;
	struct rc_journal *journal;
	int64_t known = 0;

	for (uint8_t i = 0; i < RC_ID_BYTES; i++)
		bench->kiosk.octets[i] = (uint8_t)(0x60 + i);
	bench->kiosk.octets[6] = 0x46;
	bench->kiosk.octets[8] = 0x88;
	assert_int_equal(mkdir(bench_path(bench, "journal"), 0700), 0);
	copy(RC_TEST_DATA "/journal-old-form/facts.db", bench_path(bench, "journal/facts.db"));
	copy(RC_TEST_DATA "/journal-old-form/facts.db-wal", bench_path(bench, WAL));
	journal = bench_open(bench);
	assert_int_equal(rc_journal_found(journal), RC_JOURNAL_FOUND_WHOLE);
	assert_int_equal(rc_journal_head(journal).seq, 15);
	assert_int_equal(rc_journal_last_acknowledged(journal).seq, 5);
	assert_int_equal(rc_journal_state_get_int(journal, "time.known", &known, &bench->err), RC_OK);
	assert_int_equal(known, 4711);
	for (int i = 0; i < 100; i++) {
		bench_append(bench, journal);
		if (i % 30 == 0)
			assert_int_equal(rc_journal_checkpoint(journal, &bench->err), RC_OK);
	}
	rc_journal_close(journal);
	assert_int_equal(bench_verify(bench).faults, 0);
	assert_int_equal(bench_verify(bench).facts, 115);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
	    TEST(a_fact_costs_one_sync_and_three_writes_at_most),
	    TEST(the_block_that_the_next_fact_is_written_to_holds_nothing_confirmed),
	    TEST(a_long_commit_is_seen_whole_by_readers_at_once),
	    TEST(facts_between_checkpoints_neither_grow_nor_cut_the_wal),
	    TEST(a_journal_of_the_older_layout_goes_on),
	};

	bench_parent = rc_sim_folder_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
