/* SPDX-License-Identifier: Apache-2.0 */
/* The system's clock. The boot id is read once: it can't change while a process lives. */
#include "shared/base/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static const char *const source_texts[] = {
    [RC_CLOCK_NTP] = "ntp",
    [RC_CLOCK_SERVER] = "server",
    [RC_CLOCK_RTC] = "rtc",
    [RC_CLOCK_NONE] = "none",
};

static struct rc_id boot_id;
static pthread_once_t boot_id_once = PTHREAD_ONCE_INIT;

/* Without /proc (a sandbox) the boot is named by a random id of this process: facts stay ordered, anchors don't carry over. */
static void read_boot_id(void)
{
	char text[RC_ID_CHARS];
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;

	if (fd >= 0)
		(void)close(fd);
	if (n != (ssize_t)sizeof(text) || rc_id_parse(rc_bytes_of(text, sizeof(text)), &boot_id) != RC_OK)
		boot_id = rc_id_new();
}

static int64_t clock_ms(clockid_t id)
{
	struct timespec t;

	(void)clock_gettime(id, &t); /* can't fail with these ids */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void read_system(void *context, struct rc_clock_reading *reading)
{
	struct timex timex = {.modes = 0};
	int state = adjtimex(&timex);

	(void)context;
	(void)pthread_once(&boot_id_once, read_boot_id);
	reading->at_ms = clock_ms(CLOCK_REALTIME);
	reading->up_ms = clock_ms(CLOCK_BOOTTIME);
	reading->boot = boot_id;
	if (state >= 0 && state != TIME_ERROR) {
		reading->source = RC_CLOCK_NTP;
		reading->error_ms = timex.maxerror / 1000 + 1; /* the kernel counts microseconds */
	} else {
		reading->source = RC_CLOCK_NONE;
		reading->error_ms = RC_CLOCK_ERROR_UNKNOWN;
	}
}

const struct rc_clock *rc_clock_system(void)
{
	static const struct rc_clock clock = {.read = read_system};

	return &clock;
}

struct rc_clock_reading rc_clock_read(const struct rc_clock *clock)
{
	struct rc_clock_reading reading;

	clock->read(clock->context, &reading);
	return reading;
}

int64_t rc_clock_now_ms(const struct rc_clock *clock)
{
	return rc_clock_read(clock).at_ms;
}

int64_t rc_clock_up_ms(const struct rc_clock *clock)
{
	return rc_clock_read(clock).up_ms;
}

const char *rc_clock_source_text(enum rc_clock_source source)
{
	return source_texts[source];
}

enum rc_status rc_clock_source_parse(struct rc_bytes text, enum rc_clock_source *source)
{
	const size_t count = sizeof(source_texts) / sizeof(source_texts[0]);
	size_t place;

	if (!rc_bytes_find_name(text, source_texts, count, &place))
		return RC_EFORMAT;
	*source = (enum rc_clock_source)place;
	return RC_OK;
}
