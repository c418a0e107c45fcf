/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts up. A run begins with the server's mark; what it names must be ours, or the server knows another history of this kiosk
 * than we do (a restored card, a clone), and a new epoch begins. Then the epochs that still have something to send go, oldest
 * first, in pieces; an epoch we have left is sent as a branch.
 *
 * Only a 200 with our server's epoch is an acknowledgement. A piece the server has taken partly (409) is answered with its mark,
 * and the run goes on from there.
 */
#include "firmware/sync/sync_priv.h"

#include "shared/base/log.h"
#include "shared/compress/gzip.h"

#include <inttypes.h>
#include <stdio.h>

#define EPOCHS_MAX 256u
#define PIECE_MAX_BYTES                                                                            \
	(1024u * 1024u) /* of lines: well below the server's limits, and short enough for a slow line */
#define SIGN_EVERY_MS RC_MINUTE_MS
#define CONFLICTS_MAX 3 /* a server that answers 409 again and again isn't listening */

static enum rc_status read_mark(struct rc_sync_round *round, const struct rc_transport_response *response,
				struct rc_device_mark *mark, struct rc_error *err)
{
	char code[64] = "";
	bool has_mark;
	enum rc_status status;

	if (response->status == 403 &&
	    rc_device_problem_decode(rc_buf_bytes(&response->body), code, sizeof(code), mark,
				     &has_mark, NULL) == RC_OK &&
	    strcmp(code, RC_DEVICE_PROBLEM_CERTIFICATE) == 0)
		return rc_fail(err, RC_EDENIED, "mark: our certificate isn't taken");
	if (response->status != 200 || strcmp(response->content_type, "application/json") != 0)
		return rc_fail(err, RC_ENET, "mark: status %d, %s", response->status,
			       response->content_type);
	status = rc_device_mark_decode(rc_buf_bytes(&response->body), mark, err);
	if (status == RC_OK) {
		round->server_epoch = mark->server_epoch;
		rc_sync__report_time(round, mark->time_ms, response);
	}
	return status;
}

static bool is_refused(const struct rc_transport_response *response)
{
	return response->status >= 400 && response->status < 500 && response->status != 429;
}

enum rc_status rc_sync__mark(struct rc_sync_round *round, struct rc_device_mark *mark,
			     struct rc_error *err)
{
	const struct rc_transport_request question = {.method = "GET", .path = "/v1/kiosk/mark"};
	struct rc_transport_request telling = {
	    .method = "PUT", .path = "/v1/kiosk/status", .content_type = "application/json"};
	struct rc_transport_response response;
	RC_AUTO(rc_buf_deinit) struct rc_buf json;
	bool has_status;
	enum rc_status status;

	rc_buf_init(&json, RC_DEVICE_STATUS_MAX_BYTES);
	rc_transport_response_init(&response);
	has_status = rc_sync__status(round, &json);
	telling.body = rc_buf_bytes(&json);
	status =
	    rc_transport_exchange(round->transport, has_status ? &telling : &question, &response, err);
	/* One that is shut out may say nothing of itself, and a server of before may not read it: neither keeps the facts here. */
	if (status == RC_OK && has_status && is_refused(&response))
		status = rc_transport_exchange(round->transport, &question, &response, err);
	round->retry_after_ms = status == RC_OK ? response.retry_after_ms : 0;
	if (status == RC_OK)
		status = read_mark(round, &response, mark, err);
	rc_transport_response_deinit(&response);
	return status;
}

static bool is_zero(const uint8_t hash[RC_FACT_HASH_BYTES])
{
	static const uint8_t zeros[RC_FACT_HASH_BYTES];

	return memcmp(hash, zeros, sizeof(zeros)) == 0;
}

static bool is_at(const struct rc_journal_mark *ours, const struct rc_device_mark *mark)
{
	return ours->seq > 0 && ours->epoch == mark->epoch && ours->seq == mark->through &&
	       memcmp(ours->hash, mark->hash, sizeof(ours->hash)) == 0;
}

