/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_HR_HR_PRIV_H
#define RC_HR_HR_PRIV_H
/* What imports and badges share: one write function under way, and how people and badges are sealed and published. */
#include "server/hr/import.h"
#include "server/hr/people.h"
#include "shared/base/encode.h"
#include "shared/sealing/sealed.h"

/* Reads the organisation's id. The list is there even when this fails. */
RC_CHECKED enum rc_status rc_hr__work_begin(struct rc_hr_work *work, struct rc_db_tx *tx,
					    const struct rc_hr *hr, struct rc_error *err);

/* Audit, then changes: the last steps of a command. */
RC_CHECKED enum rc_status rc_hr__work_finish(struct rc_hr_work *work, const struct rc_audit *audit,
					     struct rc_error *err);
void rc_hr__work_deinit(struct rc_hr_work *work);

/* rc_site_find for work that makes no sites: it remembers the last answer, as thousands of people mostly are of few sites. */
RC_CHECKED enum rc_status rc_hr__site_find(struct rc_hr_work *work, const char *code,
					   struct rc_site *site, struct rc_error *err);

/* "employee", "trainer", "administrator". */
const char *rc_hr__role_name(enum rc_role role);

/* K_person: what opens a person's card. Wiped by who holds it. */
struct rc_hr__key {
	uint8_t bytes[RC_SEAL_KEY_BYTES];
};
void rc_hr__key_wipe(struct rc_hr__key *key);

/* Opens K_person of a row. RC_ENOTFOUND: no such person; RC_EDENIED: sealed with other secrets. */
RC_CHECKED enum rc_status rc_hr__key_load(struct rc_hr_work *work, const struct rc_id *ref,
					  struct rc_hr__key *key, struct rc_error *err);

/* Adds the person's card, sealed under K_person, to the changes. */
RC_CHECKED enum rc_status rc_hr__person_publish(struct rc_hr_work *work, const struct rc_person *person,
						const struct rc_hr__key *key, struct rc_error *err);

/* Makes a badge: code, row, change. `find` (may be NULL) names it. */
RC_CHECKED enum rc_status rc_hr__badge_add(struct rc_hr_work *work, const struct rc_person *person,
					   const struct rc_hr__key *key,
					   uint8_t find[RC_FIND_BYTES], struct rc_error *err);

/* Publishes all badges of a person again, in the scope of the site where they are now. */
RC_CHECKED enum rc_status rc_hr__badges_move(struct rc_hr_work *work, const struct rc_person *person,
					     const struct rc_hr__key *key, struct rc_error *err);

/* ---- badges ---- */

#define RC_HR_FIND_CHARS RC_HEX_CHARS(RC_FIND_BYTES)

/* A row of the table of credentials. */
struct rc_hr__badge {
	uint8_t find[RC_FIND_BYTES];
	char find_text[RC_HR_FIND_CHARS + 1];
	enum rc_credential_state state;
	int64_t created_ms, until_ms;
};

struct rc_db_row;
RC_CHECKED enum rc_status rc_hr__badge_take(const struct rc_db_row *row, struct rc_hr__badge *badge,
					    struct rc_error *err);

void rc_hr__find_format(const uint8_t find[RC_FIND_BYTES], char text[RC_HR_FIND_CHARS + 1]);

/* Opens a badge's code from its row. RC_EDENIED: sealed with other secrets. */
RC_CHECKED enum rc_status rc_hr__code_open(const struct rc_secrets *secrets,
					   const uint8_t find[RC_FIND_BYTES], struct rc_bytes sealed,
					   struct rc_badge_code *code, struct rc_error *err);
void rc_hr__code_wipe(struct rc_badge_code *code);

/* Revokes and publishes one badge (its find, ref and until are read), or all of a person, where they are active; `*count` grows by,
 * or is, how many were. */
RC_CHECKED enum rc_status rc_hr__badge_revoke(struct rc_hr_work *work, const char *site,
					      const struct rc_ref_credential *badge, size_t *count,
					      struct rc_error *err);
RC_CHECKED enum rc_status rc_hr__badges_revoke(struct rc_hr_work *work, const struct rc_person *person,
					       size_t *count, struct rc_error *err);

#endif
