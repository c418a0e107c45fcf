/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BASE_STATUS_H
#define RC_BASE_STATUS_H
/*
 * How functions fail: an `enum rc_status` for the program, a `struct rc_error` for the human who will read it.
 *
 * A function that can fail returns the status and takes a caller's `struct rc_error *` as its last argument (NULL if nobody
 * will read it). Each level that knows more puts it in front. Nothing here allocates or blocks; any thread.
 */
#include <stdbool.h>
#include <stddef.h>

#define RC_CHECKED          __attribute__((warn_unused_result))
#define RC_PRINTF(fmt, arg) __attribute__((format(printf, fmt, arg)))

enum rc_status {
	RC_OK = 0,
	RC_EFORMAT, /* bytes that aren't what they should be: a payload, a file, a peer's answer */
	RC_ELIMIT,  /* over a stated limit: too long, too many, too deep */
	RC_ENOTFOUND, /* no such thing */
	RC_ECONFLICT, /* it exists already, or has changed since it was read */
	RC_EDENIED,   /* not allowed, or a proof (signature, tag, token) doesn't hold */
	RC_EEXPIRED,  /* was good once: code, certificate, token */
	RC_EIO,       /* disk or device */
	RC_ENET,      /* network or peer */
	RC_EBUSY,     /* not now; trying again later may help */
	RC_ENOMEM,    /* out of memory */
	RC_EUSAGE,    /* wrong arguments or configuration, by a human */
	RC_EBUG,      /* can't happen; tell the developers */
};

#define RC_ERROR_MAX_BYTES 512u

struct rc_error {
	char text[RC_ERROR_MAX_BYTES]; /* UTF-8, one line, always ended; cut at the limit, never in the middle of a character */
};

/* Says that a failure needs no answer, because what the caller had before still stands. The reason belongs beside the call. */
static inline void rc_status_ignore(enum rc_status status)
{
	(void)status;
}

/* A short English word for a status ("not found"); never NULL. */
const char *rc_status_text(enum rc_status status);

/* The exit status of a program that ends with `status`: 0 good, 1 finding, 2 usage, 4 disk or network, 70 bug. That it was the
 * configuration (3) only the caller knows. */
int rc_status_exit(enum rc_status status);

/* Sets the text and returns `status`, so that a failing function ends with `return rc_fail(err, RC_EIO, "…")`. */
enum rc_status rc_fail(struct rc_error *err, enum rc_status status, const char *fmt, ...)
    RC_PRINTF(3, 4);

/* As rc_fail, and adds ": " and the text of `errno_value`; the status follows from it: ENOENT, EEXIST, EACCES
 * and EPERM, ENOMEM, EAGAIN have their own, all else is RC_EIO. */
enum rc_status rc_fail_errno(struct rc_error *err, int errno_value, const char *fmt, ...)
    RC_PRINTF(3, 4);

/* Puts "prefix: " in front of the text and returns `status`: `return rc_error_in(err, status, "upload to %s", url)`. */
enum rc_status rc_error_in(struct rc_error *err, enum rc_status status, const char *fmt, ...)
    RC_PRINTF(3, 4);

/* Looks a text or format up in the language of who will read it; the same text where there is no other. */
typedef const char *rc_error_words_fn(const char *english);

/* Every text and format above goes through `words` from now on; NULL, as at the start: they stay as they are written. Before there
 * are threads. */
void rc_error_speak(rc_error_words_fn *words);

#endif
