/* SPDX-License-Identifier: Apache-2.0 */
/* `backup` and `backup --check`. Neither opens the server's database for writing: a running server doesn't notice. */
#include "server/backup/backup.h"

#include "server/cli/home.h"
#include "server/cli/passphrase.h"
#include "server/cli/verbs.h"
#include "shared/base/clock.h"
#include "shared/base/timestamp.h"
#include "shared/facts/fact.h"
#include "shared/file/file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

static int64_t rows_of(const struct rc_backup_manifest *manifest, const char *table)
{
	for (size_t i = 0; i < manifest->rows.count; i++) {
		if (strcmp(manifest->rows.items[i].name, table) == 0)
			return manifest->rows.items[i].n;
	}
	return 0;
}

static void tell_content(const char *file, const struct rc_backup_manifest *manifest, struct rc_buf *text)
{
	char made[RC_TIMESTAMP_CHARS + 1], hash[RC_HEX_CHARS(32u) + 1];

	rc_timestamp_format(manifest->made_ms, made);
	rc_hex_encode(rc_bytes_of(manifest->database_sha256, 32), hash);
	rc_buf_printf(text,
		      RC_CLI_TEXT("%s: %s as it was on %s, by rollcall-server %s\n",
				  "%s：%s，备份时间 %s，rollcall-server %s\n"),
		      file, manifest->organisation_name, made, manifest->version);
	rc_buf_printf(text,
		      RC_CLI_TEXT("people %" PRId64 ", sessions %" PRId64 ", kiosks %" PRId64
				  ", facts %" PRId64 ", schema %" PRId64 "\n",
				  "人员 %" PRId64 "，课次 %" PRId64 "，签到机 %" PRId64
				  "，记录 %" PRId64 "，数据库结构 %" PRId64 "\n"),
		      rows_of(manifest, "person"), rows_of(manifest, "session"),
		      rows_of(manifest, "kiosk"), rows_of(manifest, "fact"), manifest->schema);
	rc_buf_printf(text,
		      RC_CLI_TEXT("database: %" PRId64 " bytes, SHA-256 %s\n",
				  "数据库：%" PRId64 " 字节，SHA-256 %s\n"),
		      manifest->database_bytes, hash);
}

static void tell_secrets(const char *folder, const struct rc_backup_manifest *manifest,
			 struct rc_buf *text)
{
	if (manifest->has_secrets)
		rc_buf_append_text(text,
				   RC_CLI_TEXT("It holds the secrets, sealed: a restore needs this "
					       "file and the passphrase.\n",
					       "文件包含已加密的密钥：恢复需要此文件和口令。\n"));
	else
		rc_buf_printf(
		    text,
		    RC_CLI_TEXT(
			"It holds no secrets: a restore needs this file and a copy of %s/secrets. "
			"Without "
			"them badges can't be printed again and every kiosk must enrol anew.\n",
			"文件不包含密钥：恢复需要此文件以及 %s/secrets "
			"的副本。没有密钥则无法重印胸牌，且所有签到机须重新注册。\n"),
		    folder);
}

/* ---- make ---- */

/* For whoever watches the age of the last backup; that it can't be written down spoils no backup. */
static void note_last(const char *folder, const struct rc_backup_manifest *manifest)
{
	char path[RC_CLI_PATH_MAX_CHARS + 1], made[RC_TIMESTAMP_CHARS + 2];
	struct rc_error err = {.text = ""};
	enum rc_status status = rc_cli_path(folder, RC_BACKUP_LAST_FILE, path, &err);

	rc_timestamp_format(manifest->made_ms, made);
	made[RC_TIMESTAMP_CHARS] = '\n';
	if (status == RC_OK)
		status = rc_file_replace(AT_FDCWD, path, 0600,
					 rc_bytes_of(made, RC_TIMESTAMP_CHARS + 1), &err);
	if (status != RC_OK)
		fprintf(stderr, "rollcall-server: %s\n", err.text);
}

