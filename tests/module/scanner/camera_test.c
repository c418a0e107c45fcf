/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated camera, from a badge to the finds: its programs, its scripts, and how the daemon opens it. */
#include "firmware/scanner/camera.h"
#include "firmware/scanner/supervisor.h"
#include "shared/base/cleanup.h"
#include "tests/module/scanner/pictures.h"
#include "tests/sim/camera/script.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct seen {
	unsigned finds;
	bool is_right, is_over;
	enum rc_scanner_end end;
};

static char folder[] = "/tmp/rollcall-camera-XXXXXX";
static char badge[64], frames[64], empty[64], script_path[64], socket_path[64], setting[80];

static void save(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "wbe");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static int run(char *const arguments[])
{
	int status = 0;
	const pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		(void)execv(arguments[0], arguments);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Starts the feed and waits until it says that it listens. */
static pid_t start_feed(char *const arguments[])
{
	int ends[2];
	pid_t child;
	char ready[6];

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves no feed behind */
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)execv(arguments[0], arguments);
		_exit(127);
	}
	(void)close(ends[1]);
	assert_int_equal(read(ends[0], ready, sizeof(ready)), sizeof(ready));
	assert_memory_equal(ready, "ready\n", sizeof(ready));
	(void)close(ends[0]);
	return child;
}

static void take_line(void *context, const struct rc_scanner_line *line)
{
	struct seen *seen = context;

	if (line->kind == RC_SCANNER_LINE_END) {
		seen->is_over = true;
		seen->end = line->end;
	}
	if (line->kind != RC_SCANNER_LINE_FIND)
		return;
	seen->finds++;
	seen->is_right = rc_bytes_is_text(rc_bytes_of(line->find.payload, line->find.size), BADGE);
}

/* Looks until the camera is over. A feed that would go on is ended once a badge was found. */
static struct seen watch(pid_t endless_feed)
{
	struct rc_scanner_start start = {.program = RC_SCANNER_PROGRAM, .picture_fd = -1};
	RC_AUTO(rc_close_p) int fd = -1;
	struct rc_scanner *scanner = NULL;
	struct seen seen = {0};

	assert_int_equal(rc_scanner_open_camera(setting, &start.source, &fd, NULL), RC_OK);
	start.source_fd = fd;
	assert_int_equal(rc_scanner_open(&start, 0, &scanner, NULL), RC_OK);
	while (!seen.is_over) {
		struct pollfd wait = {.fd = rc_scanner_fd(scanner), .events = POLLIN};

		assert_int_equal(rc_scanner_state(scanner), RC_SCANNER_RUNNING);
		(void)poll(&wait, 1, -1);
		rc_scanner_handle(scanner, 0, take_line, &seen);
		if (endless_feed != 0 && seen.finds > 0)
			(void)kill(endless_feed, SIGTERM);
	}
	rc_scanner_close(scanner);
	return seen;
}

