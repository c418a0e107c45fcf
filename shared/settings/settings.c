/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inih finds sections, names and values. It tells neither lines nor more than its first fault, so lines are fed to it one by one:
 * the reader counts them, and a line that is no comment, no section and brought no value is a fault of its own.
 */
#include "shared/base/arena.h"
#include "shared/base/utf8.h"
#include "shared/settings/settings_priv.h"

#include <assert.h>
#include <ini.h>
#include <inttypes.h>
#include <stdlib.h>

#define FINDINGS_MAX_BYTES 262144u
#define ARENA_MAX_BYTES    4194304u
#define LINE_MAX_BYTES     198u /* what inih takes, as Debian builds it */

struct value {
	const char *text; /* NULL: not set; in the arena, or the table's default */
	int64_t number;
	const char *origin;
	unsigned line; /* in the file that is being read; 0: not there */
};

struct rc_settings {
	const struct rc_settings_table *table;
	struct rc_arena arena;
	struct value values[];
};

/* ---- findings ------------------------------------------------------------------------------------------------------------ */

void rc_settings_findings_init(struct rc_settings_findings *findings)
{
	memset(findings, 0, sizeof(*findings));
	rc_buf_init(&findings->text, FINDINGS_MAX_BYTES);
}

void rc_settings_findings_deinit(struct rc_settings_findings *findings)
{
	rc_buf_deinit(&findings->text);
}

void rc_settings__note(struct rc_settings_findings *findings, bool is_error, const char *file,
		       unsigned line, const char *what)
{
	if (is_error)
		findings->errors++;
	else
		findings->warnings++;
	if (line)
		rc_buf_printf(&findings->text, "%s:%u: %s: %s\n", file, line,
			      is_error ? "error" : "warning", what);
	else
		rc_buf_printf(&findings->text, "%s: %s: %s\n", file, is_error ? "error" : "warning", what);
}

/* ---- life ---------------------------------------------------------------------------------------------------------------- */

static void set_default(const struct rc_setting_key *key, struct value *value)
{
	struct rc_error err;
	enum rc_status status;

	value->origin = "default";
	value->text = key->default_value;
	if (!key->default_value)
		return;
	status = rc_settings__check(key, key->default_value, &value->number, &err);
	assert(status == RC_OK); /* a table whose default is out of its own bounds */
	(void)status;
}

struct rc_settings *rc_settings_new(const struct rc_settings_table *table)
{
	struct rc_settings *settings =
	    calloc(1, sizeof(*settings) + table->count * sizeof(settings->values[0]));

	if (!settings)
		return NULL;
	settings->table = table;
	rc_arena_init(&settings->arena, ARENA_MAX_BYTES);
	for (size_t i = 0; i < table->count; i++)
		set_default(&table->keys[i], &settings->values[i]);
	return settings;
}

void rc_settings_free(struct rc_settings *settings)
{
	if (!settings)
		return;
	rc_arena_deinit(&settings->arena);
	free(settings);
}

/* The place of a key, or the table's count. */
static size_t find_key(const struct rc_settings *settings, const char *section, const char *name)
{
	size_t i = 0;

	for (; i < settings->table->count; i++) {
		const struct rc_setting_key *key = &settings->table->keys[i];

		if (strcmp(key->name, name) == 0 && strcmp(key->section, section) == 0)
			break;
	}
	return i;
}

/* `origin` is copied. */
static enum rc_status set_value(struct rc_settings *settings, size_t place, const char *text,
				const char *origin, struct rc_error *err)
{
	struct value *value = &settings->values[place];
	const char *kept, *kept_origin;
	int64_t number = 0;
	enum rc_status status = rc_settings__check(&settings->table->keys[place], text, &number, err);

	if (status != RC_OK)
		return status;
	kept = rc_arena_copy(&settings->arena, rc_bytes_of_text(text));
	kept_origin = rc_arena_copy(&settings->arena, rc_bytes_of_text(origin));
	if (!kept || !kept_origin)
		return rc_fail(err, RC_ENOMEM, "no memory");
	value->text = kept;
	value->number = number;
	value->origin = kept_origin;
	return RC_OK;
}

