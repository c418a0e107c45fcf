/* SPDX-License-Identifier: Apache-2.0 */
/* `import TABLE FILE`: all or nothing; every fault of the file in one run, in the language of the reader. */
#include "server/cli/files.h"
#include "server/cli/home.h"
#include "server/cli/verbs.h"
#include "server/hr/people.h"
#include "server/hr/rooms.h"
#include "server/tables/table.h"
#include "server/training/registrations.h"
#include "server/training/sessions.h"
#include "shared/base/clock.h"

#include <inttypes.h>
#include <stdio.h>

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

static enum rc_status tell_counts(const struct rc_import *import, bool is_dry_run, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;

	rc_buf_init(&text, 1024);
	rc_buf_printf(&text,
		      RC_CLI_TEXT("%" PRId64 " rows: %" PRId64 " new, %" PRId64 " changed, %" PRId64
				  " as they were%s\n",
				  "共 %" PRId64 " 行：新增 %" PRId64 "，修改 %" PRId64
				  "，未变 %" PRId64 "%s\n"),
		      import->rows, import->added, import->changed, import->unchanged,
		      is_dry_run ? RC_CLI_TEXT(" (nothing was written)", "（未写入）") : "");
	return rc_cli_print(&text, err);
}

static enum rc_status import_file(const struct rc_cli_home *home, const struct rc_options *options,
				  struct rc_error *err)
{
	const struct table *table = find_table(options->operands[0]);
	const char *path = options->operands[1];
	const struct rc_hr hr = {
	    .db = home->db,
	    .secrets = &home->secrets,
	    .actor = "cli",
	    .now_ms = rc_clock_now_ms(rc_clock_system()),
	    .is_dry_run = rc_options_has(options, "dry-run"),
	};
	RC_AUTO(rc_buf_deinit) struct rc_buf file;
	struct rc_import import;
	enum rc_status status;

	rc_buf_init(&file, RC_TABLE_MAX_BYTES);
	if (!table)
		return rc_fail(err, RC_EUSAGE,
			       "import: rooms, employees, sessions or registrations, not %s",
			       options->operands[0]);
	status = rc_cli_file_read(path, &file, err);
	if (status != RC_OK)
		return status;
	rc_import_init(&import);
	status = table->import(&hr, rc_buf_bytes(&file), &import, err);
	tell_issues(path, &import.errors, RC_CLI_TEXT("error", "错误"));
	tell_issues(path, &import.warnings, RC_CLI_TEXT("warning", "提示"));
	if (status == RC_OK)
		status = tell_counts(&import, hr.is_dry_run, err);
	else if (status == RC_EFORMAT && import.errors.count > 0)
		(void)rc_fail(err, status,
			      RC_CLI_TEXT("%zu errors, nothing was imported",
					  "共 %zu 处错误，未导入任何内容"),
			      import.errors.count);
	rc_import_deinit(&import);
	return status;
}

int rc_cli_import(const struct rc_options *options)
{
	return rc_cli_at_home(options, import_file);
}
