/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All facts against themselves, chain by chain, each chain in one view of the database. A chain is walked by number: facts,
 * lines kept as bytes and what a kiosk said is gone are three ordered lists that together must leave no place out.
 */
#include "server/records/records_priv.h"
#include "server/records_sql/statements.h"
#include "shared/base/encode.h"
#include "shared/device/device.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PLACES_MAX 100000u /* unread lines or losses of one chain that are held in memory */
#define BRANCHES_MAX                                                                               \
	16u /* facts of one place whose identities are compared; more is a fault in itself */

struct range {
	int64_t from, to;
};

/* Places that need no fact: unread lines and losses, in the order of `from`. */
struct ranges {
	struct range *items; /* owned */
	size_t count, capacity;
};

struct hashes {
	int64_t seq; /* the place they belong to; 0: before the first */
	uint8_t items[BRANCHES_MAX][RC_FACT_HASH_BYTES];
	size_t count;
};

struct chain_check {
	struct rc_db_tx *tx;
	char kiosk[RC_ID_CHARS + 1], epoch[RC_FACT_EPOCH_CHARS + 1];
	bool has_ended;
	bool has_mark;
	int64_t through;
	uint8_t mark_hash[RC_FACT_HASH_BYTES];
	struct ranges unread, lost;
	struct hashes before, here; /* of the place before, and of the one under way */
	int64_t last_seq;           /* of the facts */
	struct rc_device_keys keys;
	struct rc_records_verify_report piece; /* of this chain */
};

static void note(struct chain_check *c, int64_t *counter, int64_t seq, const char *what)
{
	(*counter)++;
	if (c->piece.first_fault[0] == '\0')
		(void)snprintf(c->piece.first_fault, sizeof(c->piece.first_fault),
			       "kiosk %s, epoch %s, fact %" PRId64 ": %s", c->kiosk, c->epoch, seq,
			       what);
}

/* ---- what needs no fact ---- */

static enum rc_status add_range(struct ranges *ranges, int64_t from, int64_t to, struct rc_error *err)
{
	if (ranges->count == ranges->capacity) {
		const size_t capacity = ranges->capacity ? ranges->capacity * 2 : 16;
		struct range *items = capacity <= PLACES_MAX * 2
					  ? realloc(ranges->items, capacity * sizeof(*items))
					  : NULL;

		if (!items)
			return rc_fail(err, RC_ENOMEM, "more than %u unread lines in one chain",
				       PLACES_MAX);
		ranges->items = items;
		ranges->capacity = capacity;
	}
	ranges->items[ranges->count++] = (struct range){.from = from, .to = to};
	return RC_OK;
}

static enum rc_status take_unread(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct chain_check *c = context;

	c->piece.unread++;
	return add_range(&c->unread, rc_db_row_int(row, 0), rc_db_row_int(row, 0), err);
}

static enum rc_status take_lost(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct chain_check *c = context;
	const int64_t from = rc_db_row_int(row, 0), to = rc_db_row_int(row, 1);

	c->piece.lost += to - from + 1;
	return add_range(&c->lost, from, to, err);
}

/* The next place from `seq` on that no range covers. */
static int64_t skip_covered(const struct ranges *ranges, int64_t seq)
{
	for (size_t i = 0; i < ranges->count; i++) {
		if (ranges->items[i].from > seq)
			break;
		if (ranges->items[i].to >= seq)
			seq = ranges->items[i].to + 1;
	}
	return seq;
}

/* The first place of `from` … `to` that is covered, or to + 1. */
static int64_t next_covered(const struct ranges *ranges, int64_t from, int64_t to)
{
	for (size_t i = 0; i < ranges->count; i++) {
		if (ranges->items[i].from >= from && ranges->items[i].from <= to)
			return ranges->items[i].from;
	}
	return to + 1;
}

/* Every place of `from` … `to` must be an unread line or lost. */
static void check_gap(struct chain_check *c, int64_t from, int64_t to)
{
	while (from <= to) {
		const int64_t open =
		    skip_covered(&c->lost, skip_covered(&c->unread, skip_covered(&c->lost, from)));
		int64_t end, other;

		if (open != from) {
			from = open;
			continue;
		}
		end = next_covered(&c->unread, from, to);
		other = next_covered(&c->lost, from, to);
		end = other < end ? other : end;
		note(c, &c->piece.missing, from, "is missing, and nobody said that it was lost");
		c->piece.missing += end - from - 1;
		from = end;
	}
}

