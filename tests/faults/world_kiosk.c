/* SPDX-License-Identifier: Apache-2.0 */
/* The kiosks of a world: what the daemon does with its journal and with what sync reports (firmware/daemon/events.c), its card, and
 * its power. */
#include "tests/faults/world.h"

#include "shared/facts_gen/kinds.h"
#include "tests/sim/power/power.h"

#include <stdio.h>
#include <string.h>

#define AT_ONCE 4

/* ---- promises ---- */

static void promise(struct world_kiosk *kiosk, const struct rc_journal_mark *mark)
{
	struct world *world = kiosk->world;

	if (world->promise_count == WORLD_PROMISES)
		return;
	world->promises[world->promise_count++] = (struct world_promise){
	    .card = kiosk->number, .kiosk = kiosk->id, .epoch = mark->epoch, .seq = mark->seq};
	memcpy(world->promises[world->promise_count - 1].hash, mark->hash, sizeof(mark->hash));
}

/* The journal has stated something of its own, or nothing. */
static void promise_head(struct world_kiosk *kiosk)
{
	const struct rc_journal_mark head = rc_journal_head(kiosk->journal);

	if (head.epoch == kiosk->noted.epoch && head.seq == kiosk->noted.seq)
		return;
	kiosk->noted = head;
	promise(kiosk, &head);
}

/* ---- life cycle ---- */

static int64_t certificate_now_ms(void *context)
{
	struct world_kiosk *kiosk = context;

	return kiosk->anchor ? rc_anchor_certificate_ms(kiosk->anchor) : kiosk->world->now_ms;
}

void world_kiosk_place(struct world *world, int number)
{
	struct world_kiosk *kiosk = &world->kiosks[number];

	kiosk->world = world;
	kiosk->number = number;
	(void)snprintf(kiosk->folder, sizeof(kiosk->folder), "%s/k%d", world->folder, number);
	(void)snprintf(kiosk->identity, sizeof(kiosk->identity), "%s/k%d/identity", world->folder, number);
	(void)snprintf(kiosk->roster, sizeof(kiosk->roster), "%s/k%d/roster", world->folder, number);
	rc_sim_clock_init(&kiosk->system, world->now_ms);
	kiosk->config = (struct rc_sync_config){.identity_folder = kiosk->identity,
						.journal_folder = kiosk->folder,
						.roster_folder = kiosk->roster,
						.clock = &kiosk->system.clock,
						.certificate_now_ms = certificate_now_ms,
						.context = kiosk,
						.poll_ms = 30000};
	kiosk->session = (struct rc_sync_session){.sync = &kiosk->sync, .config = &kiosk->config};
	rc_identity_init(&kiosk->session.identity);
}

static bool open_journal(struct world_kiosk *kiosk)
{
	const struct rc_journal_options options = {.clock = kiosk->config.clock,
						   .wal_bytes = 32 * 1024,
						   .vfs = RC_POWER_VFS,
						   .is_unsynced = kiosk->world->is_unsynced};
	struct rc_error err;
	const enum rc_status status =
	    rc_journal_open(kiosk->folder, &kiosk->id, &options, &kiosk->journal, &err);

	if (status != RC_OK) {
		kiosk->journal = NULL;
		world_note(kiosk->world, "kiosk %d: no journal: %s", kiosk->number,
			   rc_status_text(status));
		return false;
	}
	if (rc_journal_set_aside(kiosk->journal)[0] != '\0')
		world_note(kiosk->world, "kiosk %d: its journal was damaged", kiosk->number);
	promise_head(kiosk);
	return true;
}

