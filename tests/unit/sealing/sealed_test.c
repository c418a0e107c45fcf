/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/sealing/sealed.h"

#include "shared/base/cleanup.h"
#include "tests/unit/vectors/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define VALUE_MAX_BYTES 1024u

static const uint8_t key[RC_SEAL_KEY_BYTES] = {1, 2, 3};
static const struct rc_seal_place place = {.table = "person", .ref = {9, 8, 7}, .version = 42};

/* Seals a text at `place` with a random nonce. */
static void seal(struct rc_buf *sealed, const char *text)
{
	rc_buf_init(sealed, VALUE_MAX_BYTES);
	assert_int_equal(rc_seal(key, &place, rc_bytes_of_text(text), sealed, NULL), RC_OK);
}

/* Opens, and throws away what was in it. Nothing may come out of a failure. */
static enum rc_status unseal_status(const uint8_t with[RC_SEAL_KEY_BYTES],
				    const struct rc_seal_place *at, struct rc_bytes sealed)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf plain;
	enum rc_status status;

	rc_buf_init(&plain, VALUE_MAX_BYTES);
	rc_buf_append_text(&plain, "before");
	status = rc_unseal(with, at, sealed, &plain, NULL);
	assert_true(status == RC_OK || rc_bytes_is_text(rc_buf_bytes(&plain), "before"));
	return status;
}

struct value {
	uint8_t key[RC_SEAL_KEY_BYTES], nonce[12];
	uint8_t json[VALUE_MAX_BYTES], plain[VALUE_MAX_BYTES], sealed[VALUE_MAX_BYTES];
	struct rc_bytes json_bytes, plain_bytes, sealed_bytes;
	struct rc_seal_place place;
};

static void value_read(struct value *v, const struct rc_vector *row)
{
	rc_vector_bytes(row->field[2], v->key, sizeof(v->key));
	v->place = (struct rc_seal_place){.table = row->field[3],
					  .version = strtoull(row->field[5], NULL, 10)};
	rc_vector_bytes(row->field[4], v->place.ref, sizeof(v->place.ref));
	rc_vector_bytes(row->field[6], v->nonce, sizeof(v->nonce));
	v->json_bytes = rc_vector_bytes(row->field[7], v->json, sizeof(v->json));
	v->plain_bytes = rc_vector_bytes(row->field[8], v->plain, sizeof(v->plain));
	v->sealed_bytes = rc_vector_bytes(row->field[9], v->sealed, sizeof(v->sealed));
}

static bool seals_to_the_same_bytes(const struct value *v)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf sealed;

	rc_buf_init(&sealed, VALUE_MAX_BYTES);
	return rc_seal__with_nonce(v->key, &v->place, v->plain_bytes, v->nonce, &sealed, NULL) == RC_OK &&
	       rc_bytes_equal(rc_buf_bytes(&sealed), v->sealed_bytes);
}

static bool opens_to_its_text(const struct value *v)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf plain;

	rc_buf_init(&plain, VALUE_MAX_BYTES);
	return rc_unseal(v->key, &v->place, v->sealed_bytes, &plain, NULL) == RC_OK &&
	       rc_bytes_equal(rc_buf_bytes(&plain), v->plain_bytes);
}

/* Sealed with a random nonce, the padded JSON is the row's plaintext. */
static bool json_is_padded_alike(const struct value *v)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf sealed, plain;

	rc_buf_init(&sealed, VALUE_MAX_BYTES);
	rc_buf_init(&plain, VALUE_MAX_BYTES);
	return rc_seal_json(v->key, &v->place, v->json_bytes, &sealed, NULL) == RC_OK &&
	       rc_unseal(v->key, &v->place, rc_buf_bytes(&sealed), &plain, NULL) == RC_OK &&
	       rc_bytes_equal(rc_buf_bytes(&plain), v->plain_bytes);
}

static bool row_holds(const struct rc_vector *row)
{
	struct value v;

	value_read(&v, row);
	if (strcmp(row->field[1], "ok") == 0)
		return seals_to_the_same_bytes(&v) && opens_to_its_text(&v) &&
		       (v.json_bytes.size == 0 || json_is_padded_alike(&v));
	return unseal_status(v.key, &v.place, v.sealed_bytes) ==
	       (strcmp(row->field[1], "denied") == 0 ? RC_EDENIED : RC_EFORMAT);
}

static void values_are_those_another_program_sealed(void **state)
{
	(void)state;
	rc_vectors_check(RC_TEST_VECTORS "/sealed.tsv", 10, row_holds);
}

