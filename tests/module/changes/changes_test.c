/* SPDX-License-Identifier: Apache-2.0 */
/* The log of changes: numbers, cursors, snapshots, what is dropped. Read with the kiosk's own reader. */
#include "server/changes/changes.h"
#include "shared/crypto/hash.h"
#include "tests/module/ingest/school.h"
#include "tests/module/ingest_sql/statements.h"

#include <stdio.h>

#define NOW SCHOOL_STARTS_MS

static const char *const scopes[] = {"site:S1", "all", "kiosk:K1"};

/* ---- publishing ---- */

struct publishing {
	const char *scope;
	enum rc_entity entity;
	int first, count;
	bool is_deletion;
	int64_t now_ms;
	enum rc_status fail_with; /* after publishing */
};

static enum rc_status publish(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct publishing *p = arg;
	struct rc_changes_list list;
	char id[16], payload[32];
	enum rc_status status;

	rc_changes_list_init(&list);
	for (int i = 0; i < p->count; i++) {
		(void)snprintf(id, sizeof(id), "id-%d", p->first + i);
		(void)snprintf(payload, sizeof(payload), "{\"value\":\"%d\"}", p->first + i);
		if (p->is_deletion)
			rc_changes_list_delete(&list, p->scope, p->entity, id, 2);
		else
			rc_changes_list_put(&list, p->scope, p->entity, id, 1, rc_bytes_of_text(payload));
	}
	status = rc_changes_publish(tx, &list, p->now_ms, err);
	rc_changes_list_deinit(&list);
	return status == RC_OK ? p->fail_with : status;
}

static void put(struct school *school, const char *scope, int first, int count, int64_t now_ms)
{
	struct publishing p = {
	    .scope = scope, .entity = RC_ENTITY_SETTING, .first = first, .count = count, .now_ms = now_ms};
	struct rc_error err = {{0}};

	school_expect(rc_db_write(school->db, publish, &p, &err), &err);
}

static void drop(struct school *school, const char *scope, int first)
{
	struct publishing p = {.scope = scope,
			       .entity = RC_ENTITY_SETTING,
			       .first = first,
			       .count = 1,
			       .is_deletion = true,
			       .now_ms = NOW};
	struct rc_error err = {{0}};

	school_expect(rc_db_write(school->db, publish, &p, &err), &err);
}

/* ---- asking ---- */

struct answer {
	struct rc_changes_answer said;
	int puts, deletions;
	int64_t first_n, last_n;
	bool is_in_order, has_begun_as_snapshot;
	struct rc_changes_end end;
	char last_id[RC_REFERENCE_ID_MAX_CHARS + 1];
	char last_payload[64];
};

static void read_line(struct rc_bytes line, struct rc_bytes before, struct answer *answer)
{
	enum rc_changes_line which;
	struct rc_change change;
	uint8_t hash[32];
	struct rc_error err = {{0}};

	school_expect(rc_changes_line_read(line, &which, &answer->end, &err), &err);
	if (which == RC_CHANGES_SNAPSHOT) {
		assert_int_equal(before.size, 0);
		answer->has_begun_as_snapshot = true;
	} else if (which == RC_CHANGES_SNAPSHOT_END) {
		rc_sha256(before, hash);
		assert_memory_equal(hash, answer->end.sha256, sizeof(hash));
		assert_int_equal(answer->end.count, answer->puts);
	} else if (which == RC_CHANGES_CHANGE) {
		school_expect(rc_change_read(line, &change, &err), &err);
		answer->is_in_order &= change.n > answer->last_n;
		answer->last_n = change.n;
		if (answer->first_n == 0)
			answer->first_n = change.n;
		answer->puts += !change.is_deletion;
		answer->deletions += change.is_deletion;
		assert_true(rc_text_copy(change.id, answer->last_id, sizeof(answer->last_id)));
		assert_true(rc_bytes_copy_text(change.payload, answer->last_payload,
					       sizeof(answer->last_payload)));
	}
}

static struct answer ask_for(struct school *school, const struct rc_changes_request *request)
{
	struct answer answer = {.is_in_order = true};
	struct rc_error err = {{0}};
	struct rc_buf body;
	size_t at = 0;