bool world_kiosk_start(struct world_kiosk *kiosk)
{
	const struct rc_anchor_config anchor = {.system = &kiosk->system.clock,
						.build_ms = WORLD_BEGIN_MS - 30 * RC_DAY_MS};
	struct rc_error err;

	kiosk->anchor = rc_anchor_new(&anchor);
	kiosk->config.clock = rc_anchor_clock(kiosk->anchor);
	kiosk->sync = (struct rc_sync){.count = 0};
	kiosk->dies_after = 0;
	kiosk->session = (struct rc_sync_session){.sync = &kiosk->sync, .config = &kiosk->config};
	rc_identity_init(&kiosk->session.identity);
	kiosk->session.has_identity =
	    rc_identity_load(kiosk->identity, &kiosk->session.identity, &err) == RC_OK;
	kiosk->is_on = true;
	if (kiosk->session.has_identity && open_journal(kiosk))
		return true;
	world_kiosk_stop(kiosk);
	return false;
}

void world_kiosk_stop(struct world_kiosk *kiosk)
{
	if (!kiosk->is_on)
		return;
	rc_sync__end_session(&kiosk->session);
	rc_journal_close(kiosk->journal);
	rc_anchor_free(kiosk->anchor);
	kiosk->journal = NULL;
	kiosk->anchor = NULL;
	kiosk->is_on = false;
}

/* A program that can't trust its disk ends and begins anew; nothing is confirmed meanwhile. */
static void restart_failed(struct world_kiosk *kiosk)
{
	if (kiosk->journal && !rc_journal_is_failed(kiosk->journal))
		return;
	world_kiosk_stop(kiosk);
	(void)!world_kiosk_start(kiosk);
}

/* ---- at the door ---- */

static const char *write_body(struct world *world, struct rc_buf *body)
{
	struct rc_fact_attendance_signed_in in = {.session_version = 1, .verdict = RC_VERDICT_WALK_IN};
	struct rc_fact_attendance_signed_out out = {.session_version = 1};
	char text[RC_ID_CHARS + 1];

	(void)snprintf(text, sizeof(text), "00000000-0000-4000-8000-00000000d%03d",
		       (int)world_below(world, WORLD_SESSIONS + 1)); /* one that nobody planned, too */
	(void)!rc_id_parse(rc_bytes_of_text(text), &in.session);
	(void)snprintf(text, sizeof(text), "00000000-0000-4000-8000-00000000c%03d",
		       (int)world_below(world, WORLD_PEOPLE + 1));
	(void)!rc_id_parse(rc_bytes_of_text(text), &in.ref);
	if (world_may(world, 80)) {
		rc_fact_attendance_signed_in_encode(&in, body);
		return RC_FACT_KIND_ATTENDANCE_SIGNED_IN;
	}
	out.session = in.session;
	out.ref = in.ref;
	rc_fact_attendance_signed_out_encode(&out, body);
	return RC_FACT_KIND_ATTENDANCE_SIGNED_OUT;
}

void world_kiosk_scan(struct world_kiosk *kiosk)
{
	const size_t count = 1 + (size_t)world_below(kiosk->world, AT_ONCE);
	const struct rc_clock_reading now = rc_clock_read(kiosk->config.clock);
	struct rc_journal_statement statements[AT_ONCE];
	struct rc_journal_entry entries[AT_ONCE];
	static char memory[AT_ONCE][1024];
	struct rc_error err;
	enum rc_status status;

	for (size_t i = 0; i < count; i++) {
		struct rc_buf body;

		rc_buf_init_fixed(&body, memory[i], sizeof(memory[i]));
		statements[i].version = 1;
		statements[i].kind = write_body(kiosk->world, &body);
		statements[i].body = rc_buf_bytes(&body);
	}
	status = rc_journal_append_many(kiosk->journal, statements, count, &now, entries, &err);
	world_note(kiosk->world, "kiosk %d: %zu at the door: %s", kiosk->number, count,
		   rc_status_text(status));
	if (status == RC_OK) {
		struct rc_journal_mark mark = rc_journal_head(kiosk->journal);

		kiosk->noted = mark;
		for (size_t i = 0; i < count; i++) {
			mark.seq = entries[i].seq;
			memcpy(mark.hash, entries[i].hash, sizeof(mark.hash));
			promise(kiosk, &mark);
		}
	} else if (!rc_power_is_cut()) {
		restart_failed(kiosk);
	}
}

