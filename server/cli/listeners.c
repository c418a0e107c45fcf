/* SPDX-License-Identifier: Apache-2.0 */
#include "server/cli/listeners.h"

#include "server/cli/files.h"
#include "server/cli/leaf.h"
#include "shared/base/log.h"
#include "shared/crypto/pem.h"
#include "shared/settings/settings.h"

#include <stdio.h>
#include <unistd.h>

#define BEHIND_PROXY                                                                               \
	10000u /* connections: on loopback all people come from one address, their proxy's */

static const struct rc_setting_key keys[] = {
    {.section = "server",
     .name = "device",
     .type = RC_SETTING_TEXT,
     .default_value = "0.0.0.0:8443",
     .help_en = "where kiosks are listened for: ADDRESS:PORT, [::]:8443 for IPv6 too",
     .help_zh = "签到机的监听地址：地址:端口；[::]:8443 同时支持 IPv6"},
    {.section = "server",
     .name = "people",
     .type = RC_SETTING_TEXT,
     .default_value = "127.0.0.1:8080",
     .help_en = "where people and programs are listened for",
     .help_zh = "人员和程序的监听地址"},
    {.section = "server",
     .name = "people_certificate",
     .type = RC_SETTING_PATH,
     .help_en = "PEM chain for the people's listener; without it, only loopback",
     .help_zh = "人员监听地址的 PEM 证书链；没有时只能用回环地址"},
    {.section = "server",
     .name = "people_key",
     .type = RC_SETTING_PATH,
     .help_en = "PEM key that belongs to it",
     .help_zh = "对应的 PEM 私钥"},
    {.section = "server",
     .name = "operations",
     .type = RC_SETTING_TEXT,
     .default_value = "127.0.0.1:9464",
     .help_en = "where whoever watches the server is listened for: metrics and health, without a "
		"token, so a loopback address; none: nowhere",
     .help_zh = "监控的监听地址：指标与健康状态，无需令牌，因此只能用回环地址；none 表示不监听"},
    {.section = "server",
     .name = "workers",
     .type = RC_SETTING_INT,
     .min = 1,
     .max = 256,
     .default_value = "32",
     .help_en = "threads that answer requests",
     .help_zh = "处理请求的线程数"},
    {.section = "limits",
     .name = "token_per_minute",
     .type = RC_SETTING_INT,
     .min = 0,
     .max = 1000000,
     .default_value = "3000",
     .help_en = "requests a token may make in the long run; 0: no limit",
     .help_zh = "每个令牌每分钟的请求数上限；0 表示不限"},
    {.section = "limits",
     .name = "token_burst",
     .type = RC_SETTING_INT,
     .min = 1,
     .max = 100000,
     .default_value = "600",
     .help_en = "requests a token may make at once after a quiet time",
     .help_zh = "令牌空闲后可一次连续发出的请求数"},
    {.section = "limits",
     .name = "address_per_minute",
     .type = RC_SETTING_INT,
     .min = 0,
     .max = 1000000,
     .default_value = "6000",
     .help_en = "the same of an address, with a good token or without; 0: no limit. Not on "
		"loopback, where all come through a proxy",
     .help_zh = "每个地址每分钟的请求数上限（不论令牌是否有效）；0 "
		"表示不限。回环地址不适用，因请求都来自代理"},
    {.section = "limits",
     .name = "address_burst",
     .type = RC_SETTING_INT,
     .min = 1,
     .max = 100000,
     .default_value = "1200",
     .help_en = "requests an address may make at once after a quiet time",
     .help_zh = "地址空闲后可一次连续发出的请求数"},
    {.section = "kiosk",
     .name = "names",
     .type = RC_SETTING_TEXT,
     .default_value = "full",
     .help_en = "how kiosks show who is signed in: full, or short (张*伟, Anna K.)",
     .help_zh = "签到机如何显示姓名：full 为全名，short 为缩写（张*伟、Anna K.）"},
};
const struct rc_settings_table rc_listen_settings = {keys, sizeof(keys) / sizeof(keys[0])};

/* ---- what is wanted ---- */