enum rc_status rc_settings_set(struct rc_settings *settings, const char *section, const char *name,
			       const char *value, const char *origin, struct rc_error *err)
{
	const size_t place = find_key(settings, section, name);
	enum rc_status status;

	if (place == settings->table->count)
		return rc_fail(err, RC_EUSAGE, "there is no setting %s.%s", section, name);
	status = set_value(settings, place, value, origin, err);
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "%s.%s", section, name);
}

/* ---- one file ------------------------------------------------------------------------------------------------------------- */

struct reading {
	struct rc_settings *settings;
	struct rc_settings_findings *findings;
	const char *file;
	struct rc_bytes rest; /* what was not fed yet */
	unsigned line;        /* the one that inih has */
	bool needs_value;     /* that line must bring a value */
};

static void note(struct reading *reading, bool is_error, const char *what)
{
	rc_settings__note(reading->findings, is_error, reading->file, reading->line, what);
}

/* Cuts the next line off, without its end. */
static struct rc_bytes next_line(struct reading *reading)
{
	const uint8_t *feed = memchr(reading->rest.data, '\n', reading->rest.size);
	struct rc_bytes line = reading->rest;
	size_t taken = reading->rest.size;

	if (feed) {
		line.size = (size_t)(feed - line.data);
		taken = line.size + 1;
	}
	reading->rest = rc_bytes_of(reading->rest.data + taken, reading->rest.size - taken);
	if (line.size > 0 && line.data[line.size - 1] == '\r')
		line.size--;
	return line;
}

static bool has_control(struct rc_bytes line)
{
	for (size_t i = 0; i < line.size; i++) {
		if ((line.data[i] < 0x20 && line.data[i] != '\t') || line.data[i] == 0x7F)
			return true;
	}
	return false;
}

static bool is_blank(struct rc_bytes line)
{
	for (size_t i = 0; i < line.size; i++) {
		if (line.data[i] != ' ' && line.data[i] != '\t')
			return false;
	}
	return true;
}

/* Why inih should not see a line, or NULL. */
static const char *fault_of_line(struct rc_bytes line, int room)
{
	if (line.size + 2 > (size_t)room)
		return "the line is too long";
	if (!rc_utf8_is_valid(line))
		return "the line is not UTF-8";
	if (has_control(line))
		return "control characters in the line";
	if (line.data[0] == ' ' || line.data[0] == '\t')
		return "the line begins with white space";
	if (line.data[0] == '[' && !memchr(line.data, ']', line.size))
		return "a section without its ]";
	if (line.data[0] == '[' && line.data[1] == ']')
		return "a section without a name";
	return NULL;
}

static void end_line(struct reading *reading)
{
	if (reading->needs_value)
		note(reading, true, "no section, no comment and no \"name = value\"");
	reading->needs_value = false;
}

/* inih's reader, in the manner of fgets(). */
static char *feed_line(char *to, int room, void *stream)
{
	struct reading *reading = stream;
	struct rc_bytes line;
	const char *fault;

	end_line(reading);
	if (reading->rest.size == 0)
		return NULL;
	line = next_line(reading);
	reading->line++;
	if (!is_blank(line)) {
		fault = fault_of_line(line, room);
		if (fault)
			note(reading, true, fault);
		if (fault)
			line.size = 0;
	} else {
		line.size = 0;
	}
	memcpy(to, line.data, line.size);
	memcpy(to + line.size, "\n", 2);
	reading->needs_value = line.size > 0 && !strchr("[;#", to[0]);
	return to;
}

static void take_value(struct reading *reading, size_t place, const char *text)
{
	const struct rc_setting_key *key = &reading->settings->table->keys[place];
	struct value *value = &reading->settings->values[place];
	char origin[RC_ERROR_MAX_BYTES];
	struct rc_error err;
	enum rc_status status;

	if (value->line) {
		(void)rc_fail(&err, RC_EUSAGE, "%s.%s stands in line %u already", key->section,
			      key->name, value->line);
		note(reading, true, err.text);
		return;
	}
	value->line = reading->line;
	(void)snprintf(origin, sizeof(origin), "%s:%u", reading->file, reading->line);
	status = set_value(reading->settings, place, text, origin, &err);
	if (status == RC_OK)
		return;
	(void)rc_error_in(&err, status, "%s.%s", key->section, key->name);
	note(reading, true, err.text);
}

