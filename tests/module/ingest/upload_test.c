/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads as they come from kiosks: lost answers, repetitions, overlaps, gaps, branches, what can't be read, limits. */
#include "server/changes/changes.h"
#include "tests/module/ingest/school.h"
#include "tests/module/ingest_sql/statements.h"

#include <pthread.h>
#include <stdio.h>

#define EPOCH UINT64_C(0xabc0000000000001)

static struct rc_buf lines_buf(void)
{
	struct rc_buf lines;

	rc_buf_init(&lines, RC_DEVICE_UPLOAD_PLAIN_MAX_BYTES + 65536);
	return lines;
}

static int64_t facts(struct school *school)
{
	return school_number(school, &rc_sql_school_count_facts, RC_DB_NO_VALUES);
}

static void sign_in_many(struct journal *journal, const struct school *school, int count,
			 struct rc_buf *lines)
{
	for (int i = 0; i < count; i++)
		journal_sign_in(journal, school, 0, i, lines);
}

/* ---- once ---- */

static void facts_become_rows_events_records_and_a_mark(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();
	struct rc_ingest_answer answer;

	sign_in_many(&journal, school, 5, &lines);
	answer = school_send(school, &journal, 1, 5, &lines);
	assert_int_equal(answer.status, 200);
	assert_null(answer.problem);
	assert_int_equal(answer.stored, 5);
	assert_true(answer.mark.server_epoch == SCHOOL_EPOCH);
	assert_true(answer.mark.epoch == EPOCH);
	assert_int_equal(answer.mark.through, 5);
	assert_memory_equal(answer.mark.hash, journal.prev, RC_FACT_HASH_BYTES);
	assert_int_equal(answer.mark.state, RC_DEVICE_CURRENT);
	assert_int_equal(facts(school), 5);
	assert_string_equal(school_record_state(school, 0, 4), "present");
	assert_string_equal(school_record_state(school, 0, 5), "");
	rc_buf_deinit(&lines);
}

struct stored_line {
	struct rc_buf text;
};

static enum rc_status take_columns(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct stored_line *stored = context;
	char salt[33];
	const struct rc_bytes bytes = rc_db_row_bytes(row, 1);

	(void)err;
	for (size_t i = 0; i < 16; i++)
		(void)snprintf(salt + 2 * i, 3, "%02x", bytes.data[i]);
	rc_fact_join(&(struct rc_fact_slices){.envelope = rc_db_row_bytes(row, 0),
					      .salt_hex = rc_bytes_of_text(salt),
					      .body = rc_db_row_bytes(row, 2)},
		     &stored->text);
	return RC_OK;
}

static enum rc_status read_columns(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_one(tx, &rc_sql_school_fact_at,
			 RC_DB_VALUES(RC_DB_TEXT("66000000-0000-0000-0000-000000000000"),
				      RC_DB_TEXT("abc0000000000001"), RC_DB_INT(1), RC_DB_INT(0)),
			 take_columns, arg, err);
}

static void the_stored_columns_join_to_the_very_bytes_that_came(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();
	struct stored_line stored = {.text = lines_buf()};
	struct rc_error err = {{0}};

	journal_write(&journal, "odd.kind", "{ \"text\" : \"\\u5b66 学\" , \"n\":[1, 2] }", &lines);
	assert_int_equal(school_send(school, &journal, 1, 1, &lines).status, 200);
	school_expect(rc_db_read(school->db, read_columns, &stored, &err), &err);
	assert_string_equal(rc_buf_text(&stored.text), rc_buf_text(&lines));
	rc_buf_deinit(&stored.text);
	rc_buf_deinit(&lines);
}

static void an_upload_whose_answer_was_lost_is_stored_once_with_the_same_mark(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf(), before = lines_buf(), after = lines_buf();
	struct rc_ingest_answer first, second;
	int64_t changes;

	sign_in_many(&journal, school, 20, &lines);
	first = school_send(school, &journal, 1, 20, &lines);
	school_dump(school, &before);
	changes = school_number(school, &rc_sql_school_count_changes, RC_DB_NO_VALUES);
	second = school_send(school, &journal, 1, 20, &lines);
	school_dump(school, &after);
	assert_int_equal(second.status, 200);
	assert_int_equal(second.stored, 0);
	assert_int_equal(second.branched, 0);
	assert_int_equal(second.mark.through, first.mark.through);
	assert_memory_equal(second.mark.hash, first.mark.hash, RC_FACT_HASH_BYTES);
	assert_int_equal(facts(school), 20);
	assert_string_equal(rc_buf_text(&before), rc_buf_text(&after));
	assert_int_equal(school_number(school, &rc_sql_school_count_changes, RC_DB_NO_VALUES), changes);
	rc_buf_deinit(&lines);
	rc_buf_deinit(&before);
	rc_buf_deinit(&after);
}

struct sender {
	pthread_t thread;
	struct school *school;
	const struct journal *journal;
	const struct rc_buf *lines;
	struct rc_ingest_answer answer;
};

static void *send_in_thread(void *arg)
{
	struct sender *sender = arg;

	sender->answer =
	    school_send(sender->school, sender->journal, 1, sender->journal->seq, sender->lines);
	return NULL;
}

