/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of the file come cleaned of control characters: nothing here moves a cursor. */
#include "server/cli/import_preview.h"
#include "server/cli/home.h"

void rc_cli_preview_encoding(const struct rc_encoding_text *text, struct rc_buf *out)
{
	rc_buf_printf(out, RC_CLI_TEXT("encoding: %s (%s)\n", "编码：%s（%s）\n"),
		      rc_encoding_name(text->encoding), RC_CLI_TEXT(text->why.en, text->why.zh));
}

static const char *separator_name(char separator)
{
	switch (separator) {
	case ';':
		return RC_CLI_TEXT("semicolon", "分号");
	case '\t':
		return RC_CLI_TEXT("TAB", "制表符");
	default:
		return RC_CLI_TEXT("comma", "逗号");
	}
}

static void print_columns(const struct rc_import_preview *preview, struct rc_buf *out)
{
	const size_t shown = preview->column_count < RC_PREVIEW_COLUMNS_MAX ? preview->column_count
									    : RC_PREVIEW_COLUMNS_MAX;

	rc_buf_append_text(out, RC_CLI_TEXT("columns:\n", "列：\n"));
	for (size_t i = 0; i < shown; i++) {
		const struct rc_preview_column *column = &preview->columns[i];

		rc_buf_printf(out, "  %s → %s\n",
			      column->title[0] ? column->title : RC_CLI_TEXT("(no name)", "（无名称）"),
			      column->field ? column->field : RC_CLI_TEXT("ignored", "忽略"));
	}
	if (preview->column_count > shown)
		rc_buf_printf(out, RC_CLI_TEXT("  … and %zu more\n", "  ……另有 %zu 列\n"),
			      preview->column_count - shown);
}

static void print_row(const struct rc_import_preview *preview, const struct rc_preview_row *row,
		      struct rc_buf *out)
{
	const char *comma = "";

	rc_buf_printf(out, RC_CLI_TEXT("  line %zu: ", "  第 %zu 行："), row->line);
	for (size_t i = 0; i < RC_TABLE_COLUMNS_MAX; i++) {
		if (!preview->fields[i])
			continue;
		rc_buf_printf(out, "%s%s=%s", comma, preview->fields[i], row->cells[i]);
		comma = ", ";
	}
	rc_buf_append_text(out, "\n");
}

static void print_lines(const struct rc_preview_lines *lines, const char *what, struct rc_buf *out)
{
	if (lines->run_count == 0)
		return;
	rc_buf_printf(out, "  %s", what);
	for (size_t i = 0; i < lines->run_count; i++) {
		rc_buf_printf(out, "%s%zu", i == 0 ? " " : ", ", lines->runs[i].from);
		if (lines->runs[i].to > lines->runs[i].from)
			rc_buf_printf(out, "-%zu", lines->runs[i].to);
	}
	rc_buf_append_text(out, lines->has_more ? ", …\n" : "\n");
}

void rc_cli_preview(const struct rc_import_preview *preview, struct rc_buf *out)
{
	if (!preview->separator)
		return;
	rc_buf_printf(out, RC_CLI_TEXT("separator: %s\nheader: line %zu\n", "分隔符：%s\n表头：第 %zu 行\n"),
		      separator_name(preview->separator), preview->header_line);
	print_columns(preview, out);
	if (preview->row_count > 0)
		rc_buf_append_text(out, RC_CLI_TEXT("first rows:\n", "前几行：\n"));
	for (size_t i = 0; i < preview->row_count; i++)
		print_row(preview, &preview->rows[i], out);
	if (preview->row_count > 0)
		rc_buf_append_text(out, RC_CLI_TEXT("lines:\n", "行号：\n"));
	print_lines(&preview->added, RC_CLI_TEXT("new:", "新增："), out);
	print_lines(&preview->changed, RC_CLI_TEXT("changed:", "修改："), out);
	print_lines(&preview->unchanged, RC_CLI_TEXT("unchanged:", "未变："), out);
	print_lines(&preview->refused, RC_CLI_TEXT("refused:", "拒绝："), out);
}
