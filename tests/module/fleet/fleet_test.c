/* SPDX-License-Identifier: Apache-2.0 */
#include "server/fleet/fleet.h"
#include "server/fleet/quarantine.h"

#include "shared/base/encode.h"
#include "shared/crypto/certificate.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/pem.h"
#include "tests/module/fleet_sql/statements.h"
#include "tests/module/ingest/school.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW_MS INT64_C(1795510923456)
#define URL    "https://rollcall.example:8443"

/* A school and the secrets of its server. */
struct fleet {
	struct school *school;
	char folder[64];
	struct rc_secrets secrets;
	struct rc_fleet_server server;
};

static int set_up(void **state)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet));
	void *school = NULL;
	char secrets[96];
	struct rc_error err = {.text = ""};

	assert_non_null(fleet);
	assert_int_equal(school_set_up(&school), 0);
	fleet->school = school;
	fleet->server = (struct rc_fleet_server){.organisation = rc_id_new(), .epoch = SCHOOL_EPOCH};
	(void)snprintf(fleet->folder, sizeof(fleet->folder), "/tmp/rollcall-fleet-XXXXXX");
	assert_non_null(mkdtemp(fleet->folder));
	(void)snprintf(secrets, sizeof(secrets), "%s/secrets", fleet->folder);
	school_expect(rc_secrets_create(secrets, "CA", &err), &err);
	school_expect(rc_secrets_load(secrets, &fleet->secrets, &err), &err);
	*state = fleet;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = {"secrets/secrets.key", "secrets/seal.key",
					    "secrets/ca.key", "secrets/ca.der"};
	struct fleet *fleet = *state;
	char path[96];
	void *school = fleet->school;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", fleet->folder, names[i]);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof(path), "%s/secrets", fleet->folder);
	(void)rmdir(path);
	(void)rmdir(fleet->folder);
	rc_secrets_deinit(&fleet->secrets);
	free(fleet);
	return school_tear_down(&school);
}

static struct rc_enrol_code code_for(struct fleet *fleet, const char *replaces, int64_t valid_ms)
{
	const struct rc_fleet_code_request request = {.room = "3F-305",
						      .replaces = replaces,
						      .url = URL,
						      .actor = "desk",
						      .valid_ms = valid_ms,
						      .now_ms = NOW_MS};
	struct rc_enrol_code code;
	struct rc_error err = {.text = ""};

	school_expect(rc_fleet_code_new(fleet->school->db, &fleet->secrets, &request, &code, &err), &err);
	return code;
}

static void request_pem(struct rc_key *key, char *text, size_t text_size)
{
	struct rc_error err = {.text = ""};
	struct rc_buf der, pem;

	rc_buf_init(&der, 4096);
	rc_buf_init(&pem, 8000);
	school_expect(rc_csr_create(key, "kiosk", &der, &err), &err);
	school_expect(rc_pem_encode(RC_PEM_CSR, rc_buf_bytes(&der), &pem, &err), &err);
	(void)snprintf(text, text_size, "%s", rc_buf_text(&pem));
	rc_buf_deinit(&der);
	rc_buf_deinit(&pem);
}

static void ask_with(struct rc_key *key, const struct rc_enrol_code *code,
		     struct rc_device_enrol_request *request)
{
	memcpy(request->code, code->code, sizeof(request->code));
	request_pem(key, request->csr_pem, sizeof(request->csr_pem));
}

static enum rc_status enrol(struct fleet *fleet, struct rc_key *key, const struct rc_enrol_code *code,
			    int64_t now_ms, struct rc_device_enrol_answer *answer)
{
	struct rc_device_enrol_request request = {.kiosk = {.octets = {0}}};
	struct rc_error err = {.text = ""};

	ask_with(key, code, &request);
	return rc_fleet_enrol(fleet->school->db, &fleet->secrets, &fleet->server, &request, now_ms,
			      answer, &err);
}

static struct rc_key *new_key(void)
{
	struct rc_key *key = NULL;

	assert_int_equal(rc_key_new(&key, NULL), RC_OK);
	return key;
}

/* A kiosk that is in: its answer; the certificate is read into `certificate`. */
static void let_in(struct fleet *fleet, const char *replaces, struct rc_device_enrol_answer *answer,
		   struct rc_certificate *certificate)
{
	struct rc_enrol_code code = code_for(fleet, replaces, 0);
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	struct rc_error err = {.text = ""};
	struct rc_buf der;

	assert_int_equal(enrol(fleet, key, &code, NOW_MS, answer), RC_OK);
	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	school_expect(rc_pem_decode(RC_PEM_CERTIFICATE, rc_bytes_of_text(answer->certificate_pem),
				    &der, NULL, &err),
		      &err);
	school_expect(rc_certificate_read(rc_buf_bytes(&der), certificate, &err), &err);
	rc_buf_deinit(&der);
}

static struct rc_fleet_peer classify(struct fleet *fleet, const struct rc_certificate *certificate,
				     int64_t now_ms)
{
	const struct rc_fleet_shown shown = {
	    .serial = rc_bytes_of(certificate->serial, certificate->serial_size),
	    .sha256 = certificate->sha256,
	    .name = certificate->common_name,
	    .not_after_ms = certificate->validity.not_after_ms,
	};
	struct rc_fleet_peer peer;
	struct rc_error err = {.text = ""};

	school_expect(rc_fleet_classify(fleet->school->db, &shown, now_ms, &peer, &err), &err);
	return peer;
}

static int64_t count(struct fleet *fleet, const struct rc_sql_statement *statement)
{
	return school_number(fleet->school, statement, RC_DB_NO_VALUES);
}

static int64_t count_of(struct fleet *fleet, const struct rc_sql_statement *statement,
			const struct rc_id *kiosk)
{
	char id[RC_ID_CHARS + 1];

	rc_id_format(kiosk, id);
	return school_number(fleet->school, statement, RC_DB_VALUES(RC_DB_TEXT(id)));
}

