/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_FLOW_FLOW_H
#define RC_FLOW_FLOW_H
/*
 * What the kiosk does, as a pure function: (state, event, time) → (state, effects).
 *
 * Flow knows no clock, no disk, no roster and no screen. The daemon looks up what an event needs, hands it in, and carries out
 * the effects that come back; a test or a scripted day does the same in microseconds. Flow never says "signed in" before it was
 * told that the fact is durable (RC_FLOW_RECORDED).
 *
 * All state lives in one struct of the caller; nothing is allocated, nothing blocks. One thread at a time.
 */
#include "shared/attendance/door.h"
#include "shared/base/clock.h"
#include "shared/credentials/credential.h"
#include "shared/facts/fact.h"
#include "shared/reference/reference.h"
#include "shared/verdicts/verdict.h"

#define RC_FLOW_SIGHTS_MAX 16u /* payloads remembered as being in view */
#define RC_FLOW_IN_VIEW_MS                                                                         \
	INT64_C(3000) /* the same payload within this of being seen last is no event */
#define RC_FLOW_PENDING_MAX                                                                        \
	64u /* facts handed to the journal and not yet answered: as many as its queue takes */
#define RC_FLOW_WAIT_AFTER_MS INT64_C(100) /* a commit slower than this is shown as "one moment" */
#define RC_FLOW_RECENT_MAX    3u
#define RC_FLOW_GREETING_MS   INT64_C(4000) /* how long a greeting stays … */
#define RC_FLOW_REFUSAL_MS    INT64_C(6000) /* … a refusal … */
#define RC_FLOW_WRONG_ROOM_MS                                                                      \
	INT64_C(8000) /* … and the way to another room, unless the next person comes */
#define RC_FLOW_CHOICE_MS         INT64_C(15000) /* … and a question, which wants reading */
#define RC_FLOW_STACK_MS          INT64_C(20000) /* the last three go 20 s after the last scan */
#define RC_FLOW_REFUSALS_MAX      32u            /* different refusals counted at the same time */
#define RC_FLOW_REFUSAL_COUNT_MS  INT64_C(600000)
#define RC_FLOW_REFUSALS_A_MINUTE 20u /* above it only a summary each minute */
#define RC_FLOW_EFFECTS_MAX       48u /* every counted refusal may end in one tick, and a little more */
#define RC_FLOW_BODY_MAX_BYTES    640u /* the bodies that flow writes */
#define RC_FLOW_TEXT_BYTES        256u
#define RC_FLOW_TIME_BYTES        6u  /* "08:52" and its NUL; "" for none */
#define RC_FLOW_DATE_BYTES        16u /* "11-22 08:51" */
#define RC_FLOW_NUMBER_MAX_CHARS  20u /* of a staff number typed at the door */
#define RC_FLOW_SHEET_MS                                                                           \
	INT64_C(20000) /* a sheet that nobody touches goes, and what was typed with it */
#define RC_FLOW_CLAIMS_A_MINUTE                                                                    \
	10u /* nobody can fill the journal by typing; above it the trainer is the way */

/* ---- events ---- */

/* A session that matters to a scan, looked up by the daemon; at most RC_DOOR_SESSIONS_MAX a scan. */
struct rc_flow_session {
	struct rc_id id;
	int64_t version;
	struct rc_text_pair title;
	char room[RC_REFERENCE_CODE_MAX_BYTES + 1]; /* the room's code, "3F-302" */
	struct rc_text_pair way;
	struct rc_door_session door; /* presence: the server's merged with the kiosk's own facts */
};

/* A code that has come into view (rc_flow_notice said so) with all that the roster knows of it. */
struct rc_flow_scan {
	enum rc_payload_class class;
	size_t payload_size;
	uint8_t digest[8]; /* keyed hash of the payload: all that is kept of a foreign one */
	uint8_t find[RC_FIND_BYTES]; /* RC_PAYLOAD_RC1 only */
	struct rc_enrol_code enrol;  /* RC_PAYLOAD_RCE1 only */
	enum rc_door_credential credential;
	bool has_person; /* the credential names a person */
	struct rc_id ref;
	bool has_card; /* the person's sealed row was opened with this very code */
	struct rc_ref_person_card card;
	const struct rc_flow_session *sessions; /* borrowed for the call */
	size_t session_count;
	int64_t roster_n;
};

