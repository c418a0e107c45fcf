/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FAULTS_CAMPAIGN_H
#define RC_FAULTS_CAMPAIGN_H
/*
 * Cuts of the power at random moments of random work. A run is made of its seed alone: the work, the moment, what of the unsynced
 * writes reaches the disk, and whether the power goes a second time while the database comes up again. One run at a time.
 */
#include "shared/base/status.h"

#include <stdint.h>

/* What a run found. */
struct campaign_run {
	bool was_cut; /* else the work was done before */
	bool is_kept; /* every promise, and the database goes on; false: `why` says which not */
	struct rc_error why;
};

typedef struct campaign_run campaign_fn(uint64_t seed);

/* The kiosk's journal: first boot, sign-ins, acknowledgements, checkpoints, prunes, epochs, state. */
struct campaign_run campaign_journal(uint64_t seed);

/* The same without syncs (synchronous=NORMAL): it must lose facts, or the run above proves nothing. */
struct campaign_run campaign_journal_unsynced(uint64_t seed);

/* The kiosk's roster: changes, and snapshots swapped in. */
struct campaign_run campaign_roster(uint64_t seed);

/* The server's database: its schema brought up, rows, the checkpoint at its end. */
struct campaign_run campaign_server(uint64_t seed);

/* A server and its kiosks (world.h): cuts of the power on either side, a network that does its worst, clocks that jump, cards and
 * databases put back, a card copied, kiosks shut out and let in. */
struct campaign_run campaign_world(uint64_t seed);

/* The same with kiosks that don't sync. It must lose facts. */
struct campaign_run campaign_world_unsynced(uint64_t seed);

/* A number made of all that happens in a world: the same seed gives the same. */
uint64_t campaign_world_trace(uint64_t seed);

#endif
