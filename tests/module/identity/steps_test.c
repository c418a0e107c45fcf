/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The power goes before each single step of a renewal: before each call to the system that changes anything, with what was written and
 * not synced gone. Afterwards the kiosk is the one it was or the one it became, whole, and the key that the server has heard of is there.
 *
 * The calls are caught by the linker (--wrap). A child process makes the renewal and dies at the n-th step; n counts up until it lives.
 */
#include "firmware/identity/identity.h"
#include "firmware/identity/pending.h"

#include "shared/crypto/certificate.h"
#include "tests/module/identity/made.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define URL          "https://rollcall.example:8443"
#define DIED         77
#define UNSYNCED_MAX 16

/* ---- the cut ---- */

static int steps_left = -1;        /* -1: no cut is planned */
static int unsynced[UNSYNCED_MAX]; /* descriptors of files that were written and not synced */
static int unsynced_count;

/* A file whose data never reached the disk is empty when the machine comes up again. */
static void lose_power(void)
{
	for (int i = 0; i < unsynced_count; i++) {
		if (ftruncate(unsynced[i], 0) != 0)
			_exit(1);
	}
	_exit(DIED);
}

static void step(void)
{
	if (steps_left > 0 && --steps_left == 0)
		lose_power();
}

static bool is_same_file(int a, int b)
{
	struct stat about_a, about_b;

	return fstat(a, &about_a) == 0 && fstat(b, &about_b) == 0 &&
	       about_a.st_dev == about_b.st_dev && about_a.st_ino == about_b.st_ino;
}

int __wrap_openat(int folder, const char *path, int flags, ...);
ssize_t __wrap_write(int fd, const void *data, size_t size);
int __wrap_fsync(int fd);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_rmdir(const char *path);
int __wrap_rename(const char *from, const char *to);
int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __wrap_renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags);
int __wrap_unlink(const char *path);
int __wrap_unlinkat(int folder, const char *path, int flags);
int __real_openat(int folder, const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *data, size_t size);
int __real_fsync(int fd);
int __real_mkdir(const char *path, mode_t mode);
int __real_rmdir(const char *path);
int __real_rename(const char *from, const char *to);
int __real_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __real_renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags);
int __real_unlink(const char *path);
int __real_unlinkat(int folder, const char *path, int flags);

int __wrap_openat(int folder, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list rest;

	if (flags & O_CREAT) {
		va_start(rest, flags);
		mode = (mode_t)va_arg(rest, int);
		va_end(rest);
		step();
	}
	return __real_openat(folder, path, flags, mode);
}

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
	step();
	if (steps_left > 0 && unsynced_count < UNSYNCED_MAX)
		unsynced[unsynced_count++] = dup(fd);
	return __real_write(fd, data, size);
}

int __wrap_fsync(int fd)
{
	step();
	for (int i = unsynced_count; i-- > 0;) {
		if (is_same_file(unsynced[i], fd)) {
			(void)close(unsynced[i]);
			unsynced[i] = unsynced[--unsynced_count];
		}
	}
	return __real_fsync(fd);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	step();
	return __real_mkdir(path, mode);
}

int __wrap_rmdir(const char *path)
{
	step();
	return __real_rmdir(path);
}

int __wrap_rename(const char *from, const char *to)
{
	step();
	return __real_rename(from, to);
}

int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	step();
	return __real_renameat(from_folder, from, to_folder, to);
}

int __wrap_renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
	step();
	return __real_renameat2(from_folder, from, to_folder, to, flags);
}

int __wrap_unlink(const char *path)
{
	step();
	return __real_unlink(path);
}

int __wrap_unlinkat(int folder, const char *path, int flags)
{
	step();
	return __real_unlinkat(folder, path, flags);
}

/* ---- a renewal ---- */

