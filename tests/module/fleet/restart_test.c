/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An enrolment whose transaction is lost and run again, after it has seen in the lost one what somebody else wrote there. Three
 * functions stand in one group: a rival that takes the code with the same key, the enrolment, and one that loses the transaction.
 */
#include "server/fleet/fleet.h"
#include "shared/base/cleanup.h"
#include "shared/crypto/certificate.h"
#include "shared/crypto/pem.h"
#include "tests/module/fleet_sql/statements.h"
#include "tests/module/ingest/school.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW_MS INT64_C(1795510923456)

/* A function that runs on a thread of its own, and what the first run did. */
struct caller {
	struct rc_db *db;
	rc_db_fn *fn;
	struct stage *stage;
	int runs;
	pthread_t thread;
};

struct stage {
	struct school *school;
	char folder[64];
	struct rc_secrets secrets;
	struct rc_key *key;
	struct rc_buf public_der;
	struct rc_enrol_code code;
	pthread_mutex_t mutex; /* of the next two */
	pthread_cond_t changed;
	bool is_inside, is_open;
	bool has_rival; /* it was let in, in the transaction that was lost */
	struct rc_device_enrol_answer answer;
	enum rc_status status;
};

static void call_start(struct caller *caller, struct stage *stage, rc_db_fn *fn, void *(*run)(void *))
{
	*caller = (struct caller){.db = stage->school->db, .fn = fn, .stage = stage};
	assert_int_equal(pthread_create(&caller->thread, NULL, run, caller), 0);
}

static void await_queue(struct rc_db *db, uint64_t length)
{
	struct rc_db_statistics statistics;

	do {
		(void)sched_yield();
		rc_db_statistics(db, &statistics);
	} while (statistics.queue_length != length);
}

/* ---- who stands in the group ---- */

/* Holds the writer until the others stand behind it. */
static enum rc_status hold(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct stage *stage = ((struct caller *)arg)->stage;

	(void)tx;
	(void)err;
	(void)pthread_mutex_lock(&stage->mutex);
	stage->is_inside = true;
	(void)pthread_cond_broadcast(&stage->changed);
	while (!stage->is_open)
		(void)pthread_cond_wait(&stage->changed, &stage->mutex);
	(void)pthread_mutex_unlock(&stage->mutex);
	return RC_OK;
}

/* The first time another request with this key is let in as kiosk 0; the second time its disk is full. */
static enum rc_status rival(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	struct caller *caller = arg;
	const struct rc_bytes key = rc_buf_bytes(&caller->stage->public_der);
	char kiosk[RC_ID_CHARS + 1];
	enum rc_status status;

	if (caller->runs++ > 0)
		return rc_fail(err, RC_EIO, "disk full");
	rc_id_format(&caller->stage->school->kiosks[0], kiosk);
	status = rc_db_exec(tx, &rc_sql_fleet_restart_take_code,
			    RC_DB_VALUES(RC_DB_TEXT(kiosk), RC_DB_BYTES(key)), err);
	if (status != RC_OK)
		return status;
	status = rc_db_exec(tx, &rc_sql_fleet_restart_certificate,
			    RC_DB_VALUES(RC_DB_TEXT(kiosk), RC_DB_BYTES(key),
					 RC_DB_BYTES(rc_bytes_of_text("the rival's"))),
			    err);
	caller->stage->has_rival = status == RC_OK;
	return status;
}

static enum rc_status lose(struct rc_db_tx *tx, void *arg, struct rc_error *err)
{
	static const struct rc_sql_statement rollback = {
	    .name = "rollback", .kind = RC_SQL_EXEC, .sqlite = "ROLLBACK"};
	struct caller *caller = arg;

	return caller->runs++ == 0 ? rc_db_exec(tx, &rollback, RC_DB_NO_VALUES, err) : RC_OK;
}

static void *write_it(void *context)
{
	struct caller *caller = context;

	(void)!rc_db_write(caller->db, caller->fn, caller, NULL);
	return NULL;
}

static void *enrol(void *context)
{
	struct stage *stage = ((struct caller *)context)->stage;
	const struct rc_fleet_server server = {.organisation = rc_id_new(), .epoch = SCHOOL_EPOCH};
	struct rc_device_enrol_request request = {.kiosk = {.octets = {0}}};
	struct rc_buf der, pem;

	rc_buf_init(&der, 4096);
	rc_buf_init(&pem, sizeof(request.csr_pem) - 1);
	memcpy(request.code, stage->code.code, sizeof(request.code));
	assert_int_equal(rc_csr_create(stage->key, "kiosk", &der, NULL), RC_OK);
	assert_int_equal(rc_pem_encode(RC_PEM_CSR, rc_buf_bytes(&der), &pem, NULL), RC_OK);
	assert_true(rc_text_copy(rc_buf_text(&pem), request.csr_pem, sizeof(request.csr_pem)));
	stage->status = rc_fleet_enrol(stage->school->db, &stage->secrets, &server, &request,
				       NOW_MS, &stage->answer, NULL);
	rc_buf_deinit(&der);
	rc_buf_deinit(&pem);
	return NULL;
}

