/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder walks the parsed JSON once and copies what it finds into the caller's struct. A reader carries the first
 * complaint, so the code below reads like the schema and looks at the outcome once, at the end.
 */
#include "firmware/screen/view.h"

#include "shared/base/utf8.h"
#include "shared/json/json.h"

#include <stdio.h>

struct reader {
	enum rc_status status;
	struct rc_error *err;
};

static bool is(const struct rc_json_value *value, enum rc_json_type type)
{
	return value && rc_json_type(value) == type;
}

static void complain(struct reader *reader, const char *key, const char *what)
{
	if (reader->status == RC_OK)
		reader->status = rc_fail(reader->err, RC_EFORMAT, "%s %s", key, what);
}

/* NULL and a complaint if `parent` is no object or lacks `key`. */
static const struct rc_json_value *need(struct reader *reader, const struct rc_json_value *parent,
					const char *key)
{
	const struct rc_json_value *value = rc_json_find(parent, key);

	if (!value)
		complain(reader, key, "is missing");
	return value;
}

/* Copies what may be shown of `text`; stops at a character that no longer fits. */
static void copy_shown(struct rc_bytes text, char *to, size_t to_size)
{
	size_t used = 0;

	while (text.size > 0) {
		uint32_t code_point = 0;
		size_t length = rc_utf8_next(text, &code_point);

		if (length == 0 || used + length >= to_size)
			break;
		if (rc_utf8_is_visible(code_point)) {
			memcpy(to + used, text.data, length);
			used += length;
		}
		text = rc_bytes_of(text.data + length, text.size - length);
	}
	to[used] = '\0';
}

static void take_text(struct reader *reader, const struct rc_json_value *value, const char *key, char *to)
{
	if (!value)
		return;
	if (is(value, RC_JSON_TEXT))
		copy_shown(rc_json_text(value), to, RC_VIEW_TEXT_BYTES);
	else
		complain(reader, key, "is no text");
}

static void read_text(struct reader *reader, const struct rc_json_value *parent, const char *key,
		      char *to)
{
	take_text(reader, need(reader, parent, key), key, to);
}

static void read_optional_text(struct reader *reader, const struct rc_json_value *parent,
			       const char *key, char *to)
{
	take_text(reader, rc_json_find(parent, key), key, to);
}

static bool is_digit_up_to(uint8_t c, char last)
{
	return c >= '0' && c <= last;
}

static bool is_time(struct rc_bytes text)
{
	const uint8_t *t = text.data;

	return text.size == 5 && is_digit_up_to(t[0], '2') &&
	       is_digit_up_to(t[1], t[0] == '2' ? '3' : '9') && t[2] == ':' &&
	       is_digit_up_to(t[3], '5') && is_digit_up_to(t[4], '9');
}

static void take_time(struct reader *reader, const struct rc_json_value *value, const char *key, char *to)
{
	if (!value)
		return;
	if (!is_time(rc_json_text(value)) ||
	    !rc_bytes_copy_text(rc_json_text(value), to, RC_VIEW_TIME_BYTES))
		complain(reader, key, "is no time of day");
}

static void read_time(struct reader *reader, const struct rc_json_value *parent, const char *key,
		      char *to)
{
	take_time(reader, need(reader, parent, key), key, to);
}

static void read_optional_time(struct reader *reader, const struct rc_json_value *parent,
			       const char *key, char *to)
{
	const struct rc_json_value *value = rc_json_find(parent, key);

	if (is(value, RC_JSON_TEXT) && rc_json_text(value).size == 0)
		return;
	take_time(reader, value, key, to);
}

static int64_t read_whole(struct reader *reader, const struct rc_json_value *parent,
			  const char *key, int64_t max)
{
	const struct rc_json_value *value = need(reader, parent, key);
	int64_t number = 0;

	if (value && rc_json_get_int(parent, key, 0, max, &number, NULL) != RC_OK)
		complain(reader, key, "is no number in its range");
	return number;
}

