/* SPDX-License-Identifier: Apache-2.0 */
/* The TLS listeners against OpenSSL's client: who is let in as what, what is never spoken, and what happens to the others. */
#include "pki.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY 86400L

static struct pki_entity ca, other_ca, server, kiosk;

struct fixture {
	struct site site;
	struct rc_http_settings settings;
	struct rc_tls_context *context;
};

static int make_entities(void **state)
{
	(void)state;
	pki_make(&(struct pki_wish){.name = "rollcall CA", .ends_s = 100 * DAY, .is_ca = true}, &ca);
	pki_make(&(struct pki_wish){.name = "rollcall CA", .ends_s = 100 * DAY, .is_ca = true}, &other_ca);
	pki_make(&(struct pki_wish){.name = "server", .usage = "serverAuth", .ends_s = DAY, .issuer = &ca},
		 &server);
	pki_make(&(struct pki_wish){.name = "0c9f0000-0000-4000-8000-000000000001",
				    .usage = "clientAuth",
				    .ends_s = DAY,
				    .issuer = &ca},
		 &kiosk);
	return 0;
}

static int free_entities(void **state)
{
	(void)state;
	pki_free(&kiosk);
	pki_free(&server);
	pki_free(&other_ca);
	pki_free(&ca);
	return 0;
}

static int set_up(void **state)
{
	static struct fixture fixture;

	rc_http_settings_default(&fixture.settings);
	fixture.context = pki_context(&server, &ca);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	rc_tls_context_free(fixture->context);
	return 0;
}

static void start(struct fixture *fixture)
{
	site_start(&fixture->site, &fixture->settings, fixture->context);
}

/* What the server says of a client with this certificate (NULL: none); "" if it cuts it off. */
static const char *who_is(struct fixture *fixture, const struct pki_entity *client, int *error)
{
	static char text[128];
	struct pki_client connection;

	text[0] = 0;
	pki_client_open(&connection, &fixture->site, client);
	if (!pki_client_who(&connection, text, sizeof(text), error))
		text[0] = 0;
	pki_client_close(&connection);
	return text;
}

static void expect_refused(struct fixture *fixture, const struct pki_wish *wish, int alert)
{
	struct pki_entity entity;
	int error = 0;

	pki_make(wish, &entity);
	assert_string_equal(who_is(fixture, &entity, &error), "");
	assert_int_equal(error, alert);
	pki_free(&entity);
}

static void a_good_certificate_is_known_by_its_name(void **state)
{
	struct fixture *fixture = *state;
	int error;

	start(fixture);
	assert_string_equal(who_is(fixture, &kiosk, &error),
			    "0c9f0000-0000-4000-8000-000000000001 good 16");
	assert_string_equal(who_is(fixture, NULL, &error), "none good 0");
	site_stop(&fixture->site);
}

static void an_expired_certificate_is_let_in_and_called_so(void **state)
{
	struct fixture *fixture = *state;
	struct pki_entity entity;
	int error;

	start(fixture);
	pki_make(
	    &(struct pki_wish){
		.name = "old", .usage = "clientAuth", .begins_s = -2 * DAY, .ends_s = -DAY, .issuer = &ca},
	    &entity);
	assert_string_equal(who_is(fixture, &entity, &error), "old expired 16");
	pki_free(&entity);
	site_stop(&fixture->site);
}

