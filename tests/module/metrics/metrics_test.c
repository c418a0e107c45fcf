/* SPDX-License-Identifier: Apache-2.0 */
/* What the server tells whoever watches it, against a database in which things happen and a clock that a test turns. */
#include "server/metrics/metrics.h"

#include "tests/module/ingest/school.h"
#include "tests/module/ingest_sql/statements.h"
#include "tests/module/metrics_sql/statements.h"
#include "tests/sim/clock/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define NOW_MS   SCHOOL_STARTS_MS
#define TEXT_MAX (256u * 1024u)

struct watcher {
	struct rc_sim_clock clock;
	struct rc_metrics *metrics;
	struct rc_buf text;
	char backup_file[96];
};

static void begin(struct watcher *watcher, const struct school *school)
{
	struct rc_metrics_sources sources = {
	    .db = school->db, .version = "1.2.3", .ca_until_ms = 2000000000000};

	rc_sim_clock_init(&watcher->clock, NOW_MS);
	(void)snprintf(watcher->backup_file, sizeof(watcher->backup_file), "%s/backup.last",
		       school->folder);
	sources.clock = &watcher->clock.clock;
	sources.backup_file = watcher->backup_file;
	watcher->metrics = rc_metrics_new(&sources);
	assert_non_null(watcher->metrics);
	rc_buf_init(&watcher->text, TEXT_MAX);
}

static void end(struct watcher *watcher)
{
	rc_buf_deinit(&watcher->text);
	rc_metrics_free(watcher->metrics);
}

static void ask(struct watcher *watcher)
{
	struct rc_error err = {.text = ""};

	rc_buf_clear(&watcher->text);
	school_expect(rc_metrics_write(watcher->metrics, &watcher->text, &err), &err);
}

static bool says(const struct watcher *watcher, const char *sample)
{
	char line[160];

	(void)snprintf(line, sizeof(line), "\n%s\n", sample);
	return strstr(rc_buf_text(&watcher->text), line) != NULL;
}

static void change(struct school *school, const struct rc_sql_statement *statement, int kiosk,
		   struct rc_db_value value)
{
	char id[RC_ID_CHARS + 1];

	rc_id_format(&school->kiosks[kiosk], id);
	school_exec(school, statement, RC_DB_VALUES(RC_DB_TEXT(id), value));
}

static void kiosks_are_counted_by_state_and_by_how_long_they_are_silent(void **state)
{
	struct school *school = *state;
	struct watcher watcher;

	begin(&watcher, school);
	change(school, &rc_sql_metrics_test_seen, 0, RC_DB_INT(NOW_MS - 2 * RC_HOUR_MS));
	change(school, &rc_sql_metrics_test_seen, 1, RC_DB_INT(NOW_MS - 2 * RC_DAY_MS));
	ask(&watcher);
	assert_true(says(&watcher, "rollcall_database_up 1"));
	assert_true(says(&watcher, "rollcall_kiosks{state=\"current\"} 3"));
	assert_true(says(&watcher, "rollcall_kiosks{state=\"revoked\"} 0"));
	assert_true(says(&watcher, "rollcall_kiosks_never_seen 1"));
	assert_true(says(&watcher, "rollcall_kiosks_silent{longer_than=\"1h\"} 3"));
	assert_true(says(&watcher, "rollcall_kiosks_silent{longer_than=\"1d\"} 2"));
	assert_true(says(&watcher, "rollcall_kiosk_contact_age_max_seconds 172800"));
	end(&watcher);
}

static void a_kiosk_that_is_shut_out_is_missed_by_nobody(void **state)
{
	struct school *school = *state;
	struct watcher watcher;
	static const char *const states[] = {"revoked", "quarantined"};

	begin(&watcher, school);
	change(school, &rc_sql_metrics_test_seen, 0, RC_DB_INT(NOW_MS));
	for (int i = 0; i < 2; i++)
		change(school, &rc_sql_school_kiosk_state, i + 1, RC_DB_TEXT(states[i]));
	ask(&watcher);
	assert_true(says(&watcher, "rollcall_kiosks{state=\"current\"} 1"));
	assert_true(says(&watcher, "rollcall_kiosks{state=\"quarantined\"} 1"));
	assert_true(says(&watcher, "rollcall_kiosks{state=\"revoked\"} 1"));
	assert_true(says(&watcher, "rollcall_kiosks_silent{longer_than=\"1h\"} 0"));
	end(&watcher);
}

