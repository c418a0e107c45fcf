/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's reader of the scanner's lines. A line that is taken must be written back byte by byte the same. */
#include "firmware/scanner/pipe.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_line(const struct rc_scanner_line *line, struct rc_buf *out)
{
	switch (line->kind) {
	case RC_SCANNER_LINE_FIND:
		rc_scanner_pipe_encode_find(&line->find, out);
		break;
	case RC_SCANNER_LINE_ALIVE:
		rc_scanner_pipe_encode_alive(line->frame, line->mono_us, out);
		break;
	case RC_SCANNER_LINE_END:
		rc_scanner_pipe_encode_end(line->end, out);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char memory[RC_SCANNER_LINE_MAX_BYTES + 1];
	static struct rc_scanner_line line;
	struct rc_buf out;

	if (rc_scanner_pipe_decode(rc_bytes_of(data, size), &line, NULL) != RC_OK)
		return 0;
	rc_buf_init_fixed(&out, memory, sizeof(memory));
	write_line(&line, &out);
	if (rc_buf_status(&out, NULL) != RC_OK || out.size != size + 1 ||
	    memcmp(out.data, data, size) != 0)
		abort();
	return 0;
}