void world_kiosk_prune(struct world_kiosk *kiosk)
{
	struct rc_journal_room room = {.now_ms = rc_clock_now_ms(kiosk->config.clock),
				       .max_facts = 1 + (size_t)world_below(kiosk->world, 12)};
	size_t removed = 0;
	struct rc_error err;

	if (world_may(kiosk->world, 50))
		room.least_free_bytes = INT64_C(1) << 40;
	if (rc_journal_prune(kiosk->journal, &room, &removed, &err) == RC_OK && removed > 0) {
		world_note(kiosk->world, "kiosk %d: %zu pruned", kiosk->number, removed);
		promise_head(kiosk);
	}
	if (!rc_power_is_cut())
		restart_failed(kiosk);
}

/* ---- reports ---- */

static void empty_roster(struct world_kiosk *kiosk)
{
	static const struct rc_journal_statement emptied = {
	    .kind = RC_FACT_KIND_ROSTER_EMPTIED,
	    .version = 1,
	    .body = {.data = (const uint8_t *)"{\"reason\":\"revoked\"}", .size = 20}};
	const struct rc_clock_reading now = rc_clock_read(kiosk->config.clock);
	struct rc_journal_entry entry;
	struct rc_error err;

	if (rc_journal_append(kiosk->journal, &emptied, &now, &entry, &err) == RC_OK)
		promise_head(kiosk);
}

static void take_report(struct world_kiosk *kiosk, const struct rc_sync_report *report)
{
	struct rc_error err = {.text = ""};
	enum rc_status status;

	switch (report->kind) {
	case RC_SYNC_TIME:
		rc_anchor_set(kiosk->anchor, report->time.server_ms, report->time.up_ms,
			      report->time.error_ms);
		break;
	case RC_SYNC_ACKNOWLEDGED:
		status = rc_journal_acknowledge(kiosk->journal, report->acknowledged.epoch,
						report->acknowledged.through,
						report->acknowledged.hash, &err);
		world_note(kiosk->world, "kiosk %d: acknowledged through %lld: %s", kiosk->number,
			   (long long)report->acknowledged.through, rc_status_text(status));
		break;
	case RC_SYNC_EPOCH_NEEDED:
		status = rc_journal_begin_epoch(kiosk->journal, report->epoch_needed.reason, &err);
		world_note(kiosk->world, "kiosk %d: a new epoch: %s", kiosk->number,
			   rc_status_text(status));
		if (status == RC_OK)
			promise_head(kiosk);
		break;
	case RC_SYNC_REVOKED:
		world_note(kiosk->world, "kiosk %d: it is shut out", kiosk->number);
		empty_roster(kiosk);
		break;
	case RC_SYNC_STATE:
	case RC_SYNC_ROSTER_CHANGED:
	case RC_SYNC_ENROLLED:
	case RC_SYNC_RENEWED:
	case RC_SYNC_ENROL_FAILED:
		break;
	}
}

void world_kiosk_take_reports(struct world_kiosk *kiosk)
{
	for (size_t i = 0; i < kiosk->sync.count && !rc_power_is_cut(); i++)
		take_report(kiosk, &kiosk->sync.reports[i]);
	kiosk->sync.count = 0;
	if (!rc_power_is_cut())
		restart_failed(kiosk);
}

/* ---- with the server ---- */

bool world_kiosk_round(struct world_kiosk *kiosk)
{
	struct rc_error err = {.text = ""};
	int64_t retry_after_ms;
	const enum rc_status status = rc_sync__round(&kiosk->session, &retry_after_ms, &err);

	world_note(kiosk->world, "kiosk %d: a round: %s", kiosk->number, rc_status_text(status));
	if (kiosk->world->tells && status != RC_OK)
		(void)printf("         %s\n", err.text);
	return status == RC_OK;
}

