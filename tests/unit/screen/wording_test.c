/* SPDX-License-Identifier: Apache-2.0 */
/* The words of each verdict stand here once more, as a person reads them: a change of a text is a decision. */
#include "firmware/screen/wording.h"
#include "testing.h"

struct expected {
	const char *word, *huge, *line;
};

static const struct expected expected_texts[RC_VERDICT_COUNT][2] = {
    [RC_VERDICT_SIGNED_IN] = {{"已签到", "张伟", "早上好，请进，座位任选。"},
			      {"Signed in", "Emma", "Good morning. Take any seat."}},
    [RC_VERDICT_ALREADY] = {{"已经签过到", "张伟", "08:49 签过了，请直接进。"},
			    {"Already signed in", "Emma", "Since 08:49. Just go in."}},
    [RC_VERDICT_SIGNED_OUT] = {{"已签退", "张伟", "辛苦了，路上小心。"},
			       {"Signed out", "Emma", "Thank you. Get home safely."}},
    [RC_VERDICT_WALK_IN] = {{"临时参加，已签到", "张伟", "欢迎，请找空位坐。"},
			    {"Walk-in, signed in", "Emma", "Welcome. Take a free seat."}},
    [RC_VERDICT_WALK_IN_WAITING] = {{"等讲师放行", "张伟", "已经记下，请稍等。"},
				    {"Waiting for the trainer", "Emma", "Noted. One moment."}},
    [RC_VERDICT_CHOOSE_SESSION] = {{"您上哪一节？", "张伟", "请告诉讲师您上哪一节。"},
				   {"Which session?", "Emma", "Tell the trainer which one."}},
    [RC_VERDICT_WRONG_ROOM] = {{"不在这间", "3F-302", "上楼右转第二间，14:00 开始。"},
			       {"Another room", "3F-302", "上楼右转第二间, 14:00."}},
    [RC_VERDICT_TOO_EARLY] = {{"还没开始签到", "08:45", "到时再扫一次就好。"},
			      {"Not open yet", "08:45", "Scan again at this time."}},
    [RC_VERDICT_CLOSED] = {{"已停止签到", "请找讲师", "讲师可以给您补签。"},
			   {"Sign-in is over", "Ask the trainer", "The trainer can mark you."}},
    [RC_VERDICT_CANCELLED] = {{"这节课取消了", "张伟", "不用等，改期会通知您。"},
			      {"Session cancelled", "Emma", "No need to wait. We’ll write."}},
    [RC_VERDICT_NOT_REGISTERED] = {{"名单里没有您", "请找讲师", "讲师点一下就能加上。"},
				   {"Not on the list", "Ask the trainer", "The trainer can add you."}},
    [RC_VERDICT_UNKNOWN] = {{"没认出这张码", "请找讲师", "讲师可以给您补签。"},
			    {"Code not known", "Ask the trainer", "The trainer can mark you."}},
    [RC_VERDICT_REVOKED] = {{"这张胸牌已停用", "请找讲师", "请用新胸牌，或找讲师。"},
			    {"Badge switched off", "Ask the trainer", "Use your new one, or ask."}},
    [RC_VERDICT_EXPIRED] = {{"胸牌过期了", "请找讲师", "今天先补签，再去人事换新。"},
			    {"Badge expired", "Ask the trainer", "Then get a new badge from HR."}},
    [RC_VERDICT_REPLAYED] = {{"这个码用过了", "再扫一次", "等手机换了新码再扫。"},
			     {"Code already used", "Once more", "Wait for the next code."}},
    [RC_VERDICT_MALFORMED] = {{"这不是签到码", "再扫一次", "请出示胸牌或手机上的码。"},
			      {"Not a sign-in code", "Once more", "Show your badge or phone."}},
    [RC_VERDICT_CLOCK_UNSURE] = {{"已签到", "张伟", "请进，时间稍后核对。"},
				 {"Signed in", "Emma", "Come in. Time to be confirmed."}},
};

