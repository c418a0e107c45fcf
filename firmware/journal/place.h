/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_JOURNAL_PLACE_H
#define RC_JOURNAL_PLACE_H
/*
 * What the journal's writer and its readers say to each other: marks and signatures. Plain values; any thread.
 */
#include "shared/facts/fact.h"

#define RC_JOURNAL_SIGNATURE_BYTES 64u /* P-256: r ‖ s */

/* A fact by its place, with its identity. `seq` 0 is "none": the hash is zeros then. */
struct rc_journal_mark {
	uint64_t epoch;
	int64_t seq;
	uint8_t hash[RC_FACT_HASH_BYTES];
};

struct rc_journal_signature {
	struct rc_journal_mark mark;
	uint8_t rs[RC_JOURNAL_SIGNATURE_BYTES];
};

/* One epoch as it stands. Facts pruned + 1 … last are there; acknowledged + 1 … last are to be sent. */
struct rc_journal_epoch {
	uint64_t epoch;
	int64_t last;
	int64_t acknowledged;
	int64_t pruned;
	uint8_t hash_at_pruned[RC_FACT_HASH_BYTES]; /* what the oldest kept fact names as its predecessor */
	bool is_current;
};

#endif
