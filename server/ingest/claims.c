/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A staff number was typed at the door. Opening it costs a millisecond and is done before the writer is asked for; who has the number is
 * looked up in the transaction. One person: the claim counts, and a human may look at it. Nobody, several, or nothing that can be
 * read: a human gets all there is. The number goes into the database only, never into a log or an error's text.
 */
#include "server/inbox/inbox.h"
#include "server/ingest/ingest_priv.h"
#include "server/ingest_sql/statements.h"
#include "shared/base/encode.h"
#include "shared/base/random.h"
#include "shared/facts_gen/kinds.h"
#include "shared/json/write.h"
#include "shared/sealing/to_server.h"
#include "shared/standard/standard.h"

#include <stdio.h>
#include <stdlib.h>

#define SEALED_MAX_BYTES 512u /* the kind's limit, in bytes instead of hex */
#define PLACE_TABLE      "claim"
#define PLACE_VERSION    1u
#define KEY_MAX          160u
#define DETAIL_MAX       1000u

_Static_assert(RC_INGEST_TYPED_MAX_BYTES == RC_RECORDS_NUMBER_MAX_BYTES, "what is opened is kept");

static bool is_claim(const struct rc_ingest__line *line)
{
	return !line->unread && strcmp(line->fact.envelope.kind, RC_FACT_KIND_ATTENDANCE_CLAIMED) == 0;
}

/* ---- opening --------------------------------------------------------------------------------------------------------------- */

static enum rc_status unseal(struct rc_key *key, const struct rc_fact_attendance_claimed *claim,
			     struct rc_buf *number)
{
	struct rc_seal_place place = {.table = PLACE_TABLE, .version = PLACE_VERSION};
	uint8_t sealed[SEALED_MAX_BYTES];
	const struct rc_bytes hex = rc_bytes_of_text(claim->number);

	memcpy(place.ref, claim->claim.octets, sizeof(place.ref));
	if (!key || hex.size / 2 > sizeof(sealed) || rc_hex_decode(hex, sealed, hex.size / 2) != RC_OK)
		return RC_EFORMAT;
	return rc_unseal_at_server(key, &place, rc_bytes_of(sealed, hex.size / 2), number, NULL);
}

/* What was typed, if it is something that can be shown to a human; "" otherwise. */
static void open_number(struct rc_key *key, struct rc_bytes body,
			char number[RC_INGEST_TYPED_MAX_BYTES + 1])
{
	char folded[RC_STANDARD_CODE_MAX_BYTES + 1];
	uint8_t memory[SEALED_MAX_BYTES];
	struct rc_fact_attendance_claimed claim;
	struct rc_buf plain;

	number[0] = '\0';
	rc_buf_init_fixed(&plain, memory, sizeof(memory));
	if (rc_fact_attendance_claimed_decode(body, &claim, NULL) == RC_OK &&
	    unseal(key, &claim, &plain) == RC_OK && plain.size <= RC_INGEST_TYPED_MAX_BYTES &&
	    rc_standard_fold(rc_buf_bytes(&plain), folded, NULL) == RC_OK)
		memcpy(number, plain.data, plain.size + 1);
	rc_wipe(memory, sizeof(memory));
}

enum rc_status rc_ingest__open_claims(struct rc_ingest__upload *upload, struct rc_key *seal_key,
				      struct rc_error *err)
{
	size_t count = 0;

	for (int64_t i = 0; i < upload->header.count; i++)
		count += is_claim(&upload->lines[i]);
	if (count == 0)
		return RC_OK;
	upload->claims = calloc(count, sizeof(*upload->claims));
	if (!upload->claims)
		return rc_fail(err, RC_ENOMEM, "no memory for %zu claims", count);
	for (int64_t i = 0; i < upload->header.count; i++) {
		const struct rc_ingest__line *line = &upload->lines[i];
		struct rc_ingest__claim *claim = &upload->claims[upload->claim_count];

		if (!is_claim(line))
			continue;
		claim->seq = line->seq;
		open_number(seal_key, line->fact.slices.body, claim->number);
		upload->claim_count++;
	}
	return RC_OK;
}

/* ---- who it is ------------------------------------------------------------------------------------------------------------- */

