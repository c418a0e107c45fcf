/* SPDX-License-Identifier: Apache-2.0 */
/* What is made is read back by zbar, which knows nothing of libqrencode. */
#include "shared/qr/qr.h"

#include "shared/credentials/credential.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zbar.h>

#define SCALE 3u /* pixels a module */

/* Draws the code into a grey picture with its quiet zone. The caller frees it. */
static uint8_t *draw(const struct rc_qr *qr, unsigned *side)
{
	const unsigned modules = qr->modules + 2 * RC_QR_QUIET_ZONE;
	uint8_t *grey;

	*side = modules * SCALE;
	grey = malloc((size_t)*side * *side);
	assert_non_null(grey);
	memset(grey, 0xFF, (size_t)*side * *side);
	for (unsigned y = 0; y < qr->modules * SCALE; y++) {
		for (unsigned x = 0; x < qr->modules * SCALE; x++) {
			if (rc_qr_is_dark(qr, x / SCALE, y / SCALE))
				grey[(size_t)(y + RC_QR_QUIET_ZONE * SCALE) * *side + x + RC_QR_QUIET_ZONE * SCALE] =
				    0;
		}
	}
	return grey;
}

static bool picture_says(uint8_t *grey, unsigned side, struct rc_bytes payload)
{
	zbar_image_scanner_t *scanner = zbar_image_scanner_create();
	zbar_image_t *image = zbar_image_create();
	const zbar_symbol_t *symbol;
	bool is_same = false;

	zbar_image_scanner_set_config(scanner, 0, ZBAR_CFG_ENABLE, 0);
	zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
	zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_BINARY, 1);
	zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
	zbar_image_set_size(image, side, side);
	zbar_image_set_data(image, grey, (unsigned long)side * side, NULL);
	if (zbar_scan_image(scanner, image) == 1) {
		symbol = zbar_image_first_symbol(image);
		is_same = rc_bytes_equal(
		    rc_bytes_of(zbar_symbol_get_data(symbol), zbar_symbol_get_data_length(symbol)),
		    payload);
	}
	zbar_image_destroy(image);
	zbar_image_scanner_destroy(scanner);
	return is_same;
}

static void assert_reads_back(struct rc_bytes payload, enum rc_qr_level level)
{
	struct rc_qr qr;
	unsigned side;
	uint8_t *grey;

	assert_int_equal(rc_qr_encode(payload, level, &qr, NULL), RC_OK);
	assert_int_equal(qr.modules, 17 + 4 * qr.version);
	grey = draw(&qr, &side);
	assert_true(picture_says(grey, side, payload));
	free(grey);
}

static unsigned version_of(const char *text, enum rc_qr_level level)
{
	struct rc_qr qr;

	assert_int_equal(rc_qr_encode(rc_bytes_of_text(text), level, &qr, NULL), RC_OK);
	return qr.version;
}

static void badges_read_back_at_all_levels(void **state)
{
	char text[RC_BADGE_TEXT_CHARS + 1];

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		const struct rc_badge_code code = rc_badge_code_new();

		rc_badge_code_format(&code, text);
		assert_reads_back(rc_bytes_of_text(text), (enum rc_qr_level)(i % 4));
	}
}

static void an_enrolment_code_reads_back(void **state)
{
	struct rc_enrol_code code = {.ca_sha256 = {0xC5, 0x01}, .code = {0x77}};
	char text[RC_ENROL_TEXT_MAX_CHARS + 1];

	(void)state;
	assert_true(rc_text_copy("https://rollcall.example.com:8443", code.url, sizeof(code.url)));
	assert_int_equal(rc_enrol_code_format(&code, text), RC_OK);
	assert_reads_back(rc_bytes_of_text(text), RC_QR_MEDIUM);
}

static void bytes_of_all_values_read_back(void **state)
{
	uint8_t all[256];

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	assert_reads_back(rc_bytes_of(all, sizeof(all)), RC_QR_LOW);
	assert_reads_back(rc_bytes_of("\0", 1), RC_QR_HIGH);
	assert_reads_back(rc_bytes_of_text("签到"), RC_QR_HIGH);
}

