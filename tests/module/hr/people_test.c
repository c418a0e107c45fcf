/* SPDX-License-Identifier: Apache-2.0 */
/* Employees in, roster out: what a table says must be what a badge opens, and nothing more. */
#include "server/db/db.h"
#include "shared/base/encode.h"
#include "tests/module/hr/office.h"
#include "tests/module/hr_sql/statements.h"

#include <stdio.h>
#include <stdlib.h>

#define TWO                                                                                        \
	"number,name,language,department,position,role\n"                                          \
	"001-01,张伟,zh,生产一部,生产族-操作序列-初级工,employee\n"                \
	"002-02,Emma Collins,en,质量部,,trainer\n"

static enum rc_status count_in(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	int64_t *count = arg;

	return rc_db_one_int(tx, &rc_sql_office_count_people, RC_DB_NO_VALUES, count, err);
}

static int64_t people(struct office *office)
{
	int64_t count = -1;

	assert_int_equal(rc_db_read(office->db, count_in, &count, NULL), RC_OK);
	return count;
}

static void a_badge_opens_its_persons_card_and_no_other(void **state)
{
	struct office *office = *state;
	struct rc_badge_code code, stranger = rc_badge_code_new();
	struct office_card shown;
	struct rc_person person;

	office_take(office, rc_people_import, TWO);
	assert_int_equal(office->import.added, 2);
	code = office_badge(office, "002-02");
	assert_true(office_show_badge(office, &code, &shown));
	assert_string_equal(shown.card.name, "Emma Collins");
	assert_string_equal(shown.card.number, "002-02");
	assert_int_equal(shown.card.language, RC_LANGUAGE_EN);
	assert_int_equal(shown.card.role, RC_ROLE_TRAINER);
	assert_int_equal(shown.credential.state, RC_CREDENTIAL_ACTIVE);
	person = office_person(office, "002-02");
	assert_true(rc_id_equal(&shown.credential.ref, &person.ref));
	assert_false(office_show_badge(office, &stranger, &shown));
}

static void nothing_in_clear_goes_down(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];
	struct rc_badge_code code;

	office_take(office, rc_people_import, TWO);
	code = office_badge(office, "001-01");
	(void)office_changes(office, changes, 16);
	assert_null(memmem(office->lines.data, office->lines.size, "001-01", 6));
	assert_null(memmem(office->lines.data, office->lines.size, "Emma", 4));
	assert_null(memmem(office->lines.data, office->lines.size, "张伟", strlen("张伟")));
	assert_null(memmem(office->lines.data, office->lines.size, code.text, 26));
}

static enum rc_status look_for_code(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct rc_badge_code *code = context;
	const struct rc_bytes sealed = rc_db_row_bytes(row, 0);

	(void)err;
	assert_true(sealed.size > 0);
	assert_null(memmem(sealed.data, sealed.size, code->text, RC_BADGE_CODE_CHARS));
	return RC_OK;
}

static enum rc_status read_secrets(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_query(tx, &rc_sql_office_secret_columns, RC_DB_NO_VALUES, look_for_code, arg, err);
}

static void the_database_alone_gives_no_badge_away(void **state)
{
	struct office *office = *state;
	struct rc_secrets others;
	struct rc_badge_code code, got;
	struct rc_person person;

	office_take(office, rc_people_import, TWO);
	code = office_badge(office, "001-01");
	person = office_person(office, "001-01");
	assert_int_equal(rc_db_read(office->db, read_secrets, &code, NULL), RC_OK);
	rc_secrets_init(&others);
	memset(others.key, 0x77, sizeof(others.key));
	assert_int_equal(rc_people_badge_code(office->db, &others, &person.ref, &got, NULL), RC_EDENIED);
	rc_secrets_deinit(&others);
}

static void the_same_file_again_publishes_nothing(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];

	office_take(office, rc_people_import, TWO);
	assert_int_equal(office_changes(office, changes, 16), 3 + 2 + 4); /* settings, rooms, people */
	office_take(office, rc_people_import, TWO);
	assert_int_equal(office->import.unchanged, 2);
	assert_int_equal(office->import.added + office->import.changed, 0);
	assert_int_equal(office_changes(office, changes, 16), 0);
}