#define RC_FLOW_CHOICES 2u

enum rc_flow_touch {
	RC_FLOW_TOUCH_LANGUAGE, /* the other language on idle and bar */
	RC_FLOW_TOUCH_CHOOSE, /* one of the sessions that RC_VERDICT_CHOOSE_SESSION or RC_FLOW_SHEET_WHICH offers */
	RC_FLOW_TOUCH_NO_BADGE, /* somebody without a badge wants to type their staff number */
	RC_FLOW_TOUCH_STATUS,   /* the mark of what is still to be sent */
	RC_FLOW_TOUCH_KEY,      /* `key` of RC_FLOW_SHEET_NUMBER */
	RC_FLOW_TOUCH_DELETE,   /* the last key again */
	RC_FLOW_TOUCH_LETTERS,  /* the page of letters … */
	RC_FLOW_TOUCH_DIGITS,   /* … and back */
	RC_FLOW_TOUCH_CONFIRM,  /* what was typed is one's own number */
	RC_FLOW_TOUCH_CANCEL,   /* the sheet closes */
};

/* A session of the room that takes people now, for who has no badge. */
struct rc_flow_claimable {
	struct rc_id id;
	int64_t version;
	struct rc_text_pair title;
	int64_t starts_ms;
	int64_t ends_ms;
};

/* Why the server doesn't have everything. */
enum rc_flow_trouble {
	RC_FLOW_TROUBLE_NONE,        /* it is reached */
	RC_FLOW_TROUBLE_NETWORK,     /* this machine has no network */
	RC_FLOW_TROUBLE_SERVER,      /* … has one, and the server doesn't answer */
	RC_FLOW_TROUBLE_CERTIFICATE, /* who answers isn't proved to be the server */
	RC_FLOW_TROUBLE_REFUSED,     /* the server answers and takes nothing from this kiosk */
};

/* Where the kiosk stands and what goes on there. Sent by the daemon when it changes, and with each minute. */
struct rc_flow_place {
	bool is_enrolled;
	char room[RC_REFERENCE_CODE_MAX_BYTES + 1];
	struct rc_text_pair room_name;
	int utc_offset_min;
	enum rc_language language; /* of the organisation: what the idle screen shows after a start */
	bool has_session;          /* running, or the next one whose window is open */
	struct rc_text_pair session_title;
	int64_t session_starts_ms;
	int64_t session_ends_ms;
	int64_t here_count;
	int64_t expected_count;
	bool has_next; /* without has_session: one that opens later today */
	struct rc_text_pair next_title;
	int64_t next_opens_ms;
	int64_t next_starts_ms;
	int64_t next_ends_ms;
	struct rc_flow_claimable claimables[RC_FLOW_CHOICES];
	size_t claimable_count; /* 0 too where a number couldn't be sealed to the server */
	int64_t roster_n;
	bool has_short_names; /* no greeting says more than rc_flow_short_name leaves */
};

struct rc_flow_sync {
	int64_t waiting_count;   /* facts the server doesn't have yet */
	int64_t last_contact_ms; /* 0: never */
	enum rc_flow_trouble trouble;
};

/* Whether codes can be shown to the kiosk. */
enum rc_flow_camera {
	RC_FLOW_CAMERA_OK,
	RC_FLOW_CAMERA_AWAY, /* no picture comes from it just now: absent, unplugged, frozen */
	RC_FLOW_CAMERA_NONE, /* this kiosk is set to have none */
};

enum rc_flow_enrol {
	RC_FLOW_ENROL_SHOW_CODE,
	RC_FLOW_ENROL_CONNECTING,
	RC_FLOW_ENROL_FAILED,
	RC_FLOW_ENROL_DONE
};