static int64_t count_audited(struct fleet *fleet, const char *action, const struct rc_id *kiosk)
{
	char id[RC_ID_CHARS + 1];

	rc_id_format(kiosk, id);
	return school_number(fleet->school, &rc_sql_fleet_test_audited,
			     RC_DB_VALUES(RC_DB_TEXT(action), RC_DB_TEXT(id)));
}

/* ---- codes ---- */

static void a_code_names_our_ca_and_url_and_only_its_hash_is_kept_and_audited(void **state)
{
	struct fleet *fleet = *state;
	struct rc_enrol_code code = code_for(fleet, NULL, 0), other = code_for(fleet, NULL, 0);
	char hex[RC_HEX_CHARS(32) + 1];
	uint8_t hash[32];

	rc_sha256(rc_buf_bytes(&fleet->secrets.ca_der), hash);
	assert_memory_equal(code.ca_sha256, hash, sizeof(hash));
	assert_string_equal(code.url, URL);
	assert_memory_not_equal(code.code, other.code, sizeof(code.code));
	rc_sha256(rc_bytes_of(code.code, sizeof(code.code)), hash);
	rc_hex_encode(rc_bytes_of(hash, sizeof(hash)), hex);
	assert_int_equal(school_number(fleet->school, &rc_sql_fleet_test_codes_with,
				       RC_DB_VALUES(RC_DB_TEXT(hex))),
			 1);
	assert_int_equal(school_number(fleet->school, &rc_sql_fleet_test_audited,
				       RC_DB_VALUES(RC_DB_TEXT("code.made"), RC_DB_TEXT(hex))),
			 1);
	assert_int_equal(
	    school_number(fleet->school, &rc_sql_fleet_test_actor, RC_DB_VALUES(RC_DB_TEXT("desk"))), 2);
}

static void a_code_needs_a_room_a_url_and_a_bearable_time(void **state)
{
	struct fleet *fleet = *state;
	const struct rc_fleet_code_request good = {
	    .room = "3F-305", .url = URL, .actor = "desk", .now_ms = NOW_MS};
	struct rc_fleet_code_request request;
	struct rc_enrol_code code;
	struct rc_error err;

#define REFUSED(status_, ...)                                                                      \
	do {                                                                                       \
		request = good;                                                                    \
		__VA_ARGS__;                                                                       \
		assert_int_equal(                                                                  \
		    rc_fleet_code_new(fleet->school->db, &fleet->secrets, &request, &code, &err),  \
		    status_);                                                                      \
	} while (0)
	REFUSED(RC_ENOTFOUND, request.room = "9F-999");
	REFUSED(RC_ENOTFOUND, request.replaces = "0c9f1e2d-3b4a-4c5d-8e6f-708192a3b4c5");
	REFUSED(RC_EUSAGE, request.url = "http://rollcall.example:8443");
	REFUSED(RC_EUSAGE, request.url = "https://rollcall.example:8443/path");
	REFUSED(RC_EUSAGE, request.valid_ms = 1000);
	REFUSED(RC_EUSAGE, request.valid_ms = RC_FLEET_CODE_MAX_MS + 1);
#undef REFUSED
}

/* ---- enrolment ---- */

static void a_code_lets_a_kiosk_in(void **state)
{
	struct fleet *fleet = *state;
	struct rc_device_enrol_answer answer;
	struct rc_certificate certificate;
	char kiosk[RC_ID_CHARS + 1], site[RC_ID_CHARS + 1];

	let_in(fleet, NULL, &answer, &certificate);
	rc_id_format(&answer.kiosk, kiosk);
	rc_id_format(&fleet->school->site, site);
	assert_string_equal(certificate.common_name, kiosk);
	assert_int_equal(certificate.validity.not_before_ms, INT64_C(1577836800000)); /* boards boot with any clock */
	assert_true(certificate.validity.not_after_ms <= NOW_MS + RC_FLEET_CERTIFICATE_MS);
	assert_true(certificate.validity.not_after_ms > NOW_MS + RC_FLEET_CERTIFICATE_MS - 1000);
	assert_true(rc_id_equal(&answer.room, &fleet->school->room));
	assert_true(rc_id_equal(&answer.organisation, &fleet->server.organisation));
	assert_string_equal(answer.site, site);
	assert_int_equal(answer.ca_count, 1);
	assert_int_equal(answer.time_ms, NOW_MS);
	assert_true(answer.server_epoch == SCHOOL_EPOCH);
	assert_int_equal(count_audited(fleet, "kiosk.enrolled", &answer.kiosk), 1);
}

static void the_certificate_is_signed_by_the_ca_in_the_answer(void **state)
{
	struct fleet *fleet = *state;
	struct rc_device_enrol_answer answer;
	struct rc_certificate certificate;
	struct rc_error err = {.text = ""};
	struct rc_buf leaf, ca;

	let_in(fleet, NULL, &answer, &certificate);
	rc_buf_init(&leaf, RC_CERTIFICATE_MAX_BYTES);
	rc_buf_init(&ca, RC_CERTIFICATE_MAX_BYTES);
	school_expect(rc_pem_decode(RC_PEM_CERTIFICATE, rc_bytes_of_text(answer.certificate_pem),
				    &leaf, NULL, &err),
		      &err);
	school_expect(
	    rc_pem_decode(RC_PEM_CERTIFICATE, rc_bytes_of_text(answer.ca_pem[0]), &ca, NULL, &err), &err);
	school_expect(rc_certificate_is_signed_by(rc_buf_bytes(&leaf), rc_buf_bytes(&ca), &err), &err);
	rc_buf_deinit(&leaf);
	rc_buf_deinit(&ca);
}

static void the_same_code_and_key_again_get_the_same_certificate(void **state)
{
	struct fleet *fleet = *state;
	struct rc_enrol_code code = code_for(fleet, NULL, 0);
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	static struct rc_device_enrol_answer first, again;
	int64_t before;

	assert_int_equal(enrol(fleet, key, &code, NOW_MS, &first), RC_OK);
	before = count(fleet, &rc_sql_fleet_test_kiosks);
	/* Even after the code's time: the answer may have got lost on a slow line. */
	assert_int_equal(enrol(fleet, key, &code, NOW_MS + RC_DAY_MS, &again), RC_OK);
	assert_string_equal(first.certificate_pem, again.certificate_pem);
	assert_true(rc_id_equal(&first.kiosk, &again.kiosk));
	assert_int_equal(count(fleet, &rc_sql_fleet_test_kiosks), before);
	assert_int_equal(school_inbox(fleet->school, "code.reused"), 0);
}

