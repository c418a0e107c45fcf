/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RC_DAEMON_ANCHOR_H
#define RC_DAEMON_ANCHOR_H
/*
 * The kiosk's time. The system clock is never set; an anchor (UTC, CLOCK_BOOTTIME) says what it should be.
 *
 * The best source that is at hand is used: NTP as the kernel reports it; else the last authenticated answer of the server,
 * carried forward by CLOCK_BOOTTIME with 50 ppm of drift; else an RTC that the board promises; else nobody knows. Certificates
 * are judged at a time that can't be turned back and that a wrong clock can't push far ahead. Any thread.
 */
#include "shared/base/clock.h"
#include "shared/base/id.h"
#include "shared/base/timestamp.h"

#define RC_ANCHOR_DRIFT_PPM INT64_C(50)
#define RC_ANCHOR_AHEAD_MS                                                                         \
	(400 * RC_DAY_MS) /* so far a clock nobody vouches for may run ahead of the last known time */

struct rc_anchor;

struct rc_anchor_config {
	const struct rc_clock *system; /* borrowed */
	bool has_rtc;                  /* the board's description promises a battery-backed clock */
	int64_t build_ms;              /* when this program was built */
};

/* NULL without memory. */
struct rc_anchor *rc_anchor_new(const struct rc_anchor_config *config);
void rc_anchor_free(struct rc_anchor *anchor);

/* An anchor as it is kept, for a daemon that starts again in the same boot. */
struct rc_anchor_kept {
	struct rc_id boot;
	int64_t server_ms, up_ms, error_ms; /* as rc_anchor_set got them */
};

/* What was kept durably of an earlier run: no certificate is judged at an earlier time. */
void rc_anchor_remember(struct rc_anchor *anchor, int64_t last_known_ms);

/* An authenticated answer said `server_ms` at `up_ms` of this boot, within `error_ms`. */
void rc_anchor_set(struct rc_anchor *anchor, int64_t server_ms, int64_t up_ms, int64_t error_ms);

/* The newest anchor of this boot, to be kept durably; false if the server hasn't told the time yet. */
RC_CHECKED bool rc_anchor_keep(struct rc_anchor *anchor, struct rc_anchor_kept *kept);

/* Goes on from what was kept: its error has grown with the time since, as if the daemon had never ended. False, and nothing happens, if it is
 * of another boot (CLOCK_BOOTTIME says nothing about that one), of the future of this one, or older than what is known. */
bool rc_anchor_resume(struct rc_anchor *anchor, const struct rc_anchor_kept *kept);

/* Kept as text: "BOOT UP_MS SERVER_MS ERROR_MS". RC_EFORMAT for any other. */
#define RC_ANCHOR_KEPT_MAX_CHARS (RC_ID_CHARS + 3u * 21u)
void rc_anchor_kept_format(const struct rc_anchor_kept *kept, char text[RC_ANCHOR_KEPT_MAX_CHARS + 1]);
RC_CHECKED enum rc_status rc_anchor_kept_parse(struct rc_bytes text, struct rc_anchor_kept *kept);

/* The anchored clock; lives as long as the anchor. */
const struct rc_clock *rc_anchor_clock(struct rc_anchor *anchor);

/* The time at which certificates are judged: the latest time that anybody vouched for (the build, an earlier run, the server,
 * NTP), carried forward by CLOCK_BOOTTIME; the system's clock where it is later, and NTP set it or it is at most
 * RC_ANCHOR_AHEAD_MS ahead. What was vouched for is never taken back. */
int64_t rc_anchor_certificate_ms(struct rc_anchor *anchor);

/* The latest time that NTP or the server vouched for, to be kept durably; 0 if none since the start. */
int64_t rc_anchor_vouched_ms(struct rc_anchor *anchor);

#endif
