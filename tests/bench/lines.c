/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/lines.h"

#include "shared/device/device.h"
#include "shared/facts_gen/kinds.h"
#include "tests/bench/bench.h"

#include <string.h>

struct rc_id bench_id(uint8_t family, unsigned number)
{
	struct rc_id id = {{family}};

	id.octets[13] = (uint8_t)(number >> 16);
	id.octets[14] = (uint8_t)(number >> 8);
	id.octets[15] = (uint8_t)number;
	return id;
}

static unsigned number_of(const struct rc_id *id)
{
	return (unsigned)id->octets[13] << 16 | (unsigned)id->octets[14] << 8 | id->octets[15];
}

struct bench_kiosk bench_kiosk(unsigned number, uint64_t epoch)
{
	return (struct bench_kiosk){.id = bench_id(0x66, number), .epoch = epoch + number};
}

static void sign_in(const struct bench_kiosk *kiosk, struct rc_buf *body)
{
	const unsigned number = number_of(&kiosk->id);
	const unsigned person = (number * BENCH_CLASS + (unsigned)kiosk->seq) % BENCH_PEOPLE;
	const struct rc_fact_attendance_signed_in fact = {
	    .session = bench_id(0x55, number % BENCH_SESSIONS),
	    .session_version = 1,
	    .ref = bench_id(0x33, person),
	    .verdict = RC_VERDICT_SIGNED_IN,
	    .roster_n = 4711,
	};

	rc_fact_attendance_signed_in_encode(&fact, body);
}

static void refuse(const struct bench_kiosk *kiosk, struct rc_buf *body)
{
	struct rc_fact_scan_refused fact = {
	    .verdict = RC_VERDICT_NOT_REGISTERED,
	    .has_find = true,
	    .has_session = true,
	    .session = bench_id(0x55, number_of(&kiosk->id) % BENCH_SESSIONS),
	    .count = 1,
	};

	(void)rc_text_copy("rc1", fact.class, sizeof(fact.class));
	memset(fact.find, (int)(kiosk->seq & 0xff), sizeof(fact.find));
	rc_fact_scan_refused_encode(&fact, body);
}

void bench_body(enum bench_line what, const struct bench_kiosk *kiosk, struct rc_buf *body)
{
	if (what == BENCH_SIGNED_IN)
		sign_in(kiosk, body);
	else
		refuse(kiosk, body);
}

void bench_line(enum bench_line what, struct bench_kiosk *kiosk, struct rc_buf *lines)
{
	struct rc_fact_envelope envelope = {
	    .place = {.kiosk = kiosk->id, .epoch = kiosk->epoch, .seq = kiosk->seq + 1},
	    .clock = {.at_ms = BENCH_STARTS_MS + kiosk->seq * 1000,
		      .up_ms = 1000000 + kiosk->seq * 1000,
		      .boot = bench_id(0x77, number_of(&kiosk->id)),
		      .source = RC_CLOCK_NTP,
		      .error_ms = 20},
	    .version = 1,
	};
	uint8_t salt[RC_FACT_SALT_BYTES];
	char memory[1024];
	struct rc_buf body;
	struct rc_error err;

	(void)rc_text_copy(what == BENCH_SIGNED_IN ? RC_FACT_KIND_ATTENDANCE_SIGNED_IN
						   : RC_FACT_KIND_SCAN_REFUSED,
			   envelope.kind, sizeof(envelope.kind));
	memset(salt, (int)(kiosk->seq & 0xff), sizeof(salt));
	memcpy(envelope.prev, kiosk->prev, sizeof(envelope.prev));
	rc_buf_init_fixed(&body, memory, sizeof(memory));
	bench_body(what, kiosk, &body);
	bench_expect(rc_fact_write(&envelope, salt, rc_buf_bytes(&body), lines, kiosk->prev, &err),
		     &err, "writing a line");
	kiosk->seq++;
}

void bench_upload(enum bench_line what, struct bench_kiosk *kiosk, size_t count, struct rc_buf *body)
{
	const struct rc_device_upload_header header = {
	    .kiosk = kiosk->id,
	    .epoch = kiosk->epoch,
	    .from = kiosk->seq + 1,
	    .count = (int64_t)count,
	    .boot = bench_id(0x77, number_of(&kiosk->id)),
	    .up_ms = 1000000 + (kiosk->seq + (int64_t)count) * 1000,
	    .at_ms = BENCH_STARTS_MS + (kiosk->seq + (int64_t)count) * 1000,
	};

	rc_device_upload_header_encode(&header, body);
	for (size_t i = 0; i < count; i++)
		bench_line(what, kiosk, body);
}
