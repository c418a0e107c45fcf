/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FAULTS_KIOSK_JOURNAL_H
#define RC_FAULTS_KIOSK_JOURNAL_H
/*
 * A journal under test, with what it has promised to the outside; and the check that all of that is kept. Nothing here ends the
 * program: what is wrong is told in words, so that whoever runs many can say which one it was.
 */
#include "firmware/journal/journal.h"
#include "firmware/journal/reader.h"
#include "tests/sim/folder/folder.h"

enum kiosk_work {
	KIOSK_SIGN_IN,
	KIOSK_SIGN_IN_MANY, /* ten in one commit */
	KIOSK_ACKNOWLEDGE,
	KIOSK_CHECKPOINT,
	KIOSK_PRUNE, /* five of what was acknowledged */
	KIOSK_EPOCH,
	KIOSK_STATE,
	KIOSK_WORKS
};

struct kiosk_journal {
	char folder[RC_SIM_FOLDER_CHARS];
	struct rc_id kiosk;
	struct rc_clock clock; /* reads `now` */
	struct rc_clock_reading now;
	struct rc_journal_options options;
	struct rc_journal *journal; /* NULL while it is closed */
	struct rc_error err;        /* of the last call that failed */
	/* promised */
	struct rc_journal_mark head;
	struct rc_journal_mark acknowledged;
	int64_t known_ms;
};

/* "sign-in", "first boot" is none of them. */
const char *kiosk_work_name(enum kiosk_work work);

/* An empty folder of its own, in memory; nothing is opened. `vfs`: see rc_journal_options. */
void kiosk_make(struct kiosk_journal *kiosk, const char *vfs);

/* Closes and removes it. */
void kiosk_remove(struct kiosk_journal *kiosk);

/* What opening returned; what the first one states is a promise too. */
enum rc_status kiosk_open(struct kiosk_journal *kiosk);
void kiosk_close(struct kiosk_journal *kiosk);

/* Does one thing; RC_OK is a promise from then on. What there is nothing to do for is RC_OK. */
enum rc_status kiosk_do(struct kiosk_journal *kiosk, enum kiosk_work work);

/* Some of everything, for a journal that is not young any more. False if one of them failed. */
bool kiosk_prepare(struct kiosk_journal *kiosk);

/*
 * Opens what is there and looks: nothing set aside, every promise kept, the chains whole, and facts can be stated. True, or
 * `*why` says what isn't so. The journal is open afterwards.
 */
bool kiosk_holds(struct kiosk_journal *kiosk, struct rc_error *why);

#endif
