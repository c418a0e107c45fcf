/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_BENCH_H
#define RC_TESTS_BENCH_H
/*
 * What the sections of the bench share: rows, samples, clocks, a folder.
 *
 * Machines are shared and noisy, so a figure is worth something only beside a baseline that was measured in the same run, turn by turn with it.
 * A row says both, their ratio, and the goal. A section that can't be measured ends the program: half a table misleads.
 */
#include "shared/base/status.h"

#include <stdint.h>
#include <sys/types.h>

enum bench_goal {
	BENCH_NO_GOAL,
	BENCH_RATIO_AT_MOST,
	BENCH_RATIO_AT_LEAST,
	BENCH_VALUE_AT_MOST,
	BENCH_VALUE_AT_LEAST,
	BENCH_VALUE_EXACTLY,
};

struct bench_row {
	const char *section, *name, *unit;
	double value;
	const char *baseline; /* what `base` is of; NULL: the row stands alone */
	double base;
	enum bench_goal goal;
	double limit; /* of the goal */
};

/* How much is measured: the whole, or just enough to see that everything runs. */
struct bench {
	const char *folder; /* on the disk that is measured; the caller removes it */
	bool is_quick;
};

/* Writes a row to stdout as one line of JSON, at once. */
void bench_row(const struct bench_row *row);

/* `whole` or, when only the running is tested, `quick`. */
size_t bench_count(const struct bench *bench, size_t whole, size_t quick);

/* FOLDER/name, in memory that lives until the next eight calls. */
const char *bench_path(const struct bench *bench, const char *name);

/* ---- samples ---- */

struct bench_samples {
	double *values; /* owned */
	size_t count, room;
};

void bench_samples_add(struct bench_samples *samples, double value);

/* The value below which that share of the samples lies, 0 … 1; sorts them. */
double bench_quantile(struct bench_samples *samples, double share);
double bench_median(struct bench_samples *samples);
void bench_samples_deinit(struct bench_samples *samples);

/* ---- clocks and counters ---- */

double bench_now_us(void);              /* CLOCK_MONOTONIC */
double bench_cpu_us(void);              /* of this thread */
double bench_process_cpu_us(pid_t pid); /* of a whole process; 0: this one */
double bench_resident_kb(pid_t pid);

/* What this process makes the disk write from one call to the other: 4 KiB for each block that was touched, once between two syncs of its file. One
 * thread. */
void bench_disk_count_from_here(void);
int64_t bench_disk_count_bytes(void);

/* Its calls of fdatasync and fsync so far. */
unsigned long bench_syncs(void);

/* Runs on one core only, so that a server and its client don't share one. Nothing on a machine that has only one. */
void bench_stay_on_core(unsigned core);

/* Ends the program with what went wrong. */
_Noreturn void bench_die(const char *fmt, ...) RC_PRINTF(1, 2);
void bench_expect(enum rc_status status, const struct rc_error *err, const char *what);

/* ---- the sections, in the order in which they run ---- */

void bench_journal(const struct bench *bench);
void bench_facts(const struct bench *bench);
void bench_ingest(const struct bench *bench);
void bench_http(const struct bench *bench);

#endif