static struct rc_view greeting_of(enum rc_verdict verdict, enum rc_view_lang lang)
{
	struct rc_view view = {
	    .screen = RC_VIEW_GREETING,
	    .lang = lang,
	    .header = {.time = "08:52",
		       .is_time_sure = true,
		       .has_session = true,
		       .session = {.title = "Presses", .starts = "09:00", .ends = "11:30"}},
	    .greeting = {.scan = {.verdict = verdict, .lang = lang, .at = "08:52"},
			 .since = "08:49",
			 .session = "Presses",
			 .room = "3F-302",
			 .way = "上楼右转第二间",
			 .starts = "14:00",
			 .opens = "08:45"},
	};

	(void)rc_text_copy(lang == RC_VIEW_ZH ? "张伟" : "Emma", view.greeting.scan.name,
			   RC_VIEW_TEXT_BYTES);
	return view;
}

static void an_unknown_code_leads_to_the_keys_where_they_are_offered(void **state)
{
	struct rc_view view = greeting_of(RC_VERDICT_UNKNOWN, RC_VIEW_ZH);
	struct rc_words words;

	(void)state;
	view.has_no_badge = true;
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.line, "或点下方「没带胸牌」输入工号。");
	view.greeting.scan.lang = RC_VIEW_EN;
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.line, "Or tap “No badge” below.");
}

static void a_typed_number_is_noted_without_name_or_number(void **state)
{
	struct rc_view view = greeting_of(RC_VERDICT_SIGNED_IN, RC_VIEW_ZH);
	struct rc_row_words row;
	struct rc_words words;

	(void)state;
	view.greeting.scan.is_claim = true;
	view.greeting.scan.late_min = 9; /* nobody knows: it isn't said */
	view.greeting.scan.name[0] = '\0';
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.word, "已记下");
	assert_string_equal(words.huge, "请进");
	assert_string_equal(words.line, "工号稍后核对。");
	assert_string_equal(words.foot, "08:52 · Presses");
	rc_words_of_row(&view.greeting.scan, &row);
	assert_string_equal(row.name, "工号待核对");
	assert_string_equal(row.line, "08:52 已记下");
	view.greeting.scan.lang = RC_VIEW_EN;
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.word, "Noted");
	assert_string_equal(words.huge, "Come in");
	assert_string_equal(words.line, "Number to be checked.");
}

static void without_a_session_idle_says_when_the_next_one_opens(void **state)
{
	struct rc_view view = {.lang = RC_VIEW_EN,
			       .header = {.room = "3F-305",
					  .has_next = true,
					  .next = {.title = "Presses", .starts = "09:00", .ends = "11:30"},
					  .next_opens = "08:45"}};
	struct rc_calm_words words;

	(void)state;
	rc_words_of_calm(&view, &words);
	assert_string_equal(words.session, "Presses");
	assert_string_equal(words.meta, "09:00–11:30");
	assert_string_equal(words.call, "Sign-in\nfrom 08:45");
	assert_string_equal(words.other, "08:45 开始签到");
}

static void without_any_session_idle_says_so_and_what_a_badge_is_good_for(void **state)
{
	struct rc_view view = {.lang = RC_VIEW_EN, .header = {.room = "3F-305"}};
	struct rc_calm_words words;

	(void)state;
	rc_words_of_calm(&view, &words);
	assert_string_equal(words.session, "No more sessions here today");
	assert_string_equal(words.line, "It tells you where your session is.");
	view.header.room[0] = '\0'; /* no roster yet: nobody knows */
	rc_words_of_calm(&view, &words);
	assert_string_equal(words.session, "");
	assert_string_equal(words.line, "");
}

static void the_status_sheet_says_what_it_means_before_what_it_is(void **state)
{
	struct rc_view view = {.lang = RC_VIEW_EN,
			       .header = {.room = "3F-305"},
			       .sync = {.is_waiting = true, .waiting_count = 12},
			       .sheet = {.kind = RC_VIEW_SHEET_STATUS,
					 .trouble = RC_VIEW_TROUBLE_NETWORK,
					 .contact = "11-22 17:04",
					 .version = "1.4.0"}};
	struct rc_sheet_words words;

	(void)state;
	rc_words_of_sheet(&view, &words);
	assert_string_equal(words.title, "Signing in goes on");
	assert_string_equal(words.line,
			    "This machine has no network. It sends by itself when there is one.");
	assert_string_equal(words.rows[0], "Last contact with the server: 11-22 17:04");
	assert_string_equal(words.rows[1], "12 waiting");
	assert_string_equal(words.rows[2], "Times are confirmed with the server’s");
	assert_string_equal(words.rows[3], "Here: 3F-305 · version 1.4.0");
	view.sync = (struct rc_view_sync){.is_clock_sure = true};
	view.sheet.trouble = RC_VIEW_TROUBLE_NONE;
	view.sheet.contact[0] = '\0';
	rc_words_of_sheet(&view, &words);
	assert_string_equal(words.title, "Everything is sent");
	assert_string_equal(words.rows[0], "No contact with the server yet");
	assert_string_equal(words.rows[2], "");
}

