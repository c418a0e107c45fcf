/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row of `sayings` a verdict. What a row can't hold (late, a missing name, the part of the day) is decided by the
 * small functions behind it.
 */
#include "firmware/screen/wording.h"

#include "firmware/screen/texts.h"

#include <stdio.h>

enum huge { HUGE_NAME, HUGE_ROOM, HUGE_OPENS, HUGE_ACTION };
enum foot { FOOT_TIME, FOOT_SESSION, FOOT_WINDOW, FOOT_YOURS, FOOT_NOTED };

struct saying {
	const char *word;
	const char *line;
	const char *short_word; /* in the stack, behind the time */
	enum huge huge;
	const char *action; /* the huge thing of HUGE_ACTION, and of the others when the model lacks theirs */
	enum foot foot;
};

static const struct saying sayings[RC_VERDICT_COUNT] = {
    [RC_VERDICT_SIGNED_IN] = {N_("Signed in"), NULL, N_("on time"), HUGE_NAME, N_("Come in"), FOOT_TIME},
    [RC_VERDICT_ALREADY] = {N_("Already signed in"), NULL, N_("already signed in"), HUGE_NAME,
			    N_("Come in"), FOOT_SESSION},
    [RC_VERDICT_SIGNED_OUT] = {N_("Signed out"), N_("Thank you. Get home safely."),
			       N_("signed out"), HUGE_NAME, N_("Goodbye"), FOOT_TIME},
    [RC_VERDICT_WALK_IN] = {N_("Walk-in, signed in"), N_("Welcome. Take a free seat."),
			    N_("walk-in"), HUGE_NAME, N_("Come in"), FOOT_TIME},
    [RC_VERDICT_WALK_IN_WAITING] = {N_("Waiting for the trainer"), N_("Noted. One moment."),
				    N_("waiting for the trainer"), HUGE_NAME, N_("One moment"), FOOT_TIME},
    [RC_VERDICT_CHOOSE_SESSION] = {N_("Which session?"), NULL, N_("which session"), HUGE_NAME,
				   N_("Ask the trainer"), FOOT_TIME},
    [RC_VERDICT_WRONG_ROOM] = {N_("Another room"), NULL, N_("another room"), HUGE_ROOM,
			       N_("Ask the trainer"), FOOT_YOURS},
    [RC_VERDICT_TOO_EARLY] = {N_("Not open yet"), NULL, N_("not open yet"), HUGE_OPENS,
			      N_("Come back"), FOOT_WINDOW},
    [RC_VERDICT_CLOSED] = {N_("Sign-in is over"), N_("The trainer can mark you."),
			   N_("sign-in is over"), HUGE_ACTION, N_("Ask the trainer"), FOOT_WINDOW},
    [RC_VERDICT_CANCELLED] = {N_("Session cancelled"), N_("No need to wait. We’ll write."),
			      N_("session cancelled"), HUGE_NAME, N_("No need to wait"), FOOT_WINDOW},
    [RC_VERDICT_NOT_REGISTERED] = {N_("Not on the list"), N_("The trainer can add you."),
				   N_("not on the list"), HUGE_ACTION, N_("Ask the trainer"), FOOT_NOTED},
    [RC_VERDICT_UNKNOWN] = {N_("Code not known"), N_("The trainer can mark you."),
			    N_("code not known"), HUGE_ACTION, N_("Ask the trainer"), FOOT_NOTED},
    [RC_VERDICT_REVOKED] = {N_("Badge switched off"), N_("Use your new one, or ask."),
			    N_("badge switched off"), HUGE_ACTION, N_("Ask the trainer"), FOOT_NOTED},
    [RC_VERDICT_EXPIRED] = {N_("Badge expired"), N_("Then get a new badge from HR."),
			    N_("badge expired"), HUGE_ACTION, N_("Ask the trainer"), FOOT_NOTED},
    [RC_VERDICT_REPLAYED] = {N_("Code already used"), N_("Wait for the next code."),
			     N_("code already used"), HUGE_ACTION, N_("Once more"), FOOT_TIME},
    [RC_VERDICT_MALFORMED] = {N_("Not a sign-in code"), N_("Show your badge or phone."),
			      N_("not a sign-in code"), HUGE_ACTION, N_("Once more"), FOOT_TIME},
    [RC_VERDICT_CLOCK_UNSURE] = {N_("Signed in"), N_("Come in. Time to be confirmed."),
				 N_("time to be confirmed"), HUGE_NAME, N_("Come in"), FOOT_TIME},
};

