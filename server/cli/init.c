/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `init` makes a server out of an empty folder. The row that says who the server is comes last: without it no other verb takes
 * the folder, so an init that was cut short is seen and can't be mistaken for a server.
 */
#include "server/cli/home.h"
#include "server/cli/verbs.h"
#include "server/db/db.h"
#include "shared/base/random.h"
#include "shared/base/utf8.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

/* A folder that holds nothing, ours alone. */
static enum rc_status make_folder(const char *folder, struct rc_error *err)
{
	const struct dirent *entry;
	DIR *listing;
	bool is_empty = true;

	if (mkdir(folder, 0700) == 0)
		return RC_OK;
	if (errno != EEXIST)
		return rc_fail_errno(err, errno, "%s", folder);
	listing = opendir(folder);
	if (!listing)
		return rc_fail_errno(err, errno, "%s", folder);
	while ((entry = readdir(listing)))
		is_empty = is_empty && entry->d_name[0] == '.';
	(void)closedir(listing);
	if (!is_empty)
		return rc_fail(err, RC_ECONFLICT, "%s isn't empty; nothing was changed", folder);
	return chmod(folder, 0700) == 0 ? RC_OK : rc_fail_errno(err, errno, "%s", folder);
}

static bool is_name(const char *text)
{
	return text[0] && rc_utf8_is_plain(rc_bytes_of_text(text));
}

static enum rc_status take_options(const struct rc_options *options, struct rc_cli_state *state,
				   struct rc_error *err)
{
	const char *name = rc_options_text(options, "organisation");
	const char *url = rc_options_text(options, "url");
	const char *people_url = rc_options_text(options, "people-url");

	if (!is_name(name) ||
	    !rc_text_copy(name, state->organisation_name, sizeof(state->organisation_name)))
		return rc_fail(err, RC_EUSAGE,
			       "--organisation: a name of 1 to %u bytes without control characters",
			       RC_REFERENCE_TEXT_MAX_BYTES);
	if (!rc_enrol_url_is_valid(rc_bytes_of_text(url)) ||
	    !rc_text_copy(url, state->device_url, sizeof(state->device_url)))
		return rc_fail(err, RC_EUSAGE, "--url: %s is no https://HOST:PORT", url);
	if (people_url && !rc_text_copy(people_url, state->people_url, sizeof(state->people_url)))
		return rc_fail(err, RC_EUSAGE, "--people-url is too long");
	state->organisation = rc_id_new();
	do
		rc_random(&state->epoch, sizeof(state->epoch));
	while (state->epoch == 0); /* 0 means "none yet" on the wire */
	return RC_OK;
}

/* A CA's name is ASCII for the sake of TLS libraries, so it names the organisation by its id. */
static enum rc_status make_secrets(const char *folder, struct rc_cli_state *state, struct rc_error *err)
{
	char path[RC_CLI_PATH_MAX_CHARS + 1], id[RC_ID_CHARS + 1], name[64];
	struct rc_secrets secrets;
	enum rc_status status = rc_cli_path(folder, "secrets", path, err);

	rc_id_format(&state->organisation, id);
	(void)snprintf(name, sizeof(name), "rollcall CA %s", id);
	rc_secrets_init(&secrets);
	if (status == RC_OK)
		status = rc_secrets_create(path, name, err);
	if (status == RC_OK)
		status = rc_secrets_load(path, &secrets, err);
	if (status == RC_OK)
		rc_hex_encode(rc_bytes_of(secrets.fingerprint, sizeof(secrets.fingerprint)),
			      state->fingerprint);
	rc_secrets_deinit(&secrets);
	return status;
}

static enum rc_status make_server(const char *folder, const char *database,
				  struct rc_cli_state *state, struct rc_error *err)
{
	struct rc_db *db = NULL;
	enum rc_status status = make_folder(folder, err);

	if (status == RC_OK && database)
		status = rc_cli_database_set_url(folder, database, err);
	if (status == RC_OK)
		status = make_secrets(folder, state, err);
	if (status == RC_OK)
		status = rc_cli_database_open(folder, 0, &db, err);
	if (status == RC_OK)
		status = rc_cli_state_create(db, state, err);
	rc_db_close(db);
	return status;
}

static enum rc_status tell(const char *folder, const struct rc_cli_state *state, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;

	rc_buf_init(&text, 4096);
	rc_buf_printf(&text,
		      RC_CLI_TEXT("%s is the server of %s.\nKiosks reach it at %s.\n",
				  "%s 已是“%s”的服务器。\n签到机连接地址：%s。\n"),
		      folder, state->organisation_name, state->device_url);
	rc_buf_printf(
	    &text,
	    RC_CLI_TEXT(
		"Keep a copy of %s/secrets in a safe place: without it badges and kiosks of this "
		"database are lost.\nNext: rollcall-server import rooms FILE.csv --dir %s\n",
		"请把 %s/secrets 另存到安全的地方：丢失后，此数据库的胸牌和签到机都无法再用。\n"
		"下一步：rollcall-server import rooms FILE.csv --dir %s\n"),
	    folder, folder);
	return rc_cli_print(&text, err);
}

int rc_cli_init(const struct rc_options *options)
{
	struct rc_cli_state state = {.epoch = 0};
	struct rc_error err = {.text = ""};
	enum rc_status status = take_options(options, &state, &err);

	if (status == RC_OK)
		status = make_server(rc_cli_folder(options), rc_options_text(options, "database"),
				     &state, &err);
	if (status == RC_OK)
		status = tell(rc_cli_folder(options), &state, &err);
	return rc_cli_end(status, &err);
}
