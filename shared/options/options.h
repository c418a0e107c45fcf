/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_OPTIONS_OPTIONS_H
#define RC_OPTIONS_OPTIONS_H
/*
 * A program's command line as one const table: what parses it is what --help prints, so the two can't differ.
 *
 *     rollcall-kiosk run --config /etc/rollcall/kiosk.conf
 *
 * Strict: names are written whole, an option stands at most once, numbers are plain digits within their bounds, `--` ends the
 * options. What verbs say is in the environment's language (shared/words). Tables live as long as the program; values are borrowed
 * from argv. One thread.
 */
#include "shared/base/buf.h"

#include <stdint.h>
#include <stdio.h>

#define RC_OPTIONS_MAX        32u /* options of the program and of one verb together */
#define RC_OPERANDS_MAX       64u /* arguments that are no options */
#define RC_OPTIONS_EXIT_USAGE 2   /* the exit status when the command line is wrong */

enum rc_options_language { RC_OPTIONS_ENGLISH, RC_OPTIONS_CHINESE };

/* A text in both languages. */
struct rc_help {
	const char *en;
	const char *zh;
};

enum rc_option_type {
	RC_OPTION_FLAG, /* there or not */
	RC_OPTION_TEXT, /* min … max bytes; max 0: no bound of its own */
	RC_OPTION_INT,  /* min … max */
};

struct rc_option {
	const char *name; /* without its dashes */
	char letter;      /* "-c", or 0 */
	enum rc_option_type type;
	const char *argument; /* how --help calls the value: "FILE" */
	int64_t min, max;
	bool is_required;
	struct rc_help help;
};

/* Arguments without a dash: from `min` to `max` of them, the last may stand more than once. */
struct rc_operands {
	const char *names; /* how --help calls them: "FILE [OUTPUT]" */
	unsigned min, max; /* at most RC_OPERANDS_MAX */
};

struct rc_options; /* what was parsed, below */

struct rc_verb {
	const char *name; /* one word or two ("user add"); NULL: the program has no verbs, and this is all it does */
	struct rc_help help;
	const struct rc_option *options;
	size_t option_count;
	struct rc_operands operands;
	int (*run)(const struct rc_options *options); /* returns the exit status */
	bool is_service; /* runs on and writes a log: it keeps to English, whatever the environment's language */
};

/* What a manual page says beyond the table. Paragraphs are lines; a sentence is a line of its own. */
struct rc_manual_file {
	const char *path;
	struct rc_help help;
};

struct rc_manual {
	const char *date; /* when these words were last changed: "November 24, 2026" */
	struct rc_help description;
	const struct rc_manual_file *files;
	size_t file_count;
};

struct rc_program {
	const char *name;
	const char *version;             /* for --version */
	struct rc_help help;             /* one line */
	const struct rc_option *options; /* taken with every verb, before it or behind */
	size_t option_count;
	const struct rc_verb *verbs;
	size_t verb_count;
	const struct rc_manual *manual; /* NULL: only what the table says */
};

struct rc_options {
	const struct rc_program *program;
	const struct rc_verb *verb;     /* NULL where only help or version is wanted */
	bool wants_help, wants_version; /* --help (-h) and --version, which every program has */
	const char *values[RC_OPTIONS_MAX]; /* by place: the program's options, then the verb's; a flag's is "" */
	const char *operands[RC_OPERANDS_MAX];
	size_t operand_count;
};

/* The language of LC_ALL, LC_MESSAGES or LANG, the first that is set and not empty: zh… is Chinese, all else English. */
enum rc_options_language rc_options_language(void);

/* RC_EUSAGE says in one line what is wrong. Pure. */
RC_CHECKED enum rc_status rc_options_parse(const struct rc_program *program, int argc, char *const *argv,
					   struct rc_options *options, struct rc_error *err);

/* The help of a verb, or of the whole program where `verb` is NULL. */
void rc_options_help(const struct rc_program *program, const struct rc_verb *verb,
		     enum rc_options_language language, struct rc_buf *text);

/* The manual page, section 8, in mdoc. */
void rc_options_man(const struct rc_program *program, enum rc_options_language language,
		    struct rc_buf *text);

/* A completion for bash: verbs, the options of a verb, files where an option or operand is called FILE or DIR. */
void rc_options_completion(const struct rc_program *program, struct rc_buf *text);

/*
 * All a main() does: sees to it that descriptors 0 to 2 are nobody's files, parses, then prints help or version to stdout (0), says
 * on stderr what is wrong (2), or runs the verb. Alone on the line, --print-manual=en, --print-manual=zh and
 * --print-completion=bash print those for the build; they are in no help.
 */
RC_CHECKED int rc_options_run(const struct rc_program *program, int argc, char *const *argv);

/* What was given for an option of the table; another name is a bug (assert). Text: NULL where it wasn't given. */
bool rc_options_has(const struct rc_options *options, const char *name);
const char *rc_options_text(const struct rc_options *options, const char *name);
int64_t rc_options_int(const struct rc_options *options, const char *name, int64_t otherwise);

#endif
