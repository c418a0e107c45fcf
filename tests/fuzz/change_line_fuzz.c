/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a changes answer: whatever is read as a change is decoded as every entity, and what was read is written and read again. */
#include "shared/reference/reference.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode_as_everything(const struct rc_change *change)
{
	static struct rc_ref_room room;
	static struct rc_ref_session session;
	static struct rc_ref_registration registration;
	static struct rc_ref_person person;
	static struct rc_ref_credential credential;
	static struct rc_ref_presence presence;
	static struct rc_ref_setting setting;
	static struct rc_ref_person_card card;

	(void)!rc_ref_room_decode(change, &room, NULL);
	(void)!rc_ref_session_decode(change, &session, NULL);
	(void)!rc_ref_registration_decode(change, &registration, NULL);
	(void)!rc_ref_person_decode(change, &person, NULL);
	(void)!rc_ref_credential_decode(change, &credential, NULL);
	(void)!rc_ref_presence_decode(change, &presence, NULL);
	(void)!rc_ref_setting_decode(change, &setting, NULL);
	(void)!rc_ref_person_card_decode(change->payload, &card, NULL);
}

static void write_again(const struct rc_change *change)
{
	struct rc_change again;
	struct rc_buf line;

	rc_buf_init(&line, RC_REFERENCE_LINE_MAX_BYTES + 1024);
	rc_change_write(change, &line);
	if (line.size <= RC_REFERENCE_LINE_MAX_BYTES &&
	    (rc_change_read(rc_bytes_of(line.data, line.size - 1), &again, NULL) != RC_OK ||
	     !rc_bytes_equal(change->payload, again.payload) || strcmp(change->id, again.id) != 0))
		abort();
	rc_buf_deinit(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct rc_bytes line = rc_bytes_of(data, size);
	enum rc_changes_line which;
	struct rc_changes_end end;
	struct rc_change change;
	struct rc_cursor cursor;

	(void)!rc_changes_line_read(line, &which, &end, NULL);
	(void)!rc_cursor_parse(line, &cursor);
	if (rc_change_read(line, &change, NULL) != RC_OK)
		return 0;
	if (!change.is_deletion)
		decode_as_everything(&change);
	write_again(&change);
	return 0;
}