/* ---- facts ---- */

static bool holds(const struct hashes *hashes, const uint8_t hash[RC_FACT_HASH_BYTES])
{
	for (size_t i = 0; i < hashes->count; i++) {
		if (memcmp(hashes->items[i], hash, RC_FACT_HASH_BYTES) == 0)
			return true;
	}
	return false;
}

static bool is_zero(const uint8_t hash[RC_FACT_HASH_BYTES])
{
	static const uint8_t zeros[RC_FACT_HASH_BYTES];

	return memcmp(hash, zeros, sizeof(zeros)) == 0;
}

/* Behind a gap that was explained nobody can say what came before; behind a fact, somebody can. */
static void check_link(struct chain_check *c, int64_t seq, const struct rc_fact *fact)
{
	if (seq == 1 && !is_zero(fact->envelope.prev))
		note(c, &c->piece.broken_links, seq, "is the first and names another before it");
	if (seq > 1 && c->before.seq == seq - 1 && !holds(&c->before, fact->envelope.prev))
		note(c, &c->piece.broken_links, seq, "names another fact before it than the one there");
}

static void check_fact(struct chain_check *c, const struct rc_db_row *row, struct rc_buf *line)
{
	const int64_t seq = rc_db_row_int(row, 0);
	const struct rc_bytes salt = rc_db_row_bytes(row, 4);
	char salt_hex[RC_HEX_CHARS(RC_FACT_SALT_BYTES) + 1] = "";
	struct rc_fact_slices slices = {.envelope = rc_db_row_bytes(row, 3),
					.body = rc_db_row_bytes(row, 5)};
	struct rc_fact fact;
	char epoch[RC_FACT_EPOCH_CHARS + 1], kiosk[RC_ID_CHARS + 1];

	if (salt.size == RC_FACT_SALT_BYTES)
		rc_hex_encode(salt, salt_hex);
	slices.salt_hex = rc_bytes_of_text(salt_hex);
	rc_buf_clear(line);
	rc_fact_join(&slices, line);
	if (line->size == 0 ||
	    rc_fact_read(rc_bytes_of(line->data, line->size - 1), &fact) != RC_FACT_FINE) {
		note(c, &c->piece.altered, seq, "its columns are no fact that fits its hashes");
		return;
	}
	rc_fact_epoch_format(fact.envelope.place.epoch, epoch);
	rc_id_format(&fact.envelope.place.kiosk, kiosk);
	if (!rc_bytes_equal(rc_db_row_bytes(row, 2), rc_bytes_of(fact.hash, sizeof(fact.hash))) ||
	    fact.envelope.place.seq != seq || strcmp(epoch, c->epoch) != 0 ||
	    strcmp(kiosk, c->kiosk) != 0 ||
	    !rc_bytes_is_text(rc_db_row_text(row, 6), fact.envelope.kind))
		note(c, &c->piece.altered, seq, "its envelope says other than its row");
	check_link(c, seq, &fact);
}

struct chain_walk {
	struct chain_check *check;
	struct rc_buf line;
};

static enum rc_status walk_fact(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct chain_walk *walk = context;
	struct chain_check *c = walk->check;
	const int64_t seq = rc_db_row_int(row, 0);

	if (seq != c->here.seq) {
		c->before = c->here;
		c->here = (struct hashes){.seq = seq};
		check_gap(c, c->last_seq + 1, seq - 1);
		c->last_seq = seq;
	}
	check_fact(c, row, &walk->line);
	if (c->here.count < BRANCHES_MAX)
		rc_db_row_copy_bytes(row, 2, c->here.items[c->here.count++], RC_FACT_HASH_BYTES);
	c->piece.facts++;
	return rc_buf_status(&walk->line, err);
}

/* ---- the mark ---- */

static enum rc_status take_mark(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct chain_check *c = context;

	(void)err;
	c->through = rc_db_row_int(row, 0);
	rc_db_row_copy_bytes(row, 1, c->mark_hash, sizeof(c->mark_hash));
	c->has_mark = true;
	return RC_OK;
}

