/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The power goes at every write and sync while the roster changes. Afterwards there is the old roster or the new one, whole,
 * with the cursor that belongs to it; never none.
 */
#include "firmware/roster/roster.h"
#include "firmware/roster/roster_priv.h"
#include "shared/base/log.h"
#include "shared/crypto/hash.h"
#include "tests/sim/folder/folder.h"
#include "tests/sim/power/power.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETTINGS 40 /* a few pages */
#define OLD_N    100
#define NEW_N    200
#define CUTS_MAX 2000

static char folder[64];
static struct rc_error err;

static void must(enum rc_status status)
{
	if (status != RC_OK)
		fail_msg("%s: %s", rc_status_text(status), err.text);
}

/* All settings, each with the number of the state that they belong to. */
static void write_settings(int64_t n, struct rc_buf *lines)
{
	for (int i = 0; i < SETTINGS; i++) {
		struct rc_change change = {
		    .n = n, .scope = "all", .entity = RC_ENTITY_SETTING, .version = 1};
		struct rc_ref_setting setting;
		struct rc_buf payload;

		rc_buf_init(&payload, 1000);
		(void)snprintf(setting.key, sizeof(setting.key), "setting.%d", i);
		(void)snprintf(setting.value, sizeof(setting.value), "%lld %0180d", (long long)n, i);
		(void)snprintf(change.id, sizeof(change.id), "%s", setting.key);
		rc_ref_setting_encode(&setting, &payload);
		change.payload = rc_buf_bytes(&payload);
		rc_change_write(&change, lines);
		rc_buf_deinit(&payload);
	}
}

static struct rc_changes_end end_at(int64_t n)
{
	return (struct rc_changes_end){.cursor = {.server_epoch = 7, .n = n, .subscription = 9},
				       .count = SETTINGS};
}

static enum rc_status put_lines(struct rc_roster_writer *writer, struct rc_bytes rest)
{
	enum rc_status status = RC_OK;

	while (status == RC_OK && rest.size > 0) {
		const size_t size =
		    (size_t)((const uint8_t *)memchr(rest.data, '\n', rest.size) - rest.data) + 1;

		status = rc_roster_snapshot_put(writer, rc_bytes_of(rest.data, size), &err);
		rest = rc_bytes_of(rest.data + size, rest.size - size);
	}
	return status;
}

static enum rc_status send_snapshot(struct rc_roster_writer *writer, int64_t n)
{
	struct rc_changes_end end = end_at(n);
	struct rc_roster_applied applied;
	struct rc_buf first, lines, last;
	struct rc_sha256 hash;
	enum rc_status status;

	rc_buf_init(&first, 1000);
	rc_buf_init(&lines, 100000);
	rc_buf_init(&last, 1000);
	rc_changes_snapshot_write(7, &first);
	write_settings(n, &lines);
	rc_sha256_init(&hash);
	rc_sha256_add(&hash, rc_buf_bytes(&first));
	rc_sha256_add(&hash, rc_buf_bytes(&lines));
	rc_sha256_end(&hash, end.sha256);
	rc_changes_end_write(RC_CHANGES_SNAPSHOT_END, &end, &last);
	status = rc_roster_snapshot_begin(writer, rc_buf_bytes(&first), &err);
	if (status == RC_OK)
		status = put_lines(writer, rc_buf_bytes(&lines));
	if (status == RC_OK)
		status = rc_roster_snapshot_finish(writer, rc_buf_bytes(&last), &applied, &err);
	rc_buf_deinit(&first);
	rc_buf_deinit(&lines);
	rc_buf_deinit(&last);
	return status;
}

static enum rc_status send_changes(struct rc_roster_writer *writer, int64_t n)
{
	struct rc_changes_end end = end_at(n);
	struct rc_roster_applied applied;
	struct rc_buf lines;
	enum rc_status status;

	rc_buf_init(&lines, 100000);
	write_settings(n, &lines);
	rc_changes_end_write(RC_CHANGES_END, &end, &lines);
	status = rc_roster_apply(writer, rc_buf_bytes(&lines), &applied, &err);
	rc_buf_deinit(&lines);
	return status;
}

/* The state that cursor and all settings agree on, or -1. */
static int64_t state_found(void)
{
	struct rc_roster *roster = NULL;
	int64_t n;

	must(rc_roster_open(folder, &roster, &err));
	n = rc_roster_n(roster);
	for (int i = 0; i < SETTINGS; i++) {
		char key[32];
		struct rc_ref_setting setting;

		(void)snprintf(key, sizeof(key), "setting.%d", i);
		if (rc_roster_setting(roster, key, &setting, &err) != RC_OK ||
		    strtoll(setting.value, NULL, 10) != n)
			n = -1;
	}
	rc_roster_close(roster);
	return n;
}

typedef enum rc_status change(struct rc_roster_writer *writer, int64_t n);