struct bench {
	char parent[64];
	char folder[96];
	struct rc_identity old;
	uint8_t purpose[RC_PENDING_PURPOSE_BYTES];
	int heard[2]; /* the keys that the server has heard of */
};

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct rc_certificate certificate;

	assert_non_null(bench);
	made_folder(bench->parent);
	(void)snprintf(bench->folder, sizeof(bench->folder), "%s/identity", bench->parent);
	made_identity(&bench->old, URL);
	assert_int_equal(
	    rc_certificate_read(rc_buf_bytes(&bench->old.certificate_der), &certificate, NULL), RC_OK);
	memcpy(bench->purpose, certificate.sha256, sizeof(bench->purpose));
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	rc_identity_deinit(&bench->old);
	made_folder_remove(bench->parent);
	free(bench);
	return 0;
}

static void public_of(struct rc_key *key, uint8_t der[RC_KEY_PUBLIC_DER_BYTES])
{
	RC_AUTO(rc_buf_deinit) struct rc_buf out;

	rc_buf_init(&out, RC_KEY_PUBLIC_DER_BYTES);
	assert_int_equal(rc_key_public_der(key, &out, NULL), RC_OK);
	assert_int_equal(out.size, RC_KEY_PUBLIC_DER_BYTES);
	memcpy(der, out.data, out.size);
}

/* As sync does it: the key is kept, the server hears of it, the identity is saved, the key that waited goes. */
static enum rc_status renew(const struct bench *bench, struct rc_error *err)
{
	struct rc_identity renewed;
	uint8_t heard[RC_KEY_PUBLIC_DER_BYTES];
	struct rc_key *key = NULL;
	enum rc_status status = rc_pending_key(bench->folder, bench->purpose, &key, err);

	if (status != RC_OK)
		return status;
	public_of(key, heard);
	if (__real_write(bench->heard[1], heard, sizeof(heard)) != (ssize_t)sizeof(heard))
		return RC_EIO;
	made_identity_for(&renewed, URL, &bench->old.kiosk, key);
	status = rc_identity_save(bench->folder, &renewed, err);
	if (status == RC_OK)
		rc_pending_drop(bench->folder);
	rc_identity_deinit(&renewed);
	return status;
}

/* Returns false once the child comes to the end. */
static bool dies_at(const struct bench *bench, int n)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		steps_left = n;
		_exit(renew(bench, NULL) == RC_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == DIED);
	return WEXITSTATUS(status) == DIED;
}

static bool is_the_old_one(const struct bench *bench, const struct rc_identity *identity)
{
	return rc_bytes_equal(rc_buf_bytes(&identity->certificate_der),
			      rc_buf_bytes(&bench->old.certificate_der));
}

/* The kiosk that comes up again is somebody, and what the server has heard can still be had. */
static void check(const struct bench *bench, int n, int *olds, int *news)
{
	uint8_t heard[RC_KEY_PUBLIC_DER_BYTES], kept[RC_KEY_PUBLIC_DER_BYTES];
	struct rc_identity found;
	struct rc_key *key;
	struct rc_error err = {.text = ""};
	bool has_sent = read(bench->heard[0], heard, sizeof(heard)) == (ssize_t)sizeof(heard);

	if (rc_identity_load(bench->folder, &found, &err) != RC_OK)
		fail_msg("step %d: %s", n, err.text);
	assert_true(rc_id_equal(&found.kiosk, &bench->old.kiosk));
	if (is_the_old_one(bench, &found)) {
		++*olds;
		assert_int_equal(rc_pending_key(bench->folder, bench->purpose, &key, &err), RC_OK);
		public_of(key, kept);
		rc_key_free(key);
		if (has_sent && memcmp(heard, kept, sizeof(heard)) != 0)
			fail_msg("step %d: the server has certified a key that is gone", n);
	} else {
		++*news;
		assert_true(has_sent);
		public_of(found.key, kept);
		assert_memory_equal(heard, kept, sizeof(heard));
	}
	rc_identity_deinit(&found);
}

