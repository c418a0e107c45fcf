/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TEST_HTTP_SITE_H
#define RC_TEST_HTTP_SITE_H
/*
 * A real server on loopback in a thread of its own, with a small application, and a raw client that sees bytes. Nothing sleeps:
 * a client's read waits for bytes or the end, and a read that waits longer than any test needs fails the test.
 */
#include "server/http/http.h"

#include <pthread.h>
#include <semaphore.h>

struct site {
	struct rc_http_server *server;
	uint16_t port;
	pthread_t thread;
	sem_t entered; /* posted by GET /block when it has begun … */
	sem_t go_on;   /* … which then waits for this */
	bool is_running;
};

/* The application's listener and server: clients may connect and send, but nothing is served yet. `tls` may be NULL. */
void site_listen(struct site *site, const struct rc_http_settings *settings, struct rc_tls_context *tls);
void site_run(struct site *site);

/* Both. */
void site_start(struct site *site, const struct rc_http_settings *settings, struct rc_tls_context *tls);

/* Stops, waits for the end and frees. */
void site_stop(struct site *site);

/* Waits for the end only, after somebody has called rc_http_server_stop. */
void site_join(struct site *site);

/* Lines of the log since the start of the program; borrowed, call while the server is stopped. */
const char *site_log(void);

/* ---- a raw client; each function fails the test when something goes wrong with the socket */

int client_open(const struct site *site);
int client_open_from(const struct site *site, uint8_t host); /* from 127.0.0.host */
void client_send(int fd, const char *text);
void client_send_bytes(int fd, struct rc_bytes bytes);

/* Waits a hundredth of a second at most for bytes or the end: the pace of a client that trickles. */
bool client_has_news(int fd);

/* One request for each line end that is missing: "GET /x" becomes a whole request with Host. */
void client_get(int fd, const char *target);

/* One answer, as far as its Content-Length says: its status; the head and body into buffers that are initialised and cleared
 * by the caller. 0 if the connection has ended before its first byte. `has_body` false for answers to HEAD. */
struct answer {
	int status;
	struct rc_buf head;
	struct rc_buf body;
	struct rc_buf ahead; /* bytes of the next answer */
};
void answer_init(struct answer *answer);
void answer_deinit(struct answer *answer);
int client_read(int fd, struct answer *answer, bool has_body);

/* True if the connection ends now, without another byte. */
bool client_sees_end(int fd, struct answer *answer);

/* Opens, asks, reads, closes: the status, and the body in `answer`. */
int client_ask(const struct site *site, const char *request, struct answer *answer);

#endif
