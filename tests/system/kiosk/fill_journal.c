/* SPDX-License-Identifier: Apache-2.0 */
/* rollcall-journal-fill DATA KIOSK COUNT: what a kiosk writes in days without a network, in a moment. The kiosk must not run. */
#include "firmware/journal/journal.h"

#include <stdio.h>
#include <stdlib.h>

#define PIECE 100

static enum rc_status write_piece(struct rc_journal *journal, struct rc_error *err)
{
	struct rc_journal_statement statements[PIECE];
	struct rc_journal_entry entries[PIECE];
	struct rc_clock_reading now = rc_clock_read(rc_clock_system());

	for (size_t i = 0; i < PIECE; i++)
		statements[i] = (struct rc_journal_statement){
		    .kind = "device.changed",
		    .version = 1,
		    .body = rc_bytes_of_text("{\"device\":\"camera\",\"state\":\"restarted\"}")};
	return rc_journal_append_many(journal, statements, PIECE, &now, entries, err);
}

int main(int argc, char **argv)
{
	const struct rc_journal_options options = {.clock = rc_clock_system()};
	struct rc_journal *journal = NULL;
	struct rc_error err = {.text = "DATA KIOSK COUNT"};
	struct rc_id kiosk;
	enum rc_status status = RC_EUSAGE;

	if (argc == 4)
		status = rc_id_parse(rc_bytes_of_text(argv[2]), &kiosk);
	if (status == RC_OK)
		status = rc_journal_open(argv[1], &kiosk, &options, &journal, &err);
	for (long left = status == RC_OK ? strtol(argv[3], NULL, 10) : 0;
	     left > 0 && status == RC_OK; left -= PIECE) {
		status = write_piece(journal, &err);
		if (status == RC_OK && rc_journal_wants_checkpoint(journal))
			status = rc_journal_checkpoint(journal, &err);
	}
	if (status != RC_OK)
		fprintf(stderr, "%s\n", err.text);
	if (journal)
		rc_journal_close(journal);
	return rc_status_exit(status);
}