/* The last one acknowledged or pruned is known for good. A server that was told of a lost range has no hash for its end. */
static bool is_remembered(const struct rc_device_mark *mark, const struct rc_journal_mark *acknowledged,
			  const struct rc_journal_mark *pruned)
{
	return mark->epoch == 0 || mark->through == 0 || is_at(acknowledged, mark) ||
	       is_at(pruned, mark) ||
	       (is_zero(mark->hash) && pruned->epoch == mark->epoch && mark->through <= pruned->seq);
}

static enum rc_status current_epoch(struct rc_sync_round *round, uint64_t *current, struct rc_error *err)
{
	struct rc_journal_epoch epochs[EPOCHS_MAX];
	size_t count = 0;
	enum rc_status status =
	    rc_journal_reader_all_epochs(round->journal, epochs, EPOCHS_MAX, &count, err);

	for (size_t i = 0; i < count; i++) {
		if (epochs[i].is_current)
			*current = epochs[i].epoch;
	}
	return status;
}

enum rc_status rc_sync__is_mark_ours(struct rc_sync_round *round, const struct rc_device_mark *mark,
				     bool *is_ours, uint64_t *current, struct rc_error *err)
{
	struct rc_journal_mark acknowledged, pruned;
	uint8_t hash[RC_FACT_HASH_BYTES];
	enum rc_status status = current_epoch(round, current, err);

	if (status == RC_OK)
		status = rc_journal_reader_acknowledged(round->journal, &acknowledged, err);
	if (status == RC_OK)
		status = rc_journal_reader_pruned(round->journal, &pruned, err);
	if (status != RC_OK)
		return status;
	*is_ours = is_remembered(mark, &acknowledged, &pruned);
	if (*is_ours)
		return RC_OK;
	status = rc_journal_hash_at(round->journal, mark->epoch, mark->through, hash, err);
	*is_ours = status == RC_OK && memcmp(hash, mark->hash, sizeof(hash)) == 0;
	return status == RC_ENOTFOUND ? RC_OK : status;
}

enum rc_status rc_sync__is_mark_behind(struct rc_sync_round *round, const struct rc_device_mark *mark,
				       bool *is_behind, struct rc_error *err)
{
	struct rc_journal_mark acknowledged;
	enum rc_status status = rc_journal_reader_acknowledged(round->journal, &acknowledged, err);

	if (status == RC_OK)
		*is_behind = acknowledged.seq > 0 &&
			     (mark->epoch != acknowledged.epoch || mark->through < acknowledged.seq);
	return status;
}

static void begin_header(const struct rc_sync_round *round, const struct rc_journal_epoch *epoch,
			 int64_t from, int64_t count, struct rc_buf *plain)
{
	struct rc_clock_reading now = rc_clock_read(round->clock);
	struct rc_device_upload_header header = {
	    .kiosk = round->identity->kiosk,
	    .epoch = epoch->epoch,
	    .from = from,
	    .count = count,
	    .is_branch = !epoch->is_current,
	    .boot = now.boot,
	    .up_ms = now.up_ms,
	    .at_ms = now.at_ms,
	};

	rc_device_upload_header_encode(&header, plain);
}

/* Sends one body. RC_OK: `*mark` is the acknowledgement; RC_ECONFLICT: `*mark` says what the server wants. */
static enum rc_status send(struct rc_sync_round *round, struct rc_bytes plain,
			   struct rc_device_mark *mark, struct rc_error *err)
{
	struct rc_transport_request request = {.method = "POST",
					       .path = "/v1/kiosk/facts",
					       .content_type = "application/x-ndjson",
					       .is_gzip = true};
	RC_AUTO(rc_buf_deinit) struct rc_buf packed;
	struct rc_transport_response response;
	bool has_mark = false;
	char code[64] = "";
	enum rc_status status;

