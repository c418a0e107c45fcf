/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/faults/kiosk_journal.h"

#include <stdio.h>
#include <string.h>

#define MANY 10

static void read_clock(void *context, struct rc_clock_reading *reading)
{
	*reading = *(const struct rc_clock_reading *)context;
}

const char *kiosk_work_name(enum kiosk_work work)
{
	static const char *const names[KIOSK_WORKS] = {
	    "sign-in", "sign-ins in one commit", "acknowledgement", "checkpoint", "prune", "epoch",
	    "state"};

	return work < KIOSK_WORKS ? names[work] : "?";
}

void kiosk_make(struct kiosk_journal *kiosk, const char *vfs)
{
	*kiosk = (struct kiosk_journal){.kiosk = rc_id_new(),
					.options = {.wal_bytes = 64 * 1024, .vfs = vfs}};
	rc_sim_folder_make(rc_sim_folder_memory(), "faults", kiosk->folder);
	kiosk->now = (struct rc_clock_reading){
	    .at_ms = INT64_C(1795510923456), .up_ms = 1000, .boot = rc_id_new(), .error_ms = 4};
	kiosk->clock = (struct rc_clock){.read = read_clock, .context = &kiosk->now};
	kiosk->options.clock = &kiosk->clock;
}

void kiosk_close(struct kiosk_journal *kiosk)
{
	rc_journal_close(kiosk->journal);
	kiosk->journal = NULL;
}

void kiosk_remove(struct kiosk_journal *kiosk)
{
	kiosk_close(kiosk);
	rc_sim_folder_remove(kiosk->folder);
}

enum rc_status kiosk_open(struct kiosk_journal *kiosk)
{
	enum rc_status status;

	kiosk->options.clock = &kiosk->clock;
	kiosk->clock.context = &kiosk->now;
	status = rc_journal_open(kiosk->folder, &kiosk->kiosk, &kiosk->options, &kiosk->journal,
				 &kiosk->err);
	if (status == RC_OK && kiosk->head.seq == 0)
		kiosk->head = rc_journal_head(kiosk->journal);
	return status;
}

/* ---- work ---- */

static struct rc_journal_statement statement_of(void)
{
	return (struct rc_journal_statement){
	    "attendance.signed_in", 1,
	    rc_bytes_of_text(
		"{\"session\":\"0c9f1c52-93a5-4ad0-9a2f-6a1b9f0f7d11\",\"session_version\":3,"
		"\"ref\":\"5b0e7e0a-7f1d-4f5b-8d5c-5f0a3b1c2d3e\","
		"\"find\":\"00112233445566778899aabbccddeeff\",\"verdict\":\"signed_in\","
		"\"roster_n\":4711}")};
}

static enum rc_status sign_in(struct kiosk_journal *kiosk)
{
	const struct rc_journal_statement statement = statement_of();
	struct rc_journal_entry entry;

	return rc_journal_append(kiosk->journal, &statement, &kiosk->now, &entry, &kiosk->err);
}

static enum rc_status sign_in_many(struct kiosk_journal *kiosk)
{
	struct rc_journal_statement statements[MANY];
	struct rc_journal_entry entries[MANY];

	for (size_t i = 0; i < MANY; i++)
		statements[i] = statement_of();
	return rc_journal_append_many(kiosk->journal, statements, MANY, &kiosk->now, entries,
				      &kiosk->err);
}

static enum rc_status acknowledge(struct kiosk_journal *kiosk)
{
	const struct rc_journal_mark head = rc_journal_head(kiosk->journal);

	return rc_journal_acknowledge(kiosk->journal, head.epoch, head.seq, head.hash, &kiosk->err);
}

static enum rc_status prune(struct kiosk_journal *kiosk)
{
	const struct rc_journal_room room = {.least_free_bytes = INT64_C(1) << 40, .max_facts = 5};
	size_t removed;

	return rc_journal_prune(kiosk->journal, &room, &removed, &kiosk->err);
}

enum rc_status kiosk_do(struct kiosk_journal *kiosk, enum kiosk_work work)
{
	enum rc_status status = RC_EUSAGE;

