/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/sealing/to_server.h"

#include "shared/crypto/key.h"
#include "tests/unit/vectors/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define VALUE_MAX_BYTES 1024u
#define PEM_MAX_BYTES   512u

static const struct rc_seal_place place = {.table = "claim", .ref = {9, 8, 7}, .version = 1};

struct value {
	struct rc_key *server, *once;
	uint8_t point[RC_TO_SERVER_PUBLIC_BYTES], nonce[12];
	uint8_t plain[VALUE_MAX_BYTES], sealed[VALUE_MAX_BYTES];
	struct rc_bytes plain_bytes, sealed_bytes;
	struct rc_seal_place place;
};

static struct rc_key *read_key(const char *pem_hex)
{
	uint8_t pem[PEM_MAX_BYTES];
	struct rc_key *key;

	assert_int_equal(rc_key_load_pem(rc_vector_bytes(pem_hex, pem, sizeof(pem)), &key, NULL), RC_OK);
	return key;
}

static void value_read(struct value *v, const struct rc_vector *row)
{
	v->server = read_key(row->field[2]);
	rc_vector_bytes(row->field[3], v->point, sizeof(v->point));
	v->once = read_key(row->field[4]);
	rc_vector_bytes(row->field[5], v->nonce, sizeof(v->nonce));
	v->place = (struct rc_seal_place){.table = row->field[6],
					  .version = strtoull(row->field[8], NULL, 10)};
	rc_vector_bytes(row->field[7], v->place.ref, sizeof(v->place.ref));
	v->plain_bytes = rc_vector_bytes(row->field[9], v->plain, sizeof(v->plain));
	v->sealed_bytes = rc_vector_bytes(row->field[10], v->sealed, sizeof(v->sealed));
}

static void value_deinit(struct value *v)
{
	rc_key_free(v->server);
	rc_key_free(v->once);
}

/* Nothing may come out of a failure. */
static enum rc_status open_status(struct rc_key *server, const struct rc_seal_place *at,
				  struct rc_bytes sealed, struct rc_bytes wanted)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf plain;
	enum rc_status status;

	rc_buf_init(&plain, VALUE_MAX_BYTES);
	rc_buf_append_text(&plain, "before ");
	status = rc_unseal_at_server(server, at, sealed, &plain, NULL);
	if (status != RC_OK)
		assert_string_equal(rc_buf_text(&plain), "before ");
	else
		assert_true(rc_bytes_equal(rc_bytes_of(plain.data + 7, plain.size - 7), wanted));
	return status;
}

static bool seals_to_the_same_bytes(const struct value *v)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf sealed;

	rc_buf_init(&sealed, VALUE_MAX_BYTES);
	return rc_seal_to_server__with(v->once, v->nonce, v->point, &v->place, v->plain_bytes,
				       &sealed, NULL) == RC_OK &&
	       rc_bytes_equal(rc_buf_bytes(&sealed), v->sealed_bytes);
}

static enum rc_status outcome_of(const char *text)
{
	if (strcmp(text, "denied") == 0)
		return RC_EDENIED;
	return strcmp(text, "format") == 0 ? RC_EFORMAT : RC_OK;
}

static bool row_holds(const struct rc_vector *row)
{
	struct value v;
	bool holds;

	value_read(&v, row);
	holds = open_status(v.server, &v.place, v.sealed_bytes, v.plain_bytes) ==
		outcome_of(row->field[1]);
	if (strcmp(row->field[1], "ok") == 0)
		holds = holds && seals_to_the_same_bytes(&v);
	value_deinit(&v);
	return holds;
}

static void values_are_those_another_program_sealed(void **state)
{
	(void)state;
	rc_vectors_check(RC_TEST_VECTORS "/to-server.tsv", 11, row_holds);
}

struct pair {
	struct rc_key *key;
	uint8_t point[RC_TO_SERVER_PUBLIC_BYTES];
};

static void pair_new(struct pair *pair)
{
	assert_int_equal(rc_key_new(&pair->key, NULL), RC_OK);
	assert_int_equal(rc_key_public_point(pair->key, pair->point, NULL), RC_OK);
}

static void a_typed_number_opens_at_the_server_alone(void **state)
{
	const struct rc_bytes number = rc_bytes_of_text("100358");
	struct pair server, stranger;
	struct rc_buf sealed;

	(void)state;
	pair_new(&server);
	pair_new(&stranger);
	rc_buf_init(&sealed, VALUE_MAX_BYTES);
	assert_int_equal(rc_seal_to_server(server.point, &place, number, &sealed, NULL), RC_OK);
	assert_int_equal(sealed.size, RC_TO_SERVER_OVERHEAD_BYTES + RC_SEAL_PAD_BYTES);
	assert_null(memmem(sealed.data, sealed.size, number.data, number.size));
	assert_int_equal(open_status(server.key, &place, rc_buf_bytes(&sealed), number), RC_OK);
	assert_int_equal(open_status(stranger.key, &place, rc_buf_bytes(&sealed), number), RC_EDENIED);
	rc_buf_deinit(&sealed);
	rc_key_free(server.key);
	rc_key_free(stranger.key);
}