/* inih's handler: always content, so that it goes on. */
static int handle(void *user, const char *section, const char *name, const char *value)
{
	struct reading *reading = user;
	const size_t place = find_key(reading->settings, section, name);
	struct rc_error err;

	reading->needs_value = false;
	if (place < reading->settings->table->count) {
		take_value(reading, place, value);
		return 1;
	}
	(void)rc_fail(&err, RC_EUSAGE, "there is no setting %s.%s", section, name);
	note(reading, false, err.text);
	return 1;
}

/* The same object is inih's stream and its user. */
void rc_settings_take(struct rc_settings *settings, const char *file, struct rc_bytes content,
		      struct rc_settings_findings *findings)
{
	static const uint8_t bom[] = {0xEF, 0xBB, 0xBF};
	struct reading reading = {.settings = settings, .findings = findings, .file = file, .rest = content};

	if (content.size > RC_SETTINGS_FILE_MAX_BYTES) {
		rc_settings__note(findings, true, file, 0, "the file is over the limit of 1 MiB");
		return;
	}
	if (content.size >= sizeof(bom) && memcmp(content.data, bom, sizeof(bom)) == 0)
		reading.rest = rc_bytes_of(content.data + sizeof(bom), content.size - sizeof(bom));
	for (size_t i = 0; i < settings->table->count; i++)
		settings->values[i].line = 0;
	if (ini_parse_stream(feed_line, &reading, handle, &reading) < 0)
		rc_settings__note(findings, true, file, 0, "no memory to read it");
}

void rc_settings_finish(const struct rc_settings *settings, struct rc_settings_findings *findings)
{
	for (size_t i = 0; i < settings->table->count; i++) {
		const struct rc_setting_key *key = &settings->table->keys[i];
		char what[RC_ERROR_MAX_BYTES];

		if (!key->is_required || settings->values[i].text)
			continue;
		(void)snprintf(what, sizeof(what), "%s.%s must be set", key->section, key->name);
		rc_settings__note(findings, true, "settings", 0, what);
	}
}

/* ---- values ----------------------------------------------------------------------------------------------------------------- */

static const struct value *get_value(const struct rc_settings *settings, const char *section,
				     const char *name, bool is_number)
{
	const size_t place = find_key(settings, section, name);
	enum rc_setting_type type;

	assert(place < settings->table->count);
	type = settings->table->keys[place].type;
	assert(is_number == (type == RC_SETTING_INT || type == RC_SETTING_BOOL));
	(void)type;
	(void)is_number;
	return &settings->values[place];
}

const char *rc_settings_text(const struct rc_settings *settings, const char *section, const char *name)
{
	return get_value(settings, section, name, false)->text;
}

int64_t rc_settings_int(const struct rc_settings *settings, const char *section, const char *name)
{
	return get_value(settings, section, name, true)->number;
}

bool rc_settings_bool(const struct rc_settings *settings, const char *section, const char *name)
{
	return get_value(settings, section, name, true)->number != 0;
}

const char *rc_settings_origin(const struct rc_settings *settings, const char *section, const char *name)
{
	const size_t place = find_key(settings, section, name);

	assert(place < settings->table->count);
	return settings->values[place].origin;
}

/* A section's line, where it differs from the one before. */
static void append_section(const struct rc_settings_table *table, size_t i, struct rc_buf *text)
{
	if (i > 0 && strcmp(table->keys[i].section, table->keys[i - 1].section) == 0)
		return;
	rc_buf_printf(text, "%s[%s]\n", i > 0 ? "\n" : "", table->keys[i].section);
}

/*
 * The origin stands behind the value, or, where the line would be too long to be read again, above it: its end, which has the line.
 * No space before a value that would fill its line, or that begins like a comment.
 */
