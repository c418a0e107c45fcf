/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs to read a fact line, beside a general JSON library on the same bytes. Our reader hashes as well; the two hashes are measured
 * alone and taken off, because the library makes none. Thread CPU time, a thousand lines at a turn.
 */
#include "shared/facts/fact.h"
#include "tests/bench/bench.h"
#include "tests/bench/lines.h"

#include <jansson.h>

#define SECTION "facts"
#define LINES   200u
#define TURNS   5u

struct line {
	struct rc_bytes bytes;
	struct rc_fact fact;
};

static void read_ours(struct line *line)
{
	if (rc_fact_read(line->bytes, &line->fact) != RC_FACT_FINE)
		bench_die("a line can't be read");
}

static void hash_ours(struct line *line)
{
	uint8_t hash[RC_FACT_HASH_BYTES];

	rc_fact_hash_body(line->fact.salt, line->fact.slices.body, hash);
	rc_fact_hash_envelope(line->fact.slices.envelope, line->fact.hash);
}

static void read_jansson(struct line *line)
{
	json_error_t err;
	json_t *json =
	    json_loadb((const char *)line->bytes.data, line->bytes.size, JSON_REJECT_DUPLICATES, &err);

	if (!json)
		bench_die("jansson: %s", err.text);
	json_decref(json);
}

/* Nanoseconds a line. */
static double timed(void (*work)(struct line *), struct line *lines)
{
	const double began_us = bench_cpu_us();

	for (unsigned turn = 0; turn < TURNS; turn++) {
		for (unsigned i = 0; i < LINES; i++)
			work(&lines[i]);
	}
	return (bench_cpu_us() - began_us) * 1000 / (TURNS * LINES);
}

static void cut(struct rc_bytes text, struct line *lines)
{
	for (unsigned i = 0; i < LINES; i++) {
		const uint8_t *feed = memchr(text.data, '\n', text.size);
		const size_t size = (size_t)(feed - text.data);

		lines[i].bytes = rc_bytes_of(text.data, size);
		text = rc_bytes_of(feed + 1, text.size - size - 1);
	}
}

void bench_facts(const struct bench *bench)
{
	static struct line lines[LINES];
	const size_t rounds = bench_count(bench, 400, 3);
	struct bench_kiosk kiosk = bench_kiosk(7, 1);
	struct bench_samples ours = {0}, hashes = {0}, jansson = {0};
	struct rc_buf text;
	double reading;

	rc_buf_init(&text, LINES * 2048);
	for (unsigned i = 0; i < LINES; i++)
		bench_line(BENCH_SIGNED_IN, &kiosk, &text);
	bench_expect(rc_buf_status(&text, NULL), NULL, "lines");
	cut(rc_buf_bytes(&text), lines);
	for (size_t i = 0; i < rounds; i++) {
		bench_samples_add(&ours, timed(read_ours, lines));
		bench_samples_add(&hashes, timed(hash_ours, lines));
		bench_samples_add(&jansson, timed(read_jansson, lines));
	}
	reading = bench_median(&ours) - bench_median(&hashes);
	bench_row(&(struct bench_row){SECTION, "reading a fact, hashes apart", "ns", reading,
				      "jansson", bench_median(&jansson), BENCH_RATIO_AT_MOST, 0.06});
	bench_row(&(struct bench_row){SECTION, "its two SHA-256", "ns", bench_median(&hashes), NULL,
				      0, BENCH_NO_GOAL, 0});
	bench_row(&(struct bench_row){SECTION, "its line", "B", (double)text.size / LINES, NULL, 0,
				      BENCH_NO_GOAL, 0});
	bench_samples_deinit(&ours);
	bench_samples_deinit(&hashes);
	bench_samples_deinit(&jansson);
	rc_buf_deinit(&text);
}
