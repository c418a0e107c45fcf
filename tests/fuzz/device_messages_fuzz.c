/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of the device listener: each input is read as every one of them; what is read is written and read again. */
#include "shared/device/device.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_mark(struct rc_bytes json, struct rc_buf *out)
{
	struct rc_device_mark mark, again;

	if (rc_device_mark_decode(json, &mark, NULL) != RC_OK)
		return;
	rc_buf_clear(out);
	rc_device_mark_encode(&mark, out);
	if (rc_device_mark_decode(rc_buf_bytes(out), &again, NULL) != RC_OK ||
	    again.through != mark.through || again.epoch != mark.epoch || again.state != mark.state ||
	    again.time_ms != mark.time_ms || memcmp(again.hash, mark.hash, sizeof(mark.hash)) != 0)
		abort();
}

static void try_header(struct rc_bytes json, struct rc_buf *out)
{
	struct rc_device_upload_header header, again;

	if (rc_device_upload_header_decode(json, &header, NULL) != RC_OK)
		return;
	rc_buf_clear(out);
	rc_device_upload_header_encode(&header, out);
	if (rc_device_upload_header_decode(rc_bytes_of(out->data, out->size - 1), &again, NULL) != RC_OK ||
	    again.from != header.from || again.count != header.count ||
	    again.is_branch != header.is_branch || again.at_ms != header.at_ms)
		abort();
}

static void try_trailer(struct rc_bytes json, struct rc_buf *out)
{
	struct rc_device_lost lost;
	struct rc_device_signature signature;
	enum rc_device_trailer which, again;

	if (rc_device_trailer_decode(json, &which, &lost, &signature, NULL) != RC_OK ||
	    which == RC_DEVICE_TRAILER_UNKNOWN)
		return;
	rc_buf_clear(out);
	if (which == RC_DEVICE_TRAILER_LOST)
		rc_device_lost_encode(&lost, out);
	else
		rc_device_signature_encode(&signature, out);
	if (rc_device_trailer_decode(rc_bytes_of(out->data, out->size - 1), &again, &lost,
				     &signature, NULL) != RC_OK ||
	    again != which)
		abort();
}

static void try_enrolment(struct rc_bytes json, struct rc_buf *out)
{
	static struct rc_device_enrol_request request;
	static struct rc_device_enrol_answer answer;

	rc_buf_clear(out);
	if (rc_device_enrol_request_decode(json, &request, NULL) == RC_OK) {
		rc_device_enrol_request_encode(&request, out);
		if (rc_device_enrol_request_decode(rc_buf_bytes(out), &request, NULL) != RC_OK)
			abort();
	}
	rc_buf_clear(out);
	if (rc_device_enrol_answer_decode(json, &answer, NULL) == RC_OK) {
		rc_device_enrol_answer_encode(&answer, out);
		if (rc_buf_status(out, NULL) != RC_OK)
			abort();
	}
}

static void try_renewal(struct rc_bytes json, struct rc_buf *out)
{
	static struct rc_device_renew_request request;

	if (rc_device_renew_request_decode(json, &request, NULL) != RC_OK)
		return;
	rc_buf_clear(out);
	rc_device_renew_request_encode(&request, out);
	if (rc_device_renew_request_decode(rc_buf_bytes(out), &request, NULL) != RC_OK)
		abort();
}

static void try_status(struct rc_bytes json, struct rc_buf *out)
{
	struct rc_device_status status, again;

	if (rc_device_status_decode(json, &status, NULL) != RC_OK)
		return;
	rc_buf_clear(out);
	rc_device_status_encode(&status, out);
	if (rc_device_status_decode(rc_buf_bytes(out), &again, NULL) != RC_OK ||
	    again.waiting != status.waiting || again.up_ms != status.up_ms ||
	    again.temperature_mc != status.temperature_mc ||
	    strcmp(again.camera, status.camera) != 0 || strcmp(again.version, status.version) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct rc_bytes json = rc_bytes_of(data, size);
	struct rc_device_mark mark;
	char code[64];
	bool has_mark;
	struct rc_buf out;

	rc_buf_init(&out, 1024u * 1024u);
	try_mark(json, &out);
	try_header(json, &out);
	try_trailer(json, &out);
	try_enrolment(json, &out);
	try_renewal(json, &out);
	try_status(json, &out);
	(void)!rc_device_problem_decode(json, code, sizeof(code), &mark, &has_mark, NULL);
	rc_buf_deinit(&out);
	return 0;
}