static void check_mark(struct chain_check *c)
{
	if (!c->has_mark)
		note(c, &c->piece.wrong_marks, c->last_seq, "facts without a mark");
	else if (c->last_seq > c->through)
		note(c, &c->piece.wrong_marks, c->last_seq, "lies beyond the mark");
	else if (c->last_seq == c->through && c->through > 0 && !holds(&c->here, c->mark_hash) &&
		 skip_covered(&c->unread, c->through) == c->through)
		note(c, &c->piece.wrong_marks, c->through, "the mark names another fact there");
	if (c->has_mark)
		check_gap(c, c->last_seq + 1, c->through);
}

/* ---- signatures ---- */

static enum rc_status take_key(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct chain_check *c = context;

	(void)err;
	if (c->keys.count < RC_DEVICE_KEYS_MAX)
		rc_db_row_copy_bytes(row, 0, c->keys.items[c->keys.count++], RC_KEY_PUBLIC_DER_BYTES);
	return RC_OK;
}

struct signature_check {
	struct chain_check *chain;
	struct rc_device_signature signature;
	bool has_fact;
};

static enum rc_status compare_hash(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct signature_check *s = context;

	(void)err;
	s->has_fact |= rc_bytes_equal(rc_db_row_bytes(row, 0),
				      rc_bytes_of(s->signature.hash, sizeof(s->signature.hash)));
	return RC_OK;
}

static enum rc_status check_signature(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct chain_check *c = context;
	struct signature_check s = {.chain = c, .signature = {.seq = rc_db_row_int(row, 0)}};
	enum rc_status status;

	rc_db_row_copy_bytes(row, 1, s.signature.hash, sizeof(s.signature.hash));
	rc_db_row_copy_bytes(row, 2, s.signature.rs, sizeof(s.signature.rs));
	if (rc_fact_epoch_parse(rc_bytes_of_text(c->epoch), &s.signature.epoch) != RC_OK)
		s.signature.epoch = 0;
	status = rc_db_query(
	    c->tx, &rc_sql_records_hashes_at,
	    RC_DB_VALUES(RC_DB_TEXT(c->kiosk), RC_DB_TEXT(c->epoch), RC_DB_INT(s.signature.seq)),
	    compare_hash, &s, err);
	if (status != RC_OK)
		return status;
	if (!s.has_fact)
		note(c, &c->piece.bad_signatures, s.signature.seq,
		     "a signature is over another fact than the one there");
	else if (!rc_device_signature_is_of(&s.signature, &c->keys))
		note(c, &c->piece.bad_signatures, s.signature.seq,
		     "a signature is of no key that the kiosk ever had");
	else
		c->piece.good_signatures++;
	return RC_OK;
}

/* ---- a chain ---- */

static enum rc_status take_next(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct chain_check *c = context;
	char kiosk[RC_ID_CHARS + 1], epoch[RC_FACT_EPOCH_CHARS + 1];
	int order;

	(void)err;
	rc_db_row_copy_text(row, 0, kiosk, sizeof(kiosk));
	rc_db_row_copy_text(row, 1, epoch, sizeof(epoch));
	order = strcmp(kiosk, c->kiosk);
	if (!c->has_ended && (order > 0 || (order == 0 && strcmp(epoch, c->epoch) >= 0)))
		return RC_OK;
	memcpy(c->kiosk, kiosk, sizeof(kiosk));
	memcpy(c->epoch, epoch, sizeof(epoch));
	c->has_ended = false;
	return RC_OK;
}

/* The next chain of facts or of marks, whichever comes first: either may lack the other. */
static enum rc_status next_chain(struct rc_db_tx *tx, struct chain_check *c, struct rc_error *err)
{
	const struct chain_check from = *c;
	const struct rc_db_values after = RC_DB_VALUES(RC_DB_TEXT(from.kiosk), RC_DB_TEXT(from.epoch));
	enum rc_status status;

	c->has_ended = true;
	status = rc_db_one(tx, &rc_sql_records_next_chain, after, take_next, c, err);
	if (status == RC_OK || status == RC_ENOTFOUND)
		status = rc_db_one(tx, &rc_sql_records_next_mark, after, take_next, c, err);
	return status == RC_ENOTFOUND ? RC_OK : status;
}

static enum rc_status walk_chain(struct rc_db_tx *tx, struct chain_check *c, struct rc_error *err)
{
	const struct rc_db_values chain = RC_DB_VALUES(RC_DB_TEXT(c->kiosk), RC_DB_TEXT(c->epoch));
	struct chain_walk walk = {.check = c};
	enum rc_status status = rc_db_query(tx, &rc_sql_records_unread_of, chain, take_unread, c, err);

