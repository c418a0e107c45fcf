/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollcall-camera-feed: a simulated camera. Listens on a Unix socket (SOCK_SEQPACKET) and sends whoever connects a picture
 * for each frame (firmware/scanner/feed.h), so that the kiosk, set to `camera = feed:PATH`, sees a scripted day.
 *
 * The script's clock starts with the first connection and runs on when the kiosk's daemon connects again. With --live the
 * scenes come from stdin instead, a line each, shown at once: tests and demonstrations play with it. One connection at a time.
 */
#include "firmware/scanner/feed.h"
#include "shared/base/cleanup.h"
#include "tests/sim/camera/script.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#define QUEUE_BYTES 4096 /* a few frames wait at most: a camera has no longer memory either */

struct camera {
	const char *socket_path;
	int listener, viewer; /* -1: none */
	struct rc_script script;
	int64_t frame_ms;
	int64_t started_ms; /* of the script's clock; 0: not yet */
	bool is_live;
	bool is_over;
	char typed[4200]; /* a line from stdin that isn't whole yet */
	size_t typed_size;
};

static int usage(void)
{
	(void)fprintf(
	    stderr, "rollcall-camera-feed --socket PATH [--fps N] (--script FILE | --live | "
		    "PICTURE-OR-FOLDER…)\n"
		    "  FILE: lines of AT_MS<TAB>SCENE; --live: scenes from stdin, a line each, "
		    "shown at once\n"
		    "  a scene is a picture, a folder (a picture a frame), - (no frames) or end\n");
	return 2;
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum rc_status listen_at(const char *path, int *listener, struct rc_error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	RC_AUTO(rc_close_p)
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (!rc_text_copy(path, address.sun_path, sizeof(address.sun_path)))
		return rc_fail(err, RC_EUSAGE, "%s: too long for a socket", path);
	(void)unlink(path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, 4) != 0)
		return rc_fail_errno(err, errno, "%s", path);
	*listener = rc_steal_fd(&fd);
	return RC_OK;
}

