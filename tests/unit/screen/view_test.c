/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/view.h"
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>

#define HEADER                                                                                     \
	"\"header\":{\"time\":\"08:52\",\"time_sure\":true,\"room\":\"3F-305\",\"room_name\":"     \
	"\"培训室\","                                                                           \
	"\"session\":{\"title\":\"安全操作规程\",\"starts\":\"09:00\",\"ends\":\"11:30\","   \
	"\"trainer\":\"王丽\"},"                                                                 \
	"\"count\":{\"here\":18,\"expected\":24}}"
#define SYNC                                                                                       \
	"\"sync\":{\"state\":\"waiting\",\"waiting\":12,\"clock\":\"unsure\",\"last_contact\":"    \
	"\"\"}"
#define SCAN                                                                                       \
	"\"verdict\":\"signed_in\",\"late_min\":7,\"lang\":\"en\",\"name\":\"Emma\",\"at\":\"09:"  \
	"07\""
#define GREETING                                                                                   \
	"{\"v\":1,\"screen\":\"greeting\",\"lang\":\"zh\"," HEADER ",\"main\":{" SCAN              \
	",\"session\":\"安全操作规程\",\"since\":\"\"},\"recent\":[{" SCAN "}]," SYNC              \
	",\"touch_id\":17}"
#define IDLE                                                                                       \
	"{\"v\":1,\"screen\":\"idle\",\"lang\":\"zh\"," HEADER ",\"main\":{},\"recent\":[]," SYNC  \
	",\"touch_id\":17}"

static enum rc_status decode(const char *json, struct rc_view *view)
{
	struct rc_error err;

	return rc_view_decode(rc_bytes_of_text(json), view, &err);
}

/* `json` with the first `from` replaced by `to`, decoded. */
static enum rc_status decode_with(const char *json, const char *from, const char *to, struct rc_view *view)
{
	const char *at = strstr(json, from);
	size_t size = strlen(json) + strlen(to) + 1;
	char *changed = malloc(size);
	enum rc_status status;

	assert_non_null(changed);
	assert_non_null(at);
	(void)snprintf(changed, size, "%.*s%s%s", (int)(at - json), json, to, at + strlen(from));
	status = decode(changed, view);
	free(changed);
	return status;
}

static void a_greeting_is_read_field_by_field(void **state)
{
	struct rc_view view;

	(void)state;
	assert_int_equal(decode(GREETING, &view), RC_OK);
	assert_int_equal(view.screen, RC_VIEW_GREETING);
	assert_int_equal(view.lang, RC_VIEW_ZH);
	assert_string_equal(view.header.time, "08:52");
	assert_true(view.header.is_time_sure);
	assert_string_equal(view.header.room, "3F-305");
	assert_string_equal(view.header.room_name, "培训室");
	assert_true(view.header.has_session);
	assert_string_equal(view.header.session.trainer, "王丽");
	assert_int_equal(view.header.here_count, 18);
	assert_int_equal(view.header.expected_count, 24);
	assert_int_equal(view.greeting.scan.verdict, RC_VERDICT_SIGNED_IN);
	assert_false(view.greeting.scan.is_other);
	assert_int_equal(view.greeting.scan.late_min, 7);
	assert_int_equal(view.greeting.scan.lang, RC_VIEW_EN);
	assert_string_equal(view.greeting.session, "安全操作规程");
	assert_int_equal(view.recent_count, 1);
	assert_string_equal(view.recent[0].at, "09:07");
	assert_true(view.sync.is_waiting);
	assert_int_equal(view.sync.waiting_count, 12);
	assert_false(view.sync.is_clock_sure);
	assert_int_equal(view.touch_id, 17);
}

static void what_is_null_or_left_out_where_it_may_be_is_absent(void **state)
{
	struct rc_view view;

	(void)state;
	assert_int_equal(decode_with(IDLE, "{\"here\":18,\"expected\":24}", "null", &view), RC_OK);
	assert_false(view.header.has_count);
	assert_int_equal(decode(GREETING, &view), RC_OK);
	assert_string_equal(view.greeting.since, "");
	assert_string_equal(view.greeting.room, "");
}

