/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Issues are kept in one array a list, allocated with the first of them: most files have none. Where there is no memory for the
 * words, the count still says that there is something.
 */
#include "server/tables/report.h"
#include "server/tables/table_priv.h"
#include "shared/base/utf8.h"
#include "shared/json/write.h"

#include <stdlib.h>

#define VALUE_MAX_BYTES 60u

void rc_import_init(struct rc_import *import)
{
	memset(import, 0, sizeof(*import));
}

void rc_import_deinit(struct rc_import *import)
{
	free(import->errors.issues);
	free(import->warnings.issues);
	rc_import_init(import);
}

void rc_import_clear(struct rc_import *import)
{
	struct rc_import_preview *preview = import->preview;

	rc_import_deinit(import);
	import->preview = preview;
	if (preview)
		memset(preview, 0, sizeof(*preview));
}

size_t rc_report_kept(const struct rc_report_list *list)
{
	if (!list->issues)
		return 0;
	return list->count < RC_REPORT_ISSUES_MAX ? list->count : RC_REPORT_ISSUES_MAX;
}

/* What comes from the file is shown to a human: nothing in it may move or hide its neighbours. */
void rc_report__append_shown(struct rc_buf *out, struct rc_bytes text, size_t max)
{
	size_t taken = 0;

	for (size_t at = 0; at < text.size;) {
		uint32_t point = 0;
		const struct rc_bytes rest = rc_bytes_of(text.data + at, text.size - at);
		const size_t size = rc_utf8_next(rest, &point);
		const bool is_shown = size > 0 && rc_utf8_is_visible(point);

		if (taken + (size ? size : 1) > max) {
			rc_buf_append_text(out, "…");
			return;
		}
		if (is_shown)
			rc_buf_append(out, rest.data, size);
		else
			rc_buf_append_char(out, '?');
		at += size ? size : 1;
		taken += size ? size : 1;
	}
}

static void append_sentence(struct rc_buf *out, const char *sentence, const char *const values[2])
{
	size_t used = 0;

	for (const char *at = sentence; *at;) {
		if (at[0] != '%' || at[1] != 's') {
			rc_buf_append_char(out, *at++);
			continue;
		}
		const char *value = values && used < 2 ? values[used] : NULL;

		if (value)
			rc_report__append_shown(out, rc_bytes_of_text(value), VALUE_MAX_BYTES);
		used++;
		at += 2;
	}
}

static void write_sentence(char to[RC_REPORT_TEXT_MAX_BYTES + 1], const char *sentence,
			   const char *const values[2])
{
	struct rc_buf whole;

	rc_buf_init(&whole, 4096);
	append_sentence(&whole, sentence, values);
	/* Sentences are ours and short; this only cuts what two long values make of them. */
	size_t size = whole.size < RC_REPORT_TEXT_MAX_BYTES ? whole.size : RC_REPORT_TEXT_MAX_BYTES;

	while (size > 0 && size < whole.size && (whole.data[size] & 0xc0) == 0x80)
		size--;
	memcpy(to, rc_buf_text(&whole), size);
	to[size] = '\0';
	rc_buf_deinit(&whole);
}

static void write_column(char to[RC_REPORT_COLUMN_MAX_BYTES + 1], const char *column)
{
	struct rc_buf shown;

	rc_buf_init_fixed(&shown, to, RC_REPORT_COLUMN_MAX_BYTES + 1);
	rc_report__append_shown(&shown, rc_bytes_of_text(column), RC_REPORT_COLUMN_MAX_BYTES - 3);
	to[shown.size] = '\0';
}

void rc_report_add(struct rc_report_list *list, size_t line, const char *column,
		   struct rc_report_text text, const char *const values[2])
{
	if (!list->issues && list->count == 0)
		list->issues = calloc(RC_REPORT_ISSUES_MAX, sizeof(*list->issues));
	if (list->issues && list->count < RC_REPORT_ISSUES_MAX) {
		struct rc_report_issue *issue = &list->issues[list->count];

		issue->line = line;
		write_column(issue->column, column);
		write_sentence(issue->en, text.en, values);
		write_sentence(issue->zh, text.zh, values);
	}
	list->count++;
}

enum rc_status rc_import_verdict(const struct rc_import *import, struct rc_error *err)
{
	const size_t count = import->errors.count;
	const struct rc_report_issue *first = import->errors.issues;

	if (count == 0)
		return RC_OK;
	if (!first)
		return rc_fail(err, RC_EFORMAT, "errors in the file: %zu; nothing was imported", count);
	return rc_fail(err, RC_EFORMAT,
		       "errors in the file: %zu; nothing was imported; the first: line %zu%s%s: %s",
		       count, first->line, first->column[0] ? ", " : "", first->column, first->en);
}

static void encode_list(const struct rc_report_list *list, const char *key, struct rc_buf *json)
{
	rc_json_append_key(json, key);
	rc_json_open(json, '[');
	for (size_t i = 0; i < rc_report_kept(list); i++) {
		const struct rc_report_issue *issue = &list->issues[i];

		rc_json_open(json, '{');
		rc_json_member_int(json, "line", (int64_t)issue->line);
		rc_json_member_text(json, "column", issue->column);
		rc_json_member_text(json, "en", issue->en);
		rc_json_member_text(json, "zh", issue->zh);
		rc_json_close(json, '}');
	}
	rc_json_close(json, ']');
}

void rc_import_encode(const struct rc_import *import, struct rc_buf *json)
{
	rc_json_open(json, '{');
	rc_json_member_int(json, "rows", import->rows);
	rc_json_member_int(json, "added", import->added);
	rc_json_member_int(json, "changed", import->changed);
	rc_json_member_int(json, "unchanged", import->unchanged);
	rc_json_member_int(json, "refused", import->refused);
	rc_json_member_int(json, "error_count", (int64_t)import->errors.count);
	rc_json_member_int(json, "warning_count", (int64_t)import->warnings.count);
	encode_list(&import->errors, "errors", json);
	encode_list(&import->warnings, "warnings", json);
	rc_json_close(json, '}');
}
