/* SPDX-License-Identifier: Apache-2.0 */
/* What a locked-in process can and can't do. Each try is a child of its own; that it is killed is what is looked at. */
#include "firmware/scanner/decode.h"
#include "firmware/scanner/sandbox.h"
#include "firmware/scanner/warm_up.h"
#include "tests/module/scanner/pictures.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FINE 0

static struct rc_qr_finds finds;
static struct rc_decoder *decoder;
static int picture_fd;

/* Runs `act` locked in; returns what waitpid says. */
static int outcome_of(int (*act)(void))
{
	int status = 0;
	const pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (rc_sandbox_enter(NULL) != RC_OK)
			_exit(90);
		_exit(act());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void assert_killed(int (*act)(void))
{
	const int status = outcome_of(act);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static int act_read_codes(void)
{
	const struct rc_qr_finds *found = NULL;

	for (int i = 0; i < 3; i++) {
		if (rc_scanner_decode_file(decoder, picture_fd, &found, NULL) != RC_OK ||
		    found->count != 1)
			return 1;
	}
	return FINE;
}

static void reading_codes_works_in_the_sandbox_for_every_format(void **state)
{
	struct canvas canvas = canvas_of_code(rc_bytes_of_text(BADGE), 8);
	struct rc_buf files[] = {canvas_as_pgm(&canvas), canvas_as_png(&canvas, true),
				 canvas_as_jpeg(&canvas, true, false),
				 canvas_as_jpeg(&canvas, true, true)};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		picture_fd = memfd_of(rc_buf_bytes(&files[i]));
		assert_int_equal(outcome_of(act_read_codes), FINE);
		(void)close(picture_fd);
		rc_buf_deinit(&files[i]);
	}
	free(canvas.pixels);
}

static int act_decode(void)
{
	const struct rc_qr_finds *found = NULL;

	return rc_scanner_decode_file(decoder, picture_fd, &found, NULL) == RC_OK ? FINE : 1;
}

static void a_code_may_name_any_character_set_without_breaking_out(void **state)
{
	static const unsigned counts[] = {1, 1, 200};

	(void)state;
	for (unsigned eci = 0; eci <= 40; eci++) {
		struct canvas canvas = canvas_of_code_with_eci(eci, counts[eci % 3]);
		struct rc_buf file = canvas_as_pgm(&canvas);

		picture_fd = memfd_of(rc_buf_bytes(&file));
		if (outcome_of(act_decode) != FINE)
			fail_msg("ECI %u kills the reader", eci);
		(void)close(picture_fd);
		rc_buf_deinit(&file);
		free(canvas.pixels);
	}
}

static int act_open(void)
{
	return open("/etc/hostname", O_RDONLY | O_CLOEXEC) >= 0;
}

static int act_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static int act_exec(void)
{
	char *const arguments[] = {(char *)"true", NULL};

	return execv("/bin/true", arguments);
}

static int act_fork(void)
{
	return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static int act_kill(void)
{
	return kill(getppid(), 0);
}

static int act_unlink(void)
{
	return unlink("/nonexistent/x");
}

static int act_map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) != MAP_FAILED;
}

static int act_ioctl(void)
{
	return (int)syscall(SYS_ioctl, 0, 0, 0);
}

static void everything_that_reaches_out_kills_the_process(void **state)
{
	(void)state;
	assert_killed(act_open);
	assert_killed(act_socket);
	assert_killed(act_exec);
	assert_killed(act_fork);
	assert_killed(act_kill);
	assert_killed(act_unlink);
	assert_killed(act_map_code);
	assert_killed(act_ioctl);
}

static int make_decoder(void **state)
{
	struct rc_qr_reader *reader = rc_qr_reader_new();
	int failed;

	(void)state;
	decoder = rc_decoder_new();
	failed = !decoder || !reader || rc_scanner_warm_up(reader, &finds, NULL) != RC_OK;
	rc_qr_reader_free(reader);
	return failed;
}

static int free_decoder(void **state)
{
	(void)state;
	rc_decoder_free(decoder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reading_codes_works_in_the_sandbox_for_every_format),
	    cmocka_unit_test(a_code_may_name_any_character_set_without_breaking_out),
	    cmocka_unit_test(everything_that_reaches_out_kills_the_process),
	};

	return cmocka_run_group_tests(tests, make_decoder, free_decoder);
}
