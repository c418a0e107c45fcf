/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_PRINT_BADGE_H
#define RC_PRINT_BADGE_H
/*
 * Badges and enrolment codes as pictures (PNG, for a card printer or a sheet). The only secret in them is the QR code.
 *
 * Every module of a code is a whole number of pixels, at least RC_PRINT_MODULE_MIN_PX, with the full quiet zone around it:
 * what a printer scales is sharp. Drawing blocks for milliseconds and keeps nothing; one thread at a time, because the fonts'
 * cache is shared.
 */
#include "shared/base/buf.h"
#include "shared/credentials/credential.h"

#define RC_PRINT_PNG_MAX_BYTES  (4u * 1024u * 1024u)
#define RC_PRINT_MODULE_MIN_PX  8u
#define RC_PRINT_NAME_MAX_CHARS 80u /* of a file's name, its end included */

/* All texts are UTF-8, borrowed, and cut with an ellipsis where they don't fit. */
struct rc_print_badge {
	const char *organisation;
	const char *name;
	const char *number;
	const struct rc_badge_code *code;
};

struct rc_print_enrolment {
	const char *organisation;
	const char *room;    /* code and name, as people know it */
	const char *expires; /* local time, in words */
	const char *payload; /* RCE1:… */
};

/* A white card of 640 × 400 pixels, appended to `png`. RC_EFORMAT: a text that isn't UTF-8; RC_ENOMEM, RC_ELIMIT. */
RC_CHECKED enum rc_status rc_print_badge(const struct rc_print_badge *badge, struct rc_buf *png,
					 struct rc_error *err);

/* An upright sheet with the code, its room, until when it holds, and what to do with it in both languages. As above. */
RC_CHECKED enum rc_status rc_print_enrolment(const struct rc_print_enrolment *enrolment,
					     struct rc_buf *png, struct rc_error *err);

/*
 * A name for the file of `number`: "badge-001-01.png". A number with other characters than A-Z a-z 0-9 - or longer than 40 is
 * named by 16 digits of its hash instead ("badge-x3f…"), so that no number leads out of a folder.
 */
void rc_print_file_name(const char *prefix, const char *number, char name[RC_PRINT_NAME_MAX_CHARS + 1]);

/*
 * Writes a file of mode 0600 in a folder, whole or not at all: a temporary one, synced, renamed. `name` comes from
 * rc_print_file_name; one that leads out of the folder is RC_EUSAGE.
 */
RC_CHECKED enum rc_status rc_print_save(const char *folder, const char *name, struct rc_bytes bytes,
					struct rc_error *err);

#endif
