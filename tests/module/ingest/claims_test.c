/* SPDX-License-Identifier: Apache-2.0 */
/* Staff numbers typed at a kiosk: whom they count for, and what a human gets of them. */
#include "shared/base/encode.h"
#include "shared/sealing/to_server.h"
#include "tests/module/ingest/school.h"
#include "tests/module/ingest_sql/statements.h"

#define EPOCH UINT64_C(0xc1a1000000000001)

static int set_up(void **state)
{
	struct school *school;

	if (school_set_up(state) != 0)
		return -1;
	school = *state;
	return rc_key_new(&school->seal_key, NULL) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	struct school *school = *state;

	rc_key_free(school->seal_key);
	return school_tear_down(state);
}

/* What the kiosk does: seals the number to a public key at the place of its claim. */
static void claim(struct journal *journal, const struct school *school, const char *number,
		  struct rc_key *key, struct rc_buf *lines)
{
	struct rc_fact_attendance_claimed fact = {
	    .session = school->sessions[0], .session_version = 1, .claim = rc_id_new(), .roster_n = 7};
	struct rc_seal_place place = {.table = "claim", .version = 1};
	uint8_t point[RC_KEY_POINT_BYTES], sealed_memory[600];
	char memory[2048];
	struct rc_buf sealed, body;

	memcpy(place.ref, fact.claim.octets, sizeof(place.ref));
	rc_buf_init_fixed(&sealed, sealed_memory, sizeof(sealed_memory));
	assert_int_equal(rc_key_public_point(key, point, NULL), RC_OK);
	assert_int_equal(rc_seal_to_server(point, &place, rc_bytes_of_text(number), &sealed, NULL), RC_OK);
	assert_true(RC_HEX_CHARS(sealed.size) < sizeof(fact.number));
	rc_hex_encode(rc_buf_bytes(&sealed), fact.number);
	rc_buf_init_fixed(&body, memory, sizeof(memory));
	rc_fact_attendance_claimed_encode(&fact, &body);
	journal_write(journal, RC_FACT_KIND_ATTENDANCE_CLAIMED, rc_buf_text(&body), lines);
}

static struct rc_buf lines_buf(void)
{
	struct rc_buf lines;

	rc_buf_init(&lines, RC_DEVICE_UPLOAD_PLAIN_MAX_BYTES);
	return lines;
}

/* One claim in an upload of its own. */
static void upload_claim(struct school *school, struct journal *journal, const char *number)
{
	struct rc_buf lines = lines_buf();
	struct rc_ingest_answer answer;

	claim(journal, school, number, school->seal_key, &lines);
	answer = school_send(school, journal, journal->seq, 1, &lines);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.mark.through, journal->seq);
	rc_buf_deinit(&lines);
}

/* A person's line in the session's list: what HR sees. */
struct sight {
	char ref[RC_ID_CHARS + 1];
	struct rc_attendance_record record;
};

static enum rc_status see(void *context, const struct rc_records_line *line, struct rc_error *err)
{
	struct sight *sight = context;

	(void)err;
	if (strcmp(line->ref, sight->ref) == 0)
		sight->record = line->record;
	return RC_OK;
}

static struct rc_attendance_record seen(struct school *school, int person)
{
	struct sight sight = {.record = {.state = RC_ATTENDANCE_EXPECTED}};
	char session[RC_ID_CHARS + 1];
	struct rc_error err = {{0}};

	rc_id_format(&school->people[person], sight.ref);
	rc_id_format(&school->sessions[0], session);
	school_expect(rc_records_attendance_of_session(school->db, session, SCHOOL_ENDS_MS, see,
						       &sight, &err),
		      &err);
	return sight.record;
}

static const char *means_of(struct school *school, int person)
{
	return rc_attendance_means_name(seen(school, person).means);
}

static int64_t claims_of(struct school *school, const char *outcome)
{
	return school_number(school, &rc_sql_school_count_claims, RC_DB_VALUES(RC_DB_TEXT(outcome)));
}

static int64_t open_entries(struct school *school, const char *kind)
{
	return school_number(school, &rc_sql_school_open_entries, RC_DB_VALUES(RC_DB_TEXT(kind)));
}

