/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client with a good certificate that sends a bad one behind it: the TLS listener reads whatever comes before it knows who it is.
 * The bad ones were made to break readers and lie where RC_SHARED_DATA says; nobody has their keys.
 */
#include "pki.h"

#include <dirent.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAY 86400L

static const char *const sets[] = {"hostile-x509", "hostile-x509-limbo", "hostile-x509-lint"};

struct stage {
	struct pki_entity ca, server, kiosk;
	struct rc_http_settings settings;
	struct site site;
	unsigned sent, answered;
};

static X509 *read_certificate(const char *path)
{
	FILE *file = fopen(path, "rb");
	X509 *certificate;

	if (!file)
		return NULL;
	certificate = PEM_read_X509(file, NULL, NULL, NULL);
	if (!certificate) {
		rewind(file);
		certificate = d2i_X509_fp(file, NULL);
	}
	assert_int_equal(fclose(file), 0);
	return certificate;
}

/* The leaf alone says who it is: whoever is answered is the kiosk. */
static void send_behind(struct stage *stage, X509 *bad)
{
	struct pki_client client;
	char text[128] = "";
	int error;

	pki_client_open(&client, &stage->site, &stage->kiosk);
	SSL_set_security_level(client.ssl, 0);
	if (SSL_add1_chain_cert(client.ssl, bad) == 1) {
		stage->sent++;
		if (pki_client_who(&client, text, sizeof(text), &error)) {
			stage->answered++;
			assert_string_equal(text, "0c9f0000-0000-4000-8000-000000000001 good 16");
		}
	}
	pki_client_close(&client);
}

static void send_folder(struct stage *stage, const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[600];
		X509 *bad;

		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		bad = entry->d_name[0] == '.' ? NULL : read_certificate(path);
		if (bad)
			send_behind(stage, bad);
		X509_free(bad);
	}
	if (dir)
		(void)closedir(dir);
}

static void open_stage(struct stage *stage, struct rc_tls_context **context)
{
	pki_make(&(struct pki_wish){.name = "CA", .ends_s = DAY, .is_ca = true}, &stage->ca);
	pki_make(
	    &(struct pki_wish){
		.name = "server", .usage = "serverAuth", .ends_s = DAY, .issuer = &stage->ca},
	    &stage->server);
	pki_make(&(struct pki_wish){.name = "0c9f0000-0000-4000-8000-000000000001",
				    .usage = "clientAuth",
				    .ends_s = DAY,
				    .issuer = &stage->ca},
		 &stage->kiosk);
	rc_http_settings_default(&stage->settings);
	*context = pki_context(&stage->server, &stage->ca);
	site_start(&stage->site, &stage->settings, *context);
}

static void close_stage(struct stage *stage, struct rc_tls_context *context)
{
	site_stop(&stage->site);
	rc_tls_context_free(context);
	pki_free(&stage->kiosk);
	pki_free(&stage->server);
	pki_free(&stage->ca);
}

static void bad_certificates_behind_a_good_one_change_nothing_or_end_the_handshake(void **state)
{
	static struct stage stage;
	struct rc_tls_context *context;
	const char *data = getenv("RC_SHARED_DATA");

	(void)state;
	if (!data) {
		print_message("skipped: RC_SHARED_DATA has no hostile-x509\n");
		skip();
	}
	open_stage(&stage, &context);
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		char folder[300];

		(void)snprintf(folder, sizeof(folder), "%s/%s", data, sets[i]);
		send_folder(&stage, folder);
	}
	close_stage(&stage, context);
	print_message("%u sent, %u of them answered\n", stage.sent, stage.answered);
	if (stage.sent == 0)
		skip();
	assert_true(stage.answered > 0); /* those that are merely foreign are read and passed over */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bad_certificates_behind_a_good_one_change_nothing_or_end_the_handshake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
