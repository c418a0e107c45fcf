/* SPDX-License-Identifier: Apache-2.0 */
/* `token create`: the token alone goes to stdout, so that a script can take it. `token list`, `token revoke`. */
#include "server/auth/token.h"

#include "server/cli/list.h"
#include "server/cli/verbs.h"
#include "shared/base/clock.h"
#include "shared/base/timestamp.h"
#include "shared/json/write.h"

#include <inttypes.h>
#include <stdio.h>

#define COLUMNS 4u

static enum rc_status create(const struct rc_cli_home *home, const struct rc_options *options,
			     struct rc_error *err)
{
	const char *role_name = rc_options_text(options, "role");
	char token[RC_TOKEN_CHARS + 1];
	struct rc_token_request request = {.name = rc_options_text(options, "name"), .actor = "cli"};
	struct rc_buf text;
	enum rc_status status = rc_token_role_parse(rc_bytes_of_text(role_name), &request.role);

	if (status != RC_OK)
		return rc_fail(err, RC_EUSAGE, "--role: reader or operator, not %s", role_name);
	request.now_ms = rc_clock_now_ms(rc_clock_system());
	status = rc_token_create(home->db, &request, token, err);
	if (status != RC_OK)
		return status;
	rc_buf_init(&text, sizeof(token) + 1);
	rc_buf_printf(&text, "%s\n", token);
	fputs(RC_CLI_TEXT("This token is shown once and kept nowhere:\n",
			  "此令牌只显示这一次，不会保存：\n"),
	      stderr);
	status = rc_cli_print(&text, err);
	rc_wipe(token, sizeof(token));
	if (text.data)
		rc_wipe(text.data, text.size);
	rc_buf_deinit(&text);
	return status;
}

int rc_cli_token_create(const struct rc_options *options)
{
	return rc_cli_at_home(options, create);
}

/* ---- list ---- */

static enum rc_status add_json(void *context, const struct rc_token_entry *entry, struct rc_error *err)
{
	struct rc_buf *json = context;

	rc_json_open(json, '{');
	rc_json_member_text(json, "name", entry->name);
	rc_json_member_text(json, "role", entry->role);
	rc_json_member_time(json, "created", entry->created_ms);
	rc_json_append_key(json, "revoked");
	if (entry->revoked_ms > 0)
		rc_json_append_time(json, entry->revoked_ms);
	else
		rc_json_append_null(json);
	rc_json_close(json, '}');
	return rc_buf_status(json, err);
}

static enum rc_status add_row(void *context, const struct rc_token_entry *entry, struct rc_error *err)
{
	char created[RC_TIMESTAMP_CHARS + 1], revoked[RC_TIMESTAMP_CHARS + 1] = "-";
	const char *const cells[COLUMNS] = {entry->name, entry->role, created, revoked};

	(void)err;
	rc_timestamp_format(entry->created_ms, created);
	if (entry->revoked_ms > 0)
		rc_timestamp_format(entry->revoked_ms, revoked);
	rc_text_table_add(context, cells);
	return RC_OK;
}

static enum rc_status fill_table(struct rc_db *db, struct rc_text_table *table, struct rc_error *err)
{
	return rc_token_list(db, add_row, table, err);
}

static enum rc_status fill_json(struct rc_db *db, struct rc_buf *json, struct rc_error *err)
{
	return rc_token_list(db, add_json, json, err);
}

static enum rc_status list_tokens(const struct rc_cli_home *home, const struct rc_options *options,
				  struct rc_error *err)
{
	const char *const headings[COLUMNS] = {
	    RC_CLI_TEXT("name", "名称"),
	    RC_CLI_TEXT("role", "权限"),
	    RC_CLI_TEXT("created", "生成时间"),
	    RC_CLI_TEXT("revoked", "作废时间"),
	};
	const struct rc_cli_list list = {headings, COLUMNS, fill_table, fill_json};

	return rc_cli_list_print(home, options, &list, err);
}

int rc_cli_token_list(const struct rc_options *options)
{
	return rc_cli_at_home(options, list_tokens);
}

/* ---- revoke ---- */

static enum rc_status revoke_name(const struct rc_cli_home *home, const struct rc_options *options,
				  struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	const char *name = options->operands[0];
	int64_t count = 0;
	enum rc_status status =
	    rc_token_revoke(home->db, name, "cli", rc_clock_now_ms(rc_clock_system()), &count, err);

	rc_buf_init(&text, 512);
	if (status != RC_OK)
		return status;
	rc_buf_printf(&text,
		      RC_CLI_TEXT("revoked: %s (%" PRId64 ")\n", "已作废：%s（%" PRId64 " 个）\n"),
		      name, count);
	return rc_cli_print(&text, err);
}

int rc_cli_token_revoke(const struct rc_options *options)
{
	return rc_cli_at_home(options, revoke_name);
}