static const struct saying claim_saying = {
    N_("Noted"), N_("Number to be checked."), N_("noted"), HUGE_ACTION, N_("Come in"), FOOT_TIME};

static const struct saying *saying_of(const struct rc_view_scan *scan)
{
	return scan->is_claim ? &claim_saying : &sayings[scan->verdict];
}

static bool is_late(const struct rc_view_scan *scan)
{
	return !scan->is_other && !scan->is_claim && scan->verdict == RC_VERDICT_SIGNED_IN &&
	       scan->late_min > 0;
}

static const char *word_of(const struct rc_view_scan *scan)
{
	return rc_text(scan->lang, is_late(scan) ? N_("Signed in, late") : saying_of(scan)->word);
}

static int hour_of(const char *time)
{
	return (time[0] - '0') * 10 + (time[1] - '0');
}

static const char *welcome_key(const struct rc_view_scan *scan)
{
	int hour = hour_of(scan->at);

	if (is_late(scan))
		return N_("Glad you’re here. Come on in.");
	if (hour >= 5 && hour < 12)
		return N_("Good morning. Take any seat.");
	if (hour >= 12 && hour < 14)
		return N_("Good day. Take any seat.");
	if (hour >= 14 && hour < 18)
		return N_("Good afternoon. Take any seat.");
	return N_("Good evening. Take any seat.");
}

static const char *way_key(const struct rc_view_greeting *greeting)
{
	if (greeting->way[0] && greeting->starts[0])
		return N_("{way}, {starts}.");
	if (greeting->way[0])
		return N_("{way}.");
	if (greeting->starts[0])
		return N_("It starts at {starts}.");
	return greeting->room[0] ? N_("Please go to this room.") : N_("The trainer knows where.");
}

static const char *line_key(const struct rc_view *view)
{
	const struct rc_view_greeting *greeting = &view->greeting;

	if (greeting->scan.is_claim)
		return claim_saying.line;
	switch (greeting->scan.verdict) {
	case RC_VERDICT_UNKNOWN:
		return view->has_no_badge ? N_("Or tap “No badge” below.")
					  : sayings[RC_VERDICT_UNKNOWN].line;
	case RC_VERDICT_SIGNED_IN:
		return welcome_key(&greeting->scan);
	case RC_VERDICT_CHOOSE_SESSION:
		return greeting->choice_count > 0 ? N_("Tap yours below.")
						  : N_("Tell the trainer which one.");
	case RC_VERDICT_ALREADY:
		return greeting->since[0] ? N_("Since {since}. Just go in.") : N_("Just go in.");
	case RC_VERDICT_WRONG_ROOM:
		return way_key(greeting);
	case RC_VERDICT_TOO_EARLY:
		return greeting->opens[0] ? N_("Scan again at this time.")
					  : N_("Please scan again later.");
	default:
		return sayings[greeting->scan.verdict].line;
	}
}

static void fill_line(const struct rc_view *view, struct rc_words *words)
{
	const struct rc_view_greeting *greeting = &view->greeting;
	const struct rc_text_value values[] = {{"way", greeting->way},
					       {"starts", greeting->starts},
					       {"since", greeting->since},
					       {NULL, NULL}};

	rc_text_fill(words->line, sizeof(words->line), rc_text(greeting->scan.lang, line_key(view)),
		     values);
}

static void fill_huge(const struct rc_view_greeting *greeting, struct rc_words *words)
{
	const struct saying *saying = saying_of(&greeting->scan);
	const char *own = "";

	if (saying->huge == HUGE_NAME)
		own = greeting->scan.name;
	else if (saying->huge == HUGE_ROOM)
		own = greeting->room;
	else if (saying->huge == HUGE_OPENS)
		own = greeting->opens;
	words->is_huge_name = saying->huge == HUGE_NAME && own[0];
	words->is_action = saying->huge == HUGE_ACTION;
	(void)rc_text_copy(own[0] ? own : rc_text(greeting->scan.lang, saying->action), words->huge,
			   sizeof(words->huge));
	if (!words->is_huge_name)
		(void)rc_text_copy(greeting->scan.name, words->who, sizeof(words->who));
}

/* "a · b · c" of those that aren't empty. */
static void join(char to[RC_WORDS_BYTES], const char *a, const char *b, const char *c)
{
	const char *const parts[] = {a, b, c};
	size_t used = 0;

	to[0] = '\0';
	for (size_t i = 0; i < 3; i++) {
		if (!parts[i][0])
			continue;
		int written = snprintf(to + used, RC_WORDS_BYTES - used, "%s%s",
				       used > 0 ? " · " : "", parts[i]);

		used += (size_t)written;
	}
}