static int read_number(struct reader *reader, const struct rc_json_value *parent, const char *key)
{
	return (int)read_whole(reader, parent, key, RC_VIEW_NUMBER_MAX);
}

static bool read_bool(struct reader *reader, const struct rc_json_value *parent, const char *key)
{
	const struct rc_json_value *value = need(reader, parent, key);

	bool is_true = false;

	if (value && rc_json_get_bool(parent, key, &is_true, NULL) != RC_OK)
		complain(reader, key, "is neither true nor false");
	return is_true;
}

/* A code's place in `names`, or a complaint and 0. */
static unsigned read_choice(struct reader *reader, const struct rc_json_value *parent,
			    const char *key, const char *const names[])
{
	const struct rc_json_value *value = need(reader, parent, key);

	for (unsigned i = 0; value && names[i]; i++) {
		if (rc_bytes_is_text(rc_json_text(value), names[i]))
			return i;
	}
	if (value)
		complain(reader, key, "is no code of this version");
	return 0;
}

static enum rc_view_lang read_lang(struct reader *reader, const struct rc_json_value *parent)
{
	static const char *const names[] = {
	    [RC_VIEW_ZH] = "zh", [RC_VIEW_EN] = "en", [RC_VIEW_EN + 1] = NULL};

	return (enum rc_view_lang)read_choice(reader, parent, "lang", names);
}

/* A lower-case code of any version; "" where it isn't one, with a complaint. */
static void read_code(struct reader *reader, const struct rc_json_value *parent, const char *key,
		      char to[RC_VIEW_CODE_BYTES])
{
	const struct rc_json_value *value = need(reader, parent, key);

	if (!value)
		return;
	if (!is(value, RC_JSON_TEXT) || !rc_bytes_copy_text(rc_json_text(value), to, RC_VIEW_CODE_BYTES) ||
	    to[strspn(to, "abcdefghijklmnopqrstuvwxyz_")] != '\0') {
		to[0] = '\0';
		complain(reader, key, "is no code");
	}
}

static void read_scan(struct reader *reader, const struct rc_json_value *parent, struct rc_view_scan *scan)
{
	char verdict[RC_VIEW_CODE_BYTES] = "";

	read_code(reader, parent, "verdict", verdict);
	if (!verdict[0])
		complain(reader, "verdict", "is empty");
	if (rc_verdict_parse(rc_bytes_of_text(verdict), &scan->verdict) != RC_OK) {
		scan->verdict = RC_VERDICT_SIGNED_IN;
		scan->is_claim = strcmp(verdict, "claimed") == 0;
		scan->is_other = !scan->is_claim;
	}
	scan->late_min = read_number(reader, parent, "late_min");
	scan->lang = read_lang(reader, parent);
	read_text(reader, parent, "name", scan->name);
	read_time(reader, parent, "at", scan->at);
}

static void read_session(struct reader *reader, const struct rc_json_value *header,
			 struct rc_view_header *to)
{
	const struct rc_json_value *session = need(reader, header, "session");

	if (!session || is(session, RC_JSON_NULL))
		return;
	to->has_session = true;
	read_text(reader, session, "title", to->session.title);
	read_time(reader, session, "starts", to->session.starts);
	read_time(reader, session, "ends", to->session.ends);
	read_text(reader, session, "trainer", to->session.trainer);
}

static void read_count(struct reader *reader, const struct rc_json_value *header,
		       struct rc_view_header *to)
{
	const struct rc_json_value *count = need(reader, header, "count");

	if (!count || is(count, RC_JSON_NULL))
		return;
	to->has_count = true;
	to->here_count = read_number(reader, count, "here");
	to->expected_count = read_number(reader, count, "expected");
}

static void read_next(struct reader *reader, const struct rc_json_value *header,
		      struct rc_view_header *to)
{
	const struct rc_json_value *next = rc_json_find(header, "next");

