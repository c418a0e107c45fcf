/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollcall-camera-draw: writes what a camera would see while somebody holds up a badge, as numbered PGM frames: it comes,
 * is held still, goes. Or, with --empty, a room with nobody in it.
 */
#include "firmware/scanner/decode.h"
#include "firmware/scanner/image_file.h"
#include "shared/base/cleanup.h"
#include "tests/sim/camera/badge_view.h"

#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wishes {
	const char *badge, *out;
	struct rc_badge_view view;
	unsigned long frames;
	bool is_empty;
};

static const char *const difficulty_names[RC_BADGE_DIFFICULTIES] = {"plain", "turned", "tilted",
								    "dim", "mixed"};

static int usage(void)
{
	(void)fprintf(stderr,
		      "rollcall-camera-draw (--badge FILE | --empty) --out DIR [--seed N] "
		      "[--frames K] [--size 640x480]\n"
		      "                     [--difficulty plain|turned|tilted|dim|mixed]\n");
	return 2;
}

/* Where the code lies on the badge is read from the badge itself, so that any badge can be held up at a sensible distance. */
static enum rc_status find_code(struct rc_badge_card *card, int fd, struct rc_error *err)
{
	struct rc_decoder *decoder = rc_decoder_new();
	const struct rc_qr_finds *finds = NULL;
	const struct rc_scanner_point *at;
	enum rc_status status;

	if (!decoder)
		return rc_fail(err, RC_ENOMEM, "no memory");
	status = rc_scanner_decode_file(decoder, fd, &finds, err);
	if (status == RC_OK && finds->count == 0)
		status = rc_fail(err, RC_ENOTFOUND, "no code on this badge");
	if (status == RC_OK) {
		at = finds->finds[0].corners;
		card->code_x = (at[0].x + at[2].x) / 2.0;
		card->code_y = (at[0].y + at[2].y) / 2.0;
		card->code_side = hypot(at[1].x - at[0].x, at[1].y - at[0].y);
	}
	rc_decoder_free(decoder);
	return status;
}

static enum rc_status load_badge(const char *path, struct rc_badge_card *card, struct rc_error *err)
{
	RC_AUTO(rc_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
	RC_AUTO(rc_buf_deinit) struct rc_buf file;
	struct rc_frame_memory memory = {0};
	struct rc_frame frame;
	enum rc_status status;

	rc_buf_init(&file, RC_IMAGE_FILE_MAX_BYTES);
	status = rc_image_file_read(fd, &file, &memory, &frame, err);
	if (status == RC_OK) {
		*card = (struct rc_badge_card){
		    .pixels = memory.pixels, .width = frame.width, .height = frame.height};
		status = find_code(card, fd, err);
	}
	if (status != RC_OK)
		rc_frame_memory_deinit(&memory);
	return status;
}

static bool write_pgm(const char *folder, unsigned long number, const struct rc_badge_view *view,
		      const uint8_t *pixels)
{
	char path[4096];
	const size_t size = (size_t)view->width * view->height;
	FILE *file;
	bool is_written;

	(void)snprintf(path, sizeof(path), "%s/frame-%04lu.pgm", folder, number);
	file = fopen(path, "wbe");
	if (!file)
		return false;
	is_written = fprintf(file, "P5\n%u %u\n255\n", view->width, view->height) > 0 &&
		     fwrite(pixels, 1, size, file) == size;
	return fclose(file) == 0 && is_written;
}

/* A quarter of the time to come, half of it held still, a quarter to go. */
static double nearness_at(unsigned long frame, unsigned long frames)
{
	const double time = ((double)frame + 0.5) / (double)frames;
	const double way = time < 0.25 ? time / 0.25 : time > 0.75 ? (1 - time) / 0.25 : 1;

	return way < 1 ? way * 0.9 : 1;
}

static bool draw_all(const struct wishes *wishes, const struct rc_badge_card *card)
{
	struct rc_badge_view view = wishes->view;
	RC_AUTO(rc_free_p) uint8_t *pixels = malloc((size_t)view.width * view.height);

	for (unsigned long i = 0; pixels && i < wishes->frames; i++) {
		enum rc_status status;

		view.frame = i;
		view.nearness = nearness_at(i, wishes->frames);
		status = wishes->is_empty ? rc_badge_view_draw_empty(&view, pixels)
					  : rc_badge_view_draw(card, &view, pixels);
		if (status != RC_OK || !write_pgm(wishes->out, i, &view, pixels))
			return false;
	}
	return pixels != NULL;
}

static bool take_difficulty(const char *name, enum rc_badge_difficulty *difficulty)
{
	for (size_t i = 0; i < RC_BADGE_DIFFICULTIES; i++) {
		if (strcmp(name, difficulty_names[i]) == 0) {
			*difficulty = (enum rc_badge_difficulty)i;
			return true;
		}
	}
	return false;
}

static bool take_option(int option, struct wishes *wishes)
{
	switch (option) {
	case 'b':
		wishes->badge = optarg;
		return true;
	case 'o':
		wishes->out = optarg;
		return true;
	case 's':
		wishes->view.seed = strtoull(optarg, NULL, 10);
		return true;
	case 'f':
		wishes->frames = strtoul(optarg, NULL, 10);
		return true;
	case 'd':
		return take_difficulty(optarg, &wishes->view.difficulty);
	case 'z':
		return sscanf(optarg, "%ux%u", &wishes->view.width, &wishes->view.height) == 2 &&
		       rc_frame_is_fit(wishes->view.width, wishes->view.height);
	case 'e':
		wishes->is_empty = true;
		return true;
	default:
		return false;
	}
}

static bool take_options(int count, char **arguments, struct wishes *wishes)
{
	static const struct option options[] = {
	    {"badge", required_argument, NULL, 'b'},
	    {"out", required_argument, NULL, 'o'},
	    {"seed", required_argument, NULL, 's'},
	    {"frames", required_argument, NULL, 'f'},
	    {"difficulty", required_argument, NULL, 'd'},
	    {"size", required_argument, NULL, 'z'},
	    {"empty", no_argument, NULL, 'e'},
	    {0},
	};
	int option;

	while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
		if (!take_option(option, wishes))
			return false;
	}
	return optind == count && wishes->out && wishes->frames > 0 &&
	       (wishes->is_empty != (wishes->badge != NULL));
}

int main(int count, char **arguments)
{
	struct wishes wishes = {
	    .view = {.width = 640, .height = 480, .seed = 1, .difficulty = RC_BADGE_PLAIN}, .frames = 12};
	struct rc_badge_card card = {0};
	struct rc_error err = {0};
	bool is_done;

	if (!take_options(count, arguments, &wishes))
		return usage();
	if (wishes.badge && load_badge(wishes.badge, &card, &err) != RC_OK) {
		(void)fprintf(stderr, "%s: %s\n", wishes.badge, err.text);
		return 1;
	}
	is_done = draw_all(&wishes, &card);
	free(card.pixels);
	if (!is_done)
		(void)fprintf(stderr, "%s: the frames can't be written\n", wishes.out);
	return is_done ? 0 : 4;
}