static void what_kiosks_say_of_themselves_is_summed_up_and_nonsense_passed_over(void **state)
{
	struct school *school = *state;
	struct watcher watcher;
	static const char *const documents[] = {
	    ("{\"clock_source\":\"none\",\"waiting\":7,"
	     "\"oldest_waiting\":\"2026-11-24T05:00:00.000Z\"}"),
	    "{\"waiting\":\"many\"}",
	    "not even JSON",
	};

	begin(&watcher, school);
	for (int i = 0; i < 3; i++)
		change(school, &rc_sql_metrics_test_status, i, RC_DB_TEXT(documents[i]));
	ask(&watcher);
	assert_true(says(&watcher, "rollcall_kiosks{state=\"current\"} 3"));
	assert_true(says(&watcher, "rollcall_kiosks_clock_unsure 1"));
	assert_true(says(&watcher, "rollcall_kiosk_facts_waiting 7"));
	assert_true(says(&watcher, "rollcall_kiosk_facts_waiting_age_max_seconds 3600"));
	end(&watcher);
}

static void the_first_certificate_to_expire_is_told(void **state)
{
	struct school *school = *state;
	struct watcher watcher;

	begin(&watcher, school);
	change(school, &rc_sql_metrics_test_until, 0, RC_DB_INT(1900000000000));
	change(school, &rc_sql_metrics_test_until, 1, RC_DB_INT(1800000000000));
	change(school, &rc_sql_metrics_test_until, 2, RC_DB_INT(1950000000000));
	ask(&watcher);
	assert_true(
	    says(&watcher,
		 "rollcall_certificate_expiry_timestamp_seconds{certificate=\"ca\"} 2000000000"));
	assert_true(says(
	    &watcher,
	    "rollcall_certificate_expiry_timestamp_seconds{certificate=\"kiosk\"} 1800000000"));
	assert_null(strstr(rc_buf_text(&watcher.text), "device_listener\""));
	rc_metrics_set_listener_until(watcher.metrics, 1850000000000);
	ask(&watcher);
	assert_true(says(&watcher, "rollcall_certificate_expiry_timestamp_seconds{certificate="
				   "\"device_listener\"} 1850000000"));
	end(&watcher);
}

static void the_inbox_is_counted_by_kind_and_only_what_is_open(void **state)
{
	struct school *school = *state;
	struct watcher watcher;

	begin(&watcher, school);
	school_exec(school, &rc_sql_metrics_test_inbox,
		    RC_DB_VALUES(RC_DB_TEXT("a"), RC_DB_TEXT("facts.lost")));
	school_exec(school, &rc_sql_metrics_test_inbox,
		    RC_DB_VALUES(RC_DB_TEXT("b"), RC_DB_TEXT("facts.lost")));
	school_exec(school, &rc_sql_metrics_test_inbox,
		    RC_DB_VALUES(RC_DB_TEXT("c"), RC_DB_TEXT("of.tomorrow")));
	school_exec(school, &rc_sql_metrics_test_inbox,
		    RC_DB_VALUES(RC_DB_TEXT("d"), RC_DB_TEXT("odd\"kind")));
	school_exec(school, &rc_sql_metrics_test_settle, RC_DB_VALUES(RC_DB_TEXT("b")));
	ask(&watcher);
	assert_true(says(&watcher, "rollcall_inbox_open{kind=\"facts.lost\"} 1"));
	assert_true(says(&watcher, "rollcall_inbox_open{kind=\"kiosk.cloned\"} 0"));
	assert_true(says(&watcher, "rollcall_inbox_open{kind=\"of.tomorrow\"} 1"));
	assert_null(strstr(rc_buf_text(&watcher.text), "odd\""));
	end(&watcher);
}

