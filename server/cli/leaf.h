/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CLI_LEAF_H
#define RC_CLI_LEAF_H
/*
 * The device listener's certificate: signed by our own CA for the host kiosks know, made anew at each start and kept in memory
 * only. Kiosks trust the CA, not the leaf, so a new one disturbs nobody.
 */
#include "server/auth/secrets.h"
#include "server/tls/tls.h"

#define RC_LEAF_MS       (730 * INT64_C(86400000)) /* two years */
#define RC_LEAF_RENEW_MS (RC_LEAF_MS / 3 * 2)      /* after so long a running server replaces it */

/* Makes a leaf for the host of `url` and a context that shows it and asks for certificates of our CA. RC_EUSAGE: the URL, or a
 * node without the CA's key. */
RC_CHECKED enum rc_status rc_leaf_context_new(const struct rc_secrets *secrets, const char *url,
					      int64_t now_ms, struct rc_tls_context **context,
					      struct rc_error *err);

/* The same for a context that is in use: connections from now on see the new leaf. */
RC_CHECKED enum rc_status rc_leaf_context_renew(const struct rc_secrets *secrets, const char *url,
						int64_t now_ms, struct rc_tls_context *context,
						struct rc_error *err);

#endif