static void the_same_batch_from_several_threads_at_once_is_stored_once(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();
	struct sender senders[4];
	int64_t stored = 0;

	sign_in_many(&journal, school, 30, &lines);
	for (int i = 0; i < 4; i++) {
		senders[i] = (struct sender){.school = school, .journal = &journal, .lines = &lines};
		assert_int_equal(pthread_create(&senders[i].thread, NULL, send_in_thread, &senders[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(senders[i].thread, NULL), 0);
		assert_int_equal(senders[i].answer.status, 200);
		assert_int_equal(senders[i].answer.mark.through, 30);
		stored += senders[i].answer.stored;
	}
	assert_int_equal(stored, 30);
	assert_int_equal(facts(school), 30);
	assert_int_equal(school_number(school, &rc_sql_school_count_branches, RC_DB_NO_VALUES), 0);
	rc_buf_deinit(&lines);
}

/* ---- overlap, gap, branch ---- */

static void an_overlapping_upload_brings_only_what_is_new(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf first = lines_buf(), all = lines_buf();
	struct rc_ingest_answer answer;

	sign_in_many(&journal, school, 4, &first);
	assert_int_equal(school_send(school, &journal, 1, 4, &first).status, 200);
	rc_buf_append_bytes(&all, rc_buf_bytes(&first));
	journal_sign_in(&journal, school, 0, 4, &all);
	journal_sign_in(&journal, school, 0, 5, &all);
	answer = school_send(school, &journal, 1, 6, &all);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.stored, 2);
	assert_int_equal(answer.mark.through, 6);
	assert_memory_equal(answer.mark.hash, journal.prev, RC_FACT_HASH_BYTES);
	assert_int_equal(school_inbox(school, "fact.branch"), 0);
	assert_int_equal(school_inbox(school, "fact.chain"), 0);
	rc_buf_deinit(&first);
	rc_buf_deinit(&all);
}

static void a_gap_is_answered_with_the_mark_and_nothing_behind_it_is_kept(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf(), later = lines_buf();
	struct rc_ingest_answer answer;
	uint8_t hash[RC_FACT_HASH_BYTES];

	sign_in_many(&journal, school, 2, &lines);
	memcpy(hash, journal.prev, sizeof(hash));
	assert_int_equal(school_send(school, &journal, 1, 2, &lines).status, 200);
	rc_buf_clear(&lines);
	journal_sign_in(&journal, school, 0, 2, &lines);
	journal_sign_in(&journal, school, 0, 3, &later);
	answer = school_send(school, &journal, 4, 1, &later);
	assert_int_equal(answer.status, 409);
	assert_string_equal(answer.problem, RC_DEVICE_PROBLEM_GAP);
	assert_int_equal(answer.mark.through, 2);
	assert_memory_equal(answer.mark.hash, hash, sizeof(hash));
	assert_int_equal(facts(school), 2);
	assert_int_equal(school_send(school, &journal, 3, 1, &lines).mark.through, 3);
	assert_int_equal(school_send(school, &journal, 4, 1, &later).mark.through, 4);
	rc_buf_deinit(&lines);
	rc_buf_deinit(&later);
}

static void of_an_unknown_epoch_the_first_fact_is_wanted(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct journal other = journal_of(school, 0, EPOCH + 1);
	struct rc_buf lines = lines_buf();
	struct rc_ingest_answer answer;
	struct rc_device_mark mark;
	struct rc_error err = {{0}};

	sign_in_many(&journal, school, 2, &lines);
	assert_int_equal(school_send(school, &journal, 1, 2, &lines).status, 200);
	rc_buf_clear(&lines);
	other.seq = 6;
	journal_sign_in(&other, school, 0, 7, &lines);
	answer = school_send(school, &other, 7, 1, &lines);
	assert_int_equal(answer.status, 409);
	assert_string_equal(answer.problem, RC_DEVICE_PROBLEM_GAP);
	assert_true(answer.mark.epoch == EPOCH + 1);
	assert_int_equal(answer.mark.through, 0);
	/* And nothing of the refused upload stays, not even that this epoch was heard of. */
	school_expect(rc_ingest_mark(school->db, &journal.kiosk, 1, &mark, &err), &err);
	assert_true(mark.epoch == EPOCH);
	rc_buf_deinit(&lines);
}

static void other_content_at_a_known_place_is_kept_as_a_branch(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH), twin;
	struct rc_buf lines = lines_buf(), common = lines_buf();
	struct rc_ingest_answer answer;

	sign_in_many(&journal, school, 2, &common);
	twin = journal;
	rc_buf_append_bytes(&lines, rc_buf_bytes(&common));
	journal_sign_in(&journal, school, 0, 2, &lines);
	assert_int_equal(school_send(school, &journal, 1, 3, &lines).status, 200);
	journal_sign_in(&twin, school, 0, 3, &common);
	answer = school_send(school, &twin, 1, 3, &common);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.stored, 1);
	assert_int_equal(answer.branched, 1);
	assert_int_equal(answer.mark.through, 3);
	assert_memory_equal(answer.mark.hash, journal.prev, RC_FACT_HASH_BYTES);
	assert_int_equal(facts(school), 4);
	assert_int_equal(school_inbox(school, "fact.branch"), 1);
	/* Both count: nothing that happened is thrown away. */
	assert_string_equal(school_record_state(school, 0, 2), "present");
	assert_string_equal(school_record_state(school, 0, 3), "present");
	assert_int_equal(school_send(school, &twin, 1, 3, &common).stored, 0);
	assert_int_equal(school_inbox(school, "fact.branch"), 1);
	rc_buf_deinit(&lines);
	rc_buf_deinit(&common);
}