/* ---- the stage ---- */

static int set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	const struct rc_fleet_code_request request = {
	    .room = "3F-305", .url = "https://rollcall.example:8443", .actor = "ops", .now_ms = NOW_MS};
	struct rc_error err = {.text = ""};
	char secrets[96];
	void *school = NULL;

	assert_non_null(stage);
	assert_int_equal(school_set_up(&school), 0);
	stage->school = school;
	(void)snprintf(stage->folder, sizeof(stage->folder), "/tmp/rollcall-fleet-XXXXXX");
	assert_non_null(mkdtemp(stage->folder));
	(void)snprintf(secrets, sizeof(secrets), "%s/secrets", stage->folder);
	school_expect(rc_secrets_create(secrets, "CA", &err), &err);
	school_expect(rc_secrets_load(secrets, &stage->secrets, &err), &err);
	school_expect(rc_key_new(&stage->key, &err), &err);
	rc_buf_init(&stage->public_der, RC_KEY_PUBLIC_DER_BYTES);
	school_expect(rc_key_public_der(stage->key, &stage->public_der, &err), &err);
	school_expect(
	    rc_fleet_code_new(stage->school->db, &stage->secrets, &request, &stage->code, &err), &err);
	(void)pthread_mutex_init(&stage->mutex, NULL);
	(void)pthread_cond_init(&stage->changed, NULL);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = {"secrets/secrets.key", "secrets/seal.key",
					    "secrets/ca.key", "secrets/ca.der"};
	struct stage *stage = *state;
	void *school = stage->school;
	char path[96];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", stage->folder, names[i]);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof(path), "%s/secrets", stage->folder);
	(void)rmdir(path);
	(void)rmdir(stage->folder);
	rc_secrets_deinit(&stage->secrets);
	rc_key_free(stage->key);
	rc_buf_deinit(&stage->public_der);
	(void)pthread_mutex_destroy(&stage->mutex);
	(void)pthread_cond_destroy(&stage->changed);
	free(stage);
	return school_tear_down(&school);
}

static void stand_in_line(struct stage *stage, struct caller callers[4])
{
	struct rc_db *db = stage->school->db;

	call_start(&callers[0], stage, hold, write_it);
	(void)pthread_mutex_lock(&stage->mutex);
	while (!stage->is_inside)
		(void)pthread_cond_wait(&stage->changed, &stage->mutex);
	(void)pthread_mutex_unlock(&stage->mutex);
	call_start(&callers[1], stage, rival, write_it);
	await_queue(db, 1);
	call_start(&callers[2], stage, NULL, enrol);
	await_queue(db, 2);
	call_start(&callers[3], stage, lose, write_it);
	await_queue(db, 3);
	(void)pthread_mutex_lock(&stage->mutex);
	stage->is_open = true;
	(void)pthread_cond_broadcast(&stage->changed);
	(void)pthread_mutex_unlock(&stage->mutex);
}

static void an_enrolment_that_runs_again_forgets_what_the_lost_one_saw(void **state)
{
	struct stage *stage = *state;
	struct caller callers[4];
	struct rc_certificate certificate;
	struct rc_fleet_peer peer;
	struct rc_error err = {.text = ""};
	struct rc_buf der;

	stand_in_line(stage, callers);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
	assert_true(stage->has_rival);
	assert_int_equal(callers[1].runs, 2);
	assert_int_equal(stage->status, RC_OK);
	assert_false(rc_id_equal(&stage->answer.kiosk, &stage->school->kiosks[0]));
	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	school_expect(rc_pem_decode(RC_PEM_CERTIFICATE,
				    rc_bytes_of_text(stage->answer.certificate_pem), &der, NULL, &err),
		      &err);
	school_expect(rc_certificate_read(rc_buf_bytes(&der), &certificate, &err), &err);
	school_expect(
	    rc_fleet_classify(stage->school->db,
			      &(struct rc_fleet_shown){
				  .serial = rc_bytes_of(certificate.serial, certificate.serial_size),
				  .sha256 = certificate.sha256,
				  .name = certificate.common_name,
				  .not_after_ms = certificate.validity.not_after_ms},
			      NOW_MS, &peer, &err),
	    &err);
	assert_int_equal(peer.class, RC_FLEET_CURRENT);
	assert_true(rc_id_equal(&peer.kiosk, &stage->answer.kiosk));
	rc_buf_deinit(&der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_enrolment_that_runs_again_forgets_what_the_lost_one_saw,
					    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