static void another_key_with_a_used_code_is_refused_and_raises_an_alarm(void **state)
{
	struct fleet *fleet = *state;
	struct rc_enrol_code code = code_for(fleet, NULL, 0);
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	RC_AUTO(rc_key_free_p) struct rc_key *thief = new_key();
	static struct rc_device_enrol_answer answer;

	assert_int_equal(enrol(fleet, key, &code, NOW_MS, &answer), RC_OK);
	assert_int_equal(enrol(fleet, thief, &code, NOW_MS, &answer), RC_ECONFLICT);
	assert_int_equal(school_inbox(fleet->school, "code.reused"), 1);
	assert_int_equal(enrol(fleet, thief, &code, NOW_MS + RC_DAY_MS, &answer), RC_ECONFLICT);
	assert_int_equal(school_inbox(fleet->school, "code.reused"), 2);
	assert_int_equal(enrol(fleet, key, &code, NOW_MS, &answer),
			 RC_OK); /* the rightful one is not shut out by that */
}

static void an_expired_code_lets_nobody_in(void **state)
{
	struct fleet *fleet = *state;
	struct rc_enrol_code code = code_for(fleet, NULL, 0);
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	static struct rc_device_enrol_answer answer;
	int64_t before = count(fleet, &rc_sql_fleet_test_kiosks);

	assert_int_equal(enrol(fleet, key, &code, NOW_MS + RC_FLEET_CODE_MS, &answer), RC_EEXPIRED);
	assert_int_equal(count(fleet, &rc_sql_fleet_test_kiosks), before);
	assert_int_equal(enrol(fleet, key, &code, NOW_MS + RC_FLEET_CODE_MS - 1, &answer), RC_OK);
}

static void a_sheets_code_lives_for_a_week(void **state)
{
	struct fleet *fleet = *state;
	struct rc_enrol_code code = code_for(fleet, NULL, RC_FLEET_CODE_MAX_MS);
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	static struct rc_device_enrol_answer answer;

	assert_int_equal(enrol(fleet, key, &code, NOW_MS + 6 * RC_DAY_MS, &answer), RC_OK);
}

static void an_unknown_code_lets_nobody_in(void **state)
{
	struct fleet *fleet = *state;
	struct rc_enrol_code code = code_for(fleet, NULL, 0);
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	static struct rc_device_enrol_answer answer;

	code.code[0] ^= 1;
	assert_int_equal(enrol(fleet, key, &code, NOW_MS, &answer), RC_ENOTFOUND);
}

static void a_request_that_its_key_didnt_sign_is_malformed_and_costs_no_code(void **state)
{
	struct fleet *fleet = *state;
	struct rc_enrol_code code = code_for(fleet, NULL, 0);
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	static struct rc_device_enrol_request request;
	static struct rc_device_enrol_answer answer;
	struct rc_error err = {.text = ""};
	struct rc_buf der, pem;

	rc_buf_init(&der, 4096);
	rc_buf_init(&pem, 8000);
	memcpy(request.code, code.code, sizeof(request.code));
	school_expect(rc_csr_create(key, "kiosk", &der, &err), &err);
	der.data[der.size - 1] ^= 1; /* in the signature */
	school_expect(rc_pem_encode(RC_PEM_CSR, rc_buf_bytes(&der), &pem, &err), &err);
	(void)snprintf(request.csr_pem, sizeof(request.csr_pem), "%s", rc_buf_text(&pem));
	assert_int_equal(rc_fleet_enrol(fleet->school->db, &fleet->secrets, &fleet->server,
					&request, NOW_MS, &answer, &err),
			 RC_EFORMAT);
	(void)snprintf(request.csr_pem, sizeof(request.csr_pem), "garbage");
	assert_int_equal(rc_fleet_enrol(fleet->school->db, &fleet->secrets, &fleet->server,
					&request, NOW_MS, &answer, &err),
			 RC_EFORMAT);
	assert_int_equal(count(fleet, &rc_sql_fleet_test_used), 0);
	assert_int_equal(enrol(fleet, key, &code, NOW_MS, &answer), RC_OK);
	rc_buf_deinit(&der);
	rc_buf_deinit(&pem);
}

static void a_node_without_the_ca_key_lets_nobody_in(void **state)
{
	struct fleet *fleet = *state;
	struct rc_enrol_code code = code_for(fleet, NULL, 0);
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	static struct rc_device_enrol_answer answer;

	rc_key_free(fleet->secrets.ca_key);
	fleet->secrets.ca_key = NULL;
	assert_int_equal(enrol(fleet, key, &code, NOW_MS, &answer), RC_EDENIED);
	assert_int_equal(count(fleet, &rc_sql_fleet_test_used), 0);
}

static void who_takes_a_kiosks_place_keeps_its_id_and_shuts_it_out(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer old, fresh;
	struct rc_certificate old_certificate, fresh_certificate;
	char id[RC_ID_CHARS + 1];
	int64_t before;

	let_in(fleet, NULL, &old, &old_certificate);
	before = count(fleet, &rc_sql_fleet_test_kiosks);
	rc_id_format(&old.kiosk, id);
	let_in(fleet, id, &fresh, &fresh_certificate);
	assert_true(rc_id_equal(&old.kiosk, &fresh.kiosk));
	assert_int_equal(count(fleet, &rc_sql_fleet_test_kiosks), before);
	assert_int_equal(count_of(fleet, &rc_sql_fleet_test_certificates, &old.kiosk), 2);
	assert_int_equal(classify(fleet, &old_certificate, NOW_MS).class, RC_FLEET_REVOKED);
	assert_int_equal(classify(fleet, &fresh_certificate, NOW_MS).class, RC_FLEET_CURRENT);
}