struct search {
	size_t count, active_count;
	char ref[RC_ID_CHARS + 1], active_ref[RC_ID_CHARS + 1]; /* the last of each */
};

static enum rc_status take_person(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct search *search = context;

	(void)err;
	rc_db_row_copy_text(row, 0, search->ref, sizeof(search->ref));
	search->count++;
	if (rc_bytes_is_text(rc_db_row_text(row, 1), "active")) {
		memcpy(search->active_ref, search->ref, sizeof(search->ref));
		search->active_count++;
	}
	return RC_OK;
}

/* Digits alone may be the front of an employee id: `001` of `001-01`. */
static bool is_staff_number(const char *number)
{
	return number[0] != '\0' && strspn(number, "0123456789") == strlen(number);
}

/* Somebody at work comes before those who left: numbers are given out again. */
static void conclude(const struct search *search, struct rc_records_claim *claim)
{
	const bool is_active = search->active_count == 1;

	if (search->count == 0) {
		claim->outcome = RC_RECORDS_CLAIM_UNKNOWN;
	} else if (is_active || (search->active_count == 0 && search->count == 1)) {
		claim->outcome = RC_RECORDS_CLAIM_CREDITED;
		memcpy(claim->ref, is_active ? search->active_ref : search->ref, sizeof(claim->ref));
	} else {
		claim->outcome = RC_RECORDS_CLAIM_AMBIGUOUS;
	}
}

static enum rc_status find_person(struct rc_db_tx *tx, struct rc_records_claim *claim,
				  struct rc_error *err)
{
	char number[RC_STANDARD_CODE_MAX_BYTES + 1] = "", from[sizeof(number) + 1] = "",
						 to[sizeof(number) + 1] = "";
	struct search search = {.count = 0};
	enum rc_status status = rc_standard_fold(rc_bytes_of_text(claim->number), number, NULL);

	claim->ref[0] = '\0';
	claim->outcome = RC_RECORDS_CLAIM_UNREADABLE;
	if (status != RC_OK || number[0] == '\0')
		return RC_OK;
	if (is_staff_number(number)) {
		(void)snprintf(from, sizeof(from), "%s-", number);
		(void)snprintf(to, sizeof(to), "%s.", number); /* the character behind the dash */
	}
	status = rc_db_query(tx, &rc_sql_ingest_people_of_number,
			     RC_DB_VALUES(RC_DB_TEXT(number), RC_DB_TEXT(from), RC_DB_TEXT(to)),
			     take_person, &search, err);
	if (status == RC_OK)
		conclude(&search, claim);
	return status;
}

/* ---- what a human is told ---------------------------------------------------------------------------------------------------- */

static const char *const kinds[] = {
    [RC_RECORDS_CLAIM_WAITING] = "",
    [RC_RECORDS_CLAIM_CREDITED] = "attendance.claimed",
    [RC_RECORDS_CLAIM_UNKNOWN] = "claim.unknown",
    [RC_RECORDS_CLAIM_AMBIGUOUS] = "claim.ambiguous",
    [RC_RECORDS_CLAIM_UNREADABLE] = "claim.unreadable",
};

static void describe(const struct rc_records_fact *fact, const struct rc_records_claim *claim,
		     struct rc_buf *detail)
{
	rc_json_open(detail, '{');
	rc_json_member_text(detail, "number", claim->number);
	rc_json_member_time(detail, "at", fact->best_ms);
	rc_json_member_text(detail, "epoch", fact->epoch);
	rc_json_member_int(detail, "seq", fact->seq);
	rc_json_close(detail, '}');
}

static void make_question_key(const char *session, const char *ref, char key[KEY_MAX])
{
	(void)snprintf(key, KEY_MAX, "%s:%s.%s", kinds[RC_RECORDS_CLAIM_CREDITED], session, ref);
}

/* One entry a session and person; where nobody is known, one a claim, for each may be somebody else. */
static enum rc_status tell_human(struct rc_ingest__run *run, const struct rc_records_fact *fact,
				 const struct rc_records_claim *claim, const char *session,
				 struct rc_error *err)
{
	const char *kind = kinds[claim->outcome];
	char key[KEY_MAX], memory[DETAIL_MAX], id[RC_ID_CHARS + 1];
	const struct rc_id public_id = rc_fact_public_id(fact->hash);
	struct rc_buf detail;