static void the_database_is_asked_at_most_every_ten_seconds(void **state)
{
	struct school *school = *state;
	struct watcher watcher;

	begin(&watcher, school);
	ask(&watcher);
	assert_true(says(&watcher, "rollcall_inbox_open{kind=\"facts.lost\"} 0"));
	school_exec(school, &rc_sql_metrics_test_inbox,
		    RC_DB_VALUES(RC_DB_TEXT("a"), RC_DB_TEXT("facts.lost")));
	rc_sim_clock_pass(&watcher.clock, RC_METRICS_LOOK_MS - 1);
	ask(&watcher);
	assert_true(says(&watcher, "rollcall_inbox_open{kind=\"facts.lost\"} 0"));
	rc_sim_clock_pass(&watcher.clock, 1);
	ask(&watcher);
	assert_true(says(&watcher, "rollcall_inbox_open{kind=\"facts.lost\"} 1"));
	end(&watcher);
}

static void uploads_are_counted_by_what_became_of_their_lines(void **state)
{
	struct watcher watcher;
	static const struct rc_metrics_upload uploads[] = {
	    {.status = 200, .received = 10, .stored = 6, .branched = 1, .unread = 2},
	    {.status = 200, .received = 10, .stored = 0},
	    {.status = 409, .received = 5},
	    {.status = 503},
	};

	begin(&watcher, *state);
	for (size_t i = 0; i < sizeof(uploads) / sizeof(uploads[0]); i++)
		rc_metrics_count_upload(watcher.metrics, &uploads[i]);
	rc_metrics_count_device_request(watcher.metrics, RC_METRICS_GRACE);
	rc_metrics_count_upload(NULL, &uploads[0]); /* nobody watches */
	ask(&watcher);
	assert_true(says(&watcher, "rollcall_facts_received_total{result=\"stored\"} 5"));
	assert_true(says(&watcher, "rollcall_facts_received_total{result=\"branch\"} 1"));
	assert_true(says(&watcher, "rollcall_facts_received_total{result=\"unread\"} 2"));
	assert_true(says(&watcher, "rollcall_facts_received_total{result=\"known\"} 12"));
	assert_true(says(&watcher, "rollcall_uploads_total{status=\"2xx\"} 2"));
	assert_true(says(&watcher, "rollcall_uploads_total{status=\"4xx\"} 1"));
	assert_true(says(&watcher, "rollcall_uploads_total{status=\"5xx\"} 1"));
	assert_true(says(&watcher, "rollcall_device_requests_total{class=\"grace\"} 1"));
	end(&watcher);
}

static void write_file(const char *path, const char *text)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void the_last_backup_is_told_and_a_damaged_note_of_it_is_none(void **state)
{
	struct watcher watcher;

	begin(&watcher, *state);
	ask(&watcher);
	assert_true(says(&watcher, "rollcall_backup_last_timestamp_seconds 0"));
	write_file(watcher.backup_file, "2026-11-24T09:00:00.000Z\n");
	ask(&watcher);
	assert_true(says(&watcher, "rollcall_backup_last_timestamp_seconds 1795510800"));
	write_file(watcher.backup_file, "yesterday or so, I think\n");
	ask(&watcher);
	assert_true(says(&watcher, "rollcall_backup_last_timestamp_seconds 0"));
	write_file(watcher.backup_file, "");
	ask(&watcher);
	assert_true(says(&watcher, "rollcall_backup_last_timestamp_seconds 0"));
	assert_int_equal(unlink(watcher.backup_file), 0);
	end(&watcher);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, school_set_up, school_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(kiosks_are_counted_by_state_and_by_how_long_they_are_silent),
	    CASE(a_kiosk_that_is_shut_out_is_missed_by_nobody),
	    CASE(what_kiosks_say_of_themselves_is_summed_up_and_nonsense_passed_over),
	    CASE(the_first_certificate_to_expire_is_told),
	    CASE(the_inbox_is_counted_by_kind_and_only_what_is_open),
	    CASE(the_database_is_asked_at_most_every_ten_seconds),
	    CASE(uploads_are_counted_by_what_became_of_their_lines),
	    CASE(the_last_backup_is_told_and_a_damaged_note_of_it_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
