/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs the server to take facts in, from memory and through HTTP, beside a loop that only reads and stores the same lines. Every
 * contender stores the same number of facts in a database of its own; CPU time is of the whole process, the writer's thread included.
 */
#include "server/ingest/ingest.h"
#include "server/http/http.h"
#include "tests/bench/bare_loop.h"
#include "tests/bench/client.h"
#include "tests/bench/company.h"
#include "tests/bench/lines.h"
#include "tests/bench/postgres_loop.h"
#include "tests/sim/postgres/database.h"

#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTION      "ingest"
#define LOOP         "bare loop"
#define JANSSON      "bare loop with jansson"
#define WAITING      1024u /* uploads that wait for a commit at once */
#define NOW_MS       (BENCH_STARTS_MS + INT64_C(3600000))
#define UPLOADS_EACH 10u /* on one connection, where an upload is large: kiosks keep theirs */
#define SLICE        20u
#define BLOCKS       64u
#define BLOCK_BYTES  4096u
#define UPLOAD_PATH  "/v1/kiosk/facts"

/* All uploads of a run, one behind the other. */
struct uploads {
	size_t kiosks, facts_each, facts; /* facts_each: in an upload */
	struct rc_buf text;
	struct rc_bytes *bodies; /* of upload i: kiosk i % kiosks */
	size_t count;
};

static void make_uploads(struct uploads *uploads, enum bench_line what, size_t kiosks, size_t turns,
			 size_t facts_each)
{
	struct bench_kiosk *writers = calloc(kiosks, sizeof(*writers));
	size_t *ends;

	*uploads = (struct uploads){.kiosks = kiosks, .facts_each = facts_each, .count = kiosks * turns};
	uploads->facts = uploads->count * facts_each;
	uploads->bodies = calloc(uploads->count, sizeof(*uploads->bodies));
	ends = calloc(uploads->count + 1, sizeof(*ends));
	rc_buf_init(&uploads->text, SIZE_MAX / 8);
	if (!writers || !uploads->bodies || !ends)
		bench_die("no memory for uploads");
	for (size_t i = 0; i < kiosks; i++)
		writers[i] = bench_kiosk((unsigned)i, 0x1000000);
	for (size_t i = 0; i < uploads->count; i++) {
		bench_upload(what, &writers[i % kiosks], facts_each, &uploads->text);
		ends[i + 1] = uploads->text.size;
	}
	bench_expect(rc_buf_status(&uploads->text, NULL), NULL, "uploads");
	for (size_t i = 0; i < uploads->count; i++)
		uploads->bodies[i] = rc_bytes_of(uploads->text.data + ends[i], ends[i + 1] - ends[i]);
	free(ends);
	free(writers);
}

static void uploads_deinit(struct uploads *uploads)
{
	free(uploads->bodies);
	rc_buf_deinit(&uploads->text);
}

/* Moves on as the clock does. */
static int64_t now_ms(void)
{
	return NOW_MS + (int64_t)(bench_now_us() / 1000) % RC_HOUR_MS;
}

/* ---- from memory ---- */

struct in_memory {
	struct rc_db *db;
	const struct uploads *uploads;
	sem_t room; /* for so many more that wait for a commit */
};

static void taken(void *context, enum rc_status status, const struct rc_ingest_answer *answer,
		  const struct rc_error *err)
{
	struct in_memory *in_memory = context;

	bench_expect(status, err, "upload");
	if (answer->status != 200 || answer->stored != (int64_t)in_memory->uploads->facts_each)
		bench_die("an upload of %zu facts was answered %d, %lld stored",
			  in_memory->uploads->facts_each, answer->status, (long long)answer->stored);
	(void)sem_post(&in_memory->room);
}

