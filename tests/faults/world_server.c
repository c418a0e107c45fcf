/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server of a world: the device listener's own routes and who may call them, without the listener. Facts alone take another way
 * than there: their route leaves the answer to the database's thread, which only a running listener can wait for, so that
 * admission is the route's, and the upload is the call that the route makes.
 */
#include "tests/faults/world.h"

#include "firmware/sync/enrol.h"
#include "server/changes/changes.h"
#include "server/db_sql/statements.h"
#include "server/epoch/epoch.h"
#include "server/fleet/quarantine.h"
#include "server/ingest/ingest.h"
#include "shared/compress/gzip.h"
#include "tests/module/ingest_sql/statements.h"
#include "tests/sim/power/power.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SITE      "00000000-0000-4000-8000-0000000000a1"
#define ROOM      "00000000-0000-4000-8000-0000000000b1"
#define ROOM_CODE "3F-305"
#define URL       "https://server.example:8443"

static struct rc_secrets secrets; /* of all worlds */
static bool has_secrets;

static void must(enum rc_status status, const struct rc_error *err)
{
	if (status == RC_OK)
		return;
	(void)fprintf(stderr, "world: %s: %s\n", rc_status_text(status), err->text);
	abort();
}

const struct rc_secrets *world_secrets(void)
{
	return &secrets;
}

/* ---- life cycle ---- */

static enum rc_status put_people(struct rc_db_tx *tx, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	for (int i = 0; status == RC_OK && i < WORLD_PEOPLE; i++) {
		char ref[RC_ID_CHARS + 1], number[16];

		(void)snprintf(ref, sizeof(ref), "00000000-0000-4000-8000-00000000c%03d", i);
		(void)snprintf(number, sizeof(number), "%03d-01", i);
		status = rc_db_exec(tx, &rc_sql_school_person,
				    RC_DB_VALUES(RC_DB_TEXT(ref), RC_DB_TEXT(SITE), RC_DB_TEXT(number),
						 RC_DB_TEXT(number), RC_DB_BYTES(rc_bytes_of("k", 1))),
				    err);
	}
	return status;
}

static enum rc_status put_sessions(struct rc_db_tx *tx, struct rc_error *err)
{
	enum rc_status status = RC_OK;

	for (int i = 0; status == RC_OK && i < WORLD_SESSIONS; i++) {
		const int64_t starts_ms = WORLD_BEGIN_MS + i * RC_HOUR_MS;
		char id[RC_ID_CHARS + 1], code[8];

		(void)snprintf(id, sizeof(id), "00000000-0000-4000-8000-00000000d%03d", i);
		(void)snprintf(code, sizeof(code), "S-%d", i % 10);
		status = rc_db_exec(
		    tx, &rc_sql_school_session,
		    RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_TEXT(code), RC_DB_TEXT(SITE), RC_DB_INT(1)), err);
		if (status == RC_OK)
			status = rc_db_exec(tx, &rc_sql_school_version,
					    RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_INT(1),
							 RC_DB_TEXT(ROOM), RC_DB_INT(starts_ms),
							 RC_DB_INT(starts_ms + 2 * RC_HOUR_MS),
							 RC_DB_INT(10), RC_DB_BOOL(i == 1)),
					    err);
	}
	return status;
}

static enum rc_status furnish(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	enum rc_status status =
	    rc_db_exec(tx, &rc_sql_school_state,
		       RC_DB_VALUES(RC_DB_TEXT("server.epoch"), RC_DB_TEXT("00000000000000e1")), err);

	(void)arg;
	if (status == RC_OK)
		status = rc_db_exec(tx, &rc_sql_school_site,
				    RC_DB_VALUES(RC_DB_TEXT(SITE), RC_DB_TEXT("S1")), err);
	if (status == RC_OK)
		status = rc_db_exec(
		    tx, &rc_sql_school_room,
		    RC_DB_VALUES(RC_DB_TEXT(ROOM), RC_DB_TEXT(SITE), RC_DB_TEXT(ROOM_CODE)), err);
	if (status == RC_OK)
		status = put_people(tx, err);
	return status == RC_OK ? put_sessions(tx, err) : status;
}