static void fill_late(const struct rc_view_scan *scan, char late[RC_WORDS_BYTES])
{
	char minutes[16];
	const struct rc_text_value values[] = {{"minutes", minutes}, {NULL, NULL}};

	(void)snprintf(minutes, sizeof(minutes), "%d", scan->late_min);
	rc_text_fill(late, RC_WORDS_BYTES,
		     rc_text_plural(scan->lang, "{minutes} minute after the start",
				    "{minutes} minutes after the start", (unsigned long)scan->late_min),
		     values);
}

static void fill_foot_time(const struct rc_view_greeting *greeting, char foot[RC_WORDS_BYTES])
{
	const struct rc_view_scan *scan = &greeting->scan;
	char late[RC_WORDS_BYTES];
	char about[16];

	(void)snprintf(about, sizeof(about), "≈%s", scan->at);
	if (is_late(scan)) {
		fill_late(scan, late);
		join(foot, scan->at, late, "");
	} else if (!scan->is_claim && scan->verdict == RC_VERDICT_SIGNED_IN) {
		join(foot, scan->at, rc_text(scan->lang, N_("on time")), greeting->session);
	} else {
		join(foot,
		     !scan->is_claim && scan->verdict == RC_VERDICT_CLOCK_UNSURE ? about : scan->at,
		     greeting->session, "");
	}
}

/* The session and its times; the end is known only if it is the one in the header. */
static void fill_foot_window(const struct rc_view *view, char foot[RC_WORDS_BYTES])
{
	const struct rc_view_greeting *greeting = &view->greeting;
	const struct rc_view_session *session = &view->header.session;
	char window[16] = "";

	if (view->header.has_session && strcmp(session->title, greeting->session) == 0 &&
	    (!greeting->starts[0] || strcmp(session->starts, greeting->starts) == 0))
		(void)snprintf(window, sizeof(window), "%s–%s", session->starts, session->ends);
	join(foot, greeting->session, window[0] ? window : greeting->starts, "");
}

static void fill_foot(const struct rc_view *view, char foot[RC_WORDS_BYTES])
{
	const struct rc_view_greeting *greeting = &view->greeting;
	const struct rc_text_value values[] = {{"session", greeting->session}, {NULL, NULL}};
	enum rc_view_lang lang = greeting->scan.lang;

	switch (saying_of(&greeting->scan)->foot) {
	case FOOT_TIME:
		fill_foot_time(greeting, foot);
		break;
	case FOOT_SESSION:
		(void)rc_text_copy(greeting->session, foot, RC_WORDS_BYTES);
		break;
	case FOOT_WINDOW:
		fill_foot_window(view, foot);
		break;
	case FOOT_YOURS:
		if (greeting->session[0])
			rc_text_fill(foot, RC_WORDS_BYTES,
				     rc_text(lang, N_("Your session: {session}")), values);
		break;
	case FOOT_NOTED:
		(void)rc_text_copy(rc_text(lang, N_("This scan is noted and will be kept.")), foot,
				   RC_WORDS_BYTES);
		break;
	}
}

/* The machine's trouble stays its own: what the person needs is another way to be counted. */
static void fill_fault(enum rc_view_lang lang, struct rc_words *words)
{
	words->is_action = true;
	(void)rc_text_copy(rc_text(lang, N_("No sign-in here now")), words->word, sizeof(words->word));
	(void)rc_text_copy(rc_text(lang, N_("Ask the trainer")), words->huge, sizeof(words->huge));
	(void)rc_text_copy(rc_text(lang, N_("The trainer notes who is here.")), words->line,
			   sizeof(words->line));
}

void rc_words_of_greeting(const struct rc_view *view, struct rc_words *words)
{
	const struct rc_view_greeting *greeting = &view->greeting;

	*words = (struct rc_words){0};
	if (view->screen == RC_VIEW_FAULT) {
		fill_fault(view->lang, words);
		return;
	}
	if (greeting->scan.is_other) {
		words->is_huge_name = true;
		(void)rc_text_copy(greeting->scan.name, words->huge, sizeof(words->huge));
		return;
	}
	(void)rc_text_copy(word_of(&greeting->scan), words->word, sizeof(words->word));
	fill_huge(greeting, words);
	fill_line(view, words);
	fill_foot(view, words->foot);
}

