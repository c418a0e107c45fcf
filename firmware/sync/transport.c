/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/sync/transport.h"

#include "shared/base/clock.h"
#include "shared/base/timestamp.h"
#include "shared/crypto/hash.h"

#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define CONNECT_MS   10000L
#define EXCHANGE_MS  120000L /* a snapshot over a slow line */
#define KEEP_ALIVE_S 30L
#define SLACK_MS     20000L /* what is held may take so much longer than was asked for */
#define URL_MAX      512u
#define CA_MAX       8192u

/* One connection, and what the exchange on it hands to libcurl's callbacks. */
struct line {
	CURL *curl;
	char reason[CURL_ERROR_SIZE];
	struct rc_transport_request request;
	struct rc_transport_response *response;
	struct curl_slist *headers;
	int64_t begin_ms;
	enum rc_status status; /* of taking the body */
};

struct rc_transport {
	struct rc_transport_config config; /* url and the PEMs are below */
	char url[256];
	struct rc_buf ca_pem, certificate_pem, key_pem;
	struct line asking;
	struct line holding;
	CURLM *multi; /* drives what is held; NULL until something is */
	bool is_holding;
	enum rc_sync_trouble trouble; /* of the last exchange */
	bool has_ended;               /* what was held, with: */
	CURLcode held_code;
};

enum rc_status rc_transport_global(struct rc_error *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return rc_fail(err, RC_ENOMEM, "libcurl can't be started");
	return RC_OK;
}

void rc_transport_response_init(struct rc_transport_response *response)
{
	memset(response, 0, sizeof(*response));
	rc_buf_init(&response->body, RC_TRANSPORT_BODY_MAX_BYTES);
}

void rc_transport_response_deinit(struct rc_transport_response *response)
{
	rc_buf_deinit(&response->body);
}

static int64_t up_ms(void)
{
	return rc_clock_up_ms(rc_clock_system());
}

/* The board may have booted in 1970, or believe it is 2099: certificates are judged at the time the caller vouches for. */
static CURLcode set_verify_time(CURL *curl, void *ssl_context, void *context)
{
	const struct rc_transport *transport = context;

	(void)curl;
	X509_VERIFY_PARAM_set_time(
	    SSL_CTX_get0_param(ssl_context),
	    (time_t)(transport->config.now_ms(transport->config.now_context) / 1000));
	return CURLE_OK;
}

static int look_whether_to_stop(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct rc_transport *transport = context;

	(void)a, (void)b, (void)c, (void)d;
	return transport->config.is_stopping &&
	       transport->config.is_stopping(transport->config.stop_context);
}

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
	struct line *line = context;
	struct rc_bytes piece = rc_bytes_of(data, size * count);
	long status = 0;

	(void)curl_easy_getinfo(line->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200 && line->request.take) {
		line->status = line->request.take(line->request.take_context, piece);
	} else {
		rc_buf_append_bytes(&line->response->body, piece);
		line->status = rc_buf_status(&line->response->body, NULL);
	}
	return line->status == RC_OK ? piece.size : 0;
}

static void set_blob(CURL *curl, CURLoption option, const struct rc_buf *bytes)
{
	struct curl_blob blob = {.data = bytes->data, .len = bytes->size, .flags = CURL_BLOB_NOCOPY};

	if (bytes->size > 0)
		(void)curl_easy_setopt(curl, option, &blob);
}

static void set_options(struct rc_transport *transport, struct line *line)
{
	CURL *curl = line->curl;

	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
	(void)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	(void)curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, EXCHANGE_MS);
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, line->reason);
	(void)curl_easy_setopt(curl, CURLOPT_USERAGENT, "rollcall-kiosk/" RC_VERSION);
	(void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	(void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_whether_to_stop);
	(void)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transport);
	(void)curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, set_verify_time);
	(void)curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, transport);
	(void)curl_easy_setopt(curl, CURLOPT_SSLCERTTYPE, "PEM");
	(void)curl_easy_setopt(curl, CURLOPT_SSLKEYTYPE, "PEM");
	/* Without these two libcurl would trust every CA of the system beside ours, or instead of it. */
	(void)curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
	(void)curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	set_blob(curl, CURLOPT_CAINFO_BLOB, &transport->ca_pem);
	set_blob(curl, CURLOPT_SSLCERT_BLOB, &transport->certificate_pem);
	set_blob(curl, CURLOPT_SSLKEY_BLOB, &transport->key_pem);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, line);
	/* What is held is silent: only this notices a peer that is gone, or keeps a gateway from forgetting us. */
	(void)curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_TCP_KEEPIDLE, KEEP_ALIVE_S);
	(void)curl_easy_setopt(curl, CURLOPT_TCP_KEEPINTVL, KEEP_ALIVE_S);
}

