/* SPDX-License-Identifier: Apache-2.0 */
#include "server/auth/secrets.h"

#include "shared/base/timestamp.h"
#include "shared/crypto/certificate.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct bench {
	char parent[64];
	char folder[80];
};

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	(void)snprintf(bench->parent, sizeof(bench->parent), "/tmp/rollcall-secrets-XXXXXX");
	assert_non_null(mkdtemp(bench->parent));
	(void)snprintf(bench->folder, sizeof(bench->folder), "%s/secrets", bench->parent);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;
	char path[400];
	DIR *folder = opendir(bench->folder);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		(void)snprintf(path, sizeof(path), "%s/%s", bench->folder, entry->d_name);
		(void)unlink(path);
	}
	if (folder)
		(void)closedir(folder);
	(void)rmdir(bench->folder);
	assert_int_equal(rmdir(bench->parent), 0);
	free(bench);
	return 0;
}

static const char *path_of(const struct bench *bench, const char *name)
{
	static char path[160];

	(void)snprintf(path, sizeof(path), "%s/%s", bench->folder, name);
	return path;
}

static void create(const struct bench *bench)
{
	struct rc_error err = {.text = ""};

	if (rc_secrets_create(bench->folder, "rollcall CA", &err) != RC_OK)
		fail_msg("%s", err.text);
}

