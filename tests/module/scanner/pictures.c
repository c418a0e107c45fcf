/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/module/scanner/pictures.h"

#include "shared/base/cleanup.h"

#include <png.h>
#include <qrencode.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* jpeglib wants stdio before itself */
#include <jpeglib.h>

#define FILE_MAX_BYTES (64u << 20)

struct canvas canvas_new(unsigned width, unsigned height, uint8_t grey)
{
	struct canvas canvas = {.pixels = malloc((size_t)width * height), .width = width, .height = height};

	assert_non_null(canvas.pixels);
	memset(canvas.pixels, grey, (size_t)width * height);
	return canvas;
}

struct rc_frame canvas_frame(const struct canvas *canvas)
{
	return (struct rc_frame){
	    .pixels = canvas->pixels, .width = canvas->width, .height = canvas->height};
}

static void draw(struct canvas *canvas, const struct rc_qr *qr, unsigned x, unsigned y,
		 unsigned module_pixels)
{
	for (unsigned row = 0; row < qr->modules * module_pixels; row++) {
		for (unsigned column = 0; column < qr->modules * module_pixels; column++) {
			const bool is_dark =
			    rc_qr_is_dark(qr, column / module_pixels, row / module_pixels);

			assert_true(y + row < canvas->height && x + column < canvas->width);
			canvas->pixels[(size_t)(y + row) * canvas->width + x + column] =
			    is_dark ? 0 : 255;
		}
	}
}

void canvas_draw_code(struct canvas *canvas, struct rc_bytes payload, unsigned x, unsigned y,
		      unsigned module_pixels)
{
	static struct rc_qr qr;

	assert_int_equal(rc_qr_encode(payload, RC_QR_LOW, &qr, NULL), RC_OK);
	draw(canvas, &qr, x, y, module_pixels);
}

struct canvas canvas_of_code(struct rc_bytes payload, unsigned module_pixels)
{
	static struct rc_qr qr;
	const unsigned margin = RC_QR_QUIET_ZONE * module_pixels;
	struct canvas canvas;

	assert_int_equal(rc_qr_encode(payload, RC_QR_LOW, &qr, NULL), RC_OK);
	canvas = canvas_new(qr.modules * module_pixels + 2 * margin,
			    qr.modules * module_pixels + 2 * margin, 255);
	draw(&canvas, &qr, margin, margin, module_pixels);
	return canvas;
}

static struct canvas canvas_of_input(QRinput *input)
{
	QRcode *code = QRcode_encodeInput(input);
	struct canvas canvas;

	assert_non_null(code);
	canvas = canvas_new((unsigned)code->width * 4 + 40, (unsigned)code->width * 4 + 40, 255);
	for (unsigned y = 0; y < (unsigned)code->width * 4; y++) {
		for (unsigned x = 0; x < (unsigned)code->width * 4; x++)
			canvas.pixels[(y + 20) * canvas.width + x + 20] =
			    code->data[y / 4 * (unsigned)code->width + x / 4] & 1 ? 0 : 255;
	}
	QRcode_free(code);
	QRinput_free(input);
	return canvas;
}

struct canvas canvas_of_code_with_eci(unsigned eci, unsigned count)
{
	QRinput *input = QRinput_new2(0, QR_ECLEVEL_L);

	for (unsigned i = 0; i < count; i++)
		assert_int_equal(QRinput_appendECIheader(input, eci), 0);
	assert_int_equal(QRinput_append(input, QR_MODE_8, 3, (const unsigned char *)"abc"), 0);
	return canvas_of_input(input);
}

/* libqrencode makes no code of nothing, but one that names a character set and ends. */
struct canvas canvas_of_empty_code(void)
{
	QRinput *input = QRinput_new2(0, QR_ECLEVEL_L);

	assert_int_equal(QRinput_appendECIheader(input, 26), 0);
	return canvas_of_input(input);
}

struct rc_buf canvas_as_pgm(const struct canvas *canvas)
{
	struct rc_buf file;

	rc_buf_init(&file, FILE_MAX_BYTES);
	rc_buf_printf(&file, "P5\n# drawn\n%u %u\n255\n", canvas->width, canvas->height);
	rc_buf_append(&file, canvas->pixels, (size_t)canvas->width * canvas->height);
	return file;
}

/* Grey as red, green and blue. */
static uint8_t *colours(const struct canvas *canvas)
{
	const size_t count = (size_t)canvas->width * canvas->height;
	uint8_t *colour = malloc(count * 3);

	assert_non_null(colour);
	for (size_t i = 0; i < count * 3; i++)
		colour[i] = canvas->pixels[i / 3];
	return colour;
}

struct rc_buf canvas_as_png(const struct canvas *canvas, bool is_colour)
{
	png_image image = {.version = PNG_IMAGE_VERSION,
			   .width = canvas->width,
			   .height = canvas->height,
			   .format = is_colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY};
	RC_AUTO(rc_free_p) uint8_t *colour = is_colour ? colours(canvas) : NULL;
	png_alloc_size_t size = 0;
	struct rc_buf file;

	rc_buf_init(&file, FILE_MAX_BYTES);
	assert_true(png_image_write_get_memory_size(image, size, 0,
						    is_colour ? colour : canvas->pixels, 0, NULL));
	assert_int_equal(rc_buf_reserve(&file, size), RC_OK);
	assert_true(png_image_write_to_memory(&image, file.data, &size, 0,
					      is_colour ? colour : canvas->pixels, 0, NULL));
	file.size = size;
	return file;
}

struct rc_buf canvas_as_jpeg(const struct canvas *canvas, bool is_colour, bool is_progressive)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	RC_AUTO(rc_free_p) uint8_t *colour = colours(canvas);
	unsigned char *bytes = NULL;
	unsigned long size = 0;
	struct rc_buf file;

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &bytes, &size);
	jpeg.image_width = canvas->width;
	jpeg.image_height = canvas->height;
	jpeg.input_components = is_colour ? 3 : 1;
	jpeg.in_color_space = is_colour ? JCS_RGB : JCS_GRAYSCALE;
	jpeg_set_defaults(&jpeg);
	if (is_progressive)
		jpeg_simple_progression(&jpeg);
	jpeg_start_compress(&jpeg, TRUE);
	while (jpeg.next_scanline < jpeg.image_height) {
		const size_t place = (size_t)jpeg.next_scanline * canvas->width;
		JSAMPROW row = is_colour ? colour + 3 * place : canvas->pixels + place;

		(void)jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	rc_buf_init(&file, FILE_MAX_BYTES);
	rc_buf_append(&file, bytes, size);
	free(bytes);
	return file;
}

int memfd_of(struct rc_bytes bytes)
{
	const int fd = memfd_create("picture", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes.data, bytes.size, 0), bytes.size);
	return fd;
}
