/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/settings/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct rc_setting_key keys[] = {
    {"server", "url", RC_SETTING_HTTPS_URL, 0, 0, NULL, NULL, true, "the server", "服务器地址"},
    {"server", "wait_s", RC_SETTING_INT, 1, 600, "60", "s", false, "how long a poll waits", "轮询等待时间"},
    {"server", "shift_min", RC_SETTING_INT, -720, 840, "480", "min", false, "offset", "时差"},
    {"kiosk", "name", RC_SETTING_TEXT, 1, 20, "kiosk", NULL, false, "its name", "名称"},
    {"kiosk", "data", RC_SETTING_PATH, 0, 0, "/var/lib/x", NULL, false, "its folder", "数据目录"},
    {"kiosk", "sound", RC_SETTING_BOOL, 0, 0, "yes", NULL, false, "sounds", "声音"},
    {"kiosk", "proxy", RC_SETTING_URL, 0, 0, NULL, NULL, false, "a proxy", "代理"},
};
static const struct rc_settings_table table = {keys, sizeof(keys) / sizeof(keys[0])};

struct fixture {
	struct rc_settings *settings;
	struct rc_settings_findings findings;
};

static int open_settings(void **state)
{
	static struct fixture fixture;

	fixture.settings = rc_settings_new(&table);
	rc_settings_findings_init(&fixture.findings);
	*state = &fixture;
	return fixture.settings ? 0 : -1;
}

static int close_settings(void **state)
{
	struct fixture *f = *state;

	rc_settings_free(f->settings);
	rc_settings_findings_deinit(&f->findings);
	return 0;
}

static void take(struct fixture *f, const char *file, const char *content)
{
	rc_settings_take(f->settings, file, rc_bytes_of_text(content), &f->findings);
}

static void assert_clean(const struct fixture *f)
{
	if (f->findings.errors || f->findings.warnings)
		fail_msg("%s", rc_buf_text(&f->findings.text));
}

static void assert_told(const struct fixture *f, const char *what)
{
	if (!strstr(rc_buf_text(&f->findings.text), what))
		fail_msg("'%s' is not in: %s", what, rc_buf_text(&f->findings.text));
}

static void without_a_file_there_are_defaults(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(rc_settings_int(f->settings, "server", "wait_s"), 60);
	assert_true(rc_settings_bool(f->settings, "kiosk", "sound"));
	assert_string_equal(rc_settings_text(f->settings, "kiosk", "name"), "kiosk");
	assert_null(rc_settings_text(f->settings, "server", "url"));
	assert_string_equal(rc_settings_origin(f->settings, "kiosk", "name"), "default");
}

static void a_file_sets_values_and_they_know_their_line(void **state)
{
	struct fixture *f = *state;

	take(f, "a.conf",
	     "# a comment\n\n[server]\nurl = https://s.example:8443/x ; "
	     "inside\nwait_s=5\nshift_min = -30\n[kiosk]\n"
	     "name = \xe5\x9f\xb9\xe8\xae\xad 3F\nsound = off\nproxy = http://[::1]:3128\n");
	assert_clean(f);
	assert_string_equal(rc_settings_text(f->settings, "server", "url"),
			    "https://s.example:8443/x");
	assert_int_equal(rc_settings_int(f->settings, "server", "wait_s"), 5);
	assert_int_equal(rc_settings_int(f->settings, "server", "shift_min"), -30);
	assert_string_equal(rc_settings_text(f->settings, "kiosk", "name"),
			    "\xe5\x9f\xb9\xe8\xae\xad 3F");
	assert_false(rc_settings_bool(f->settings, "kiosk", "sound"));
	assert_string_equal(rc_settings_origin(f->settings, "server", "url"), "a.conf:4");
	assert_string_equal(rc_settings_origin(f->settings, "kiosk", "data"), "default");
}

static void a_later_file_wins(void **state)
{
	struct fixture *f = *state;

	take(f, "a.conf", "[server]\nwait_s=5\nshift_min=1\n");
	take(f, "b.conf", "[server]\nwait_s=6\n");
	assert_clean(f);
	assert_int_equal(rc_settings_int(f->settings, "server", "wait_s"), 6);
	assert_string_equal(rc_settings_origin(f->settings, "server", "wait_s"), "b.conf:2");
	assert_int_equal(rc_settings_int(f->settings, "server", "shift_min"), 1);
}

static void a_mark_and_windows_line_ends_change_nothing(void **state)
{
	struct fixture *f = *state;

	take(f, "w.conf", "\xef\xbb\xbf[server]\r\nurl = https://s.example\r\nwait_s = 7\r\n");
	assert_clean(f);
	assert_string_equal(rc_settings_text(f->settings, "server", "url"), "https://s.example");
	assert_int_equal(rc_settings_int(f->settings, "server", "wait_s"), 7);
}