	rc_buf_init(&body, 1 << 26);
	school_expect(rc_changes_answer(school->db, request, &answer.said, &body, &err), &err);
	while (at < body.size) {
		const uint8_t *feed = memchr(body.data + at, '\n', body.size - at);

		assert_non_null(feed);
		read_line(rc_bytes_of(body.data + at, (size_t)(feed - body.data) - at),
			  rc_bytes_of(body.data, at), &answer);
		at = (size_t)(feed - body.data) + 1;
	}
	assert_int_equal(answer.said.count, answer.puts + answer.deletions);
	assert_memory_equal(&answer.said.cursor, &answer.end.cursor, sizeof(answer.end.cursor));
	assert_true(answer.has_begun_as_snapshot == answer.said.is_snapshot);
	rc_buf_deinit(&body);
	return answer;
}

static struct answer ask(struct school *school, const struct rc_cursor *cursor)
{
	return ask_for(school, &(struct rc_changes_request){.cursor = cursor,
							    .scopes = scopes,
							    .scope_count = 3,
							    .server_epoch = SCHOOL_EPOCH});
}

/* ---- tests ---- */

static void the_first_answer_is_a_snapshot_of_what_is_current(void **state)
{
	struct school *school = *state;
	struct answer answer;

	put(school, "all", 1, 3, NOW);
	put(school, "site:S1", 4, 2, NOW);
	put(school, "site:S2", 7, 5, NOW);
	put(school, "kiosk:K1", 20, 1, NOW);
	drop(school, NULL, 2);
	answer = ask(school, NULL);
	assert_true(answer.said.is_snapshot);
	assert_int_equal(answer.puts, 5);
	assert_int_equal(answer.deletions, 0);
	assert_int_equal(answer.said.cursor.n, 12);
	assert_true(answer.is_in_order);
	assert_string_equal(answer.last_payload, "{\"value\":\"20\"}");
}

static void after_a_cursor_come_only_the_changes_behind_it(void **state)
{
	struct school *school = *state;
	struct answer answer;

	put(school, "all", 1, 3, NOW);
	answer = ask(school, NULL);
	assert_int_equal(ask(school, &answer.said.cursor).said.count, 0);
	put(school, "site:S2", 50, 2, NOW);
	put(school, "kiosk:K1", 4, 1, NOW);
	drop(school, NULL, 1);
	put(school, "all", 5, 1, NOW);
	answer = ask(school, &answer.said.cursor);
	assert_false(answer.said.is_snapshot);
	assert_false(answer.said.has_more);
	assert_int_equal(answer.first_n, 6);
	assert_int_equal(answer.last_n, 8);
	assert_int_equal(answer.puts, 2);
	assert_int_equal(answer.deletions, 1);
	assert_true(answer.is_in_order);
	assert_int_equal(answer.said.cursor.n, 8);
}

static void a_cursor_moves_over_changes_of_other_scopes(void **state)
{
	struct school *school = *state;
	struct answer answer = ask(school, NULL);

	put(school, "site:S2", 1, 9, NOW);
	answer = ask(school, &answer.said.cursor);
	assert_int_equal(answer.said.count, 0);
	assert_int_equal(answer.said.cursor.n, 9);
}

static void an_answer_over_the_limit_says_more_and_goes_on_where_it_stopped(void **state)
{
	struct school *school = *state;
	struct rc_changes_request request = {
	    .scopes = scopes, .scope_count = 3, .server_epoch = SCHOOL_EPOCH, .max_changes = 4};
	struct answer answer = ask(school, NULL);
	int64_t next = 1;

	put(school, "all", 1, 5, NOW);
	put(school, "site:S1", 6, 5, NOW);
	for (int piece = 0; piece < 3; piece++) {
		const struct rc_cursor cursor = answer.said.cursor;

		request.cursor = &cursor;
		answer = ask_for(school, &request);
		assert_int_equal(answer.first_n, next);
		assert_int_equal(answer.said.count, piece < 2 ? 4 : 2);
		assert_true(answer.said.has_more == (piece < 2));
		assert_true(answer.end.has_more == (piece < 2));
		next = answer.last_n + 1;
	}
	assert_int_equal(answer.said.cursor.n, 10);
}

static void a_limit_of_bytes_cuts_too(void **state)
{
	struct school *school = *state;
	const struct rc_cursor cursor = ask(school, NULL).said.cursor;
	const struct rc_changes_request request = {.cursor = &cursor,
						   .scopes = scopes,
						   .scope_count = 3,
						   .server_epoch = SCHOOL_EPOCH,
						   .max_bytes = 1};

	put(school, "all", 1, 5, NOW);
	assert_int_equal(ask_for(school, &request).said.count, 1);
}

