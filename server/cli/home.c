/* SPDX-License-Identifier: Apache-2.0 */
#include "server/cli/home.h"

#include "server/db/db.h"
#include "server/db_sql/statements.h"
#include "shared/base/cleanup.h"
#include "shared/base/utf8.h"
#include "shared/file/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define DATABASE        "rollcall.db"
#define URL_FILE        "database"
#define DIRECT_URL_FILE "database-direct"
#define POSTGRES        "postgres:"

/* The indexes by random keys that a million new people reach are three times this; all of the import stays under 256 MB. */
#define VERB_CACHE_MIB 80u

const char *rc_cli_folder(const struct rc_options *options)
{
	const char *folder = rc_options_text(options, "dir");

	return folder ? folder : RC_CLI_FOLDER;
}

enum rc_status rc_cli_path(const char *folder, const char *name,
			   char path[RC_CLI_PATH_MAX_CHARS + 1], struct rc_error *err)
{
	int size = snprintf(path, RC_CLI_PATH_MAX_CHARS + 1, "%s/%s", folder, name);

	if (size < 0 || (size_t)size > RC_CLI_PATH_MAX_CHARS)
		return rc_fail(err, RC_EUSAGE, "the folder's path is too long");
	return RC_OK;
}

static bool is_there(const char *path, struct rc_error *err, enum rc_status *status)
{
	struct stat about;

	*status = RC_OK;
	if (stat(path, &about) == 0)
		return true;
	if (errno != ENOENT)
		*status = rc_fail_errno(err, errno, "%s", path);
	return false;
}

/* The file is one line. */
static enum rc_status read_url(const char *path, char url[RC_CLI_URL_MAX_CHARS + 1], struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;
	enum rc_status status;

	rc_buf_init(&text, RC_CLI_URL_MAX_CHARS);
	status = rc_file_read_secret(AT_FDCWD, path, &text, err);
	if (status != RC_OK)
		return status;
	if (text.size > 0 && text.data[text.size - 1] == '\n')
		text.size--;
	if (strncmp(rc_buf_text(&text), POSTGRES, strlen(POSTGRES)) != 0 ||
	    !rc_utf8_is_plain(rc_buf_bytes(&text)))
		return rc_fail(err, RC_EUSAGE, "%s isn't one line with a postgres: URL", path);
	(void)snprintf(url, RC_CLI_URL_MAX_CHARS + 1, "%.*s", (int)text.size, (const char *)text.data);
	return RC_OK;
}

enum rc_status rc_cli_database_url(const char *folder, char url[RC_CLI_URL_MAX_CHARS + 1],
				   struct rc_error *err)
{
	char path[RC_CLI_PATH_MAX_CHARS + 1];
	enum rc_status status = rc_cli_path(folder, URL_FILE, path, err);

	if (status == RC_OK && is_there(path, err, &status))
		return read_url(path, url, err);
	if (status == RC_OK)
		status = rc_cli_path(folder, DATABASE, path, err);
	if (status == RC_OK)
		(void)snprintf(url, RC_CLI_URL_MAX_CHARS + 1, "sqlite:%s", path);
	return status;
}

enum rc_status rc_cli_database_direct_url(const char *folder, char url[RC_CLI_URL_MAX_CHARS + 1],
					  struct rc_error *err)
{
	char path[RC_CLI_PATH_MAX_CHARS + 1];
	enum rc_status status = rc_cli_path(folder, DIRECT_URL_FILE, path, err);

	url[0] = '\0';
	return status == RC_OK && is_there(path, err, &status) ? read_url(path, url, err) : status;
}

enum rc_status rc_cli_database_set_url(const char *folder, const char *url, struct rc_error *err)
{
	char path[RC_CLI_PATH_MAX_CHARS + 1];
	enum rc_status status = rc_cli_path(folder, URL_FILE, path, err);

	if (status != RC_OK)
		return status;
	if (strncmp(url, POSTGRES, strlen(POSTGRES)) != 0 ||
	    strlen(url) > RC_CLI_URL_MAX_CHARS - 1 || !rc_utf8_is_plain(rc_bytes_of_text(url)))
		return rc_fail(err, RC_EUSAGE, "--database: a URL that begins with postgres:");
	return rc_file_replace(AT_FDCWD, path, 0600, rc_bytes_of_text(url), err);
}