void world_kiosk_hold(struct world_kiosk *kiosk)
{
	bool has_changed = false, must_fetch = false;
	struct rc_error err = {.text = ""};
	enum rc_status status;

	if (kiosk->session.transport == NULL || kiosk->session.roster == NULL || kiosk->session.is_revoked)
		return;
	if (!world_deliver_held(kiosk)) {
		(void)!rc_sync__hold(&kiosk->session, &err);
		return;
	}
	status = rc_sync__take_held(&kiosk->session, &has_changed, &must_fetch, &err);
	world_note(kiosk->world, "kiosk %d: held: %s%s%s", kiosk->number, rc_status_text(status),
		   has_changed ? ", changed" : "", must_fetch ? ", more" : "");
}

/* ---- power ---- */

static void work_until_cut(struct world_kiosk *kiosk)
{
	struct world *world = kiosk->world;
	struct rc_error err;

	for (long left = 1 + world_below(world, 4); left > 0 && !rc_power_is_cut() && kiosk->is_on;
	     left--) {
		switch (world_below(world, 6)) {
		case 0:
			world_kiosk_prune(kiosk);
			break;
		case 1:
			(void)!rc_journal_checkpoint(kiosk->journal, &err);
			break;
		case 2:
			world_kiosk_take_reports(kiosk);
			break;
		default:
			world_kiosk_scan(kiosk);
			break;
		}
	}
}

static void power_off_and_on(struct world_kiosk *kiosk)
{
	struct world *world = kiosk->world;
	const enum rc_power_loss loss = world_may(world, 50) ? RC_POWER_TORN : RC_POWER_DROPPED;

	rc_power_cut_at(1); /* closing doesn't help either */
	world_kiosk_stop(kiosk);
	rc_power_restore_below(kiosk->folder, loss, (uint32_t)random_next(&world->random));
	world->cuts++;
	world_note(world, "kiosk %d: the power went, %d", kiosk->number, (int)loss);
	rc_sim_clock_boot(&kiosk->system, world_may(world, 30) ? 0 : world->now_ms);
}

void world_kiosk_lose_power(struct world_kiosk *kiosk)
{
	struct world *world = kiosk->world;

	rc_power_cut_at(1 + world_below(world, 30));
	work_until_cut(kiosk);
	power_off_and_on(kiosk);
	if (world_may(world, 30)) { /* again, while it comes up */
		rc_power_cut_at(1 + world_below(world, 12));
		if (world_kiosk_start(kiosk))
			work_until_cut(kiosk);
		power_off_and_on(kiosk);
	}
	rc_power_reset();
	(void)!world_kiosk_start(kiosk);
}

/* ---- cards ---- */

static void copy_path(const struct world_kiosk *kiosk, char path[WORLD_PATH_CHARS])
{
	(void)snprintf(path, WORLD_PATH_CHARS, "%s/card%d", kiosk->world->folder, kiosk->number);
}

void world_kiosk_copy(struct world_kiosk *kiosk)
{
	char path[WORLD_PATH_CHARS];

	world_kiosk_stop(kiosk);
	copy_path(kiosk, path);
	world_copy_folder(kiosk->folder, path);
	kiosk->has_copy = true;
	kiosk->promises_in_copy = kiosk->world->promise_count;
	(void)!world_kiosk_start(kiosk);
}

void world_kiosk_restore(struct world_kiosk *kiosk)
{
	struct world *world = kiosk->world;
	char path[WORLD_PATH_CHARS];

	if (!kiosk->has_copy)
		return;
	world_kiosk_stop(kiosk);
	kiosk->was_restored = true;
	copy_path(kiosk, path);
	rc_power_restore_below(kiosk->folder, RC_POWER_WRITTEN, 0); /* the card is another one now */
	world_copy_folder(path, kiosk->folder);
	for (size_t i = kiosk->promises_in_copy; i < world->promise_count; i++) {
		if (world->promises[i].card == kiosk->number)
			world->promises[i].is_gone = true;
	}
	(void)!world_kiosk_start(kiosk);
}

void world_kiosk_clone(struct world_kiosk *from, struct world_kiosk *to)
{
	world_kiosk_stop(from);
	world_copy_folder(from->folder, to->folder);
	to->is_there = true;
	to->id = from->id;
	to->noted = from->noted;
	(void)!world_kiosk_start(from);
	(void)!world_kiosk_start(to);
}
