/* SPDX-License-Identifier: Apache-2.0 */
/* Kept answers: who gets which, for how long, and how they lie there. */
#include "server/idempotency/idempotency.h"

#include "server/auth/secrets.h"
#include "tests/module/idempotency_sql/statements.h"
#include "tests/module/ingest/school.h"

#define NOW_MS SCHOOL_STARTS_MS
#define ANSWER "{\"code\":\"RCE1:SECRET\"}"

/* One look or one keeping; the same secrets all the time. */
struct trial {
	struct rc_idempotency_request request;
	struct rc_idempotency_answer answer;
	struct rc_buf body;
};

static const struct rc_secrets secrets = {.key = {1, 2, 3}};

static enum rc_status keep_in(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct trial *trial = arg;

	return rc_idempotency_keep(tx, &secrets, &trial->request, &trial->answer, err);
}

static enum rc_status find_in(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct trial *trial = arg;

	rc_buf_clear(&trial->body);
	return rc_idempotency_find(tx, &secrets, &trial->request, &trial->answer, err);
}

static void make_request(struct rc_idempotency_request *request, const char *actor, const char *key,
			 uint8_t hash, int64_t now_ms)
{
	*request = (struct rc_idempotency_request){.actor = actor, .key = key, .now_ms = now_ms};
	memset(request->hash, hash, sizeof(request->hash));
}

static void keep(struct school *school, const char *actor, const char *key, int64_t now_ms)
{
	struct trial trial = {.answer = {.status = 201, .etag = "\"1\""}};
	struct rc_error err = {.text = ""};

	make_request(&trial.request, actor, key, 7, now_ms);
	rc_buf_init(&trial.body, 4096);
	rc_buf_append_text(&trial.body, ANSWER);
	trial.answer.body = &trial.body;
	school_expect(rc_db_write(school->db, keep_in, &trial, &err), &err);
	rc_buf_deinit(&trial.body);
}

/* What a request is told; a good answer must be the one that was kept. */
static enum rc_status find(struct school *school, const char *actor, const char *key, uint8_t hash,
			   int64_t now_ms)
{
	struct trial trial = {.answer = {.status = 0}};
	struct rc_error err = {.text = ""};
	enum rc_status status;

	make_request(&trial.request, actor, key, hash, now_ms);
	rc_buf_init(&trial.body, 4096);
	trial.answer.body = &trial.body;
	status = rc_db_read(school->db, find_in, &trial, &err);
	if (status == RC_OK) {
		assert_int_equal(trial.answer.status, 201);
		assert_string_equal(trial.answer.etag, "\"1\"");
		assert_string_equal(rc_buf_text(&trial.body), ANSWER);
	}
	rc_buf_deinit(&trial.body);
	return status;
}

static void the_same_request_gets_the_answer_and_another_is_told_so(void **state)
{
	struct school *school = *state;

	assert_int_equal(find(school, "hr", "k", 7, NOW_MS), RC_ENOTFOUND);
	keep(school, "hr", "k", NOW_MS);
	assert_int_equal(find(school, "hr", "k", 7, NOW_MS), RC_OK);
	assert_int_equal(find(school, "hr", "k", 8, NOW_MS), RC_ECONFLICT);
}

static void keys_of_others_and_other_keys_are_new(void **state)
{
	struct school *school = *state;

	keep(school, "hr", "k", NOW_MS);
	assert_int_equal(find(school, "hr", "K", 7, NOW_MS), RC_ENOTFOUND);
	assert_int_equal(find(school, "h", "rk", 7, NOW_MS), RC_ENOTFOUND);
	assert_int_equal(find(school, "payroll", "k", 7, NOW_MS), RC_ENOTFOUND);
}

static void an_answer_is_kept_for_a_day_and_then_its_key_is_new(void **state)
{
	struct school *school = *state;

	keep(school, "hr", "k", NOW_MS);
	assert_int_equal(find(school, "hr", "k", 7, NOW_MS + RC_IDEMPOTENCY_KEPT_MS - 1), RC_OK);
	assert_int_equal(find(school, "hr", "k", 7, NOW_MS + RC_IDEMPOTENCY_KEPT_MS), RC_ENOTFOUND);
	keep(school, "hr", "k", NOW_MS + RC_IDEMPOTENCY_KEPT_MS);
	assert_int_equal(find(school, "hr", "k", 7, NOW_MS + RC_IDEMPOTENCY_KEPT_MS + 1), RC_OK);
}

static void what_is_over_goes_with_the_next_that_is_kept(void **state)
{
	struct school *school = *state;

	for (int i = 0; i < 5; i++)
		keep(school, "hr", (const char *[]){"a", "b", "c", "d", "e"}[i], NOW_MS + i);
	keep(school, "hr", "f", NOW_MS + RC_IDEMPOTENCY_KEPT_MS + 2);
	assert_true(school_number(school, &rc_sql_kept_answers, RC_DB_NO_VALUES) == 3);
}

static enum rc_status look_at_answer(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct rc_bytes sealed = rc_db_row_bytes(row, 0);

	(void)context;
	(void)err;
	assert_true(sealed.size > strlen(ANSWER));
	assert_null(memmem(sealed.data, sealed.size, "SECRET", 6));
	return RC_OK;
}

static enum rc_status look(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_one(tx, &rc_sql_kept_answer, RC_DB_NO_VALUES, look_at_answer, arg, err);
}

static void an_answer_lies_sealed(void **state)
{
	struct school *school = *state;
	struct rc_error err = {.text = ""};

	keep(school, "hr", "k", NOW_MS);
	school_expect(rc_db_read(school->db, look, NULL, &err), &err);
}

static void keys_are_short_and_visible(void **state)
{
	char longest[RC_IDEMPOTENCY_KEY_MAX_CHARS + 1];

	(void)state;
	memset(longest, 'k', sizeof(longest));
	assert_true(rc_idempotency_key_is_valid(rc_bytes_of(longest, RC_IDEMPOTENCY_KEY_MAX_CHARS)));
	assert_false(rc_idempotency_key_is_valid(rc_bytes_of(longest, sizeof(longest))));
	assert_true(rc_idempotency_key_is_valid(rc_bytes_of_text("!~\"")));
	assert_false(rc_idempotency_key_is_valid(rc_bytes_of_text("")));
	assert_false(rc_idempotency_key_is_valid(rc_bytes_of_text("a b")));
	assert_false(rc_idempotency_key_is_valid(rc_bytes_of_text("a\x7F")));
	assert_false(rc_idempotency_key_is_valid(rc_bytes_of_text("é")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_SCHOOL(test) cmocka_unit_test_setup_teardown(test, school_set_up, school_tear_down)
	    IN_SCHOOL(the_same_request_gets_the_answer_and_another_is_told_so),
	    IN_SCHOOL(keys_of_others_and_other_keys_are_new),
	    IN_SCHOOL(an_answer_is_kept_for_a_day_and_then_its_key_is_new),
	    IN_SCHOOL(what_is_over_goes_with_the_next_that_is_kept),
	    IN_SCHOOL(an_answer_lies_sealed),
	    cmocka_unit_test(keys_are_short_and_visible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
