/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/reference/reference.h"
#include "tests/unit/vectors/vectors.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { CASE, WHAT, LINE, COLUMNS };

#define LINE_BYTES 8192

/* Decodes a payload to its struct and encodes it again. */
static enum rc_status again(const struct rc_change *change, struct rc_buf *p)
{
	static union {
		struct rc_ref_room room;
		struct rc_ref_session session;
		struct rc_ref_registration registration;
		struct rc_ref_person person;
		struct rc_ref_credential credential;
		struct rc_ref_presence presence;
		struct rc_ref_setting setting;
		struct rc_ref_trust trust;
	} u;
	enum rc_status status = RC_EBUG;

#define AGAIN(entity, name)                                                                        \
	case entity:                                                                               \
		status = rc_ref_##name##_decode(change, &u.name, NULL);                            \
		if (status == RC_OK)                                                               \
			rc_ref_##name##_encode(&u.name, p);                                        \
		break
	switch (change->entity) {
		AGAIN(RC_ENTITY_ROOM, room);
		AGAIN(RC_ENTITY_SESSION, session);
		AGAIN(RC_ENTITY_REGISTRATION, registration);
		AGAIN(RC_ENTITY_PERSON, person);
		AGAIN(RC_ENTITY_CREDENTIAL, credential);
		AGAIN(RC_ENTITY_PRESENCE, presence);
		AGAIN(RC_ENTITY_SETTING, setting);
		AGAIN(RC_ENTITY_TRUST, trust);
	default:
		break;
	}
#undef AGAIN
	return status;
}

static bool change_holds(const char *what, struct rc_bytes line)
{
	struct rc_buf payload, written;
	struct rc_change change;
	bool holds = false;

	if (rc_change_read(line, &change, NULL) != RC_OK)
		return strcmp(what, "format") == 0;
	if (strcmp(what, "unknown") == 0)
		return change.entity == RC_ENTITY_UNKNOWN;
	if (strcmp(what, change.is_deletion ? "del" : rc_entity_name(change.entity)) != 0)
		return false;
	rc_buf_init(&payload, LINE_BYTES);
	rc_buf_init(&written, LINE_BYTES);
	if (change.is_deletion || again(&change, &payload) == RC_OK) {
		change.payload = rc_buf_bytes(&payload);
		rc_change_write(&change, &written);
		holds = written.size == line.size + 1 &&
			memcmp(written.data, line.data, line.size) == 0 &&
			written.data[line.size] == '\n';
	}
	rc_buf_deinit(&payload);
	rc_buf_deinit(&written);
	return holds;
}

static bool closing_holds(const char *what, enum rc_changes_line which,
			  const struct rc_changes_end *end, struct rc_bytes line)
{
	static const char *const names[] = {"", "snapshot", "end", "snapshot_end"};
	struct rc_buf written;
	bool holds;

	if (strcmp(what, which == RC_CHANGES_END && end->has_more ? "end_more" : names[which]) != 0)
		return false;
	rc_buf_init(&written, LINE_BYTES);
	if (which == RC_CHANGES_SNAPSHOT)
		rc_changes_snapshot_write(UINT64_C(0x00c0ffee5eed0001), &written);
	else
		rc_changes_end_write(which, end, &written);
	holds = written.size == line.size + 1 && memcmp(written.data, line.data, line.size) == 0;
	rc_buf_deinit(&written);
	return holds;
}

static bool line_holds(const struct rc_vector *row)
{
	static uint8_t bytes[LINE_BYTES];
	const struct rc_bytes line = rc_vector_bytes(row->field[LINE], bytes, sizeof(bytes));
	struct rc_changes_end end;
	enum rc_changes_line which;

	if (rc_changes_line_read(line, &which, &end, NULL) != RC_OK)
		return strcmp(row->field[WHAT], "format") == 0;
	if (which == RC_CHANGES_CHANGE)
		return change_holds(row->field[WHAT], line);
	return closing_holds(row->field[WHAT], which, &end, line);
}

static void lines_are_read_and_written_as_the_vectors_say(void **state)
{
	(void)state;
	rc_vectors_check(RC_TEST_VECTORS "/change-lines.tsv", COLUMNS, line_holds);
}

static bool subscription_holds(const struct rc_vector *row)
{
	const char *scopes[8];
	size_t count = 0;
	char *rest = row->field[1], text[RC_CURSOR_MAX_CHARS + 1], *scope;
	struct rc_cursor cursor = {.server_epoch = 1, .n = 2};

	while ((scope = strsep(&rest, " ")))
		scopes[count++] = scope;
	cursor.subscription = rc_subscription_hash(scopes, count);
	rc_cursor_format(&cursor, text);
	return strcmp(text + 19, row->field[2]) == 0;
}

static void the_subscription_is_hashed_as_the_vectors_say(void **state)
{
	(void)state;
	rc_vectors_check(RC_TEST_VECTORS "/cursor.tsv", 3, subscription_holds);
}

static void a_cursor_comes_back_as_it_went(void **state)
{
	const struct rc_cursor cursor = {UINT64_MAX, INT64_C(9007199254740991),
					 UINT64_C(0x0123456789abcdef)};
	char text[RC_CURSOR_MAX_CHARS + 1];
	struct rc_cursor parsed;

	(void)state;
	rc_cursor_format(&cursor, text);
	assert_string_equal(text, "ffffffffffffffff.9007199254740991.0123456789abcdef");
	assert_int_equal(rc_cursor_parse(rc_bytes_of_text(text), &parsed), RC_OK);
	assert_true(parsed.server_epoch == cursor.server_epoch && parsed.n == cursor.n &&
		    parsed.subscription == cursor.subscription);
}

static void a_cursor_has_one_way_to_be_written(void **state)
{
	static const char *const bad[] = {
	    "",
	    "0123456789abcdef.1",
	    "0123456789abcdef..0123456789abcdef",
	    "0123456789abcdef.-1.0123456789abcdef",
	    "0123456789abcdef.01.0123456789abcdef",
	    "0123456789abcdef.+1.0123456789abcdef",
	    "0123456789ABCDEF.1.0123456789abcdef",
	    "0123456789abcdef.1.0123456789abcdeg",
	    "0123456789abcdef.1.0123456789abcdef0",
	    "0123456789abcdef.9007199254740992.0123456789abcdef",
	    "0123456789abcdef.99999999999999999999.0123456789abcdef",
	    "0123456789abcdef 1 0123456789abcdef",
	};
	struct rc_cursor cursor;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(rc_cursor_parse(rc_bytes_of_text(bad[i]), &cursor), RC_EFORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_are_read_and_written_as_the_vectors_say),
	    cmocka_unit_test(the_subscription_is_hashed_as_the_vectors_say),
	    cmocka_unit_test(a_cursor_comes_back_as_it_went),
	    cmocka_unit_test(a_cursor_has_one_way_to_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