static void a_revoked_kiosk_may_enrol_again_by_a_code_that_names_it(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer old, fresh;
	struct rc_certificate old_certificate, fresh_certificate;
	char id[RC_ID_CHARS + 1];
	struct rc_error err = {.text = ""};

	let_in(fleet, NULL, &old, &old_certificate);
	school_expect(rc_fleet_revoke(fleet->school->db, &old.kiosk, "ops", NOW_MS, &err), &err);
	rc_id_format(&old.kiosk, id);
	let_in(fleet, id, &fresh, &fresh_certificate);
	assert_int_equal(classify(fleet, &fresh_certificate, NOW_MS).class, RC_FLEET_CURRENT);
	assert_int_equal(classify(fleet, &old_certificate, NOW_MS).class, RC_FLEET_REVOKED);
}

static void a_code_shown_to_another_kiosk_is_not_spent(void **state)
{
	struct fleet *fleet = *state;
	struct rc_enrol_code fresh = code_for(fleet, NULL, 0);
	static struct rc_device_enrol_answer old, answer;
	struct rc_device_enrol_request request = {.kiosk = {.octets = {0}}};
	struct rc_certificate certificate;
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	char id[RC_ID_CHARS + 1];
	struct rc_error err;

	let_in(fleet, NULL, &old, &certificate);
	ask_with(key, &fresh, &request);
	request.kiosk = old.kiosk;
	assert_int_equal(rc_fleet_enrol(fleet->school->db, &fleet->secrets, &fleet->server,
					&request, NOW_MS, &answer, &err),
			 RC_EUSAGE);
	assert_int_equal(enrol(fleet, key, &fresh, NOW_MS, &answer), RC_OK); /* the right one comes */
	assert_false(rc_id_equal(&answer.kiosk, &old.kiosk));
	rc_id_format(&old.kiosk, id);
	fresh = code_for(fleet, id, 0); /* and with a code of its own so does the other */
	ask_with(key, &fresh, &request);
	school_expect(rc_fleet_enrol(fleet->school->db, &fleet->secrets, &fleet->server, &request,
				     NOW_MS, &answer, &err),
		      &err);
	assert_true(rc_id_equal(&answer.kiosk, &old.kiosk));
}

/* ---- renewal ---- */

static enum rc_status renew(struct fleet *fleet, const struct rc_fleet_peer *peer,
			    struct rc_key *key, int64_t now_ms, struct rc_device_enrol_answer *answer)
{
	struct rc_device_renew_request request;
	const struct rc_fleet_renewal renewal = {.peer = peer, .request = &request, .now_ms = now_ms};
	struct rc_error err = {.text = ""};

	request_pem(key, request.csr_pem, sizeof(request.csr_pem));
	return rc_fleet_renew(fleet->school->db, &fleet->secrets, &fleet->server, &renewal, answer, &err);
}

static struct rc_certificate read_answer(const struct rc_device_enrol_answer *answer)
{
	struct rc_certificate certificate;
	struct rc_error err = {.text = ""};
	struct rc_buf der;

	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	school_expect(rc_pem_decode(RC_PEM_CERTIFICATE, rc_bytes_of_text(answer->certificate_pem),
				    &der, NULL, &err),
		      &err);
	school_expect(rc_certificate_read(rc_buf_bytes(&der), &certificate, &err), &err);
	rc_buf_deinit(&der);
	return certificate;
}

static void a_renewed_certificate_is_good_and_so_is_the_old_one_until_it_ends(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer old, fresh;
	struct rc_certificate before, after;
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	const int64_t later_ms = NOW_MS + 270 * RC_DAY_MS;
	struct rc_fleet_peer peer;

	let_in(fleet, NULL, &old, &before);
	peer = classify(fleet, &before, later_ms);
	assert_int_equal(renew(fleet, &peer, key, later_ms, &fresh), RC_OK);
	after = read_answer(&fresh);
	assert_true(rc_id_equal(&fresh.kiosk, &old.kiosk));
	assert_true(rc_id_equal(&fresh.room, &old.room));
	assert_string_equal(fresh.site, old.site);
	assert_string_equal(after.common_name, before.common_name);
	assert_int_equal(after.validity.not_after_ms / 1000, (later_ms + RC_FLEET_CERTIFICATE_MS) / 1000);
	assert_int_equal(classify(fleet, &after, later_ms).class, RC_FLEET_CURRENT);
	assert_int_equal(classify(fleet, &before, later_ms).class, RC_FLEET_CURRENT);
	assert_int_equal(classify(fleet, &before, NOW_MS + 401 * RC_DAY_MS).class, RC_FLEET_GRACE);
	assert_int_equal(count_audited(fleet, "kiosk.renewed", &old.kiosk), 1);
}

static void the_same_key_again_gets_the_same_certificate_and_no_other(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer old, first, again;
	struct rc_certificate certificate;
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	struct rc_fleet_peer peer;

	let_in(fleet, NULL, &old, &certificate);
	peer = classify(fleet, &certificate, NOW_MS);
	assert_int_equal(renew(fleet, &peer, key, NOW_MS, &first), RC_OK);
	assert_int_equal(renew(fleet, &peer, key, NOW_MS + RC_DAY_MS, &again), RC_OK);
	assert_string_equal(again.certificate_pem, first.certificate_pem);
	assert_int_equal(count_of(fleet, &rc_sql_fleet_test_certificates, &old.kiosk), 2);
	assert_int_equal(count_audited(fleet, "kiosk.renewed", &old.kiosk), 1);
}

static void a_certificate_in_its_grace_time_is_renewed(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer old, fresh;
	struct rc_certificate before, after;
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	const int64_t late_ms = NOW_MS + RC_FLEET_CERTIFICATE_MS + RC_FLEET_GRACE_MS;
	struct rc_fleet_peer peer;

	let_in(fleet, NULL, &old, &before);
	peer = classify(fleet, &before, late_ms);
	assert_int_equal(peer.class, RC_FLEET_GRACE);
	assert_int_equal(renew(fleet, &peer, key, late_ms, &fresh), RC_OK);
	after = read_answer(&fresh);
	assert_int_equal(classify(fleet, &after, late_ms).class, RC_FLEET_CURRENT);
}

