/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manual page of a program out of the table that parses its command line. NAME stays English in every language: whatis and
 * apropos look for it. Long lines are broken at spaces, as mdoc wants its source; Chinese has none and stays whole, because a
 * line feed would become a space on the page.
 */
#include "shared/base/cleanup.h"
#include "shared/options/options_priv.h"

#include <inttypes.h>

#define LINE_MAX_BYTES 78u

/* ---- words ---- */

/* Text that means nothing to mdoc, on lines of its own. */
static void append_text(struct rc_buf *page, const char *text)
{
	size_t column = 0;

	for (; *text; text++) {
		const char *end = text + 1 + strcspn(text + 1, " \n");

		if (column == 0 && (*text == '.' || *text == '\''))
			rc_buf_append_text(page, "\\&");
		if (*text == ' ' && column + (size_t)(end - text) > LINE_MAX_BYTES) {
			rc_buf_append_char(page, '\n');
			column = 0;
			continue;
		}
		rc_buf_append_text(page, *text == '\\' ? "\\e" : (char[]){*text, '\0'});
		column = *text == '\n' ? 0 : column + 1;
	}
	rc_buf_append_char(page, '\n');
}

/* The words of a name as arguments of a macro: guarded, so that none is taken for a macro or a bracket of its own. */
static void append_words(struct rc_buf *page, const char *macro, const char *words)
{
	while (*words) {
		size_t size = strcspn(words, " ");

		rc_buf_printf(page, " %s \\&%.*s", macro, (int)size, words);
		words += size + strspn(words + size, " ");
	}
}

static void append_heading(struct rc_buf *page, enum rc_options_language language, const char *en,
			   const char *zh)
{
	rc_buf_printf(page, ".Sh %s\n", rc_options__word(language, en, zh));
}

/* ---- parts ---- */

/* `--name VALUE` behind a macro that was begun. */
static void append_flag(struct rc_buf *page, const struct rc_option *option)
{
	if (option->letter)
		rc_buf_printf(page, " Fl %c ,", option->letter);
	rc_buf_printf(page, " Fl -%s", option->name);
	if (option->type != RC_OPTION_FLAG)
		append_words(page, "Ar", option->argument);
	rc_buf_append_char(page, '\n');
}

static void append_option(struct rc_buf *page, const struct rc_option *option,
			  enum rc_options_language language)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf help;

	rc_buf_init(&help, 4096);
	rc_buf_append_text(&help, rc_options__in(language, &option->help));
	if (option->type == RC_OPTION_INT)
		rc_buf_printf(&help, " (%" PRId64 " … %" PRId64 ")", option->min, option->max);
	if (option->is_required)
		rc_buf_append_text(&help, rc_options__word(language, " (required)", "（必填）"));
	rc_buf_append_text(page, ".It");
	append_flag(page, option);
	append_text(page, rc_buf_text(&help));
}

static void append_options(struct rc_buf *page, const struct rc_option *options, size_t count,
			   enum rc_options_language language)
{
	for (size_t i = 0; i < count; i++)
		append_option(page, &options[i], language);
}

static void append_synopsis_option(struct rc_buf *page, const struct rc_option *option)
{
	rc_buf_append_text(page, option->is_required ? "." : ".Op");
	if (!option->is_required) {
		append_flag(page, option);
		return;
	}
	rc_buf_printf(page, "Fl -%s", option->name);
	if (option->type != RC_OPTION_FLAG)
		append_words(page, "Ar", option->argument);
	rc_buf_append_char(page, '\n');
}

static void append_synopsis_line(struct rc_buf *page, const struct rc_program *program,
				 const struct rc_verb *verb)
{
	rc_buf_append_text(page, ".Nm\n");
	if (verb->name) {
		rc_buf_append_text(page, ".");
		append_words(page, "Cm", verb->name);
		rc_buf_append_char(page, '\n');
	}
	for (size_t i = 0; i < program->option_count; i++)
		append_synopsis_option(page, &program->options[i]);
	for (size_t i = 0; i < verb->option_count; i++)
		append_synopsis_option(page, &verb->options[i]);
	if (verb->operands.names) {
		rc_buf_append_text(page, ".");
		append_words(page, "Ar", verb->operands.names);
		rc_buf_append_char(page, '\n');
	}
}

static void append_head(struct rc_buf *page, const struct rc_program *program,
			enum rc_options_language language)
{
	rc_buf_append_text(page,
			   ".\\\" Made from the table of options that the program parses.\n.Dd ");
	rc_buf_append_text(page, program->manual ? program->manual->date : "January 1, 2026");
	rc_buf_append_text(page, "\n.Dt ");
	for (const char *c = program->name; *c; c++)
		rc_buf_append_char(page, *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c);
	rc_buf_printf(page, " 8\n.Os rollcall %s\n.Sh NAME\n.Nm %s\n.Nd %s\n", program->version,
		      program->name, rc_options__in(language, &program->help));
}

