/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kiosks that a server restored from an older backup has forgotten. Their certificates are of our CA, so what they say is kept,
 * apart; the certificate is kept too, so that an operator's nod can enter it in the register and the kiosk goes on with it.
 */
#include "server/fleet/fleet_priv.h"
#include "server/fleet/quarantine.h"
#include "server/fleet_sql/statements.h"

#include <stdio.h>

#define MET_EVERY_MS RC_MINUTE_MS
#define KEY_CHARS    (sizeof("kiosk.unknown:") + RC_ID_CHARS)

static void alarm_key(const char *kiosk, char key[KEY_CHARS])
{
	(void)snprintf(key, KEY_CHARS, "kiosk.unknown:%s", kiosk);
}

/* ---- meeting ---- */

struct meeting {
	char kiosk[RC_ID_CHARS + 1];
	const char *serial;
	struct rc_bytes der;
	struct rc_certificate certificate;
	struct rc_buf public_der; /* SubjectPublicKeyInfo */
	int64_t now_ms;
	int64_t seen_ms; /* when it was met last; INT64_MIN: never */
};

static enum rc_status take_seen(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct meeting *m = context;

	(void)err;
	m->seen_ms = rc_db_row_int(row, 0);
	return RC_OK;
}

static enum rc_status look_for(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct meeting *m = arg;
	enum rc_status status;

	m->seen_ms = INT64_MIN;
	status = rc_db_one(tx, &rc_sql_fleet_unknown_seen, RC_DB_VALUES(RC_DB_TEXT(m->serial)),
			   take_seen, m, err);
	return status == RC_ENOTFOUND ? RC_OK : status;
}

static enum rc_status write_down(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct meeting *m = arg;
	char key[KEY_CHARS];
	enum rc_status status =
	    rc_db_exec(tx, &rc_sql_fleet_unknown_put,
		       RC_DB_VALUES(RC_DB_TEXT(m->kiosk), RC_DB_INT(m->now_ms)), err);

	alarm_key(m->kiosk, key);
	if (status == RC_OK)
		status = rc_db_exec(
		    tx, &rc_sql_fleet_unknown_certificate_put,
		    RC_DB_VALUES(RC_DB_TEXT(m->serial), RC_DB_TEXT(m->kiosk),
				 RC_DB_BYTES(rc_buf_bytes(&m->public_der)), RC_DB_BYTES(m->der),
				 RC_DB_INT(m->certificate.validity.not_after_ms), RC_DB_INT(m->now_ms)),
		    err);
	if (status == RC_OK)
		status = rc_db_exec(
		    tx, &rc_sql_fleet_unknown_alarm,
		    RC_DB_VALUES(RC_DB_TEXT(key), RC_DB_TEXT(m->kiosk), RC_DB_INT(m->now_ms)), err);
	return status;
}

/* A clock that was set back must not keep it from being written down. */
static bool was_met_lately(const struct meeting *m)
{
	return m->seen_ms != INT64_MIN && m->seen_ms <= m->now_ms && m->now_ms - m->seen_ms < MET_EVERY_MS;
}

enum rc_status rc_fleet_meet(struct rc_db *db, const struct rc_fleet_peer *peer,
			     struct rc_bytes der, int64_t now_ms, struct rc_error *err)
{
	struct meeting m = {.serial = peer->serial, .der = der, .now_ms = now_ms};
	enum rc_status status = rc_db_read(db, look_for, &m, err);

	if (status != RC_OK || was_met_lately(&m))
		return status;
	rc_id_format(&peer->kiosk, m.kiosk);
	rc_buf_init(&m.public_der, RC_CERTIFICATE_MAX_BYTES);
	status = rc_certificate_read(der, &m.certificate, err);
	if (status == RC_OK)
		status = rc_certificate_public_der(der, &m.public_der, err);
	if (status == RC_OK)
		status = rc_db_write(db, write_down, &m, err);
	rc_buf_deinit(&m.public_der);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "a kiosk that isn't in the register");
}

/* ---- the nod ---- */

static enum rc_status ignore_row(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)row, (void)context, (void)err;
	return RC_OK;
}

static enum rc_status enter_kiosk(struct rc_db_tx *tx, const char *id, const char *room,
				  struct rc_error *err)
{
	int64_t changed = 0;
	enum rc_status status;

	if (!room)
		return rc_fail(err, RC_EUSAGE,
			       "kiosk %s isn't in the register: say in which room it stands", id);
	status = rc_db_exec_counted(tx, &rc_sql_fleet_unknown_kiosk_take,
				    RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_TEXT(room)), &changed, err);
	if (status == RC_OK && changed == 0)
		return rc_fail(err, RC_EUSAGE, "there is no room %s", room);
	return status;
}

static enum rc_status move_certificates(struct rc_db_tx *tx, const char *id, struct rc_error *err)
{
	static const struct rc_sql_statement *const steps[] = {
	    &rc_sql_fleet_unknown_certificates_take, &rc_sql_fleet_unknown_certificates_forget,
	    &rc_sql_fleet_unknown_forget};
	enum rc_status status = RC_OK;

	for (size_t i = 0; status == RC_OK && i < sizeof(steps) / sizeof(steps[0]); i++)
		status = rc_db_exec(tx, steps[i], RC_DB_VALUES(RC_DB_TEXT(id)), err);
	return status;
}

enum rc_status rc_fleet__adopt(struct rc_db_tx *tx, const struct rc_fleet_nod *nod, struct rc_error *err)
{
	struct rc_fleet_kiosk kiosk;
	char id[RC_ID_CHARS + 1], key[KEY_CHARS];
	enum rc_status status;

	rc_id_format(&nod->kiosk, id);
	alarm_key(id, key);
	status = rc_db_one(tx, &rc_sql_fleet_unknown_kiosk, RC_DB_VALUES(RC_DB_TEXT(id)),
			   ignore_row, NULL, err);
	if (status != RC_OK)
		return status == RC_ENOTFOUND ? RC_OK : status;
	status = rc_fleet_find_in(tx, &nod->kiosk, &kiosk, err);
	if (status == RC_ENOTFOUND)
		status = enter_kiosk(tx, id, nod->room, err);
	else if (status == RC_OK && strcmp(kiosk.state, "revoked") == 0)
		status = rc_fail(err, RC_ECONFLICT, "kiosk %s is revoked: it must enrol again", id);
	if (status == RC_OK)
		status = move_certificates(tx, id, err);
	if (status == RC_OK)
		status = rc_db_exec(tx, &rc_sql_fleet_unknown_alarm_settle,
				    RC_DB_VALUES(RC_DB_TEXT(key), RC_DB_INT(nod->now_ms)), err);
	return status;
}