static void copy_bytes(struct rc_buf *to, struct rc_bytes from)
{
	rc_buf_init(to, 65536);
	rc_buf_append_bytes(to, from);
}

enum rc_status rc_transport_new(const struct rc_transport_config *config,
				struct rc_transport **transport, struct rc_error *err)
{
	struct rc_transport *made;

	if (strncmp(config->url, "https://", 8) != 0)
		return rc_fail(err, RC_EUSAGE, "the server's URL must begin with https://");
	made = calloc(1, sizeof(*made));
	if (!made)
		return rc_fail(err, RC_ENOMEM, "no memory for a connection");
	made->config = *config;
	copy_bytes(&made->ca_pem, config->ca_pem);
	copy_bytes(&made->certificate_pem, config->certificate_pem);
	copy_bytes(&made->key_pem, config->key_pem);
	made->asking.curl = curl_easy_init();
	if (!rc_text_copy(config->url, made->url, sizeof(made->url)) || !made->asking.curl ||
	    rc_buf_status(&made->ca_pem, NULL) != RC_OK ||
	    rc_buf_status(&made->certificate_pem, NULL) != RC_OK ||
	    rc_buf_status(&made->key_pem, NULL) != RC_OK) {
		rc_transport_free(made);
		return rc_fail(err, RC_ENOMEM, "a connection to %s can't be prepared", config->url);
	}
	set_options(made, &made->asking);
	*transport = made;
	return RC_OK;
}

void rc_transport_free(struct rc_transport *transport)
{
	if (!transport)
		return;
	rc_transport_let_go(transport);
	curl_easy_cleanup(transport->holding.curl);
	if (transport->multi)
		(void)curl_multi_cleanup(transport->multi);
	curl_easy_cleanup(transport->asking.curl);
	if (transport->key_pem.size > 0)
		rc_wipe(transport->key_pem.data, transport->key_pem.size);
	rc_buf_deinit(&transport->ca_pem);
	rc_buf_deinit(&transport->certificate_pem);
	rc_buf_deinit(&transport->key_pem);
	free(transport);
}

static bool add_header(struct curl_slist **headers, const char *name, const char *value)
{
	char line[160];
	struct curl_slist *longer;

	(void)snprintf(line, sizeof(line), "%s: %s", name, value);
	longer = curl_slist_append(*headers, line);
	if (!longer)
		return false;
	*headers = longer;
	return true;
}

static bool set_headers(const struct rc_transport_request *request, struct curl_slist **headers)
{
	bool is_whole =
	    add_header(headers, "Accept", "application/json, application/x-ndjson, */*;q=0.1") &&
	    add_header(headers, "Expect", ""); /* our server takes or refuses by Content-Length at once */

	if (request->content_type)
		is_whole = is_whole && add_header(headers, "Content-Type", request->content_type);
	if (request->is_gzip)
		is_whole = is_whole && add_header(headers, "Content-Encoding", "gzip");
	return is_whole;
}

static void set_request(const struct rc_transport *transport, const struct line *line)
{
	static const char nothing[] = "";
	const struct rc_transport_request *request = &line->request;
	char url[URL_MAX];
	CURL *curl = line->curl;

	(void)snprintf(url, sizeof(url), "%s%s", transport->url, request->path);
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	if (strcmp(request->method, "GET") == 0) {
		(void)curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
		(void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, NULL);
		return;
	}
	(void)curl_easy_setopt(curl, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
			       request->body.size ? (const char *)request->body.data : nothing);
}

static void read_answer(CURL *curl, struct rc_transport_response *response)
{
	long status = 0;
	char *type = NULL;
	curl_off_t retry_after_s = 0;

	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	(void)curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after_s);
	response->status = (int)status;
	response->retry_after_ms = retry_after_s > 0 && retry_after_s < 86400 ? retry_after_s * 1000 : 0;
	(void)rc_bytes_copy_text(rc_bytes_of(type, type ? strcspn(type, "; ") : 0),
				 response->content_type, sizeof(response->content_type));
}

