/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scanner's side of the camera picture, for tests of the screen: `picture_feeder empty|seen|read` prints the number of a
 * descriptor that others may open under /proc/PID/fd, and shows frames (left half black, right half white, a code in the
 * middle) until its stdin ends.
 */
#include "firmware/picture/picture.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct rc_picture_frame frame;

static void fill(const char *mode)
{
	static const struct rc_picture_point corners[4] = {{130, 70}, {190, 70}, {190, 130}, {130, 130}};

	for (unsigned y = 0; y < RC_PICTURE_HEIGHT; y++)
		memset(frame.pixels + y * RC_PICTURE_WIDTH + RC_PICTURE_WIDTH / 2, 255,
		       RC_PICTURE_WIDTH / 2);
	frame.code_count = strcmp(mode, "empty") != 0;
	frame.codes[0].is_read = strcmp(mode, "read") == 0;
	memcpy(frame.codes[0].corners, corners, sizeof(corners));
}

static int die(const struct rc_error *err)
{
	(void)fprintf(stderr, "picture_feeder: %s\n", err->text);
	return 1;
}

int main(int argc, char **argv)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	struct rc_picture *picture = NULL;
	struct rc_error err;
	int fd = -1, reader_fd = -1;

	if (rc_picture_create(&fd, &err) != RC_OK ||
	    rc_picture_open_for_writing(fd, &picture, &err) != RC_OK ||
	    rc_picture_open_reader_fd(fd, &reader_fd, &err) != RC_OK)
		return die(&err);
	fill(argc > 1 ? argv[1] : "empty");
	rc_picture_write(picture, &frame);
	(void)printf("%d\n", reader_fd);
	(void)fflush(stdout);
	while (poll(&input, 1, 30) == 0) {
		frame.number++;
		rc_picture_write(picture, &frame);
	}
	rc_picture_close(picture);
	return 0;
}