static void a_new_epoch_begins_and_the_rest_of_the_old_one_follows_as_a_branch(void **state)
{
	struct school *school = *state;
	struct journal old = journal_of(school, 0, EPOCH), new = journal_of(school, 0, EPOCH + 5);
	struct rc_buf lines = lines_buf(), body = lines_buf();
	struct rc_ingest_answer answer;
	struct rc_device_mark mark;
	struct rc_error err = {{0}};

	sign_in_many(&old, school, 2, &lines);
	assert_int_equal(school_send(school, &old, 1, 2, &lines).status, 200);
	rc_buf_clear(&lines);
	journal_sign_in(&new, school, 0, 10, &lines);
	assert_int_equal(school_send(school, &new, 1, 1, &lines).status, 200);
	rc_buf_clear(&lines);
	journal_sign_in(&old, school, 0, 11, &lines);
	journal_header(&old, 3, 1, true, &body);
	rc_buf_append_bytes(&body, rc_buf_bytes(&lines));
	answer = school_upload(school, &old.kiosk, &body, old.clock.at_ms);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.mark.state, RC_DEVICE_CURRENT);
	assert_true(answer.mark.epoch == EPOCH);
	assert_int_equal(answer.mark.through, 3);
	school_expect(rc_ingest_mark(school->db, &old.kiosk, 77, &mark, &err), &err);
	assert_true(mark.epoch == EPOCH + 5);
	assert_int_equal(mark.through, 1);
	assert_int_equal(mark.time_ms, 77);
	assert_string_equal(school_record_state(school, 0, 11), "present");
	rc_buf_deinit(&lines);
	rc_buf_deinit(&body);
}

static void new_facts_under_two_epochs_by_turns_go_to_quarantine(void **state)
{
	struct school *school = *state;
	struct journal a = journal_of(school, 0, EPOCH), b = journal_of(school, 0, EPOCH + 5);
	struct rc_buf lines = lines_buf();
	struct rc_ingest_answer answer;

	journal_sign_in(&a, school, 0, 0, &lines);
	assert_int_equal(school_send(school, &a, 1, 1, &lines).status, 200);
	rc_buf_clear(&lines);
	journal_sign_in(&b, school, 0, 1, &lines);
	assert_int_equal(school_send(school, &b, 1, 1, &lines).status, 200);
	rc_buf_clear(&lines);
	journal_sign_in(&a, school, 0, 2, &lines);
	answer = school_send(school, &a, 2, 1, &lines);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.mark.state, RC_DEVICE_QUARANTINED);
	assert_int_equal(facts(school), 3);
	assert_string_equal(school_record_state(school, 0, 2), "");
	assert_int_equal(school_inbox(school, "kiosk.cloned"), 1);
	rc_buf_deinit(&lines);
}

static struct journal begin_epoch(const struct journal *old, uint64_t epoch, const char *reason,
				  struct rc_buf *lines)
{
	const struct rc_fact_journal_started started = {.has_old_epoch = true, .old_epoch = old->epoch};
	struct rc_fact_journal_started said = started;
	struct journal journal = {.kiosk = old->kiosk, .epoch = epoch, .clock = old->clock};
	char memory[512];
	struct rc_buf body;

	assert_true(rc_text_copy(reason, said.reason, sizeof(said.reason)));
	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_journal_started_encode(&said, &body);
	rc_buf_clear(lines);
	journal_write(&journal, RC_FACT_KIND_JOURNAL_STARTED, rc_buf_text(&body), lines);
	return journal;
}

/* Each of the two finds the other's fact in the mark and begins a new epoch, as kiosks do. */
static void a_cloned_card_is_noticed_when_both_have_begun_epochs_by_turns(void **state)
{
	struct school *school = *state;
	struct journal a = journal_of(school, 0, EPOCH), b = a;
	struct rc_buf lines = lines_buf();
	struct rc_ingest_answer answer;

	journal_sign_in(&a, school, 0, 0, &lines);
	assert_int_equal(school_send(school, &a, 1, 1, &lines).status, 200);
	b = begin_epoch(&a, EPOCH + 2, "behind", &lines);
	assert_int_equal(school_send(school, &b, 1, 1, &lines).mark.state, RC_DEVICE_CURRENT);
	assert_int_equal(school_inbox(school, "kiosk.forked"), 0);
	a = begin_epoch(&a, EPOCH + 3, "behind", &lines);
	assert_int_equal(school_send(school, &a, 1, 1, &lines).mark.state, RC_DEVICE_CURRENT);
	assert_int_equal(school_inbox(school, "kiosk.forked"), 1);
	b = begin_epoch(&b, EPOCH + 4, "behind", &lines);
	journal_sign_in(&b, school, 0, 7, &lines);
	answer = school_send(school, &b, 1, 2, &lines);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.stored, 2);
	assert_int_equal(answer.mark.state, RC_DEVICE_QUARANTINED);
	assert_int_equal(school_inbox(school, "kiosk.cloned"), 1);
	assert_string_equal(school_record_state(school, 0, 7), "");
	rc_buf_deinit(&lines);
}

static void a_backup_restored_twice_is_no_clone(void **state)
{
	struct school *school = *state;
	struct journal original = journal_of(school, 0, EPOCH), journal;
	struct rc_buf lines = lines_buf();

	journal_sign_in(&original, school, 0, 0, &lines);
	assert_int_equal(school_send(school, &original, 1, 1, &lines).status, 200);
	for (uint64_t i = 1; i <= 3; i++) {
		journal = begin_epoch(&original, EPOCH + i, "restored", &lines);
		journal_sign_in(&journal, school, 0, (int)i, &lines);
		assert_int_equal(school_send(school, &journal, 1, 2, &lines).mark.state,
				 RC_DEVICE_CURRENT);
	}
	assert_string_equal(school_record_state(school, 0, 3), "present");
	assert_int_equal(school_inbox(school, "kiosk.forked"), 2);
	rc_buf_deinit(&lines);
}