	if (status == RC_OK)
		status = rc_db_query(tx, &rc_sql_records_lost_of, chain, take_lost, c, err);
	if (status != RC_OK)
		return status;
	rc_buf_init(&walk.line, RC_FACT_LINE_MAX_BYTES * 2);
	status = rc_db_query(tx, &rc_sql_records_chain, chain, walk_fact, &walk, err);
	rc_buf_deinit(&walk.line);
	return status;
}

static enum rc_status check_chain(struct rc_db_tx *tx, struct chain_check *c, struct rc_error *err)
{
	const struct rc_db_values chain = RC_DB_VALUES(RC_DB_TEXT(c->kiosk), RC_DB_TEXT(c->epoch));
	enum rc_status status = rc_db_one(tx, &rc_sql_records_mark, chain, take_mark, c, err);

	c->tx = tx;
	c->piece.kiosks_and_epochs = 1;
	if (status == RC_OK || status == RC_ENOTFOUND)
		status = walk_chain(tx, c, err);
	if (status != RC_OK)
		return status;
	check_mark(c);
	status = rc_db_query(tx, &rc_sql_records_keys_of, RC_DB_VALUES(RC_DB_TEXT(c->kiosk)),
			     take_key, c, err);
	if (status == RC_OK)
		status = rc_db_query(tx, &rc_sql_records_signatures_of, chain, check_signature, c, err);
	return status;
}

struct step {
	char kiosk[RC_ID_CHARS + 1], epoch[RC_FACT_EPOCH_CHARS + 1]; /* checked up to and with this chain */
	struct chain_check *check;                                   /* of the next one */
};

static void begin_afresh(const struct step *step)
{
	struct chain_check *c = step->check;

	free(c->unread.items);
	free(c->lost.items);
	memset(c, 0, sizeof(*c));
	memcpy(c->kiosk, step->kiosk, sizeof(c->kiosk));
	memcpy(c->epoch, step->epoch, sizeof(c->epoch));
}

static enum rc_status check_next(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct step *step = arg;
	struct chain_check *c = step->check;
	enum rc_status status;

	begin_afresh(step);
	status = next_chain(tx, c, err);
	return status == RC_OK && !c->has_ended ? check_chain(tx, c, err) : status;
}

static void add(struct rc_records_verify_report *sum, const struct rc_records_verify_report *piece)
{
	sum->kiosks_and_epochs += piece->kiosks_and_epochs;
	sum->facts += piece->facts;
	sum->unread += piece->unread;
	sum->lost += piece->lost;
	sum->missing += piece->missing;
	sum->broken_links += piece->broken_links;
	sum->altered += piece->altered;
	sum->bad_signatures += piece->bad_signatures;
	sum->good_signatures += piece->good_signatures;
	sum->wrong_marks += piece->wrong_marks;
	if (sum->first_fault[0] == '\0')
		memcpy(sum->first_fault, piece->first_fault, sizeof(sum->first_fault));
}

enum rc_status rc_records_verify(struct rc_db *db, struct rc_records_verify_report *report,
				 struct rc_error *err)
{
	struct rc_records_verify_report sum = {0};
	struct step step = {.check = calloc(1, sizeof(*step.check))};
	enum rc_status status = step.check ? RC_OK : rc_fail(err, RC_ENOMEM, "no memory to verify");

	while (status == RC_OK && !step.check->has_ended) {
		status = rc_db_read(db, check_next, &step, err);
		if (status != RC_OK)
			break;
		add(&sum, &step.check->piece);
		memcpy(step.kiosk, step.check->kiosk, sizeof(step.kiosk));
		memcpy(step.epoch, step.check->epoch, sizeof(step.epoch));
	}
	if (step.check) {
		free(step.check->unread.items);
		free(step.check->lost.items);
	}
	free(step.check);
	if (status != RC_OK)
		return rc_error_in(err, status, "verifying facts");
	*report = sum;
	return RC_OK;
}

bool rc_records_verify_is_good(const struct rc_records_verify_report *report)
{
	return report->missing == 0 && report->broken_links == 0 && report->altered == 0 &&
	       report->bad_signatures == 0 && report->wrong_marks == 0;
}
