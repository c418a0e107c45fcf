/* SPDX-License-Identifier: Apache-2.0 */
#include "server/auth/token.h"

#include "shared/base/encode.h"
#include "shared/crypto/hash.h"
#include "tests/module/auth_sql/statements.h"
#include "tests/module/ingest/school.h"

#include <string.h>

static void make(struct school *school, const char *name, enum rc_token_role role,
		 char token[RC_TOKEN_CHARS + 1])
{
	struct rc_error err = {.text = ""};
	const struct rc_token_request request = {
	    .name = name, .role = role, .actor = "cli", .now_ms = 1000};

	school_expect(rc_token_create(school->db, &request, token, &err), &err);
}

static void a_token_tells_its_holder_and_role(void **state)
{
	struct school *school = *state;
	char reader[RC_TOKEN_CHARS + 1], operator_[RC_TOKEN_CHARS + 1];
	struct rc_token_holder holder;
	struct rc_error err = {.text = ""};

	make(school, "门户", RC_TOKEN_READER, reader);
	make(school, "ops", RC_TOKEN_OPERATOR, operator_);
	school_expect(rc_token_check(school->db, rc_bytes_of_text(reader), &holder, &err), &err);
	assert_string_equal(holder.name, "门户");
	assert_int_equal(holder.role, RC_TOKEN_READER);
	school_expect(rc_token_check(school->db, rc_bytes_of_text(operator_), &holder, &err), &err);
	assert_string_equal(holder.name, "ops");
	assert_int_equal(holder.role, RC_TOKEN_OPERATOR);
}

static void a_token_looks_as_promised_and_no_two_are_alike(void **state)
{
	struct school *school = *state;
	char first[RC_TOKEN_CHARS + 1], second[RC_TOKEN_CHARS + 1];

	make(school, "a", RC_TOKEN_READER, first);
	make(school, "a", RC_TOKEN_READER, second);
	assert_int_equal(strlen(first), RC_TOKEN_CHARS);
	assert_memory_equal(first, "rct_", 4);
	assert_int_equal(
	    strspn(first + 4, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
	assert_string_not_equal(first, second);
}

static enum rc_status compare(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)err;
	assert_true(rc_bytes_is_text(rc_db_row_text(row, 0), context));
	return RC_OK;
}

static enum rc_status look_at_hashes(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_query(tx, &rc_sql_auth_test_hashes, RC_DB_NO_VALUES, compare, arg, err);
}

static void the_database_holds_nothing_but_the_hash(void **state)
{
	struct school *school = *state;
	char token[RC_TOKEN_CHARS + 1], hex[RC_HEX_CHARS(32) + 1];
	struct rc_error err = {.text = ""};
	uint8_t hash[32];

	make(school, "a", RC_TOKEN_READER, token);
	rc_sha256(rc_bytes_of_text(token), hash);
	rc_hex_encode(rc_bytes_of(hash, sizeof(hash)), hex);
	school_expect(rc_db_read(school->db, look_at_hashes, hex, &err), &err);
}

/* What a stranger hears; `holder` must stay as it was. */
static void expect_refused(struct school *school, struct rc_bytes token, char text[RC_ERROR_MAX_BYTES])
{
	struct rc_token_holder holder = {.name = "untouched"};
	struct rc_error err = {.text = ""};

	assert_int_equal(rc_token_check(school->db, token, &holder, &err), RC_EDENIED);
	assert_string_equal(holder.name, "untouched");
	memcpy(text, err.text, RC_ERROR_MAX_BYTES);
}

static void unknown_revoked_and_malformed_tokens_are_refused_alike(void **state)
{
	struct school *school = *state;
	char token[RC_TOKEN_CHARS + 1], other[RC_TOKEN_CHARS + 1];
	char unknown[RC_ERROR_MAX_BYTES], revoked[RC_ERROR_MAX_BYTES], malformed[RC_ERROR_MAX_BYTES];
	struct rc_bytes broken[] = {
	    rc_bytes_of(NULL, 0),
	    rc_bytes_of_text("rct_"),
	    rc_bytes_of_text("Bearer"),
	    rc_bytes_of(token, RC_TOKEN_CHARS - 1),
	    rc_bytes_of(token, RC_TOKEN_CHARS + 1), /* the NUL */
	};

	make(school, "gone", RC_TOKEN_OPERATOR, token);
	memcpy(other, token, sizeof(other));
	other[20] = other[20] == 'A' ? 'B' : 'A';
	expect_refused(school, rc_bytes_of_text(other), unknown);
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		expect_refused(school, broken[i], malformed);
		assert_string_equal(malformed, unknown);
	}
	school_exec(school, &rc_sql_auth_test_revoke, RC_DB_VALUES(RC_DB_TEXT("gone")));
	expect_refused(school, rc_bytes_of_text(token), revoked);
	assert_string_equal(revoked, unknown);
}

