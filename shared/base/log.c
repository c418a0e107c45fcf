/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds a line on the stack and hands it to the sink with one write, so lines of two threads or processes don't mix.
 * A line that doesn't fit is cut and ends with "…": a log that allocates would be silent when memory is the trouble.
 */
#include "shared/base/log.h"

#include "shared/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048u
#define LINE_TAIL      " …\n"

struct line {
	char text[LINE_MAX_BYTES];
	size_t size;
	bool is_cut;
};

static enum rc_log_level highest_level = RC_LOG_INFO;
static void (*line_sink)(void *context, const char *line, size_t size);
static void *line_sink_context;

void rc_log_set_level(enum rc_log_level level)
{
	highest_level = level;
}

bool rc_log_is_wanted(enum rc_log_level level)
{
	return level <= highest_level;
}

void rc_log_set_sink(void (*sink)(void *context, const char *line, size_t size), void *context)
{
	line_sink = sink;
	line_sink_context = context;
}

static const char *level_text(enum rc_log_level level)
{
	static const char *const texts[] = {"error", "warning", "notice", "info", "debug"};

	return texts[level - RC_LOG_ERROR];
}

static void put(struct line *line, const char *data, size_t size)
{
	if (line->is_cut || size > sizeof(line->text) - sizeof(LINE_TAIL) - line->size) {
		line->is_cut = true;
		return;
	}
	memcpy(line->text + line->size, data, size);
	line->size += size;
}

static void put_text(struct line *line, const char *text)
{
	put(line, text, strlen(text));
}

static void put_escaped_byte(struct line *line, uint8_t byte)
{
	char escape[5];

	(void)snprintf(escape, sizeof(escape), "\\x%02x", byte);
	put(line, escape, 4);
}

/* One character of a value; returns how many bytes it took. */
static size_t put_character(struct line *line, struct rc_bytes rest)
{
	uint32_t code_point = 0;
	size_t size = rc_utf8_next(rest, &code_point);
	bool is_plain = size > 0 && rc_utf8_is_visible(code_point);

	if (is_plain && (code_point == '"' || code_point == '\\'))
		put(line, "\\", 1);
	if (is_plain) {
		put(line, (const char *)rest.data, size);
		return size;
	}
	for (size_t i = 0; i < (size ? size : 1); i++)
		put_escaped_byte(line, rest.data[i]);
	return size ? size : 1;
}

static bool needs_quotes(const char *value)
{
	return value[0] == '\0' || strpbrk(value, " =\"\\\t\r\n");
}

static void put_value(struct line *line, const char *value)
{
	struct rc_bytes rest = rc_bytes_of_text(value);
	bool is_quoted = needs_quotes(value);

	if (is_quoted)
		put(line, "\"", 1);
	while (rest.size > 0) {
		size_t n = put_character(line, rest);

		rest = rc_bytes_of(rest.data + n, rest.size - n);
	}
	if (is_quoted)
		put(line, "\"", 1);
}

static void put_field(struct line *line, const char *key, const char *value)
{
	put(line, " ", 1);
	put_text(line, key);
	put(line, "=", 1);
	put_value(line, value ? value : "");
}

static void deliver(struct line *line)
{
	const char *tail = line->is_cut ? LINE_TAIL : "\n";

	memcpy(line->text + line->size, tail, strlen(tail));
	line->size += strlen(tail);
	if (line_sink)
		line_sink(line_sink_context, line->text, line->size);
	else if (write(STDERR_FILENO, line->text, line->size) < 0)
		return; /* nobody is left to tell */
}

void rc_log(enum rc_log_level level, const char *message, ...)
{
	struct line line = {.size = 0};
	va_list fields;
	const char *key;

	if (!rc_log_is_wanted(level))
		return;
	line.size =
	    (size_t)snprintf(line.text, sizeof(line.text), "<%d>level=%s", level, level_text(level));
	put_field(&line, "msg", message);
	va_start(fields, message);
	while ((key = va_arg(fields, const char *)))
		put_field(&line, key, va_arg(fields, const char *));
	va_end(fields);
	deliver(&line);
}

void rc_log_failure(const char *message, const struct rc_error *err)
{
	rc_log(RC_LOG_ERROR, message, "error", err->text, NULL);
}
