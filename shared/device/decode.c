/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the device listener's messages. Each decoder fills a value of its own and hands it over at the end. The structs hold
 * whole PEM texts, so the larger ones are filled in place behind the caller's back only after everything was read.
 */
#include "shared/device/device_priv.h"
#include "shared/json/json.h"

#define ENROL_MAX_BYTES (64u * 1024u)
#define SMALL_MAX_BYTES 8192u
#define DEPTH_MAX       8u

static enum rc_status get_epoch(const struct rc_json_value *object, const char *key,
				uint64_t *epoch, struct rc_error *err)
{
	uint8_t bytes[8];
	enum rc_status status = rc_json_get_hex(object, key, bytes, sizeof(bytes), err);

	if (status != RC_OK)
		return status;
	*epoch = 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		*epoch = *epoch << 8 | bytes[i];
	return RC_OK;
}

static enum rc_status get_exactly(const struct rc_json_value *object, const char *key, uint8_t *out,
				  size_t size, struct rc_error *err)
{
	size_t decoded = 0;
	enum rc_status status = rc_json_get_base64url(object, key, out, size, &decoded, err);

	if (status == RC_OK && decoded != size)
		return rc_fail(err, RC_EFORMAT, "%s isn't %zu bytes", key, size);
	return status;
}

/* Every answer says whose it is before anything else is believed. */
static enum rc_status get_answer(const struct rc_json_value *root, uint64_t *server_epoch,
				 struct rc_error *err)
{
	int64_t version;
	enum rc_status status = rc_json_get_int(root, "rollcall", 1, 1, &version, err);

	return status == RC_OK ? get_epoch(root, "server_epoch", server_epoch, err) : status;
}

enum rc_status rc_device_enrol_request_decode(struct rc_bytes json,
					      struct rc_device_enrol_request *request,
					      struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *document = NULL;
	struct rc_device_enrol_request read = {.kiosk = {.octets = {0}}};
	enum rc_status status = rc_json_parse_within(json, ENROL_MAX_BYTES, DEPTH_MAX, &document, err);

	if (status == RC_OK)
		status = get_exactly(rc_json_root(document), "code", read.code, sizeof(read.code), err);
	if (status == RC_OK)
		status = rc_json_get_text(rc_json_root(document), "csr", read.csr_pem,
					  sizeof(read.csr_pem), err);
	if (status == RC_OK)
		status = rc_json_get_id_optional(rc_json_root(document), "kiosk", &read.kiosk, err);
	if (status == RC_OK)
		*request = read;
	rc_wipe(&read, sizeof(read));
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "enrolment request");
}

enum rc_status rc_device_renew_request_decode(struct rc_bytes json,
					      struct rc_device_renew_request *request,
					      struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *document = NULL;
	struct rc_device_renew_request read;
	enum rc_status status = rc_json_parse_within(json, ENROL_MAX_BYTES, DEPTH_MAX, &document, err);

	if (status == RC_OK)
		status = rc_json_get_text(rc_json_root(document), "csr", read.csr_pem,
					  sizeof(read.csr_pem), err);
	if (status != RC_OK)
		return rc_error_in(err, status, "renewal request");
	*request = read;
	return RC_OK;
}

static enum rc_status get_cas(const struct rc_json_value *root,
			      struct rc_device_enrol_answer *answer, struct rc_error *err)
{
	const struct rc_json_value *cas;
	enum rc_status status = rc_json_get_array(root, "cas", &cas, err);

	if (status != RC_OK)
		return status;
	answer->ca_count = rc_json_count(cas);
	if (answer->ca_count == 0 || answer->ca_count > RC_DEVICE_CAS_MAX)
		return rc_fail(err, RC_EFORMAT, "%zu CAs", answer->ca_count);
	for (size_t i = 0; i < answer->ca_count; i++) {
		struct rc_bytes pem = rc_json_text(rc_json_at(cas, i));

		if (pem.size == 0 ||
		    !rc_bytes_copy_text(pem, answer->ca_pem[i], sizeof(answer->ca_pem[i])))
			return rc_fail(err, RC_EFORMAT,
				       "CA %zu isn't a text of a certificate's length", i);
	}
	return RC_OK;
}