	rc_buf_init(&packed, RC_DEVICE_UPLOAD_GZIP_MAX_BYTES);
	rc_transport_response_init(&response);
	status = rc_gzip(plain, &packed, err);
	request.body = rc_buf_bytes(&packed);
	if (status == RC_OK)
		status = rc_transport_exchange(round->transport, &request, &response, err);
	round->retry_after_ms = status == RC_OK ? response.retry_after_ms : 0;
	if (status == RC_OK && response.status == 409 &&
	    rc_device_problem_decode(rc_buf_bytes(&response.body), code, sizeof(code), mark,
				     &has_mark, err) == RC_OK &&
	    has_mark)
		status = rc_fail(err, RC_ECONFLICT, "the server wants another piece: %s", code);
	else if (status == RC_OK &&
		 (response.status != 200 || strcmp(response.content_type, "application/json") != 0))
		status = rc_fail(err, RC_ENET, "facts: status %d, %s", response.status,
				 response.content_type);
	else if (status == RC_OK)
		status = rc_device_mark_decode(rc_buf_bytes(&response.body), mark, err);
	if ((status == RC_OK || status == RC_ECONFLICT) && mark->server_epoch != round->server_epoch)
		status = rc_fail(err, RC_ENET,
				 "facts: the answer is of another server epoch than the mark");
	rc_transport_response_deinit(&response);
	return status;
}

static void report_acknowledged(struct rc_sync_round *round, const struct rc_device_mark *mark)
{
	struct rc_sync_report report = {.kind = RC_SYNC_ACKNOWLEDGED};

	report.acknowledged.epoch = mark->epoch;
	report.acknowledged.through = mark->through;
	memcpy(report.acknowledged.hash, mark->hash, sizeof(report.acknowledged.hash));
	rc_sync__report(round->sync, &report);
}

/* True if the mark names a fact that we hold. */
static bool is_held(struct rc_sync_round *round, const struct rc_device_mark *mark)
{
	uint8_t hash[RC_FACT_HASH_BYTES];

	return rc_journal_hash_at(round->journal, mark->epoch, mark->through, hash, NULL) == RC_OK &&
	       memcmp(hash, mark->hash, sizeof(hash)) == 0;
}

/*
 * An acknowledgement names the very fact that was sent last, or one behind it that the server had before. In an epoch that we have left
 * the server may have another history and hold ours beside it, as branches: then its mark is about the other, and what it has acknowledged
 * of ours is what was sent.
 */
static enum rc_status check_acknowledgement(struct rc_sync_round *round,
					    const struct rc_journal_epoch *epoch, int64_t last,
					    struct rc_device_mark *mark, struct rc_error *err)
{
	if (mark->epoch != epoch->epoch || mark->through < last)
		return rc_fail(err, RC_ENET, "facts: acknowledged %" PRId64 " instead of %" PRId64,
			       mark->through, last);
	if (is_held(round, mark))
		return RC_OK;
	if (epoch->is_current)
		return rc_fail(err, RC_ENET, "facts: acknowledged another fact at %" PRId64 " than ours",
			       mark->through);
	mark->through = last;
	return rc_journal_hash_at(round->journal, mark->epoch, last, mark->hash, err);
}

/* The server lacks facts that are gone here: it is told which, so that its mark can pass them and an operator sees them. */
static enum rc_status tell_lost(struct rc_sync_round *round, const struct rc_journal_epoch *epoch,
				int64_t from, struct rc_device_mark *mark, struct rc_error *err)
{
	const struct rc_device_lost lost = {.from = from, .to = epoch->pruned, .reason = "pruned"};
	RC_AUTO(rc_buf_deinit) struct rc_buf plain;
	enum rc_status status;

	rc_buf_init(&plain, PIECE_MAX_BYTES);
	begin_header(round, epoch, from, 0, &plain);
	rc_device_lost_encode(&lost, &plain);
	status = rc_buf_status(&plain, err);
	if (status == RC_OK)
		status = send(round, rc_buf_bytes(&plain), mark, err);
	if (status == RC_OK && (mark->epoch != epoch->epoch || mark->through < lost.to))
		return rc_fail(
		    err, RC_ENET, "facts: the server doesn't pass over what is gone, it stays at %" PRId64,
		    mark->through);
	if (status == RC_OK)
		rc_log(RC_LOG_WARNING, "facts the server lacks are gone here", "reason",
		       lost.reason, NULL);
	return status;
}

