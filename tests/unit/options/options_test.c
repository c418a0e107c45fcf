/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/options/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* What a verb hears when it makes an error. */
static char heard[64];

static int hear(const struct rc_options *options)
{
	struct rc_error err;

	(void)options;
	(void)rc_fail(&err, RC_EUSAGE, "--%s stands twice", "x");
	(void)snprintf(heard, sizeof(heard), "%s", err.text);
	return 0;
}

static int run_with_7(const struct rc_options *options)
{
	return 7 + (int)options->operand_count;
}

static const struct rc_option common[] = {
    {"config", 'c', RC_OPTION_TEXT, "FILE", 1, 10, false, {"the settings", "配置文件"}},
};
static const struct rc_option serve[] = {
    {"port", 'p', RC_OPTION_INT, "N", 1, 65535, true, {"where to listen", "监听端口"}},
    {"quiet", 'q', RC_OPTION_FLAG, NULL, 0, 0, false, {"say little", "少输出"}},
    {"shift", 0, RC_OPTION_INT, "MIN", -720, 840, false, {"offset", "时差"}},
};
static const struct rc_verb verbs[] = {
    {"serve", {"serve people", "提供服务"}, serve, 3, {NULL, 0, 0}, run_with_7, false},
    {"user", {"users", "用户"}, NULL, 0, {NULL, 0, 0}, run_with_7, false},
    {"user add", {"add a user", "添加用户"}, NULL, 0, {"NAME [NAME…]", 1, 2}, run_with_7, false},
};
static const struct rc_program program = {
    "prog", "1.2", {"does things", "做事情"}, common, 1, verbs, 3, NULL};

static const struct rc_verb only[] = {{NULL, {NULL, NULL}, serve, 3, {"FILE", 1, 1}, run_with_7, false}};
static const struct rc_program simple = {"simple", "1.2", {"one thing", "一件事"}, NULL, 0, only,
					 1,        NULL};

/* Parses a line that is split at spaces; "''" is an empty argument. */
static enum rc_status parse(const struct rc_program *p, const char *line,
			    struct rc_options *options, struct rc_error *err)
{
	static char memory[300];
	static char *argv[32];
	int argc = 0;
	char *rest = memory, *word;

	assert_true(rc_text_copy(line, memory, sizeof(memory)));
	while ((word = strsep(&rest, " ")))
		argv[argc++] = strcmp(word, "''") == 0 ? word + 2 : word;
	argv[argc] = NULL;
	return rc_options_parse(p, argc, argv, options, err);
}

static void values_are_found_wherever_they_stand(void **state)
{
	static const char *const lines[] = {
	    "prog -c a.conf serve --port 8443 -q",
	    "prog serve -q --port=8443 --config=a.conf",
	    "prog --config a.conf serve -p 8443 --quiet --",
	};
	struct rc_options options;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(parse(&program, lines[i], &options, NULL), RC_OK);
		assert_string_equal(options.verb->name, "serve");
		assert_string_equal(rc_options_text(&options, "config"), "a.conf");
		assert_int_equal(rc_options_int(&options, "port", 0), 8443);
		assert_true(rc_options_has(&options, "quiet"));
		assert_int_equal(rc_options_int(&options, "shift", 480), 480);
	}
}

static void a_verb_may_have_two_words(void **state)
{
	struct rc_options options;

	(void)state;
	assert_int_equal(parse(&program, "prog user add wang li", &options, NULL), RC_OK);
	assert_string_equal(options.verb->name, "user add");
	assert_int_equal(options.operand_count, 2);
	assert_string_equal(options.operands[1], "li");
	assert_int_equal(parse(&program, "prog user", &options, NULL), RC_OK);
	assert_string_equal(options.verb->name, "user");
}

static void a_program_may_have_no_verbs(void **state)
{
	struct rc_options options;

	(void)state;
	assert_int_equal(parse(&simple, "simple -p 1 -- -file", &options, NULL), RC_OK);
	assert_string_equal(options.operands[0], "-file");
	assert_int_equal(parse(&simple, "simple -p 1 -", &options, NULL), RC_OK);
	assert_string_equal(options.operands[0], "-");
}

