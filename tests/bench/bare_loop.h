/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_BENCH_BARE_LOOP_H
#define RC_TESTS_BENCH_BARE_LOOP_H
/*
 * The floor of an ingest: one loop that reads and hashes lines and inserts them into a table with a unique index, a thousand a
 * transaction. No server, no checks beyond the line, no records.
 */
#include "shared/base/bytes.h"
#include "tests/bench/bench.h"

struct bench_loop {
	double cpu_us;   /* a fact */
	double a_second; /* facts */
};

/* Stores `count` lines (without line feeds) in a new database at `path`; with jansson in place of our reader if asked. */
struct bench_loop bench_bare_loop(const char *path, const struct rc_bytes *lines, size_t count,
				  bool by_jansson);

#endif
