/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_TABLES_TABLE_PRIV_H
#define RC_TABLES_TABLE_PRIV_H
/* What the sources of this module share: reports whose values are numbers, and names of columns. */
#include "server/tables/table.h"

/* True if the cell is empty though it must not be: it was reported with the row. */
bool rc_table__is_missing(const struct rc_table *table, size_t column);

/* "too long, at most %s bytes: “%s”" and the like: the number first, then the cell. */
void rc_table__error_of_size(struct rc_table *table, size_t column, struct rc_report_text text,
			     size_t size);
void rc_table__error_of_range(struct rc_table *table, size_t column, int min, int max);

/* The file as bytes behind its BOM. RC_EFORMAT with what and where in `import`: another encoding, NUL bytes, too large. */
RC_CHECKED enum rc_status rc_table__check_encoding(struct rc_bytes *file, struct rc_import *import);

/* A header's cell or an accepted name as it is compared: full-width as ASCII, lower case, without spaces, marks and what stands in
 * brackets at its end ("工号（必填）" is "工号"). */
#define RC_TABLE_NAME_MAX_BYTES 128u
void rc_table__normal_name(struct rc_bytes cell, char name[RC_TABLE_NAME_MAX_BYTES + 1]);

/* Appends the cell with its full-width ASCII (U+FF01 … U+FF5E) as ASCII. */
void rc_table__fold(struct rc_bytes cell, struct rc_buf *out);

/* Without spaces, TAB and U+3000 at both ends. */
struct rc_bytes rc_table__trim(struct rc_bytes cell);

#endif