/* The command line goes before the file; `options` is NULL where the file alone is looked at. */
static const char *choose(const struct rc_options *options, const char *option,
			  const struct rc_settings *settings, const char *key)
{
	const char *given = options ? rc_options_text(options, option) : NULL;

	return given ? given : rc_settings_text(settings, "server", key);
}

static enum rc_status choose_endpoint(const struct rc_options *options, const char *name,
				      const struct rc_settings *settings,
				      struct rc_endpoint *endpoint, struct rc_error *err)
{
	enum rc_status status = rc_endpoint_parse(choose(options, name, settings, name), endpoint, err);

	if (status == RC_OK || (options && rc_options_has(options, name)))
		return status;
	return rc_error_in(err, RC_EFORMAT, "%s: server.%s",
			   rc_settings_origin(settings, "server", name), name);
}

static enum rc_status choose_operations(const struct rc_options *options,
					const struct rc_settings *settings,
					struct rc_listen_wish *wish, struct rc_error *err)
{
	enum rc_status status;

	wish->has_operations =
	    strcmp(choose(options, "operations", settings, "operations"), "none") != 0;
	if (!wish->has_operations)
		return RC_OK;
	status = choose_endpoint(options, "operations", settings, &wish->operations, err);
	if (status == RC_OK && !wish->operations.is_loopback)
		return rc_fail(err, RC_EUSAGE,
			       "operations: %s can be reached from elsewhere, and who asks there "
			       "shows no token: "
			       "give a loopback address, or none",
			       wish->operations.host);
	return status;
}

static enum rc_status take_path(const char *path, char *to, size_t size, struct rc_error *err)
{
	if (rc_text_copy(path ? path : "", to, size))
		return RC_OK;
	return rc_fail(err, RC_EUSAGE, "a path is too long");
}

static enum rc_status check_people(const struct rc_listen_wish *wish, struct rc_error *err)
{
	bool has_certificate = wish->people_certificate[0], has_key = wish->people_key[0];

	if (has_certificate != has_key)
		return rc_fail(err, RC_EUSAGE, "--people-certificate and --people-key belong together");
	if (!has_certificate && !wish->people.is_loopback)
		return rc_fail(err, RC_EUSAGE,
			       "%s can be reached from elsewhere and so needs TLS: give "
			       "--people-certificate and "
			       "--people-key, or a loopback address behind a proxy",
			       wish->people.host);
	return RC_OK;
}

static struct rc_limits_rate read_rate(const struct rc_settings *settings, const char *per_minute,
				       const char *burst)
{
	return (struct rc_limits_rate){
	    .per_minute = (unsigned)rc_settings_int(settings, "limits", per_minute),
	    .burst = (unsigned)rc_settings_int(settings, "limits", burst),
	};
}

static enum rc_status choose_names(const struct rc_settings *settings, struct rc_listen_wish *wish,
				   struct rc_error *err)
{
	const char *names = rc_settings_text(settings, "kiosk", "names");

	wish->has_short_names = strcmp(names, "short") == 0;
	if (wish->has_short_names || strcmp(names, "full") == 0)
		return RC_OK;
	return rc_fail(err, RC_EFORMAT, "%s: kiosk.names is full or short, not %s",
		       rc_settings_origin(settings, "kiosk", "names"), names);
}

static enum rc_status read_wish(const struct rc_options *options, const struct rc_settings *settings,
				struct rc_listen_wish *wish, struct rc_error *err)
{
	enum rc_status status = choose_endpoint(options, "device", settings, &wish->device, err);

	if (status == RC_OK)
		status = choose_endpoint(options, "people", settings, &wish->people, err);
	if (status == RC_OK)
		status = choose_operations(options, settings, wish, err);
	if (status == RC_OK)
		status = choose_names(settings, wish, err);
	if (status == RC_OK)
		status = take_path(choose(options, "people-certificate", settings, "people_certificate"),
				   wish->people_certificate, sizeof(wish->people_certificate), err);
	if (status == RC_OK)
		status = take_path(choose(options, "people-key", settings, "people_key"),
				   wish->people_key, sizeof(wish->people_key), err);
	if (status != RC_OK)
		return status;
	wish->workers = (unsigned)rc_settings_int(settings, "server", "workers");
	wish->token_rate = read_rate(settings, "token_per_minute", "token_burst");
	wish->address_rate = read_rate(settings, "address_per_minute", "address_burst");
	return check_people(wish, err);
}

