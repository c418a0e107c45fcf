/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `badges SESSION`, and `badge` for one person. Whose badges there are is read first and printed afterwards, because a picture
 * takes milliseconds and the database's moment shouldn't last that long.
 */
#include "server/cli/home.h"
#include "server/cli/verbs.h"
#include "server/hr/people.h"
#include "server/print/badge.h"
#include "server/records/records.h"
#include "shared/base/clock.h"
#include "shared/file/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define BADGES_MAX 5000u /* of one session */

static enum rc_status draw(const struct rc_cli_home *home, const struct rc_person *person,
			   struct rc_buf *png, struct rc_error *err)
{
	struct rc_badge_code code;
	const struct rc_print_badge badge = {
	    .organisation = home->state.organisation_name,
	    .name = person->name,
	    .number = person->number,
	    .code = &code,
	};
	enum rc_status status = rc_people_badge_code(home->db, &home->secrets, &person->ref, &code, err);

	if (status == RC_OK)
		status = rc_print_badge(&badge, png, err);
	rc_wipe(&code, sizeof(code));
	return status == RC_OK ? RC_OK : rc_error_in(err, status, "badge of %s", person->number);
}

/* ---- a session's ---- */

struct people {
	char (*refs)[RC_ID_CHARS + 1]; /* owned */
	size_t count, capacity;
};

static enum rc_status grow(struct people *people, struct rc_error *err)
{
	size_t capacity = people->capacity ? people->capacity * 2 : 64;
	void *refs;

	if (people->count < people->capacity)
		return RC_OK;
	if (capacity > 2 * BADGES_MAX)
		return rc_fail(err, RC_ELIMIT, "more than %u people", BADGES_MAX);
	refs = realloc(people->refs, capacity * sizeof(people->refs[0]));
	if (!refs)
		return rc_fail(err, RC_ENOMEM, "no memory for a list");
	people->refs = refs;
	people->capacity = capacity;
	return RC_OK;
}

static enum rc_status add_person(void *context, const struct rc_records_line *line, struct rc_error *err)
{
	struct people *people = context;
	enum rc_status status = line->is_registered && line->is_known ? grow(people, err) : RC_ENOTFOUND;

	if (status == RC_ENOTFOUND)
		return RC_OK;
	if (status == RC_OK)
		(void)rc_text_copy(line->ref, people->refs[people->count++], sizeof(people->refs[0]));
	return status;
}

static enum rc_status write_badge(const struct rc_cli_home *home, const char *ref,
				  const char *folder, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf png;
	char name[RC_PRINT_NAME_MAX_CHARS + 1];
	struct rc_person person;
	enum rc_status status = rc_people_find(home->db, ref, &person, err);

	rc_buf_init(&png, RC_PRINT_PNG_MAX_BYTES);
	if (status == RC_OK)
		status = draw(home, &person, &png, err);
	if (status != RC_OK)
		return status;
	rc_print_file_name("badge", person.number, name);
	return rc_print_save(folder, name, rc_buf_bytes(&png), err);
}

/* Somebody whose badges were all revoked is told of and passed over; anything else ends the work. */
static enum rc_status write_badges(const struct rc_cli_home *home, const struct people *people,
				   const char *folder, size_t *written, struct rc_error *err)
{
	*written = 0;
	for (size_t i = 0; i < people->count; i++) {
		enum rc_status status = write_badge(home, people->refs[i], folder, err);

		if (status == RC_ENOTFOUND)
			fprintf(stderr, "rollcall-server: %s\n", err->text);
		else if (status != RC_OK)
			return status;
		else
			++*written;
	}
	return RC_OK;
}

static enum rc_status tell_written(size_t written, const char *folder, struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;

	rc_buf_init(&text, RC_CLI_PATH_MAX_CHARS + 64);
	rc_buf_printf(&text, RC_CLI_TEXT("%zu badges are in %s\n", "%zu 张胸牌已写入 %s\n"),
		      written, folder);
	return rc_cli_print(&text, err);
}

