/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_INGEST_UPLOAD_H
#define RC_INGEST_UPLOAD_H
/*
 * The bytes of one upload, cut and read once: header, fact lines each at its place, trailers. Pure, and done before the writer
 * is asked for, so that reading costs nobody else's time. One allocation an upload, none a fact.
 */
#include "server/ingest/times.h"
#include "shared/device/device.h"

#define RC_INGEST_TRAILERS_MAX 16u /* one loss and one signature are usual */

/* One line where a fact should be. What can't be read, or names another place than its own, has a reason and is kept as bytes. */
struct rc_ingest__line {
	int64_t seq;
	struct rc_bytes bytes; /* without the line feed; borrowed from the body */
	const char *unread;    /* NULL: `fact` is good; else why it is kept as bytes */
	struct rc_fact fact;
	uint8_t hash[RC_FACT_HASH_BYTES]; /* the fact's identity; of an unread line what its envelope seems to be, or zeros */
};

#define RC_INGEST_TYPED_MAX_BYTES 64u

/* A staff number that was typed instead of showing a badge. */
struct rc_ingest__claim {
	int64_t seq;
	char number[RC_INGEST_TYPED_MAX_BYTES + 1]; /* as typed; "" if it can't be read */
};

struct rc_ingest__upload {
	struct rc_device_upload_header header;
	char epoch[RC_FACT_EPOCH_CHARS + 1]; /* of the header, as text */
	struct rc_ingest__line *lines;       /* owned; header.count of them */
	struct rc_ingest__times *times;      /* owned; one a line, filled by the caller */
	struct rc_ingest__claim *claims; /* owned; by seq, filled by the caller where there are any */
	size_t claim_count;
	struct rc_device_lost *lost; /* owned, as the next; few uploads have either */
	size_t lost_count;
	struct rc_device_signature *signatures;
	size_t signature_count;
	int64_t odd_trailers; /* lines behind the facts that nobody here understands */
};

/*
 * Reads a body. RC_EFORMAT: no header, or fewer lines than it announces; RC_ELIMIT: over the limits of an upload; RC_ENOMEM. Free
 * with rc_ingest__upload_deinit, whatever came of it.
 */
RC_CHECKED enum rc_status rc_ingest__upload_read(struct rc_bytes body, struct rc_ingest__upload *upload,
						 struct rc_error *err);
void rc_ingest__upload_deinit(struct rc_ingest__upload *upload);

#endif
