/* SPDX-License-Identifier: Apache-2.0 */
/* The register: what a certificate is worth, the list, shutting out, and what kiosks say of themselves. */
#include "server/fleet/fleet.h"

#include "server/audit/audit.h"
#include "server/fleet/fleet_priv.h"
#include "server/fleet_sql/statements.h"
#include "shared/crypto/certificate.h"
#include "shared/crypto/hash.h"

#define SEEN_EVERY_MS RC_MINUTE_MS

struct classification {
	char serial[RC_HEX_CHARS(RC_CERTIFICATE_SERIAL_MAX_BYTES) + 1];
	const struct rc_fleet_shown *shown;
	int64_t now_ms;
	struct rc_fleet_peer peer;
};

static enum rc_fleet_class class_of(struct rc_bytes certificate_state, struct rc_bytes kiosk_state,
				    int64_t not_after_ms, int64_t now_ms)
{
	/* A certificate whose place another device has taken is worth no more than a revoked one. */
	if (!rc_bytes_is_text(certificate_state, "current") ||
	    rc_bytes_is_text(kiosk_state, "revoked"))
		return RC_FLEET_REVOKED;
	if (now_ms <= not_after_ms)
		return RC_FLEET_CURRENT;
	return now_ms <= not_after_ms + RC_FLEET_GRACE_MS ? RC_FLEET_GRACE : RC_FLEET_STRANGER;
}

static enum rc_status read_certificate(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct classification *c = context;
	uint8_t sha256[RC_SHA256_BYTES];

	rc_sha256(rc_db_row_bytes(row, 0), sha256);
	if (!rc_bytes_equal(rc_bytes_of(sha256, sizeof(sha256)),
			    rc_bytes_of(c->shown->sha256, sizeof(sha256))))
		return RC_OK; /* a serial of ours on a certificate that isn't */
	if (rc_id_parse(rc_db_row_text(row, 3), &c->peer.kiosk) != RC_OK ||
	    rc_id_parse(rc_db_row_text(row, 6), &c->peer.room) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "the register of kiosks is damaged");
	rc_db_row_copy_text(row, 5, c->peer.site, sizeof(c->peer.site));
	(void)rc_text_copy(c->serial, c->peer.serial, sizeof(c->peer.serial)); /* all of ours are of that length */
	c->peer.class =
	    class_of(rc_db_row_text(row, 2), rc_db_row_text(row, 4), rc_db_row_int(row, 1), c->now_ms);
	return RC_OK;
}

static enum rc_status read_place(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct classification *c = context;

	if (!rc_bytes_is_text(rc_db_row_text(row, 0), "revoked"))
		return RC_OK;
	rc_db_row_copy_text(row, 1, c->peer.site, sizeof(c->peer.site));
	if (rc_id_parse(rc_db_row_text(row, 2), &c->peer.room) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "the register of kiosks is damaged");
	c->peer.class = RC_FLEET_REVOKED;
	return RC_OK;
}

/* A serial that isn't in the register. A kiosk that was shut out before the backup stays so, whatever certificate it got since. */
static enum rc_status classify_unknown(struct rc_db_tx *tx, struct classification *c, struct rc_error *err)
{
	char id[RC_ID_CHARS + 1];
	enum rc_status status;

	if (c->now_ms > c->shown->not_after_ms || strlen(c->serial) != RC_FLEET_SERIAL_CHARS ||
	    rc_id_parse(rc_bytes_of_text(c->shown->name), &c->peer.kiosk) != RC_OK)
		return RC_OK;
	(void)rc_text_copy(c->serial, c->peer.serial, sizeof(c->peer.serial));
	c->peer.class = RC_FLEET_UNKNOWN;
	rc_id_format(&c->peer.kiosk, id);
	status =
	    rc_db_one(tx, &rc_sql_fleet_kiosk_place, RC_DB_VALUES(RC_DB_TEXT(id)), read_place, c, err);
	return status == RC_ENOTFOUND ? RC_OK : status;
}

static enum rc_status classify(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct classification *c = arg;
	enum rc_status status;

	memset(&c->peer, 0, sizeof(c->peer));
	c->peer.class = RC_FLEET_STRANGER;
	status = rc_db_one(tx, &rc_sql_fleet_certificate_by_serial,
			   RC_DB_VALUES(RC_DB_TEXT(c->serial)), read_certificate, c, err);
	return status == RC_ENOTFOUND ? classify_unknown(tx, c, err) : status;
}

enum rc_status rc_fleet_classify(struct rc_db *db, const struct rc_fleet_shown *shown,
				 int64_t now_ms, struct rc_fleet_peer *peer, struct rc_error *err)
{
	struct classification c = {.shown = shown, .now_ms = now_ms, .peer = {.class = RC_FLEET_STRANGER}};
	enum rc_status status = RC_OK;

	if (shown->serial.size <= RC_CERTIFICATE_SERIAL_MAX_BYTES) {
		rc_hex_encode(shown->serial, c.serial);
		status = rc_db_read(db, classify, &c, err);
	}
	if (status == RC_OK)
		*peer = c.peer;
	return status;
}

struct listing {
	enum rc_status (*found)(void *context, const struct rc_fleet_kiosk *kiosk, struct rc_error *err);
	void *context;
};

