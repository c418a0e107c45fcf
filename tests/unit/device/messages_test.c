/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/base/random.h"
#include "shared/crypto/hash.h"
#include "shared/device/device.h"
#include "tests/unit/vectors/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define LINE_MAX_BYTES 65536u

/* What a kind's decoder made of a line, written again; RC_OK only if it was read. */
static enum rc_status again_enrol_request(struct rc_bytes line, struct rc_buf *out)
{
	struct rc_device_enrol_request request;
	enum rc_status status = rc_device_enrol_request_decode(line, &request, NULL);

	if (status == RC_OK)
		rc_device_enrol_request_encode(&request, out);
	return status;
}

static enum rc_status again_renew_request(struct rc_bytes line, struct rc_buf *out)
{
	struct rc_device_renew_request request;
	enum rc_status status = rc_device_renew_request_decode(line, &request, NULL);

	if (status == RC_OK)
		rc_device_renew_request_encode(&request, out);
	return status;
}

static enum rc_status again_enrol_answer(struct rc_bytes line, struct rc_buf *out)
{
	static struct rc_device_enrol_answer answer;
	enum rc_status status = rc_device_enrol_answer_decode(line, &answer, NULL);

	if (status == RC_OK)
		rc_device_enrol_answer_encode(&answer, out);
	return status;
}

static enum rc_status again_mark(struct rc_bytes line, struct rc_buf *out)
{
	struct rc_device_mark mark;
	enum rc_status status = rc_device_mark_decode(line, &mark, NULL);

	if (status == RC_OK)
		rc_device_mark_encode(&mark, out);
	return status;
}

static enum rc_status again_status(struct rc_bytes line, struct rc_buf *out)
{
	struct rc_device_status read;
	enum rc_status status = rc_device_status_decode(line, &read, NULL);

	if (status == RC_OK)
		rc_device_status_encode(&read, out);
	return status;
}

static enum rc_status again_header(struct rc_bytes line, struct rc_buf *out)
{
	struct rc_device_upload_header header;
	enum rc_status status = rc_device_upload_header_decode(line, &header, NULL);

	if (status == RC_OK)
		rc_device_upload_header_encode(&header, out);
	return status;
}

static enum rc_status again_trailer(struct rc_bytes line, struct rc_buf *out)
{
	enum rc_device_trailer which;
	struct rc_device_lost lost;
	struct rc_device_signature signature;
	enum rc_status status = rc_device_trailer_decode(line, &which, &lost, &signature, NULL);

	if (status == RC_OK && which == RC_DEVICE_TRAILER_LOST)
		rc_device_lost_encode(&lost, out);
	else if (status == RC_OK && which == RC_DEVICE_TRAILER_SIGNATURE)
		rc_device_signature_encode(&signature, out);
	else if (status == RC_OK)
		rc_buf_append_bytes(out, line); /* nobody writes it */
	return status;
}

static enum rc_status again_problem(struct rc_bytes line, struct rc_buf *out)
{
	struct rc_device_mark mark;
	struct rc_device_problem problem = {.status = 410, .title = "The code has expired"};
	char code[64];
	bool has_mark;
	enum rc_status status =
	    rc_device_problem_decode(line, code, sizeof(code), &mark, &has_mark, NULL);

	if (status != RC_OK)
		return status;
	problem.code = code;
	if (has_mark) {
		problem.mark = &mark;
		problem.status = 409;
		problem.title = "Another piece is wanted";
		problem.detail = "43 is wanted";
	}
	rc_device_problem_encode(&problem, out);
	return RC_OK;
}

static const struct {
	const char *kind;
	enum rc_status (*again)(struct rc_bytes line, struct rc_buf *out);
} kinds[] = {
    {"enrol_request", again_enrol_request},
    {"enrol_answer", again_enrol_answer},
    {"renew_request", again_renew_request},
    {"mark", again_mark},
    {"status", again_status},
    {"header", again_header},
    {"lost", again_trailer},
    {"signature", again_trailer},
    {"unknown", again_trailer},
    {"problem", again_problem},
    {"problem_mark", again_problem},
};

static bool is_as_told(const char *outcome, enum rc_status status, struct rc_bytes line,
		       const struct rc_buf *written)
{
	size_t size = written->size;

	if (strcmp(outcome, "format") == 0)
		return status == RC_EFORMAT || status == RC_ENOTFOUND || status == RC_ELIMIT;
	if (status != RC_OK || strcmp(outcome, "read") == 0)
		return status == RC_OK;
	if (size > 0 && written->data[size - 1] == '\n')
		size--;
	return rc_bytes_equal(line, rc_bytes_of(written->data, size));
}

static bool is_read_as_the_table_says(const struct rc_vector *row)
{
	static uint8_t memory[LINE_MAX_BYTES];
	struct rc_bytes line = rc_vector_bytes(row->field[3], memory, sizeof(memory));
	struct rc_buf written;
	bool is_right = false;

	rc_buf_init(&written, LINE_MAX_BYTES);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, row->field[1]) == 0)
			is_right =
			    is_as_told(row->field[2], kinds[i].again(line, &written), line, &written);
	}
	rc_buf_deinit(&written);
	return is_right;
}

static void messages_are_read_and_written_as_the_table_says(void **state)
{
	(void)state;
	rc_vectors_check(RC_TEST_VECTORS "/device-messages.tsv", 4, is_read_as_the_table_says);
}