static void make_secrets(void)
{
	char folder[RC_SIM_FOLDER_CHARS], path[WORLD_PATH_CHARS];
	struct rc_error err;

	rc_sim_folder_make(rc_sim_folder_memory(), "secrets", folder);
	(void)snprintf(path, sizeof(path), "%s/s", folder);
	rc_secrets_init(&secrets);
	must(rc_secrets_create(path, "world", &err), &err);
	must(rc_secrets_load(path, &secrets, &err), &err);
	rc_sim_folder_remove(folder);
	has_secrets = true;
}

void world_server_start(struct world *world)
{
	static const struct rc_db_options options = {.reader_count = 1};
	char path[WORLD_PATH_CHARS], url[WORLD_PATH_CHARS + 8];
	struct rc_error err;
	bool is_new;

	if (!has_secrets)
		make_secrets();
	(void)snprintf(path, sizeof(path), "%s/server.db", world->folder);
	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	is_new = access(path, F_OK) != 0;
	must(rc_db_open(url, &options, &world->db, &err), &err);
	if (is_new) {
		must(rc_db_migrate(world->db, rc_sql_db_migrations, rc_sql_db_migration_count, &err),
		     &err);
		must(rc_db_write(world->db, furnish, NULL, &err), &err);
	}
	world->app = (struct rc_routes_app){.db = world->db,
					    .secrets = &secrets,
					    .server = {.epoch = 1},
					    .clock = &world->clock,
					    .device_url = URL};
}

void world_server_stop(struct world *world)
{
	world_forget_late(world); /* what is still under way to it came by its connections */
	rc_db_close(world->db);
	world->db = NULL;
}

void world_write(struct world *world, rc_db_fn *fn, void *arg)
{
	struct rc_error err;

	must(rc_db_write(world->db, fn, arg, &err), &err);
}

void world_read(struct world *world, rc_db_fn *fn, void *arg)
{
	struct rc_error err;

	must(rc_db_read(world->db, fn, arg, &err), &err);
}

/* ---- requests ---- */

struct visit {
	struct rc_arena arena;
	struct rc_http_peer peer;
	struct rc_http_request request;
	struct rc_http_response response;
	struct rc_buf plain;
};

static const struct rc_http_route *find_route(const char *method, struct rc_bytes path)
{
	for (size_t i = 0; i < rc_routes_device_count; i++) {
		if (strcmp(rc_routes_device[i].method, method) == 0 &&
		    rc_bytes_is_text(path, rc_routes_device[i].path))
			return &rc_routes_device[i];
	}
	(void)fprintf(stderr, "world: no route %s %.*s\n", method, (int)path.size,
		      (const char *)path.data);
	abort();
}

static void begin_visit(struct visit *visit, struct world *world, const struct world_request *asked)
{
	const char *query = strchr(asked->path, '?');
	const size_t size = query ? (size_t)(query - asked->path) : strlen(asked->path);
	struct rc_error err;

	memset(visit, 0, sizeof(*visit));
	rc_arena_init(&visit->arena, 64u * 1024u * 1024u);
	rc_buf_init(&visit->plain, RC_DEVICE_UPLOAD_PLAIN_MAX_BYTES);
	visit->peer = (struct rc_http_peer){.is_tls = true,
					    .certificate = asked->has_peer ? &asked->peer : NULL};
	visit->request = (struct rc_http_request){
	    .arena = &visit->arena,
	    .address = "127.0.0.1",
	    .peer = &visit->peer,
	    .route = find_route(asked->method, rc_bytes_of(asked->path, size)),
	    .app = &world->app,
	    .request_id = "0123456789abcdef",
	    .body = rc_buf_bytes(&asked->body),
	    .is_last_try = true,
	};
	if (query && strncmp(query, "?after=", 7) == 0)
		visit->request.query[visit->request.query_count++] =
		    (struct rc_http_pair){rc_bytes_of_text("after"), rc_bytes_of_text(query + 7)};
	if (asked->is_gzip) {
		must(rc_gunzip(visit->request.body, &visit->plain, &err), &err);
		visit->request.body = rc_buf_bytes(&visit->plain);
	}
	rc_http_response_init(&visit->response, &visit->request);
}

static void respond_upload(struct visit *visit, const struct rc_ingest_answer *answer)
{
	struct rc_device_problem problem = {.status = answer->status,
					    .code = answer->problem,
					    .title = "These facts can't be taken",
					    .mark = answer->status == 409 ? &answer->mark : NULL};
	char memory[4096];
	struct rc_buf json;

	rc_buf_init_fixed(&json, memory, sizeof(memory));
	if (answer->status == 200)
		rc_device_mark_encode(&answer->mark, &json);
	else
		rc_device_problem_encode(&problem, &json);
	rc_http_respond(&visit->response, answer->status,
			answer->status == 200 ? "application/json" : "application/problem+json",
			rc_buf_bytes(&json));
}

