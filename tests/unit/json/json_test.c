/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/json/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char sample[] =
    "{\"text\":\"\xe7\x94\x9f\",\"int\":-5,\"real\":1.5,\"yes\":true,\"none\":null,"
    "\"id\":\"6f9619ff-8b86-4d01-b42d-00cf4fc964ff\",\"time\":\"2026-11-24T09:02:03.456Z\",\"hex\":"
    "\"00ff\",\"b64\":\"AQID\","
    "\"list\":[1,2,3],\"object\":{\"z\":1,\"a\":2}}";

static int open_sample(void **state)
{
	struct rc_json *json = NULL;

	if (rc_json_parse(rc_bytes_of_text(sample), &json, NULL) != RC_OK)
		return -1;
	*state = json;
	return 0;
}

static int close_sample(void **state)
{
	rc_json_free(*state);
	return 0;
}

static void typed_getters_read_what_is_there(void **state)
{
	const struct rc_json_value *root = rc_json_root(*state);
	char text[4];
	int64_t number;
	double real;
	bool flag;
	struct rc_id id;
	uint8_t bytes[3];
	size_t size;

	assert_int_equal(rc_json_get_text(root, "text", text, sizeof(text), NULL), RC_OK);
	assert_string_equal(text, "\xe7\x94\x9f");
	assert_int_equal(rc_json_get_int(root, "int", -5, -5, &number, NULL), RC_OK);
	assert_int_equal(number, -5);
	assert_int_equal(rc_json_get_real(root, "real", &real, NULL), RC_OK);
	assert_true(real > 1.4 && real < 1.6);
	assert_int_equal(rc_json_get_bool(root, "yes", &flag, NULL), RC_OK);
	assert_true(flag);
	assert_int_equal(rc_json_get_id(root, "id", &id, NULL), RC_OK);
	assert_int_equal(id.octets[0], 0x6f);
	assert_int_equal(rc_json_get_time(root, "time", &number, NULL), RC_OK);
	assert_int_equal(number, INT64_C(1795510923456));
	assert_int_equal(rc_json_get_hex(root, "hex", bytes, 2, NULL), RC_OK);
	assert_int_equal(bytes[1], 0xff);
	assert_int_equal(rc_json_get_base64url(root, "b64", bytes, sizeof(bytes), &size, NULL), RC_OK);
	assert_int_equal(size, 3);
}

static void wrong_members_are_named(void **state)
{
	const struct rc_json_value *root = rc_json_root(*state);
	struct rc_error err;
	char text[3];
	int64_t number = 77;
	uint8_t bytes[2];
	size_t size;

	assert_int_equal(rc_json_get_text(root, "text", text, sizeof(text), &err), RC_ELIMIT);
	assert_string_equal(err.text, "\"text\" is longer than 2 bytes");
	assert_int_equal(rc_json_get_text(root, "int", text, sizeof(text), &err), RC_EFORMAT);
	assert_string_equal(err.text, "\"int\" is not a text");
	assert_int_equal(rc_json_get_int(root, "int", 0, 10, &number, &err), RC_EFORMAT);
	assert_string_equal(err.text, "\"int\" is not within 0 to 10");
	assert_int_equal(rc_json_get_int(root, "real", 0, 10, &number, &err), RC_EFORMAT);
	assert_int_equal(rc_json_get_int(root, "absent", 0, 10, &number, &err), RC_EFORMAT);
	assert_string_equal(err.text, "\"absent\" is missing");
	assert_int_equal(rc_json_get_int(rc_json_find(root, "list"), "x", 0, 10, &number, &err),
			 RC_EFORMAT);
	assert_int_equal(number, 77);
	assert_int_equal(rc_json_get_hex(root, "hex", bytes, 1, NULL), RC_EFORMAT);
	assert_int_equal(rc_json_get_base64url(root, "b64", bytes, sizeof(bytes), &size, NULL), RC_ELIMIT);
	assert_int_equal(rc_json_get_base64url(root, "text", bytes, sizeof(bytes), &size, NULL),
			 RC_EFORMAT);
}

static void an_optional_member_may_be_missing_or_null_but_not_wrong(void **state)
{
	const struct rc_json_value *root = rc_json_root(*state);
	int64_t number = 7;
	char text[8] = "kept";

	assert_int_equal(rc_json_get_int_optional(root, "absent", 0, 9, &number, NULL), RC_OK);
	assert_int_equal(rc_json_get_int_optional(root, "none", 0, 9, &number, NULL), RC_OK);
	assert_int_equal(number, 7);
	assert_int_equal(rc_json_get_text_optional(root, "none", text, sizeof(text), NULL), RC_OK);
	assert_string_equal(text, "kept");
	assert_int_equal(rc_json_get_text_optional(root, "int", text, sizeof(text), NULL), RC_EFORMAT);
	assert_int_equal(rc_json_get_int_optional(rc_json_find(root, "list"), "x", 0, 9, &number, NULL),
			 RC_EFORMAT);
	assert_false(rc_json_has(root, "none"));
	assert_true(rc_json_has(root, "int"));
}

