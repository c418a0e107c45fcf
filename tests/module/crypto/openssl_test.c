/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other side is openssl(1), in a folder of its own that each test fills: what we make it must take, what it makes we must
 * take or refuse for the right reason.
 */
#include "shared/base/encode.h"
#include "shared/base/timestamp.h"
#include "shared/crypto/certificate.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/host.h"
#include "shared/crypto/pem.h"

#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

#define FILE_MAX_BYTES 65536u
#define YEAR_2020_MS   INT64_C(1577836800000)
#define YEAR_2050_MS   INT64_C(2524608000000)

static char folder[] = "/tmp/rollcall-openssl-XXXXXX";

/* Runs a line of shell in the folder; true if it succeeds. Its words go to `log`. */
static bool run(const char *fmt, ...) RC_PRINTF(1, 2);

static bool run(const char *fmt, ...)
{
	char line[2048] = "exec >>log 2>&1; ";
	char name[] = "sh", flag[] = "-c";
	char *argv[] = {name, flag, line, NULL};
	const size_t used = strlen(line);
	int state = -1;
	va_list args;
	pid_t child;

	va_start(args, fmt);
	(void)vsnprintf(line + used, sizeof(line) - used, fmt, args);
	va_end(args);
	assert_int_equal(posix_spawn(&child, "/bin/sh", NULL, NULL, argv, environ), 0);
	assert_int_equal(waitpid(child, &state, 0), child);
	return WIFEXITED(state) && WEXITSTATUS(state) == 0;
}

static void write_file(const char *name, struct rc_bytes bytes)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes.data, 1, bytes.size, file), bytes.size);
	assert_int_equal(fclose(file), 0);
}

static void read_file(const char *name, struct rc_buf *buf)
{
	FILE *file = fopen(name, "r");
	char piece[4096];
	size_t size;

	if (!file)
		fail_msg("no %s", name);
	rc_buf_clear(buf);
	while ((size = fread(piece, 1, sizeof(piece), file)) > 0)
		rc_buf_append(buf, piece, size);
	(void)fclose(file);
	assert_int_equal(rc_buf_status(buf, NULL), RC_OK);
}

static void write_pem(const char *name, const char *label, struct rc_bytes der)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf pem;

	rc_buf_init(&pem, FILE_MAX_BYTES);
	assert_int_equal(rc_pem_encode(label, der, &pem, NULL), RC_OK);
	write_file(name, rc_buf_bytes(&pem));
}

static struct rc_key *new_key(const char *pem_name)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf pem;
	struct rc_key *key;

	rc_buf_init(&pem, FILE_MAX_BYTES);
	assert_int_equal(rc_key_new(&key, NULL), RC_OK);
	assert_int_equal(rc_key_save_pem(key, &pem, NULL), RC_OK);
	write_file(pem_name, rc_buf_bytes(&pem));
	return key;
}

struct authority {
	struct rc_key *key;
	struct rc_buf der;
};

/* Makes an authority and writes ca.pem. */
static void authority_new(struct authority *ca)
{
	static const struct rc_validity thirty_years = {YEAR_2020_MS, YEAR_2050_MS};

	ca->key = new_key("ca.key");
	rc_buf_init(&ca->der, RC_CERTIFICATE_MAX_BYTES);
	assert_int_equal(rc_ca_create(ca->key, "rollcall CA", &thirty_years, &ca->der, NULL), RC_OK);
	write_pem("ca.pem", RC_PEM_CERTIFICATE, rc_buf_bytes(&ca->der));
}

static void authority_deinit(struct authority *ca)
{
	rc_key_free(ca->key);
	rc_buf_deinit(&ca->der);
}

/* Issues for a new key and writes leaf.pem. */
static void issue(struct authority *ca, enum rc_certificate_purpose purpose,
		  const char *const *hosts, size_t host_count)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf public_der, der;
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key("leaf.key");
	struct rc_certificate_request order = {
	    .common_name = "0c9f1e2d-3b4a-4c5d-8e6f-708192a3b4c5",
	    .validity = {YEAR_2020_MS, YEAR_2020_MS + 3650 * RC_DAY_MS},
	    .purpose = purpose,
	    .hosts = hosts,
	    .host_count = host_count,
	};

	rc_buf_init(&public_der, RC_KEY_PUBLIC_DER_BYTES);
	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	assert_int_equal(rc_key_public_der(key, &public_der, NULL), RC_OK);
	order.public_der = rc_buf_bytes(&public_der);
	rc_certificate_serial_new(order.serial);
	assert_int_equal(rc_certificate_issue(ca->key, rc_buf_bytes(&ca->der), &order, &der, NULL), RC_OK);
	write_pem("leaf.pem", RC_PEM_CERTIFICATE, rc_buf_bytes(&der));
}