enum rc_status rc_cli_database_open(const char *folder, size_t cache_mib, struct rc_db **db,
				    struct rc_error *err)
{
	const struct rc_db_options options = {.cache_mib = cache_mib};
	char url[RC_CLI_URL_MAX_CHARS + 1];
	struct rc_db *opened = NULL;
	enum rc_status status = rc_cli_database_url(folder, url, err);

	if (status == RC_OK)
		status = rc_db_open(url, &options, &opened, err);
	if (status == RC_OK)
		status = rc_db_migrate(opened, rc_sql_db_migrations, rc_sql_db_migration_count, err);
	if (status != RC_OK) {
		rc_db_close(opened);
		return status;
	}
	*db = opened;
	return RC_OK;
}

/* rc_db_open would make a database; a folder without one is a mistake here. */
enum rc_status rc_cli_folder_check(const char *folder, struct rc_error *err)
{
	static const char *const names[] = {DATABASE, URL_FILE};
	char path[RC_CLI_PATH_MAX_CHARS + 1];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		enum rc_status status = rc_cli_path(folder, names[i], path, err);

		if (status != RC_OK || is_there(path, err, &status) || status != RC_OK)
			return status;
	}
	return rc_fail(
	    err, RC_ENOTFOUND,
	    "there is no server in %s: rollcall-server init makes one, --dir names another", folder);
}

static enum rc_status check_secrets(const struct rc_cli_home *home, struct rc_error *err)
{
	char fingerprint[RC_HEX_CHARS(32u) + 1];

	rc_hex_encode(rc_bytes_of(home->secrets.fingerprint, sizeof(home->secrets.fingerprint)),
		      fingerprint);
	if (strcmp(fingerprint, home->state.fingerprint) == 0)
		return RC_OK;
	return rc_fail(err, RC_EDENIED, "%s/secrets are not the secrets of this database", home->folder);
}

enum rc_status rc_cli_home_open(const char *folder, struct rc_cli_home *home, struct rc_error *err)
{
	char path[RC_CLI_PATH_MAX_CHARS + 1];
	enum rc_status status = rc_cli_folder_check(folder, err);

	home->folder = folder;
	home->db = NULL;
	rc_secrets_init(&home->secrets);
	if (status == RC_OK)
		status = rc_cli_path(folder, "secrets", path, err);
	if (status == RC_OK)
		status = rc_secrets_load(path, &home->secrets, err);
	if (status == RC_OK)
		status = rc_cli_database_open(folder, home->cache_mib, &home->db, err);
	if (status == RC_OK) {
		status = rc_cli_state_load(home->db, &home->state, err);
		if (status == RC_ENOTFOUND)
			status = rc_fail(err, RC_ENOTFOUND,
					 "%s was begun by init and never finished", folder);
	}
	if (status == RC_OK)
		status = check_secrets(home, err);
	if (status != RC_OK)
		rc_cli_home_close(home);
	return status;
}

void rc_cli_home_close(struct rc_cli_home *home)
{
	rc_db_close(home->db);
	home->db = NULL;
	rc_secrets_deinit(&home->secrets);
}

int rc_cli_at_home(const struct rc_options *options, rc_cli_fn *fn)
{
	struct rc_cli_home home = {.cache_mib = VERB_CACHE_MIB};
	struct rc_error err = {.text = ""};
	enum rc_status status = rc_cli_home_open(rc_cli_folder(options), &home, &err);

	if (status != RC_OK)
		return rc_cli_end_configuration(status, &err);
	status = fn(&home, options, &err);
	rc_cli_home_close(&home);
	return rc_cli_end(status, &err);
}

enum rc_status rc_cli_file_status(enum rc_status status)
{
	return status == RC_ENOTFOUND ? RC_EIO : status;
}

int rc_cli_end(enum rc_status status, const struct rc_error *err)
{
	if (status != RC_OK)
		fprintf(stderr, "rollcall-server: %s\n", err->text);
	return rc_status_exit(status);
}

int rc_cli_end_configuration(enum rc_status status, const struct rc_error *err)
{
	int code = rc_cli_end(status, err);

	return code == rc_status_exit(RC_EIO) || code == rc_status_exit(RC_EBUG)
		   ? code
		   : RC_CLI_EXIT_CONFIGURATION;
}

enum rc_status rc_cli_print(const struct rc_buf *text, struct rc_error *err)
{
	enum rc_status status = rc_buf_status(text, err);

	if (status != RC_OK)
		return status;
	if (fwrite(rc_buf_text(text), 1, text->size, stdout) != text->size || fflush(stdout) != 0)
		return rc_fail_errno(err, errno, "writing to stdout");
	return RC_OK;
}
