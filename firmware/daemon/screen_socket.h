/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DAEMON_SCREEN_SOCKET_H
#define RC_DAEMON_SCREEN_SOCKET_H
/*
 * The socket that screens connect to: views go out, touches come in.
 *
 * A screen keeps no state, so each gets the newest view when it connects and whenever it changes; one that reads too slowly
 * misses views in between, never the newest. Peers are checked by SO_PEERCRED. Nothing blocks: the daemon polls the
 * descriptors and calls back. One thread.
 */
#include "shared/base/buf.h"

#include <poll.h>
#include <sys/types.h>

#define RC_SCREEN_SOCKET_CLIENTS_MAX 4u
#define RC_SCREEN_SOCKET_POLLS_MAX   (RC_SCREEN_SOCKET_CLIENTS_MAX + 1u)

struct rc_screen_socket;

struct rc_screen_touch {
	char what[32]; /* "language", "choose_0" … */
	char key;      /* of "key": 0-9, A-Z or -; else '\0' */
	uint64_t touch_id;
};

/* Listens at `path` (a socket that stands there from before is replaced; mode 0660). Peers must run as our own user or as
 * `screen_uid`. `picture_fd` is sent along with the first message (-1: none; borrowed). */
RC_CHECKED enum rc_status rc_screen_socket_open(const char *path, uid_t screen_uid, int picture_fd,
						struct rc_screen_socket **socket, struct rc_error *err);

/* Closes all and removes the path; NULL is fine. */
void rc_screen_socket_close(struct rc_screen_socket *socket);

/* Hands the newest view's JSON to every screen. Copied. */
void rc_screen_socket_show(struct rc_screen_socket *socket, struct rc_bytes json);

/* Fills in what to poll for; returns how many. */
size_t rc_screen_socket_polls(const struct rc_screen_socket *socket,
			      struct pollfd polls[RC_SCREEN_SOCKET_POLLS_MAX]);

/* Carries out what poll found; `touched` is called for each touch. */
void rc_screen_socket_handle(struct rc_screen_socket *socket, const struct pollfd *polls, size_t count,
			     void (*touched)(void *context, const struct rc_screen_touch *touch),
			     void *context);

/* How many screens are connected now. */
size_t rc_screen_socket_client_count(const struct rc_screen_socket *socket);

#endif