enum rc_status rc_listen_wish_read(const struct rc_options *options, struct rc_listen_wish *wish,
				   struct rc_error *err)
{
	RC_AUTO(rc_settings_free_p) struct rc_settings *settings = NULL;
	enum rc_status status = rc_settings_open(&rc_listen_settings, rc_options_text(options, "config"),
						 RC_LISTEN_SETTINGS_FILE, &settings, err);

	return status == RC_OK ? read_wish(options, settings, wish, err) : status;
}

enum rc_status rc_listen_settings_check(const struct rc_settings *settings, struct rc_error *err)
{
	struct rc_listen_wish wish;

	return read_wish(NULL, settings, &wish, err);
}

/* ---- the device listener ---- */

/* The URL that kiosks have, with the port that was bound: they differ where any free port was asked for. */
static void name_device(const char *url, uint16_t port, char name[RC_ENROL_URL_MAX_CHARS + 1])
{
	struct rc_bytes host = rc_bytes_of(NULL, 0);
	uint16_t stated;
	bool is_ipv6;

	(void)rc_enrol_url_split(rc_bytes_of_text(url), &host, &stated);
	is_ipv6 = host.size > 0 && memchr(host.data, ':', host.size) != NULL;
	(void)snprintf(name, RC_ENROL_URL_MAX_CHARS + 1, is_ipv6 ? "https://[%.*s]:%u" : "https://%.*s:%u",
		       (int)host.size, (const char *)host.data, (unsigned)port);
}

static enum rc_status add_device(struct rc_routes_app *app, const struct rc_cli_state *state,
				 const struct rc_listen_wish *wish, struct rc_listeners *listeners,
				 struct rc_error *err)
{
	uint16_t port = 0;
	const int64_t now_ms = rc_clock_now_ms(app->clock);
	enum rc_status status =
	    rc_leaf_context_new(app->secrets, state->device_url, now_ms, &listeners->device_tls, err);
	const struct rc_http_listener_config config = {
	    .address = wish->device.host,
	    .port = wish->device.port,
	    .tls = listeners->device_tls,
	    .routes = rc_routes_device,
	    .route_count = rc_routes_device_count,
	    .app = app,
	    .admit = rc_routes_admit_device,
	};

	if (status == RC_OK)
		status = rc_http_server_add_listener(app->http, &config, &port, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "device listener");
	name_device(state->device_url, port, listeners->device_url);
	rc_metrics_set_listener_until(app->metrics, now_ms + RC_LEAF_MS);
	return RC_OK;
}

/* ---- the people's listener ---- */

static enum rc_status load_people_tls(const struct rc_listen_wish *wish,
				      struct rc_tls_context **context, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf certificate, key;
	struct rc_tls_identity identity = {.client_ca_count = 0};
	enum rc_status status;

	rc_buf_init(&certificate, RC_PEM_MAX_BYTES);
	rc_buf_init(&key, RC_PEM_MAX_BYTES);
	status = rc_cli_file_read(wish->people_certificate, &certificate, err);
	if (status == RC_OK)
		status = rc_cli_file_read(wish->people_key, &key, err);
	identity.certificates = rc_buf_bytes(&certificate);
	identity.key = rc_buf_bytes(&key);
	if (status == RC_OK)
		status = rc_tls_context_new(&identity, context, err);
	if (key.data)
		rc_wipe(key.data, key.size);
	return status;
}

