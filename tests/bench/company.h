/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_BENCH_COMPANY_H
#define RC_TESTS_BENCH_COMPANY_H
/*
 * A company's database for what lines.h writes: its people, a session a kiosk with twenty of them registered, the kiosks.
 */
#include "server/db/db.h"
#include "tests/bench/bench.h"

/* Makes the database anew at `path` and leaves it closed; or in the empty one of a postgres: URL. */
void bench_company_make(const char *path, size_t kiosks);
struct rc_db *bench_company_open(const char *path);

#endif
