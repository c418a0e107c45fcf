/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_VIEW_H
#define RC_SCREEN_VIEW_H
/*
 * The view model: what the daemon wants to be seen, as a typed value, and the touches that go back. `view.schema.json` is
 * the same contract for other readers.
 *
 * A model carries codes and arguments, never sentences; the words are the screen's. It is whole: each message says all
 * there is to show, so a screen that has just come back needs one message and no history. On the socket a message is a
 * u32 little-endian length and that many bytes of JSON.
 *
 * Pure: no I/O, no state. Any thread; rc_view_decode allocates and frees inside.
 */
#include "shared/base/buf.h"
#include "shared/base/bytes.h"
#include "shared/base/status.h"
#include "shared/verdicts/verdict.h"

#include <stdint.h>

#define RC_VIEW_MESSAGE_MAX_BYTES 65536u /* of the JSON, without the length */
#define RC_VIEW_LENGTH_BYTES      4u
#define RC_VIEW_RECENT_MAX        3u
#define RC_VIEW_CHOICE_MAX        2u
#define RC_VIEW_NUMBER_MAX        1000000 /* people, facts, minutes: beyond it somebody is lying */
#define RC_VIEW_TEXT_BYTES                                                                         \
	256u /* a name or title with its NUL; longer ones are cut between characters */
#define RC_VIEW_TYPED_MAX_CHARS 20u /* of a staff number */
#define RC_VIEW_CODE_BYTES      41u /* a lower-case code with its NUL */
#define RC_VIEW_TIME_BYTES      6u  /* "08:52" with its NUL */

enum rc_view_screen {
	RC_VIEW_IDLE,     /* nobody there: the call to hold up a badge */
	RC_VIEW_GREETING, /* a scan has been judged */
	RC_VIEW_ENROL,    /* the machine belongs to no server yet */
	RC_VIEW_WAIT, /* a scan was read but the disk has not confirmed it: nothing may be promised */
	RC_VIEW_FAULT, /* the disk has failed: nobody can be signed in here, a human must help */
};

enum rc_view_lang { RC_VIEW_ZH, RC_VIEW_EN };

enum rc_view_enrol {
	RC_VIEW_SHOW_CODE,  /* waiting for the server's code in front of the camera */
	RC_VIEW_CONNECTING, /* a code was read, the server is being asked */
	RC_VIEW_FAILED,     /* `reason` says why; the next code may be shown at once */
	RC_VIEW_DONE,       /* enrolled; idle follows with the first roster */
};

enum rc_view_touch {
	RC_VIEW_TOUCH_LANGUAGE,
	RC_VIEW_TOUCH_NO_BADGE,
	RC_VIEW_TOUCH_STATUS,
	RC_VIEW_TOUCH_CHOOSE_0, /* the first of the choices; the others follow */
	RC_VIEW_TOUCH_CHOOSE_1,
	RC_VIEW_TOUCH_KEY, /* with the character on the key: 0-9, A-Z or - */
	RC_VIEW_TOUCH_DELETE,
	RC_VIEW_TOUCH_LETTERS,
	RC_VIEW_TOUCH_DIGITS,
	RC_VIEW_TOUCH_CONFIRM,
	RC_VIEW_TOUCH_CANCEL,
};

enum rc_view_sheet_kind {
	RC_VIEW_SHEET_NONE,
	RC_VIEW_SHEET_NUMBER, /* the keys for a staff number */
	RC_VIEW_SHEET_WHICH,  /* which session is the number for */
	RC_VIEW_SHEET_LATER,  /* too many numbers just now */
	RC_VIEW_SHEET_STATUS, /* what the status mark stands for */
};

enum rc_view_trouble {
	RC_VIEW_TROUBLE_NONE,
	RC_VIEW_TROUBLE_NETWORK,
	RC_VIEW_TROUBLE_SERVER,
	RC_VIEW_TROUBLE_CERTIFICATE,
	RC_VIEW_TROUBLE_REFUSED,
};

enum rc_view_camera {
	RC_VIEW_CAMERA_OK,
	RC_VIEW_CAMERA_AWAY, /* no picture comes just now: nobody may be asked to show a code */
	RC_VIEW_CAMERA_NONE, /* this machine has none */
};

/* All texts are valid UTF-8 without control or bidirectional characters; "" where there is nothing to say. Times are
 * "HH:MM" of the room's local time or, where the schema allows it, "". */
struct rc_view_session {
	char title[RC_VIEW_TEXT_BYTES];
	char starts[RC_VIEW_TIME_BYTES];
	char ends[RC_VIEW_TIME_BYTES];
	char trainer[RC_VIEW_TEXT_BYTES];
};

