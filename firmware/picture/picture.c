/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sequence lock (even: whole, odd: being written) over an array of 64-bit words. The words are atomics read and written
 * with relaxed order, so that a torn copy is a wrong value and not undefined behaviour; the fences make the sequence number
 * see them in order. The price is 8,000 plain moves a frame.
 */
#include "firmware/picture/picture.h"

#include "shared/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define PICTURE_MARK UINT64_C(0x3150435049504352) /* "RCPIPCP1" */
#define READ_TRIES   16
#define SEALS        (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* The frame as it lies in the memory: fixed widths, no padding, so that both processes agree whatever compiled them. */
struct wire_code {
	int16_t corners[8];
	uint64_t is_read;
};

struct wire_frame {
	uint64_t number;
	int64_t mono_us;
	uint64_t code_count;
	struct wire_code codes[RC_PICTURE_CODES_MAX];
	uint8_t pixels[RC_PICTURE_PIXELS];
};

#define WORDS (sizeof(struct wire_frame) / sizeof(uint64_t))
_Static_assert(sizeof(struct wire_frame) % sizeof(uint64_t) == 0, "the frame is whole words");
_Static_assert(sizeof(struct wire_code) == 24, "no padding");

struct memory {
	uint64_t mark;
	_Atomic uint64_t sequence; /* 0: never written; odd: being written */
	_Atomic uint64_t words[WORDS];
};

struct rc_picture {
	struct memory *memory;
	struct wire_frame wire; /* the copy that is packed or judged */
};

enum rc_status rc_picture_create(int *fd, struct rc_error *err)
{
	const uint64_t mark = PICTURE_MARK;
	RC_AUTO(rc_close_p)
	int made = memfd_create("rollcall-picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (made < 0)
		return rc_fail_errno(err, errno, "camera picture");
	if (ftruncate(made, (off_t)sizeof(struct memory)) != 0 ||
	    pwrite(made, &mark, sizeof(mark), 0) != (ssize_t)sizeof(mark) ||
	    fchmod(made, S_IRUSR | S_IWUSR) != 0 || fcntl(made, F_ADD_SEALS, SEALS) != 0)
		return rc_fail_errno(err, errno, "camera picture");
	*fd = rc_steal_fd(&made);
	return RC_OK;
}

enum rc_status rc_picture_open_reader_fd(int fd, int *reader_fd, struct rc_error *err)
{
	char path[64];
	int opened;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opened = open(path, O_RDONLY | O_CLOEXEC);
	if (opened < 0)
		return rc_fail_errno(err, errno, "camera picture for reading");
	*reader_fd = opened;
	return RC_OK;
}

/* Without the seals the other side could shrink the file, and touching the lost pages would kill us by SIGBUS. */
static bool is_sealed(int fd)
{
	const int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & (F_SEAL_SHRINK | F_SEAL_GROW)) == (F_SEAL_SHRINK | F_SEAL_GROW);
}

static enum rc_status map(int fd, int protection, struct rc_picture **picture, struct rc_error *err)
{
	struct stat status;
	RC_AUTO(rc_free_p) struct rc_picture *made = NULL;
	void *memory;

