/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/facts/fact.h"

#include "shared/base/encode.h"
#include "shared/base/timestamp.h"
#include "tests/unit/vectors/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CASE, FAULT, LINE, IDENTITY, PUBLIC_ID, ENVELOPE, SALT, BODY, COLUMNS };

static bool is_hex_of(struct rc_bytes bytes, const char *hex)
{
	static char text[2 * RC_FACT_LINE_MAX_BYTES + 1];

	rc_hex_encode(bytes, text);
	return strcmp(text, hex) == 0;
}

static bool is_untouched(const struct rc_fact *fact)
{
	const uint8_t *bytes = (const uint8_t *)fact;

	for (size_t i = 0; i < sizeof(*fact); i++) {
		if (bytes[i] != 0x5A)
			return false;
	}
	return true;
}

static bool slices_hold(const struct rc_fact *fact, const struct rc_vector *row)
{
	char id[RC_ID_CHARS + 1];
	const struct rc_id public_id = rc_fact_public_id(fact->hash);

	rc_id_format(&public_id, id);
	return is_hex_of(rc_bytes_of(fact->hash, sizeof(fact->hash)), row->field[IDENTITY]) &&
	       strcmp(id, row->field[PUBLIC_ID]) == 0 &&
	       is_hex_of(fact->slices.envelope, row->field[ENVELOPE]) &&
	       rc_bytes_is_text(fact->slices.salt_hex, row->field[SALT]) &&
	       is_hex_of(rc_bytes_of(fact->salt, sizeof(fact->salt)), row->field[SALT]) &&
	       is_hex_of(fact->slices.body, row->field[BODY]);
}

static bool line_holds(const struct rc_vector *row)
{
	uint8_t bytes[4096];
	const struct rc_bytes line = rc_vector_bytes(row->field[LINE], bytes, sizeof(bytes));
	struct rc_fact fact;
	enum rc_fact_fault fault;

	memset(&fact, 0x5A, sizeof(fact));
	fault = rc_fact_read(line, &fact);
	if (strcmp(rc_fact_fault_name(fault), row->field[FAULT]) != 0) {
		print_error("fault %s instead of %s\n", rc_fact_fault_name(fault), row->field[FAULT]);
		return false;
	}
	return fault == RC_FACT_FINE ? slices_hold(&fact, row) : is_untouched(&fact);
}

static void lines_are_read_as_the_vectors_say(void **state)
{
	(void)state;
	rc_vectors_check(RC_TEST_VECTORS "/fact-lines.tsv", COLUMNS, line_holds);
}

static uint8_t prev[RC_FACT_HASH_BYTES];

static bool chain_goes_on(const struct rc_vector *row)
{
	uint8_t bytes[4096];
	struct rc_fact fact;
	bool is_next;

	if (strcmp(row->field[FAULT], "fine") != 0)
		return true;
	if (rc_fact_read(rc_vector_bytes(row->field[LINE], bytes, sizeof(bytes)), &fact) != RC_FACT_FINE)
		return false;
	is_next = memcmp(prev, fact.envelope.prev, sizeof(prev)) == 0;
	memcpy(prev, fact.hash, sizeof(prev));
	return is_next;
}

static void good_lines_of_the_vectors_are_one_chain(void **state)
{
	(void)state;
	rc_vectors_check(RC_TEST_VECTORS "/fact-lines.tsv", COLUMNS, chain_goes_on);
}

/* Rows whose line is written the way we write lines. */
static bool is_written_by_our_rules(const struct rc_vector *row)
{
	return strcmp(row->field[CASE], "first_of_an_epoch") == 0 ||
	       strcmp(row->field[CASE], "a_sign_in") == 0 ||
	       strncmp(row->field[CASE], "a_refusal", 9) == 0;
}

