/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `import TABLE FILE`: all or nothing; every fault of the file in one run, in the language of the reader. The text of the file is
 * found before the database is asked, because an import may be run again and the encoding stays what it is.
 */
#include "server/cli/files.h"
#include "server/cli/home.h"
#include "server/cli/import_preview.h"
#include "server/cli/verbs.h"
#include "server/hr/people.h"
#include "server/hr/rooms.h"
#include "server/tables/encoding.h"
#include "server/training/registrations.h"
#include "server/training/sessions.h"
#include "shared/base/cleanup.h"
#include "shared/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const struct table {
	const char *name;
	enum rc_status (*import)(const struct rc_hr *hr, struct rc_bytes file,
				 struct rc_import *import, struct rc_error *err);
} tables[] = {
    {"rooms", rc_rooms_import},
    {"employees", rc_people_import},
    {"sessions", rc_sessions_import},
    {"registrations", rc_registrations_import},
};

static const struct table *find_table(const char *name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (strcmp(tables[i].name, name) == 0)
			return &tables[i];
	}
	return NULL;
}

/* One line an issue, as compilers write them: "rooms.csv:7: 站点: …". Texts come cleaned of control characters. */
static void tell_issues(const char *file, const struct rc_report_list *list, const char *word)
{
	for (size_t i = 0; i < rc_report_kept(list); i++) {
		const struct rc_report_issue *issue = &list->issues[i];

		fprintf(stderr, "%s", file);
		if (issue->line > 0)
			fprintf(stderr, ":%zu", issue->line);
		fprintf(stderr, ": %s: %s%s%s\n", word, issue->column, issue->column[0] ? ": " : "",
			RC_CLI_TEXT(issue->en, issue->zh));
	}
	if (list->count > rc_report_kept(list))
		fprintf(stderr, RC_CLI_TEXT("… and %zu more\n", "……另有 %zu 处\n"),
			list->count - rc_report_kept(list));
}

/* What stands on stdout: the encoding, the preview of a dry run, the counts of a good file. */
static enum rc_status tell(const struct rc_encoding_text *text, const struct rc_import *import,
			   bool is_dry_run, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf out;

	rc_buf_init(&out, 1u << 20);
	rc_cli_preview_encoding(text, &out);
	if (import->preview)
		rc_cli_preview(import->preview, &out);
	if (import->errors.count == 0 || is_dry_run)
		rc_buf_printf(&out,
			      RC_CLI_TEXT("%" PRId64 " row%s: %" PRId64 " new, %" PRId64
					  " changed, %" PRId64 " unchanged, %" PRId64
					  " refused%s\n",
					  "共 %" PRId64 " 行%s：新增 %" PRId64 "，修改 %" PRId64
					  "，未变 %" PRId64 "，拒绝 %" PRId64 "%s\n"),
			      import->rows, RC_CLI_TEXT(import->rows == 1 ? "" : "s", ""),
			      import->added, import->changed, import->unchanged, import->refused,
			      is_dry_run ? RC_CLI_TEXT(" (nothing was written)", "（未写入）") : "");
	return rc_cli_print(&out, err);
}

static enum rc_status tell_failure(const char *path, const struct rc_import *import,
				   enum rc_status status, struct rc_error *err)
{
	const size_t count = import->errors.count;

	tell_issues(path, &import->errors, RC_CLI_TEXT("error", "错误"));
	tell_issues(path, &import->warnings, RC_CLI_TEXT("warning", "提示"));
	if (status == RC_EFORMAT && count > 0)
		(void)rc_fail(err, status,
			      RC_CLI_TEXT("%zu error%s, nothing was imported",
					  "共 %zu 处错误%s，未导入任何内容"),
			      count, RC_CLI_TEXT(count == 1 ? "" : "s", ""));
	return status;
}

/* ---- the file ---- */

/* A file that isn't there is a failure of the disk for who calls this in a script (4), no finding about a table (1). */
static enum rc_status read_file(const char *path, struct rc_buf *file, struct rc_error *err)
{
	const enum rc_status status = strcmp(path, "-") == 0 ? rc_cli_stdin_read(file, err)
							     : rc_cli_file_read(path, file, err);

