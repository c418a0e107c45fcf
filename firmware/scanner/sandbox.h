/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_SANDBOX_H
#define RC_SCANNER_SANDBOX_H
/*
 * Locks a process in for good: from then on it can use the descriptors it holds, memory and the clock, and nothing else. Any
 * other system call kills the process at once (SIGSYS), because a picture reader that wants to open, connect or start
 * something has been taken over by a picture. What libraries load on their first use must be loaded before (warm_up.h).
 */
#include "shared/base/status.h"

/* For the whole process; call it while there is one thread. RC_EDENIED: the kernel refuses. */
RC_CHECKED enum rc_status rc_sandbox_enter(struct rc_error *err);

#endif
