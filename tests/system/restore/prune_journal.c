/* SPDX-License-Identifier: Apache-2.0 */
/* rollcall-journal-prune DATA KIOSK COUNT: what a kiosk removes when its disk is full, the oldest COUNT acknowledged facts. The kiosk
 * must not run. */
#include "firmware/journal/journal.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	const struct rc_journal_options options = {.clock = rc_clock_system()};
	struct rc_journal_room room = {.least_free_bytes = 1};
	struct rc_journal *journal = NULL;
	struct rc_error err = {.text = "DATA KIOSK COUNT"};
	struct rc_id kiosk;
	size_t removed = 0;
	enum rc_status status = RC_EUSAGE;

	if (argc == 4)
		status = rc_id_parse(rc_bytes_of_text(argv[2]), &kiosk);
	if (status == RC_OK)
		status = rc_journal_open(argv[1], &kiosk, &options, &journal, &err);
	if (status == RC_OK) {
		room.max_facts = (size_t)strtoul(argv[3], NULL, 10);
		status = rc_journal_prune(journal, &room, &removed, &err);
	}
	if (status != RC_OK)
		fprintf(stderr, "%s\n", err.text);
	if (journal)
		rc_journal_close(journal);
	printf("%zu\n", removed);
	return rc_status_exit(status);
}
