/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CLI_IMPORT_PREVIEW_H
#define RC_CLI_IMPORT_PREVIEW_H
/* How a file was understood, in words for a terminal and in the user's language. */
#include "server/tables/encoding.h"
#include "server/tables/preview.h"

/* "encoding: GB18030 (…)". */
void rc_cli_preview_encoding(const struct rc_encoding_text *text, struct rc_buf *out);

/* Separator, header, columns, first rows, and which lines would do what. Nothing where no header was found. */
void rc_cli_preview(const struct rc_import_preview *preview, struct rc_buf *out);

#endif