static void a_new_enrolment_may_follow_any_epoch(void **state)
{
	struct school *school = *state;
	struct journal a = journal_of(school, 0, EPOCH), b, c;
	struct rc_buf lines = lines_buf();

	journal_sign_in(&a, school, 0, 0, &lines);
	assert_int_equal(school_send(school, &a, 1, 1, &lines).status, 200);
	b = begin_epoch(&a, EPOCH + 2, "behind", &lines);
	assert_int_equal(school_send(school, &b, 1, 1, &lines).status, 200);
	c = begin_epoch(&a, EPOCH + 3, "behind", &lines);
	assert_int_equal(school_send(school, &c, 1, 1, &lines).status, 200);
	b = begin_epoch(&b, EPOCH + 4, "enrolled", &lines);
	assert_int_equal(school_send(school, &b, 1, 1, &lines).mark.state, RC_DEVICE_CURRENT);
	rc_buf_deinit(&lines);
}

static void a_fact_that_names_another_predecessor_is_kept_and_shown(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();

	sign_in_many(&journal, school, 2, &lines);
	journal.prev[0] ^= 1;
	journal_sign_in(&journal, school, 0, 2, &lines);
	assert_int_equal(school_send(school, &journal, 1, 3, &lines).mark.through, 3);
	assert_int_equal(facts(school), 3);
	assert_int_equal(school_inbox(school, "fact.chain"), 1);
	rc_buf_deinit(&lines);
}

/* ---- what can't be read, what isn't known ---- */

static void unreadable_lines_are_kept_as_bytes_and_acknowledged(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH), wrong;
	struct rc_buf lines = lines_buf();
	struct rc_ingest_answer answer;

	journal_sign_in(&journal, school, 0, 0, &lines);
	rc_buf_append_text(&lines, "this was no fact\n");
	journal.seq++;
	wrong = journal;
	wrong.seq = 90;
	journal_sign_in(&wrong, school, 0, 1, &lines);
	journal.seq++;
	wrong = journal_of(school, 1, EPOCH);
	wrong.seq = 3;
	journal_sign_in(&wrong, school, 0, 2, &lines);
	journal.seq++;
	journal_sign_in(&journal, school, 0, 3, &lines);
	answer = school_send(school, &journal, 1, 5, &lines);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.stored, 2);
	assert_int_equal(answer.unread, 3);
	assert_int_equal(answer.mark.through, 5);
	assert_memory_equal(answer.mark.hash, journal.prev, RC_FACT_HASH_BYTES);
	assert_int_equal(school_number(school, &rc_sql_school_count_unread, RC_DB_NO_VALUES), 3);
	assert_int_equal(school_inbox(school, "fact.unread"), 3);
	/* Again: the same bytes are nothing new. */
	answer = school_send(school, &journal, 1, 5, &lines);
	assert_int_equal(answer.stored + answer.unread, 0);
	rc_buf_deinit(&lines);
}

static void a_mark_over_a_flipped_bit_is_still_one_that_the_kiosk_holds(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();
	struct rc_ingest_answer answer;

	journal_write(&journal, "odd.kind", "{\"text\":\"hello\"}", &lines);
	lines.data[lines.size - 6] ^= 1;
	answer = school_send(school, &journal, 1, 1, &lines);
	assert_int_equal(answer.unread, 1);
	assert_int_equal(answer.mark.through, 1);
	assert_memory_equal(answer.mark.hash, journal.prev, RC_FACT_HASH_BYTES);
	rc_buf_deinit(&lines);
}

static void kinds_that_nobody_here_knows_are_kept(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();
	struct rc_ingest_answer answer;

	journal_write(&journal, "attendance.teleported", "{\"where\":\"moon\"}", &lines);
	journal_write(&journal, "scan.refused", "{}", &lines);
	answer = school_send(school, &journal, 1, 2, &lines);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.stored, 2);
	assert_int_equal(answer.unread, 0);
	assert_int_equal(school_number(school, &rc_sql_school_count_events, RC_DB_NO_VALUES), 0);
	rc_buf_deinit(&lines);
}

/* As a newer kiosk would write it: more fields in envelope and body. */
static void write_with_more_fields(struct journal *journal, const struct school *school, int person,
				   struct rc_buf *lines)
{
	char session[RC_ID_CHARS + 1], ref[RC_ID_CHARS + 1], body[512];

	rc_id_format(&school->sessions[0], session);
	rc_id_format(&school->people[person], ref);
	(void)snprintf(
	    body, sizeof(body),
	    "{\"mood\":{\"x\":[1,2]},\"session\":\"%s\",\"session_version\":1,\"ref\":\"%s\","
	    "\"find\":\"00112233445566778899aabbccddeeff\",\"verdict\":\"signed_in\","
	    "\"roster_n\":3,\"temperature\":36}",
	    session, ref);
	journal_write(journal, RC_FACT_KIND_ATTENDANCE_SIGNED_IN, body, lines);
}

static void fields_that_a_newer_kiosk_adds_are_kept_and_passed_over(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();

	write_with_more_fields(&journal, school, 3, &lines);
	assert_int_equal(school_send(school, &journal, 1, 1, &lines).stored, 1);
	assert_string_equal(school_record_state(school, 0, 3), "present");
	rc_buf_deinit(&lines);
}

static void an_older_kiosk_that_lacks_a_field_is_kept_and_shown(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();

	journal_write(&journal, RC_FACT_KIND_ATTENDANCE_SIGNED_IN, "{\"ref\":null}", &lines);
	assert_int_equal(school_send(school, &journal, 1, 1, &lines).stored, 1);
	assert_int_equal(school_inbox(school, "fact.body"), 1);
	assert_int_equal(school_number(school, &rc_sql_school_count_events, RC_DB_NO_VALUES), 0);
	rc_buf_deinit(&lines);
}

