/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CLI_HOME_H
#define RC_CLI_HOME_H
/*
 * The data folder: `secrets/`, and `rollcall.db` or, for a database elsewhere, `database` with its URL (it may hold a password, so
 * nobody else may read it). Every verb but `init` opens it, beside a running server too: SQLite lets two processes write by
 * turns, PostgreSQL as many as there are.
 */
#include "server/auth/secrets.h"
#include "server/cli/state.h"
#include "shared/options/options.h"

#define RC_CLI_FOLDER         "/var/lib/rollcall-server"
#define RC_CLI_PATH_MAX_CHARS 4095u
#define RC_CLI_URL_MAX_CHARS  (RC_CLI_PATH_MAX_CHARS + 16u) /* of a database */
#define RC_CLI_EXIT_CONFIGURATION                                                                  \
	3 /* no data folder, other secrets than the database's, settings that can't be */

struct rc_cli_home {
	const char *folder;
	size_t cache_mib; /* the caller's, before it is opened: see rc_db_options */
	struct rc_secrets secrets;
	struct rc_db *db; /* with the newest schema */
	struct rc_cli_state state;
};

/* The folder of --dir, or the usual one. */
const char *rc_cli_folder(const struct rc_options *options);

/* "FOLDER/NAME". RC_EUSAGE if that is too long for a path. */
RC_CHECKED enum rc_status rc_cli_path(const char *folder, const char *name,
				      char path[RC_CLI_PATH_MAX_CHARS + 1], struct rc_error *err);

/* RC_ENOTFOUND unless a server's database is there; opens nothing. */
RC_CHECKED enum rc_status rc_cli_folder_check(const char *folder, struct rc_error *err);

/* Where the database of a folder is: what `database` says, or the file beside it. RC_EDENIED: others can read `database`. */
RC_CHECKED enum rc_status rc_cli_database_url(const char *folder, char url[RC_CLI_URL_MAX_CHARS + 1],
					      struct rc_error *err);

/* Where to listen for news of other servers, past a pooler: what `database-direct` says; "" without that file. */
RC_CHECKED enum rc_status rc_cli_database_direct_url(const char *folder,
						     char url[RC_CLI_URL_MAX_CHARS + 1],
						     struct rc_error *err);

/* Writes `database` into a new folder. RC_EUSAGE: no postgres: URL, or one of several lines. */
RC_CHECKED enum rc_status rc_cli_database_set_url(const char *folder, const char *url,
						  struct rc_error *err);

/* Opens the database of a folder and brings its schema up; makes the file where there is none. `cache_mib` as in rc_db_options. */
RC_CHECKED enum rc_status rc_cli_database_open(const char *folder, size_t cache_mib,
					       struct rc_db **db, struct rc_error *err);

/* RC_ENOTFOUND: `init` was never run here; RC_EDENIED: the secrets are others than the database's, or readable by others. */
RC_CHECKED enum rc_status rc_cli_home_open(const char *folder, struct rc_cli_home *home,
					   struct rc_error *err);
void rc_cli_home_close(struct rc_cli_home *home);

/* What a verb does once the folder is open. */
typedef enum rc_status rc_cli_fn(const struct rc_cli_home *home, const struct rc_options *options,
				 struct rc_error *err);

/* Opens the folder, runs `fn`, closes, says on stderr what failed, and returns the exit status. */
RC_CHECKED int rc_cli_at_home(const struct rc_options *options, rc_cli_fn *fn);

/* Says on stderr what failed, if anything did, and returns the exit status for it. */
RC_CHECKED int rc_cli_end(enum rc_status status, const struct rc_error *err);

/* The same for what must be right before any work begins: 3, unless it is the disk or a bug. */
RC_CHECKED int rc_cli_end_configuration(enum rc_status status, const struct rc_error *err);

/* For a verb whose subject is a file: one that isn't there is a failure of the disk (4), no finding (1). */
enum rc_status rc_cli_file_status(enum rc_status status);

/* The one of two texts that is in the user's language; a macro, so that the compiler checks formats against their arguments. */
#define RC_CLI_TEXT(en, zh) (rc_options_language() == RC_OPTIONS_CHINESE ? (zh) : (en))

/* Writes to stdout. RC_EIO when that is a full disk or was closed before the start. */
RC_CHECKED enum rc_status rc_cli_print(const struct rc_buf *text, struct rc_error *err);

#endif
