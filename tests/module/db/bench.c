/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/module/db/bench.h"
#include "tests/module/db_sql/statements.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- life cycle ---- */

struct rc_db *bench_open(const struct bench *bench, const struct rc_db_options *options)
{
	struct rc_error err = {{0}};
	struct rc_db *db = NULL;

	bench_expect(rc_db_open(bench->url, options, &db, &err), RC_OK, &err);
	bench_expect(rc_db_migrate(db, rc_sql_bench_migrations, rc_sql_bench_migration_count, &err),
		     RC_OK, &err);
	return db;
}

void bench_reopen(struct bench *bench, const struct rc_db_options *options)
{
	rc_db_close(bench->db);
	bench->db = bench_open(bench, options);
}

int bench_set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	(void)snprintf(bench->folder, sizeof(bench->folder), "/tmp/rollcall-db-XXXXXX");
	assert_non_null(mkdtemp(bench->folder));
	(void)snprintf(bench->path, sizeof(bench->path), "%s/rollcall.db", bench->folder);
	rc_sim_database_make(bench->folder, bench->url);
	bench->db = bench_open(bench, NULL);
	*state = bench;
	return 0;
}

static void remove_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	(void)closedir(dir);
	(void)rmdir(folder);
}

int bench_tear_down(void **state)
{
	struct bench *bench = *state;

	rc_db_close(bench->db);
	rc_sim_database_remove(bench->folder);
	remove_folder(bench->folder);
	free(bench);
	return 0;
}

void bench_expect(enum rc_status status, enum rc_status expected, const struct rc_error *err)
{
	if (status != expected)
		fail_msg("%s instead of %s: %s", rc_status_text(status), rc_status_text(expected),
			 err->text);
}

/* ---- functions ---- */

enum rc_status insert_item(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	const struct item *item = arg;

	return rc_db_exec(tx, &rc_sql_bench_item_insert,
			  RC_DB_VALUES(RC_DB_TEXT(item->id), RC_DB_INT(item->n), RC_DB_NULL,
				       RC_DB_BOOL(false),
				       RC_DB_BYTES(rc_bytes_of(item->data, item->data_size))),
			  err);
}

enum rc_status count_items(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_one_int(tx, &rc_sql_bench_item_count, RC_DB_NO_VALUES, arg, err);
}

void bench_insert(struct rc_db *db, const char *id, int64_t n)
{
	struct item item = {.id = id, .n = n};
	struct rc_error err = {{0}};

	bench_expect(rc_db_write(db, insert_item, &item, &err), RC_OK, &err);
}

int64_t bench_count(struct rc_db *db)
{
	struct rc_error err = {{0}};
	int64_t count = -1;

	bench_expect(rc_db_read(db, count_items, &count, &err), RC_OK, &err);
	return count;
}

static enum rc_status look(const struct rc_db_row *row, void *context, struct rc_error *err)
{
	(void)row;
	(void)context;
	(void)err;
	return RC_OK;
}

static enum rc_status find_item(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	return rc_db_one(tx, &rc_sql_bench_item, RC_DB_VALUES(RC_DB_TEXT((const char *)arg)), look,
			 NULL, err);
}

bool bench_has(struct rc_db *db, const char *id)
{
	struct rc_error err = {{0}};
	char copy[64];
	enum rc_status status;

	(void)snprintf(copy, sizeof(copy), "%s", id);
	status = rc_db_read(db, find_item, copy, &err);
	if (status != RC_ENOTFOUND)
		bench_expect(status, RC_OK, &err);
	return status == RC_OK;
}

struct rc_db_statistics bench_statistics(struct rc_db *db)
{
	struct rc_db_statistics statistics;

	rc_db_statistics(db, &statistics);
	return statistics;
}

/* ---- threads ---- */

static void *call(void *context)
{
	struct caller *caller = context;

	caller->status = rc_db_write(caller->db, caller->fn, caller->arg, &caller->err);
	return NULL;
}

void caller_start(struct caller *caller, struct rc_db *db, rc_db_fn *fn, void *arg)
{
	*caller = (struct caller){.db = db, .fn = fn, .arg = arg, .status = RC_EBUG};
	assert_int_equal(pthread_create(&caller->thread, NULL, call, caller), 0);
}

enum rc_status caller_end(struct caller *caller)
{
	assert_int_equal(pthread_join(caller->thread, NULL), 0);
	return caller->status;
}

void bench_await_queue(struct rc_db *db, uint64_t length)
{
	while (bench_statistics(db).queue_length != length)
		(void)sched_yield();
}

static enum rc_status stand_in_gate(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct gate *gate = arg;
	const enum rc_status status = insert_item(tx, &gate->item, err);

	(void)pthread_mutex_lock(&gate->mutex);
	gate->is_inside = true;
	(void)pthread_cond_broadcast(&gate->changed);
	while (!gate->is_open)
		(void)pthread_cond_wait(&gate->changed, &gate->mutex);
	(void)pthread_mutex_unlock(&gate->mutex);
	return status;
}

void gate_close(struct gate *gate, struct rc_db *db, const char *id)
{
	*gate = (struct gate){.item = {.id = id}};
	assert_int_equal(pthread_mutex_init(&gate->mutex, NULL), 0);
	assert_int_equal(pthread_cond_init(&gate->changed, NULL), 0);
	caller_start(&gate->caller, db, stand_in_gate, gate);
	(void)pthread_mutex_lock(&gate->mutex);
	while (!gate->is_inside)
		(void)pthread_cond_wait(&gate->changed, &gate->mutex);
	(void)pthread_mutex_unlock(&gate->mutex);
}

void gate_open(struct gate *gate)
{
	(void)pthread_mutex_lock(&gate->mutex);
	gate->is_open = true;
	(void)pthread_cond_broadcast(&gate->changed);
	(void)pthread_mutex_unlock(&gate->mutex);
	bench_expect(caller_end(&gate->caller), RC_OK, &gate->caller.err);
	(void)pthread_mutex_destroy(&gate->mutex);
	(void)pthread_cond_destroy(&gate->changed);
}
