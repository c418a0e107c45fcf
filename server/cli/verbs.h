/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CLI_VERBS_H
#define RC_CLI_VERBS_H
/* The verbs of rollcall-server. */

struct rc_options;

/* Each does what its line in main.c's table says: takes the parsed options, returns the exit status. Blocks until it is done. */
int rc_cli_init(const struct rc_options *options);
int rc_cli_serve(const struct rc_options *options);
int rc_cli_config(const struct rc_options *options);
int rc_cli_import(const struct rc_options *options);
int rc_cli_kiosk_code(const struct rc_options *options);
int rc_cli_kiosk_list(const struct rc_options *options);
int rc_cli_kiosk_revoke(const struct rc_options *options);
int rc_cli_badges(const struct rc_options *options);
int rc_cli_badge(const struct rc_options *options);
int rc_cli_badge_new(const struct rc_options *options);
int rc_cli_badge_revoke(const struct rc_options *options);
int rc_cli_attendance(const struct rc_options *options);
int rc_cli_inbox(const struct rc_options *options);
int rc_cli_inbox_settle(const struct rc_options *options);
int rc_cli_token_create(const struct rc_options *options);
int rc_cli_token_list(const struct rc_options *options);
int rc_cli_token_revoke(const struct rc_options *options);
int rc_cli_quarantine_list(const struct rc_options *options);
int rc_cli_quarantine_release(const struct rc_options *options);
int rc_cli_backup(const struct rc_options *options);
int rc_cli_restore(const struct rc_options *options);
int rc_cli_verify(const struct rc_options *options);
int rc_cli_rebuild(const struct rc_options *options);

#endif