static enum rc_status print_session(const struct rc_cli_home *home,
				    const struct rc_options *options, struct rc_error *err)
{
	const char *folder = rc_options_text(options, "out");
	struct people people = {.count = 0};
	size_t written = 0;
	enum rc_status status;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return rc_fail_errno(err, errno, "%s", folder);
	status = rc_records_attendance_of_session(home->db, options->operands[0],
						  rc_clock_now_ms(rc_clock_system()), add_person,
						  &people, err);
	if (status == RC_ENOTFOUND)
		status = rc_fail(err, status, "there is no session %s", options->operands[0]);
	if (status == RC_OK)
		status = write_badges(home, &people, folder, &written, err);
	free(people.refs);
	return status == RC_OK ? tell_written(written, folder, err) : status;
}

int rc_cli_badges(const struct rc_options *options)
{
	return rc_cli_at_home(options, print_session);
}

/* ---- one person's ---- */

static enum rc_status find(const struct rc_cli_home *home, const struct rc_options *options,
			   struct rc_person *person, struct rc_error *err)
{
	enum rc_status status = rc_people_find(home->db, options->operands[0], person, err);

	if (status == RC_ENOTFOUND)
		return rc_fail(err, status, "there is nobody with the number %s", options->operands[0]);
	return status;
}

static enum rc_status print_one(const struct rc_cli_home *home, const struct rc_options *options,
				struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf png;
	struct rc_person person;
	enum rc_status status = find(home, options, &person, err);

	rc_buf_init(&png, RC_PRINT_PNG_MAX_BYTES);
	if (status == RC_OK)
		status = draw(home, &person, &png, err);
	return status == RC_OK ? rc_file_replace(AT_FDCWD, rc_options_text(options, "out"), 0600,
						 rc_buf_bytes(&png), err)
			       : status;
}

int rc_cli_badge(const struct rc_options *options)
{
	return rc_cli_at_home(options, print_one);
}

static struct rc_hr hr_of(const struct rc_cli_home *home)
{
	return (struct rc_hr){
	    .db = home->db,
	    .secrets = &home->secrets,
	    .actor = "cli",
	    .now_ms = rc_clock_now_ms(rc_clock_system()),
	};
}

static enum rc_status tell_person(const struct rc_person *person, const char *en, const char *zh,
				  struct rc_error *err)
{
	RC_AUTO(rc_buf_deinit) struct rc_buf text;

	rc_buf_init(&text, 1024);
	rc_buf_printf(&text, "%s %s: %s\n", person->number, person->name, RC_CLI_TEXT(en, zh));
	return rc_cli_print(&text, err);
}

static enum rc_status make_new(const struct rc_cli_home *home, const struct rc_options *options,
			       struct rc_error *err)
{
	const struct rc_hr hr = hr_of(home);
	const bool keeps_old = rc_options_has(options, "keep-old");
	uint8_t badge_find[RC_FIND_BYTES];
	struct rc_person person;
	enum rc_status status = find(home, options, &person, err);

	if (status == RC_OK)
		status = rc_people_badge_new(&hr, &person.ref,
					     keeps_old ? RC_BADGE_OLD_KEEP : RC_BADGE_OLD_REVOKE,
					     badge_find, err);
	if (status != RC_OK)
		return status;
	return tell_person(&person, "has a new badge; rollcall-server badge prints it",
			   "已换发新胸牌，可用 rollcall-server badge 打印", err);
}

int rc_cli_badge_new(const struct rc_options *options)
{
	return rc_cli_at_home(options, make_new);
}

static enum rc_status revoke_badges(const struct rc_cli_home *home,
				    const struct rc_options *options, struct rc_error *err)
{
	const struct rc_hr hr = hr_of(home);
	struct rc_person person;
	size_t count = 0;
	enum rc_status status = find(home, options, &person, err);

	if (status == RC_OK)
		status = rc_people_badges_revoke(&hr, &person.ref, &count, err);
	if (status != RC_OK)
		return status;
	if (count == 0)
		return tell_person(&person, "had no active badge", "没有有效胸牌", err);
	return tell_person(&person, "all badges are revoked", "全部胸牌已作废", err);
}

int rc_cli_badge_revoke(const struct rc_options *options)
{
	return rc_cli_at_home(options, revoke_badges);
}
