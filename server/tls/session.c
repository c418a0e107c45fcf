/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection's TLS state between two buffers: what came from the peer and wasn't read, what is to be sent. The library reads
 * and writes through two callbacks that move bytes between those and itself. A buffer that has run empty gives its memory back,
 * so that an idle connection costs the library's own memory and nothing on top.
 */
#include "server/tls/tls_priv.h"

#include <assert.h>
#include <stdlib.h>

/* The flags of a verification that we take, one at a time; any other flag or mixture is refused. */
enum {
	VERIFIED = 0,
	VERIFIED_EXPIRED = MBEDTLS_X509_BADCERT_EXPIRED,
	VERIFIED_NONE = MBEDTLS_X509_BADCERT_MISSING,
};

struct rc_tls_session {
	mbedtls_ssl_context ssl;
	struct rc_tls_credentials *credentials; /* held */
	struct rc_buf incoming; /* ciphertext; the first `incoming_at` bytes are read */
	size_t incoming_at;
	struct rc_buf outgoing;
	struct rc_tls_peer peer;
	bool has_peer;
	bool is_ready;  /* the handshake is done and the peer judged */
	bool is_broken; /* nothing more comes of this session */
	bool has_ended; /* the peer has closed */
};

/* The most that can wait to be sent: a handshake flight or a record, and an alert; the caller takes it after each call. */
#define OUTGOING_MAX_BYTES (256u * 1024u)

static int receive(void *context, unsigned char *to, size_t size)
{
	struct rc_tls_session *session = context;
	size_t left = session->incoming.size - session->incoming_at;

	if (left == 0)
		return MBEDTLS_ERR_SSL_WANT_READ;
	if (size > left)
		size = left;
	memcpy(to, session->incoming.data + session->incoming_at, size);
	session->incoming_at += size;
	if (size == left) {
		rc_buf_deinit(&session->incoming);
		session->incoming_at = 0;
	}
	return (int)size;
}

static int transmit(void *context, const unsigned char *data, size_t size)
{
	struct rc_tls_session *session = context;

	rc_buf_append(&session->outgoing, data, size);
	if (rc_buf_status(&session->outgoing, NULL) != RC_OK)
		return MBEDTLS_ERR_SSL_ALLOC_FAILED;
	return (int)size;
}

enum rc_status rc_tls_session_new(struct rc_tls_context *context, struct rc_tls_session **session,
				  struct rc_error *err)
{
	struct rc_tls_session *made = calloc(1, sizeof(*made));
	int code;

	if (!made)
		return rc_fail(err, RC_ENOMEM, "TLS session: no memory");
	made->credentials = rc_tls__hold(context);
	rc_buf_init(&made->incoming, RC_TLS_FEED_MAX_BYTES);
	rc_buf_init(&made->outgoing, OUTGOING_MAX_BYTES);
	mbedtls_ssl_init(&made->ssl);
	code = mbedtls_ssl_setup(&made->ssl, &made->credentials->config);
	if (code != 0) {
		rc_tls_session_free(made);
		return rc_tls__fail(err, RC_ENOMEM, code, "TLS session");
	}
	mbedtls_ssl_set_bio(&made->ssl, made, transmit, receive, NULL);
	*session = made;
	return RC_OK;
}

void rc_tls_session_free(struct rc_tls_session *session)
{
	mbedtls_ssl_free(&session->ssl);
	rc_buf_deinit(&session->incoming);
	rc_buf_deinit(&session->outgoing);
	rc_tls__release(session->credentials);
	free(session);
}

enum rc_status rc_tls_session_feed(struct rc_tls_session *session, struct rc_bytes ciphertext)
{
	if (session->incoming_at > 0) {
		rc_buf_consume(&session->incoming, session->incoming_at);
		session->incoming_at = 0;
	}
	rc_buf_append_bytes(&session->incoming, ciphertext);
	return rc_buf_status(&session->incoming, NULL);
}

struct rc_bytes rc_tls_session_pending(const struct rc_tls_session *session)
{
	return rc_buf_bytes(&session->outgoing);
}

void rc_tls_session_sent(struct rc_tls_session *session, size_t size)
{
	rc_buf_consume(&session->outgoing, size);
	if (session->outgoing.size == 0)
		rc_buf_deinit(&session->outgoing);
}

