/* SPDX-License-Identifier: Apache-2.0 */
/* `token create`: the token alone goes to stdout, so that a script can take it. */
#include "server/auth/token.h"

#include "server/cli/home.h"
#include "server/cli/verbs.h"
#include "shared/base/clock.h"

#include <stdio.h>

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
