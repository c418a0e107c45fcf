/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A completion for bash. The verb is looked for among the words before the cursor, because the program's options may stand before
 * it; a verb of two words is one pattern. Only names go into the script, and the table's names are plain ASCII.
 */
#include "shared/options/options_priv.h"

static void append_options(struct rc_buf *script, const struct rc_option *options, size_t count)
{
	for (size_t i = 0; i < count; i++)
		rc_buf_printf(script, " --%s", options[i].name);
}

/* FILE and DIR are what the shell can find itself. */
static bool is_path(const struct rc_option *option)
{
	return option->type == RC_OPTION_TEXT &&
	       (strcmp(option->argument, "FILE") == 0 || strcmp(option->argument, "DIR") == 0 ||
		strcmp(option->argument, "FOLDER") == 0 || strcmp(option->argument, "PATH") == 0 ||
		strcmp(option->argument, "PROGRAM") == 0);
}

/* The options of one verb that want a value, as cases of what stands before the cursor. */
static void append_values(struct rc_buf *script, const struct rc_program *program,
			  const struct rc_verb *verb)
{
	const struct rc_option *option;

	rc_buf_append_text(script, "\t\tcase $before in\n");
	for (size_t i = 0; (option = rc_options__option_at(program, verb, i)); i++) {
		if (option->type != RC_OPTION_FLAG)
			rc_buf_printf(script, "\t\t--%s) %sreturn ;;\n", option->name,
				      is_path(option)
					  ? "mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); "
					  : "");
	}
	rc_buf_append_text(script, "\t\tesac\n");
}

static void append_verb(struct rc_buf *script, const struct rc_program *program,
			const struct rc_verb *verb)
{
	if (verb->name)
		rc_buf_printf(script, "\t\"%s\")\n", verb->name);
	else
		rc_buf_append_text(script, "\t*)\n");
	append_values(script, program, verb);
	rc_buf_append_text(script, "\t\toptions='");
	append_options(script, program->options, program->option_count);
	append_options(script, verb->options, verb->option_count);
	append_options(script, rc_options__standard, RC_OPTIONS__STANDARD_COUNT);
	rc_buf_append_text(script, "' ;;\n");
}

/* What may follow where no verb stands yet, and behind the first word of one that has two. */
static void append_no_verb(struct rc_buf *script, const struct rc_program *program)
{
	const struct rc_verb none = {.name = NULL};

	rc_buf_append_text(script, "\t*)\n");
	append_values(script, program, &none);
	rc_buf_append_text(script, "\t\toptions='");
	append_options(script, program->options, program->option_count);
	append_options(script, rc_options__standard, RC_OPTIONS__STANDARD_COUNT);
	rc_buf_append_text(script, "' ;;\n");
}

static void append_verb_names(struct rc_buf *script, const struct rc_program *program)
{
	rc_buf_append_text(script, "\tverbs=(");
	for (size_t i = 0; i < program->verb_count; i++)
		rc_buf_printf(script, "%s'%s'", i > 0 ? " " : "", program->verbs[i].name);
	rc_buf_append_text(script, ")\n");
}

static void append_body(struct rc_buf *script, const struct rc_program *program)
{
	rc_buf_append_text(script, "\tcase $verb in\n");
	for (size_t i = 0; i < program->verb_count; i++)
		append_verb(script, program, &program->verbs[i]);
	if (rc_options__has_verbs(program))
		append_no_verb(script, program);
	rc_buf_append_text(script, "\tesac\n");
}

/* The words before the cursor without options and their values are the verb so far. */
static const char find_verb[] =
    "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
    "\t\t[[ $word == -* ]] && continue\n"
    "\t\tfor known in \"${verbs[@]}\"; do\n"
    "\t\t\t[[ $known == \"${verb:+$verb }$word\" || $known == \"${verb:+$verb }$word \"* ]] || "
    "continue\n"
    "\t\t\tverb=${verb:+$verb }$word\n"
    "\t\t\tbreak\n"
    "\t\tdone\n"
    "\tdone\n"
    "\tfor known in \"${verbs[@]}\"; do\n"
    "\t\t[[ -z $verb ]] && options+=\" ${known%% *}\"\n"
    "\t\t[[ -n $verb && $known == \"$verb \"* ]] && options+=\" ${known#\"$verb \"}\"\n"
    "\tdone\n"
    "\tnext=$options\n";

/* A word that begins with a dash is an option; else verbs come first and then files. */
static const char answer[] =
    "\tif [[ $current == -* ]]; then\n"
    "\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
    "\telif [[ -n $next ]]; then\n"
    "\t\tmapfile -t COMPREPLY < <(compgen -W \"$next\" -- \"$current\" | sort -u)\n"
    "\telse\n"
    "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
    "\tfi\n";

void rc_options_completion(const struct rc_program *program, struct rc_buf *text)
{
	char function[64];

	(void)rc_text_copy(program->name, function, sizeof(function));
	for (char *c = function; *c; c++)
		*c = *c == '-' ? '_' : *c;
	rc_buf_printf(
	    text,
	    "# bash completion for %s, made from the table of options that the program "
	    "parses\n_%s() {\n"
	    "\tlocal current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
	    "\tlocal verb='' options='' next='' word known verbs=()\n",
	    program->name, function);
	if (rc_options__has_verbs(program)) {
		append_verb_names(text, program);
		rc_buf_append_text(text, find_verb);
	}
	append_body(text, program);
	rc_buf_append_text(text, answer);
	rc_buf_printf(text, "}\ncomplete -o filenames -F _%s %s\n", function, program->name);
}