	if (!next)
		return;
	to->has_next = true;
	read_text(reader, next, "title", to->next.title);
	read_time(reader, next, "opens", to->next_opens);
	read_time(reader, next, "starts", to->next.starts);
	read_time(reader, next, "ends", to->next.ends);
}

static void read_header(struct reader *reader, const struct rc_json_value *root,
			struct rc_view_header *to)
{
	const struct rc_json_value *header = need(reader, root, "header");

	read_time(reader, header, "time", to->time);
	to->is_time_sure = read_bool(reader, header, "time_sure");
	read_text(reader, header, "room", to->room);
	read_text(reader, header, "room_name", to->room_name);
	read_session(reader, header, to);
	read_count(reader, header, to);
	read_next(reader, header, to);
}

static void read_choice_of_session(struct reader *reader, const struct rc_json_value *item,
				   struct rc_view_choice *to)
{
	read_text(reader, item, "title", to->title);
	read_text(reader, item, "room", to->room);
	if (need(reader, item, "starts"))
		read_optional_time(reader, item, "starts", to->starts);
	if (need(reader, item, "ends"))
		read_optional_time(reader, item, "ends", to->ends);
}

static void take_choices(struct reader *reader, const struct rc_json_value *choices,
			 struct rc_view_choice to[RC_VIEW_CHOICE_MAX], size_t *count)
{
	if (!choices)
		return;
	if (!is(choices, RC_JSON_ARRAY) || rc_json_count(choices) > RC_VIEW_CHOICE_MAX) {
		complain(reader, "choices", "is no list of at most two");
		return;
	}
	*count = rc_json_count(choices);
	for (size_t i = 0; i < *count; i++)
		read_choice_of_session(reader, rc_json_at(choices, i), &to[i]);
}

static void read_greeting(struct reader *reader, const struct rc_json_value *main,
			  struct rc_view_greeting *to)
{
	read_scan(reader, main, &to->scan);
	read_optional_time(reader, main, "since", to->since);
	read_optional_text(reader, main, "session", to->session);
	read_optional_text(reader, main, "room", to->room);
	read_optional_text(reader, main, "way", to->way);
	read_optional_time(reader, main, "starts", to->starts);
	read_optional_time(reader, main, "opens", to->opens);
	take_choices(reader, rc_json_find(main, "choices"), to->choices, &to->choice_count);
}

static void read_enrol(struct reader *reader, const struct rc_json_value *main, struct rc_view *to)
{
	static const char *const states[] = {[RC_VIEW_SHOW_CODE] = "show_code",
					     [RC_VIEW_CONNECTING] = "connecting",
					     [RC_VIEW_FAILED] = "failed",
					     [RC_VIEW_DONE] = "done",
					     [RC_VIEW_DONE + 1] = NULL};

	to->enrol = (enum rc_view_enrol)read_choice(reader, main, "state", states);
	read_code(reader, main, "reason", to->enrol_reason);
}

static void read_main(struct reader *reader, const struct rc_json_value *root, struct rc_view *to)
{
	static const char *const screens[] = {
	    [RC_VIEW_IDLE] = "idle", [RC_VIEW_GREETING] = "greeting", [RC_VIEW_ENROL] = "enrol",
	    [RC_VIEW_WAIT] = "wait", [RC_VIEW_FAULT] = "fault",       [RC_VIEW_FAULT + 1] = NULL};
	const struct rc_json_value *main = need(reader, root, "main");

	if (main && !is(main, RC_JSON_OBJECT))
		complain(reader, "main", "is no object");
	to->screen = (enum rc_view_screen)read_choice(reader, root, "screen", screens);
	if (to->screen == RC_VIEW_GREETING)
		read_greeting(reader, main, &to->greeting);
	if (to->screen == RC_VIEW_ENROL)
		read_enrol(reader, main, to);
}