	if (status == RC_ENOTFOUND)
		return rc_fail(err, RC_EIO, RC_CLI_TEXT("there is no file %s", "没有文件 %s"), path);
	if (status == RC_ELIMIT)
		return rc_fail(err, status,
			       RC_CLI_TEXT("%s is larger than 64 MiB", "%s 大于 64 MiB"), path);
	return status == RC_EDENIED ? RC_EIO : status;
}

struct input {
	const char *path;
	struct rc_buf file, memory; /* as it is, and as UTF-8 where that differs */
	struct rc_encoding_text text;
};

static void input_init(struct input *input, const char *path)
{
	memset(input, 0, sizeof(*input));
	input->path = path;
	rc_buf_init(&input->file, RC_TABLE_MAX_BYTES);
	rc_buf_init(&input->memory, RC_TABLE_TEXT_MAX_BYTES);
}

static void input_deinit(struct input *input)
{
	rc_buf_deinit(&input->file);
	rc_buf_deinit(&input->memory);
}

static enum rc_status input_read(struct input *input, enum rc_encoding wish,
				 struct rc_import *import, struct rc_error *err)
{
	enum rc_status status = read_file(input->path, &input->file, err);

	if (status == RC_OK)
		status = rc_encoding_read(rc_buf_bytes(&input->file), wish, &input->memory,
					  &input->text, import, err);
	if (status == RC_OK && input->text.encoding != RC_ENCODING_UTF8)
		rc_buf_deinit(&input->file); /* two thirds of what the text needs */
	return status;
}

/* ---- the verb ---- */

static enum rc_status import_text(const struct rc_cli_home *home, const struct table *table,
				  const struct input *input, struct rc_import *import,
				  struct rc_error *err)
{
	const struct rc_hr hr = {
	    .db = home->db,
	    .secrets = &home->secrets,
	    .actor = "cli",
	    .now_ms = rc_clock_now_ms(rc_clock_system()),
	    .is_dry_run = import->preview != NULL,
	};
	const enum rc_status status = table->import(&hr, input->text.utf8, import, err);
	const enum rc_status told = status == RC_OK || status == RC_EFORMAT
					? tell(&input->text, import, hr.is_dry_run, err)
					: RC_OK;

	(void)tell_failure(input->path, import, status, err);
	return status == RC_OK ? told : status;
}

static enum rc_status import_file(const struct rc_cli_home *home, const struct rc_options *options,
				  struct rc_error *err)
{
	const struct table *table = find_table(options->operands[0]);
	const char *name = rc_options_text(options, "encoding");
	enum rc_encoding wish = RC_ENCODING_FIND;
	RC_AUTO(rc_free_p) struct rc_import_preview *preview = NULL;
	RC_AUTO(input_deinit) struct input input;
	RC_AUTO(rc_import_deinit) struct rc_import import;
	enum rc_status status;

	input_init(&input, options->operands[1]);
	rc_import_init(&import);
	if (!table)
		return rc_fail(
		    err, RC_EUSAGE,
		    RC_CLI_TEXT(
			"import: rooms, employees, sessions or registrations, not %s",
			"import：只能是 rooms、employees、sessions 或 registrations，不能是 %s"),
		    options->operands[0]);
	if (name && !rc_encoding_by_name(name, &wish))
		return rc_fail(err, RC_EUSAGE,
			       RC_CLI_TEXT("--encoding: one of %s, not %s",
					   "--encoding：只能是 %s，不能是 %s"),
			       rc_encoding_names(), name);
	if (rc_options_has(options, "dry-run")) {
		preview = calloc(1, sizeof(*preview));
		if (!preview)
			return rc_fail(err, RC_ENOMEM, "no memory for the preview");
		import.preview = preview;
	}
	status = input_read(&input, wish, &import, err);
	if (status != RC_OK)
		return tell_failure(input.path, &import, status, err);
	return import_text(home, table, &input, &import, err);
}

int rc_cli_import(const struct rc_options *options)
{
	return rc_cli_at_home(options, import_file);
}