	switch (work) {
	case KIOSK_SIGN_IN:
		status = sign_in(kiosk);
		break;
	case KIOSK_SIGN_IN_MANY:
		status = sign_in_many(kiosk);
		break;
	case KIOSK_ACKNOWLEDGE:
		status = acknowledge(kiosk);
		break;
	case KIOSK_CHECKPOINT:
		return rc_journal_checkpoint(kiosk->journal, &kiosk->err);
	case KIOSK_PRUNE:
		status = prune(kiosk);
		break;
	case KIOSK_EPOCH:
		status = rc_journal_begin_epoch(kiosk->journal, "behind", &kiosk->err);
		break;
	case KIOSK_STATE:
		status = rc_journal_state_put_int(kiosk->journal, "time.known", kiosk->known_ms + 1,
						  &kiosk->err);
		if (status == RC_OK)
			kiosk->known_ms++;
		return status;
	case KIOSK_WORKS:
		return status;
	}
	if (status != RC_OK)
		return status;
	kiosk->head = rc_journal_head(kiosk->journal);
	kiosk->acknowledged = rc_journal_last_acknowledged(kiosk->journal);
	return RC_OK;
}

bool kiosk_prepare(struct kiosk_journal *kiosk)
{
	static const enum kiosk_work works[] = {
	    KIOSK_SIGN_IN_MANY, KIOSK_SIGN_IN,      KIOSK_ACKNOWLEDGE, KIOSK_STATE,
	    KIOSK_CHECKPOINT,   KIOSK_SIGN_IN_MANY, KIOSK_SIGN_IN};

	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		if (kiosk_do(kiosk, works[i]) != RC_OK)
			return false;
	}
	return true;
}

/* ---- check ---- */

static bool has_head(struct kiosk_journal *kiosk, struct rc_error *why)
{
	struct rc_journal_reader *reader = NULL;
	uint8_t hash[RC_FACT_HASH_BYTES];
	enum rc_status status = rc_journal_reader_open(kiosk->folder, &reader, why);

	if (status == RC_OK)
		status = rc_journal_hash_at(reader, kiosk->head.epoch, kiosk->head.seq, hash, why);
	if (status == RC_OK && memcmp(hash, kiosk->head.hash, sizeof(hash)) != 0)
		status = rc_fail(why, RC_ECONFLICT, "confirmed fact %lld is another one",
				 (long long)kiosk->head.seq);
	rc_journal_reader_close(reader);
	return status == RC_OK;
}

static bool has_acknowledged(struct kiosk_journal *kiosk, struct rc_error *why)
{
	const struct rc_journal_mark mark = rc_journal_last_acknowledged(kiosk->journal);

	if (mark.epoch == kiosk->acknowledged.epoch && mark.seq < kiosk->acknowledged.seq) {
		(void)rc_fail(why, RC_ECONFLICT, "acknowledged through %lld, now %lld",
			      (long long)kiosk->acknowledged.seq, (long long)mark.seq);
		return false;
	}
	return true;
}

static bool has_state(struct kiosk_journal *kiosk, struct rc_error *why)
{
	int64_t known_ms = 0;

	if (kiosk->known_ms == 0)
		return true;
	if (rc_journal_state_get_int(kiosk->journal, "time.known", &known_ms, why) != RC_OK)
		return false;
	if (known_ms < kiosk->known_ms) {
		(void)rc_fail(why, RC_ECONFLICT, "state %lld, now %lld", (long long)kiosk->known_ms,
			      (long long)known_ms);
		return false;
	}
	return true;
}

static bool is_whole(struct kiosk_journal *kiosk, struct rc_error *why)
{
	struct rc_journal_report report;

	if (rc_journal_verify(kiosk->folder, &report, why) != RC_OK)
		return false;
	if (report.faults > 0) {
		(void)rc_fail(why, RC_EFORMAT, "%lld faults: %s", (long long)report.faults,
			      report.first_fault);
		return false;
	}
	return true;
}

bool kiosk_holds(struct kiosk_journal *kiosk, struct rc_error *why)
{
	kiosk_close(kiosk);
	if (kiosk_open(kiosk) != RC_OK) {
		*why = kiosk->err;
		return false;
	}
	if (rc_journal_set_aside(kiosk->journal)[0] != '\0') {
		(void)rc_fail(why, RC_EFORMAT, "the journal was set aside");
		return false;
	}
	if (!has_head(kiosk, why) || !has_acknowledged(kiosk, why) || !has_state(kiosk, why) ||
	    !is_whole(kiosk, why))
		return false;
	for (enum kiosk_work work = KIOSK_SIGN_IN; work < KIOSK_WORKS; work++) {
		if (kiosk_do(kiosk, work) != RC_OK) {
			(void)rc_fail(why, RC_EIO, "%s afterwards: %s", kiosk_work_name(work),
				      kiosk->err.text);
			return false;
		}
	}
	return is_whole(kiosk, why);
}