static void a_changed_name_is_a_new_version_and_one_change(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];
	struct office_card shown;
	struct rc_badge_code code;

	office_take(office, rc_people_import, TWO);
	code = office_badge(office, "001-01");
	(void)office_changes(office, changes, 16);
	office_take(office, rc_people_import, "number,name\n001-01,张大伟\n002-02,Emma Collins\n");
	assert_int_equal(office->import.changed, 1);
	assert_int_equal(office->import.unchanged, 1);
	assert_int_equal(office_changes(office, changes, 16), 1);
	assert_int_equal(changes[0].entity, RC_ENTITY_PERSON);
	assert_int_equal(changes[0].version, 2);
	assert_true(office_show_badge(office, &code, &shown));
	assert_string_equal(shown.card.name, "张大伟");
	assert_int_equal(shown.card.language, RC_LANGUAGE_ZH);
}

static void a_department_is_kept_and_told_to_no_kiosk(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];

	office_take(office, rc_people_import, TWO);
	(void)office_changes(office, changes, 16);
	office_take(office, rc_people_import, "工号,姓名,部门\n001-01,张伟,设备部\n");
	assert_int_equal(office->import.changed, 1);
	assert_int_equal(office_changes(office, changes, 16), 0);
	assert_string_equal(office_person(office, "001-01").department, "设备部");
	assert_string_equal(office_person(office, "001-01").position, "生产族-操作序列-初级工");
	assert_int_equal(office_person(office, "001-01").version, 1);
}

static void a_file_with_faults_tells_all_of_them_and_writes_nothing(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];

	(void)office_changes(office, changes, 16);
	assert_int_equal(office_import(office, rc_people_import,
				       "工号*,姓名（必填）,语言,角色,站点\n"
				       "001-01,张伟,zh,employee,HQ\n"
				       ",李娜,zh,,\n"
				       "003-01,,fr,boss,\n"
				       "001-01,王芳,,,\n"
				       "005-01,赵\xe2\x80\xaeX,,,\n"
				       "006-01,孙涛,,,Moon\n"
				       "0 7-01,周杰,,,\n"),
			 RC_EFORMAT);
	assert_non_null(strstr(office->err.text, "errors in the file: 8;"));
	assert_true(office_has_error(office, 3, "工号*", "must not be empty"));
	assert_true(office_has_error(office, 4, "姓名（必填）", "must not be empty"));
	assert_true(office_has_error(office, 4, "语言", "“fr” is none of"));
	assert_true(office_has_error(office, 4, "角色", "“boss” is none of"));
	assert_true(office_has_error(office, 5, "工号*", "“001-01” stands on line 2 already"));
	assert_true(office_has_error(office, 6, "姓名（必填）", "invisible"));
	assert_true(office_has_error(office, 7, "站点", "no site “Moon”"));
	assert_true(office_has_error(office, 8, "工号*", "no spaces"));
	assert_int_equal(office->import.errors.count, 8);
	assert_int_equal(people(office), 0);
	assert_int_equal(office_changes(office, changes, 16), 0);
}

static void a_dry_run_counts_and_finds_faults_and_writes_nothing(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];

	(void)office_changes(office, changes, 16);
	office->hr.is_dry_run = true;
	office_take(office, rc_people_import, TWO);
	assert_int_equal(office->import.added, 2);
	assert_int_equal(office_import(office, rc_people_import, "number,name\n1,\n"), RC_EFORMAT);
	assert_int_equal(people(office), 0);
	assert_int_equal(office_changes(office, changes, 16), 0);
}

static void a_number_stays_the_text_that_it_is(void **state)
{
	struct office *office = *state;
	struct rc_person person;

	office_take(office, rc_people_import,
		    "number,name\n001-01,a\n007,b\n12345678901234567890,d\n００８－０１,e\n");
	assert_string_equal(office_person(office, "001-01").number, "001-01");
	assert_string_equal(office_person(office, "007").name, "b");
	assert_string_equal(office_person(office, "12345678901234567890").name, "d");
	assert_string_equal(office_person(office, "008-01").name, "e");
	assert_int_equal(rc_people_find(office->db, "7", &person, NULL), RC_ENOTFOUND);
	assert_int_equal(rc_people_find(office->db, "001-1", &person, NULL), RC_ENOTFOUND);
	assert_int_equal(office_import(office, rc_people_import, "number,name\n1.23E+05,c\n"), RC_EFORMAT);
	assert_true(office_has_error(office, 2, "number", "spreadsheet"));
}

static void cells_that_a_spreadsheet_would_run_are_kept_as_they_are(void **state)
{
	struct office *office = *state;

	office_take(office, rc_people_import,
		    "number,name,department\n1,\"=cmd|' /C calc'!A0\",+1\n2,@SUM(A1),-x\n");
	assert_string_equal(office_person(office, "1").name, "=cmd|' /C calc'!A0");
	assert_string_equal(office_person(office, "1").department, "+1");
	assert_string_equal(office_person(office, "2").name, "@SUM(A1)");
}

