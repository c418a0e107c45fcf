/* SPDX-License-Identifier: Apache-2.0 */
/* What a value must look like, type by type. */
#include "shared/base/utf8.h"
#include "shared/settings/settings_priv.h"

#include <inttypes.h>

#define PATH_MAX_BYTES 1023
#define URL_MAX_BYTES  1023

static enum rc_status check_int(const struct rc_setting_key *key, const char *value,
				int64_t *number, struct rc_error *err)
{
	const bool is_negative = value[0] == '-';
	const char *digits = value + is_negative;
	int64_t magnitude = 0;

	if (!digits[0] || strlen(digits) > 18 || strspn(digits, "0123456789") != strlen(digits))
		return rc_fail(err, RC_EUSAGE, "not a number in plain digits");
	for (; *digits; digits++)
		magnitude = magnitude * 10 + (*digits - '0');
	magnitude = is_negative ? -magnitude : magnitude;
	if (magnitude < key->min || magnitude > key->max)
		return rc_fail(err, RC_EUSAGE, "not within %" PRId64 " to %" PRId64, key->min, key->max);
	*number = magnitude;
	return RC_OK;
}

static enum rc_status check_bool(const char *value, int64_t *number, struct rc_error *err)
{
	static const char *const words[] = {"no", "yes", "false", "true", "off", "on"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(value, words[i]) != 0)
			continue;
		*number = (int64_t)(i % 2);
		return RC_OK;
	}
	return rc_fail(err, RC_EUSAGE, "neither yes nor no");
}

static enum rc_status check_text(const struct rc_setting_key *key, const char *value, struct rc_error *err)
{
	const int64_t size = (int64_t)strlen(value);

	if (size < key->min)
		return rc_fail(err, RC_EUSAGE, "shorter than %" PRId64 " bytes", key->min);
	if (key->max > 0 && size > key->max)
		return rc_fail(err, RC_EUSAGE, "longer than %" PRId64 " bytes", key->max);
	return RC_OK;
}

static enum rc_status check_path(const char *value, struct rc_error *err)
{
	const char *up = value;

	if (value[0] != '/' || strlen(value) > PATH_MAX_BYTES)
		return rc_fail(err, RC_EUSAGE, "not an absolute path of at most %d bytes", PATH_MAX_BYTES);
	while ((up = strstr(up, "/.."))) {
		up += 3;
		if (*up == '/' || *up == '\0')
			return rc_fail(err, RC_EUSAGE, "a path with \"..\"");
	}
	return RC_OK;
}

/* A name, an IPv4 address, or an IPv6 address in brackets; returns what is behind it, or NULL. */
static const char *pass_host(const char *host)
{
	size_t size;

	if (host[0] == '[') {
		size = strspn(host + 1, "0123456789abcdefABCDEF:.");
		return size > 1 && host[1 + size] == ']' ? host + size + 2 : NULL;
	}
	size = strspn(host, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-");
	return size > 0 && size <= 253 && host[0] != '-' && host[0] != '.' ? host + size : NULL;
}

static const char *pass_port(const char *port)
{
	size_t size;
	unsigned number = 0;

	if (*port != ':')
		return port;
	size = strspn(++port, "0123456789");
	if (size == 0 || size > 5)
		return NULL;
	for (size_t i = 0; i < size; i++)
		number = number * 10 + (unsigned)(port[i] - '0');
	return number >= 1 && number <= 65535 ? port + size : NULL;
}

static enum rc_status check_url(const char *value, bool must_be_https, struct rc_error *err)
{
	const bool is_http = strncmp(value, "http://", 7) == 0;
	const bool is_https = strncmp(value, "https://", 8) == 0;
	const char *rest;

	if (is_http && must_be_https)
		return rc_fail(err, RC_EUSAGE, "http:// is refused here, use https://");
	if ((!is_http && !is_https) || strlen(value) > URL_MAX_BYTES)
		return rc_fail(err, RC_EUSAGE, "not a URL that begins with %s",
			       must_be_https ? "https://" : "http:// or https://");
	rest = pass_host(value + (is_https ? 8 : 7));
	rest = rest ? pass_port(rest) : NULL;
	if (!rest || (*rest && *rest != '/') || strpbrk(rest, " \"<>\\^`{|}#"))
		return rc_fail(err, RC_EUSAGE, "a URL whose host, port or path is not well-formed");
	return RC_OK;
}

enum rc_status rc_settings__check(const struct rc_setting_key *key, const char *value,
				  int64_t *number, struct rc_error *err)
{
	if (!rc_utf8_is_plain(rc_bytes_of_text(value)))
		return rc_fail(err, RC_EUSAGE, "control or hidden characters, or not UTF-8");
	switch (key->type) {
	case RC_SETTING_TEXT:
		return check_text(key, value, err);
	case RC_SETTING_INT:
		return check_int(key, value, number, err);
	case RC_SETTING_BOOL:
		return check_bool(value, number, err);
	case RC_SETTING_PATH:
		return check_path(value, err);
	case RC_SETTING_URL:
		return check_url(value, false, err);
	case RC_SETTING_HTTPS_URL:
		return check_url(value, true, err);
	}
	return RC_EBUG;
}
