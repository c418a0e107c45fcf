/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One session of PostgreSQL. Values go and come in its binary format (network byte order), so a number is never text in between.
 *
 * A statement is prepared when it is first used in a session, under a name made of its text: behind a pooler that hands sessions
 * around, a name that somebody else prepared there then means the same. Where a pooler loses names altogether (pgbouncer before
 * 1.21 in transaction mode), the first failure says so, and from then on every statement is sent whole.
 */
#include "server/db/postgres_priv.h"
#include "shared/base/buf.h"
#include "shared/base/cleanup.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 24u

/* Types of columns by their OIDs (pg_type.dat); these never change. */
#define OID_BOOL    16u
#define OID_BYTEA   17u
#define OID_INT8    20u
#define OID_INT2    21u
#define OID_INT4    23u
#define OID_TEXT    25u
#define OID_NAME    19u
#define OID_VARCHAR 1043u
#define OID_UNKNOWN 705u

RC_DEFINE_AUTO(PGresult, PQclear)

/* ---- errors ---- */

static enum rc_db_pg_fault fault_of(const char *state, bool is_writing)
{
	if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0)
		return RC_DB_PG_REPEAT;
	if (strcmp(state, "26000") == 0 || strcmp(state, "42P05") == 0)
		return RC_DB_PG_UNPREPARED;
	/* Class 08, and what a server says that is going down or starting up. */
	if (strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0)
		return RC_DB_PG_LOST;
	/* A standby takes no writes: the one that does must be looked for anew. */
	if (is_writing && (strcmp(state, "25006") == 0 || strcmp(state, "0A000") == 0))
		return RC_DB_PG_LOST;
	return RC_DB_PG_FAILED;
}

static enum rc_status status_of(const char *state)
{
	if (strncmp(state, "23", 2) == 0)
		return RC_ECONFLICT;
	if (strncmp(state, "22", 2) == 0)
		return RC_EFORMAT;
	if (strncmp(state, "53", 2) == 0 || strncmp(state, "58", 2) == 0)
		return RC_EIO;
	if (strncmp(state, "28", 2) == 0 || strncmp(state, "3D", 2) == 0)
		return RC_EUSAGE;
	return RC_EBUG;
}

/* PostgreSQL's message is one line and its end; ours have none. */
static enum rc_status fail_with(struct rc_error *err, enum rc_status status, const char *what,
				const char *message)
{
	return rc_fail(err, status, "%s: %.*s", what, (int)strcspn(message, "\n"), message);
}

/* Notes what a result's failure means for the connection and says it. */
static enum rc_status fail_by(struct rc_db_pg_connection *connection, const PGresult *result,
			      const char *what, struct rc_error *err)
{
	const char *state = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *primary = result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;

	if (state == NULL || PQstatus(connection->handle) != CONNECTION_OK) {
		connection->fault = RC_DB_PG_LOST;
		return fail_with(err, RC_EBUSY, what, PQerrorMessage(connection->handle));
	}
	connection->fault = fault_of(state, connection->is_writing);
	if (strcmp(state, "25006") == 0 && !connection->is_writing)
		return rc_fail(err, RC_EBUG, "%s: writes in a transaction for reading", what);
	if (connection->fault != RC_DB_PG_FAILED)
		return fail_with(err, RC_EBUSY, what, primary != NULL ? primary : state);
	return fail_with(err, status_of(state), what, primary != NULL ? primary : state);
}

/* ---- life cycle ---- */

static void ignore_notice(void *context, const PGresult *result)
{
	(void)context;
	(void)result;
}

void rc_db__pg_disconnect(struct rc_db_pg_connection *connection)
{
	if (connection->handle != NULL)
		PQfinish(connection->handle);
	connection->handle = NULL;
}

static enum rc_status connect_failed(struct rc_db_pg_connection *connection, struct rc_error *err)
{
	const enum rc_status status =
	    connection->handle == NULL
		? rc_fail(err, RC_ENOMEM, "PostgreSQL: out of memory")
		: fail_with(err, RC_EBUSY, "PostgreSQL", PQerrorMessage(connection->handle));

	connection->fault = RC_DB_PG_LOST;
	rc_db__pg_disconnect(connection);
	return status;
}

enum rc_status rc_db__pg_connect(struct rc_db_pg_connection *connection, struct rc_error *err)
{
	if (connection->handle != NULL && PQstatus(connection->handle) == CONNECTION_OK)
		return RC_OK;
	rc_db__pg_disconnect(connection);
	memset(connection->prepared, 0, sizeof(connection->prepared));
	connection->prepared_count = 0;
	connection->handle = PQconnectdb(connection->conninfo);
	if (connection->handle == NULL || PQstatus(connection->handle) != CONNECTION_OK)
		return connect_failed(connection, err);
	(void)PQsetNoticeReceiver(connection->handle, ignore_notice, NULL);
	connection->fault = RC_DB_PG_FINE;
	return RC_OK;
}

/* ---- commands ---- */

