/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/daemon/anchor.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define NUMBER_MAX (INT64_C(1) << 53) /* as in facts */

struct rc_anchor {
	struct rc_anchor_config config;
	struct rc_clock clock;
	pthread_mutex_t lock; /* guards what follows */
	bool is_set;
	int64_t server_ms, up_ms, error_ms;
	int64_t vouched_ms;  /* by NTP or the server since the start; 0: none yet */
	int64_t known_ms;    /* the latest known time … */
	int64_t known_up_ms; /* … as it was at this CLOCK_BOOTTIME */
};

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The known time runs on by itself, so an older time that is vouched for now doesn't set it back. */
static void know(struct rc_anchor *anchor, int64_t at_ms, int64_t up_ms)
{
	if (at_ms <= anchor->known_ms + (up_ms - anchor->known_up_ms))
		return;
	anchor->known_ms = at_ms;
	anchor->known_up_ms = up_ms;
}

static void vouch(struct rc_anchor *anchor, int64_t at_ms, int64_t up_ms)
{
	anchor->vouched_ms = larger(anchor->vouched_ms, at_ms);
	know(anchor, at_ms, up_ms);
}

/* An anchor grows old: the board's crystal runs off. */
static void apply_anchor(const struct rc_anchor *anchor, struct rc_clock_reading *reading)
{
	int64_t elapsed_ms = reading->up_ms - anchor->up_ms;

	reading->at_ms = anchor->server_ms + elapsed_ms;
	reading->error_ms = anchor->error_ms + elapsed_ms * RC_ANCHOR_DRIFT_PPM / 1000000 + 1;
	reading->source = RC_CLOCK_SERVER;
}

static void read_anchored(void *context, struct rc_clock_reading *reading)
{
	struct rc_anchor *anchor = context;

	*reading = rc_clock_read(anchor->config.system);
	pthread_mutex_lock(&anchor->lock);
	if (reading->source == RC_CLOCK_NTP) {
		vouch(anchor, reading->at_ms, reading->up_ms);
	} else if (anchor->is_set) {
		apply_anchor(anchor, reading);
	} else if (anchor->config.has_rtc) {
		reading->source = RC_CLOCK_RTC;
	}
	pthread_mutex_unlock(&anchor->lock);
}

struct rc_anchor *rc_anchor_new(const struct rc_anchor_config *config)
{
	struct rc_anchor *anchor = calloc(1, sizeof(*anchor));

	if (!anchor)
		return NULL;
	anchor->config = *config;
	anchor->clock = (struct rc_clock){.read = read_anchored, .context = anchor};
	anchor->known_ms = config->build_ms;
	anchor->known_up_ms = rc_clock_up_ms(config->system);
	if (pthread_mutex_init(&anchor->lock, NULL) != 0) {
		free(anchor);
		return NULL;
	}
	return anchor;
}

void rc_anchor_free(struct rc_anchor *anchor)
{
	if (!anchor)
		return;
	pthread_mutex_destroy(&anchor->lock);
	free(anchor);
}

void rc_anchor_remember(struct rc_anchor *anchor, int64_t last_known_ms)
{
	int64_t up_ms = rc_clock_up_ms(anchor->config.system);

	pthread_mutex_lock(&anchor->lock);
	know(anchor, last_known_ms, up_ms);
	pthread_mutex_unlock(&anchor->lock);
}

void rc_anchor_set(struct rc_anchor *anchor, int64_t server_ms, int64_t up_ms, int64_t error_ms)
{
	pthread_mutex_lock(&anchor->lock);
	anchor->is_set = true;
	anchor->server_ms = server_ms;
	anchor->up_ms = up_ms;
	anchor->error_ms = error_ms;
	vouch(anchor, server_ms, up_ms);
	pthread_mutex_unlock(&anchor->lock);
}