static void a_drawn_badge_that_is_fed_by_a_script_is_found(void **state)
{
	char *const draw[] = {
	    (char *)RC_CAMERA_DRAW, (char *)"--badge", badge, (char *)"--out", frames,
	    (char *)"--seed",       (char *)"7",       NULL};
	char *const draw_empty[] = {(char *)RC_CAMERA_DRAW,
				    (char *)"--empty",
				    (char *)"--out",
				    empty,
				    (char *)"--frames",
				    (char *)"1",
				    NULL};
	char *const feed[] = {(char *)RC_CAMERA_FEED, (char *)"--socket", socket_path,
			      (char *)"--script",     script_path,        NULL};
	char text[300];
	struct seen seen;
	pid_t child;
	int status;

	(void)state;
	assert_int_equal(run(draw), 0);
	assert_int_equal(run(draw_empty), 0);
	(void)snprintf(text, sizeof(text), "# a visit\n0\t%s\n500\t%s/frame-0005.pgm\n", empty, frames);
	save(script_path, text, strlen(text));
	child = start_feed(feed);
	seen = watch(child);
	assert_true(seen.finds > 0 && seen.is_right);
	assert_int_equal(seen.end, RC_SCANNER_END_ENDED);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

static void pictures_named_on_the_command_line_are_fed_and_end(void **state)
{
	char *const feed[] = {(char *)RC_CAMERA_FEED,
			      (char *)"--socket",
			      socket_path,
			      (char *)"--fps",
			      (char *)"1",
			      badge,
			      badge,
			      NULL};
	const pid_t child = start_feed(feed);
	struct seen seen = watch(0);
	int status;

	(void)state;
	assert_true(seen.finds > 0 && seen.is_right);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void an_empty_room_has_no_finds(void **state)
{
	char *const draw[] = {(char *)RC_CAMERA_DRAW,
			      (char *)"--empty",
			      (char *)"--out",
			      empty,
			      (char *)"--frames",
			      (char *)"5",
			      (char *)"--difficulty",
			      (char *)"dim",
			      NULL};
	char *const feed[] = {
	    (char *)RC_CAMERA_FEED, (char *)"--socket", socket_path, (char *)"--fps", (char *)"10", empty, NULL};
	pid_t child;
	struct seen seen;

	(void)state;
	assert_int_equal(run(draw), 0);
	child = start_feed(feed);
	seen = watch(0);
	assert_int_equal(seen.finds, 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_badge_without_a_code_cannot_be_drawn(void **state)
{
	char *const draw[] = {
	    (char *)RC_CAMERA_DRAW, (char *)"--badge", script_path, (char *)"--out", frames, NULL};
	char *const nonsense[] = {(char *)RC_CAMERA_DRAW,
				  (char *)"--badge",
				  badge,
				  (char *)"--empty",
				  (char *)"--out",
				  frames,
				  NULL};

	(void)state;
	save(script_path, "P5 1 1 255\nx", 12);
	assert_int_equal(run(draw), 1);
	assert_int_equal(run(nonsense), 2);
}

static void a_camera_that_is_not_there_is_said_so(void **state)
{
	const char *source = NULL;
	int fd = -1;

	(void)state;
	assert_int_equal(rc_scanner_open_camera("feed:/nonexistent/socket", &source, &fd, NULL),
			 RC_ENOTFOUND);
	assert_int_equal(rc_scanner_open_camera("feed:", &source, &fd, NULL), RC_EUSAGE);
	assert_int_equal(rc_scanner_open_camera("", &source, &fd, NULL), RC_EUSAGE);
	assert_int_equal(rc_scanner_open_camera("feedx:/tmp/x", &source, &fd, NULL), RC_EUSAGE);
	assert_int_equal(rc_scanner_open_camera("webcam:0", &source, &fd, NULL), RC_EUSAGE);
	assert_null(source);
	assert_int_equal(fd, -1);
}

static void a_script_says_what_is_shown_when(void **state)
{
	RC_AUTO(rc_script_deinit) struct rc_script script = {0};

	(void)state;
	assert_null(rc_script_at(&script, 0));
	assert_int_equal(rc_script_add(&script, 100, badge, NULL), RC_OK);
	assert_int_equal(rc_script_add(&script, 200, "-", NULL), RC_OK);
	assert_int_equal(rc_script_add(&script, 300, "end", NULL), RC_OK);
	assert_int_equal(rc_script_add(&script, 299, badge, NULL), RC_EUSAGE);
	assert_int_equal(rc_script_add(&script, 400, "/nonexistent.png", NULL), RC_ENOTFOUND);
	assert_null(rc_script_at(&script, 99));
	assert_string_equal(rc_scene_picture(rc_script_at(&script, 199), 99, 33), badge);
	assert_null(rc_scene_picture(rc_script_at(&script, 200), 0, 33));
	assert_true(rc_script_at(&script, 300)->is_end);
}

static void a_script_that_cannot_be_read_names_its_line(void **state)
{
	static const char *const wrong[] = {
	    "0 -\n", "x\t-\n", "0\t\n", "-5\t-\n", "99999999999999999999\t-\n", "5\t-\n4\t-\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		RC_AUTO(rc_script_deinit) struct rc_script script = {0};
		struct rc_error err = {0};

		save(script_path, wrong[i], strlen(wrong[i]));
		assert_int_equal(rc_script_load(&script, script_path, &err), RC_EUSAGE);
		assert_non_null(strstr(err.text, i == 5 ? ":2: " : ":1: "));
	}
}

static int make_folder(void **state)
{
	struct canvas canvas = canvas_of_code(rc_bytes_of_text(BADGE), 8);
	struct rc_buf file = canvas_as_png(&canvas, false);

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(badge, sizeof(badge), "%s/badge.png", folder);
	(void)snprintf(frames, sizeof(frames), "%s/frames", folder);
	(void)snprintf(empty, sizeof(empty), "%s/empty", folder);
	(void)snprintf(script_path, sizeof(script_path), "%s/script", folder);
	(void)snprintf(socket_path, sizeof(socket_path), "%s/socket", folder);
	(void)snprintf(setting, sizeof(setting), "feed:%s", socket_path);
	save(badge, file.data, file.size);
	rc_buf_deinit(&file);
	free(canvas.pixels);
	return mkdir(frames, 0700) | mkdir(empty, 0700);
}

static int remove_folder(void **state)
{
	char *const remove[] = {(char *)"/bin/rm", (char *)"-r", folder, NULL};

	(void)state;
	return run(remove);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_drawn_badge_that_is_fed_by_a_script_is_found),
	    cmocka_unit_test(pictures_named_on_the_command_line_are_fed_and_end),
	    cmocka_unit_test(an_empty_room_has_no_finds),
	    cmocka_unit_test(a_badge_without_a_code_cannot_be_drawn),
	    cmocka_unit_test(a_camera_that_is_not_there_is_said_so),
	    cmocka_unit_test(a_script_says_what_is_shown_when),
	    cmocka_unit_test(a_script_that_cannot_be_read_names_its_line),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
