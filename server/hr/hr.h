/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_HR_HR_H
#define RC_HR_HR_H
/*
 * What every command of HR and training needs: the database, the secrets, who asks and when. Each command writes its audit in
 * its own transaction.
 */
#include "server/audit/audit.h"
#include "shared/base/id.h"
#include "shared/base/status.h"

#include <stdint.h>

struct rc_db;
struct rc_db_tx;
struct rc_secrets;

/* All borrowed for the length of a call. */
struct rc_hr {
	struct rc_db *db;
	const struct rc_secrets *secrets; /* not looked at by imports of rooms, sessions and registrations */
	const char *actor;                /* for the audit: a token's name, "cli" */
	int64_t now_ms;
	bool is_dry_run; /* imports only: say and count everything, write nothing */
};

/* The audit row of an import: its counts. An import that changed nothing leaves no trace. */
struct rc_import;
RC_CHECKED enum rc_status rc_audit_import(struct rc_db_tx *tx, const struct rc_hr *hr, const char *action,
					  const struct rc_import *import, struct rc_error *err);

#define RC_SITE_CODE_MAX_BYTES 40u

struct rc_site {
	char id[RC_ID_CHARS + 1];
	char code[RC_SITE_CODE_MAX_BYTES + 1];
	int utc_offset_min;
};

/* The site with this code; the only one there is when `code` is "". RC_ENOTFOUND; RC_ECONFLICT: "" and there are several. */
RC_CHECKED enum rc_status rc_site_find(struct rc_db_tx *tx, const char *code, struct rc_site *site,
				       struct rc_error *err);

/* organisation.id from the server's state: the salt of badges. RC_ENOTFOUND before `init`. */
RC_CHECKED enum rc_status rc_organisation_id(struct rc_db_tx *tx, struct rc_id *organisation,
					     struct rc_error *err);

#endif
