/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest is written in one way only: what is read is compared, byte by byte, with what we would write of it. */
#include "server/backup/backup_priv.h"
#include "server/backup_sql/statements.h"
#include "server/db/db.h"
#include "shared/base/encode.h"
#include "shared/facts/fact.h"
#include "shared/json/json.h"

#include <stdio.h>

#define NUMBER_MAX (INT64_C(1) << 53)

/* ---- out of a database ---- */

static enum rc_status take_count(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	struct rc_backup_counts *counts = context;
	struct rc_backup_count *item;

	if (counts->count == RC_BACKUP_COUNTS_MAX)
		return rc_fail(err, RC_EFORMAT, "more than %u counts", RC_BACKUP_COUNTS_MAX);
	item = &counts->items[counts->count++];
	rc_db_row_copy_text(row, 0, item->name, sizeof(item->name));
	item->n = rc_db_row_int(row, 1);
	return RC_OK;
}

struct value {
	char *to;
	size_t size;
};

static enum rc_status take_value(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct value *value = context;

	(void)err;
	rc_db_row_copy_text(row, 0, value->to, value->size);
	return RC_OK;
}

static enum rc_status get_state(struct rc_db_tx *tx, const char *key, char *to, size_t size,
				struct rc_error *err)
{
	struct value value = {to, size};

	return rc_db_one(tx, &rc_sql_backup_state, RC_DB_VALUES(RC_DB_TEXT(key)), take_value,
			 &value, err);
}

static enum rc_status read_identity(struct rc_db_tx *tx, struct rc_backup_manifest *manifest,
				    struct rc_error *err)
{
	char id[RC_ID_CHARS + 1], epoch[RC_FACT_EPOCH_CHARS + 1], fingerprint[RC_HEX_CHARS(32u) + 1];
	enum rc_status status = get_state(tx, "organisation.id", id, sizeof(id), err);

	if (status == RC_OK)
		status = get_state(tx, "organisation.name", manifest->organisation_name,
				   sizeof(manifest->organisation_name), err);
	if (status == RC_OK)
		status = get_state(tx, "server.epoch", epoch, sizeof(epoch), err);
	if (status == RC_OK)
		status = get_state(tx, "secrets.fingerprint", fingerprint, sizeof(fingerprint), err);
	if (status != RC_OK)
		return status == RC_ENOTFOUND ? rc_fail(err, RC_EFORMAT, "the database is no server's")
					      : status;
	if (rc_id_parse(rc_bytes_of_text(id), &manifest->organisation) != RC_OK ||
	    rc_fact_epoch_parse(rc_bytes_of_text(epoch), &manifest->server_epoch) != RC_OK ||
	    rc_hex_decode(rc_bytes_of_text(fingerprint), manifest->fingerprint,
			  sizeof(manifest->fingerprint)) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "the database says of no server which it is");
	return RC_OK;
}

static enum rc_status gather(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct rc_backup_manifest *manifest = arg;
	enum rc_status status = read_identity(tx, manifest, err);

	manifest->rows.count = manifest->heads.count = 0;
	if (status == RC_OK)
		status =
		    rc_db_one_int(tx, &rc_sql_backup_schema, RC_DB_NO_VALUES, &manifest->schema, err);
	if (status == RC_OK)
		status = rc_db_query(tx, &rc_sql_backup_rows, RC_DB_NO_VALUES, take_count,
				     &manifest->rows, err);
	if (status == RC_OK)
		status = rc_db_query(tx, &rc_sql_backup_heads, RC_DB_NO_VALUES, take_count,
				     &manifest->heads, err);
	return status;
}

enum rc_status rc_backup__manifest_gather(const char *path, struct rc_backup_manifest *manifest,
					  struct rc_error *err)
{
	char url[RC_BACKUP_PATH_MAX_BYTES];
	enum rc_status status = rc_backup__path(url, "sqlite:", path, err);

	return status == RC_OK ? rc_db_examine(url, gather, manifest, err) : status;
}

/* ---- as JSON ---- */

static void encode_counts(const struct rc_backup_counts *counts, const char *key, struct rc_buf *json)
{
	rc_json_append_key(json, key);
	rc_json_open(json, '{');
	for (size_t i = 0; i < counts->count; i++)
		rc_json_member_int(json, counts->items[i].name, counts->items[i].n);
	rc_json_close(json, '}');
}

void rc_backup__manifest_encode(const struct rc_backup_manifest *manifest, struct rc_buf *json)
{
	char epoch[RC_FACT_EPOCH_CHARS + 1];

	rc_fact_epoch_format(manifest->server_epoch, epoch);
	rc_json_open(json, '{');
	rc_json_member_int(json, "rollcall_backup", RC_BACKUP_FORMAT);
	rc_json_member_text(json, "version", manifest->version);
	rc_json_member_time(json, "made", manifest->made_ms);
	rc_json_member_id(json, "organisation", &manifest->organisation);
	rc_json_member_text(json, "organisation_name", manifest->organisation_name);
	rc_json_member_text(json, "server_epoch", epoch);
	rc_json_member_int(json, "schema", manifest->schema);
	rc_json_member_int(json, "database_bytes", manifest->database_bytes);
	rc_json_member_hex(json, "database_sha256", rc_bytes_of(manifest->database_sha256, 32));
	rc_json_member_hex(json, "secrets_fingerprint", rc_bytes_of(manifest->fingerprint, 32));
	rc_json_member_bool(json, "has_secrets", manifest->has_secrets);
	encode_counts(&manifest->rows, "rows", json);
	encode_counts(&manifest->heads, "heads", json);
	rc_json_close(json, '}');
	rc_buf_append_char(json, '\n');
}

