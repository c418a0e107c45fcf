/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the device listener's messages: fixed member order, one object each. */
#include "shared/device/device.h"

#include "shared/device/device_priv.h"
#include "shared/json/write.h"

const char *const rc_device__state_names[RC_DEVICE__STATES] = {
    [RC_DEVICE_CURRENT] = "current",
    [RC_DEVICE_REVOKED] = "revoked",
    [RC_DEVICE_QUARANTINED] = "quarantined",
};

static void put_epoch(struct rc_buf *json, const char *key, uint64_t epoch)
{
	char text[RC_FACT_EPOCH_CHARS + 1];

	rc_fact_epoch_format(epoch, text);
	rc_json_member_text(json, key, text);
}

static void begin_answer(struct rc_buf *json, uint64_t server_epoch)
{
	rc_json_open(json, '{');
	rc_json_member_int(json, "rollcall", 1);
	put_epoch(json, "server_epoch", server_epoch);
}

void rc_device_enrol_request_encode(const struct rc_device_enrol_request *request, struct rc_buf *json)
{
	rc_json_open(json, '{');
	rc_json_member_base64url(json, "code", rc_bytes_of(request->code, sizeof(request->code)));
	rc_json_member_text(json, "csr", request->csr_pem);
	if (!rc_id_is_nil(&request->kiosk))
		rc_json_member_id(json, "kiosk", &request->kiosk);
	rc_json_close(json, '}');
}

void rc_device_renew_request_encode(const struct rc_device_renew_request *request, struct rc_buf *json)
{
	rc_json_open(json, '{');
	rc_json_member_text(json, "csr", request->csr_pem);
	rc_json_close(json, '}');
}

void rc_device_enrol_answer_encode(const struct rc_device_enrol_answer *answer, struct rc_buf *json)
{
	begin_answer(json, answer->server_epoch);
	rc_json_member_id(json, "kiosk", &answer->kiosk);
	rc_json_member_text(json, "certificate", answer->certificate_pem);
	rc_json_append_key(json, "cas");
	rc_json_open(json, '[');
	for (size_t i = 0; i < answer->ca_count; i++)
		rc_json_append_text(json, answer->ca_pem[i]);
	rc_json_close(json, ']');
	rc_json_member_id(json, "organisation", &answer->organisation);
	rc_json_member_text(json, "site", answer->site);
	rc_json_member_id(json, "room", &answer->room);
	rc_json_member_time(json, "time", answer->time_ms);
	rc_json_close(json, '}');
}

void rc_device__put_mark(const struct rc_device_mark *mark, struct rc_buf *json)
{
	rc_json_member_int(json, "rollcall", 1);
	put_epoch(json, "server_epoch", mark->server_epoch);
	put_epoch(json, "epoch", mark->epoch);
	rc_json_member_int(json, "through", mark->through);
	rc_json_member_hex(json, "hash", rc_bytes_of(mark->hash, sizeof(mark->hash)));
	rc_json_member_text(json, "state", rc_device__state_names[mark->state]);
	rc_json_member_time(json, "time", mark->time_ms);
}

void rc_device_mark_encode(const struct rc_device_mark *mark, struct rc_buf *json)
{
	rc_json_open(json, '{');
	rc_device__put_mark(mark, json);
	rc_json_close(json, '}');
}

static void begin_line(struct rc_buf *line, const char *key)
{
	rc_json_open(line, '{');
	rc_json_append_key(line, key);
	rc_json_open(line, '{');
}

static void end_line(struct rc_buf *line)
{
	rc_json_close(line, '}');
	rc_json_close(line, '}');
	rc_buf_append_char(line, '\n');
}

void rc_device_upload_header_encode(const struct rc_device_upload_header *header, struct rc_buf *line)
{
	begin_line(line, "h");
	rc_json_member_id(line, "kiosk", &header->kiosk);
	put_epoch(line, "epoch", header->epoch);
	rc_json_member_int(line, "from", header->from);
	rc_json_member_int(line, "count", header->count);
	rc_json_member_bool(line, "branch", header->is_branch);
	rc_json_member_id(line, "boot", &header->boot);
	rc_json_member_int(line, "up_ms", header->up_ms);
	rc_json_member_time(line, "at", header->at_ms);
	end_line(line);
}

void rc_device_lost_encode(const struct rc_device_lost *lost, struct rc_buf *line)
{
	begin_line(line, "lost");
	rc_json_member_int(line, "from", lost->from);
	rc_json_member_int(line, "to", lost->to);
	rc_json_member_text(line, "reason", lost->reason);
	end_line(line);
}

void rc_device_signature_encode(const struct rc_device_signature *signature, struct rc_buf *line)
{
	begin_line(line, "sig");
	put_epoch(line, "epoch", signature->epoch);
	rc_json_member_int(line, "seq", signature->seq);
	rc_json_member_hex(line, "hash", rc_bytes_of(signature->hash, sizeof(signature->hash)));
	rc_json_member_base64url(line, "rs", rc_bytes_of(signature->rs, sizeof(signature->rs)));
	end_line(line);
}

void rc_device_problem_encode(const struct rc_device_problem *problem, struct rc_buf *json)
{
	rc_json_open(json, '{');
	rc_json_member_text(json, "type", "about:blank");
	rc_json_member_text(json, "title", problem->title);
	rc_json_member_int(json, "status", problem->status);
	rc_json_member_text(json, "code", problem->code);
	if (problem->detail)
		rc_json_member_text(json, "detail", problem->detail);
	if (problem->mark)
		rc_device__put_mark(problem->mark, json);
	rc_json_close(json, '}');
}