static void a_wrong_line_is_told_what_is_wrong(void **state)
{
	static const struct {
		const char *line, *told;
	} cases[] = {
	    {"prog", "a verb is missing"},
	    {"prog fly", "there is no verb 'fly'"},
	    {"prog serve", "--port N is missing"},
	    {"prog serve --port", "--port wants N"},
	    {"prog serve --port --quiet", "--port wants N, not --quiet"},
	    {"prog serve --port ''", "from 1 to 65535"},
	    {"prog serve --port 0", "from 1 to 65535"},
	    {"prog serve --port 99999", "from 1 to 65535"},
	    {"prog serve --port -1", "from 1 to 65535"},
	    {"prog serve --port 1e3", "from 1 to 65535"},
	    {"prog serve --port 0x10", "from 1 to 65535"},
	    {"prog serve --port 99999999999999999999", "from 1 to 65535"},
	    {"prog serve --port 1 --port 2", "--port stands twice"},
	    {"prog serve --port 1 -p 2", "--port stands twice"},
	    {"prog serve --port 1 --quiet=yes", "--quiet takes no value"},
	    {"prog serve --por 1", "there is no option --por"},
	    {"prog serve --port 1 -x", "there is no option -x"},
	    {"prog serve --port 1 -qq", "there is no option -qq"},
	    {"prog serve --port 1 more", "'more' is one argument too many"},
	    {"prog --port 1 serve", "there is no option --port"},
	    {"prog user add", "an argument is missing: NAME"},
	    {"prog user add a b c", "'c' is one argument too many"},
	    {"prog --config= user", "--config is too short"},
	    {"prog --config 12345678901 user", "--config is too long"},
	};
	struct rc_options options;
	struct rc_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(&program, cases[i].line, &options, &err), RC_EUSAGE);
		if (!strstr(err.text, cases[i].told))
			fail_msg("%s: %s", cases[i].line, err.text);
	}
}

static void a_negative_number_is_a_value(void **state)
{
	struct rc_options options;

	(void)state;
	assert_int_equal(parse(&program, "prog serve -p 1 --shift -720", &options, NULL), RC_OK);
	assert_int_equal(rc_options_int(&options, "shift", 0), -720);
	assert_int_equal(parse(&program, "prog serve -p 1 --shift -721", &options, NULL), RC_EUSAGE);
}

static void help_is_wanted_even_where_something_is_missing(void **state)
{
	struct rc_options options;

	(void)state;
	assert_int_equal(parse(&program, "prog --help", &options, NULL), RC_OK);
	assert_true(options.wants_help);
	assert_null(options.verb);
	assert_int_equal(parse(&program, "prog serve -h", &options, NULL), RC_OK);
	assert_string_equal(options.verb->name, "serve");
	assert_int_equal(parse(&program, "prog --version", &options, NULL), RC_OK);
	assert_true(options.wants_version);
}

static void help_names_all_there_is_in_the_language(void **state)
{
	static const char *const en[] = {
	    "Usage: prog serve", "-p, --port N",      "where to listen (1 … 65535) (required)",
	    "-q, --quiet",       "-c, --config FILE", "-h, --help"};
	static const char *const zh[] = {"用法： prog 命令", "user add NAME [NAME…]", "添加用户",
					 "配置文件"};
	struct rc_buf text;

	(void)state;
	rc_buf_init(&text, 10000);
	rc_options_help(&program, &verbs[0], RC_OPTIONS_ENGLISH, &text);
	for (size_t i = 0; i < sizeof(en) / sizeof(en[0]); i++)
		assert_non_null(strstr(rc_buf_text(&text), en[i]));
	rc_buf_clear(&text);
	rc_options_help(&program, NULL, RC_OPTIONS_CHINESE, &text);
	for (size_t i = 0; i < sizeof(zh) / sizeof(zh[0]); i++)
		assert_non_null(strstr(rc_buf_text(&text), zh[i]));
	rc_buf_clear(&text);
	rc_options_help(&simple, NULL, RC_OPTIONS_ENGLISH, &text);
	assert_non_null(strstr(rc_buf_text(&text), "Usage: simple [OPTION…] FILE\none thing\n"));
	rc_buf_deinit(&text);
}

