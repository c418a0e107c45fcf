/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zbar behind our own types. All symbologies are off but QR, which halves the time; ZBAR_CFG_BINARY gives the bytes that
 * stand in the code, NULs included. A code put together of several parts of a series in one frame comes as one symbol with
 * components, an incomplete series as PARTIAL: both are only seen.
 */
#include "firmware/scanner/qr_reader.h"

#include "shared/base/cleanup.h"

#include <zbar.h>

RC_DEFINE_AUTO(zbar_image_t, zbar_image_destroy)

struct rc_qr_reader {
	zbar_image_scanner_t *scanner;
};

struct rc_qr_reader *rc_qr_reader_new(void)
{
	struct rc_qr_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->scanner = zbar_image_scanner_create();
	if (!reader->scanner) {
		free(reader);
		return NULL;
	}
	(void)zbar_image_scanner_set_config(reader->scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
	(void)zbar_image_scanner_set_config(reader->scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
	(void)zbar_image_scanner_set_config(reader->scanner, ZBAR_QRCODE, ZBAR_CFG_BINARY, 1);
	return reader;
}

void rc_qr_reader_free(struct rc_qr_reader *reader)
{
	if (!reader)
		return;
	zbar_image_scanner_destroy(reader->scanner);
	free(reader);
}

/* zbar goes round a code the other way: upper left, lower left, lower right, upper right. */
static void copy_corners(const zbar_symbol_t *symbol, struct rc_scanner_point corners[4])
{
	static const unsigned places[4] = {0, 3, 2, 1};
	const unsigned count = zbar_symbol_get_loc_size(symbol);

	for (unsigned i = 0; i < 4; i++) {
		corners[i] = (struct rc_scanner_point){0};
		if (places[i] < count)
			corners[i] = (struct rc_scanner_point){
			    .x = zbar_symbol_get_loc_x(symbol, places[i]),
			    .y = zbar_symbol_get_loc_y(symbol, places[i]),
			};
	}
}

static int turn_of(const zbar_symbol_t *symbol)
{
	switch (zbar_symbol_get_orientation(symbol)) {
	case ZBAR_ORIENT_RIGHT:
		return 90;
	case ZBAR_ORIENT_DOWN:
		return 180;
	case ZBAR_ORIENT_LEFT:
		return 270;
	default:
		return 0;
	}
}

static void copy_find(const zbar_symbol_t *symbol, int64_t mono_us, struct rc_scanner_find *find)
{
	const size_t size = zbar_symbol_get_data_length(symbol);
	const int quality = zbar_symbol_get_quality(symbol);

	find->frame = 0;
	find->mono_us = mono_us;
	find->quality = quality > 0 ? quality : 0;
	find->turn = turn_of(symbol);
	copy_corners(symbol, find->corners);
	find->size = size < sizeof(find->payload) ? size : sizeof(find->payload);
	find->omitted = size - find->size;
	memcpy(find->payload, zbar_symbol_get_data(symbol), find->size);
}

static bool is_whole(const zbar_symbol_t *symbol)
{
	return zbar_symbol_get_type(symbol) == ZBAR_QRCODE && !zbar_symbol_get_components(symbol) &&
	       zbar_symbol_get_data_length(symbol) > 0;
}

static void copy_symbol(const zbar_symbol_t *symbol, int64_t mono_us, struct rc_qr_finds *finds)
{
	if (is_whole(symbol)) {
		if (finds->count < RC_SCANNER_FINDS_MAX)
			copy_find(symbol, mono_us, &finds->finds[finds->count++]);
	} else if (zbar_symbol_get_loc_size(symbol) == 4 && finds->seen_count < RC_SCANNER_FINDS_MAX) {
		copy_corners(symbol, finds->seen[finds->seen_count++]);
	}
}

enum rc_status rc_qr_reader_read(struct rc_qr_reader *reader, const struct rc_frame *frame,
				 struct rc_qr_finds *finds, struct rc_error *err)
{
	RC_AUTO(zbar_image_destroy_p) zbar_image_t *image = NULL;

	finds->count = finds->seen_count = 0;
	if (!rc_frame_is_fit(frame->width, frame->height))
		return rc_fail(err, RC_ELIMIT, "a frame of %u × %u pixels", frame->width, frame->height);
	image = zbar_image_create();
	if (!image)
		return rc_fail(err, RC_ENOMEM, "no memory for a frame");
	zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
	zbar_image_set_size(image, frame->width, frame->height);
	zbar_image_set_data(image, frame->pixels, (unsigned long)frame->width * frame->height, NULL);
	if (zbar_scan_image(reader->scanner, image) < 0)
		return rc_fail(err, RC_ENOMEM, "the QR reader failed on a frame");
	for (const zbar_symbol_t *symbol = zbar_image_first_symbol(image); symbol;
	     symbol = zbar_symbol_next(symbol))
		copy_symbol(symbol, frame->mono_us, finds);
	return RC_OK;
}
