/* SPDX-License-Identifier: Apache-2.0 */
/* The status document: everything in it may be missing, because it is about machines that aren't well. */
#include "shared/device/device.h"
#include "shared/json/json.h"
#include "shared/json/write.h"

void rc_device_status_init(struct rc_device_status *status)
{
	*status = (struct rc_device_status){
	    .clock_error_ms = RC_DEVICE_STATUS_UNKNOWN,
	    .waiting = RC_DEVICE_STATUS_UNKNOWN,
	    .disk_free_bytes = RC_DEVICE_STATUS_UNKNOWN,
	    .roster_age_ms = RC_DEVICE_STATUS_UNKNOWN,
	    .screens = RC_DEVICE_STATUS_UNKNOWN,
	    .temperature_mc = RC_DEVICE_STATUS_NO_TEMPERATURE,
	};
}

static void put_text(struct rc_buf *json, const char *key, const char *text)
{
	if (text[0] != '\0')
		rc_json_member_text(json, key, text);
}

static void put_count(struct rc_buf *json, const char *key, int64_t count)
{
	if (count >= 0)
		rc_json_member_int(json, key, count);
}

void rc_device_status_encode(const struct rc_device_status *status, struct rc_buf *json)
{
	rc_json_open(json, '{');
	put_text(json, "version", status->version);
	if (!rc_id_is_nil(&status->boot))
		rc_json_member_id(json, "boot", &status->boot);
	put_count(json, "up_ms", status->up_ms);
	put_text(json, "clock_source", status->clock_source);
	put_count(json, "clock_error_ms", status->clock_error_ms);
	put_count(json, "waiting", status->waiting);
	if (status->oldest_waiting_ms > 0)
		rc_json_member_time(json, "oldest_waiting", status->oldest_waiting_ms);
	put_count(json, "disk_free_bytes", status->disk_free_bytes);
	put_text(json, "roster_cursor", status->roster_cursor);
	put_count(json, "roster_age_ms", status->roster_age_ms);
	put_text(json, "camera", status->camera);
	put_count(json, "screens", status->screens);
	if (status->temperature_mc != RC_DEVICE_STATUS_NO_TEMPERATURE)
		rc_json_member_int(json, "temperature_mc", status->temperature_mc);
	rc_json_close(json, '}');
}

static enum rc_status get_count(const struct rc_json_value *root, const char *key, int64_t *count,
				struct rc_error *err)
{
	return rc_json_get_int_optional(root, key, 0, RC_FACT_INTEGER_MAX, count, err);
}

/* These texts end up in terminals and tables: nothing in them may be an escape. */
static enum rc_status get_word(const struct rc_json_value *root, const char *key, char *text,
			       size_t text_size, struct rc_error *err)
{
	enum rc_status status = rc_json_get_text_optional(root, key, text, text_size, err);

	for (const char *c = text; status == RC_OK && *c; c++) {
		if (*c < ' ' || *c > '~')
			status = rc_fail(err, RC_EFORMAT, "%s isn't plain text", key);
	}
	return status;
}

static enum rc_status read_machine(const struct rc_json_value *root, struct rc_device_status *read,
				   struct rc_error *err)
{
	enum rc_status status = get_word(root, "version", read->version, sizeof(read->version), err);

	if (status == RC_OK)
		status = rc_json_get_id_optional(root, "boot", &read->boot, err);
	if (status == RC_OK)
		status = get_count(root, "up_ms", &read->up_ms, err);
	if (status == RC_OK)
		status = get_word(root, "clock_source", read->clock_source,
				  sizeof(read->clock_source), err);
	if (status == RC_OK)
		status = get_count(root, "clock_error_ms", &read->clock_error_ms, err);
	if (status == RC_OK)
		status = get_count(root, "disk_free_bytes", &read->disk_free_bytes, err);
	if (status == RC_OK)
		status = get_word(root, "camera", read->camera, sizeof(read->camera), err);
	if (status == RC_OK)
		status = get_count(root, "screens", &read->screens, err);
	if (status == RC_OK)
		status =
		    rc_json_get_int_optional(root, "temperature_mc", RC_DEVICE_STATUS_COLDEST_MC,
					     RC_DEVICE_STATUS_HOTTEST_MC, &read->temperature_mc, err);
	return status;
}

static enum rc_status read_sync(const struct rc_json_value *root, struct rc_device_status *read,
				struct rc_error *err)
{
	enum rc_status status = get_count(root, "waiting", &read->waiting, err);

	if (status == RC_OK)
		status =
		    rc_json_get_time_optional(root, "oldest_waiting", &read->oldest_waiting_ms, err);
	if (status == RC_OK)
		status = get_word(root, "roster_cursor", read->roster_cursor,
				  sizeof(read->roster_cursor), err);
	if (status == RC_OK)
		status = get_count(root, "roster_age_ms", &read->roster_age_ms, err);
	return status;
}

enum rc_status rc_device_status_decode(struct rc_bytes json, struct rc_device_status *status,
				       struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *document = NULL;
	struct rc_device_status read;
	enum rc_status result = rc_json_parse_within(json, RC_DEVICE_STATUS_MAX_BYTES,
						     RC_DEVICE_STATUS_MAX_DEPTH, &document, err);

	rc_device_status_init(&read);
	if (result == RC_OK && rc_json_type(rc_json_root(document)) != RC_JSON_OBJECT)
		result = rc_fail(err, RC_EFORMAT, "a status is a JSON object");
	if (result == RC_OK)
		result = read_machine(rc_json_root(document), &read, err);
	if (result == RC_OK)
		result = read_sync(rc_json_root(document), &read, err);
	if (result != RC_OK)
		return rc_error_in(err, result, "status");
	*status = read;
	return RC_OK;
}
