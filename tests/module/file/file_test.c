/* SPDX-License-Identifier: Apache-2.0 */
/* Small files on a real disk. */
#include "shared/file/file.h"
#include "tests/sim/folder/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct bench {
	char path[64];
	int folder;
	char memory[64]; /* what was read */
	struct rc_buf bytes;
	struct rc_error err;
};

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	rc_sim_folder_make(NULL, "file", bench->path);
	bench->folder = open(bench->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(bench->folder >= 0);
	rc_buf_init_fixed(&bench->bytes, bench->memory, sizeof(bench->memory));
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	(void)close(bench->folder);
	rc_sim_folder_remove(bench->path);
	free(bench);
	return 0;
}

static void must(struct bench *bench, enum rc_status status)
{
	if (status != RC_OK)
		fail_msg("%s: %s", rc_status_text(status), bench->err.text);
}

static enum rc_status create(struct bench *bench, const char *name, const char *text)
{
	return rc_file_create(bench->folder, name, 0600, rc_bytes_of_text(text), &bench->err);
}

static enum rc_status replace(struct bench *bench, const char *name, const char *text)
{
	return rc_file_replace(bench->folder, name, 0640, rc_bytes_of_text(text), &bench->err);
}

static void assert_content(struct bench *bench, const char *name, const char *text)
{
	rc_buf_clear(&bench->bytes);
	must(bench, rc_file_read(bench->folder, name, &bench->bytes, &bench->err));
	assert_string_equal(rc_buf_text(&bench->bytes), text);
}

static int count_files(const struct bench *bench)
{
	DIR *folder = opendir(bench->path);
	const struct dirent *entry;
	int count = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)))
		count += entry->d_name[0] != '.';
	(void)closedir(folder);
	return count;
}

static void what_was_made_is_read_whole(void **state)
{
	struct bench *bench = *state;

	must(bench, create(bench, "a", "some text"));
	assert_content(bench, "a", "some text");
	must(bench, create(bench, "empty", ""));
	assert_content(bench, "empty", "");
}

static void what_is_read_stands_behind_what_was_there(void **state)
{
	struct bench *bench = *state;

	must(bench, create(bench, "a", "behind"));
	rc_buf_append_text(&bench->bytes, "before ");
	must(bench, rc_file_read(bench->folder, "a", &bench->bytes, &bench->err));
	assert_string_equal(rc_buf_text(&bench->bytes), "before behind");
}

static void a_file_that_fills_the_buffer_fits_and_one_byte_more_does_not(void **state)
{
	struct bench *bench = *state;
	char text[sizeof(bench->memory) + 1];

	memset(text, 'x', sizeof(text));
	text[sizeof(bench->memory)] = '\0';
	must(bench, create(bench, "more", text));
	text[sizeof(bench->memory) - 1] = '\0';
	must(bench, create(bench, "full", text));
	assert_content(bench, "full", text);
	rc_buf_clear(&bench->bytes);
	assert_int_equal(rc_file_read(bench->folder, "more", &bench->bytes, &bench->err), RC_ELIMIT);
	assert_non_null(strstr(bench->err.text, "more: "));
}

static void links_pipes_folders_and_nothing_are_no_files(void **state)
{
	struct bench *bench = *state;

	must(bench, create(bench, "a", "text"));
	assert_int_equal(symlinkat("a", bench->folder, "link"), 0);
	assert_int_equal(mkfifoat(bench->folder, "pipe", 0600), 0); /* and nobody writes into it */
	assert_int_equal(mkdirat(bench->folder, "folder", 0700), 0);
	assert_int_equal(rc_file_read(bench->folder, "link", &bench->bytes, &bench->err), RC_EFORMAT);
	assert_int_equal(rc_file_read(bench->folder, "pipe", &bench->bytes, &bench->err), RC_EFORMAT);
	assert_int_equal(rc_file_read(bench->folder, "folder", &bench->bytes, &bench->err), RC_EFORMAT);
	assert_int_equal(rc_file_read(bench->folder, "none", &bench->bytes, &bench->err), RC_ENOTFOUND);
	assert_int_equal(bench->bytes.size, 0);
}