static void the_camera_is_there_unless_the_model_says_otherwise(void **state)
{
	struct rc_view view;

	(void)state;
	assert_int_equal(decode(IDLE, &view), RC_OK);
	assert_int_equal(view.camera, RC_VIEW_CAMERA_OK);
	assert_int_equal(decode_with(IDLE, "\"main\":{}", "\"main\":{},\"camera\":\"away\"", &view),
			 RC_OK);
	assert_int_equal(view.camera, RC_VIEW_CAMERA_AWAY);
	assert_int_equal(decode_with(IDLE, "\"main\":{}", "\"main\":{},\"camera\":\"none\"", &view),
			 RC_OK);
	assert_int_equal(view.camera, RC_VIEW_CAMERA_NONE);
	assert_int_equal(decode_with(IDLE, "\"main\":{}", "\"main\":{},\"camera\":\"broken\"", &view),
			 RC_EFORMAT);
}

static void fields_of_a_newer_daemon_are_passed_over(void **state)
{
	struct rc_view view;

	(void)state;
	assert_int_equal(
	    decode_with(IDLE, "\"main\":{}", "\"main\":{\"x\":[1,{}]},\"later\":null", &view), RC_OK);
	assert_int_equal(
	    decode_with(GREETING, "\"time_sure\"", "\"zone\":\"+08\",\"time_sure\"", &view), RC_OK);
}

static void a_verdict_of_a_newer_daemon_keeps_the_name(void **state)
{
	struct rc_view view;

	(void)state;
	assert_int_equal(decode_with(GREETING, "signed_in", "beamed_in", &view), RC_OK);
	assert_true(view.greeting.scan.is_other);
	assert_string_equal(view.greeting.scan.name, "Emma");
}

static void every_verdict_of_the_list_is_known(void **state)
{
	struct rc_view view;

	(void)state;
	for (unsigned i = 0; i < RC_VERDICT_COUNT; i++) {
		assert_int_equal(
		    decode_with(GREETING, "signed_in", rc_verdict_name((enum rc_verdict)i), &view), RC_OK);
		assert_false(view.greeting.scan.is_other);
		assert_int_equal(view.greeting.scan.verdict, i);
	}
}

static void each_thing_that_the_schema_forbids_is_refused_and_leaves_the_view_alone(void **state)
{
	static const struct {
		const char *from, *to;
	} faults[] = {
	    {"\"v\":1", "\"v\":2"},
	    {"\"v\":1,", ""},
	    {"\"v\":1", "\"v\":\"1\""},
	    {"\"v\":1", "\"v\":1,\"v\":1"},
	    {"\"greeting\"", "\"quiz\""},
	    {"\"greeting\"", "7"},
	    {"\"lang\":\"zh\"", "\"lang\":\"fr\""},
	    {"\"08:52\"", "\"8:52\""},
	    {"\"08:52\"", "\"24:00\""},
	    {"\"08:52\"", "\"08:60\""},
	    {"\"08:52\"", "\"\""},
	    {"\"08:52\"", "\"08:52:00\""},
	    {"\"time_sure\":true", "\"time_sure\":1"},
	    {"\"room\":\"3F-305\"", "\"room\":null"},
	    {"\"here\":18", "\"here\":-1"},
	    {"\"here\":18", "\"here\":1000001"},
	    {"\"here\":18", "\"here\":1.5"},
	    {"\"here\":18", "\"here\":1e400"},
	    {"\"main\":{", "\"main\":[],\"m\":{"},
	    {"\"main\":{", "\"m\":{"},
	    {"\"verdict\":\"signed_in\"", "\"verdict\":\"Signed In\""},
	    {"\"verdict\":\"signed_in\"", "\"verdict\":null"},
	    {"\"late_min\":7", "\"late_min\":\"7\""},
	    {"\"name\":\"Emma\"", "\"name\":{}"},
	    {"\"name\":\"Emma\"", "\"name\":\"E\\u0000a\""},
	    {"\"since\":\"\"", "\"since\":\"soon\""},
	    {"\"recent\":[{", "\"recent\":[7,{"},
	    {"\"recent\":[{", "\"recent\":{\"a\":[{"},
	    {"\"state\":\"waiting\"", "\"state\":\"stuck\""},
	    {"\"clock\":\"unsure\"", "\"clock\":true"},
	    {"\"last_contact\":\"\"", "\"last_contact\":\"yesterday\""},
	    {"\"touch_id\":17", "\"touch_id\":-1"},
	    {"\"touch_id\":17", "\"touch_id\":9007199254740992"},
	    {"\"touch_id\":17}", "\"touch_id\":17} x"},
	    {"\"touch_id\":17}", "\"touch_id\":17"},
	};
	struct rc_view view, before;

	(void)state;
	memset(&view, 0x5a, sizeof(view));
	before = view;
	for (size_t i = 0; i < RC_COUNT(faults); i++) {
		enum rc_status status = decode_with(GREETING, faults[i].from, faults[i].to, &view);

		if (status != RC_EFORMAT)
			fail_msg("%s for %s: %s", faults[i].to, faults[i].from, rc_status_text(status));
		assert_memory_equal(&view, &before, sizeof(view));
	}
}

