/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads that must be refused: each is a good one with one piece replaced. That good ones pass is change_test's. */
#include "shared/reference/reference.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ID_A         "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
#define ID_B         "d9428888-122b-41e1-b85c-61aa2a4f0b3c"
#define FIND         "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char session_json[] =
    "{\"room\":\"" ID_A "\",\"title\":{\"zh\":\"a\",\"en\":\"b\"},\"course\":\"T-001-01\","
    "\"starts\":1000,\"ends\":2000,"
    "\"state\":\"planned\",\"expected\":24,\"rules\":{\"opens_before_min\":30,\"closes_after_min\":"
    "0,\"late_after_min\":10,"
    "\"share_percent\":80,\"walk_in\":\"free\",\"has_sign_out\":false}}";
static const char credential_json[] =
    "{\"ref\":\"" ID_A "\",\"state\":\"active\",\"until\":0,\"wrap\":\"AQID\"}";
static const char presence_json[] = "{\"session\":\"" ID_A "\",\"ref\":\"" ID_B
				    "\",\"state\":\"here\",\"since\":5,\"by\":\"" ID_A "\"}";
static const char card_json[] =
    "{\"name\":\"\xe7\x8e\x8b\",\"number\":\"001-01\",\"lang\":\"zh\",\"role\":\"trainer\"}";

static const char trust_json[] =
    "{\"seal_key\":\"04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
    "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab\"}";

struct replacement {
	const char *old, *new;
};

/* `json` with the first `old` replaced, or NULL at the end of the list. */
static const char *replaced(const char *json, const struct replacement *r, char *memory, size_t size)
{
	const char *at = strstr(json, r->old);
	struct rc_buf buf;

	assert_non_null(at);
	rc_buf_init_fixed(&buf, memory, size);
	rc_buf_append(&buf, json, (size_t)(at - json));
	rc_buf_append_text(&buf, r->new);
	rc_buf_append_text(&buf, at + strlen(r->old));
	assert_int_equal(rc_buf_status(&buf, NULL), RC_OK);
	return memory;
}

static struct rc_change change_of(enum rc_entity entity, const char *id, const char *json)
{
	struct rc_change change = {
	    .n = 1, .entity = entity, .version = 3, .payload = rc_bytes_of_text(json)};

	assert_true(rc_text_copy(id, change.id, sizeof(change.id)));
	return change;
}

static enum rc_status decode_session(const char *json, struct rc_error *err)
{
	struct rc_change change = change_of(RC_ENTITY_SESSION, ID_A, json);
	struct rc_ref_session session;

	return rc_ref_session_decode(&change, &session, err);
}

static enum rc_status decode_credential(const char *json, struct rc_error *err)
{
	struct rc_change change = change_of(RC_ENTITY_CREDENTIAL, FIND, json);
	struct rc_ref_credential credential;

	return rc_ref_credential_decode(&change, &credential, err);
}

static enum rc_status decode_presence(const char *json, struct rc_error *err)
{
	struct rc_change change = change_of(RC_ENTITY_PRESENCE, ID_A "." ID_B, json);
	struct rc_ref_presence presence;

	return rc_ref_presence_decode(&change, &presence, err);
}

static enum rc_status decode_card(const char *json, struct rc_error *err)
{
	struct rc_ref_person_card card;

	return rc_ref_person_card_decode(rc_bytes_of_text(json), &card, err);
}

static void assert_refused(enum rc_status (*decode)(const char *json, struct rc_error *err),
			   const char *json, const struct replacement *replacements, size_t count)
{
	char memory[1024];
	struct rc_error err;

	assert_int_equal(decode(json, NULL), RC_OK);
	for (size_t i = 0; i < count; i++) {
		err.text[0] = '\0';
		if (decode(replaced(json, &replacements[i], memory, sizeof(memory)), &err) == RC_OK)
			fail_msg("taken: %s", memory);
		assert_int_not_equal(err.text[0], '\0');
	}
}

static void a_session_that_makes_no_sense_is_refused(void **state)
{
	static const struct replacement replacements[] = {
	    {"\"room\":\"6", "\"room\":\"x"},
	    {"\"starts\":1000", "\"starts\":2000"},
	    {"\"starts\":1000", "\"starts\":-1"},
	    {"\"ends\":2000", "\"ends\":253402300800000"},
	    {"\"ends\":2000", "\"ends\":2000.0"},
	    {"planned", "maybe"},
	    {"\"zh\":\"a\"", "\"zh\":1"},
	    {"\"expected\":24", "\"expected\":-1"},
	    {"\"expected\":24", "\"expected\":24,\"expected\":24"},
	    {"\"opens_before_min\":30", "\"opens_before_min\":1441"},
	    {"\"late_after_min\":10", "\"late_after_min\":99999999999"},
	    {"\"share_percent\":80", "\"share_percent\":0"},
	    {"\"walk_in\":\"free\"", "\"walk_in\":\"maybe\""},
	    {"\"has_sign_out\":false", "\"has_sign_out\":0"},
	    {"\"rules\":", "\"x\":"},
	    {"T-001-01", "T-001-01 and a course code of more than forty bytes"},
	};

	(void)state;
	assert_refused(decode_session, session_json, replacements, COUNT(replacements));
}

