/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pinhole camera: the badge is a plane that is turned in space and projected; each pixel near it asks the inverse of that
 * projection where on the card it looks, nine times for smooth edges. Then light, lens blur, noise, in that order, as a
 * camera adds them.
 */
#include "tests/sim/camera/badge_view.h"

#include "shared/base/cleanup.h"

#include <math.h>
#include <string.h>

#define CARD_MODULE_PIXELS 12u
#define CARD_MARGIN        (RC_QR_QUIET_ZONE + 2u) /* modules */
#define SAMPLES            3                       /* a side of a pixel */
#define SIDE_MAX           4096u
#define NEAR_ENOUGH        1.0

/* How far a difficulty goes; angles in degrees, light as a factor. Found by trying until zbar read 1,000 seeds
 * of each; at 45 degrees it misses one in a thousand. */
struct range {
	double turn, tilt, blur_px, noise, light_min, light_max, unevenness;
	bool any_side_up;
};

static const struct range ranges[RC_BADGE_DIFFICULTIES] = {
    [RC_BADGE_PLAIN] = {.turn = 6,
			.tilt = 4,
			.blur_px = 0.6,
			.noise = 3,
			.light_min = 0.85,
			.light_max = 1.0,
			.unevenness = 0.1},
    [RC_BADGE_TURNED] = {.turn = 25,
			 .tilt = 6,
			 .blur_px = 0.6,
			 .noise = 4,
			 .light_min = 0.75,
			 .light_max = 1.0,
			 .unevenness = 0.15,
			 .any_side_up = true},
    [RC_BADGE_TILTED] = {.turn = 15,
			 .tilt = 24,
			 .blur_px = 0.6,
			 .noise = 4,
			 .light_min = 0.75,
			 .light_max = 1.0,
			 .unevenness = 0.15},
    [RC_BADGE_DIM] =
	{.turn = 8, .tilt = 6, .blur_px = 0.7, .noise = 5, .light_min = 0.4, .light_max = 0.6, .unevenness = 0.3},
    [RC_BADGE_MIXED] = {.turn = 20,
			.tilt = 12,
			.blur_px = 0.7,
			.noise = 4,
			.light_min = 0.5,
			.light_max = 0.9,
			.unevenness = 0.3},
};

struct dice {
	uint64_t state;
};

/* Everything about a view that its seed decides. */
struct scene {
	double wall, person, skin;        /* grey */
	double head_x, head_y, head_size; /* parts of the frame's height */
	double light, slope_x, slope_y;   /* factor in the middle, change to the edge */
	double turn, yaw, pitch;          /* radians */
	double code_x, code_y, code_side; /* pixels of the frame */
	double blur_px, noise;
};

struct plane {
	double to_card[9]; /* homography: pixel of the frame → pixel of the card */
};

