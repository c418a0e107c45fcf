/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SIM_POWER_POWER_H
#define RC_SIM_POWER_POWER_H
/*
 * A disk whose power can go at any write and any sync: a layer (SQLite "VFS") over the system's, which remembers for each write
 * what was there before until the file is synced. It also counts, and fails single operations.
 *
 * What a cut does: the operation at which it happens and all later ones fail; rc_power_restore then takes back what was never
 * synced, whole or by sectors of 512 bytes (torn). Removing and renaming files count as durable at once: that is the file system's
 * journal, not SQLite's. One simulator a process; databases may be used by several threads, what is below by one.
 *
 * It also sees which connection writes what: each that opened a database has a number of its own.
 */
#include <stdbool.h>
#include <stdint.h>

#define RC_POWER_VFS "power" /* the name to open databases with, once rc_power_install was called */

/* Makes the layer known to SQLite; may be called again. Starts with everything counted from 0 and nothing planned. */
void rc_power_install(void);

/* The same, and databases that name no layer come here too. */
void rc_power_install_as_default(void);

struct rc_power_counts {
	long writes; /* and truncations */
	long syncs;
	long truncations;
	long long bytes; /* written */
};

struct rc_power_counts rc_power_counts(void);

/* Counts from 0 again and plans nothing; what is not synced yet is still remembered. */
void rc_power_reset(void);

/* The n-th write or sync from now (1 is the next) does not happen any more, nor does anything after it. */
void rc_power_cut_at(long operation);
bool rc_power_is_cut(void);

/* The n-th write from now says that the disk is full; the n-th sync from now fails. Once. */
void rc_power_fill_at(long write);
void rc_power_fail_sync_at(long sync);

/*
 * How many connections, since rc_power_install, have written to a database, its -wal or its journal, or synced one of them. `path`
 * is the database's. `*writes` (may be NULL) is how often.
 */
int rc_power_writers(const char *path, long *writes);

enum rc_power_loss {
	RC_POWER_DROPPED, /* nothing that was not synced is there */
	RC_POWER_TORN,    /* of what was not synced some sectors are there, chosen by the seed */
	RC_POWER_WRITTEN, /* the process died and the machine didn't: all that was written is there */
};

/* After all databases were closed: the files as a machine finds them that comes up again. Ends the cut. */
void rc_power_restore(enum rc_power_loss loss, uint32_t seed);

/* The same for one machine of several: for the databases below `folder`, wherever that lies. The others go on as they were. */
void rc_power_restore_below(const char *folder, enum rc_power_loss loss, uint32_t seed);

#endif
