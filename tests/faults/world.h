/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FAULTS_WORLD_H
#define RC_FAULTS_WORLD_H
/*
 * A server and its kiosks in one process, on one thread, in simulated time: the real journal, roster, rounds of sync and anchored
 * clock of the kiosk, the real routes of the device listener on a real database. Between them is a network (world_network.c, in
 * the place of libcurl) that loses, doubles, delays and cuts what it carries; under them are disks that forget what was not
 * synced. Who plays (campaign_world.c) decides what happens; everything that happens follows from one number.
 *
 * What kiosks have confirmed at the door is written down here as a promise, and what became of it is checked at the end
 * (world_check.c).
 */
#include "firmware/daemon/anchor.h"
#include "firmware/journal/journal.h"
#include "firmware/sync/sync_priv.h"
#include "server/db/db.h"
#include "server/routes/routes.h"
#include "tests/faults/campaign.h"
#include "tests/faults/random.h"
#include "tests/sim/clock/clock.h"
#include "tests/sim/folder/folder.h"

#define WORLD_BEGIN_MS   INT64_C(1795500000000)
#define WORLD_PATH_CHARS 128u
#define WORLD_CARDS      3 /* kiosks that were enrolled; the next is a copy of one of them */
#define WORLD_KIOSKS     (WORLD_CARDS + 1)
#define WORLD_PEOPLE     12
#define WORLD_SESSIONS   2
#define WORLD_ROOMS      6 /* that come and go, so that there is something to hear of */
#define WORLD_PROMISES   4096
#define WORLD_DELAYED    6
#define WORLD_REPORTS    256

struct world;

/* ---- a kiosk ---- */

/* In the place of the sync thread's own (firmware/sync/sync.c): what a round tells the daemon. */
struct rc_sync {
	struct rc_sync_report reports[WORLD_REPORTS];
	size_t count;
	bool is_stopping; /* the power is gone: the round comes to nothing */
};

struct world_kiosk {
	struct world *world;
	int number;
	char folder[WORLD_PATH_CHARS], identity[WORLD_PATH_CHARS], roster[WORLD_PATH_CHARS];
	bool is_there; /* false: the copy that was not made yet */
	bool is_on;
	struct rc_id id;
	struct rc_sim_clock system;
	struct rc_anchor *anchor;
	struct rc_journal *journal;
	struct rc_sync sync;
	struct rc_sync_config config;
	struct rc_sync_session session;
	struct rc_journal_mark noted; /* the newest fact that is a promise */
	int dies_after;               /* so many exchanges; 0: it lives on */
	bool was_restored;
	bool has_copy;           /* of its card … */
	size_t promises_in_copy; /* … with as many of all promises */
};

/* A fact that a kiosk has confirmed. */
struct world_promise {
	int card; /* which kiosk's card holds it */
	struct rc_id kiosk;
	uint64_t epoch;
	int64_t seq;
	uint8_t hash[RC_FACT_HASH_BYTES];
	bool is_gone; /* an older copy of the card was put in its place */
};

/* ---- the network ---- */

struct world_request {
	struct rc_tls_peer peer;
	bool has_peer;
	char method[8];
	char path[160];
	bool is_gzip;
	struct rc_buf body; /* owned */
};

struct world_answer {
	int status;
	char content_type[80];
	int64_t retry_after_ms;
	struct rc_buf body; /* owned */
};

/* ---- the world ---- */

struct world {
	uint64_t random;
	int64_t now_ms;
	char folder[RC_SIM_FOLDER_CHARS];
	bool is_unsynced; /* the control */
	bool is_calm;     /* nothing goes wrong on the way any more */
	int weather;      /* so many of 100 exchanges go wrong */
	int depth;        /* of exchanges within exchanges */
	struct world_kiosk kiosks[WORLD_KIOSKS];
	struct world_promise promises[WORLD_PROMISES];
	size_t promise_count;
	/* the server */
	struct rc_db *db; /* NULL: it is down */
	struct rc_clock clock;
	struct rc_routes_app app;
	bool has_copy;
	int restores, quiet_restores; /* from a copy; without saying so */
	int64_t room_versions;
	struct world_request delayed[WORLD_DELAYED];
	size_t delayed_count;
	/* what happened, for whoever looks into a seed */
	bool tells;
	uint64_t trace; /* a hash of all of it: the same seed must give the same */
	int cuts, kills;
};

