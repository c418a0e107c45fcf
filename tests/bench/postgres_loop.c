/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/postgres_loop.h"

#include "shared/base/buf.h"

#include <endian.h>
#include <libpq-fe.h>

#define A_TRANSACTION 1000u
#define COLUMNS       4
#define AT_MS         UINT64_C(1795500000000)
#define OID_INT8      20u
#define OID_BYTEA     17u

static void must(PGconn *connection, PGresult *result)
{
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		bench_die("PostgreSQL: %s", PQerrorMessage(connection));
	PQclear(result);
}

static void put_u32(struct rc_buf *array, uint32_t number)
{
	number = htobe32(number);
	rc_buf_append_bytes(array, rc_bytes_of(&number, sizeof(number)));
}

static void put_number(struct rc_buf *array, uint64_t number)
{
	put_u32(array, sizeof(number));
	number = htobe64(number);
	rc_buf_append_bytes(array, rc_bytes_of(&number, sizeof(number)));
}

static void begin_array(struct rc_buf *array, uint32_t oid, size_t count)
{
	rc_buf_clear(array);
	put_u32(array, 1);
	put_u32(array, 0);
	put_u32(array, oid);
	put_u32(array, (uint32_t)count);
	put_u32(array, 1);
}

static void insert(PGconn *connection, struct rc_buf arrays[COLUMNS])
{
	static const int formats[COLUMNS] = {1, 1, 1, 1};
	const char *values[COLUMNS];
	int sizes[COLUMNS];

	for (int i = 0; i < COLUMNS; i++) {
		values[i] = (const char *)arrays[i].data;
		sizes[i] = (int)arrays[i].size;
	}
	must(connection, PQexecPrepared(connection, "loop", COLUMNS, values, sizes, formats, 1));
}

static void store_some(PGconn *connection, struct rc_buf arrays[COLUMNS],
		       const struct rc_bytes *lines, const size_t range[2], size_t a_kiosk)
{
	for (int i = 0; i < COLUMNS; i++)
		begin_array(&arrays[i], i == COLUMNS - 1 ? OID_BYTEA : OID_INT8, range[1] - range[0]);
	for (size_t i = range[0]; i < range[1]; i++) {
		put_number(&arrays[0], i / a_kiosk);
		put_number(&arrays[1], i % a_kiosk);
		put_number(&arrays[2], AT_MS + i);
		put_u32(&arrays[3], (uint32_t)lines[i].size);
		rc_buf_append_bytes(&arrays[3], lines[i]);
	}
	insert(connection, arrays);
}

double bench_postgres_loop(const char *conninfo, const struct rc_bytes *lines, size_t count, size_t a_kiosk)
{
	PGconn *connection = PQconnectdb(conninfo);
	struct rc_buf arrays[COLUMNS];
	double took_us;

	for (int i = 0; i < COLUMNS; i++)
		rc_buf_init(&arrays[i], 64u << 20);
	must(connection,
	     PQexec(connection, "CREATE TABLE f (k bigint, s bigint, at bigint, line bytea, "
				"PRIMARY KEY (k, s))"));
	must(connection, PQprepare(connection, "loop",
				   "INSERT INTO f SELECT * FROM unnest($1::bigint[], $2::bigint[], "
				   "$3::bigint[], $4::bytea[]) ON CONFLICT DO NOTHING",
				   0, NULL));
	took_us = bench_now_us();
	for (size_t i = 0; i < count; i += A_TRANSACTION) {
		const size_t range[2] = {i, count - i < A_TRANSACTION ? count : i + A_TRANSACTION};

		store_some(connection, arrays, lines, range, a_kiosk);
	}
	took_us = bench_now_us() - took_us;
	for (int i = 0; i < COLUMNS; i++)
		rc_buf_deinit(&arrays[i]);
	PQfinish(connection);
	return (double)count * 1e6 / took_us;
}