static bool same_line_is_written(const struct rc_vector *row)
{
	uint8_t bytes[4096], hash[RC_FACT_HASH_BYTES];
	struct rc_fact_slices cut;
	struct rc_buf written;
	struct rc_bytes line;
	struct rc_fact fact;
	bool is_same;

	if (!is_written_by_our_rules(row))
		return true;
	line = rc_vector_bytes(row->field[LINE], bytes, sizeof(bytes) - 1);
	assert_int_equal(rc_fact_read(line, &fact), RC_FACT_FINE);
	rc_buf_init(&written, RC_FACT_LINE_MAX_BYTES + 1);
	assert_int_equal(
	    rc_fact_write(&fact.envelope, fact.salt, fact.slices.body, &written, hash, NULL), RC_OK);
	cut = rc_fact_cut(rc_buf_bytes(&written), fact.slices.body.size);
	assert_true(rc_bytes_equal(cut.envelope, fact.slices.envelope));
	assert_true(rc_bytes_equal(cut.salt_hex, fact.slices.salt_hex));
	assert_true(rc_bytes_equal(cut.body, fact.slices.body));
	bytes[line.size++] = '\n';
	is_same = rc_bytes_equal(rc_buf_bytes(&written), line) &&
		  memcmp(hash, fact.hash, sizeof(hash)) == 0;
	rc_buf_deinit(&written);
	return is_same;
}

static void the_writer_makes_the_very_bytes_of_the_vectors(void **state)
{
	(void)state;
	rc_vectors_check(RC_TEST_VECTORS "/fact-lines.tsv", COLUMNS, same_line_is_written);
}

/* ---- a line to change ---------------------------------------------------------------------------------------------------- */

struct sample {
	struct rc_fact_envelope envelope;
	uint8_t salt[RC_FACT_SALT_BYTES];
	uint8_t hash[RC_FACT_HASH_BYTES];
	struct rc_buf line; /* with its line feed */
};

static void sample_init(struct sample *sample)
{
	memset(sample, 0, sizeof(*sample));
	sample->envelope.place.epoch = UINT64_C(0x00c0ffee5eed0001);
	sample->envelope.place.seq = 7;
	sample->envelope.clock.at_ms = INT64_C(1795510923456);
	sample->envelope.clock.error_ms = RC_CLOCK_ERROR_UNKNOWN;
	sample->envelope.clock.source = RC_CLOCK_RTC;
	sample->envelope.version = 1;
	memcpy(sample->envelope.kind, "x.y", 4);
	rc_buf_init(&sample->line, 4 * RC_FACT_LINE_MAX_BYTES);
}

static enum rc_status sample_write(struct sample *sample, struct rc_bytes body)
{
	rc_buf_clear(&sample->line);
	return rc_fact_write(&sample->envelope, sample->salt, body, &sample->line, sample->hash, NULL);
}

static struct rc_bytes line_of(const struct sample *sample)
{
	return rc_bytes_of(sample->line.data, sample->line.size - 1);
}

static void what_is_written_is_read_back(void **state)
{
	struct sample sample;
	struct rc_fact fact;

	(void)state;
	sample_init(&sample);
	assert_int_equal(sample_write(&sample, rc_bytes_of_text("{\"a\":1}")), RC_OK);
	assert_int_equal(rc_fact_read(line_of(&sample), &fact), RC_FACT_FINE);
	assert_true(fact.envelope.place.epoch == sample.envelope.place.epoch);
	assert_int_equal(fact.envelope.place.seq, 7);
	assert_int_equal(fact.envelope.clock.at_ms, sample.envelope.clock.at_ms);
	assert_string_equal(fact.envelope.at_text, "2026-11-24T09:02:03.456Z");
	assert_false(fact.envelope.is_clock_bad);
	assert_int_equal(fact.envelope.clock.error_ms, RC_CLOCK_ERROR_UNKNOWN);
	assert_int_equal(fact.envelope.clock.source, RC_CLOCK_RTC);
	assert_string_equal(fact.envelope.kind, "x.y");
	assert_memory_equal(fact.hash, sample.hash, sizeof(sample.hash));
	rc_buf_deinit(&sample.line);
}