static void take_all(struct in_memory *in_memory)
{
	const struct uploads *uploads = in_memory->uploads;

	for (size_t i = 0; i < uploads->count; i++) {
		const struct rc_ingest_request request = {
		    .kiosk = bench_id(0x66, (unsigned)(i % uploads->kiosks)),
		    .body = uploads->bodies[i],
		    .now_ms = now_ms()};

		(void)sem_wait(&in_memory->room);
		rc_ingest_submit(in_memory->db, &request, taken, in_memory);
	}
	for (size_t i = 0; i < WAITING; i++)
		(void)sem_wait(&in_memory->room);
}

static double cpu_in_memory(const char *path, const struct uploads *uploads)
{
	struct in_memory in_memory = {.uploads = uploads};
	double cpu_us;

	bench_company_make(path, uploads->kiosks);
	(void)sem_init(&in_memory.room, 0, WAITING);
	in_memory.db = bench_company_open(path);
	cpu_us = bench_process_cpu_us(0);
	take_all(&in_memory);
	cpu_us = bench_process_cpu_us(0) - cpu_us;
	rc_db_close(in_memory.db);
	(void)sem_destroy(&in_memory.room);
	return cpu_us / (double)uploads->facts;
}

/* ---- through HTTP ---- */

struct site {
	const char *path;
	struct rc_db *db;
	struct rc_http_server *server;
};

/* What the device listener does with an upload, but for the certificate: the kiosk's id is a header. */
static void respond(struct rc_http_response *response, void *context)
{
	const struct rc_ingest_answer *answer = context;
	char memory[512];
	struct rc_buf json;

	if (answer->status != 200) {
		rc_http_problem(response, answer->status, "refused", "Refused", "已拒绝", NULL);
		return;
	}
	rc_buf_init_fixed(&json, memory, sizeof(memory));
	rc_device_mark_encode(&answer->mark, &json);
	rc_http_respond_json(response, 200, rc_buf_bytes(&json));
}

static void answered(void *context, enum rc_status status, const struct rc_ingest_answer *answer,
		     const struct rc_error *err)
{
	struct rc_http_response *response = context;
	struct rc_ingest_answer *kept = response->finish_context;

	(void)err;
	*kept = *answer;
	if (status != RC_OK)
		kept->status = 503;
	rc_http_ready(response);
}

static void post_facts(struct rc_http_request *request, struct rc_http_response *response)
{
	const struct site *site = request->app;
	struct rc_ingest_request upload = {.body = request->body, .now_ms = now_ms()};
	struct rc_ingest_answer *answer = rc_arena_alloc(request->arena, sizeof(*answer));

	if (answer && rc_id_parse(rc_http_header(request, "kiosk"), &upload.kiosk) == RC_OK &&
	    rc_http_defer(response, respond, answer))
		rc_ingest_submit(site->db, &upload, answered, response);
}

static const struct rc_http_route routes[] = {
    {.operation = "postFacts",
     .method = "POST",
     .path = UPLOAD_PATH,
     .max_body_bytes = RC_DEVICE_UPLOAD_PLAIN_MAX_BYTES,
     .handle = post_facts},
};

static uint16_t open_site(void *context)
{
	struct site *site = context;
	struct rc_http_settings settings;
	const struct rc_http_listener_config config = {
	    .address = "127.0.0.1",
	    .routes = routes,
	    .route_count = 1,
	    .max_connections_per_address = 10000,
	    .app = site,
	};
	struct rc_error err;
	uint16_t port = 0;

	bench_many_files();
	site->db = bench_company_open(site->path);
	rc_http_settings_default(&settings);
	settings.max_requests_waiting = 4096;
	bench_expect(rc_http_server_new(&settings, &site->server, &err), &err, "server");
	bench_expect(rc_http_server_add_listener(site->server, &config, &port, &err), &err, "listener");
	return port;
}

static void serve_site(void *context)
{
	struct site *site = context;

	bench_expect(rc_http_server_run(site->server, NULL), NULL, "serving");
}

static struct rc_bytes *make_requests(const struct uploads *uploads, struct rc_buf *text)
{
	struct rc_bytes *requests = calloc(uploads->count, sizeof(*requests));
	size_t at = 0;

