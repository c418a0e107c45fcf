/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JPEG by libjpeg-turbo, grey only: of a colour picture the two colour planes aren't even unpacked.
 *
 * The library reports errors by a callback that must not return, so one small function holds the setjmp, and nothing in it
 * changes between there and a jump. A picture that ends early is refused (the library would make the rest up in grey); small
 * faults that cameras make in every frame, such as stray bytes before a marker, are not.
 */
#include "firmware/scanner/image_file.h"

/* clang-format off */
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>
/* clang-format on */
#include <setjmp.h>

#define SCANS_MAX                                                                                  \
	100 /* of a progressive picture: each costs a pass over all pixels, and a small file can ask for thousands */

struct decoding {
	struct jpeg_decompress_struct library;
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf failed;
	struct rc_frame_memory *memory;
	struct rc_error *err;
	enum rc_status status;
};

static struct decoding *decoding_of(j_common_ptr library)
{
	return library->client_data;
}

/* Leaves by the setjmp in decode_guarded. */
static void stop(j_common_ptr library, enum rc_status status)
{
	struct decoding *decoding = decoding_of(library);

	decoding->status = status;
	longjmp(decoding->failed, 1);
}

static void on_error(j_common_ptr library)
{
	char text[JMSG_LENGTH_MAX];

	library->err->format_message(library, text);
	stop(library, rc_fail(decoding_of(library)->err, RC_EFORMAT, "JPEG: %s", text));
}

static void on_message(j_common_ptr library, int level)
{
	if (level < 0 && library->err->msg_code == JWRN_JPEG_EOF)
		stop(library, rc_fail(decoding_of(library)->err, RC_EFORMAT,
				      "JPEG: the picture ends too early"));
}

static void on_progress(j_common_ptr library)
{
	if (((j_decompress_ptr)library)->input_scan_number > SCANS_MAX)
		stop(library, rc_fail(decoding_of(library)->err, RC_ELIMIT,
				      "JPEG: more than %d scans", SCANS_MAX));
}

static void decode(struct decoding *decoding, struct rc_bytes file)
{
	j_decompress_ptr library = &decoding->library;
	enum rc_status status;

	jpeg_create_decompress(library);
	library->progress = &decoding->progress;
	library->client_data = decoding;
	jpeg_mem_src(library, file.data, (unsigned long)file.size);
	(void)jpeg_read_header(library, TRUE);
	status = rc_frame_memory_reserve(decoding->memory, library->image_width,
					 library->image_height, decoding->err);
	if (status != RC_OK)
		stop((j_common_ptr)library, rc_error_in(decoding->err, status, "JPEG"));
	library->out_color_space = JCS_GRAYSCALE;
	(void)jpeg_start_decompress(library);
	while (library->output_scanline < library->output_height) {
		JSAMPROW row = decoding->memory->pixels +
			       (size_t)library->output_scanline * library->output_width;

		(void)jpeg_read_scanlines(library, &row, 1);
	}
	(void)jpeg_finish_decompress(library);
}

static void decode_guarded(struct decoding *decoding, struct rc_bytes file)
{
	if (setjmp(decoding->failed) == 0)
		decode(decoding, file);
}

enum rc_status rc_image__decode_jpeg(struct rc_bytes file, struct rc_frame_memory *memory,
				     struct rc_frame *frame, struct rc_error *err)
{
	struct decoding decoding = {.memory = memory, .err = err, .status = RC_OK};

	decoding.library.err = jpeg_std_error(&decoding.errors);
	decoding.library.client_data = &decoding;
	decoding.errors.error_exit = on_error;
	decoding.errors.emit_message = on_message;
	decoding.progress.progress_monitor = on_progress;
	decode_guarded(&decoding, file);
	if (decoding.status == RC_OK)
		*frame = (struct rc_frame){.pixels = memory->pixels,
					   .width = decoding.library.output_width,
					   .height = decoding.library.output_height};
	jpeg_destroy_decompress(&decoding.library);
	return decoding.status;
}
