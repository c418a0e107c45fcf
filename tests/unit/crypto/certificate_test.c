/* SPDX-License-Identifier: Apache-2.0 */
/* What other programs make of these certificates, and we of theirs, is in tests/module/crypto. */
#include "shared/crypto/certificate.h"

#include "shared/base/timestamp.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/pem.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define YEAR_2020_MS INT64_C(1577836800000)
#define YEAR_2050_MS INT64_C(2524608000000)

struct authority {
	struct rc_key *key;
	struct rc_buf der;
};

static const struct rc_validity thirty_years = {YEAR_2020_MS, YEAR_2050_MS};

static void authority_new(struct authority *ca, const char *name)
{
	rc_buf_init(&ca->der, RC_CERTIFICATE_MAX_BYTES);
	assert_int_equal(rc_key_new(&ca->key, NULL), RC_OK);
	assert_int_equal(rc_ca_create(ca->key, name, &thirty_years, &ca->der, NULL), RC_OK);
}

static void authority_deinit(struct authority *ca)
{
	rc_key_free(ca->key);
	rc_buf_deinit(&ca->der);
}

/* A kiosk's key, its request, and an order for a certificate that would be granted. */
struct applicant {
	struct rc_key *key;
	struct rc_buf csr_der;
	struct rc_csr csr;
	struct rc_certificate_request order;
};

static void applicant_new(struct applicant *a)
{
	rc_buf_init(&a->csr_der, RC_CERTIFICATE_MAX_BYTES);
	assert_int_equal(rc_key_new(&a->key, NULL), RC_OK);
	assert_int_equal(rc_csr_create(a->key, "kiosk", &a->csr_der, NULL), RC_OK);
	assert_int_equal(rc_csr_read(rc_buf_bytes(&a->csr_der), &a->csr, NULL), RC_OK);
	a->order = (struct rc_certificate_request){
	    .public_der = rc_bytes_of(a->csr.public_der, sizeof(a->csr.public_der)),
	    .common_name = "0c9f1e2d-3b4a-4c5d-8e6f-708192a3b4c5",
	    .validity = {YEAR_2020_MS, YEAR_2020_MS + 400 * RC_DAY_MS},
	    .purpose = RC_CERTIFICATE_CLIENT,
	};
	rc_certificate_serial_new(a->order.serial);
}

static void applicant_deinit(struct applicant *a)
{
	rc_key_free(a->key);
	rc_buf_deinit(&a->csr_der);
}

static enum rc_status issue(struct authority *ca, const struct applicant *a, struct rc_buf *der)
{
	return rc_certificate_issue(ca->key, rc_buf_bytes(&ca->der), &a->order, der, NULL);
}

/* Issues and throws away. */
static enum rc_status issue_status(struct authority *ca, const struct applicant *a)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf der;
	enum rc_status status;

	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	status = issue(ca, a, &der);
	assert_true((status == RC_OK) == (der.size > 0));
	return status;
}

static void a_request_names_its_key_and_name(void **state)
{
	struct applicant a;
	struct rc_buf public_der;

	(void)state;
	applicant_new(&a);
	rc_buf_init(&public_der, 100);
	assert_int_equal(rc_key_public_der(a.key, &public_der, NULL), RC_OK);
	assert_true(rc_bytes_equal(rc_buf_bytes(&public_der), a.order.public_der));
	assert_string_equal(a.csr.common_name, "kiosk");
	rc_buf_deinit(&public_der);
	applicant_deinit(&a);
}

static void a_request_is_read_from_pem_as_well(void **state)
{
	struct applicant a;
	struct rc_csr csr;
	struct rc_buf pem;

	(void)state;
	applicant_new(&a);
	rc_buf_init(&pem, 4096);
	assert_int_equal(rc_pem_encode(RC_PEM_CSR, rc_buf_bytes(&a.csr_der), &pem, NULL), RC_OK);
	assert_int_equal(rc_csr_read(rc_buf_bytes(&pem), &csr, NULL), RC_OK);
	assert_memory_equal(&csr, &a.csr, sizeof(csr));
	rc_buf_deinit(&pem);
	applicant_deinit(&a);
}