static void a_credential_that_makes_no_sense_is_refused(void **state)
{
	static const struct replacement replacements[] = {
	    {"active", "Active"}, {"\"until\":0", "\"until\":null"},   {"AQID", "AQI="},
	    {"AQID", "AQI+"},     {"\"wrap\":\"AQID\"", "\"wrap\":1"}, {"\"ref\":", "\"reff\":"},
	};

	(void)state;
	assert_refused(decode_credential, credential_json, replacements, COUNT(replacements));
}

static void a_presence_whose_id_says_something_else_is_refused(void **state)
{
	static const struct replacement replacements[] = {
	    {"\"ref\":\"d", "\"ref\":\"e"},
	    {"\"session\":\"6", "\"session\":\"7"},
	    {"here", "gone"},
	    {"\"by\":\"6", "\"by\":\""},
	};

	(void)state;
	assert_refused(decode_presence, presence_json, replacements, COUNT(replacements));
}

static void a_card_that_makes_no_sense_is_refused(void **state)
{
	static const struct replacement replacements[] = {
	    {"\"zh\"", "\"fr\""},
	    {"trainer", "boss"},
	    {"\"name\":", "\"nom\":"},
	    {"001-01", "a staff number of more than forty bytes, which nobody has"},
	};

	(void)state;
	assert_refused(decode_card, card_json, replacements, COUNT(replacements));
}

static enum rc_status decode_trust(const char *json, struct rc_error *err)
{
	struct rc_change change = change_of(RC_ENTITY_TRUST, RC_REF_TRUST_SERVER, json);
	struct rc_ref_trust trust;

	return rc_ref_trust_decode(&change, &trust, err);
}

/* What was sealed to a key that isn't one could never be opened. */
static void a_seal_key_that_is_none_is_refused(void **state)
{
	static const struct replacement replacements[] = {
	    {"seal_key", "sealkey"}, {"04d1", "04d0"}, {"04d1", "02d1"},   {"04d1", "04D1"},
	    {"72ab", "72a"},         {"72ab", "72"},   {"72ab", "72ab00"},
	};

	(void)state;
	assert_refused(decode_trust, trust_json, replacements, COUNT(replacements));
}

static void unknown_fields_are_passed_over(void **state)
{
	static const struct replacement addition = {"{", "{\"new\":[{\"x\":1}],"};
	char memory[1024];

	(void)state;
	assert_int_equal(
	    decode_session(replaced(session_json, &addition, memory, sizeof(memory)), NULL), RC_OK);
	assert_int_equal(decode_card(replaced(card_json, &addition, memory, sizeof(memory)), NULL), RC_OK);
}

static void a_card_comes_back_as_it_went(void **state)
{
	struct rc_ref_person_card card;
	struct rc_buf json;

	(void)state;
	assert_int_equal(rc_ref_person_card_decode(rc_bytes_of_text(card_json), &card, NULL), RC_OK);
	assert_int_equal(card.role, RC_ROLE_TRAINER);
	rc_buf_init(&json, 1024);
	rc_ref_person_card_encode(&card, &json);
	assert_string_equal(rc_buf_text(&json), card_json);
	rc_buf_deinit(&json);
}

static void ids_come_from_the_change(void **state)
{
	struct rc_change change = change_of(RC_ENTITY_SESSION, ID_B, session_json);
	struct rc_ref_session session;
	char id[RC_ID_CHARS + 1];

	(void)state;
	assert_int_equal(rc_ref_session_decode(&change, &session, NULL), RC_OK);
	rc_id_format(&session.id, id);
	assert_string_equal(id, ID_B);
	assert_int_equal(session.version, 3);
	change = change_of(RC_ENTITY_SESSION, "no id", session_json);
	assert_int_equal(rc_ref_session_decode(&change, &session, NULL), RC_EFORMAT);
	change.is_deletion = true;
	assert_int_equal(rc_ref_session_decode(&change, &session, NULL), RC_EFORMAT);
}

static void what_is_refused_leaves_the_result_untouched(void **state)
{
	struct rc_change change = change_of(RC_ENTITY_SESSION, ID_A, "{\"room\":\"" ID_A "\"}");
	struct rc_ref_session session, before;

	(void)state;
	memset(&session, 0x5A, sizeof(session));
	memcpy(&before, &session, sizeof(session));
	assert_int_not_equal(rc_ref_session_decode(&change, &session, NULL), RC_OK);
	assert_memory_equal(&session, &before, sizeof(session));
}

static void an_error_says_which_entity_and_which_field(void **state)
{
	struct rc_error err;

	(void)state;
	assert_int_equal(decode_session("{}", &err), RC_EFORMAT);
	assert_non_null(strstr(err.text, "session " ID_A));
	assert_non_null(strstr(err.text, "\"room\" is missing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_session_that_makes_no_sense_is_refused),
	    cmocka_unit_test(a_credential_that_makes_no_sense_is_refused),
	    cmocka_unit_test(a_presence_whose_id_says_something_else_is_refused),
	    cmocka_unit_test(a_card_that_makes_no_sense_is_refused),
	    cmocka_unit_test(a_seal_key_that_is_none_is_refused),
	    cmocka_unit_test(unknown_fields_are_passed_over),
	    cmocka_unit_test(a_card_comes_back_as_it_went),
	    cmocka_unit_test(ids_come_from_the_change),
	    cmocka_unit_test(what_is_refused_leaves_the_result_untouched),
	    cmocka_unit_test(an_error_says_which_entity_and_which_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
