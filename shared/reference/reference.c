/* SPDX-License-Identifier: Apache-2.0 */
/* Names, and the parsing that changes and entities share. */
#include "shared/reference/reference_priv.h"

static const char *const language_names[] = {[RC_LANGUAGE_ZH] = "zh", [RC_LANGUAGE_EN] = "en"};

const char *rc_language_name(enum rc_language language)
{
	return language_names[language];
}

enum rc_status rc_language_parse(struct rc_bytes name, enum rc_language *language)
{
	const size_t count = sizeof(language_names) / sizeof(language_names[0]);
	size_t place;

	if (!rc_bytes_find_name(name, language_names, count, &place))
		return RC_EFORMAT;
	*language = (enum rc_language)place;
	return RC_OK;
}

enum rc_status rc_reference__parse(struct rc_bytes text, struct rc_json **json, struct rc_error *err)
{
	struct rc_json *parsed = NULL;
	enum rc_status status =
	    rc_json_parse_within(text, RC_REFERENCE_LINE_MAX_BYTES, RC_JSON_DEPTH_MAX, &parsed, err);

	if (status != RC_OK)
		return status;
	if (rc_json_type(rc_json_root(parsed)) != RC_JSON_OBJECT) {
		rc_json_free(parsed);
		return rc_fail(err, RC_EFORMAT, "no object");
	}
	*json = parsed;
	return RC_OK;
}

enum rc_status rc_reference__get_name(const struct rc_json_value *object, const char *key,
				      const struct rc_reference__names *names, size_t *index,
				      struct rc_error *err)
{
	char text[RC_REFERENCE_CODE_MAX_BYTES + 1];
	enum rc_status status = rc_json_get_text(object, key, text, sizeof(text), err);

	if (status != RC_OK)
		return status;
	if (!rc_bytes_find_name(rc_bytes_of_text(text), names->names, names->count, index))
		return rc_fail(err, RC_EFORMAT, "\"%s\" is none of the values it may have", key);
	return RC_OK;
}
