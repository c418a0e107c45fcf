/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CLI_VERBS_H
#define RC_CLI_VERBS_H
/* The verbs of rollcall-server, one a file: each takes the parsed options and returns the exit status. */

struct rc_options;

int rc_cli_init(const struct rc_options *options);
int rc_cli_serve(const struct rc_options *options);
int rc_cli_import(const struct rc_options *options);
int rc_cli_kiosk_code(const struct rc_options *options);
int rc_cli_kiosk_list(const struct rc_options *options);
int rc_cli_kiosk_revoke(const struct rc_options *options);
int rc_cli_badges(const struct rc_options *options);
int rc_cli_badge(const struct rc_options *options);
int rc_cli_badge_new(const struct rc_options *options);
int rc_cli_badge_revoke(const struct rc_options *options);
int rc_cli_attendance(const struct rc_options *options);
int rc_cli_token_create(const struct rc_options *options);
int rc_cli_verify(const struct rc_options *options);
int rc_cli_rebuild(const struct rc_options *options);

#endif
