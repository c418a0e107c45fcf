/* SPDX-License-Identifier: Apache-2.0 */
/* Statuses and their texts. The text is built in the caller's buffer: an error about memory must not need any. */
#include "shared/base/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const status_texts[] = {
    [RC_OK] = "ok",
    [RC_EFORMAT] = "malformed",
    [RC_ELIMIT] = "over the limit",
    [RC_ENOTFOUND] = "not found",
    [RC_ECONFLICT] = "conflict",
    [RC_EDENIED] = "denied",
    [RC_EEXPIRED] = "expired",
    [RC_EIO] = "disk or device",
    [RC_ENET] = "network",
    [RC_EBUSY] = "busy",
    [RC_ENOMEM] = "out of memory",
    [RC_EUSAGE] = "usage",
    [RC_EBUG] = "bug",
};

const char *rc_status_text(enum rc_status status)
{
	size_t n = sizeof(status_texts) / sizeof(status_texts[0]);

	return (size_t)status < n ? status_texts[status] : "unknown";
}

int rc_status_exit(enum rc_status status)
{
	switch (status) {
	case RC_OK:
		return 0;
	case RC_EUSAGE:
		return 2;
	case RC_EIO:
	case RC_ENET:
	case RC_EBUSY:
	case RC_ENOMEM:
		return 4;
	case RC_EBUG:
		return 70;
	default:
		return 1;
	}
}

/* snprintf cuts at bytes; a reader of the log wants whole characters. */
static void end_at_character(char *text, size_t size)
{
	size_t n = strnlen(text, size);

	if (n + 1 < size)
		return;
	while (n > 0 && ((unsigned char)text[n - 1] & 0xC0u) == 0x80u)
		n--;
	if (n > 0 && ((unsigned char)text[n - 1] & 0x80u))
		n--;
	text[n] = '\0';
}

static rc_error_words_fn *translate;

void rc_error_speak(rc_error_words_fn *words)
{
	translate = words;
}

static const char *in_words(const char *english) __attribute__((format_arg(1)));
static const char *in_words(const char *english)
{
	return translate ? translate(english) : english;
}

static void RC_PRINTF(2, 0) set_text(struct rc_error *err, const char *fmt, va_list args)
{
	if (vsnprintf(err->text, sizeof(err->text), in_words(fmt), args) < 0)
		err->text[0] = '\0';
	end_at_character(err->text, sizeof(err->text));
}

enum rc_status rc_fail(struct rc_error *err, enum rc_status status, const char *fmt, ...)
{
	va_list args;

	if (err) {
		va_start(args, fmt);
		set_text(err, fmt, args);
		va_end(args);
	}
	return status;
}

static enum rc_status status_of_errno(int errno_value)
{
	switch (errno_value) {
	case ENOENT:
		return RC_ENOTFOUND;
	case EEXIST:
		return RC_ECONFLICT;
	case EACCES:
	case EPERM:
		return RC_EDENIED;
	case ENOMEM:
		return RC_ENOMEM;
	case EAGAIN:
		return RC_EBUSY;
	default:
		return RC_EIO;
	}
}

enum rc_status rc_fail_errno(struct rc_error *err, int errno_value, const char *fmt, ...)
{
	char what[RC_ERROR_MAX_BYTES];
	char reason[128];
	va_list args;

	if (err) {
		va_start(args, fmt);
		if (vsnprintf(what, sizeof(what), in_words(fmt), args) < 0)
			what[0] = '\0';
		va_end(args);
		(void)rc_fail(err, RC_EIO, "%s: %s", what,
			      in_words(strerror_r(errno_value, reason, sizeof(reason))));
	}
	return status_of_errno(errno_value);
}

enum rc_status rc_error_in(struct rc_error *err, enum rc_status status, const char *fmt, ...)
{
	char prefix[RC_ERROR_MAX_BYTES];
	char rest[RC_ERROR_MAX_BYTES];
	va_list args;

	if (err) {
		va_start(args, fmt);
		if (vsnprintf(prefix, sizeof(prefix), in_words(fmt), args) < 0)
			prefix[0] = '\0';
		va_end(args);
		memcpy(rest, err->text, sizeof(rest));
		(void)rc_fail(err, status, "%s: %s", prefix, rest);
	}
	return status;
}
