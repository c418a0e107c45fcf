/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_BENCH_RAW_SERVER_H
#define RC_TESTS_BENCH_RAW_SERVER_H
/* The least that a server can do, for bench_server_start. */
#include "tests/bench/client.h"

#define BENCH_SMALL_JSON "{\"ok\":true,\"next\":12345678}"

uint16_t bench_raw_open(void *context);
void bench_raw_serve(void *context);

#endif
