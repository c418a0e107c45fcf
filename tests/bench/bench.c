/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/bench.h"

#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* ---- rows ---- */

static const char *text_of_goal(enum bench_goal goal)
{
	static const char *const texts[] = {
	    [BENCH_NO_GOAL] = "none",
	    [BENCH_RATIO_AT_MOST] = "ratio_at_most",
	    [BENCH_RATIO_AT_LEAST] = "ratio_at_least",
	    [BENCH_VALUE_AT_MOST] = "at_most",
	    [BENCH_VALUE_AT_LEAST] = "at_least",
	    [BENCH_VALUE_EXACTLY] = "exactly",
	};

	return texts[goal];
}

void bench_row(const struct bench_row *row)
{
	if (!isfinite(row->value) || (row->baseline && !(row->base > 0)))
		bench_die("%s: %s: measured nothing", row->section, row->name);
	(void)printf("{\"section\":\"%s\",\"name\":\"%s\",\"unit\":\"%s\",\"value\":%.6g",
		     row->section, row->name, row->unit, row->value);
	if (row->baseline)
		(void)printf(",\"baseline\":\"%s\",\"base\":%.6g", row->baseline, row->base);
	if (row->goal != BENCH_NO_GOAL)
		(void)printf(",\"goal\":\"%s\",\"limit\":%.6g", text_of_goal(row->goal), row->limit);
	(void)printf("}\n");
	(void)fflush(stdout);
}

size_t bench_count(const struct bench *bench, size_t whole, size_t quick)
{
	return bench->is_quick ? quick : whole;
}

const char *bench_path(const struct bench *bench, const char *name)
{
	static char paths[8][256];
	static unsigned next;
	char *path = paths[next++ % 8];

	if (snprintf(path, sizeof(paths[0]), "%s/%s", bench->folder, name) >= (int)sizeof(paths[0]))
		bench_die("%s: too long", bench->folder);
	return path;
}

/* ---- samples ---- */

void bench_samples_add(struct bench_samples *samples, double value)
{
	if (samples->count == samples->room) {
		samples->room = samples->room > 0 ? 2 * samples->room : 1024;
		samples->values = realloc(samples->values, samples->room * sizeof(double));
		if (!samples->values)
			bench_die("no memory for samples");
	}
	samples->values[samples->count++] = value;
}

static int compare(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

double bench_quantile(struct bench_samples *samples, double share)
{
	if (samples->count == 0)
		bench_die("no samples");
	qsort(samples->values, samples->count, sizeof(double), compare);
	return samples->values[(size_t)(share * (double)(samples->count - 1) + 0.5)];
}

double bench_median(struct bench_samples *samples)
{
	return bench_quantile(samples, 0.5);
}

void bench_samples_deinit(struct bench_samples *samples)
{
	free(samples->values);
	*samples = (struct bench_samples){0};
}

/* ---- clocks and counters ---- */

static double read_us(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) != 0)
		bench_die("a clock can't be read");
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

double bench_now_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

double bench_cpu_us(void)
{
	return read_us(CLOCK_THREAD_CPUTIME_ID);
}

double bench_process_cpu_us(pid_t pid)
{
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0)
		bench_die("process %d has no clock", (int)pid);
	return read_us(clock);
}

double bench_resident_kb(pid_t pid)
{
	char path[64];
	long pages = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%*s %ld", &pages) != 1)
		bench_die("%s can't be read", path);
	(void)fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static atomic_ulong sync_count;

/*
 * Every write of the program lands here, SQLite's as well: a program's own symbols go before the C library's. What the kernel counts for a process
 * (write_bytes) is of no use: it rounds up to whatever pieces the page cache happens to hold.
 */
#define BLOCK_BYTES 4096
#define DIRTY_MAX   1024u

static struct {
	bool is_counting;
	int64_t blocks; /* so far; each once between two syncs of its file */
	struct dirty {
		int fd;
		off_t block;
	} dirty[DIRTY_MAX];
	size_t dirty_count;
} disk;

static bool is_dirty(int fd, off_t block)
{
	for (size_t i = disk.dirty_count; i > 0; i--) {
		if (disk.dirty[i - 1].fd == fd && disk.dirty[i - 1].block == block)
			return true;
	}
	return false;
}

static void note_write(int fd, off_t at, ssize_t size)
{
	if (!disk.is_counting || size <= 0)
		return;
	for (off_t block = at / BLOCK_BYTES; block <= (at + size - 1) / BLOCK_BYTES; block++) {
		if (is_dirty(fd, block))
			continue;
		disk.blocks++;
		if (disk.dirty_count == DIRTY_MAX)
			bench_die("more than %u blocks wait for a sync", DIRTY_MAX);
		disk.dirty[disk.dirty_count++] = (struct dirty){fd, block};
	}
}

static void note_sync(int fd)
{
	size_t kept = 0;

	atomic_fetch_add(&sync_count, 1);
	if (!disk.is_counting)
		return;
	for (size_t i = 0; i < disk.dirty_count; i++) {
		if (disk.dirty[i].fd != fd)
			disk.dirty[kept++] = disk.dirty[i];
	}
	disk.dirty_count = kept;
}

ssize_t write(int fd, const void *data, size_t size)
{
	const off_t at = disk.is_counting ? (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR) : 0;
	const ssize_t written = syscall(SYS_write, fd, data, size);

	if (at >= 0)
		note_write(fd, at, written);
	return written;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
	const ssize_t written = syscall(SYS_pwrite64, fd, data, size, at);

	note_write(fd, at, written);
	return written;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
	return pwrite(fd, data, size, at);
}

int fdatasync(int fd)
{
	note_sync(fd);
	return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	note_sync(fd);
	return (int)syscall(SYS_fsync, fd);
}

void bench_disk_count_from_here(void)
{
	disk.is_counting = true;
	disk.blocks = 0;
	disk.dirty_count = 0;
}

int64_t bench_disk_count_bytes(void)
{
	disk.is_counting = false;
	return disk.blocks * BLOCK_BYTES;
}

unsigned long bench_syncs(void)
{
	return atomic_load(&sync_count);
}

void bench_stay_on_core(unsigned core)
{
	static cpu_set_t allowed; /* as the program was started: a child of a process that stays somewhere may choose anew */
	cpu_set_t one;
	unsigned seen = 0;

	if (CPU_COUNT(&allowed) == 0 && sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return;
	if (CPU_COUNT(&allowed) < 2)
		return;
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET(i, &allowed) && seen++ == core)
			CPU_SET(i, &one);
	}
	(void)sched_setaffinity(0, sizeof(one), &one);
}

void bench_die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)fputs("rollcall-bench: ", stderr);
	(void)vfprintf(stderr, fmt, args);
	(void)fputc('\n', stderr);
	va_end(args);
	exit(1);
}

void bench_expect(enum rc_status status, const struct rc_error *err, const char *what)
{
	if (status != RC_OK)
		bench_die("%s: %s: %s", what, rc_status_text(status), err ? err->text : "");
}