static void begin_anew(const struct bench *bench)
{
	struct rc_error err = {.text = ""};

	rc_pending_drop(bench->folder);
	if (rc_identity_save(bench->folder, &bench->old, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static void a_power_cut_at_each_step_of_a_renewal_leaves_a_kiosk_that_can_go_on(void **state)
{
	struct bench *bench = *state;
	int olds = 0, news = 0, n = 1;
	bool has_died = true;

	while (has_died) {
		assert_int_equal(pipe2(bench->heard, O_NONBLOCK | O_CLOEXEC), 0);
		begin_anew(bench);
		has_died = dies_at(bench, n++);
		check(bench, n - 1, &olds, &news);
		(void)close(bench->heard[0]);
		(void)close(bench->heard[1]);
	}
	assert_true(olds > 10); /* the key, four files, the exchange … */
	assert_true(news > 4);  /* … and clearing away */
}

static void a_renewal_that_was_cut_anywhere_is_made_in_the_end(void **state)
{
	struct bench *bench = *state;
	bool has_died = true;

	for (int n = 1; has_died; n++) {
		struct rc_identity found;
		struct rc_error err = {.text = ""};

		assert_int_equal(pipe2(bench->heard, O_NONBLOCK | O_CLOEXEC), 0);
		begin_anew(bench);
		has_died = dies_at(bench, n);
		assert_int_equal(rc_identity_load(bench->folder, &found, &err), RC_OK);
		if (is_the_old_one(bench, &found) && renew(bench, &err) != RC_OK)
			fail_msg("step %d: %s", n, err.text);
		rc_identity_deinit(&found);
		assert_int_equal(rc_identity_load(bench->folder, &found, &err), RC_OK);
		assert_false(is_the_old_one(bench, &found));
		rc_identity_deinit(&found);
		(void)close(bench->heard[0]);
		(void)close(bench->heard[1]);
	}
}

/* ---- the key that waits ---- */

static void the_same_purpose_finds_the_same_key_and_another_makes_one(void **state)
{
	struct bench *bench = *state;
	uint8_t other[RC_PENDING_PURPOSE_BYTES] = {9}, first[RC_KEY_PUBLIC_DER_BYTES],
		again[RC_KEY_PUBLIC_DER_BYTES];
	struct rc_key *key;

	assert_int_equal(rc_pending_key(bench->folder, bench->purpose, &key, NULL), RC_OK);
	public_of(key, first);
	rc_key_free(key);
	assert_int_equal(rc_pending_key(bench->folder, bench->purpose, &key, NULL), RC_OK);
	public_of(key, again);
	rc_key_free(key);
	assert_memory_equal(first, again, sizeof(first));
	assert_int_equal(rc_pending_key(bench->folder, other, &key, NULL), RC_OK);
	public_of(key, again);
	rc_key_free(key);
	assert_memory_not_equal(first, again, sizeof(first));
}

static void a_damaged_key_that_waits_is_made_anew(void **state)
{
	static const char *const texts[] = {"", "{}", "{\"for\":\"00\"}", "no json"};
	struct bench *bench = *state;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s.pending", bench->folder);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct rc_key *key = NULL;
		FILE *file = fopen(path, "wb");

		assert_non_null(file);
		assert_true(fputs(texts[i], file) >= 0);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(chmod(path, 0600), 0);
		assert_int_equal(rc_pending_key(bench->folder, bench->purpose, &key, NULL), RC_OK);
		rc_key_free(key);
	}
}

static void nobody_else_can_read_the_key_that_waits(void **state)
{
	struct bench *bench = *state;
	struct stat about;
	struct rc_key *key;
	char path[128];

	(void)umask(0);
	assert_int_equal(rc_pending_key(bench->folder, bench->purpose, &key, NULL), RC_OK);
	rc_key_free(key);
	(void)snprintf(path, sizeof(path), "%s.pending", bench->folder);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	rc_pending_drop(bench->folder);
	assert_int_not_equal(stat(path, &about), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_power_cut_at_each_step_of_a_renewal_leaves_a_kiosk_that_can_go_on),
	    TEST(a_renewal_that_was_cut_anywhere_is_made_in_the_end),
	    TEST(the_same_purpose_finds_the_same_key_and_another_makes_one),
	    TEST(a_damaged_key_that_waits_is_made_anew),
	    TEST(nobody_else_can_read_the_key_that_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