static void containers_can_be_walked(void **state)
{
	const struct rc_json_value *root = rc_json_root(*state), *list, *object, *value;
	const char *key = NULL;
	struct rc_buf keys;

	assert_int_equal(rc_json_get_array(root, "list", &list, NULL), RC_OK);
	assert_int_equal(rc_json_count(list), 3);
	assert_int_equal(rc_json_type(rc_json_at(list, 2)), RC_JSON_INT);
	assert_null(rc_json_at(list, 3));
	assert_int_equal(rc_json_get_object(root, "object", &object, NULL), RC_OK);
	assert_int_equal(rc_json_get_object(root, "list", &object, NULL), RC_EFORMAT);
	rc_buf_init(&keys, 100);
	while (rc_json_next(object, &key, &value))
		rc_buf_append_text(&keys, key);
	assert_string_equal(rc_buf_text(&keys), "za");
	key = NULL;
	assert_false(rc_json_next(list, &key, &value));
	rc_buf_deinit(&keys);
}

static void a_value_is_written_as_it_was(void **state)
{
	struct rc_buf buf;

	rc_buf_init(&buf, 1000);
	rc_json_append_value(&buf, rc_json_root(*state));
	assert_string_equal(rc_buf_text(&buf), sample);
	rc_buf_deinit(&buf);
}

static void hostile_documents_are_refused_with_a_reason(void **state)
{
	static const char *const bad[] = {
	    "",     "{\"a\":1,\"a\":2}", "{\"a\":\"\\u0000\"}", "{} x",
	    "\xff", "[1e999]",           "{\"a\":\"\\ud800\"}", "[9223372036854775808]"};
	static char deep[100000];
	struct rc_json *json = NULL;
	struct rc_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err.text[0] = '\0';
		assert_int_equal(rc_json_parse(rc_bytes_of_text(bad[i]), &json, &err), RC_EFORMAT);
		assert_int_not_equal(err.text[0], '\0');
	}
	memset(deep, '[', sizeof(deep));
	assert_int_equal(rc_json_parse(rc_bytes_of(deep, sizeof(deep)), &json, &err), RC_ELIMIT);
	assert_int_equal(rc_json_parse_within(rc_bytes_of_text("[1,2]"), 4, 8, &json, &err), RC_ELIMIT);
	assert_null(json);
}

static void written_text_is_escaped_and_repaired(void **state)
{
	struct rc_buf buf;

	(void)state;
	rc_buf_init(&buf, 1000);
	rc_json_append_text(&buf, "a\"\\\b\f\n\r\t\x01\x1f/\x7f\xe7\x94\x9f");
	assert_string_equal(rc_buf_text(&buf),
			    "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f/\x7f\xe7\x94\x9f\"");
	rc_buf_clear(&buf);
	rc_json_append_bytes(&buf, rc_bytes_of("x\0\xff\xe7\x94y", 6));
	assert_string_equal(rc_buf_text(&buf), "\"x\\u0000\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdy\"");
	rc_buf_deinit(&buf);
}

static void commas_stand_where_they_belong(void **state)
{
	const uint8_t bytes[100] = {1, 2, 3};
	struct rc_buf buf;

	(void)state;
	rc_buf_init(&buf, 1000);
	rc_json_open(&buf, '{');
	rc_json_append_key(&buf, "list");
	rc_json_open(&buf, '[');
	rc_json_append_int(&buf, -1);
	rc_json_append_null(&buf);
	rc_json_open(&buf, '{');
	rc_json_close(&buf, '}');
	rc_json_append_text(&buf, "{[:,");
	rc_json_append_bool(&buf, false);
	rc_json_close(&buf, ']');
	rc_json_member_text(&buf, "t", "");
	rc_json_member_time(&buf, "at", 0);
	rc_json_member_hex(&buf, "h", rc_bytes_of(bytes, 3));
	rc_json_member_base64url(&buf, "b", rc_bytes_of(bytes, 4));
	rc_json_close(&buf, '}');
	assert_string_equal(
	    rc_buf_text(&buf),
	    "{\"list\":[-1,null,{},\"{[:,\",false],\"t\":\"\",\"at\":\"1970-01-01T00:00:00.000Z\","
	    "\"h\":\"010203\",\"b\":\"AQIDAA\"}");
	rc_buf_clear(&buf);
	rc_json_append_hex(&buf, rc_bytes_of(bytes, sizeof(bytes)));
	assert_int_equal(buf.size, 202);
	rc_buf_deinit(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(typed_getters_read_what_is_there, open_sample, close_sample),
	    cmocka_unit_test_setup_teardown(wrong_members_are_named, open_sample, close_sample),
	    cmocka_unit_test_setup_teardown(an_optional_member_may_be_missing_or_null_but_not_wrong,
					    open_sample, close_sample),
	    cmocka_unit_test_setup_teardown(containers_can_be_walked, open_sample, close_sample),
	    cmocka_unit_test_setup_teardown(a_value_is_written_as_it_was, open_sample, close_sample),
	    cmocka_unit_test(hostile_documents_are_refused_with_a_reason),
	    cmocka_unit_test(written_text_is_escaped_and_repaired),
	    cmocka_unit_test(commas_stand_where_they_belong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
