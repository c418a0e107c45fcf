/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCREEN_WORDING_H
#define RC_SCREEN_WORDING_H
/*
 * What a model says, in words: which text goes to which place of the panel, the stack and the bar. First what is so, then
 * what to do. Where the model lacks what a sentence needs (no name may be shown, no way is known) another sentence says
 * what is left. Pure; any thread.
 */
#include "firmware/screen/view.h"

#define RC_WORDS_BYTES 800u /* a sentence with two filled-in texts of RC_VIEW_TEXT_BYTES */

/* A greeting's five texts; "" where the place stays empty. */
struct rc_words {
	char word[RC_WORDS_BYTES]; /* the verdict */
	char huge[RC_WORDS_BYTES]; /* the one huge thing: the name, or what to do */
	bool is_huge_name;
	bool is_action; /* the huge thing is one of our sentences, not a name, room or time */
	char who[RC_WORDS_BYTES];  /* the name, where it isn't the huge thing */
	char line[RC_WORDS_BYTES]; /* the friendly line */
	char foot[RC_WORDS_BYTES]; /* time and session */
};

/* Of a model with RC_VIEW_GREETING or RC_VIEW_FAULT. */
void rc_words_of_greeting(const struct rc_view *view, struct rc_words *words);

/* One row of the stack: the name (or the verdict, where there is no name) and "08:52 on time". */
struct rc_row_words {
	char name[RC_WORDS_BYTES];
	char line[RC_WORDS_BYTES];
};

/* In the scan's own language. */
void rc_words_of_row(const struct rc_view_scan *scan, struct rc_row_words *words);

/* Idle, wait, enrol and no daemon: a head of three lines, one call, one companion; enrol has steps besides. */
#define RC_CALM_STEP_COUNT 3u

struct rc_calm_words {
	char room[RC_WORDS_BYTES];
	char session[RC_WORDS_BYTES];
	char meta[RC_WORDS_BYTES];
	char call[RC_WORDS_BYTES];             /* in the chosen language; may hold a line break */
	const char *line;                      /* what is awaited, or why; "" on idle */
	char other[RC_WORDS_BYTES];            /* the call in the other language, on one line */
	const char *privacy;                   /* "" where no camera line belongs */
	const char *steps[RC_CALM_STEP_COUNT]; /* NULL without steps */
};

/* Of a model with any other screen. What is borrowed in it is the catalogues' and lives for ever. */
void rc_words_of_calm(const struct rc_view *view, struct rc_calm_words *words);

/* What stands in the camera's place while no picture comes; "" with a picture. Borrowed as above. */
const char *rc_words_of_camera(const struct rc_view *view);

/* A sheet's texts; "" where there is nothing to say. */
#define RC_SHEET_ROW_COUNT 4u

struct rc_sheet_words {
	char title[RC_WORDS_BYTES];
	char line[RC_WORDS_BYTES]; /* why, or what to do */
	char rows[RC_SHEET_ROW_COUNT][RC_WORDS_BYTES]; /* of RC_VIEW_SHEET_STATUS: contact, what waits, clock, machine */
};

/* Of a model with a sheet. On the one for a number the title is asked where nothing is typed yet. */
void rc_words_of_sheet(const struct rc_view *view, struct rc_sheet_words *words);

/* The bar: "08:52" or "≈08:52"; the mark's text. */
void rc_words_of_time(const struct rc_view *view, char time[RC_WORDS_BYTES]);
void rc_words_of_sync(const struct rc_view *view, char text[RC_WORDS_BYTES]);

/* "here · 24 expected", beside the number of those who are here. */
void rc_words_of_count(const struct rc_view *view, char text[RC_WORDS_BYTES]);

#endif