	rc_buf_init(text, SIZE_MAX / 8);
	if (!requests || rc_buf_reserve(text, uploads->text.size + uploads->count * 256) != RC_OK) /* so nothing moves */
		bench_die("no memory for requests");
	for (size_t i = 0; i < uploads->count; i++) {
		const struct rc_id kiosk = bench_id(0x66, (unsigned)(i % uploads->kiosks));
		char id[RC_ID_CHARS + 1];

		rc_id_format(&kiosk, id);
		rc_buf_printf(text,
			      "POST " UPLOAD_PATH " HTTP/1.1\r\nHost: localhost\r\nKiosk: %s\r\n"
			      "Content-Type: application/x-ndjson\r\nContent-Length: %zu\r\n\r\n",
			      id, uploads->bodies[i].size);
		rc_buf_append_bytes(text, uploads->bodies[i]);
		requests[i] = rc_bytes_of(text->data + at, text->size - at);
		at = text->size;
	}
	return requests;
}

static struct bench_loop through_http(const char *path, const struct uploads *uploads, size_t connections)
{
	struct site site = {.path = path};
	struct rc_buf text;
	struct rc_bytes *requests = make_requests(uploads, &text);
	struct bench_server server;
	double cpu_us, took_us;

	bench_company_make(path, uploads->kiosks);
	server = bench_server_start(open_site, serve_site, &site);
	cpu_us = bench_process_cpu_us(server.pid);
	took_us =
	    bench_drive(&(struct bench_drive){server.port, connections, requests, uploads->count}, NULL);
	cpu_us = bench_process_cpu_us(server.pid) - cpu_us;
	bench_server_stop(&server);
	free(requests);
	rc_buf_deinit(&text);
	return (struct bench_loop){cpu_us / (double)uploads->facts,
				   (double)uploads->facts * 1e6 / took_us};
}

/* ---- one at a time ---- */

static int open_blocks(const char *path)
{
	static const char zeros[BLOCKS * BLOCK_BYTES];
	const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, zeros, sizeof(zeros)) != (ssize_t)sizeof(zeros) || fsync(fd) != 0)
		bench_die("%s can't be written", path);
	return fd;
}

/* What nobody can do without: one block overwritten in place, and on the disk. */
static void time_syncs(int fd, size_t count, struct bench_samples *syncs)
{
	static const char block[BLOCK_BYTES] = "a fact";

	for (size_t i = 0; i < count; i++) {
		const double begun_us = bench_now_us();

		if (pwrite(fd, block, sizeof(block), (off_t)(i % BLOCKS * BLOCK_BYTES)) < 0 ||
		    fdatasync(fd) != 0)
			bench_die("a block can't be written");
		bench_samples_add(syncs, bench_now_us() - begun_us);
	}
}

/* A fact from one kiosk, answered before the next is sent; slice by slice with bare syncs of the same disk. */
static void time_answers(const char *path, const char *blocks, const struct uploads *uploads,
			 struct bench_samples *answers, struct bench_samples *syncs)
{
	struct site site = {.path = path};
	struct rc_buf text;
	struct rc_bytes *requests = make_requests(uploads, &text);
	const int fd = open_blocks(blocks);
	struct bench_server server;

	bench_company_make(path, uploads->kiosks);
	server = bench_server_start(open_site, serve_site, &site);
	for (size_t i = 0; i < uploads->count; i += SLICE) {
		const size_t count = uploads->count - i < SLICE ? uploads->count - i : SLICE;

		(void)bench_drive(&(struct bench_drive){server.port, 1, requests + i, count}, answers);
		time_syncs(fd, count, syncs);
	}
	bench_server_stop(&server);
	(void)close(fd);
	free(requests);
	rc_buf_deinit(&text);
}

/* ---- the rows ---- */

enum figure {
	BY_LOOP,
	BY_JANSSON,
	LOOP_RATE,
	STORED,
	RECORDED,
	LARGE,
	BY_HTTP,
	GROUP_CPU,
	GROUP_RATE,
	ANSWER_P50,
	SYNC_P50,
	FIGURES
};