static void read_recent(struct reader *reader, const struct rc_json_value *root, struct rc_view *to)
{
	const struct rc_json_value *recent = need(reader, root, "recent");

	if (!recent)
		return;
	if (!is(recent, RC_JSON_ARRAY) || rc_json_count(recent) > RC_VIEW_RECENT_MAX) {
		complain(reader, "recent", "is no list of at most three");
		return;
	}
	to->recent_count = rc_json_count(recent);
	for (size_t i = 0; i < to->recent_count; i++)
		read_scan(reader, rc_json_at(recent, i), &to->recent[i]);
}

static void read_sync(struct reader *reader, const struct rc_json_value *root, struct rc_view_sync *to)
{
	static const char *const states[] = {"sent", "waiting", NULL};
	static const char *const clocks[] = {"unsure", "sure", NULL};
	const struct rc_json_value *sync = need(reader, root, "sync");

	to->is_waiting = read_choice(reader, sync, "state", states) == 1;
	to->waiting_count = read_number(reader, sync, "waiting");
	to->is_clock_sure = read_choice(reader, sync, "clock", clocks) == 1;
	if (need(reader, sync, "last_contact"))
		read_optional_time(reader, sync, "last_contact", to->last_contact);
}

bool rc_view_is_key(char key)
{
	return (key >= '0' && key <= '9') || (key >= 'A' && key <= 'Z') || key == '-';
}

static void read_typed(struct reader *reader, const struct rc_json_value *sheet, struct rc_view_sheet *to)
{
	const struct rc_json_value *typed = need(reader, sheet, "typed");

	if (!typed)
		return;
	if (!is(typed, RC_JSON_TEXT) ||
	    !rc_bytes_copy_text(rc_json_text(typed), to->typed, sizeof(to->typed)))
		complain(reader, "typed", "is no staff number");
	for (const char *key = to->typed; *key; key++) {
		if (!rc_view_is_key(*key))
			complain(reader, "typed", "has a character that no key has");
	}
}

static void read_number_sheet(struct reader *reader, const struct rc_json_value *sheet,
			      struct rc_view_sheet *to)
{
	static const char *const pages[] = {"digits", "letters", NULL};

	read_typed(reader, sheet, to);
	to->has_letters = read_choice(reader, sheet, "page", pages) == 1;
	read_text(reader, sheet, "session", to->session);
}

static void read_status_sheet(struct reader *reader, const struct rc_json_value *sheet,
			      struct rc_view_sheet *to)
{
	static const char *const troubles[] = {
	    [RC_VIEW_TROUBLE_NONE] = "none",       [RC_VIEW_TROUBLE_NETWORK] = "network",
	    [RC_VIEW_TROUBLE_SERVER] = "server",   [RC_VIEW_TROUBLE_CERTIFICATE] = "certificate",
	    [RC_VIEW_TROUBLE_REFUSED] = "refused", [RC_VIEW_TROUBLE_REFUSED + 1] = NULL};

	to->trouble = (enum rc_view_trouble)read_choice(reader, sheet, "trouble", troubles);
	read_text(reader, sheet, "contact", to->contact);
	read_text(reader, sheet, "version", to->version);
}

static void read_sheet(struct reader *reader, const struct rc_json_value *root, struct rc_view_sheet *to)
{
	static const char *const kinds[] = {"number", "which", "later", "status", NULL};
	const struct rc_json_value *sheet = rc_json_find(root, "sheet");

	if (!sheet)
		return;
	to->kind =
	    (enum rc_view_sheet_kind)(RC_VIEW_SHEET_NUMBER + read_choice(reader, sheet, "kind", kinds));
	if (to->kind == RC_VIEW_SHEET_NUMBER)
		read_number_sheet(reader, sheet, to);
	else if (to->kind == RC_VIEW_SHEET_STATUS)
		read_status_sheet(reader, sheet, to);
	else if (to->kind == RC_VIEW_SHEET_WHICH)
		take_choices(reader, need(reader, sheet, "choices"), to->choices, &to->choice_count);
}