enum rc_flow_event_kind {
	RC_FLOW_SCAN,     /* `scan` */
	RC_FLOW_RECORDED, /* `recorded`: the journal's answer to an RC_FLOW_DO_APPEND */
	RC_FLOW_TICK,     /* time has passed: at rc_flow_due, or earlier */
	RC_FLOW_PLACE,    /* `place` */
	RC_FLOW_SYNC,     /* `sync` */
	RC_FLOW_TOUCH,    /* `touch` */
	RC_FLOW_ENROL,    /* `enrol`: how an enrolment goes on */
	RC_FLOW_CAMERA,   /* `camera`: it has gone, or come back */
};

struct rc_flow_event {
	enum rc_flow_event_kind kind;
	struct rc_clock_reading now;
	union {
		const struct rc_flow_scan *scan;
		struct {
			uint32_t token;
			bool is_durable; /* false: the disk failed; nothing may be confirmed */
		} recorded;
		const struct rc_flow_place *place;
		struct rc_flow_sync sync;
		enum rc_flow_camera camera;
		struct {
			enum rc_flow_touch touch;
			size_t choice; /* of RC_FLOW_TOUCH_CHOOSE: 0 … RC_FLOW_CHOICES-1 */
			char key;      /* of RC_FLOW_TOUCH_KEY: 0-9, A-Z or - */
			uint64_t touch_id; /* of the view that was touched: what it no longer asks is passed over */
		} touch;
		struct {
			enum rc_flow_enrol state;
			char reason[32]; /* of RC_FLOW_ENROL_FAILED: expired, used, network, denied */
		} enrol;
	};
};

/* ---- the view ---- */

enum rc_flow_screen {
	RC_FLOW_SCREEN_IDLE,
	RC_FLOW_SCREEN_GREETING,
	RC_FLOW_SCREEN_ENROL,
	RC_FLOW_SCREEN_WAIT, /* the disk is slow: one moment */
	RC_FLOW_SCREEN_FAULT, /* the disk has failed: signing in isn't possible here, a human must help */
};

/* What lies over the panel, above the bar. A scan never closes it: who holds up a badge is signed in and shown as a row. */
enum rc_flow_sheet {
	RC_FLOW_SHEET_NONE,
	RC_FLOW_SHEET_WHICH, /* two sessions take people: which one is it? Then RC_FLOW_SHEET_NUMBER */
	RC_FLOW_SHEET_NUMBER, /* the keys, and what was typed */
	RC_FLOW_SHEET_LATER,  /* too many numbers within a minute */
	RC_FLOW_SHEET_STATUS, /* what is still to be sent, and why */
};

/* One line of the last three. */
struct rc_flow_seen {
	bool is_claim; /* somebody typed a number: neither verdict nor name, the server will tell */
	enum rc_verdict verdict;
	int late_min;
	char name[RC_FLOW_TEXT_BYTES]; /* "" if the badge opened none */
	enum rc_language language;
	char at[RC_FLOW_TIME_BYTES];
};

struct rc_flow_choice {
	char title[RC_FLOW_TEXT_BYTES];
	char room[RC_FLOW_TEXT_BYTES];
	char starts[RC_FLOW_TIME_BYTES];
	char ends[RC_FLOW_TIME_BYTES];
};

struct rc_flow_greeting {
	struct rc_flow_seen seen;
	char since[RC_FLOW_TIME_BYTES];
	char session[RC_FLOW_TEXT_BYTES];
	char room[RC_FLOW_TEXT_BYTES];
	char way[RC_FLOW_TEXT_BYTES];
	char starts[RC_FLOW_TIME_BYTES];
	char opens[RC_FLOW_TIME_BYTES];
	struct rc_flow_choice choices[RC_FLOW_CHOICES]; /* of RC_VERDICT_CHOOSE_SESSION */
};

