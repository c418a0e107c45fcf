/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MODULE_INGEST_SCHOOL_H
#define TESTS_MODULE_INGEST_SCHOOL_H
/*
 * A small school for tests of what facts become: a fresh database with a site, a room, two sessions, some people and kiosks, and
 * fake kiosks whose journals write real fact lines. One thread, but for school_upload.
 */
#include "server/db/db.h"
#include "server/ingest/ingest.h"
#include "server/records/records.h"
#include "shared/crypto/key.h"
#include "shared/facts_gen/kinds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SCHOOL_PEOPLE     40
#define SCHOOL_REGISTERED 30 /* the first of the people, for session 0 */
#define SCHOOL_KIOSKS     3
#define SCHOOL_EPOCH      UINT64_C(0x5e55100e00000001)
#define SCHOOL_STARTS_MS                                                                           \
	INT64_C(1795500000000) /* session 0 runs two hours from here; session 1 the next day */
#define SCHOOL_ENDS_MS (SCHOOL_STARTS_MS + 2 * RC_HOUR_MS)

struct school {
	char folder[64];
	struct rc_db *db;
	struct rc_id site, room, kiosks[SCHOOL_KIOSKS], people[SCHOOL_PEOPLE], sessions[2];
	struct rc_key *keys[SCHOOL_KIOSKS];
	struct rc_key *seal_key; /* of the server, for uploads; a test's own, NULL by itself */
};

/* Session 0 has versions 1 (late after 10) and 2 (late after 30), no signing out; session 1 has version 1 with signing out. */
int school_set_up(void **state);
int school_tear_down(void **state);

void school_expect(enum rc_status status, const struct rc_error *err);

/* Runs one writing or one counting statement. */
void school_exec(struct school *school, const struct rc_sql_statement *statement,
		 struct rc_db_values values);
int64_t school_number(struct school *school, const struct rc_sql_statement *statement,
		      struct rc_db_values values);
int64_t school_inbox(struct school *school, const char *kind);

/* A record's state, "" if there is none. Borrowed until the next call. */
const char *school_record_state(struct school *school, int session, int person);

/* Everything in attendance and attendance_event, each column, as text. */
void school_dump(struct school *school, struct rc_buf *text);

/* ---- a fake kiosk ---- */

struct journal {
	struct rc_id kiosk;
	uint64_t epoch;
	int64_t seq; /* of the last line written */
	uint8_t prev[RC_FACT_HASH_BYTES];
	struct rc_clock_reading clock; /* of the next fact; `at_ms` and `up_ms` move on by a second with each */
};

struct journal journal_of(const struct school *school, int kiosk, uint64_t epoch);

/* Appends one line. */
void journal_write(struct journal *journal, const char *kind, const char *body, struct rc_buf *lines);
void journal_sign_in(struct journal *journal, const struct school *school, int session, int person,
		     struct rc_buf *lines);
void journal_sign_out(struct journal *journal, const struct school *school, int session, int person,
		      struct rc_buf *lines);
void journal_withdraw(struct journal *journal, const struct school *school, int session, int person,
		      struct rc_buf *lines);

/* Appends the header line of an upload that is sent now by the journal's clock. */
void journal_header(const struct journal *journal, int64_t from, int64_t count, bool is_branch,
		    struct rc_buf *body);

/* Appends a good signature over the last fact. */
void journal_signature(const struct journal *journal, struct rc_key *key, struct rc_buf *body);

/* Header and lines from `from` on, sent at `now_ms`; `lines` holds exactly `count` of them. */
struct rc_ingest_answer school_send(struct school *school, const struct journal *journal,
				    int64_t from, int64_t count, const struct rc_buf *lines);
struct rc_ingest_answer school_upload(struct school *school, const struct rc_id *kiosk,
				      const struct rc_buf *body, int64_t now_ms);

#endif
