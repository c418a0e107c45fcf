/* SPDX-License-Identifier: Apache-2.0 */
/* A handful of rows, each a key and a text. */
#include "server/cli/state.h"

#include "server/cli_sql/statements.h"
#include "server/db/db.h"
#include "shared/facts/fact.h"

#define KEY_ORGANISATION "organisation.id"
#define KEY_NAME         "organisation.name"
#define KEY_EPOCH        "server.epoch"
#define KEY_FINGERPRINT  "secrets.fingerprint"
#define KEY_DEVICE_URL   "device.url"
#define KEY_PEOPLE_URL   "people.url"

static enum rc_status put(struct rc_db_tx *tx, const char *key, const char *value, struct rc_error *err)
{
	return rc_db_exec(tx, &rc_sql_cli_state_put,
			  RC_DB_VALUES(RC_DB_TEXT(key), RC_DB_TEXT(value)), err);
}

static enum rc_status create(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct rc_cli_state *state = arg;
	char organisation[RC_ID_CHARS + 1], epoch[RC_FACT_EPOCH_CHARS + 1];
	const char *const rows[][2] = {
	    {KEY_ORGANISATION, organisation},
	    {KEY_NAME, state->organisation_name},
	    {KEY_EPOCH, epoch},
	    {KEY_FINGERPRINT, state->fingerprint},
	    {KEY_DEVICE_URL, state->device_url},
	    {KEY_PEOPLE_URL, state->people_url},
	};
	enum rc_status status = RC_OK;

	rc_id_format(&state->organisation, organisation);
	rc_fact_epoch_format(state->epoch, epoch);
	for (size_t i = 0; status == RC_OK && i < sizeof(rows) / sizeof(rows[0]); i++)
		status = put(tx, rows[i][0], rows[i][1], err);
	return status;
}

enum rc_status rc_cli_state_create(struct rc_db *db, const struct rc_cli_state *state,
				   struct rc_error *err)
{
	struct rc_cli_state copy = *state;

	return rc_db_write(db, create, &copy, err);
}

/* Where a value goes. */
struct field {
	char *to;
	size_t size;
};

static enum rc_status copy_value(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	const struct field *field = context;

	(void)err;
	rc_db_row_copy_text(row, 0, field->to, field->size);
	return RC_OK;
}

static enum rc_status get(struct rc_db_tx *tx, const char *key, char *to, size_t size,
			  struct rc_error *err)
{
	struct field field = {to, size};

	return rc_db_one(tx, &rc_sql_cli_state_get, RC_DB_VALUES(RC_DB_TEXT(key)), copy_value,
			 &field, err);
}

static enum rc_status load(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct rc_cli_state *state = arg;
	char organisation[RC_ID_CHARS + 1], epoch[RC_FACT_EPOCH_CHARS + 1];
	const struct {
		const char *key;
		char *to;
		size_t size;
	} fields[] = {
	    {KEY_ORGANISATION, organisation, sizeof(organisation)},
	    {KEY_NAME, state->organisation_name, sizeof(state->organisation_name)},
	    {KEY_EPOCH, epoch, sizeof(epoch)},
	    {KEY_FINGERPRINT, state->fingerprint, sizeof(state->fingerprint)},
	    {KEY_DEVICE_URL, state->device_url, sizeof(state->device_url)},
	    {KEY_PEOPLE_URL, state->people_url, sizeof(state->people_url)},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		enum rc_status status = get(tx, fields[i].key, fields[i].to, fields[i].size, err);

		if (status != RC_OK)
			return status;
	}
	if (rc_id_parse(rc_bytes_of_text(organisation), &state->organisation) != RC_OK ||
	    rc_fact_epoch_parse(rc_bytes_of_text(epoch), &state->epoch) != RC_OK)
		return rc_fail(err, RC_EFORMAT, "server_state holds no organisation or epoch");
	return RC_OK;
}

enum rc_status rc_cli_state_load(struct rc_db *db, struct rc_cli_state *state, struct rc_error *err)
{
	struct rc_cli_state loaded;
	enum rc_status status = rc_db_read(db, load, &loaded, err);

	if (status == RC_OK)
		*state = loaded;
	return status;
}
