/* SPDX-License-Identifier: Apache-2.0 */
/* Sites and rooms from a table, and what kiosks there are told. */
#include "tests/module/hr/office.h"

#include <string.h>

static void a_new_site_tells_its_kiosks_where_they_are(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];
	struct rc_ref_setting setting;
	struct rc_ref_room room;

	office_take(
	    office, rc_rooms_import,
	    "教室,站点,教室名称,name_en,way_zh,时区\n3F-305,HQ,培训室,Training room,三楼,+08:00\n");
	assert_int_equal(office_changes(office, changes, 16), 4);
	assert_int_equal(rc_ref_setting_decode(&changes[0], &setting, NULL), RC_OK);
	assert_string_equal(changes[0].id, "organisation.name");
	assert_string_equal(setting.value, "示例公司");
	assert_int_equal(rc_ref_setting_decode(&changes[2], &setting, NULL), RC_OK);
	assert_string_equal(changes[2].id, "time.offset_min");
	assert_string_equal(setting.value, "480");
	assert_int_equal(rc_ref_room_decode(&changes[3], &room, NULL), RC_OK);
	assert_string_equal(room.code, "3F-305");
	assert_string_equal(room.name.zh, "培训室");
	assert_string_equal(room.name.en, "Training room");
	assert_string_equal(room.way.zh, "三楼");
	assert_string_equal(room.way.en, "");
}

static void a_room_that_changes_is_published_and_one_that_does_not_is_not(void **state)
{
	struct office *office = *state;
	struct rc_change changes[16];

	office_take(office, rc_rooms_import, "room,site,name_zh\nA,HQ,甲\nB,HQ,乙\n");
	(void)office_changes(office, changes, 16);
	office_take(office, rc_rooms_import, "room,site,name_zh\nA,HQ,甲\nB,HQ,丙\n");
	assert_int_equal(office->import.unchanged, 1);
	assert_int_equal(office->import.changed, 1);
	assert_int_equal(office_changes(office, changes, 16), 1);
	assert_int_equal(changes[0].entity, RC_ENTITY_ROOM);
	assert_int_equal(changes[0].version, 2);
}

static void rooms_stay_in_their_site_and_sites_keep_their_offset(void **state)
{
	struct office *office = *state;
	struct rc_room room;

	office_take(office, rc_rooms_import, "room,site,utc_offset\nA,HQ,-03:30\n");
	assert_int_equal(rc_rooms_find(office->db, "A", &room, NULL), RC_OK);
	assert_int_equal(room.site.utc_offset_min, -210);
	office_take(office, rc_rooms_import, "room,site,utc_offset\nB,WEST,-03:30\n");
	assert_int_equal(office_import(office, rc_rooms_import,
				       "room,site,utc_offset\nA,WEST,\nC,HQ,+08:00\nD,EAST,+09:00\n"
				       "E,HQ,later\nA,HQ,\n"),
			 RC_EFORMAT);
	assert_true(office_has_error(office, 2, "site", "the room is at site HQ"));
	assert_true(office_has_error(office, 3, "utc_offset", "another offset"));
	assert_true(office_has_error(office, 4, "utc_offset", "share one offset"));
	assert_true(office_has_error(office, 5, "utc_offset", "no offset like"));
	assert_true(office_has_error(office, 6, "room", "line 2 already"));
	assert_int_equal(office->import.errors.count, 5);
	assert_int_equal(rc_rooms_find(office->db, "C", &room, NULL), RC_ENOTFOUND);
}

static enum rc_status next_code(void *context, const struct rc_room *room, struct rc_error *err)
{
	(void)err;
	rc_buf_printf(context, "%s ", room->code);
	return RC_OK;
}

static void rooms_are_found_by_code_and_id_and_listed_in_order(void **state)
{
	struct office *office = *state;
	struct rc_room by_code, by_id;
	char id[RC_ID_CHARS + 1], text[64];
	struct rc_buf list;

	office_take(office, rc_rooms_import, "room,site\nB,HQ\nA,HQ\n");
	assert_int_equal(rc_rooms_find(office->db, "B", &by_code, NULL), RC_OK);
	rc_id_format(&by_code.id, id);
	assert_int_equal(rc_rooms_find(office->db, id, &by_id, NULL), RC_OK);
	assert_string_equal(by_id.code, "B");
	assert_int_equal(rc_rooms_find(office->db, "X", &by_id, NULL), RC_ENOTFOUND);
	rc_buf_init_fixed(&list, text, sizeof(text));
	assert_int_equal(rc_rooms_list(office->db, next_code, &list, NULL), RC_OK);
	assert_string_equal(rc_buf_text(&list), "A B ");
}

#define OFFICE(test) cmocka_unit_test_setup_teardown(test, office_set_up, office_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    OFFICE(a_new_site_tells_its_kiosks_where_they_are),
	    OFFICE(a_room_that_changes_is_published_and_one_that_does_not_is_not),
	    OFFICE(rooms_stay_in_their_site_and_sites_keep_their_offset),
	    OFFICE(rooms_are_found_by_code_and_id_and_listed_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
