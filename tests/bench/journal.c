/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs to state a fact at the door. Three contenders take turns, one commit each, on the same disk: our journal, the best
 * that the disk can do (the line's bytes written over a file that is there already, then fdatasync), and SQLite's WAL as it comes.
 * Who goes first changes each time: the first finds colder caches.
 *
 * All three do the whole of it, from the body to the disk: the line with its two hashes is made by each within its time, by the same
 * function. What it costs to make has rows of its own, and so has our commit beside the overwriting of a line that was ready.
 *
 * Bytes are counted contender by contender.
 */
#include "firmware/journal/journal.h"
#include "tests/bench/bench.h"
#include "tests/bench/lines.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTION   "journal"
#define OVERWRITE "preallocated overwrite + fdatasync"
#define PLAIN_WAL "SQLite WAL, FULL, page 4096"

struct contenders {
	struct rc_journal *journal;
	struct bench_kiosk kiosk; /* writes the lines that the others store */
	struct rc_buf line;
	double making_us; /* of the last line, or 0 */
	int fd;           /* of the preallocated file */
	off_t at, size;
	sqlite3 *plain;
	sqlite3_stmt *insert;
};

static void open_journal(const struct bench *bench, struct contenders *with)
{
	const struct rc_journal_options options = {.clock = rc_clock_system()};
	const char *folder = bench_path(bench, "journal");
	struct rc_error err;

	if (mkdir(folder, 0700) != 0)
		bench_die("%s can't be made", folder);
	bench_expect(rc_journal_open(folder, &with->kiosk.id, &options, &with->journal, &err), &err,
		     folder);
}

static void open_overwritten(const struct bench *bench, struct contenders *with)
{
	static const char zeros[65536];

	with->size = 4 << 20;
	with->fd = open(bench_path(bench, "overwritten"), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	for (off_t at = 0; with->fd >= 0 && at < with->size; at += (off_t)sizeof(zeros)) {
		if (write(with->fd, zeros, sizeof(zeros)) != (ssize_t)sizeof(zeros))
			bench_die("the disk is full");
	}
	if (with->fd < 0 || fsync(with->fd) != 0)
		bench_die("the preallocated file can't be made");
}

static void run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		bench_die("%s: %s", sql, sqlite3_errmsg(db));
}

static void open_plain(const struct bench *bench, struct contenders *with)
{
	if (sqlite3_open(bench_path(bench, "plain.db"), &with->plain) != SQLITE_OK)
		bench_die("SQLite can't open its file");
	run(with->plain,
	    "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	    "CREATE TABLE fact (place INTEGER PRIMARY KEY, envelope TEXT, salt BLOB, body TEXT)");
	if (sqlite3_prepare_v2(with->plain, "INSERT INTO fact (envelope, salt, body) VALUES (?, ?, ?)",
			       -1, &with->insert, NULL) != SQLITE_OK)
		bench_die("%s", sqlite3_errmsg(with->plain));
}

static void next_line(struct contenders *with)
{
	const double began_us = bench_now_us();

	rc_buf_clear(&with->line);
	bench_line(BENCH_SIGNED_IN, &with->kiosk, &with->line);
	with->making_us = bench_now_us() - began_us;
}

static void commit_ours(struct contenders *with)
{
	static const struct rc_clock_reading reading = {
	    .at_ms = BENCH_STARTS_MS, .up_ms = 1000000, .source = RC_CLOCK_NTP, .error_ms = 20};
	char memory[1024];
	struct rc_buf body;
	struct rc_journal_entry entry;
	struct rc_error err;

	rc_buf_init_fixed(&body, memory, sizeof(memory));
	bench_body(BENCH_SIGNED_IN, &with->kiosk, &body);
	const struct rc_journal_statement statement = {
	    .kind = "attendance.signed_in", .version = 1, .body = rc_buf_bytes(&body)};

	bench_expect(rc_journal_append(with->journal, &statement, &reading, &entry, &err), &err, "append");
}

static void commit_overwrite(struct contenders *with)
{
	next_line(with);
	if (with->at + (off_t)with->line.size > with->size)
		with->at = 0;
	if (pwrite(with->fd, with->line.data, with->line.size, with->at) != (ssize_t)with->line.size ||
	    fdatasync(with->fd) != 0)
		bench_die("overwriting failed");
	with->at += (off_t)with->line.size;
}

/* The same three columns, with a salt of zeros. */
static void commit_plain(struct contenders *with)
{
	static const uint8_t salt[RC_FACT_SALT_BYTES];
	char memory[1024];
	struct rc_buf body;
	struct rc_fact_slices slices;

	rc_buf_init_fixed(&body, memory, sizeof(memory));
	bench_body(BENCH_SIGNED_IN, &with->kiosk, &body);
	next_line(with);
	slices = rc_fact_cut(rc_buf_bytes(&with->line), body.size);
	(void)sqlite3_bind_text(with->insert, 1, (const char *)slices.envelope.data,
				(int)slices.envelope.size, SQLITE_STATIC);
	(void)sqlite3_bind_blob(with->insert, 2, salt, sizeof(salt), SQLITE_STATIC);
	(void)sqlite3_bind_text(with->insert, 3, (const char *)slices.body.data,
				(int)slices.body.size, SQLITE_STATIC);
	if (sqlite3_step(with->insert) != SQLITE_DONE)
		bench_die("%s", sqlite3_errmsg(with->plain));
	(void)sqlite3_reset(with->insert);
}

/* As the daemon does when nobody is at the door. */
static void rest(struct contenders *with)
{
	struct rc_error err;

	if (rc_journal_wants_checkpoint(with->journal))
		bench_expect(rc_journal_checkpoint(with->journal, &err), &err, "checkpoint");
}

typedef void commit_fn(struct contenders *with);

static double timed(commit_fn *commit, struct contenders *with)
{
	const double began_us = bench_now_us();

	commit(with);
	return bench_now_us() - began_us;
}

enum contender { OURS, OVERWRITTEN, PLAIN, CONTENDER_COUNT };

static commit_fn *const commits[CONTENDER_COUNT] = {
    [OURS] = commit_ours, [OVERWRITTEN] = commit_overwrite, [PLAIN] = commit_plain};

struct times {
	struct bench_samples whole[CONTENDER_COUNT];
	struct bench_samples ready; /* overwriting a line that was there */
	struct bench_samples making;
};

static void take_turns(struct contenders *with, size_t round, struct times *times)
{
	for (size_t i = 0; i < CONTENDER_COUNT; i++) {
		const size_t who = (round + i) % CONTENDER_COUNT;
		const double us = timed(commits[who], with);

		bench_samples_add(&times->whole[who], us);
		if (who != OVERWRITTEN)
			continue;
		bench_samples_add(&times->making, with->making_us);
		bench_samples_add(&times->ready, us - with->making_us);
	}
}

static void tell_times(struct times *times)
{
	const double ours = bench_median(&times->whole[OURS]);
	const double overwrite = bench_median(&times->whole[OVERWRITTEN]);

	bench_row(&(struct bench_row){SECTION, "durable commit, median", "us", ours, OVERWRITE,
				      overwrite, BENCH_RATIO_AT_MOST, 1.15});
	bench_row(&(struct bench_row){
	    SECTION, "durable commit, p99", "us", bench_quantile(&times->whole[OURS], 0.99),
	    OVERWRITE, bench_quantile(&times->whole[OVERWRITTEN], 0.99), BENCH_RATIO_AT_MOST, 1.5});
	bench_row(&(struct bench_row){SECTION, "durable commit, its line made, median", "us", ours,
				      OVERWRITE " of a line that is ready",
				      bench_median(&times->ready), BENCH_NO_GOAL, 0});
	bench_row(&(struct bench_row){SECTION, "making a line, median", "us",
				      bench_median(&times->making), NULL, 0, BENCH_NO_GOAL, 0});
	bench_row(&(struct bench_row){SECTION, "default WAL commit, median", "us",
				      bench_median(&times->whole[PLAIN]), OVERWRITE, overwrite,
				      BENCH_NO_GOAL, 0});
}

static void measure_times(const struct bench *bench, struct contenders *with)
{
	const size_t rounds = bench_count(bench, 3000, 20);
	struct times times = {0};

	for (size_t i = 0; i < rounds; i++) {
		take_turns(with, i, &times);
		rest(with);
	}
	tell_times(&times);
	for (size_t i = 0; i < CONTENDER_COUNT; i++)
		bench_samples_deinit(&times.whole[i]);
	bench_samples_deinit(&times.ready);
	bench_samples_deinit(&times.making);
}

static double bytes_a_fact(commit_fn *commit, struct contenders *with, size_t facts)
{
	bench_disk_count_from_here();
	for (size_t i = 0; i < facts; i++) {
		commit(with);
		rest(with);
	}
	return (double)bench_disk_count_bytes() / (double)facts;
}

/* Checkpoints are counted among the bytes: they are owed, whenever they are paid. */
static void measure_bytes(const struct bench *bench, struct contenders *with)
{
	const size_t facts = bench_count(bench, 3000, 50);
	const double ours = bytes_a_fact(commit_ours, with, facts);
	const double overwrite = bytes_a_fact(commit_overwrite, with, facts);
	const double plain = bytes_a_fact(commit_plain, with, facts);

	bench_row(&(struct bench_row){SECTION, "disk bytes a fact", "B", ours, PLAIN_WAL, plain,
				      BENCH_RATIO_AT_MOST, 0.5});
	bench_row(&(struct bench_row){SECTION, "disk bytes a fact, at most", "B", ours, NULL, 0,
				      BENCH_VALUE_AT_MOST, 6000});
	bench_row(&(struct bench_row){SECTION, "disk bytes of an overwritten line", "B", overwrite,
				      NULL, 0, BENCH_NO_GOAL, 0});
}

static void measure_syncs(const struct bench *bench, struct contenders *with)
{
	const size_t facts = bench_count(bench, 200, 20);
	struct rc_error err;
	unsigned long before;

	bench_expect(rc_journal_checkpoint(with->journal, &err), &err, "checkpoint");
	before = bench_syncs();
	for (size_t i = 0; i < facts; i++)
		commit_ours(with);
	bench_row(&(struct bench_row){SECTION, "fdatasync calls a fact", "",
				      (double)(bench_syncs() - before) / (double)facts, NULL, 0,
				      BENCH_VALUE_EXACTLY, 1});
}

void bench_journal(const struct bench *bench)
{
	struct contenders with = {.kiosk = bench_kiosk(1, 1)};

	rc_buf_init(&with.line, RC_FACT_LINE_MAX_BYTES + 1);
	open_journal(bench, &with);
	open_overwritten(bench, &with);
	open_plain(bench, &with);
	measure_times(bench, &with);
	measure_bytes(bench, &with);
	measure_syncs(bench, &with);
	(void)sqlite3_finalize(with.insert);
	(void)sqlite3_close(with.plain);
	(void)close(with.fd);
	rc_journal_close(with.journal);
	rc_buf_deinit(&with.line);
}