static void four_recent_scans_are_one_too_many(void **state)
{
	struct rc_view view;

	(void)state;
	assert_int_equal(decode_with(IDLE, "[]", "[{" SCAN "},{" SCAN "},{" SCAN "}]", &view), RC_OK);
	assert_int_equal(view.recent_count, 3);
	assert_int_equal(decode_with(IDLE, "[]", "[{" SCAN "},{" SCAN "},{" SCAN "},{" SCAN "}]", &view),
			 RC_EFORMAT);
}

static void what_is_no_json_object_is_refused(void **state)
{
	static const char *const texts[] = {"", " ", "null", "[]", "\"x\"", "{", "\xff\xfe", "{}"};
	struct rc_view view;

	(void)state;
	for (size_t i = 0; i < RC_COUNT(texts); i++)
		assert_int_equal(decode(texts[i], &view), RC_EFORMAT);
	assert_int_equal(decode_with(GREETING, "Emma", "\xc3(", &view), RC_EFORMAT);
	assert_int_equal(decode_with(GREETING, "Emma", "\\ud800", &view), RC_EFORMAT);
}

static void deep_nesting_is_refused_without_a_crash(void **state)
{
	char *json = malloc(RC_VIEW_MESSAGE_MAX_BYTES);
	struct rc_view view;

	(void)state;
	assert_non_null(json);
	memset(json, '[', RC_VIEW_MESSAGE_MAX_BYTES);
	assert_int_equal(rc_view_decode(rc_bytes_of(json, RC_VIEW_MESSAGE_MAX_BYTES), &view, NULL),
			 RC_EFORMAT);
	free(json);
}

static void a_byte_over_the_limit_is_refused_unread(void **state)
{
	char *json = malloc(RC_VIEW_MESSAGE_MAX_BYTES + 1);
	struct rc_view view;

	(void)state;
	assert_non_null(json);
	memset(json, ' ', RC_VIEW_MESSAGE_MAX_BYTES + 1);
	memcpy(json, IDLE, strlen(IDLE));
	assert_int_equal(rc_view_decode(rc_bytes_of(json, RC_VIEW_MESSAGE_MAX_BYTES), &view, NULL), RC_OK);
	assert_int_equal(rc_view_decode(rc_bytes_of(json, RC_VIEW_MESSAGE_MAX_BYTES + 1), &view, NULL),
			 RC_ELIMIT);
	free(json);
}

static void a_name_loses_controls_and_direction_marks_but_no_letter(void **state)
{
	struct rc_view view;

	(void)state;
	assert_int_equal(decode_with(GREETING, "\"Emma\"",
				     "\"\\u001b[31mEm\\u202ema\\n\\u200b<b>\\u0085龘𠮷\"", &view),
			 RC_OK);
	assert_string_equal(view.greeting.scan.name, "[31mEmma<b>龘𠮷");
}

static void a_long_name_is_cut_between_characters(void **state)
{
	char name[3 * 200 + 3] = "\"";
	struct rc_view view;

	(void)state;
	for (size_t i = 0; i < 200; i++)
		memcpy(name + 1 + 3 * i, "张", 3);
	memcpy(name + 601, "\"", 2);
	assert_int_equal(decode_with(GREETING, "\"Emma\"", name, &view), RC_OK);
	assert_int_equal(strlen(view.greeting.scan.name), 255);
}

static void a_complaint_names_the_field_and_never_the_value(void **state)
{
	struct rc_view view;
	struct rc_error err;
	const char *json = "{\"v\":1,\"lang\":\"zh\",\"name\":\"Emma\"";

	(void)state;
	assert_int_equal(rc_view_decode(rc_bytes_of_text(json), &view, &err), RC_EFORMAT);
	assert_null(strstr(err.text, "Emma"));
	assert_int_equal(rc_view_decode(rc_bytes_of_text("{\"v\":1}"), &view, &err), RC_EFORMAT);
	assert_non_null(strstr(err.text, "lang"));
}

