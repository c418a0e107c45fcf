/* SPDX-License-Identifier: Apache-2.0 */
/* A copy is one moment of the database, whatever is written meanwhile; what isn't whole is refused. */
#include "tests/module/db/bench.h"
#include "tests/module/db_sql/statements.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char path[128];
	char url[144];
};

static struct place place_in(const struct bench *bench, const char *name)
{
	struct place place;

	(void)snprintf(place.path, sizeof(place.path), "%s/%s", bench->folder, name);
	(void)snprintf(place.url, sizeof(place.url), "sqlite:%s", place.path);
	return place;
}

static int64_t count_in(const struct place *place)
{
	struct rc_error err = {.text = ""};
	int64_t count = -1;

	bench_expect(rc_db_examine(place->url, count_items, &count, &err), RC_OK, &err);
	return count;
}

static void forget(const struct place *place)
{
	assert_int_equal(unlink(place->path), 0);
}

static void a_copy_holds_what_was_committed_and_nothing_that_came_later(void **state)
{
	const struct bench *bench = *state;
	const struct place copy = place_in(bench, "copy.db");
	struct rc_error err = {.text = ""};
	struct stat about;

	bench_insert(bench->db, "before", 1); /* in the log of changes, not in the database's file */
	bench_expect(rc_db_copy(bench->url, copy.path, &err), RC_OK, &err);
	bench_insert(bench->db, "after", 2);
	assert_int_equal(count_in(&copy), 1);
	assert_int_equal(stat(copy.path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0600);
	assert_int_equal(bench_count(bench->db), 2);
	forget(&copy);
}

static void a_copy_doesnt_wait_for_the_writer_nor_take_half_of_what_it_does(void **state)
{
	const struct bench *bench = *state;
	const struct place copy = place_in(bench, "copy.db");
	struct rc_error err = {.text = ""};
	struct gate gate;

	bench_insert(bench->db, "whole", 1);
	gate_close(&gate, bench->db, "half");
	bench_expect(rc_db_copy(bench->url, copy.path, &err), RC_OK, &err);
	gate_open(&gate);
	assert_int_equal(count_in(&copy), 1);
	assert_int_equal(bench_count(bench->db), 2);
	forget(&copy);
}

static void a_copy_is_one_file_and_needs_no_other(void **state)
{
	const struct bench *bench = *state;
	const struct place copy = place_in(bench, "copy.db");
	struct rc_error err = {.text = ""};
	char beside[160];

	bench_insert(bench->db, "one", 1);
	bench_expect(rc_db_copy(bench->url, copy.path, &err), RC_OK, &err);
	assert_int_equal(count_in(&copy), 1);
	(void)snprintf(beside, sizeof(beside), "%s-wal", copy.path);
	assert_int_not_equal(access(beside, F_OK), 0);
	(void)snprintf(beside, sizeof(beside), "%s-shm", copy.path);
	assert_int_not_equal(access(beside, F_OK), 0);
	forget(&copy);
}

static void a_file_that_is_there_is_never_overwritten(void **state)
{
	const struct bench *bench = *state;
	const struct place copy = place_in(bench, "copy.db");
	struct rc_error err = {.text = ""};

	bench_insert(bench->db, "one", 1);
	bench_expect(rc_db_copy(bench->url, copy.path, &err), RC_OK, &err);
	bench_insert(bench->db, "two", 2);
	bench_expect(rc_db_copy(bench->url, copy.path, &err), RC_ECONFLICT, &err);
	assert_int_equal(count_in(&copy), 1);
	forget(&copy);
}

static void a_database_that_isnt_there_is_not_made(void **state)
{
	const struct bench *bench = *state;
	const struct place none = place_in(bench, "none.db");
	const struct place copy = place_in(bench, "copy.db");
	struct rc_error err = {.text = ""};

	assert_int_not_equal(rc_db_copy(none.url, copy.path, &err), RC_OK);
	assert_int_not_equal(access(none.path, F_OK), 0);
	assert_int_not_equal(access(copy.path, F_OK), 0);
	assert_int_not_equal(rc_db_copy("nosql:x", copy.path, &err), RC_OK);
}

/* Pages in the middle, so that the file still opens. */
static void damage(const struct place *place)
{
	char noise[3000];
	const int fd = open(place->path, O_RDWR | O_CLOEXEC);

	memset(noise, 0x5A, sizeof(noise));
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, noise, sizeof(noise), 4096 + 8), sizeof(noise));
	assert_int_equal(close(fd), 0);
}

static enum rc_status must_not_run(struct rc_db_tx *tx, void *has_run, struct rc_error *err)
{
	(void)tx;
	(void)err;
	*(bool *)has_run = true;
	return RC_OK;
}

static void a_damaged_copy_is_refused_before_anything_is_read_of_it(void **state)
{
	const struct bench *bench = *state;
	const struct place copy = place_in(bench, "copy.db");
	struct rc_error err = {.text = ""};
	bool has_run = false;

	for (int i = 0; i < 200; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "%d", i);
		bench_insert(bench->db, id, i);
	}
	bench_expect(rc_db_copy(bench->url, copy.path, &err), RC_OK, &err);
	damage(&copy);
	bench_expect(rc_db_examine(copy.url, must_not_run, &has_run, &err), RC_EFORMAT, &err);
	assert_false(has_run);
	forget(&copy);
}

static enum rc_status write_there(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct item item = {.id = "x", .n = 1};

	(void)arg;
	return insert_item(tx, &item, err);
}

static void looking_writes_nothing(void **state)
{
	const struct bench *bench = *state;
	const struct place copy = place_in(bench, "copy.db");
	struct rc_error err = {.text = ""};

	bench_expect(rc_db_copy(bench->url, copy.path, &err), RC_OK, &err);
	bench_expect(rc_db_examine(copy.url, write_there, NULL, &err), RC_EBUG, &err);
	assert_int_equal(count_in(&copy), 0);
	forget(&copy);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_copy_holds_what_was_committed_and_nothing_that_came_later),
	    CASE(a_copy_doesnt_wait_for_the_writer_nor_take_half_of_what_it_does),
	    CASE(a_copy_is_one_file_and_needs_no_other),
	    CASE(a_file_that_is_there_is_never_overwritten),
	    CASE(a_database_that_isnt_there_is_not_made),
	    CASE(a_damaged_copy_is_refused_before_anything_is_read_of_it),
	    CASE(looking_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