#define SQLITE "sqlite:"

static enum rc_status make(const struct rc_options *options, const char *folder, const char *out,
			   struct rc_error *err)
{
	char database[RC_CLI_URL_MAX_CHARS + 1], secrets[RC_CLI_PATH_MAX_CHARS + 1];
	RC_AUTO(rc_cli_passphrase_deinit) struct rc_buf passphrase;
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	struct rc_backup_making making = {.database = database + strlen(SQLITE),
					  .out = out,
					  .version = RC_VERSION,
					  .now_ms = rc_clock_now_ms(rc_clock_system())};
	struct rc_backup_manifest manifest;
	enum rc_status status = rc_cli_database_url(folder, database, err);

	rc_buf_init(&passphrase, RC_CLI_PASSPHRASE_MAX_BYTES);
	rc_buf_init(&text, 8192);
	if (status == RC_OK && strncmp(database, SQLITE, strlen(SQLITE)) != 0)
		status = rc_fail(
		    err, RC_EUSAGE, "a PostgreSQL database is copied by pg_dump or its base backup; keep %s/secrets beside it",
		    folder);
	if (status == RC_OK)
		status = rc_cli_path(folder, "secrets", secrets, err);
	if (status == RC_OK && rc_options_has(options, "with-secrets")) {
		making.secrets = secrets;
		status = rc_cli_passphrase(options, true, &passphrase, err);
		making.passphrase = rc_buf_bytes(&passphrase);
	}
	if (status == RC_OK)
		status = rc_backup_make(&making, &manifest, err);
	if (status != RC_OK)
		return status;
	note_last(folder, &manifest);
	tell_content(out, &manifest, &text);
	tell_secrets(folder, &manifest, &text);
	return rc_cli_print(&text, err);
}

/* ---- check ---- */

static enum rc_status check(const struct rc_options *options, const char *from, struct rc_error *err)
{
	RC_AUTO(rc_cli_passphrase_deinit) struct rc_buf passphrase;
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	struct rc_backup_source source = {.from = from};
	struct rc_backup_manifest manifest;
	enum rc_status status = RC_OK;

	rc_buf_init(&passphrase, RC_CLI_PASSPHRASE_MAX_BYTES);
	rc_buf_init(&text, 8192);
	if (rc_options_has(options, "passphrase-file"))
		status = rc_cli_passphrase(options, false, &passphrase, err);
	source.passphrase = rc_buf_bytes(&passphrase);
	if (status == RC_OK)
		status = rc_backup_check(&source, &manifest, err);
	if (status != RC_OK)
		return status;
	tell_content(from, &manifest, &text);
	tell_secrets(rc_cli_folder(options), &manifest, &text);
	if (manifest.has_secrets && source.passphrase.size == 0)
		rc_buf_append_text(
		    &text, RC_CLI_TEXT("The passphrase was not tried: give --passphrase-file.\n",
				       "未验证口令：请使用 --passphrase-file。\n"));
	rc_buf_append_text(&text, RC_CLI_TEXT("It is whole.\n", "备份完整。\n"));
	return rc_cli_print(&text, err);
}

int rc_cli_backup(const struct rc_options *options)
{
	const char *out = rc_options_text(options, "out");
	const char *from = rc_options_text(options, "check");
	const char *folder = rc_cli_folder(options);
	struct rc_error err = {.text = ""};
	enum rc_status status;

	if ((out != NULL) == (from != NULL) || (from && rc_options_has(options, "with-secrets"))) {
		status = rc_fail(&err, RC_EUSAGE, "backup: either --out FILE or --check FILE");
		return rc_cli_end(status, &err);
	}
	if (from)
		return rc_cli_end(rc_cli_file_status(check(options, from, &err)), &err);
	status = rc_cli_folder_check(folder, &err);
	if (status != RC_OK)
		return rc_cli_end_configuration(status, &err);
	return rc_cli_end(rc_cli_file_status(make(options, folder, out, &err)), &err);
}