static void a_role_of_a_newer_server_is_no_role_here(void **state)
{
	struct school *school = *state;
	char token[RC_TOKEN_CHARS + 1], text[RC_ERROR_MAX_BYTES];

	make(school, "a", RC_TOKEN_OPERATOR, token);
	school_exec(school, &rc_sql_auth_test_rename_role, RC_DB_VALUES(RC_DB_TEXT("emperor")));
	expect_refused(school, rc_bytes_of_text(token), text);
}

static void who_made_a_token_is_audited_by_its_hash(void **state)
{
	struct school *school = *state;
	char token[RC_TOKEN_CHARS + 1], hex[RC_HEX_CHARS(RC_SHA256_BYTES) + 1];
	uint8_t hash[RC_SHA256_BYTES];

	make(school, "a \"quoted\" name\n", RC_TOKEN_OPERATOR, token);
	rc_sha256(rc_bytes_of_text(token), hash);
	rc_hex_encode(rc_bytes_of(hash, sizeof(hash)), hex);
	assert_int_equal(
	    school_number(
		school, &rc_sql_auth_test_audited,
		RC_DB_VALUES(
		    RC_DB_TEXT(hex),
		    RC_DB_TEXT("{\"name\":\"a \\\"quoted\\\" name\\n\",\"role\":\"operator\"}"))),
	    1);
}

static void a_token_needs_a_name_of_bearable_length(void **state)
{
	struct school *school = *state;
	char token[RC_TOKEN_CHARS + 1], name[RC_TOKEN_NAME_MAX_BYTES + 2];
	struct rc_token_request request = {.name = "", .role = RC_TOKEN_READER, .actor = "cli"};
	struct rc_error err;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(rc_token_create(school->db, &request, token, &err), RC_EUSAGE);
	request.name = name;
	assert_int_equal(rc_token_create(school->db, &request, token, &err), RC_EUSAGE);
	name[RC_TOKEN_NAME_MAX_BYTES] = '\0';
	make(school, name, RC_TOKEN_READER, token);
}

static void roles_are_written_as_they_are_read(void **state)
{
	enum rc_token_role role;

	(void)state;
	assert_int_equal(rc_token_role_parse(rc_bytes_of_text("operator"), &role), RC_OK);
	assert_int_equal(role, RC_TOKEN_OPERATOR);
	assert_string_equal(rc_token_role_name(role), "operator");
	assert_int_equal(rc_token_role_parse(rc_bytes_of_text("reader"), &role), RC_OK);
	assert_string_equal(rc_token_role_name(role), "reader");
	assert_int_equal(rc_token_role_parse(rc_bytes_of_text("Operator"), &role), RC_EFORMAT);
	assert_int_equal(rc_token_role_parse(rc_bytes_of_text(""), &role), RC_EFORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_token_tells_its_holder_and_role, school_set_up,
					    school_tear_down),
	    cmocka_unit_test_setup_teardown(a_token_looks_as_promised_and_no_two_are_alike,
					    school_set_up, school_tear_down),
	    cmocka_unit_test_setup_teardown(the_database_holds_nothing_but_the_hash, school_set_up,
					    school_tear_down),
	    cmocka_unit_test_setup_teardown(unknown_revoked_and_malformed_tokens_are_refused_alike,
					    school_set_up, school_tear_down),
	    cmocka_unit_test_setup_teardown(a_role_of_a_newer_server_is_no_role_here, school_set_up,
					    school_tear_down),
	    cmocka_unit_test_setup_teardown(who_made_a_token_is_audited_by_its_hash, school_set_up,
					    school_tear_down),
	    cmocka_unit_test_setup_teardown(a_token_needs_a_name_of_bearable_length, school_set_up,
					    school_tear_down),
	    cmocka_unit_test(roles_are_written_as_they_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
