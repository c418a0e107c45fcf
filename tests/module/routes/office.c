/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/module/routes/office.h"

#include "shared/base/encode.h"
#include "shared/base/log.h"
#include "shared/crypto/hash.h"
#include "tests/module/routes_sql/statements.h"
#include "tests/sim/folder/folder.h"
#include "tests/sim/postgres/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SITE "00000000-0000-4000-8000-0000000000a1"
#define ROOM "00000000-0000-4000-8000-0000000000b1"

/* A kiosk of each class that has a certificate; its DER is as good as any other bytes here. */
static const struct {
	enum rc_fleet_class class;
	const char *kiosk;
	const char *state; /* NULL: it isn't in the register */
	const char *der;
	int64_t not_after_ms;
} kiosks[] = {
    {RC_FLEET_CURRENT, "00000000-0000-4000-8000-000000000001", "current", "der of current", OFFICE_NOW_MS},
    {RC_FLEET_GRACE, "00000000-0000-4000-8000-000000000002", "current", "der of grace",
     OFFICE_NOW_MS - RC_FLEET_GRACE_MS},
    {RC_FLEET_REVOKED, "00000000-0000-4000-8000-000000000003", "revoked", "der of revoked", OFFICE_NOW_MS},
    {RC_FLEET_STRANGER, NULL, NULL, "der of a stranger", OFFICE_NOW_MS},
};
#define KIOSKS (sizeof(kiosks) / sizeof(kiosks[0]))

static void read_clock(void *context, struct rc_clock_reading *reading)
{
	(void)context;
	*reading = (struct rc_clock_reading){.at_ms = OFFICE_NOW_MS, .source = RC_CLOCK_NTP};
}
static const struct rc_clock office_clock = {.read = read_clock};

static void serial_of(size_t i, uint8_t serial[16])
{
	memset(serial, 0x11 + (int)i, 16);
}

const struct rc_tls_peer *office_certificate(enum rc_fleet_class class)
{
	static struct rc_tls_peer peers[KIOSKS];

	for (size_t i = 0; i < KIOSKS; i++) {
		if (kiosks[i].class != class)
			continue;
		serial_of(i, peers[i].serial);
		peers[i].serial_size = 16;
		rc_sha256(rc_bytes_of_text(kiosks[i].der), peers[i].sha256);
		return &peers[i];
	}
	return NULL;
}

static enum rc_status add_kiosk(struct rc_db_tx *tx, size_t i, struct rc_error *err)
{
	uint8_t serial[16];
	char text[RC_HEX_CHARS(16) + 1];
	enum rc_status status = rc_db_exec(tx, &rc_sql_office_kiosk,
					   RC_DB_VALUES(RC_DB_TEXT(kiosks[i].kiosk), RC_DB_TEXT(SITE),
							RC_DB_TEXT(ROOM), RC_DB_TEXT(kiosks[i].state)),
					   err);

	serial_of(i, serial);
	rc_hex_encode(rc_bytes_of(serial, sizeof(serial)), text);
	if (status == RC_OK)
		status = rc_db_exec(tx, &rc_sql_office_certificate,
				    RC_DB_VALUES(RC_DB_TEXT(text), RC_DB_TEXT(kiosks[i].kiosk),
						 RC_DB_BYTES(rc_bytes_of_text(kiosks[i].der)),
						 RC_DB_INT(kiosks[i].not_after_ms)),
				    err);
	return status;
}

static enum rc_status add_session(struct rc_db_tx *tx, unsigned i, struct rc_error *err)
{
	char id[RC_ID_CHARS + 1], code[8];
	enum rc_status status;

	(void)snprintf(id, sizeof(id), "00000000-0000-4000-8000-0000000000c%u", i % 10);
	(void)snprintf(code, sizeof(code), "S-%u", i % 10);
	status = rc_db_exec(tx, &rc_sql_office_session,
			    RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_TEXT(code), RC_DB_TEXT(SITE)), err);
	if (status == RC_OK)
		status = rc_db_exec(tx, &rc_sql_office_session_version,
				    RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_TEXT(ROOM),
						 RC_DB_INT(OFFICE_NOW_MS + i / 2 * RC_HOUR_MS)),
				    err);
	return status;
}

