/* SPDX-License-Identifier: Apache-2.0 */
/* What kiosks are told of the secrets. */
#include "server/auth/secrets.h"
#include "server/changes/changes.h"
#include "tests/module/ingest/school.h"

static struct rc_secrets with_new_key(void)
{
	struct rc_secrets secrets;

	rc_secrets_init(&secrets);
	assert_int_equal(rc_key_new(&secrets.seal_key, NULL), RC_OK);
	return secrets;
}

static bool publish(struct school *school, const struct rc_secrets *secrets)
{
	struct rc_error err = {.text = ""};
	bool is_news = false;

	school_expect(rc_secrets_publish(school->db, secrets, SCHOOL_STARTS_MS, &is_news, &err), &err);
	return is_news;
}

/* The last change that a kiosk gets which says whom to seal to; RC_ENOTFOUND if none does. */
static enum rc_status told(struct school *school, struct rc_ref_trust *trust, int64_t *version)
{
	const char *const scopes[] = {RC_CHANGES_SCOPE_ALL};
	const struct rc_changes_request request = {.scopes = scopes, .scope_count = 1, .server_epoch = 1};
	RC_AUTO(rc_buf_deinit) struct rc_buf body;
	struct rc_changes_answer answer;
	struct rc_error err = {.text = ""};
	enum rc_status status = RC_ENOTFOUND;
	char *rest, *line;

	rc_buf_init(&body, 1u << 20);
	school_expect(rc_changes_answer(school->db, &request, &answer, &body, &err), &err);
	rest = (char *)body.data;
	while ((line = strsep(&rest, "\n"))) {
		struct rc_change change;

		if (rc_change_read(rc_bytes_of_text(line), &change, NULL) != RC_OK ||
		    change.entity != RC_ENTITY_TRUST)
			continue;
		assert_string_equal(change.id, RC_REF_TRUST_SERVER);
		*version = change.version;
		status = rc_ref_trust_decode(&change, trust, &err);
		school_expect(status, &err);
	}
	return status;
}

static void kiosks_hear_of_the_key_once(void **state)
{
	struct school *school = *state;
	struct rc_secrets secrets = with_new_key();
	uint8_t point[RC_KEY_POINT_BYTES];
	struct rc_ref_trust trust;
	int64_t head, later, version = 0;

	assert_int_equal(told(school, &trust, &version), RC_ENOTFOUND);
	assert_true(publish(school, &secrets));
	assert_int_equal(rc_changes_head(school->db, &head, NULL), RC_OK);
	assert_false(publish(school, &secrets));
	assert_int_equal(rc_changes_head(school->db, &later, NULL), RC_OK);
	assert_int_equal(head, later);
	assert_int_equal(told(school, &trust, &version), RC_OK);
	assert_int_equal(rc_key_public_point(secrets.seal_key, point, NULL), RC_OK);
	assert_memory_equal(trust.seal_key, point, sizeof(point));
	rc_secrets_deinit(&secrets);
}

static void another_key_is_news_with_a_higher_version(void **state)
{
	struct school *school = *state;
	struct rc_secrets before = with_new_key(), after = with_new_key();
	uint8_t point[RC_KEY_POINT_BYTES];
	struct rc_ref_trust trust;
	int64_t first = 0, second = 0;

	assert_true(publish(school, &before));
	assert_int_equal(told(school, &trust, &first), RC_OK);
	assert_true(publish(school, &after));
	assert_int_equal(told(school, &trust, &second), RC_OK);
	assert_true(second > first);
	assert_int_equal(rc_key_public_point(after.seal_key, point, NULL), RC_OK);
	assert_memory_equal(trust.seal_key, point, sizeof(point));
	rc_secrets_deinit(&before);
	rc_secrets_deinit(&after);
}

static bool tell_names(struct school *school, const char *payload, bool is_usual)
{
	const struct rc_changes_told told = {.entity = RC_ENTITY_SETTING,
					     .id = "kiosk.names",
					     .payload = rc_bytes_of_text(payload),
					     .is_usual = is_usual};
	struct rc_error err = {.text = ""};
	bool is_news = false;

	school_expect(rc_changes_tell(school->db, &told, SCHOOL_STARTS_MS, &is_news, &err), &err);
	return is_news;
}

static void what_kiosks_take_for_granted_is_told_only_after_something_else(void **state)
{
	struct school *school = *state;

	assert_false(tell_names(school, "{\"value\":\"full\"}", true));
	assert_true(tell_names(school, "{\"value\":\"short\"}", false));
	assert_false(tell_names(school, "{\"value\":\"short\"}", false));
	assert_true(tell_names(school, "{\"value\":\"full\"}", true)); /* or they would stay with short ones */
	assert_false(tell_names(school, "{\"value\":\"full\"}", true));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, school_set_up, school_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(kiosks_hear_of_the_key_once),
	    TEST(another_key_is_news_with_a_higher_version),
	    TEST(what_kiosks_take_for_granted_is_told_only_after_something_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
