/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Badges and enrolment sheets, drawn with cairo and written with pango. Codes are filled rectangles on whole pixels without
 * antialiasing, so each module is exactly as wide as the next. Sizes are fixed: a card looks the same on every machine that has
 * the two fonts, and where they are missing fontconfig finds others.
 */
#include "server/print/badge.h"
#include "shared/base/utf8.h"
#include "shared/qr/qr.h"

#include <pango/pangocairo.h>

#define FONT "Inter, Noto Sans CJK SC, sans-serif"

#define CARD_WIDTH  640
#define CARD_HEIGHT 400
#define CARD_MARGIN 20

#define SHEET_WIDTH  800
#define SHEET_MARGIN 40
#define SHEET_TEXT   400 /* below the code */

struct ink {
	double red, green, blue;
};

static const struct ink BLACK = {0, 0, 0};
static const struct ink GREY = {0.35, 0.35, 0.35};

/* ---- a page ---- */

struct page {
	cairo_surface_t *surface; /* owned, like the next */
	cairo_t *cairo;
};

static void page_close(struct page *page)
{
	if (page->cairo)
		cairo_destroy(page->cairo);
	if (page->surface)
		cairo_surface_destroy(page->surface);
}

/* A white page. Cairo's objects keep their own failure: it is looked at once, when the page is written. */
static struct page page_open(int width, int height)
{
	struct page page;

	page.surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
	page.cairo = cairo_create(page.surface);
	cairo_set_source_rgb(page.cairo, 1, 1, 1);
	cairo_paint(page.cairo);
	return page;
}