static void any_flipped_bit_of_a_value_keeps_it_shut(void **state)
{
	struct rc_buf sealed;

	(void)state;
	seal(&sealed, "{\"name\":\"x\"}");
	for (size_t bit = 0; bit < sealed.size * 8; bit++) {
		sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		/* The first byte says how to read the rest. */
		assert_int_equal(unseal_status(key, &place, rc_buf_bytes(&sealed)),
				 bit < 8 ? RC_EFORMAT : RC_EDENIED);
		sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(unseal_status(key, &place, rc_buf_bytes(&sealed)), RC_OK);
	rc_buf_deinit(&sealed);
}

static void any_flipped_bit_of_key_row_or_version_keeps_it_shut(void **state)
{
	struct rc_seal_place other = place;
	uint8_t wrong[RC_SEAL_KEY_BYTES];
	struct rc_buf sealed;

	(void)state;
	seal(&sealed, "{}");
	memcpy(wrong, key, sizeof(wrong));
	for (size_t bit = 0; bit < sizeof(wrong) * 8; bit++) {
		wrong[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(unseal_status(wrong, &place, rc_buf_bytes(&sealed)), RC_EDENIED);
		wrong[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t bit = 0; bit < sizeof(other.ref) * 8; bit++) {
		other.ref[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(unseal_status(key, &other, rc_buf_bytes(&sealed)), RC_EDENIED);
		other.ref[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (unsigned bit = 0; bit < 64; bit++) {
		other.version = place.version ^ UINT64_C(1) << bit;
		assert_int_equal(unseal_status(key, &other, rc_buf_bytes(&sealed)), RC_EDENIED);
	}
	rc_buf_deinit(&sealed);
}

static void a_value_cut_off_anywhere_stays_shut(void **state)
{
	struct rc_buf sealed;

	(void)state;
	seal(&sealed, "some text");
	for (size_t size = 0; size < sealed.size; size++)
		assert_int_equal(unseal_status(key, &place, rc_bytes_of(sealed.data, size)),
				 size < RC_SEAL_OVERHEAD_BYTES ? RC_EFORMAT : RC_EDENIED);
	rc_buf_deinit(&sealed);
}

static void the_same_text_is_never_sealed_alike(void **state)
{
	struct rc_buf one, two;

	(void)state;
	seal(&one, "the same");
	seal(&two, "the same");
	assert_int_equal(one.size, two.size);
	assert_memory_not_equal(one.data + 1, two.data + 1, 12);
	assert_memory_not_equal(one.data + 13, two.data + 13, 8);
	rc_buf_deinit(&one);
	rc_buf_deinit(&two);
}

static void values_are_appended_to_what_is_there(void **state)
{
	struct rc_buf sealed, plain;

	(void)state;
	rc_buf_init(&sealed, VALUE_MAX_BYTES);
	rc_buf_init(&plain, VALUE_MAX_BYTES);
	rc_buf_append_text(&sealed, "head");
	assert_int_equal(rc_seal(key, &place, rc_bytes_of_text("one"), &sealed, NULL), RC_OK);
	assert_int_equal(sealed.size, 4 + RC_SEAL_OVERHEAD_BYTES + 3);
	rc_buf_append_text(&plain, "text: ");
	assert_int_equal(
	    rc_unseal(key, &place, rc_bytes_of(sealed.data + 4, sealed.size - 4), &plain, NULL), RC_OK);
	assert_string_equal(rc_buf_text(&plain), "text: one");
	rc_buf_deinit(&sealed);
	rc_buf_deinit(&plain);
}

static void a_buffer_too_small_is_told(void **state)
{
	struct rc_buf sealed, small;

	(void)state;
	rc_buf_init(&small, RC_SEAL_OVERHEAD_BYTES + 2);
	assert_int_equal(rc_seal(key, &place, rc_bytes_of_text("one"), &small, NULL), RC_ELIMIT);
	assert_int_equal(small.size, 0);
	rc_buf_deinit(&small);
	seal(&sealed, "one");
	rc_buf_init(&small, 2);
	assert_int_equal(rc_unseal(key, &place, rc_buf_bytes(&sealed), &small, NULL), RC_ELIMIT);
	assert_int_equal(small.size, 0);
	rc_buf_deinit(&small);
	rc_buf_deinit(&sealed);
}

/* Lengths tell nothing below a multiple of 64. */
static void padded_values_come_in_few_sizes(void **state)
{
	char json[131];
	struct rc_buf sealed;

	(void)state;
	memset(json, ' ', sizeof(json));
	rc_buf_init(&sealed, VALUE_MAX_BYTES);
	for (size_t size = 1; size <= 130; size++) {
		rc_buf_clear(&sealed);
		assert_int_equal(rc_seal_json(key, &place, rc_bytes_of(json, size), &sealed, NULL), RC_OK);
		assert_int_equal(sealed.size, RC_SEAL_OVERHEAD_BYTES + (size + 63) / 64 * 64);
	}
	rc_buf_deinit(&sealed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_those_another_program_sealed),
	    cmocka_unit_test(any_flipped_bit_of_a_value_keeps_it_shut),
	    cmocka_unit_test(any_flipped_bit_of_key_row_or_version_keeps_it_shut),
	    cmocka_unit_test(a_value_cut_off_anywhere_stays_shut),
	    cmocka_unit_test(the_same_text_is_never_sealed_alike),
	    cmocka_unit_test(values_are_appended_to_what_is_there),
	    cmocka_unit_test(a_buffer_too_small_is_told),
	    cmocka_unit_test(padded_values_come_in_few_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