/* splitmix64 */
static uint64_t roll(struct dice *dice)
{
	uint64_t z = (dice->state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static double between(struct dice *dice, double low, double high)
{
	return low + (high - low) * ((double)(roll(dice) >> 11) * 0x1p-53);
}

static double either_way(struct dice *dice, double reach)
{
	return between(dice, -reach, reach);
}

static double radians(double degrees)
{
	return degrees * 3.14159265358979323846 / 180.0;
}

enum rc_status rc_badge_card_of_qr(const struct rc_qr *qr, struct rc_badge_card *card,
				   struct rc_error *err)
{
	const unsigned side = (qr->modules + 2 * CARD_MARGIN) * CARD_MODULE_PIXELS;
	uint8_t *pixels = malloc((size_t)side * side);

	if (!pixels)
		return rc_fail(err, RC_ENOMEM, "no memory for a card");
	for (unsigned y = 0; y < side; y++) {
		for (unsigned x = 0; x < side; x++) {
			const unsigned column = x / CARD_MODULE_PIXELS - CARD_MARGIN; /* wraps in the margin */
			const unsigned row = y / CARD_MODULE_PIXELS - CARD_MARGIN;
			const bool is_dark = column < qr->modules && row < qr->modules &&
					     rc_qr_is_dark(qr, column, row);

			pixels[(size_t)y * side + x] = is_dark ? 20 : 245;
		}
	}
	*card = (struct rc_badge_card){.pixels = pixels,
				       .width = side,
				       .height = side,
				       .code_x = side / 2.0,
				       .code_y = side / 2.0,
				       .code_side = (double)qr->modules * CARD_MODULE_PIXELS};
	return RC_OK;
}

static struct scene scene_of(const struct rc_badge_view *view)
{
	const struct range *range = &ranges[view->difficulty];
	struct dice dice = {.state = view->seed * 31 + (uint64_t)view->difficulty};
	struct dice tremble = {.state = view->seed ^ (view->frame * UINT64_C(0xD1B54A32D192ED03))};
	struct scene scene;

	scene.wall = between(&dice, 110, 190);
	scene.person = between(&dice, 40, 110);
	scene.skin = between(&dice, 120, 190);
	scene.head_x = between(&dice, 0.35, 0.65);
	scene.head_y = between(&dice, 0.12, 0.25);
	scene.head_size = between(&dice, 0.14, 0.2);
	scene.light = between(&dice, range->light_min, range->light_max);
	scene.slope_x = either_way(&dice, range->unevenness);
	scene.slope_y = either_way(&dice, range->unevenness);
	scene.turn = radians(either_way(&dice, range->turn));
	if (range->any_side_up)
		scene.turn += radians(90.0 * (double)(roll(&dice) % 4));
	scene.yaw = radians(either_way(&dice, range->tilt));
	scene.pitch = radians(either_way(&dice, range->tilt));
	scene.code_side = view->height * between(&dice, 0.34, 0.48);
	scene.code_x = view->width * between(&dice, 0.4, 0.6) + either_way(&tremble, 1.5);
	scene.code_y = view->height * between(&dice, 0.48, 0.58) + either_way(&tremble, 1.5);
	scene.blur_px = between(&dice, 0.3, range->blur_px);
	scene.noise = between(&dice, 1, range->noise);
	return scene;
}

/* On its way the badge comes up from below, still small, and smears. */
static void apply_nearness(const struct rc_badge_view *view, struct scene *scene)
{
	const double missing = NEAR_ENOUGH - view->nearness;

	scene->code_y += missing * view->height * 0.9;
	scene->code_side *= 1.0 - 0.35 * missing;
	scene->blur_px += missing * 3.0;
}

static double smooth_step(double value)
{
	if (value <= 0)
		return 0;
	return value >= 1 ? 1 : value * value * (3 - 2 * value);
}

/* 1 well inside of an ellipse, 0 outside, soft between. */
static double inside_ellipse(double x, double y, double half_width, double half_height)
{
	return smooth_step(
	    (1.0 - sqrt(x * x / (half_width * half_width) + y * y / (half_height * half_height))) * 8);
}

static double mix(double from, double to, double share)
{
	return from + (to - from) * share;
}

/* What is behind the badge at a place, in parts of the frame's height from its upper left. */
static double background_at(const struct scene *scene, double x, double y, double aspect, bool has_person)
{
	double grey = scene->wall + 14 * sin(x * 2.1 + scene->wall) - 18 * y; /* a wall is never even */
	const double door = smooth_step((x - aspect * 0.82) * 40);
	const double middle = scene->head_x * aspect;

	grey = mix(grey, scene->wall * 0.55, door);
	if (!has_person)
		return grey;
	grey = mix(grey, scene->person, inside_ellipse(x - middle, y - scene->head_y - 0.75, 0.42, 0.55));
	return mix(grey, scene->skin,
		   inside_ellipse(x - middle, y - scene->head_y, scene->head_size * 0.75,
				  scene->head_size));
}

static void draw_background(const struct rc_badge_view *view, const struct scene *scene,
			    bool has_person, double *grey)
{
	const double aspect = (double)view->width / view->height;

	for (unsigned y = 0; y < view->height; y++) {
		for (unsigned x = 0; x < view->width; x++)
			grey[(size_t)y * view->width + x] =
			    background_at(scene, (double)x / view->height, (double)y / view->height,
					  aspect, has_person);
	}
}

/* The inverse of a 3 × 3 matrix, up to a factor, which a homography doesn't have. */
static void invert(const double m[9], double out[9])
{
	const double inverse[9] = {
	    m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
	    m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
	    m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3],
	};

	memcpy(out, inverse, sizeof(inverse));
}

/* Card pixels (around the code's middle, in code sides) → space (turned, tilted, put at its distance) → frame; inverted. */
static struct plane plane_of(const struct rc_badge_card *card, const struct rc_badge_view *view,
			     const struct scene *scene)
{
	const double focal = view->width * 0.9;
	const double distance = focal / scene->code_side;
	const double ct = cos(scene->turn), st = sin(scene->turn), cy = cos(scene->yaw),
		     sy = sin(scene->yaw);
	const double cp = cos(scene->pitch), sp = sin(scene->pitch), scale = 1.0 / card->code_side;
	const double right[3] = {cy * ct, cp * st + sp * sy * ct, sp * st - cp * sy * ct};
	const double down[3] = {-cy * st, cp * ct - sp * sy * st, sp * ct + cp * sy * st};
	const double middle[3] = {(scene->code_x - view->width / 2.0) * distance / focal,
				  (scene->code_y - view->height / 2.0) * distance / focal, distance};
	double space[9], to_frame[9];
	struct plane plane;

	for (size_t i = 0; i < 3; i++) {
		space[3 * i] = right[i] * scale;
		space[3 * i + 1] = down[i] * scale;
		space[3 * i + 2] = middle[i] - (right[i] * card->code_x + down[i] * card->code_y) * scale;
	}
	for (size_t i = 0; i < 3; i++) {
		to_frame[i] = focal * space[i] + view->width / 2.0 * space[6 + i];
		to_frame[3 + i] = focal * space[3 + i] + view->height / 2.0 * space[6 + i];
		to_frame[6 + i] = space[6 + i];
	}
	invert(to_frame, plane.to_card);
	return plane;
}

/* Where on the card this point of the frame looks. */
static void look(const struct plane *plane, double x, double y, double *u, double *v)
{
	const double *m = plane->to_card;
	const double w = m[6] * x + m[7] * y + m[8];

	*u = (m[0] * x + m[1] * y + m[2]) / w;
	*v = (m[3] * x + m[4] * y + m[5]) / w;
}

/* Sampling is dear: only pixels that may touch the card are asked, with 16 card pixels to spare at each side. */
static bool may_touch(const struct rc_badge_card *card, const struct plane *plane, double x, double y)
{
	double u, v;

	look(plane, x, y, &u, &v);
	return u > -16 && v > -16 && u < card->width + 16.0 && v < card->height + 16.0;
}

/* The card's grey where this point of the frame looks, or -1 beside it. */
static double card_at(const struct rc_badge_card *card, const struct plane *plane, double x, double y)
{
	double u, v;

	look(plane, x, y, &u, &v);
	if (!(u >= 0 && v >= 0 && u < card->width && v < card->height))
		return -1;
	return card->pixels[(size_t)v * card->width + (size_t)u];
}

static double sample_pixel(const struct rc_badge_card *card, const struct plane *plane,
			   const double at[2], double behind)
{
	double sum = 0;

	for (int i = 0; i < SAMPLES * SAMPLES; i++) {
		const double x = at[0] + (i % SAMPLES + 0.5) / SAMPLES - 0.5;
		const double y = at[1] + (double)(i / SAMPLES + 0.5) / SAMPLES - 0.5;
		const double grey = card_at(card, plane, x, y);

		sum += grey < 0 ? behind : grey;
	}
	return sum / (SAMPLES * SAMPLES);
}

static void draw_card(const struct rc_badge_card *card, const struct rc_badge_view *view,
		      const struct scene *scene, double *grey)
{
	const struct plane plane = plane_of(card, view, scene);

	for (unsigned y = 0; y < view->height; y++) {
		for (unsigned x = 0; x < view->width; x++) {
			double *pixel = &grey[(size_t)y * view->width + x];

			if (may_touch(card, &plane, x, y))
				*pixel = sample_pixel(card, &plane, (const double[2]){x, y}, *pixel);
		}
	}
}

/* One direction of a Gauss filter over `count` pixels that lie `step` apart. */
static void blur_line(double *line, size_t count, size_t step, const double weights[], int reach)
{
	double copy[SIDE_MAX];

	for (size_t i = 0; i < count; i++)
		copy[i] = line[i * step];
	for (size_t i = 0; i < count; i++) {
		double sum = 0;

		for (int offset = -reach; offset <= reach; offset++) {
			const long place = (long)i + offset;
			const size_t from = place < 0                ? 0
					    : (size_t)place >= count ? count - 1
								     : (size_t)place;

			sum += weights[offset < 0 ? -offset : offset] * copy[from];
		}
		line[i * step] = sum;
	}
}

static void blur(const struct rc_badge_view *view, double sigma, double *grey)
{
	double weights[16], total = 0;
	const int reach = sigma > 4 ? 12 : (int)ceil(sigma * 3);

	for (int i = 0; i <= reach; i++) {
		weights[i] = exp(-i * i / (2 * sigma * sigma));
		total += i == 0 ? weights[i] : 2 * weights[i];
	}
	for (int i = 0; i <= reach; i++)
		weights[i] /= total;
	for (unsigned y = 0; y < view->height; y++)
		blur_line(grey + (size_t)y * view->width, view->width, 1, weights, reach);
	for (unsigned x = 0; x < view->width; x++)
		blur_line(grey + x, view->height, view->width, weights, reach);
}

/* Light, then the sensor: noise of about a normal distribution, cut to 8 bits. */
static void expose(const struct rc_badge_view *view, const struct scene *scene, const double *grey,
		   uint8_t *pixels)
{
	struct dice dice = {.state = view->seed * 7919 + view->frame + 1};

	for (unsigned y = 0; y < view->height; y++) {
		for (unsigned x = 0; x < view->width; x++) {
			const size_t i = (size_t)y * view->width + x;
			const double light =
			    scene->light * (1 + scene->slope_x * (2.0 * x / view->width - 1) +
					    scene->slope_y * (2.0 * y / view->height - 1));
			const uint64_t dots = roll(&dice);
			const double sum = (double)(dots & 0xFFFF) + (double)(dots >> 16 & 0xFFFF) +
					   (double)(dots >> 32 & 0xFFFF) + (double)(dots >> 48) - 131070;
			const double value = grey[i] * light + scene->noise * sum / 37837;

			pixels[i] = value <= 0 ? 0 : value >= 255 ? 255 : (uint8_t)value;
		}
	}
}

static enum rc_status draw(const struct rc_badge_card *card, const struct rc_badge_view *view,
			   uint8_t *pixels)
{
	RC_AUTO(rc_free_p) double *grey = malloc(sizeof(double) * view->width * view->height);
	struct scene scene = scene_of(view);

	if (!grey || view->width > SIDE_MAX || view->height > SIDE_MAX)
		return RC_ENOMEM;
	apply_nearness(view, &scene);
	draw_background(view, &scene, card != NULL, grey);
	if (card)
		draw_card(card, view, &scene, grey);
	blur(view, scene.blur_px, grey);
	expose(view, &scene, grey, pixels);
	return RC_OK;
}

enum rc_status rc_badge_view_draw(const struct rc_badge_card *card,
				  const struct rc_badge_view *view, uint8_t *pixels)
{
	return draw(card, view, pixels);
}

enum rc_status rc_badge_view_draw_empty(const struct rc_badge_view *view, uint8_t *pixels)
{
	struct rc_badge_view empty = *view;

	empty.nearness = NEAR_ENOUGH;
	return draw(NULL, &empty, pixels);
}
