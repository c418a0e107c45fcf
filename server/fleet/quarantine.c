/* SPDX-License-Identifier: Apache-2.0 */
#include "server/fleet/quarantine.h"

#include "server/audit/audit.h"
#include "server/fleet/fleet_priv.h"
#include "server/fleet_sql/statements.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- what waits ---- */

struct listing {
	enum rc_status (*found)(void *context, const struct rc_fleet_quarantine *quarantine,
				struct rc_error *err);
	void *context;
};

static enum rc_status take_row(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct listing *listing = context;
	struct rc_fleet_quarantine quarantine = {.facts = rc_db_row_int(row, 1),
						 .first_ms = rc_db_row_int(row, 2),
						 .last_ms = rc_db_row_int(row, 3)};

	if (rc_id_parse(rc_db_row_text(row, 0), &quarantine.kiosk) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "the register of kiosks is damaged");
	return listing->found(listing->context, &quarantine, err);
}

static enum rc_status list(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_query(tx, &rc_sql_fleet_quarantine, RC_DB_NO_VALUES, take_row, arg, err);
}

enum rc_status rc_fleet_quarantine_list(struct rc_db *db,
					enum rc_status (*found)(void *context,
								const struct rc_fleet_quarantine *quarantine,
								struct rc_error *err),
					void *context, struct rc_error *err)
{
	struct listing listing = {.found = found, .context = context};

	return rc_db_read(db, list, &listing, err);
}

/* ---- the nod ---- */

struct nodding {
	const struct rc_fleet_nod *nod;
	int64_t waiting;
};

static enum rc_status trust(struct rc_db_tx *tx, const char *id, const struct rc_fleet_kiosk *kiosk,
			    struct rc_error *err)
{
	if (strcmp(kiosk->state, "revoked") == 0)
		return rc_fail(err, RC_ECONFLICT, "kiosk %s is revoked: it must enrol again", id);
	return rc_db_exec(tx, &rc_sql_fleet_trust, RC_DB_VALUES(RC_DB_TEXT(id)), err);
}

static enum rc_status write_nod(struct rc_db_tx *tx, const struct nodding *nodding, const char *id,
				struct rc_error *err)
{
	char detail[96];

	(void)snprintf(detail, sizeof(detail), "{\"facts\":%" PRId64 ",\"trusted\":%s}",
		       nodding->waiting, nodding->nod->is_trusted ? "true" : "false");
	return rc_audit_write(tx,
			      &(struct rc_audit){.actor = nodding->nod->actor,
						 .action = "kiosk.quarantine_released",
						 .entity = "kiosk",
						 .id = id,
						 .detail = detail},
			      nodding->nod->now_ms, err);
}

static enum rc_status give_nod(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct nodding *nodding = arg;
	struct rc_fleet_kiosk kiosk;
	char id[RC_ID_CHARS + 1];
	enum rc_status status = nodding->nod->is_trusted ? rc_fleet__adopt(tx, nodding->nod, err) : RC_OK;

	rc_id_format(&nodding->nod->kiosk, id);
	if (status == RC_OK)
		status = rc_fleet_find_in(tx, &nodding->nod->kiosk, &kiosk, err);
	if (status == RC_OK)
		status = rc_db_one_int(tx, &rc_sql_fleet_quarantine_of,
				       RC_DB_VALUES(RC_DB_TEXT(id)), &nodding->waiting, err);
	if (status == RC_OK && nodding->nod->is_trusted)
		status = trust(tx, id, &kiosk, err);
	return status == RC_OK ? write_nod(tx, nodding, id, err) : status;
}

enum rc_status rc_fleet_nod(struct rc_db *db, const struct rc_fleet_nod *nod, int64_t *waiting,
			    struct rc_error *err)
{
	struct nodding nodding = {.nod = nod};
	char id[RC_ID_CHARS + 1];
	enum rc_status status = rc_db_write(db, give_nod, &nodding, err);

	rc_id_format(&nod->kiosk, id);
	if (status == RC_ENOTFOUND)
		return rc_fail(err, RC_ENOTFOUND, "there is no kiosk %s", id);
	if (status == RC_OK)
		*waiting = nodding.waiting;
	return status;
}