/* The device's word for a place, at most once a minute: who has the server's database can't take facts back unseen. A signature that
 * can't be made keeps no fact back. */
static void append_signature(struct rc_sync_round *round, const struct rc_journal_epoch *epoch,
			     int64_t seq, struct rc_buf *plain)
{
	struct rc_device_signature signature = {.epoch = epoch->epoch, .seq = seq};
	int64_t up_ms = rc_clock_up_ms(round->clock);
	uint8_t digest[32];
	struct rc_error err;

	if (round->session->signed_up_ms > 0 && up_ms - round->session->signed_up_ms < SIGN_EVERY_MS)
		return;
	if (rc_journal_hash_at(round->journal, epoch->epoch, seq, signature.hash, &err) != RC_OK) {
		rc_log_failure("no hash to sign", &err);
		return;
	}
	rc_device_signature_digest(&signature, digest);
	if (rc_key_sign(round->identity->key, digest, signature.rs, &err) != RC_OK) {
		rc_log_failure("signing", &err);
		return;
	}
	round->session->signed_up_ms = up_ms;
	rc_device_signature_encode(&signature, plain);
}

/* One piece from `from` on; `*count` is how many facts it held. */
static enum rc_status send_piece(struct rc_sync_round *round, const struct rc_journal_epoch *epoch,
				 int64_t from, size_t *count, struct rc_device_mark *mark,
				 struct rc_error *err)
{
	const struct rc_journal_range range = {.epoch = epoch->epoch,
					       .from = from,
					       .max_lines = RC_DEVICE_UPLOAD_LINES_MAX,
					       .max_bytes = PIECE_MAX_BYTES - RC_FACT_LINE_MAX_BYTES};
	RC_AUTO(rc_buf_deinit) struct rc_buf lines, plain;
	enum rc_status status;

	rc_buf_init(&lines, PIECE_MAX_BYTES);
	rc_buf_init(&plain, PIECE_MAX_BYTES + 1024);
	status = rc_journal_read(round->journal, &range, &lines, count, err);
	if (status != RC_OK || *count == 0)
		return status;
	begin_header(round, epoch, from, (int64_t)*count, &plain);
	rc_buf_append_bytes(&plain, rc_buf_bytes(&lines));
	append_signature(round, epoch, from + (int64_t)*count - 1, &plain);
	status = rc_buf_status(&plain, err);
	if (status == RC_OK)
		status = send(round, rc_buf_bytes(&plain), mark, err);
	if (status == RC_OK)
		status = check_acknowledgement(round, epoch, from + (int64_t)*count - 1, mark, err);
	return status;
}

/* What the server has of an epoch that we have left: an upload without facts is answered with that. */
static enum rc_status ask_about(struct rc_sync_round *round, const struct rc_journal_epoch *epoch,
				struct rc_device_mark *mark, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf plain;
	enum rc_status status;

	rc_buf_init(&plain, PIECE_MAX_BYTES);
	begin_header(round, epoch, 1, 0, &plain);
	status = rc_buf_status(&plain, err);
	if (status == RC_OK)
		status = send(round, rc_buf_bytes(&plain), mark, err);
	if (status == RC_OK && mark->epoch != epoch->epoch)
		status = rc_fail(err, RC_ENET, "facts: the answer is about another epoch");
	return status;
}

/* Where the server's mark says to go on. In an epoch that we have left it may be about another history than ours: then only what the
 * server said before counts, unless it has forgotten that. */
static int64_t first_wanted(const struct rc_journal_epoch *epoch, const struct rc_device_mark *mark)
{
	const bool is_about_it = mark->epoch == epoch->epoch;

	if (epoch->is_current)
		return (is_about_it ? mark->through : 0) + 1;
	return (is_about_it && mark->through < epoch->acknowledged ? mark->through : epoch->acknowledged) +
	       1;
}