/* Puts a request on a line; end_exchange must follow. */
static enum rc_status begin_exchange(struct rc_transport *transport, struct line *line,
				     const struct rc_transport_request *request,
				     struct rc_transport_response *response, struct rc_error *err)
{
	line->request = *request;
	line->response = response;
	line->status = RC_OK;
	line->begin_ms = up_ms();
	line->reason[0] = '\0';
	rc_buf_clear(&response->body);
	response->status = 0;
	if (!set_headers(request, &line->headers)) {
		curl_slist_free_all(line->headers);
		line->headers = NULL;
		return rc_fail(err, RC_ENOMEM, "no memory for headers");
	}
	set_request(transport, line);
	(void)curl_easy_setopt(line->curl, CURLOPT_HTTPHEADER, line->headers);
	return RC_OK;
}

static enum rc_status end_exchange(struct line *line, CURLcode code, struct rc_error *err)
{
	const char *method = line->request.method;

	(void)curl_easy_setopt(line->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(line->headers);
	line->headers = NULL;
	line->response->duration_ms = up_ms() - line->begin_ms;
	if (line->status != RC_OK)
		return rc_fail(err, line->status, "%s %s: the answer could not be taken", method,
			       line->request.path);
	if (code != CURLE_OK)
		return rc_fail(err, RC_ENET, "%s %s: %s", method, line->request.path,
			       line->reason[0] ? line->reason : curl_easy_strerror(code));
	read_answer(line->curl, line->response);
	return RC_OK;
}

static enum rc_sync_trouble connect_trouble(CURL *curl)
{
	long reason = 0;

	(void)curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &reason);
	return reason == ENETUNREACH || reason == EHOSTUNREACH || reason == ENETDOWN
		   ? RC_SYNC_TROUBLE_NETWORK
		   : RC_SYNC_TROUBLE_SERVER;
}

/* `reason` is libcurl's own text, which quotes OpenSSL. */
static enum rc_sync_trouble trouble_of(CURL *curl, CURLcode code, const char *reason)
{
	switch ((int)code) {
	case CURLE_OK:
		return RC_SYNC_TROUBLE_NONE;
	case CURLE_COULDNT_RESOLVE_HOST:
		return RC_SYNC_TROUBLE_NETWORK;
	case CURLE_COULDNT_CONNECT:
		return connect_trouble(curl);
	case CURLE_SSL_CONNECT_ERROR:
		/* The other side cut the handshake; that it doesn't like our certificate it says by an alert. */
		return strstr(reason, "alert") ? RC_SYNC_TROUBLE_CERTIFICATE : RC_SYNC_TROUBLE_SERVER;
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_PEER_FAILED_VERIFICATION:
		return RC_SYNC_TROUBLE_CERTIFICATE;
	default:
		return RC_SYNC_TROUBLE_SERVER;
	}
}

enum rc_sync_trouble rc_transport_trouble(const struct rc_transport *transport)
{
	return transport->trouble;
}

enum rc_status rc_transport_exchange(struct rc_transport *transport,
				     const struct rc_transport_request *request,
				     struct rc_transport_response *response, struct rc_error *err)
{
	struct line *line = &transport->asking;
	enum rc_status status = begin_exchange(transport, line, request, response, err);
	CURLcode code;

	if (status != RC_OK)
		return status;
	code = curl_easy_perform(line->curl);
	transport->trouble = trouble_of(line->curl, code, line->reason);
	return end_exchange(line, code, err);
}

/* ---- what is held ---- */

static enum rc_status open_second_line(struct rc_transport *transport, struct rc_error *err)
{
	struct line *line = &transport->holding;

	if (!transport->multi)
		transport->multi = curl_multi_init();
	if (!line->curl) {
		line->curl = curl_easy_init();
		if (line->curl)
			set_options(transport, line);
	}
	return transport->multi && line->curl
		   ? RC_OK
		   : rc_fail(err, RC_ENOMEM, "no memory for a second connection");
}

enum rc_status rc_transport_hold(struct rc_transport *transport,
				 const struct rc_transport_request *request,
				 struct rc_transport_response *response, int64_t held_ms,
				 struct rc_error *err)
{
	struct line *line = &transport->holding;
	enum rc_status status = open_second_line(transport, err);

