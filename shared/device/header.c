/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An upload's header as our own encoder sets it, byte by byte, without building a tree: where a kiosk sends one fact at a time, a
 * general reader costs the server more than the fact itself. Whatever differs, were it a space, is not for us but for the general
 * reader, which also says what is wrong; the values are read by the same functions there.
 */
#include "shared/base/encode.h"
#include "shared/base/timestamp.h"
#include "shared/device/device_priv.h"

static bool take_text(struct rc_bytes *rest, const char *text)
{
	const size_t size = strlen(text);

	if (rest->size < size || memcmp(rest->data, text, size) != 0)
		return false;
	*rest = rc_bytes_of(rest->data + size, rest->size - size);
	return true;
}

/* So many bytes, whatever they are. */
static bool take_run(struct rc_bytes *rest, size_t size, struct rc_bytes *run)
{
	if (rest->size < size)
		return false;
	*run = rc_bytes_of(rest->data, size);
	*rest = rc_bytes_of(rest->data + size, rest->size - size);
	return true;
}

static bool take_id(struct rc_bytes *rest, const char *before, struct rc_id *id)
{
	struct rc_bytes text;

	return take_text(rest, before) && take_run(rest, RC_ID_CHARS, &text) &&
	       rc_id_parse(text, id) == RC_OK;
}

/* Plain digits without a leading zero. */
static bool take_int(struct rc_bytes *rest, const char *before, int64_t min, int64_t *number)
{
	int64_t value = 0;
	size_t count = 0;

	if (!take_text(rest, before))
		return false;
	while (count < rest->size && rest->data[count] >= '0' && rest->data[count] <= '9' &&
	       value <= RC_FACT_INTEGER_MAX)
		value = value * 10 + (rest->data[count++] - '0');
	if (count == 0 || (rest->data[0] == '0' && count > 1) || value < min || value > RC_FACT_INTEGER_MAX)
		return false;
	*rest = rc_bytes_of(rest->data + count, rest->size - count);
	*number = value;
	return true;
}

static bool take_epoch(struct rc_bytes *rest, uint64_t *epoch)
{
	struct rc_bytes text;

	return take_text(rest, "\",\"epoch\":\"") && take_run(rest, RC_FACT_EPOCH_CHARS, &text) &&
	       rc_fact_epoch_parse(text, epoch) == RC_OK;
}

static bool take_branch(struct rc_bytes *rest, bool *is_branch)
{
	*is_branch = take_text(rest, ",\"branch\":true");
	return *is_branch || take_text(rest, ",\"branch\":false");
}

static bool take_time(struct rc_bytes *rest, int64_t *at_ms)
{
	struct rc_bytes text;

	return take_text(rest, ",\"at\":\"") && take_run(rest, RC_TIMESTAMP_CHARS, &text) &&
	       rc_timestamp_parse(text, at_ms) == RC_OK;
}

bool rc_device__read_plain_header(struct rc_bytes line, struct rc_device_upload_header *header)
{
	struct rc_device_upload_header read;

	if (!take_id(&line, "{\"h\":{\"kiosk\":\"", &read.kiosk) ||
	    !take_epoch(&line, &read.epoch) || !take_int(&line, "\",\"from\":", 1, &read.from) ||
	    !take_int(&line, ",\"count\":", 0, &read.count) ||
	    !take_branch(&line, &read.is_branch) || !take_id(&line, ",\"boot\":\"", &read.boot) ||
	    !take_int(&line, "\",\"up_ms\":", 0, &read.up_ms) || !take_time(&line, &read.at_ms) ||
	    !take_text(&line, "\"}}") || line.size > 0)
		return false;
	*header = read;
	return true;
}