/* The inbox's detail holds the text. */
static bool inbox_shows(struct school *school, const char *kind, const char *text)
{
	return school_number(school, &rc_sql_school_inbox_shows,
			     RC_DB_VALUES(RC_DB_TEXT(kind), RC_DB_TEXT(text))) > 0;
}

/* ---- one person ---- */

static void a_typed_number_counts_as_being_there_weakly(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);

	upload_claim(school, &journal, "040-01");
	assert_string_equal(school_record_state(school, 0, 0), "present");
	assert_string_equal(means_of(school, 0), "typed");
	assert_int_equal(school_inbox(school, "attendance.claimed"), 1);
	assert_true(inbox_shows(school, "attendance.claimed", "040-01"));
	assert_int_equal(claims_of(school, "credited"), 1);
}

static void a_claim_is_judged_by_the_same_rules_as_a_scan(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);

	journal.clock.at_ms = SCHOOL_STARTS_MS + 25 * RC_MINUTE_MS;
	upload_claim(school, &journal, "040-01");
	assert_string_equal(school_record_state(school, 0, 0), "late");
	upload_claim(school, &journal, "001-01"); /* not registered */
	assert_true(seen(school, SCHOOL_PEOPLE - 1).is_walk_in);
}

static void a_number_is_found_as_people_type_it(void **state)
{
	static const char *const typed[] = {"040-01", " 040-01 ", "０４０－０１", "040", "０４０"};
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);

	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++)
		upload_claim(school, &journal, typed[i]);
	assert_int_equal(claims_of(school, "credited"), 5);
	assert_string_equal(means_of(school, 0), "typed");
	assert_int_equal(school_inbox(school, "attendance.claimed"), 5);
	assert_int_equal(school_number(school, &rc_sql_school_count_entries,
				       RC_DB_VALUES(RC_DB_TEXT("attendance.claimed"))),
			 1);
}

static void an_old_number_finds_the_person_of_today(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	char ref[RC_ID_CHARS + 1];

	rc_id_format(&school->people[3], ref);
	school_exec(school, &rc_sql_school_old_number,
		    RC_DB_VALUES(RC_DB_TEXT("7777-02"), RC_DB_TEXT(ref)));
	upload_claim(school, &journal, "7777-02");
	assert_string_equal(means_of(school, 3), "typed");
	upload_claim(school, &journal, "7777");
	assert_int_equal(claims_of(school, "credited"), 2);
}

static void a_badge_makes_the_evidence_strong(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH), other = journal_of(school, 1, EPOCH);
	struct rc_buf lines = lines_buf();

	upload_claim(school, &journal, "040-01");
	assert_int_equal(open_entries(school, "attendance.claimed"), 1);
	journal_sign_in(&other, school, 0, 0, &lines);
	assert_int_equal(school_send(school, &other, 1, 1, &lines).status, 200);
	assert_string_equal(means_of(school, 0), "badge");
	/* The question is answered, and so it is when the number comes after the badge. */
	assert_int_equal(open_entries(school, "attendance.claimed"), 0);
	upload_claim(school, &journal, "040-01");
	assert_int_equal(school_inbox(school, "attendance.claimed"), 2);
	assert_int_equal(open_entries(school, "attendance.claimed"), 0);
	rc_buf_deinit(&lines);
}

static void a_claim_can_be_taken_back(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();

	upload_claim(school, &journal, "040-01");
	journal_withdraw(&journal, school, 0, 0, &lines);
	assert_int_equal(school_send(school, &journal, journal.seq, 1, &lines).status, 200);
	assert_string_equal(school_record_state(school, 0, 0), "absent");
	assert_string_equal(means_of(school, 0), "");
	rc_buf_deinit(&lines);
}

/* ---- nobody, several, nothing ---- */

static void a_number_of_nobody_goes_to_a_human_with_all_there_is(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);

	upload_claim(school, &journal, "99999");
	assert_int_equal(school_inbox(school, "claim.unknown"), 1);
	assert_true(inbox_shows(school, "claim.unknown", "99999"));
	assert_true(inbox_shows(school, "claim.unknown", "2026-"));
	assert_int_equal(school_number(school, &rc_sql_school_count_records, RC_DB_NO_VALUES), 0);
	upload_claim(school, &journal, "99998");
	assert_int_equal(school_number(school, &rc_sql_school_count_entries,
				       RC_DB_VALUES(RC_DB_TEXT("claim.unknown"))),
			 2);
}

