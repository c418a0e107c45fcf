/* SPDX-License-Identifier: Apache-2.0 */
/* libqrencode behind a plain value. Its own guess of modes is left alone: one mode for all of a payload is what we promise. */
#include "shared/qr/qr.h"

#include "shared/base/cleanup.h"

#include <assert.h>
#include <errno.h>
#include <qrencode.h>

RC_DEFINE_AUTO(QRinput, QRinput_free)
RC_DEFINE_AUTO(QRcode, QRcode_free)

static bool is_all_of(struct rc_bytes payload, const char *alphabet)
{
	for (size_t i = 0; i < payload.size; i++) {
		if (payload.data[i] == '\0' || !strchr(alphabet, payload.data[i]))
			return false;
	}
	return true;
}

static QRencodeMode mode_of(struct rc_bytes payload)
{
	if (is_all_of(payload, "0123456789"))
		return QR_MODE_NUM;
	if (is_all_of(payload, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"))
		return QR_MODE_AN;
	return QR_MODE_8;
}

static QRecLevel level_of(enum rc_qr_level level)
{
	static const QRecLevel levels[] = {
	    [RC_QR_LOW] = QR_ECLEVEL_L,
	    [RC_QR_MEDIUM] = QR_ECLEVEL_M,
	    [RC_QR_QUARTILE] = QR_ECLEVEL_Q,
	    [RC_QR_HIGH] = QR_ECLEVEL_H,
	};

	return levels[level];
}

/* The library keeps a byte a module, of which the lowest bit is the colour. */
static void copy_modules(const QRcode *code, struct rc_qr *qr)
{
	const size_t count = (size_t)code->width * (size_t)code->width;

	*qr = (struct rc_qr){.version = (unsigned)code->version, .modules = (unsigned)code->width};
	for (size_t i = 0; i < count; i++) {
		if (code->data[i] & 1)
			qr->bits[i / 8] |= (uint8_t)(0x80u >> i % 8);
	}
}

static enum rc_status fail(int errno_value, struct rc_error *err)
{
	if (errno_value == ERANGE)
		return rc_fail(err, RC_ELIMIT, "more than a QR code of version 40 holds");
	if (errno_value == ENOMEM)
		return rc_fail(err, RC_ENOMEM, "no memory for a QR code");
	return rc_fail(err, RC_EBUG, "libqrencode refuses (errno %d)", errno_value);
}

enum rc_status rc_qr_encode(struct rc_bytes payload, enum rc_qr_level level, struct rc_qr *qr,
			    struct rc_error *err)
{
	RC_AUTO(QRinput_free_p) QRinput *input = NULL;
	RC_AUTO(QRcode_free_p) QRcode *code = NULL;

	if (payload.size == 0)
		return rc_fail(err, RC_EUSAGE, "an empty QR code");
	if (payload.size > RC_QR_MAX_PAYLOAD_BYTES)
		return fail(ERANGE, err);
	input = QRinput_new2(0, level_of(level)); /* 0: the smallest version that fits */
	if (!input)
		return fail(errno, err);
	if (QRinput_append(input, mode_of(payload), (int)payload.size, payload.data) != 0)
		return fail(errno, err);
	code = QRcode_encodeInput(input);
	if (!code)
		return fail(errno, err);
	assert(code->width <= (int)RC_QR_MAX_MODULES);
	copy_modules(code, qr);
	return RC_OK;
}

bool rc_qr_is_dark(const struct rc_qr *qr, unsigned x, unsigned y)
{
	const size_t i = (size_t)y * qr->modules + x;

	assert(x < qr->modules && y < qr->modules);
	return (qr->bits[i / 8] & (0x80u >> i % 8)) != 0;
}