static void any_flipped_bit_keeps_it_shut(void **state)
{
	struct pair server;
	struct rc_buf sealed;

	(void)state;
	pair_new(&server);
	rc_buf_init(&sealed, VALUE_MAX_BYTES);
	assert_int_equal(rc_seal_to_server(server.point, &place, rc_bytes_of_text("1"), &sealed, NULL),
			 RC_OK);
	for (size_t bit = 0; bit < sealed.size * 8; bit += 5) {
		sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		/* Version and point say how to read the rest. */
		assert_int_equal(
		    open_status(server.key, &place, rc_buf_bytes(&sealed), rc_bytes_of_text("1")),
		    bit < (1 + RC_TO_SERVER_PUBLIC_BYTES) * 8 ? RC_EFORMAT : RC_EDENIED);
		sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	rc_buf_deinit(&sealed);
	rc_key_free(server.key);
}

static void a_value_cut_off_anywhere_stays_shut(void **state)
{
	struct pair server;
	struct rc_buf sealed;

	(void)state;
	pair_new(&server);
	rc_buf_init(&sealed, VALUE_MAX_BYTES);
	assert_int_equal(rc_seal_to_server(server.point, &place, rc_bytes_of_text("1"), &sealed, NULL),
			 RC_OK);
	for (size_t size = 0; size < sealed.size; size++)
		assert_int_equal(open_status(server.key, &place, rc_bytes_of(sealed.data, size),
					     rc_bytes_of_text("")),
				 size < RC_TO_SERVER_OVERHEAD_BYTES ? RC_EFORMAT : RC_EDENIED);
	rc_buf_deinit(&sealed);
	rc_key_free(server.key);
}

/* Not even the same number typed twice looks alike. */
static void the_same_number_is_never_sealed_alike(void **state)
{
	struct pair server;
	struct rc_buf one, two;

	(void)state;
	pair_new(&server);
	rc_buf_init(&one, VALUE_MAX_BYTES);
	rc_buf_init(&two, VALUE_MAX_BYTES);
	assert_int_equal(rc_seal_to_server(server.point, &place, rc_bytes_of_text("7"), &one, NULL),
			 RC_OK);
	assert_int_equal(rc_seal_to_server(server.point, &place, rc_bytes_of_text("7"), &two, NULL),
			 RC_OK);
	assert_int_equal(one.size, two.size);
	assert_memory_not_equal(one.data + 2, two.data + 2, 32);
	assert_memory_not_equal(one.data + 66, two.data + 66, 12);
	rc_buf_deinit(&one);
	rc_buf_deinit(&two);
	rc_key_free(server.key);
}

static void nothing_is_sealed_to_a_point_beside_the_curve(void **state)
{
	struct pair server;
	struct rc_buf sealed;

	(void)state;
	pair_new(&server);
	server.point[64] ^= 1;
	rc_buf_init(&sealed, VALUE_MAX_BYTES);
	assert_int_equal(rc_seal_to_server(server.point, &place, rc_bytes_of_text("7"), &sealed, NULL),
			 RC_EFORMAT);
	assert_int_equal(sealed.size, 0);
	rc_buf_deinit(&sealed);
	rc_key_free(server.key);
}

static void a_buffer_too_small_is_told(void **state)
{
	struct pair server;
	struct rc_buf sealed, small;

	(void)state;
	pair_new(&server);
	rc_buf_init(&small, RC_TO_SERVER_OVERHEAD_BYTES + 63);
	assert_int_equal(rc_seal_to_server(server.point, &place, rc_bytes_of_text("7"), &small, NULL),
			 RC_ELIMIT);
	assert_int_equal(small.size, 0);
	rc_buf_deinit(&small);
	rc_buf_init(&sealed, VALUE_MAX_BYTES);
	assert_int_equal(rc_seal_to_server(server.point, &place, rc_bytes_of_text("7"), &sealed, NULL),
			 RC_OK);
	rc_buf_init(&small, 63);
	assert_int_equal(rc_unseal_at_server(server.key, &place, rc_buf_bytes(&sealed), &small, NULL),
			 RC_ELIMIT);
	assert_int_equal(small.size, 0);
	rc_buf_deinit(&small);
	rc_buf_deinit(&sealed);
	rc_key_free(server.key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_those_another_program_sealed),
	    cmocka_unit_test(a_typed_number_opens_at_the_server_alone),
	    cmocka_unit_test(any_flipped_bit_keeps_it_shut),
	    cmocka_unit_test(a_value_cut_off_anywhere_stays_shut),
	    cmocka_unit_test(the_same_number_is_never_sealed_alike),
	    cmocka_unit_test(nothing_is_sealed_to_a_point_beside_the_curve),
	    cmocka_unit_test(a_buffer_too_small_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