static enum rc_status refuse(struct rc_tls_session *session, uint32_t flags, struct rc_error *err)
{
	char words[200] = "";

	session->is_broken = true;
	(void)mbedtls_ssl_send_alert_message(&session->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
					     flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED
						 ? MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA
						 : MBEDTLS_SSL_ALERT_MSG_BAD_CERT);
	if (flags == 0) /* the chain is good, the certificate isn't ours: `err` says it already */
		return RC_EDENIED;
	(void)mbedtls_x509_crt_verify_info(words, sizeof(words), "", flags);
	words[strcspn(words, "\n")] = 0;
	return rc_fail(err, RC_EDENIED, "client certificate refused (0x%x): %s", (unsigned)flags, words);
}

/* Sorts the peer into none, valid, expired, or out. A listener that asked for nothing takes whoever comes. */
static enum rc_status judge_peer(struct rc_tls_session *session, struct rc_error *err)
{
	const mbedtls_x509_crt *certificate = mbedtls_ssl_get_peer_cert(&session->ssl);
	uint32_t flags = mbedtls_ssl_get_verify_result(&session->ssl);

	if (!session->credentials->asks_certificate)
		return RC_OK;
	if (flags == VERIFIED_NONE && !certificate)
		return RC_OK;
	if (!certificate || (flags != VERIFIED && flags != VERIFIED_EXPIRED))
		return refuse(session, flags ? flags : MBEDTLS_X509_BADCERT_OTHER, err);
	if (rc_tls__peer_read(certificate, flags == VERIFIED_EXPIRED, &session->peer, err) != RC_OK)
		return refuse(session, 0, err);
	session->has_peer = true;
	return RC_OK;
}

static bool wants_more(int code)
{
	return code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE;
}

enum rc_status rc_tls_session_handshake(struct rc_tls_session *session, struct rc_error *err)
{
	enum rc_status status;
	int code;

	if (session->is_broken)
		return rc_fail(err, RC_ENET, "TLS: the handshake has failed before");
	if (session->is_ready)
		return RC_OK;
	code = mbedtls_ssl_handshake(&session->ssl);
	if (wants_more(code))
		return RC_EBUSY;
	if (code != 0) {
		session->is_broken = true;
		return rc_tls__fail(err, RC_ENET, code, "TLS handshake");
	}
	status = judge_peer(session, err);
	session->is_ready = status == RC_OK;
	return status;
}

const struct rc_tls_peer *rc_tls_session_peer(const struct rc_tls_session *session)
{
	return session->is_ready && session->has_peer ? &session->peer : NULL;
}

enum rc_status rc_tls_session_read(struct rc_tls_session *session, void *to, size_t size,
				   size_t *got, struct rc_error *err)
{
	int code;

	assert(session->is_ready && size > 0);
	if (session->is_broken)
		return rc_fail(err, RC_ENET, "TLS: the stream is broken");
	if (session->has_ended) {
		*got = 0;
		return RC_OK;
	}
	code = mbedtls_ssl_read(&session->ssl, to, size);
	if (wants_more(code))
		return RC_EBUSY;
	if (code < 0 && code != MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
		session->is_broken = true;
		return rc_tls__fail(err, RC_ENET, code, "TLS read");
	}
	session->has_ended = code <= 0;
	*got = code > 0 ? (size_t)code : 0;
	return RC_OK;
}

enum rc_status rc_tls_session_write(struct rc_tls_session *session, struct rc_bytes plain,
				    size_t *taken, struct rc_error *err)
{
	int code;

	assert(session->is_ready && plain.size > 0);
	if (session->is_broken)
		return rc_fail(err, RC_ENET, "TLS: the stream is broken");
	code = mbedtls_ssl_write(&session->ssl, plain.data, plain.size);
	if (code <= 0) {
		session->is_broken = true;
		return rc_tls__fail(err, RC_ENET, code, "TLS write");
	}
	*taken = (size_t)code;
	return RC_OK;
}

void rc_tls_session_close(struct rc_tls_session *session)
{
	if (session->is_ready && !session->is_broken)
		(void)mbedtls_ssl_close_notify(&session->ssl);
}