static void three_columns_join_to_the_line_they_came_from(void **state)
{
	struct sample sample;
	struct rc_buf joined;
	struct rc_fact fact;

	(void)state;
	sample_init(&sample);
	assert_int_equal(sample_write(&sample, rc_bytes_of_text("{\"a\":\"\xe7\x94\x9f\"}")), RC_OK);
	assert_int_equal(rc_fact_read(line_of(&sample), &fact), RC_FACT_FINE);
	rc_buf_init(&joined, RC_FACT_LINE_MAX_BYTES + 1);
	rc_fact_join(&fact.slices, &joined);
	assert_true(rc_bytes_equal(rc_buf_bytes(&joined), rc_buf_bytes(&sample.line)));
	rc_buf_deinit(&joined);
	rc_buf_deinit(&sample.line);
}

static void any_changed_byte_of_a_line_is_noticed_or_changes_its_identity(void **state)
{
	struct sample sample;
	struct rc_fact fact;

	(void)state;
	sample_init(&sample);
	assert_int_equal(sample_write(&sample, rc_bytes_of_text("{\"a\":[1,\"b\"]}")), RC_OK);
	for (size_t i = 0; i + 1 < sample.line.size; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			sample.line.data[i] ^= (uint8_t)(1u << bit);
			if (rc_fact_read(line_of(&sample), &fact) == RC_FACT_FINE)
				assert_memory_not_equal(fact.hash, sample.hash, sizeof(sample.hash));
			sample.line.data[i] ^= (uint8_t)(1u << bit);
		}
	}
	rc_buf_deinit(&sample.line);
}

static void a_line_cut_anywhere_is_refused(void **state)
{
	struct sample sample;
	struct rc_fact fact;

	(void)state;
	sample_init(&sample);
	assert_int_equal(sample_write(&sample, rc_bytes_of_text("{\"a\":[1,\"b\",true]}")), RC_OK);
	for (size_t size = 0; size + 1 < sample.line.size; size++) {
		/* A copy of exactly that size, so that a sanitizer sees any byte read behind it. */
		uint8_t *cut = malloc(size + 1);

		memcpy(cut + 1, sample.line.data, size);
		assert_int_not_equal(rc_fact_read(rc_bytes_of(cut + 1, size), &fact), RC_FACT_FINE);
		free(cut);
	}
	rc_buf_deinit(&sample.line);
}

/* A body of exactly `size` bytes. */
static struct rc_bytes body_of(uint8_t *memory, size_t size)
{
	memset(memory, 'x', size);
	memcpy(memory, "{\"a\":\"", 6);
	memcpy(memory + size - 2, "\"}", 2);
	return rc_bytes_of(memory, size);
}

static void a_body_of_12_kib_is_taken_and_one_byte_more_is_not(void **state)
{
	static uint8_t memory[RC_FACT_BODY_MAX_BYTES + 1];
	struct sample sample;
	struct rc_fact fact;

	(void)state;
	sample_init(&sample);
	assert_int_equal(sample_write(&sample, body_of(memory, RC_FACT_BODY_MAX_BYTES)), RC_OK);
	assert_int_equal(rc_fact_read(line_of(&sample), &fact), RC_FACT_FINE);
	assert_int_equal(sample_write(&sample, body_of(memory, RC_FACT_BODY_MAX_BYTES + 1)), RC_ELIMIT);
	assert_int_equal(sample.line.size, 0);
	rc_buf_deinit(&sample.line);
}

/* Makes the sample's line `size` bytes long by white space at its end; the fact stays the same. */
static void pad(struct sample *sample, size_t size)
{
	assert_int_equal(sample_write(sample, rc_bytes_of_text("{}")), RC_OK);
	sample->line.data[sample->line.size - 1] = ' ';
	while (sample->line.size < size + 1)
		rc_buf_append_char(&sample->line, ' ');
}

