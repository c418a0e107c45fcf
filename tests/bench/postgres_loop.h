/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_BENCH_POSTGRES_LOOP_H
#define RC_TESTS_BENCH_POSTGRES_LOOP_H
/*
 * What storing facts on PostgreSQL can cost at the least: one session, a thousand lines sorted by their key in one INSERT from arrays,
 * a commit each. It doesn't read the lines; their places are counted.
 */
#include "shared/base/bytes.h"
#include "tests/bench/bench.h"

/* Facts a second into a table made anew in the database of `conninfo`. Line i is of kiosk i / a_kiosk. */
double bench_postgres_loop(const char *conninfo, const struct rc_bytes *lines, size_t count,
			   size_t a_kiosk);

#endif