static void a_certificate_revoked_since_it_was_looked_at_is_not_renewed(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer old, fresh;
	struct rc_certificate certificate;
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	struct rc_fleet_peer peer;
	struct rc_error err = {.text = ""};

	let_in(fleet, NULL, &old, &certificate);
	peer = classify(fleet, &certificate, NOW_MS);
	school_expect(rc_fleet_revoke(fleet->school->db, &old.kiosk, "ops", NOW_MS, &err), &err);
	assert_int_equal(renew(fleet, &peer, key, NOW_MS, &fresh), RC_ECONFLICT);
	assert_int_equal(count_of(fleet, &rc_sql_fleet_test_certificates, &old.kiosk), 1);
}

static void a_revocation_holds_for_all_certificates_of_a_kiosk(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer old, fresh;
	struct rc_certificate before, after;
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	struct rc_fleet_peer peer;
	struct rc_error err = {.text = ""};

	let_in(fleet, NULL, &old, &before);
	peer = classify(fleet, &before, NOW_MS);
	assert_int_equal(renew(fleet, &peer, key, NOW_MS, &fresh), RC_OK);
	after = read_answer(&fresh);
	school_expect(rc_fleet_revoke(fleet->school->db, &old.kiosk, "ops", NOW_MS, &err), &err);
	assert_int_equal(classify(fleet, &before, NOW_MS).class, RC_FLEET_REVOKED);
	assert_int_equal(classify(fleet, &after, NOW_MS).class, RC_FLEET_REVOKED);
	assert_int_equal(renew(fleet, &peer, key, NOW_MS, &fresh), RC_ECONFLICT); /* not even the same again */
}

static void a_key_that_was_used_is_not_certified_again(void **state)
{
	struct fleet *fleet = *state;
	struct rc_enrol_code code = code_for(fleet, NULL, 0);
	static struct rc_device_enrol_answer old, fresh;
	struct rc_certificate certificate;
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	struct rc_fleet_peer peer;

	assert_int_equal(enrol(fleet, key, &code, NOW_MS, &old), RC_OK);
	certificate = read_answer(&old);
	peer = classify(fleet, &certificate, NOW_MS);
	assert_int_equal(renew(fleet, &peer, key, NOW_MS, &fresh), RC_EFORMAT);
}

static void who_renews_again_and_again_is_stopped(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer old, fresh;
	struct rc_certificate certificate;
	struct rc_fleet_peer peer;

	let_in(fleet, NULL, &old, &certificate);
	peer = classify(fleet, &certificate, NOW_MS);
	for (int i = 1; i <= RC_FLEET_CERTIFICATES_MAX; i++) {
		RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();

		assert_int_equal(renew(fleet, &peer, key, NOW_MS, &fresh),
				 i < RC_FLEET_CERTIFICATES_MAX ? RC_OK : RC_ELIMIT);
	}
}

static void a_node_without_the_ca_key_renews_nothing(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer old, fresh;
	struct rc_certificate certificate;
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
	struct rc_fleet_peer peer;

	let_in(fleet, NULL, &old, &certificate);
	peer = classify(fleet, &certificate, NOW_MS);
	rc_key_free(fleet->secrets.ca_key);
	fleet->secrets.ca_key = NULL;
	assert_int_equal(renew(fleet, &peer, key, NOW_MS, &fresh), RC_EDENIED);
}

/* ---- two at once ---- */

struct racer {
	struct fleet *fleet;
	const struct rc_enrol_code *code;
	struct rc_key *key;
	pthread_barrier_t *start;
	struct rc_device_enrol_answer answer;
	enum rc_status status;
};

static void *race(void *context)
{
	struct racer *racer = context;

	(void)pthread_barrier_wait(racer->start);
	racer->status = enrol(racer->fleet, racer->key, racer->code, NOW_MS, &racer->answer);
	return NULL;
}

static void of_two_who_come_at_once_with_one_code_one_gets_in(void **state)
{
	struct fleet *fleet = *state;
	int64_t before = count(fleet, &rc_sql_fleet_test_kiosks);

	for (int round = 0; round < 20; round++) {
		struct rc_enrol_code code = code_for(fleet, NULL, 0);
		struct racer racers[2] = {{.fleet = fleet}, {.fleet = fleet}};
		pthread_barrier_t start;
		pthread_t threads[2];

		assert_int_equal(pthread_barrier_init(&start, NULL, 2), 0);
		for (int i = 0; i < 2; i++) {
			racers[i].code = &code;
			racers[i].start = &start;
			racers[i].key = new_key();
			assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
		}
		for (int i = 0; i < 2; i++) {
			assert_int_equal(pthread_join(threads[i], NULL), 0);
			rc_key_free(racers[i].key);
		}
		(void)pthread_barrier_destroy(&start);
		assert_true((racers[0].status == RC_OK) != (racers[1].status == RC_OK));
		assert_int_equal(racers[racers[0].status == RC_OK ? 1 : 0].status, RC_ECONFLICT);
	}
	assert_int_equal(count(fleet, &rc_sql_fleet_test_kiosks), before + 20);
}

static void of_two_who_come_at_once_with_one_key_both_get_the_same(void **state)
{
	struct fleet *fleet = *state;

	for (int round = 0; round < 20; round++) {
		struct rc_enrol_code code = code_for(fleet, NULL, 0);
		struct racer racers[2] = {{.fleet = fleet}, {.fleet = fleet}};
		RC_AUTO(rc_key_free_p) struct rc_key *key = new_key();
		pthread_barrier_t start;
		pthread_t threads[2];

		assert_int_equal(pthread_barrier_init(&start, NULL, 2), 0);
		for (int i = 0; i < 2; i++) {
			racers[i].code = &code;
			racers[i].start = &start;
			racers[i].key = key;
			assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
		}
		for (int i = 0; i < 2; i++)
			assert_int_equal(pthread_join(threads[i], NULL), 0);
		(void)pthread_barrier_destroy(&start);
		assert_int_equal(racers[0].status, RC_OK);
		assert_int_equal(racers[1].status, RC_OK);
		assert_string_equal(racers[0].answer.certificate_pem, racers[1].answer.certificate_pem);
	}
}