static void a_transfer_keeps_the_person_and_the_old_number_is_found(void **state)
{
	struct office *office = *state;
	struct office_card shown;
	struct rc_badge_code code;
	struct rc_person before, after;

	office_take(office, rc_people_import, TWO);
	before = office_person(office, "001-01");
	code = office_badge(office, "001-01");
	office_take(office, rc_people_import, "原工号,工号,姓名\n001-01,001-07,张伟\n");
	assert_int_equal(office->import.changed, 1);
	after = office_person(office, "001-07");
	assert_true(rc_id_equal(&before.ref, &after.ref));
	assert_string_equal(office_person(office, "001-01").number, "001-07");
	assert_true(office_show_badge(office, &code, &shown));
	assert_string_equal(shown.card.number, "001-07");

	/* A file that still has the old number is about the same person, and doesn't take the new one away. */
	office_take(office, rc_people_import, "number,name\n001-01,张大伟\n");
	assert_int_equal(office->import.warnings.count, 1);
	assert_string_equal(office_person(office, "001-07").name, "张大伟");
	assert_int_equal(people(office), 2);
}

static void one_person_by_two_numbers_in_a_file_is_a_fault(void **state)
{
	struct office *office = *state;

	office_take(office, rc_people_import, TWO);
	office_take(office, rc_people_import, "old_number,number,name\n001-01,001-07,张伟\n");
	assert_int_equal(office_import(office, rc_people_import, "number,name\n001-07,a\n001-01,b\n"),
			 RC_EFORMAT);
	assert_true(office_has_error(office, 3, "number", "stands on line 2 already"));
}

static void a_number_that_is_somebody_elses_is_not_given_away(void **state)
{
	struct office *office = *state;

	office_take(office, rc_people_import, TWO);
	assert_int_equal(office_import(office, rc_people_import,
				       "old_number,number,name\n001-01,002-02,x\n999,003,y\n"),
			 RC_EFORMAT);
	assert_true(office_has_error(office, 2, "number", "somebody else's"));
	assert_true(office_has_error(office, 3, "old_number", "nobody has the number"));
	assert_string_equal(office_person(office, "001-01").name, "张伟");
}

static void a_revoked_badge_has_a_state_and_opens_nothing(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];
	struct rc_person person;
	struct office_card shown;
	struct rc_badge_code code, got;
	size_t count = 0;

	office_take(office, rc_people_import, TWO);
	person = office_person(office, "001-01");
	code = office_badge(office, "001-01");
	(void)office_changes(office, changes, 16);
	assert_int_equal(rc_people_badges_revoke(&office->hr, &person.ref, &count, NULL), RC_OK);
	assert_int_equal(count, 1);
	assert_int_equal(office_changes(office, changes, 16), 1);
	assert_int_equal(changes[0].version, 2);
	assert_true(office_show_badge(office, &code, &shown));
	assert_int_equal(shown.credential.state, RC_CREDENTIAL_REVOKED);
	assert_int_equal(shown.credential.wrap_size, 0);
	assert_int_equal(rc_people_badge_code(office->db, &office->secrets, &person.ref, &got, NULL),
			 RC_ENOTFOUND);
	/* Once more changes nothing. */
	assert_int_equal(rc_people_badges_revoke(&office->hr, &person.ref, &count, NULL), RC_OK);
	assert_int_equal(count, 0);
	assert_int_equal(rc_people_badge_revoke(&office->hr, shown.credential.find, NULL), RC_OK);
	assert_int_equal(office_changes(office, changes, 16), 0);
}

static void a_new_badge_ends_the_old_one_or_keeps_it(void **state)
{
	struct office *office = *state;
	struct rc_person person;
	struct office_card shown;
	struct rc_badge_code first, second, third;
	uint8_t find[RC_FIND_BYTES];

	office_take(office, rc_people_import, TWO);
	person = office_person(office, "001-01");
	first = office_badge(office, "001-01");
	office->hr.now_ms++;
	assert_int_equal(rc_people_badge_new(&office->hr, &person.ref, RC_BADGE_OLD_KEEP, find, NULL),
			 RC_OK);
	second = office_badge(office, "001-01");
	assert_true(office_show_badge(office, &first, &shown));
	assert_string_equal(shown.card.name, "张伟");
	assert_true(office_show_badge(office, &second, &shown));
	assert_memory_equal(shown.credential.find, find, sizeof(find));
	assert_string_equal(shown.card.name, "张伟");

	office->hr.now_ms++;
	assert_int_equal(
	    rc_people_badge_new(&office->hr, &person.ref, RC_BADGE_OLD_REVOKE, find, NULL), RC_OK);
	third = office_badge(office, "001-01");
	assert_true(office_show_badge(office, &third, &shown));
	assert_string_equal(shown.card.name, "张伟");
	assert_true(office_show_badge(office, &first, &shown));
	assert_int_equal(shown.credential.state, RC_CREDENTIAL_REVOKED);
	assert_true(office_show_badge(office, &second, &shown));
	assert_int_equal(shown.credential.state, RC_CREDENTIAL_REVOKED);
}