static void append_description(struct rc_buf *page, const struct rc_program *program,
			       enum rc_options_language language)
{
	append_heading(page, language, "DESCRIPTION", "说明");
	append_text(page, rc_options__in(language, program->manual ? &program->manual->description
								   : &program->help));
	if (program->option_count + RC_OPTIONS__STANDARD_COUNT == 0)
		return;
	rc_buf_append_text(page, ".Pp\n");
	append_text(page, rc_options__has_verbs(program)
			      ? rc_options__word(language, "Options of every verb:", "各命令通用的选项：")
			      : rc_options__word(language, "The options are:", "选项："));
	rc_buf_append_text(page, ".Bl -tag -width Ds\n");
	append_options(page, program->options, program->option_count, language);
	if (!rc_options__has_verbs(program))
		append_options(page, program->verbs->options, program->verbs->option_count, language);
	append_options(page, rc_options__standard, RC_OPTIONS__STANDARD_COUNT, language);
	rc_buf_append_text(page, ".El\n");
}

static void append_verbs(struct rc_buf *page, const struct rc_program *program,
			 enum rc_options_language language)
{
	append_heading(page, language, "VERBS", "命令");
	rc_buf_append_text(page, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < program->verb_count; i++) {
		const struct rc_verb *verb = &program->verbs[i];

		rc_buf_append_text(page, ".It");
		append_words(page, "Cm", verb->name);
		if (verb->operands.names)
			append_words(page, "Ar", verb->operands.names);
		rc_buf_append_char(page, '\n');
		append_text(page, rc_options__in(language, &verb->help));
		if (verb->option_count == 0)
			continue;
		rc_buf_append_text(page, ".Bl -tag -width Ds\n");
		append_options(page, verb->options, verb->option_count, language);
		rc_buf_append_text(page, ".El\n");
	}
	rc_buf_append_text(page, ".El\n");
}

static void append_environment(struct rc_buf *page, enum rc_options_language language)
{
	append_heading(page, language, "ENVIRONMENT", "环境变量");
	rc_buf_append_text(page, ".Bl -tag -width Ds\n.It Ev LC_ALL , LC_MESSAGES , LANG\n");
	append_text(page, rc_options__word(
			      language, "The first that is set names the language: zh is Chinese, all else English.",
			      "第一个已设置的变量决定语言：zh 开头为中文，其余为英文。"));
	rc_buf_append_text(page, ".El\n");
}

static void append_files(struct rc_buf *page, const struct rc_manual *manual,
			 enum rc_options_language language)
{
	append_heading(page, language, "FILES", "文件");
	rc_buf_append_text(page, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < manual->file_count; i++) {
		rc_buf_printf(page, ".It Pa %s\n", manual->files[i].path);
		append_text(page, rc_options__in(language, &manual->files[i].help));
	}
	rc_buf_append_text(page, ".El\n");
}

/* The same for every program: rc_status_exit. */
static void append_exit_status(struct rc_buf *page, enum rc_options_language language)
{
	static const struct {
		int status;
		struct rc_help help;
	} rows[] = {
	    {0, {"all is good", "正常"}},
	    {1, {"there was a finding: something is wrong with what was looked at", "发现问题：被检查的内容有误"}},
	    {2, {"the command line is wrong", "命令行有误"}},
	    {3, {"the configuration can't be used", "配置不可用"}},
	    {4, {"the disk or the network failed", "磁盘或网络出错"}},
	    {70, {"a fault of the program itself", "程序自身的错误"}},
	};

	append_heading(page, language, "EXIT STATUS", "退出状态");
	rc_buf_append_text(page, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rc_buf_printf(page, ".It %d\n", rows[i].status);
		append_text(page, rc_options__in(language, &rows[i].help));
	}
	rc_buf_append_text(page, ".El\n");
}

void rc_options_man(const struct rc_program *program, enum rc_options_language language,
		    struct rc_buf *text)
{
	append_head(text, program, language);
	append_heading(text, language, "SYNOPSIS", "用法");
	for (size_t i = 0; i < program->verb_count; i++)
		append_synopsis_line(text, program, &program->verbs[i]);
	append_description(text, program, language);
	if (rc_options__has_verbs(program))
		append_verbs(text, program, language);
	append_environment(text, language);
	if (program->manual && program->manual->file_count > 0)
		append_files(text, program->manual, language);
	append_exit_status(text, language);
}