static enum rc_status read_enrol_answer(const struct rc_json_value *root,
					struct rc_device_enrol_answer *answer, struct rc_error *err)
{
	enum rc_status status = get_answer(root, &answer->server_epoch, err);

	if (status == RC_OK)
		status = rc_json_get_id(root, "kiosk", &answer->kiosk, err);
	if (status == RC_OK)
		status = rc_json_get_text(root, "certificate", answer->certificate_pem,
					  sizeof(answer->certificate_pem), err);
	if (status == RC_OK)
		status = get_cas(root, answer, err);
	if (status == RC_OK)
		status = rc_json_get_id(root, "organisation", &answer->organisation, err);
	if (status == RC_OK)
		status = rc_json_get_text(root, "site", answer->site, sizeof(answer->site), err);
	if (status == RC_OK)
		status = rc_json_get_id(root, "room", &answer->room, err);
	if (status == RC_OK)
		status = rc_json_get_time(root, "time", &answer->time_ms, err);
	return status;
}

enum rc_status rc_device_enrol_answer_decode(struct rc_bytes json, struct rc_device_enrol_answer *answer,
					     struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *document = NULL;
	struct rc_device_enrol_answer read; /* 40 KiB: enrolment happens once, on a thread with a whole stack */
	enum rc_status status = rc_json_parse_within(json, ENROL_MAX_BYTES, DEPTH_MAX, &document, err);

	if (status == RC_OK)
		status = read_enrol_answer(rc_json_root(document), &read, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "enrolment answer");
	*answer = read;
	return RC_OK;
}

static enum rc_status get_state(const struct rc_json_value *root, enum rc_device_state *state,
				struct rc_error *err)
{
	char name[16];
	enum rc_status status = rc_json_get_text(root, "state", name, sizeof(name), err);

	if (status != RC_OK)
		return status;
	for (size_t i = 0; i < RC_DEVICE__STATES; i++) {
		if (strcmp(name, rc_device__state_names[i]) == 0) {
			*state = (enum rc_device_state)i;
			return RC_OK;
		}
	}
	return rc_fail(err, RC_EFORMAT, "state %s isn't known", name);
}

static enum rc_status read_mark(const struct rc_json_value *root, struct rc_device_mark *mark,
				struct rc_error *err)
{
	struct rc_device_mark read;
	enum rc_status status = get_answer(root, &read.server_epoch, err);

	if (status == RC_OK)
		status = get_epoch(root, "epoch", &read.epoch, err);
	if (status == RC_OK)
		status = rc_json_get_int(root, "through", 0, RC_FACT_INTEGER_MAX, &read.through, err);
	if (status == RC_OK)
		status = rc_json_get_hex(root, "hash", read.hash, sizeof(read.hash), err);
	if (status == RC_OK)
		status = get_state(root, &read.state, err);
	if (status == RC_OK)
		status = rc_json_get_time(root, "time", &read.time_ms, err);
	if (status == RC_OK)
		*mark = read;
	return status;
}

enum rc_status rc_device_mark_decode(struct rc_bytes json, struct rc_device_mark *mark,
				     struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *document = NULL;
	enum rc_status status = rc_json_parse_within(json, SMALL_MAX_BYTES, DEPTH_MAX, &document, err);

	if (status == RC_OK)
		status = read_mark(rc_json_root(document), mark, err);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "mark");
}

static enum rc_status read_header(const struct rc_json_value *h,
				  struct rc_device_upload_header *header, struct rc_error *err)
{
	struct rc_device_upload_header read = {.is_branch = false};
	enum rc_status status = rc_json_get_id(h, "kiosk", &read.kiosk, err);

	if (status == RC_OK)
		status = get_epoch(h, "epoch", &read.epoch, err);
	if (status == RC_OK)
		status = rc_json_get_int(h, "from", 1, RC_FACT_INTEGER_MAX, &read.from, err);
	if (status == RC_OK)
		status = rc_json_get_int(h, "count", 0, RC_FACT_INTEGER_MAX, &read.count, err);
	if (status == RC_OK)
		status = rc_json_get_bool_optional(h, "branch", &read.is_branch, err);
	if (status == RC_OK)
		status = rc_json_get_id(h, "boot", &read.boot, err);
	if (status == RC_OK)
		status = rc_json_get_int(h, "up_ms", 0, RC_FACT_INTEGER_MAX, &read.up_ms, err);
	if (status == RC_OK)
		status = rc_json_get_time(h, "at", &read.at_ms, err);
	if (status == RC_OK)
		*header = read;
	return status;
}