static void any_other_certificate_is_cut_with_an_alert_before_http(void **state)
{
	struct fixture *fixture = *state;
	const int unknown_ca = SSL_R_TLSV1_ALERT_UNKNOWN_CA,
		  bad_certificate = SSL_R_SSLV3_ALERT_BAD_CERTIFICATE;

	start(fixture);
	expect_refused(fixture,
		       &(struct pki_wish){.name = "other CA of the same name",
					  .usage = "clientAuth",
					  .ends_s = DAY,
					  .issuer = &other_ca},
		       unknown_ca);
	expect_refused(fixture,
		       &(struct pki_wish){.name = "other CA and expired",
					  .usage = "clientAuth",
					  .begins_s = -2 * DAY,
					  .ends_s = -DAY,
					  .issuer = &other_ca},
		       unknown_ca);
	expect_refused(fixture,
		       &(struct pki_wish){.name = "itself", .usage = "clientAuth", .ends_s = DAY},
		       unknown_ca);
	expect_refused(fixture,
		       &(struct pki_wish){.name = "not yet",
					  .usage = "clientAuth",
					  .begins_s = DAY,
					  .ends_s = 2 * DAY,
					  .issuer = &ca},
		       bad_certificate);
	expect_refused(fixture,
		       &(struct pki_wish){
			   .name = "a server's", .usage = "serverAuth", .ends_s = DAY, .issuer = &ca},
		       bad_certificate);
	expect_refused(
	    fixture,
	    &(struct pki_wish){
		.name = "signed by a leaf", .usage = "clientAuth", .ends_s = DAY, .issuer = &kiosk},
	    unknown_ca);
	site_stop(&fixture->site);
}

static void a_weak_key_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct pki_client connection;
	struct pki_entity entity;
	char text[64];
	int error;

	start(fixture);
	pki_make(
	    &(struct pki_wish){
		.name = "short", .usage = "clientAuth", .ends_s = DAY, .rsa_bits = 1024, .issuer = &ca},
	    &entity);
	pki_client_open(&connection, &fixture->site, NULL);
	SSL_set_security_level(connection.ssl, 0); /* or OpenSSL's own floor would stop it here */
	assert_int_equal(SSL_use_certificate(connection.ssl, entity.certificate), 1);
	assert_int_equal(SSL_use_PrivateKey(connection.ssl, entity.key), 1);
	assert_false(pki_client_who(&connection, text, sizeof(text), &error));
	assert_int_equal(error, SSL_R_SSLV3_ALERT_BAD_CERTIFICATE);
	pki_client_close(&connection);
	pki_free(&entity);
	site_stop(&fixture->site);
}

static void a_name_that_our_ca_would_not_write_is_refused(void **state)
{
	struct fixture *fixture = *state;
	const int bad_certificate = SSL_R_SSLV3_ALERT_BAD_CERTIFICATE;

	start(fixture);
	expect_refused(
	    fixture,
	    &(struct pki_wish){
		.name = "one", .second_name = "two", .usage = "clientAuth", .ends_s = DAY, .issuer = &ca},
	    bad_certificate);
	expect_refused(fixture, &(struct pki_wish){.usage = "clientAuth", .ends_s = DAY, .issuer = &ca},
		       bad_certificate);
	expect_refused(
	    fixture,
	    &(struct pki_wish){.name = "名", .usage = "clientAuth", .ends_s = DAY, .issuer = &ca},
	    bad_certificate);
	site_stop(&fixture->site);
}

static void a_name_with_a_nul_in_it_is_refused(void **state)
{
	struct fixture *fixture = *state;
	static const char of_two[] = "0c9f0000-0000-4000-8000-000000000001\0.example";

	start(fixture);
	expect_refused(fixture,
		       &(struct pki_wish){.name = of_two,
					  .name_size = (int)sizeof(of_two) - 1,
					  .usage = "clientAuth",
					  .ends_s = DAY,
					  .issuer = &ca},
		       SSL_R_SSLV3_ALERT_BAD_CERTIFICATE);
	site_stop(&fixture->site);
}

static void without_client_cas_no_certificate_is_asked_for(void **state)
{
	struct fixture *fixture = *state;
	int error;

	rc_tls_context_free(fixture->context);
	fixture->context = pki_context(&server, NULL);
	start(fixture);
	assert_string_equal(who_is(fixture, &kiosk, &error), "none good 0");
	site_stop(&fixture->site);
}