/* One line of what happened. */
void world_note(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Numbers of this world. True in `percent` of 100. */
long world_below(struct world *world, long below);
bool world_may(struct world *world, int percent);

/* Time passes, everywhere. */
void world_pass(struct world *world, int64_t ms);

/* ---- world.c ---- */

/* A copy of a world that was furnished once: a school and its three kiosks, enrolled and switched on. */
void world_make(struct world *world, uint64_t seed);
void world_end(struct world *world);

/* Copies a folder and what is in it; removes what stood there. */
void world_copy_folder(const char *from, const char *to);

/* ---- world_server.c ---- */

const struct rc_secrets *world_secrets(void);
void world_server_start(struct world *world);
void world_server_stop(struct world *world);

/* One request, answered by the routes. RC_ENET: the server is down. The answer's body is the caller's. */
RC_CHECKED enum rc_status world_server_ask(struct world *world, const struct world_request *request,
					   struct world_answer *answer);

/* The same, but the process is killed, or the machine loses its power, at some write of it; then it comes up again. */
void world_server_ask_and_die(struct world *world, const struct world_request *request);

void world_server_copy(struct world *world);
void world_server_restore(struct world *world, bool says_so);

/* The operator. */
void world_publish(struct world *world);
void world_revoke(struct world *world, struct world_kiosk *kiosk);
bool world_enrol(struct world *world, struct world_kiosk *kiosk);
void world_trust(struct world *world, struct world_kiosk *kiosk);

/* Runs a function of the database that must not fail. */
void world_write(struct world *world, rc_db_fn *fn, void *arg);
void world_read(struct world *world, rc_db_fn *fn, void *arg);

/* ---- world_kiosk.c ---- */

/* Where its card lies. */
void world_kiosk_place(struct world *world, int number);
bool world_kiosk_start(struct world_kiosk *kiosk);
void world_kiosk_stop(struct world_kiosk *kiosk);

/* Somebody at the door; a few at once. */
void world_kiosk_scan(struct world_kiosk *kiosk);
void world_kiosk_prune(struct world_kiosk *kiosk);
void world_kiosk_take_reports(struct world_kiosk *kiosk);

/* A round with the server, and what the daemon does about it. True if it went well. */
bool world_kiosk_round(struct world_kiosk *kiosk);

/* Lets the server hold a request, or hears what came of it. */
void world_kiosk_hold(struct world_kiosk *kiosk);

/* The power goes while it works. */
void world_kiosk_lose_power(struct world_kiosk *kiosk);

/* Its card is copied; an older one is put in its place; a copy goes into another machine. */
void world_kiosk_copy(struct world_kiosk *kiosk);
void world_kiosk_restore(struct world_kiosk *kiosk);
void world_kiosk_clone(struct world_kiosk *from, struct world_kiosk *to);

/* ---- world_network.c ---- */

/* An answer of a held request comes, or something in its place. True if there was one. */
bool world_deliver_held(struct world_kiosk *kiosk);

/* One of the requests that were under way for long reaches the server. */
void world_deliver_late(struct world *world);
void world_forget_late(struct world *world);

/* ---- campaign_world.c ---- */

/* What may happen in the middle of an exchange. */
void world_interlude(struct world_kiosk *kiosk);

/* ---- world_check.c ---- */

/* Whether the server takes what it says at once. */
bool world_is_current(struct world *world, const struct world_kiosk *kiosk);

/* All that must hold when everything has come to rest. False: `*why` says what doesn't. */
bool world_holds(struct world *world, struct rc_error *why);

#endif