static void every_fault_is_told_with_its_line(void **state)
{
	struct fixture *f = *state;

	take(f, "bad.conf",
	     "[server]\nurl = http://s.example\nwait_s = 0\nwait_s = 5\nhello\n[kiosk\n  name = "
	     "x\nname = a\x01"
	     "b\nname = \xff\nsound = perhaps\nnew = 1\n[else]\nname = z\n");
	assert_told(f, "bad.conf:2: error: server.url: http:// is refused here, use https://\n");
	assert_told(f, "bad.conf:3: error: server.wait_s: not within 1 to 600\n");
	assert_told(f, "bad.conf:4: error: server.wait_s stands in line 3 already\n");
	assert_told(f, "bad.conf:5: error: no section, no comment and no \"name = value\"\n");
	assert_told(f, "bad.conf:6: error: a section without its ]\n");
	assert_told(f, "bad.conf:7: error: the line begins with white space\n");
	assert_told(f, "bad.conf:8: error: control characters in the line\n");
	assert_told(f, "bad.conf:9: error: the line is not UTF-8\n");
	assert_told(f, "bad.conf:11: warning: there is no setting server.new\n");
	assert_told(f, "bad.conf:13: warning: there is no setting else.name\n");
	assert_int_equal(f->findings.errors, 8);
	assert_int_equal(rc_settings_int(f->settings, "server", "wait_s"), 60);
}

static void the_last_line_counts_without_a_line_feed(void **state)
{
	struct fixture *f = *state;

	take(f, "a.conf", "[server]\nwait_s=9");
	assert_clean(f);
	assert_int_equal(rc_settings_int(f->settings, "server", "wait_s"), 9);
	take(f, "b.conf", "[server]\nwait_s");
	assert_told(f, "b.conf:2: error: no section");
}

static void values_keep_to_their_types(void **state)
{
	static const struct {
		const char *name, *value;
		bool is_good;
	} cases[] = {
	    {"server.wait_s", "600", true},
	    {"server.wait_s", "601", false},
	    {"server.wait_s", "-1", false},
	    {"server.wait_s", "1e3", false},
	    {"server.wait_s", "", false},
	    {"server.wait_s", "60 s", false},
	    {"server.wait_s", "99999999999999999999", false},
	    {"server.wait_s", "0x10", false},
	    {"server.url", "https://a", true},
	    {"server.url", "https://", false},
	    {"server.url", "https://a:0", false},
	    {"server.url", "https://a:65536", false},
	    {"server.url", "https://a:8443/p?q", true},
	    {"server.url", "https://u:p@a", false},
	    {"server.url", "https://a b", false},
	    {"server.url", "ftp://a", false},
	    {"server.url", "HTTPS://a", false},
	    {"server.url", "https://[::1]:1", true},
	    {"server.url", "https://[::1", false},
	    {"server.url", "https://-a", false},
	    {"kiosk.data", "/a/..b/c..", true},
	    {"kiosk.data", "/a/../b", false},
	    {"kiosk.data", "/a/..", false},
	    {"kiosk.data", "a/b", false},
	    {"kiosk.data", "", false},
	    {"kiosk.name", "", false},
	    {"kiosk.name", "12345678901234567890", true},
	    {"kiosk.name", "123456789012345678901", false},
	    {"kiosk.name", "a\nb", false},
	    {"kiosk.name",
	     "a\xe2\x80\xae"
	     "b",
	     false},
	    {"kiosk.sound", "on", true},
	    {"kiosk.sound", "1", false},
	    {"kiosk.sound", "Yes", false},
	    {"kiosk.proxy", "http://a", true},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char section[16];
		const char *dot = strchr(cases[i].name, '.');
		enum rc_status status;

		assert_true(rc_bytes_copy_text(rc_bytes_of(cases[i].name, (size_t)(dot - cases[i].name)),
					       section, sizeof(section)));
		status = rc_settings_set(f->settings, section, dot + 1, cases[i].value, "test", NULL);
		if (status != (cases[i].is_good ? RC_OK : RC_EUSAGE))
			fail_msg("%s = '%s'", cases[i].name, cases[i].value);
	}
}

static void a_value_from_the_command_line_says_so(void **state)
{
	struct fixture *f = *state;
	struct rc_error err;

	assert_int_equal(rc_settings_set(f->settings, "kiosk", "name", "x", "--name", &err), RC_OK);
	assert_string_equal(rc_settings_origin(f->settings, "kiosk", "name"), "--name");
	assert_int_equal(rc_settings_set(f->settings, "kiosk", "nam", "x", "--name", &err), RC_EUSAGE);
	assert_string_equal(err.text, "there is no setting kiosk.nam");
}

static void a_required_key_must_be_set_by_somebody(void **state)
{
	struct fixture *f = *state;

	rc_settings_finish(f->settings, &f->findings);
	assert_told(f, "server.url must be set");
	rc_settings_findings_deinit(&f->findings);
	rc_settings_findings_init(&f->findings);
	take(f, "a.conf", "[server]\nurl=https://a\n");
	rc_settings_finish(f->settings, &f->findings);
	assert_clean(f);
}