/* ---- classes ---- */

static void a_certificate_is_current_then_in_grace_then_a_strangers(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer answer;
	struct rc_certificate certificate;
	struct rc_fleet_peer peer;
	int64_t end_ms = NOW_MS + RC_FLEET_CERTIFICATE_MS;

	let_in(fleet, NULL, &answer, &certificate);
	peer = classify(fleet, &certificate, NOW_MS);
	assert_int_equal(peer.class, RC_FLEET_CURRENT);
	assert_true(rc_id_equal(&peer.kiosk, &answer.kiosk));
	assert_true(rc_id_equal(&peer.room, &fleet->school->room));
	assert_string_equal(peer.site, answer.site);
	assert_int_equal(classify(fleet, &certificate, end_ms).class, RC_FLEET_CURRENT);
	assert_int_equal(classify(fleet, &certificate, end_ms + 1).class, RC_FLEET_GRACE);
	assert_int_equal(classify(fleet, &certificate, end_ms + RC_FLEET_GRACE_MS).class, RC_FLEET_GRACE);
	assert_int_equal(classify(fleet, &certificate, end_ms + RC_FLEET_GRACE_MS + 1).class,
			 RC_FLEET_STRANGER);
}

static void a_certificate_that_we_cant_have_signed_for_a_kiosk_is_a_strangers(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer answer;
	struct rc_certificate certificate, other;
	struct rc_id nil = {.octets = {0}};
	struct rc_fleet_peer peer;

	let_in(fleet, NULL, &answer, &certificate);
	other = certificate;
	other.serial[3] ^= 1;
	(void)snprintf(other.common_name, sizeof(other.common_name), "localhost");
	peer = classify(fleet, &other, NOW_MS);
	assert_int_equal(peer.class, RC_FLEET_STRANGER);
	assert_true(rc_id_equal(&peer.kiosk, &nil));
	other = certificate;
	other.serial[3] ^= 1;
	assert_int_equal(classify(fleet, &other, certificate.validity.not_after_ms + 1).class,
			 RC_FLEET_STRANGER);
	other = certificate;
	other.sha256[0] ^= 1; /* the serial of ours on another certificate */
	peer = classify(fleet, &other, NOW_MS);
	assert_int_equal(peer.class, RC_FLEET_STRANGER);
	assert_true(rc_id_equal(&peer.kiosk, &nil));
	other.serial_size = 0;
	assert_int_equal(classify(fleet, &other, NOW_MS).class, RC_FLEET_STRANGER);
}

static void a_serial_longer_than_any_is_a_strangers(void **state)
{
	struct fleet *fleet = *state;
	uint8_t serial[64] = {1}, sha256[32] = {0};
	const struct rc_fleet_shown shown = {.serial = rc_bytes_of(serial, sizeof(serial)),
					     .sha256 = sha256,
					     .name = "kiosk",
					     .not_after_ms = INT64_MAX};
	struct rc_fleet_peer peer;
	struct rc_error err;

	assert_int_equal(rc_fleet_classify(fleet->school->db, &shown, NOW_MS, &peer, &err), RC_OK);
	assert_int_equal(peer.class, RC_FLEET_STRANGER);
}

/* ---- a server restored from an older backup ---- */

static void der_of(const struct rc_device_enrol_answer *answer, struct rc_buf *der)
{
	struct rc_error err = {.text = ""};

	rc_buf_init(der, RC_CERTIFICATE_MAX_BYTES);
	school_expect(rc_pem_decode(RC_PEM_CERTIFICATE, rc_bytes_of_text(answer->certificate_pem),
				    der, NULL, &err),
		      &err);
}

/* Takes a kiosk's certificates out of the register, as if they had come after the backup. */
static void forget_certificates(struct fleet *fleet, const struct rc_certificate *of)
{
	school_exec(fleet->school, &rc_sql_fleet_test_forget_certificates,
		    RC_DB_VALUES(RC_DB_TEXT(of->common_name)));
}

/* A kiosk that came in, and then the register as it was before. */
static struct rc_fleet_peer let_in_and_forget(struct fleet *fleet,
					      struct rc_certificate *certificate, struct rc_buf *der)
{
	static struct rc_device_enrol_answer answer;

	let_in(fleet, NULL, &answer, certificate);
	der_of(&answer, der);
	forget_certificates(fleet, certificate);
	school_exec(fleet->school, &rc_sql_fleet_test_forget_kiosk,
		    RC_DB_VALUES(RC_DB_TEXT(certificate->common_name)));
	return classify(fleet, certificate, NOW_MS);
}

static enum rc_status trust(struct fleet *fleet, const struct rc_id *kiosk, const char *room)
{
	const struct rc_fleet_nod nod = {
	    .kiosk = *kiosk, .is_trusted = true, .room = room, .actor = "ops", .now_ms = NOW_MS};
	int64_t waiting;

	return rc_fleet_nod(fleet->school->db, &nod, &waiting, NULL);
}

static void meet(struct fleet *fleet, const struct rc_fleet_peer *peer, const struct rc_buf *der,
		 int64_t now_ms)
{
	struct rc_error err = {.text = ""};

	school_expect(rc_fleet_meet(fleet->school->db, peer, rc_buf_bytes(der), now_ms, &err), &err);
}