/* What mdoc would take for a request or a macro is text. */
static void a_manual_guards_what_means_something_to_mdoc(void **state)
{
	static const struct rc_option options[] = {
	    {"out", 'o', RC_OPTION_TEXT, "Ar", 0, 0, true, {".Sh is no heading, \\n no feed", ".Sh"}},
	};
	static const struct rc_verb verb[] = {
	    {NULL, {NULL, NULL}, options, 1, {"[Nm]", 0, 1}, run_with_7, false}};
	static const struct rc_program guarded = {
	    "guarded", "1.2", {"'quoted'", NULL}, NULL, 0, verb, 1, NULL};
	struct rc_buf text;

	(void)state;
	rc_buf_init(&text, 10000);
	rc_options_man(&guarded, RC_OPTIONS_ENGLISH, &text);
	assert_non_null(strstr(rc_buf_text(&text), ".Dt GUARDED 8\n"));
	assert_non_null(
	    strstr(rc_buf_text(&text), "\n\\&.Sh is no heading, \\en no feed (required)\n"));
	assert_non_null(strstr(rc_buf_text(&text), "\n.It Fl o , Fl -out Ar \\&Ar\n"));
	assert_non_null(strstr(rc_buf_text(&text), "\n\\&'quoted'\n"));
	rc_buf_deinit(&text);
}

static void the_language_is_that_of_the_first_variable_that_says_one(void **state)
{
	static const struct {
		const char *all, *messages, *lang;
		enum rc_options_language language;
	} cases[] = {
	    {NULL, NULL, NULL, RC_OPTIONS_ENGLISH},
	    {NULL, NULL, "zh_CN.UTF-8", RC_OPTIONS_CHINESE},
	    {NULL, "en_US.UTF-8", "zh_CN.UTF-8", RC_OPTIONS_ENGLISH},
	    {"", "zh_TW", "C", RC_OPTIONS_CHINESE},
	    {"C", "zh_CN", "zh_CN", RC_OPTIONS_ENGLISH},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
		const char *const values[] = {cases[i].all, cases[i].messages, cases[i].lang};

		for (size_t j = 0; j < 3; j++)
			assert_int_equal(
			    values[j] ? setenv(names[j], values[j], 1) : unsetenv(names[j]), 0);
		assert_int_equal(rc_options_language(), cases[i].language);
	}
}

static void a_program_ends_with_its_verbs_status_or_with_2(void **state)
{
	char name[] = "prog", user[] = "user", add[] = "add", wang[] = "wang";
	char *good[] = {name, user, add, wang, NULL}, *bad[] = {name, wang, NULL};

	(void)state;
	assert_int_equal(rc_options_run(&program, 4, good), 8);
	assert_int_equal(rc_options_run(&program, 2, bad), 2);
}

static void a_verb_speaks_the_environments_language_and_a_service_english(void **state)
{
	static const struct rc_verb listeners[] = {
	    {"ask", {"ask", NULL}, NULL, 0, {NULL, 0, 0}, hear, false},
	    {"serve", {"serve", NULL}, NULL, 0, {NULL, 0, 0}, hear, true},
	};
	static const struct rc_program both = {"both", "1",       {"b", NULL}, NULL,
					       0,      listeners, 2,           NULL};
	char name[] = "both", ask[] = "ask", serve_word[] = "serve";
	char *asking[] = {name, ask, NULL}, *serving[] = {name, serve_word, NULL};

	(void)state;
	assert_int_equal(setenv("LC_ALL", "zh_CN.UTF-8", 1), 0);
	assert_int_equal(rc_options_run(&both, 2, asking), 0);
	assert_string_equal(heard, "--x 重复出现");
	assert_int_equal(rc_options_run(&both, 2, serving), 0);
	assert_string_equal(heard, "--x stands twice");
	assert_int_equal(setenv("LC_ALL", "C", 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_found_wherever_they_stand),
	    cmocka_unit_test(a_verb_may_have_two_words),
	    cmocka_unit_test(a_program_may_have_no_verbs),
	    cmocka_unit_test(a_wrong_line_is_told_what_is_wrong),
	    cmocka_unit_test(a_negative_number_is_a_value),
	    cmocka_unit_test(help_is_wanted_even_where_something_is_missing),
	    cmocka_unit_test(help_names_all_there_is_in_the_language),
	    cmocka_unit_test(a_manual_guards_what_means_something_to_mdoc),
	    cmocka_unit_test(the_language_is_that_of_the_first_variable_that_says_one),
	    cmocka_unit_test(a_program_ends_with_its_verbs_status_or_with_2),
	    cmocka_unit_test(a_verb_speaks_the_environments_language_and_a_service_english),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
