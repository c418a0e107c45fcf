/* SPDX-License-Identifier: Apache-2.0 */
/* `serve`: the folder is opened, both listeners are bound, and only then somebody is told; on SIGTERM what is under way ends first. */
#include "server/backup/backup.h"
#include "server/changes/changes.h"
#include "server/cli/home.h"
#include "server/cli/listeners.h"
#include "server/cli/verbs.h"
#include "server/cli/watch.h"
#include "shared/base/log.h"
#include "shared/crypto/certificate.h"
#include "shared/file/file.h"
#include "shared/json/write.h"
#include "shared/notify/notify.h"
#include "shared/reference/reference.h"

#include <fcntl.h>
#include <unistd.h>

struct service {
	struct rc_routes_app app;
	struct rc_listeners listeners;
	struct rc_watch watch;
	const char *run_file; /* NULL: none */
};

static enum rc_status announce(const struct service *service, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf json;

	rc_buf_init(&json, 4096);
	rc_log(RC_LOG_NOTICE, "listening", "device", service->listeners.device_url, "api",
	       service->listeners.api_url, "operations", service->listeners.operations_url, NULL);
	if (!service->run_file)
		return RC_OK;
	rc_json_open(&json, '{');
	rc_json_member_text(&json, "api", service->listeners.api_url);
	rc_json_member_text(&json, "device", service->listeners.device_url);
	rc_json_member_text(&json, "operations", service->listeners.operations_url);
	rc_json_member_int(&json, "pid", getpid());
	rc_json_close(&json, '}');
	rc_buf_append_char(&json, '\n');
	if (rc_buf_status(&json, err) != RC_OK)
		return json.status;
	return rc_file_replace(AT_FDCWD, service->run_file, 0644, rc_buf_bytes(&json), err);
}

static enum rc_status run(struct service *service, const struct rc_cli_home *home, struct rc_error *err)
{
	char direct_url[RC_CLI_URL_MAX_CHARS + 1];
	enum rc_status status = rc_cli_database_direct_url(home->folder, direct_url, err);

	if (status != RC_OK)
		return status;
	service->watch = (struct rc_watch){
	    .http = service->app.http,
	    .db = home->db,
	    .secrets = &home->secrets,
	    .device_url = home->state.device_url,
	    .device_tls = service->listeners.device_tls,
	    .metrics = service->app.metrics,
	    .direct_url = direct_url,
	};
	status = rc_watch_start(&service->watch, err);
	if (status != RC_OK)
		return status;
	status = announce(service, err);
	if (status == RC_OK) {
		rc_notify_tell(RC_NOTIFY_READY);
		status = rc_http_server_run(service->app.http, err);
	}
	rc_notify_tell(RC_NOTIFY_STOPPING);
	rc_watch_stop(&service->watch);
	if (service->run_file)
		(void)unlink(service->run_file);
	if (status == RC_OK)
		rc_log(RC_LOG_NOTICE, "stopped", NULL);
	return status;
}

/* What counts, from the HTTP server on. `path` is borrowed as long. */
static enum rc_status make_metrics(struct service *service, const struct rc_cli_home *home,
				   char path[RC_CLI_PATH_MAX_CHARS + 1], struct rc_error *err)
{
	struct rc_metrics_sources sources = {
	    .db = home->db,
	    .http = service->app.http,
	    .clock = service->app.clock,
	    .version = RC_VERSION,
	    .backup_file = path,
	};
	struct rc_certificate ca;
	enum rc_status status = rc_cli_path(home->folder, RC_BACKUP_LAST_FILE, path, err);

	if (status == RC_OK)
		status = rc_certificate_read(rc_buf_bytes(&home->secrets.ca_der), &ca, err);
	if (status != RC_OK)
		return status;
	sources.ca_until_ms = ca.validity.not_after_ms;
	service->app.metrics = rc_metrics_new(&sources);
	return service->app.metrics ? RC_OK : rc_fail(err, RC_ENOMEM, "no memory for metrics");
}

