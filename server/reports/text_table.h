/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_REPORTS_TEXT_TABLE_H
#define RC_REPORTS_TEXT_TABLE_H
/* Aligned columns for a terminal: rows are gathered, widths measured, lines written. East Asian wide characters count as two. */
#include "shared/base/buf.h"
#include "shared/base/cleanup.h"

struct rc_text_table;

/* NULL without memory. */
struct rc_text_table *rc_text_table_new(size_t columns);
void rc_text_table_free(struct rc_text_table *table);
RC_DEFINE_AUTO(struct rc_text_table, rc_text_table_free)

/* Adds a row of `columns` texts, which are copied; control characters become '?'. The first row is the heading. */
void rc_text_table_add(struct rc_text_table *table, const char *const cells[]);

/* Appends all rows, a line under the heading; nothing if an addition had failed (the buffer's status says so). */
void rc_text_table_write(const struct rc_text_table *table, struct rc_buf *out);

#endif