/* Everything there is to show; whole, so that a screen which has just come back needs nothing else. Padding bytes are zero. */
struct rc_flow_view {
	enum rc_flow_screen screen;
	enum rc_language language; /* of idle and bar; a greeting speaks its badge's */
	char time[RC_FLOW_TIME_BYTES];
	bool is_time_sure;
	char room[RC_FLOW_TEXT_BYTES];
	char room_name[RC_FLOW_TEXT_BYTES];
	bool has_session;
	char session_title[RC_FLOW_TEXT_BYTES];
	char session_starts[RC_FLOW_TIME_BYTES];
	char session_ends[RC_FLOW_TIME_BYTES];
	int64_t here_count;
	int64_t expected_count;
	struct rc_flow_greeting greeting; /* of RC_FLOW_SCREEN_GREETING */
	enum rc_flow_enrol enrol;
	char enrol_reason[32];
	struct rc_flow_seen recent[RC_FLOW_RECENT_MAX]; /* newest first, the one that is greeted included */
	size_t recent_count;
	bool has_next;
	char next_title[RC_FLOW_TEXT_BYTES];
	char next_opens[RC_FLOW_TIME_BYTES];
	char next_starts[RC_FLOW_TIME_BYTES];
	char next_ends[RC_FLOW_TIME_BYTES];
	bool can_claim; /* RC_FLOW_TOUCH_NO_BADGE is offered */
	enum rc_flow_sheet sheet;
	char typed[RC_FLOW_NUMBER_MAX_CHARS + 1];             /* of RC_FLOW_SHEET_NUMBER */
	bool has_letters;                                     /* … the page of letters */
	char claim_session[RC_FLOW_TEXT_BYTES];               /* … and for which session */
	struct rc_flow_choice sheet_choices[RC_FLOW_CHOICES]; /* of RC_FLOW_SHEET_WHICH */
	int64_t waiting_count;
	char last_contact[RC_FLOW_TIME_BYTES];
	char contact[RC_FLOW_DATE_BYTES]; /* the same with its day, unless that is today */
	enum rc_flow_trouble trouble;
	enum rc_flow_camera camera;
	uint64_t touch_id;
};

/* ---- effects ---- */

enum rc_flow_sound { RC_FLOW_SOUND_IN, RC_FLOW_SOUND_LOOK, RC_FLOW_SOUND_ASK };

enum rc_flow_effect_kind {
	RC_FLOW_DO_APPEND, /* `append`: write this fact; answer with RC_FLOW_RECORDED, whatever happens */
	RC_FLOW_DO_SHOW,     /* the view (rc_flow_current_view) has changed */
	RC_FLOW_DO_SIGNAL,   /* `sound`: tone and lamp, with the first frame of the view */
	RC_FLOW_DO_ENROL,    /* `enrol`: take this code to the server; report by RC_FLOW_ENROL */
	RC_FLOW_DO_REMEMBER, /* `moved`: remember that the person is here; the fact is durable */
	RC_FLOW_DO_FORGET,   /* `moved`: remember that the person has left; the fact is durable */
	RC_FLOW_DO_CLAIM, /* `claim`: seal the number and write the fact; answer with RC_FLOW_RECORDED. Wipe the effect */
};

/* Who came to or left which session, and when. */
struct rc_flow_move {
	struct rc_id session;
	struct rc_id ref;
	int64_t at_ms;
};

struct rc_flow_effect {
	enum rc_flow_effect_kind kind;
	union {
		struct {
			uint32_t token;
			const char *fact_kind; /* static text */
			int64_t version;
			char body[RC_FLOW_BODY_MAX_BYTES];
			size_t body_size;
			struct rc_clock_reading at; /* of the scan, not of the write */
		} append;
		struct {
			uint32_t token;
			struct rc_id session;
			int64_t session_version;
			char number[RC_FLOW_NUMBER_MAX_CHARS + 1];
			int64_t roster_n;
			struct rc_clock_reading at; /* of the touch */
		} claim;
		enum rc_flow_sound sound;
		struct rc_enrol_code enrol;
		struct rc_flow_move moved;
	};
};

