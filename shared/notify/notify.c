/* SPDX-License-Identifier: Apache-2.0 */
/* sd_notify(3) by hand: the protocol is a line in a datagram, and libsystemd would be a library for that. */
#include "shared/notify/notify.h"

#include "shared/base/bytes.h"
#include "shared/base/cleanup.h"
#include "shared/base/log.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A path, or "@name" in the abstract namespace, where a NUL stands for the @ and the length ends the name. */
static enum rc_status take_address(const char *name, struct sockaddr_un *address, socklen_t *size,
				   struct rc_error *err)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if ((name[0] != '/' && name[0] != '@') || !name[1] ||
	    !rc_text_copy(name, address->sun_path, sizeof(address->sun_path)))
		return rc_fail(err, RC_EUSAGE, "NOTIFY_SOCKET=%.120s is no address", name);
	*size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	else
		*size = sizeof(*address);
	return RC_OK;
}

enum rc_status rc_notify(const char *state, struct rc_error *err)
{
	const char *name = getenv("NOTIFY_SOCKET");
	RC_AUTO(rc_close_p) int fd = -1;
	struct sockaddr_un address;
	socklen_t size = 0;
	enum rc_status status;

	if (!name || !name[0])
		return RC_OK;
	status = take_address(name, &address, &size, err);
	if (status != RC_OK)
		return status;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return rc_fail_errno(err, errno, "socket");
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
		   (const struct sockaddr *)&address, size) < 0)
		return rc_fail_errno(err, errno, "telling %s to %s", state, name);
	return RC_OK;
}

void rc_notify_tell(const char *state)
{
	struct rc_error err = {.text = ""};

	if (rc_notify(state, &err) != RC_OK)
		rc_log_failure("who started this program was not told", &err);
}

/* Plain digits; 0 for anything else, also for what is too big to be meant. */
static int64_t number_in(const char *name)
{
	const char *text = getenv(name);
	int64_t number = 0;

	if (!text || !text[0] || strlen(text) > 15 || strspn(text, "0123456789") != strlen(text))
		return 0;
	for (; *text; text++)
		number = number * 10 + (*text - '0');
	return number;
}

void rc_notify_watchdog_init(struct rc_notify_watchdog *watchdog)
{
	const char *pid = getenv("WATCHDOG_PID");

	*watchdog = (struct rc_notify_watchdog){.period_ms = 0};
	if (!pid || number_in("WATCHDOG_PID") == getpid())
		watchdog->period_ms = number_in("WATCHDOG_USEC") / 2000;
}

void rc_notify_watchdog_beat(struct rc_notify_watchdog *watchdog, int64_t up_ms)
{
	if (watchdog->period_ms == 0 || up_ms < watchdog->due_up_ms)
		return;
	watchdog->due_up_ms = up_ms + watchdog->period_ms;
	rc_notify_tell("WATCHDOG=1");
}