static enum rc_status look_for_unknown(void *context, const struct rc_records_line *line,
				       struct rc_error *err)
{
	(void)err;
	if (!line->is_known) {
		assert_string_equal(line->number, "");
		assert_int_equal(line->record.state, RC_ATTENDANCE_PRESENT);
		*(int *)context += 1;
	}
	return RC_OK;
}

static void a_fact_of_a_removed_person_is_kept_and_shown_as_unknown(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();
	struct rc_error err = {{0}};
	char ref[RC_ID_CHARS + 1];
	int unknown = 0;

	rc_id_format(&school->people[35], ref);
	school_exec(school, &rc_sql_school_person_gone, RC_DB_VALUES(RC_DB_TEXT(ref)));
	journal_sign_in(&journal, school, 0, 35, &lines);
	assert_int_equal(school_send(school, &journal, 1, 1, &lines).status, 200);
	assert_string_equal(school_record_state(school, 0, 35), "present");
	assert_int_equal(school_inbox(school, "person.unknown"), 1);
	school_expect(rc_records_attendance_of_session(school->db, "TS-0", SCHOOL_ENDS_MS,
						       look_for_unknown, &unknown, &err),
		      &err);
	assert_int_equal(unknown, 1);
	rc_buf_deinit(&lines);
}

static void a_fact_of_an_unknown_session_waits_for_a_human(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();

	school->sessions[1].octets[5] = 9;
	journal_sign_in(&journal, school, 1, 0, &lines);
	assert_int_equal(school_send(school, &journal, 1, 1, &lines).status, 200);
	assert_string_equal(school_record_state(school, 1, 0), "unsure");
	assert_int_equal(school_inbox(school, "session.unknown"), 1);
	rc_buf_deinit(&lines);
}

/* ---- limits and refusals ---- */

static void another_kiosks_id_in_the_header_refuses_the_whole_upload(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf body = lines_buf();
	struct rc_ingest_answer answer;

	journal_header(&journal, 1, 1, false, &body);
	journal_sign_in(&journal, school, 0, 0, &body);
	answer = school_upload(school, &school->kiosks[1], &body, journal.clock.at_ms);
	assert_int_equal(answer.status, 403);
	assert_string_equal(answer.problem, RC_DEVICE_PROBLEM_NOT_YOURS);
	assert_int_equal(facts(school), 0);
	rc_buf_deinit(&body);
}

static void a_thousand_lines_are_taken_and_one_more_is_refused(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();

	for (int i = 0; i < 1000; i++)
		journal_write(&journal, "kiosk.started", "{\"version\":\"1\"}", &lines);
	assert_int_equal(school_send(school, &journal, 1, 1000, &lines).mark.through, 1000);
	rc_buf_clear(&lines);
	for (int i = 0; i < 1001; i++)
		journal_write(&journal, "kiosk.started", "{\"version\":\"1\"}", &lines);
	assert_int_equal(school_send(school, &journal, 1001, 1001, &lines).status, 413);
	assert_int_equal(facts(school), 1000);
	rc_buf_deinit(&lines);
}

static void more_than_four_mebibytes_are_refused(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();

	while (lines.size < RC_DEVICE_UPLOAD_PLAIN_MAX_BYTES)
		rc_buf_append_text(&lines,
				   "                                                    \n");
	assert_int_equal(school_send(school, &journal, 1, 1, &lines).status, 413);
	rc_buf_deinit(&lines);
}

static void a_bad_header_or_too_few_lines_are_refused(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf body = lines_buf();

	assert_int_equal(school_upload(school, &journal.kiosk, &body, 1).status, 422);
	rc_buf_append_text(&body, "{\"h\":{}}\n");
	assert_int_equal(school_upload(school, &journal.kiosk, &body, 1).status, 422);
	rc_buf_clear(&body);
	journal_header(&journal, 1, 3, false, &body);
	journal_sign_in(&journal, school, 0, 0, &body);
	assert_int_equal(school_upload(school, &journal.kiosk, &body, 1).status, 422);
	rc_buf_clear(&body);
	journal_header(&journal, RC_FACT_INTEGER_MAX, 1, false, &body);
	journal_sign_in(&journal, school, 0, 0, &body);
	assert_int_equal(school_upload(school, &journal.kiosk, &body, 1).status, 422);
	assert_int_equal(facts(school), 0);
	rc_buf_deinit(&body);
}

/* ---- revoked, quarantined, unknown kiosks ---- */

static void facts_of_a_revoked_kiosk_go_to_quarantine_until_an_operators_nod(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf body = lines_buf();
	struct rc_ingest_request request = {.kiosk = journal.kiosk, .is_revoked = true};
	struct rc_ingest_answer answer;
	struct rc_error err = {{0}};
	int64_t released = 0;

	journal_header(&journal, 1, 2, false, &body);
	sign_in_many(&journal, school, 2, &body);
	request.body = rc_buf_bytes(&body);
	request.now_ms = journal.clock.at_ms;
	school_expect(rc_ingest_upload(school->db, &request, &answer, &err), &err);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.mark.state, RC_DEVICE_REVOKED);
	assert_int_equal(answer.mark.through, 2);
	assert_int_equal(school_number(school, &rc_sql_school_count_quarantined, RC_DB_NO_VALUES), 2);
	assert_int_equal(school_number(school, &rc_sql_school_count_records, RC_DB_NO_VALUES), 0);
	assert_int_equal(school_number(school, &rc_sql_school_count_changes, RC_DB_NO_VALUES), 0);
	assert_int_equal(school_inbox(school, "kiosk.revoked_sent"), 2);
	school_expect(rc_ingest_release(school->db, &journal.kiosk, request.now_ms, &released, &err),
		      &err);
	assert_int_equal(released, 2);
	assert_string_equal(school_record_state(school, 0, 1), "present");
	school_expect(rc_ingest_release(school->db, &journal.kiosk, request.now_ms, &released, &err),
		      &err);
	assert_int_equal(released, 0);
	rc_buf_deinit(&body);
}

