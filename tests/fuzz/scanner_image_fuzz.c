/* SPDX-License-Identifier: Apache-2.0 */
/* Picture files of all formats, and the QR reader on what comes out of them (small ones only: it is the slow part). */
#include "firmware/scanner/image_file.h"
#include "firmware/scanner/qr_reader.h"
#include "shared/base/cleanup.h"

#include <stdlib.h>

#define READ_PIXELS_MAX (256u * 256u)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rc_qr_finds finds;
	static struct rc_frame_memory memory;
	static struct rc_qr_reader *reader;
	struct rc_frame frame;

	if (!reader)
		reader = rc_qr_reader_new();
	if (!reader || rc_image_file_decode(rc_bytes_of(data, size), &memory, &frame, NULL) != RC_OK)
		return 0;
	if (!rc_frame_is_fit(frame.width, frame.height) || frame.pixels != memory.pixels)
		abort();
	if ((size_t)frame.width * frame.height <= READ_PIXELS_MAX &&
	    rc_qr_reader_read(reader, &frame, &finds, NULL) == RC_OK && finds.count > RC_SCANNER_FINDS_MAX)
		abort();
	return 0;
}
