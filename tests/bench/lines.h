/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TESTS_BENCH_LINES_H
#define RC_TESTS_BENCH_LINES_H
/*
 * Fact lines as kiosks write them, for whoever stores or reads them: a chain a kiosk, each with its header on demand.
 */
#include "shared/facts/fact.h"

#define BENCH_PEOPLE       2000u
#define BENCH_SESSIONS     2000u
#define BENCH_CLASS        20u /* people a session, and one session a kiosk */
#define BENCH_STARTS_MS    INT64_C(1795500000000)
#define BENCH_SERVER_EPOCH UINT64_C(0xbe7c400000000001)

/* A journal that is only written. */
struct bench_kiosk {
	struct rc_id id;
	uint64_t epoch;
	int64_t seq; /* of the last line */
	uint8_t prev[RC_FACT_HASH_BYTES];
};

enum bench_line {
	BENCH_SIGNED_IN, /* somebody registered, into a session: a record follows from it */
	BENCH_REFUSED,   /* an unknown badge: stored, and nothing follows */
};

struct rc_id bench_id(uint8_t family, unsigned number);
struct bench_kiosk bench_kiosk(unsigned number, uint64_t epoch);

/* The body of the kiosk's next fact. */
void bench_body(enum bench_line what, const struct bench_kiosk *kiosk, struct rc_buf *body);

/* Appends the kiosk's next fact with its line feed. */
void bench_line(enum bench_line what, struct bench_kiosk *kiosk, struct rc_buf *lines);

/* Appends a whole upload: header and the kiosk's next `count` facts. */
void bench_upload(enum bench_line what, struct bench_kiosk *kiosk, size_t count, struct rc_buf *body);

#endif