static void each_trouble_has_a_reason_of_its_own(void **state)
{
	struct rc_view view = {.sheet = {.kind = RC_VIEW_SHEET_STATUS}, .sync = {.is_waiting = true}};
	char lines[RC_VIEW_TROUBLE_REFUSED + 1][RC_WORDS_BYTES];
	struct rc_sheet_words words;

	(void)state;
	for (int i = RC_VIEW_TROUBLE_NONE; i <= RC_VIEW_TROUBLE_REFUSED; i++) {
		view.sheet.trouble = (enum rc_view_trouble)i;
		rc_words_of_sheet(&view, &words);
		(void)rc_text_copy(words.line, lines[i], sizeof(lines[i]));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(lines[i], lines[j]);
	}
}

static void each_verdict_says_its_words_in_both_languages(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RC_VERDICT_COUNT; i++) {
		for (unsigned lang = 0; lang < 2; lang++) {
			struct rc_view view = greeting_of((enum rc_verdict)i, (enum rc_view_lang)lang);
			const struct expected *expected = &expected_texts[i][lang];
			struct rc_words words;

			rc_words_of_greeting(&view, &words);
			assert_string_equal(words.word, expected->word);
			assert_string_equal(words.huge, expected->huge);
			assert_string_equal(words.line, expected->line);
		}
	}
}

static void the_name_stands_by_the_word_where_it_is_not_the_huge_thing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RC_VERDICT_COUNT; i++) {
		struct rc_view view = greeting_of((enum rc_verdict)i, RC_VIEW_EN);
		struct rc_words words;

		rc_words_of_greeting(&view, &words);
		assert_string_equal(words.is_huge_name ? words.huge : words.who, "Emma");
		assert_string_equal(words.is_huge_name ? words.who : "", "");
	}
}

static void without_a_name_there_is_still_one_huge_thing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RC_VERDICT_COUNT; i++) {
		struct rc_view view = greeting_of((enum rc_verdict)i, RC_VIEW_ZH);
		struct rc_words words;

		view.greeting.scan.name[0] = '\0';
		view.greeting.room[0] = view.greeting.opens[0] = '\0';
		rc_words_of_greeting(&view, &words);
		assert_true(words.huge[0] != '\0');
		assert_false(words.is_huge_name);
		assert_string_equal(words.who, "");
	}
}

static void late_says_so_and_how_much_in_the_foot(void **state)
{
	struct rc_view view = greeting_of(RC_VERDICT_SIGNED_IN, RC_VIEW_EN);
	struct rc_words words;

	(void)state;
	view.greeting.scan.late_min = 7;
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.word, "Signed in, late");
	assert_string_equal(words.line, "Glad you’re here. Come on in.");
	assert_string_equal(words.foot, "08:52 · 7 minutes after the start");
	view.greeting.scan.late_min = 1;
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.foot, "08:52 · 1 minute after the start");
	view.greeting.scan.lang = RC_VIEW_ZH;
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.word, "已签到，迟到");
	assert_string_equal(words.line, "来了就好，请进。");
}

static void the_welcome_follows_the_hour(void **state)
{
	static const struct {
		const char *at, *zh, *en;
	} hours[] = {
	    {"04:59", "晚上好", "Good evening"},   {"05:00", "早上好", "Good morning"},
	    {"11:59", "早上好", "Good morning"},   {"12:00", "中午好", "Good day"},
	    {"14:00", "下午好", "Good afternoon"}, {"18:00", "晚上好", "Good evening"},
	    {"23:59", "晚上好", "Good evening"},
	};

	(void)state;
	for (size_t i = 0; i < RC_COUNT(hours); i++) {
		for (unsigned lang = 0; lang < 2; lang++) {
			struct rc_view view = greeting_of(RC_VERDICT_SIGNED_IN, (enum rc_view_lang)lang);
			const char *wanted = lang == RC_VIEW_ZH ? hours[i].zh : hours[i].en;
			struct rc_words words;

			memcpy(view.greeting.scan.at, hours[i].at, RC_VIEW_TIME_BYTES);
			rc_words_of_greeting(&view, &words);
			assert_memory_equal(words.line, wanted, strlen(wanted));
		}
	}
}