static void a_number_of_several_goes_to_a_human(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	char ref[RC_ID_CHARS + 1];

	rc_id_format(&school->people[3], ref);
	school_exec(school, &rc_sql_school_old_number,
		    RC_DB_VALUES(RC_DB_TEXT("040-09"), RC_DB_TEXT(ref)));
	upload_claim(school, &journal, "040");
	assert_int_equal(school_inbox(school, "claim.ambiguous"), 1);
	assert_int_equal(school_number(school, &rc_sql_school_count_records, RC_DB_NO_VALUES), 0);
	/* One of them has left: it is the other. */
	school_exec(school, &rc_sql_school_person_left, RC_DB_VALUES(RC_DB_TEXT(ref)));
	upload_claim(school, &journal, "040");
	assert_string_equal(means_of(school, 0), "typed");
}

static void what_cant_be_read_goes_to_a_human_and_is_kept(void **state)
{
	static const char *const typed[] = {
	    "", "   ", "1\n2", "\xff\xfe",
	    "12345678901234567890123456789012345678901234567890123456789012345"};
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();
	struct rc_key *other;

	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++)
		upload_claim(school, &journal, typed[i]);
	assert_int_equal(rc_key_new(&other, NULL), RC_OK);
	claim(&journal, school, "040-01", other, &lines); /* sealed to another server */
	assert_int_equal(school_send(school, &journal, journal.seq, 1, &lines).status, 200);
	assert_int_equal(school_inbox(school, "claim.unreadable"), 6);
	assert_int_equal(claims_of(school, "unreadable"), 6);
	assert_int_equal(school_number(school, &rc_sql_school_count_records, RC_DB_NO_VALUES), 0);
	assert_int_equal(school_number(school, &rc_sql_school_count_unread, RC_DB_NO_VALUES), 0);
	rc_key_free(other);
	rc_buf_deinit(&lines);
}

static void without_a_key_no_claim_is_lost(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_key *key = school->seal_key;
	struct rc_buf lines = lines_buf();

	claim(&journal, school, "040-01", key, &lines);
	school->seal_key = NULL;
	assert_int_equal(school_send(school, &journal, 1, 1, &lines).mark.through, 1);
	assert_int_equal(school_inbox(school, "claim.unreadable"), 1);
	school->seal_key = key;
	rc_buf_deinit(&lines);
}

/* A value moved from another claim: its own place is part of the seal. */
static void a_number_of_another_claim_doesnt_open(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH), copy = journal;
	struct rc_buf lines = lines_buf(), changed = lines_buf();
	struct rc_fact fact;
	char body[2048], *place;

	claim(&copy, school, "040-01", school->seal_key, &lines);
	assert_int_equal(rc_fact_read(rc_bytes_of(lines.data, lines.size - 1), &fact), RC_FACT_FINE);
	memcpy(body, fact.slices.body.data, fact.slices.body.size);
	body[fact.slices.body.size] = '\0';
	place = strstr(body, "\"claim\":\"");
	assert_non_null(place);
	place[9] = place[9] == '0' ? '1' : '0';
	journal_write(&journal, RC_FACT_KIND_ATTENDANCE_CLAIMED, body, &changed);
	assert_int_equal(school_send(school, &journal, 1, 1, &changed).status, 200);
	assert_int_equal(school_inbox(school, "claim.unreadable"), 1);
	rc_buf_deinit(&lines);
	rc_buf_deinit(&changed);
}

static void a_body_that_lacks_its_number_is_shown_as_such(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();

	journal_write(&journal, RC_FACT_KIND_ATTENDANCE_CLAIMED, "{\"session\":3}", &lines);
	assert_int_equal(school_send(school, &journal, 1, 1, &lines).status, 200);
	assert_int_equal(school_inbox(school, "fact.body"), 1);
	assert_int_equal(school_inbox(school, "claim.unreadable"), 0);
	rc_buf_deinit(&lines);
}

/* ---- again and later ---- */