bool rc_anchor_keep(struct rc_anchor *anchor, struct rc_anchor_kept *kept)
{
	const struct rc_clock_reading now = rc_clock_read(anchor->config.system);
	bool is_set;

	pthread_mutex_lock(&anchor->lock);
	is_set = anchor->is_set;
	*kept = (struct rc_anchor_kept){.boot = now.boot,
					.server_ms = anchor->server_ms,
					.up_ms = anchor->up_ms,
					.error_ms = anchor->error_ms};
	pthread_mutex_unlock(&anchor->lock);
	return is_set;
}

bool rc_anchor_resume(struct rc_anchor *anchor, const struct rc_anchor_kept *kept)
{
	const struct rc_clock_reading now = rc_clock_read(anchor->config.system);
	bool is_newer;

	if (!rc_id_equal(&kept->boot, &now.boot) || kept->up_ms > now.up_ms)
		return false;
	pthread_mutex_lock(&anchor->lock);
	is_newer = !anchor->is_set || anchor->up_ms < kept->up_ms;
	pthread_mutex_unlock(&anchor->lock);
	if (is_newer)
		rc_anchor_set(anchor, kept->server_ms, kept->up_ms, kept->error_ms);
	return is_newer;
}

void rc_anchor_kept_format(const struct rc_anchor_kept *kept, char text[RC_ANCHOR_KEPT_MAX_CHARS + 1])
{
	char boot[RC_ID_CHARS + 1];

	rc_id_format(&kept->boot, boot);
	(void)snprintf(text, RC_ANCHOR_KEPT_MAX_CHARS + 1, "%s %" PRId64 " %" PRId64 " %" PRId64,
		       boot, kept->up_ms, kept->server_ms, kept->error_ms);
}

/* Cuts the next number off: plain digits behind one space. */
static bool take_number(const char **rest, int64_t *number)
{
	char *end;

	if ((*rest)[0] != ' ' || (*rest)[1] < '0' || (*rest)[1] > '9')
		return false;
	errno = 0;
	*number = strtoll(*rest + 1, &end, 10);
	*rest = end;
	return errno == 0 && *number <= NUMBER_MAX;
}

enum rc_status rc_anchor_kept_parse(struct rc_bytes bytes, struct rc_anchor_kept *kept)
{
	char text[RC_ANCHOR_KEPT_MAX_CHARS + 1];
	const char *rest = text + RC_ID_CHARS;
	struct rc_anchor_kept read;

	if (bytes.size < RC_ID_CHARS || !rc_bytes_copy_text(bytes, text, sizeof(text)) ||
	    rc_id_parse(rc_bytes_of(text, RC_ID_CHARS), &read.boot) != RC_OK ||
	    !take_number(&rest, &read.up_ms) || !take_number(&rest, &read.server_ms) ||
	    !take_number(&rest, &read.error_ms) || *rest != '\0')
		return RC_EFORMAT;
	*kept = read;
	return RC_OK;
}

const struct rc_clock *rc_anchor_clock(struct rc_anchor *anchor)
{
	return &anchor->clock;
}

int64_t rc_anchor_certificate_ms(struct rc_anchor *anchor)
{
	struct rc_clock_reading system = rc_clock_read(anchor->config.system);
	int64_t known_ms;

	pthread_mutex_lock(&anchor->lock);
	known_ms = anchor->known_ms + (system.up_ms - anchor->known_up_ms);
	pthread_mutex_unlock(&anchor->lock);
	if (system.at_ms > known_ms &&
	    (system.source == RC_CLOCK_NTP || system.at_ms - known_ms <= RC_ANCHOR_AHEAD_MS))
		return system.at_ms;
	return known_ms;
}

int64_t rc_anchor_vouched_ms(struct rc_anchor *anchor)
{
	int64_t vouched_ms;

	pthread_mutex_lock(&anchor->lock);
	vouched_ms = anchor->vouched_ms;
	pthread_mutex_unlock(&anchor->lock);
	return vouched_ms;
}