static enum rc_status furnish(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	enum rc_status status = rc_db_exec(tx, &rc_sql_office_site, RC_DB_VALUES(RC_DB_TEXT(SITE)), err);

	(void)arg;
	if (status == RC_OK)
		status = rc_db_exec(
		    tx, &rc_sql_office_state,
		    RC_DB_VALUES(RC_DB_TEXT("server.epoch"), RC_DB_TEXT("0000000000000001")), err);
	if (status == RC_OK)
		status = rc_db_exec(tx, &rc_sql_office_room,
				    RC_DB_VALUES(RC_DB_TEXT(ROOM), RC_DB_TEXT(SITE)), err);
	for (size_t i = 0; status == RC_OK && i < KIOSKS; i++) {
		if (kiosks[i].state)
			status = add_kiosk(tx, i, err);
	}
	for (unsigned i = 0; status == RC_OK && i < OFFICE_SESSIONS; i++)
		status = add_session(tx, i, err);
	return status;
}

static void quiet(void *context, const char *line, size_t size)
{
	(void)context;
	(void)line;
	(void)size;
}

int office_set_up(void **state)
{
	struct office *office = calloc(1, sizeof(*office));
	struct rc_error err = {.text = ""};
	char url[RC_SIM_DATABASE_URL_CHARS];

	assert_non_null(office);
	rc_log_set_sink(quiet, NULL);
	rc_sim_folder_make(NULL, "routes", office->folder);
	office->db = rc_sim_database_open(office->folder, url);
	if (rc_db_write(office->db, furnish, NULL, &err) != RC_OK)
		fail_msg("%s", err.text);
	rc_secrets_init(&office->secrets);
	rc_buf_append_text(&office->secrets.ca_der, "der of the CA");
	office->app = (struct rc_routes_app){.db = office->db,
					     .secrets = &office->secrets,
					     .server = {.epoch = 1},
					     .clock = &office_clock,
					     .device_url = "https://localhost:8443"};
	*state = office;
	return 0;
}

int office_tear_down(void **state)
{
	struct office *office = *state;

	rc_db_close(office->db);
	rc_sim_database_remove(office->folder);
	rc_secrets_deinit(&office->secrets);
	rc_sim_folder_remove(office->folder);
	free(office);
	return 0;
}

const struct rc_http_route *office_route(const struct rc_http_route *routes, size_t count,
					 const char *operation)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(routes[i].operation, operation) == 0)
			return &routes[i];
	}
	fail_msg("no route %s", operation);
	return NULL;
}

/* ---- visits ---- */

void visit_begin(struct visit *visit, struct office *office, const struct rc_http_route *route)
{
	memset(visit, 0, sizeof(*visit));
	rc_arena_init(&visit->arena, 1024 * 1024);
	visit->request = (struct rc_http_request){
	    .arena = &visit->arena,
	    .headers = visit->headers,
	    .address = "127.0.0.1",
	    .peer = &visit->peer,
	    .route = route,
	    .app = &office->app,
	    .request_id = "0123456789abcdef",
	};
	rc_http_response_init(&visit->response, &visit->request);
}

void visit_header(struct visit *visit, const char *name, const char *value)
{
	visit->headers[visit->request.header_count++] =
	    (struct rc_http_pair){rc_bytes_of_text(name), rc_bytes_of_text(value)};
}

void visit_query(struct visit *visit, const char *name, const char *value)
{
	visit->request.query[visit->request.query_count++] =
	    (struct rc_http_pair){rc_bytes_of_text(name), rc_bytes_of_text(value)};
}

void visit_param(struct visit *visit, const char *name, const char *value)
{
	visit->request.params[visit->request.param_count++] =
	    (struct rc_http_pair){rc_bytes_of_text(name), rc_bytes_of_text(value)};
}

bool visit_ask(struct visit *visit, bool (*admit)(struct rc_http_request *, struct rc_http_response *))
{
	if (!admit(&visit->request, &visit->response))
		return false;
	visit->request.route->handle(&visit->request, &visit->response);
	return true;
}

void visit_end(struct visit *visit)
{
	rc_http_response_deinit(&visit->response);
	rc_arena_deinit(&visit->arena);
}

bool visit_says(const struct visit *visit, const char *text)
{
	return strstr(rc_buf_text(&visit->response.body), text) != NULL;
}
