/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/flow/short_name.h"

#include "shared/base/utf8.h"
#include "tests/unit/flow/door.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_short(const char *name, const char *expected)
{
	char text[256];

	rc_flow_short_name(name, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void chinese_names_keep_their_ends(void **state)
{
	(void)state;
	assert_short("张伟", "张*");
	assert_short("李小龙", "李*龙");
	assert_short("欧阳娜娜", "欧**娜");
	assert_short("张 伟", "张*");
	assert_short("张　小伟", "张*伟");
	assert_short("阿卜杜热西提·买买提吐尔逊", "阿**逊");
	assert_short("𠮷野家", "𠮷*家");
	assert_short("山田 太郎", "山**郎");
	assert_short("김민수", "김*수");
}

static void other_names_keep_the_first_word_and_an_initial(void **state)
{
	(void)state;
	assert_short("Anna Kowalska", "Anna K.");
	assert_short("Anna Maria Kowalska", "Anna K.");
	assert_short("  Emma   Collins ", "Emma C.");
	assert_short("Jean-Luc Éluard", "Jean-Luc É.");
	assert_short("Nguyễn Thị Minh", "Nguyễn M.");
	assert_short("Rene\u0301 E\u0301mile", "Rene\u0301 E\u0301.");
	assert_short("Madonna", "M**a");
}

static void no_short_name_is_longer_than_the_name(void **state)
{
	(void)state;
	assert_short("Anna K", "Anna K");
	assert_short("A B", "A B");
	assert_short("Li", "L*");
	assert_short("张", "张");
	assert_short("X", "X");
	assert_short("", "");
	assert_short("   ", "");
}

static void what_does_not_fit_is_cut_between_characters(void **state)
{
	char text[6];

	(void)state;
	rc_flow_short_name("欧阳娜娜", text, sizeof(text));
	assert_string_equal(text, "欧**");
}

static void bytes_that_are_no_text_end_the_name(void **state)
{
	(void)state;
	assert_short("Anna \xff Kowalska", "A**a");
	assert_short("\xff", "");
}

/* Beside the rule for one name: what comes out says less than what went in. */
static void look_at(const char *name)
{
	char text[256];
	size_t before = rc_utf8_count(rc_bytes_of_text(name));

	rc_flow_short_name(name, text, sizeof(text));
	assert_true(rc_utf8_is_valid(rc_bytes_of_text(text)));
	assert_true(strlen(text) <= strlen(name));
	if (before > 3)
		assert_string_not_equal(text, name);
	if (before > 0)
		assert_true(text[0] != '\0');
}

static size_t look_at_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[512];
	size_t count = 0;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		char *name = strncmp(line, "\xef\xbb\xbf", 3) == 0 ? line + 3 : line;

		name[strcspn(name, "\r\n")] = '\0';
		if (strlen(name) < 256) {
			look_at(name);
			count++;
		}
	}
	(void)fclose(file);
	return count;
}

/* The set isn't part of the sources: where it is missing this looks at what the other tests have. */
static void every_name_of_the_set_comes_out_short_and_whole(void **state)
{
	static const char *const files[] = {"english-names-06",  "historic-names-01",
					    "historic-names-06", "historic-names-11",
					    "japanese-names-02", "japanese-names-04"};
	const char *folder = getenv("RC_SHARED_DATA");
	char path[512];

	(void)state;
	look_at("Hubertus Blaine Wolfeschlegelsteinhausenbergerdorff");
	for (size_t i = 0; folder && folder[0] && i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/hr-names/%s.txt", folder, files[i]);
		assert_true(look_at_file(path) > 0);
	}
}

static void a_greeting_says_no_more_than_the_organisation_wants(void **state)
{
	static struct door door;

	(void)state;
	door_open(&door);
	door_short_names(&door);
	door_sign_in(&door, "欧阳娜娜");
	assert_string_equal(rc_flow_current_view(&door.flow)->greeting.seen.name, "欧**娜");
	assert_string_equal(rc_flow_current_view(&door.flow)->recent[0].name, "欧**娜");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(chinese_names_keep_their_ends),
	    cmocka_unit_test(other_names_keep_the_first_word_and_an_initial),
	    cmocka_unit_test(no_short_name_is_longer_than_the_name),
	    cmocka_unit_test(what_does_not_fit_is_cut_between_characters),
	    cmocka_unit_test(bytes_that_are_no_text_end_the_name),
	    cmocka_unit_test(every_name_of_the_set_comes_out_short_and_whole),
	    cmocka_unit_test(a_greeting_says_no_more_than_the_organisation_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