/* Most bits end in a denial, those of the frame in a format error; none may be taken. */
static void a_request_with_any_bit_flipped_is_refused(void **state)
{
	struct applicant a;
	struct rc_csr csr;
	size_t denied = 0;

	(void)state;
	applicant_new(&a);
	for (size_t bit = 0; bit < a.csr_der.size * 8; bit++) {
		enum rc_status status;

		a.csr_der.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		status = rc_csr_read(rc_buf_bytes(&a.csr_der), &csr, NULL);
		assert_true(status == RC_EDENIED || status == RC_EFORMAT);
		denied += status == RC_EDENIED;
		a.csr_der.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_true(denied > 256);
	applicant_deinit(&a);
}

/* The sender puts another's public key into a request and signs with a key of its own. */
static void a_request_for_a_key_that_the_sender_does_not_hold_is_denied(void **state)
{
	struct applicant thief, victim;
	struct rc_csr csr;
	uint8_t *place;

	(void)state;
	applicant_new(&thief);
	applicant_new(&victim);
	place = memmem(thief.csr_der.data, thief.csr_der.size, thief.csr.public_der,
		       sizeof(thief.csr.public_der));
	assert_non_null(place);
	memcpy(place, victim.csr.public_der, sizeof(victim.csr.public_der));
	assert_int_equal(rc_csr_read(rc_buf_bytes(&thief.csr_der), &csr, NULL), RC_EDENIED);
	applicant_deinit(&thief);
	applicant_deinit(&victim);
}

static void a_request_cut_off_or_with_more_behind_it_is_malformed(void **state)
{
	struct applicant a;
	struct rc_csr csr;

	(void)state;
	applicant_new(&a);
	for (size_t size = 0; size < a.csr_der.size; size++)
		assert_int_equal(rc_csr_read(rc_bytes_of(a.csr_der.data, size), &csr, NULL), RC_EFORMAT);
	rc_buf_append_char(&a.csr_der, '\0');
	assert_int_equal(rc_csr_read(rc_buf_bytes(&a.csr_der), &csr, NULL), RC_EFORMAT);
	applicant_deinit(&a);
}

static void bytes_that_are_no_request_are_refused(void **state)
{
	static const uint8_t big[RC_CERTIFICATE_MAX_BYTES + 1] = {0x30};
	struct authority ca;
	struct rc_csr csr;

	(void)state;
	authority_new(&ca, "rollcall CA");
	assert_int_equal(rc_csr_read(rc_buf_bytes(&ca.der), &csr, NULL), RC_EFORMAT);
	assert_int_equal(rc_csr_read(rc_bytes_of_text("hello"), &csr, NULL), RC_EFORMAT);
	assert_int_equal(rc_csr_read(rc_bytes_of(NULL, 0), &csr, NULL), RC_EFORMAT);
	assert_int_equal(rc_csr_read(rc_bytes_of(big, sizeof(big)), &csr, NULL), RC_ELIMIT);
	authority_deinit(&ca);
}

static const char *const bad_names[] = {
    "",
    " a",
    "a ",
    "a,b",
    "CN=a",
    "a\\b",
    "a+b",
    "a\"b",
    "a\nb",
    "a#b",
    "\xe5\xbc\xa0",
    "a/b",
    "a;b",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", /* 65 */
};

static void names_that_could_be_misread_are_not_issued(void **state)
{
	struct authority ca;
	struct applicant a;
	struct rc_buf der;

	(void)state;
	authority_new(&ca, "rollcall CA");
	applicant_new(&a);
	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	for (size_t i = 0; i < sizeof(bad_names) / sizeof(bad_names[0]); i++) {
		a.order.common_name = bad_names[i];
		assert_int_equal(issue_status(&ca, &a), RC_EUSAGE);
		assert_int_equal(rc_csr_create(a.key, bad_names[i], &der, NULL), RC_EUSAGE);
		assert_int_equal(rc_ca_create(a.key, bad_names[i], &thirty_years, &der, NULL), RC_EUSAGE);
	}
	assert_int_equal(der.size, 0);
	applicant_deinit(&a);
	authority_deinit(&ca);
}

static void a_name_of_64_characters_comes_back_whole(void **state)
{
	static const char name[] =
	    "Training (Hall 1): a-b_c.d@example.org aaaaaaaaaaaaaaaaaaaaaaaaa";
	struct authority ca;
	struct rc_certificate read;

	(void)state;
	assert_int_equal(strlen(name), RC_COMMON_NAME_MAX_CHARS);
	authority_new(&ca, name);
	assert_int_equal(rc_certificate_read(rc_buf_bytes(&ca.der), &read, NULL), RC_OK);
	assert_string_equal(read.common_name, name);
	authority_deinit(&ca);
}

static void an_authority_says_what_it_was_told(void **state)
{
	struct authority ca;
	struct rc_certificate read;
	uint8_t hash[32];

	(void)state;
	authority_new(&ca, "rollcall CA");
	assert_int_equal(rc_certificate_read(rc_buf_bytes(&ca.der), &read, NULL), RC_OK);
	assert_string_equal(read.common_name, "rollcall CA");
	assert_int_equal(read.validity.not_before_ms, YEAR_2020_MS);
	assert_int_equal(read.validity.not_after_ms, YEAR_2050_MS);
	assert_int_equal(read.serial_size, RC_CERTIFICATE_SERIAL_BYTES);
	rc_sha256(rc_buf_bytes(&ca.der), hash);
	assert_memory_equal(read.sha256, hash, sizeof(hash));
	authority_deinit(&ca);
}

static void a_leaf_says_what_was_ordered(void **state)
{
	struct authority ca;
	struct applicant a;
	struct rc_buf der, public_der;
	struct rc_certificate read;

	(void)state;
	authority_new(&ca, "rollcall CA");
	applicant_new(&a);
	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	rc_buf_init(&public_der, 100);
	a.order.validity.not_before_ms += 999; /* X.509 knows seconds only */
	assert_int_equal(issue(&ca, &a, &der), RC_OK);
	assert_int_equal(rc_certificate_read(rc_buf_bytes(&der), &read, NULL), RC_OK);
	assert_string_equal(read.common_name, a.order.common_name);
	assert_int_equal(read.validity.not_before_ms, YEAR_2020_MS);
	assert_int_equal(read.validity.not_after_ms, a.order.validity.not_after_ms);
	assert_int_equal(read.serial_size, sizeof(a.order.serial));
	assert_memory_equal(read.serial, a.order.serial, sizeof(a.order.serial));
	assert_int_equal(rc_certificate_public_der(rc_buf_bytes(&der), &public_der, NULL), RC_OK);
	assert_true(rc_bytes_equal(rc_buf_bytes(&public_der), a.order.public_der));
	rc_buf_deinit(&der);
	rc_buf_deinit(&public_der);
	applicant_deinit(&a);
	authority_deinit(&ca);
}

static void a_leaf_is_signed_by_its_authority_and_no_other(void **state)
{
	struct authority ca, namesake;
	struct applicant a;
	struct rc_buf der;

	(void)state;
	authority_new(&ca, "rollcall CA");
	authority_new(&namesake, "rollcall CA");
	applicant_new(&a);
	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	assert_int_equal(issue(&ca, &a, &der), RC_OK);
	assert_int_equal(rc_certificate_is_signed_by(rc_buf_bytes(&der), rc_buf_bytes(&ca.der), NULL),
			 RC_OK);
	assert_int_equal(rc_certificate_is_signed_by(rc_buf_bytes(&der), rc_buf_bytes(&namesake.der), NULL),
			 RC_EDENIED);
	assert_int_equal(rc_certificate_is_signed_by(rc_buf_bytes(&der), rc_buf_bytes(&der), NULL),
			 RC_EDENIED);
	rc_buf_deinit(&der);
	applicant_deinit(&a);
	authority_deinit(&ca);
	authority_deinit(&namesake);
}

/* A time long past and one far ahead: who judges certificates brings the clock. */
static void signatures_hold_whatever_the_time(void **state)
{
	static const struct rc_validity times[] = {{0, RC_DAY_MS}, {YEAR_2050_MS, RC_TIMESTAMP_MAX_MS}};
	struct rc_certificate read;
	struct rc_key *key;
	struct rc_buf der;

	(void)state;
	assert_int_equal(rc_key_new(&key, NULL), RC_OK);
	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	for (size_t i = 0; i < 2; i++) {
		rc_buf_clear(&der);
		assert_int_equal(rc_ca_create(key, "rollcall CA", &times[i], &der, NULL), RC_OK);
		assert_int_equal(
		    rc_certificate_is_signed_by(rc_buf_bytes(&der), rc_buf_bytes(&der), NULL), RC_OK);
		assert_int_equal(rc_certificate_read(rc_buf_bytes(&der), &read, NULL), RC_OK);
		assert_int_equal(read.validity.not_before_ms, times[i].not_before_ms);
		assert_int_equal(read.validity.not_after_ms / 1000, times[i].not_after_ms / 1000);
	}
	rc_buf_deinit(&der);
	rc_key_free(key);
}

static void a_leaf_signs_nothing(void **state)
{
	struct authority ca, fake = {0};
	struct applicant a;

	(void)state;
	authority_new(&ca, "rollcall CA");
	applicant_new(&a);
	rc_buf_init(&fake.der, RC_CERTIFICATE_MAX_BYTES);
	fake.key = a.key;
	assert_int_equal(issue(&ca, &a, &fake.der), RC_OK);
	assert_int_equal(issue_status(&fake, &a), RC_EUSAGE);
	rc_buf_deinit(&fake.der);
	applicant_deinit(&a);
	authority_deinit(&ca);
}

static void an_authority_with_a_key_that_does_not_fit_is_refused(void **state)
{
	struct authority ca, other, mixed;
	struct applicant a;

	(void)state;
	authority_new(&ca, "rollcall CA");
	authority_new(&other, "rollcall CA");
	applicant_new(&a);
	mixed = (struct authority){.key = other.key, .der = ca.der};
	assert_int_equal(issue_status(&mixed, &a), RC_EUSAGE);
	applicant_deinit(&a);
	authority_deinit(&ca);
	authority_deinit(&other);
}

static void orders_out_of_range_are_refused(void **state)
{
	static const char *const one_host[] = {"server"};
	struct authority ca;
	struct applicant a;
	struct rc_certificate_request good;

	(void)state;
	authority_new(&ca, "rollcall CA");
	applicant_new(&a);
	good = a.order;
	a.order.validity.not_after_ms = a.order.validity.not_before_ms;
	assert_int_equal(issue_status(&ca, &a), RC_EUSAGE);
	a.order = good;
	a.order.validity.not_before_ms = YEAR_2020_MS - 1000;
	assert_int_equal(issue_status(&ca, &a), RC_EUSAGE);
	a.order = good;
	a.order.validity.not_after_ms = YEAR_2050_MS + 1000;
	assert_int_equal(issue_status(&ca, &a), RC_EUSAGE);
	a.order = good;
	a.order.serial[0] = 0;
	assert_int_equal(issue_status(&ca, &a), RC_EUSAGE);
	a.order.serial[0] = 0x80;
	assert_int_equal(issue_status(&ca, &a), RC_EUSAGE);
	a.order = good;
	a.order.hosts = one_host;
	a.order.host_count = 1;
	assert_int_equal(issue_status(&ca, &a), RC_EUSAGE);
	a.order = good;
	a.order.public_der.size--;
	assert_int_equal(issue_status(&ca, &a), RC_EFORMAT);
	a.order = good;
	assert_int_equal(issue_status(&ca, &a), RC_OK);
	applicant_deinit(&a);
	authority_deinit(&ca);
}

static void a_server_needs_names_that_are_names(void **state)
{
	static const char *const hosts[] = {"server", "10.0.0.1", "::1", "not a host"};
	struct authority ca;
	struct applicant a;

	(void)state;
	authority_new(&ca, "rollcall CA");
	applicant_new(&a);
	a.order.purpose = RC_CERTIFICATE_SERVER;
	assert_int_equal(issue_status(&ca, &a), RC_EUSAGE);
	a.order.hosts = hosts;
	a.order.host_count = 3;
	assert_int_equal(issue_status(&ca, &a), RC_OK);
	a.order.host_count = 4;
	assert_int_equal(issue_status(&ca, &a), RC_EUSAGE);
	a.order.host_count = RC_CERTIFICATE_HOSTS_MAX + 1;
	assert_int_equal(issue_status(&ca, &a), RC_EUSAGE);
	applicant_deinit(&a);
	authority_deinit(&ca);
}

static void serials_are_positive_and_never_short(void **state)
{
	uint8_t one[RC_CERTIFICATE_SERIAL_BYTES], two[RC_CERTIFICATE_SERIAL_BYTES];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		rc_certificate_serial_new(one);
		rc_certificate_serial_new(two);
		assert_true(one[0] > 0 && one[0] < 0x80);
		assert_memory_not_equal(one, two, sizeof(one));
	}
}

