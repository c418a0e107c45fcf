/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/module/identity/made.h"

#include "shared/base/timestamp.h"
#include "shared/crypto/certificate.h"
#include "shared/crypto/pem.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define BEGINS_MS INT64_C(1577836800000)
#define ENDS_MS   INT64_C(2524608000000)

static void expect(enum rc_status status, const struct rc_error *err)
{
	if (status != RC_OK)
		fail_msg("%s: %s", rc_status_text(status), err->text);
}

static void certify(struct rc_identity *identity, const char *kiosk)
{
	const struct rc_validity validity = {.not_before_ms = BEGINS_MS, .not_after_ms = ENDS_MS};
	RC_AUTO(rc_key_free_p) struct rc_key *ca_key = NULL;
	struct rc_certificate_request request = {
	    .common_name = kiosk, .validity = validity, .purpose = RC_CERTIFICATE_CLIENT};
	RC_AUTO(rc_buf_deinit) struct rc_buf ca, public_der;
	struct rc_error err = {.text = ""};

	rc_buf_init(&ca, RC_CERTIFICATE_MAX_BYTES);
	rc_buf_init(&public_der, RC_KEY_PUBLIC_DER_BYTES);
	expect(rc_key_new(&ca_key, &err), &err);
	expect(rc_ca_create(ca_key, "a CA", &validity, &ca, &err), &err);
	expect(rc_key_public_der(identity->key, &public_der, &err), &err);
	request.public_der = rc_buf_bytes(&public_der);
	rc_certificate_serial_new(request.serial);
	expect(rc_certificate_issue(ca_key, rc_buf_bytes(&ca), &request, &identity->certificate_der, &err),
	       &err);
	expect(rc_pem_encode(RC_PEM_CERTIFICATE, rc_buf_bytes(&ca), &identity->ca_pem, &err), &err);
}

void made_identity_for(struct rc_identity *identity, const char *url, const struct rc_id *kiosk,
		       struct rc_key *key)
{
	char name[RC_ID_CHARS + 1];

	rc_identity_init(identity);
	identity->kiosk = *kiosk;
	identity->organisation = rc_id_new();
	identity->room = rc_id_new();
	identity->issued_ms = BEGINS_MS;
	identity->key = key;
	(void)snprintf(identity->site, sizeof(identity->site), "site-1");
	(void)snprintf(identity->url, sizeof(identity->url), "%s", url);
	rc_id_format(kiosk, name);
	certify(identity, name);
}

void made_identity(struct rc_identity *identity, const char *url)
{
	const struct rc_id kiosk = rc_id_new();
	struct rc_key *key = NULL;
	struct rc_error err = {.text = ""};

	expect(rc_key_new(&key, &err), &err);
	made_identity_for(identity, url, &kiosk, key);
}

void made_folder(char path[64])
{
	(void)snprintf(path, 64, "/tmp/rollcall-test-XXXXXX");
	assert_non_null(mkdtemp(path));
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *where)
{
	(void)about, (void)type, (void)where;
	return remove(path);
}

void made_folder_remove(const char *path)
{
	assert_int_equal(nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}
