/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_CATALOGUE_CATALOGUE_H
#define RC_CATALOGUE_CATALOGUE_H
/*
 * Looks texts up in a catalogue of gettext's .mo format that was built into the program, so that a language needs no installed
 * locale and two can be spoken at once (GNU gettext manual, "The Format of GNU MO Files").
 *
 * Pure; any thread; nothing is allocated. The catalogue is little-endian; every offset is checked, so a damaged one finds nothing.
 */
#include "shared/base/bytes.h"

/* All plural forms of `key`, each ended by NUL (the last one's lies behind the run); size 0 if the catalogue doesn't have it. Borrowed. */
struct rc_bytes rc_catalogue_find(struct rc_bytes mo, const char *key);

#endif
