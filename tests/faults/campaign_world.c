/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays in a world: some days of a few kiosks and their server, on which everything happens that may. Then the weather clears up, an
 * operator sets right what only an operator can, and all kiosks go on until nobody has anything to send; then it is counted.
 */
#include "tests/faults/campaign.h"
#include "tests/faults/world.h"

#include "server/changes/changes.h"
#include "tests/sim/power/power.h"

#include <stdio.h>
#include <stdlib.h>

#define STEPS_MIN  20
#define STEPS_SPAN 80
#define ROUNDS_MAX 60 /* until a kiosk has nothing more to send */

/* ---- single things that happen ---- */

static void turn_clock(struct world_kiosk *kiosk)
{
	struct world *world = kiosk->world;
	static const int64_t jumps_ms[] = {RC_DAY_MS, -RC_HOUR_MS, RC_HOUR_MS, -RC_DAY_MS, RC_SECOND_MS};

	switch (world_below(world, 4)) {
	case 0:
		rc_sim_clock_set(&kiosk->system, INT64_C(4070908800000)); /* 2099 */
		break;
	case 1:
		rc_sim_clock_synchronise(&kiosk->system, world->now_ms);
		break;
	case 2:
		rc_sim_clock_lose_ntp(&kiosk->system);
		break;
	default:
		rc_sim_clock_set(&kiosk->system,
				 kiosk->system.now.at_ms + jumps_ms[world_below(world, 5)]);
		break;
	}
}

static void play_round(struct world_kiosk *kiosk)
{
	if (world_may(kiosk->world, 10))
		kiosk->dies_after = 1 + (int)world_below(kiosk->world, 4);
	(void)!world_kiosk_round(kiosk);
	kiosk->dies_after = 0;
	if (kiosk->sync.is_stopping)
		world_kiosk_lose_power(kiosk);
	else if (world_may(kiosk->world, 85))
		world_kiosk_take_reports(kiosk);
}

static void fill_disk(struct world_kiosk *kiosk)
{
	rc_power_fill_at(1 + world_below(kiosk->world, 3));
	world_kiosk_scan(kiosk);
	rc_power_reset();
}

static void trim(struct world *world)
{
	int64_t dropped = 0;
	struct rc_error err;

	if (rc_changes_trim(world->db, world->now_ms, &dropped, &err) != RC_OK)
		abort();
	world_note(world, "%lld changes trimmed", (long long)dropped);
}

static void copy_or_restore(struct world_kiosk *kiosk)
{
	struct world *world = kiosk->world;
	bool says_so;

	switch (world_below(world, 6)) {
	case 0:
	case 1:
		world_server_copy(world);
		world_note(world, "the server is copied");
		break;
	case 2:
		says_so = world_may(world, 70);
		world_note(world, "the server is an older one, %d %d", (int)world->has_copy, (int)says_so);
		world_server_restore(world, says_so);
		break;
	case 3:
	case 4:
		world_note(world, "kiosk %d is copied", kiosk->number);
		world_kiosk_copy(kiosk);
		break;
	default:
		world_note(world, "kiosk %d is an older one, %d", kiosk->number, (int)kiosk->has_copy);
		world_kiosk_restore(kiosk);
		break;
	}
}

static void clone(struct world_kiosk *kiosk)
{
	struct world_kiosk *copy = &kiosk->world->kiosks[WORLD_CARDS];

	if (copy->is_there)
		return;
	world_note(kiosk->world, "kiosk %d has a twin now", kiosk->number);
	world_kiosk_clone(kiosk, copy);
}

static struct world_kiosk *any_kiosk(struct world *world)
{
	struct world_kiosk *kiosk = &world->kiosks[world_below(world, WORLD_KIOSKS)];

	if (!kiosk->is_there)
		return NULL;
	if (!kiosk->is_on)
		(void)!world_kiosk_start(kiosk);
	return kiosk->is_on ? kiosk : NULL;
}

static void pass_some_time(struct world *world)
{
	const long kind = world_below(world, 100);

	if (kind < 80)
		world_pass(world, RC_SECOND_MS * (1 + world_below(world, 300)));
	else if (kind < 98)
		world_pass(world, RC_HOUR_MS * (1 + world_below(world, 30)));
	else
		world_pass(world, RC_DAY_MS * (1 + world_below(world, 130)));
}

static void step(struct world *world)
{
	struct world_kiosk *kiosk = any_kiosk(world);
	const long kind = world_below(world, 1000);
	struct rc_error err;

	pass_some_time(world);
	if (kiosk == NULL)
		return;
	if (kind < 330)
		world_kiosk_scan(kiosk);
	else if (kind < 620)
		play_round(kiosk);
	else if (kind < 660)
		world_kiosk_take_reports(kiosk);
	else if (kind < 710)
		world_kiosk_hold(kiosk);
	else if (kind < 770)
		world_kiosk_lose_power(kiosk);
	else if (kind < 800)
		turn_clock(kiosk);
	else if (kind < 840)
		world_kiosk_prune(kiosk);
	else if (kind < 860)
		(void)!rc_journal_checkpoint(kiosk->journal, &err);
	else if (kind < 880)
		fill_disk(kiosk);
	else if (kind < 930)
		world_publish(world);
	else if (kind < 945)
		trim(world);
	else if (kind < 980)
		copy_or_restore(kiosk);
	else if (kind < 984)
		clone(kiosk);
	else if (kind < 990)
		world_revoke(world, kiosk);
	else
		(void)!world_enrol(world, kiosk);
}