static void another_room_says_what_is_known_of_the_way(void **state)
{
	struct rc_view view = greeting_of(RC_VERDICT_WRONG_ROOM, RC_VIEW_ZH);
	struct rc_words words;

	(void)state;
	view.greeting.starts[0] = '\0';
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.line, "上楼右转第二间。");
	view.greeting.way[0] = '\0';
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.line, "请到这间去。");
	memcpy(view.greeting.starts, "14:00", RC_VIEW_TIME_BYTES);
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.line, "14:00 开始。");
	assert_string_equal(words.foot, "您的课：Presses");
}

static void feet_say_what_is_sure(void **state)
{
	struct rc_view view = greeting_of(RC_VERDICT_TOO_EARLY, RC_VIEW_EN);
	struct rc_words words;

	(void)state;
	memcpy(view.greeting.starts, "09:00", RC_VIEW_TIME_BYTES);
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.foot, "Presses · 09:00–11:30");
	view.header.has_session = false; /* the end isn't known then */
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.foot, "Presses · 09:00");
	view = greeting_of(RC_VERDICT_CLOCK_UNSURE, RC_VIEW_EN);
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.foot, "≈08:52 · Presses");
	view = greeting_of(RC_VERDICT_SIGNED_IN, RC_VIEW_ZH);
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.foot, "08:52 · 准时 · Presses");
	view.greeting.session[0] = '\0';
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.foot, "08:52 · 准时");
	view = greeting_of(RC_VERDICT_UNKNOWN, RC_VIEW_ZH);
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.foot, "这次扫码已记下，不会丢。");
}

static void only_what_is_recorded_is_called_noted(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RC_VERDICT_COUNT; i++) {
		struct rc_view view = greeting_of((enum rc_verdict)i, RC_VIEW_EN);
		struct rc_words words;

		rc_words_of_greeting(&view, &words);
		if (strstr(words.foot, "noted"))
			assert_true(rc_verdict_is_refusal((enum rc_verdict)i));
	}
}

static void a_newer_verdict_says_the_name_and_nothing_else(void **state)
{
	struct rc_view view = greeting_of(RC_VERDICT_SIGNED_IN, RC_VIEW_ZH);
	struct rc_words words;

	(void)state;
	view.greeting.scan.is_other = true;
	rc_words_of_greeting(&view, &words);
	assert_string_equal(words.huge, "张伟");
	assert_string_equal(words.word, "");
	assert_string_equal(words.line, "");
	assert_string_equal(words.foot, "");
}

static void a_row_speaks_its_persons_language(void **state)
{
	struct rc_view_scan scan = {
	    .verdict = RC_VERDICT_SIGNED_IN, .lang = RC_VIEW_EN, .name = "Emma", .at = "08:51"};
	struct rc_row_words words;

	(void)state;
	rc_words_of_row(&scan, &words);
	assert_string_equal(words.name, "Emma");
	assert_string_equal(words.line, "08:51 on time");
	scan.lang = RC_VIEW_ZH;
	scan.late_min = 3;
	rc_words_of_row(&scan, &words);
	assert_string_equal(words.line, "08:51 迟到");
	scan.name[0] = '\0';
	scan.verdict = RC_VERDICT_UNKNOWN;
	rc_words_of_row(&scan, &words);
	assert_string_equal(words.name, "没认出这张码");
	assert_string_equal(words.line, "08:51");
}

