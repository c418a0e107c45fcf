/* SPDX-License-Identifier: Apache-2.0 */
/* --help, from the table: usage, verbs, options, in the language of the environment. */
#include "shared/options/options_priv.h"

#include <inttypes.h>
#include <stdlib.h>

#define HELP_COLUMN                                                                                \
	30 /* where texts begin; what stands left of it is ASCII, so bytes are columns */

enum rc_options_language rc_options_language(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && value[0])
			return strncmp(value, "zh", 2) == 0 ? RC_OPTIONS_CHINESE : RC_OPTIONS_ENGLISH;
	}
	return RC_OPTIONS_ENGLISH;
}

const char *rc_options__in(enum rc_options_language language, const struct rc_help *help)
{
	return language == RC_OPTIONS_CHINESE && help->zh ? help->zh : help->en;
}

const char *rc_options__word(enum rc_options_language language, const char *en, const char *zh)
{
	return language == RC_OPTIONS_CHINESE ? zh : en;
}

/* Fills up with spaces from `begin` of the line to the column of texts; a line that is longer goes on in the next. */
static void pad(struct rc_buf *text, size_t begin)
{
	if (text->size - begin >= HELP_COLUMN) {
		rc_buf_append_char(text, '\n');
		begin = text->size;
	}
	while (text->size - begin < HELP_COLUMN && text->status == RC_OK)
		rc_buf_append_char(text, ' ');
}

static void append_option(const struct rc_option *option, enum rc_options_language language,
			  struct rc_buf *text)
{
	size_t begin = text->size;

	if (option->letter)
		rc_buf_printf(text, "  -%c, --%s", option->letter, option->name);
	else
		rc_buf_printf(text, "      --%s", option->name);
	if (option->type != RC_OPTION_FLAG)
		rc_buf_printf(text, " %s", option->argument);
	pad(text, begin);
	rc_buf_append_text(text, rc_options__in(language, &option->help));
	if (option->type == RC_OPTION_INT)
		rc_buf_printf(text, " (%" PRId64 " … %" PRId64 ")", option->min, option->max);
	if (option->is_required)
		rc_buf_append_text(text, rc_options__word(language, " (required)", "（必填）"));
	rc_buf_append_char(text, '\n');
}

const struct rc_option rc_options__standard[RC_OPTIONS__STANDARD_COUNT] = {
    {.name = "help", .letter = 'h', .help = {"show this text", "显示本帮助"}},
    {.name = "version", .help = {"show the version", "显示版本号"}},
};

static void append_standard_options(enum rc_options_language language, struct rc_buf *text)
{
	for (size_t i = 0; i < RC_OPTIONS__STANDARD_COUNT; i++)
		append_option(&rc_options__standard[i], language, text);
}

static void append_verbs(const struct rc_program *program, enum rc_options_language language,
			 struct rc_buf *text)
{
	rc_buf_printf(text, "\n%s\n", rc_options__word(language, "Verbs:", "命令："));
	for (size_t i = 0; i < program->verb_count; i++) {
		size_t begin = text->size;

		rc_buf_printf(text, "  %s", program->verbs[i].name);
		if (program->verbs[i].operands.names)
			rc_buf_printf(text, " %s", program->verbs[i].operands.names);
		pad(text, begin);
		rc_buf_printf(text, "%s\n", rc_options__in(language, &program->verbs[i].help));
	}
}

static void append_usage(const struct rc_program *program, const struct rc_verb *verb,
			 enum rc_options_language language, struct rc_buf *text)
{
	rc_buf_printf(text, "%s %s", rc_options__word(language, "Usage:", "用法："), program->name);
	if (!verb)
		rc_buf_append_text(text, rc_options__word(language, " VERB", " 命令"));
	else if (verb->name)
		rc_buf_printf(text, " %s", verb->name);
	rc_buf_append_text(text, rc_options__word(language, " [OPTION…]", " [选项…]"));
	if (verb && verb->operands.names)
		rc_buf_printf(text, " %s", verb->operands.names);
	rc_buf_printf(text, "\n%s\n",
		      rc_options__in(language, verb && verb->name ? &verb->help : &program->help));
}

void rc_options_help(const struct rc_program *program, const struct rc_verb *verb,
		     enum rc_options_language language, struct rc_buf *text)
{
	const struct rc_option *option;

	if (!verb && !rc_options__has_verbs(program))
		verb = program->verbs;
	append_usage(program, verb, language, text);
	if (!verb)
		append_verbs(program, language, text);
	rc_buf_printf(text, "\n%s\n", rc_options__word(language, "Options:", "选项："));
	for (size_t i = 0; (option = rc_options__option_at(program, verb, i)); i++)
		append_option(option, language, text);
	append_standard_options(language, text);
	if (!verb)
		rc_buf_printf(text, "\n%s %s\n", program->name,
			      rc_options__word(language, "VERB --help tells more of a verb.",
					       "命令 --help 显示该命令的详细说明。"));
}