static bool is_good(const PGresult *result)
{
	const ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

enum rc_status rc_db__pg_command(struct rc_db_pg_connection *connection, const char *text,
				 const char *what, struct rc_error *err)
{
	RC_AUTO(PQclear_p) PGresult *result = PQexec(connection->handle, text);

	return is_good(result) ? RC_OK : fail_by(connection, result, what, err);
}

enum rc_status rc_db__pg_ask(struct rc_db_pg_connection *connection, const char *text, char *answer,
			     size_t answer_size, struct rc_error *err)
{
	RC_AUTO(PQclear_p) PGresult *result = PQexec(connection->handle, text);

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		return fail_by(connection, result, text, err);
	(void)snprintf(answer, answer_size, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
	return RC_OK;
}

/* ---- statements ---- */

/* FNV-1a, 64 bits: the name is for us and our likes, nobody's to forge. */
static uint64_t hash_of(const char *text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * UINT64_C(1099511628211);
	return hash != 0 ? hash : 1;
}

/* The slot of a hash, taken or free; the table is never more than half full. */
static uint64_t *slot_of(struct rc_db_pg_connection *connection, uint64_t hash)
{
	size_t at = (size_t)hash & (RC_DB_PG_PREPARED_SLOTS - 1);

	while (connection->prepared[at] != 0 && connection->prepared[at] != hash)
		at = (at + 1) & (RC_DB_PG_PREPARED_SLOTS - 1);
	return &connection->prepared[at];
}

static enum rc_status prepare(struct rc_db_pg_connection *connection, const struct rc_db_pg_call *call,
			      char name[NAME_BYTES], struct rc_error *err)
{
	const uint64_t hash = hash_of(call->text);
	uint64_t *slot = slot_of(connection, hash);
	RC_AUTO(PQclear_p) PGresult *result = NULL;

	(void)snprintf(name, NAME_BYTES, "rc_%016" PRIx64, hash);
	if (*slot == hash)
		return RC_OK;
	if (connection->prepared_count >= RC_DB_PG_PREPARED_SLOTS / 2)
		return rc_fail(err, RC_EBUG, "%s: more statements than a session has room for",
			       call->what);
	result = PQprepare(connection->handle, name, call->text, 0, NULL);
	if (!is_good(result))
		return fail_by(connection, result, call->what, err);
	*slot = hash;
	connection->prepared_count++;
	return RC_OK;
}

static PGresult *execute(struct rc_db_pg_connection *connection, const char *name,
			 const struct rc_db_pg_call *call)
{
	int formats[RC_DB_PG_PARAMETERS_MAX];

	for (int i = 0; i < call->count; i++)
		formats[i] = 1;
	if (connection->has_names)
		return PQexecPrepared(connection->handle, name, call->count, call->values,
				      call->sizes, formats, 1);
	return PQexecParams(connection->handle, call->text, call->count, NULL, call->values,
			    call->sizes, formats, 1);
}

struct pg_row {
	struct rc_db_row base;
	const PGresult *result;
	int n;
};

static enum rc_status visit_all(const PGresult *result, struct rc_db_visit *visit, struct rc_error *err)
{
	struct pg_row row = {.base = {.driver = &rc_db__postgres}, .result = result};
	enum rc_status status = RC_OK;

	for (; status == RC_OK && row.n < PQntuples(result); row.n++)
		status = visit->visit(visit, &row.base, err);
	return status;
}

enum rc_status rc_db__pg_call(struct rc_db_pg_connection *connection, const struct rc_db_pg_call *call,
			      struct rc_db_visit *visit, struct rc_error *err)
{
	RC_AUTO(PQclear_p) PGresult *result = NULL;
	char name[NAME_BYTES] = "";
	enum rc_status status = RC_OK;

	if (connection->has_names)
		status = prepare(connection, call, name, err);
	if (status != RC_OK)
		return status;
	result = execute(connection, name, call);
	if (!is_good(result))
		return fail_by(connection, result, call->what, err);
	visit->changed = strtoll(PQcmdTuples(result), NULL, 10);
	return visit_all(result, visit, err);
}

/* Values as libpq wants them: borrowed pointers and lengths. */
struct arguments {
	const char *values[RC_DB_PG_PARAMETERS_MAX];
	int sizes[RC_DB_PG_PARAMETERS_MAX];
	uint64_t numbers[RC_DB_PG_PARAMETERS_MAX]; /* big-endian */
};

static void take_values(struct rc_db_values values, struct arguments *arguments)
{
	for (size_t i = 0; i < values.count; i++) {
		const struct rc_db_value *value = &values.items[i];

		arguments->sizes[i] = 0;
		arguments->values[i] = NULL;
		if (value->type == RC_DB_TYPE_INT) {
			arguments->numbers[i] = htobe64((uint64_t)value->number);
			arguments->values[i] = (const char *)&arguments->numbers[i];
			arguments->sizes[i] = (int)sizeof(arguments->numbers[i]);
		} else if (value->type != RC_DB_TYPE_NULL) {
			arguments->values[i] =
			    value->bytes.data != NULL ? (const char *)value->bytes.data : "";
			arguments->sizes[i] = (int)value->bytes.size;
		}
	}
}

enum rc_status rc_db__pg_run(struct rc_db_tx *tx, const struct rc_sql_statement *statement,
			     struct rc_db_values values, struct rc_db_visit *visit, struct rc_error *err)
{
	struct arguments arguments;
	const struct rc_db_pg_call call = {.what = statement->name,
					   .text = statement->postgres,
					   .count = (int)values.count,
					   .values = arguments.values,
					   .sizes = arguments.sizes};

	if (values.count > RC_DB_PG_PARAMETERS_MAX)
		return rc_fail(err, RC_EBUG, "%s: more than %u parameters", statement->name,
			       RC_DB_PG_PARAMETERS_MAX);
	take_values(values, &arguments);
	return rc_db__pg_call(((struct rc_db_pg_tx *)tx)->connection, &call, visit, err);
}

/* Two processes may bring the schema up at once, and CREATE … IF NOT EXISTS is no guard against that; so one waits for the other. */
enum rc_status rc_db__pg_script(struct rc_db_tx *tx, const struct rc_sql_migration *script,
				struct rc_error *err)
{
	struct rc_db_pg_connection *connection = ((struct rc_db_pg_tx *)tx)->connection;
	enum rc_status status = rc_db__pg_command(
	    connection, "SELECT pg_advisory_xact_lock(x'726f6c6c63616c6c'::bigint)", script->name, err);

	return status == RC_OK ? rc_db__pg_command(connection, script->postgres, script->name, err)
			       : status;
}

/* ---- rows ---- */

int rc_db__pg_column_count(const struct rc_db_row *row)
{
	return PQnfields(((const struct pg_row *)row)->result);
}

enum rc_db_type rc_db__pg_column_type(const struct rc_db_row *base, int column)
{
	const struct pg_row *row = (const struct pg_row *)base;

	if (PQgetisnull(row->result, row->n, column))
		return RC_DB_TYPE_NULL;
	switch (PQftype(row->result, column)) {
	case OID_BOOL:
	case OID_INT2:
	case OID_INT4:
	case OID_INT8:
		return RC_DB_TYPE_INT;
	case OID_TEXT:
	case OID_NAME:
	case OID_VARCHAR:
	case OID_UNKNOWN:
		return RC_DB_TYPE_TEXT;
	case OID_BYTEA:
		return RC_DB_TYPE_BYTES;
	default:
		return RC_DB_TYPE_OTHER;
	}
}

int64_t rc_db__pg_column_int(const struct rc_db_row *base, int column)
{
	const struct pg_row *row = (const struct pg_row *)base;
	const char *value = PQgetvalue(row->result, row->n, column);
	const int size = PQgetlength(row->result, row->n, column);
	int64_t number =
	    size > 0 && (value[0] & 0x80) != 0 && size > 1 ? -1 : 0; /* the sign goes on to the left */

	for (int i = 0; i < size; i++)
		number = (int64_t)((uint64_t)number << 8 | (uint8_t)value[i]);
	return number;
}

struct rc_bytes rc_db__pg_column_bytes(const struct rc_db_row *base, int column)
{
	const struct pg_row *row = (const struct pg_row *)base;

	return rc_bytes_of(PQgetvalue(row->result, row->n, column),
			   (size_t)PQgetlength(row->result, row->n, column));
}

const char *rc_db__pg_column_name(const struct rc_db_row *row, int column)
{
	return PQfname(((const struct pg_row *)row)->result, column);
}

/* ---- plans ---- */

/* A plan for any values is asked for, as the one for a NULL might look at nothing; PostgreSQL 15 makes one only for a name. */
static void ask_for_plan(const struct rc_sql_statement *statement, struct rc_buf *text)
{
	rc_buf_printf(text, "PREPARE rc_explained AS %s; EXPLAIN (COSTS OFF) EXECUTE rc_explained",
		      statement->postgres);
	for (size_t i = 0; i < statement->parameter_count; i++)
		rc_buf_append_text(text, i == 0 ? "(NULL" : ", NULL");
	rc_buf_append_text(text, statement->parameter_count > 0 ? ")" : "");
}

enum rc_status rc_db__pg_explain(struct rc_db_pg_connection *connection,
				 const struct rc_sql_statement *statement, struct rc_buf *plan,
				 struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	RC_AUTO(PQclear_p) PGresult *result = NULL;
	enum rc_status status = rc_db__pg_command(
	    connection, "BEGIN READ ONLY; SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan",
	    statement->name, err);

	rc_buf_init(&text, 65536);
	ask_for_plan(statement, &text);
	if (status == RC_OK)
		status = rc_buf_status(&text, err);
	if (status == RC_OK) {
		result = PQexec(connection->handle, rc_buf_text(&text));
		if (!is_good(result))
			status = fail_by(connection, result, statement->name, err);
	}
	for (int i = 0; status == RC_OK && i < PQntuples(result); i++)
		rc_buf_printf(plan, "%s\n", PQgetvalue(result, i, 0));
	rc_status_ignore(rc_db__pg_command(connection, "ROLLBACK; DEALLOCATE ALL", statement->name, NULL));
	rc_db__pg_disconnect(connection); /* names are gone with DEALLOCATE, or the session is */
	return status != RC_OK ? status : rc_buf_status(plan, err);
}
