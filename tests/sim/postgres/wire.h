/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SIM_POSTGRES_WIRE_H
#define RC_SIM_POSTGRES_WIRE_H
/*
 * A wire between a program and PostgreSQL that is cut once, at a COMMIT: before PostgreSQL hears of it, or after it has carried it
 * out and before the program hears of that. It listens on a socket of its own in the folder of a test; a thread carries the bytes.
 */
#include "shared/base/status.h"

enum wire_cut {
	WIRE_WHOLE,
	WIRE_CUT_BEFORE_COMMIT, /* PostgreSQL never gets it */
	WIRE_CUT_AFTER_COMMIT,  /* PostgreSQL has answered; the answer is lost */
};

struct wire;

/* Opens one from `folder` (the new socket) to PostgreSQL's own socket at `to`. Fails the program if it can't. */
struct wire *wire_open(const char *folder, const char *to);
void wire_close(struct wire *wire);

/* The next COMMIT that comes is cut like this; then the wire is whole again. Any thread. */
void wire_set_cut(struct wire *wire, enum wire_cut cut);

/* How many COMMITs were cut. Any thread. */
int wire_cuts(struct wire *wire);

#endif