static enum rc_status serve(const struct rc_cli_home *home, const struct rc_listen_wish *wish,
			    const char *run_file, struct rc_error *err)
{
	struct service service = {
	    .app = {.db = home->db,
		    .secrets = &home->secrets,
		    .server = {.organisation = home->state.organisation, .epoch = home->state.epoch},
		    .clock = rc_clock_system(),
		    .device_url = home->state.device_url},
	    .run_file = run_file,
	};
	char backup_file[RC_CLI_PATH_MAX_CHARS + 1];
	struct rc_http_settings settings;
	enum rc_status status;

	rc_http_settings_default(&settings);
	settings.worker_count = wish->workers;
	status = rc_http_server_new(&settings, &service.app.http, err);
	if (status != RC_OK)
		return status;
	status = make_metrics(&service, home, backup_file, err);
	if (status == RC_OK)
		status = rc_listeners_add(&service.app, &home->state, wish, &service.listeners, err);
	if (status == RC_OK)
		status = run(&service, home, err);
	rc_http_server_free(service.app.http);
	rc_listeners_free(&service.listeners);
	rc_metrics_free(service.app.metrics);
	return status;
}

/* A folder of an older version has no key yet that kiosks can seal to. */
static enum rc_status tell_seal_key(struct rc_cli_home *home, struct rc_error *err)
{
	char path[RC_CLI_PATH_MAX_CHARS + 1];
	const bool is_new = !home->secrets.seal_key;
	bool is_news = false;
	enum rc_status status = rc_cli_path(home->folder, "secrets", path, err);

	if (status == RC_OK)
		status = rc_secrets_complete(path, &home->secrets, err);
	if (status == RC_OK && is_new)
		rc_log(RC_LOG_NOTICE, "made seal.key: keep a copy with the other secrets", NULL);
	if (status == RC_OK)
		status = rc_secrets_publish(home->db, &home->secrets,
					    rc_clock_now_ms(rc_clock_system()), &is_news, err);
	if (status == RC_OK && is_news)
		rc_log(RC_LOG_NOTICE, "kiosks hear of a new key to seal to", NULL);
	return status;
}

/* Kiosks show full names until they are told otherwise. */
static enum rc_status tell_names(const struct rc_cli_home *home, const struct rc_listen_wish *wish,
				 struct rc_error *err)
{
	struct rc_changes_told told = {
	    .entity = RC_ENTITY_SETTING, .id = "kiosk.names", .is_usual = !wish->has_short_names};
	struct rc_ref_setting setting = {.value = "full"};
	char memory[128];
	struct rc_buf payload;
	bool is_news = false;
	enum rc_status status;

	if (wish->has_short_names)
		(void)rc_text_copy("short", setting.value, sizeof(setting.value));
	rc_buf_init_fixed(&payload, memory, sizeof(memory));
	rc_ref_setting_encode(&setting, &payload);
	told.payload = rc_buf_bytes(&payload);
	status = rc_changes_tell(home->db, &told, rc_clock_now_ms(rc_clock_system()), &is_news, err);
	if (status == RC_OK && is_news)
		rc_log(RC_LOG_NOTICE, "kiosks hear how names are shown", "names", setting.value, NULL);
	return status;
}

int rc_cli_serve(const struct rc_options *options)
{
	struct rc_error err = {.text = ""};
	struct rc_listen_wish wish;
	struct rc_cli_home home = {.cache_mib = 0};
	enum rc_status status = rc_listen_wish_read(options, &wish, &err);

	if (status == RC_EUSAGE)
		return rc_cli_end(status, &err);
	if (status != RC_OK)
		return rc_cli_end_configuration(status, &err);
	rc_watch_block_signals(); /* before the database starts its thread */
	status = rc_cli_home_open(rc_cli_folder(options), &home, &err);
	if (status != RC_OK)
		return rc_cli_end_configuration(status, &err);
	status = tell_seal_key(&home, &err);
	if (status == RC_OK)
		status = tell_names(&home, &wish, &err);
	if (status == RC_OK)
		status = serve(&home, &wish, rc_options_text(options, "run-file"), &err);
	rc_cli_home_close(&home);
	/* What is denied here is a folder of secrets that lacks one. */
	return status == RC_EDENIED ? rc_cli_end_configuration(status, &err) : rc_cli_end(status, &err);
}
