/* SPDX-License-Identifier: Apache-2.0 */
/* The inbox between those who raise something and who settles it. */
#include "server/inbox/inbox.h"

#include "tests/module/ingest/school.h"

#define EPOCH UINT64_C(0x1000000000000001)

/* A kiosk states once more that somebody signed in to a session that nobody knows. */
static void raise_again(struct school *school, struct journal *journal)
{
	struct rc_buf lines;

	rc_buf_init(&lines, 65536);
	journal_sign_in(journal, school, 1, (int)journal->seq, &lines);
	assert_int_equal(school_send(school, journal, journal->seq, 1, &lines).status, 200);
	rc_buf_deinit(&lines);
}

static struct journal raise_first(struct school *school)
{
	struct journal journal = journal_of(school, 0, EPOCH);

	school->sessions[1].octets[5] = 9;
	raise_again(school, &journal);
	return journal;
}

struct found {
	struct rc_inbox_entry last;
	unsigned count;
};

static enum rc_status take(void *context, const struct rc_inbox_entry *entry, struct rc_error *err)
{
	struct found *found = context;

	(void)err;
	found->last = *entry;
	found->count++;
	return RC_OK;
}

static struct found list(struct school *school, enum rc_inbox_state state, const char *kind)
{
	const struct rc_inbox_query query = {.state = state, .kind = kind, .after_key = "", .limit = 10};
	struct found found = {.count = 0};
	struct rc_error err = {.text = ""};

	school_expect(rc_inbox_entries(school->db, &query, take, &found, &err), &err);
	return found;
}

struct settling {
	struct rc_inbox_settlement settlement;
	struct rc_inbox_entry *entry;
};

static enum rc_status settle_in(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct settling *settling = arg;

	return rc_inbox_settle_in(tx, &settling->settlement, settling->entry, err);
}

static enum rc_status settle(struct school *school, struct rc_inbox_entry *entry, const char *note,
			     int64_t now_ms)
{
	struct settling settling = {{note, "tester", now_ms}, entry};
	struct rc_error err = {.text = ""};

	return rc_db_write(school->db, settle_in, &settling, &err);
}

static void what_ingest_raises_waits_open_with_a_meaning(void **state)
{
	struct school *school = *state;
	struct found found;

	(void)raise_first(school);
	found = list(school, RC_INBOX_OPEN, "session.unknown");
	assert_int_equal(found.count, 1);
	assert_true(found.last.count == 1 && found.last.settled_ms == 0);
	assert_string_equal(found.last.note, "");
	assert_string_equal(rc_inbox_kind(found.last.kind)->name, "session.unknown");
	assert_int_equal(list(school, RC_INBOX_SETTLED, "").count, 0);
	assert_int_equal(list(school, RC_INBOX_ANY, "fact.branch").count, 0);
}

static void settled_it_is_listed_among_the_settled_with_who_and_why(void **state)
{
	struct school *school = *state;
	struct found found, settled;

	(void)raise_first(school);
	found = list(school, RC_INBOX_OPEN, "");
	assert_int_equal(settle(school, &found.last, "entered it", SCHOOL_ENDS_MS), RC_OK);
	assert_true(found.last.settled_ms == SCHOOL_ENDS_MS);
	settled = list(school, RC_INBOX_SETTLED, "session.unknown");
	assert_int_equal(settled.count, 1);
	assert_string_equal(settled.last.settled_by, "tester");
	assert_string_equal(settled.last.note, "entered it");
	assert_int_equal(list(school, RC_INBOX_OPEN, "session.unknown").count, 0);
}

static void it_opens_again_when_its_cause_comes_again(void **state)
{
	struct school *school = *state;
	struct journal journal = raise_first(school);
	struct found found = list(school, RC_INBOX_OPEN, "session.unknown");
	const int64_t first_ms = found.last.first_ms;

	assert_int_equal(settle(school, &found.last, "first", SCHOOL_ENDS_MS), RC_OK);
	raise_again(school, &journal);
	found = list(school, RC_INBOX_OPEN, "session.unknown");
	assert_int_equal(found.count, 1);
	assert_true(found.last.count == 2 && found.last.first_ms == first_ms);
	assert_string_equal(found.last.note, "");
	assert_int_equal(settle(school, &found.last, "second", SCHOOL_ENDS_MS + 1), RC_OK);
	assert_string_equal(found.last.note, "second");
}

static void what_came_again_since_it_was_read_is_not_settled(void **state)
{
	struct school *school = *state;
	struct journal journal = raise_first(school);
	struct found found = list(school, RC_INBOX_OPEN, "session.unknown");

	raise_again(school, &journal);
	assert_int_equal(settle(school, &found.last, "too late", SCHOOL_ENDS_MS), RC_ECONFLICT);
	assert_int_equal(list(school, RC_INBOX_OPEN, "session.unknown").count, 1);
}

static void nothing_is_settled_twice_or_without_a_note(void **state)
{
	struct school *school = *state;
	struct found found;
	char note[RC_INBOX_NOTE_MAX_BYTES + 2];

	(void)raise_first(school);
	found = list(school, RC_INBOX_OPEN, "session.unknown");
	memset(note, 'x', sizeof(note));
	note[RC_INBOX_NOTE_MAX_BYTES + 1] = '\0';
	assert_int_equal(settle(school, &found.last, "", SCHOOL_ENDS_MS), RC_EUSAGE);
	assert_int_equal(settle(school, &found.last, note, SCHOOL_ENDS_MS), RC_EUSAGE);
	note[RC_INBOX_NOTE_MAX_BYTES] = '\0';
	assert_int_equal(settle(school, &found.last, note, SCHOOL_ENDS_MS), RC_OK);
	assert_string_equal(found.last.note, note);
	assert_int_equal(settle(school, &found.last, "again", SCHOOL_ENDS_MS + 1), RC_ECONFLICT);
}

static void each_kind_has_its_texts_and_an_unknown_one_a_general_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < rc_inbox_kind_count; i++) {
		const struct rc_inbox_kind *kind = &rc_inbox_kinds[i];

		assert_ptr_equal(rc_inbox_kind(kind->name), kind); /* so no name stands there twice */
		assert_true(kind->meaning.zh[0] && kind->meaning.en[0] && kind->action.zh[0] &&
			    kind->action.en[0]);
	}
	assert_string_equal(rc_inbox_kind("of.tomorrow")->name, "");
	assert_true(rc_inbox_kind("of.tomorrow")->meaning.zh[0] != '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_SCHOOL(test) cmocka_unit_test_setup_teardown(test, school_set_up, school_tear_down)
	    IN_SCHOOL(what_ingest_raises_waits_open_with_a_meaning),
	    IN_SCHOOL(settled_it_is_listed_among_the_settled_with_who_and_why),
	    IN_SCHOOL(it_opens_again_when_its_cause_comes_again),
	    IN_SCHOOL(what_came_again_since_it_was_read_is_not_settled),
	    IN_SCHOOL(nothing_is_settled_twice_or_without_a_note),
	    cmocka_unit_test(each_kind_has_its_texts_and_an_unknown_one_a_general_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