static struct rc_device_mark some_mark(void)
{
	struct rc_device_mark mark = {.server_epoch = UINT64_C(0xffffffffffffffff),
				      .epoch = 1,
				      .through = RC_FACT_INTEGER_MAX,
				      .state = RC_DEVICE_QUARANTINED,
				      .time_ms = INT64_C(1795510923456)};

	rc_random(mark.hash, sizeof(mark.hash));
	return mark;
}

static void a_refused_mark_leaves_what_was_there(void **state)
{
	struct rc_device_mark mark = some_mark(), before = mark;
	struct rc_error err = {.text = ""};

	(void)state;
	assert_int_not_equal(
	    rc_device_mark_decode(
		rc_bytes_of_text(
		    "{\"rollcall\":1,\"server_epoch\":\"00c0ffee5eed0001\",\"through\":7}"),
		&mark, &err),
	    RC_OK);
	assert_memory_equal(&mark, &before, sizeof(mark));
	assert_non_null(strstr(err.text, "mark"));
}

static void a_mark_survives_the_way(void **state)
{
	struct rc_device_mark mark = some_mark(), read;
	struct rc_error err;
	struct rc_buf json;

	(void)state;
	rc_buf_init(&json, 4096);
	rc_device_mark_encode(&mark, &json);
	assert_int_equal(rc_device_mark_decode(rc_buf_bytes(&json), &read, &err), RC_OK);
	assert_true(read.server_epoch == mark.server_epoch && read.epoch == mark.epoch);
	assert_int_equal(read.through, mark.through);
	assert_int_equal(read.state, mark.state);
	assert_int_equal(read.time_ms, mark.time_ms);
	assert_memory_equal(read.hash, mark.hash, sizeof(mark.hash));
	rc_buf_deinit(&json);
}

static void a_csr_that_fills_its_field_is_read_and_a_longer_one_refused(void **state)
{
	static struct rc_device_enrol_request request, read;
	struct rc_error err;
	struct rc_buf json;

	(void)state;
	memset(request.csr_pem, 'x', sizeof(request.csr_pem) - 1);
	rc_buf_init(&json, 65536);
	rc_device_enrol_request_encode(&request, &json);
	assert_int_equal(rc_device_enrol_request_decode(rc_buf_bytes(&json), &read, &err), RC_OK);
	assert_string_equal(read.csr_pem, request.csr_pem);
	json.size -= 2; /* the quote and the brace */
	rc_buf_append_text(&json, "x\"}");
	assert_int_not_equal(rc_device_enrol_request_decode(rc_buf_bytes(&json), &read, &err), RC_OK);
	rc_buf_deinit(&json);
}

static void a_message_beyond_its_limit_is_refused_unread(void **state)
{
	struct rc_device_mark mark;
	struct rc_error err;
	struct rc_buf json;

	(void)state;
	rc_buf_init(&json, 65536);
	rc_buf_append_text(&json, "{\"x\":\"");
	while (json.size < 16384)
		rc_buf_append_char(&json, 'x');
	rc_buf_append_text(&json, "\"}");
	assert_int_equal(rc_device_mark_decode(rc_buf_bytes(&json), &mark, &err), RC_ELIMIT);
	rc_buf_deinit(&json);
}

static void every_cut_of_a_message_is_refused(void **state)
{
	struct rc_device_mark mark = some_mark(), read;
	struct rc_buf json;

	(void)state;
	rc_buf_init(&json, 4096);
	rc_device_mark_encode(&mark, &json);
	for (size_t size = 0; size < json.size; size++)
		assert_int_not_equal(rc_device_mark_decode(rc_bytes_of(json.data, size), &read, NULL),
				     RC_OK);
	rc_buf_deinit(&json);
}

/* The manual tells how to check a signature with openssl: the text is part of the promise. */
static void what_a_device_signs_is_the_text_of_the_manual(void **state)
{
	struct rc_device_signature signature = {.epoch = UINT64_C(0x0123456789abcdef), .seq = 42};
	char text[RC_DEVICE_SIGNATURE_TEXT_MAX_CHARS + 1];
	uint8_t digest[32], expected[32];

	(void)state;
	memset(signature.hash, 0xa5, sizeof(signature.hash));
	rc_device_signature_text(&signature, text);
	assert_string_equal(text,
			    "rollcall/1/facts\n0123456789abcdef\n42\n"
			    "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\n");
	rc_sha256(rc_bytes_of_text(text), expected);
	rc_device_signature_digest(&signature, digest);
	assert_memory_equal(digest, expected, sizeof(digest));
}

static void the_longest_text_to_sign_fits(void **state)
{
	struct rc_device_signature signature = {.epoch = UINT64_MAX, .seq = RC_FACT_INTEGER_MAX};
	char text[RC_DEVICE_SIGNATURE_TEXT_MAX_CHARS + 1];

	(void)state;
	rc_device_signature_text(&signature, text);
	assert_true(strlen(text) <= RC_DEVICE_SIGNATURE_TEXT_MAX_CHARS);
	assert_int_equal(text[strlen(text) - 1], '\n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages_are_read_and_written_as_the_table_says),
	    cmocka_unit_test(a_refused_mark_leaves_what_was_there),
	    cmocka_unit_test(a_mark_survives_the_way),
	    cmocka_unit_test(a_csr_that_fills_its_field_is_read_and_a_longer_one_refused),
	    cmocka_unit_test(a_message_beyond_its_limit_is_refused_unread),
	    cmocka_unit_test(every_cut_of_a_message_is_refused),
	    cmocka_unit_test(what_a_device_signs_is_the_text_of_the_manual),
	    cmocka_unit_test(the_longest_text_to_sign_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
