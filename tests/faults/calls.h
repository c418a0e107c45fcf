/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FAULTS_CALLS_H
#define RC_FAULTS_CALLS_H
/*
 * Calls that fail when a test says so: the k-th read, write or sync of this process, SQLite's included (a program's own symbols go
 * before the C library's), and the k-th piece of memory, SQLite's (its own setting) and our code's (the linker's --wrap).
 *
 * One plan at a time; one thread. Without a plan everything goes through.
 */
#include <stdbool.h>

enum calls_kind { CALLS_MEMORY, CALLS_READ, CALLS_WRITE, CALLS_SYNC, CALLS_KINDS };

#define CALLS_SHORT 0 /* in place of an errno: half of the bytes are read or written */

/* Before anything uses SQLite. Ends the program where that is too late. */
void calls_install(void);

/* The k-th call of the kind from now (1: the next) fails with that errno, once or, if `for_good`, with all later ones. */
void calls_plan(enum calls_kind kind, long k, int error, bool for_good);

/* No file can grow any more; what is there can be written over. */
void calls_fill_disk(void);

/* Everything goes through again. True if a call has failed since the plan. */
bool calls_heal(void);

#endif