/* True if a client with these bounds gets through its handshake. */
static bool connects(struct fixture *fixture, int max_version, const char *suites)
{
	struct pki_client connection;
	bool is_good;

	pki_client_open(&connection, &fixture->site, NULL);
	SSL_set_security_level(connection.ssl, 0);
	assert_int_equal(SSL_set_min_proto_version(connection.ssl, TLS1_VERSION), 1);
	assert_int_equal(SSL_set_max_proto_version(connection.ssl, max_version), 1);
	assert_int_equal(SSL_set_cipher_list(connection.ssl, suites), 1);
	is_good = SSL_connect(connection.ssl) == 1;
	pki_client_close(&connection);
	return is_good;
}

static void old_versions_and_weak_suites_are_not_spoken(void **state)
{
	struct fixture *fixture = *state;

	start(fixture);
	assert_true(connects(fixture, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256"));
	assert_true(connects(fixture, TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"));
	assert_false(connects(fixture, TLS1_1_VERSION, "ALL"));
	assert_false(connects(fixture, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA"));
	assert_false(connects(fixture, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"));
	assert_false(connects(fixture, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM8"));
	assert_false(connects(fixture, TLS1_2_VERSION, "ECDHE-ECDSA-NULL-SHA"));
	site_stop(&fixture->site);
}

static void a_session_is_never_taken_up_again(void **state)
{
	struct fixture *fixture = *state;
	struct pki_client connection, again;
	SSL_SESSION *session;

	start(fixture);
	pki_client_open(&connection, &fixture->site, &kiosk);
	assert_int_equal(SSL_connect(connection.ssl), 1);
	session = SSL_get1_session(connection.ssl);
	assert_int_equal(SSL_SESSION_has_ticket(session), 0);
	pki_client_open(&again, &fixture->site, &kiosk);
	assert_int_equal(SSL_set_session(again.ssl, session), 1);
	assert_int_equal(SSL_connect(again.ssl), 1);
	assert_int_equal(SSL_session_reused(again.ssl), 0);
	SSL_SESSION_free(session);
	pki_client_close(&again);
	pki_client_close(&connection);
	site_stop(&fixture->site);
}

static void a_renegotiation_is_not_done(void **state)
{
	struct fixture *fixture = *state;
	struct pki_client connection;

	start(fixture);
	pki_client_open(&connection, &fixture->site, &kiosk);
	assert_int_equal(SSL_set_max_proto_version(connection.ssl, TLS1_2_VERSION), 1);
	assert_int_equal(SSL_connect(connection.ssl), 1);
	assert_int_equal(SSL_renegotiate(connection.ssl), 1);
	assert_int_not_equal(SSL_do_handshake(connection.ssl), 1);
	assert_int_equal(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_RENEGOTIATION);
	pki_client_close(&connection);
	site_stop(&fixture->site);
}

static void bodies_of_every_size_pass_both_ways(void **state)
{
	static const size_t sizes[] = {0, 1, 16383, 16384, 16385, 65536, 200000, 1u << 20};
	static char sent[1u << 20], got[(1u << 20) + 4096];
	struct fixture *fixture = *state;
	struct pki_client connection;

	start(fixture);
	pki_client_open(&connection, &fixture->site, &kiosk);
	assert_int_equal(SSL_connect(connection.ssl), 1);
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (char)(i * 31 + (i >> 13));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t used = 0, more = 0, head_size = 0;
		char head[256];
		int size = snprintf(head, sizeof(head),
				    "POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
				    sizes[i]);

		assert_int_equal(SSL_write(connection.ssl, head, size), size);
		if (sizes[i] > 0)
			assert_int_equal(SSL_write(connection.ssl, sent, (int)sizes[i]), (int)sizes[i]);
		while (head_size == 0 || used < head_size + sizes[i]) {
			char *end;

			assert_int_equal(
			    SSL_read_ex(connection.ssl, got + used, sizeof(got) - 1 - used, &more), 1);
			used += more;
			end = memmem(got, used, "\r\n\r\n", 4);
			head_size = end ? (size_t)(end + 4 - got) : 0;
		}
		assert_int_equal(used, head_size + sizes[i]);
		assert_memory_equal(got + head_size, sent, sizes[i]);
	}
	pki_client_close(&connection);
	site_stop(&fixture->site);
}

static void plain_http_on_the_tls_port_gets_no_http(void **state)
{
	struct fixture *fixture = *state;
	char bytes[256];
	ssize_t size, sum = 0;
	int fd;

	start(fixture);
	fd = client_open(&fixture->site);
	client_get(fd, "/who");
	while ((size = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		sum += size;
	assert_true(sum < 16); /* an alert at most */
	assert_int_equal(close(fd), 0);
	site_stop(&fixture->site);
}

static void a_handshake_that_falls_silent_is_cut(void **state)
{
	static const char hello[] = {0x16, 3, 1, 2, 0, 1};
	struct fixture *fixture = *state;
	struct answer answer;
	int fd;

	fixture->settings.handshake_ms = 50;
	start(fixture);
	answer_init(&answer);
	fd = client_open(&fixture->site);
	client_send_bytes(fd, rc_bytes_of(hello, sizeof(hello)));
	assert_true(client_sees_end(fd, &answer));
	answer_deinit(&answer);
	assert_int_equal(close(fd), 0);
	site_stop(&fixture->site);
}

static void a_client_that_shakes_hands_and_falls_silent_is_cut(void **state)
{
	struct fixture *fixture = *state;
	struct pki_client client;
	char byte;

	fixture->settings.header_ms = 50;
	start(fixture);
	pki_client_open(&client, &fixture->site, &kiosk);
	assert_int_equal(SSL_connect(client.ssl), 1);
	assert_int_equal(SSL_read(client.ssl, &byte, 1), 0); /* the end, and not a byte before it */
	pki_client_close(&client);
	site_stop(&fixture->site);
}

/* A byte of the request in a record of its own, again and again: each is progress, none puts the deadline off. */
static void a_head_that_trickles_in_records_is_cut(void **state)
{
	struct fixture *fixture = *state;
	struct pki_client client;
	char answer[64] = "";

	fixture->settings.header_ms = 300;
	start(fixture);
	pki_client_open(&client, &fixture->site, &kiosk);
	assert_int_equal(SSL_connect(client.ssl), 1);
	assert_true(SSL_write(client.ssl, "GET /who HTTP/1.1\r\nX: ", 22) > 0);
	while (!client_has_news(client.fd) && SSL_write(client.ssl, "x", 1) > 0)
		;
	assert_true(SSL_read(client.ssl, answer, sizeof(answer) - 1) > 12);
	assert_memory_equal(answer, "HTTP/1.1 408", 12);
	pki_client_close(&client);
	site_stop(&fixture->site);
}

/* What the client calls the server decides nothing: only its certificate does. */
static void the_name_a_client_asks_for_doesnt_change_its_class(void **state)
{
	static const char *const names[] = {"people.example", "admin", "127.0.0.1", "a.b.c.d.e"};
	struct fixture *fixture = *state;
	struct pki_client client;
	char text[128];
	int error;

	start(fixture);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		pki_client_open(&client, &fixture->site, i % 2 ? &kiosk : NULL);
		assert_int_equal(SSL_set_tlsext_host_name(client.ssl, names[i]), 1);
		assert_true(pki_client_who(&client, text, sizeof(text), &error));
		assert_string_equal(text, i % 2 ? "0c9f0000-0000-4000-8000-000000000001 good 16"
						: "none good 0");
		pki_client_close(&client);
	}
	site_stop(&fixture->site);
}

/* Above what strangers may cost, theirs wait; an address that has shown a good certificate isn't held up by them. */
static void a_crowd_of_strangers_waits_and_a_known_address_doesnt(void **state)
{
	struct fixture *fixture = *state;
	struct pki_client known, again, stranger;
	char text[128];
	int error;

	fixture->settings.strangers_percent = 1;
	fixture->settings.strangers_burst_ms = 1;
	fixture->settings.handshake_count = 1;
	start(fixture);
	pki_client_open(&known, &fixture->site, &kiosk);
	assert_int_equal(SSL_connect(known.ssl), 1);
	for (unsigned i = 0; i < 3; i++) { /* at a hundredth of the time each costs a hundred times itself */
		pki_client_open_from(&stranger, &fixture->site, NULL, 2);
		assert_true(pki_client_who(&stranger, text, sizeof(text), &error));
		pki_client_close(&stranger);
	}
	pki_client_open_from(&stranger, &fixture->site, NULL, 2);
	SSL_set_connect_state(stranger.ssl);
	assert_int_equal(fcntl(stranger.fd, F_SETFL, O_NONBLOCK), 0);
	assert_true(SSL_do_handshake(stranger.ssl) < 0); /* its hello is out */
	while (rc_http_server_counts(fixture->site.server).handshakes_waiting == 0)
		(void)sched_yield();
	pki_client_open(&again, &fixture->site, &kiosk);
	assert_true(pki_client_who(&again, text, sizeof(text), &error));
	assert_int_equal(rc_http_server_counts(fixture->site.server).handshakes_waiting, 1);
	while (rc_http_server_counts(fixture->site.server).handshakes_waiting > 0)
		(void)sched_yield(); /* its turn comes too */
	pki_client_close(&again);
	pki_client_close(&stranger);
	pki_client_close(&known);
	site_stop(&fixture->site);
}

#define CROWD 12

static void *crowd_member(void *context)
{
	struct fixture *fixture = context;
	struct pki_client connection;
	char text[128] = "";
	int error = 0;
	bool is_good;

	pki_client_open(&connection, &fixture->site, &kiosk);
	is_good = pki_client_who(&connection, text, sizeof(text), &error);
	pki_client_close(&connection);
	return is_good ? context : NULL;
}

static void a_crowd_of_one_address_gets_through_one_after_the_other(void **state)
{
	struct fixture *fixture = *state;
	pthread_t threads[CROWD];

	fixture->settings.handshake_count = 2;
	fixture->settings.max_handshakes_per_address = 1;
	start(fixture);
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_member, fixture), 0);
	for (int i = 0; i < CROWD; i++) {
		void *served = NULL;

		assert_int_equal(pthread_join(threads[i], &served), 0);
		assert_non_null(served);
	}
	site_stop(&fixture->site);
}

static void more_handshakes_than_can_wait_are_refused_and_the_rest_goes_on(void **state)
{
	static const char half_a_hello[] = {0x16, 3, 1, 2, 0, 1};
	struct fixture *fixture = *state;
	int fds[CROWD], error;

	fixture->settings.handshake_count = 1;
	fixture->settings.max_handshakes_waiting = 1;
	site_listen(&fixture->site, &fixture->settings, fixture->context);
	/* All of it lies there before the loop looks for the first time, so it comes at once. */
	for (int i = 0; i < CROWD; i++) {
		fds[i] = client_open(&fixture->site);
		client_send_bytes(fds[i], rc_bytes_of(half_a_hello, sizeof(half_a_hello)));
	}
	site_run(&fixture->site);
	while (rc_http_server_counts(fixture->site.server).refused == 0)
		(void)sched_yield();
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(close(fds[i]), 0);
	while (rc_http_server_counts(fixture->site.server).connections > 0)
		(void)sched_yield();
	assert_string_equal(who_is(fixture, NULL, &error), "none good 0");
	site_stop(&fixture->site);
}

static void a_replaced_identity_is_shown_to_new_connections_only(void **state)
{
	struct fixture *fixture = *state;
	struct pki_client before, after;
	struct pki_entity fresh;
	struct rc_bytes slot;
	struct rc_tls_identity identity;
	char text[128];
	X509 *shown;
	int error;

	pki_make(&(struct pki_wish){.name = "fresh", .usage = "serverAuth", .ends_s = DAY, .issuer = &ca},
		 &fresh);
	start(fixture);
	pki_client_open(&before, &fixture->site, &kiosk);
	assert_int_equal(SSL_connect(before.ssl), 1);
	identity = pki_identity(&fresh, &slot, &ca);
	assert_int_equal(rc_tls_context_replace(fixture->context, &identity, NULL), RC_OK);
	pki_client_open(&after, &fixture->site, &kiosk);
	assert_int_equal(SSL_connect(after.ssl), 1);
	shown = SSL_get1_peer_certificate(after.ssl);
	assert_int_equal(X509_cmp(shown, fresh.certificate), 0);
	X509_free(shown);
	assert_true(pki_client_who(&before, text, sizeof(text), &error));
	pki_client_close(&after);
	pki_client_close(&before);
	pki_free(&fresh);
	site_stop(&fixture->site);
}

static enum rc_status make_context(struct rc_bytes certificates, struct rc_bytes key)
{
	const struct rc_tls_identity identity = {.certificates = certificates, .key = key};
	struct rc_tls_context *context = NULL;
	struct rc_error err = {""};
	enum rc_status status = rc_tls_context_new(&identity, &context, &err);

	if (status == RC_OK)
		rc_tls_context_free(context);
	else
		assert_true(err.text[0] != 0);
	return status;
}

static void an_identity_that_doesnt_fit_together_is_refused(void **state)
{
	struct rc_bytes certificate = rc_buf_bytes(&server.pem),
			key = rc_buf_bytes(&server.key_pem), nothing = rc_bytes_of(NULL, 0);

	(void)state;
	assert_int_equal(make_context(certificate, key), RC_OK);
	assert_int_equal(make_context(certificate, rc_buf_bytes(&kiosk.key_pem)), RC_EUSAGE);
	assert_int_equal(make_context(certificate, certificate), RC_EFORMAT);
	assert_int_equal(make_context(key, key), RC_EFORMAT);
	assert_int_equal(make_context(nothing, key), RC_EFORMAT);
	assert_int_equal(make_context(certificate, nothing), RC_EFORMAT);
	assert_int_equal(make_context(rc_bytes_of(certificate.data, certificate.size - 40), key),
			 RC_EFORMAT);
}

static void der_is_read_as_well_as_pem(void **state)
{
	unsigned char *certificate = NULL, *key = NULL;
	int certificate_size = i2d_X509(server.certificate, &certificate);
	int key_size = i2d_PrivateKey(server.key, &key);

	(void)state;
	assert_int_equal(make_context(rc_bytes_of(certificate, (size_t)certificate_size),
				      rc_bytes_of(key, (size_t)key_size)),
			 RC_OK);
	OPENSSL_free(certificate);
	OPENSSL_free(key);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_good_certificate_is_known_by_its_name),
	    TEST(an_expired_certificate_is_let_in_and_called_so),
	    TEST(any_other_certificate_is_cut_with_an_alert_before_http),
	    TEST(a_weak_key_is_refused),
	    TEST(a_name_that_our_ca_would_not_write_is_refused),
	    TEST(a_name_with_a_nul_in_it_is_refused),
	    TEST(without_client_cas_no_certificate_is_asked_for),
	    TEST(old_versions_and_weak_suites_are_not_spoken),
	    TEST(a_session_is_never_taken_up_again),
	    TEST(a_renegotiation_is_not_done),
	    TEST(bodies_of_every_size_pass_both_ways),
	    TEST(plain_http_on_the_tls_port_gets_no_http),
	    TEST(a_handshake_that_falls_silent_is_cut),
	    TEST(a_client_that_shakes_hands_and_falls_silent_is_cut),
	    TEST(a_head_that_trickles_in_records_is_cut),
	    TEST(the_name_a_client_asks_for_doesnt_change_its_class),
	    TEST(a_crowd_of_strangers_waits_and_a_known_address_doesnt),
	    TEST(a_crowd_of_one_address_gets_through_one_after_the_other),
	    TEST(more_handshakes_than_can_wait_are_refused_and_the_rest_goes_on),
	    TEST(a_replaced_identity_is_shown_to_new_connections_only),
	    TEST(an_identity_that_doesnt_fit_together_is_refused),
	    TEST(der_is_read_as_well_as_pem),
	};

	return cmocka_run_group_tests(tests, make_entities, free_entities);
}
