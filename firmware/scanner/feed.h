/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SCANNER_FEED_H
#define RC_SCANNER_FEED_H
/*
 * The feed: a source of frames that are pictures in files, sent by another process over a Unix socket. It stands in for a
 * camera in tests and demonstrations (setting `camera = feed:/path/to/socket`), through the very process and sandbox that a
 * camera is read by.
 *
 * The protocol: a SOCK_SEQPACKET connection; each packet is one byte 'P' with exactly one descriptor (SCM_RIGHTS) of a file
 * or memfd that holds one picture (PNG, JPEG or PGM), read from its beginning by pread(2) (so a pipe is no picture and can't
 * make the reader wait). Nothing is answered. Like a camera's, frames come when the feed says so, and the reader takes the
 * newest that waits. End of the stream: the camera is over. Packets are whole or not there, so a scanner that dies and one
 * that follows it on the same connection don't mix up their bytes. Any other packet is a failed camera.
 */
#include "firmware/scanner/source.h"

/* Sends one picture; its descriptor is borrowed. Doesn't block. RC_EBUSY: the reader is behind, drop this frame as a camera
 * would; RC_ENET: it is gone (no SIGPIPE). */
RC_CHECKED enum rc_status rc_feed_send(int socket, int picture_fd, struct rc_error *err);

/* A source that reads from `socket` (borrowed for its life). RC_ENOMEM. */
RC_CHECKED enum rc_status rc_feed_source_open(int socket, struct rc_scanner_source *source,
					      struct rc_error *err);

#endif
