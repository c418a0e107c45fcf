/* SPDX-License-Identifier: Apache-2.0 */
/* When the server has a new epoch, what it leaves behind, and that no kiosk can have one after the other. */
#include "server/epoch/epoch.h"

#include "server/changes/changes.h"
#include "tests/module/epoch_sql/statements.h"
#include "tests/module/ingest/school.h"

#define NOW_MS SCHOOL_STARTS_MS

static uint64_t epoch_of(struct school *school)
{
	struct rc_error err = {.text = ""};
	uint64_t epoch = 0;

	school_expect(rc_epoch_read(school->db, &epoch, &err), &err);
	return epoch;
}

static enum rc_status renew(struct school *school, struct rc_epoch_renewal renewal, uint64_t *epoch)
{
	struct rc_error err = {.text = ""};

	return rc_epoch_renew(school->db, &renewal, epoch, &err);
}

static int64_t audited(struct school *school)
{
	return school_number(school, &rc_sql_epoch_test_audited, RC_DB_NO_VALUES);
}

static int64_t told_of(struct school *school, const struct rc_id *kiosk)
{
	char id[RC_ID_CHARS + 1] = "";

	if (kiosk)
		rc_id_format(kiosk, id);
	return school_number(school, &rc_sql_epoch_test_of_kiosk, RC_DB_VALUES(RC_DB_TEXT(id)));
}

static void a_restored_server_has_another_epoch_and_says_so(void **state)
{
	struct school *school = *state;
	uint64_t epoch = 0;

	assert_int_equal(
	    renew(school, (struct rc_epoch_renewal){RC_EPOCH_RESTORED, SCHOOL_EPOCH, NULL, NOW_MS}, &epoch),
	    RC_OK);
	assert_int_not_equal(epoch, SCHOOL_EPOCH);
	assert_int_not_equal(epoch, 0);
	assert_int_equal(epoch_of(school), epoch);
	assert_int_equal(audited(school), 1);
	assert_int_equal(told_of(school, NULL), 1);
}

static void who_comes_second_gets_what_the_first_has_made(void **state)
{
	struct school *school = *state;
	const struct rc_epoch_renewal renewal = {RC_EPOCH_AHEAD, SCHOOL_EPOCH, &school->kiosks[0], NOW_MS};
	uint64_t first = 0, second = 0;

	assert_int_equal(renew(school, renewal, &first), RC_OK);
	assert_int_equal(renew(school, renewal, &second), RC_OK);
	assert_int_equal(first, second);
	assert_int_equal(audited(school), 1);
	assert_int_equal(told_of(school, &school->kiosks[0]), 1);
}

static void a_kiosk_that_says_it_again_within_an_hour_changes_nothing(void **state)
{
	struct school *school = *state;
	struct rc_epoch_renewal renewal = {RC_EPOCH_AHEAD, SCHOOL_EPOCH, &school->kiosks[0], NOW_MS};
	uint64_t epoch = 0, kept = 0;

	assert_int_equal(renew(school, renewal, &epoch), RC_OK);
	renewal.old = epoch;
	renewal.now_ms = NOW_MS + RC_EPOCH_PAUSE_MS - 1;
	assert_int_equal(renew(school, renewal, &kept), RC_EBUSY);
	assert_int_equal(epoch_of(school), epoch);
	assert_int_equal(audited(school), 1);
	renewal.now_ms++;
	assert_int_equal(renew(school, renewal, &kept), RC_OK);
	assert_int_not_equal(epoch_of(school), epoch);
}

static void an_operator_may_restore_twice_within_an_hour(void **state)
{
	struct school *school = *state;
	struct rc_epoch_renewal renewal = {RC_EPOCH_RESTORED, SCHOOL_EPOCH, NULL, NOW_MS};
	uint64_t first = 0, second = 0;

	assert_int_equal(renew(school, renewal, &first), RC_OK);
	renewal.old = first;
	renewal.now_ms++;
	assert_int_equal(renew(school, renewal, &second), RC_OK);
	assert_int_not_equal(first, second);
}

/* ---- who shows it ---- */

static bool is_ahead(struct school *school, const struct rc_cursor *cursor)
{
	static const char *const scopes[] = {RC_CHANGES_SCOPE_ALL};
	const struct rc_changes_request request = {.cursor = cursor, .scopes = scopes, .scope_count = 1};
	struct rc_changes_answer answer;
	struct rc_error err = {.text = ""};
	struct rc_buf body;

	rc_buf_init(&body, 65536);
	school_expect(rc_changes_answer(school->db, &request, &answer, &body, &err), &err);
	rc_buf_deinit(&body);
	assert_int_equal(answer.cursor.server_epoch, epoch_of(school)); /* of the database, since none was given */
	if (answer.is_ahead)
		assert_true(answer.is_snapshot);
	return answer.is_ahead;
}

static void only_a_cursor_of_this_epoch_and_subscription_can_be_ahead(void **state)
{
	struct school *school = *state;
	static const char *const scopes[] = {RC_CHANGES_SCOPE_ALL};
	struct rc_error err = {.text = ""};
	struct rc_cursor cursor = {.server_epoch = SCHOOL_EPOCH,
				   .subscription = rc_subscription_hash(scopes, 1)};

	school_expect(rc_changes_head(school->db, &cursor.n, &err), &err);
	assert_false(is_ahead(school, NULL));
	assert_false(is_ahead(school, &cursor));
	cursor.n++;
	assert_true(is_ahead(school, &cursor));
	cursor.subscription++;
	assert_false(is_ahead(school, &cursor));
	cursor.subscription--;
	cursor.server_epoch++;
	assert_false(is_ahead(school, &cursor));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, school_set_up, school_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_restored_server_has_another_epoch_and_says_so),
	    CASE(who_comes_second_gets_what_the_first_has_made),
	    CASE(a_kiosk_that_says_it_again_within_an_hour_changes_nothing),
	    CASE(an_operator_may_restore_twice_within_an_hour),
	    CASE(only_a_cursor_of_this_epoch_and_subscription_can_be_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
