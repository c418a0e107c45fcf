/* SPDX-License-Identifier: Apache-2.0 */
/* All settings carry the number of the state that they belong to: afterwards they and the cursor agree on one. */
#include "firmware/roster/roster.h"
#include "firmware/roster/roster_priv.h"
#include "shared/crypto/hash.h"
#include "tests/faults/campaign.h"
#include "tests/faults/random.h"
#include "tests/sim/folder/folder.h"
#include "tests/sim/power/power.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTINGS   15
#define STATES_MAX 8

static void write_settings(int64_t n, struct rc_buf *lines)
{
	for (int i = 0; i < SETTINGS; i++) {
		struct rc_change change = {
		    .n = n, .scope = "all", .entity = RC_ENTITY_SETTING, .version = 1};
		struct rc_ref_setting setting;
		struct rc_buf payload;

		rc_buf_init(&payload, 1000);
		(void)snprintf(setting.key, sizeof(setting.key), "setting.%d", i);
		(void)snprintf(setting.value, sizeof(setting.value), "%lld %0120d", (long long)n, i);
		(void)snprintf(change.id, sizeof(change.id), "%s", setting.key);
		rc_ref_setting_encode(&setting, &payload);
		change.payload = rc_buf_bytes(&payload);
		rc_change_write(&change, lines);
		rc_buf_deinit(&payload);
	}
}

static enum rc_status send_changes(struct rc_roster_writer *writer, int64_t n, struct rc_error *err)
{
	const struct rc_changes_end end = {.cursor = {.server_epoch = 7, .n = n, .subscription = 9},
					   .count = SETTINGS};
	struct rc_roster_applied applied;
	struct rc_buf lines;
	enum rc_status status;

	rc_buf_init(&lines, 100000);
	write_settings(n, &lines);
	rc_changes_end_write(RC_CHANGES_END, &end, &lines);
	status = rc_roster_apply(writer, rc_buf_bytes(&lines), &applied, err);
	rc_buf_deinit(&lines);
	return status;
}

static enum rc_status put_lines(struct rc_roster_writer *writer, struct rc_bytes rest,
				struct rc_error *err)
{
	enum rc_status status = RC_OK;

	while (status == RC_OK && rest.size > 0) {
		const uint8_t *feed = memchr(rest.data, '\n', rest.size);
		const size_t size = (size_t)(feed - rest.data) + 1;

		status = rc_roster_snapshot_put(writer, rc_bytes_of(rest.data, size), err);
		rest = rc_bytes_of(rest.data + size, rest.size - size);
	}
	return status;
}

static enum rc_status send_snapshot(struct rc_roster_writer *writer, int64_t n, struct rc_error *err)
{
	struct rc_changes_end end = {.cursor = {.server_epoch = 7, .n = n, .subscription = 9},
				     .count = SETTINGS};
	struct rc_roster_applied applied;
	struct rc_buf text;
	struct rc_sha256 hash;
	size_t first;
	enum rc_status status;

	rc_buf_init(&text, 100000);
	rc_changes_snapshot_write(7, &text);
	first = text.size;
	write_settings(n, &text);
	rc_sha256_init(&hash);
	rc_sha256_add(&hash, rc_buf_bytes(&text));
	rc_sha256_end(&hash, end.sha256);
	status = rc_roster_snapshot_begin(writer, rc_bytes_of(text.data, first), err);
	if (status == RC_OK)
		status = put_lines(writer, rc_bytes_of(text.data + first, text.size - first), err);
	rc_buf_clear(&text);
	rc_changes_end_write(RC_CHANGES_SNAPSHOT_END, &end, &text);
	if (status == RC_OK)
		status = rc_roster_snapshot_finish(writer, rc_buf_bytes(&text), &applied, err);
	rc_buf_deinit(&text);
	return status;
}

/* The state that the cursor and all settings agree on; -1 if they don't, 0 if there is no roster yet. */
static int64_t state_of(const char *folder, struct rc_error *why)
{
	struct rc_roster *roster = NULL;
	enum rc_status status = rc_roster_open(folder, &roster, why);
	int64_t n = 0;

	if (status != RC_OK)
		return status == RC_ENOTFOUND ? 0 : -1;
	n = rc_roster_n(roster);
	for (int i = 0; n > 0 && i < SETTINGS; i++) {
		char key[32];
		struct rc_ref_setting setting;

		(void)snprintf(key, sizeof(key), "setting.%d", i);
		if (rc_roster_setting(roster, key, &setting, why) != RC_OK ||
		    strtoll(setting.value, NULL, 10) != n)
			n = -1;
	}
	rc_roster_close(roster);
	return n;
}

static bool holds(const char *folder, int64_t confirmed, int64_t tried, struct rc_error *why)
{
	struct rc_roster_writer *writer = NULL;
	int64_t found;

	if (rc_roster_writer_open(folder, &writer, why) != RC_OK)
		return false;
	found = state_of(folder, why);
	if (rc_roster_writer_found_damage(writer) || found < confirmed || found > tried)
		(void)rc_fail(why, RC_ECONFLICT, "state %lld confirmed, %lld tried, %lld found",
			      (long long)confirmed, (long long)tried, (long long)found);
	else if (send_snapshot(writer, tried + 1, why) == RC_OK &&
		 send_changes(writer, tried + 2, why) == RC_OK)
		found = tried + 2;
	rc_roster_writer_close(writer);
	return found == tried + 2 && state_of(folder, why) == found;
}

struct campaign_run campaign_roster(uint64_t seed)
{
	char folder[RC_SIM_FOLDER_CHARS];
	struct rc_roster_writer *writer = NULL;
	struct campaign_run done = {.was_cut = false};
	uint64_t random = seed;
	int64_t confirmed = 0, tried = 0;
	struct rc_error err;

	rc_power_install();
	rc_sim_folder_make(rc_sim_folder_memory(), "faults", folder);
	rc_power_cut_at(1 + random_below(&random, 200));
	if (rc_roster__writer_open(folder, RC_POWER_VFS, &writer, &err) == RC_OK) {
		for (long left = 1 + random_below(&random, STATES_MAX); left > 0; left--) {
			const bool is_snapshot = tried == 0 || random_below(&random, 3) == 0;

			tried++;
			if ((is_snapshot ? send_snapshot : send_changes)(writer, tried, &err) != RC_OK)
				break;
			confirmed = tried;
		}
	}
	done.was_cut = rc_power_is_cut();
	rc_power_cut_at(1);
	rc_roster_writer_close(writer);
	rc_power_restore(random_below(&random, 2) ? RC_POWER_TORN : RC_POWER_DROPPED,
			 (uint32_t)random_next(&random));
	done.is_kept = holds(folder, confirmed, tried, &done.why);
	rc_sim_folder_remove(folder);
	return done;
}