static enum rc_view_camera read_camera(struct reader *reader, const struct rc_json_value *root)
{
	static const char *const states[] = {
	    [RC_VIEW_CAMERA_OK] = "ok", [RC_VIEW_CAMERA_AWAY] = "away", [RC_VIEW_CAMERA_NONE] = "none", [RC_VIEW_CAMERA_NONE + 1] = NULL};

	return rc_json_find(root, "camera")
		   ? (enum rc_view_camera)read_choice(reader, root, "camera", states)
		   : RC_VIEW_CAMERA_OK;
}

enum rc_status rc_view_decode(struct rc_bytes json, struct rc_view *view, struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *document = NULL;
	struct reader reader = {.status = RC_OK, .err = err};
	const struct rc_json_value *root;
	struct rc_view read = {0};

	if (json.size > RC_VIEW_MESSAGE_MAX_BYTES)
		return rc_fail(err, RC_ELIMIT, "a view model of %zu bytes", json.size);
	/* The parser's own words may quote the input, and that holds names. */
	if (rc_json_parse(json, &document, NULL) != RC_OK || !is(rc_json_root(document), RC_JSON_OBJECT))
		return rc_fail(err, RC_EFORMAT, "no JSON object");
	root = rc_json_root(document);
	if (read_whole(&reader, root, "v", 1) != 1)
		complain(&reader, "v", "is another version");
	read.lang = read_lang(&reader, root);
	read_header(&reader, root, &read.header);
	read_main(&reader, root, &read);
	read_recent(&reader, root, &read);
	read_sync(&reader, root, &read.sync);
	if (rc_json_find(root, "no_badge"))
		read.has_no_badge = read_bool(&reader, root, "no_badge");
	read_sheet(&reader, root, &read.sheet);
	read.camera = read_camera(&reader, root);
	read.touch_id = (uint64_t)read_whole(&reader, root, "touch_id", INT64_C(9007199254740991));
	if (reader.status == RC_OK)
		*view = read;
	return reader.status;
}

void rc_view_encode_touch(enum rc_view_touch touch, char key, uint64_t touch_id, struct rc_buf *out)
{
	static const char *const names[] = {
	    [RC_VIEW_TOUCH_LANGUAGE] = "language", [RC_VIEW_TOUCH_NO_BADGE] = "no_badge",
	    [RC_VIEW_TOUCH_STATUS] = "status",     [RC_VIEW_TOUCH_CHOOSE_0] = "choose_0",
	    [RC_VIEW_TOUCH_CHOOSE_1] = "choose_1", [RC_VIEW_TOUCH_KEY] = "key",
	    [RC_VIEW_TOUCH_DELETE] = "delete",     [RC_VIEW_TOUCH_LETTERS] = "letters",
	    [RC_VIEW_TOUCH_DIGITS] = "digits",     [RC_VIEW_TOUCH_CONFIRM] = "confirm",
	    [RC_VIEW_TOUCH_CANCEL] = "cancel"};
	char json[96], with_key[16] = "";
	uint8_t head[RC_VIEW_LENGTH_BYTES] = {0};
	int length;

	if (touch == RC_VIEW_TOUCH_KEY)
		(void)snprintf(with_key, sizeof(with_key), ",\"key\":\"%c\"", key);
	length = snprintf(json, sizeof(json), "{\"v\":1,\"touch\":\"%s\"%s,\"touch_id\":%llu}",
			  names[touch], with_key, (unsigned long long)touch_id);
	head[0] = (uint8_t)length;
	rc_buf_append(out, head, sizeof(head));
	rc_buf_append(out, json, (size_t)length);
}

uint32_t rc_view_frame_length(const uint8_t frame[RC_VIEW_LENGTH_BYTES])
{
	return (uint32_t)frame[0] | (uint32_t)frame[1] << 8 | (uint32_t)frame[2] << 16 |
	       (uint32_t)frame[3] << 24;
}

void rc_view_init_unconnected(struct rc_view *view, enum rc_view_lang lang)
{
	*view = (struct rc_view){.screen = RC_VIEW_WAIT, .lang = lang, .is_unconnected = true};
}