static enum rc_status decode_counts(const struct rc_json_value *root, const char *key,
				    struct rc_backup_counts *counts, struct rc_error *err)
{
	const struct rc_json_value *object, *value;
	const char *name = NULL;
	enum rc_status status = rc_json_get_object(root, key, &object, err);

	counts->count = 0;
	while (status == RC_OK && rc_json_next(object, &name, &value)) {
		struct rc_backup_count *item = &counts->items[counts->count];

		if (counts->count == RC_BACKUP_COUNTS_MAX ||
		    !rc_text_copy(name, item->name, sizeof(item->name)))
			return rc_fail(err, RC_ELIMIT, "%s: too much", key);
		status = rc_json_get_int(object, name, 0, NUMBER_MAX, &item->n, err);
		counts->count++;
	}
	return status;
}

static enum rc_status decode_identity(const struct rc_json_value *root,
				      struct rc_backup_manifest *m, struct rc_error *err)
{
	char epoch[RC_FACT_EPOCH_CHARS + 1];
	enum rc_status status = rc_json_get_text(root, "version", m->version, sizeof(m->version), err);

	if (status == RC_OK)
		status = rc_json_get_time(root, "made", &m->made_ms, err);
	if (status == RC_OK)
		status = rc_json_get_id(root, "organisation", &m->organisation, err);
	if (status == RC_OK)
		status = rc_json_get_text(root, "organisation_name", m->organisation_name,
					  sizeof(m->organisation_name), err);
	if (status == RC_OK)
		status = rc_json_get_text(root, "server_epoch", epoch, sizeof(epoch), err);
	if (status == RC_OK && rc_fact_epoch_parse(rc_bytes_of_text(epoch), &m->server_epoch) != RC_OK)
		status = rc_fail(err, RC_EFORMAT, "server_epoch is no epoch");
	return status;
}

static enum rc_status decode(const struct rc_json_value *root, struct rc_backup_manifest *m,
			     struct rc_error *err)
{
	enum rc_status status = decode_identity(root, m, err);

	if (status == RC_OK)
		status = rc_json_get_int(root, "schema", 1, NUMBER_MAX, &m->schema, err);
	if (status == RC_OK)
		status = rc_json_get_int(root, "database_bytes", 1, NUMBER_MAX, &m->database_bytes, err);
	if (status == RC_OK)
		status = rc_json_get_hex(root, "database_sha256", m->database_sha256, 32, err);
	if (status == RC_OK)
		status = rc_json_get_hex(root, "secrets_fingerprint", m->fingerprint, 32, err);
	if (status == RC_OK)
		status = rc_json_get_bool(root, "has_secrets", &m->has_secrets, err);
	if (status == RC_OK)
		status = decode_counts(root, "rows", &m->rows, err);
	return status == RC_OK ? decode_counts(root, "heads", &m->heads, err) : status;
}

enum rc_status rc_backup__manifest_decode(struct rc_bytes bytes,
					  struct rc_backup_manifest *manifest, struct rc_error *err)
{
	RC_AUTO(rc_json_free_p) struct rc_json *json = NULL;
	RC_AUTO(rc_buf_deinit) struct rc_buf ours;
	int64_t format = 0;
	enum rc_status status;

	rc_buf_init(&ours, RC_BACKUP_MANIFEST_MAX_BYTES);
	memset(manifest, 0, sizeof(*manifest));
	status = rc_json_parse(bytes, &json, err);
	if (status == RC_OK)
		status = rc_json_get_int(rc_json_root(json), "rollcall_backup", 1, NUMBER_MAX,
					 &format, err);
	if (status == RC_OK && format > RC_BACKUP_FORMAT)
		return rc_fail(err, RC_ECONFLICT,
			       "it was made by a newer rollcall-server (format %d)", (int)format);
	if (status == RC_OK)
		status = decode(rc_json_root(json), manifest, err);
	if (status != RC_OK)
		return rc_error_in(err, RC_EFORMAT, RC_BACKUP_MANIFEST_FILE);
	rc_backup__manifest_encode(manifest, &ours);
	status = rc_buf_status(&ours, err);
	if (status == RC_OK && !rc_bytes_equal(rc_buf_bytes(&ours), bytes))
		status = rc_fail(err, RC_EFORMAT, "%s isn't as we write it", RC_BACKUP_MANIFEST_FILE);
	return status;
}

void rc_backup__sum_append(struct rc_buf *sums, const uint8_t sha256[RC_SHA256_BYTES], const char *name)
{
	char hex[RC_HEX_CHARS(RC_SHA256_BYTES) + 1];

	rc_hex_encode(rc_bytes_of(sha256, RC_SHA256_BYTES), hex);
	rc_buf_printf(sums, "%s  %s\n", hex, name);
}