static void a_kiosk_without_a_row_is_taken_into_quarantine(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();
	struct rc_device_mark mark;

	journal.kiosk.octets[3] = 1;
	sign_in_many(&journal, school, 2, &lines);
	assert_int_equal(school_send(school, &journal, 1, 2, &lines).mark.state, RC_DEVICE_QUARANTINED);
	assert_int_equal(school_number(school, &rc_sql_school_count_quarantined, RC_DB_NO_VALUES), 2);
	assert_int_equal(rc_ingest_mark(school->db, &journal.kiosk, 1, &mark, NULL), RC_ENOTFOUND);
	rc_buf_deinit(&lines);
}

static void before_the_first_fact_the_mark_is_empty(void **state)
{
	static const uint8_t zeros[RC_FACT_HASH_BYTES];
	struct school *school = *state;
	struct rc_device_mark mark;
	struct rc_error err = {{0}};

	school_expect(rc_ingest_mark(school->db, &school->kiosks[2], 5, &mark, &err), &err);
	assert_true(mark.epoch == 0);
	assert_int_equal(mark.through, 0);
	assert_memory_equal(mark.hash, zeros, sizeof(zeros));
	assert_true(mark.server_epoch == SCHOOL_EPOCH);
}

/* ---- trailers ---- */

static void a_loss_moves_the_mark_over_its_range_and_tells_the_operator(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_device_lost lost = {.from = 2, .to = 9, .reason = "space"};
	struct rc_buf lines = lines_buf(), body = lines_buf();
	struct rc_ingest_answer answer;

	sign_in_many(&journal, school, 3, &lines);
	assert_int_equal(school_send(school, &journal, 1, 3, &lines).mark.through, 3);
	journal.seq = 9;
	journal.prev[0] ^= 1;
	journal_header(&journal, 10, 1, false, &body);
	journal_sign_in(&journal, school, 0, 9, &body);
	rc_device_lost_encode(&lost, &body);
	answer = school_upload(school, &journal.kiosk, &body, journal.clock.at_ms);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.mark.through, 10);
	assert_memory_equal(answer.mark.hash, journal.prev, RC_FACT_HASH_BYTES);
	assert_int_equal(school_number(school, &rc_sql_school_count_lost, RC_DB_NO_VALUES), 6);
	assert_int_equal(school_inbox(school, "facts.lost"), 6);
	assert_int_equal(school_inbox(school, "fact.chain"), 0);
	rc_buf_deinit(&lines);
	rc_buf_deinit(&body);
}

/* As the kiosk sends it when it finds the range gone: alone, and the facts behind it in the next upload. */
static void a_loss_alone_moves_the_mark_and_the_next_fact_gives_it_its_hash(void **state)
{
	static const uint8_t zeros[RC_FACT_HASH_BYTES];
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_device_lost lost = {.from = 1, .to = 9, .reason = "pruned"};
	struct rc_buf body = lines_buf();
	struct rc_ingest_answer answer;

	journal_header(&journal, 1, 0, false, &body);
	rc_device_lost_encode(&lost, &body);
	answer = school_upload(school, &journal.kiosk, &body, 1);
	assert_int_equal(answer.mark.through, 9);
	assert_memory_equal(answer.mark.hash, zeros, sizeof(zeros));
	/* Told twice is lost once. */
	assert_int_equal(school_upload(school, &journal.kiosk, &body, 1).mark.through, 9);
	assert_int_equal(school_inbox(school, "facts.lost"), 9);
	rc_buf_clear(&body);
	journal.seq = 9;
	journal.prev[4] = 77;
	journal_sign_in(&journal, school, 0, 0, &body);
	answer = school_send(school, &journal, 10, 1, &body);
	assert_int_equal(answer.mark.through, 10);
	assert_memory_equal(answer.mark.hash, journal.prev, RC_FACT_HASH_BYTES);
	assert_int_equal(school_inbox(school, "fact.chain"), 0);
	rc_buf_deinit(&body);
}

static void a_loss_behind_a_gap_is_answered_like_the_gap(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_device_lost lost = {.from = 3, .to = 9, .reason = "pruned"};
	struct rc_buf body = lines_buf();

	journal.seq = 9;
	journal_header(&journal, 10, 1, false, &body);
	journal_sign_in(&journal, school, 0, 0, &body);
	rc_device_lost_encode(&lost, &body);
	assert_int_equal(school_upload(school, &journal.kiosk, &body, 1).status, 409);
	assert_int_equal(school_number(school, &rc_sql_school_count_lost, RC_DB_NO_VALUES), 0);
	rc_buf_deinit(&body);
}

static int64_t signatures_after(struct school *school, struct rc_key *key, bool is_of_another_fact)
{
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf body = lines_buf();

	journal_header(&journal, 1, 2, false, &body);
	sign_in_many(&journal, school, 2, &body);
	if (is_of_another_fact)
		journal.prev[0] ^= 1;
	journal_signature(&journal, key, &body);
	assert_int_equal(school_upload(school, &journal.kiosk, &body, journal.clock.at_ms).status, 200);
	rc_buf_deinit(&body);
	return school_number(school, &rc_sql_school_count_signatures, RC_DB_NO_VALUES);
}

