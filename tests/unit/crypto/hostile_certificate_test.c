/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates and requests that were made to break readers of them, where RC_SHARED_DATA says where they lie: each is read or
 * refused, as DER and as PEM, whole and cut short, and none is taken for one that our CA signed.
 */
#include "shared/base/cleanup.h"
#include "shared/crypto/certificate.h"
#include "shared/crypto/key.h"
#include "shared/crypto/pem.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FILE_MAX_BYTES (1u << 20)
#define CUT_STEP       97u /* bytes between two lengths that a file is cut to */

static const char *const sets[] = {"hostile-x509", "hostile-x509-limbo", "hostile-x509-lint"};

struct tally {
	struct rc_buf ca_der;
	unsigned files, certificates, requests, keys, roots;
};

static void make_ca(struct rc_buf *der)
{
	struct rc_key *key = NULL;
	struct rc_error err = {.text = ""};
	const struct rc_validity validity = {INT64_C(1577836800000), INT64_C(4102444800000)};

	rc_buf_init(der, RC_CERTIFICATE_MAX_BYTES);
	assert_int_equal(rc_key_new(&key, &err), RC_OK);
	assert_int_equal(rc_ca_create(key, "CA", &validity, der, &err), RC_OK);
	rc_key_free(key);
}

static void try_certificate(struct tally *tally, struct rc_bytes der)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf public_der;
	struct rc_certificate certificate;

	rc_buf_init(&public_der, RC_CERTIFICATE_MAX_BYTES);
	if (rc_certificate_read(der, &certificate, NULL) == RC_OK) {
		tally->certificates++;
		assert_true(certificate.serial_size <= sizeof(certificate.serial));
		assert_non_null(memchr(certificate.common_name, '\0', sizeof(certificate.common_name)));
	}
	tally->keys += rc_certificate_public_der(der, &public_der, NULL) == RC_OK;
	assert_int_not_equal(rc_certificate_is_signed_by(der, rc_buf_bytes(&tally->ca_der), NULL), RC_OK);
	assert_int_not_equal(rc_certificate_is_signed_by(rc_buf_bytes(&tally->ca_der), der, NULL), RC_OK);
	tally->roots += rc_certificate_is_signed_by(der, der, NULL) == RC_OK;
}

static void try_all(struct tally *tally, struct rc_bytes bytes)
{
	struct rc_csr csr;

	try_certificate(tally, bytes);
	if (rc_csr_read(bytes, &csr, NULL) == RC_OK)
		tally->requests++;
}

/* The bytes themselves, and what is in their first PEM of each kind. */
static void try_file(struct tally *tally, struct rc_bytes bytes)
{
	static const char *const kinds[] = {RC_PEM_CERTIFICATE, RC_PEM_CSR};

	try_all(tally, bytes);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		RC_AUTO(rc_buf_deinit) struct rc_buf der;

		rc_buf_init(&der, FILE_MAX_BYTES);
		if (rc_pem_decode(kinds[i], bytes, &der, NULL, NULL) != RC_OK)
			continue;
		try_all(tally, rc_buf_bytes(&der));
		for (size_t size = 0; size < der.size; size += CUT_STEP)
			try_all(tally, rc_bytes_of(der.data, size));
	}
}

static void try_folder(struct tally *tally, const char *folder)
{
	uint8_t *memory = malloc(FILE_MAX_BYTES);
	struct dirent *entry;
	DIR *dir = opendir(folder);

	assert_non_null(memory);
	while (dir && (entry = readdir(dir))) {
		char path[600];
		FILE *file;

		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] == '.' || !(file = fopen(path, "rb")))
			continue;
		tally->files++;
		try_file(tally, rc_bytes_of(memory, fread(memory, 1, FILE_MAX_BYTES, file)));
		assert_int_equal(fclose(file), 0);
	}
	if (dir)
		(void)closedir(dir);
	free(memory);
}

static void each_file_is_read_or_refused_and_none_is_of_our_ca(void **state)
{
	const char *data = getenv("RC_SHARED_DATA");
	struct tally tally = {.files = 0};

	(void)state;
	make_ca(&tally.ca_der);
	for (size_t i = 0; data && i < sizeof(sets) / sizeof(sets[0]); i++) {
		char folder[300];

		(void)snprintf(folder, sizeof(folder), "%s/%s", data, sets[i]);
		try_folder(&tally, folder);
	}
	rc_buf_deinit(&tally.ca_der);
	if (tally.files == 0) {
		print_message("skipped: RC_SHARED_DATA has no hostile-x509\n");
		skip();
	}
	print_message("%u files, %u times a certificate, of them %u with a key of our kind and %u "
		      "roots; %u times a request\n",
		      tally.files, tally.certificates, tally.keys, tally.roots, tally.requests);
	assert_true(tally.certificates > 0); /* the good ones among them are read */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_file_is_read_or_refused_and_none_is_of_our_ca),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