static void nobody_is_asked_for_a_code_that_nothing_can_read(void **state)
{
	static const struct {
		bool has_no_badge, has_session, has_next;
		const char *call, *line;
	} cases[] = {
	    {true, true, false, "请用工号\n签到", "请点「没带胸牌」签到。"},
	    {false, true, false, "请找讲师", "讲师可以给您补签。"},
	    {false, false, false, "现在这里\n不能签到", ""},
	    {false, false, true, "13:45\n开始签到", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rc_view view = greeting_of(RC_VERDICT_SIGNED_IN, RC_VIEW_ZH);
		struct rc_calm_words words;

		view.screen = RC_VIEW_IDLE;
		view.camera = RC_VIEW_CAMERA_AWAY;
		view.has_no_badge = cases[i].has_no_badge;
		view.header.has_session = cases[i].has_session;
		view.header.has_next = cases[i].has_next;
		(void)rc_text_copy("13:45", view.header.next_opens, RC_VIEW_TIME_BYTES);
		rc_words_of_calm(&view, &words);
		assert_string_equal(words.call, cases[i].call);
		assert_string_equal(words.line, cases[i].line);
		assert_string_equal(rc_words_of_camera(&view), "摄像头暂时不可用");
		view.camera = RC_VIEW_CAMERA_NONE;
		view.lang = RC_VIEW_EN;
		rc_words_of_calm(&view, &words);
		assert_string_equal(words.privacy, "");
		assert_string_equal(rc_words_of_camera(&view), "This machine has no camera");
	}
}

static void with_a_picture_the_cameras_place_holds_no_words(void **state)
{
	struct rc_view view = greeting_of(RC_VERDICT_SIGNED_IN, RC_VIEW_ZH);

	(void)state;
	assert_string_equal(rc_words_of_camera(&view), "");
}

static void without_a_camera_the_servers_code_is_typed(void **state)
{
	struct rc_view view = {.screen = RC_VIEW_ENROL, .lang = RC_VIEW_EN, .camera = RC_VIEW_CAMERA_NONE};
	struct rc_calm_words words;

	(void)state;
	rc_words_of_calm(&view, &words);
	assert_string_equal(words.call, "Enter the\nserver’s code");
	assert_string_equal(words.steps[1], "Enter the code by command");
}

static void idle_calls_in_both_languages(void **state)
{
	struct rc_view view = greeting_of(RC_VERDICT_SIGNED_IN, RC_VIEW_EN);
	struct rc_calm_words words;

	(void)state;
	view.screen = RC_VIEW_IDLE;
	(void)rc_text_copy("3F-305", view.header.room, RC_VIEW_TEXT_BYTES);
	(void)rc_text_copy("培训室", view.header.room_name, RC_VIEW_TEXT_BYTES);
	(void)rc_text_copy("Wang Li", view.header.session.trainer, RC_VIEW_TEXT_BYTES);
	rc_words_of_calm(&view, &words);
	assert_string_equal(words.room, "Room 3F-305");
	assert_string_equal(words.meta, "09:00–11:30 · Trainer Wang Li");
	assert_string_equal(words.call, "Hold up\nyour badge");
	assert_string_equal(words.other, "请出示二维码");
	view.lang = RC_VIEW_ZH;
	rc_words_of_calm(&view, &words);
	assert_string_equal(words.room, "3F-305 培训室");
	assert_string_equal(words.call, "请出示二维码");
	assert_string_equal(words.other, "Hold up your badge");
	assert_string_equal(words.line, "");
}

static void a_wait_says_what_is_awaited_and_confirms_nothing(void **state)
{
	struct rc_view view = greeting_of(RC_VERDICT_SIGNED_IN, RC_VIEW_ZH);
	struct rc_calm_words words;

	(void)state;
	view.screen = RC_VIEW_WAIT;
	rc_words_of_calm(&view, &words);
	assert_string_equal(words.call, "请稍等");
	assert_string_equal(words.line, "正在存下这次扫码");
	rc_view_init_unconnected(&view, RC_VIEW_EN);
	rc_words_of_calm(&view, &words);
	assert_string_equal(words.call, "One moment");
	assert_string_equal(words.line, "Getting ready");
	assert_string_equal(words.room, "");
}

static void enrolment_says_why_not_in_words(void **state)
{
	static const char *const reasons[] = {"expired", "used", "network", "denied", "moon_phase"};
	struct rc_view view = {.screen = RC_VIEW_ENROL, .enrol = RC_VIEW_SHOW_CODE};
	struct rc_calm_words words;

	(void)state;
	rc_words_of_calm(&view, &words);
	assert_string_equal(words.steps[2], "显示「注册好了」就完成了");
	view.enrol = RC_VIEW_FAILED;
	for (size_t i = 0; i < RC_COUNT(reasons); i++) {
		(void)rc_text_copy(reasons[i], view.enrol_reason, RC_VIEW_CODE_BYTES);
		rc_words_of_calm(&view, &words);
		assert_true(words.line[0] != '\0');
		assert_null(strstr(words.line, reasons[i]));
	}
}

static void the_bar_carries_the_clocks_doubt_and_what_waits(void **state)
{
	struct rc_view view = greeting_of(RC_VERDICT_SIGNED_IN, RC_VIEW_ZH);
	char text[RC_WORDS_BYTES];

	(void)state;
	rc_words_of_time(&view, text);
	assert_string_equal(text, "08:52");
	view.header.is_time_sure = false;
	rc_words_of_time(&view, text);
	assert_string_equal(text, "≈08:52");
	rc_words_of_sync(&view, text);
	assert_string_equal(text, "已全部上传");
	view.sync = (struct rc_view_sync){.is_waiting = true, .waiting_count = 12};
	rc_words_of_sync(&view, text);
	assert_string_equal(text, "12 条待上传");
	view.header.expected_count = 24;
	rc_words_of_count(&view, text);
	assert_string_equal(text, "已到 · 应到 24 人");
	view.header.expected_count = 0;
	rc_words_of_count(&view, text);
	assert_string_equal(text, "已到");
}

static void texts_of_the_longest_kind_stay_inside(void **state)
{
	struct rc_view view = greeting_of(RC_VERDICT_WRONG_ROOM, RC_VIEW_EN);
	struct rc_words words;

	(void)state;
	memset(view.greeting.way, 'w', RC_VIEW_TEXT_BYTES - 1);
	memset(view.greeting.session, 's', RC_VIEW_TEXT_BYTES - 1);
	memset(view.greeting.scan.name, 'n', RC_VIEW_TEXT_BYTES - 1);
	rc_words_of_greeting(&view, &words);
	assert_int_equal(strlen(words.line), RC_VIEW_TEXT_BYTES - 1 + strlen(", 14:00."));
	assert_int_equal(strlen(words.who), RC_VIEW_TEXT_BYTES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_unknown_code_leads_to_the_keys_where_they_are_offered),
	    cmocka_unit_test(a_typed_number_is_noted_without_name_or_number),
	    cmocka_unit_test(without_a_session_idle_says_when_the_next_one_opens),
	    cmocka_unit_test(without_any_session_idle_says_so_and_what_a_badge_is_good_for),
	    cmocka_unit_test(the_status_sheet_says_what_it_means_before_what_it_is),
	    cmocka_unit_test(each_trouble_has_a_reason_of_its_own),
	    cmocka_unit_test(each_verdict_says_its_words_in_both_languages),
	    cmocka_unit_test(the_name_stands_by_the_word_where_it_is_not_the_huge_thing),
	    cmocka_unit_test(without_a_name_there_is_still_one_huge_thing),
	    cmocka_unit_test(late_says_so_and_how_much_in_the_foot),
	    cmocka_unit_test(the_welcome_follows_the_hour),
	    cmocka_unit_test(another_room_says_what_is_known_of_the_way),
	    cmocka_unit_test(feet_say_what_is_sure),
	    cmocka_unit_test(only_what_is_recorded_is_called_noted),
	    cmocka_unit_test(a_newer_verdict_says_the_name_and_nothing_else),
	    cmocka_unit_test(a_row_speaks_its_persons_language),
	    cmocka_unit_test(idle_calls_in_both_languages),
	    cmocka_unit_test(nobody_is_asked_for_a_code_that_nothing_can_read),
	    cmocka_unit_test(with_a_picture_the_cameras_place_holds_no_words),
	    cmocka_unit_test(without_a_camera_the_servers_code_is_typed),
	    cmocka_unit_test(a_wait_says_what_is_awaited_and_confirms_nothing),
	    cmocka_unit_test(enrolment_says_why_not_in_words),
	    cmocka_unit_test(the_bar_carries_the_clocks_doubt_and_what_waits),
	    cmocka_unit_test(texts_of_the_longest_kind_stay_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