	if (status == RC_OK)
		status = begin_exchange(transport, line, request, response, err);
	if (status != RC_OK)
		return status;
	line->request.path = "what the server holds"; /* the caller's text may go */
	(void)curl_easy_setopt(line->curl, CURLOPT_TIMEOUT_MS, (long)held_ms + SLACK_MS);
	transport->is_holding = true;
	transport->has_ended = false;
	if (curl_multi_add_handle(transport->multi, line->curl) != CURLM_OK) {
		rc_transport_let_go(transport);
		return rc_fail(err, RC_ENOMEM, "a request can't be held");
	}
	return RC_OK;
}

bool rc_transport_is_holding(const struct rc_transport *transport)
{
	return transport && transport->is_holding;
}

static void look_whether_it_ended(struct rc_transport *transport)
{
	const CURLMsg *message;
	int rest, running;

	if (curl_multi_perform(transport->multi, &running) != CURLM_OK) {
		transport->has_ended = true;
		transport->held_code = CURLE_FAILED_INIT;
	}
	while ((message = curl_multi_info_read(transport->multi, &rest))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		transport->has_ended = true;
		transport->held_code = message->data.result;
	}
}

bool rc_transport_wait(struct rc_transport *transport, int wake_fd, int64_t timeout_ms)
{
	const int64_t end_ms = up_ms() + timeout_ms;
	int64_t rest_ms = timeout_ms;

	if (!rc_transport_is_holding(transport)) {
		struct pollfd wake = {.fd = wake_fd, .events = POLLIN};

		(void)poll(&wake, 1,
			   timeout_ms < 0         ? -1
			   : timeout_ms > INT_MAX ? INT_MAX
						  : (int)timeout_ms);
		return false;
	}
	look_whether_it_ended(transport);
	while (!transport->has_ended && (timeout_ms < 0 || rest_ms > 0)) {
		struct curl_waitfd wake = {.fd = wake_fd, .events = CURL_WAIT_POLLIN};
		const int64_t slice_ms =
		    timeout_ms < 0 || rest_ms > RC_MINUTE_MS ? RC_MINUTE_MS : rest_ms;

		if (curl_multi_poll(transport->multi, &wake, 1, (int)slice_ms, NULL) != CURLM_OK ||
		    wake.revents)
			break;
		look_whether_it_ended(transport);
		rest_ms = end_ms - up_ms();
	}
	return transport->has_ended;
}

enum rc_status rc_transport_held(struct rc_transport *transport, struct rc_error *err)
{
	transport->is_holding = false;
	(void)curl_multi_remove_handle(transport->multi, transport->holding.curl);
	return end_exchange(&transport->holding, transport->held_code, err);
}

void rc_transport_let_go(struct rc_transport *transport)
{
	if (!transport || !transport->is_holding)
		return;
	transport->held_code = CURLE_ABORTED_BY_CALLBACK;
	if (rc_transport_held(transport, NULL) != RC_OK)
		return; /* that was the point */
}

enum rc_status rc_transport_fetch_ca(const struct rc_transport_config *config,
				     const uint8_t sha256[32], struct rc_buf *der, struct rc_error *err)
{
	const struct rc_transport_request request = {.method = "GET", .path = "/v1/ca"};
	struct rc_transport *transport = NULL;
	struct rc_transport_response response;
	uint8_t hash[32];
	enum rc_status status = rc_transport_new(config, &transport, err);

	if (status != RC_OK)
		return status;
	rc_transport_response_init(&response);
	/* Nothing is believed but the hash that the code carries. */
	(void)curl_easy_setopt(transport->asking.curl, CURLOPT_SSL_VERIFYPEER, 0L);
	(void)curl_easy_setopt(transport->asking.curl, CURLOPT_SSL_VERIFYHOST, 0L);
	status = rc_transport_exchange(transport, &request, &response, err);
	if (status == RC_OK && (response.status != 200 || response.body.size > CA_MAX))
		status =
		    rc_fail(err, RC_ENET, "the server has no CA to give (status %d)", response.status);
	if (status == RC_OK) {
		rc_sha256(rc_buf_bytes(&response.body), hash);
		if (!rc_bytes_equal(rc_bytes_of(hash, sizeof(hash)), rc_bytes_of(sha256, sizeof(hash))))
			status = rc_fail(
			    err, RC_EDENIED,
			    "the CA isn't the one the code names: another server answers at %s",
			    config->url);
	}
	if (status == RC_OK)
		rc_buf_append_bytes(der, rc_buf_bytes(&response.body));
	rc_transport_response_deinit(&response);
	rc_transport_free(transport);
	return status == RC_OK ? rc_buf_status(der, err) : status;
}