/* As this machine reaches it. */
static void name_api(const struct rc_listen_wish *wish, uint16_t port,
		     char name[RC_ENROL_URL_MAX_CHARS + 1])
{
	const struct rc_endpoint *people = &wish->people;
	const char *host = people->is_wildcard ? people->is_ipv6 ? "::1" : "127.0.0.1" : people->host;
	bool has_brackets = strchr(host, ':') != NULL;

	(void)snprintf(name, RC_ENROL_URL_MAX_CHARS + 1, has_brackets ? "%s://[%s]:%u" : "%s://%s:%u",
		       wish->people_certificate[0] ? "https" : "http", host, (unsigned)port);
}

static enum rc_status add_people(struct rc_routes_app *app, const struct rc_listen_wish *wish,
				 struct rc_listeners *listeners, struct rc_error *err)
{
	uint16_t port = 0;
	enum rc_status status = RC_OK;
	struct rc_http_listener_config config = {
	    .address = wish->people.host,
	    .port = wish->people.port,
	    .routes = rc_routes_people,
	    .route_count = rc_routes_people_count,
	    .max_connections_per_address = wish->people.is_loopback ? BEHIND_PROXY : 0,
	    .app = app,
	    .admit = rc_routes_admit_people,
	};

	if (wish->people_certificate[0])
		status = load_people_tls(wish, &listeners->people_tls, err);
	config.tls = listeners->people_tls;
	if (status == RC_OK)
		status = rc_http_server_add_listener(app->http, &config, &port, err);
	if (status != RC_OK)
		return rc_error_in(err, status, "people's listener");
	name_api(wish, port, listeners->api_url);
	return RC_OK;
}

/* ---- the operations listener ---- */

/* Doors go on without it: a port that another program has is no reason to take nobody's attendance. */
static void add_operations(struct rc_routes_app *app, const struct rc_listen_wish *wish,
			   struct rc_listeners *listeners)
{
	const struct rc_endpoint *operations = &wish->operations;
	struct rc_error err = {.text = ""};
	uint16_t port = 0;
	const struct rc_http_listener_config config = {
	    .address = operations->host,
	    .port = operations->port,
	    .routes = rc_routes_operations,
	    .route_count = rc_routes_operations_count,
	    .app = app,
	};

	if (!wish->has_operations)
		return;
	if (rc_http_server_add_listener(app->http, &config, &port, &err) != RC_OK) {
		rc_log_failure("nobody can watch this server: its operations listener isn't there", &err);
		return;
	}
	(void)snprintf(listeners->operations_url, sizeof(listeners->operations_url),
		       operations->is_ipv6 ? "http://[%s]:%u" : "http://%s:%u", operations->host,
		       (unsigned)port);
}

/* A NULL is no limit to the routes, so what has no memory must be an error. */
static enum rc_status add_limits(struct rc_routes_app *app, const struct rc_listen_wish *wish,
				 struct rc_listeners *listeners, struct rc_error *err)
{
	listeners->token_limits = rc_limits_new(&wish->token_rate);
	if (!wish->people.is_loopback)
		listeners->address_limits = rc_limits_new(&wish->address_rate);
	if (!listeners->token_limits || (!wish->people.is_loopback && !listeners->address_limits))
		return rc_fail(err, RC_ENOMEM, "no memory for limits");
	app->token_limits = listeners->token_limits;
	app->address_limits = listeners->address_limits;
	return RC_OK;
}

enum rc_status rc_listeners_add(struct rc_routes_app *app, const struct rc_cli_state *state,
				const struct rc_listen_wish *wish, struct rc_listeners *listeners,
				struct rc_error *err)
{
	enum rc_status status;

	memset(listeners, 0, sizeof(*listeners));
	status = add_limits(app, wish, listeners, err);
	if (status == RC_OK)
		status = add_device(app, state, wish, listeners, err);
	if (status == RC_OK)
		status = add_people(app, wish, listeners, err);
	if (status == RC_OK)
		add_operations(app, wish, listeners);
	return status;
}

void rc_listeners_free(struct rc_listeners *listeners)
{
	if (listeners->device_tls)
		rc_tls_context_free(listeners->device_tls);
	if (listeners->people_tls)
		rc_tls_context_free(listeners->people_tls);
	rc_limits_free(listeners->token_limits);
	rc_limits_free(listeners->address_limits);
	memset(listeners, 0, sizeof(*listeners));
}