struct work {
	const char *path, *blocks;
	struct rc_bytes *lines; /* what the loop stores: the facts of `stored` */
	struct uploads stored, recorded, large, single, alone;
	size_t connections;
};

static void take_turn(const struct work *work, struct bench_samples figures[FIGURES])
{
	struct bench_loop done;

	done = bench_bare_loop(work->path, work->lines, work->stored.facts, false);
	bench_samples_add(&figures[BY_LOOP], done.cpu_us);
	bench_samples_add(&figures[LOOP_RATE], done.a_second);
	done = bench_bare_loop(work->path, work->lines, work->stored.facts, true);
	bench_samples_add(&figures[BY_JANSSON], done.cpu_us);
	bench_samples_add(&figures[STORED], cpu_in_memory(work->path, &work->stored));
	bench_samples_add(&figures[RECORDED], cpu_in_memory(work->path, &work->recorded));
	bench_samples_add(&figures[LARGE], cpu_in_memory(work->path, &work->large));
	done = through_http(work->path, &work->stored,
			    (work->connections + UPLOADS_EACH - 1) / UPLOADS_EACH);
	bench_samples_add(&figures[BY_HTTP], done.cpu_us);
	done = through_http(work->path, &work->single, work->connections);
	bench_samples_add(&figures[GROUP_CPU], done.cpu_us);
	bench_samples_add(&figures[GROUP_RATE], done.a_second);
	time_answers(work->path, work->blocks, &work->alone, &figures[ANSWER_P50], &figures[SYNC_P50]);
}

/* The lines of all uploads, without their headers. */
static struct rc_bytes *lines_of(const struct uploads *uploads)
{
	struct rc_bytes *lines = calloc(uploads->facts, sizeof(*lines));
	size_t n = 0;

	for (size_t i = 0; lines && i < uploads->count; i++) {
		const uint8_t *at = uploads->bodies[i].data, *end = at + uploads->bodies[i].size;

		at = (const uint8_t *)memchr(at, '\n', (size_t)(end - at)) + 1;
		for (; at < end; n++) {
			const uint8_t *feed = memchr(at, '\n', (size_t)(end - at));

			lines[n] = rc_bytes_of(at, (size_t)(feed - at));
			at = feed + 1;
		}
	}
	if (!lines || n != uploads->facts)
		bench_die("%zu lines of %zu", n, uploads->facts);
	return lines;
}

/* ---- on PostgreSQL ---- */

#define POSTGRES_CONNECTIONS                                                                       \
	8u /* more than the server's threads for uploads: one is always waiting */

struct on_postgres {
	const struct uploads *uploads; /* large ones */
	struct rc_bytes *lines;
	struct bench_samples loop, server;
	unsigned made; /* databases */
};

static void make_database(struct on_postgres *p, char name[32], char url[RC_SIM_DATABASE_URL_CHARS])
{
	(void)snprintf(name, 32, "bench-ingest%u", p->made++);
	rc_sim_database_make(name, url);
}

static void take_turn_on_postgres(struct on_postgres *p)
{
	char name[32], url[RC_SIM_DATABASE_URL_CHARS];

	make_database(p, name, url);
	bench_samples_add(&p->loop, bench_postgres_loop(strchr(url, ':') + 1, p->lines,
							p->uploads->facts, p->uploads->facts_each));
	rc_sim_database_remove(name);
	make_database(p, name, url);
	bench_samples_add(&p->server, through_http(url, p->uploads, POSTGRES_CONNECTIONS).a_second);
	rc_sim_database_remove(name);
}