static void a_secret_that_others_have_a_right_to_is_refused(void **state)
{
	static const mode_t modes[] = {0640, 0604, 0610, 0620};
	struct bench *bench = *state;

	must(bench, create(bench, "key", "secret"));
	must(bench, rc_file_read_secret(bench->folder, "key", &bench->bytes, &bench->err));
	assert_string_equal(rc_buf_text(&bench->bytes), "secret");
	rc_buf_clear(&bench->bytes);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(fchmodat(bench->folder, "key", modes[i], 0), 0);
		assert_int_equal(rc_file_read_secret(bench->folder, "key", &bench->bytes, &bench->err),
				 RC_EDENIED);
		assert_int_equal(bench->bytes.size, 0);
	}
}

static void what_is_there_is_not_made_again(void **state)
{
	struct bench *bench = *state;

	must(bench, create(bench, "a", "old"));
	assert_int_equal(create(bench, "a", "new"), RC_ECONFLICT);
	assert_content(bench, "a", "old");
}

static void a_replaced_file_is_the_new_one_and_nothing_is_left_beside_it(void **state)
{
	struct bench *bench = *state;
	struct stat about;

	must(bench, replace(bench, "a", "one"));
	must(bench, replace(bench, "a", "two"));
	assert_content(bench, "a", "two");
	assert_int_equal(count_files(bench), 1);
	assert_int_equal(fstatat(bench->folder, "a", &about, 0), 0);
	assert_int_equal(about.st_mode & 0777, 0640);
}

static void what_a_power_cut_left_beside_it_does_not_matter(void **state)
{
	struct bench *bench = *state;

	must(bench, create(bench, "a", "old"));
	must(bench, create(bench, "a.next", "half of someth"));
	must(bench, replace(bench, "a", "new"));
	assert_content(bench, "a", "new");
	assert_int_equal(count_files(bench), 1);
}

static void a_link_in_its_place_is_replaced_and_not_followed(void **state)
{
	struct bench *bench = *state;

	must(bench, create(bench, "target", "theirs"));
	assert_int_equal(symlinkat("target", bench->folder, "a"), 0);
	must(bench, replace(bench, "a", "ours"));
	assert_content(bench, "target", "theirs");
	assert_content(bench, "a", "ours");
}

static void a_path_does_as_well_as_a_name(void **state)
{
	struct bench *bench = *state;
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/a", bench->path);
	must(bench, rc_file_replace(AT_FDCWD, path, 0600, rc_bytes_of_text("text"), &bench->err));
	assert_content(bench, "a", "text");
	must(bench, rc_file_sync_folder(bench->path, &bench->err));
	assert_int_equal(rc_file_sync_folder("/nowhere/at/all", &bench->err), RC_ENOTFOUND);
	assert_int_equal(rc_file_replace(AT_FDCWD, "/nowhere/at/all", 0600, rc_bytes_of_text("x"), NULL),
			 RC_ENOTFOUND);
}

/* In a process of its own, for its limit on the size of files stays. */
static void a_write_that_fails_leaves_the_old_one_and_no_half(void **state)
{
	struct bench *bench = *state;
	int ended = 0;
	pid_t child;

	must(bench, create(bench, "a", "old"));
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		const struct rlimit limit = {.rlim_cur = 4, .rlim_max = 4};

		(void)signal(SIGXFSZ, SIG_IGN);
		_exit(setrlimit(RLIMIT_FSIZE, &limit) != 0 ? 99 : (int)replace(bench, "a", "longer"));
	}
	assert_int_equal(waitpid(child, &ended, 0), child);
	assert_int_equal(WEXITSTATUS(ended), RC_EIO);
	assert_content(bench, "a", "old");
	assert_int_equal(count_files(bench), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(what_was_made_is_read_whole),
	    TEST(what_is_read_stands_behind_what_was_there),
	    TEST(a_file_that_fills_the_buffer_fits_and_one_byte_more_does_not),
	    TEST(links_pipes_folders_and_nothing_are_no_files),
	    TEST(a_secret_that_others_have_a_right_to_is_refused),
	    TEST(what_is_there_is_not_made_again),
	    TEST(a_replaced_file_is_the_new_one_and_nothing_is_left_beside_it),
	    TEST(what_a_power_cut_left_beside_it_does_not_matter),
	    TEST(a_link_in_its_place_is_replaced_and_not_followed),
	    TEST(a_path_does_as_well_as_a_name),
	    TEST(a_write_that_fails_leaves_the_old_one_and_no_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
