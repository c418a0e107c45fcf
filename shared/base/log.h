/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BASE_LOG_H
#define RC_BASE_LOG_H
/*
 * The log: logfmt lines on stderr with the `<N>` priority that journald reads. One call is one line, whole lines only, any
 * thread. Values are quoted when they need it; control, bidirectional and non-UTF-8 bytes are written as \xNN, so a payload
 * can't forge a line. Never put a code, key, token, PIN or name into a field.
 *
 *     rc_log(RC_LOG_WARNING, "upload refused", "kiosk", id_text, "status", "409", NULL);
 *     <4>level=warning msg="upload refused" kiosk=0c9f… status=409
 */
#include "shared/base/status.h"

enum rc_log_level { /* the numbers are syslog's (RFC 5424) */
		    RC_LOG_ERROR = 3,
		    RC_LOG_WARNING = 4,
		    RC_LOG_NOTICE = 5,
		    RC_LOG_INFO = 6,
		    RC_LOG_DEBUG = 7,
};

/* Lines above `level` are dropped; RC_LOG_INFO at first. Call before threads start. */
void rc_log_set_level(enum rc_log_level level);

/* True if a line of this level would be written: for callers whose fields cost something to make. */
bool rc_log_is_wanted(enum rc_log_level level);

/* Where lines go instead of stderr (tests). `line` ends with a newline. NULL restores stderr. Call before threads start. */
void rc_log_set_sink(void (*sink)(void *context, const char *line, size_t size), void *context);

/* `fields` are pairs of text, key then value, ended by NULL; a NULL value is written as an empty one. */
void rc_log(enum rc_log_level level, const char *message, ...) __attribute__((sentinel));

/* A line with the text of an error: level=error msg=… error=… */
void rc_log_failure(const char *message, const struct rc_error *err);

#endif