static void load(const struct bench *bench, struct rc_secrets *secrets)
{
	struct rc_error err = {.text = ""};

	if (rc_secrets_load(bench->folder, secrets, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static enum rc_status try_load(const struct bench *bench, struct rc_error *err)
{
	struct rc_secrets secrets;
	enum rc_status status = rc_secrets_load(bench->folder, &secrets, err);

	if (status == RC_OK)
		rc_secrets_deinit(&secrets);
	return status;
}

static size_t slurp(const char *path, char *bytes, size_t max)
{
	FILE *file = fopen(path, "rb");
	size_t size;

	assert_non_null(file);
	size = fread(bytes, 1, max, file);
	(void)fclose(file);
	return size;
}

static void spill(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void what_was_created_is_loaded(void **state)
{
	struct bench *bench = *state;
	struct rc_secrets secrets, again;
	struct rc_certificate ca;
	struct rc_error err = {.text = ""};

	create(bench);
	load(bench, &secrets);
	load(bench, &again);
	assert_non_null(secrets.ca_key);
	assert_memory_equal(secrets.fingerprint, again.fingerprint, sizeof(secrets.fingerprint));
	assert_memory_equal(secrets.key, again.key, sizeof(secrets.key));
	assert_int_equal(rc_certificate_read(rc_buf_bytes(&secrets.ca_der), &ca, &err), RC_OK);
	assert_string_equal(ca.common_name, "rollcall CA");
	assert_int_equal(ca.validity.not_before_ms, INT64_C(1577836800000)); /* 2020-01-01 */
	assert_true(ca.validity.not_after_ms - ca.validity.not_before_ms > 29 * 365 * RC_DAY_MS);
	rc_secrets_deinit(&secrets);
	rc_secrets_deinit(&again);
}

static void nobody_else_can_read_the_keys(void **state)
{
	struct bench *bench = *state;
	struct stat about;

	(void)umask(0);
	create(bench);
	assert_int_equal(stat(bench->folder, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0700);
	assert_int_equal(stat(path_of(bench, "secrets.key"), &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_int_equal(stat(path_of(bench, "ca.key"), &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_int_equal(stat(path_of(bench, "seal.key"), &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
}

static void keys_that_others_can_read_are_refused(void **state)
{
	struct bench *bench = *state;
	struct rc_error err;

	create(bench);
	assert_int_equal(chmod(path_of(bench, "secrets.key"), 0640), 0);
	assert_int_equal(try_load(bench, &err), RC_EDENIED);
	assert_non_null(strstr(err.text, "chmod 600"));
	assert_int_equal(chmod(path_of(bench, "secrets.key"), 0600), 0);
	assert_int_equal(chmod(path_of(bench, "ca.key"), 0604), 0);
	assert_int_equal(try_load(bench, &err), RC_EDENIED);
	assert_int_equal(chmod(path_of(bench, "ca.key"), 0600), 0);
	assert_int_equal(chmod(path_of(bench, "seal.key"), 0640), 0);
	assert_int_equal(try_load(bench, &err), RC_EDENIED);
	assert_non_null(strstr(err.text, "seal.key"));
}

static void secrets_are_never_overwritten(void **state)
{
	struct bench *bench = *state;
	struct rc_secrets before, after;
	struct rc_error err;

	create(bench);
	load(bench, &before);
	assert_int_equal(rc_secrets_create(bench->folder, "another", &err), RC_ECONFLICT);
	load(bench, &after);
	assert_memory_equal(before.key, after.key, sizeof(before.key));
	assert_true(rc_bytes_equal(rc_buf_bytes(&before.ca_der), rc_buf_bytes(&after.ca_der)));
	rc_secrets_deinit(&before);
	rc_secrets_deinit(&after);
}

static void a_node_that_doesnt_sign_is_given_no_other_ca(void **state)
{
	struct bench *bench = *state;
	struct rc_secrets secrets;
	struct rc_error err;

	create(bench);
	assert_int_equal(unlink(path_of(bench, "ca.key")), 0);
	assert_int_equal(rc_secrets_create(bench->folder, "another", &err), RC_ECONFLICT);
	assert_int_not_equal(access(path_of(bench, "ca.key"), F_OK), 0);
	load(bench, &secrets);
	assert_null(secrets.ca_key);
	rc_secrets_deinit(&secrets);
}

static void point_of(const struct rc_secrets *secrets, uint8_t point[RC_KEY_POINT_BYTES])
{
	assert_non_null(secrets->seal_key);
	assert_int_equal(rc_key_public_point(secrets->seal_key, point, NULL), RC_OK);
}

static void a_folder_of_an_older_version_gets_a_seal_key_once(void **state)
{
	struct bench *bench = *state;
	uint8_t made[RC_KEY_POINT_BYTES], again[RC_KEY_POINT_BYTES];
	struct rc_secrets secrets, late;
	struct rc_error err = {.text = ""};

	create(bench);
	assert_int_equal(unlink(path_of(bench, "seal.key")), 0);
	load(bench, &secrets);
	load(bench, &late);
	assert_null(secrets.seal_key);
	assert_int_equal(rc_secrets_complete(bench->folder, &secrets, &err), RC_OK);
	point_of(&secrets, made);
	assert_int_equal(rc_secrets_complete(bench->folder, &secrets, &err), RC_OK);
	/* Another process that saw none comes to the same one. */
	assert_int_equal(rc_secrets_complete(bench->folder, &late, &err), RC_OK);
	point_of(&late, again);
	assert_memory_equal(made, again, sizeof(made));
	rc_secrets_deinit(&late);
	load(bench, &late);
	point_of(&late, again);
	assert_memory_equal(made, again, sizeof(made));
	rc_secrets_deinit(&late);
	rc_secrets_deinit(&secrets);
}

static void a_damaged_seal_key_is_not_replaced(void **state)
{
	struct bench *bench = *state;
	struct rc_error err;

	create(bench);
	spill(path_of(bench, "seal.key"), "-----BEGIN", 10);
	assert_int_equal(try_load(bench, &err), RC_EFORMAT);
	assert_non_null(strstr(err.text, "seal.key"));
}

static void a_key_of_another_ca_is_refused(void **state)
{
	struct bench *bench = *state;
	char pem[4096];
	struct rc_error err = {.text = ""};
	RC_AUTO(rc_key_free_p) struct rc_key *key = NULL;
	struct rc_buf other;

	create(bench);
	rc_buf_init(&other, sizeof(pem));
	assert_int_equal(rc_key_new(&key, &err), RC_OK);
	assert_int_equal(rc_key_save_pem(key, &other, &err), RC_OK);
	spill(path_of(bench, "ca.key"), other.data, other.size);
	assert_int_equal(chmod(path_of(bench, "ca.key"), 0600), 0);
	assert_int_equal(try_load(bench, &err), RC_EFORMAT);
	assert_non_null(strstr(err.text, "ca.key"));
	rc_buf_deinit(&other);
}

static void a_missing_folder_or_key_is_said(void **state)
{
	struct bench *bench = *state;
	struct rc_error err;

	assert_int_equal(try_load(bench, &err), RC_ENOTFOUND);
	assert_non_null(strstr(err.text, bench->folder));
	create(bench);
	assert_int_equal(unlink(path_of(bench, "secrets.key")), 0);
	assert_int_equal(try_load(bench, &err), RC_ENOTFOUND);
	assert_non_null(strstr(err.text, "secrets.key"));
}

static void a_key_of_another_length_is_damage(void **state)
{
	struct bench *bench = *state;
	char bytes[64] = {0};
	struct rc_error err;
	static const size_t sizes[] = {0, 31, 33, 34, 64};

	create(bench);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		spill(path_of(bench, "secrets.key"), bytes, sizes[i]);
		assert_int_equal(try_load(bench, &err), RC_EFORMAT);
	}
}

static void a_damaged_ca_key_is_not_passed_over(void **state)
{
	struct bench *bench = *state;
	char pem[4096];
	struct rc_error err;
	size_t size;

	create(bench);
	size = slurp(path_of(bench, "ca.key"), pem, sizeof(pem));
	spill(path_of(bench, "ca.key"), pem, size / 2);
	assert_int_not_equal(try_load(bench, &err), RC_OK);
}

static void a_link_in_place_of_a_key_is_not_followed(void **state)
{
	struct bench *bench = *state;
	char kept[160];
	struct rc_error err;

	create(bench);
	(void)snprintf(kept, sizeof(kept), "%s", path_of(bench, "kept"));
	assert_int_equal(rename(path_of(bench, "secrets.key"), kept), 0);
	assert_int_equal(symlink(kept, path_of(bench, "secrets.key")), 0);
	assert_int_not_equal(try_load(bench, &err), RC_OK);
}

static void a_sealed_value_opens_in_its_own_place_alone(void **state)
{
	struct bench *bench = *state;
	struct rc_id row = rc_id_new(), other = rc_id_new();
	struct rc_secrets secrets;
	struct rc_error err = {.text = ""};
	struct rc_buf sealed, plain;

	create(bench);
	load(bench, &secrets);
	rc_buf_init(&sealed, 1024);
	rc_buf_init(&plain, 1024);
	assert_int_equal(
	    rc_secrets_seal(&secrets, "badge", &row, rc_bytes_of_text("RC1:SECRET"), &sealed, &err),
	    RC_OK);
	assert_null(memmem(sealed.data, sealed.size, "SECRET", 6));
	assert_int_equal(rc_secrets_open(&secrets, "badge", &row, rc_buf_bytes(&sealed), &plain, &err),
			 RC_OK);
	assert_string_equal(rc_buf_text(&plain), "RC1:SECRET");
	rc_buf_clear(&plain);
	assert_int_equal(rc_secrets_open(&secrets, "badge", &other, rc_buf_bytes(&sealed), &plain, &err),
			 RC_EDENIED);
	assert_int_equal(rc_secrets_open(&secrets, "person", &row, rc_buf_bytes(&sealed), &plain, &err),
			 RC_EDENIED);
	sealed.data[sealed.size - 1] ^= 1;
	assert_int_equal(rc_secrets_open(&secrets, "badge", &row, rc_buf_bytes(&sealed), &plain, &err),
			 RC_EDENIED);
	assert_int_equal(plain.size, 0);
	rc_buf_deinit(&sealed);
	rc_buf_deinit(&plain);
	rc_secrets_deinit(&secrets);
}

static void a_name_that_no_certificate_bears_is_refused(void **state)
{
	struct bench *bench = *state;
	struct rc_error err;

	assert_int_equal(rc_secrets_create(bench->folder, "示范公司", &err), RC_EUSAGE);
	assert_int_equal(rc_secrets_create(bench->folder, "", &err), RC_EUSAGE);
	create(bench); /* nothing of it is in the way */
}

static void deinit_leaves_no_key_behind(void **state)
{
	struct bench *bench = *state;
	static const uint8_t zeros[RC_SECRETS_KEY_BYTES];
	struct rc_secrets secrets;

	create(bench);
	load(bench, &secrets);
	assert_memory_not_equal(secrets.key, zeros, sizeof(zeros));
	rc_secrets_deinit(&secrets);
	assert_memory_equal(secrets.key, zeros, sizeof(zeros));
	assert_null(secrets.ca_key);
	assert_null(secrets.seal_key);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_was_created_is_loaded),
	    TEST(nobody_else_can_read_the_keys),
	    TEST(keys_that_others_can_read_are_refused),
	    TEST(secrets_are_never_overwritten),
	    TEST(a_node_that_doesnt_sign_is_given_no_other_ca),
	    TEST(a_folder_of_an_older_version_gets_a_seal_key_once),
	    TEST(a_damaged_seal_key_is_not_replaced),
	    TEST(a_key_of_another_ca_is_refused),
	    TEST(a_missing_folder_or_key_is_said),
	    TEST(a_key_of_another_length_is_damage),
	    TEST(a_damaged_ca_key_is_not_passed_over),
	    TEST(a_link_in_place_of_a_key_is_not_followed),
	    TEST(a_sealed_value_opens_in_its_own_place_alone),
	    TEST(a_name_that_no_certificate_bears_is_refused),
	    TEST(deinit_leaves_no_key_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