static void upload(struct visit *visit, struct world *world)
{
	const struct rc_fleet_peer *peer = visit->request.principal;
	const struct rc_ingest_request request = {.kiosk = peer->kiosk,
						  .is_revoked = peer->class == RC_FLEET_REVOKED,
						  .body = visit->request.body,
						  .now_ms = world->now_ms,
						  .seal_key = secrets.seal_key};
	struct rc_ingest_answer answer;
	struct rc_error err;

	if (rc_ingest_upload(world->db, &request, &answer, &err) != RC_OK) {
		rc_http_problem(&visit->response, 503, "unavailable", "Not now", "暂时不可用", NULL);
		rc_http_retry_after(&visit->response, 5);
		return;
	}
	if (request.is_revoked)
		answer.mark.state = RC_DEVICE_REVOKED;
	respond_upload(visit, &answer);
}

static void take_answer(const struct rc_http_response *response, struct world_answer *answer)
{
	answer->status = response->status;
	(void)snprintf(answer->content_type, sizeof(answer->content_type), "%s",
		       response->content_type ? response->content_type : "");
	answer->retry_after_ms = response->status == 503 || response->status == 429 ? 5000 : 0;
	rc_buf_append_bytes(&answer->body, rc_buf_bytes(&response->body));
}

enum rc_status world_server_ask(struct world *world, const struct world_request *request,
				struct world_answer *answer)
{
	struct visit visit;

	if (!world->db)
		return RC_ENET;
	begin_visit(&visit, world, request);
	if (rc_routes_admit_device(&visit.request, &visit.response)) {
		if (strcmp(visit.request.route->operation, "postFacts") == 0)
			upload(&visit, world);
		else
			visit.request.route->handle(&visit.request, &visit.response);
	}
	take_answer(&visit.response, answer);
	rc_http_response_deinit(&visit.response);
	rc_buf_deinit(&visit.plain);
	rc_arena_deinit(&visit.arena);
	return RC_OK;
}

/* ---- death and copies ---- */

static void come_up_again(struct world *world)
{
	static const enum rc_power_loss losses[] = {RC_POWER_WRITTEN, RC_POWER_DROPPED, RC_POWER_TORN};
	const enum rc_power_loss loss = losses[world_below(world, 3)];
	char path[WORLD_PATH_CHARS];

	rc_power_cut_at(1); /* closing doesn't help either */
	world_server_stop(world);
	(void)snprintf(path, sizeof(path), "%s/server.db", world->folder);
	rc_power_restore_below(path, loss, (uint32_t)random_next(&world->random));
	world->kills++;
	world_note(world, "  the server died, %d", (int)loss);
	world_server_start(world);
}

void world_server_ask_and_die(struct world *world, const struct world_request *request)
{
	struct world_answer answer = {.status = 0};

	rc_buf_init(&answer.body, 60u * 1024u * 1024u);
	rc_power_cut_at(1 + world_below(world, 20));
	(void)!world_server_ask(world, request, &answer);
	rc_buf_deinit(&answer.body);
	come_up_again(world);
}

static void path_of(const struct world *world, const char *name, char path[WORLD_PATH_CHARS])
{
	(void)snprintf(path, WORLD_PATH_CHARS, "%s/%s", world->folder, name);
}

void world_server_copy(struct world *world)
{
	char path[WORLD_PATH_CHARS], url[WORLD_PATH_CHARS + 8];
	struct rc_error err;

	path_of(world, "server.db", path);
	(void)snprintf(url, sizeof(url), "sqlite:%s", path);
	path_of(world, "copy.db", path);
	(void)unlink(path);
	must(rc_db_copy(url, path, &err), &err);
	world->has_copy = true;
}

static void replace_database(const struct world *world)
{
	static const char *const beside[] = {"server.db-wal", "server.db-shm"};
	char copy[WORLD_PATH_CHARS], path[WORLD_PATH_CHARS];

	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		path_of(world, beside[i], path);
		(void)unlink(path);
	}
	path_of(world, "copy.db", copy);
	path_of(world, "server.db", path);
	rc_power_restore_below(path, RC_POWER_WRITTEN, 0); /* the disk is another one now */
	if (rename(copy, path) != 0)
		abort();
}