struct rc_view_header {
	char time[RC_VIEW_TIME_BYTES]; /* "" only where no model has come yet */
	bool is_time_sure;
	char room[RC_VIEW_TEXT_BYTES];
	char room_name[RC_VIEW_TEXT_BYTES];
	bool has_session;
	struct rc_view_session session;
	bool has_count;
	int here_count;
	int expected_count;
	bool has_next; /* without a session: the next one here today */
	struct rc_view_session next;
	char next_opens[RC_VIEW_TIME_BYTES]; /* when sign-in for it opens */
};

/* One scan as it stands in the stack. */
struct rc_view_scan {
	bool is_other; /* a verdict of a newer daemon: shown calmly, with the name only; `verdict` means nothing then */
	bool is_claim; /* "claimed": a typed number, no name; `verdict` means nothing then */
	enum rc_verdict verdict;
	int late_min; /* of RC_VERDICT_SIGNED_IN: minutes after the start, 0 when on time */
	enum rc_view_lang lang;
	char name[RC_VIEW_TEXT_BYTES];
	char at[RC_VIEW_TIME_BYTES];
};

/* One of the sessions that a person may mean. */
struct rc_view_choice {
	char title[RC_VIEW_TEXT_BYTES];
	char room[RC_VIEW_TEXT_BYTES];
	char starts[RC_VIEW_TIME_BYTES];
	char ends[RC_VIEW_TIME_BYTES];
};

struct rc_view_greeting {
	struct rc_view_scan scan;
	char since[RC_VIEW_TIME_BYTES];   /* already: the first scan */
	char session[RC_VIEW_TEXT_BYTES]; /* title */
	char room[RC_VIEW_TEXT_BYTES];    /* wrong_room: where to go */
	char way[RC_VIEW_TEXT_BYTES];     /* wrong_room: how to get there */
	char starts[RC_VIEW_TIME_BYTES];
	char opens[RC_VIEW_TIME_BYTES];                    /* too_early: when to come back */
	struct rc_view_choice choices[RC_VIEW_CHOICE_MAX]; /* choose_session: what may be touched */
	size_t choice_count;
};

/* What lies over the panel, above the bar. */
struct rc_view_sheet {
	enum rc_view_sheet_kind kind;
	char typed[RC_VIEW_TYPED_MAX_CHARS + 1];
	bool has_letters; /* the page of letters instead of the digits */
	char session[RC_VIEW_TEXT_BYTES];
	struct rc_view_choice choices[RC_VIEW_CHOICE_MAX];
	size_t choice_count;
	enum rc_view_trouble trouble;
	char contact[RC_VIEW_TEXT_BYTES]; /* when the server was reached last: "08:51", "11-22 08:51" on another day, or "" */
	char version[RC_VIEW_TEXT_BYTES];
};

struct rc_view_sync {
	bool is_waiting;   /* facts are on their way to the server */
	int waiting_count; /* how many */
	bool is_clock_sure;
	char last_contact[RC_VIEW_TIME_BYTES];
};

struct rc_view {
	enum rc_view_screen screen;
	enum rc_view_lang lang;
	struct rc_view_header header;
	struct rc_view_greeting greeting; /* of RC_VIEW_GREETING, else zero */
	enum rc_view_enrol enrol;         /* of RC_VIEW_ENROL, else RC_VIEW_SHOW_CODE */
	char enrol_reason[RC_VIEW_CODE_BYTES];
	struct rc_view_scan recent[RC_VIEW_RECENT_MAX]; /* newest first, the one on the panel included */
	size_t recent_count;
	struct rc_view_sync sync;
	bool has_no_badge; /* the button for who has none is offered */
	struct rc_view_sheet sheet;
	enum rc_view_camera camera;
	uint64_t touch_id;   /* goes back with a touch */
	bool is_unconnected; /* made by rc_view_init_unconnected, never by a daemon */
};

/*
 * Reads one message's JSON. Unknown fields are passed over, a verdict that isn't known sets `is_other`; everything else that
 * the schema does not allow (type, range, duplicate key, another `v`, text behind the end) is RC_EFORMAT, more than
 * RC_VIEW_MESSAGE_MAX_BYTES RC_ELIMIT. `*view` is written only on RC_OK.
 */
RC_CHECKED enum rc_status rc_view_decode(struct rc_bytes json, struct rc_view *view,
					 struct rc_error *err);

/* True for the characters that a key may have. */
bool rc_view_is_key(char key);

/* Appends one framed touch message; look at rc_buf_status afterwards. `key` is of RC_VIEW_TOUCH_KEY, else '\0'. */
void rc_view_encode_touch(enum rc_view_touch touch, char key, uint64_t touch_id, struct rc_buf *out);

/* The length that the four bytes at `frame` announce; not yet checked against the maximum. */
uint32_t rc_view_frame_length(const uint8_t frame[RC_VIEW_LENGTH_BYTES]);

/* What is shown while no daemon speaks: RC_VIEW_WAIT without time, room or anything to touch. */
void rc_view_init_unconnected(struct rc_view *view, enum rc_view_lang lang);

#endif