static void a_kiosk_that_the_register_has_lost_goes_on_after_a_nod(void **state)
{
	struct fleet *fleet = *state;
	struct rc_certificate certificate;
	RC_AUTO(rc_buf_deinit) struct rc_buf der;
	struct rc_fleet_peer peer = let_in_and_forget(fleet, &certificate, &der);
	char id[RC_ID_CHARS + 1];

	rc_id_format(&peer.kiosk, id);
	assert_int_equal(peer.class, RC_FLEET_UNKNOWN);
	assert_string_equal(id, certificate.common_name);
	assert_string_equal(peer.site, "");
	meet(fleet, &peer, &der, NOW_MS);
	assert_int_equal(classify(fleet, &certificate, NOW_MS).class, RC_FLEET_UNKNOWN);
	assert_int_equal(count(fleet, &rc_sql_fleet_test_unknown_waiting), 1);
	assert_int_equal(trust(fleet, &peer.kiosk, NULL), RC_EUSAGE);
	assert_int_equal(trust(fleet, &peer.kiosk, "nowhere"), RC_EUSAGE);
	assert_int_equal(classify(fleet, &certificate, NOW_MS).class, RC_FLEET_UNKNOWN);
	assert_int_equal(trust(fleet, &peer.kiosk, "3F-305"), RC_OK);
	peer = classify(fleet, &certificate, NOW_MS);
	assert_int_equal(peer.class, RC_FLEET_CURRENT);
	assert_string_not_equal(peer.site, "");
	assert_int_equal(count(fleet, &rc_sql_fleet_test_unknown_waiting), 0);
	assert_int_equal(count_audited(fleet, "kiosk.quarantine_released", &peer.kiosk), 1);
}

static void a_certificate_that_came_after_the_backup_needs_a_nod_and_no_room(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer old, fresh;
	struct rc_certificate before, after;
	RC_AUTO(rc_buf_deinit) struct rc_buf der;
	struct rc_fleet_peer peer;

	let_in(fleet, NULL, &old, &before);
	let_in(fleet, before.common_name, &fresh, &after);
	der_of(&fresh, &der);
	forget_certificates(fleet, &after);
	peer = classify(fleet, &after, NOW_MS);
	assert_int_equal(peer.class, RC_FLEET_UNKNOWN);
	meet(fleet, &peer, &der, NOW_MS);
	assert_int_equal(trust(fleet, &peer.kiosk, NULL), RC_OK);
	assert_int_equal(classify(fleet, &after, NOW_MS).class, RC_FLEET_CURRENT);
	/* The nod is for what was shown. */
	assert_int_equal(classify(fleet, &before, NOW_MS).class, RC_FLEET_UNKNOWN);
}

static void a_kiosk_that_was_shut_out_stays_so_whatever_certificate_it_shows(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer answer;
	struct rc_certificate certificate, other;
	RC_AUTO(rc_buf_deinit) struct rc_buf der;
	struct rc_fleet_peer peer;
	struct rc_error err = {.text = ""};

	let_in(fleet, NULL, &answer, &certificate);
	der_of(&answer, &der);
	forget_certificates(fleet, &certificate);
	peer = classify(fleet, &certificate, NOW_MS);
	assert_int_equal(peer.class, RC_FLEET_UNKNOWN);
	meet(fleet, &peer, &der, NOW_MS);
	school_expect(rc_fleet_revoke(fleet->school->db, &answer.kiosk, "ops", NOW_MS, &err), &err);
	other = certificate;
	other.serial[3] ^= 1;
	peer = classify(fleet, &other, NOW_MS);
	assert_int_equal(peer.class, RC_FLEET_REVOKED);
	assert_true(rc_id_equal(&peer.kiosk, &answer.kiosk));
	assert_int_equal(trust(fleet, &answer.kiosk, NULL), RC_ECONFLICT);
}

static void a_kiosk_that_waits_is_written_down_once_a_minute(void **state)
{
	struct fleet *fleet = *state;
	struct rc_certificate certificate;
	RC_AUTO(rc_buf_deinit) struct rc_buf der;
	const struct rc_fleet_peer peer = let_in_and_forget(fleet, &certificate, &der);
	const struct rc_db_values id = RC_DB_VALUES(RC_DB_TEXT(certificate.common_name));
	const struct {
		int64_t now_ms, seen_ms;
	} looks[] = {
	    {NOW_MS, NOW_MS},
	    {NOW_MS + RC_MINUTE_MS - 1, NOW_MS},
	    {NOW_MS + RC_MINUTE_MS, NOW_MS + RC_MINUTE_MS},
	    {NOW_MS, NOW_MS}, /* the clock was set back */
	};

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		meet(fleet, &peer, &der, looks[i].now_ms);
		assert_int_equal(school_number(fleet->school, &rc_sql_fleet_test_unknown_seen, id),
				 looks[i].seen_ms);
	}
}

static void a_revoked_kiosk_is_told_apart_at_once(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer answer;
	struct rc_certificate certificate;
	struct rc_fleet_peer peer;
	struct rc_error err = {.text = ""};

	let_in(fleet, NULL, &answer, &certificate);
	school_expect(rc_fleet_revoke(fleet->school->db, &answer.kiosk, "ops", NOW_MS, &err), &err);
	peer = classify(fleet, &certificate, NOW_MS);
	assert_int_equal(peer.class, RC_FLEET_REVOKED);
	assert_true(rc_id_equal(&peer.kiosk, &answer.kiosk)); /* its facts are still taken */
	assert_int_equal(classify(fleet, &certificate, NOW_MS + 2 * RC_FLEET_CERTIFICATE_MS).class,
			 RC_FLEET_REVOKED);
	assert_int_equal(count_audited(fleet, "kiosk.revoked", &answer.kiosk), 1);
	assert_int_equal(
	    school_number(fleet->school, &rc_sql_fleet_test_actor, RC_DB_VALUES(RC_DB_TEXT("ops"))), 1);
}

static void nobody_is_revoked_who_isnt_there(void **state)
{
	struct fleet *fleet = *state;
	struct rc_id stranger = rc_id_new();
	struct rc_error err;

	assert_int_equal(rc_fleet_revoke(fleet->school->db, &stranger, "ops", NOW_MS, &err), RC_ENOTFOUND);
	assert_int_equal(count_audited(fleet, "kiosk.revoked", &stranger), 0);
}

/* ---- the list ---- */

struct listed {
	struct rc_id wanted;
	struct rc_fleet_kiosk kiosk;
	int found, all;
};