static void cursors_that_cannot_be_followed_get_a_snapshot(void **state)
{
	struct school *school = *state;
	struct rc_cursor good, cursor;

	put(school, "all", 1, 3, NOW);
	good = ask(school, NULL).said.cursor;
	assert_false(ask(school, &good).said.is_snapshot);
	cursor = good;
	cursor.server_epoch++;
	assert_true(ask(school, &cursor).said.is_snapshot);
	cursor = good;
	cursor.subscription++;
	assert_true(ask(school, &cursor).said.is_snapshot);
	cursor = good;
	cursor.n++;
	assert_true(ask(school, &cursor).said.is_snapshot);
}

static void the_order_of_scopes_does_not_matter(void **state)
{
	static const char *const other_order[] = {"kiosk:K1", "site:S1", "all"};
	const struct rc_cursor cursor = ask(*state, NULL).said.cursor;
	const struct rc_changes_request request = {
	    .cursor = &cursor, .scopes = other_order, .scope_count = 3, .server_epoch = SCHOOL_EPOCH};

	assert_false(ask_for(*state, &request).said.is_snapshot);
}

static void what_moves_to_another_scope_is_deleted_in_the_old_one(void **state)
{
	struct school *school = *state;
	struct answer answer;

	put(school, "site:S1", 1, 1, NOW);
	answer = ask(school, NULL);
	put(school, "site:S2", 1, 1, NOW);
	answer = ask(school, &answer.said.cursor);
	assert_int_equal(answer.deletions, 1);
	assert_int_equal(answer.puts, 0);
	assert_int_equal(ask(school, NULL).puts, 0);
	assert_int_equal(school_number(school, &rc_sql_school_count_changes, RC_DB_NO_VALUES), 3);
}

static void numbers_have_no_gaps_after_a_failed_transaction(void **state)
{
	struct school *school = *state;
	struct publishing p = {.scope = "all",
			       .entity = RC_ENTITY_SETTING,
			       .first = 1,
			       .count = 3,
			       .now_ms = NOW,
			       .fail_with = RC_EDENIED};
	int64_t head = -1;
	struct rc_error err = {{0}};

	assert_int_equal(rc_db_write(school->db, publish, &p, &err), RC_EDENIED);
	school_expect(rc_changes_head(school->db, &head, &err), &err);
	assert_int_equal(head, 0);
	put(school, "all", 1, 2, NOW);
	school_expect(rc_changes_head(school->db, &head, &err), &err);
	assert_int_equal(head, 2);
	assert_int_equal(ask(school, NULL).puts, 2);
}

static enum rc_status put_twice(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct rc_changes_list list;
	enum rc_status status;

	(void)arg;
	rc_changes_list_init(&list);
	for (int i = 0; i < 300; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "id-%d", i % 100);
		rc_changes_list_put(&list, "all", RC_ENTITY_ROOM, id, i, rc_bytes_of_text("{}"));
		rc_changes_list_put(&list, "all", RC_ENTITY_SESSION, id, i, rc_bytes_of_text("{}"));
	}
	rc_changes_list_delete(&list, NULL, RC_ENTITY_ROOM, "id-3", 400);
	rc_changes_list_delete(&list, NULL, RC_ENTITY_LIST, "never", 1);
	status = rc_changes_publish(tx, &list, NOW, err);
	rc_changes_list_deinit(&list);
	return status;
}

static void of_one_entity_only_the_last_word_is_published(void **state)
{
	struct school *school = *state;
	struct rc_error err = {{0}};
	struct answer answer;

	school_expect(rc_db_write(school->db, put_twice, NULL, &err), &err);
	answer = ask(school, NULL);
	assert_int_equal(answer.puts, 199);
	/* Neither the room that came and went in one breath nor the list that never was has a line. */
	assert_int_equal(answer.said.cursor.n, 199);
}

static enum rc_status overfill(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct rc_changes_list list;
	enum rc_status status;

	(void)arg;
	rc_changes_list_init(&list);
	for (unsigned i = 0; i <= RC_CHANGES_LIST_MAX; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "%u", i);
		rc_changes_list_put(&list, "all", RC_ENTITY_ROOM, id, 1, rc_bytes_of_text("{}"));
	}
	status = rc_changes_publish(tx, &list, NOW, err);
	rc_changes_list_deinit(&list);
	return status;
}

static void a_list_that_is_too_long_is_refused_whole(void **state)
{
	struct school *school = *state;

	assert_int_equal(rc_db_write(school->db, overfill, NULL, NULL), RC_ELIMIT);
	assert_int_equal(school_number(school, &rc_sql_school_count_changes, RC_DB_NO_VALUES), 0);
}