void rc_words_of_row(const struct rc_view_scan *scan, struct rc_row_words *words)
{
	const char *word = "";

	*words = (struct rc_row_words){0};
	if (!scan->is_other)
		word = is_late(scan) ? N_("late") : saying_of(scan)->short_word;
	if (word[0])
		word = rc_text(scan->lang, word);
	if (scan->is_claim) {
		(void)rc_text_copy(rc_text(scan->lang, N_("Number to be checked")), words->name,
				   sizeof(words->name));
		(void)snprintf(words->line, sizeof(words->line), "%s %s", scan->at, word);
	} else if (scan->name[0] || scan->is_other) {
		(void)rc_text_copy(scan->name, words->name, sizeof(words->name));
		(void)snprintf(words->line, sizeof(words->line), "%s %s", scan->at, word);
	} else {
		(void)rc_text_copy(word_of(scan), words->name, sizeof(words->name));
		(void)rc_text_copy(scan->at, words->line, sizeof(words->line));
	}
}

/* A room's Chinese name says nothing to who reads English; its number does. */
static bool has_readable_room_name(const struct rc_view *view)
{
	return view->header.room_name[0] &&
	       (view->lang == RC_VIEW_ZH || !rc_text_is_chinese(view->header.room_name));
}

static void fill_head(const struct rc_view *view, struct rc_calm_words *words)
{
	const struct rc_view_header *header = &view->header;
	const struct rc_view_session *session = header->has_session ? &header->session : &header->next;
	char window[16];
	char trainer[RC_WORDS_BYTES] = "";
	const struct rc_text_value values[] = {{"room", header->room},
					       {"name", header->room_name},
					       {"trainer", session->trainer},
					       {NULL, NULL}};

	if (header->room[0])
		rc_text_fill(words->room, sizeof(words->room),
			     rc_text(view->lang, has_readable_room_name(view)
						     ? N_("Room {room} {name}")
						     : N_("Room {room}")),
			     values);
	else
		(void)rc_text_copy(header->room_name, words->room, sizeof(words->room));
	if (!header->has_session && !header->has_next) {
		if (header->room[0]) /* before the first roster nothing is known */
			(void)rc_text_copy(rc_text(view->lang, N_("No more sessions here today")),
					   words->session, sizeof(words->session));
		return;
	}
	(void)rc_text_copy(session->title, words->session, sizeof(words->session));
	(void)snprintf(window, sizeof(window), "%s–%s", session->starts, session->ends);
	if (session->trainer[0])
		rc_text_fill(trainer, sizeof(trainer), rc_text(view->lang, N_("Trainer {trainer}")),
			     values);
	join(words->meta, window, trainer, "");
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The companion stands on one line: a break becomes a space beside Latin words and figures, and nothing between Chinese ones. */
static void fill_other(const char *text, struct rc_calm_words *words)
{
	bool is_chinese = rc_text_is_chinese(text);
	size_t used = 0;

	for (; *text && used + 1 < sizeof(words->other); text++) {
		if (*text != '\n')
			words->other[used++] = *text;
		else if (!is_chinese || (used > 0 && is_digit(words->other[used - 1])))
			words->other[used++] = ' ';
	}
	words->other[used] = '\0';
}

/* The call in the chosen language, and in the other one beneath. */
static void fill_call(const struct rc_view *view, const char *call, struct rc_calm_words *words)
{
	const struct rc_text_value values[] = {{"opens", view->header.next_opens}, {NULL, NULL}};
	char other[RC_WORDS_BYTES];

	rc_text_fill(words->call, sizeof(words->call), rc_text(view->lang, call), values);
	rc_text_fill(other, sizeof(other), rc_text(rc_text_other(view->lang), call), values);
	fill_other(other, words);
}

static const char *enrol_failure(const char *reason)
{
	static const struct {
		const char *reason, *text;
	} known[] = {
	    {"expired", N_("This code’s time is over. Show a new one.")},
	    {"used", N_("This code was used before. Show a new one.")},
	    {"network", N_("The server can’t be reached yet. Show the code again.")},
	    {"denied", N_("The server did not accept it. Show a new code.")},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].reason, reason) == 0)
			return known[i].text;
	}
	return N_("That did not work yet. Show a new code.");
}