#define AT "-attime 1600000000 " /* September 2020: within every certificate here */

static void an_authority_is_taken_as_one(void **state)
{
	struct authority ca;

	(void)state;
	authority_new(&ca);
	assert_true(run("openssl verify -x509_strict -check_ss_sig " AT "-CAfile ca.pem ca.pem"));
	assert_true(run("openssl x509 -in ca.pem -noout -text >ca.txt"));
	assert_true(
	    run("grep -A1 'Basic Constraints: critical' ca.txt | grep 'CA:TRUE, pathlen:0'"));
	assert_true(
	    run("grep -A1 'Key Usage: critical' ca.txt | grep 'Certificate Sign, CRL Sign'"));
	assert_true(run("grep 'Not Before: Jan  1 00:00:00 2020 GMT' ca.txt"));
	assert_true(run("grep 'Not After : Jan  1 00:00:00 2050 GMT' ca.txt"));
	assert_true(run("openssl verify -x509_strict -attime 2524607999 -CAfile ca.pem ca.pem"));
	assert_false(run("openssl verify -x509_strict -attime 2524608001 -CAfile ca.pem ca.pem"));
	authority_deinit(&ca);
}

static void a_kiosks_certificate_serves_a_client_and_no_server(void **state)
{
	struct authority ca;

	(void)state;
	authority_new(&ca);
	issue(&ca, RC_CERTIFICATE_CLIENT, NULL, 0);
	assert_true(
	    run("openssl verify -x509_strict " AT "-purpose sslclient -CAfile ca.pem leaf.pem"));
	assert_false(
	    run("openssl verify -x509_strict " AT "-purpose sslserver -CAfile ca.pem leaf.pem"));
	assert_true(run("openssl x509 -in leaf.pem -noout -subject -nameopt RFC2253 |"
			"grep '^subject=CN=0c9f1e2d-3b4a-4c5d-8e6f-708192a3b4c5$'"));
	assert_true(run("openssl x509 -in leaf.pem -noout -text >leaf.txt"));
	assert_true(run("grep -A1 'Basic Constraints: critical' leaf.txt | grep 'CA:FALSE'"));
	assert_false(run("grep 'Alternative Name' leaf.txt"));
	authority_deinit(&ca);
}

static void a_servers_certificate_names_its_hosts(void **state)
{
	static const char *const hosts[] = {"rollcall.example.com", "10.20.30.40", "2001:db8::1"};
	struct authority ca;

	(void)state;
	authority_new(&ca);
	issue(&ca, RC_CERTIFICATE_SERVER, hosts, 3);
	assert_true(run("openssl verify -x509_strict " AT "-purpose sslserver -CAfile ca.pem "
			"-verify_hostname rollcall.example.com leaf.pem"));
	assert_true(run("openssl verify " AT "-CAfile ca.pem -verify_ip 10.20.30.40 leaf.pem"));
	assert_true(run("openssl verify " AT "-CAfile ca.pem -verify_ip 2001:db8::1 leaf.pem"));
	assert_false(run("openssl verify " AT "-CAfile ca.pem -verify_hostname other leaf.pem"));
	assert_false(run("openssl verify " AT "-CAfile ca.pem -verify_ip 10.20.30.41 leaf.pem"));
	assert_false(run("openssl verify " AT "-purpose sslclient -CAfile ca.pem leaf.pem"));
	authority_deinit(&ca);
}