	if (fstat(fd, &status) != 0)
		return rc_fail_errno(err, errno, "camera picture");
	if (status.st_size != (off_t)sizeof(struct memory) || !is_sealed(fd))
		return rc_fail(err, RC_EFORMAT, "not a camera picture: wrong size or not sealed");
	made = calloc(1, sizeof(*made));
	if (!made)
		return rc_fail(err, RC_ENOMEM, "no memory for the camera picture");
	memory = mmap(NULL, sizeof(struct memory), protection, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return rc_fail_errno(err, errno, "camera picture");
	made->memory = memory;
	if (made->memory->mark != PICTURE_MARK) {
		(void)munmap(memory, sizeof(struct memory));
		return rc_fail(err, RC_EFORMAT, "not a camera picture: no mark");
	}
	*picture = RC_STEAL(made);
	return RC_OK;
}

enum rc_status rc_picture_open_for_reading(int fd, struct rc_picture **picture, struct rc_error *err)
{
	return map(fd, PROT_READ, picture, err);
}

enum rc_status rc_picture_open_for_writing(int fd, struct rc_picture **picture, struct rc_error *err)
{
	return map(fd, PROT_READ | PROT_WRITE, picture, err);
}

void rc_picture_close(struct rc_picture *picture)
{
	if (!picture)
		return;
	(void)munmap(picture->memory, sizeof(struct memory));
	free(picture);
}

static int16_t into_reach(int16_t value)
{
	if (value < -RC_PICTURE_REACH)
		return -RC_PICTURE_REACH;
	return value > RC_PICTURE_REACH ? RC_PICTURE_REACH : value;
}

static void pack(const struct rc_picture_frame *frame, struct wire_frame *wire)
{
	memset(wire->codes, 0, sizeof(wire->codes));
	wire->number = frame->number;
	wire->mono_us = frame->mono_us;
	wire->code_count =
	    frame->code_count < RC_PICTURE_CODES_MAX ? frame->code_count : RC_PICTURE_CODES_MAX;
	for (size_t i = 0; i < wire->code_count; i++) {
		for (size_t corner = 0; corner < 4; corner++) {
			wire->codes[i].corners[2 * corner] =
			    into_reach(frame->codes[i].corners[corner].x);
			wire->codes[i].corners[2 * corner + 1] =
			    into_reach(frame->codes[i].corners[corner].y);
		}
		wire->codes[i].is_read = frame->codes[i].is_read;
	}
	memcpy(wire->pixels, frame->pixels, sizeof(wire->pixels));
}

void rc_picture_write(struct rc_picture *picture, const struct rc_picture_frame *frame)
{
	struct memory *memory = picture->memory;
	/* An odd number is a writer's who died: the next odd one makes sure that nobody takes his half for ours. */
	const uint64_t before = atomic_load_explicit(&memory->sequence, memory_order_relaxed);
	const uint64_t writing = (before & 1) ? before + 2 : before + 1;
	uint64_t word;

	pack(frame, &picture->wire);
	atomic_store_explicit(&memory->sequence, writing, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	for (size_t i = 0; i < WORDS; i++) {
		memcpy(&word, (const uint8_t *)&picture->wire + i * sizeof(word), sizeof(word));
		atomic_store_explicit(&memory->words[i], word, memory_order_relaxed);
	}
	atomic_store_explicit(&memory->sequence, writing + 1, memory_order_release);
}

static enum rc_status unpack(const struct wire_frame *wire, struct rc_picture_frame *frame)
{
	if (wire->code_count > RC_PICTURE_CODES_MAX)
		return RC_EFORMAT;
	frame->number = wire->number;
	frame->mono_us = wire->mono_us;
	frame->code_count = (size_t)wire->code_count;
	for (size_t i = 0; i < frame->code_count; i++) {
		const struct wire_code *code = &wire->codes[i];

		for (size_t value = 0; value < 8; value++) {
			if (code->corners[value] != into_reach(code->corners[value]))
				return RC_EFORMAT;
		}
		for (size_t corner = 0; corner < 4; corner++)
			frame->codes[i].corners[corner] = (struct rc_picture_point){
			    .x = code->corners[2 * corner], .y = code->corners[2 * corner + 1]};
		frame->codes[i].is_read = code->is_read != 0;
	}
	memcpy(frame->pixels, wire->pixels, sizeof(frame->pixels));
	return RC_OK;
}

/* One try: RC_EBUSY if the frame changed while it was copied. */
static enum rc_status copy(const struct memory *memory, struct wire_frame *wire)
{
	const uint64_t before = atomic_load_explicit(&memory->sequence, memory_order_acquire);
	uint64_t word;

	if (before == 0)
		return RC_ENOTFOUND;
	if (before & 1)
		return RC_EBUSY;
	for (size_t i = 0; i < WORDS; i++) {
		word = atomic_load_explicit(&memory->words[i], memory_order_relaxed);
		memcpy((uint8_t *)wire + i * sizeof(word), &word, sizeof(word));
	}
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&memory->sequence, memory_order_relaxed) == before ? RC_OK : RC_EBUSY;
}

enum rc_status rc_picture_read(struct rc_picture *picture, struct rc_picture_frame *frame)
{
	struct wire_frame *wire = &picture->wire;
	enum rc_status status = RC_EBUSY;

	for (int i = 0; i < READ_TRIES && status == RC_EBUSY; i++)
		status = copy(picture->memory, wire);
	return status == RC_OK ? unpack(wire, frame) : status;
}

uint64_t rc_picture_version(const struct rc_picture *picture)
{
	return atomic_load_explicit(&picture->memory->sequence, memory_order_relaxed);
}