	rc_id_format(&public_id, id);
	if (claim->ref[0])
		make_question_key(session, claim->ref, key);
	else
		(void)snprintf(key, sizeof(key), "%s:%s", kind, id);
	rc_buf_init_fixed(&detail, memory, sizeof(memory));
	describe(fact, claim, &detail);
	if (rc_buf_status(&detail, err) != RC_OK)
		return detail.status;
	return rc_ingest__inbox_put(run->tx,
				    &(struct rc_ingest__inbox_row){.key = key,
								   .kind = kind,
								   .kiosk = fact->kiosk,
								   .session = session,
								   .ref = claim->ref,
								   .detail = rc_buf_text(&detail),
								   .count = 1,
								   .now_ms = run->request->now_ms},
				    err);
}

enum rc_status rc_ingest__answer_claim(struct rc_ingest__run *run,
				       const struct rc_records_subject *subject, struct rc_error *err)
{
	static const char note[] =
	    "此人随后在这节课上出示了胸牌 / their badge was held up in this session";
	const struct rc_inbox_settlement settlement = {
	    .note = note, .actor = "server", .now_ms = run->request->now_ms};
	struct rc_inbox_entry entry;
	char key[KEY_MAX];
	enum rc_status status;

	make_question_key(subject->session, subject->ref, key);
	status = rc_inbox_find_in(run->tx, key, &entry, err);
	if (status == RC_ENOTFOUND || (status == RC_OK && entry.settled_ms > 0))
		return RC_OK;
	return status == RC_OK ? rc_inbox_settle_in(run->tx, &settlement, &entry, err) : status;
}

/* ---- in the run ---------------------------------------------------------------------------------------------------------------- */

/* Of a body that lacks what it needs nothing is known but that: the notice about bodies says so. */
static enum rc_status settle(struct rc_ingest__run *run, const struct rc_records_fact *fact,
			     struct rc_records_claim *claim, struct rc_error *err)
{
	struct rc_fact_attendance_claimed body;
	char session[RC_ID_CHARS + 1];
	enum rc_status status;

	if (rc_fact_attendance_claimed_decode(fact->body, &body, NULL) != RC_OK)
		return RC_OK;
	rc_id_format(&body.session, session);
	status = find_person(run->tx, claim, err);
	if (status == RC_OK)
		status = rc_records_claim_put(run->tx, fact->hash, claim, err);
	return status == RC_OK ? tell_human(run, fact, claim, session, err) : status;
}

static const char *typed_number(const struct rc_ingest__upload *upload, int64_t seq)
{
	for (size_t i = 0; i < upload->claim_count; i++) {
		if (upload->claims[i].seq == seq)
			return upload->claims[i].number;
	}
	return "";
}

enum rc_status rc_ingest__take_claim(struct rc_ingest__run *run, const struct rc_ingest__line *line,
				     int64_t best_ms, struct rc_error *err)
{
	struct rc_records_claim claim = {.outcome = RC_RECORDS_CLAIM_WAITING, .ref = ""};
	const struct rc_records_fact fact = {.kiosk = run->kiosk,
					     .epoch = run->upload->epoch,
					     .seq = line->seq,
					     .hash = line->fact.hash,
					     .body = line->fact.slices.body,
					     .best_ms = best_ms};

	if (!is_claim(line))
		return RC_OK;
	(void)rc_text_copy(typed_number(run->upload, line->seq), claim.number, sizeof(claim.number));
	if (run->is_quarantined)
		return rc_records_claim_put(run->tx, fact.hash, &claim, err);
	return settle(run, &fact, &claim, err);
}

enum rc_status rc_ingest__settle_claim(struct rc_ingest__run *run,
				       const struct rc_records_fact *fact, struct rc_error *err)
{
	struct rc_records_claim claim;
	enum rc_status status;

	if (!rc_bytes_is_text(fact->kind, RC_FACT_KIND_ATTENDANCE_CLAIMED))
		return RC_OK;
	status = rc_records_claim_get(run->tx, fact->hash, &claim, err);
	if (status != RC_OK)
		return status == RC_ENOTFOUND ? RC_OK : status;
	return settle(run, fact, &claim, err);
}
