/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CLI_LISTENERS_H
#define RC_CLI_LISTENERS_H
/* Where the server listens, and as whom. */
#include "server/cli/parse.h"
#include "server/cli/state.h"
#include "server/routes/routes.h"
#include "shared/options/options.h"
#include "shared/settings/settings.h"

/* What the administrator wants: the command line first, then the settings file, then the usual ports. */
struct rc_listen_wish {
	struct rc_endpoint device;
	struct rc_endpoint people;
	struct rc_endpoint operations;
	bool has_operations;
	char people_certificate[4096]; /* PEM files; "": plain HTTP, on loopback only */
	char people_key[4096];
	unsigned workers;
	bool has_short_names; /* kiosks show short names: told to them before anything is listened for */
	struct rc_limits_rate token_rate;
	struct rc_limits_rate address_rate; /* not on loopback: there all come from one address, their proxy's */
};

/* Reads the settings file. RC_EUSAGE: a value of the command line; RC_EFORMAT: one of the file, or the file itself. */
RC_CHECKED enum rc_status rc_listen_wish_read(const struct rc_options *options,
					      struct rc_listen_wish *wish, struct rc_error *err);

/* The keys of the settings file, and where it usually is. */
#define RC_LISTEN_SETTINGS_FILE "/etc/rollcall/server.conf"
extern const struct rc_settings_table rc_listen_settings;

/* Whether loaded settings make sense together, as rc_listen_wish_read would find without a command line. RC_EUSAGE, RC_EFORMAT. */
RC_CHECKED enum rc_status rc_listen_settings_check(const struct rc_settings *settings,
						   struct rc_error *err);

/* The listeners, bound. */
struct rc_listeners {
	struct rc_tls_context *device_tls;
	struct rc_tls_context *people_tls; /* NULL: plain HTTP */
	struct rc_limits *token_limits;
	struct rc_limits *address_limits;            /* NULL: none */
	char device_url[RC_ENROL_URL_MAX_CHARS + 1]; /* as kiosks know it, with the port that was bound */
	char api_url[RC_ENROL_URL_MAX_CHARS + 1];
	char operations_url[RC_ENROL_URL_MAX_CHARS + 1]; /* "": it isn't there */
};

/* Binds them; the operations listener may be missing, which is logged. What it made is in `listeners` also on failure: free it after the HTTP server. RC_ENET, RC_EUSAGE (certificate or key),
 * RC_ENOTFOUND and RC_EIO (their files). */
RC_CHECKED enum rc_status rc_listeners_add(struct rc_routes_app *app, const struct rc_cli_state *state,
					   const struct rc_listen_wish *wish,
					   struct rc_listeners *listeners, struct rc_error *err);
void rc_listeners_free(struct rc_listeners *listeners);

#endif
