/* SPDX-License-Identifier: Apache-2.0 */
/* The pointer file and the cursor, for reader and writer. */
#include "firmware/roster/roster_priv.h"
#include "firmware/roster_sql/statements.h"
#include "shared/file/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_MAX INT64_C(999999999999)

int64_t rc_roster__number_of(const char *name)
{
	long long number;
	int end = 0;

	if (sscanf(name, "roster-%12lld.db%n", &number, &end) != 1 || end == 0 || number < 1 ||
	    number > NUMBER_MAX)
		return 0;
	return number;
}

enum rc_status rc_roster__read_pointer(const char *folder, char name[RC_ROSTER__NAME_CHARS],
				       int64_t *number, struct rc_error *err)
{
	char path[RC_FILES_PATH_MAX_CHARS], content[RC_ROSTER__NAME_CHARS];
	enum rc_status status = rc_files_join(folder, RC_ROSTER__POINTER, path, err);
	struct rc_buf buf;

	rc_buf_init_fixed(&buf, content, sizeof(content));
	if (status == RC_OK)
		status = rc_file_read(AT_FDCWD, path, &buf, err);
	if (status != RC_OK)
		return status == RC_ELIMIT ? RC_EFORMAT : status;
	content[strcspn(content, "\n")] = '\0';
	*number = rc_roster__number_of(content);
	(void)snprintf(name, RC_ROSTER__NAME_CHARS, "roster-%lld.db", (long long)*number);
	if (*number == 0 || strcmp(name, content) != 0)
		return rc_fail(err, RC_EFORMAT, "%s names no roster", path);
	return RC_OK;
}

enum rc_status rc_roster__load_cursor(struct rc_store *store, struct rc_cursor *cursor,
				      struct rc_error *err)
{
	const struct rc_store_value key = rc_store_text(rc_bytes_of_text("cursor"));
	RC_AUTO(rc_store_done)
	struct rc_store_rows rows = rc_store_look(store, RC_SQL_ROSTER_META_GET, &key);
	enum rc_status status = rc_store_next(&rows, err);

	if (status == RC_ENOTFOUND)
		return rc_fail(err, status, "the roster has no cursor");
	if (status == RC_OK)
		status = rc_cursor_parse(rc_store_get_bytes(&rows, 0), cursor);
	return status == RC_EFORMAT ? rc_fail(err, status, "the roster's cursor makes no sense") : status;
}

enum rc_status rc_roster__put_cursor(struct rc_store *store, const struct rc_cursor *cursor,
				     struct rc_error *err)
{
	char text[RC_CURSOR_MAX_CHARS + 1];
	struct rc_store_value values[] = {rc_store_text(rc_bytes_of_text("cursor")), rc_store_int(0)};

	rc_cursor_format(cursor, text);
	values[1] = rc_store_text(rc_bytes_of_text(text));
	return rc_store_run(store, RC_SQL_ROSTER_META_PUT, values, NULL, err);
}
