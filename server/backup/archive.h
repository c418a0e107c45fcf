/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_BACKUP_ARCHIVE_H
#define RC_BACKUP_ARCHIVE_H
/*
 * The tar archive of a backup (POSIX ustar; sizes from 8 GiB on in GNU's binary form): files in a known order and nothing else.
 *
 * A header is read by making the one that we would have written and comparing: one that differs in a bit is refused, so there is
 * no field of it that hides something. Pure; any thread.
 */
#include "shared/base/buf.h"

#define RC_ARCHIVE_BLOCK_BYTES    512u
#define RC_ARCHIVE_END_BYTES      1024u /* of zeros, behind the last file */
#define RC_ARCHIVE_NAME_MAX_BYTES 99u

struct rc_archive_entry {
	char name[RC_ARCHIVE_NAME_MAX_BYTES + 1];
	int64_t size; /* bytes */
	int64_t at_s; /* modified; 0 … 8^11 - 1 */
};

/* Zeros between a file's end and the next header. */
size_t rc_archive_padding(int64_t size);

/* The header of a file of mode 0600. */
void rc_archive_header(const struct rc_archive_entry *entry, uint8_t block[RC_ARCHIVE_BLOCK_BYTES]);

/* RC_EFORMAT for anything that rc_archive_header doesn't write. */
RC_CHECKED enum rc_status rc_archive_header_read(const uint8_t block[RC_ARCHIVE_BLOCK_BYTES],
						 struct rc_archive_entry *entry, struct rc_error *err);

/* A small file into an archive in memory, and the archive's end. */
void rc_archive_append(struct rc_buf *archive, const struct rc_archive_entry *entry,
		       struct rc_bytes content);
void rc_archive_append_end(struct rc_buf *archive);

/* Takes the next file off an archive in memory; `*content` is borrowed. RC_ENOTFOUND: the end, with nothing behind it. */
RC_CHECKED enum rc_status rc_archive_take(struct rc_bytes *rest, struct rc_archive_entry *entry,
					  struct rc_bytes *content, struct rc_error *err);

#endif