static cairo_status_t append_png(void *closure, const unsigned char *data, unsigned int size)
{
	struct rc_buf *png = closure;

	rc_buf_append(png, data, size);
	return png->status == RC_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static enum rc_status page_write(const struct page *page, struct rc_buf *png, struct rc_error *err)
{
	cairo_status_t status = cairo_status(page->cairo);

	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_write_to_png_stream(page->surface, append_png, png);
	if (png->status != RC_OK)
		return rc_buf_status(png, err);
	if (status == CAIRO_STATUS_NO_MEMORY)
		return rc_fail(err, RC_ENOMEM, "no memory for a picture");
	if (status != CAIRO_STATUS_SUCCESS)
		return rc_fail(err, RC_EBUG, "drawing: %s", cairo_status_to_string(status));
	return RC_OK;
}

/* ---- what stands on it ---- */

struct place {
	int x, y, width;
	int lines; /* at most; the rest becomes an ellipsis */
	bool is_centred;
};

/* Writes a text and returns how high it became. `px` is the size of the font. */
static int draw_text(const struct page *page, const char *text, int px, bool is_bold, struct place place)
{
	PangoLayout *layout = pango_cairo_create_layout(page->cairo);
	PangoFontDescription *font = pango_font_description_from_string(FONT);
	int height;

	pango_font_description_set_absolute_size(font, (double)px * PANGO_SCALE);
	pango_font_description_set_weight(font, is_bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(layout, font);
	pango_layout_set_width(layout, place.width * PANGO_SCALE);
	pango_layout_set_height(layout, -place.lines);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	if (place.is_centred)
		pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER);
	pango_layout_set_text(layout, text, -1);
	cairo_move_to(page->cairo, place.x, place.y);
	pango_cairo_show_layout(page->cairo, layout);
	pango_layout_get_pixel_size(layout, NULL, &height);
	pango_font_description_free(font);
	g_object_unref(layout);
	return height;
}

static void set_ink(const struct page *page, struct ink ink)
{
	cairo_set_source_rgb(page->cairo, ink.red, ink.green, ink.blue);
}

/* Pixels of a module so that the code with its quiet zone fits into `side`; 0 if it would be less than the least. */
static int module_px(const struct rc_qr *qr, int side)
{
	const int px = side / (int)(qr->modules + 2 * RC_QR_QUIET_ZONE);

	return px >= (int)RC_PRINT_MODULE_MIN_PX ? px : 0;
}

/* Draws the dark modules; (x, y) is the corner of the quiet zone. */
static void draw_code(const struct page *page, const struct rc_qr *qr, int x, int y, int px)
{
	const int quiet = (int)RC_QR_QUIET_ZONE * px;

	set_ink(page, BLACK);
	cairo_set_antialias(page->cairo, CAIRO_ANTIALIAS_NONE);
	for (unsigned row = 0; row < qr->modules; row++)
		for (unsigned column = 0; column < qr->modules; column++)
			if (rc_qr_is_dark(qr, column, row))
				cairo_rectangle(page->cairo, x + quiet + (int)column * px,
						y + quiet + (int)row * px, px, px);
	cairo_fill(page->cairo);
	cairo_set_antialias(page->cairo, CAIRO_ANTIALIAS_DEFAULT);
}

static enum rc_status check_texts(const char *const *texts, size_t count, struct rc_error *err)
{
	for (size_t i = 0; i < count; i++)
		if (!rc_utf8_is_valid(rc_bytes_of_text(texts[i])))
			return rc_fail(err, RC_EFORMAT, "a text to print is not UTF-8");
	return RC_OK;
}

/* ---- the badge ---- */

/* Code on the left, words on the right: a camera sees the code first however the card is held. */
static void draw_badge(const struct page *page, const struct rc_print_badge *badge,
		       const struct rc_qr *qr)
{
	const int px = module_px(qr, CARD_HEIGHT);
	const int side = (int)(qr->modules + 2 * RC_QR_QUIET_ZONE) * px;
	struct place place = {.x = side, .y = CARD_MARGIN + 8, .lines = 2};

	place.width = CARD_WIDTH - CARD_MARGIN - side;
	draw_code(page, qr, 0, (CARD_HEIGHT - side) / 2, px);
	set_ink(page, GREY);
	(void)draw_text(page, badge->organisation, 22, false, place);
	set_ink(page, BLACK);
	place.y = 130;
	place.y += draw_text(page, badge->name, 44, true, place) + 10;
	place.lines = 1;
	(void)draw_text(page, badge->number, 28, false, place);
}

enum rc_status rc_print_badge(const struct rc_print_badge *badge, struct rc_buf *png, struct rc_error *err)
{
	const char *const texts[] = {badge->organisation, badge->name, badge->number};
	char payload[RC_BADGE_TEXT_CHARS + 1];
	struct rc_qr qr;
	struct page page;
	enum rc_status status = check_texts(texts, 3, err);

	if (status != RC_OK)
		return status;
	rc_badge_code_format(badge->code, payload);
	status = rc_qr_encode(rc_bytes_of_text(payload), RC_QR_MEDIUM, &qr, err);
	rc_wipe(payload, sizeof(payload));
	if (status != RC_OK)
		return status;
	page = page_open(CARD_WIDTH, CARD_HEIGHT);
	draw_badge(&page, badge, &qr);
	status = page_write(&page, png, err);
	page_close(&page);
	rc_wipe(&qr, sizeof(qr));
	return status;
}

/* ---- the enrolment sheet ---- */

static void draw_enrolment(const struct page *page, const struct rc_print_enrolment *enrolment,
			   const struct rc_qr *qr, int px)
{
	const int side = (int)(qr->modules + 2 * RC_QR_QUIET_ZONE) * px;
	struct place place = {.x = SHEET_MARGIN,
			      .y = SHEET_MARGIN,
			      .width = SHEET_WIDTH - 2 * SHEET_MARGIN,
			      .lines = 1,
			      .is_centred = true};

	set_ink(page, GREY);
	place.y += draw_text(page, enrolment->organisation, 26, false, place) + 12;
	set_ink(page, BLACK);
	place.y += draw_text(page, enrolment->room, 44, true, place) + 12;
	draw_code(page, qr, (SHEET_WIDTH - side) / 2, place.y, px);
	place.y += side + 12;
	place.lines = 2;
	place.y +=
	    draw_text(page, "请在新签到机的摄像头前出示此码。仅可使用一次。", 26, false, place) + 8;
	place.y += draw_text(page, "Hold this code up to the camera of a new kiosk. It works once.",
			     22, false, place) +
		   16;
	place.lines = 1;
	place.y += draw_text(page, "有效期至 · Valid until", 20, false, place) + 4;
	(void)draw_text(page, enrolment->expires, 30, true, place);
}

enum rc_status rc_print_enrolment(const struct rc_print_enrolment *enrolment, struct rc_buf *png,
				  struct rc_error *err)
{
	const char *const texts[] = {enrolment->organisation, enrolment->room, enrolment->expires};
	struct rc_qr qr;
	struct page page;
	int px;
	enum rc_status status = check_texts(texts, 3, err);

	if (status == RC_OK)
		status = rc_qr_encode(rc_bytes_of_text(enrolment->payload), RC_QR_MEDIUM, &qr, err);
	if (status != RC_OK)
		return status;
	px = module_px(&qr, SHEET_WIDTH);
	if (px == 0)
		return rc_fail(err, RC_ELIMIT, "the code is too large for a sheet");
	page = page_open(SHEET_WIDTH, (int)(qr.modules + 2 * RC_QR_QUIET_ZONE) * px + SHEET_TEXT);
	draw_enrolment(&page, enrolment, &qr, px);
	status = page_write(&page, png, err);
	page_close(&page);
	rc_wipe(&qr, sizeof(qr));
	return status;
}