static void a_line_of_16_kib_is_taken_and_one_byte_more_is_not(void **state)
{
	struct sample sample;
	struct rc_fact fact;

	(void)state;
	sample_init(&sample);
	pad(&sample, RC_FACT_LINE_MAX_BYTES);
	assert_int_equal(rc_fact_read(line_of(&sample), &fact), RC_FACT_FINE);
	pad(&sample, RC_FACT_LINE_MAX_BYTES + 1);
	assert_int_equal(rc_fact_read(line_of(&sample), &fact), RC_FACT_TOO_LONG);
	rc_buf_deinit(&sample.line);
}

static void an_object_of_65_keys_is_too_much(void **state)
{
	struct sample sample;
	struct rc_buf body;

	(void)state;
	sample_init(&sample);
	for (unsigned count = 64; count <= 65; count++) {
		rc_buf_init(&body, 4096);
		for (unsigned i = 0; i < count; i++)
			rc_buf_printf(&body, "%c\"k%u\":0", i ? ',' : '{', i);
		rc_buf_append_char(&body, '}');
		assert_int_equal(sample_write(&sample, rc_buf_bytes(&body)),
				 count == 64 ? RC_OK : RC_EFORMAT);
		rc_buf_deinit(&body);
	}
	rc_buf_deinit(&sample.line);
}

static void the_writer_refuses_what_the_reader_would(void **state)
{
	static const char *const bodies[] = {
	    "", "[]", "1", "{", "{}x", "{\"a\":1,\"a\":1}", " {}", "{} ", "{\"a\":\"\xff\"}"};
	struct sample sample;

	(void)state;
	sample_init(&sample);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_int_equal(sample_write(&sample, rc_bytes_of_text(bodies[i])), RC_EFORMAT);
	sample.envelope.place.seq = 0;
	assert_int_equal(sample_write(&sample, rc_bytes_of_text("{}")), RC_EFORMAT);
	sample.envelope.place.seq = RC_FACT_INTEGER_MAX + 1;
	assert_int_equal(sample_write(&sample, rc_bytes_of_text("{}")), RC_EFORMAT);
	sample.envelope.place.seq = 1;
	memcpy(sample.envelope.kind, "a b", 4);
	assert_int_equal(sample_write(&sample, rc_bytes_of_text("{}")), RC_EFORMAT);
	memset(sample.envelope.kind, 'k', sizeof(sample.envelope.kind));
	assert_int_equal(sample_write(&sample, rc_bytes_of_text("{}")), RC_ELIMIT);
	rc_buf_deinit(&sample.line);
}

static void a_full_buffer_gets_no_half_line(void **state)
{
	char memory[300] = "before";
	struct sample sample;
	struct rc_buf small;

	(void)state;
	sample_init(&sample);
	rc_buf_init_fixed(&small, memory, sizeof(memory));
	rc_buf_append_text(&small, "before");
	assert_int_equal(rc_fact_write(&sample.envelope, sample.salt, rc_bytes_of_text("{}"),
				       &small, sample.hash, NULL),
			 RC_ELIMIT);
	assert_string_equal(memory, "before");
	rc_buf_deinit(&sample.line);
}

static void a_long_time_text_is_cut_between_characters(void **state)
{
	struct rc_fact fact;
	struct sample sample;
	struct rc_buf line;
	char *at;

	(void)state;
	sample_init(&sample);
	assert_int_equal(sample_write(&sample, rc_bytes_of_text("{}")), RC_OK);
	rc_buf_init(&line, 4096);
	at = strstr((char *)sample.line.data, "2026-");
	rc_buf_append(&line, sample.line.data, (size_t)(at - (char *)sample.line.data));
	rc_buf_append_text(&line, "12345678901234567890123456789012345678\xe7\x94\x9f");
	rc_buf_append_text(&line, at + RC_TIMESTAMP_CHARS);
	assert_int_equal(rc_fact_read(rc_bytes_of(line.data, line.size - 1), &fact), RC_FACT_FINE);
	assert_true(fact.envelope.is_clock_bad);
	assert_int_equal(fact.envelope.clock.at_ms, 0);
	assert_string_equal(fact.envelope.at_text, "12345678901234567890123456789012345678");
	rc_buf_deinit(&line);
	rc_buf_deinit(&sample.line);
}

