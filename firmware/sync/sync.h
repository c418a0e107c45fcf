/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SYNC_SYNC_H
#define RC_SYNC_SYNC_H
/*
 * The kiosk's side of the network: enrolment, facts up, changes down, over mutual TLS by libcurl.
 *
 * Changes come within a second, because the server holds a request until there are some; facts never wait for it, they go over a
 * connection of their own. An answer that brought changes is followed by a short pause, so that a full room's arrivals come in
 * handfuls.
 *
 * One thread of its own, started by rc_sync_start. It reads the journal through a reader of its own, and it alone writes the
 * roster; it never writes the journal: what has to be written there (acknowledgements, a new epoch) it reports, and the daemon's
 * one writer does it and says so with rc_sync_wake. Reports wait in a bounded queue behind a descriptor that can be polled.
 *
 * Nothing is taken for an acknowledgement but 200, application/json, `rollcall: 1` and the server epoch just seen in the mark.
 * After an error: exponential backoff with jitter, Retry-After obeyed. Certificates are judged at the time that `certificate_now`
 * tells, never switched off; redirects are off; https only.
 */
#include "firmware/identity/identity.h"
#include "firmware/sync/trouble.h"
#include "shared/base/clock.h"
#include "shared/credentials/credential.h"
#include "shared/device/device.h"
#include "shared/facts/fact.h"

struct rc_sync;

enum rc_sync_report_kind {
	RC_SYNC_TIME,         /* an authenticated answer told the time: `time` */
	RC_SYNC_STATE,        /* the connection changed: `state` */
	RC_SYNC_ACKNOWLEDGED, /* the server has everything of an epoch up to a place: write it down */
	RC_SYNC_EPOCH_NEEDED, /* the server's mark isn't ours (restored, cloned): begin a new epoch, then rc_sync_wake */
	RC_SYNC_ROSTER_CHANGED, /* refresh the roster */
	RC_SYNC_REVOKED,  /* the roster is emptied already; say so on the screen and as a fact */
	RC_SYNC_ENROLLED, /* the identity folder is complete; `enrolled` */
	RC_SYNC_RENEWED, /* the identity folder has another key and certificate, and perhaps another room */
	RC_SYNC_ENROL_FAILED, /* `reason`: expired, used, network, denied, damaged */
};

struct rc_sync_report {
	enum rc_sync_report_kind kind;
	union {
		struct {
			int64_t server_ms; /* what the server said */
			int64_t up_ms;     /* CLOCK_BOOTTIME when the answer was complete */
			int64_t error_ms;  /* half the round trip, rounded up */
		} time;
		struct {
			bool is_connected;
			int64_t last_contact_ms; /* wall time of the last answer that counted; 0: never */
			enum rc_sync_trouble trouble; /* unless connected */
		} state;
		struct {
			uint64_t epoch;
			int64_t through;
			uint8_t hash[RC_FACT_HASH_BYTES];
		} acknowledged;
		struct {
			char reason[16]; /* behind, clone, restored: of journal.started */
		} epoch_needed;
		char reason[16];
	};
};

struct rc_sync_config {
	const char *identity_folder;
	const char *journal_folder;
	const char *roster_folder;
	const struct rc_clock *clock; /* the daemon's: anchored */
	int64_t (*certificate_now_ms)(void *context); /* any thread: max(build date, last known time) + time running since */
	void *context;
	int64_t poll_ms; /* how often the server hears of us when nothing happens; 2,000 … 600,000. Changes come at once: it holds a request */
	int64_t backoff_first_ms; /* 1,000 */
	int64_t backoff_max_ms;   /* 120,000 */
};

/* Starts the thread. An identity in the folder is used at once; without one the thread waits for rc_sync_enrol. The strings and
 * the clock are borrowed until rc_sync_stop. RC_ENOMEM, RC_EIO. */
RC_CHECKED enum rc_status rc_sync_start(const struct rc_sync_config *config, struct rc_sync **sync,
					struct rc_error *err);

/* Ends the thread (within a second, a transfer under way is cut) and frees everything; NULL is fine. */
void rc_sync_stop(struct rc_sync *sync);

/* New facts, or an answer to a report: look at once. Any thread; doesn't block. */
void rc_sync_wake(struct rc_sync *sync);

/* What the daemon knows of the machine (disk, camera, screens, temperature), for the status that the server gets; sync adds the rest.
 * Any thread; copied. */
void rc_sync_describe(struct rc_sync *sync, const struct rc_device_status *status);

/* Hands over an enrolment code; the outcome is a report. A code while one is under way is passed over. Any thread. */
void rc_sync_enrol(struct rc_sync *sync, const struct rc_enrol_code *code);

/* Readable while reports wait. Owned by sync. */
int rc_sync_descriptor(const struct rc_sync *sync);

/* The oldest report, or RC_ENOTFOUND. One thread (the daemon's). */
RC_CHECKED enum rc_status rc_sync_next(struct rc_sync *sync, struct rc_sync_report *report);

/* The machine's enrolment without a daemon (`rollcall-kiosk enrol`): blocks until it has succeeded or failed. */
RC_CHECKED enum rc_status rc_sync_enrol_now(const struct rc_sync_config *config,
					    const struct rc_enrol_code *code,
					    struct rc_identity *identity, struct rc_error *err);

#endif
