/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SERVER_TLS_H
#define RC_SERVER_TLS_H
/*
 * The server's side of TLS as a machine of bytes: ciphertext goes in and comes out, no socket is touched. Whoever owns the
 * socket moves the bytes; so the same engine serves the event loop, a worker and a test.
 *
 * TLS 1.2 with ECDHE and AEAD only (1.3 as well where the library has it); no tickets, no session cache, no renegotiation.
 * A client certificate is asked for only where client CAs are given, is never demanded, and is judged here: what isn't
 * exactly "none", "valid" or "valid but for its end date" is refused with a fatal alert before a byte of plaintext is taken.
 * What a certificate may do (renew, upload, nothing) is the caller's matter.
 *
 * Threads: a context may be used and replaced by any number of threads. A session belongs to one thread at a time; it may
 * wander between threads (a handshake step on a worker, records on the loop). Nothing here waits; a handshake step is some
 * milliseconds of computing.
 */
#include "shared/base/buf.h"
#include "shared/base/status.h"

#include <stdint.h>

#define RC_TLS_SERIAL_MAX_BYTES 20u /* RFC 5280 4.1.2.2; longer ones are refused */
#define RC_TLS_NAME_MAX_CHARS   64u /* ub-common-name */
#define RC_TLS_HASH_BYTES       32u

/* Ciphertext that a session holds unread: two records of the largest size. */
#define RC_TLS_FEED_MAX_BYTES (64u * 1024u)

struct rc_tls_context;
struct rc_tls_session;

/* What a server shows and whom it trusts. Borrowed during the call only. Each value is PEM (a chain, a list) or one DER. */
struct rc_tls_identity {
	struct rc_bytes certificates;      /* the leaf first, then its issuers, the root left out */
	struct rc_bytes key;               /* unencrypted; PKCS#8 or SEC 1 */
	const struct rc_bytes *client_cas; /* who may sign client certificates */
	size_t client_ca_count;            /* 0: no certificate is asked for */
};

/* The certificate a client has shown and proved to hold the key of. */
struct rc_tls_peer {
	uint8_t serial[RC_TLS_SERIAL_MAX_BYTES]; /* as it stands in the certificate, leading zero octets dropped */
	size_t serial_size;
	char name[RC_TLS_NAME_MAX_CHARS + 1]; /* the one CN of the subject: 1 … 64 printable ASCII characters */
	int64_t not_after_ms;
	bool is_expired; /* at the time of the handshake, by the system clock; in every other way it is valid */
	uint8_t sha256[RC_TLS_HASH_BYTES]; /* of the certificate's DER */
	struct rc_bytes der;               /* borrowed from the session */
};

/* RC_EFORMAT if something can't be read, RC_EUSAGE if the key doesn't belong to the leaf or nothing is given. */
RC_CHECKED enum rc_status rc_tls_context_new(const struct rc_tls_identity *identity,
					     struct rc_tls_context **context, struct rc_error *err);

/* Sessions from now on use `identity`; those under way keep what they began with. On failure nothing has changed. */
RC_CHECKED enum rc_status rc_tls_context_replace(struct rc_tls_context *context,
						 const struct rc_tls_identity *identity,
						 struct rc_error *err);

/* Sessions may outlive their context. */
void rc_tls_context_free(struct rc_tls_context *context);

/* A session that waits for the client's first bytes. RC_ENOMEM. About 37 kB until it is freed. */
RC_CHECKED enum rc_status rc_tls_session_new(struct rc_tls_context *context,
					     struct rc_tls_session **session, struct rc_error *err);
void rc_tls_session_free(struct rc_tls_session *session);

/* Hands in ciphertext that came from the peer; copied. RC_ELIMIT if more than RC_TLS_FEED_MAX_BYTES would lie unread. */
RC_CHECKED enum rc_status rc_tls_session_feed(struct rc_tls_session *session, struct rc_bytes ciphertext);

/* Ciphertext that waits to be sent, borrowed until the next call; look after every other call, the failed ones too (there may be an alert). */
struct rc_bytes rc_tls_session_pending(const struct rc_tls_session *session);

/* The first `size` bytes of it are on their way. */
void rc_tls_session_sent(struct rc_tls_session *session, size_t size);

/* Goes on with the handshake as far as the bytes at hand allow. RC_OK: it is done and the peer has been judged. RC_EBUSY: more
 * bytes are needed. RC_EDENIED: the certificate is refused. RC_ENET: anything else that can't be mended. After a failure send
 * what is pending and close. */
RC_CHECKED enum rc_status rc_tls_session_handshake(struct rc_tls_session *session, struct rc_error *err);

/* The peer's certificate; NULL if it has shown none. Valid while the session lives, once the handshake is done. */
const struct rc_tls_peer *rc_tls_session_peer(const struct rc_tls_session *session);

/* Plaintext, 1 … `size` bytes; `*got` is 0 when the peer has closed its direction properly (and for good). RC_EBUSY: more
 * ciphertext is needed. RC_ENET: the stream is broken (a record that fails its check, a renegotiation); send what is pending and
 * close. */
RC_CHECKED enum rc_status rc_tls_session_read(struct rc_tls_session *session, void *to, size_t size,
					      size_t *got, struct rc_error *err);

/* Encrypts some of the plaintext into what is pending: `*taken` bytes, at least 1 of a non-empty `plain`, at most one record. */
RC_CHECKED enum rc_status rc_tls_session_write(struct rc_tls_session *session, struct rc_bytes plain,
					       size_t *taken, struct rc_error *err);

/* Adds the close alert to what is pending. Nothing may be written afterwards. */
void rc_tls_session_close(struct rc_tls_session *session);

#endif
