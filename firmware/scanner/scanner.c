/* SPDX-License-Identifier: Apache-2.0 */
/* A frame's lines go out before its picture is made: the greeting waits for the line, the picture only for the eye. */
#include "firmware/scanner/scanner.h"

#include "shared/base/log.h"

#include <errno.h>
#include <malloc.h>
#include <time.h>
#include <unistd.h>

/* Lost by libraries, looked at with each heartbeat; the largest picture takes less, and the process may have 512 MiB. */
#define HEAP_MAX_BYTES ((size_t)192 << 20)

struct loop {
	const struct rc_scanner_work *work;
	int64_t number;        /* of the newest frame */
	int64_t next_alive_us; /* when the next A line is due */
	bool has_told_of_damage; /* one log line for a camera that sends damaged frames, not thirty a second */
	struct rc_buf line;
};

static char line_memory[RC_SCANNER_LINE_MAX_BYTES + 1];
static struct rc_picture_frame picture_frame;

static int64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static enum rc_status send_line(struct loop *loop, struct rc_error *err)
{
	enum rc_status status = rc_buf_status(&loop->line, err);
	struct rc_bytes rest = rc_buf_bytes(&loop->line);

	while (status == RC_OK && rest.size > 0) {
		const ssize_t count = write(loop->work->pipe_fd, rest.data, rest.size);

		if (count >= 0)
			rest = rc_bytes_of(rest.data + count, rest.size - (size_t)count);
		else if (errno != EINTR)
			status = rc_fail_errno(err, errno, "scanner's pipe");
	}
	rc_buf_clear(&loop->line);
	return status;
}

static enum rc_status send_finds(struct loop *loop, struct rc_error *err)
{
	struct rc_qr_finds *finds = loop->work->finds;
	enum rc_status status = RC_OK;

	for (size_t i = 0; i < finds->count && status == RC_OK; i++) {
		finds->finds[i].frame = loop->number;
		rc_scanner_pipe_encode_find(&finds->finds[i], &loop->line);
		status = send_line(loop, err);
	}
	return status;
}

static void add_code(const struct rc_frame *frame, const struct rc_scanner_point corners[4], bool is_read)
{
	struct rc_picture_code *code;

	if (picture_frame.code_count == RC_PICTURE_CODES_MAX)
		return;
	code = &picture_frame.codes[picture_frame.code_count++];
	code->is_read = is_read;
	for (size_t i = 0; i < 4; i++) {
		const struct rc_scanner_point at =
		    rc_frame_shrink_point(frame, RC_PICTURE_WIDTH, RC_PICTURE_HEIGHT, corners[i]);

		code->corners[i] = (struct rc_picture_point){.x = (int16_t)at.x, .y = (int16_t)at.y};
	}
}

static void show(const struct loop *loop, const struct rc_frame *frame)
{
	const struct rc_qr_finds *finds = loop->work->finds;

	if (!loop->work->picture)
		return;
	picture_frame.number = (uint64_t)loop->number;
	picture_frame.mono_us = frame->mono_us;
	picture_frame.code_count = 0;
	for (size_t i = 0; i < finds->count; i++)
		add_code(frame, finds->finds[i].corners, true);
	for (size_t i = 0; i < finds->seen_count; i++)
		add_code(frame, finds->seen[i], false);
	rc_frame_shrink(frame, RC_PICTURE_WIDTH, RC_PICTURE_HEIGHT, picture_frame.pixels);
	rc_picture_write(loop->work->picture, &picture_frame);
}

static enum rc_status handle_frame(struct loop *loop, const struct rc_frame *frame, struct rc_error *err)
{
	enum rc_status status;

	loop->number++;
	status = rc_qr_reader_read(loop->work->reader, frame, loop->work->finds, err);
	if (status == RC_OK)
		status = send_finds(loop, err);
	if (status == RC_OK)
		show(loop, frame);
	return status;
}

/* At its limit of memory a library may go on without reading anything; a new process is better than that. */
static enum rc_status check_heap(struct rc_error *err)
{
#ifdef RC_SANITIZED
	const size_t used = 0; /* the sanitizers have a heap of their own and no limit */
#else
	const size_t used = mallinfo2().uordblks;
#endif

	return used <= HEAP_MAX_BYTES
		   ? RC_OK
		   : rc_fail(err, RC_ENOMEM, "a picture made a library lose %zu bytes", used);
}

static enum rc_status send_alive(struct loop *loop, struct rc_error *err)
{
	const int64_t now = now_us();
	enum rc_status status;

	if (now < loop->next_alive_us)
		return RC_OK;
	loop->next_alive_us = now + RC_SCANNER_HEARTBEAT_MS * INT64_C(1000);
	rc_scanner_pipe_encode_alive(loop->number, now, &loop->line);
	status = send_line(loop, err);
	return status == RC_OK ? check_heap(err) : status;
}

static enum rc_status send_end(struct loop *loop, enum rc_scanner_end end, struct rc_error *err)
{
	rc_scanner_pipe_encode_end(end, &loop->line);
	return send_line(loop, err);
}

/* One turn. `*is_over` is set when the source has told its end. */
static enum rc_status turn(struct loop *loop, bool *is_over, struct rc_error *err)
{
	const struct rc_scanner_source *source = loop->work->source;
	const int64_t wait_us = loop->next_alive_us - now_us();
	struct rc_frame frame;
	enum rc_status status;

	status = source->next(source->context, wait_us > 0 ? (int)(wait_us / 1000) + 1 : 0, &frame, err);
	switch (status) {
	case RC_OK:
		return handle_frame(loop, &frame, err);
	case RC_EBUSY:
		return RC_OK;
	case RC_EFORMAT:
	case RC_ELIMIT:
		if (!loop->has_told_of_damage)
			rc_log_failure("a frame is damaged", err);
		loop->has_told_of_damage = true;
		return RC_OK;
	case RC_ENOMEM:
		return status;
	default:
		*is_over = true;
		if (status != RC_ENOTFOUND)
			rc_log_failure("the camera failed", err);
		return send_end(
		    loop, status == RC_ENOTFOUND ? RC_SCANNER_END_ENDED : RC_SCANNER_END_FAILED, err);
	}
}

enum rc_status rc_scanner_run(const struct rc_scanner_work *work, struct rc_error *err)
{
	struct loop loop = {.work = work};
	enum rc_status status;
	bool is_over = false;

	rc_buf_init_fixed(&loop.line, line_memory, sizeof(line_memory));
	do {
		status = send_alive(&loop, err);
		if (status == RC_OK)
			status = turn(&loop, &is_over, err);
	} while (status == RC_OK && !is_over);
	return status;
}
