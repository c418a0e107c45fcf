/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_JOURNAL_BENCH_FOLDER_H
#define RC_TESTS_JOURNAL_BENCH_FOLDER_H
/*
 * What the journal's tests share: a folder of their own, a clock that stands where it is put, journals and facts in one word.
 */
#include "firmware/journal/journal.h"
#include "firmware/journal/reader.h"

#define BENCH_START_MS INT64_C(1795510923456) /* 2026-11-24T09:02:03.456Z */

struct bench {
	char folder[64];
	struct rc_id kiosk;
	struct rc_clock clock; /* reads the next field */
	struct rc_clock_reading now;
	struct rc_journal_options options;
	struct rc_error err;
};

/* Where folders are made, /tmp at first. Tests that simulate their disk set it to rc_sim_folder_memory(). */
extern const char *bench_parent;

/* cmocka's setup and teardown: `*state` is a struct bench with an empty folder, which is removed at the end. */
int bench_setup(void **state);
int bench_teardown(void **state);

/* These end the test when they fail. */
struct rc_journal *bench_open(struct bench *bench);
struct rc_journal_reader *bench_open_reader(struct bench *bench);
struct rc_journal_entry bench_append(struct bench *bench, struct rc_journal *journal);
struct rc_journal_report bench_verify(struct bench *bench);
void bench_acknowledge(struct bench *bench, struct rc_journal *journal, int64_t through);

/* A body as a sign-in has it, about 220 bytes, with a number in it. Borrowed until the next call. */
struct rc_bytes bench_body(int64_t number);

/* "folder/name"; borrowed until the next call. */
const char *bench_path(const struct bench *bench, const char *name);
long long bench_file_size(const struct bench *bench, const char *name);

/* How many entries of the folder begin so; `first` (may be NULL, 64 characters) is the first one's name. */
int bench_count_entries(const struct bench *bench, const char *prefix, char *first);

/* Overwrites bytes of a file. */
void bench_scribble(const struct bench *bench, const char *name, long offset, const void *data,
		    size_t size);

#endif