static void a_snapshot_larger_than_its_buffer_is_no_snapshot(void **state)
{
	struct school *school = *state;
	const struct rc_changes_request request = {
	    .scopes = scopes, .scope_count = 3, .server_epoch = SCHOOL_EPOCH};
	struct rc_changes_answer answer;
	struct rc_buf body;

	put(school, "all", 1, 50, NOW);
	rc_buf_init(&body, 1000);
	assert_int_equal(rc_changes_answer(school->db, &request, &answer, &body, NULL), RC_ELIMIT);
	rc_buf_deinit(&body);
}

static void trimming_drops_what_is_old_and_remembers_how_far(void **state)
{
	struct school *school = *state;
	struct rc_cursor old, recent;
	struct rc_error err = {{0}};
	int64_t dropped = -1;

	put(school, "all", 1, 2500, NOW - 121 * RC_DAY_MS);
	old = ask(school, NULL).said.cursor;
	old.n = 2499;
	put(school, "all", 5000, 10, NOW - 119 * RC_DAY_MS);
	recent = ask(school, NULL).said.cursor;
	recent.n = 2500;
	school_expect(rc_changes_trim(school->db, NOW, &dropped, &err), &err);
	assert_int_equal(dropped, 2500);
	assert_int_equal(school_number(school, &rc_sql_school_count_changes, RC_DB_NO_VALUES), 10);
	assert_true(ask(school, &old).said.is_snapshot);
	assert_int_equal(ask(school, &old).puts, 2510);
	assert_false(ask(school, &recent).said.is_snapshot);
	assert_int_equal(ask(school, &recent).puts, 10);
	school_expect(rc_changes_trim(school->db, NOW, &dropped, &err), &err);
	assert_int_equal(dropped, 0);
}

static void a_log_that_was_dropped_whole_still_knows_where_it_stood(void **state)
{
	struct school *school = *state;
	struct rc_cursor cursor;
	struct rc_error err = {{0}};
	int64_t dropped;

	put(school, "all", 1, 5, NOW);
	cursor = ask(school, NULL).said.cursor;
	school_expect(rc_changes_trim(school->db, NOW + 200 * RC_DAY_MS, &dropped, &err), &err);
	assert_int_equal(dropped, 5);
	assert_false(ask(school, &cursor).said.is_snapshot);
	cursor.n--;
	assert_true(ask(school, &cursor).said.is_snapshot);
	put(school, "all", 9, 1, NOW + 200 * RC_DAY_MS);
	cursor.n++;
	assert_int_equal(ask(school, &cursor).puts, 1);
}

static void presence_of_last_month_is_deleted_for_everybody(void **state)
{
	struct school *school = *state;
	struct publishing p = {.scope = "site:S1",
			       .entity = RC_ENTITY_PRESENCE,
			       .first = 1,
			       .count = 1200,
			       .now_ms = NOW - 31 * RC_DAY_MS};
	struct rc_error err = {{0}};
	struct answer answer;
	int64_t dropped;

	school_expect(rc_db_write(school->db, publish, &p, &err), &err);
	p.first = 9000;
	p.count = 2;
	p.now_ms = NOW - RC_DAY_MS;
	school_expect(rc_db_write(school->db, publish, &p, &err), &err);
	put(school, "all", 1, 1, NOW - 31 * RC_DAY_MS);
	answer = ask(school, NULL);
	assert_int_equal(answer.puts, 1203);
	school_expect(rc_changes_trim(school->db, NOW, &dropped, &err), &err);
	assert_int_equal(dropped, 0);
	assert_int_equal(ask(school, &answer.said.cursor).deletions, 1200);
	assert_int_equal(ask(school, NULL).puts, 3);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, school_set_up, school_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_first_answer_is_a_snapshot_of_what_is_current),
	    TEST(after_a_cursor_come_only_the_changes_behind_it),
	    TEST(a_cursor_moves_over_changes_of_other_scopes),
	    TEST(an_answer_over_the_limit_says_more_and_goes_on_where_it_stopped),
	    TEST(a_limit_of_bytes_cuts_too),
	    TEST(cursors_that_cannot_be_followed_get_a_snapshot),
	    TEST(the_order_of_scopes_does_not_matter),
	    TEST(what_moves_to_another_scope_is_deleted_in_the_old_one),
	    TEST(numbers_have_no_gaps_after_a_failed_transaction),
	    TEST(of_one_entity_only_the_last_word_is_published),
	    TEST(a_list_that_is_too_long_is_refused_whole),
	    TEST(a_snapshot_larger_than_its_buffer_is_no_snapshot),
	    TEST(trimming_drops_what_is_old_and_remembers_how_far),
	    TEST(a_log_that_was_dropped_whole_still_knows_where_it_stood),
	    TEST(presence_of_last_month_is_deleted_for_everybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