/* One run with a cut at the n-th operation; false if the change was made before. */
static bool run_with_cut(change *make_change, long operation, enum rc_power_loss loss)
{
	struct rc_roster_writer *writer = NULL;
	bool was_cut, was_confirmed;
	int64_t found;

	rc_sim_folder_make(rc_sim_folder_memory(), "roster", folder); /* the disk is simulated */
	rc_power_install();
	must(rc_roster__writer_open(folder, RC_POWER_VFS, &writer, &err));
	must(send_snapshot(writer, OLD_N));
	rc_power_cut_at(operation);
	was_confirmed = make_change(writer, NEW_N) == RC_OK;
	was_cut = rc_power_is_cut();
	rc_power_cut_at(1);
	rc_roster_writer_close(writer);
	rc_power_restore(loss, (uint32_t)operation);
	writer = NULL;
	must(rc_roster_writer_open(folder, &writer, &err)); /* clears what was left half done */
	assert_false(rc_roster_writer_found_damage(writer));
	found = state_found();
	if (found != NEW_N && (was_confirmed || found != OLD_N))
		fail_msg("operation %ld: state %lld", operation, (long long)found);
	must(send_changes(writer, NEW_N + 1));
	assert_int_equal(state_found(), NEW_N + 1);
	rc_roster_writer_close(writer);
	rc_sim_folder_remove(folder);
	return was_cut;
}

static void cut_everywhere(change *make_change)
{
	for (enum rc_power_loss loss = RC_POWER_DROPPED; loss <= RC_POWER_TORN; loss++) {
		long operation = 1;

		while (run_with_cut(make_change, operation, loss))
			assert_true(++operation < CUTS_MAX);
		assert_true(operation > 3);
	}
}

static void a_power_cut_while_changes_apply_leaves_the_old_or_the_new(void **state)
{
	(void)state;
	cut_everywhere(send_changes);
}

static void a_power_cut_while_a_snapshot_is_built_leaves_the_old_or_the_new(void **state)
{
	(void)state;
	cut_everywhere(send_snapshot);
}

static void ignore_line(void *context, const char *line, size_t size)
{
	(void)context;
	(void)line;
	(void)size;
}

/* A disk that hung for a moment must not cost the kiosk its changes until somebody starts it anew. */
static void after_a_sync_that_failed_the_next_change_is_taken(void **state)
{
	struct rc_roster_writer *writer = NULL;
	struct rc_cursor cursor;

	(void)state;
	rc_sim_folder_make(rc_sim_folder_memory(), "roster", folder);
	rc_power_install();
	must(rc_roster__writer_open(folder, RC_POWER_VFS, &writer, &err));
	must(send_snapshot(writer, OLD_N));
	rc_power_fail_sync_at(1);
	assert_int_equal(send_changes(writer, NEW_N), RC_EIO);
	must(rc_roster_writer_cursor(writer, &cursor, &err)); /* no snapshot is asked for */
	assert_true(cursor.n == OLD_N || cursor.n == NEW_N); /* what a failed sync leaves isn't known */
	must(send_changes(writer, NEW_N + 1));
	assert_int_equal(state_found(), NEW_N + 1);
	assert_false(rc_roster_writer_found_damage(writer));
	rc_roster_writer_close(writer);
	rc_sim_folder_remove(folder);
}

static void a_disk_that_stays_away_is_looked_at_again_and_costs_no_snapshot(void **state)
{
	struct rc_roster_writer *writer = NULL;
	struct rc_cursor cursor;
	char hidden[96];

	(void)state;
	rc_sim_folder_make(rc_sim_folder_memory(), "roster", folder);
	(void)snprintf(hidden, sizeof(hidden), "%s.away", folder);
	rc_power_install();
	must(rc_roster__writer_open(folder, RC_POWER_VFS, &writer, &err));
	must(send_snapshot(writer, OLD_N));
	rc_power_fail_sync_at(1);
	assert_int_equal(send_changes(writer, NEW_N), RC_EIO);
	assert_int_equal(rename(folder, hidden), 0);
	assert_int_not_equal(send_changes(writer, NEW_N), RC_OK);
	assert_int_not_equal(rc_roster_writer_cursor(writer, &cursor, &err), RC_OK);
	assert_int_equal(rename(hidden, folder), 0);
	must(rc_roster_writer_cursor(writer, &cursor, &err));
	must(send_changes(writer, NEW_N + 1));
	assert_int_equal(state_found(), NEW_N + 1);
	rc_roster_writer_close(writer);
	rc_sim_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_power_cut_while_changes_apply_leaves_the_old_or_the_new),
	    cmocka_unit_test(a_power_cut_while_a_snapshot_is_built_leaves_the_old_or_the_new),
	    cmocka_unit_test(after_a_sync_that_failed_the_next_change_is_taken),
	    cmocka_unit_test(a_disk_that_stays_away_is_looked_at_again_and_costs_no_snapshot),
	};

	rc_log_set_sink(ignore_line, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
