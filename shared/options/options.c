/* SPDX-License-Identifier: Apache-2.0 */
/* Parses: finds the verb first, because only then it is known which options there are; then walks the arguments once. */
#include "shared/options/options_priv.h"

#include "shared/words/words.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define HELP_MAX_BYTES 65536u

/* ---- the table ---------------------------------------------------------------------------------------------------------- */

const struct rc_option *rc_options__option_at(const struct rc_program *program,
					      const struct rc_verb *verb, size_t place)
{
	if (place < program->option_count)
		return &program->options[place];
	place -= program->option_count;
	return verb && place < verb->option_count ? &verb->options[place] : NULL;
}

/* An option's name or letter, without dashes. The place, or RC_OPTIONS_MAX. */
static size_t find_option(const struct rc_options *options, const char *name, size_t size)
{
	const struct rc_option *option;

	for (size_t i = 0; (option = rc_options__option_at(options->program, options->verb, i)); i++) {
		assert(i < RC_OPTIONS_MAX);
		if (strlen(option->name) == size && memcmp(option->name, name, size) == 0)
			return i;
	}
	return RC_OPTIONS_MAX;
}

static size_t find_letter(const struct rc_options *options, char letter)
{
	const struct rc_option *option;

	for (size_t i = 0; (option = rc_options__option_at(options->program, options->verb, i)); i++) {
		if (letter && option->letter == letter)
			return i;
	}
	return RC_OPTIONS_MAX;
}

/* ---- the verb ----------------------------------------------------------------------------------------------------------- */

/* How many arguments a verb's name takes if it stands here; 0 if it doesn't. */
static int match_verb(const char *name, int argc, char *const *argv)
{
	const char *second = strchr(name, ' ');
	size_t first = second ? (size_t)(second - name) : strlen(name);

	if (argc < 1 || strlen(argv[0]) != first || memcmp(argv[0], name, first) != 0)
		return 0;
	if (!second)
		return 1;
	return argc > 1 && strcmp(argv[1], second + 1) == 0 ? 2 : 0;
}

/* The longest name that stands at argv; `*words` is how many arguments it takes. */
static const struct rc_verb *find_verb(const struct rc_program *program, int argc,
				       char *const *argv, int *words)
{
	const struct rc_verb *found = NULL;

	*words = 0;
	for (size_t i = 0; i < program->verb_count; i++) {
		int matched = match_verb(program->verbs[i].name, argc, argv);

		if (matched <= *words)
			continue;
		*words = matched;
		found = &program->verbs[i];
	}
	return found;
}

bool rc_options__has_verbs(const struct rc_program *program)
{
	return program->verbs[0].name != NULL;
}

/* ---- values ------------------------------------------------------------------------------------------------------------- */

/* Plain digits, with a minus where the bounds allow one. */
static bool read_int(const struct rc_option *option, const char *text, int64_t *value)
{
	const bool is_negative = text[0] == '-';
	const char *digits = text + is_negative;
	int64_t magnitude = 0;

	if (!digits[0] || strlen(digits) > 18 || strspn(digits, "0123456789") != strlen(digits))
		return false;
	for (; *digits; digits++)
		magnitude = magnitude * 10 + (*digits - '0');
	*value = is_negative ? -magnitude : magnitude;
	return *value >= option->min && *value <= option->max;
}

static enum rc_status check_value(const struct rc_option *option, const char *value, struct rc_error *err)
{
	const size_t size = strlen(value);
	int64_t number;

	switch (option->type) {
	case RC_OPTION_FLAG:
		break;
	case RC_OPTION_INT:
		if (!read_int(option, value, &number))
			return rc_fail(err, RC_EUSAGE, "--%s takes a number from %" PRId64 " to %" PRId64,
				       option->name, option->min, option->max);
		break;
	case RC_OPTION_TEXT:
		if ((int64_t)size < option->min)
			return rc_fail(err, RC_EUSAGE, "the value of --%s is too short", option->name);
		if (option->max > 0 && (int64_t)size > option->max)
			return rc_fail(err, RC_EUSAGE, "the value of --%s is too long", option->name);
		break;
	}
	return RC_OK;
}

/* ---- the walk ----------------------------------------------------------------------------------------------------------- */

struct walk {
	struct rc_options *options;
	int argc;
	char *const *argv;
	int at;               /* the argument that is looked at */
	bool is_past_options; /* behind `--` */
};

/* Sets an option; `value` is what stood behind `=`, or NULL, and then the next argument is the value. */
static enum rc_status take_option(struct walk *walk, size_t place, const char *value, struct rc_error *err)
{
	struct rc_options *options = walk->options;
	const struct rc_option *option = rc_options__option_at(options->program, options->verb, place);
	enum rc_status status;