void world_interlude(struct world_kiosk *kiosk)
{
	struct world *world = kiosk->world;
	struct world_kiosk *other;

	if (world->is_calm || world->depth > 0 || !world_may(world, 20))
		return;
	world->depth++;
	switch (world_below(world, 6)) {
	case 0:
		if (kiosk->journal)
			world_kiosk_scan(kiosk);
		break;
	case 1:
		world_publish(world);
		break;
	case 2:
		world_deliver_late(world);
		break;
	case 3:
		if (kiosk->journal)
			world_kiosk_take_reports(kiosk);
		break;
	default:
		other = &world->kiosks[world_below(world, WORLD_KIOSKS)];
		if (other != kiosk && other->is_there && other->is_on) {
			(void)!world_kiosk_round(other);
			world_kiosk_take_reports(other);
		}
		break;
	}
	world->depth--;
}

/* ---- coming to rest ---- */

/* Until it has nothing more to send, and a round more for what its last words brought down. */
static bool finish(struct world_kiosk *kiosk, struct rc_error *why)
{
	struct world *world = kiosk->world;
	int quiet = 0;

	if (!kiosk->is_on && !world_kiosk_start(kiosk)) {
		(void)rc_fail(why, RC_EIO, "kiosk %d doesn't start", kiosk->number);
		return false;
	}
	for (int i = 0; i < ROUNDS_MAX && quiet < 3; i++) {
		bool is_good;

		world_pass(world, RC_MINUTE_MS);
		if (rc_transport_is_holding(kiosk->session.transport))
			world_kiosk_hold(kiosk); /* its time is over */
		is_good = world_kiosk_round(kiosk);
		world_kiosk_take_reports(kiosk);
		if (!kiosk->is_on)
			break;
		quiet = is_good && rc_journal_unacknowledged(kiosk->journal) == 0 ? quiet + 1 : 0;
	}
	if (quiet < 3)
		(void)rc_fail(why, RC_EBUSY, "kiosk %d still has %lld facts to send", kiosk->number,
			      kiosk->is_on ? (long long)rc_journal_unacknowledged(kiosk->journal) : -1);
	return quiet == 3;
}

/* Whether an operator would bring it a code: it is shut out, may be two, or isn't known any more. */
static bool needs_code(struct world_kiosk *kiosk)
{
	bool is_good;

	kiosk->dies_after = 0;
	is_good = world_kiosk_round(kiosk);
	world_kiosk_take_reports(kiosk);
	return !is_good || kiosk->session.is_revoked || !world_is_current(kiosk->world, kiosk);
}

/* A copy of a card has had its day when all of what it stated has come; whoever was shut out or may be two is enrolled again. */
static bool come_to_rest(struct world *world, struct rc_error *why)
{
	struct world_kiosk *copy = &world->kiosks[WORLD_CARDS];

	world->is_calm = true;
	while (world->delayed_count > 0)
		world_deliver_late(world);
	if (copy->is_there) {
		/* A server from before doesn't know a certificate from after: that one needs a code, too. */
		if (!finish(copy, why) && (!world_enrol(world, copy) || !finish(copy, why)))
			return false;
		world_kiosk_stop(copy);
	}
	for (int i = 0; i < WORLD_CARDS; i++) {
		struct world_kiosk *kiosk = &world->kiosks[i];

		if (!kiosk->is_on && !world_kiosk_start(kiosk)) {
			(void)rc_fail(why, RC_EIO, "kiosk %d doesn't start", i);
			return false;
		}
		if (needs_code(kiosk) && !world_enrol(world, kiosk)) {
			(void)rc_fail(why, RC_EDENIED, "kiosk %d isn't let in", i);
			return false;
		}
		if (!finish(kiosk, why))
			return false;
		world_trust(world, kiosk);
	}
	for (int i = 0; i < WORLD_CARDS; i++) { /* what the last ones said comes down to the first */
		if (!finish(&world->kiosks[i], why))
			return false;
	}
	return true;
}

static struct campaign_run play(uint64_t seed, bool is_unsynced, bool tells, uint64_t *trace)
{
	static struct world world; /* large, and one at a time */
	struct campaign_run done = {.was_cut = false};

	world_make(&world, seed);
	world.tells = tells;
	world.is_unsynced = is_unsynced;
	world.weather = (int)world_below(&world, 50);
	for (int i = 0; i < WORLD_CARDS; i++)
		(void)!world_kiosk_start(&world.kiosks[i]);
	for (long left = STEPS_MIN + world_below(&world, STEPS_SPAN); left > 0; left--)
		step(&world);
	done.was_cut = world.cuts + world.kills > 0;
	done.is_kept = come_to_rest(&world, &done.why) && world_holds(&world, &done.why);
	if (trace != NULL)
		*trace = world.trace;
	world_end(&world);
	return done;
}

struct campaign_run campaign_world(uint64_t seed)
{
	return play(seed, false, getenv("RC_FAULTS_TELL") != NULL, NULL);
}

struct campaign_run campaign_world_unsynced(uint64_t seed)
{
	return play(seed, true, false, NULL);
}

uint64_t campaign_world_trace(uint64_t seed)
{
	uint64_t trace = 0;

	(void)play(seed, false, false, &trace);
	return trace;
}
