/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollcall-scanner SOURCE [picture]: started by the daemon only, with its descriptors in the places that spawn.h names. It
 * gets everything ready, locks itself in, and reads frames until there are no more.
 */
#include "firmware/scanner/feed.h"
#include "firmware/scanner/sandbox.h"
#include "firmware/scanner/scanner.h"
#include "firmware/scanner/spawn.h"
#include "firmware/scanner/v4l2.h"
#include "firmware/scanner/warm_up.h"
#include "shared/base/log.h"
#include "shared/options/options.h"

#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

struct source_kind {
	const char *name;
	enum rc_status (*open)(int fd, struct rc_scanner_source *source, struct rc_error *err);
};

static const struct source_kind source_kinds[] = {
    {"feed", rc_feed_source_open},
    {"v4l2", rc_v4l2_source_open},
};

static struct rc_qr_finds finds;

static enum rc_status open_source(const char *name, struct rc_scanner_source *source, struct rc_error *err)
{
	for (size_t i = 0; i < sizeof(source_kinds) / sizeof(source_kinds[0]); i++) {
		if (strcmp(source_kinds[i].name, name) == 0)
			return source_kinds[i].open(RC_SCANNER_FD_SOURCE, source, err);
	}
	return rc_fail(err, RC_EUSAGE, "no kind of camera is called %s", name);
}

/* Says on the pipe that nothing will come, so that the daemon doesn't start us again and again. */
static enum rc_status say_end(enum rc_scanner_end end, struct rc_error *err)
{
	char memory[32];
	struct rc_buf line;

	rc_buf_init_fixed(&line, memory, sizeof(memory));
	rc_scanner_pipe_encode_end(end, &line);
	return write(RC_SCANNER_FD_PIPE, line.data, line.size) == (ssize_t)line.size
		   ? RC_OK
		   : rc_fail(err, RC_EIO, "nobody can be told");
}

static enum rc_status prepare(const struct rc_options *options, struct rc_scanner_source *source,
			      struct rc_scanner_work *work, struct rc_error *err)
{
	enum rc_status status = open_source(options->operands[0], source, err);

	if (status == RC_OK && options->operand_count > 1)
		status = rc_picture_open_for_writing(RC_SCANNER_FD_PICTURE, &work->picture, err);
	if (status != RC_OK)
		return status;
	work->reader = rc_qr_reader_new();
	if (!work->reader)
		return rc_fail(err, RC_ENOMEM, "no memory for the QR reader");
	return rc_scanner_warm_up(work->reader, work->finds, err);
}

static enum rc_status lock_in(struct rc_error *err)
{
	struct rc_error own;
	enum rc_status status;

	/* No core dump, by whatever collects them: it would keep a picture. Also keeps processes of the same user out. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	status = rc_sandbox_enter(err);

	if (status != RC_OK && say_end(RC_SCANNER_END_SANDBOX, &own) != RC_OK)
		return rc_error_in(err, status, "%s", own.text);
	return status;
}

static int scan(const struct rc_options *options)
{
	struct rc_scanner_source source = {0};
	struct rc_scanner_work work = {.source = &source, .finds = &finds, .pipe_fd = RC_SCANNER_FD_PIPE};
	struct rc_error err = {0};
	enum rc_status status = prepare(options, &source, &work, &err);

	if (status == RC_OK)
		status = lock_in(&err);
	if (status == RC_OK)
		status = rc_scanner_run(&work, &err);
	if (status != RC_OK)
		rc_log_failure("the scanner ends", &err);
	/* The log comes first: whoever hears that the camera can't be used ends this process. */
	if (!source.next && status != RC_ENOMEM)
		rc_status_ignore(say_end(RC_SCANNER_END_FAILED, NULL));
	_exit(rc_status_exit(status)); /* nothing to tidy up, and what libraries do at exit isn't allowed in the sandbox */
}

static const struct rc_verb all[] = {
    {.operands = {.names = "SOURCE [picture]", .min = 1, .max = 2}, .run = scan, .is_service = true},
};
static const struct rc_manual manual = {
    .date = "November 24, 2026",
    .description =
	{"Started by rollcall-kiosk, one a camera, never by hand.\n"
	 "It takes frames from descriptor 3, writes what it finds to its standard output and, "
	 "where "
	 "the word picture stands, a small grey picture into the file on descriptor 4.\n"
	 "Before the first frame it gives up all system calls but those that decoding needs.",
	 "由 rollcall-kiosk 启动，每个摄像头一个，不需手动运行。\n"
	 "从描述符 3 取画面，把识别结果写到标准输出；若带有 picture，则把灰度小图写入描述符 4 "
	 "的文件。\n"
	 "处理第一帧之前，它放弃解码所需之外的全部系统调用。"},
};
static const struct rc_program program = {
    .name = "rollcall-scanner",
    .version = RC_VERSION,
    .help = {"finds QR codes in what a camera sees", "在摄像头画面中识别二维码"},
    .verbs = all,
    .verb_count = 1,
    .manual = &manual,
};

int main(int count, char **arguments)
{
	return rc_options_run(&program, count, arguments);
}