void world_server_restore(struct world *world, bool says_so)
{
	struct rc_epoch_renewal renewal = {.reason = RC_EPOCH_RESTORED, .now_ms = world->now_ms};
	struct rc_error err;
	uint64_t epoch;

	if (!world->has_copy)
		return;
	world_server_stop(world);
	replace_database(world);
	world->has_copy = false;
	world_server_start(world);
	world->restores++;
	if (!says_so) {
		world->quiet_restores++;
		return;
	}
	must(rc_epoch_read(world->db, &renewal.old, &err), &err);
	must(rc_epoch_renew(world->db, &renewal, &epoch, &err), &err);
}

/* ---- the operator ---- */

struct publishing {
	int64_t now_ms, version;
	int room;
	bool is_gone;
};

static enum rc_status publish(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct publishing *publishing = arg;
	struct rc_ref_room room = {.name = {.zh = "教室", .en = "Room"}};
	struct rc_changes_list list;
	char id[RC_ID_CHARS + 1], memory[512];
	struct rc_buf payload;
	enum rc_status status;

	rc_buf_init_fixed(&payload, memory, sizeof(memory));
	room.id.octets[15] = (uint8_t)(1 + publishing->room);
	rc_id_format(&room.id, id);
	(void)snprintf(room.code, sizeof(room.code), "R-%lld", (long long)publishing->version);
	rc_ref_room_encode(&room, &payload);
	rc_changes_list_init(&list);
	if (publishing->is_gone)
		rc_changes_list_delete(&list, NULL, RC_ENTITY_ROOM, id, publishing->version);
	else
		rc_changes_list_put(&list, RC_CHANGES_SCOPE_ALL, RC_ENTITY_ROOM, id,
				    publishing->version, rc_buf_bytes(&payload));
	status = rc_changes_publish(tx, &list, publishing->now_ms, err);
	rc_changes_list_deinit(&list);
	return status;
}

void world_publish(struct world *world)
{
	struct publishing publishing = {.now_ms = world->now_ms,
					.version = ++world->room_versions,
					.room = (int)world_below(world, WORLD_ROOMS),
					.is_gone = world_may(world, 20)};

	world_write(world, publish, &publishing);
}

void world_revoke(struct world *world, struct world_kiosk *kiosk)
{
	struct rc_error err;

	must(rc_fleet_revoke(world->db, &kiosk->id, "world", world->now_ms, &err), &err);
}

/* A code that takes the kiosk's place, shown to its camera. */
bool world_enrol(struct world *world, struct world_kiosk *kiosk)
{
	char id[RC_ID_CHARS + 1];
	const struct rc_fleet_code_request request = {.room = ROOM_CODE,
						      .replaces = rc_id_is_nil(&kiosk->id) ? NULL : id,
						      .url = URL,
						      .actor = "world",
						      .now_ms = world->now_ms};
	struct rc_enrol_code code;
	const struct rc_enrol_wish wish = {.config = &kiosk->config, .code = &code};
	struct rc_identity identity;
	struct rc_enrol_time time;
	struct rc_error err;
	enum rc_status status;

	rc_id_format(&kiosk->id, id);
	must(rc_fleet_code_new(world->db, &secrets, &request, &code, &err), &err);
	status = rc_enrol(&wish, &identity, &time, &err);
	world_note(world, "kiosk %d enrols: %s", kiosk->number, rc_status_text(status));
	if (status != RC_OK)
		return false;
	kiosk->id = identity.kiosk;
	rc_sync__use_identity(&kiosk->session, &identity);
	return true;
}

void world_trust(struct world *world, struct world_kiosk *kiosk)
{
	const struct rc_fleet_nod trusted = {
	    .kiosk = kiosk->id, .is_trusted = true, .actor = "world", .now_ms = world->now_ms};
	struct rc_fleet_nod nod = trusted;
	int64_t count = 0;
	struct rc_error err;
	enum rc_status status = rc_fleet_nod(world->db, &nod, &count, &err);

	if (status == RC_ECONFLICT) {
		nod.is_trusted = false;
		status = rc_fleet_nod(world->db, &nod, &count, &err);
	}
	must(status, &err);
	must(rc_ingest_release(world->db, &kiosk->id, world->now_ms, &count, &err), &err);
	world_note(world, "kiosk %d: %lld facts released", kiosk->number, (long long)count);
}