/* The name is changed in the finished DER; reading looks at no signature. */
static enum rc_status read_with_name_byte(uint8_t byte)
{
	struct authority ca;
	struct rc_certificate read;
	enum rc_status status;
	uint8_t *place;

	authority_new(&ca, "rollXcall");
	/* issuer first, then subject: both are changed */
	while ((place = memmem(ca.der.data, ca.der.size, "rollXcall", 9)))
		place[4] = byte;
	status = rc_certificate_read(rc_buf_bytes(&ca.der), &read, NULL);
	authority_deinit(&ca);
	return status;
}

static void a_name_with_nul_or_control_characters_is_malformed(void **state)
{
	(void)state;
	assert_int_equal(read_with_name_byte('Y'), RC_OK);
	assert_int_equal(read_with_name_byte('\0'), RC_EFORMAT);
	assert_int_equal(read_with_name_byte('\n'), RC_EFORMAT);
	assert_int_equal(read_with_name_byte(0x1B), RC_EFORMAT);
	assert_int_equal(read_with_name_byte(0x7F), RC_EFORMAT);
	assert_int_equal(read_with_name_byte(0xFF), RC_EFORMAT);
}

static void a_certificate_cut_off_or_with_more_behind_it_is_malformed(void **state)
{
	struct authority ca;
	struct rc_certificate read;

	(void)state;
	authority_new(&ca, "rollcall CA");
	for (size_t size = 0; size < ca.der.size; size++)
		assert_int_equal(rc_certificate_read(rc_bytes_of(ca.der.data, size), &read, NULL),
				 RC_EFORMAT);
	rc_buf_append_char(&ca.der, '\0');
	assert_int_equal(rc_certificate_read(rc_buf_bytes(&ca.der), &read, NULL), RC_EFORMAT);
	authority_deinit(&ca);
}

