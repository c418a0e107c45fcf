/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line's number is its place: line i is seq from + i whatever it holds. So one bad line never shifts the others, and a kiosk
 * whose disk flipped a bit is still acknowledged up to its end.
 */
#include "server/ingest/upload.h"

#include <stdlib.h>

/* The next line without its line feed; the last may lack one. False at the end. */
static bool take_line(struct rc_bytes *rest, struct rc_bytes *line)
{
	const uint8_t *feed;

	if (rest->size == 0)
		return false;
	feed = memchr(rest->data, '\n', rest->size);
	line->data = rest->data;
	line->size = feed ? (size_t)(feed - rest->data) : rest->size;
	rest->data += line->size + (feed ? 1 : 0);
	rest->size -= line->size + (feed ? 1 : 0);
	return true;
}

static size_t find(struct rc_bytes bytes, const char *text)
{
	const uint8_t *at = memmem(bytes.data, bytes.size, text, strlen(text));

	return at ? (size_t)(at - bytes.data) : SIZE_MAX;
}

/*
 * What the kiosk takes for the identity of a line that we can't read: the hash of its envelope as our own writer sets it. So the
 * mark over such a line is still one that the kiosk holds, and it need not begin a new epoch for a flipped bit in a body.
 */
static void guess_identity(struct rc_bytes line, uint8_t hash[RC_FACT_HASH_BYTES])
{
	const char head[] = "{\"e\":";
	const size_t begin = sizeof(head) - 1;
	const size_t end = find(line, "},\"s\":\"");

	memset(hash, 0, RC_FACT_HASH_BYTES);
	if (end == SIZE_MAX || end < begin || memcmp(line.data, head, begin) != 0)
		return;
	rc_fact_hash_envelope(rc_bytes_of(line.data + begin, end + 1 - begin), hash);
}

static const char *wrong_place(const struct rc_fact_place *place, int64_t seq,
			       const struct rc_device_upload_header *header)
{
	if (!rc_id_equal(&place->kiosk, &header->kiosk))
		return "other_kiosk";
	if (place->epoch != header->epoch)
		return "other_epoch";
	return place->seq == seq ? NULL : "other_seq";
}

static void read_fact(const struct rc_device_upload_header *header, struct rc_ingest__line *line)
{
	const enum rc_fact_fault fault = rc_fact_read(line->bytes, &line->fact);

	if (fault != RC_FACT_FINE)
		line->unread = rc_fact_fault_name(fault);
	else
		line->unread = wrong_place(&line->fact.envelope.place, line->seq, header);
	if (line->unread)
		guess_identity(line->bytes, line->hash);
	else
		memcpy(line->hash, line->fact.hash, sizeof(line->hash));
}

static enum rc_status read_header(struct rc_bytes *rest, struct rc_ingest__upload *upload,
				  struct rc_error *err)
{
	struct rc_bytes line;
	enum rc_status status;

	if (!take_line(rest, &line))
		return rc_fail(err, RC_EFORMAT, "the upload is empty");
	status = rc_device_upload_header_decode(line, &upload->header, err);
	if (status != RC_OK)
		return status == RC_ENOMEM ? status : RC_EFORMAT;
	if (upload->header.count > (int64_t)RC_DEVICE_UPLOAD_LINES_MAX)
		return rc_fail(err, RC_ELIMIT, "more than %u lines", RC_DEVICE_UPLOAD_LINES_MAX);
	if (upload->header.from > RC_FACT_INTEGER_MAX - upload->header.count)
		return rc_fail(err, RC_EFORMAT, "the header's numbers run over");
	rc_fact_epoch_format(upload->header.epoch, upload->epoch);
	return RC_OK;
}

static enum rc_status read_lines(struct rc_bytes *rest, struct rc_ingest__upload *upload,
				 struct rc_error *err)
{
	const size_t count = (size_t)upload->header.count;

	upload->lines = calloc(count ? count : 1, sizeof(*upload->lines));
	upload->times = calloc(count ? count : 1, sizeof(*upload->times));
	if (!upload->lines || !upload->times)
		return rc_fail(err, RC_ENOMEM, "no memory for %zu lines", count);
	for (size_t i = 0; i < count; i++) {
		struct rc_ingest__line *line = &upload->lines[i];

		if (!take_line(rest, &line->bytes))
			return rc_fail(err, RC_EFORMAT, "%zu lines are announced, %zu are there",
				       count, i);
		line->seq = upload->header.from + (int64_t)i;
		read_fact(&upload->header, line);
	}
	return RC_OK;
}

static void read_trailer(struct rc_bytes line, struct rc_ingest__upload *upload)
{
	enum rc_device_trailer which = RC_DEVICE_TRAILER_UNKNOWN;
	struct rc_device_lost *lost = &upload->lost[upload->lost_count];
	struct rc_device_signature *signature = &upload->signatures[upload->signature_count];

	if (rc_device_trailer_decode(line, &which, lost, signature, NULL) != RC_OK)
		which = RC_DEVICE_TRAILER_UNKNOWN;
	if (which == RC_DEVICE_TRAILER_LOST)
		upload->lost_count++;
	else if (which == RC_DEVICE_TRAILER_SIGNATURE)
		upload->signature_count++;
	else
		upload->odd_trailers++;
}

/* Room for as many as there may be, of either kind. */
static enum rc_status expect_trailers(struct rc_ingest__upload *upload, struct rc_error *err)
{
	upload->lost = calloc(RC_INGEST_TRAILERS_MAX, sizeof(*upload->lost));
	upload->signatures = calloc(RC_INGEST_TRAILERS_MAX, sizeof(*upload->signatures));
	return upload->lost && upload->signatures ? RC_OK
						  : rc_fail(err, RC_ENOMEM, "no memory for trailers");
}

static enum rc_status read_trailers(struct rc_bytes rest, struct rc_ingest__upload *upload,
				    struct rc_error *err)
{
	struct rc_bytes line;
	enum rc_status status = rest.size > 0 ? expect_trailers(upload, err) : RC_OK;

	if (status != RC_OK)
		return status;
	for (size_t i = 0; take_line(&rest, &line); i++) {
		if (i == RC_INGEST_TRAILERS_MAX)
			return rc_fail(err, RC_ELIMIT, "more than %u lines behind the facts",
				       RC_INGEST_TRAILERS_MAX);
		read_trailer(line, upload);
	}
	return RC_OK;
}

enum rc_status rc_ingest__upload_read(struct rc_bytes body, struct rc_ingest__upload *upload,
				      struct rc_error *err)
{
	enum rc_status status;

	memset(upload, 0, sizeof(*upload));
	if (body.size > RC_DEVICE_UPLOAD_PLAIN_MAX_BYTES)
		return rc_fail(err, RC_ELIMIT, "more than %u bytes", RC_DEVICE_UPLOAD_PLAIN_MAX_BYTES);
	status = read_header(&body, upload, err);
	if (status == RC_OK)
		status = read_lines(&body, upload, err);
	if (status == RC_OK)
		status = read_trailers(body, upload, err);
	return status;
}

void rc_ingest__upload_deinit(struct rc_ingest__upload *upload)
{
	free(upload->lines);
	free(upload->times);
	free(upload->claims);
	free(upload->lost);
	free(upload->signatures);
	upload->lines = NULL;
	upload->times = NULL;
	upload->lost = NULL;
	upload->signatures = NULL;
	upload->lost_count = upload->signature_count = 0;
	upload->claims = NULL;
	upload->claim_count = 0;
}
