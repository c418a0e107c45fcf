/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_HR_PEOPLE_H
#define RC_HR_PEOPLE_H
/*
 * People and their badges: imported from a table, named by a random `ref` that never changes, published so that a kiosk learns
 * a name only while its badge is held up.
 *
 * A new person gets a ref, a key of their own (K_person) and a first badge. K_person and the badge's code are kept sealed under
 * secrets.key; what goes down is the person's card sealed under K_person, and K_person sealed under the badge's open key. Functions
 * with a `hr` are commands or queries of their own and block for the database; those with a `tx` belong to its transaction.
 * Any thread.
 */
#include "server/hr/hr.h"
#include "server/tables/report.h"
#include "shared/credentials/credential.h"
#include "shared/reference/reference.h"

#define RC_PERSON_NAME_MAX_BYTES   80u
#define RC_PERSON_NUMBER_MAX_BYTES 32u
#define RC_PERSON_TEXT_MAX_BYTES   120u /* department, position */

struct rc_person {
	struct rc_id ref;
	char site[RC_SITE_CODE_MAX_BYTES + 1]; /* its code */
	char number[RC_PERSON_NUMBER_MAX_BYTES + 1];
	char name[RC_PERSON_NAME_MAX_BYTES + 1];
	char department[RC_PERSON_TEXT_MAX_BYTES + 1];
	char position[RC_PERSON_TEXT_MAX_BYTES + 1];
	enum rc_language language;
	enum rc_role role;
	bool is_active;  /* false: has left */
	int64_t version; /* of what kiosks are told; department and position are not part of it */
};

/* ---- import ---- */

/*
 * Imports employees from a CSV file. Columns (Chinese headers too): number 工号, name 姓名; optional language 语言 (zh, en),
 * department 部门, position 岗位, role 角色 (employee, trainer, administrator), site 站点 (its code; may be left out while there is
 * one only), state 员工状态 (active 在职, left 离职), old_number 原工号 (the person with this number gets the new one; the old goes on being found).
 *
 * Who is there already is found by number, old numbers included, and updated; a column that the file lacks changes nothing, an
 * empty optional cell neither. Nobody is removed for not being in the file; who has left keeps the records and loses the badges, and
 * gets a new one on coming back. All or nothing: with any error RC_EFORMAT, `import`
 * has them all, and nothing is written. Runs as one write function: 10,000 new people take a few seconds, in which other
 * writers wait. RC_ELIMIT: more changes than one commit publishes (about 100,000 new people).
 */
RC_CHECKED enum rc_status rc_people_import(const struct rc_hr *hr, struct rc_bytes file,
					   struct rc_import *import, struct rc_error *err);

/* ---- looking ---- */

/* By ref (36 characters) or staff number; a number of today comes before one that somebody had earlier. RC_ENOTFOUND. */
RC_CHECKED enum rc_status rc_people_find(struct rc_db *db, const char *number_or_ref,
					 struct rc_person *person, struct rc_error *err);
RC_CHECKED enum rc_status rc_people_find_in(struct rc_db_tx *tx, const char *number_or_ref,
					    struct rc_person *person, struct rc_error *err);

/* Looks at one person, who is borrowed; anything but RC_OK ends the list and is passed up. */
typedef enum rc_status rc_people_fn(void *context, const struct rc_person *person, struct rc_error *err);

/* Up to `limit` people in the order of their numbers, those behind `after` ("" from the beginning). The last number is the cursor. */
RC_CHECKED enum rc_status rc_people_list(struct rc_db *db, const char *after, size_t limit,
					 rc_people_fn *each, void *context, struct rc_error *err);

/* ---- badges ---- */

enum rc_badge_old {
	RC_BADGE_OLD_REVOKE, /* lost or stolen: the old ones stop working */
	RC_BADGE_OLD_KEEP,   /* a second one */
};

/* Makes another badge for a person; `find` names it. RC_ENOTFOUND: no such person; RC_ECONFLICT: they have left. */
RC_CHECKED enum rc_status rc_people_badge_new(const struct rc_hr *hr, const struct rc_id *ref,
					      enum rc_badge_old old, uint8_t find[RC_FIND_BYTES],
					      struct rc_error *err);

/* Revokes one badge: published without what opened the name. Revoked already is RC_OK. RC_ENOTFOUND: no such badge. */
RC_CHECKED enum rc_status rc_people_badge_revoke(const struct rc_hr *hr,
						 const uint8_t find[RC_FIND_BYTES],
						 struct rc_error *err);

/* Revokes all badges of a person; `*count` is how many were active. RC_ENOTFOUND: no such person. */
RC_CHECKED enum rc_status rc_people_badges_revoke(const struct rc_hr *hr, const struct rc_id *ref,
						  size_t *count, struct rc_error *err);

/*
 * The code of a person's newest active badge, to print it. Secret: wipe it when done. RC_ENOTFOUND: no active badge; RC_EDENIED:
 * the secrets are not those it was sealed with.
 */
RC_CHECKED enum rc_status rc_people_badge_code(struct rc_db *db, const struct rc_secrets *secrets,
					       const struct rc_id *ref, struct rc_badge_code *code,
					       struct rc_error *err);

/* One badge of a person. */
struct rc_badge {
	uint8_t find[RC_FIND_BYTES];
	enum rc_credential_state state;
	int64_t created_ms;
};
typedef enum rc_status rc_badge_fn(void *context, const struct rc_badge *badge, struct rc_error *err);

/* All badges a person has had, the newest first. An unknown ref has none. */
RC_CHECKED enum rc_status rc_people_badges(struct rc_db *db, const struct rc_id *ref,
					   rc_badge_fn *each, void *context, struct rc_error *err);

#endif