static void no_flipped_bit_of_a_leaf_stays_signed(void **state)
{
	struct authority ca;
	struct applicant a;
	struct rc_buf der;

	(void)state;
	authority_new(&ca, "rollcall CA");
	applicant_new(&a);
	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	assert_int_equal(issue(&ca, &a, &der), RC_OK);
	for (size_t bit = 0; bit < der.size * 8; bit++) {
		der.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(
		    rc_certificate_is_signed_by(rc_buf_bytes(&der), rc_buf_bytes(&ca.der), NULL), RC_OK);
		der.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	rc_buf_deinit(&der);
	applicant_deinit(&a);
	authority_deinit(&ca);
}

static void a_chain_in_pem_is_read_block_by_block(void **state)
{
	struct authority one, two;
	struct rc_buf pem, der;
	struct rc_bytes rest;

	(void)state;
	authority_new(&one, "one");
	authority_new(&two, "two");
	rc_buf_init(&pem, RC_PEM_MAX_BYTES);
	rc_buf_init(&der, RC_CERTIFICATE_MAX_BYTES);
	rc_buf_append_text(&pem, "subject=one\n");
	assert_int_equal(rc_pem_encode(RC_PEM_CERTIFICATE, rc_buf_bytes(&one.der), &pem, NULL), RC_OK);
	rc_buf_append_text(&pem, "\nsubject=two\n");
	assert_int_equal(rc_pem_encode(RC_PEM_CERTIFICATE, rc_buf_bytes(&two.der), &pem, NULL), RC_OK);
	assert_int_equal(rc_pem_decode(RC_PEM_CERTIFICATE, rc_buf_bytes(&pem), &der, &rest, NULL), RC_OK);
	assert_true(rc_bytes_equal(rc_buf_bytes(&der), rc_buf_bytes(&one.der)));
	rc_buf_clear(&der);
	assert_int_equal(rc_pem_decode(RC_PEM_CERTIFICATE, rest, &der, &rest, NULL), RC_OK);
	assert_true(rc_bytes_equal(rc_buf_bytes(&der), rc_buf_bytes(&two.der)));
	assert_int_equal(rc_pem_decode(RC_PEM_CERTIFICATE, rest, &der, &rest, NULL), RC_ENOTFOUND);
	rc_buf_deinit(&pem);
	rc_buf_deinit(&der);
	authority_deinit(&one);
	authority_deinit(&two);
}

static enum rc_status decode_text(const char *text)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf der;

	rc_buf_init(&der, 100);
	return rc_pem_decode(RC_PEM_CERTIFICATE, rc_bytes_of_text(text), &der, NULL, NULL);
}

