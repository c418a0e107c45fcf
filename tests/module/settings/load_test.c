/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/settings/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

static const struct rc_setting_key keys[] = {
    {"a", "x", RC_SETTING_INT, 0, 100, "1", NULL, false, "x", "x"},
    {"a", "y", RC_SETTING_INT, 0, 100, "1", NULL, false, "y", "y"},
};
static const struct rc_settings_table table = {keys, 2};

struct fixture {
	char folder[64];
	char conf[96];
	struct rc_settings_findings findings;
	struct rc_settings *settings;
};

static void path_of(const struct fixture *f, const char *name, char path[256])
{
	(void)snprintf(path, 256, "%s/%s", f->folder, name);
}

static void write_file(const struct fixture *f, const char *name, const char *content)
{
	char path[256];
	FILE *file;

	path_of(f, name, path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int open_folder(void **state)
{
	static struct fixture f;
	char path[256];

	memset(&f, 0, sizeof(f));
	(void)snprintf(f.folder, sizeof(f.folder), "/tmp/rollcall-settings-XXXXXX");
	if (!mkdtemp(f.folder))
		return -1;
	(void)snprintf(f.conf, sizeof(f.conf), "%s/test.conf", f.folder);
	path_of(&f, "test.conf.d", path);
	if (mkdir(path, 0700) != 0)
		return -1;
	rc_settings_findings_init(&f.findings);
	*state = &f;
	return 0;
}

static int close_folder(void **state)
{
	static const char *const names[] = {"test.conf.d/10-a.conf",
					    "test.conf.d/20-b.conf",
					    "test.conf.d/30-c.txt",
					    "test.conf.d/.40-d.conf",
					    "test.conf.d/50-pipe.conf",
					    "test.conf.d",
					    "test.conf"};
	struct fixture *f = *state;
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_of(f, names[i], path);
		(void)remove(path);
	}
	rc_settings_findings_deinit(&f->findings);
	rc_settings_free(f->settings);
	return rmdir(f->folder);
}

static void files_are_taken_in_the_order_of_their_names(void **state)
{
	struct fixture *f = *state;

	write_file(f, "test.conf.d/20-b.conf", "[a]\nx = 20\n");
	write_file(f, "test.conf.d/10-a.conf", "[a]\nx = 10\ny = 11\n");
	write_file(f, "test.conf", "[a]\nx = 2\n");
	write_file(f, "test.conf.d/30-c.txt", "[a]\nx = 30\n");
	write_file(f, "test.conf.d/.40-d.conf", "[a]\nx = 40\n");
	assert_int_equal(rc_settings_load(&table, f->conf, &f->settings, &f->findings), RC_OK);
	assert_int_equal(f->findings.warnings, 0);
	assert_int_equal(rc_settings_int(f->settings, "a", "x"), 20);
	assert_int_equal(rc_settings_int(f->settings, "a", "y"), 11);
	assert_non_null(
	    strstr(rc_settings_origin(f->settings, "a", "x"), "/test.conf.d/20-b.conf:2"));
}

static void a_missing_file_is_a_warning(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(rc_settings_load(&table, f->conf, &f->settings, &f->findings), RC_OK);
	assert_int_equal(f->findings.warnings, 1);
	assert_int_equal(rc_settings_int(f->settings, "a", "x"), 1);
}

static void a_fault_in_any_file_means_no_settings(void **state)
{
	struct fixture *f = *state;

	write_file(f, "test.conf", "[a]\nx = 200\n");
	write_file(f, "test.conf.d/10-a.conf", "[a]\nx = many\n");
	assert_int_equal(rc_settings_load(&table, f->conf, &f->settings, &f->findings), RC_EUSAGE);
	assert_null(f->settings);
	assert_int_equal(f->findings.errors, 2);
}

static void a_pipe_in_place_of_a_file_holds_nobody_up(void **state)
{
	struct fixture *f = *state;
	char path[256];

	write_file(f, "test.conf", "");
	path_of(f, "test.conf.d/50-pipe.conf", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(rc_settings_load(&table, f->conf, &f->settings, &f->findings), RC_EUSAGE);
	assert_non_null(strstr(rc_buf_text(&f->findings.text), "50-pipe.conf: error: is no file"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, open_folder, close_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(files_are_taken_in_the_order_of_their_names),
	    T(a_missing_file_is_a_warning),
	    T(a_fault_in_any_file_means_no_settings),
	    T(a_pipe_in_place_of_a_file_holds_nobody_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
