/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/identity/pending.h"

#include "shared/file/file.h"
#include "shared/json/json.h"
#include "shared/json/write.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define FILE_MAX_BYTES 4096u

static enum rc_status path_of(const char *folder, char path[PATH_MAX], struct rc_error *err)
{
	if (snprintf(path, PATH_MAX, "%s.pending", folder) >= PATH_MAX)
		return rc_fail(err, RC_EUSAGE, "path %s is too long", folder);
	return RC_OK;
}

static enum rc_status read_key(struct rc_bytes text, const uint8_t purpose[RC_PENDING_PURPOSE_BYTES],
			       struct rc_key **key, struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	uint8_t kept_for[RC_PENDING_PURPOSE_BYTES];
	char pem[RC_KEY_PEM_MAX_BYTES + 1];
	enum rc_status status = rc_json_parse(text, &json, err);

	if (status == RC_OK)
		status = rc_json_get_hex(rc_json_root(json), "for", kept_for, sizeof(kept_for), err);
	if (status == RC_OK && memcmp(kept_for, purpose, sizeof(kept_for)) != 0)
		return rc_fail(err, RC_ENOTFOUND, "the key that waits is for something else");
	if (status == RC_OK)
		status = rc_json_get_text(rc_json_root(json), "key", pem, sizeof(pem), err);
	if (status == RC_OK)
		status = rc_key_load_pem(rc_bytes_of_text(pem), key, err);
	rc_wipe(pem, sizeof(pem));
	return status;
}

static enum rc_status load(const char *path, const uint8_t purpose[RC_PENDING_PURPOSE_BYTES],
			   struct rc_key **key, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	enum rc_status status;

	rc_buf_init(&text, FILE_MAX_BYTES);
	status = rc_file_read_secret(AT_FDCWD, path, &text, err);
	if (status == RC_OK)
		status = read_key(rc_buf_bytes(&text), purpose, key, err);
	if (text.size > 0)
		rc_wipe(text.data, text.size);
	return status;
}

static enum rc_status save(const char *path, const uint8_t purpose[RC_PENDING_PURPOSE_BYTES],
			   struct rc_key *key, struct rc_error *err)
{
	uint8_t memory[FILE_MAX_BYTES]; /* no copy of the key is left behind by growing */
	RC_AUTO(rc_buf_deinit) struct rc_buf pem;
	struct rc_buf json;
	enum rc_status status;

	rc_buf_init(&pem, RC_KEY_PEM_MAX_BYTES);
	rc_buf_init_fixed(&json, memory, sizeof(memory));
	status = rc_key_save_pem(key, &pem, err);
	if (status == RC_OK) {
		rc_json_open(&json, '{');
		rc_json_member_hex(&json, "for", rc_bytes_of(purpose, RC_PENDING_PURPOSE_BYTES));
		rc_json_member_text(&json, "key", rc_buf_text(&pem));
		rc_json_close(&json, '}');
		status = rc_buf_status(&json, err);
	}
	if (status == RC_OK)
		status = rc_file_replace(AT_FDCWD, path, 0600, rc_buf_bytes(&json), err);
	if (pem.size > 0)
		rc_wipe(pem.data, pem.size);
	rc_wipe(memory, sizeof(memory));
	return status;
}

enum rc_status rc_pending_key(const char *folder, const uint8_t purpose[RC_PENDING_PURPOSE_BYTES],
			      struct rc_key **key, struct rc_error *err)
{
	char path[PATH_MAX];
	struct rc_key *made = NULL;
	enum rc_status status = path_of(folder, path, err);

	if (status != RC_OK)
		return status;
	/* Whatever is wrong with what waits there: a new key costs one certificate more and nothing else. */
	if (load(path, purpose, &made, NULL) != RC_OK) {
		status = rc_key_new(&made, err);
		if (status == RC_OK)
			status = save(path, purpose, made, err);
	}
	if (status != RC_OK) {
		rc_key_free(made);
		return rc_error_in(err, status, "the key that waits for its certificate");
	}
	*key = made;
	return RC_OK;
}

void rc_pending_drop(const char *folder)
{
	char path[PATH_MAX];

	if (path_of(folder, path, NULL) == RC_OK)
		(void)unlink(path);
}