static void pem_that_is_broken_is_told_from_pem_that_is_not_there(void **state)
{
	(void)state;
	assert_int_equal(decode_text(""), RC_ENOTFOUND);
	assert_int_equal(decode_text("hello"), RC_ENOTFOUND);
	assert_int_equal(decode_text("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"
				     "-----END CERTIFICATE REQUEST-----\n"),
			 RC_ENOTFOUND);
	assert_int_equal(decode_text("-----BEGIN CERTIFICATE-----\nAAAA\n"), RC_EFORMAT);
	assert_int_equal(
	    decode_text("-----BEGIN CERTIFICATE-----\nA*AA\n-----END CERTIFICATE-----\n"), RC_EFORMAT);
	assert_int_equal(
	    decode_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), RC_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_request_names_its_key_and_name),
	    cmocka_unit_test(a_request_is_read_from_pem_as_well),
	    cmocka_unit_test(a_request_with_any_bit_flipped_is_refused),
	    cmocka_unit_test(a_request_for_a_key_that_the_sender_does_not_hold_is_denied),
	    cmocka_unit_test(a_request_cut_off_or_with_more_behind_it_is_malformed),
	    cmocka_unit_test(bytes_that_are_no_request_are_refused),
	    cmocka_unit_test(names_that_could_be_misread_are_not_issued),
	    cmocka_unit_test(a_name_of_64_characters_comes_back_whole),
	    cmocka_unit_test(an_authority_says_what_it_was_told),
	    cmocka_unit_test(a_leaf_says_what_was_ordered),
	    cmocka_unit_test(a_leaf_is_signed_by_its_authority_and_no_other),
	    cmocka_unit_test(signatures_hold_whatever_the_time),
	    cmocka_unit_test(a_leaf_signs_nothing),
	    cmocka_unit_test(an_authority_with_a_key_that_does_not_fit_is_refused),
	    cmocka_unit_test(orders_out_of_range_are_refused),
	    cmocka_unit_test(a_server_needs_names_that_are_names),
	    cmocka_unit_test(serials_are_positive_and_never_short),
	    cmocka_unit_test(a_name_with_nul_or_control_characters_is_malformed),
	    cmocka_unit_test(a_certificate_cut_off_or_with_more_behind_it_is_malformed),
	    cmocka_unit_test(no_flipped_bit_of_a_leaf_stays_signed),
	    cmocka_unit_test(a_chain_in_pem_is_read_block_by_block),
	    cmocka_unit_test(pem_that_is_broken_is_told_from_pem_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