/* The lengths of SubjectAltName's DER take one, two and three bytes. */
static void many_and_long_host_names_are_encoded_right(void **state)
{
	static char name[RC_CERTIFICATE_HOSTS_MAX][RC_HOST_MAX_CHARS + 1];
	const char *hosts[RC_CERTIFICATE_HOSTS_MAX];
	struct authority ca;

	(void)state;
	authority_new(&ca);
	for (size_t i = 0; i < RC_CERTIFICATE_HOSTS_MAX; i++) {
		(void)snprintf(name[i], sizeof(name[i]), "%050zu.%060d.%060d.%060d.example", i, 1, 2, 3);
		hosts[i] = name[i];
		issue(&ca, RC_CERTIFICATE_SERVER, hosts, i + 1);
		assert_true(run("openssl verify -x509_strict " AT
				"-CAfile ca.pem -verify_hostname %s leaf.pem",
				name[i]));
	}
	authority_deinit(&ca);
}

static void a_namesakes_certificates_are_refused(void **state)
{
	struct authority ca, namesake;

	(void)state;
	authority_new(&namesake);
	issue(&namesake, RC_CERTIFICATE_CLIENT, NULL, 0);
	authority_new(&ca); /* overwrites ca.pem */
	assert_false(run("openssl verify " AT "-CAfile ca.pem leaf.pem"));
	authority_deinit(&ca);
	authority_deinit(&namesake);
}

static void our_request_proves_itself_to_openssl(void **state)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf der;
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key("csr.key");

	(void)state;
	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	assert_int_equal(rc_csr_create(key, "kiosk 7", &der, NULL), RC_OK);
	write_file("csr.der", rc_buf_bytes(&der));
	assert_true(run("openssl req -inform DER -in csr.der -verify -noout -subject |"
			"grep 'subject=CN = kiosk 7'"));
	assert_true(run("openssl req -inform DER -in csr.der -noout -pubkey >a;"
			"openssl pkey -in csr.key -pubout >b; cmp a b"));
}

/* `openssl req` with these arguments; what we say to its request. */
static enum rc_status csr_status(const char *arguments)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf pem;
	struct rc_csr csr;

	rc_buf_init(&pem, FILE_MAX_BYTES);
	assert_true(run("openssl req -new -nodes -keyout other.key -out other.csr -utf8 %s", arguments));
	read_file("other.csr", &pem);
	return rc_csr_read(rc_buf_bytes(&pem), &csr, NULL);
}

#define P256 "-newkey ec -pkeyopt ec_paramgen_curve:P-256 "

static void requests_of_openssl_are_taken_on_our_terms(void **state)
{
	(void)state;
	assert_int_equal(csr_status(P256 "-sha256 -subj /CN=kiosk"), RC_OK);
	assert_int_equal(csr_status(P256 "-sha256 -subj /O=Example/CN=kiosk"), RC_OK);
	assert_int_equal(
	    csr_status(P256 "-sha256 -subj /CN=kiosk -addext keyUsage=digitalSignature"), RC_OK);
	assert_int_equal(csr_status(P256 "-sha512 -subj /CN=kiosk"), RC_EFORMAT);
	assert_int_equal(csr_status(P256 "-sha1 -subj /CN=kiosk"), RC_EFORMAT);
	assert_int_equal(csr_status(P256 "-sha256 -subj /O=Example"), RC_EFORMAT);
	assert_int_equal(csr_status(P256 "-sha256 -subj /CN=one/CN=two"), RC_EFORMAT);
	assert_int_equal(csr_status(P256 "-sha256 -subj /CN=培训室"), RC_EFORMAT);
	assert_int_equal(csr_status(P256 "-sha256 -subj '/CN=a,b'"), RC_EFORMAT);
	assert_int_equal(csr_status("-newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha256 "
				    "-subj /CN=kiosk"),
			 RC_EFORMAT);
	assert_int_equal(csr_status("-newkey ec -pkeyopt ec_paramgen_curve:secp256k1 -sha256 "
				    "-subj /CN=kiosk"),
			 RC_EFORMAT);
	assert_int_equal(csr_status("-newkey rsa:1024 -sha256 -subj /CN=kiosk"), RC_EFORMAT);
	assert_int_equal(csr_status("-newkey ed25519 -subj /CN=kiosk"), RC_EFORMAT);
}

static void our_key_is_whole_to_openssl(void **state)
{
	(void)state;
	rc_key_free(new_key("our.key"));
	assert_true(run("openssl ec -in our.key -check -noout"));
	assert_true(run("openssl pkey -in our.key -noout -text | grep 'NIST CURVE: P-256'"));
}