static enum rc_status take_kiosk(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_fleet_kiosk *kiosk = context;

	if (rc_id_parse(rc_db_row_text(row, 0), &kiosk->id) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "the register of kiosks is damaged");
	rc_db_row_copy_text(row, 1, kiosk->room, sizeof(kiosk->room));
	rc_db_row_copy_text(row, 2, kiosk->state, sizeof(kiosk->state));
	kiosk->enrolled_ms = rc_db_row_int(row, 3);
	kiosk->last_seen_ms = rc_db_row_int(row, 4);
	kiosk->certificate_until_ms = rc_db_row_int(row, 5);
	kiosk->status_ms = rc_db_row_int(row, 7);
	/* A kiosk of another version may say things we take for something else: that hides its status and nothing more. */
	if (rc_device_status_decode(rc_db_row_text(row, 6), &kiosk->status, NULL) != RC_OK) {
		rc_device_status_init(&kiosk->status);
		kiosk->status_ms = 0;
	}
	return RC_OK;
}

static enum rc_status read_kiosk(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct listing *listing = context;
	struct rc_fleet_kiosk kiosk;
	const enum rc_status status = take_kiosk(row, &kiosk, err);

	return status == RC_OK ? listing->found(listing->context, &kiosk, err) : status;
}

static enum rc_status list(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_query(tx, &rc_sql_fleet_list, RC_DB_NO_VALUES, read_kiosk, arg, err);
}

enum rc_status rc_fleet_list(struct rc_db *db,
			     enum rc_status (*found)(void *context, const struct rc_fleet_kiosk *kiosk,
						     struct rc_error *err),
			     void *context, struct rc_error *err)
{
	struct listing listing = {.found = found, .context = context};

	return rc_db_read(db, list, &listing, err);
}

enum rc_status rc_fleet_find_in(struct rc_db_tx *tx, const struct rc_id *id,
				struct rc_fleet_kiosk *kiosk, struct rc_error *err)
{
	char text[RC_ID_CHARS + 1];

	rc_id_format(id, text);
	return rc_db_one(tx, &rc_sql_fleet_one, RC_DB_VALUES(RC_DB_TEXT(text)), take_kiosk, kiosk, err);
}

struct search {
	const struct rc_id *id;
	struct rc_fleet_kiosk *kiosk;
};

static enum rc_status search(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct search *search = arg;

	return rc_fleet_find_in(tx, search->id, search->kiosk, err);
}

enum rc_status rc_fleet_find(struct rc_db *db, const struct rc_id *id, struct rc_fleet_kiosk *kiosk,
			     struct rc_error *err)
{
	struct search wanted = {id, kiosk};

	return rc_db_read(db, search, &wanted, err);
}

struct revocation {
	char kiosk[RC_ID_CHARS + 1];
	const char *actor;
	int64_t now_ms;
};

static enum rc_status shut_out(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct revocation *r = arg;
	int64_t changed = 0;
	enum rc_status status = rc_db_exec_counted(tx, &rc_sql_fleet_kiosk_revoke,
						   RC_DB_VALUES(RC_DB_TEXT(r->kiosk)), &changed, err);

	if (status == RC_OK && changed == 0)
		return rc_fail(err, RC_ENOTFOUND, "no kiosk %s", r->kiosk);
	if (status == RC_OK)
		status = rc_db_exec(tx, &rc_sql_fleet_certificates_revoke,
				    RC_DB_VALUES(RC_DB_TEXT(r->kiosk)), err);
	if (status == RC_OK)
		status = rc_audit_write(tx,
					&(struct rc_audit){.actor = r->actor,
							   .action = "kiosk.revoked",
							   .entity = "kiosk",
							   .id = r->kiosk,
							   .detail = "{}"},
					r->now_ms, err);
	return status;
}

enum rc_status rc_fleet_revoke(struct rc_db *db, const struct rc_id *kiosk, const char *actor,
			       int64_t now_ms, struct rc_error *err)
{
	struct revocation r = {.actor = actor, .now_ms = now_ms};

	rc_id_format(kiosk, r.kiosk);
	return rc_db_write(db, shut_out, &r, err);
}

enum rc_status rc_fleet_revoke_in(struct rc_db_tx *tx, const struct rc_id *kiosk, const char *actor,
				  int64_t now_ms, struct rc_error *err)
{
	struct revocation r = {.actor = actor, .now_ms = now_ms};

	rc_id_format(kiosk, r.kiosk);
	return shut_out(tx, &r, err);
}

struct sighting {
	char kiosk[RC_ID_CHARS + 1];
	struct rc_bytes document; /* of a status; empty for a mere sighting */
	int64_t now_ms;
};

static enum rc_status see(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct sighting *s = arg;
	enum rc_status status = RC_OK;

	if (s->document.size > 0)
		status = rc_db_exec(tx, &rc_sql_fleet_status_put,
				    RC_DB_VALUES(RC_DB_TEXT(s->kiosk), RC_DB_TEXT_BYTES(s->document),
						 RC_DB_INT(s->now_ms)),
				    err);
	if (status != RC_OK)
		return status;
	return rc_db_exec(tx, &rc_sql_fleet_seen,
			  RC_DB_VALUES(RC_DB_TEXT(s->kiosk), RC_DB_INT(s->now_ms),
				       RC_DB_INT(s->now_ms - SEEN_EVERY_MS)),
			  err);
}

enum rc_status rc_fleet_status_put(struct rc_db *db, const struct rc_id *kiosk,
				   struct rc_bytes document, int64_t now_ms, struct rc_error *err)
{
	struct sighting s = {.document = document, .now_ms = now_ms};

	rc_id_format(kiosk, s.kiosk);
	return rc_db_write(db, see, &s, err);
}

enum rc_status rc_fleet_seen(struct rc_db *db, const struct rc_id *kiosk, int64_t now_ms,
			     struct rc_error *err)
{
	return rc_fleet_status_put(db, kiosk, rc_bytes_of(NULL, 0), now_ms, err);
}