enum rc_status rc_device_upload_header_decode(struct rc_bytes line, struct rc_device_upload_header *header,
					      struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *document = NULL;
	const struct rc_json_value *h = NULL;
	enum rc_status status;

	if (rc_device__read_plain_header(line, header))
		return RC_OK;
	status = rc_json_parse_within(line, SMALL_MAX_BYTES, DEPTH_MAX, &document, err);
	if (status == RC_OK)
		status = rc_json_get_object(rc_json_root(document), "h", &h, err);
	if (status == RC_OK)
		status = read_header(h, header, err);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "upload header");
}

static enum rc_status read_lost(const struct rc_json_value *object, struct rc_device_lost *lost,
				struct rc_error *err)
{
	struct rc_device_lost read;
	enum rc_status status = rc_json_get_int(object, "from", 1, RC_FACT_INTEGER_MAX, &read.from, err);

	if (status == RC_OK)
		status = rc_json_get_int(object, "to", read.from, RC_FACT_INTEGER_MAX, &read.to, err);
	if (status == RC_OK)
		status = rc_json_get_text(object, "reason", read.reason, sizeof(read.reason), err);
	if (status == RC_OK)
		*lost = read;
	return status;
}

static enum rc_status read_signature(const struct rc_json_value *object,
				     struct rc_device_signature *signature, struct rc_error *err)
{
	struct rc_device_signature read;
	enum rc_status status = get_epoch(object, "epoch", &read.epoch, err);

	if (status == RC_OK)
		status = rc_json_get_int(object, "seq", 1, RC_FACT_INTEGER_MAX, &read.seq, err);
	if (status == RC_OK)
		status = rc_json_get_hex(object, "hash", read.hash, sizeof(read.hash), err);
	if (status == RC_OK)
		status = get_exactly(object, "rs", read.rs, sizeof(read.rs), err);
	if (status == RC_OK)
		*signature = read;
	return status;
}

enum rc_status rc_device_trailer_decode(struct rc_bytes line, enum rc_device_trailer *which,
					struct rc_device_lost *lost,
					struct rc_device_signature *signature, struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *document = NULL;
	enum rc_status status = rc_json_parse_within(line, SMALL_MAX_BYTES, DEPTH_MAX, &document, err);
	enum rc_device_trailer read = RC_DEVICE_TRAILER_UNKNOWN;
	const struct rc_json_value *object = NULL;

	if (status == RC_OK && rc_json_find(rc_json_root(document), "lost")) {
		read = RC_DEVICE_TRAILER_LOST;
		status = rc_json_get_object(rc_json_root(document), "lost", &object, err);
		if (status == RC_OK)
			status = read_lost(object, lost, err);
	} else if (status == RC_OK && rc_json_find(rc_json_root(document), "sig")) {
		read = RC_DEVICE_TRAILER_SIGNATURE;
		status = rc_json_get_object(rc_json_root(document), "sig", &object, err);
		if (status == RC_OK)
			status = read_signature(object, signature, err);
	}
	if (status != RC_OK)
		return rc_error_in(err, status, "line behind the facts");
	*which = read;
	return RC_OK;
}

enum rc_status rc_device_problem_decode(struct rc_bytes json, char *code, size_t code_size,
					struct rc_device_mark *mark, bool *has_mark, struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *document = NULL;
	enum rc_status status = rc_json_parse_within(json, SMALL_MAX_BYTES, DEPTH_MAX, &document, err);

	if (status == RC_OK)
		status = rc_json_get_text(rc_json_root(document), "code", code, code_size, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "problem");
	*has_mark = rc_json_has(rc_json_root(document), "rollcall");
	return *has_mark ? read_mark(rc_json_root(document), mark, err) : RC_OK;
}
