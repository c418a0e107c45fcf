/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CLI_STATE_H
#define RC_CLI_STATE_H
/*
 * Who this server is: what `init` decides once and every start reads. Stands in the database, so that a copy of the data folder
 * is the same server; only the secrets stand beside it, and their fingerprint says which ones belong to this database.
 */
#include "shared/base/encode.h"
#include "shared/base/id.h"
#include "shared/credentials/credential.h"
#include "shared/reference/reference.h"

struct rc_db;

struct rc_cli_state {
	struct rc_id organisation;
	char organisation_name[RC_REFERENCE_TEXT_MAX_BYTES + 1];
	uint64_t epoch; /* of this server's life: a database restored from a backup keeps it */
	char fingerprint[RC_HEX_CHARS(32u) + 1]; /* of secrets.key */
	char device_url[RC_ENROL_URL_MAX_CHARS + 1];
	char people_url[RC_ENROL_URL_MAX_CHARS + 1]; /* "": none was given */
};

/* Writes all of it in one transaction. RC_ECONFLICT: there is one already. */
RC_CHECKED enum rc_status rc_cli_state_create(struct rc_db *db, const struct rc_cli_state *state,
					      struct rc_error *err);

/* RC_ENOTFOUND: the database was never initialised; RC_EFORMAT: it holds something else. */
RC_CHECKED enum rc_status rc_cli_state_load(struct rc_db *db, struct rc_cli_state *state,
					    struct rc_error *err);

#endif
