/* SPDX-License-Identifier: Apache-2.0 */
/* What a typed staff number leaves: a fact that only the server can read. */
#include "firmware/daemon/claim.h"

#include "firmware/daemon/view_model.h"
#include "shared/base/encode.h"
#include "shared/crypto/key.h"
#include "shared/facts_gen/kinds.h"
#include "shared/sealing/to_server.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NUMBER "20417-B"

struct bench {
	struct rc_key *server;
	uint8_t seal_key[RC_REF_SEAL_KEY_BYTES];
	struct rc_flow_effect effect;
	char memory[RC_FLOW_BODY_MAX_BYTES];
	struct rc_buf body;
};

static int set_up(void **state)
{
	static struct bench bench;

	memset(&bench, 0, sizeof(bench));
	assert_int_equal(rc_key_new(&bench.server, NULL), RC_OK);
	assert_int_equal(rc_key_public_point(bench.server, bench.seal_key, NULL), RC_OK);
	bench.effect.kind = RC_FLOW_DO_CLAIM;
	bench.effect.claim.session = rc_id_new();
	bench.effect.claim.session_version = 7;
	bench.effect.claim.roster_n = 99;
	memcpy(bench.effect.claim.number, NUMBER, sizeof(NUMBER));
	rc_buf_init_fixed(&bench.body, bench.memory, sizeof(bench.memory));
	*state = &bench;
	return 0;
}

static int tear_down(void **state)
{
	rc_key_free(((struct bench *)*state)->server);
	return 0;
}

static struct rc_fact_attendance_claimed claimed(struct bench *bench)
{
	struct rc_fact_attendance_claimed fact;

	rc_buf_clear(&bench->body);
	assert_int_equal(rc_claim_encode(bench->seal_key, &bench->effect, &bench->body, NULL), RC_OK);
	assert_int_equal(rc_fact_attendance_claimed_decode(rc_buf_bytes(&bench->body), &fact, NULL),
			 RC_OK);
	return fact;
}

static enum rc_status open_number(struct bench *bench, const struct rc_fact_attendance_claimed *fact,
				  const struct rc_id *claim, struct rc_buf *number)
{
	struct rc_seal_place place = {.table = "claim", .version = 1};
	uint8_t sealed[512];
	size_t size = strlen(fact->number) / 2;

	memcpy(place.ref, claim->octets, sizeof(place.ref));
	assert_true(size <= sizeof(sealed));
	assert_int_equal(rc_hex_decode(rc_bytes_of_text(fact->number), sealed, size), RC_OK);
	return rc_unseal_at_server(bench->server, &place, rc_bytes_of(sealed, size), number, NULL);
}

static void the_server_reads_what_was_typed(void **state)
{
	struct bench *bench = *state;
	struct rc_fact_attendance_claimed fact = claimed(bench);
	char memory[128];
	struct rc_buf number;

	rc_buf_init_fixed(&number, memory, sizeof(memory));
	assert_true(rc_id_equal(&fact.session, &bench->effect.claim.session));
	assert_int_equal(fact.session_version, 7);
	assert_int_equal(fact.roster_n, 99);
	assert_int_equal(open_number(bench, &fact, &fact.claim, &number), RC_OK);
	assert_string_equal(rc_buf_text(&number), NUMBER);
}

static void the_number_belongs_to_this_claim_alone(void **state)
{
	struct bench *bench = *state;
	struct rc_fact_attendance_claimed fact = claimed(bench), other = claimed(bench);
	char memory[128];
	struct rc_buf number;

	rc_buf_init_fixed(&number, memory, sizeof(memory));
	assert_false(rc_id_equal(&fact.claim, &other.claim));
	assert_string_not_equal(fact.number, other.number); /* equal numbers can't be told */
	assert_int_equal(open_number(bench, &fact, &other.claim, &number), RC_EDENIED);
}

static void the_longest_number_fits_into_a_body_and_looks_like_the_shortest(void **state)
{
	struct bench *bench = *state;
	size_t size = strlen(claimed(bench).number);

	memset(bench->effect.claim.number, 'W', RC_FLOW_NUMBER_MAX_CHARS);
	assert_int_equal(strlen(claimed(bench).number), size);
	memset(bench->effect.claim.number, 0, sizeof(bench->effect.claim.number));
	bench->effect.claim.number[0] = '1';
	assert_int_equal(strlen(claimed(bench).number), size);
}

static void nothing_is_written_in_the_clear(void **state)
{
	struct bench *bench = *state;

	(void)claimed(bench);
	assert_null(strstr(rc_buf_text(&bench->body), NUMBER));
	assert_null(strstr(rc_buf_text(&bench->body), "3230343137")); /* nor in hex */
}

static void a_key_that_is_none_seals_nothing(void **state)
{
	struct bench *bench = *state;

	bench->seal_key[64] ^= 1;
	assert_int_equal(rc_claim_encode(bench->seal_key, &bench->effect, &bench->body, NULL), RC_EFORMAT);
	assert_int_equal(bench->body.size, 0);
}

static void the_view_shows_what_is_typed_only_on_its_sheet(void **state)
{
	static struct rc_flow_view view;
	struct rc_buf json;

	(void)state;
	memset(&view, 0, sizeof(view));
	memcpy(view.time, "08:52", sizeof(view.time));
	memcpy(view.typed, NUMBER, sizeof(NUMBER));
	rc_buf_init(&json, 65536);
	rc_view_model_encode(&view, &json);
	assert_null(strstr(rc_buf_text(&json), NUMBER));
	view.sheet = RC_FLOW_SHEET_NUMBER;
	rc_buf_clear(&json);
	rc_view_model_encode(&view, &json);
	assert_non_null(strstr(rc_buf_text(&json), "\"typed\":\"" NUMBER "\""));
	rc_buf_deinit(&json);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_server_reads_what_was_typed),
	    TEST(the_number_belongs_to_this_claim_alone),
	    TEST(the_longest_number_fits_into_a_body_and_looks_like_the_shortest),
	    TEST(nothing_is_written_in_the_clear),
	    TEST(a_key_that_is_none_seals_nothing),
	    TEST(the_view_shows_what_is_typed_only_on_its_sheet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
