/* SPDX-License-Identifier: Apache-2.0 */
/* `restore`: a backup becomes a server in an empty folder, and the operator is told what that means for kiosks. */
#include "server/backup/backup.h"
#include "server/cli/home.h"
#include "server/cli/passphrase.h"
#include "server/cli/verbs.h"
#include "shared/base/clock.h"
#include "shared/base/timestamp.h"
#include "shared/facts/fact.h"

#include <stdio.h>

static enum rc_status tell(const char *folder, const struct rc_backup_manifest *manifest,
			   const struct rc_backup_restored *restored, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	char made[RC_TIMESTAMP_CHARS + 1], epoch[RC_FACT_EPOCH_CHARS + 1];

	rc_buf_init(&text, 8192);
	rc_timestamp_format(manifest->made_ms, made);
	rc_fact_epoch_format(restored->epoch, epoch);
	rc_buf_printf(
	    &text,
	    RC_CLI_TEXT("%s is the server of %s as it was on %s, with the new epoch %s.\n",
			"%s 已恢复为“%s”的服务器，数据截至 %s，新的服务器纪元为 %s。\n"),
	    folder, manifest->organisation_name, made, epoch);
	rc_buf_append_text(
	    &text,
	    RC_CLI_TEXT(
		"Once it serves, every kiosk fetches its people and sessions anew and sends again "
		"what this server lacks.\n"
		"What a kiosk had dropped already is shown in the inbox as facts.lost, with its "
		"kiosk and the range.\n"
		"What was entered here after the backup (imports, badges, tokens, settled entries) "
		"is gone: do it again.\n"
		"A kiosk that enrolled after the backup must enrol again.\n",
		"服务启动后，各签到机将重新下载人员与课次，并重新上传本服务器缺少的记录。\n"
		"签到机已清理的记录会作为 facts.lost 显示在收件箱中，并列出签到机和缺失范围。\n"
		"备份之后在服务器上录入的内容（导入、胸牌、令牌、已处理事项）已丢失，请重新录入。\n"
		"备份之后注册的签到机须重新注册。\n"));
	if (!restored->has_secrets)
		rc_buf_printf(
		    &text,
		    RC_CLI_TEXT(
			"Still missing: the secrets. Put the copy of the old server's folder at "
			"%s/secrets "
			"(mode 700, files 600); it doesn't serve before.\n",
			"仍缺少密钥：请将原服务器密钥目录的副本放到 %s/secrets（目录权限 700，文件 "
			"600），否则无法启动服务。\n"),
		    folder);
	return rc_cli_print(&text, err);
}

/* Asked for on a terminal only where it will be needed. */
static enum rc_status get_passphrase(const struct rc_options *options, const char *folder,
				     const char *from, struct rc_buf *passphrase, struct rc_error *err)
{
	struct rc_backup_manifest manifest;
	char secrets[RC_CLI_PATH_MAX_CHARS + 1];
	enum rc_status status = rc_cli_path(folder, "secrets", secrets, err);

	if (status == RC_OK && rc_options_has(options, "passphrase-file"))
		return rc_cli_passphrase(options, false, passphrase, err);
	if (status == RC_OK)
		status = rc_backup_peek(from, &manifest, err);
	if (status != RC_OK || !manifest.has_secrets || access(secrets, F_OK) == 0)
		return status;
	return rc_cli_passphrase(options, false, passphrase, err);
}

static enum rc_status restore(const struct rc_options *options, struct rc_error *err)
{
	const char *folder = rc_cli_folder(options);
	RC_AUTO(rc_cli_passphrase_deinit) struct rc_buf passphrase;
	struct rc_backup_source source = {.from = rc_options_text(options, "from")};
	struct rc_backup_manifest manifest;
	struct rc_backup_restored restored;
	enum rc_status status;

	rc_buf_init(&passphrase, RC_CLI_PASSPHRASE_MAX_BYTES);
	status = get_passphrase(options, folder, source.from, &passphrase, err);
	source.passphrase = rc_buf_bytes(&passphrase);
	if (status == RC_OK)
		status = rc_backup_restore(&source, folder, rc_clock_now_ms(rc_clock_system()),
					   &manifest, &restored, err);
	return status == RC_OK ? tell(folder, &manifest, &restored, err) : status;
}

int rc_cli_restore(const struct rc_options *options)
{
	struct rc_error err = {.text = ""};
	enum rc_status status = restore(options, &err);

	return rc_cli_end(rc_cli_file_status(status), &err);
}