	if (options->values[place])
		return rc_fail(err, RC_EUSAGE, "--%s stands twice", option->name);
	if (option->type == RC_OPTION_FLAG) {
		if (value)
			return rc_fail(err, RC_EUSAGE, "--%s takes no value", option->name);
		value = "";
	} else if (!value) {
		if (walk->at + 1 >= walk->argc)
			return rc_fail(err, RC_EUSAGE, "--%s wants %s", option->name, option->argument);
		/* Far more often a value that was forgotten than one that begins so; --name=--value is a way to write it. */
		if (strncmp(walk->argv[walk->at + 1], "--", 2) == 0)
			return rc_fail(err, RC_EUSAGE, "--%s wants %s, not %.60s", option->name,
				       option->argument, walk->argv[walk->at + 1]);
		value = walk->argv[++walk->at];
	}
	status = check_value(option, value, err);
	if (status == RC_OK)
		options->values[place] = value;
	return status;
}

static enum rc_status take_long(struct walk *walk, const char *text, struct rc_error *err)
{
	const char *equals = strchr(text, '=');
	const size_t size = equals ? (size_t)(equals - text) : strlen(text);
	const size_t place = find_option(walk->options, text, size);

	if (place < RC_OPTIONS_MAX)
		return take_option(walk, place, equals ? equals + 1 : NULL, err);
	if (strcmp(text, "help") == 0)
		walk->options->wants_help = true;
	else if (strcmp(text, "version") == 0)
		walk->options->wants_version = true;
	else
		return rc_fail(err, RC_EUSAGE, "there is no option --%.*s",
			       (int)(size < 60 ? size : 60), text);
	return RC_OK;
}

static enum rc_status take_short(struct walk *walk, const char *text, struct rc_error *err)
{
	const size_t place = text[1] ? RC_OPTIONS_MAX : find_letter(walk->options, text[0]);

	if (place < RC_OPTIONS_MAX)
		return take_option(walk, place, NULL, err);
	if (strcmp(text, "h") != 0)
		return rc_fail(err, RC_EUSAGE, "there is no option -%.60s", text);
	walk->options->wants_help = true;
	return RC_OK;
}

/* "kiosk" alone is the beginning of several verbs, and who types it wants to know which. */
static enum rc_status refuse_verb(const struct rc_program *program, const char *text, struct rc_error *err)
{
	const size_t size = strlen(text);
	char names[128] = "";

	for (size_t i = 0; i < program->verb_count; i++) {
		const char *name = program->verbs[i].name;
		const size_t used = strlen(names);

		if (strncmp(name, text, size) == 0 && name[size] == ' ')
			(void)snprintf(names + used, sizeof(names) - used, "%s%s",
				       used > 0 ? ", " : "", name);
	}
	return names[0] ? rc_fail(err, RC_EUSAGE, "'%.60s' is half a verb: %s", text, names)
			: rc_fail(err, RC_EUSAGE, "there is no verb '%.60s'", text);
}

static enum rc_status take_argument(struct walk *walk, struct rc_error *err)
{
	const char *text = walk->argv[walk->at];
	struct rc_options *options = walk->options;

	if (!walk->is_past_options && strcmp(text, "--") == 0) {
		walk->is_past_options = true;
		return RC_OK;
	}
	if (!walk->is_past_options && text[0] == '-' && text[1] == '-')
		return take_long(walk, text + 2, err);
	if (!walk->is_past_options && text[0] == '-' && text[1])
		return take_short(walk, text + 1, err);
	if (!options->verb)
		return refuse_verb(options->program, text, err);
	if (options->operand_count >= options->verb->operands.max)
		return rc_fail(err, RC_EUSAGE, "'%.60s' is one argument too many", text);
	options->operands[options->operand_count++] = text;
	return RC_OK;
}

static enum rc_status check_complete(const struct rc_options *options, struct rc_error *err)
{
	const struct rc_option *option;

	if (!options->verb)
		return rc_fail(err, RC_EUSAGE, "a verb is missing");
	for (size_t i = 0; (option = rc_options__option_at(options->program, options->verb, i)); i++) {
		if (option->is_required && !options->values[i])
			return rc_fail(err, RC_EUSAGE, "--%s %s is missing", option->name,
				       option->argument ? option->argument : "");
	}
	if (options->operand_count < options->verb->operands.min)
		return rc_fail(err, RC_EUSAGE, "an argument is missing: %s",
			       options->verb->operands.names);
	return RC_OK;
}

/* Walks over the arguments from `walk->at` to the verb (`until_verb`) or to the end. */
static enum rc_status walk_on(struct walk *walk, bool until_verb, struct rc_error *err)
{
	for (; walk->at < walk->argc; walk->at++) {
		enum rc_status status;

		if (until_verb && walk->argv[walk->at][0] != '-')
			break;
		status = take_argument(walk, err);
		if (status != RC_OK)
			return status;
	}
	return RC_OK;
}

/* What was understood stands in `options` after a fault too: the verb, above all. */
static enum rc_status parse(const struct rc_program *program, int argc, char *const *argv,
			    struct rc_options *options, struct rc_error *err)
{
	struct walk walk = {.options = options, .argc = argc, .argv = argv, .at = 1};
	enum rc_status status = RC_OK;
	int words = 0;

