/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MODULE_HR_OFFICE_H
#define TESTS_MODULE_HR_OFFICE_H
/*
 * An office for tests of imports: a fresh database with an organisation and secrets of its own, and a roster that is read from what
 * the server would send to a kiosk. One thread.
 */
#include "server/auth/secrets.h"
#include "server/changes/changes.h"
#include "server/db/db.h"
#include "server/hr/people.h"
#include "server/hr/rooms.h"
#include "shared/base/timestamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define OFFICE_NOW_MS INT64_C(1795500000000)

struct office {
	char folder[64];
	struct rc_db *db;
	struct rc_secrets secrets;
	struct rc_id organisation;
	struct rc_hr hr;
	struct rc_import import; /* of the last import */
	struct rc_error err;
	struct rc_buf lines; /* of the last look at the changes */
	int64_t seen;        /* changes looked at */
};

int office_set_up(void **state);
int office_tear_down(void **state);

/* With rooms 3F-305 and 3F-302 at site HQ. */
int office_set_up_with_rooms(void **state);

typedef enum rc_status office_import_fn(const struct rc_hr *hr, struct rc_bytes file,
					struct rc_import *import, struct rc_error *err);

/* Imports a text; the second one insists that it is good. */
enum rc_status office_import(struct office *office, office_import_fn *import, const char *csv);
void office_take(struct office *office, office_import_fn *import, const char *csv);

/* True if the last import has exactly this fault: line, column (as in the file) and a part of its English text. */
bool office_has_error(const struct office *office, size_t line, const char *column, const char *part);

/* The changes since the last look that kiosks of site HQ get, into `changes`; returns how many. Payloads stay until the next look. */
size_t office_changes(struct office *office, struct rc_change *changes, size_t max);

/* How many of them are of an entity. */
size_t office_count(const struct rc_change *changes, size_t count, enum rc_entity entity);

/* Opens the roster as a kiosk does, with a badge: find → credential → K_person → card. False if no credential has the find. */
struct office_card {
	struct rc_ref_credential credential;
	struct rc_ref_person_card card; /* empty where the credential has no wrap */
};
bool office_show_badge(struct office *office, const struct rc_badge_code *code, struct office_card *shown);

/* The newest badge and the person behind a number. */
struct rc_badge_code office_badge(struct office *office, const char *number);
struct rc_person office_person(struct office *office, const char *number);

#endif
