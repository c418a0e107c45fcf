/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_JOURNAL_READER_PRIV_H
#define RC_JOURNAL_READER_PRIV_H
/* A reader from inside: `verify` walks with one. */
#include "firmware/journal/journal_priv.h"

struct rc_journal_reader {
	struct rc_store *store;
	struct rc_journal__epochs epochs; /* as of the last call that needed them */
};

#endif