/* Capacities of ISO/IEC 18004 table 7: version 2-Q holds 29 alphanumeric characters, 3-Q holds 47; as bytes 4-Q would be needed. */
static void a_badge_is_alphanumeric(void **state)
{
	(void)state;
	assert_int_equal(version_of("RC1:7QK4ZB2MXWPD3EJR5TYUAVH6N", RC_QR_QUARTILE), 2);
	assert_int_equal(version_of("RC1:7QK4ZB2MXWPD3EJR5TYUAVH6NC", RC_QR_QUARTILE), 3);
	assert_int_equal(version_of("RC1:7QK4ZB2MXWPD3EJR5TYUAVH6NC", RC_QR_MEDIUM), 2);
	assert_int_equal(version_of("rC1:7QK4ZB2MXWPD3EJR5TYUAVH6NC", RC_QR_MEDIUM), 3);
}

static void digits_take_least_room(void **state)
{
	(void)state;
	assert_int_equal(version_of("12345678901234567890123456789012345678901", RC_QR_LOW), 1);
	assert_int_equal(version_of("1234567890123456789012345678901234567890A", RC_QR_LOW), 2);
}

static enum rc_status repeat(char c, size_t count, enum rc_qr_level level, struct rc_qr *qr)
{
	static char text[RC_QR_MAX_PAYLOAD_BYTES + 1];

	assert_true(count <= sizeof(text));
	memset(text, c, count);
	return rc_qr_encode(rc_bytes_of(text, count), level, qr, NULL);
}

/* ISO/IEC 18004 table 7, version 40. */
static void version_40_is_the_end(void **state)
{
	static const struct {
		char c;
		size_t most;
		enum rc_qr_level level;
	} ends[] = {
	    {'7', 7089, RC_QR_LOW},    {'A', 4296, RC_QR_LOW},      {'a', 2953, RC_QR_LOW},
	    {'a', 2331, RC_QR_MEDIUM}, {'a', 1663, RC_QR_QUARTILE}, {'a', 1273, RC_QR_HIGH},
	};
	struct rc_qr qr;

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		assert_int_equal(repeat(ends[i].c, ends[i].most, ends[i].level, &qr), RC_OK);
		assert_int_equal(qr.version, RC_QR_MAX_VERSION);
		assert_int_equal(qr.modules, RC_QR_MAX_MODULES);
		assert_int_equal(repeat(ends[i].c, ends[i].most + 1, ends[i].level, &qr), RC_ELIMIT);
	}
}

static void nothing_at_all_is_refused(void **state)
{
	struct rc_qr qr;

	(void)state;
	assert_int_equal(rc_qr_encode(rc_bytes_of(NULL, 0), RC_QR_LOW, &qr, NULL), RC_EUSAGE);
}

static void the_corners_are_finders(void **state)
{
	struct rc_qr qr;

	(void)state;
	assert_int_equal(rc_qr_encode(rc_bytes_of_text("RC1:"), RC_QR_LOW, &qr, NULL), RC_OK);
	for (unsigned i = 0; i < 7; i++) {
		assert_true(rc_qr_is_dark(&qr, i, 0));
		assert_true(rc_qr_is_dark(&qr, 0, i));
		assert_true(rc_qr_is_dark(&qr, qr.modules - 1 - i, 0));
		assert_true(rc_qr_is_dark(&qr, 0, qr.modules - 1 - i));
		assert_false(rc_qr_is_dark(&qr, i, 7));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(badges_read_back_at_all_levels),
	    cmocka_unit_test(an_enrolment_code_reads_back),
	    cmocka_unit_test(bytes_of_all_values_read_back),
	    cmocka_unit_test(a_badge_is_alphanumeric),
	    cmocka_unit_test(digits_take_least_room),
	    cmocka_unit_test(version_40_is_the_end),
	    cmocka_unit_test(nothing_at_all_is_refused),
	    cmocka_unit_test(the_corners_are_finders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