static void fill_enrol(const struct rc_view *view, struct rc_calm_words *words)
{
	static const char *const steps[RC_CALM_STEP_COUNT] = {
	    N_("Make a new code on the server"), N_("Hold the code up to the camera"),
	    N_("Wait until it says “Registered”")};
	bool has_camera = view->camera != RC_VIEW_CAMERA_NONE;
	const char *call = has_camera ? N_("Show the\nserver’s code") : N_("Enter the\nserver’s code");

	(void)rc_text_copy(rc_text(view->lang, N_("This machine is not registered yet")),
			   words->room, sizeof(words->room));
	if (view->enrol == RC_VIEW_CONNECTING) {
		call = N_("One moment");
		words->line = rc_text(view->lang, N_("Asking the server"));
	} else if (view->enrol == RC_VIEW_DONE) {
		call = N_("Registered");
		words->line = rc_text(view->lang, N_("Getting the list. This takes a minute."));
		words->room[0] = '\0';
	} else if (view->enrol == RC_VIEW_FAILED) {
		words->line = rc_text(view->lang, enrol_failure(view->enrol_reason));
	} else {
		for (size_t i = 0; i < RC_CALM_STEP_COUNT; i++)
			words->steps[i] = rc_text(view->lang, steps[i]);
		if (!has_camera)
			words->steps[1] = rc_text(view->lang, N_("Enter the code by command"));
	}
	fill_call(view, call, words);
}

/* What idle asks for, and the line beneath. Nobody is asked for a code that nothing can read: there are the keys, or the trainer. */
static const char *fill_idle(const struct rc_view *view, struct rc_calm_words *words)
{
	const struct rc_view_header *header = &view->header;
	bool can_read = view->camera == RC_VIEW_CAMERA_OK;

	if (header->has_next)
		return N_("Sign-in\nfrom {opens}");
	if (can_read) {
		if (header->room[0] && !header->has_session)
			words->line =
			    rc_text(view->lang, N_("It tells you where your session is."));
		return N_("Hold up\nyour badge");
	}
	if (view->has_no_badge) {
		words->line = rc_text(view->lang, N_("Tap “No badge” to sign in."));
		return N_("Use your\nstaff number");
	}
	if (!header->has_session)
		return N_("No sign-in\nhere now");
	words->line = rc_text(view->lang, N_("The trainer can mark you."));
	return N_("Ask\nthe trainer");
}

const char *rc_words_of_camera(const struct rc_view *view)
{
	static const char *const texts[] = {
	    [RC_VIEW_CAMERA_AWAY] = N_("The camera is away just now"),
	    [RC_VIEW_CAMERA_NONE] = N_("This machine has no camera"),
	};

	return view->camera == RC_VIEW_CAMERA_OK ? "" : rc_text(view->lang, texts[view->camera]);
}

void rc_words_of_calm(const struct rc_view *view, struct rc_calm_words *words)
{
	const char *call;

	*words = (struct rc_calm_words){.line = "", .privacy = ""};
	if (view->screen == RC_VIEW_ENROL) {
		fill_enrol(view, words);
		return;
	}
	fill_head(view, words);
	if (view->screen == RC_VIEW_IDLE) {
		call = fill_idle(view, words);
	} else {
		call = N_("One moment");
		words->line = rc_text(view->lang, view->is_unconnected ? N_("Getting ready")
								       : N_("Saving your scan"));
	}
	fill_call(view, call, words);
	if (view->camera != RC_VIEW_CAMERA_NONE)
		words->privacy =
		    rc_text(view->lang, N_("The camera reads codes only, keeps no pictures."));
}

void rc_words_of_time(const struct rc_view *view, char time[RC_WORDS_BYTES])
{
	bool is_sure = view->header.is_time_sure;

	(void)snprintf(time, RC_WORDS_BYTES, "%s%s", is_sure || !view->header.time[0] ? "" : "≈",
		       view->header.time);
}

void rc_words_of_sync(const struct rc_view *view, char text[RC_WORDS_BYTES])
{
	char count[16];
	const struct rc_text_value values[] = {{"count", count}, {NULL, NULL}};

	(void)snprintf(count, sizeof(count), "%d", view->sync.waiting_count);
	rc_text_fill(text, RC_WORDS_BYTES,
		     view->sync.is_waiting
			 ? rc_text_plural(view->lang, "{count} waiting", "{count} waiting",
					  (unsigned long)view->sync.waiting_count)
			 : rc_text(view->lang, N_("All sent")),
		     values);
}

void rc_words_of_count(const struct rc_view *view, char text[RC_WORDS_BYTES])
{
	char expected[16];
	const struct rc_text_value values[] = {{"expected", expected}, {NULL, NULL}};

	(void)snprintf(expected, sizeof(expected), "%d", view->header.expected_count);
	rc_text_fill(text, RC_WORDS_BYTES,
		     rc_text(view->lang, view->header.expected_count > 0
					     ? N_("here · {expected} expected")
					     : N_("here")),
		     values);
}
