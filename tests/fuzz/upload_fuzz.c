/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uploads as a kiosk's certificate may send them: every line has its number and lies within the body, a line is good and at its
 * place or has a reason, and no clock reading brings the bounds of its time out of order.
 */
#include "server/ingest/ingest.h"
#include "server/ingest/upload.h"

#include <stdlib.h>

#define NOW INT64_C(1795500000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const struct rc_ingest__upload *upload, int64_t i, const uint8_t *data, size_t size)
{
	const struct rc_ingest__line *line = &upload->lines[i];

	if (line->seq != upload->header.from + i || line->bytes.data < data ||
	    line->bytes.data + line->bytes.size > data + size)
		abort();
	if (!line->unread && (line->fact.envelope.place.seq != line->seq ||
			      line->fact.envelope.place.epoch != upload->header.epoch))
		abort();
}

static struct rc_ingest__times time_of(const struct rc_ingest__upload *upload, int64_t i)
{
	const struct rc_ingest__anchor anchor = {.up_ms = upload->header.up_ms, .at_ms = NOW};

	if (upload->lines[i].unread)
		return (struct rc_ingest__times){.latest_ms = NOW, .is_open = true};
	return rc_ingest__times_of(&upload->lines[i].fact.envelope, i % 2 ? &anchor : NULL, NOW);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rc_ingest__upload upload;

	if (rc_ingest__upload_read(rc_bytes_of(data, size), &upload, NULL) == RC_OK) {
		for (int64_t i = 0; i < upload.header.count; i++) {
			check_line(&upload, i, data, size);
			upload.times[i] = time_of(&upload, i);
		}
		rc_ingest__times_close(upload.times, (size_t)upload.header.count, 0, NOW);
		for (int64_t i = 0; i < upload.header.count; i++) {
			if (upload.times[i].earliest_ms > upload.times[i].latest_ms ||
			    upload.times[i].earliest_ms > upload.times[i].best_ms ||
			    upload.times[i].best_ms > upload.times[i].latest_ms)
				abort();
		}
	}
	rc_ingest__upload_deinit(&upload);
	return 0;
}