static enum rc_status note(void *context, const struct rc_fleet_kiosk *kiosk, struct rc_error *err)
{
	struct listed *listed = context;

	(void)err;
	listed->all++;
	if (rc_id_equal(&kiosk->id, &listed->wanted)) {
		listed->found++;
		listed->kiosk = *kiosk;
	}
	return RC_OK;
}

static void the_list_tells_each_kiosk_once(void **state)
{
	struct fleet *fleet = *state;
	static struct rc_device_enrol_answer answer;
	struct rc_certificate certificate;
	struct listed listed = {.found = 0};
	struct rc_error err = {.text = ""};

	let_in(fleet, NULL, &answer, &certificate);
	listed.wanted = answer.kiosk;
	school_expect(rc_fleet_list(fleet->school->db, note, &listed, &err), &err);
	assert_int_equal(listed.found, 1);
	assert_int_equal(listed.all, count(fleet, &rc_sql_fleet_test_kiosks));
	assert_string_equal(listed.kiosk.room, "3F-305");
	assert_string_equal(listed.kiosk.state, "current");
	assert_int_equal(listed.kiosk.enrolled_ms, NOW_MS);
	assert_int_equal(listed.kiosk.last_seen_ms, 0);
	assert_int_equal(listed.kiosk.certificate_until_ms, NOW_MS + RC_FLEET_CERTIFICATE_MS);
}

static void a_status_replaces_the_one_before_and_says_the_kiosk_was_seen(void **state)
{
	struct fleet *fleet = *state;
	const struct rc_id *kiosk = &fleet->school->kiosks[0];
	char id[RC_ID_CHARS + 1];
	struct rc_error err = {.text = ""};

	rc_id_format(kiosk, id);
	school_expect(rc_fleet_status_put(fleet->school->db, kiosk, rc_bytes_of_text("{\"a\":1}"),
					  NOW_MS, &err),
		      &err);
	school_expect(rc_fleet_status_put(fleet->school->db, kiosk, rc_bytes_of_text("{\"a\":2}"),
					  NOW_MS + 5, &err),
		      &err);
	assert_int_equal(school_number(fleet->school, &rc_sql_fleet_test_status,
				       RC_DB_VALUES(RC_DB_TEXT(id), RC_DB_TEXT("{\"a\":2}"))),
			 1);
	assert_int_equal(count_of(fleet, &rc_sql_fleet_test_seen, kiosk), NOW_MS);
}

static void a_sighting_is_written_once_a_minute(void **state)
{
	struct fleet *fleet = *state;
	const struct rc_id *kiosk = &fleet->school->kiosks[0];
	struct rc_error err = {.text = ""};

	school_expect(rc_fleet_seen(fleet->school->db, kiosk, NOW_MS, &err), &err);
	school_expect(rc_fleet_seen(fleet->school->db, kiosk, NOW_MS + RC_MINUTE_MS, &err), &err);
	assert_int_equal(count_of(fleet, &rc_sql_fleet_test_seen, kiosk), NOW_MS);
	school_expect(rc_fleet_seen(fleet->school->db, kiosk, NOW_MS + RC_MINUTE_MS + 1, &err), &err);
	assert_int_equal(count_of(fleet, &rc_sql_fleet_test_seen, kiosk), NOW_MS + RC_MINUTE_MS + 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_code_names_our_ca_and_url_and_only_its_hash_is_kept_and_audited),
	    TEST(a_code_needs_a_room_a_url_and_a_bearable_time),
	    TEST(a_code_lets_a_kiosk_in),
	    TEST(the_certificate_is_signed_by_the_ca_in_the_answer),
	    TEST(the_same_code_and_key_again_get_the_same_certificate),
	    TEST(another_key_with_a_used_code_is_refused_and_raises_an_alarm),
	    TEST(an_expired_code_lets_nobody_in),
	    TEST(a_sheets_code_lives_for_a_week),
	    TEST(an_unknown_code_lets_nobody_in),
	    TEST(a_request_that_its_key_didnt_sign_is_malformed_and_costs_no_code),
	    TEST(a_node_without_the_ca_key_lets_nobody_in),
	    TEST(who_takes_a_kiosks_place_keeps_its_id_and_shuts_it_out),
	    TEST(a_revoked_kiosk_may_enrol_again_by_a_code_that_names_it),
	    TEST(a_code_shown_to_another_kiosk_is_not_spent),
	    TEST(a_renewed_certificate_is_good_and_so_is_the_old_one_until_it_ends),
	    TEST(the_same_key_again_gets_the_same_certificate_and_no_other),
	    TEST(a_certificate_in_its_grace_time_is_renewed),
	    TEST(a_certificate_revoked_since_it_was_looked_at_is_not_renewed),
	    TEST(a_revocation_holds_for_all_certificates_of_a_kiosk),
	    TEST(a_key_that_was_used_is_not_certified_again),
	    TEST(who_renews_again_and_again_is_stopped),
	    TEST(a_node_without_the_ca_key_renews_nothing),
	    TEST(of_two_who_come_at_once_with_one_code_one_gets_in),
	    TEST(of_two_who_come_at_once_with_one_key_both_get_the_same),
	    TEST(a_certificate_is_current_then_in_grace_then_a_strangers),
	    TEST(a_kiosk_that_the_register_has_lost_goes_on_after_a_nod),
	    TEST(a_certificate_that_came_after_the_backup_needs_a_nod_and_no_room),
	    TEST(a_kiosk_that_was_shut_out_stays_so_whatever_certificate_it_shows),
	    TEST(a_kiosk_that_waits_is_written_down_once_a_minute),
	    TEST(a_certificate_that_we_cant_have_signed_for_a_kiosk_is_a_strangers),
	    TEST(a_serial_longer_than_any_is_a_strangers),
	    TEST(a_revoked_kiosk_is_told_apart_at_once),
	    TEST(nobody_is_revoked_who_isnt_there),
	    TEST(the_list_tells_each_kiosk_once),
	    TEST(a_status_replaces_the_one_before_and_says_the_kiosk_was_seen),
	    TEST(a_sighting_is_written_once_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