static void enrolment_is_read_with_reasons_yet_unheard_of(void **state)
{
	static const char enrol[] = "\"main\":{\"state\":\"failed\",\"reason\":\"moon_phase\"}";
	struct rc_view view;
	char json[2048];

	(void)state;
	(void)snprintf(json, sizeof(json), "%s", IDLE);
	memcpy(strstr(json, "\"idle\""), "\"wait\"", 6);
	assert_int_equal(decode(json, &view), RC_OK);
	assert_int_equal(view.screen, RC_VIEW_WAIT);
	assert_int_equal(decode_with(IDLE, "\"idle\"", "\"enrol\"", &view), RC_EFORMAT);
	(void)snprintf(json, sizeof(json),
		       "{\"v\":1,\"screen\":\"enrol\",\"lang\":\"en\"," HEADER
		       ",%s,\"recent\":[]," SYNC ",\"touch_id\":0}",
		       enrol);
	assert_int_equal(decode(json, &view), RC_OK);
	assert_int_equal(view.enrol, RC_VIEW_FAILED);
	assert_string_equal(view.enrol_reason, "moon_phase");
	assert_int_equal(decode_with(json, "moon_phase", "Moon", &view), RC_EFORMAT);
}

static void a_touch_is_framed_with_its_length(void **state)
{
	struct rc_buf out;

	(void)state;
	rc_buf_init(&out, 200);
	rc_view_encode_touch(RC_VIEW_TOUCH_LANGUAGE, '\0', 17, &out);
	assert_int_equal(rc_buf_status(&out, NULL), RC_OK);
	assert_int_equal(rc_view_frame_length(out.data), out.size - RC_VIEW_LENGTH_BYTES);
	assert_string_equal(rc_buf_text(&out) + RC_VIEW_LENGTH_BYTES,
			    "{\"v\":1,\"touch\":\"language\",\"touch_id\":17}");
	rc_buf_deinit(&out);
}

static void a_key_carries_its_character(void **state)
{
	struct rc_buf out;

	(void)state;
	rc_buf_init(&out, 200);
	rc_view_encode_touch(RC_VIEW_TOUCH_KEY, '-', 17, &out);
	assert_int_equal(rc_buf_status(&out, NULL), RC_OK);
	assert_string_equal(rc_buf_text(&out) + RC_VIEW_LENGTH_BYTES,
			    "{\"v\":1,\"touch\":\"key\",\"key\":\"-\",\"touch_id\":17}");
	rc_buf_deinit(&out);
}

static void a_frame_length_is_little_endian(void **state)
{
	(void)state;
	assert_int_equal(rc_view_frame_length((const uint8_t[]){0x01, 0x02, 0x03, 0xff}), 0xff030201u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_greeting_is_read_field_by_field),
	    cmocka_unit_test(what_is_null_or_left_out_where_it_may_be_is_absent),
	    cmocka_unit_test(the_camera_is_there_unless_the_model_says_otherwise),
	    cmocka_unit_test(fields_of_a_newer_daemon_are_passed_over),
	    cmocka_unit_test(a_verdict_of_a_newer_daemon_keeps_the_name),
	    cmocka_unit_test(every_verdict_of_the_list_is_known),
	    cmocka_unit_test(each_thing_that_the_schema_forbids_is_refused_and_leaves_the_view_alone),
	    cmocka_unit_test(four_recent_scans_are_one_too_many),
	    cmocka_unit_test(what_is_no_json_object_is_refused),
	    cmocka_unit_test(deep_nesting_is_refused_without_a_crash),
	    cmocka_unit_test(a_byte_over_the_limit_is_refused_unread),
	    cmocka_unit_test(a_name_loses_controls_and_direction_marks_but_no_letter),
	    cmocka_unit_test(a_long_name_is_cut_between_characters),
	    cmocka_unit_test(a_complaint_names_the_field_and_never_the_value),
	    cmocka_unit_test(enrolment_is_read_with_reasons_yet_unheard_of),
	    cmocka_unit_test(a_touch_is_framed_with_its_length),
	    cmocka_unit_test(a_key_carries_its_character),
	    cmocka_unit_test(a_frame_length_is_little_endian),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