/* Only where bench.py has found one; its disk and its settings are the same for both. */
static void measure_on_postgres(const struct bench *bench)
{
	struct uploads uploads;
	struct on_postgres p = {.uploads = &uploads};

	if (!rc_sim_database_is_on_postgres())
		return;
	make_uploads(&uploads, BENCH_REFUSED, bench_count(bench, 40, 2), bench_count(bench, 4, 1), 1000);
	p.lines = lines_of(&uploads);
	for (size_t i = 0; i < bench_count(bench, 5, 1); i++)
		take_turn_on_postgres(&p);
	bench_row(&(struct bench_row){SECTION, "PostgreSQL: facts a second, 1,000 an upload", "1/s",
				      bench_median(&p.server), "unnest loop, sorted, 1,000 a transaction",
				      bench_median(&p.loop), BENCH_RATIO_AT_LEAST, 0.9});
	bench_samples_deinit(&p.loop);
	bench_samples_deinit(&p.server);
	free(p.lines);
	uploads_deinit(&uploads);
}

static void put_row(const char *name, struct bench_samples *value, const char *baseline,
		    struct bench_samples *base, double limit)
{
	bench_row(&(struct bench_row){SECTION, name, "us", bench_median(value), baseline,
				      bench_median(base),
				      limit > 0 ? BENCH_RATIO_AT_MOST : BENCH_NO_GOAL, limit});
}

static void put_rows(struct bench_samples f[FIGURES])
{
	put_row("CPU a fact, 20 an upload", &f[STORED], LOOP, &f[BY_LOOP], 1.3);
	put_row("CPU a fact, 1,000 an upload", &f[LARGE], LOOP, &f[BY_LOOP], 1.3);
	put_row("CPU a fact that makes a record, 20 an upload", &f[RECORDED], LOOP, &f[BY_LOOP], 0);
	put_row("CPU a fact through HTTP, 20 an upload", &f[BY_HTTP], LOOP, &f[BY_LOOP], 1.3);
	put_row("CPU a fact through HTTP, beside jansson", &f[BY_HTTP], JANSSON, &f[BY_JANSSON], 0.5);
	put_row("CPU a fact through HTTP, one a request", &f[GROUP_CPU], LOOP, &f[BY_LOOP], 0);
	bench_row(&(struct bench_row){SECTION, "facts a second, one a request", "1/s",
				      bench_median(&f[GROUP_RATE]), "bare loop, 1,000 a transaction",
				      bench_median(&f[LOOP_RATE]), BENCH_RATIO_AT_LEAST, 0.5});
	bench_row(&(struct bench_row){SECTION, "fact sent to answer, one at a time, p50", "us",
				      bench_median(&f[ANSWER_P50]), "a block and its fdatasync",
				      bench_median(&f[SYNC_P50]), BENCH_RATIO_AT_MOST, 2.0});
}

void bench_ingest(const struct bench *bench)
{
	const size_t kiosks = bench_count(bench, 2000, 16), rounds = bench_count(bench, 3, 1);
	struct work work = {.path = bench_path(bench, "ingest.db"),
			    .blocks = bench_path(bench, "blocks"),
			    .connections = kiosks};
	struct bench_samples figures[FIGURES] = {{0}};

	bench_many_files();
	make_uploads(&work.stored, BENCH_REFUSED, kiosks, 1, 20);
	make_uploads(&work.recorded, BENCH_SIGNED_IN, kiosks, 1, 20);
	make_uploads(&work.large, BENCH_REFUSED, bench_count(bench, 40, 2), 1, 1000);
	make_uploads(&work.single, BENCH_REFUSED, kiosks, bench_count(bench, 10, 2), 1);
	make_uploads(&work.alone, BENCH_REFUSED, 1, bench_count(bench, 400, 4), 1);
	work.lines = lines_of(&work.stored);
	for (size_t i = 0; i < rounds; i++)
		take_turn(&work, figures);
	put_rows(figures);
	measure_on_postgres(bench);
	uploads_deinit(&work.stored);
	uploads_deinit(&work.recorded);
	uploads_deinit(&work.large);
	uploads_deinit(&work.single);
	uploads_deinit(&work.alone);
	free(work.lines);
	for (size_t i = 0; i < FIGURES; i++)
		bench_samples_deinit(&figures[i]);
}
