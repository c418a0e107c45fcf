/* SPDX-License-Identifier: Apache-2.0 */
#include "shared/crypto/pem.h"

#include "shared/base/cleanup.h"
#include "shared/crypto/mbed_priv.h"

#include <assert.h>
#include <stdio.h>

#define MARK_MAX_CHARS 64u

struct marks {
	char begin[MARK_MAX_CHARS], end[MARK_MAX_CHARS];
};

static struct marks marks_of(const char *label, const char *line_end)
{
	struct marks marks;

	assert(strlen(label) < MARK_MAX_CHARS - sizeof("-----BEGIN -----\n"));
	(void)snprintf(marks.begin, sizeof(marks.begin), "-----BEGIN %s-----%s", label, line_end);
	(void)snprintf(marks.end, sizeof(marks.end), "-----END %s-----%s", label, line_end);
	return marks;
}

enum rc_status rc_pem_encode(const char *label, struct rc_bytes der, struct rc_buf *pem,
			     struct rc_error *err)
{
	const struct marks marks = marks_of(label, "\n");
	/* Four characters for three bytes, a line feed for 64 of them, and the marks. */
	const size_t room = der.size / 3 * 4 + der.size / 48 + 2 * MARK_MAX_CHARS + 16;
	RC_AUTO(rc_free_p) uint8_t *text = NULL;
	size_t size = 0;

	if (der.size > RC_PEM_MAX_BYTES)
		return rc_fail(err, RC_ELIMIT, "more than %u bytes", RC_PEM_MAX_BYTES);
	text = malloc(room);
	if (!text)
		return rc_fail(err, RC_ENOMEM, "no memory for PEM");
	if (mbedtls_pem_write_buffer(marks.begin, marks.end, der.data, der.size, text, room, &size) != 0)
		return rc_fail(err, RC_ENOMEM, "can't write PEM");
	rc_buf_append(pem, text, size - 1); /* without its NUL */
	return rc_buf_status(pem, err);
}

/* `text` ends with a NUL, as mbedTLS wants it. */
static enum rc_status decode(const char *label, const char *text, struct rc_buf *der, size_t *used,
			     struct rc_error *err)
{
	const struct marks marks = marks_of(label, "");
	mbedtls_pem_context pem;
	int code;

	mbedtls_pem_init(&pem);
	code = mbedtls_pem_read_buffer(&pem, marks.begin, marks.end, (const uint8_t *)text, NULL, 0, used);
	if (code == 0)
		rc_buf_append(der, pem.MBEDTLS_PRIVATE(buf), pem.MBEDTLS_PRIVATE(buflen));
	mbedtls_pem_free(&pem);
	if (code == MBEDTLS_ERR_PEM_NO_HEADER_FOOTER_PRESENT)
		return rc_fail(err, strstr(text, marks.begin) ? RC_EFORMAT : RC_ENOTFOUND,
			       "no %s in it", label);
	if (code != 0)
		return rc_fail(err, rc_crypto__status(code, RC_EFORMAT), "%s: broken PEM", label);
	return rc_buf_status(der, err);
}

enum rc_status rc_pem_decode(const char *label, struct rc_bytes pem, struct rc_buf *der,
			     struct rc_bytes *rest, struct rc_error *err)
{
	RC_AUTO(rc_free_p) char *text = NULL;
	size_t used = 0;
	enum rc_status status;

	if (pem.size > RC_PEM_MAX_BYTES)
		return rc_fail(err, RC_ELIMIT, "more than %u bytes", RC_PEM_MAX_BYTES);
	text = calloc(1, pem.size + 1);
	if (!text)
		return rc_fail(err, RC_ENOMEM, "no memory for PEM");
	if (pem.size > 0)
		memcpy(text, pem.data, pem.size);
	status = decode(label, text, der, &used, err);
	if (status == RC_OK && rest)
		*rest = rc_bytes_of(pem.data + used, pem.size - used);
	return status;
}
