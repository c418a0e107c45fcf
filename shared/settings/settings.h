/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_SETTINGS_SETTINGS_H
#define RC_SETTINGS_SETTINGS_H
/*
 * A program's settings: NAME.conf and then NAME.conf.d/ *.conf in the order of their names, later ones winning, as systemd has it.
 * One const table says which keys there are, of which type and bounds; it gives defaults and help, and every value knows
 * where it comes from.
 *
 *     [server]
 *     url = https://rollcall.example:8443
 *
 * All faults are found in one go, each with file and line. An error (a wrong value, a key twice in a file, a line that is none)
 * means no settings at all; an unknown key is only a warning, so that an older program can read a newer file. Values end at " ;"
 * (a comment) and hold no line feed; a line has at most 198 bytes, which is how Debian builds inih. One thread while loading; afterwards settings never change and any thread may read.
 */
#include "shared/base/buf.h"
#include "shared/base/cleanup.h"

#define RC_SETTINGS_FILE_MAX_BYTES 1048576u
#define RC_SETTINGS_FILES_MAX      64u /* in NAME.conf.d */

enum rc_setting_type {
	RC_SETTING_TEXT, /* min … max bytes (max 0: as long as a line may be), no control characters */
	RC_SETTING_INT,       /* min … max, plain digits */
	RC_SETTING_BOOL,      /* yes no true false on off */
	RC_SETTING_PATH,      /* absolute, without ".." */
	RC_SETTING_URL,       /* http:// or https://, host, perhaps port and path */
	RC_SETTING_HTTPS_URL, /* … and http:// is refused */
};

struct rc_setting_key {
	const char *section;
	const char *name;
	enum rc_setting_type type;
	int64_t min, max;          /* of a number; bytes of a text */
	const char *default_value; /* as it would stand in a file; NULL: not set */
	const char *unit;          /* for help: "min"; NULL: none */
	bool is_required;          /* an error if no file sets it */
	const char *help_en, *help_zh;
};

struct rc_settings_table {
	const struct rc_setting_key *keys;
	size_t count;
};

/* What was found wrong: lines `file:line: error: …` and `file:line: warning: …`, as a human wants them. */
struct rc_settings_findings {
	struct rc_buf text;
	unsigned errors;
	unsigned warnings;
};

/* Allocates nothing before the first finding. */
void rc_settings_findings_init(struct rc_settings_findings *findings);
void rc_settings_findings_deinit(struct rc_settings_findings *findings);

struct rc_settings; /* all values of a table */

/* Only defaults. NULL: no memory. Free with rc_settings_free; the table must live longer. */
struct rc_settings *rc_settings_new(const struct rc_settings_table *table);
void rc_settings_free(struct rc_settings *settings);
RC_DEFINE_AUTO(struct rc_settings, rc_settings_free)

/*
 * Reads `path` (it may be missing: a warning) and then `path`.d/ *.conf. RC_EUSAGE if there was any error, and `findings` says which;
 * `*settings` is new and the caller's only on RC_OK. Blocks on the disk.
 */
RC_CHECKED enum rc_status rc_settings_load(const struct rc_settings_table *table, const char *path,
					   struct rc_settings **settings,
					   struct rc_settings_findings *findings);

/*
 * What a program does at its start: reads the file that was named on the command line, which must be there, or else the usual one,
 * which may be missing. Findings go to stderr. RC_EUSAGE: the named file can't be read; RC_EFORMAT: errors in the files.
 */
RC_CHECKED enum rc_status rc_settings_open(const struct rc_settings_table *table, const char *named,
					   const char *usual, struct rc_settings **settings,
					   struct rc_error *err);

/* The pieces of it. Takes the content of one file called `file`; what is wrong goes to `findings`. */
void rc_settings_take(struct rc_settings *settings, const char *file, struct rc_bytes content,
		      struct rc_settings_findings *findings);

/* One value from elsewhere (a command line); `origin` says from where. RC_EUSAGE: an unknown key or a wrong value. */
RC_CHECKED enum rc_status rc_settings_set(struct rc_settings *settings, const char *section,
					  const char *name, const char *value, const char *origin,
					  struct rc_error *err);

/* Required keys that nobody set become errors. */
void rc_settings_finish(const struct rc_settings *settings, struct rc_settings_findings *findings);

/* The effective value of a key of the table; another key, or another type, is a bug (assert). Text (also paths and URLs) is NULL, a
 * number 0 and a bool false where nothing is set and there is no default. */
const char *rc_settings_text(const struct rc_settings *settings, const char *section, const char *name);
int64_t rc_settings_int(const struct rc_settings *settings, const char *section, const char *name);
bool rc_settings_bool(const struct rc_settings *settings, const char *section, const char *name);

/* Where the value comes from: "default", "FILE:LINE", or what rc_settings_set was told. */
const char *rc_settings_origin(const struct rc_settings *settings, const char *section, const char *name);

/* All effective values as a file that can be read again, each with its origin in a comment. */
void rc_settings_show(const struct rc_settings *settings, struct rc_buf *text);

/* A file with every key, its help, bounds and default, all commented out: the start of one's own. */
void rc_settings_sample(const struct rc_settings_table *table, bool is_chinese, struct rc_buf *text);

/* The table as rows of Markdown: key, what it takes, default, and its help in both languages. */
void rc_settings_reference(const struct rc_settings_table *table, struct rc_buf *text);

#endif
