/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_OPTIONS_PRIV_H
#define RC_OPTIONS_PRIV_H
/* What help, manual and completion share with the parser. */
#include "shared/options/options.h"

/* The option at a place: the program's first, then the verb's (which may be NULL); NULL behind the last. */
const struct rc_option *rc_options__option_at(const struct rc_program *program,
					      const struct rc_verb *verb, size_t place);

/* --help and --version, which every program has. */
#define RC_OPTIONS__STANDARD_COUNT 2u
extern const struct rc_option rc_options__standard[RC_OPTIONS__STANDARD_COUNT];

/* False where the program does one thing only. */
bool rc_options__has_verbs(const struct rc_program *program);

/* The text in the language; English where there is no other. */
const char *rc_options__in(enum rc_options_language language, const struct rc_help *help);
const char *rc_options__word(enum rc_options_language language, const char *en, const char *zh);

#endif