static enum rc_status key_status(const char *command)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf pem;
	struct rc_key *key = NULL;
	enum rc_status status;

	rc_buf_init(&pem, FILE_MAX_BYTES);
	assert_true(run("%s", command));
	read_file("other.key", &pem);
	status = rc_key_load_pem(rc_buf_bytes(&pem), &key, NULL);
	rc_key_free(key);
	return status;
}

static void keys_of_openssl_are_taken_on_our_terms(void **state)
{
	(void)state;
	assert_int_equal(key_status("openssl ecparam -name prime256v1 -genkey -out other.key"), RC_OK);
	assert_int_equal(
	    key_status(
		"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out other.key"),
	    RC_OK);
	assert_int_equal(
	    key_status("openssl ecparam -name secp384r1 -genkey -noout -out other.key"), RC_EFORMAT);
	assert_int_equal(key_status("openssl genrsa -out other.key 1024"), RC_EFORMAT);
	assert_int_equal(key_status("openssl genpkey -algorithm ED25519 -out other.key"), RC_EFORMAT);
	assert_int_equal(
	    key_status("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 "
		       "-aes256 -pass pass:secret -out other.key"),
	    RC_EFORMAT);
	assert_int_equal(key_status("openssl ecparam -name prime256v1 -genkey -noout |"
				    "openssl ec -aes256 -passout pass:secret -out other.key"),
			 RC_EFORMAT);
	assert_int_equal(key_status("openssl ecparam -name prime256v1 -genkey -noout |"
				    "openssl ec -pubout -out other.key"),
			 RC_EFORMAT);
}

/* An exported session can be checked so, without anything of ours. */
static void our_signature_is_verified_by_openssl_alone(void **state)
{
	RC_AUTO(rc_key_free_p) struct rc_key *key = new_key("sign.key");
	uint8_t hash[RC_SHA256_BYTES], rs[RC_KEY_SIGNATURE_BYTES];
	char r[65], s[65];

	(void)state;
	rc_sha256(rc_bytes_of_text("what was signed"), hash);
	write_file("text", rc_bytes_of_text("what was signed"));
	assert_int_equal(rc_key_sign(key, hash, rs, NULL), RC_OK);
	rc_hex_encode(rc_bytes_of(rs, 32), r);
	rc_hex_encode(rc_bytes_of(rs + 32, 32), s);
	assert_true(
	    run("printf 'asn1=SEQUENCE:rs\\n[rs]\\nr=INTEGER:0x%s\\ns=INTEGER:0x%s\\n' >sig.cnf;"
		"openssl asn1parse -genconf sig.cnf -noout -out sig.der",
		r, s));
	assert_true(run("openssl pkey -in sign.key -pubout -out sign.pub"));
	assert_true(run("openssl dgst -sha256 -verify sign.pub -signature sig.der text"));
	assert_false(
	    run("echo >>text; openssl dgst -sha256 -verify sign.pub -signature sig.der text"));
}

static void read_pem_certificate(const char *name, struct rc_buf *der)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf pem;

	rc_buf_init(&pem, FILE_MAX_BYTES);
	read_file(name, &pem);
	rc_buf_clear(der);
	assert_int_equal(rc_pem_decode(RC_PEM_CERTIFICATE, rc_buf_bytes(&pem), der, NULL, NULL), RC_OK);
}

static void a_companys_own_certificate_is_read(void **state)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf der, public_der;
	struct rc_certificate read;

	(void)state;
	rc_buf_init(&der, FILE_MAX_BYTES);
	rc_buf_init(&public_der, 1000);
	assert_true(
	    run("openssl req -x509 -newkey rsa:2048 -nodes -keyout o.key -out o.pem -days 100 "
		"-utf8 -subj '/C=CN/O=示例/CN=培训 server' "
		"-set_serial 0x7102030405060708090a0b0c0d0e0f1011121314"));
	read_pem_certificate("o.pem", &der);
	assert_int_equal(rc_certificate_read(rc_buf_bytes(&der), &read, NULL), RC_OK);
	assert_string_equal(read.common_name, "培训 server");
	assert_int_equal(read.serial_size, 20);
	assert_int_equal(read.serial[0], 0x71);
	assert_int_equal(read.serial[19], 0x14);
	assert_int_equal(read.validity.not_after_ms - read.validity.not_before_ms, 100 * RC_DAY_MS);
	assert_int_equal(rc_certificate_public_der(rc_buf_bytes(&der), &public_der, NULL), RC_EFORMAT);
	assert_true(run("openssl req -x509 -newkey rsa:2048 -nodes -keyout o.key -out o.pem "
			"-subj /O=nameless -set_serial 1"));
	read_pem_certificate("o.pem", &der);
	assert_int_equal(rc_certificate_read(rc_buf_bytes(&der), &read, NULL), RC_OK);
	assert_string_equal(read.common_name, "");
	assert_int_equal(read.serial_size, 1);
}