static void accept_viewer(struct camera *camera)
{
	const int size = QUEUE_BYTES;
	const int fd = accept4(camera->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	rc_close_p(&camera->viewer); /* the newest one looks */
	camera->viewer = fd;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (camera->started_ms == 0)
		camera->started_ms = now_ms();
}

static void show_frame(struct camera *camera)
{
	const int64_t at_ms = now_ms() - camera->started_ms;
	const struct rc_scene *scene = rc_script_at(&camera->script, at_ms);
	const char *picture =
	    scene ? rc_scene_picture(scene, at_ms - scene->at_ms, camera->frame_ms) : NULL;
	RC_AUTO(rc_close_p) int fd = picture ? open(picture, O_RDONLY | O_CLOEXEC) : -1;
	enum rc_status status;

	camera->is_over = scene && scene->is_end;
	if (fd < 0)
		return;
	status = rc_feed_send(camera->viewer, fd, NULL);
	if (status != RC_OK && status != RC_EBUSY) {
		(void)close(camera->viewer);
		camera->viewer = -1;
	}
}

/* In live mode the script is what was typed so far, each scene at the time it came. */
static void show_typed(struct camera *camera, const char *line)
{
	const int64_t at_ms = camera->started_ms == 0 ? 0 : now_ms() - camera->started_ms;
	struct rc_error err = {0};

	if (line[0] != '\0' && rc_script_add(&camera->script, at_ms, line, &err) != RC_OK)
		(void)fprintf(stderr, "%s\n", err.text);
}

static void read_typed(struct camera *camera)
{
	const size_t room = sizeof(camera->typed) - 1 - camera->typed_size;
	const ssize_t count = read(STDIN_FILENO, camera->typed + camera->typed_size, room);
	char *newline;

	if (count <= 0) {
		camera->is_over = true;
		return;
	}
	camera->typed_size += (size_t)count;
	camera->typed[camera->typed_size] = '\0';
	while ((newline = strchr(camera->typed, '\n'))) {
		*newline = '\0';
		show_typed(camera, camera->typed);
		camera->typed_size -= (size_t)(newline + 1 - camera->typed);
		memmove(camera->typed, newline + 1, camera->typed_size + 1);
	}
	if (camera->typed_size == sizeof(camera->typed) - 1)
		camera->typed_size = 0;
}

static void run(struct camera *camera)
{
	int64_t next_ms = now_ms();

	while (!camera->is_over) {
		struct pollfd polls[2] = {{.fd = camera->listener, .events = POLLIN},
					  {.fd = camera->is_live ? STDIN_FILENO : -1, .events = POLLIN}};
		const int64_t wait_ms = next_ms - now_ms();

		(void)poll(polls, 2, wait_ms > 0 ? (int)wait_ms : 0);
		if (polls[0].revents)
			accept_viewer(camera);
		if (polls[1].revents)
			read_typed(camera);
		if (now_ms() < next_ms)
			continue;
		next_ms = now_ms() + camera->frame_ms;
		if (camera->viewer >= 0)
			show_frame(camera);
	}
}

/* Pictures and folders named on the command line follow each other, each as long as its frames last; then it is over. */
static enum rc_status add_named(struct camera *camera, char **paths, int count, struct rc_error *err)
{
	int64_t at_ms = 0;
	enum rc_status status = RC_OK;

	for (int i = 0; i < count && status == RC_OK; i++) {
		status = rc_script_add(&camera->script, at_ms, paths[i], err);
		if (status == RC_OK)
			at_ms += (int64_t)camera->script.scenes[i].count * camera->frame_ms;
	}
	return status == RC_OK ? rc_script_add(&camera->script, at_ms, "end", err) : status;
}

static enum rc_status take_options(int count, char **arguments, struct camera *camera,
				   struct rc_error *err)
{
	static const struct option options[] = {
	    {"socket", required_argument, NULL, 's'},
	    {"fps", required_argument, NULL, 'f'},
	    {"script", required_argument, NULL, 'c'},
	    {"live", no_argument, NULL, 'l'},
	    {0},
	};
	const char *script = NULL;
	int option;

	while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
		const long fps = option == 'f' ? strtol(optarg, NULL, 10) : 30;

		if (option == '?' || fps < 1 || fps > 1000)
			return rc_fail(err, RC_EUSAGE, "wrong option");
		if (option == 'f')
			camera->frame_ms = 1000 / fps;
		else if (option == 's')
			camera->socket_path = optarg;
		else if (option == 'c')
			script = optarg;
		else
			camera->is_live = true;
	}
	if (!camera->socket_path || (script != NULL) + camera->is_live + (optind < count) != 1)
		return rc_fail(err, RC_EUSAGE, "a socket, and one of script, live or pictures are needed");
	if (script)
		return rc_script_load(&camera->script, script, err);
	return camera->is_live ? RC_OK : add_named(camera, arguments + optind, count - optind, err);
}

int main(int count, char **arguments)
{
	struct camera camera = {.listener = -1, .viewer = -1, .frame_ms = 33};
	struct rc_error err = {0};
	enum rc_status status = take_options(count, arguments, &camera, &err);

	if (status == RC_OK)
		status = listen_at(camera.socket_path, &camera.listener, &err);
	if (status != RC_OK) {
		(void)fprintf(stderr, "rollcall-camera-feed: %s\n", err.text);
		rc_script_deinit(&camera.script);
		return status == RC_EUSAGE ? usage() : 4;
	}
	(void)printf("ready\n");
	(void)fflush(stdout);
	run(&camera);
	rc_close_p(&camera.viewer);
	rc_close_p(&camera.listener);
	(void)unlink(camera.socket_path);
	rc_script_deinit(&camera.script);
	return 0;
}