static void who_leaves_loses_the_badge_and_gets_a_new_one_on_coming_back(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];
	struct rc_person before, after;
	struct office_card shown;
	struct rc_badge_code first, second;
	uint8_t find[RC_FIND_BYTES];

	office_take(office, rc_people_import, TWO);
	before = office_person(office, "001-01");
	first = office_badge(office, "001-01");
	(void)office_changes(office, changes, 16);
	office_take(office, rc_people_import, "number,name,state\n001-01,张伟,离职\n");
	assert_int_equal(office->import.changed, 1);
	assert_int_equal(office_changes(office, changes, 16), 2);
	assert_int_equal(changes[0].entity, RC_ENTITY_PERSON);
	assert_true(changes[0].is_deletion);
	assert_true(office_show_badge(office, &first, &shown));
	assert_int_equal(shown.credential.state, RC_CREDENTIAL_REVOKED);
	assert_false(office_person(office, "001-01").is_active);
	assert_int_equal(rc_people_badge_new(&office->hr, &before.ref, RC_BADGE_OLD_KEEP, find, NULL),
			 RC_ECONFLICT);

	/* Still gone: nothing that changes about them concerns a kiosk. */
	office_take(office, rc_people_import, "number,name\n001-01,张大伟\n");
	assert_int_equal(office_changes(office, changes, 16), 0);

	office_take(office, rc_people_import, "number,name,state\n001-01,张伟,active\n");
	after = office_person(office, "001-01");
	assert_true(rc_id_equal(&before.ref, &after.ref));
	second = office_badge(office, "001-01");
	assert_true(office_show_badge(office, &second, &shown));
	assert_string_equal(shown.card.name, "张伟");
	assert_true(office_show_badge(office, &first, &shown));
	assert_int_equal(shown.credential.state, RC_CREDENTIAL_REVOKED);
}

static void badges_of_nobody_are_not_found(void **state)
{
	struct office *office = *state;
	const struct rc_id nobody = rc_id_new();
	uint8_t find[RC_FIND_BYTES] = {0};
	size_t count;

	assert_int_equal(rc_people_badge_new(&office->hr, &nobody, RC_BADGE_OLD_KEEP, find, NULL),
			 RC_ENOTFOUND);
	assert_int_equal(rc_people_badge_revoke(&office->hr, find, NULL), RC_ENOTFOUND);
	assert_int_equal(rc_people_badges_revoke(&office->hr, &nobody, &count, NULL), RC_ENOTFOUND);
}

static void who_moves_to_another_site_takes_the_badge_along(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];
	struct office_card shown;
	struct rc_badge_code code;
	size_t count;

	office_take(office, rc_rooms_import, "room,site\nA1,WEST\n");
	office_take(office, rc_people_import, "number,name,site\n001-01,张伟,WEST\n");
	code = office_badge(office, "001-01");
	(void)office_changes(office, changes, 16);
	assert_false(office_show_badge(office, &code, &shown));
	office_take(office, rc_people_import, "number,name,site\n001-01,张伟,HQ\n");
	count = office_changes(office, changes, 16);
	assert_int_equal(office_count(changes, count, RC_ENTITY_PERSON), 1);
	assert_int_equal(office_count(changes, count, RC_ENTITY_CREDENTIAL), 1);
	assert_true(office_show_badge(office, &code, &shown));
	assert_string_equal(shown.card.name, "张伟");
	office_take(office, rc_people_import, "number,name,site\n001-01,张伟,WEST\n");
	assert_false(office_show_badge(office, &code, &shown)); /* HQ was told to forget it */
}

