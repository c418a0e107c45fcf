/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_STORE_GATHER_H
#define RC_STORE_GATHER_H
/*
 * A layer (SQLite "VFS") between SQLite and the disk that writes a commit's frames into the WAL at once. SQLite hands over each
 * page in two writes; a commit of a fact would be some sixteen calls of the system, and they cost a fifth of what its sync
 * costs. The layer keeps what follows one another and writes it right before the sync, or before anything else is done with
 * the file. Databases go straight to the layer below, except that they promise SQLite nothing about writes that fail half-way
 * ("powersafe overwrite"): so it fills each commit up to the end of a block, and no other commit ever writes there.
 *
 * It needs synchronous=FULL: what is published in the WAL's index must be in the file, and only there a sync comes before each
 * publication. Whatever fails, fails in a call that can say so.
 *
 * Private to the store.
 */
#include "shared/base/status.h"

/*
 * `*name` is the layer over `base` (NULL: the system's), to open databases with. Made at the first call and kept for good; any
 * thread. RC_EUSAGE if SQLite knows no such base, RC_ELIMIT after RC_STORE__GATHER_BASES_MAX different ones.
 */
#define RC_STORE__GATHER_BASES_MAX 4u
RC_CHECKED enum rc_status rc_store__gather(const char *base, const char **name, struct rc_error *err);

/*
 * A file control of databases opened so: from now on the write lock is kept once it was taken, until the file is closed. For
 * files that have one writer only; the argument is not looked at.
 */
#define RC_STORE__GATHER_KEEP_WRITE_LOCK 0x726f6c6c

#endif