static void the_place_of_a_broken_line_is_found_where_it_is_whole(void **state)
{
	struct rc_fact_place place;
	struct sample sample;

	(void)state;
	sample_init(&sample);
	assert_int_equal(sample_write(&sample, rc_bytes_of_text("{}")), RC_OK);
	assert_int_equal(rc_fact_read_place(rc_bytes_of(sample.line.data, 120), &place), RC_OK);
	assert_int_equal(place.seq, 7);
	assert_true(place.epoch == sample.envelope.place.epoch);
	assert_int_equal(rc_fact_read_place(rc_bytes_of(sample.line.data, 60), &place), RC_EFORMAT);
	assert_int_equal(rc_fact_read_place(rc_bytes_of(NULL, 0), &place), RC_EFORMAT);
	assert_int_equal(rc_fact_read_place(rc_bytes_of_text("hello"), &place), RC_EFORMAT);
	rc_buf_deinit(&sample.line);
}

static void an_epoch_is_16_lower_case_digits(void **state)
{
	char text[RC_FACT_EPOCH_CHARS + 1];
	uint64_t epoch = 0;

	(void)state;
	rc_fact_epoch_format(UINT64_C(0x0123456789abcdef), text);
	assert_string_equal(text, "0123456789abcdef");
	assert_int_equal(rc_fact_epoch_parse(rc_bytes_of_text("0123456789abcdef"), &epoch), RC_OK);
	assert_true(epoch == UINT64_C(0x0123456789abcdef));
	for (unsigned c = 0; c < 256; c++) {
		uint8_t digits[16] = "0123456789abcde";
		bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

		digits[15] = (uint8_t)c;
		assert_int_equal(rc_fact_epoch_parse(rc_bytes_of(digits, 16), &epoch) == RC_OK, is_digit);
		digits[15] = 'f';
		digits[3] = (uint8_t)c;
		assert_int_equal(rc_fact_epoch_parse(rc_bytes_of(digits, 16), &epoch) == RC_OK, is_digit);
	}
	assert_int_equal(rc_fact_epoch_parse(rc_bytes_of_text("0123456789abcde"), &epoch), RC_EFORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_read_as_the_vectors_say),
	    cmocka_unit_test(good_lines_of_the_vectors_are_one_chain),
	    cmocka_unit_test(the_writer_makes_the_very_bytes_of_the_vectors),
	    cmocka_unit_test(what_is_written_is_read_back),
	    cmocka_unit_test(three_columns_join_to_the_line_they_came_from),
	    cmocka_unit_test(any_changed_byte_of_a_line_is_noticed_or_changes_its_identity),
	    cmocka_unit_test(a_line_cut_anywhere_is_refused),
	    cmocka_unit_test(a_body_of_12_kib_is_taken_and_one_byte_more_is_not),
	    cmocka_unit_test(a_line_of_16_kib_is_taken_and_one_byte_more_is_not),
	    cmocka_unit_test(an_object_of_65_keys_is_too_much),
	    cmocka_unit_test(the_writer_refuses_what_the_reader_would),
	    cmocka_unit_test(a_full_buffer_gets_no_half_line),
	    cmocka_unit_test(a_long_time_text_is_cut_between_characters),
	    cmocka_unit_test(the_place_of_a_broken_line_is_found_where_it_is_whole),
	    cmocka_unit_test(an_epoch_is_16_lower_case_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