/* Its subject is more than a common name, so a leaf of ours would name another issuer. */
static void an_authority_that_is_not_ours_issues_nothing(void **state)
{
	struct authority foreign = {0};
	RC_AUTO(rc_buf_deinit) struct rc_buf pem, out, public_der;
	struct rc_certificate_request order = {
	    .common_name = "kiosk", .purpose = RC_CERTIFICATE_CLIENT, .serial = {0x40}};
	struct rc_certificate read;

	(void)state;
	rc_buf_init(&pem, FILE_MAX_BYTES);
	rc_buf_init(&out, FILE_MAX_BYTES);
	rc_buf_init(&public_der, 100);
	rc_buf_init(&foreign.der, FILE_MAX_BYTES);
	assert_true(run("openssl req -x509 " P256 "-nodes -keyout o.key -out o.pem -days 100 "
			"-subj '/O=Example/CN=rollcall CA'"));
	read_file("o.key", &pem);
	assert_int_equal(rc_key_load_pem(rc_buf_bytes(&pem), &foreign.key, NULL), RC_OK);
	assert_int_equal(rc_key_public_der(foreign.key, &public_der, NULL), RC_OK);
	read_pem_certificate("o.pem", &foreign.der);
	assert_int_equal(rc_certificate_read(rc_buf_bytes(&foreign.der), &read, NULL), RC_OK);
	order.public_der = rc_buf_bytes(&public_der);
	order.validity = read.validity;
	assert_int_equal(rc_certificate_issue(foreign.key, rc_buf_bytes(&foreign.der), &order, &out, NULL),
			 RC_EUSAGE);
	assert_int_equal(out.size, 0);
	authority_deinit(&foreign);
}

/* mbedTLS would take it, being the one it was told to trust. */
static void a_leaf_that_signed_itself_is_no_authority(void **state)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf der;

	(void)state;
	rc_buf_init(&der, FILE_MAX_BYTES);
	assert_true(run("openssl req -x509 " P256 "-nodes -keyout o.key -out o.pem "
			"-subj /CN=self -addext basicConstraints=critical,CA:FALSE"));
	read_pem_certificate("o.pem", &der);
	assert_int_equal(rc_certificate_is_signed_by(rc_buf_bytes(&der), rc_buf_bytes(&der), NULL),
			 RC_EDENIED);
}

static int enter_folder(void **state)
{
	(void)state;
	return !mkdtemp(folder) || chdir(folder) != 0;
}

static int leave_folder(void **state)
{
	(void)state;
	return !run("cd /; rm -rf '%s'", folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_authority_is_taken_as_one),
	    cmocka_unit_test(a_kiosks_certificate_serves_a_client_and_no_server),
	    cmocka_unit_test(a_servers_certificate_names_its_hosts),
	    cmocka_unit_test(many_and_long_host_names_are_encoded_right),
	    cmocka_unit_test(a_namesakes_certificates_are_refused),
	    cmocka_unit_test(our_request_proves_itself_to_openssl),
	    cmocka_unit_test(requests_of_openssl_are_taken_on_our_terms),
	    cmocka_unit_test(our_key_is_whole_to_openssl),
	    cmocka_unit_test(keys_of_openssl_are_taken_on_our_terms),
	    cmocka_unit_test(our_signature_is_verified_by_openssl_alone),
	    cmocka_unit_test(a_companys_own_certificate_is_read),
	    cmocka_unit_test(an_authority_that_is_not_ours_issues_nothing),
	    cmocka_unit_test(a_leaf_that_signed_itself_is_no_authority),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
