/* SPDX-License-Identifier: Apache-2.0 */
/* Reads one model a line from stdin and writes "ok" or why not, a line each: the decoder for tests in other languages. */
#include "firmware/screen/view.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;

	while ((length = getline(&line, &capacity, stdin)) > 0) {
		struct rc_view view;
		struct rc_error err = {.text = ""};
		enum rc_status status = rc_view_decode(rc_bytes_of(line, (size_t)length), &view, &err);

		(void)printf("%s\n", status == RC_OK ? "ok" : err.text);
	}
	free(line);
	return 0;
}