static void a_file_over_the_limit_is_refused_whole(void **state)
{
	struct fixture *f = *state;
	char *big = malloc(RC_SETTINGS_FILE_MAX_BYTES + 1);

	memset(big, '\n', RC_SETTINGS_FILE_MAX_BYTES + 1);
	memcpy(big, "[server]\nwait_s=9\n", 18);
	rc_settings_take(f->settings, "big.conf", rc_bytes_of(big, RC_SETTINGS_FILE_MAX_BYTES),
			 &f->findings);
	assert_clean(f);
	assert_int_equal(rc_settings_int(f->settings, "server", "wait_s"), 9);
	rc_settings_take(f->settings, "big.conf", rc_bytes_of(big, RC_SETTINGS_FILE_MAX_BYTES + 1),
			 &f->findings);
	assert_told(f, "big.conf: error: the file is over the limit");
	free(big);
}

static void a_line_over_the_limit_is_told_and_not_split(void **state)
{
	struct fixture *f = *state;
	struct rc_buf content;

	rc_buf_init(&content, 20000);
	rc_buf_append_text(&content, "[server]\n# ");
	for (unsigned i = 0; i < 10000; i++)
		rc_buf_append_char(&content, 'x');
	rc_buf_append_text(&content, " wait_s = 3\nwait_s = 4\n");
	take(f, "a.conf", rc_buf_text(&content));
	assert_told(f, "a.conf:2: error: the line is too long");
	assert_int_equal(f->findings.errors, 1);
	assert_int_equal(rc_settings_int(f->settings, "server", "wait_s"), 4);
	rc_buf_deinit(&content);
}

static void what_is_shown_can_be_read_again(void **state)
{
	struct fixture *f = *state;
	struct rc_buf text;

	take(f, "a.conf", "[server]\nurl=https://a\nwait_s=5\n");
	rc_buf_init(&text, 10000);
	rc_settings_show(f->settings, &text);
	assert_non_null(strstr(rc_buf_text(&text), "wait_s = 5 ; a.conf:3\n"));
	assert_non_null(strstr(rc_buf_text(&text), "# proxy is not set\n"));
	take(f, "b.conf", rc_buf_text(&text));
	assert_clean(f);
	assert_int_equal(rc_settings_int(f->settings, "server", "wait_s"), 5);
	rc_buf_deinit(&text);
}

/* The longest line there is holds a value that leaves no room for spaces around its sign, let alone for its origin. */
static void a_long_value_is_shown_under_its_origin(void **state)
{
	struct fixture *f = *state;
	char longest[199] = "data=/";
	struct rc_buf text;

	memset(longest + 6, 'x', 198 - 6);
	rc_buf_init(&text, 10000);
	rc_buf_printf(&text, "[server]\nurl = https://a\n[kiosk]\n%s\n", longest);
	take(f, "培训室.conf", rc_buf_text(&text));
	assert_clean(f);
	rc_buf_deinit(&text);
	rc_buf_init(&text, 10000);
	rc_settings_show(f->settings, &text);
	assert_non_null(strstr(rc_buf_text(&text), "# 培训室.conf:4\ndata=/xxx"));
	take(f, "shown.conf", rc_buf_text(&text));
	assert_clean(f);
	rc_buf_deinit(&text);
}

static void a_value_that_begins_like_a_comment_is_shown_as_one_that_is_none(void **state)
{
	struct fixture *f = *state;
	struct rc_buf text;

	take(f, "a.conf", "[server]\nurl=https://a\n[kiosk]\nname=;x\n");
	assert_string_equal(rc_settings_text(f->settings, "kiosk", "name"), ";x");
	rc_buf_init(&text, 10000);
	rc_settings_show(f->settings, &text);
	assert_non_null(strstr(rc_buf_text(&text), "name=;x ; a.conf:4\n"));
	take(f, "b.conf", rc_buf_text(&text));
	assert_clean(f);
	assert_string_equal(rc_settings_text(f->settings, "kiosk", "name"), ";x");
	rc_buf_deinit(&text);
}

static void a_sample_explains_every_key(void **state)
{
	struct fixture *f = *state;
	struct rc_buf text;

	rc_buf_init(&text, 10000);
	rc_settings_sample(&table, true, &text);
	assert_non_null(strstr(rc_buf_text(&text), "# 轮询等待时间 (1 … 600 s)\n#wait_s = 60\n"));
	take(f, "sample.conf", rc_buf_text(&text));
	assert_clean(f);
	rc_buf_deinit(&text);
}

#define T(test) cmocka_unit_test_setup_teardown(test, open_settings, close_settings)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(without_a_file_there_are_defaults),
	    T(a_file_sets_values_and_they_know_their_line),
	    T(a_later_file_wins),
	    T(a_mark_and_windows_line_ends_change_nothing),
	    T(every_fault_is_told_with_its_line),
	    T(the_last_line_counts_without_a_line_feed),
	    T(values_keep_to_their_types),
	    T(a_value_from_the_command_line_says_so),
	    T(a_required_key_must_be_set_by_somebody),
	    T(a_file_over_the_limit_is_refused_whole),
	    T(a_line_over_the_limit_is_told_and_not_split),
	    T(what_is_shown_can_be_read_again),
	    T(a_long_value_is_shown_under_its_origin),
	    T(a_value_that_begins_like_a_comment_is_shown_as_one_that_is_none),
	    T(a_sample_explains_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
