/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/module/journal/bench_folder.h"
#include "tests/sim/folder/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *bench_parent = "/tmp";

static void read_clock(void *context, struct rc_clock_reading *reading)
{
	*reading = *(const struct rc_clock_reading *)context;
}

int bench_setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	rc_sim_folder_make(bench_parent, "journal", bench->folder);
	bench->kiosk = rc_id_new();
	bench->now = (struct rc_clock_reading){
	    .at_ms = BENCH_START_MS, .up_ms = 1000, .boot = rc_id_new(), .error_ms = 4};
	bench->clock = (struct rc_clock){.read = read_clock, .context = &bench->now};
	bench->options.clock = &bench->clock;
	*state = bench;
	return 0;
}

int bench_teardown(void **state)
{
	struct bench *bench = *state;

	rc_sim_folder_remove(bench->folder);
	free(bench);
	return 0;
}

static void must(struct bench *bench, enum rc_status status)
{
	if (status != RC_OK)
		fail_msg("%s: %s", rc_status_text(status), bench->err.text);
}

struct rc_journal *bench_open(struct bench *bench)
{
	struct rc_journal *journal = NULL;

	must(bench,
	     rc_journal_open(bench->folder, &bench->kiosk, &bench->options, &journal, &bench->err));
	return journal;
}

struct rc_journal_reader *bench_open_reader(struct bench *bench)
{
	struct rc_journal_reader *reader = NULL;

	must(bench, rc_journal_reader_open(bench->folder, &reader, &bench->err));
	return reader;
}

struct rc_bytes bench_body(int64_t number)
{
	static char body[320];

	(void)snprintf(
	    body, sizeof(body),
	    "{\"session\":\"0c9f1c52-93a5-4ad0-9a2f-6a1b9f0f7d11\",\"session_version\":3,"
	    "\"ref\":\"5b0e7e0a-7f1d-4f5b-8d5c-5f0a3b1c2d3e\",\"find\":"
	    "\"00112233445566778899aabbccddeeff\","
	    "\"verdict\":\"signed_in\",\"roster_n\":%lld}",
	    (long long)number);
	return rc_bytes_of_text(body);
}

struct rc_journal_entry bench_append(struct bench *bench, struct rc_journal *journal)
{
	struct rc_journal_entry entry;

	must(bench,
	     rc_journal_append(journal,
			       &(struct rc_journal_statement){"attendance.signed_in", 1,
							      bench_body(rc_journal_head(journal).seq)},
			       &bench->now, &entry, &bench->err));
	return entry;
}

struct rc_journal_report bench_verify(struct bench *bench)
{
	struct rc_journal_report report;

	must(bench, rc_journal_verify(bench->folder, &report, &bench->err));
	return report;
}

void bench_acknowledge(struct bench *bench, struct rc_journal *journal, int64_t through)
{
	struct rc_journal_reader *reader = bench_open_reader(bench);
	const uint64_t epoch = rc_journal_head(journal).epoch;
	uint8_t hash[RC_FACT_HASH_BYTES];

	must(bench, rc_journal_hash_at(reader, epoch, through, hash, &bench->err));
	rc_journal_reader_close(reader);
	must(bench, rc_journal_acknowledge(journal, epoch, through, hash, &bench->err));
}

const char *bench_path(const struct bench *bench, const char *name)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", bench->folder, name);
	return path;
}

long long bench_file_size(const struct bench *bench, const char *name)
{
	struct stat found;

	return stat(bench_path(bench, name), &found) == 0 ? (long long)found.st_size : -1;
}

int bench_count_entries(const struct bench *bench, const char *prefix, char *first)
{
	DIR *folder = opendir(bench->folder);
	const struct dirent *entry;
	int count = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		if (count++ == 0 && first != NULL)
			(void)snprintf(first, 64, "%.63s", entry->d_name);
	}
	(void)closedir(folder);
	return count;
}

void bench_scribble(const struct bench *bench, const char *name, long offset, const void *data, size_t size)
{
	int fd = open(bench_path(bench, name), O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, size, offset), (ssize_t)size);
	(void)close(fd);
}