	*options = (struct rc_options){.program = program};
	if (!rc_options__has_verbs(program)) {
		options->verb = program->verbs;
	} else {
		status = walk_on(&walk, true, err);
		options->verb = find_verb(program, argc - walk.at, argv + walk.at, &words);
		walk.at += words;
	}
	if (status == RC_OK)
		status = walk_on(&walk, false, err);
	if (status == RC_OK && !options->wants_help && !options->wants_version)
		status = check_complete(options, err);
	return status;
}

enum rc_status rc_options_parse(const struct rc_program *program, int argc, char *const *argv,
				struct rc_options *options, struct rc_error *err)
{
	struct rc_options parsed;
	const enum rc_status status = parse(program, argc, argv, &parsed, err);

	if (status == RC_OK)
		*options = parsed;
	return status;
}

/* ---- what was given ------------------------------------------------------------------------------------------------------- */

static size_t place_of(const struct rc_options *options, const char *name)
{
	size_t place = find_option(options, name, strlen(name));

	assert(place < RC_OPTIONS_MAX);
	return place;
}

bool rc_options_has(const struct rc_options *options, const char *name)
{
	return options->values[place_of(options, name)] != NULL;
}

const char *rc_options_text(const struct rc_options *options, const char *name)
{
	return options->values[place_of(options, name)];
}

int64_t rc_options_int(const struct rc_options *options, const char *name, int64_t otherwise)
{
	const size_t place = place_of(options, name);
	int64_t value = otherwise;

	if (options->values[place])
		(void)read_int(rc_options__option_at(options->program, options->verb, place),
			       options->values[place], &value);
	return value;
}

/* ---- the program -------------------------------------------------------------------------------------------------------- */

/* Prints what was made, whole. */
static int print(struct rc_buf *text)
{
	const bool is_written = text->status == RC_OK &&
				fwrite(rc_buf_text(text), 1, text->size, stdout) == text->size &&
				fflush(stdout) == 0;

	rc_buf_deinit(text);
	return is_written ? 0 : rc_status_exit(RC_EIO);
}

/* Says what is wrong and where to read on: in the help of the verb, if it is known which is meant. */
static int refuse(const struct rc_options *options, const struct rc_error *err)
{
	const struct rc_program *program = options->program;
	const bool has_verb = rc_options__has_verbs(program) && options->verb;

	(void)fprintf(stderr, "%s: %s\n", program->name, err->text);
	(void)fprintf(stderr, "%s%s%s%s --help\n",
		      rc_options__word(rc_options_language(), "Try: ", "请试："), program->name,
		      has_verb ? " " : "", has_verb ? options->verb->name : "");
	return RC_OPTIONS_EXIT_USAGE;
}

static int print_help(const struct rc_options *options)
{
	struct rc_buf text;

	rc_buf_init(&text, HELP_MAX_BYTES);
	rc_options_help(options->program, options->verb, rc_options_language(), &text);
	return print(&text);
}

/* What the build asks for. The exit status, or -1 if it is something else. */
static int print_document(const struct rc_program *program, const char *wish)
{
	struct rc_buf text;

	rc_buf_init(&text, HELP_MAX_BYTES);
	if (strcmp(wish, "--print-manual=en") == 0)
		rc_options_man(program, RC_OPTIONS_ENGLISH, &text);
	else if (strcmp(wish, "--print-manual=zh") == 0)
		rc_options_man(program, RC_OPTIONS_CHINESE, &text);
	else if (strcmp(wish, "--print-completion=bash") == 0)
		rc_options_completion(program, &text);
	else
		return -1;
	return print(&text);
}

/*
 * Who is started without stdin, stdout or stderr would get their numbers for the first files that it opens, and what it prints
 * would stand in those. A closed stdout stays one that can't be written to: what was to be read there is not silently lost.
 */
static void fill_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			/* Gets the lowest free number, which is this one. */
			(void)!open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR);
	}
}

int rc_options_run(const struct rc_program *program, int argc, char *const *argv)
{
	struct rc_options options;
	struct rc_error err;
	int code;

	fill_standard_descriptors();
	rc_words_speak_chinese(rc_options_language() == RC_OPTIONS_CHINESE);
	code = argc == 2 ? print_document(program, argv[1]) : -1;
	if (code >= 0)
		return code;
	if (parse(program, argc, argv, &options, &err) != RC_OK)
		return refuse(&options, &err);
	if (options.wants_help)
		return print_help(&options);
	if (options.wants_version)
		return printf("%s %s\n", program->name, program->version) < 0 || fflush(stdout) != 0
			   ? rc_status_exit(RC_EIO)
			   : 0;
	if (options.verb->is_service)
		rc_words_speak_chinese(false);
	return options.verb->run(&options);
}