struct rc_flow_effects {
	struct rc_flow_effect list[RC_FLOW_EFFECTS_MAX];
	size_t count;
};

/* ---- the state: the caller's memory, flow's business ---- */

struct rc_flow_sight {
	uint8_t key[16];
	int64_t seen_up_ms; /* 0: free */
};

struct rc_flow_pending {
	uint32_t token; /* 0: free */
	int64_t since_up_ms;
	struct rc_flow_greeting greeting;
	bool is_promise; /* an arrival, a leave or a claim: said only when it is durable … */
	bool has_move;   /* … and, but for a claim, remembered then */
	struct rc_flow_move move;
};

struct rc_flow_refusal {
	uint8_t key[16];     /* of what was refused: find or digest, verdict, session */
	int64_t until_up_ms; /* 0: free */
	int64_t until_ms;
	int64_t count; /* the first one included */
	enum rc_verdict verdict;
	enum rc_payload_class class;
	bool has_find;
	uint8_t find[RC_FIND_BYTES];
	bool has_session;
	struct rc_id session;
};

/* The sheet that is open. */
struct rc_flow_open_sheet {
	enum rc_flow_sheet kind;
	uint64_t since_touch_id; /* of the first view that shows it */
	int64_t until_up_ms;
	struct rc_flow_claimable sessions[RC_FLOW_CHOICES]; /* as they were when it opened */
	size_t chosen;
	char typed[RC_FLOW_NUMBER_MAX_CHARS + 1];
	bool has_letters;
};

struct rc_flow {
	struct rc_flow_place place;
	struct rc_flow_sync sync;
	enum rc_flow_camera camera;
	enum rc_language language; /* chosen at the screen */
	bool is_language_chosen;
	struct rc_flow_sight sights[RC_FLOW_SIGHTS_MAX];
	struct rc_flow_pending pending[RC_FLOW_PENDING_MAX];
	struct rc_flow_refusal refusals[RC_FLOW_REFUSALS_MAX];
	int64_t minute_up_ms; /* begin of the minute in which refusals are counted */
	uint32_t minute_refusals;
	int64_t unlisted_refusals; /* above the limit, for the minute's summary */
	uint32_t last_token;
	bool has_disk_failed;
	enum rc_flow_enrol enrol;
	char enrol_reason[32];
	int64_t greeting_until_up_ms; /* 0: none on the panel */
	int64_t last_scan_up_ms;
	bool has_new_greeting; /* since the last RC_FLOW_DO_SHOW: the same person again is a new view all the same */
	bool has_choice;            /* the question on the panel is still open */
	struct rc_flow_scan choice; /* … for this scan … */
	struct rc_flow_session choice_sessions[RC_FLOW_CHOICES]; /* … between these */
	struct rc_flow_open_sheet sheet;
	int64_t claims_up_ms[RC_FLOW_CLAIMS_A_MINUTE]; /* when the last ones were made; 0: never */
	size_t next_claim;
	struct rc_flow_view view;
};

/* A kiosk that has just started: not enrolled, nothing seen. */
void rc_flow_init(struct rc_flow *flow);

/*
 * Tells whether a found code is an event: true the first time and after RC_FLOW_IN_VIEW_MS out of view. Call it for each find of
 * each frame, before any look-up; `key` is 16 bytes of a hash of the payload.
 */
bool rc_flow_notice(struct rc_flow *flow, const uint8_t key[16], int64_t up_ms);

/* One step. `effects` is overwritten. */
void rc_flow_step(struct rc_flow *flow, const struct rc_flow_event *event,
		  struct rc_flow_effects *effects);

/* When the next RC_FLOW_TICK is due (CLOCK_BOOTTIME ms); never later than the next minute. */
int64_t rc_flow_due(const struct rc_flow *flow, const struct rc_clock_reading *now);

/* What the screen should show; borrowed, changes with each step. */
const struct rc_flow_view *rc_flow_current_view(const struct rc_flow *flow);

#endif
