/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/identity/identity.h"

#include "tests/module/identity/made.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define URL "https://rollcall.example:8443"

struct bench {
	char parent[64];
	char folder[96];
};

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	made_folder(bench->parent);
	(void)snprintf(bench->folder, sizeof(bench->folder), "%s/identity", bench->parent);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	made_folder_remove(bench->parent);
	free(bench);
	return 0;
}

static void save(const struct bench *bench, const struct rc_identity *identity)
{
	struct rc_error err = {.text = ""};

	if (rc_identity_save(bench->folder, identity, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static enum rc_status try_load(const struct bench *bench, struct rc_error *err)
{
	struct rc_identity identity;
	enum rc_status status = rc_identity_load(bench->folder, &identity, err);

	if (status == RC_OK)
		rc_identity_deinit(&identity);
	return status;
}

static const char *path_of(const struct bench *bench, const char *name)
{
	static char path[160];

	(void)snprintf(path, sizeof(path), "%s/%s", bench->folder, name);
	return path;
}

static void spill(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
}

static void what_was_saved_is_loaded(void **state)
{
	struct bench *bench = *state;
	struct rc_identity saved, loaded;
	struct rc_error err = {.text = ""};

	made_identity(&saved, URL);
	save(bench, &saved);
	assert_int_equal(rc_identity_load(bench->folder, &loaded, &err), RC_OK);
	assert_true(rc_id_equal(&saved.kiosk, &loaded.kiosk));
	assert_true(rc_id_equal(&saved.organisation, &loaded.organisation));
	assert_true(rc_id_equal(&saved.room, &loaded.room));
	assert_string_equal(saved.site, loaded.site);
	assert_string_equal(loaded.url, URL);
	assert_int_equal(loaded.issued_ms, saved.issued_ms);
	assert_true(rc_bytes_equal(rc_buf_bytes(&saved.certificate_der),
				   rc_buf_bytes(&loaded.certificate_der)));
	assert_true(rc_bytes_equal(rc_buf_bytes(&saved.ca_pem), rc_buf_bytes(&loaded.ca_pem)));
	rc_identity_deinit(&saved);
	rc_identity_deinit(&loaded);
}

static void a_kiosk_that_was_never_enrolled_says_so(void **state)
{
	struct bench *bench = *state;
	struct rc_error err;

	assert_int_equal(try_load(bench, &err), RC_ENOTFOUND);
}

static void another_identity_takes_the_place_of_the_old_one_whole(void **state)
{
	struct bench *bench = *state;
	struct rc_identity first, second, loaded;
	char leftover[128];
	struct rc_error err = {.text = ""};

	made_identity(&first, URL);
	made_identity(&second, "https://other.example:1");
	save(bench, &first);
	save(bench, &second);
	assert_int_equal(rc_identity_load(bench->folder, &loaded, &err), RC_OK);
	assert_true(rc_id_equal(&second.kiosk, &loaded.kiosk));
	(void)snprintf(leftover, sizeof(leftover), "%s.new", bench->folder);
	assert_int_not_equal(access(leftover, F_OK), 0); /* the old key isn't kept */
	rc_identity_deinit(&first);
	rc_identity_deinit(&second);
	rc_identity_deinit(&loaded);
}

static void nobody_else_can_read_the_key(void **state)
{
	struct bench *bench = *state;
	struct rc_identity saved;
	struct stat about;

	(void)umask(0);
	made_identity(&saved, URL);
	save(bench, &saved);
	assert_int_equal(stat(path_of(bench, "key.pem"), &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_int_equal(stat(bench->folder, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0700);
	rc_identity_deinit(&saved);
}

static void a_key_that_others_can_read_is_refused(void **state)
{
	struct bench *bench = *state;
	static const mode_t modes[] = {0640, 0604, 0620, 0601};
	struct rc_identity saved;
	struct rc_error err;

	made_identity(&saved, URL);
	save(bench, &saved);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(path_of(bench, "key.pem"), modes[i]), 0);
		assert_int_equal(try_load(bench, &err), RC_EDENIED);
		assert_non_null(strstr(err.text, "chmod 600"));
	}
	assert_int_equal(chmod(path_of(bench, "key.pem"), 0600), 0);
	assert_int_equal(try_load(bench, &err), RC_OK);
	rc_identity_deinit(&saved);
}

static void a_link_in_place_of_the_key_is_not_followed(void **state)
{
	struct bench *bench = *state;
	struct rc_identity saved;
	char kept[128];
	struct rc_error err;

	made_identity(&saved, URL);
	save(bench, &saved);
	(void)snprintf(kept, sizeof(kept), "%s/kept", bench->parent);
	assert_int_equal(rename(path_of(bench, "key.pem"), kept), 0);
	assert_int_equal(symlink(kept, path_of(bench, "key.pem")), 0);
	assert_int_not_equal(try_load(bench, &err), RC_OK);
	rc_identity_deinit(&saved);
}

static void a_key_of_another_certificate_is_refused(void **state)
{
	struct bench *bench = *state;
	struct rc_identity saved, other;
	struct rc_key *key;
	struct rc_error err;

	made_identity(&saved, URL);
	made_identity(&other, URL);
	key = saved.key;
	saved.key = other.key;
	save(bench, &saved);
	saved.key = key;
	assert_int_equal(try_load(bench, &err), RC_EDENIED);
	rc_identity_deinit(&saved);
	rc_identity_deinit(&other);
}

static void a_missing_file_is_damage_and_not_a_new_kiosk(void **state)
{
	static const char *const names[] = {"identity.json", "key.pem", "certificate.der", "ca.pem"};
	struct bench *bench = *state;
	struct rc_identity saved;
	struct rc_error err;

	made_identity(&saved, URL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		save(bench, &saved);
		assert_int_equal(unlink(path_of(bench, names[i])), 0);
		assert_int_equal(try_load(bench, &err), RC_EFORMAT);
		assert_non_null(strstr(err.text, names[i]));
	}
	rc_identity_deinit(&saved);
}

static void damaged_files_are_refused(void **state)
{
	static const struct {
		const char *name, *text;
	} files[] = {
	    {"identity.json", ""},
	    {"identity.json", "{\"kiosk\":\"no id\"}"},
	    {"key.pem", "-----BEGIN PRIVATE KEY-----\n"},
	    {"certificate.der", "x"},
	    {"ca.pem", ""}, /* or every CA of the system would be trusted in its place */
	    {"ca.pem", "no certificate in here\n"},
	};
	struct bench *bench = *state;
	struct rc_identity saved;
	struct rc_error err;

	made_identity(&saved, URL);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		save(bench, &saved);
		spill(path_of(bench, files[i].name), files[i].text);
		assert_int_equal(chmod(path_of(bench, files[i].name), 0600), 0);
		if (try_load(bench, &err) == RC_OK)
			fail_msg("%s with \"%s\" was taken", files[i].name, files[i].text);
	}
	rc_identity_deinit(&saved);
}

static void a_url_that_is_no_server_of_ours_is_refused(void **state)
{
	static const char *const urls[] = {"http://rollcall.example:8443",
					   "https://rollcall.example:8443/path",
					   "file:///etc/passwd#:8443", ""};
	struct bench *bench = *state;
	struct rc_identity saved;
	struct rc_error err;

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		made_identity(&saved, urls[i]);
		save(bench, &saved);
		assert_int_equal(try_load(bench, &err), RC_EFORMAT);
		rc_identity_deinit(&saved);
	}
}

static void what_a_cut_left_behind_is_no_hindrance(void **state)
{
	struct bench *bench = *state;
	struct rc_identity saved;
	char leftover[128];
	struct rc_error err;

	made_identity(&saved, URL);
	(void)snprintf(leftover, sizeof(leftover), "%s.new", bench->folder);
	assert_int_equal(mkdir(leftover, 0700), 0);
	(void)snprintf(leftover, sizeof(leftover), "%s.new/key.pem", bench->folder);
	spill(leftover, "half a k");
	save(bench, &saved);
	assert_int_equal(try_load(bench, &err), RC_OK);
	rc_identity_deinit(&saved);
}

static void a_folder_that_cant_be_made_is_an_error_and_keeps_the_old_one(void **state)
{
	struct bench *bench = *state;
	struct rc_identity saved;
	char leftover[128];
	struct rc_error err;

	made_identity(&saved, URL);
	save(bench, &saved);
	(void)snprintf(leftover, sizeof(leftover), "%s.new", bench->folder);
	spill(leftover, "a file where the folder should be");
	assert_int_not_equal(rc_identity_save(bench->folder, &saved, &err), RC_OK);
	assert_int_equal(try_load(bench, &err), RC_OK);
	rc_identity_deinit(&saved);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_was_saved_is_loaded),
	    TEST(a_kiosk_that_was_never_enrolled_says_so),
	    TEST(another_identity_takes_the_place_of_the_old_one_whole),
	    TEST(nobody_else_can_read_the_key),
	    TEST(a_key_that_others_can_read_is_refused),
	    TEST(a_link_in_place_of_the_key_is_not_followed),
	    TEST(a_key_of_another_certificate_is_refused),
	    TEST(a_missing_file_is_damage_and_not_a_new_kiosk),
	    TEST(damaged_files_are_refused),
	    TEST(a_url_that_is_no_server_of_ours_is_refused),
	    TEST(what_a_cut_left_behind_is_no_hindrance),
	    TEST(a_folder_that_cant_be_made_is_an_error_and_keeps_the_old_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