static void with_two_sites_a_new_person_must_name_one(void **state)
{
	struct office *office = *state;

	office_take(office, rc_rooms_import, "room,site\nA1,WEST\n");
	assert_int_equal(office_import(office, rc_people_import, "number,name\n1,a\n"), RC_EFORMAT);
	assert_int_equal(office->import.errors.count, 1);
	assert_non_null(strstr(office->import.errors.issues[0].en, "several sites"));
}

static enum rc_status next_name(void *context, const struct rc_person *person, struct rc_error *err)
{
	(void)err;
	rc_buf_printf(context, "%s ", person->number);
	return RC_OK;
}

static void people_are_listed_by_number_behind_a_cursor(void **state)
{
	struct office *office = *state;
	struct rc_buf text;

	rc_buf_init(&text, 1024);
	office_take(office, rc_people_import, "number,name\n3,c\n1,a\n2,b\n");
	assert_int_equal(rc_people_list(office->db, "", 2, next_name, &text, NULL), RC_OK);
	assert_string_equal(rc_buf_text(&text), "1 2 ");
	assert_int_equal(rc_people_list(office->db, "2", 2, next_name, &text, NULL), RC_OK);
	assert_string_equal(rc_buf_text(&text), "1 2 3 ");
	rc_buf_deinit(&text);
}

static enum rc_status audit_in(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_one_int(tx, &rc_sql_office_count_audit,
			     RC_DB_VALUES(RC_DB_TEXT("import.employees")), arg, err);
}

static void an_import_that_changes_something_is_audited_once(void **state)
{
	struct office *office = *state;
	int64_t count = -1;

	office_take(office, rc_people_import, TWO);
	office_take(office, rc_people_import, TWO);
	(void)office_import(office, rc_people_import, "number\n1\n");
	assert_int_equal(rc_db_read(office->db, audit_in, &count, NULL), RC_OK);
	assert_int_equal(count, 1);
}

static void ten_thousand_people_are_one_import(void **state)
{
	struct office *office = *state;
	struct rc_buf csv;

	rc_buf_init(&csv, 4u << 20);
	rc_buf_append_text(&csv, "number,name,language,department\n");
	for (int i = 0; i < 10000; i++)
		rc_buf_printf(&csv, "%05d-01,员工%d,zh,生产一部\n", i, i);
	office_take(office, rc_people_import, rc_buf_text(&csv));
	assert_int_equal(office->import.added, 10000);
	office_take(office, rc_people_import, rc_buf_text(&csv));
	assert_int_equal(office->import.unchanged, 10000);
	assert_int_equal(people(office), 10000);
	rc_buf_deinit(&csv);
}

#define WITH_ROOMS(test)                                                                           \
	cmocka_unit_test_setup_teardown(test, office_set_up_with_rooms, office_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_ROOMS(a_badge_opens_its_persons_card_and_no_other),
	    WITH_ROOMS(nothing_in_clear_goes_down),
	    WITH_ROOMS(the_database_alone_gives_no_badge_away),
	    WITH_ROOMS(the_same_file_again_publishes_nothing),
	    WITH_ROOMS(a_changed_name_is_a_new_version_and_one_change),
	    WITH_ROOMS(a_department_is_kept_and_told_to_no_kiosk),
	    WITH_ROOMS(a_file_with_faults_tells_all_of_them_and_writes_nothing),
	    WITH_ROOMS(a_dry_run_counts_and_finds_faults_and_writes_nothing),
	    WITH_ROOMS(a_number_stays_the_text_that_it_is),
	    WITH_ROOMS(cells_that_a_spreadsheet_would_run_are_kept_as_they_are),
	    WITH_ROOMS(a_transfer_keeps_the_person_and_the_old_number_is_found),
	    WITH_ROOMS(one_person_by_two_numbers_in_a_file_is_a_fault),
	    WITH_ROOMS(a_number_that_is_somebody_elses_is_not_given_away),
	    WITH_ROOMS(a_revoked_badge_has_a_state_and_opens_nothing),
	    WITH_ROOMS(a_new_badge_ends_the_old_one_or_keeps_it),
	    WITH_ROOMS(who_leaves_loses_the_badge_and_gets_a_new_one_on_coming_back),
	    WITH_ROOMS(badges_of_nobody_are_not_found),
	    WITH_ROOMS(who_moves_to_another_site_takes_the_badge_along),
	    WITH_ROOMS(with_two_sites_a_new_person_must_name_one),
	    WITH_ROOMS(people_are_listed_by_number_behind_a_cursor),
	    WITH_ROOMS(an_import_that_changes_something_is_audited_once),
	    WITH_ROOMS(ten_thousand_people_are_one_import),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