static void the_same_upload_again_tells_nobody_twice(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_buf lines = lines_buf();

	claim(&journal, school, "99999", school->seal_key, &lines);
	for (int i = 0; i < 3; i++)
		assert_int_equal(school_send(school, &journal, 1, 1, &lines).status, 200);
	assert_int_equal(school_inbox(school, "claim.unknown"), 1);
	rc_buf_deinit(&lines);
}

static void a_claim_in_quarantine_waits_for_the_nod(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	char kiosk[RC_ID_CHARS + 1];
	struct rc_error err = {{0}};
	int64_t released = 0;

	rc_id_format(&journal.kiosk, kiosk);
	school_exec(school, &rc_sql_school_kiosk_state,
		    RC_DB_VALUES(RC_DB_TEXT(kiosk), RC_DB_TEXT("quarantined")));
	upload_claim(school, &journal, "040-01");
	upload_claim(school, &journal, "99999");
	assert_int_equal(claims_of(school, "waiting"), 2);
	assert_int_equal(school_inbox(school, "attendance.claimed"), 0);
	assert_int_equal(school_inbox(school, "claim.unknown"), 0);
	school_exec(school, &rc_sql_school_kiosk_state,
		    RC_DB_VALUES(RC_DB_TEXT(kiosk), RC_DB_TEXT("current")));
	school_expect(rc_ingest_release(school->db, &journal.kiosk, SCHOOL_ENDS_MS, &released, &err),
		      &err);
	assert_int_equal(released, 2);
	assert_string_equal(means_of(school, 0), "typed");
	assert_int_equal(school_inbox(school, "attendance.claimed"), 1);
	assert_true(inbox_shows(school, "claim.unknown", "99999"));
}

/* Whoever gets the number later doesn't get the attendance; nobody's key is needed. */
static void a_rebuild_comes_to_the_same_person(void **state)
{
	struct school *school = *state;
	struct journal journal = journal_of(school, 0, EPOCH);
	struct rc_records_rebuild_report report;
	struct rc_buf before = lines_buf(), after = lines_buf();
	struct rc_error err = {{0}};
	char ref[RC_ID_CHARS + 1];

	upload_claim(school, &journal, "040");
	upload_claim(school, &journal, "99999");
	rc_id_format(&school->people[3], ref);
	school_exec(school, &rc_sql_school_old_number,
		    RC_DB_VALUES(RC_DB_TEXT("040-09"), RC_DB_TEXT(ref)));
	school_exec(school, &rc_sql_school_old_number,
		    RC_DB_VALUES(RC_DB_TEXT("99999"), RC_DB_TEXT(ref)));
	school_dump(school, &before);
	school_expect(rc_records_rebuild(school->db, &report, &err), &err);
	school_dump(school, &after);
	assert_string_equal(rc_buf_text(&before), rc_buf_text(&after));
	assert_int_equal(report.dropped_events, 0);
	school_exec(school, &rc_sql_school_drop_events, RC_DB_NO_VALUES);
	school_expect(rc_records_rebuild(school->db, &report, &err), &err);
	rc_buf_clear(&after);
	school_dump(school, &after);
	assert_string_equal(rc_buf_text(&before), rc_buf_text(&after));
	rc_buf_deinit(&before);
	rc_buf_deinit(&after);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_typed_number_counts_as_being_there_weakly),
	    TEST(a_claim_is_judged_by_the_same_rules_as_a_scan),
	    TEST(a_number_is_found_as_people_type_it),
	    TEST(an_old_number_finds_the_person_of_today),
	    TEST(a_badge_makes_the_evidence_strong),
	    TEST(a_claim_can_be_taken_back),
	    TEST(a_number_of_nobody_goes_to_a_human_with_all_there_is),
	    TEST(a_number_of_several_goes_to_a_human),
	    TEST(what_cant_be_read_goes_to_a_human_and_is_kept),
	    TEST(without_a_key_no_claim_is_lost),
	    TEST(a_number_of_another_claim_doesnt_open),
	    TEST(a_body_that_lacks_its_number_is_shown_as_such),
	    TEST(the_same_upload_again_tells_nobody_twice),
	    TEST(a_claim_in_quarantine_waits_for_the_nod),
	    TEST(a_rebuild_comes_to_the_same_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