/* Everything of one epoch from there on. */
static enum rc_status send_epoch(struct rc_sync_round *round, const struct rc_journal_epoch *epoch,
				 int64_t from, struct rc_device_mark *mark, struct rc_error *err)
{
	int conflicts = 0;

	while (!rc_sync__is_stopping(round->sync)) {
		size_t count = 0;
		enum rc_status status = from <= epoch->pruned
					    ? tell_lost(round, epoch, from, mark, err)
					    : send_piece(round, epoch, from, &count, mark, err);

		if (status == RC_ECONFLICT && mark->epoch == epoch->epoch && ++conflicts < CONFLICTS_MAX) {
			from = mark->through + 1;
			continue;
		}
		if (status != RC_OK)
			return status;
		if (from > epoch->pruned && count == 0)
			return RC_OK;
		if (!is_zero(mark->hash))
			report_acknowledged(round, mark);
		from = mark->through + 1;
	}
	return RC_OK;
}

/* The current epoch is looked at even when all of it was acknowledged: a server restored from a backup may lack its end. */
static bool is_behind(const struct rc_journal_epoch *epoch, const struct rc_device_mark *mark)
{
	if (mark->epoch == epoch->epoch && mark->through < epoch->last)
		return true;
	if (epoch->is_current)
		return mark->epoch != epoch->epoch;
	return epoch->acknowledged < epoch->last;
}

/* The answer to an upload may have got lost, or the daemon may have died before it wrote the answer down: the mark says the same. */
static void take_mark(struct rc_sync_round *round, const struct rc_journal_epoch *epoch,
		      const struct rc_device_mark *mark)
{
	if (mark->epoch == epoch->epoch && mark->through > epoch->acknowledged && is_held(round, mark))
		report_acknowledged(round, mark);
}

/*
 * A server restored from a backup may lack what it had acknowledged of epochs that we have left, and its mark is about one epoch alone. So
 * each of them is asked about where the server may be another than the one we told everything: at the first round, when its epoch is
 * new, and when the mark stands behind what was acknowledged (an older database was put in place without a word).
 */
static bool must_ask_again(const struct rc_sync_round *round, const struct rc_journal_epoch *epochs,
			   size_t count, const struct rc_device_mark *mark)
{
	if (round->session->compared_under != round->server_epoch)
		return true;
	for (size_t i = 0; i < count; i++) {
		if (epochs[i].is_current)
			return mark->epoch != epochs[i].epoch || mark->through < epochs[i].acknowledged;
	}
	return false;
}

/* What the server lacks of an epoch that we have left. Where it has another history there, ours is sent whole: it keeps both.
 * Before what we have pruned nobody can tell: it is told what is gone. */
static enum rc_status send_again(struct rc_sync_round *round, const struct rc_journal_epoch *epoch,
				 struct rc_error *err)
{
	struct rc_device_mark mark;
	int64_t from = 1;
	enum rc_status status = ask_about(round, epoch, &mark, err);

	if (status != RC_OK)
		return status;
	if (mark.through < epoch->pruned || is_held(round, &mark) || mark.through == 0 ||
	    (is_zero(mark.hash) && mark.through <= epoch->pruned))
		from = mark.through + 1;
	else
		from = epoch->pruned + 1;
	take_mark(round, epoch, &mark);
	return from <= epoch->last ? send_epoch(round, epoch, from, &mark, err) : RC_OK;
}

enum rc_status rc_sync__upload(struct rc_sync_round *round, const struct rc_device_mark *mark,
			       struct rc_error *err)
{
	struct rc_journal_epoch epochs[EPOCHS_MAX];
	size_t count = 0;
	enum rc_status status =
	    rc_journal_reader_all_epochs(round->journal, epochs, EPOCHS_MAX, &count, err);
	const bool must_ask = status == RC_OK && must_ask_again(round, epochs, count, mark);

	for (size_t i = 0; status == RC_OK && i < count; i++) {
		struct rc_device_mark moving = *mark;

		take_mark(round, &epochs[i], mark);
		if (must_ask && !epochs[i].is_current)
			status = send_again(round, &epochs[i], err);
		else if (is_behind(&epochs[i], mark))
			status = send_epoch(round, &epochs[i], first_wanted(&epochs[i], mark),
					    &moving, err);
	}
	if (status == RC_OK && !rc_sync__is_stopping(round->sync))
		round->session->compared_under = round->server_epoch;
	return status;
}