static void a_good_signature_is_stored(void **state)
{
	struct school *school = *state;

	assert_int_equal(signatures_after(school, school->keys[0], false), 1);
	assert_int_equal(school_inbox(school, "signature.bad"), 0);
}

static void a_signature_by_another_key_is_shown_and_not_stored(void **state)
{
	struct school *school = *state;

	assert_int_equal(signatures_after(school, school->keys[1], false), 0);
	assert_int_equal(school_inbox(school, "signature.bad"), 1);
}

static void a_signature_over_another_fact_is_shown_and_not_stored(void **state)
{
	struct school *school = *state;

	assert_int_equal(signatures_after(school, school->keys[0], true), 0);
	assert_int_equal(school_inbox(school, "signature.bad"), 1);
}

/* ---- presence ---- */

static void presence_is_published_once_and_only_when_it_changes(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct journal second = journal_of(school, 1, EPOCH);
	struct rc_buf lines = lines_buf();

	journal_sign_in(&journal, school, 0, 0, &lines);
	journal_sign_in(&journal, school, 0, 0, &lines);
	assert_int_equal(school_send(school, &journal, 1, 2, &lines).status, 200);
	assert_int_equal(school_number(school, &rc_sql_school_count_changes, RC_DB_NO_VALUES), 1);
	rc_buf_clear(&lines);
	second.clock.at_ms += RC_MINUTE_MS;
	journal_sign_in(&second, school, 0, 0, &lines);
	assert_int_equal(school_send(school, &second, 1, 1, &lines).status, 200);
	assert_int_equal(school_number(school, &rc_sql_school_count_changes, RC_DB_NO_VALUES), 1);
	rc_buf_clear(&lines);
	second.clock.at_ms += RC_MINUTE_MS;
	journal_sign_out(&second, school, 0, 0, &lines);
	assert_int_equal(school_send(school, &second, 2, 1, &lines).status, 200);
	assert_int_equal(school_number(school, &rc_sql_school_count_changes, RC_DB_NO_VALUES), 2);
	assert_int_equal(school_number(school, &rc_sql_school_count_current, RC_DB_NO_VALUES), 1);
	rc_buf_deinit(&lines);
}

struct told {
	struct rc_ref_presence presence;
	struct rc_change change;
	int count;
};

static void read_told(struct rc_bytes line, struct told *told)
{
	struct rc_change change;

	if (rc_change_read(line, &change, NULL) != RC_OK)
		return;
	assert_int_equal(rc_ref_presence_decode(&change, &told->presence, NULL), RC_OK);
	told->change = change;
	told->count++;
}

/* What a kiosk of this school's site hears of presence. */
static struct told listen(struct school *school)
{
	char scope[RC_SCOPE_MAX_CHARS + 1], site[RC_ID_CHARS + 1];
	const char *const scopes[] = {scope};
	const struct rc_changes_request request = {
	    .scopes = scopes, .scope_count = 1, .server_epoch = SCHOOL_EPOCH};
	struct rc_changes_answer answer;
	struct told told = {.count = 0};
	struct rc_error err = {{0}};
	struct rc_buf body;

	rc_id_format(&school->site, site);
	rc_changes_scope_of_site(site, scope);
	rc_buf_init(&body, 1 << 20);
	school_expect(rc_changes_answer(school->db, &request, &answer, &body, &err), &err);
	for (size_t at = 0; at < body.size;) {
		const uint8_t *feed = memchr(body.data + at, '\n', body.size - at);

		assert_non_null(feed);
		read_told(rc_bytes_of(body.data + at, (size_t)(feed - body.data) - at), &told);
		at = (size_t)(feed - body.data) + 1;
	}
	rc_buf_deinit(&body);
	return told;
}

static void presence_says_who_is_where_since_when_and_by_which_kiosk(void **state)
{
	struct school *school = *state;
	struct journal first = journal_of(school, 0, EPOCH), second = journal_of(school, 1, EPOCH);
	struct rc_buf lines = lines_buf();
	struct told told;

	journal_sign_in(&first, school, 0, 4, &lines);
	assert_int_equal(school_send(school, &first, 1, 1, &lines).status, 200);
	told = listen(school);
	assert_int_equal(told.count, 1);
	assert_true(rc_id_equal(&told.presence.session, &school->sessions[0]));
	assert_true(rc_id_equal(&told.presence.ref, &school->people[4]));
	assert_true(rc_id_equal(&told.presence.by, &school->kiosks[0]));
	assert_int_equal(told.presence.state, RC_PRESENCE_HERE);
	assert_int_equal(told.presence.since_ms, SCHOOL_STARTS_MS);
	assert_int_equal(told.change.version, 1);
	rc_buf_clear(&lines);
	second.clock.at_ms += RC_HOUR_MS;
	journal_withdraw(&second, school, 0, 4, &lines);
	assert_int_equal(school_send(school, &second, 1, 1, &lines).status, 200);
	told = listen(school);
	assert_int_equal(told.count, 1);
	assert_true(rc_id_equal(&told.presence.by, &school->kiosks[1]));
	assert_int_equal(told.presence.state, RC_PRESENCE_ABSENT);
	assert_int_equal(told.change.version, 2);
	rc_buf_deinit(&lines);
}