static void append_value(const char *name, const struct value *value, struct rc_buf *text)
{
	const size_t name_size = strlen(name), value_size = strlen(value->text);
	const bool has_room = value->text[0] != ';' && name_size + 3 + value_size <= LINE_MAX_BYTES;
	const char *sign = has_room ? " = " : "=";
	const char *origin = value->origin;
	size_t size = strlen(origin);

	if (name_size + 3 + value_size + 3 + size <= LINE_MAX_BYTES) {
		rc_buf_printf(text, "%s%s%s ; %s\n", name, sign, value->text, origin);
		return;
	}
	while (size > LINE_MAX_BYTES - 2 || (*origin & 0xc0) == 0x80) { /* not within a character */
		origin++;
		size--;
	}
	rc_buf_printf(text, "# %s\n%s%s%s\n", origin, name, sign, value->text);
}

void rc_settings_show(const struct rc_settings *settings, struct rc_buf *text)
{
	for (size_t i = 0; i < settings->table->count; i++) {
		const struct value *value = &settings->values[i];

		append_section(settings->table, i, text);
		if (value->text)
			append_value(settings->table->keys[i].name, value, text);
		else
			rc_buf_printf(text, "# %s is not set\n", settings->table->keys[i].name);
	}
}

static void append_bounds(const struct rc_setting_key *key, struct rc_buf *text)
{
	if (key->type == RC_SETTING_INT)
		rc_buf_printf(text, " (%" PRId64 " … %" PRId64 "%s%s)", key->min, key->max,
			      key->unit ? " " : "", key->unit ? key->unit : "");
	else if (key->type == RC_SETTING_HTTPS_URL)
		rc_buf_append_text(text, " (https://…)");
}

void rc_settings_sample(const struct rc_settings_table *table, bool is_chinese, struct rc_buf *text)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct rc_setting_key *key = &table->keys[i];

		append_section(table, i, text);
		rc_buf_printf(text, "# %s", is_chinese ? key->help_zh : key->help_en);
		append_bounds(key, text);
		rc_buf_printf(text, "\n#%s = %s\n", key->name,
			      key->default_value ? key->default_value : "");
	}
}

/* What a key takes, in words. */
static void append_kind(const struct rc_setting_key *key, struct rc_buf *text)
{
	const char *unit = key->unit ? key->unit : "";

	switch (key->type) {
	case RC_SETTING_TEXT:
		rc_buf_append_text(text, "text");
		if (key->max > 0)
			rc_buf_printf(text, ", %" PRId64 " … %" PRId64 " bytes", key->min, key->max);
		break;
	case RC_SETTING_INT:
		rc_buf_printf(text, "number, %" PRId64 " … %" PRId64 "%s%s", key->min, key->max,
			      unit[0] ? " " : "", unit);
		break;
	case RC_SETTING_BOOL:
		rc_buf_append_text(text, "`yes` or `no`");
		break;
	case RC_SETTING_PATH:
		rc_buf_append_text(text, "absolute path");
		break;
	case RC_SETTING_URL:
		rc_buf_append_text(text, "URL");
		break;
	case RC_SETTING_HTTPS_URL:
		rc_buf_append_text(text, "URL, https only");
		break;
	}
}

void rc_settings_reference(const struct rc_settings_table *table, struct rc_buf *text)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct rc_setting_key *key = &table->keys[i];

		if (i == 0 || strcmp(key->section, table->keys[i - 1].section) != 0)
			rc_buf_printf(text,
				      "%s`[%s]`\n\n| key | takes | default | meaning | 含义 |\n"
				      "|---|---|---|---|---|\n",
				      i > 0 ? "\n" : "", key->section);
		rc_buf_printf(text, "| `%s` | ", key->name);
		append_kind(key, text);
		if (key->is_required)
			rc_buf_append_text(text, " | must be set | ");
		else if (key->default_value)
			rc_buf_printf(text, " | `%s` | ", key->default_value);
		else
			rc_buf_append_text(text, " | not set | ");
		rc_buf_printf(text, "%s | %s |\n", key->help_en, key->help_zh);
	}
}
