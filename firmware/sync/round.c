/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One round with the server: a certificate that is old is renewed, the server's mark is asked for, facts go up, changes come down.
 */
#include "firmware/sync/renew.h"
#include "firmware/sync/sync_priv.h"

#include "shared/base/log.h"
#include "shared/base/random.h"
#include "shared/crypto/pem.h"

#define RENEW_AGAIN_MS                                                                             \
	(3 * RC_HOUR_MS) /* months are left: there is no hurry, and a server that can't sign now may be asked by many */

/* ---- connection and stores ---- */

static bool is_stopping(void *context)
{
	return rc_sync__is_stopping(context);
}

static enum rc_status connect_server(struct rc_sync_session *session, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf key, certificate;
	struct rc_transport_config config = {
	    .url = session->identity.url,
	    .ca_pem = rc_buf_bytes(&session->identity.ca_pem),
	    .now_ms = session->config->certificate_now_ms,
	    .now_context = session->config->context,
	    .is_stopping = is_stopping,
	    .stop_context = session->sync,
	};
	enum rc_status status;

	rc_buf_init(&key, RC_KEY_PEM_MAX_BYTES);
	rc_buf_init(&certificate, RC_PEM_MAX_BYTES);
	status = rc_key_save_pem(session->identity.key, &key, err);
	if (status == RC_OK)
		status = rc_pem_encode(RC_PEM_CERTIFICATE,
				       rc_buf_bytes(&session->identity.certificate_der),
				       &certificate, err);
	if (status == RC_OK) {
		config.key_pem = rc_buf_bytes(&key);
		config.certificate_pem = rc_buf_bytes(&certificate);
		status = rc_transport_new(&config, &session->transport, err);
	}
	if (key.size > 0)
		rc_wipe(key.data, key.size);
	return status;
}

/* The journal is made by the daemon, the roster by us; both may come later than the thread. */
static enum rc_status open_stores(struct rc_sync_session *session, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	if (!session->roster)
		status = rc_roster_writer_open(session->config->roster_folder, &session->roster, err);
	if (status == RC_OK && !session->journal)
		status = rc_journal_reader_open(session->config->journal_folder, &session->journal, err);
	if (status == RC_OK && !session->transport)
		status = connect_server(session, err);
	return status;
}

static void disconnect(struct rc_sync_session *session)
{
	if (rc_transport_is_holding(session->transport)) {
		rc_transport_let_go(session->transport);
		rc_buf_deinit(&session->held.pending);
		rc_transport_response_deinit(&session->held_response);
	}
	rc_transport_free(session->transport);
	session->transport = NULL;
}

void rc_sync__use_identity(struct rc_sync_session *session, struct rc_identity *identity)
{
	disconnect(session);
	rc_identity_deinit(&session->identity);
	session->identity = *identity;
	session->has_identity = true;
	session->is_revoked = false;
	session->told_up_ms = 0;
	session->renew_up_ms = 0;
}

void rc_sync__end_session(struct rc_sync_session *session)
{
	disconnect(session);
	rc_journal_reader_close(session->journal);
	rc_roster_writer_close(session->roster);
	rc_identity_deinit(&session->identity);
}

/* ---- renewal ---- */

static enum rc_status open_round(struct rc_sync_session *session, struct rc_sync_round *round,
				 struct rc_error *err)
{
	enum rc_status status = open_stores(session, err);

	*round = (struct rc_sync_round){
	    .session = session,
	    .sync = session->sync,
	    .identity = &session->identity,
	    .clock = session->config->clock,
	    .transport = session->transport,
	    .journal = session->journal,
	    .roster = session->roster,
	};
	return status;
}

static enum rc_status renew(struct rc_sync_session *session, struct rc_sync_round *round,
			    struct rc_error *err)
{
	struct rc_sync_report report = {.kind = RC_SYNC_RENEWED};
	struct rc_identity renewed;
	enum rc_status status = rc_renew(round, session->config->identity_folder, &renewed, err);

	if (status != RC_OK)
		return status;
	rc_sync__use_identity(session, &renewed);
	rc_log(RC_LOG_NOTICE, "the certificate is renewed", "server", session->identity.url, NULL);
	rc_sync__report(session->sync, &report);
	return open_round(session, round, err);
}

/* Renews where it is time. When it fails the round goes on: one that has ended, and not only by our clock, is renewed by ask_mark. */
static enum rc_status renew_if_due(struct rc_sync_session *session, struct rc_sync_round *round,
				   struct rc_error *err)
{
	const int64_t now_ms = session->config->certificate_now_ms(session->config->context);
	const int64_t up_ms = rc_clock_up_ms(round->clock);
	struct rc_error why;

	if (session->is_revoked || up_ms < session->renew_up_ms ||
	    !rc_renewal_is_due(&session->identity, now_ms))
		return RC_OK;
	if (renew(session, round, &why) == RC_OK)
		return RC_OK;
	rc_log_failure("the certificate could not be renewed; it is tried again", &why);
	session->renew_up_ms = up_ms + RENEW_AGAIN_MS + rc_random_below(RENEW_AGAIN_MS);
	round->retry_after_ms = 0;
	return round->transport ? RC_OK : open_round(session, round, err);
}

/* ---- facts up, changes down ---- */

static void become_revoked(struct rc_sync_session *session)
{
	struct rc_sync_report report = {.kind = RC_SYNC_REVOKED};
	struct rc_error err;

	if (session->is_revoked)
		return;
	if (rc_roster_empty(session->roster, &err) != RC_OK) {
		rc_log_failure("the roster of a revoked kiosk can't be emptied", &err);
		return; /* again with the next round */
	}
	session->is_revoked = true;
	rc_log(RC_LOG_WARNING, "this kiosk was revoked: its roster is emptied", NULL);
	rc_sync__report(session->sync, &report);
}