static void presence_of_long_ago_is_not_published(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf body = lines_buf();

	journal_header(&journal, 1, 1, false, &body);
	journal_sign_in(&journal, school, 0, 0, &body);
	assert_int_equal(
	    school_upload(school, &journal.kiosk, &body, SCHOOL_STARTS_MS + 31 * RC_DAY_MS).status, 200);
	assert_string_equal(school_record_state(school, 0, 0), "present");
	assert_int_equal(school_number(school, &rc_sql_school_count_changes, RC_DB_NO_VALUES), 0);
	rc_buf_deinit(&body);
}

/* ---- a backlog ---- */

#define BACKLOG 100000

static void write_piece(struct journal *journal, const struct school *school, struct rc_buf *lines)
{
	rc_buf_clear(lines);
	for (int i = 0; i < 1000; i++) {
		const int64_t number = journal->seq;

		if (number % 3000 == 0)
			journal_sign_in(journal, school, 0, (int)(number / 3000) % SCHOOL_PEOPLE, lines);
		else
			journal_write(journal, "scan.refused",
				      "{\"verdict\":\"unknown\",\"class\":\"rc1\",\"find\":null,"
				      "\"session\":null,\"until\":null,\"count\":1,\"size\":null,"
				      "\"digest\":null}",
				      lines);
		journal->clock.at_ms -= RC_SECOND_MS - 1;
	}
}

static void a_backlog_of_100000_facts_comes_in_pieces_and_resumes_in_the_middle(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH), at_cut;
	struct rc_buf lines = lines_buf();
	struct rc_device_mark mark;
	struct rc_error err = {{0}};

	while (journal.seq < BACKLOG) {
		const int64_t from = journal.seq + 1;

		at_cut = journal;
		write_piece(&journal, school, &lines);
		assert_int_equal(school_send(school, &journal, from, 1000, &lines).mark.through,
				 journal.seq);
		if (from != 50001)
			continue;
		/* The answer is lost here: the kiosk asks, finds this piece known and its last fact its own, and goes on behind it. */
		school_expect(
		    rc_ingest_mark(school->db, &journal.kiosk, journal.clock.at_ms, &mark, &err), &err);
		assert_int_equal(mark.through, 51000);
		assert_memory_equal(mark.hash, journal.prev, RC_FACT_HASH_BYTES);
		assert_int_equal(at_cut.seq, 50000);
		assert_int_equal(school_send(school, &journal, from, 1000, &lines).stored, 0);
	}
	assert_int_equal(facts(school), BACKLOG);
	assert_int_equal(school_number(school, &rc_sql_school_count_events, RC_DB_NO_VALUES), 34);
	assert_int_equal(school_inbox(school, "fact.chain"), 0);
	rc_buf_deinit(&lines);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, school_set_up, school_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(facts_become_rows_events_records_and_a_mark),
	    TEST(the_stored_columns_join_to_the_very_bytes_that_came),
	    TEST(an_upload_whose_answer_was_lost_is_stored_once_with_the_same_mark),
	    TEST(the_same_batch_from_several_threads_at_once_is_stored_once),
	    TEST(an_overlapping_upload_brings_only_what_is_new),
	    TEST(a_gap_is_answered_with_the_mark_and_nothing_behind_it_is_kept),
	    TEST(of_an_unknown_epoch_the_first_fact_is_wanted),
	    TEST(other_content_at_a_known_place_is_kept_as_a_branch),
	    TEST(a_new_epoch_begins_and_the_rest_of_the_old_one_follows_as_a_branch),
	    TEST(new_facts_under_two_epochs_by_turns_go_to_quarantine),
	    TEST(a_cloned_card_is_noticed_when_both_have_begun_epochs_by_turns),
	    TEST(a_backup_restored_twice_is_no_clone),
	    TEST(a_new_enrolment_may_follow_any_epoch),
	    TEST(a_fact_that_names_another_predecessor_is_kept_and_shown),
	    TEST(unreadable_lines_are_kept_as_bytes_and_acknowledged),
	    TEST(a_mark_over_a_flipped_bit_is_still_one_that_the_kiosk_holds),
	    TEST(kinds_that_nobody_here_knows_are_kept),
	    TEST(fields_that_a_newer_kiosk_adds_are_kept_and_passed_over),
	    TEST(an_older_kiosk_that_lacks_a_field_is_kept_and_shown),
	    TEST(a_fact_of_a_removed_person_is_kept_and_shown_as_unknown),
	    TEST(a_fact_of_an_unknown_session_waits_for_a_human),
	    TEST(another_kiosks_id_in_the_header_refuses_the_whole_upload),
	    TEST(a_thousand_lines_are_taken_and_one_more_is_refused),
	    TEST(more_than_four_mebibytes_are_refused),
	    TEST(a_bad_header_or_too_few_lines_are_refused),
	    TEST(facts_of_a_revoked_kiosk_go_to_quarantine_until_an_operators_nod),
	    TEST(a_kiosk_without_a_row_is_taken_into_quarantine),
	    TEST(before_the_first_fact_the_mark_is_empty),
	    TEST(a_loss_moves_the_mark_over_its_range_and_tells_the_operator),
	    TEST(a_loss_alone_moves_the_mark_and_the_next_fact_gives_it_its_hash),
	    TEST(a_loss_behind_a_gap_is_answered_like_the_gap),
	    TEST(a_good_signature_is_stored),
	    TEST(a_signature_by_another_key_is_shown_and_not_stored),
	    TEST(a_signature_over_another_fact_is_shown_and_not_stored),
	    TEST(presence_is_published_once_and_only_when_it_changes),
	    TEST(presence_says_who_is_where_since_when_and_by_which_kiosk),
	    TEST(presence_of_long_ago_is_not_published),
	    TEST(a_backlog_of_100000_facts_comes_in_pieces_and_resumes_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
