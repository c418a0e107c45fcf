/* SPDX-License-Identifier: Apache-2.0 */
#include "server/cli/list.h"

#include "shared/json/write.h"

#define LIST_MAX_BYTES (16u * 1024u * 1024u)

static enum rc_status write_table(struct rc_db *db, const struct rc_cli_list *list,
				  struct rc_buf *out, struct rc_error *err)
{
	RC_AUTO(rc_text_table_free_p)
	struct rc_text_table *table = rc_text_table_new(list->columns);
	enum rc_status status;

	if (!table)
		return rc_fail(err, RC_ENOMEM, "no memory for a list");
	rc_text_table_add(table, list->headings);
	status = list->fill_table(db, table, err);
	if (status == RC_OK)
		rc_text_table_write(table, out);
	return status;
}

enum rc_status rc_cli_list_print(const struct rc_cli_home *home, const struct rc_options *options,
				 const struct rc_cli_list *list, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf out;
	enum rc_status status;

	rc_buf_init(&out, LIST_MAX_BYTES);
	if (rc_options_has(options, "json")) {
		rc_json_open(&out, '[');
		status = list->fill_json(home->db, &out, err);
		rc_json_close(&out, ']');
		rc_buf_append_char(&out, '\n');
	} else {
		status = write_table(home->db, list, &out, err);
	}
	return status == RC_OK ? rc_cli_print(&out, err) : status;
}