/* True while a mark that isn't ours waits for a new epoch. Once that has begun the same mark is old news: what we have of the
 * epoch we left goes up as a branch. */
static bool must_begin_epoch(const struct rc_sync_session *session,
			     const struct rc_device_mark *mark, uint64_t current)
{
	bool is_asked = session->has_asked && session->asked_for.epoch == mark->epoch &&
			session->asked_for.through == mark->through &&
			memcmp(session->asked_for.hash, mark->hash, sizeof(mark->hash)) == 0;

	return !is_asked || session->asked_in == current;
}

static void ask_for_epoch(struct rc_sync_session *session, const struct rc_device_mark *mark,
			  uint64_t current)
{
	struct rc_sync_report report = {.kind = RC_SYNC_EPOCH_NEEDED,
					.epoch_needed = {.reason = "behind"}};

	if (session->has_asked && session->asked_in == current)
		return; /* the daemon is at it */
	session->has_asked = true;
	session->asked_for = *mark;
	session->asked_in = current;
	rc_log(RC_LOG_WARNING, "the server knows another history of this kiosk: a new epoch begins", NULL);
	rc_sync__report(session->sync, &report);
}

/* Facts up, unless a new epoch must begin first. */
static enum rc_status send_facts(struct rc_sync_round *round, const struct rc_device_mark *mark,
				 struct rc_error *err)
{
	bool is_ours = false;
	uint64_t current = 0;
	enum rc_status status = rc_sync__is_mark_ours(round, mark, &is_ours, &current, err);

	if (status != RC_OK)
		return status;
	if (!is_ours && must_begin_epoch(round->session, mark, current)) {
		ask_for_epoch(round->session, mark, current);
		return RC_OK;
	}
	return rc_sync__upload(round, mark, err);
}

/* The mark; a certificate that the server calls too old is renewed first, whatever our clock says of it. */
static enum rc_status ask_mark(struct rc_sync_round *round, struct rc_device_mark *mark,
			       struct rc_error *err)
{
	enum rc_status status = rc_sync__mark(round, mark, err);

	if (status != RC_EDENIED)
		return status;
	status = renew(round->session, round, err);
	return status == RC_OK ? rc_sync__mark(round, mark, err) : status;
}

static enum rc_status bring_changes(struct rc_sync_round *round, struct rc_error *err)
{
	struct rc_sync_report changed = {.kind = RC_SYNC_ROSTER_CHANGED};
	bool has_changed = false;
	enum rc_status status;

	if (rc_transport_is_holding(round->transport))
		return RC_OK; /* they come by themselves */
	status = rc_sync__changes(round, &has_changed, err);
	if (has_changed)
		rc_sync__report(round->sync, &changed);
	return status;
}

/*
 * A server that lacks what it had acknowledged is shown our cursor before anything else: it may see from it that it is an older copy of
 * itself, and what we send again would make its log of changes as long as it was. The mark is then asked for anew, because the server's
 * epoch may be another.
 */
static enum rc_status show_cursor_first(struct rc_sync_round *round, struct rc_device_mark *mark,
					struct rc_error *err)
{
	bool is_behind = false;
	enum rc_status status = rc_sync__is_mark_behind(round, mark, &is_behind, err);

	if (status != RC_OK || !is_behind || mark->state != RC_DEVICE_CURRENT)
		return status;
	rc_status_ignore(bring_changes(round, NULL)); /* facts go up whether it gives changes or not */
	return rc_sync__mark(round, mark, err);
}

static enum rc_status play(struct rc_sync_round *round, struct rc_error *err)
{
	struct rc_sync_session *session = round->session;
	struct rc_device_mark mark;
	int64_t retry_after_ms;
	enum rc_status changes_status, status = renew_if_due(session, round, err);

	if (status == RC_OK)
		status = ask_mark(round, &mark, err);
	if (status == RC_OK)
		status = show_cursor_first(round, &mark, err);
	if (status != RC_OK)
		return status;
	status = send_facts(round, &mark, err);
	if (mark.state == RC_DEVICE_REVOKED) {
		become_revoked(session);
		return status;
	}
	session->is_revoked = false;
	/* Facts that the server doesn't take must not keep a revocation of a badge from coming down. */
	retry_after_ms = round->retry_after_ms;
	changes_status = bring_changes(round, status == RC_OK ? err : NULL);
	if (changes_status == RC_EDENIED && mark.state == RC_DEVICE_QUARANTINED)
		changes_status =
		    RC_OK; /* a restored server that doesn't know us: facts go up, and for the rest an operator must nod */
	if (round->retry_after_ms < retry_after_ms)
		round->retry_after_ms = retry_after_ms;
	return status == RC_OK ? changes_status : status;
}

static enum rc_sync_trouble trouble_of(const struct rc_sync_session *session, enum rc_status status)
{
	enum rc_sync_trouble trouble =
	    session->transport ? rc_transport_trouble(session->transport) : RC_SYNC_TROUBLE_NONE;

	if (status == RC_OK)
		return RC_SYNC_TROUBLE_NONE;
	if (status == RC_EDENIED)
		return RC_SYNC_TROUBLE_CERTIFICATE;
	return trouble == RC_SYNC_TROUBLE_NONE ? RC_SYNC_TROUBLE_REFUSED : trouble;
}

enum rc_status rc_sync__round(struct rc_sync_session *session, int64_t *retry_after_ms,
			      struct rc_error *err)
{
	struct rc_sync_round round;
	enum rc_status status = open_round(session, &round, err);

	if (status == RC_OK)
		status = play(&round, err);
	*retry_after_ms = round.retry_after_ms;
	session->trouble = trouble_of(session, status);
	return status;
}
